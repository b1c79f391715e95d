//! Resolve-DnsName: tables, lists, JSON, CSV and its errors, whose identifiers are the same in every language.

use model::{DnsAnswer, DnsResult, Fact, HostAddress, Kind, Place, Quote};
use serde_json::Value;

use super::names::{address, host_name, same_name};
use super::record::target_of;
use crate::documents::{Object, json, list, table};
use crate::out::Out;
use crate::text::Text;

/// Columns by which a CSV export is known.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[&["NameTarget", "Name"], &["QueryType", "Name", "TTL"]];

/// Reads the output of one command: tables and lists one after the other, or an error.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    read_error(text, at, out).or_else(|| read_answer(text, at, out))
}

fn read_answer(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    objects_at(text, at)?;
    let mut answer = Answer::new(asked_above(text, at));
    let mut end = None;
    let mut index = at;
    while index < text.len() {
        let Some((objects, next)) = objects_at(text, index) else { break };
        for object in &objects {
            answer.add(object);
        }
        end = Some(next);
        index = text.skip_blank(next);
    }
    let end = end?;
    answer.finish(text.place(at), out);
    Some(end)
}

/// The rows of a table or the one object of a list, if they are records.
fn objects_at(text: &Text<'_>, at: usize) -> Option<(Vec<Object>, usize)> {
    let line = text.line(at)?;
    if line.command.is_some() {
        return None;
    }
    let table = table::read_rows(text, at).filter(|(rows, _)| rows.first().is_some_and(is_record));
    table.or_else(|| {
        let (object, next) = list::read_object(text, at)?;
        is_record(&object).then(|| (vec![object], next))
    })
}

fn is_record(object: &Object) -> bool {
    let section =
        object.has_all(&["Name", "TTL", "Section"]) && (object.has("Type") || object.has("QueryType"));
    section || object.has_all(&["Name", "NameTarget", "Port"])
}

/// Name and type of the command above.
fn asked_above(text: &Text<'_>, at: usize) -> (Option<String>, Option<String>) {
    let Some(command) = text.command_above(at) else { return (None, None) };
    if !is_command(&command.line) {
        return (None, None);
    }
    let mut asked = (None, None);
    let mut words = command.line.split_whitespace().skip_while(|word| !is_command(word)).skip(1);
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "|" | ">" | ";" => break,
            "-type" | "-t" => asked.1 = words.next().map(str::to_ascii_uppercase),
            "-name" | "-n" => asked.0 = words.next().and_then(host_name),
            "-server" | "-s" => _ = words.next(),
            option if option.starts_with('-') => {}
            _ if asked.0.is_none() => asked.0 = host_name(word),
            kind if super::record::is_type(kind) => asked.1 = Some(word.to_ascii_uppercase()),
            _ => {}
        }
    }
    asked
}

fn is_command(line: &str) -> bool {
    line.to_ascii_lowercase().contains("resolve-dnsname")
}

struct Answer {
    fact: DnsAnswer,
    quotes: Vec<Quote>,
    asked: bool,
    soa: bool,
    other: bool,
}

impl Answer {
    fn new((query, query_type): (Option<String>, Option<String>)) -> Answer {
        let asked = query.is_some();
        Answer {
            fact: DnsAnswer { query, query_type, ..DnsAnswer::default() },
            quotes: Vec::new(),
            asked,
            soa: false,
            other: false,
        }
    }

    /// Takes one record object.
    fn add(&mut self, object: &Object) {
        let name = object.get("Name").and_then(host_name);
        let kind = record_type(object);
        let in_answer = object.get("Section").is_none_or(|s| s.eq_ignore_ascii_case("answer") || s == "1");
        if in_answer && self.fact.query.is_none() {
            self.fact.query.clone_from(&name);
            self.quotes.extend(object.quote("Name", "query"));
        }
        let ttl = object.get("TTL").and_then(|ttl| ttl.parse().ok());
        match kind.as_str() {
            "SRV" => self.add_srv(object, name, ttl),
            "A" | "AAAA" => self.add_address(object, name),
            "CNAME" => {
                self.quotes.extend(object.quote("NameHost", "aliases"));
                let address = object.first(&["NameHost", "NameTarget"]).and_then(host_name);
                self.fact.aliases.push(HostAddress { name, address });
            }
            "SOA" => {
                self.soa = true;
                self.quotes.extend(object.quote("Section", "result"));
            }
            _ => self.other = true,
        }
    }

    fn add_srv(&mut self, object: &Object, owner: Option<String>, ttl: Option<u64>) {
        let number = |name: &str| object.get(name).and_then(|value| value.parse().ok());
        for name in ["NameTarget", "Port"] {
            self.quotes.extend(object.quote(name, "records"));
        }
        self.fact.query_type.get_or_insert_with(|| "SRV".to_owned());
        self.fact.records.push(model::SrvRecord {
            owner,
            priority: number("Priority"),
            weight: number("Weight"),
            port: number("Port"),
            target: object.first(&["NameTarget", "Target"]).and_then(target_of),
            ttl,
            dynamic: None,
        });
    }

    fn add_address(&mut self, object: &Object, name: Option<String>) {
        let Some(found) = object.first(&["IPAddress", "IP4Address", "IP6Address"]).and_then(address) else {
            return;
        };
        let is_asked = |name: &str| {
            self.fact.query.as_deref().is_some_and(|query| same_name(query, name))
                || self.fact.aliases.iter().any(|a| a.address.as_deref().is_some_and(|t| same_name(t, name)))
        };
        let field = if name.as_deref().is_some_and(is_asked) { "addresses" } else { "hosts" };
        for column in ["IPAddress", "IP4Address", "IP6Address"] {
            self.quotes.extend(object.quote(column, field));
        }
        match field {
            "addresses" => self.fact.addresses.push(found),
            _ => self.fact.hosts.push(HostAddress { name, address: Some(found) }),
        }
    }

    fn finish(mut self, place: Place, out: &mut Out) {
        let fact = &mut self.fact;
        let found = !fact.records.is_empty() || !fact.addresses.is_empty();
        let wants_srv = fact.query_type.as_deref() == Some("SRV");
        fact.result = Some(match (found, self.soa) {
            (true, _) => DnsResult::Found,
            (false, true) => DnsResult::NoRecords,
            (false, false) if wants_srv || !self.other && fact.aliases.is_empty() => DnsResult::NoRecords,
            (false, false) => DnsResult::Found,
        });
        if !self.asked && fact.result == Some(DnsResult::NoRecords) && self.soa && fact.records.is_empty() {
            // The SOA's own name is the zone, not what was asked.
            fact.zone = fact.query.take();
        }
        out.push(Kind::Nslookup, Fact::Dns(Box::new(self.fact)), place, self.quotes);
    }
}

/// The type by its name, or by its number as JSON has it.
fn record_type(object: &Object) -> String {
    let word = object.first(&["Type", "QueryType", "RecordType"]).unwrap_or_default();
    match word {
        "33" => "SRV".to_owned(),
        "1" => "A".to_owned(),
        "28" => "AAAA".to_owned(),
        "5" => "CNAME".to_owned(),
        "6" => "SOA".to_owned(),
        "" if object.has("NameTarget") && object.has("Port") => "SRV".to_owned(),
        word => word.to_ascii_uppercase(),
    }
}

/// `Resolve-DnsName : name : DNS name does not exist`, with the identifier some lines below.
fn read_error(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    const ERROR_LINES_MAX: usize = 14;
    let line = text.line(at)?;
    let rest = line.text.strip_prefix("Resolve-DnsName").filter(|_| line.command.is_none())?;
    let rest = rest.trim_start().strip_prefix(':')?.trim();
    let mut end = at + 1;
    let mut result = None;
    let mut proof = at;
    let mut words = rest.to_owned();
    for index in at + 1..text.len().min(at + ERROR_LINES_MAX) {
        let body = text.at(index);
        if text.is_blank(index) || text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        end = index + 1;
        if let Some((_, identifier)) = body.split_once("FullyQualifiedErrorId") {
            result = Some(by_identifier(identifier));
            proof = index;
            break;
        }
        if !body.starts_with('+') && result.is_none() {
            words.push(' ');
            words.push_str(body);
        }
    }
    let asked = asked_above(text, at);
    let named = rest.split(" : ").next().map(str::trim).and_then(host_name);
    let result = result.or_else(|| by_words(&words)).unwrap_or(DnsResult::Error);
    let fact = DnsAnswer {
        query: named.or(asked.0),
        query_type: asked.1,
        result: Some(result),
        ..DnsAnswer::default()
    };
    let quote = |field, index| Quote::new(field, text.place(index), text.at(index));
    let quotes = vec![quote("query", at), quote("result", at), quote("result", proof)];
    out.push(Kind::Nslookup, Fact::Dns(Box::new(fact)), text.place(at), quotes);
    Some(end)
}

fn by_identifier(identifier: &str) -> DnsResult {
    const IDENTIFIERS: [(&str, DnsResult); 7] = [
        ("DNS_ERROR_RCODE_NAME_ERROR", DnsResult::Nxdomain),
        ("DNS_INFO_NO_RECORDS", DnsResult::NoRecords),
        ("ERROR_TIMEOUT", DnsResult::Timeout),
        ("DNS_ERROR_RCODE_REFUSED", DnsResult::Refused),
        ("DNS_ERROR_RCODE_SERVER_FAILURE", DnsResult::Servfail),
        ("DNS_ERROR_RECORD_DOES_NOT_EXIST", DnsResult::NoRecords),
        ("DNS_ERROR_NAME_DOES_NOT_EXIST", DnsResult::Nxdomain),
    ];
    let found = IDENTIFIERS.iter().find(|(word, _)| identifier.contains(word));
    found.map_or(DnsResult::Error, |(_, result)| *result)
}

fn by_words(words: &str) -> Option<DnsResult> {
    let lower = words.to_lowercase();
    [
        ("name does not exist", DnsResult::Nxdomain),
        ("dns-name ist nicht vorhanden", DnsResult::Nxdomain),
        ("nom dns n'existe pas", DnsResult::Nxdomain),
        ("no records found", DnsResult::NoRecords),
        ("timeout period expired", DnsResult::Timeout),
        ("timed out", DnsResult::Timeout),
        ("refused", DnsResult::Refused),
        ("server failure", DnsResult::Servfail),
        ("no dns servers configured", DnsResult::Error),
    ]
    .iter()
    .find(|(word, _)| lower.contains(word))
    .map(|(_, result)| *result)
}

/// Reads records that were exported as JSON.
pub(crate) fn read_json(value: &Value, place: &Place, out: &mut Out) -> bool {
    let objects = json::objects(value);
    let is_dns = |value: &Value| {
        value.get("Name").is_some()
            && (value.get("NameTarget").is_some()
                || value.get("QueryType").is_some() && value.get("Section").is_some())
    };
    if objects.is_empty() || !objects.iter().all(|(_, value)| is_dns(value)) {
        return false;
    }
    let mut answer = Answer::new((None, None));
    for (_, value) in objects {
        answer.add(&json::flatten(value, place.clone()));
    }
    answer.finish(place.clone(), out);
    true
}

/// Reads a CSV row; rows of one question become one answer.
pub(crate) fn read_row(object: &Object, out: &mut Out) -> bool {
    if !(object.has_all(&["Name", "NameTarget"]) || object.has_all(&["Name", "QueryType", "TTL"])) {
        return false;
    }
    let name = object.get("Name").and_then(host_name);
    let last = out.facts.last_mut().filter(|last| last.kind == Kind::Nslookup);
    if let Some(Fact::Dns(fact)) = last.map(|last| &mut last.fact.value)
        && fact.server.is_none()
        && fact.query.is_some()
        && fact.query == name
    {
        let mut answer =
            Answer { fact: (**fact).clone(), quotes: Vec::new(), asked: true, soa: false, other: false };
        answer.add(object);
        **fact = answer.fact;
        return true;
    }
    let mut answer = Answer::new((None, None));
    answer.add(object);
    answer.finish(object.place.clone(), out);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::testing::one;

    #[test]
    fn reads_the_table_and_the_additional_section() {
        let answer = one("PS C:\\> Resolve-DnsName -Type SRV _vlmcs._tcp.contoso.com\n\n\
             Name                                     Type   TTL   Section    NameTarget                     Priority Weight Port\n\
             ----                                     ----   ---   -------    ----------                     -------- ------ ----\n\
             _vlmcs._tcp.contoso.com                  SRV    3600  Answer     kms01.contoso.com              0        0      1688\n\n\
             Name       : kms01.contoso.com\nQueryType  : A\nTTL        : 3600\nSection    : Additional\nIP4Address : 192.0.2.5\n\n");
        assert_eq!(answer.result, Some(DnsResult::Found));
        assert_eq!((answer.records[0].port, answer.records[0].ttl), (Some(1688), Some(3600)));
        assert_eq!(answer.records[0].target.as_deref(), Some("kms01.contoso.com"));
        assert_eq!(answer.hosts[0].address.as_deref(), Some("192.0.2.5"));
    }

    #[test]
    fn a_start_of_authority_means_no_records() {
        let answer = one("PS C:\\> Resolve-DnsName _vlmcs._tcp.contoso.com -Type SRV\n\n\
             Name                        Type TTL   Section    PrimaryServer               NameAdministrator           SerialNumber\n\
             ----                        ---- ---   -------    -------------               -----------------           ------------\n\
             contoso.com                 SOA  3600  Authority  dc1.contoso.com             hostmaster.contoso.com      42\n");
        assert_eq!(answer.result, Some(DnsResult::NoRecords));
        assert_eq!(answer.query.as_deref(), Some("_vlmcs._tcp.contoso.com"));
    }

    #[test]
    fn reads_errors_by_their_identifier_in_any_language() {
        let error = |words: &str, identifier: &str| {
            format!(
                "Resolve-DnsName : _vlmcs._tcp.contoso.com : {words}\nIn Zeile:1 Zeichen:1\n+ Resolve-DnsName -Type SRV _vlmcs._tcp.contoso.com\n\
                 + ~~~~~~~~\n    + CategoryInfo          : ResourceUnavailable: (_vlmcs._tcp.contoso.com:String) [Resolve-DnsName], Win32Exception\n\
                 \x20   + FullyQualifiedErrorId : {identifier},Microsoft.DnsClient.Commands.ResolveDnsName\n\n"
            )
        };
        for (words, identifier, expected) in [
            ("Der DNS-Name ist nicht vorhanden", "DNS_ERROR_RCODE_NAME_ERROR", DnsResult::Nxdomain),
            ("DNS 名が存在しません", "DNS_ERROR_RCODE_NAME_ERROR", DnsResult::Nxdomain),
            (
                "This operation returned because the timeout period expired",
                "ERROR_TIMEOUT",
                DnsResult::Timeout,
            ),
            ("Aucun enregistrement", "DNS_INFO_NO_RECORDS", DnsResult::NoRecords),
            ("DNS operation refused", "DNS_ERROR_RCODE_REFUSED", DnsResult::Refused),
        ] {
            let answer = one(&error(words, identifier));
            assert_eq!(answer.result, Some(expected), "{words}");
            assert_eq!(answer.query.as_deref(), Some("_vlmcs._tcp.contoso.com"));
        }
        let answer = one("Resolve-DnsName: _vlmcs._tcp.contoso.com : DNS name does not exist.\n");
        assert_eq!(answer.result, Some(DnsResult::Nxdomain));
    }

    #[test]
    fn reads_json_and_csv() {
        let answer = one(
            r#"[{"Name":"_vlmcs._tcp.contoso.com","QueryType":33,"TTL":3600,"Section":1,"NameTarget":"kms01.contoso.com","Priority":0,"Weight":0,"Port":1688},
                {"Name":"kms01.contoso.com","QueryType":1,"TTL":3600,"Section":3,"IPAddress":"192.0.2.5"}]"#,
        );
        assert_eq!((answer.records.len(), answer.hosts.len()), (1, 1));
        let answer = one(
            "\"Name\",\"Type\",\"TTL\",\"Section\",\"NameTarget\",\"Priority\",\"Weight\",\"Port\"\n\
             \"_vlmcs._tcp.contoso.com\",\"SRV\",\"3600\",\"Answer\",\"kms01.contoso.com\",\"0\",\"0\",\"1688\"\n\
             \"_vlmcs._tcp.contoso.com\",\"SRV\",\"3600\",\"Answer\",\"kms02.contoso.com\",\"0\",\"0\",\"1688\"\n",
        );
        assert_eq!(answer.records.len(), 2);
    }
}
