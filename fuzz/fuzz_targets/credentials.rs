//! Leases, grants, chains and lists of revocations from any bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| activation::oracle::credentials(data));
