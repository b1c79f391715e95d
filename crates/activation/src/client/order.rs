//! In which order the hosts that DNS names are tried: by priority, and within one priority at random by weight
//! (RFC 2782, "Usage rules"), as Windows 7 and later do.

use dns::Srv;

use crate::chance::Chance;
use crate::settings::HostPort;

/// Most hosts that are tried in one attempt.
const HOSTS_MAX: usize = 64;

/// The hosts of some records in the order of trying. Records that say that there is no service are left out.
pub(super) fn order(records: &[Srv], chance: &mut dyn Chance) -> Vec<HostPort> {
    let mut left: Vec<Named<'_>> =
        records.iter().filter(|record| !record.says_there_is_none()).map(Named::new).collect();
    // Weight 0 first, as the RFC wants it: such a record has a small chance too.
    left.sort();
    left.dedup_by(|a, b| (a.priority, a.weight, &a.name, a.port) == (b.priority, b.weight, &b.name, b.port));
    let mut hosts: Vec<HostPort> = Vec::new();
    while let Some(first) = left.first()
        && hosts.len() < HOSTS_MAX
    {
        let priority = first.priority;
        let group = left.iter().take_while(|record| record.priority == priority);
        let sum: u64 = group.clone().map(|record| u64::from(record.weight)).sum();
        let at = if sum == 0 {
            // Without weights every host is as good as the others; the RFC leaves this open, KMS picks at random.
            chance.below(group.count() as u64) as usize
        } else {
            let drawn = chance.below(sum + 1);
            let mut running = 0;
            group
                .clone()
                .position(|record| {
                    running += u64::from(record.weight);
                    running >= drawn
                })
                .unwrap_or(0)
        };
        let chosen = left.remove(at);
        let host = HostPort { host: chosen.shown.to_owned(), port: chosen.port };
        // A host may have several records, with priorities of their own: one trial is enough.
        if !hosts.iter().any(|known| known.is_same(&host)) {
            hosts.push(host);
        }
    }
    hosts
}

/// A record in the order of the RFC.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Named<'a> {
    priority: u16,
    weight: u16,
    /// The target as names are compared.
    name: String,
    port: u16,
    shown: &'a str,
}

impl Named<'_> {
    fn new(record: &Srv) -> Named<'_> {
        let shown = record.target.trim_end_matches('.');
        let (priority, weight, port) = (record.priority, record.weight, record.port);
        Named { priority, weight, name: shown.to_ascii_lowercase(), port, shown }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Seeded;

    fn srv(priority: u16, weight: u16, target: &str) -> Srv {
        Srv { priority, weight, port: 1688, target: target.to_owned(), ttl: 3600 }
    }

    fn share_of(first: &str, records: &[Srv]) -> f64 {
        let mut chance = Seeded(1);
        let hits = (0..4000).filter(|_| order(records, &mut chance)[0].host == first).count();
        hits as f64 / 4000.0
    }

    #[test]
    fn priority_first_then_chance_by_weight() {
        let records = [srv(10, 0, "late"), srv(0, 25, "small"), srv(0, 75, "big"), srv(0, 0, "rare")];
        assert!((0.70..0.80).contains(&share_of("big", &records)));
        assert!((0.001..0.03).contains(&share_of("rare", &records)));
        let all = order(&records, &mut Seeded(2));
        assert_eq!((all.len(), all[3].host.as_str()), (4, "late"));
    }

    #[test]
    fn without_weights_all_are_equal_and_nobody_twice() {
        let records = [srv(0, 0, "a"), srv(0, 0, "b"), srv(0, 0, "c"), srv(0, 0, "A"), srv(0, 0, ".")];
        assert!((0.30..0.37).contains(&share_of("b", &records)));
        assert_eq!(order(&records, &mut Seeded(3)).len(), 3);
        let again = [srv(0, 5, "A"), srv(0, 5, "B"), srv(0, 7, "a."), srv(9, 0, "b")];
        assert_eq!(order(&again, &mut Seeded(3)).len(), 2, "one host by four records is two");
        assert!(order(&[], &mut Seeded(3)).is_empty());
    }
}
