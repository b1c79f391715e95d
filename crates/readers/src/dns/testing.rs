//! What the tests of this folder share.

use model::{DnsAnswer, Fact};

use crate::{Limits, read_bytes};

/// The DNS answers of a text, read as a whole file is.
pub(super) fn answers(text: &str) -> Vec<DnsAnswer> {
    let file = read_bytes("dns.txt", text.as_bytes(), &Limits::default());
    let facts = file.facts.into_iter();
    facts.filter_map(|e| if let Fact::Dns(answer) = e.fact.value { Some(*answer) } else { None }).collect()
}

/// The only answer of a text.
pub(super) fn one(text: &str) -> DnsAnswer {
    let mut all = answers(text);
    assert_eq!(all.len(), 1, "{text}\n{all:#?}");
    all.remove(0)
}
