#!/usr/bin/env bash
# Builds the core as WebAssembly and lets Node apply a bundle with it: once, again, and after being killed at every point.
# On Debian and Ubuntu the packages rustc-web, cargo-web, rust-web-src and lld bring the target's standard library as source;
# elsewhere `rustup target add wasm32-unknown-unknown` does.
set -euo pipefail
cd "$(dirname "$0")/../../.."
target="$PWD/target/wasm"
build=(build --locked --release --target wasm32-unknown-unknown --manifest-path crates/page/Cargo.toml --target-dir "$target")
if [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown" ]; then
  cargo "${build[@]}"
elif [ -x /usr/bin/cargo ] && [ -d /usr/lib/rustlib/src ] && compgen -G "/usr/bin/wasm-ld*" >/dev/null; then
  linker="$(compgen -G "/usr/bin/wasm-ld*" | head -1)"
  CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER="$linker" PATH=/usr/bin:/bin RUSTC_BOOTSTRAP=1 cargo "${build[@]}" -Z build-std=std,panic_abort
else
  echo "skipped: no standard library for wasm32-unknown-unknown"
  [ -z "${DVPACK_NO_SKIP:-}" ]
  exit
fi
module="$target/wasm32-unknown-unknown/release/dvpack_page.wasm"
printf 'engine: %s bytes, %s with gzip\n' "$(stat -c %s "$module")" "$(gzip -9 <"$module" | wc -c)"
cargo build --locked --bins
node tests/tools/core/drive.mjs "$module" target/debug/dvpack
