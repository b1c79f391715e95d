#!/usr/bin/env bash
# Routes: the winner among 400, beside the treebitmap crate and a naive scan in Python, the same results asserted;
# and the judgement on 10,000 subnets of 400 routes each.
#   bench/routes.sh
set -euo pipefail
cd "$(dirname "$0")"
cargo build --release --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for _ in 1 2 3; do
  told=$(target/release/bench routes "$work")
  naive=$(python3 - "$work" <<'PY'
import ipaddress, sys, time
routes = [ipaddress.ip_network(line.strip()) for line in open(sys.argv[1] + '/routes')]
sample = [line.split() for line in open(sys.argv[1] + '/sample')]
sample = [(ipaddress.ip_address(address), int(winner)) for address, winner in sample]
begin = time.perf_counter()
for address, winner in sample:
    best = max((index for index, net in enumerate(routes) if address in net), key=lambda index: routes[index].prefixlen)
    assert best == winner, address
print(len(sample) / (time.perf_counter() - begin))
PY
)
  echo "$told $naive" | tr '\n' ' ' | awk '{
    printf "lookups per second: kmscope %.1f million, treebitmap %.1f million (%.2f times), naive scan %.0f (%.0f times)\n", $2 / 1e6, $3 / 1e6, $2 / $3, $6, $2 / $6
    printf "10,000 subnets of 400 routes: %.1f ms of CPU\n", $5 * 1e3 }'
done
