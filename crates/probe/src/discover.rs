//! Discovery as a client does it, live: every domain at every server at once, then the addresses of every host.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dns::choice::{Candidate, Generation, candidates};
use dns::domains::{ClientSettings, Origin, SearchDomain, everywhere, searched, searched_by_nslookup};
use dns::question::{full_name, told_name};
use dns::{Outcome, Question, RecordType, Srv};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::lookup::{Asked, Exchange, Random, ask};

/// How to look.
#[derive(Debug, Clone)]
pub struct DiscoverOptions {
    /// Servers in the client's order.
    pub nameservers: Vec<SocketAddr>,
    /// The whole time for one question.
    pub timeout: Duration,
    /// How the client chooses among records.
    pub generation: Generation,
    /// Names with addresses that need no DNS (a hosts file), names in lower case.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
    /// Questions that are on their way at once.
    pub at_once: usize,
}

/// One domain, as every server answered for it.
#[derive(Debug, Clone)]
pub struct DomainAsked {
    /// The domain and why it is asked.
    pub domain: SearchDomain,
    /// The licensing service searches it.
    pub by_client: bool,
    /// `nslookup -type=srv _vlmcs._tcp` would ask it.
    pub by_nslookup: bool,
    /// One exchange per server, in the servers' order; empty when the domain is no name.
    pub exchanges: Vec<Exchange>,
}

impl DomainAsked {
    /// The answer that the client would go by: the first server's that answered at all.
    pub fn deciding(&self) -> Option<&Exchange> {
        let tells = |exchange: &&Exchange| exchange.answer().is_some_and(dns::Answer::tells);
        let answers = |exchange: &&Exchange| exchange.answer().is_some();
        self.exchanges.iter().find(tells).or_else(|| self.exchanges.iter().find(answers))
    }

    /// Records of the deciding answer.
    pub fn records(&self) -> &[Srv] {
        self.deciding().and_then(Exchange::answer).map_or(&[], |answer| &answer.srv)
    }
}

/// A host that a record, a setting or a person named, with its addresses.
#[derive(Debug, Clone)]
pub struct HostAddresses {
    /// Without a dot at the end.
    pub host: String,
    /// Found in the hosts file, or an address itself.
    pub without_dns: bool,
    /// A and AAAA questions.
    pub exchanges: Vec<Exchange>,
    /// Each once, IPv4 first, as the answers give them.
    pub addresses: Vec<IpAddr>,
}

/// All that was found.
#[derive(Debug, Clone)]
pub struct Discovered {
    /// Every domain that was asked: first those of the client in its order, then those of nslookup alone.
    pub domains: Vec<DomainAsked>,
    /// Which of them the client would take its records from.
    pub chosen: Option<usize>,
    /// The hosts in the order in which the client would try them.
    pub candidates: Vec<Candidate>,
    /// Addresses of the candidates, of the fixed and the cached host, and of further hosts that were given.
    pub hosts: Vec<HostAddresses>,
}

impl Discovered {
    /// The addresses of a host.
    pub fn addresses_of(&self, host: &str) -> &[IpAddr] {
        let found = self.hosts.iter().find(|known| known.host.eq_ignore_ascii_case(host));
        found.map_or(&[], |found| &found.addresses)
    }

    /// The domain from which `nslookup` would show records, when it is not the client's.
    pub fn only_by_nslookup(&self) -> Option<&DomainAsked> {
        let first = self.domains.iter().find(|one| one.by_nslookup && !one.records().is_empty())?;
        (!first.by_client).then_some(first)
    }
}

/// Looks for hosts as a client with these settings would, and for the addresses of `further` hosts.
pub async fn discover(
    settings: &ClientSettings,
    further: &[String],
    options: &DiscoverOptions,
    random: Arc<Random>,
) -> Discovered {
    let by_client = searched(settings);
    let by_nslookup = searched_by_nslookup(settings);
    let mut wanted = everywhere(settings);
    let more = by_nslookup.iter().filter(|one| !wanted.iter().any(|known| known.domain == one.domain));
    let more: Vec<SearchDomain> = more.cloned().collect();
    wanted.extend(more);
    let has = |list: &[SearchDomain], domain: &str| list.iter().any(|one| one.domain == domain);
    let questions: Vec<Question> =
        wanted.iter().filter_map(|one| Question::kms_hosts(&one.domain).ok()).collect();
    let mut exchanges = ask_all(&questions, &options.nameservers, options, &random).await;
    let domains: Vec<DomainAsked> = wanted
        .into_iter()
        .map(|domain| {
            let question = Question::kms_hosts(&domain.domain).ok();
            let own =
                question.and_then(|question| exchanges.remove(&question.to_string())).unwrap_or_default();
            DomainAsked {
                by_client: has(&by_client, &domain.domain),
                by_nslookup: domain.origin == Origin::Devolution || has(&by_nslookup, &domain.domain),
                domain,
                exchanges: own,
            }
        })
        .collect();
    let chosen = domains
        .iter()
        .position(|one| one.by_client && !candidates(one.records(), options.generation).is_empty());
    let candidates =
        chosen.map_or_else(Vec::new, |index| candidates(domains[index].records(), options.generation));
    let mut names: Vec<String> = Vec::new();
    let mut add = |name: &str| {
        let known = names.iter().any(|other: &String| other.eq_ignore_ascii_case(name));
        if !known && !name.is_empty() {
            names.push(name.to_owned());
        }
    };
    settings.fixed_host.iter().chain(&settings.cached_host).for_each(|(host, _)| add(host));
    domains
        .iter()
        .flat_map(DomainAsked::records)
        .filter(|srv| !srv.says_there_is_none())
        .for_each(|srv| add(&srv.target));
    further.iter().for_each(|host| add(host));
    // Servers that were silent once are not waited for again.
    let answering: Vec<SocketAddr> = options
        .nameservers
        .iter()
        .filter(|server| {
            let mut own = domains.iter().flat_map(|one| &one.exchanges).filter(|one| one.server == **server);
            own.clone().next().is_none() || own.any(|one| one.answer().is_some())
        })
        .copied()
        .collect();
    let hosts = addresses(&names, settings, &answering, options, &random).await;
    Discovered { domains, chosen, candidates, hosts }
}

/// Most questions that one discovery asks for addresses: a zone full of records must not become a flood.
const HOSTS_MAX: usize = 64;

async fn addresses(
    names: &[String],
    settings: &ClientSettings,
    servers: &[SocketAddr],
    options: &DiscoverOptions,
    random: &Arc<Random>,
) -> Vec<HostAddresses> {
    let mut hosts: Vec<HostAddresses> = names
        .iter()
        .take(HOSTS_MAX)
        .map(|host| {
            let literal = host.parse::<IpAddr>().ok().map(|address| vec![address]);
            let known = literal.or_else(|| options.hosts.get(&host.to_lowercase()).cloned());
            HostAddresses {
                host: host.clone(),
                without_dns: known.is_some(),
                exchanges: Vec::new(),
                addresses: known.unwrap_or_default(),
            }
        })
        .collect();
    let asked_for = |host: &str| -> Vec<Question> {
        full_forms(host, settings)
            .iter()
            .filter_map(|name| full_name(name).or_else(|_| told_name(name)).ok())
            .flat_map(|name| [RecordType::A, RecordType::AAAA].map(|kind| Question::new(name.clone(), kind)))
            .collect()
    };
    let questions: Vec<Question> =
        hosts.iter().filter(|host| !host.without_dns).flat_map(|host| asked_for(&host.host)).collect();
    let mut exchanges = ask_all(&questions, servers, options, random).await;
    for host in hosts.iter_mut().filter(|host| !host.without_dns) {
        // The forms of a short name are tried one by one, and the first that has an address is the host.
        for forms in asked_for(&host.host).chunks(TYPES_PER_NAME) {
            let own: Vec<Exchange> = forms
                .iter()
                .flat_map(|question| exchanges.remove(&question.to_string()).unwrap_or_default())
                .collect();
            let found = own.iter().filter_map(Exchange::answer).flat_map(|answer| answer.addresses.clone());
            for address in found {
                if !host.addresses.contains(&address) {
                    host.addresses.push(address);
                }
            }
            host.exchanges.extend(own);
            if !host.addresses.is_empty() {
                break;
            }
        }
    }
    hosts
}

/// Questions that are asked of each name: A and AAAA.
const TYPES_PER_NAME: usize = 2;

/// A name with a dot is asked as it is; a short one in each domain that the client would append.
fn full_forms(host: &str, settings: &ClientSettings) -> Vec<String> {
    if host.trim_end_matches('.').contains('.') {
        return vec![host.to_owned()];
    }
    let domains = searched_by_nslookup(settings);
    if domains.is_empty() {
        return vec![host.to_owned()];
    }
    domains.iter().map(|one| format!("{host}.{}", one.domain)).collect()
}

/// Asks every question of every server at once; exchanges by question, in the servers' order.
pub async fn ask_all(
    questions: &[Question],
    servers: &[SocketAddr],
    options: &DiscoverOptions,
    random: &Arc<Random>,
) -> BTreeMap<QuestionKey, Vec<Exchange>> {
    let limit = Arc::new(Semaphore::new(options.at_once.max(1)));
    let mut tasks = JoinSet::new();
    for question in questions {
        for (index, server) in servers.iter().copied().enumerate() {
            let (question, limit, random, timeout) =
                (question.clone(), limit.clone(), random.clone(), options.timeout);
            tasks.spawn(async move {
                let _permit = limit.acquire().await;
                (index, ask(server, &question, timeout, &random).await)
            });
        }
    }
    let mut done = tasks.join_all().await;
    done.sort_by_key(|(index, _)| *index);
    let mut by_question: BTreeMap<QuestionKey, Vec<Exchange>> = BTreeMap::new();
    for (_, exchange) in done {
        by_question.entry(exchange.question.to_string()).or_default().push(exchange);
    }
    by_question
}

/// A question in words: names compare without regard to letter case.
type QuestionKey = String;

/// True when the servers do not tell the same of a domain: the same client gets this or that, as chance has it.
pub fn servers_differ(domain: &DomainAsked) -> bool {
    let told = |exchange: &Exchange| match &exchange.asked {
        Asked::Answered(answer) => {
            let mut records: Vec<(u16, u16, u16, String)> = answer
                .srv
                .iter()
                .map(|srv| (srv.priority, srv.weight, srv.port, srv.target.to_lowercase()))
                .collect();
            records.sort();
            Some((answer.outcome == Outcome::Found, records))
        }
        _ => None,
    };
    let mut answers = domain.exchanges.iter().filter_map(told);
    let first = answers.next();
    first.is_some_and(|first| answers.any(|other| other != first))
}
