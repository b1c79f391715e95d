//! Inputs that begin like an event log.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    readers::oracle::reads(&[b"ElfFile\0", bytes].concat());
});
