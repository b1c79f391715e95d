//! BIND zone files, and the srv-host lines of dnsmasq.

use model::{DnsAnswer, DnsResult, Fact, Kind};

use super::names::{absolute, address, is_service_name, ttl_seconds};
use super::record::{self, ResourceRecord};
use crate::net::quotes::Quotes;
use crate::out::Out;
use crate::text::{Text, is_placeholder};

/// Lines that a record in parentheses may take.
const PARENTHESES_LINES_MAX: usize = 64;

/// Reads a zone file, or the records of one, from the line at which it begins.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    read_dnsmasq(text, at, out).or_else(|| begins(text, at).then(|| read_zone(text, at, out)))
}

/// A directive, a start of authority, or a record of a service; comments may stand above.
fn begins(text: &Text<'_>, at: usize) -> bool {
    const COMMENTS_MAX: usize = 40;
    let first =
        (at..text.len().min(at + COMMENTS_MAX)).find(|&i| !text.is_blank(i) && !text.at(i).starts_with(';'));
    let Some(first) = first else { return false };
    let body = text.at(first);
    let directive = ["$ORIGIN ", "$TTL ", "$ORIGIN\t", "$TTL\t"].iter().any(|start| body.starts_with(start));
    // Comments alone claim nothing: what follows must be unmistakable.
    directive || record::parse(without_comment(body)).is_some_and(|record| is_zone_record(&record))
}

fn is_zone_record(record: &ResourceRecord) -> bool {
    match record.kind.as_str() {
        "SOA" => record.data.len() >= 2,
        "SRV" => is_service_name(&record.owner) && record::srv(None, &record.data).is_some(),
        _ => false,
    }
}

fn without_comment(body: &str) -> &str {
    // A semicolon within quotes belongs to a text record, which is of no interest here.
    body.split(';').next().unwrap_or_default().trim()
}

struct Zone {
    fact: DnsAnswer,
    origin: String,
    owner: String,
    default_ttl: Option<u64>,
}

fn read_zone(text: &Text<'_>, at: usize, out: &mut Out) -> usize {
    let mut zone =
        Zone { fact: DnsAnswer::default(), origin: String::new(), owner: "@".to_owned(), default_ttl: None };
    let mut quotes = Quotes::new(text);
    let mut index = at;
    let mut end = at + 1;
    while index < text.len() {
        let Some(line) = text.line(index) else { break };
        if line.command.is_some() {
            break;
        }
        let body = without_comment(&line.text);
        if body.is_empty() {
            index += 1;
            continue;
        }
        let (joined, next) = joined(text, index, body);
        if !directive(&mut zone, &joined)
            && !zone_record(&mut zone, &joined, line.indent > 0, index, &mut quotes)
        {
            break;
        }
        index = next;
        end = next;
    }
    let any = !zone.fact.records.is_empty() || !zone.fact.hosts.is_empty();
    zone.fact.result = Some(if any { DnsResult::Found } else { DnsResult::NoRecords });
    let quotes = quotes.take();
    out.push(Kind::Zone, Fact::Dns(Box::new(zone.fact)), text.place(at), quotes);
    end
}

/// The record with what stands in its parentheses on further lines.
fn joined(text: &Text<'_>, at: usize, body: &str) -> (String, usize) {
    let mut whole = body.to_owned();
    let mut next = at + 1;
    let open = |text: &str| text.matches('(').count() > text.matches(')').count();
    while open(&whole) && next < text.len() && next - at < PARENTHESES_LINES_MAX {
        whole.push(' ');
        whole.push_str(without_comment(text.at(next)));
        next += 1;
    }
    (whole.replace(['(', ')'], " "), next)
}

fn directive(zone: &mut Zone, body: &str) -> bool {
    let mut words = body.split_whitespace();
    let (name, value) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    match name.to_ascii_uppercase().as_str() {
        "$ORIGIN" => {
            zone.origin = absolute(value, &zone.origin);
            if zone.fact.zone.is_none() && !is_service_name(&zone.origin) {
                zone.fact.zone = Some(zone.origin.clone());
            }
        }
        "$TTL" => zone.default_ttl = ttl_seconds(value),
        "$INCLUDE" | "$GENERATE" => {}
        _ => return false,
    }
    true
}

fn zone_record(zone: &mut Zone, body: &str, indented: bool, at: usize, quotes: &mut Quotes<'_, '_>) -> bool {
    let words: Vec<&str> = body.split_whitespace().collect();
    let omitted = indented.then(|| record::parse_after_owner(&zone.owner, &words)).flatten();
    let parsed = omitted.or_else(|| {
        let (owner, rest) = words.split_first()?;
        record::parse_after_owner(owner, rest)
    });
    let Some(mut parsed) = parsed else { return false };
    zone.owner.clone_from(&parsed.owner);
    if parsed.kind == "SOA" {
        let owner = absolute(&parsed.owner, &zone.origin);
        if zone.fact.zone.is_none() && !owner.is_empty() {
            zone.fact.zone = Some(owner.clone());
            quotes.add("zone", at);
        }
        if zone.origin.is_empty() && parsed.owner.ends_with('.') {
            zone.origin = owner;
        }
        return true;
    }
    parsed.ttl = parsed.ttl.or(zone.default_ttl);
    if zone.origin.is_empty() {
        // Without an origin relative names stay as they are.
        parsed.owner = parsed.owner.trim_end_matches('.').to_owned();
    }
    if let Some(field) = record::add(&mut zone.fact, &parsed, &zone.origin) {
        quotes.add(field, at);
    }
    true
}

/// `srv-host=_vlmcs._tcp.contoso.com,kms01.contoso.com,1688,0,0`
fn read_dnsmasq(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (_, value) = text.at(at).split_once("srv-host=")?;
    let front = text.at(at).split("srv-host=").next().unwrap_or_default();
    if !front.chars().all(|c| c == '-' || c.is_whitespace()) {
        return None;
    }
    let parts: Vec<&str> = value.split('#').next().unwrap_or_default().split(',').map(str::trim).collect();
    let number = |n: usize| parts.get(n).and_then(|part| part.parse().ok());
    let owner = parts.first().filter(|part| !part.is_empty())?;
    let target = parts.get(1).copied().unwrap_or_default();
    let mut fact = DnsAnswer::default();
    if is_placeholder(target) {
        fact.redacted.push("target".to_owned());
    }
    fact.records.push(model::SrvRecord {
        owner: Some(owner.trim_end_matches('.').to_owned()),
        target: record::target_of(target).or_else(|| address(target)),
        port: number(2),
        priority: number(3).or(Some(0)),
        weight: number(4).or(Some(0)),
        ttl: None,
        dynamic: Some(false),
    });
    let mut quotes = Quotes::new(text);
    quotes.add("records", at);
    out.push(Kind::Zone, Fact::Dns(Box::new(fact)), text.place(at), quotes.take());
    Some(at + 1)
}

#[cfg(test)]
mod tests {
    use crate::dns::testing::one;
    use crate::{Limits, read_bytes};

    #[test]
    fn reads_relative_names_parentheses_and_omitted_owners() {
        let answer = one(
            "; contoso.com\n$ORIGIN contoso.com.\n$TTL 1h\n@ IN SOA dc1.contoso.com. hostmaster.contoso.com. (\n\t2025021101 ; serial\n\t900 600 86400 3600 )\n\
                          @ IN NS dc1\ndc1 IN A 192.0.2.10\n_vlmcs._tcp IN SRV 0 0 1688 kms01 ; the new one\n            IN SRV 10 0 1688 kms02.contoso.com.\n\n$ORIGIN _tcp.contoso.com.\n_ldap 600 IN SRV 0 100 389 dc1.contoso.com.\n",
        );
        assert_eq!(answer.zone.as_deref(), Some("contoso.com"));
        let records: Vec<_> =
            answer.records.iter().map(|r| (r.owner.as_deref(), r.target.as_deref(), r.ttl)).collect();
        assert_eq!(
            records,
            [
                (Some("_vlmcs._tcp.contoso.com"), Some("kms01.contoso.com"), Some(3600)),
                (Some("_vlmcs._tcp.contoso.com"), Some("kms02.contoso.com"), Some(3600)),
                (Some("_ldap._tcp.contoso.com"), Some("dc1.contoso.com"), Some(600)),
            ]
        );
        assert_eq!(answer.hosts[0].name.as_deref(), Some("dc1.contoso.com"));
    }

    #[test]
    fn reads_single_records_and_dnsmasq() {
        let answer = one("_vlmcs._tcp SRV 0 0 1688 192.0.2.5\n");
        assert_eq!(answer.records[0].target.as_deref(), Some("192.0.2.5"));
        let answer = one("srv-host=_vlmcs._tcp.contoso.com,kms01.contoso.com,1688,0,100\n");
        assert_eq!((answer.records[0].port, answer.records[0].weight), (Some(1688), Some(100)));
    }

    #[test]
    fn prose_is_no_zone() {
        let file = read_bytes("t.txt", b"; just a comment\nhello\n", &Limits::default());
        assert!(file.facts.is_empty());
    }
}
