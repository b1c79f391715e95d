//! In which order the hosts that DNS names are tried: by priority, and within one priority at random by weight
//! (RFC 2782, "Usage rules"), as Windows 7 and later do.

use dns::Srv;

use crate::chance::Chance;
use crate::settings::HostPort;

/// Most hosts that are tried in one attempt.
const HOSTS_MAX: usize = 64;

/// The hosts of some records in the order of trying. Records that say that there is no service are left out.
pub(super) fn order(records: &[Srv], chance: &mut dyn Chance) -> Vec<HostPort> {
    let mut left: Vec<&Srv> = records.iter().filter(|record| !record.says_there_is_none()).collect();
    // Weight 0 first, as the RFC wants it: such a record has a small chance too.
    left.sort_by(|a, b| {
        (a.priority, a.weight, &a.target, a.port).cmp(&(b.priority, b.weight, &b.target, b.port))
    });
    left.dedup_by(|a, b| a.port == b.port && a.target.eq_ignore_ascii_case(&b.target));
    let mut hosts = Vec::new();
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
        hosts.push(HostPort { host: chosen.target.trim_end_matches('.').to_owned(), port: chosen.port });
    }
    hosts
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
        assert!(order(&[], &mut Seeded(3)).is_empty());
    }
}
