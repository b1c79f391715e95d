//! Any input at all, as one file and piece by piece.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    readers::oracle::reads(bytes);
    readers::oracle::pieces(bytes);
});
