#!/usr/bin/env bash
# Other people's clients talk to `dvpack sandbox --tls`: MSAL for Python signs in, Microsoft's Dataverse client keeps rows,
# an OData parser reads the service description. Called by tests/run; DVPACK names the binary. Needs npm.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DVPACK:?the dvpack program}"
work=$(mktemp -d)
openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=test -days 2 -keyout "$work/key.pem" -out "$work/certificate.pem" 2>/dev/null
administrator=5a4db0c5-0000-4000-8000-000000000003
"$DVPACK" sandbox --certificate "$administrator=$work/certificate.pem" --tls --ca-file "$work/ca.pem" --ready-file "$work/ready.json" >"$work/out" 2>&1 &
sandbox=$!
trap 'kill "$sandbox" 2>/dev/null; rm -rf "$work"' EXIT
for _ in $(seq 100); do [ -s "$work/ready.json" ] && break; sleep 0.1; done
[ -s "$work/ready.json" ] || { cat "$work/out"; exit 1; }

export REQUESTS_CA_BUNDLE="$work/ca.pem"
python3 -W ignore::DeprecationWarning tests/tools/foreign_clients.py "$work/ready.json" "$work/metadata.xml" "$work"

tools="$PWD/target/test-tools/odata"
mkdir -p "$tools"
[ -d "$tools/node_modules/odata-csdl" ] || npm install --prefix "$tools" --silent --no-fund --no-audit odata-csdl@0.11.2
cat >"$tools/parse.cjs" <<'JS'
const { readFileSync } = require("node:fs");
const { xml2json } = require("odata-csdl");
const csdl = xml2json(readFileSync(process.argv[2]));
const schema = csdl["Microsoft.Dynamics.CRM"];
const sets = Object.keys(schema.System).filter((name) => !name.startsWith("$")).length;
if (!schema.systemuser || !schema.StageSolution || sets < 20) throw new Error(`only ${sets} members`);
console.log(`odata-csdl reads $metadata: ${Object.keys(schema).length} members, ${sets} in the container`);
JS
node "$tools/parse.cjs" "$work/metadata.xml"
