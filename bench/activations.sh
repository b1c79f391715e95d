#!/usr/bin/env bash
# The activation exchange beside a bare tokio echo with the same bytes and connections, 64 of them, alternating; then
# durable answers beside SQLite with one commit each. Prints Markdown.
#   bench/activations.sh
#   ROUNDS=5 SECONDS_EACH=4 CLIENTS=1000000 JOURNAL_ROWS=5000000 bench/activations.sh
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
cargo build --release --quiet --manifest-path ../Cargo.toml -p kmscope
bench="${CARGO_TARGET_DIR:-$PWD/target}/release/bench"
kmscope="${CARGO_TARGET_DIR:-$PWD/../target}/release/kmscope"
work=$(mktemp -d -p "${FOLDER:-/tmp}")
trap 'kill $(jobs -p) 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
rounds=${ROUNDS:-5} seconds=${SECONDS_EACH:-4} clients=${CLIENTS:-1000000}
export KMSCOPE_PASSPHRASE=bench
"$kmscope" publisher init --dir "$work/publisher" --name Bench >/dev/null
"$kmscope" publisher product --dir "$work/publisher" --name Product >/dev/null
"$kmscope" publisher issue-host --dir "$work/publisher" --out "$work/host.toml" >/dev/null
ids=$("$kmscope" publisher products --dir "$work/publisher" --format json |
  python3 -c 'import json,sys; p = json.load(sys.stdin)["products"][0]; print(p["application_id"], p["activation_id"])')
read -r application activation <<<"$ids"

start() { # name, command...
  local name=$1; shift
  mkdir -p "$work/$name"
  "$@" >"$work/$name.out" 2>"$work/$name.err" &
  pid=$!
  until [ -s "$work/$name.out" ]; do
    kill -0 $pid || { cat "$work/$name.err" >&2; exit 1; }
    read -rt 0.05 <> <(:) || true
  done
  address=$(head -1 "$work/$name.out")
}
host() { start "$1" "$kmscope" host run --data "$work/$1" --licence "$work/host.toml" --listen 127.0.0.1:0 --rate 0 --store "$2"; }
load() { # address mode; only the echo has sizes of its own
  local fixed=; [ "$1" != "$echo" ] || fixed=$sizes
  # shellcheck disable=SC2086
  "$bench" load "$1" "$2" "$seconds" "$clients" "$application" "$activation" $fixed | cut -d' ' -f1
}

host memory memory; memory=$address
host durable sqlite; durable=$address; durable_pid=$pid
sizes=$("$bench" load "$memory" kept 1 10 "$application" "$activation" | cut -d' ' -f2-)
# shellcheck disable=SC2086
start echo "$bench" echo $sizes; echo=$address
printf '%s CPUs, %s; bytes of bind, answer, request, response: %s; %s machines\n\n' "$(nproc)" \
  "$(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2- | xargs)" "$sizes" "$clients"
for mode in fresh kept kept:64x8; do
  for round in $(seq "$rounds"); do
    for server in echo memory durable; do
      printf '%s %s %s\n' "$mode" "$server" "$(load "${!server}" "$mode")" >>"$work/rates"
    done
  done
done
"$bench" fill "$work/year" "${JOURNAL_ROWS:-5000000}"
host year sqlite; year=$address
for round in $(seq "$rounds"); do
  for server in durable year; do
    printf 'long %s %s\n' "$server" "$(load "${!server}" fresh)" >>"$work/rates"
  done
done
for round in $(seq "$rounds"); do
  printf 'kept:256 durable %s\n' "$(load "$durable" kept:256)" >>"$work/rates"
done
single=$("$bench" commits "$work" 2)
printf 'resident memory of the durable host: %s kB\n\n' "$(awk '/VmRSS/ {print $2}' "/proc/$durable_pid/status")"
python3 - "$work/rates" "$single" <<'P'
import statistics, sys
rates = {}
for line in open(sys.argv[1]):
    mode, server, rate = line.split()
    rates.setdefault((mode, server), []).append(float(rate))
print("| connections | echo/s | in memory/s | ratio (rounds) | durable/s | ratio (rounds) |\n|---|---|---|---|---|---|")
for mode in ("fresh", "kept", "kept:64x8"):
    echo = rates[mode, "echo"]
    row = [f"{statistics.median(echo):,.0f}"]
    for server in ("memory", "durable"):
        own = rates[mode, server]
        ratios = [a / b for a, b in zip(own, echo)]
        row += [f"{statistics.median(own):,.0f}", f"{statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})"]
    print("|", " | ".join([mode] + row), "|")
ratios = [a / b for a, b in zip(rates["long", "year"], rates["long", "durable"])]
print(f"\nwith a year of journal: {statistics.median(ratios):.2f} of the rate without ({min(ratios):.2f} to {max(ratios):.2f})")
single = float(sys.argv[2])
for name, mode in (("64", "kept"), ("256", "kept:256"), ("64, eight calls open on each,", "kept:64x8")):
    rate = rates[mode, "durable"]
    print(f"\ndurable answers over {name} kept connections: {statistics.median(rate):,.0f}/s, "
          f"{statistics.median(rate) / single:.1f} times SQLite with one commit each ({single:,.0f}/s)")
P
