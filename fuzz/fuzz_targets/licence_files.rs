//! Setup keys, licence files, sealed keys and catalogues from any text.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &str| {
    activation::oracle::setup_key(data);
    activation::oracle::licence_files(data);
});
