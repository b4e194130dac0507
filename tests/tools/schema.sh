#!/bin/sh
# Validates the schema and every manifest of the repository with an independent validator
# (check-jsonschema, from PyPI; it must be installed). Works offline.
set -eu
cd "$(dirname "$0")/../.."
schema=manifests/schema/dvpack.v1.schema.json
check-jsonschema --check-metaschema "$schema"
set --
for manifest in $(find examples tests -name 'dvpack.yaml' 2>/dev/null | sort); do
  set -- "$@" "$manifest"
done
# Starters hold marks; the tests write them out filled in when asked to.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
program=${DVPACK:-target/debug/dvpack}
for template in minimal full; do
  "$program" init "$folder/$template" --template "$template" --publisher contoso --quiet </dev/null >/dev/null
  set -- "$@" "$folder/$template/dvpack.yaml"
done
check-jsonschema --schemafile "$schema" "$@"
