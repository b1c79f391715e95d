//! JSON documents and lines.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    readers::oracle::reads(&[b"{\"", bytes].concat());
    readers::oracle::reads(&[b"[{\"", bytes].concat());
});
