//! DCE/RPC PDUs and the bind probe on any bytes, cut at any place.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (&[u8], u16)| {
    rpc::oracle::reads(data.0);
    rpc::oracle::streams(data.0, data.1.into());
});
