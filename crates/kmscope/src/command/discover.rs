//! `kmscope dns discover`: the records that a Windows client would use, in its order.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use probe::discover::{DiscoverOptions, Discovered, discover, servers_differ};
use probe::facts;
use probe::lookup::Exchange;
use serde::Serialize;

use super::chain;
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::live::Discover;
use crate::console::Console;
use crate::{json_stream, live, local};

/// Questions that are on their way at once.
const AT_ONCE: usize = 256;

pub(crate) fn run(options: &Discover, console: &Console) -> anyhow::Result<Status> {
    let local = local::gather(&options.client, &live::now(), live::runner().as_deref());
    for (what, error) in &local.not_run {
        console.complain(&anyhow::anyhow!("{what}: {error}"));
    }
    let discover_options = DiscoverOptions {
        nameservers: local.nameservers.clone(),
        timeout: options.timeout.0,
        generation: options.client.generation.into(),
        hosts: live::hosts(&options.client, console)?,
        at_once: AT_ONCE,
    };
    let looking = discover(&local.settings, &[], &discover_options, Arc::new(live::random()));
    let found = live::run(looking)?;
    let mut out = io::stdout().lock();
    match options.format {
        ReadFormat::Text => chain::discovery(&mut out, &found, &local.settings, &local.nameservers, console)?,
        ReadFormat::Json => {
            writeln!(out, "{}", json_stream::line(&Document::new(&found, &local.nameservers)))?
        }
    }
    let answered = found
        .domains
        .iter()
        .flat_map(|domain| &domain.exchanges)
        .any(|one| one.answer().is_some_and(dns::Answer::tells));
    Ok(match () {
        () if !found.candidates.is_empty() || local.settings.fixed_host.is_some() => Status::Done,
        () if answered || found.domains.is_empty() => Status::Fault,
        () => Status::Undecided,
    })
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    nameservers: &'a [SocketAddr],
    /// The domain from which the client takes its records.
    chosen: Option<&'a str>,
    /// The domain whose records nslookup would show, when the client does not search there.
    only_by_nslookup: Option<&'a str>,
    candidates: Vec<CandidateRow<'a>>,
    domains: Vec<DomainRow<'a>>,
}

#[derive(Serialize)]
struct CandidateRow<'a> {
    host: &'a str,
    port: u16,
    priority: u16,
    weight: u16,
    ttl: u32,
    /// Candidates of group 0 are tried before those of group 1.
    group: usize,
    /// How likely it is the first of its group.
    chance: f64,
    addresses: &'a [IpAddr],
}

#[derive(Serialize)]
struct DomainRow<'a> {
    domain: &'a str,
    origin: &'static str,
    by_client: bool,
    by_nslookup: bool,
    servers_differ: bool,
    answers: Vec<AnswerRow>,
}

#[derive(Serialize)]
struct AnswerRow {
    server: SocketAddr,
    #[serde(flatten)]
    fact: model::Fact,
    text: String,
    over_tcp: bool,
    ignored_packets: usize,
    took_ms: f64,
}

impl<'a> Document<'a> {
    fn new(found: &'a Discovered, nameservers: &'a [SocketAddr]) -> Document<'a> {
        Document {
            schema: 1,
            nameservers,
            chosen: found.chosen.map(|index| found.domains[index].domain.domain.as_str()),
            only_by_nslookup: found.only_by_nslookup().map(|domain| domain.domain.domain.as_str()),
            candidates: found
                .candidates
                .iter()
                .map(|one| CandidateRow {
                    host: &one.record.target,
                    port: one.record.port,
                    priority: one.record.priority,
                    weight: one.record.weight,
                    ttl: one.record.ttl,
                    group: one.group,
                    chance: one.chance,
                    addresses: found.addresses_of(&one.record.target),
                })
                .collect(),
            domains: found
                .domains
                .iter()
                .map(|domain| DomainRow {
                    domain: &domain.domain.domain,
                    origin: origin(domain.domain.origin),
                    by_client: domain.by_client,
                    by_nslookup: domain.by_nslookup,
                    servers_differ: servers_differ(domain),
                    answers: domain.exchanges.iter().map(AnswerRow::new).collect(),
                })
                .collect(),
        }
    }
}

fn origin(origin: dns::domains::Origin) -> &'static str {
    use dns::domains::Origin;
    match origin {
        Origin::LookupDomain => "lookup-domain",
        Origin::PrimarySuffix => "primary-suffix",
        Origin::ConnectionSuffix => "connection-suffix",
        Origin::SearchList => "search-list",
        Origin::Devolution => "devolution",
    }
}

impl AnswerRow {
    fn new(exchange: &Exchange) -> AnswerRow {
        let evidence = facts::dns_answer(exchange, "");
        AnswerRow {
            server: exchange.server,
            text: evidence.fact.quotes.first().map(|quote| quote.text.to_string()).unwrap_or_default(),
            fact: evidence.fact.value,
            over_tcp: exchange.over_tcp,
            ignored_packets: exchange.ignored,
            took_ms: (exchange.took.as_secs_f64() * 1e6).round() / 1e3,
        }
    }
}
