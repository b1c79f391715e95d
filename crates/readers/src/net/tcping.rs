//! tcping and PaPing: repeated connects.

use model::network::{ConnectOutcome, ConnectionTest};

use super::connect_words;
use super::connection::{ended, push, test_by};
use super::psping::endpoint;
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Reads one run.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    let fact = begin(text.at(at))?;
    let mut run = Run { fact, connected: 0, failed: 0, last: None, proof: at };
    let mut index = at;
    let mut end = at;
    while index < text.len() {
        let body = text.at(index);
        let other = text.line(index).is_some_and(|line| line.command.is_some());
        if other || !body.is_empty() && !run.line(body, index) {
            break;
        }
        if !body.is_empty() {
            end = index + 1;
        }
        index += 1;
    }
    let outcome =
        if run.connected > 0 { ConnectOutcome::Open } else { run.last.unwrap_or(ConnectOutcome::Failed) };
    let mut fact = run.fact;
    fact.received.get_or_insert(run.connected);
    fact.lost.get_or_insert(run.failed);
    fact.sent.get_or_insert(run.connected + run.failed);
    push(text, run.proof, ended(fact, outcome), out);
    Some(end)
}

/// `Probing 192.0.2.5:1688/tcp - Port is open - time=5.2ms`, `Connecting to 192.0.2.5 on TCP 1688:`
fn begin(body: &str) -> Option<ConnectionTest> {
    if let Some(rest) = body.strip_prefix("Probing ") {
        let (host, port) = endpoint(rest.split("/tcp").next()?)?;
        return Some(test_by("tcping", Some(host), Some(port)));
    }
    let (host, port) = body.strip_prefix("Connecting to ")?.split_once(" on TCP ")?;
    let host = host.split_whitespace().next().and_then(|word| address(word).or_else(|| host_name(word)));
    Some(test_by("paping", host, port.trim_end_matches([':', ' ']).parse().ok()))
}

struct Run {
    fact: ConnectionTest,
    connected: u32,
    failed: u32,
    last: Option<ConnectOutcome>,
    proof: usize,
}

impl Run {
    fn line(&mut self, body: &str, at: usize) -> bool {
        let lower = body.to_lowercase();
        if lower.contains("port is open") || body.starts_with("Connected to ") {
            self.connected = self.connected.saturating_add(1);
            self.proof = at;
        } else if lower.starts_with("attempted =") {
            if let Some([sent, received, lost]) = super::ping::statistics(body) {
                (self.fact.sent, self.fact.received, self.fact.lost) =
                    (Some(sent), Some(received), Some(lost));
            }
        } else if body.starts_with("Probing ")
            || body.starts_with("Connection timed out")
            || lower.starts_with("connection refused")
        {
            self.failed = self.failed.saturating_add(1);
            let closed = lower.contains("port is closed").then_some(ConnectOutcome::Refused);
            self.last = closed.or_else(|| connect_words::outcome(body));
            self.proof = at;
        } else {
            let own = [
                "connecting to ",
                "connection statistics",
                "ping statistics",
                "approximate",
                "minimum",
                "was unable",
            ];
            let counts =
                lower.contains("probes sent") || lower.contains("successful, ") || lower.contains(" failed.");
            return counts
                || own.iter().any(|start| lower.starts_with(start))
                || body.starts_with("paping v");
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::super::connection::read_all;
    use super::*;

    #[test]
    fn reads_tcping_and_paping() {
        for (text, outcome, received) in [
            (
                "Probing 192.0.2.5:1688/tcp - Port is open - time=5.2ms\nProbing 192.0.2.5:1688/tcp - Port is open - time=5.1ms\n\nPing statistics for 192.0.2.5:1688\n     2 probes sent.\n     2 successful, 0 failed.  (0.00% fail)\n",
                ConnectOutcome::Open,
                2,
            ),
            ("Probing 192.0.2.5:1688/tcp - No response - time=2000.4ms\n", ConnectOutcome::Timeout, 0),
            (
                "Connecting to 192.0.2.5 on TCP 1688:\n\nConnected to 192.0.2.5: time=12.34ms protocol=TCP port=1688\n\nConnection statistics:\n        Attempted = 1, Connected = 1, Failed = 0 (0.00%)\n",
                ConnectOutcome::Open,
                1,
            ),
            (
                "Connecting to 192.0.2.5 on TCP 1688:\n\nConnection timed out\nConnection timed out\n",
                ConnectOutcome::Timeout,
                0,
            ),
        ] {
            let all = read_all(text);
            assert_eq!(all.len(), 1, "{text}\n{all:#?}");
            assert_eq!(
                (all[0].outcome, all[0].received, all[0].port),
                (Some(outcome), Some(received), Some(1688)),
                "{text}"
            );
        }
    }
}
