//! dnscmd: listed records, added records, printed zones.

use model::{DnsAnswer, DnsResult, Fact, Kind};

use super::names::absolute;
use super::record;
use crate::net::quotes::Quotes;
use crate::out::Out;
use crate::text::{Text, is_placeholder};

/// Reads a dnscmd command with what follows it, or a listing without its command.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    let is_candidate = line.command.is_some()
        || line.text.starts_with([';', 'R', 'd', 'D', '"'])
        || line.text.contains('\\');
    if !is_candidate {
        return None;
    }
    let command = line.command.as_ref().map_or_else(|| line.text.to_string(), |command| command.line.clone());
    if let Some(command) = Command::parse(&command) {
        return Some(read_command(text, at, &command, out));
    }
    let listed = line.text.starts_with("Returned records:") || is_zone_header(text, at);
    (line.command.is_none() && listed).then(|| read_listing(text, at, at, &Command::default(), out))
}

/// `dnscmd [server] /operation zone node ...`
#[derive(Debug, Default, PartialEq, Eq)]
struct Command {
    server: Option<String>,
    operation: String,
    zone: String,
    node: String,
    rest: Vec<String>,
}

impl Command {
    fn parse(line: &str) -> Option<Command> {
        let mut words = line.split_whitespace();
        let program = words.next()?.trim_matches('"').to_ascii_lowercase();
        let program = program.rsplit('\\').next()?.trim_end_matches(".exe");
        if program != "dnscmd" {
            return None;
        }
        let mut command = Command::default();
        let mut plain = Vec::new();
        for word in words.take_while(|word| !matches!(*word, ">" | "|" | "&&")) {
            if let Some(operation) = word.strip_prefix('/').filter(|_| command.operation.is_empty()) {
                command.operation = operation.to_ascii_lowercase();
            } else if command.operation.is_empty() {
                command.server = Some(word.trim_start_matches('\\').to_owned());
            } else {
                plain.push(word.to_owned());
            }
        }
        let mut plain = plain.into_iter();
        command.zone = plain.next().unwrap_or_default().trim_end_matches('.').to_owned();
        command.node = plain.next().unwrap_or_default();
        command.rest = plain.collect();
        (!command.operation.is_empty()).then_some(command)
    }

    /// The name that owners of the listing are relative to.
    fn origin(&self) -> String {
        match self.node.as_str() {
            "" => self.zone.clone(),
            node if node.starts_with('/') => self.zone.clone(),
            node => absolute(node, &self.zone),
        }
    }
}

fn is_zone_header(text: &Text<'_>, at: usize) -> bool {
    text.at(at).starts_with(";  Zone:") || text.at(at) == ";" && text.at(at + 1).starts_with(";  Zone:")
}

fn read_command(text: &Text<'_>, at: usize, command: &Command, out: &mut Out) -> usize {
    match command.operation.as_str() {
        "recordadd" => read_added(text, at, command, out),
        _ => read_listing(text, at, at + 1, command, out),
    }
}

/// `dnscmd dc1 /RecordAdd zone node [/Aging] [ttl] SRV 0 0 1688 target`
fn read_added(text: &Text<'_>, at: usize, command: &Command, out: &mut Out) -> usize {
    let words: Vec<&str> =
        command.rest.iter().map(String::as_str).filter(|word| !word.starts_with('/')).collect();
    let mut fact = answer_of(command);
    let mut quotes = Quotes::new(text);
    if let Some(record) = record::parse_after_owner(&command.node, &words) {
        let origin =
            if command.zone.contains('%') || is_placeholder(&command.zone) { "" } else { &command.zone };
        add_with_plain_target(&mut fact, record, origin);
        quotes.add("records", at);
    }
    let mut end = at + 1;
    // The answer follows at once: "Add SRV Record for ...", then how the command ended.
    for index in (at + 1..text.len()).take(4) {
        let line = text.at(index);
        if text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        if let Some(result) = ending(line) {
            fact.result = result;
            quotes.add("result", index);
            end = index + 1;
            break;
        }
        if line.starts_with("Add ") && line.contains(" Record for ") {
            end = index + 1;
        }
    }
    let quotes = quotes.take();
    out.push(Kind::DnsServer, Fact::Dns(Box::new(fact)), text.place(at), quotes);
    end
}

/// dnscmd takes a target as it stands; a missing final dot makes no relative name.
fn add_with_plain_target(fact: &mut DnsAnswer, mut parsed: record::ResourceRecord, origin: &str) {
    parsed.owner = absolute(&parsed.owner, origin);
    record::add(fact, &parsed, "");
}

fn answer_of(command: &Command) -> DnsAnswer {
    let server = command.server.as_deref().filter(|server| *server != ".").map(str::to_owned);
    DnsAnswer {
        zone: (!command.zone.is_empty() && !command.zone.starts_with('/')).then(|| command.zone.clone()),
        server,
        ..DnsAnswer::default()
    }
}

/// How a command ended: nothing to add for success, an outcome for failure.
fn ending(line: &str) -> Option<Option<DnsResult>> {
    if line.starts_with("Command completed successfully") {
        return Some(None);
    }
    let failed = line.starts_with("Command failed");
    failed.then(|| {
        Some(match line {
            line if line.contains("NAME_DOES_NOT_EXIST") || line.contains("9714") => DnsResult::Nxdomain,
            line if line.contains("ACCESS_DENIED") || line.contains("REFUSED") => DnsResult::Refused,
            line if line.contains("1722") || line.contains("UNAVAILABLE") => DnsResult::Timeout,
            _ => DnsResult::Error,
        })
    })
}

fn read_listing(text: &Text<'_>, at: usize, from: usize, command: &Command, out: &mut Out) -> usize {
    let mut fact = answer_of(command);
    let mut quotes = Quotes::new(text);
    let mut origin = command.origin();
    let mut owner = "@".to_owned();
    let mut end = at + 1;
    let mut listed = false;
    let mut index = from;
    while index < text.len() {
        let Some(line) = text.line(index) else { break };
        let body: &str = &line.text;
        if line.command.is_some() || Command::parse(body).is_some() {
            break;
        }
        if let Some(result) = ending(body) {
            fact.result = result;
            quotes.add("result", index);
            listed |= result.is_some();
            end = index + 1;
            break;
        }
        if let Some(zone) = body.strip_prefix(";  Zone:") {
            fact.zone = Some(zone.trim().to_owned());
            origin = zone.trim().to_owned();
        } else if let Some(server) = body.strip_prefix(";  Server:") {
            fact.server = Some(server.trim().to_owned());
        } else if let Some(parsed) = listed_record(body, line.indent > 0, &mut owner) {
            if let Some(field) = record::add(&mut fact, &qualified(parsed, &origin), "") {
                quotes.add(field, index);
            }
        } else if !(body.is_empty() || body.starts_with(';') || body.starts_with("Returned records")) {
            break;
        }
        if !body.is_empty() {
            listed = true;
            end = index + 1;
        }
        index += 1;
    }
    let lists_records = ["enumrecords", "zoneprint", ""].contains(&command.operation.as_str());
    if listed && lists_records {
        if fact.result.is_none() {
            let any = !fact.records.is_empty() || !fact.hosts.is_empty();
            fact.result = Some(if any { DnsResult::Found } else { DnsResult::NoRecords });
        }
        fact.query = (!command.node.is_empty() && !command.node.starts_with('/')).then(|| command.origin());
        let quotes = quotes.take();
        out.push(Kind::DnsServer, Fact::Dns(Box::new(fact)), text.place(at), quotes);
    }
    end
}

/// Listings mark records that age; a record without the mark was created by hand.
fn qualified(mut parsed: record::ResourceRecord, origin: &str) -> record::ResourceRecord {
    parsed.owner = absolute(&parsed.owner, origin);
    parsed.dynamic = parsed.dynamic.or(Some(false));
    parsed
}

/// A record whose owner may be left out, as it is for the second record of one name.
fn listed_record(body: &str, indented: bool, owner: &mut String) -> Option<record::ResourceRecord> {
    let words: Vec<&str> = body.split_whitespace().collect();
    if indented && let Some(found) = record::parse_after_owner(owner, &words) {
        return Some(found);
    }
    let (first, rest) = words.split_first()?;
    let found = record::parse_after_owner(first, rest)?;
    owner.clear();
    owner.push_str(first);
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::testing::one;

    #[test]
    fn reads_listed_records_with_their_aging() {
        let answer = one(
            "C:\\>dnscmd dc1 /enumrecords contoso.com _tcp /type SRV /detail\nReturned records:\n\
                          _ldap                [Aging:3717702] 600 SRV\t0 100 389 dc1.contoso.com.\n\
                          _vlmcs               3600 SRV\t0 0 1688 kms01.contoso.com.\n\
                          \t\t [Aging:3717702] 3600 SRV\t0 0 1688 kms02.contoso.com.\n\nCommand completed successfully.\n",
        );
        assert_eq!(answer.zone.as_deref(), Some("contoso.com"));
        assert_eq!(answer.server.as_deref(), Some("dc1"));
        let owners: Vec<_> = answer.records.iter().filter_map(|r| r.owner.as_deref()).collect();
        assert_eq!(owners, ["_ldap._tcp.contoso.com", "_vlmcs._tcp.contoso.com", "_vlmcs._tcp.contoso.com"]);
        let dynamic: Vec<_> = answer.records.iter().map(|r| r.dynamic).collect();
        assert_eq!(dynamic, [Some(true), Some(false), Some(true)]);
    }

    #[test]
    fn reads_an_added_record_even_when_its_target_is_a_variable_or_an_address() {
        let answer = one("dnscmd DC /RecordAdd contoso.com _vlmcs._tcp SRV 0 10 1688 $KMSIP\n");
        assert_eq!(answer.records[0].target.as_deref(), Some("$KMSIP"));
        assert_eq!(answer.records[0].owner.as_deref(), Some("_vlmcs._tcp.contoso.com"));
        let answer = one("dnscmd . /recordadd contoso.com _vlmcs._tcp /Aging 3600 SRV 0 0 1688 192.0.2.5\n\
                          Add SRV Record for _vlmcs._tcp.contoso.com at contoso.com\nCommand completed successfully.\n");
        assert_eq!(answer.records[0].target.as_deref(), Some("192.0.2.5"));
        assert_eq!(answer.records[0].ttl, Some(3600));
    }

    #[test]
    fn reads_failures() {
        let answer = one(
            "C:\\>dnscmd dc1 /enumrecords contoso.com _vlmcs._tcp\nCommand failed:  DNS_ERROR_NAME_DOES_NOT_EXIST     9714    0x25F2\n",
        );
        assert_eq!(answer.result, Some(DnsResult::Nxdomain));
        assert_eq!(answer.query.as_deref(), Some("_vlmcs._tcp.contoso.com"));
    }

    #[test]
    fn reads_a_printed_zone() {
        let answer = one(
            ";\n;  Zone:    contoso.com\n;  Server:  dc1.contoso.com\n;  Time:    Tue Feb 11 15:00:00 2025 UTC\n;\n\
                          @ 3600 NS\tdc1.contoso.com.\n_vlmcs._tcp 3600 SRV\t0 0 1688 kms01.contoso.com.\nkms01 1200 A\t192.0.2.5\n;\n;  Finished zone: 3 nodes and 3 records in 0 seconds\n;\n",
        );
        assert_eq!(answer.records[0].owner.as_deref(), Some("_vlmcs._tcp.contoso.com"));
        assert_eq!(answer.hosts[0].name.as_deref(), Some("kms01.contoso.com"));
        assert_eq!(answer.zone.as_deref(), Some("contoso.com"));
    }
}
