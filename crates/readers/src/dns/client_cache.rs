//! `ipconfig /displaydns`: what the client's resolver remembers, in any language.

use model::{DnsAnswer, DnsResult, Fact, HostAddress, Kind, SrvRecord};

use super::names::{address, host_name, same_name};
use super::record::target_of;
use crate::net::quotes::Quotes;
use crate::out::Out;
use crate::text::Text;

/// Reads one entry: a name, a line of dashes, and the properties with their dots.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let name = host_name(text.at(at)).filter(|_| !text.at(at).contains(' '))?;
    let dashes = text.at(at + 1);
    if dashes.len() < 8 || !dashes.chars().all(|c| c == '-') {
        return None;
    }
    let mut entry = Entry::default();
    let mut quotes = Quotes::new(text);
    quotes.add("query", at);
    let mut fact = DnsAnswer { query: Some(name), ..DnsAnswer::default() };
    let mut index = at + 2;
    let mut end = index;
    while index < text.len() {
        let body = text.at(index);
        let next_entry = text.at(index + 1).len() >= 8 && text.at(index + 1).chars().all(|c| c == '-');
        if next_entry || text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        if !body.is_empty() {
            match dotted(body) {
                Some(value) => entry.take(value, &mut fact, index, &mut quotes),
                // Priority, weight and port stand without labels below the host.
                None if entry.wants_number() && body.bytes().all(|byte| byte.is_ascii_digit()) => {
                    entry.take(body, &mut fact, index, &mut quotes);
                }
                None if body.contains(". .") => {}
                // "Name does not exist." and "No records of type SRV" stand alone.
                None if fact.records.is_empty()
                    && fact.addresses.is_empty()
                    && body.ends_with(['.', '。'])
                    || body.contains("SRV") =>
                {
                    quotes.add("result", index);
                    let no_records = body.contains("SRV")
                        || body.to_lowercase().contains("no records")
                        || body.contains("AAAA");
                    fact.result = Some(if no_records { DnsResult::NoRecords } else { DnsResult::Nxdomain });
                }
                None => break,
            }
            end = index + 1;
        }
        index += 1;
    }
    entry.finish(&mut fact);
    if !fact.records.is_empty()
        || !fact.addresses.is_empty()
        || !fact.hosts.is_empty()
        || !fact.aliases.is_empty()
    {
        fact.result = Some(DnsResult::Found);
    }
    if fact.result.is_none() && end == at + 2 {
        return None;
    }
    out.push(Kind::Nslookup, Fact::Dns(Box::new(fact)), text.place(at), quotes.take());
    Some(end)
}

/// The value of `Label . . . . : value`.
fn dotted(body: &str) -> Option<&str> {
    let dots = body.rfind(". .")?;
    let colon = dots + body[dots..].find([':', '：'])?;
    Some(body[colon..].trim_start_matches([':', '：']).trim())
}

/// A record in the order in which it is printed: name, type, time to live, length, section, data.
#[derive(Debug, Default)]
struct Entry {
    values: Vec<String>,
    quoted: usize,
}

impl Entry {
    /// An SRV record whose host was read, and not yet all of its numbers.
    fn wants_number(&self) -> bool {
        (6..9).contains(&self.values.len()) && self.values[1] == "33"
    }

    fn take(&mut self, value: &str, fact: &mut DnsAnswer, at: usize, quotes: &mut Quotes<'_, '_>) {
        // The name opens a record: a value that is no number behind a complete one.
        let complete = self.values.len() >= 6 && (self.values[1] != "33" || self.values.len() >= 9);
        if complete {
            self.finish(fact);
        }
        self.values.push(value.to_owned());
        self.quoted = at;
        if self.values.len() >= 6 {
            quotes.add(if self.values[1] == "33" { "records" } else { "addresses" }, at);
        }
    }

    fn finish(&mut self, fact: &mut DnsAnswer) {
        let values = std::mem::take(&mut self.values);
        let [name, kind, ttl, _length, _section, data @ ..] = values.as_slice() else { return };
        let Some(first) = data.first() else { return };
        let number = |n: usize| data.get(n).and_then(|value| value.parse().ok());
        match kind.as_str() {
            "33" => fact.records.push(SrvRecord {
                owner: host_name(name),
                target: target_of(first),
                priority: number(1),
                weight: number(2),
                port: number(3),
                ttl: ttl.parse().ok(),
                dynamic: None,
            }),
            "1" | "28" => {
                let asked = fact.query.as_deref().is_some_and(|query| same_name(query, name));
                match address(first) {
                    Some(found) if asked => fact.addresses.push(found),
                    Some(found) => {
                        fact.hosts.push(HostAddress { name: host_name(name), address: Some(found) })
                    }
                    None => {}
                }
            }
            "5" => fact.aliases.push(HostAddress { name: host_name(name), address: host_name(first) }),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    #[test]
    fn reads_cached_records() {
        let text = "C:\\>ipconfig /displaydns\n\nWindows IP Configuration\n\n    _vlmcs._tcp.contoso.com\n    ----------------------------------------\n\
            \x20   Record Name . . . . . : _vlmcs._tcp.contoso.com\n    Record Type . . . . . : 33\n    Time To Live  . . . . : 3412\n    Data Length . . . . . : 24\n    Section . . . . . . . : Answer\n    SRV Record  . . . . . : kms01.contoso.com\n                            0\n                            0\n                            1688\n\n\n\
            \x20   kms01.contoso.com\n    ----------------------------------------\n    Record Name . . . . . : kms01.contoso.com\n    Record Type . . . . . : 1\n    Time To Live  . . . . : 3412\n    Data Length . . . . . : 4\n    Section . . . . . . . : Answer\n    A (Host) Record . . . : 192.0.2.5\n\n\
            \x20   wpad.contoso.com\n    ----------------------------------------\n    Name does not exist.\n";
        let labelled = text.replace("\n                            0\n                            0\n                            1688", "\n    Priority  . . . . . . : 0\n    Weight  . . . . . . . : 0\n    Port  . . . . . . . . : 1688");
        for text in [text, &labelled] {
            check_cached_records(text);
        }
    }

    #[test]
    fn an_additional_record_is_no_adapter() {
        let text = "C:\\>ipconfig /displaydns\n\n    _vlmcs._tcp.contoso.com\n    ----------------------------------------\n\
            \x20   Eintragsname  . . . . . : _vlmcs._tcp.contoso.com\n    Eintragstyp . . . . . . : 33\n    G\u{fc}ltigkeitsdauer  . . . : 3012\n    Datenl\u{e4}nge  . . . . . . : 16\n    Abschnitt . . . . . . . : Antwort\n    SRV-Eintrag . . . . . . : kms01.contoso.com\n                              0\n                              5\n                              1688\n\n\n\
            \x20   Eintragsname  . . . . . : kms01.contoso.com\n    Eintragstyp . . . . . . : 1\n    G\u{fc}ltigkeitsdauer  . . . : 3012\n    Datenl\u{e4}nge  . . . . . . : 4\n    Abschnitt . . . . . . . : Zus\u{e4}tzlich\n    (Host-)A-Eintrag  . . . : 10.20.0.40\n";
        let file = read_bytes("d.txt", text.as_bytes(), &Limits::default());
        assert_eq!((file.facts.len(), file.notes.len()), (1, 0), "{file:#?}");
        let Fact::Dns(answer) = &file.facts[0].fact.value else { panic!("{file:#?}") };
        assert_eq!((answer.records[0].weight, answer.records[0].port), (Some(5), Some(1688)));
        assert_eq!(answer.hosts[0].address.as_deref(), Some("10.20.0.40"));
    }

    fn check_cached_records(text: &str) {
        let file = read_bytes("d.txt", text.as_bytes(), &Limits::default());
        let all: Vec<&DnsAnswer> = file
            .facts
            .iter()
            .filter_map(|e| if let Fact::Dns(a) = &e.fact.value { Some(&**a) } else { None })
            .collect();
        assert_eq!(all.len(), 3, "{all:#?}\n{:#?}", file.notes);
        assert_eq!(all[0].records[0].port, Some(1688));
        assert_eq!(all[1].addresses, ["192.0.2.5"]);
        assert_eq!(all[2].result, Some(DnsResult::Nxdomain));
    }
}
