//! Resource records in presentation form, as dig, zone files and dnscmd write them.

use model::{DnsAnswer, HostAddress, SrvRecord};

use super::names::{absolute, address, host_name, same_name, ttl_seconds};
use crate::text::is_placeholder;

const TYPES: [&str; 28] = [
    "SRV",
    "A",
    "AAAA",
    "CNAME",
    "NS",
    "SOA",
    "MX",
    "PTR",
    "TXT",
    "DNAME",
    "SPF",
    "CAA",
    "NAPTR",
    "HINFO",
    "DS",
    "DNSKEY",
    "RRSIG",
    "NSEC",
    "NSEC3",
    "NSEC3PARAM",
    "SSHFP",
    "TLSA",
    "HTTPS",
    "SVCB",
    "LOC",
    "RP",
    "WINS",
    "WINSR",
];

/// One record: `owner [ttl] [class] type data`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ResourceRecord {
    pub(crate) owner: String,
    pub(crate) ttl: Option<u64>,
    pub(crate) kind: String,
    pub(crate) data: Vec<String>,
    pub(crate) dynamic: Option<bool>,
}

/// True for the name of a record type.
pub(crate) fn is_type(word: &str) -> bool {
    TYPES.iter().any(|kind| word.eq_ignore_ascii_case(kind))
        || word.len() > 4
            && word.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("TYPE"))
            && word[4..].bytes().all(|b| b.is_ascii_digit())
}

/// The record of a line whose first word is its owner.
pub(crate) fn parse(line: &str) -> Option<ResourceRecord> {
    let mut words = line.split_whitespace();
    let owner = words.next()?;
    let rest: Vec<&str> = words.collect();
    parse_after_owner(owner, &rest)
}

/// The record of the words behind the owner; aging marks of dnscmd may stand among them.
pub(crate) fn parse_after_owner(owner: &str, words: &[&str]) -> Option<ResourceRecord> {
    const WORDS_BEFORE_TYPE_MAX: usize = 4;
    let mut record = ResourceRecord {
        owner: owner.to_owned(),
        ttl: None,
        kind: String::new(),
        data: Vec::new(),
        dynamic: None,
    };
    for (n, word) in words.iter().take(WORDS_BEFORE_TYPE_MAX).enumerate() {
        if is_type(word) {
            record.kind = word.to_ascii_uppercase();
            record.data = words[n + 1..].iter().map(|word| (*word).to_owned()).collect();
            return Some(record);
        }
        // dnscmd lists `[Aging:n]`, the files of Microsoft's server hold `[AGE:n]`.
        if let Some(aging) = word.strip_prefix("[Aging:").or_else(|| word.strip_prefix("[AGE:")) {
            record.dynamic = Some(aging.trim_end_matches(']').parse::<u64>().is_ok_and(|stamp| stamp > 0));
        } else if let Some(ttl) = ttl_seconds(word) {
            record.ttl = Some(ttl);
        } else if !["IN", "CH", "HS", "ANY"].iter().any(|class| word.eq_ignore_ascii_case(class)) {
            return None;
        }
    }
    None
}

/// The SRV record of the four data words; nothing unless three are numbers.
pub(crate) fn srv(owner: Option<&str>, data: &[String]) -> Option<SrvRecord> {
    let [priority, weight, port, target, ..] = data else { return None };
    let number = |word: &String| word.parse::<u32>().ok();
    let (priority, weight, port) = (number(priority)?, number(weight)?, number(port)?);
    Some(SrvRecord {
        owner: owner.map(|owner| owner.trim_end_matches('.').to_owned()),
        priority: Some(priority),
        weight: Some(weight),
        port: Some(port),
        target: target_of(target),
        ..SrvRecord::default()
    })
}

/// A target without its final dot; "." alone (no service here) is kept; a placeholder is no target.
pub(crate) fn target_of(word: &str) -> Option<String> {
    let word = word.trim().trim_matches('"');
    if word == "." {
        return Some(".".to_owned());
    }
    if is_placeholder(word) {
        return None;
    }
    host_name(word).or_else(|| address(word))
}

/// True when the record was put into the answer: SRV, addresses and aliases.
pub(crate) fn add(answer: &mut DnsAnswer, record: &ResourceRecord, origin: &str) -> Option<&'static str> {
    let owner = absolute(&record.owner, origin);
    let first = record.data.first()?;
    match record.kind.as_str() {
        "SRV" => {
            let mut srv = srv(Some(&owner), &record.data)?;
            if let Some(target) = record.data.get(3) {
                if is_placeholder(target) && !answer.redacted.iter().any(|name| name == "target") {
                    answer.redacted.push("target".to_owned());
                }
                // A target without final dot is relative in a zone file, unless it is an address by mistake.
                if !origin.is_empty() && !target.ends_with('.') && address(target).is_none() {
                    srv.target = srv.target.map(|name| absolute(&name, origin));
                }
            }
            srv.ttl = record.ttl;
            srv.dynamic = record.dynamic;
            answer.records.push(srv);
            Some("records")
        }
        "A" | "AAAA" => {
            let address = address(first)?;
            if answer.query.as_deref().is_some_and(|query| is_asked(query, &owner, answer)) {
                answer.addresses.push(address);
                return Some("addresses");
            }
            answer.hosts.push(HostAddress { name: Some(owner), address: Some(address) });
            Some("hosts")
        }
        "CNAME" | "DNAME" => {
            let target = absolute(first, origin);
            answer.aliases.push(HostAddress { name: Some(owner), address: Some(target) });
            Some("aliases")
        }
        _ => None,
    }
}

/// True when the owner is the asked name or a canonical name on the way from it.
fn is_asked(query: &str, owner: &str, answer: &DnsAnswer) -> bool {
    same_name(query, owner)
        || answer.aliases.iter().any(|alias| alias.address.as_deref().is_some_and(|t| same_name(t, owner)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_records_in_every_order_of_ttl_and_class() {
        for line in [
            "_vlmcs._tcp.contoso.com. 3600 IN SRV 0 0 1688 kms01.contoso.com.",
            "_vlmcs._tcp.contoso.com. IN 1h SRV 0 0 1688 kms01.contoso.com.",
            "_vlmcs._tcp.contoso.com.\t[Aging:3717702] 3600 SRV\t0 0 1688 kms01.contoso.com.",
        ] {
            let record = parse(line).unwrap();
            assert_eq!((record.ttl, record.kind.as_str()), (Some(3600), "SRV"), "{line}");
            let mut answer = DnsAnswer::default();
            assert_eq!(add(&mut answer, &record, ""), Some("records"));
            assert_eq!(answer.records[0].target.as_deref(), Some("kms01.contoso.com"));
        }
        assert_eq!(parse("this is not a record at all"), None);
        assert_eq!(parse("Reply from 10.0.0.1: bytes=32 A"), None);
    }

    #[test]
    fn completes_relative_targets_and_keeps_an_address_by_mistake() {
        let mut answer = DnsAnswer::default();
        add(&mut answer, &parse("_vlmcs._tcp 0 SRV 0 0 1688 kms01").unwrap(), "contoso.com");
        add(&mut answer, &parse("_vlmcs._tcp 0 SRV 0 0 1688 192.0.2.5").unwrap(), "contoso.com");
        add(&mut answer, &parse("_vlmcs._tcp 0 SRV 0 0 1688 <host>").unwrap(), "contoso.com");
        let targets: Vec<_> = answer.records.iter().map(|r| r.target.as_deref()).collect();
        assert_eq!(targets, [Some("kms01.contoso.com"), Some("192.0.2.5"), None]);
        assert_eq!(answer.redacted, ["target"]);
    }
}
