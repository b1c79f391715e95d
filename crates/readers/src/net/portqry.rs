//! PortQry.

use model::network::{ConnectOutcome, Service};

use super::connection::{asked, ended, push, test_by};
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Reads a query from its first words, or a line with a port's state alone.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    if line.command.is_some() {
        return None;
    }
    let begins = line.text.starts_with("Querying target system called") || state(&line.text).is_some();
    if !begins {
        return None;
    }
    let (mut target, mut found, mut failed) = (None, None, None);
    if let Some((asked, _)) = asked(text, at, &["portqry"]) {
        target = asked;
    }
    let mut end = at;
    let mut index = at;
    while index < text.len() {
        let Some(line) = text.line(index) else { break };
        if line.command.is_some() || index > at && line.text.starts_with("Querying target system called") {
            break;
        }
        let body: &str = &line.text;
        if let Some((port, outcome)) = state(body) {
            let mut fact = test_by("portqry", target.clone(), Some(port));
            fact.address = found.clone().or(fact.address);
            fact = ended(fact, outcome);
            if port != 135 && text.at(text.skip_blank(index + 1)).starts_with("Using ephemeral source port") {
                fact.service = mapper_answer(text, index);
            }
            push(text, index, fact, out);
        } else if let Some(resolved) = body.strip_prefix("Name resolved to ") {
            found = address(resolved);
        } else if body.starts_with("Failed to resolve") {
            failed = Some(index);
        } else if !body.contains(' ') && host_name(body).is_some() {
            target = target.or_else(|| address(body)).or_else(|| host_name(body));
        } else if !is_own(body) {
            break;
        }
        if !body.is_empty() {
            end = index + 1;
        }
        index += 1;
    }
    if let Some(line) = failed {
        push(text, line, ended(test_by("portqry", target, None), ConnectOutcome::NameNotFound), out);
    }
    Some(end.max(at + 1))
}

/// `TCP port 1688 (unknown service): NOT LISTENING`
fn state(body: &str) -> Option<(u16, ConnectOutcome)> {
    let rest = body.strip_prefix("TCP port ")?;
    let port: u16 = rest.split_whitespace().next()?.parse().ok()?;
    let (_, state) = rest.rsplit_once(':')?;
    let outcome = match state.trim() {
        "LISTENING" => ConnectOutcome::Open,
        "NOT LISTENING" => ConnectOutcome::Refused,
        "FILTERED" | "LISTENING or FILTERED" => ConnectOutcome::Filtered,
        _ => return None,
    };
    Some((port, outcome))
}

/// An endpoint mapper that answers on a port is an RPC server.
fn mapper_answer(text: &Text<'_>, at: usize) -> Option<Service> {
    const LINES_MAX: usize = 12;
    let answers = (at..text.len().min(at + LINES_MAX)).any(|i| text.at(i).starts_with("Server's response"));
    answers.then_some(Service::OtherRpc)
}

fn is_own(body: &str) -> bool {
    const STARTS: [&str; 17] = [
        "Querying",
        "querying",
        "Attempting to resolve",
        "UDP port",
        "Using ephemeral",
        "Server's response",
        "UUID:",
        "ncacn_",
        "ncadg_",
        "ncalrpc",
        "ncan_",
        "Total endpoints",
        "====",
        "portqry",
        "IP address resolved",
        "Data returned",
        "TCP port",
    ];
    body.is_empty() || STARTS.iter().any(|start| body.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::super::connection::read_all;
    use super::*;

    #[test]
    fn reads_the_three_states() {
        for (state, outcome) in [
            ("LISTENING", ConnectOutcome::Open),
            ("NOT LISTENING", ConnectOutcome::Refused),
            ("FILTERED", ConnectOutcome::Filtered),
        ] {
            let all = read_all(&format!(
                "\nQuerying target system called:\n\n kms01.contoso.com\n\nAttempting to resolve name to IP address...\n\n\nName resolved to 192.0.2.5\n\nquerying...\n\nTCP port 1688 (unknown service): {state}\n"
            ));
            assert_eq!(all.len(), 1);
            assert_eq!(all[0].outcome, Some(outcome));
            assert_eq!(
                (all[0].target.as_deref(), all[0].address.as_deref()),
                (Some("kms01.contoso.com"), Some("192.0.2.5"))
            );
        }
        let all = read_all(
            "Querying target system called:\n\n kms09\n\nAttempting to resolve name to IP address...\n\nFailed to resolve name to IP address\n",
        );
        assert_eq!(all[0].outcome, Some(ConnectOutcome::NameNotFound));
        assert_eq!(read_all("TCP port 1688 (unknown service): NOT LISTENING\n")[0].port, Some(1688));
    }
}
