//! Results of probes as the facts that rules judge.

use std::net::IpAddr;
use std::sync::Arc;

use dns::{Answer, Outcome as Resolution, Srv, question};
use model::dns::{DnsAnswer, DnsResult, HostAddress, SrvRecord};
use model::evidence::Evidence;
use model::network::{ConnectOutcome, ConnectionTest, Service};
use model::{Fact, Kind, Observed, Place, Quote, Source};
use rpc::probe::Verdict;

use crate::lookup::{Asked, DNS_PORT, Exchange};
use crate::reach::{Outcome, Reached};
use crate::target::Target;

/// A probed connection as a connection test for a client that needs a kind of host; `at` is an RFC 3339 time.
pub fn connection(target: &Target, reached: &Reached, wanted: Service, at: &str) -> Evidence {
    let (outcome, service, error_text) = classify(&reached.outcome);
    let test = ConnectionTest {
        tool: Some("kmscope".to_owned()),
        target: Some(target.host.clone()),
        address: Some(reached.address.ip().to_string()),
        port: Some(reached.address.port()),
        succeeded: Some(reached.connect.is_some()),
        outcome: Some(outcome),
        service,
        // Whoever says nothing means a host for Windows and Office.
        wanted: Some(wanted).filter(|wanted| *wanted != Service::Kms),
        source_address: reached.local.map(|local| local.ip().to_string()),
        error_text,
        ..ConnectionTest::default()
    };
    let words = format!("{}: {}", reached.address, in_words(reached));
    probed(
        Kind::ConnectionTest,
        Fact::Connection(Box::new(test)),
        &format!("tcp {}", reached.address),
        at,
        &words,
    )
}

/// A question to a DNS server with its answer; `at` is an RFC 3339 time.
pub fn dns_answer(exchange: &Exchange, at: &str) -> Evidence {
    let question = &exchange.question;
    let owner = question::shown(&question.name);
    let (result, words) = match &exchange.asked {
        Asked::Answered(answer) => (dns_result(answer.outcome), describe_answer(answer)),
        Asked::Timeout => (DnsResult::Timeout, "no answer".to_owned()),
        Asked::Closed => (DnsResult::Timeout, "no DNS server listens there".to_owned()),
        Asked::Failed(words) => (DnsResult::Error, format!("not asked: {words}")),
        Asked::Nonsense(words) => (DnsResult::Error, format!("no DNS answer: {words}")),
    };
    let mut fact = DnsAnswer {
        query: Some(owner.clone()),
        query_type: Some(question.record_type.to_string()),
        server_address: Some(exchange.server.ip().to_string()),
        result: Some(result),
        ..DnsAnswer::default()
    };
    if let Some(answer) = exchange.answer() {
        fact.records = answer
            .srv
            .iter()
            .filter(|srv| !srv.says_there_is_none())
            .map(|srv| record(&owner, srv))
            .collect();
        fact.addresses = answer.addresses.iter().map(IpAddr::to_string).collect();
        let pair =
            |name: &str, address: String| HostAddress { name: Some(name.to_owned()), address: Some(address) };
        fact.hosts = answer.glue.iter().map(|(name, address)| pair(name, address.to_string())).collect();
        fact.aliases = answer.aliases.iter().map(|(name, target)| pair(name, target.clone())).collect();
        fact.non_authoritative = !answer.authoritative;
    }
    let took = exchange.took.as_secs_f64() * 1e3;
    // Several servers of one address are told apart.
    let server = match exchange.server.port() {
        DNS_PORT => exchange.server.ip().to_string(),
        _ => exchange.server.to_string(),
    };
    let words = format!("{question} at {server}: {words} ({took:.1} ms)");
    probed(Kind::Nslookup, Fact::Dns(Box::new(fact)), &format!("dns {}", exchange.server.ip()), at, &words)
}

fn record(owner: &str, srv: &Srv) -> SrvRecord {
    SrvRecord {
        owner: Some(owner.to_owned()),
        priority: Some(srv.priority.into()),
        weight: Some(srv.weight.into()),
        port: Some(srv.port.into()),
        target: Some(srv.target.clone()),
        ttl: Some(srv.ttl.into()),
        dynamic: None,
    }
}

fn dns_result(outcome: Resolution) -> DnsResult {
    match outcome {
        Resolution::Found => DnsResult::Found,
        Resolution::Nxdomain => DnsResult::Nxdomain,
        Resolution::NoData => DnsResult::NoRecords,
        Resolution::Servfail => DnsResult::Servfail,
        Resolution::Refused => DnsResult::Refused,
        Resolution::Lame | Resolution::Loop | Resolution::Other(_) => DnsResult::Error,
    }
}

fn describe_answer(answer: &Answer) -> String {
    let mut parts: Vec<String> = answer.aliases.iter().map(|(_, target)| format!("CNAME {target}")).collect();
    parts.extend(
        answer.srv.iter().map(|srv| format!("{} {} {} {}", srv.priority, srv.weight, srv.port, srv.target)),
    );
    parts.extend(answer.addresses.iter().map(IpAddr::to_string));
    if parts.is_empty() || answer.outcome != Resolution::Found {
        parts.push(answer.outcome.to_string());
    }
    parts.join(", ")
}

/// A fact that a probe found, with words to quote.
pub fn probed(kind: Kind, fact: Fact, probe: &str, at: &str, words: &str) -> Evidence {
    let place = Place::Probe { probe: probe.to_owned(), at: at.to_owned() };
    let source = Source { path: Arc::from(format!("probe {probe}")), place: place.clone() };
    let quotes = vec![Quote::new(Quote::WHOLE, place, words)];
    Evidence { kind, fact: Observed { value: fact, source, quotes } }
}

fn classify(outcome: &Outcome) -> (ConnectOutcome, Option<Service>, Option<String>) {
    /// Reasons of a bind_nak that pass: temporary congestion, local limit.
    const BUSY: [u16; 2] = [1, 2];
    match outcome {
        Outcome::Filtered => (ConnectOutcome::Timeout, None, None),
        Outcome::Refused | Outcome::ResetAtConnect => (ConnectOutcome::Refused, None, None),
        Outcome::NoRoute(words) => (ConnectOutcome::Unreachable, None, Some(words.clone())),
        Outcome::NotTried(words) => (ConnectOutcome::Failed, None, Some(words.clone())),
        Outcome::Answer(verdict) => match verdict {
            Verdict::Kms { .. } => (ConnectOutcome::Open, Some(Service::Kms), None),
            Verdict::OwnHost => (ConnectOutcome::Open, Some(Service::KmscopeHost), None),
            // A server that is too busy may be a KMS host all the same.
            Verdict::BindNak(nak) if BUSY.contains(&nak.reason) => (ConnectOutcome::Open, None, None),
            Verdict::OtherRpc { .. } | Verdict::BindNak(_) | Verdict::OddRpc { .. } => {
                (ConnectOutcome::Open, Some(Service::OtherRpc), None)
            }
            Verdict::Malformed(_) | Verdict::Other(_) => {
                (ConnectOutcome::Open, Some(Service::OtherProtocol), None)
            }
            Verdict::Closed | Verdict::Reset => (ConnectOutcome::Reset, None, None),
            Verdict::Silent | Verdict::Incomplete => (ConnectOutcome::Open, Some(Service::Silent), None),
        },
    }
}

/// What happened, for a quotation: exact and in English, like the output of any tool.
pub fn in_words(reached: &Reached) -> String {
    let milliseconds = |time: Option<std::time::Duration>| time.map_or(0.0, |time| time.as_secs_f64() * 1e3);
    let said = match &reached.outcome {
        Outcome::Filtered => return "no answer to the TCP connection".to_owned(),
        Outcome::Refused => return "TCP connection refused".to_owned(),
        Outcome::ResetAtConnect => return "reset while connecting".to_owned(),
        Outcome::NoRoute(words) => return format!("no route: {words}"),
        Outcome::NotTried(words) => return format!("not tried: {words}"),
        Outcome::Answer(verdict) => match verdict {
            Verdict::Kms { .. } => "RPC bind: KMS interface accepted".to_owned(),
            Verdict::OwnHost => "RPC bind: kmscope interface accepted, KMS interface refused".to_owned(),
            Verdict::OtherRpc { answer } => format!("RPC bind: {answer}"),
            Verdict::BindNak(nak) => match nak.reason_text() {
                Some(reason) => format!("RPC bind_nak: {reason}"),
                None => format!("RPC bind_nak: reason {}", nak.reason),
            },
            Verdict::OddRpc { what } => format!("RPC bind answered by {what}"),
            Verdict::Malformed(error) => format!("answer is broken: {error}"),
            Verdict::Other(protocol) => format!("answers in another protocol ({protocol})"),
            Verdict::Closed => "closed without an answer".to_owned(),
            Verdict::Reset => "reset after the connection stood".to_owned(),
            Verdict::Silent => "no answer to the RPC bind".to_owned(),
            Verdict::Incomplete => "an incomplete answer to the RPC bind".to_owned(),
        },
    };
    format!(
        "connected in {:.1} ms; {said} ({:.1} ms)",
        milliseconds(reached.connect),
        milliseconds(reached.answer)
    )
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rpc::pdu::BindNak;
    use rpc::probe::Protocol;

    use super::*;

    fn fact(outcome: Outcome) -> (ConnectionTest, String) {
        let stood = matches!(outcome, Outcome::Answer(_));
        let reached = Reached {
            address: "192.0.2.40:1688".parse().unwrap(),
            local: None,
            outcome,
            connect: stood.then_some(Duration::from_micros(400)),
            answer: stood.then_some(Duration::from_micros(900)),
            sent: Vec::new(),
            received: Vec::new(),
        };
        let target = Target { host: "kms01".to_owned(), port: 1688 };
        let evidence = connection(&target, &reached, Service::Kms, "2026-11-20T08:15:04Z");
        let words = evidence.fact.quotes[0].text.to_string();
        assert_eq!(evidence.fact.source.to_string(), "probe tcp 192.0.2.40:1688");
        match evidence.fact.value {
            Fact::Connection(test) => (*test, words),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_kms_host_is_open_and_serves() {
        let (test, words) = fact(Outcome::Answer(Verdict::Kms { ndr64: true }));
        assert_eq!((test.outcome, test.service), (Some(ConnectOutcome::Open), Some(Service::Kms)));
        assert_eq!(test.succeeded, Some(true));
        assert_eq!(words, "192.0.2.40:1688: connected in 0.4 ms; RPC bind: KMS interface accepted (0.9 ms)");
    }

    #[test]
    fn failures_keep_their_kind() {
        let nak = |reason| Verdict::BindNak(BindNak { reason, versions: Vec::new(), extra: Vec::new() });
        for (outcome, expected, service) in [
            (Outcome::Filtered, ConnectOutcome::Timeout, None),
            (Outcome::Refused, ConnectOutcome::Refused, None),
            (Outcome::NoRoute("x".to_owned()), ConnectOutcome::Unreachable, None),
            (Outcome::Answer(nak(2)), ConnectOutcome::Open, None),
            (Outcome::Answer(nak(4)), ConnectOutcome::Open, Some(Service::OtherRpc)),
            (
                Outcome::Answer(Verdict::Other(Protocol::Tls)),
                ConnectOutcome::Open,
                Some(Service::OtherProtocol),
            ),
            (Outcome::Answer(Verdict::OwnHost), ConnectOutcome::Open, Some(Service::KmscopeHost)),
            (Outcome::Answer(Verdict::Reset), ConnectOutcome::Reset, None),
            (Outcome::Answer(Verdict::Silent), ConnectOutcome::Open, Some(Service::Silent)),
        ] {
            let (test, words) = fact(outcome);
            assert_eq!((test.outcome, test.service), (Some(expected), service), "{words}");
        }
    }
}
