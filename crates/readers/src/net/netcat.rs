//! nc, ncat and nmap.

use model::network::ConnectOutcome;

use super::connect_words;
use super::connection::{asked, ended, push, test_by};
use super::psping::endpoint;
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Reads one line of nc or ncat, or a port line of nmap.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    let found = openbsd(text, at).or_else(|| traditional(text, at)).or_else(|| ncat(text, at));
    if let Some(fact) = found {
        push(text, at, fact, out);
        return Some(at + 1);
    }
    nmap(text, at, out)
}

/// `Connection to kms01 1688 port [tcp/*] succeeded!`, `nc: connect to kms01 port 1688 (tcp) failed: Connection refused`
fn openbsd(text: &Text<'_>, at: usize) -> Option<model::network::ConnectionTest> {
    let body = text.at(at);
    if let Some(rest) = body.strip_prefix("Connection to ") {
        let mut words = rest.split_whitespace();
        let host = words.next()?;
        let mut word = words.next()?;
        let mut found = None;
        if word.starts_with('(') {
            found = address(word);
            word = words.next()?;
        }
        let port = word.parse().ok()?;
        if !rest.contains("succeeded") {
            return None;
        }
        let mut fact = test_by("nc", host_name(host), Some(port));
        fact.address = found.or(fact.address);
        return Some(ended(fact, ConnectOutcome::Open));
    }
    let rest = body.strip_prefix("nc: ")?;
    if let Some(rest) = rest.strip_prefix("connect to ") {
        let mut words = rest.split_whitespace();
        let host = words.next().and_then(|word| address(word).or_else(|| host_name(word)));
        let port = rest.split(" port ").nth(1)?.split_whitespace().next()?.parse().ok();
        let found = rest.split_whitespace().nth(1).filter(|word| word.starts_with('(')).and_then(address);
        let mut fact = test_by("nc", host, port);
        fact.address = found.or(fact.address);
        return Some(failed(fact, rest));
    }
    let (host, port) = asked(text, at, &["nc", "netcat"]).unwrap_or_default();
    connect_words::outcome(rest).map(|_| failed(test_by("nc", host, port), rest))
}

/// `(UNKNOWN) [192.0.2.5] 1688 (?) : Connection refused`, `kms01 [192.0.2.5] 1688 (?) open`
fn traditional(text: &Text<'_>, at: usize) -> Option<model::network::ConnectionTest> {
    let body = text.at(at);
    let mut words = body.split_whitespace();
    let name = words.next()?;
    let found = words.next().filter(|word| word.starts_with('[') && word.ends_with(']')).and_then(address)?;
    let port = words.next()?.parse().ok()?;
    let name = host_name(name).unwrap_or_else(|| found.clone());
    let mut fact = test_by("nc", Some(name), Some(port));
    fact.address = Some(found);
    if body.ends_with(" open") {
        return Some(ended(fact, ConnectOutcome::Open));
    }
    let (_, reason) = body.rsplit_once(" : ")?;
    Some(failed(fact, reason))
}

fn ncat(text: &Text<'_>, at: usize) -> Option<model::network::ConnectionTest> {
    let rest = text.at(at).strip_prefix("Ncat: ")?;
    let (host, port) = asked(text, at, &["ncat", "nc"]).unwrap_or_default();
    if let Some((found, port)) =
        rest.strip_prefix("Connected to ").and_then(|rest| endpoint(rest.trim_end_matches('.')))
    {
        let mut fact = test_by("ncat", host.or(Some(found.clone())), Some(port));
        fact.address = address(&found);
        return Some(ended(fact, ConnectOutcome::Open));
    }
    connect_words::outcome(rest).map(|_| failed(test_by("ncat", host, port), rest))
}

fn failed(mut fact: model::network::ConnectionTest, reason: &str) -> model::network::ConnectionTest {
    fact.error_text = Some(reason.to_owned());
    ended(fact, connect_words::outcome(reason).unwrap_or(ConnectOutcome::Failed))
}

/// `Nmap scan report for kms01 (192.0.2.5)` with `1688/tcp open  nsjtp-data` some lines below.
fn nmap(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    const LINES_MAX: usize = 1200;
    let body = text.at(at);
    let own = body.starts_with("Nmap scan report for ")
        || body.starts_with("Starting Nmap ")
        || port_line(body).is_some();
    if !own {
        return None;
    }
    let (mut target, mut found) = (None, None);
    let mut end = at;
    for index in at..text.len().min(at + LINES_MAX) {
        let body = text.at(index);
        if text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        if let Some(rest) = body.strip_prefix("Nmap scan report for ") {
            let mut words = rest.split_whitespace();
            target = words.next().and_then(|word| address(word).or_else(|| host_name(word)));
            found = words.next().and_then(address).or_else(|| target.as_deref().and_then(address));
        } else if let Some((port, outcome)) = port_line(body) {
            let mut fact = test_by("nmap", target.clone(), Some(port));
            fact.address = found.clone();
            push(text, index, ended(fact, outcome), out);
        } else if !is_nmap_text(body) {
            break;
        }
        if !body.is_empty() {
            end = index + 1;
        }
    }
    Some(end.max(at + 1))
}

/// `1688/tcp filtered nsjtp-data`
fn port_line(body: &str) -> Option<(u16, ConnectOutcome)> {
    let mut words = body.split_whitespace();
    let port = words.next()?.strip_suffix("/tcp")?.parse().ok()?;
    let outcome = match words.next()? {
        "open" => ConnectOutcome::Open,
        "closed" => ConnectOutcome::Refused,
        "filtered" | "open|filtered" | "closed|filtered" => ConnectOutcome::Filtered,
        _ => return None,
    };
    Some((port, outcome))
}

fn is_nmap_text(body: &str) -> bool {
    const STARTS: [&str; 12] = [
        "Starting Nmap",
        "Host is up",
        "Host seems down",
        "Note: Host seems down",
        "PORT",
        "Nmap done",
        "Not shown",
        "rDNS record",
        "Other addresses",
        "MAC Address",
        "Service detection",
        "|",
    ];
    body.is_empty() || STARTS.iter().any(|start| body.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::connection::read_all;
    use super::*;

    #[test]
    fn reads_one_line_tools() {
        for (text, target, outcome) in [
            ("Connection to kms01 1688 port [tcp/*] succeeded!\n", "kms01", ConnectOutcome::Open),
            ("Connection to kms01 (192.0.2.5) 1688 port [tcp/*] succeeded!\n", "kms01", ConnectOutcome::Open),
            (
                "nc: connect to kms01 port 1688 (tcp) failed: Connection refused\n",
                "kms01",
                ConnectOutcome::Refused,
            ),
            (
                "nc: connect to 192.0.2.5 port 1688 (tcp) timed out: Operation now in progress\n",
                "192.0.2.5",
                ConnectOutcome::Timeout,
            ),
            (
                "$ nc -zv kms09 1688\nnc: getaddrinfo for host \"kms09\" port 1688: Name or service not known\n",
                "kms09",
                ConnectOutcome::NameNotFound,
            ),
            ("(UNKNOWN) [192.0.2.5] 1688 (?) : Connection refused\n", "192.0.2.5", ConnectOutcome::Refused),
            ("kms01 [192.0.2.5] 1688 (?) open\n", "kms01", ConnectOutcome::Open),
            ("Ncat: Connected to 192.0.2.5:1688.\n", "192.0.2.5", ConnectOutcome::Open),
            ("$ ncat -z kms01 1688\nNcat: Connection timed out.\n", "kms01", ConnectOutcome::Timeout),
        ] {
            let all = read_all(text);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!((all[0].target.as_deref(), all[0].outcome), (Some(target), Some(outcome)), "{text}");
        }
    }

    #[test]
    fn reads_nmap() {
        for (state, outcome) in [
            ("open", ConnectOutcome::Open),
            ("closed", ConnectOutcome::Refused),
            ("filtered", ConnectOutcome::Filtered),
        ] {
            let all = read_all(&format!(
                "Starting Nmap 7.94 ( https://nmap.org ) at 2025-02-11 15:00 CET\nNmap scan report for kms01.contoso.com (192.0.2.5)\nHost is up (0.00040s latency).\n\nPORT     STATE    SERVICE\n1688/tcp {state} nsjtp-data\n\nNmap done: 1 IP address (1 host up) scanned in 0.21 seconds\n"
            ));
            assert_eq!(all.len(), 1);
            assert_eq!((all[0].outcome, all[0].address.as_deref()), (Some(outcome), Some("192.0.2.5")));
        }
    }
}
