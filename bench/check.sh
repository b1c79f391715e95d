#!/usr/bin/env bash
# `kmscope check` against a healthy site on loopback, beside its slowest chain done by hand: SRV, A, connect, bind.
# Needs BIND, and impacket (which .ci/run installs into target/peers).
#   bench/check.sh
set -euo pipefail
cd "$(dirname "$0")"
port=${PORT:-5394} python=${PYTHON:-../target/peers/bin/python}
kmscope=${KMSCOPE:-${CARGO_TARGET_DIR:-$PWD/../target}/release/kmscope}
[ -x "$kmscope" ] || cargo build --release --quiet --manifest-path ../Cargo.toml -p kmscope
work=$(mktemp -d)
trap 'kill ${named:-} ${host:-} 2> /dev/null || true; rm -rf "$work"' EXIT
printf '$TTL 300\n@ IN SOA ns1 admin 1 3600 600 86400 300\n@ IN NS ns1\nns1 IN A 127.0.0.1\nkms IN A 127.0.0.1\n_vlmcs._tcp IN SRV 0 0 %s kms\n' \
  $((port + 1)) > "$work/zone"
cat > "$work/named.conf" <<CONF
options { directory "$work"; listen-on port $port { 127.0.0.1; }; listen-on-v6 { none; }; recursion no; notify no;
  dnssec-validation no; pid-file "$work/pid"; session-keyfile "$work/session"; };
controls { };
zone "site.example" { type primary; file "$work/zone"; };
CONF
named -g -c "$work/named.conf" 2> "$work/log" &
named=$!
"$python" -c "
from impacket.dcerpc.v5.rpcrt import DCERPCServer
s = DCERPCServer(); s.addCallbacks(('51C82175-844E-4750-B0D8-EC255555BC06', '1.0'), '', {})
s.setListenPort($port + 1); s.run()" > /dev/null 2>&1 &
host=$!
until grep -q ' running$' "$work/log" && "$kmscope" probe "127.0.0.1:$((port + 1))" > /dev/null; do :; done
for _ in $(seq 5); do
  hand=$("$python" - "$port" <<'PY'
import socket, struct, sys, time
port = int(sys.argv[1])
def ask(name, kind):
    labels = b''.join(bytes([len(label)]) + label.encode() for label in name.split('.'))
    udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    udp.sendto(struct.pack('>6H', 7, 256, 1, 0, 0, 0) + labels + b'\0' + struct.pack('>2H', kind, 1), ('127.0.0.1', port))
    assert udp.recv(4096)[3] & 15 == 0
def syntax(uuid, version):
    a, b, c, d, e = uuid.split('-')
    return struct.pack('<IHH', int(a, 16), int(b, 16), int(c, 16)) + bytes.fromhex(d + e) + struct.pack('<I', version)
bind = struct.pack('<HHIBBH', 4280, 4280, 0, 1, 0, 0) + struct.pack('<HBB', 0, 1, 0)
bind += syntax('51c82175-844e-4750-b0d8-ec255555bc06', 1) + syntax('8a885d04-1ceb-11c9-9fe8-08002b104860', 2)
bind = bytes.fromhex('05000b0310000000') + struct.pack('<HHI', len(bind) + 16, 0, 1) + bind
begin = time.perf_counter()
ask('_vlmcs._tcp.site.example', 33)
ask('kms.site.example', 1)
tcp = socket.create_connection(('127.0.0.1', port + 1))
tcp.sendall(bind)
assert tcp.recv(4096)[2] == 12
print((time.perf_counter() - begin) * 1e3)
PY
)
  all=$("$kmscope" check --client-suffix site.example --nameserver "127.0.0.1:$port" --format json |
    "$python" -c "import json, sys; report = json.load(sys.stdin); assert report['verdict'] == 'clear'; print(report['check']['total_ms'])")
  echo "$all $hand" | awk '{ printf "check %.2f ms, its chain by hand %.2f ms: %.2f times\n", $1, $2, $1 / $2 }'
done
