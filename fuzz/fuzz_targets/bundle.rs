//! Inputs that begin like a zip file.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    readers::oracle::reads(&[b"PK\x03\x04", bytes].concat());
});
