#!/usr/bin/env bash
# Event logs: kmscope's reader against evtx_dump, alternating in one run. Prints Markdown.
#   bench/events.sh            30 MB logs with 1 % and 0.01 % KMS events
#   SIZE_MB=1000 bench/events.sh
#   RUNS=21 EVTX_DUMP=/path/to/evtx_dump bench/events.sh
set -euo pipefail
cd "$(dirname "$0")"
size=${SIZE_MB:-30} runs=${RUNS:-15}
target=${CARGO_TARGET_DIR:-$PWD/target}
cargo build --release --quiet
bench=$target/release/bench
dump=${EVTX_DUMP:-$target/peer/bin/evtx_dump}
if [ ! -x "$dump" ]; then
  cargo install evtx --version 0.15.1 --locked --quiet --root "$target/peer"
fi
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT
"$bench" generate "$logs/one-percent.evtx" "$size" 10000
"$bench" generate "$logs/one-in-ten-thousand.evtx" "$size" 100
printf '%s, %s CPUs, %s\n' "$("$dump" --version)" "$(nproc)" "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | xargs)"
"$bench" compare "$dump" "$runs" "$logs"/*.evtx
