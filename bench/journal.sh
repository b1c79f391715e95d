#!/usr/bin/env bash
# The host's journal: durable rows per second by the size of a commit, and what a long journal costs. Prints Markdown.
# On the disk that holds FOLDER, which should be the one that a host would use.
#   bench/journal.sh
#   FOLDER=/var/tmp ROWS=50000000 bench/journal.sh
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
work=$(mktemp -d -p "${FOLDER:-/tmp}")
trap 'rm -rf "$work"' EXIT
printf '%s CPUs, %s, %s\n\n' "$(nproc)" "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | xargs)" \
  "$(findmnt -n -o FSTYPE,SOURCE -T "$work")"
"${CARGO_TARGET_DIR:-$PWD/target}/release/bench" journal "$work" "${ROWS:-5000000}"
