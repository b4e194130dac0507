#!/usr/bin/env bash
# The core must do without the crates that need a machine: network, keys, files, terminal. Prints how many crates it has.
set -euo pipefail
cd "$(dirname "$0")/../../.."
machine=(reqwest hyper rustls ring sigstore-verify p12-keystore pkcs8 mio socket2 tempfile walkdir rpassword clap anstream indicatif mimalloc axum dvpack-sandbox)

crates() { cargo tree --locked -e normal --prefix none -f '{p} [{f}]' "$@" | sed 's/ (\*)$//' | sort -u; }

all="$(crates)"
for target in "$(rustc -vV | sed -n 's/^host: //p')" wasm32-unknown-unknown; do
  core="$(crates --no-default-features --target "$target")"
  for name in "${machine[@]}"; do
    grep -q "^$name v" <<<"$all" || { echo "$name: no part of dvpack has it any more; take it off this list"; exit 1; }
    if grep -q "^$name v" <<<"$core"; then
      echo "the core has $name, which needs a machine:"
      cargo tree --locked -e normal --no-default-features --target "$target" -i "$name"
      exit 1
    fi
  done
  tokio="$(sed -n 's/^tokio v[^ ]* \[\(.*\)\]$/\1/p' <<<"$core")"
  [ "$tokio" = "default,sync" ] || { echo "the core has tokio with: $tokio"; exit 1; }
  printf '%s: the core has %s crates, all of dvpack %s\n' "$target" "$(cut -d' ' -f1,2 <<<"$core" | sort -u | wc -l)" "$(cut -d' ' -f1,2 <<<"$all" | sort -u | wc -l)"
done
