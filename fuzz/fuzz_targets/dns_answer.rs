//! DNS answers, and the refusals of signed updates.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(question) = dns::Question::kms_hosts("contoso.com") else { return };
    let id = data.first_chunk::<2>().map_or(0, |id| u16::from_be_bytes(*id));
    let _ = dns::Answer::read(&question, id, data);
    let _ = dns::tsig::signature_fault(data);
});
