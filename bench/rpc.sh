#!/usr/bin/env bash
# RPC: the probe's bind, written and read again, beside impacket (which .ci/run installs into target/peers).
#   bench/rpc.sh
set -euo pipefail
cd "$(dirname "$0")"
python=${PYTHON:-../target/peers/bin/python}
cargo build --release --quiet
for _ in 1 2 3; do
  ours=$(target/release/bench bind 300000)
  theirs=$("$python" - <<'PY'
import time
from impacket.dcerpc.v5.rpcrt import MSRPC_BIND, CtxItem, MSRPCBind, MSRPCHeader
from impacket.uuid import uuidtup_to_bin
KMS = uuidtup_to_bin(('51C82175-844E-4750-B0D8-EC255555BC06', '1.0'))
NDR = uuidtup_to_bin(('8A885D04-1CEB-11C9-9FE8-08002B104860', '2.0'))
COUNT = 2000
begin = time.perf_counter()
for call in range(COUNT):
    bind = MSRPCBind()
    for number in range(3):
        item = CtxItem()
        item['AbstractSyntax'], item['TransferSyntax'] = KMS, NDR
        item['ContextID'], item['TransItems'] = number, 1
        bind.addCtxItem(item)
    packet = MSRPCHeader()
    packet['type'], packet['call_id'], packet['pduData'] = MSRPC_BIND, call, bind.getData()
    read = MSRPCHeader(packet.get_packet())
    assert read['call_id'] == call
    contexts = MSRPCBind(read['pduData'])['ctx_items']
    size = len(CtxItem())
    assert [CtxItem(contexts[n * size:])['ContextID'] for n in range(3)] == [0, 1, 2]
print((time.perf_counter() - begin) / COUNT)
PY
)
  echo "$ours $theirs" | awk '{ printf "kmscope %.0f ns, impacket %.0f ns: %.0f times\n", $1 * 1e9, $2 * 1e9, $2 / $1 }'
done
