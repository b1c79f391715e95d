//! The DnsServer module: Get-DnsServerResourceRecord, Add-DnsServerResourceRecord, Get-DnsServerZone.

use model::{DnsAnswer, DnsResult, Fact, HostAddress, Kind, Place, Quote, SrvRecord};

use super::names::{absolute, address, host_name, ttl_seconds};
use super::record::target_of;
use crate::documents::{Object, list, table};
use crate::net::quotes::Quotes;
use crate::out::Out;
use crate::text::{Text, is_placeholder};

/// Columns by which a CSV export is known.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[
    &["HostName", "RecordType", "RecordData"],
    &["HostName", "RecordType", "TimeToLive"],
    &["ZoneName", "ZoneType"],
];

/// Reads a listing or a command that adds a record.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    read_added(text, at, out).or_else(|| read_listing(text, at, out))
}

fn is_record(object: &Object) -> bool {
    let data = |name: &str| name.starts_with("RecordData") || name.starts_with("TimeToLive");
    object.has_all(&["HostName", "RecordType"]) && object.fields.iter().any(|field| data(&field.name))
}

fn read_listing(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    objects_at(text, at)?;
    let mut answer = DnsAnswer { zone: zone_above(text, at), ..DnsAnswer::default() };
    let mut quotes = Vec::new();
    let mut index = at;
    let mut end = None;
    while index < text.len() {
        let Some((objects, next)) = objects_at(text, index) else { break };
        for object in &objects {
            add(&mut answer, object, &mut quotes);
        }
        end = Some(next);
        index = text.skip_blank(next);
    }
    let end = end?;
    finish(answer, quotes, text.place(at), out);
    Some(end)
}

/// The rows of a table or the one object of a list, if they are records.
fn objects_at(text: &Text<'_>, at: usize) -> Option<(Vec<Object>, usize)> {
    let rows = table::read_rows(text, at).filter(|(rows, _)| rows.first().is_some_and(is_record));
    rows.or_else(|| {
        let (object, next) = list::read_object(text, at)?;
        is_record(&object).then(|| (vec![object], next))
    })
}

fn finish(mut answer: DnsAnswer, quotes: Vec<Quote>, place: Place, out: &mut Out) {
    let any = !answer.records.is_empty() || !answer.hosts.is_empty() || !answer.aliases.is_empty();
    answer.result = Some(if any { DnsResult::Found } else { DnsResult::NoRecords });
    out.push(Kind::DnsServer, Fact::Dns(Box::new(answer)), place, quotes);
}

/// The zone that the command above names.
fn zone_above(text: &Text<'_>, at: usize) -> Option<String> {
    let command =
        text.command_above(at).filter(|command| command.line.to_lowercase().contains("dnsserver"))?;
    option(&command.line, "zonename").and_then(|zone| host_name(&zone))
}

/// The value of `-Name value`; names may be shortened.
fn option(line: &str, name: &str) -> Option<String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let at = words.iter().position(|word| {
        let option = word.strip_prefix('-').map(str::to_ascii_lowercase).unwrap_or_default();
        !option.is_empty() && option.len() >= 2 && name.starts_with(&option)
    })?;
    words.get(at + 1).map(|word| word.trim_matches(['"', '\'']).to_owned())
}

/// Takes one record object into the answer.
fn add(answer: &mut DnsAnswer, object: &Object, quotes: &mut Vec<Quote>) {
    let zone = answer.zone.clone().unwrap_or_default();
    let Some(name) = object.get("HostName") else { return };
    let owner = absolute(name, &zone);
    match object.get("RecordType").unwrap_or_default().to_ascii_uppercase().as_str() {
        "SRV" | "33" => {
            for column in ["HostName", "RecordData", "RecordData.DomainName", "Timestamp"] {
                quotes.extend(object.quote(column, "records"));
            }
            let mut srv = srv_data(object);
            srv.owner = Some(owner);
            srv.ttl = object.first(&["TimeToLive", "TimeToLive.TotalSeconds"]).and_then(ttl_seconds);
            srv.dynamic = Some(has_stamp(object));
            answer.records.push(srv);
        }
        "A" | "AAAA" | "1" | "28" => {
            let data = object.first(&[
                "RecordData",
                "RecordData.IPv4Address",
                "RecordData.IPv6Address",
                "RecordData.IPv4Address.IPAddressToString",
            ]);
            if let Some(found) = data.and_then(address) {
                quotes.extend(object.quote("RecordData", "hosts"));
                answer.hosts.push(HostAddress { name: Some(owner), address: Some(found) });
            }
        }
        "CNAME" | "5" => {
            let target = object.first(&["RecordData", "RecordData.HostNameAlias"]).and_then(host_name);
            quotes.extend(object.quote("RecordData", "aliases"));
            answer.aliases.push(HostAddress { name: Some(owner), address: target });
        }
        _ => {}
    }
}

/// A time stamp of 0, none, or an empty one marks a record that was created by hand.
fn has_stamp(object: &Object) -> bool {
    object.get("Timestamp").is_some_and(|stamp| stamp != "0" && stamp.chars().any(|c| c.is_ascii_digit()))
}

/// `[0][0][1688][kms01.contoso.com.]`, or the properties of the record's data.
fn srv_data(object: &Object) -> SrvRecord {
    let number = |name: &str| object.get(&format!("RecordData.{name}")).and_then(|value| value.parse().ok());
    let mut srv = SrvRecord {
        priority: number("Priority"),
        weight: number("Weight"),
        port: number("Port"),
        target: object.get("RecordData.DomainName").and_then(target_of),
        ..SrvRecord::default()
    };
    let data = object.get("RecordData").unwrap_or_default();
    let parts: Vec<&str> = data.split(['[', ']']).filter(|part| !part.trim().is_empty()).collect();
    if let [priority, weight, port, rest @ ..] = parts.as_slice() {
        srv.priority = priority.parse().ok();
        srv.weight = weight.parse().ok();
        srv.port = port.parse().ok();
        // A narrow console cuts the name and shows dots.
        srv.target = rest.first().filter(|name| !name.ends_with("...")).and_then(|name| target_of(name));
    }
    srv
}

/// Reads a CSV row or a JSON object; rows of one file become one answer.
pub(crate) fn read_row(object: &Object, out: &mut Out) -> bool {
    if object.has_all(&["ZoneName", "ZoneType"]) {
        let zone = object.get("ZoneName").map(|zone| zone.trim_end_matches('.').to_owned());
        let fact = DnsAnswer { zone, ..DnsAnswer::default() };
        let quotes = object.quote("ZoneName", "zone").into_iter().collect();
        out.push(Kind::DnsServer, Fact::Dns(Box::new(fact)), object.place.clone(), quotes);
        return true;
    }
    if !is_record(object) {
        return false;
    }
    let last = out.facts.last_mut().filter(|last| last.kind == Kind::DnsServer);
    if let Some(evidence) = last
        && let Fact::Dns(answer) = &mut evidence.fact.value
        && answer.server.is_none()
        && answer.query.is_none()
        && answer.zone.is_none()
    {
        add(answer, object, &mut evidence.fact.quotes);
        answer.result = Some(DnsResult::Found);
        return true;
    }
    let (mut answer, mut quotes) = (DnsAnswer::default(), Vec::new());
    add(&mut answer, object, &mut quotes);
    finish(answer, quotes, object.place.clone(), out);
    true
}

/// `Add-DnsServerResourceRecord -Srv -Name _vlmcs._tcp -ZoneName contoso.com -DomainName kms01.contoso.com -Priority 0 ...`
fn read_added(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    let words = line.command.as_ref().map_or(line.text.to_string(), |command| command.line.clone());
    let lower = words.to_ascii_lowercase();
    if !lower.starts_with("add-dnsserverresourcerecord") || !lower.contains(" -srv") {
        return None;
    }
    let zone = option(&words, "zonename").and_then(|zone| host_name(&zone));
    let owner = option(&words, "name").map(|name| absolute(&name, zone.as_deref().unwrap_or_default()));
    let number = |name: &str| option(&words, name).and_then(|value| value.parse().ok());
    let target = option(&words, "domainname");
    let mut fact = DnsAnswer { zone, server: option(&words, "computername"), ..DnsAnswer::default() };
    if target.as_deref().is_some_and(is_placeholder) {
        fact.redacted.push("target".to_owned());
    }
    fact.records.push(SrvRecord {
        owner,
        priority: number("priority"),
        weight: number("weight"),
        port: number("port"),
        target: target.and_then(|target| target_of(&target)),
        ttl: option(&words, "timetolive").and_then(|ttl| ttl_seconds(&ttl)),
        dynamic: None,
    });
    let mut quotes = Quotes::new(text);
    quotes.add("records", at);
    out.push(Kind::DnsServer, Fact::Dns(Box::new(fact)), text.place(at), quotes.take());
    Some(at + 1)
}

#[cfg(test)]
mod tests {
    use crate::dns::testing::one;

    #[test]
    fn reads_the_table() {
        let answer = one("PS C:\\> Get-DnsServerResourceRecord -ZoneName contoso.com -RRType Srv\n\n\
             HostName                  RecordType Type       Timestamp            TimeToLive      RecordData\n\
             --------                  ---------- ----       ---------            ----------      ----------\n\
             _vlmcs._tcp               SRV        33         0                    01:00:00        [0][0][1688][kms01.contoso.com.]\n\
             _vlmcs._tcp               SRV        33         2/11/2025 3:00:00 PM 01:00:00        [0][0][1688][kms02.contoso.com.]\n\n");
        assert_eq!(answer.records.len(), 2);
        assert_eq!(answer.records[0].owner.as_deref(), Some("_vlmcs._tcp.contoso.com"));
        assert_eq!((answer.records[0].dynamic, answer.records[1].dynamic), (Some(false), Some(true)));
        assert_eq!(answer.records[1].target.as_deref(), Some("kms02.contoso.com"));
        assert_eq!(answer.records[0].ttl, Some(3600));
    }

    #[test]
    fn reads_json_csv_and_added_records() {
        let answer = one(
            r#"[{"HostName":"_vlmcs._tcp","RecordType":"SRV","Timestamp":null,"TimeToLive":{"TotalSeconds":3600},"RecordData":{"DomainName":"kms01.contoso.com.","Port":1688,"Priority":0,"Weight":0}}]"#,
        );
        assert_eq!((answer.records[0].port, answer.records[0].dynamic), (Some(1688), Some(false)));
        let answer = one(
            "\"HostName\",\"RecordType\",\"Timestamp\",\"TimeToLive\",\"RecordData\"\n\"_vlmcs._tcp\",\"SRV\",\"\",\"01:00:00\",\"[0][0][1688][kms01.contoso.com.]\"\n\"_vlmcs._tcp\",\"SRV\",\"\",\"01:00:00\",\"[0][0][1688][kms02.contoso.com.]\"\n",
        );
        assert_eq!(answer.records.len(), 2);
        let answer = one(
            "Add-DnsServerResourceRecord -Srv -Name \"_vlmcs._tcp\" -ZoneName contoso.com -DomainName 192.0.2.5 -Priority 0 -Weight 0 -Port 1688\n",
        );
        assert_eq!(answer.records[0].target.as_deref(), Some("192.0.2.5"));
    }
}
