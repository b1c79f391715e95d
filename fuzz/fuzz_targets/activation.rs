//! Stubs of our own interface, and both sides of its connections on any bytes, cut at any place.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: (&[u8], u16)| {
    rpc::oracle::stubs(data.0);
    rpc::oracle::serves(data.0, data.1.into());
});
