#!/usr/bin/env bash
# How long it takes until dvpack has something to say. Needs hyperfine; DVPACK names the program (a release build).
set -euo pipefail
cd "$(dirname "$0")/.."
: "${DVPACK:=target/release/dvpack}"
date -u +%F; uname -m; nproc
hyperfine -N --warmup 20 --runs 200 true "$DVPACK --version" "$DVPACK check examples/contoso-widgets" "$DVPACK build examples/contoso-widgets -o target/bench"
