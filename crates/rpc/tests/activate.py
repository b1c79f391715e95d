#!/usr/bin/env python3
"""Calls Activate with impacket, an independent DCE/RPC stack, and prints what comes of it as JSON.

    activate.py HOST PORT --application-id UUID --activation-id UUID --cmid UUID --n-policy N --machine-name NAME
    activate.py HOST PORT --bind-only --interface UUID

Prints {"hresult": 0, ...} with every field of the response and byte arrays in base64, {"hresult": N} for a refusal,
{"fault": "..."} for a fault, {"bind": "accepted"} or {"bind": "..."} with the refusal of a bind.
The interface is described in docs/protocol.md.
"""

import argparse
import base64
import json
import os
import sys
import time
import uuid

from impacket.dcerpc.v5 import transport
from impacket.dcerpc.v5.dtypes import DWORD, FILETIME, GUID, LPWSTR
from impacket.dcerpc.v5.ndr import NDRCALL, NDRPOINTER, NDRSTRUCT, NDRUniConformantArray
from impacket.dcerpc.v5.rpcrt import DCERPCException
from impacket.uuid import uuidtup_to_bin

INTERFACE = "7d2c5a3e-91b4-4f0e-8c6d-2f1a0b9e4d57"
FILETIME_OF_1970 = 116444736000000000


class MACHINE_NAME(NDRSTRUCT):
    structure = (("Data", '128s=b""'),)

    def getAlignment(self):
        return 2


class NONCE(NDRSTRUCT):
    structure = (("Data", '32s=b""'),)

    def getAlignment(self):
        return 1


class REQUEST(NDRSTRUCT):
    structure = (
        ("version", DWORD),
        ("vm_info", DWORD),
        ("license_status", DWORD),
        ("binding_expiration_minutes", DWORD),
        ("application_id", GUID),
        ("activation_id", GUID),
        ("kms_id", GUID),
        ("cmid", GUID),
        ("n_policy", DWORD),
        ("client_time", FILETIME),
        ("previous_cmid", GUID),
        ("machine_name", MACHINE_NAME),
        ("nonce", NONCE),
        ("revocation_number", DWORD),
    )


class PBYTES(NDRPOINTER):
    referent = (("Data", NDRUniConformantArray),)


class Activate(NDRCALL):
    opnum = 0
    structure = (("request", REQUEST),)


class ActivateResponse(NDRCALL):
    structure = (
        ("version", DWORD),
        ("host_pid", LPWSTR),
        ("cmid", GUID),
        ("client_time", FILETIME),
        ("count", DWORD),
        ("activation_interval_minutes", DWORD),
        ("renewal_interval_minutes", DWORD),
        ("lease_size", DWORD),
        ("lease", PBYTES),
        ("chain_size", DWORD),
        ("chain", PBYTES),
        ("revocations_size", DWORD),
        ("revocations", PBYTES),
        ("ErrorCode", DWORD),
    )


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("host")
    parser.add_argument("port", type=int)
    parser.add_argument("--interface", default=INTERFACE, help="another interface to bind")
    parser.add_argument("--bind-only", action="store_true", help="send no request")
    parser.add_argument("--operation", type=int, default=0, help="another operation to call")
    nil = uuid.UUID(int=0)
    for name in ("application", "activation", "kms"):
        parser.add_argument(f"--{name}-id", type=uuid.UUID, default=nil)
    parser.add_argument("--cmid", type=uuid.UUID, default=nil)
    parser.add_argument("--previous-cmid", type=uuid.UUID, default=nil)
    parser.add_argument("--n-policy", type=int, default=25)
    parser.add_argument("--machine-name", default="")
    parser.add_argument("--version", type=lambda text: int(text, 0), default=0x10000)
    parser.add_argument("--virtual", action="store_true", help="a virtual machine")
    parser.add_argument("--license-status", type=int, default=2)
    parser.add_argument("--minutes", type=int, default=0, help="until the present state ends")
    parser.add_argument("--client-time", default="now", help="now, or a FILETIME")
    parser.add_argument("--nonce", help="64 hexadecimal digits instead of chance")
    parser.add_argument("--revocation-number", type=int, default=0)
    return parser.parse_args()


def request_of(args):
    call = Activate()
    call.opnum = args.operation
    request = call["request"]
    request["version"] = args.version
    request["vm_info"] = int(args.virtual)
    request["license_status"] = args.license_status
    request["binding_expiration_minutes"] = args.minutes
    for name in ("application_id", "activation_id", "kms_id", "cmid", "previous_cmid"):
        request[name] = getattr(args, name).bytes_le
    request["n_policy"] = args.n_policy
    if args.client_time == "now":
        ticks = FILETIME_OF_1970 + time.time_ns() // 100
    else:
        ticks = int(args.client_time, 0)
    request["client_time"]["dwLowDateTime"] = ticks & 0xFFFFFFFF
    # impacket takes the upper half for a signed number.
    high = ticks >> 32
    request["client_time"]["dwHighDateTime"] = high - (1 << 32) if high >> 31 else high
    request["machine_name"] = args.machine_name.encode("utf-16-le")[:126].ljust(128, b"\0")
    request["nonce"] = bytes.fromhex(args.nonce) if args.nonce else os.urandom(32)
    request["revocation_number"] = args.revocation_number
    return call


def fields_of(response):
    if response["ErrorCode"] != 0:
        return {"hresult": response["ErrorCode"]}
    time_of = response["client_time"]
    fields = {
        "hresult": 0,
        "host_pid": response["host_pid"].removesuffix("\0"),
        "cmid": str(uuid.UUID(bytes_le=response["cmid"])),
        "client_time": (time_of["dwHighDateTime"] & 0xFFFFFFFF) << 32 | time_of["dwLowDateTime"],
    }
    for name in ("version", "count", "activation_interval_minutes", "renewal_interval_minutes"):
        fields[name] = response[name]
    for name in ("lease", "chain", "revocations"):
        array = b"".join(response[name]) if response[name] else b""
        if len(array) != response[name + "_size"]:
            raise ValueError(f"{name}: {len(array)} bytes, not {response[name + '_size']}")
        fields[name] = base64.b64encode(array).decode()
    return fields


def outcome(args):
    rpc = transport.DCERPCTransportFactory(f"ncacn_ip_tcp:{args.host}[{args.port}]").get_dce_rpc()
    rpc.connect()
    try:
        try:
            rpc.bind(uuidtup_to_bin((args.interface, "1.0")))
        except DCERPCException as refusal:
            return {"bind": str(refusal)}
        if args.bind_only:
            return {"bind": "accepted"}
        try:
            return fields_of(rpc.request(request_of(args), checkError=False))
        except DCERPCException as fault:
            return {"fault": str(fault)}
    finally:
        rpc.disconnect()


if __name__ == "__main__":
    json.dump(outcome(arguments()), sys.stdout)
    print()
