//! Every KMS record of many zones, with what answers at the end of each.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use dns::question::told_name;
use dns::{Outcome, Question, RecordType, Srv};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::bulk::{BulkOptions, ask_many};
use crate::lookup::{Asked, Random};
use crate::reach::{Outcome as Reach, Reached, reach};

/// How to audit.
#[derive(Debug, Clone)]
pub struct AuditOptions {
    /// Servers that are asked, each for every zone; their answers are compared.
    pub nameservers: Vec<SocketAddr>,
    /// Whole time for a question and for a connection.
    pub timeout: Duration,
    /// Hosts that ought to be there, in lower case; none says nothing of anybody.
    pub allowed: BTreeSet<String>,
    /// Connect to the targets.
    pub probe: bool,
    /// Ask the servers for the records of each zone, and not just for what files leave open.
    pub ask: bool,
}

/// Who tells the records of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A server that was asked for them.
    Server(SocketAddr),
    /// A server that handed the zone over.
    Transfer(SocketAddr),
    /// A file.
    File(String),
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Server(address) => address.fmt(f),
            Source::Transfer(address) => write!(f, "{address} AXFR"),
            Source::File(path) => f.write_str(path),
        }
    }
}

/// Records of a domain that are known before anybody is asked.
#[derive(Debug, Clone)]
pub struct Known {
    /// The domain.
    pub domain: String,
    /// The zone that holds it.
    pub zone: String,
    /// Who told.
    pub source: Source,
    /// What.
    pub asked: Asked,
}

/// What is to be audited.
#[derive(Debug, Clone, Default)]
pub struct AuditInput {
    /// Zones to ask for.
    pub zones: Vec<String>,
    /// What transfers and files told before; their zones are asked for, too.
    pub known: Vec<Known>,
    /// Addresses that files told, by name in lower case.
    pub hosts: BTreeMap<String, Vec<IpAddr>>,
}

impl AuditInput {
    /// Every zone once, in the order in which they were named.
    fn audits(&self) -> Vec<ZoneAudit> {
        let mut audits: Vec<ZoneAudit> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let named = self.zones.iter().chain(self.known.iter().map(|known| &known.domain));
        for zone in named {
            places.entry(zone.trim_end_matches('.').to_lowercase()).or_insert_with(|| {
                audits.push(ZoneAudit {
                    zone: zone.clone(),
                    held_by: None,
                    answers: Vec::new(),
                    records: Vec::new(),
                    servers_differ: false,
                });
                audits.len() - 1
            });
        }
        for known in &self.known {
            if let Some(place) = places.get(&known.domain.trim_end_matches('.').to_lowercase()) {
                audits[*place].answers.push((known.source.clone(), known.asked.clone()));
                audits[*place].held_by = Some(known.zone.clone());
            }
        }
        audits
    }
}

/// What is known of one zone.
#[derive(Debug, Clone)]
pub struct ZoneAudit {
    /// The zone, as given; or a domain below it.
    pub zone: String,
    /// The zone that holds it, where a transfer or a file told.
    pub held_by: Option<String>,
    /// What each source told: files and transfers first, then the servers in their order.
    pub answers: Vec<(Source, Asked)>,
    /// The records, each once, by priority and name.
    pub records: Vec<RecordAudit>,
    /// The servers do not tell the same.
    pub servers_differ: bool,
}

/// What is known of one record.
#[derive(Debug, Clone)]
pub struct RecordAudit {
    /// The record.
    pub record: Srv,
    /// Addresses of its target.
    pub addresses: Vec<IpAddr>,
    /// Names that its addresses have (PTR), where that is none of the target's.
    pub other_names: Vec<(IpAddr, String)>,
    /// What answers at each address; empty when nobody was asked.
    pub reached: Vec<Reached>,
    /// What is wrong with it.
    pub faults: Vec<RecordFault>,
}

/// What can be wrong with a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordFault {
    /// The target has no address.
    Unresolvable,
    /// No server tells whether the target has an address.
    AddressUnknown,
    /// No address of the target answers.
    Dead,
    /// Something answers that is no KMS host.
    OtherService,
    /// A host for a site's own software, beside one for Windows.
    OtherKind,
    /// Not on the list of hosts that ought to be there.
    Rogue,
    /// Another record of the zone leads to the same address and port.
    Duplicate,
    /// Another port than 1688.
    OddPort,
    /// A time to live below a minute or above a day.
    OddTtl,
    /// An address of the target has another name (PTR).
    OtherName,
}

impl RecordFault {
    /// Clients that take the record fail, or go where they ought not to.
    pub fn is_error(self) -> bool {
        matches!(
            self,
            RecordFault::Unresolvable | RecordFault::Dead | RecordFault::OtherService | RecordFault::Rogue
        )
    }
}

/// Connections at once.
const AT_ONCE: usize = 500;

/// Audits zones; `progress` is told of each zone that has been looked up at all servers.
pub async fn audit(
    input: &AuditInput,
    options: &AuditOptions,
    random: &Random,
    mut progress: impl FnMut(u64),
) -> std::io::Result<Vec<ZoneAudit>> {
    let mut audits = input.audits();
    let bulk = BulkOptions { timeout: options.timeout, ..BulkOptions::default() };
    let last = options.nameservers.len().saturating_sub(1);
    for (order, server) in options.nameservers.iter().enumerate().filter(|_| options.ask) {
        let mut told: Vec<(usize, Asked)> = Vec::with_capacity(audits.len());
        let mut no_names: Vec<(usize, Asked)> = Vec::new();
        let questions = audits.iter().enumerate().filter_map(|(index, audit)| {
            let question = Question::kms_hosts(&audit.zone)
                .map_err(|error| no_names.push((index, Asked::Failed(error.to_string()))));
            Some((index, question.ok()?))
        });
        let take = |index: usize, asked: Asked| {
            told.push((index, asked));
            if order == last {
                progress(1);
            }
        };
        ask_many(*server, questions, bulk, random, take).await?;
        for (index, asked) in told {
            audits[index].answers.push((Source::Server(*server), asked));
        }
        // What is no name is so for every server.
        for (index, asked) in no_names.into_iter().filter(|_| order == 0) {
            audits[index].answers.push((Source::Server(([0, 0, 0, 0], 0).into()), asked));
        }
    }
    for audit in &mut audits {
        let records = |asked: &Asked| match asked {
            Asked::Answered(answer) if answer.tells() => {
                Some(answer.srv.iter().cloned().collect::<BTreeSet<Srv>>())
            }
            _ => None,
        };
        let told: Vec<BTreeSet<Srv>> = audit.answers.iter().filter_map(|(_, asked)| records(asked)).collect();
        let bare = |set: &BTreeSet<Srv>| {
            set.iter()
                .map(|srv| Srv { ttl: 0, target: srv.target.to_lowercase(), ..srv.clone() })
                .collect::<BTreeSet<_>>()
        };
        audit.servers_differ = told.windows(2).any(|pair| bare(&pair[0]) != bare(&pair[1]));
        let mut all: Vec<Srv> = told.into_iter().flatten().filter(|srv| !srv.says_there_is_none()).collect();
        all.sort_by(|a, b| {
            (a.priority, &a.target, a.port, a.weight).cmp(&(b.priority, &b.target, b.port, b.weight))
        });
        all.dedup_by(|a, b| {
            (a.priority, a.weight, a.port) == (b.priority, b.weight, b.port)
                && a.target.eq_ignore_ascii_case(&b.target)
        });
        audit.records = all
            .into_iter()
            .map(|record| RecordAudit {
                record,
                addresses: Vec::new(),
                other_names: Vec::new(),
                reached: Vec::new(),
                faults: Vec::new(),
            })
            .collect();
    }
    let Addresses { found: addresses, without, canonical } =
        addresses(&audits, input, options, random).await?;
    let names = names_of(&addresses, options, random).await?;
    let reached = if options.probe { reach_all(&audits, &addresses, options).await } else { BTreeMap::new() };
    for audit in &mut audits {
        for record in &mut audit.records {
            let target = record.record.target.to_lowercase();
            record.addresses = addresses.get(&target).cloned().unwrap_or_default();
            record.other_names = other_names(&target, &record.addresses, &names, &canonical);
            let own = record
                .addresses
                .iter()
                .filter_map(|ip| reached.get(&SocketAddr::new(*ip, record.record.port)));
            record.reached = own.cloned().collect();
        }
        judge(audit, options, &without);
    }
    Ok(audits)
}

/// What is known of the targets' addresses; names are in lower case.
struct Addresses {
    found: BTreeMap<String, Vec<IpAddr>>,
    /// Targets of which a server says that they have none.
    without: BTreeSet<String>,
    /// Further names of a target that is an alias.
    canonical: BTreeMap<String, BTreeSet<String>>,
}

/// Addresses of every target, asked once for all zones at every server.
async fn addresses(
    audits: &[ZoneAudit],
    input: &AuditInput,
    options: &AuditOptions,
    random: &Random,
) -> std::io::Result<Addresses> {
    let targets = audits.iter().flat_map(|audit| &audit.records).map(|one| one.record.target.to_lowercase());
    // Very many zones name few hosts; each is asked for once.
    let targets: Vec<String> =
        targets.collect::<HashSet<_>>().into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    let mut found: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    let mut without: BTreeSet<String> = BTreeSet::new();
    let mut canonical: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut questions: Vec<(usize, Question)> = Vec::new();
    for (index, target) in targets.iter().enumerate() {
        if let Some(addresses) = input.hosts.get(target) {
            found.entry(target.clone()).or_default().extend(addresses);
            if !options.ask {
                continue;
            }
        }
        if let Ok(address) = target.parse::<IpAddr>() {
            found.entry(target.clone()).or_default().push(address);
        } else if let Ok(name) = told_name(target) {
            for record_type in [RecordType::A, RecordType::AAAA] {
                questions.push((index, Question::new(name.clone(), record_type)));
            }
        }
    }
    let bulk = BulkOptions { timeout: options.timeout, ..BulkOptions::default() };
    let mut take = |index: usize, asked: Asked| {
        let target = &targets[index];
        match asked {
            Asked::Answered(answer) if answer.outcome == Outcome::Found => {
                let aliases = answer.aliases.into_iter().map(|(_, name)| name.to_lowercase());
                canonical.entry(target.clone()).or_default().extend(aliases);
                let known = found.entry(target.clone()).or_default();
                known.extend(answer.addresses);
                known.sort();
                known.dedup();
            }
            Asked::Answered(answer) if answer.tells() => drop(without.insert(target.clone())),
            _ => {}
        }
    };
    for server in &options.nameservers {
        ask_many(*server, questions.iter().cloned(), bulk, random, &mut take).await?;
    }
    without.retain(|target| !found.contains_key(target));
    Ok(Addresses { found, without, canonical })
}

/// The names of every address (PTR), in lower case.
async fn names_of(
    addresses: &BTreeMap<String, Vec<IpAddr>>,
    options: &AuditOptions,
    random: &Random,
) -> std::io::Result<BTreeMap<IpAddr, BTreeSet<String>>> {
    let distinct: BTreeSet<IpAddr> = addresses.values().flatten().copied().collect();
    let asked: Vec<IpAddr> = distinct.into_iter().collect();
    let questions =
        asked.iter().map(|address| (*address, Question::new(dns::Name::from(*address), RecordType::PTR)));
    let mut names: BTreeMap<IpAddr, BTreeSet<String>> = BTreeMap::new();
    let bulk = BulkOptions { timeout: options.timeout, ..BulkOptions::default() };
    let mut take = |address: IpAddr, answer: Asked| {
        if let Asked::Answered(answer) = answer {
            let told = answer.names.into_iter().map(|name| name.to_lowercase());
            names.entry(address).or_default().extend(told);
        }
    };
    for server in &options.nameservers {
        ask_many(*server, questions.clone(), bulk, random, &mut take).await?;
    }
    Ok(names)
}

/// Addresses whose names are none of the target's. An address without a name tells nothing.
fn other_names(
    target: &str,
    addresses: &[IpAddr],
    names: &BTreeMap<IpAddr, BTreeSet<String>>,
    canonical: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<(IpAddr, String)> {
    let own = |name: &String| {
        name == target || canonical.get(target).is_some_and(|canonical| canonical.contains(name))
    };
    // A target that is an address itself has no name to compare with.
    if target.parse::<IpAddr>().is_ok() {
        return Vec::new();
    }
    let others = addresses.iter().filter_map(|address| Some((*address, names.get(address)?)));
    others
        .filter(|(_, names)| !names.iter().any(own))
        .filter_map(|(address, names)| Some((address, names.first()?.clone())))
        .collect()
}

/// Connects once to every address and port, however many records lead there.
async fn reach_all(
    audits: &[ZoneAudit],
    addresses: &BTreeMap<String, Vec<IpAddr>>,
    options: &AuditOptions,
) -> BTreeMap<SocketAddr, Reached> {
    let mut wanted: BTreeSet<SocketAddr> = BTreeSet::new();
    for record in audits.iter().flat_map(|audit| &audit.records).map(|one| &one.record) {
        let own = addresses.get(&record.target.to_lowercase()).into_iter().flatten();
        wanted.extend(own.map(|ip| SocketAddr::new(*ip, record.port)));
    }
    let limit = std::sync::Arc::new(Semaphore::new(AT_ONCE));
    let mut tasks = JoinSet::new();
    for address in wanted {
        let (limit, timeout) = (limit.clone(), options.timeout);
        tasks.spawn(async move {
            let _permit = limit.acquire().await;
            (address, reach(address, timeout).await)
        });
    }
    tasks.join_all().await.into_iter().collect()
}

fn judge(audit: &mut ZoneAudit, options: &AuditOptions, without: &BTreeSet<String>) {
    const TTL_MIN: u32 = 60;
    const TTL_MAX: u32 = 86_400;
    let ends: Vec<(usize, Vec<SocketAddr>)> = audit
        .records
        .iter()
        .map(|one| one.addresses.iter().map(|ip| SocketAddr::new(*ip, one.record.port)).collect())
        .enumerate()
        .collect();
    let for_windows = audit.records.iter().any(|one| one.reached.iter().any(Reached::is_kms));
    for (index, one) in audit.records.iter_mut().enumerate() {
        let faults = &mut one.faults;
        if one.addresses.is_empty() {
            let told = without.contains(&one.record.target.to_lowercase());
            faults.push(if told { RecordFault::Unresolvable } else { RecordFault::AddressUnknown });
        } else if options.probe && !one.reached.iter().any(Reached::is_host) {
            let answers = one.reached.iter().any(|reached| matches!(reached.outcome, Reach::Answer(_)));
            faults.push(if answers { RecordFault::OtherService } else { RecordFault::Dead });
        } else if for_windows && !one.reached.iter().any(Reached::is_kms) && !one.reached.is_empty() {
            faults.push(RecordFault::OtherKind);
        }
        if !options.allowed.is_empty() && !options.allowed.contains(&one.record.target.to_lowercase()) {
            faults.push(RecordFault::Rogue);
        }
        let own = &ends[index].1;
        if ends.iter().any(|(other, theirs)| *other != index && theirs.iter().any(|end| own.contains(end))) {
            faults.push(RecordFault::Duplicate);
        }
        if one.record.port != rpc::KMS_PORT {
            faults.push(RecordFault::OddPort);
        }
        if !(TTL_MIN..=TTL_MAX).contains(&one.record.ttl) {
            faults.push(RecordFault::OddTtl);
        }
        if !one.other_names.is_empty() {
            faults.push(RecordFault::OtherName);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(target: &str, port: u16, ttl: u32, address: Option<&str>) -> RecordAudit {
        RecordAudit {
            record: Srv { priority: 0, weight: 0, port, target: target.to_owned(), ttl },
            addresses: address.iter().map(|text| text.parse().unwrap()).collect(),
            other_names: Vec::new(),
            reached: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn faults(records: Vec<RecordAudit>, allowed: &[&str]) -> Vec<Vec<RecordFault>> {
        let mut audit = ZoneAudit {
            zone: "contoso.com".to_owned(),
            held_by: None,
            answers: Vec::new(),
            records,
            servers_differ: false,
        };
        let options = AuditOptions {
            nameservers: Vec::new(),
            timeout: Duration::ZERO,
            allowed: allowed.iter().map(|host| (*host).to_owned()).collect(),
            probe: false,
            ask: true,
        };
        judge(&mut audit, &options, &["gone.contoso.com".to_owned()].into());
        audit.records.into_iter().map(|one| one.faults).collect()
    }

    #[test]
    fn an_address_of_another_name_is_told_and_an_alias_is_none() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        let (known, unknown): (IpAddr, IpAddr) =
            ("192.0.2.40".parse().unwrap(), "192.0.2.41".parse().unwrap());
        let names = BTreeMap::from([(known, set(&["srv7.contoso.com"]))]);
        let aliases = BTreeMap::from([("kms.contoso.com".to_owned(), set(&["srv7.contoso.com"]))]);
        let told = |target: &str| other_names(target, &[known, unknown], &names, &aliases);
        assert_eq!(told("kms01.contoso.com"), [(known, "srv7.contoso.com".to_owned())]);
        assert_eq!(told("kms.contoso.com"), []);
        assert_eq!(told("srv7.contoso.com"), []);
        assert_eq!(told("192.0.2.40"), []);
    }

    #[test]
    fn records_are_judged_one_by_one_and_against_each_other() {
        use RecordFault::*;
        assert_eq!(
            faults(
                vec![
                    record("KMS01.contoso.com", 1688, 3600, Some("192.0.2.40")),
                    record("alias.contoso.com", 1688, 3600, Some("192.0.2.40")),
                    record("gone.contoso.com", 1700, 5, None),
                ],
                &["kms01.contoso.com"],
            ),
            [vec![Duplicate], vec![Rogue, Duplicate], vec![Unresolvable, Rogue, OddPort, OddTtl]]
        );
    }
}
