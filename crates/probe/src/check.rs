//! The whole procedure from this machine: DNS, addresses, ports, RPC, clock; everything at once where it can be.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dns::choice::Generation;
use dns::domains::ClientSettings;
use model::evidence::Evidence;
use model::network::Service;
use model::windows::TimeCheck;
use model::{Fact, Kind};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::clock::{ClockCompared, TimeServers, compare};
use crate::discover::{DiscoverOptions, Discovered, DomainAsked, discover};
use crate::facts;
use crate::lookup::{Exchange, Random};
use crate::reach::{Reached, reach};
use crate::target::Target;

/// What to check.
#[derive(Debug, Clone)]
pub struct CheckInput {
    /// What the client is set to.
    pub settings: ClientSettings,
    /// Its DNS servers in order.
    pub nameservers: Vec<SocketAddr>,
    /// Whole time for each step.
    pub timeout: Duration,
    /// Names that need no DNS.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
    /// How the client chooses among records.
    pub generation: Generation,
    /// Hosts that ought to work, whatever DNS says of records.
    pub known_hosts: Vec<Target>,
    /// Time servers to compare the clock with.
    pub time_servers: TimeServers,
    /// The kind of host that the client needs.
    pub wanted: Service,
    /// RFC 3339 time of the start, for the sources of facts.
    pub at: String,
}

/// Why a host is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    /// The client is set to it.
    Fixed,
    /// It worked last.
    Cached,
    /// A record that the client would take.
    Record,
    /// A record that only others would find.
    OtherRecord,
    /// A person named it.
    Known,
}

/// A host with what answers at each of its addresses.
#[derive(Debug, Clone)]
pub struct Tried {
    /// Why.
    pub way: Way,
    /// Name and port.
    pub target: Target,
    /// The kind of host that is looked for.
    pub wanted: Service,
    /// Every address.
    pub reached: Vec<Reached>,
}

impl Tried {
    /// A host of the wanted kind answers at one of its addresses.
    pub fn serves(&self) -> bool {
        self.reached.iter().any(|reached| match self.wanted {
            Service::KmscopeHost => reached.is_own_host(),
            _ => reached.is_kms(),
        })
    }
}

/// What came out, before anybody judges.
#[derive(Debug)]
pub struct Checked {
    /// The look-ups.
    pub discovered: Discovered,
    /// The connections, in the order in which a client would make them.
    pub tried: Vec<Tried>,
    /// The clock, where a server was given, or one was found that answers.
    pub clock: Option<ClockCompared>,
    /// From the start to the end of the look-ups, of the connections, and of all.
    pub times: [Duration; 3],
    /// All of it as facts.
    pub evidence: Vec<Evidence>,
}

/// Hosts that are tried at most.
const HOSTS_MAX: usize = 64;

/// Addresses of one host that are tried at most: a record must not make this machine flood another.
const ADDRESSES_MAX: usize = 32;

/// Questions and connections that are on their way at once.
const AT_ONCE: usize = 256;

/// Runs all steps.
pub async fn check(input: &CheckInput, random: Arc<Random>) -> Checked {
    let begin = Instant::now();
    let (servers, nameservers, patience) =
        (input.time_servers.clone(), input.nameservers.clone(), input.timeout);
    let ids = *random;
    let clock = tokio::spawn(async move { compare(&servers, &nameservers, patience, &ids).await });
    let options = DiscoverOptions {
        nameservers: input.nameservers.clone(),
        timeout: input.timeout,
        generation: input.generation,
        hosts: input.hosts.clone(),
        at_once: AT_ONCE,
    };
    let further: Vec<String> = input.known_hosts.iter().map(|target| target.host.clone()).collect();
    let discovered = discover(&input.settings, &further, &options, random).await;
    let looked_up = begin.elapsed();
    let tried = try_all(input, &discovered).await;
    let connected = begin.elapsed() - looked_up;
    let clock = clock.await.ok().flatten();
    let mut checked = Checked {
        discovered,
        tried,
        clock,
        times: [looked_up, connected, begin.elapsed()],
        evidence: Vec::new(),
    };
    checked.evidence = evidence(&checked, input);
    checked
}

async fn try_all(input: &CheckInput, discovered: &Discovered) -> Vec<Tried> {
    let mut wanted: Vec<(Way, Target)> = Vec::new();
    let mut add = |way: Way, host: &str, port: u16| {
        let target = Target { host: host.to_owned(), port };
        let known =
            wanted.iter().any(|(_, other)| other.port == port && other.host.eq_ignore_ascii_case(host));
        if !known && wanted.len() < HOSTS_MAX {
            wanted.push((way, target));
        }
    };
    input.settings.fixed_host.iter().for_each(|(host, port)| add(Way::Fixed, host, *port));
    input.settings.cached_host.iter().for_each(|(host, port)| add(Way::Cached, host, *port));
    discovered.candidates.iter().for_each(|one| add(Way::Record, &one.record.target, one.record.port));
    input.known_hosts.iter().for_each(|target| add(Way::Known, &target.host, target.port));
    if discovered.candidates.is_empty() {
        let others =
            discovered.domains.iter().flat_map(DomainAsked::records).filter(|srv| !srv.says_there_is_none());
        // At another port than the fixed one, the fixed host itself tells nothing of the client's way.
        let others = others.filter(|srv| !is_fixed(input, &srv.target));
        others.for_each(|srv| add(Way::OtherRecord, &srv.target, srv.port));
    }
    let limit = Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for (index, (_, target)) in wanted.iter().enumerate() {
        for (order, address) in discovered.addresses_of(&target.host).iter().take(ADDRESSES_MAX).enumerate() {
            let (address, timeout) = (SocketAddr::new(*address, target.port), input.timeout);
            let limit = limit.clone();
            tasks.spawn(async move {
                let _permit = limit.acquire().await;
                (index, order, reach(address, timeout).await)
            });
        }
    }
    let mut done = tasks.join_all().await;
    done.sort_by_key(|(index, order, _)| (*index, *order));
    let mut tried: Vec<Tried> = wanted
        .into_iter()
        .map(|(way, target)| Tried { way, target, wanted: input.wanted, reached: Vec::new() })
        .collect();
    done.into_iter().for_each(|(index, _, reached)| tried[index].reached.push(reached));
    tried
}

fn is_fixed(input: &CheckInput, host: &str) -> bool {
    input.settings.fixed_host.as_ref().is_some_and(|(fixed, _)| fixed.eq_ignore_ascii_case(host))
}

fn evidence(checked: &Checked, input: &CheckInput) -> Vec<Evidence> {
    let at = &input.at;
    let found = &checked.discovered;
    let mut evidence = Vec::new();
    let has_records = |one: &&DomainAsked| !one.records().is_empty();
    let searched = || found.domains.iter().filter(|one| one.by_client);
    // A domain without a record is no fault while another one that the client searches has it.
    let telling: Vec<&DomainAsked> = if found.chosen.is_some() {
        searched().filter(has_records).collect()
    } else if input.settings.fixed_host.is_some() {
        // Discovery plays no part: another host that it would find is told, what it would not find is no fault.
        let names_another =
            |one: &&DomainAsked| !one.records().iter().any(|srv| is_fixed(input, &srv.target));
        found.domains.iter().filter(has_records).filter(names_another).collect()
    } else {
        searched().chain(found.domains.iter().filter(|one| !one.by_client).filter(has_records)).collect()
    };
    for domain in telling {
        evidence.extend(domain.deciding().map(|exchange| facts::dns_answer(exchange, at)));
    }
    evidence.extend(silent_servers(found).into_iter().map(|exchange| facts::dns_answer(exchange, at)));
    for host in &found.hosts {
        evidence.extend(host_evidence(&host.exchanges, !host.addresses.is_empty(), at));
    }
    for tried in &checked.tried {
        let fact = |reached| facts::connection(&tried.target, reached, tried.wanted, at);
        evidence.extend(tried.reached.iter().map(fact));
    }
    if let Some(ClockCompared { server, name, offset: Ok(offset) }) = &checked.clock {
        let shown = name.clone().unwrap_or_else(|| server.ip().to_string());
        let fact = TimeCheck {
            offset_seconds: Some(offset.seconds),
            source_server: Some(shown.clone()),
            stratum: Some(offset.stratum.into()),
            ..TimeCheck::default()
        };
        let words = format!("clock of {shown}: {:+.3} s from the clock of this machine", offset.seconds);
        evidence.push(facts::probed(Kind::Time, Fact::Time(fact), &format!("sntp {shown}"), at, &words));
    }
    evidence
}

/// The answers that gave addresses; failing that, one that says why there are none.
fn host_evidence(exchanges: &[Exchange], is_found: bool, at: &str) -> Vec<Evidence> {
    let gave = |exchange: &&Exchange| exchange.answer().is_some_and(|answer| !answer.addresses.is_empty());
    if is_found {
        return exchanges.iter().filter(gave).map(|exchange| facts::dns_answer(exchange, at)).collect();
    }
    let told = exchanges.iter().find(|exchange| exchange.answer().is_some()).or(exchanges.first());
    told.map(|exchange| facts::dns_answer(exchange, at)).into_iter().collect()
}

/// One exchange of each server that answered nothing at all.
fn silent_servers(found: &Discovered) -> Vec<&Exchange> {
    let all = || {
        found
            .domains
            .iter()
            .flat_map(|one| &one.exchanges)
            .chain(found.hosts.iter().flat_map(|host| &host.exchanges))
    };
    let mut silent: Vec<&Exchange> = Vec::new();
    for exchange in all() {
        let answers = all().any(|other| other.server == exchange.server && other.answer().is_some());
        let known = silent.iter().any(|other| other.server == exchange.server);
        if !answers && !known {
            silent.push(exchange);
        }
    }
    silent
}
