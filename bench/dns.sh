#!/usr/bin/env bash
# DNS: surveying 10,000 zones beside dnsperf, publishing 2,000 records beside nsupdate. Needs BIND and dnsperf.
# With PYTHON set to an interpreter that has dnspython, the survey is done by it, too.
#   bench/dns.sh
#   PORT=5390 RUNS=5 bench/dns.sh
set -euo pipefail
cd "$(dirname "$0")"
port=${PORT:-5390} runs=${RUNS:-3}
kmscope=${KMSCOPE:-${CARGO_TARGET_DIR:-$PWD/../target}/release/kmscope}
[ -x "$kmscope" ] || cargo build --release --quiet --manifest-path ../Cargo.toml -p kmscope
work=$(mktemp -d)
trap '[ -z "${named:-}" ] || kill "$named"; rm -rf "$work"' EXIT

tsig-keygen -a hmac-sha256 bench-key > "$work/key"
{
  printf '$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 300\n@ IN NS ns1\nns1 IN A 127.0.0.1\nkms IN A 127.0.0.1\n'
  for n in $(seq 10000); do echo "_vlmcs._tcp.z$n IN SRV 0 0 1688 kms"; done
} > "$work/survey"
head -n 5 "$work/survey" > "$work/publish"
cat > "$work/named.conf" <<CONF
include "$work/key";
options { directory "$work"; listen-on port $port { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; notify no;
  dnssec-validation no; pid-file "$work/pid"; session-keyfile "$work/session"; };
controls { };
zone "survey.example" { type primary; file "$work/survey"; };
zone "publish.example" { type primary; file "$work/publish"; update-policy { grant bench-key zonesub ANY; }; };
CONF
named -g -n 1 -c "$work/named.conf" 2> "$work/log" &
named=$!
until grep -q ' running$' "$work/log"; do :; done

for n in $(seq 10000); do
  echo "_vlmcs._tcp.z$n.survey.example SRV" >> "$work/queries"
  echo "z$n.survey.example" >> "$work/zones"
done
TIMEFORMAT='%R s, %U s user'
for _ in $(seq "$runs"); do
  dnsperf -s 127.0.0.1 -p "$port" -d "$work/queries" -n 1 -c 4 -T 1 -q 200 2> /dev/null |
    awk '/Run time/ { print "dnsperf, 10,000 questions: " $4 " s" }'
  echo -n "kmscope dns audit, 10,000 zones: "
  time "$kmscope" dns audit --zones "$work/zones" --nameserver "127.0.0.1:$port" --no-probe > /dev/null
done
[ -z "${PYTHON:-}" ] || echo "dnspython, 10,000 questions: $("$PYTHON" dns_survey.py "$port" "$work/zones")"

update() { echo "update add _vlmcs._tcp.$1.publish.example 3600 SRV 0 0 1688 kms.publish.example."; }
for run in $(seq "$runs"); do
  { echo "server 127.0.0.1 $port"; for n in $(seq 2000); do update "a$n-$run"; echo send; done; } > "$work/single"
  {
    echo "server 127.0.0.1 $port"
    for n in $(seq 2000); do update "b$n-$run"; [ $((n % 100)) -ne 0 ] || echo send; done
  } > "$work/batched"
  # The same with what makes the change safe, as kmscope sends it: nobody wrote in between.
  {
    echo "server 127.0.0.1 $port"
    for n in $(seq 2000); do
      echo "prereq nxrrset _vlmcs._tcp.d$n-$run.publish.example SRV"
      update "d$n-$run"
      [ $((n % 100)) -ne 0 ] || echo send
    done
  } > "$work/safe"
  domains=()
  for n in $(seq 2000); do domains+=(--domain "c$n-$run.publish.example"); done
  echo -n "nsupdate, 2,000 records one by one: "
  time nsupdate -k "$work/key" "$work/single"
  echo -n "nsupdate, 2,000 records in 20 messages: "
  time nsupdate -k "$work/key" "$work/batched"
  echo -n "nsupdate, 2,000 records in 20 messages with prerequisites: "
  time nsupdate -k "$work/key" "$work/safe"
  echo -n "kmscope dns publish, 2,000 domains: "
  time "$kmscope" dns publish "${domains[@]}" --host kms.publish.example --nameserver "127.0.0.1:$port" \
    --tsig "$work/key" > /dev/null
done
