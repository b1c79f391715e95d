//! psping: TCP connects with their attempts and statistics.

use model::network::{ConnectOutcome, ConnectionTest};
use model::{Fact, Kind};

use super::connect_words;
use super::ping::statistics;
use super::quotes::Quotes;
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Reads one run that begins at its command, its banner, its heading or its statistics.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    let command =
        line.command.as_ref().filter(|command| matches!(command.program().as_str(), "psping" | "psping64"));
    let begins = line.command.is_none() && is_own(&line.text) || is_alone(text, at);
    if !(command.is_some() || begins) {
        return None;
    }
    let mut reading = Reading::new(text);
    if let Some(command) = command {
        reading.command(&command.line, at);
    }
    let mut index = if command.is_some() { at + 1 } else { at };
    let mut end = at + 1;
    while index < text.len() {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        if text.line(index).is_some_and(|line| line.command.is_some()) || !reading.line(index) {
            break;
        }
        index += 1;
        end = index;
    }
    reading.finish(at, out);
    Some(end)
}

fn is_own(body: &str) -> bool {
    body.starts_with("PsPing v")
        || body.starts_with("TCP connect to ")
        || body.starts_with("TCP connect statistics for ")
        || body.starts_with("Connecting to ") && (body.contains("warmup") || body.contains(": from "))
}

/// `Sent = 4, Received = 4, Lost = 0 (0% loss)`: without the label that ping puts in front, and in English.
fn is_alone(text: &Text<'_>, at: usize) -> bool {
    let body = text.at(at);
    body.starts_with("Sent = ") && body.contains("Received = ") && statistics(body).is_some()
}

/// Address or name, and port, of `192.0.2.5:1688`.
pub(super) fn endpoint(word: &str) -> Option<(String, u16)> {
    let word = word.trim_end_matches([':', ',', ';']);
    let (host, port) = word.rsplit_once(':')?;
    let host = host.trim_matches(['[', ']']);
    let host = address(host).or_else(|| host_name(host))?;
    Some((host, port.parse().ok()?))
}

struct Reading<'t, 'a> {
    text: &'t Text<'a>,
    fact: ConnectionTest,
    quotes: Quotes<'t, 'a>,
    /// Attempts beyond the warm-up that failed, and that connected, when no statistics follow.
    failed: u32,
    connected: u32,
    warmup: bool,
    pending: bool,
    done: bool,
}

impl<'t, 'a> Reading<'t, 'a> {
    fn new(text: &'t Text<'a>) -> Reading<'t, 'a> {
        Reading {
            text,
            fact: ConnectionTest { tool: Some("psping".to_owned()), ..ConnectionTest::default() },
            quotes: Quotes::new(text),
            failed: 0,
            connected: 0,
            warmup: false,
            pending: false,
            done: false,
        }
    }

    fn command(&mut self, line: &str, at: usize) {
        let target = line.split_whitespace().skip(1).find_map(endpoint);
        let plain = || line.split_whitespace().skip(1).filter(|word| !word.starts_with(['-', '/'])).last();
        if let Some((host, port)) = target {
            self.quotes.add("target", at);
            self.fact.address = address(&host);
            self.fact.target = Some(host);
            self.fact.port = Some(port);
        } else if let Some(host) = plain().and_then(host_name) {
            self.quotes.add("target", at);
            self.fact.target = Some(host);
        }
    }

    fn line(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        if self.banner(body) {
            return true;
        }
        for start in ["TCP connect to ", "TCP connect statistics for "] {
            if let Some((host, port)) = body.strip_prefix(start).and_then(endpoint) {
                if self.done && start == "TCP connect to " {
                    return false;
                }
                self.remote(at, &host, port);
                return true;
            }
        }
        if body.starts_with("Connecting to ") {
            return self.attempt(at);
        }
        if let Some([sent, received, lost]) =
            statistics(body).filter(|_| body.starts_with("Sent = ") && !self.done)
        {
            self.done = true;
            (self.fact.sent, self.fact.received, self.fact.lost) = (Some(sent), Some(received), Some(lost));
            for field in ["sent", "received", "lost", "reachable"] {
                self.quotes.add(field, at);
            }
            return true;
        }
        if body.starts_with("Minimum = ") || body.contains(" iterations (warmup ") {
            return true;
        }
        self.message(at)
    }

    fn banner(&self, body: &str) -> bool {
        body.starts_with("PsPing v")
            || body.starts_with("Copyright (C) ") && body.contains("Mark Russinovich")
            || body.starts_with("Sysinternals - ")
    }

    fn remote(&mut self, at: usize, host: &str, port: u16) {
        self.quotes.add("address", at);
        self.quotes.add("port", at);
        let found = address(host);
        if found.is_some() {
            self.fact.address = found;
        }
        self.fact.target.get_or_insert_with(|| host.to_owned());
        self.fact.port = Some(port);
    }

    /// `Connecting to 192.0.2.5:1688 (warmup): from 198.51.100.4:49701: 12.34ms`
    fn attempt(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        let mut words = body.split_whitespace().skip(2);
        let Some((host, port)) = words.next().and_then(endpoint) else { return false };
        self.remote(at, &host, port);
        self.warmup = body.contains("(warmup)");
        self.pending = true;
        let from = body.split_once("from ").map(|(_, rest)| rest);
        if let Some((source, _)) = from.and_then(|rest| rest.split_whitespace().next()).and_then(endpoint) {
            self.quotes.add("source_address", at);
            self.fact.source_address = Some(source);
        }
        if body.trim_end_matches('.').ends_with("ms") {
            self.quotes.add("succeeded", at);
            self.pending = false;
            self.connected += 1;
        } else if let Some(outcome) = from.and_then(connect_words::outcome) {
            self.fail(at, outcome);
        }
        true
    }

    fn fail(&mut self, at: usize, outcome: ConnectOutcome) {
        self.pending = false;
        self.failed += u32::from(!self.warmup);
        self.fact.outcome = Some(outcome);
        self.fact.error_text = Some(self.text.at(at).to_owned());
        self.quotes.add("outcome", at);
        self.quotes.add("error_text", at);
    }

    /// The reason below an attempt; in a language that no table knows it is kept as it stands.
    fn message(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        let outcome = connect_words::outcome(body);
        if self.pending {
            self.fail(at, outcome.unwrap_or(ConnectOutcome::Failed));
            return true;
        }
        // A name without address is told in place of everything else.
        let nothing_yet =
            self.fact.port.is_none() || self.fact.sent.is_none() && self.connected == 0 && self.failed == 0;
        if let (true, Some(ConnectOutcome::NameNotFound)) = (nothing_yet && !self.done, outcome) {
            self.fail(at, ConnectOutcome::NameNotFound);
            return true;
        }
        false
    }

    fn finish(mut self, at: usize, out: &mut Out) {
        let fact = &mut self.fact;
        let received = fact.received.or((self.connected > 0).then_some(self.connected));
        let tried = fact.sent.is_some() || self.connected > 0 || self.failed > 0 || fact.outcome.is_some();
        if !tried {
            return;
        }
        let reachable = received.is_some_and(|received| received > 0);
        fact.reachable = Some(reachable);
        fact.succeeded = Some(reachable);
        fact.outcome = if reachable {
            Some(ConnectOutcome::Open)
        } else {
            fact.outcome.or(Some(ConnectOutcome::Failed))
        };
        // When some attempts failed, their reason stays beside the success of the others.
        if reachable && fact.lost.unwrap_or(self.failed) == 0 {
            fact.error_text = None;
        }
        let quotes = self.quotes.take();
        out.push(Kind::ConnectionTest, Fact::Connection(Box::new(self.fact)), self.text.place(at), quotes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn one(text: &str) -> ConnectionTest {
        let file = read_bytes("psping.txt", text.as_bytes(), &Limits::default());
        let mut all: Vec<ConnectionTest> = file
            .facts
            .into_iter()
            .filter_map(|e| if let Fact::Connection(c) = e.fact.value { Some(*c) } else { None })
            .collect();
        assert_eq!(all.len(), 1, "{text}\n{all:#?}");
        assert!(file.notes.is_empty(), "{:#?}", file.notes);
        all.remove(0)
    }

    fn run(result: &str, statistics: &str) -> String {
        format!(
            "C:\\>psping -n 2 kms01.contoso.com:1688\n\nPsPing v2.12 - PsPing - ping, latency, bandwidth measurement utility\nCopyright (C) 2012-2023 Mark Russinovich\nSysinternals - www.sysinternals.com\n\n\
             TCP connect to 192.0.2.5:1688:\n3 iterations (warmup 1) ping test:\nConnecting to 192.0.2.5:1688 (warmup): from 198.51.100.4:49701: {result}\n\
             Connecting to 192.0.2.5:1688: from 198.51.100.4:49702: {result}\nConnecting to 192.0.2.5:1688: from 198.51.100.4:49703: {result}\n\n\
             TCP connect statistics for 192.0.2.5:1688:\n  Sent = 2, {statistics},\n  Minimum = 0.00ms, Maximum = 0.00ms, Average = 0.00ms\n"
        )
    }

    #[test]
    fn reads_connections_and_failures() {
        for (result, statistics, outcome) in [
            ("12.34ms", "Received = 2, Lost = 0 (0% loss)", ConnectOutcome::Open),
            (
                "\nThis operation returned because the timeout period expired.",
                "Received = 0, Lost = 2 (100% loss)",
                ConnectOutcome::Timeout,
            ),
            (
                "\nThe remote computer refused the network connection.",
                "Received = 0, Lost = 2 (100% loss)",
                ConnectOutcome::Refused,
            ),
            (
                "\nDer Remotecomputer hat die Netzwerkverbindung verweigert.",
                "Received = 0, Lost = 2 (100% loss)",
                ConnectOutcome::Refused,
            ),
        ] {
            let test = one(&run(result, statistics));
            assert_eq!(test.outcome, Some(outcome), "{result}");
            assert_eq!(test.target.as_deref(), Some("kms01.contoso.com"));
            assert_eq!((test.address.as_deref(), test.port), (Some("192.0.2.5"), Some(1688)));
            assert_eq!(test.source_address.as_deref(), Some("198.51.100.4"));
            assert_eq!(test.sent, Some(2));
        }
    }

    #[test]
    fn a_reset_between_successes_keeps_its_words() {
        let reset = "\nAn existing connection was forcibly closed by the remote host.";
        let text = run(reset, "Received = 1, Lost = 1 (50% loss)")
            .replace(&format!("49703: {reset}"), "49703: 1.20ms");
        let test = one(&text);
        assert_eq!((test.outcome, test.lost), (Some(ConnectOutcome::Open), Some(1)));
        assert_eq!(test.error_text.as_deref(), Some(reset.trim()));
        assert_eq!(one(&run("1.20ms", "Received = 2, Lost = 0 (0% loss)")).error_text, None);
    }

    #[test]
    fn the_statistics_alone_are_enough() {
        let test = one("Sent = 4, Received = 0, Lost = 4 (100% loss)\n");
        assert_eq!((test.reachable, test.lost), (Some(false), Some(4)));
    }
}
