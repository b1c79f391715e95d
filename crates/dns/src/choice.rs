//! Which of several records a client takes first.
//!
//! Windows Vista and Server 2008 pick any record. Windows 7, Server 2008 R2 and later go by priority, and by weight
//! within one priority (RFC 2782); whether they follow the RFC's algorithm to the letter is not documented.

use crate::answer::Srv;

/// How a client chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Generation {
    /// Vista and Server 2008: priority and weight are ignored.
    Vista,
    /// Windows 7, Server 2008 R2 and later.
    Windows7,
}

/// A record with its place in the order of trying.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// The record.
    pub record: Srv,
    /// Candidates of group 0 are tried before those of group 1.
    pub group: usize,
    /// How likely it is the first of its group, from 0 to 1.
    pub chance: f64,
}

/// The records in the order in which a client would try them; within a group the likelier first, then by name.
///
/// Records that say that there is no service are left out.
pub fn candidates(records: &[Srv], generation: Generation) -> Vec<Candidate> {
    let mut records: Vec<Srv> =
        records.iter().filter(|record| !record.says_there_is_none()).cloned().collect();
    records.sort_by(|a, b| (a.priority, &a.target, a.port).cmp(&(b.priority, &b.target, b.port)));
    records.dedup_by(|a, b| {
        (a.priority, a.weight, a.port, &a.target) == (b.priority, b.weight, b.port, &b.target)
    });
    let group_of = |record: &Srv| if generation == Generation::Vista { 0 } else { record.priority };
    let mut priorities: Vec<u16> = records.iter().map(group_of).collect();
    priorities.sort_unstable();
    priorities.dedup();
    let mut candidates: Vec<Candidate> = Vec::with_capacity(records.len());
    for (group, priority) in priorities.iter().enumerate() {
        let members: Vec<&Srv> = records.iter().filter(|record| group_of(record) == *priority).collect();
        let weights: f64 = members.iter().map(|record| f64::from(record.weight)).sum();
        let even = generation == Generation::Vista || weights == 0.0;
        candidates.extend(members.iter().map(|record| Candidate {
            record: (*record).clone(),
            group,
            chance: if even { 1.0 / members.len() as f64 } else { f64::from(record.weight) / weights },
        }));
    }
    candidates.sort_by(|a, b| {
        a.group
            .cmp(&b.group)
            .then(b.chance.total_cmp(&a.chance))
            .then_with(|| a.record.target.cmp(&b.record.target))
    });
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    fn srv(priority: u16, weight: u16, target: &str) -> Srv {
        Srv { priority, weight, port: 1688, target: target.to_owned(), ttl: 3600 }
    }

    fn order(records: &[Srv], generation: Generation) -> Vec<(String, usize, u32)> {
        let percent = |c: &Candidate| (c.chance * 100.0).round() as u32;
        candidates(records, generation)
            .iter()
            .map(|c| (c.record.target.clone(), c.group, percent(c)))
            .collect()
    }

    #[test]
    fn priority_first_then_weight() {
        let records = [srv(10, 0, "late"), srv(0, 25, "small"), srv(0, 75, "big"), srv(0, 0, "never")];
        let expected = [("big", 0, 75), ("small", 0, 25), ("never", 0, 0), ("late", 1, 100)];
        let expected = expected.map(|(target, group, percent)| (target.to_owned(), group, percent));
        assert_eq!(order(&records, Generation::Windows7), expected);
        assert!(
            order(&records, Generation::Vista)
                .iter()
                .all(|(_, group, percent)| (*group, *percent) == (0, 25))
        );
    }

    #[test]
    fn ties_are_even_doubles_count_once_and_a_dot_is_nobody() {
        let records = [srv(0, 0, "b"), srv(0, 0, "a"), srv(0, 0, "a"), srv(0, 0, ".")];
        assert_eq!(order(&records, Generation::Windows7), [("a".to_owned(), 0, 50), ("b".to_owned(), 0, 50)]);
        assert!(candidates(&[srv(0, 0, ".")], Generation::Windows7).is_empty());
    }
}
