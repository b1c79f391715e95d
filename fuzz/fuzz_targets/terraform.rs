//! A tree of Terraform modules: the files of several folders in one input.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| readers::oracle::terraform(bytes));
