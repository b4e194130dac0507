#!/usr/bin/env bash
# Signatures of dvpack, verified by programs by others: openssl, securesystemslib and in-toto-attestation
# (PyPI), sigstore-js (npm, where node is there). DVPACK names the binary; python3 must have requirements.txt.
set -euo pipefail
cd "$(dirname "$0")/../.."
: "${DVPACK:?the dvpack program}"
tools="$PWD/target/test-tools"
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
ok() { printf 'ok   %s\n' "$*"; }
bad() { printf 'FAIL %s\n' "$*"; exit 1; }

helper=()
if command -v npm >/dev/null; then
  if [ ! -d "$tools/npm/node_modules/@sigstore/verify" ]; then
    npm install --silent --no-audit --no-fund --prefix "$tools/npm" @sigstore/verify@3.1.1 >/dev/null
  fi
  if [ ! -d "$tools/npm/node_modules/@sigstore/mock" ]; then
    npm install --silent --no-audit --no-fund --prefix "$tools/npm" @sigstore/mock@0.12.1 @sigstore/sign@4.1.1 >/dev/null
  fi
  export NODE_PATH="$tools/npm/node_modules"
  helper=(tests/tools/signing.cjs)
else
  echo "skipped: no npm, so sigstore-js is not asked"
fi

openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -aes-256-cbc -pass pass:sesame -out "$work/p256.pem" 2>/dev/null
openssl genpkey -algorithm ED25519 -out "$work/ed25519.pem"
"$DVPACK" build examples/contoso-widgets -o "$work/out" -q >/dev/null
for kind in p256 ed25519; do
  openssl pkey -in "$work/$kind.pem" -passin pass:sesame -pubout -out "$work/$kind.pub"
  DVPACK_KEY_PASSPHRASE=sesame "$DVPACK" sign "$work"/out/*.dvpack --key "$work/$kind.pem" \
    --source examples/contoso-widgets -o "$work/$kind.dvpack" -q >/dev/null
  mkdir "$work/$kind"; unzip -qq "$work/$kind.dvpack" -d "$work/$kind"
  ( cd "$work/$kind" && sha256sum -c --strict --quiet SHA256SUMS ) || bad "sha256sum -c of a signed bundle"

  digest=$(openssl pkey -pubin -in "$work/$kind.pub" -outform DER | sha256sum | cut -c1-16)
  document="$work/$kind/signatures/$digest.sigstore.json"
  cmp -s "$work/$kind.pub" "$work/$kind/signatures/$digest.pub.pem" || bad "the key in the bundle is another one"
  jq -j .dsseEnvelope.payload "$document" | base64 -d >"$work/statement"
  jq -j '.dsseEnvelope.signatures[0].sig' "$document" | base64 -d >"$work/signature"
  { printf 'DSSEv1 28 application/vnd.in-toto+json %s ' "$(wc -c <"$work/statement")"; cat "$work/statement"; } >"$work/pae"
  verify() {
    if [ "$kind" = p256 ]; then
      openssl dgst -sha256 -verify "$work/$kind.pub" -signature "$work/signature" "$1"
    else
      openssl pkeyutl -verify -pubin -inkey "$work/$kind.pub" -rawin -in "$1" -sigfile "$work/signature"
    fi >/dev/null 2>&1
  }
  verify "$work/pae" || bad "openssl refuses the good signature ($kind)"
  python3 - "$work/pae" "$work/changed" <<'PY'
import random, sys
numbers, good = random.Random(7), open(sys.argv[1], "rb").read()
for n in range(200):
    one = bytearray(good)
    one[numbers.randrange(len(one))] ^= numbers.randrange(1, 256)
    open(f"{sys.argv[2]}.{n}", "wb").write(one)
PY
  for changed in "$work"/changed.*; do
    if verify "$changed"; then bad "openssl accepts a changed statement ($kind)"; fi
  done
  rm "$work"/changed.*
  ok "$kind, openssl: accepts the good one, rejects 200 of 200 changed ones"
  unsigned=$(sha256sum "$work"/out/*.dvpack | cut -d' ' -f1)
  [ "$(jq -r '.subject[0].digest.sha256' "$work/statement")" = "$unsigned" ] || bad "the first subject is not the unsigned bundle"
  python3 tests/tools/signing.py "$document" "$work/$kind.pub" "$work/$kind" "${helper[@]}"
  "$DVPACK" verify "$work/$kind.dvpack" --key "$work/$kind.pub" -q >/dev/null || bad "dvpack verify"
  [ "$kind" = ed25519 ] || python3 tests/tools/changed.py "$DVPACK" "$work/$kind.dvpack" "$work/$kind" "$work/$kind.pub"
done

[ "${#helper[@]}" -gt 0 ] || exit 0
# Keyless: sigstore-js signs with stand-ins for Sigstore's services, dvpack verifies, offline.
mkdir "$work/keyless"; cp "$work"/out/*.dvpack "$work/it.dvpack"
node tests/tools/keyless.cjs "$work/it.dvpack" "$work/keyless"
python3 tests/tools/keyless.py "$DVPACK" "$work/it.dvpack" "$work/keyless"
