//! Every KMS record of many zones, with what answers at the end of each.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use dns::question::full_name;
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
}

/// What is known of one zone.
#[derive(Debug, Clone)]
pub struct ZoneAudit {
    /// The zone, as given.
    pub zone: String,
    /// How each server answered, in the servers' order.
    pub answers: Vec<(SocketAddr, Asked)>,
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
    /// Not on the list of hosts that ought to be there.
    Rogue,
    /// Another record of the zone leads to the same address and port.
    Duplicate,
    /// Another port than 1688.
    OddPort,
    /// A time to live below a minute or above a day.
    OddTtl,
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
    zones: &[String],
    options: &AuditOptions,
    random: &Random,
    mut progress: impl FnMut(u64),
) -> std::io::Result<Vec<ZoneAudit>> {
    let mut audits: Vec<ZoneAudit> = zones
        .iter()
        .map(|zone| ZoneAudit {
            zone: zone.clone(),
            answers: Vec::new(),
            records: Vec::new(),
            servers_differ: false,
        })
        .collect();
    let mut questions = Vec::with_capacity(zones.len());
    let mut of_question = Vec::with_capacity(zones.len());
    for (index, zone) in zones.iter().enumerate() {
        match Question::kms_hosts(zone) {
            Ok(question) => {
                questions.push(question);
                of_question.push(index);
            }
            Err(error) => {
                audits[index].answers.push((([0, 0, 0, 0], 0).into(), Asked::Failed(error.to_string())))
            }
        }
    }
    let bulk = BulkOptions { timeout: options.timeout, ..BulkOptions::default() };
    let last = options.nameservers.len().saturating_sub(1);
    for (order, server) in options.nameservers.iter().enumerate() {
        let take = |question: usize, asked: Asked| {
            audits[of_question[question]].answers.push((*server, asked));
            if order == last {
                progress(1);
            }
        };
        ask_many(*server, &questions, bulk, random, take).await?;
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
                reached: Vec::new(),
                faults: Vec::new(),
            })
            .collect();
    }
    let (addresses, without) = addresses(&audits, options, random).await?;
    let reached = if options.probe { reach_all(&audits, &addresses, options).await } else { BTreeMap::new() };
    for audit in &mut audits {
        for record in &mut audit.records {
            record.addresses =
                addresses.get(&record.record.target.to_lowercase()).cloned().unwrap_or_default();
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

/// Addresses of every target, asked once for all zones at every server; and the targets of which a server says that
/// they have none.
async fn addresses(
    audits: &[ZoneAudit],
    options: &AuditOptions,
    random: &Random,
) -> std::io::Result<(BTreeMap<String, Vec<IpAddr>>, BTreeSet<String>)> {
    let targets: BTreeSet<String> =
        audits.iter().flat_map(|audit| &audit.records).map(|one| one.record.target.to_lowercase()).collect();
    let mut found: BTreeMap<String, Vec<IpAddr>> = BTreeMap::new();
    let mut without: BTreeSet<String> = BTreeSet::new();
    let mut questions = Vec::new();
    let mut of_question = Vec::new();
    for target in &targets {
        if let Ok(address) = target.parse::<IpAddr>() {
            found.entry(target.clone()).or_default().push(address);
        } else if let Ok(name) = full_name(target) {
            for record_type in [RecordType::A, RecordType::AAAA] {
                questions.push(Question::new(name.clone(), record_type));
                of_question.push(target.clone());
            }
        }
    }
    let bulk = BulkOptions { timeout: options.timeout, ..BulkOptions::default() };
    let mut take = |question: usize, asked: Asked| {
        let target = &of_question[question];
        match asked {
            Asked::Answered(answer) if answer.outcome == Outcome::Found => {
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
        ask_many(*server, &questions, bulk, random, &mut take).await?;
    }
    without.retain(|target| !found.contains_key(target));
    Ok((found, without))
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
    for (index, one) in audit.records.iter_mut().enumerate() {
        let faults = &mut one.faults;
        if one.addresses.is_empty() {
            let told = without.contains(&one.record.target.to_lowercase());
            faults.push(if told { RecordFault::Unresolvable } else { RecordFault::AddressUnknown });
        } else if options.probe && !one.reached.iter().any(Reached::is_kms) {
            let answers = one.reached.iter().any(|reached| matches!(reached.outcome, Reach::Answer(_)));
            faults.push(if answers { RecordFault::OtherService } else { RecordFault::Dead });
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
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(target: &str, port: u16, ttl: u32, address: Option<&str>) -> RecordAudit {
        RecordAudit {
            record: Srv { priority: 0, weight: 0, port, target: target.to_owned(), ttl },
            addresses: address.iter().map(|text| text.parse().unwrap()).collect(),
            reached: Vec::new(),
            faults: Vec::new(),
        }
    }

    fn faults(records: Vec<RecordAudit>, allowed: &[&str]) -> Vec<Vec<RecordFault>> {
        let mut audit =
            ZoneAudit { zone: "contoso.com".to_owned(), answers: Vec::new(), records, servers_differ: false };
        let options = AuditOptions {
            nameservers: Vec::new(),
            timeout: Duration::ZERO,
            allowed: allowed.iter().map(|host| (*host).to_owned()).collect(),
            probe: false,
        };
        judge(&mut audit, &options, &["gone.contoso.com".to_owned()].into());
        audit.records.into_iter().map(|one| one.faults).collect()
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
