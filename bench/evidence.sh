#!/usr/bin/env bash
# One bundle, many bundles, big texts: CPU time and memory of kmscope. Needs GNU time; prints one line per run.
#   bench/evidence.sh                      1,000 and 10,000 machines, texts of 100 MB
#   MACHINES=500 SIZE_MB=10 bench/evidence.sh
set -euo pipefail
cd "$(dirname "$0")"
machines=${MACHINES:-10000} size=${SIZE_MB:-100}
target=${CARGO_TARGET_DIR:-$PWD/../target}
kmscope=${KMSCOPE:-$target/release/kmscope}
[ -x "$kmscope" ] || cargo build --release --quiet --manifest-path ../Cargo.toml -p kmscope
generate=${GENERATE:-${CARGO_TARGET_DIR:-$PWD/target}/release/bench}
[ -x "$generate" ] || cargo build --release --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

measure() { # name, command...
  local name=$1
  shift
  /usr/bin/time -f "$name: %U s user, %S s system, %e s, %M KB" "$@" > /dev/null 2> "$work/time" || true
  tail -n 1 "$work/time"
}

dlv() { # number
  sed "s/CMID/$(printf '%08x' "$1")-f333-438d-986b-31a7a098db01/" <<'DLV'
Software licensing service version: 10.0.20348.380

Name: Windows(R), ServerDatacenter edition
Description: Windows(R) Operating System, VOLUME_KMSCLIENT channel
Activation ID: ef6cfc9f-8c5d-44ac-9aad-de6a2ea0ae03
Application ID: 55c92734-d682-4d71-983e-d6ec3f16059f
Partial Product Key: JKF2C
License Status: Notification
Notification Reason: 0xC004F038.

Key Management Service client information
    Client Machine ID (CMID): CMID
    KMS machine name from DNS: kms01.contoso.com:1688
    Activation interval: 120 minutes
    Renewal interval: 10080 minutes
    KMS host caching is enabled
DLV
}

bundle=$work/bundle
mkdir "$bundle"
"$generate" generate "$bundle/kms-host.evtx" 2 100000 2> /dev/null
"$generate" generate "$bundle/application.evtx" 2 10000 2> /dev/null
dlv 1 > "$bundle/client1.txt"
dlv 2 > "$bundle/client2.txt"
cat > "$bundle/routes.txt" <<'ROUTES'
Source                 State    Address Prefix    Next Hop Type          Next Hop IP
---------------------  -------  ----------------  ---------------------  -------------
Default                Active   10.8.0.0/16       VnetLocal
VirtualNetworkGateway  Active   0.0.0.0/0         VirtualNetworkGateway  10.1.0.6
ROUTES
measure "one bundle, first run" "$kmscope" diagnose "$bundle" --format json
# A hundred runs in one: a clock tick is as long as one run.
for what in version "diagnose $bundle --format json"; do
  # shellcheck disable=SC2086
  measure "100 runs of ${what%% *}" sh -c "for n in \$(seq 100); do '$kmscope' ${what/version/--version} > /dev/null || true; done"
done

# Machines as they are collected: bundles with logs. As root, also from a cold page cache.
real=$work/real
for n in $(seq "${BUNDLES:-500}"); do mkdir -p "$real/pc$n" && cp "$bundle"/* "$real/pc$n"; done
cold() { sync && { echo 3 > /proc/sys/vm/drop_caches; } 2> /dev/null; }
for cache in cold warm cold warm; do
  [ $cache = warm ] || cold || continue
  measure "$cache: cat of ${BUNDLES:-500} bundles with logs" sh -c "find $real -type f -print0 | xargs -0 cat"
  [ $cache = warm ] || cold
  measure "$cache: ${BUNDLES:-500} bundles with logs" "$kmscope" diagnose --each "$real" --format json-lines
done
rm -rf "$real"

for count in $((machines / 10)) "$machines"; do
  for n in $(seq "$count"); do
    mkdir -p "$work/$count/pc$n"
    dlv "$n" > "$work/$count/pc$n/dlv.txt"
    printf 'ComputerName     : kms01.contoso.com\nRemotePort       : 1688\nTcpTestSucceeded : True\n' \
      > "$work/$count/pc$n/tnc.txt"
  done
  measure "cat of $count machines" sh -c "find $work/$count -type f -print0 | xargs -0 cat"
  measure "$count machines" "$kmscope" diagnose --each "$work/$count" --format json-lines
done

awk -v bytes="$size"000000 'BEGIN {
  split("lorem ipsum dolor sit amet consectetur adipiscing elit sed do eiusmod tempor magna aliqua", words, " ")
  srand(1)
  while (sum < bytes) {
    line = "Lorem"
    for (n = 5 + int(rand() * 10); n > 0; n--) line = line " " words[1 + int(rand() * 14)]
    print line "."
    sum += length(line) + 2
  }
}' > "$work/prose.txt"
measure "prose of $size MB" "$kmscope" read "$work/prose.txt" --format json
head -c "$size"000000 /dev/zero | tr '\0' '\n' > "$work/blank.txt"
measure "$size MB of blank lines" "$kmscope" read "$work/blank.txt" --format json
awk 'BEGIN {
  print "\"TimeCreated\",\"Id\",\"ProviderName\",\"LogName\",\"MachineName\",\"RecordId\",\"Message\""
  for (n = 1; n <= 200000; n++)
    printf "\"3/%d/2024 %d:%02d:00 PM\",\"12290\",\"Microsoft-Windows-Security-SPP\",\"Key Management Service\",\"kms01.contoso.com\",\"%d\",\"An activation request has been processed.\r\nInfo:\r\n0x0,25,client%05d.contoso.com,%08x-1234-4abc-8def-0123456789ab,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588\"\n", 1 + n / 8000, 1 + n % 12, n % 60, n, n % 5000, n % 5000
}' > "$work/events.csv"
measure "200,000 events as CSV" "$kmscope" diagnose "$work/events.csv" --format json
