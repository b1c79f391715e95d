//! curl -v and openssl s_client against a port.

use model::network::{ConnectOutcome, Service};

use super::connect_words;
use super::connection::{asked, ended, push, test_by};
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Where instance metadata is served on Azure.
const METADATA_ADDRESS: &str = "169.254.169.254";

/// Reads one run.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    read_curl(text, at, out).or_else(|| read_openssl(text, at, out))
}

/// The words of a line behind curl's star.
fn told(body: &str) -> Option<&str> {
    body.strip_prefix('*').map(str::trim)
}

fn begins_curl(body: &str) -> bool {
    let star = told(body).is_some_and(|rest| {
        rest.starts_with("Trying ")
            || rest.starts_with("Connected to ")
            || rest.starts_with("connect to ")
            || rest.starts_with("Could not resolve host")
            || rest.starts_with("Host ") && rest.ends_with("was resolved.")
    });
    star || is_curl_error(body)
}

/// `curl: (7) Failed to connect to kms01 port 1688: Connection refused`
fn is_curl_error(body: &str) -> bool {
    body.starts_with("curl: (")
}

fn read_curl(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    // What curl says about instance metadata is read as such elsewhere.
    if !begins_curl(text.at(at)) || text.at(at).contains(METADATA_ADDRESS) {
        return None;
    }
    let (target, port) = asked(text, at, &["curl"]).unwrap_or_default();
    let mut fact = test_by("curl", target, port);
    let mut outcome = None;
    let mut proof = at;
    let mut index = at;
    while index < text.len() {
        let body = text.at(index);
        if text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        if let Some(rest) = told(body) {
            if let Some((name, rest)) =
                rest.strip_prefix("Connected to ").and_then(|rest| rest.split_once(" ("))
            {
                fact.target = fact.target.or_else(|| host_name(name));
                fact.address = rest.split(')').next().and_then(address).or(fact.address);
                fact.port = fact.port.or_else(|| port_in(rest));
                outcome = Some(ConnectOutcome::Open);
                proof = index;
            } else if let (Some(ended), None) = (connect_words::outcome(rest), outcome) {
                outcome = Some(ended);
                proof = index;
            }
        } else if is_curl_error(body) {
            outcome = curl_error(body, outcome).or(outcome);
            fact.port = fact.port.or_else(|| port_in(body));
            fact.target = fact.target.or_else(|| failed_host(body));
            fact.error_text = Some(body.to_owned());
            proof = index;
            index += 1;
            break;
        } else if body.starts_with("< HTTP/") || body.starts_with("HTTP/") {
            fact.service = Some(Service::OtherProtocol);
        } else if !(body.is_empty()
            || body.starts_with(['<', '{', '}', '[', '%', '0', '-'])
            || is_sent(text, index))
        {
            break;
        }
        index += 1;
    }
    push(text, proof, ended(fact, outcome.unwrap_or(ConnectOutcome::Failed)), out);
    Some(index.max(at + 1))
}

/// A line of the request; the mark in front of it is taken off like that of a quotation.
fn is_sent(text: &Text<'_>, at: usize) -> bool {
    text.original_from(at).trim_start().starts_with('>')
}

/// The number in brackets tells how it ended, whatever the words.
fn curl_error(body: &str, before: Option<ConnectOutcome>) -> Option<ConnectOutcome> {
    let number = body.strip_prefix("curl: (")?.split(')').next()?;
    match number {
        "6" => Some(ConnectOutcome::NameNotFound),
        "7" => before
            .filter(|o| *o != ConnectOutcome::Open)
            .or_else(|| connect_words::outcome(body))
            .or(Some(ConnectOutcome::Failed)),
        "28" if before != Some(ConnectOutcome::Open) => Some(ConnectOutcome::Timeout),
        "35" | "55" | "56" if body.to_lowercase().contains("reset") => Some(ConnectOutcome::Reset),
        _ => before,
    }
}

fn port_in(text: &str) -> Option<u16> {
    let rest = text.split(" port ").nth(1)?;
    rest.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

fn failed_host(body: &str) -> Option<String> {
    let rest = body.split_once("connect to ").or_else(|| body.split_once("resolve host: "))?.1;
    rest.split_whitespace().next().and_then(host_name)
}

/// `CONNECTED(00000003)` of openssl s_client, or its errno.
fn read_openssl(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    const LINES_MAX: usize = 200;
    let first = text.at(at);
    let failed = first.contains("connect:errno=") || first.contains("BIO_connect:");
    if !(first.starts_with("CONNECTED(")
        || failed
        || first.starts_with("Connecting to ") && text.at(at + 1).starts_with("CONNECTED("))
    {
        return None;
    }
    let (target, port) = asked(text, at, &["openssl"]).unwrap_or_default();
    let mut fact = test_by("openssl", target, port);
    if failed {
        fact.error_text = Some(first.to_owned());
        let outcome = connect_words::outcome(first).unwrap_or(ConnectOutcome::Failed);
        push(text, at, ended(fact, outcome), out);
        return Some(at + 1);
    }
    let mut end = at + 1;
    for index in at + 1..text.len().min(at + LINES_MAX) {
        let body = text.at(index);
        if text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        if body.starts_with("-----BEGIN CERTIFICATE") || body.starts_with("Server certificate") {
            fact.service = Some(Service::OtherProtocol);
        }
        if !body.is_empty() {
            end = index + 1;
        }
    }
    push(text, at, ended(fact, ConnectOutcome::Open), out);
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::super::connection::read_all;
    use super::*;

    #[test]
    fn reads_curl() {
        for (text, outcome) in [
            (
                "$ curl -v telnet://kms01:1688\n*   Trying 192.0.2.5:1688...\n* Connected to kms01 (192.0.2.5) port 1688 (#0)\n",
                ConnectOutcome::Open,
            ),
            (
                "*   Trying 192.0.2.5:1688...\n* connect to 192.0.2.5 port 1688 failed: Connection refused\n* Failed to connect to kms01 port 1688 after 21 ms: Connection refused\n* Closing connection 0\ncurl: (7) Failed to connect to kms01 port 1688 after 21 ms: Connection refused\n",
                ConnectOutcome::Refused,
            ),
            (
                "curl: (28) Failed to connect to kms01 port 1688 after 21013 ms: Timed out\n",
                ConnectOutcome::Timeout,
            ),
            ("curl: (6) Could not resolve host: kms01\n", ConnectOutcome::NameNotFound),
        ] {
            let all = read_all(text);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!((all[0].outcome, all[0].target.as_deref()), (Some(outcome), Some("kms01")), "{text}");
        }
    }

    #[test]
    fn something_else_on_the_port_is_told() {
        let all = read_all(
            "$ curl -v http://kms01:1688\n*   Trying 192.0.2.5:1688...\n* Connected to kms01 (192.0.2.5) port 1688 (#0)\n> GET / HTTP/1.1\n< HTTP/1.1 200 OK\n",
        );
        assert_eq!(all[0].service, Some(Service::OtherProtocol));
        let all = read_all(
            "$ openssl s_client -connect kms01:1688\nCONNECTED(00000003)\ndepth=0 CN = proxy\n---\nServer certificate\n-----BEGIN CERTIFICATE-----\n",
        );
        assert_eq!(
            (all[0].service, all[0].outcome),
            (Some(Service::OtherProtocol), Some(ConnectOutcome::Open))
        );
    }
}
