//! Dynamic updates: nsupdate scripts and answers, named.conf's zones, and what named logs about refused updates.

use model::{DnsAnswer, DnsResult, Fact, Kind};

use super::names::host_name;
use super::record;
use crate::net::quotes::Quotes;
use crate::out::Out;
use crate::text::Text;

/// Reads a script, an answer, a zone statement or a log line.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    named_conf(text, at, out).or_else(|| log_line(text, at, out)).or_else(|| nsupdate(text, at, out))
}

/// `update failed: REFUSED`
fn failure(body: &str) -> Option<DnsResult> {
    let rest = body.split_once("update failed: ").map(|(_, rest)| rest.trim())?;
    Some(match rest.split_whitespace().next().unwrap_or_default().split('(').next().unwrap_or_default() {
        "REFUSED" => DnsResult::Refused,
        "SERVFAIL" => DnsResult::Servfail,
        "NXDOMAIN" => DnsResult::Nxdomain,
        _ => DnsResult::Error,
    })
}

fn tsig_error(body: &str) -> bool {
    body.contains("tsig verify failure")
        || body.contains("TSIG error with server")
        || body.contains("(BADKEY)")
        || body.contains("(BADSIG)")
}

fn nsupdate(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let body = text.at(at);
    let begins = is_statement(body) && (body.starts_with("update ") || has_update_below(text, at))
        || failure(body).is_some()
        || tsig_error(body);
    if !begins {
        return None;
    }
    let mut fact = DnsAnswer::default();
    let mut quotes = Quotes::new(text);
    let mut index = at;
    let mut end = at + 1;
    while index < text.len() {
        let body = text.at(index);
        if text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        if let Some(result) = failure(body) {
            fact.result = Some(result);
            quotes.add("result", index);
        } else if tsig_error(body) {
            fact.result.get_or_insert(DnsResult::Error);
            quotes.add("result", index);
        } else if is_statement(body) {
            statement(&mut fact, body, index, &mut quotes);
        } else if !body.is_empty() {
            break;
        }
        if !body.is_empty() {
            end = index + 1;
        }
        index += 1;
    }
    out.push(Kind::DnsServer, Fact::Dns(Box::new(fact)), text.place(at), quotes.take());
    Some(end)
}

fn is_statement(body: &str) -> bool {
    const STATEMENTS: [&str; 11] = [
        "server ", "zone ", "update ", "key ", "local ", "prereq ", "gsstsig", "realm ", "class ", "debug",
        "ttl ",
    ];
    let plain =
        !body.contains(['{', '}', '"', ':']) || body.starts_with("update ") || body.starts_with("server ");
    body == "send"
        || body == "answer"
        || body == "quit"
        || plain && STATEMENTS.iter().any(|start| body.starts_with(start))
}

/// `server` and `zone` begin many texts: only above an `update` line they are nsupdate's.
fn has_update_below(text: &Text<'_>, at: usize) -> bool {
    const LINES_MAX: usize = 8;
    (at..text.len().min(at + LINES_MAX))
        .take_while(|&i| text.is_blank(i) || is_statement(text.at(i)))
        .any(|i| text.at(i).starts_with("update "))
}

fn statement(fact: &mut DnsAnswer, body: &str, at: usize, quotes: &mut Quotes<'_, '_>) {
    let mut words = body.split_whitespace();
    match (words.next(), words.next()) {
        (Some("server"), Some(server)) => fact.server = host_name(server),
        (Some("zone"), Some(zone)) => fact.zone = host_name(zone),
        (Some("update"), Some("add")) => {
            let rest = body.split_whitespace().skip(2).collect::<Vec<_>>().join(" ");
            if let Some(field) = record::parse(&rest).and_then(|parsed| record::add(fact, &parsed, "")) {
                quotes.add(field, at);
            }
        }
        _ => {}
    }
}

/// `zone "contoso.com" { ... allow-update { ... }; };`
fn named_conf(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    const LINES_MAX: usize = 400;
    let body = text.at(at);
    let name = body.strip_prefix("zone ")?.trim().strip_prefix('"')?.split('"').next()?;
    let zone = if name == "." { ".".to_owned() } else { host_name(name)? };
    if !body.contains('{') && !text.at(at + 1).starts_with('{') {
        return None;
    }
    let (mut depth, mut opened) = (0i32, false);
    let mut statement = String::new();
    let mut end = at;
    for index in at..text.len().min(at + LINES_MAX) {
        let line = text.at(index).split("//").next().unwrap_or_default();
        let line = line.split('#').next().unwrap_or_default();
        statement.push_str(line);
        statement.push(' ');
        depth += count(line, '{') - count(line, '}');
        opened |= line.contains('{');
        end = index + 1;
        if opened && depth <= 0 {
            break;
        }
    }
    let mut quotes = Quotes::new(text);
    quotes.add("zone", at);
    let fact = DnsAnswer { zone: Some(zone.clone()), ..DnsAnswer::default() };
    out.push(Kind::Zone, Fact::Dns(Box::new(fact)), text.place(at), quotes.take());
    for keyword in ["allow-update", "update-policy"] {
        if let Some(policy) = policy(&statement, keyword) {
            let args = vec![("zone", zone.clone()), ("policy", format!("{keyword} {policy}"))];
            out.note("note-named-conf-update", args, text.place(at));
        }
    }
    Some(end)
}

fn count(line: &str, wanted: char) -> i32 {
    i32::try_from(line.matches(wanted).count()).unwrap_or(i32::MAX / 1000)
}

/// What stands behind the keyword: a block, or one word.
fn policy(statement: &str, keyword: &str) -> Option<String> {
    const POLICY_LENGTH_MAX: usize = 200;
    let at = statement.find(keyword)?;
    let rest = statement[at + keyword.len()..].trim_start();
    let end = if rest.starts_with('{') { rest.find('}').map(|at| at + 1) } else { rest.find(';') };
    let shown: String = rest[..end?].split_whitespace().collect::<Vec<_>>().join(" ");
    Some(shown.chars().take(POLICY_LENGTH_MAX).collect())
}

/// `client 192.0.2.5#49152: update 'contoso.com/IN' denied`, `updating zone 'contoso.com/IN': update failed: not authoritative`
fn log_line(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let body = text.at(at);
    let (_, rest) = body.split_once("update '").or_else(|| body.split_once("updating zone '"))?;
    let (zone, rest) = rest.split_once('\'')?;
    let denied = rest.trim_start().starts_with("denied");
    if !(denied || rest.contains("update failed") || rest.contains("update unsuccessful")) {
        return None;
    }
    let zone = host_name(zone.split('/').next()?)?;
    let result = if denied || rest.contains("REFUSED") { DnsResult::Refused } else { DnsResult::Error };
    let fact = DnsAnswer { zone: Some(zone), result: Some(result), ..DnsAnswer::default() };
    let mut quotes = Quotes::new(text);
    quotes.add("zone", at);
    quotes.add("result", at);
    out.push(Kind::DnsServer, Fact::Dns(Box::new(fact)), text.place(at), quotes.take());
    Some(at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn one(text: &str) -> (DnsAnswer, Vec<model::Note>) {
        let file = read_bytes("u.txt", text.as_bytes(), &Limits::default());
        let mut all: Vec<DnsAnswer> = file
            .facts
            .into_iter()
            .filter_map(|e| if let Fact::Dns(a) = e.fact.value { Some(*a) } else { None })
            .collect();
        assert_eq!(all.len(), 1, "{text}\n{all:#?}");
        (all.remove(0), file.notes)
    }

    #[test]
    fn reads_scripts_and_their_answers() {
        for (answer, expected) in [
            ("update failed: REFUSED", DnsResult::Refused),
            ("update failed: NOTAUTH(BADKEY)", DnsResult::Error),
            ("; TSIG error with server: tsig verify failure", DnsResult::Error),
            ("update failed: NOTZONE", DnsResult::Error),
        ] {
            let (fact, _) = one(&format!(
                "server 192.0.2.10\nzone contoso.com\nupdate add _vlmcs._tcp.contoso.com. 3600 SRV 0 0 1688 kms01.contoso.com.\nsend\n{answer}\n"
            ));
            assert_eq!(fact.result, Some(expected), "{answer}");
            assert_eq!(fact.zone.as_deref(), Some("contoso.com"));
            assert_eq!(fact.records[0].target.as_deref(), Some("kms01.contoso.com"));
        }
    }

    #[test]
    fn keeps_the_update_policy_of_a_zone_as_a_note() {
        let (fact, notes) = one(
            "zone \"contoso.com\" {\n    type master;\n    file \"contoso.com.db\";\n    allow-update { none; };\n};\n",
        );
        assert_eq!(fact.zone.as_deref(), Some("contoso.com"));
        assert_eq!(notes[0].key, "note-named-conf-update");
        assert_eq!(notes[0].args[1].1, "allow-update { none; }");
    }

    #[test]
    fn reads_refused_updates_in_the_log() {
        let (fact, _) = one(
            "11-Feb-2025 15:00:00.123 update-security: error: client @0x7f 192.0.2.5#49152: update 'contoso.com/IN' denied\n",
        );
        assert_eq!((fact.zone.as_deref(), fact.result), (Some("contoso.com"), Some(DnsResult::Refused)));
    }
}
