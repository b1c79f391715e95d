//! What the connection tests have in common: who was asked, and how the fact is handed over.

use model::network::{ConnectOutcome, ConnectionTest};
use model::{Fact, Kind};

use super::psping::endpoint;
use super::quotes::Quotes;
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// A test by a tool, of a name or address.
pub(super) fn test_by(tool: &str, target: Option<String>, port: Option<u16>) -> ConnectionTest {
    let found = target.as_deref().and_then(address);
    ConnectionTest { tool: Some(tool.to_owned()), target, address: found, port, ..ConnectionTest::default() }
}

/// Sets how it ended.
pub(super) fn ended(mut fact: ConnectionTest, outcome: ConnectOutcome) -> ConnectionTest {
    fact.succeeded = Some(outcome == ConnectOutcome::Open);
    fact.outcome = Some(outcome);
    fact
}

/// Hands the fact over; its fields are quoted from one line.
pub(super) fn push(text: &Text<'_>, at: usize, fact: ConnectionTest, out: &mut Out) {
    let mut quotes = Quotes::new(text);
    for (field, present) in [
        ("target", fact.target.is_some()),
        ("address", fact.address.is_some()),
        ("port", fact.port.is_some()),
        ("succeeded", fact.succeeded.is_some()),
        ("outcome", fact.outcome.is_some()),
        ("service", fact.service.is_some()),
        ("error_text", fact.error_text.is_some()),
    ] {
        if present {
            quotes.add(field, at);
        }
    }
    out.push(Kind::ConnectionTest, Fact::Connection(Box::new(fact)), text.place(at), quotes.take());
}

/// Host and port of the command above a line, when it is one of these programs.
pub(super) fn asked(text: &Text<'_>, at: usize, programs: &[&str]) -> Option<(Option<String>, Option<u16>)> {
    let command = text.command_above(at)?;
    let program = command.program();
    let program = program.rsplit('/').next().unwrap_or_default();
    programs.contains(&program).then(|| host_and_port(&command.line))
}

/// The first host of a command and the port behind it, as in `nc -zv -w 3 kms01 1688` or `telnet kms01 1688`.
pub(super) fn host_and_port(line: &str) -> (Option<String>, Option<u16>) {
    let mut host = None;
    let mut option_value = false;
    for word in line.split_whitespace().skip(1).take_while(|word| !matches!(*word, "|" | ">" | "&&" | ";")) {
        let word = word.trim_matches(['"', '\'']);
        if word.starts_with(['-', '/']) {
            option_value = word == "-w" || word == "-i" || word == "-t" || word == "-n";
            continue;
        }
        let number = word.parse::<u16>().ok();
        if let (Some(_), Some(port)) = (&host, number) {
            return (host, Some(port));
        }
        if std::mem::take(&mut option_value) && number.is_some() || number.is_some() {
            continue;
        }
        let word = word.rsplit("//").next().unwrap_or(word).trim_end_matches('/');
        if let Some((name, port)) = endpoint(word) {
            return (Some(name), Some(port));
        }
        if host.is_none() {
            host = address(word).or_else(|| host_name(word));
        }
    }
    (host, None)
}

#[cfg(test)]
pub(super) fn read_all(text: &str) -> Vec<ConnectionTest> {
    let file = crate::read_bytes("c.txt", text.as_bytes(), &crate::Limits::default());
    let connections = file
        .facts
        .into_iter()
        .filter_map(|e| if let Fact::Connection(c) = e.fact.value { Some(*c) } else { None });
    connections.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_host_and_port_of_commands() {
        for (line, host, port) in [
            ("nc -zv -w 3 kms01 1688", "kms01", Some(1688)),
            ("telnet 192.0.2.5 1688", "192.0.2.5", Some(1688)),
            ("curl -v telnet://kms01.contoso.com:1688", "kms01.contoso.com", Some(1688)),
            ("openssl s_client -connect kms01:1688", "kms01", Some(1688)),
            ("nmap -p 1688 kms01", "kms01", None),
        ] {
            let line = line.replacen("openssl s_client", "openssl", 1);
            assert_eq!(host_and_port(&line), (Some(host.to_owned()), port), "{line}");
        }
    }
}
