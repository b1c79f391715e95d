//! How many different machines asked within 30 days: the count that a client compares with its N-policy.
//!
//! Documented: a machine id counts once and its 30 days start again with each request; the count ends at twice the
//! largest N-policy received, and no more contacts than that are kept.
//! Not documented, and chosen here:
//! - The contact that has been silent the longest goes when the cap is reached.
//! - The cap follows the largest N-policy among the contacts that are remembered, so it shrinks when they are gone.
//! - 30 days are 30 times 24 hours. What is too old is dropped when a request is counted, never by the clock alone: a
//!   request that is counted comes from a machine whose clock agrees, so a host's clock that runs wild for an hour
//!   does not forget everybody.
//! - A contact from the future, left by a clock that was set back, is as old as the request that finds it.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use uuid::Uuid;

use crate::journal::Contact;
use crate::moment::{DAY, Moment};

/// How long a contact counts.
pub const WINDOW_SECONDS: i64 = 30 * DAY;

/// Largest N-policy that a request can raise the cap with; bounds the memory of a count.
pub const N_POLICY_MAX: u32 = 4095;

/// Twice an N-policy; one of 0 is none.
fn cap_of(n_policy: u32) -> u32 {
    2 * n_policy.max(1)
}

/// The count of one application. What a request costs grows with the logarithm of the contacts only.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// Last contact and N-policy by machine id. At most twice the largest N-policy.
    contacts: HashMap<Uuid, (Moment, u32)>,
    /// The same contacts, the longest silent first.
    by_silence: BTreeSet<(Moment, Uuid)>,
    /// How many contacts have an N-policy.
    policies: BTreeMap<u32, usize>,
}

impl Count {
    /// A count from what was remembered; also more than the cap.
    pub fn restored(contacts: impl IntoIterator<Item = Contact>) -> Count {
        let mut count = Count::default();
        for contact in contacts {
            let known = count.contacts.get(&contact.cmid).map_or(contact.at, |(at, _)| *at);
            count.put(contact.cmid, known.max(contact.at), contact.n_policy);
        }
        count.shrink();
        count
    }

    /// Counts a machine and returns the count with it.
    pub fn add(&mut self, cmid: Uuid, n_policy: u32, now: Moment) -> u32 {
        self.put(cmid, now, n_policy);
        self.expire(now);
        self.shrink();
        self.get()
    }

    /// Remembers a contact, and forgets the machine's last one.
    fn put(&mut self, cmid: Uuid, at: Moment, n_policy: u32) {
        let n_policy = n_policy.min(N_POLICY_MAX);
        self.remove(cmid);
        self.contacts.insert(cmid, (at, n_policy));
        self.by_silence.insert((at, cmid));
        *self.policies.entry(n_policy).or_default() += 1;
    }

    fn remove(&mut self, cmid: Uuid) {
        let Some((at, n_policy)) = self.contacts.remove(&cmid) else { return };
        self.by_silence.remove(&(at, cmid));
        if let Entry::Occupied(mut contacts) = self.policies.entry(n_policy) {
            *contacts.get_mut() -= 1;
            if *contacts.get() == 0 {
                contacts.remove();
            }
        }
    }

    fn expire(&mut self, now: Moment) {
        // Only after the clock was set back are there any.
        while let Some((_, cmid)) = self.by_silence.last().copied().filter(|(at, _)| *at > now) {
            let n_policy = self.contacts.get(&cmid).map_or(0, |(_, n_policy)| *n_policy);
            self.put(cmid, now, n_policy);
        }
        while let Some((at, cmid)) = self.by_silence.first().copied() {
            if now.since(at) < WINDOW_SECONDS {
                break;
            }
            self.remove(cmid);
        }
    }

    /// Takes out the longest silent until the cap holds; with each that goes the cap may shrink, too.
    fn shrink(&mut self) {
        while self.get() > self.cap() {
            let Some((_, cmid)) = self.by_silence.first().copied() else { break };
            self.remove(cmid);
        }
    }

    /// Twice the largest N-policy among the contacts; nothing can be counted beyond it.
    pub fn cap(&self) -> u32 {
        cap_of(self.policies.last_key_value().map_or(0, |(n_policy, _)| *n_policy))
    }

    /// True when a machine is among the contacts.
    pub fn knows(&self, cmid: Uuid) -> bool {
        self.contacts.contains_key(&cmid)
    }

    /// The count as of the last request.
    pub fn get(&self) -> u32 {
        u32::try_from(self.contacts.len()).unwrap_or(u32::MAX)
    }

    /// The contacts, the longest silent first.
    pub fn contacts(&self) -> Vec<Contact> {
        let told = self.by_silence.iter().filter_map(|(at, cmid)| {
            let (_, n_policy) = self.contacts.get(cmid)?;
            Some(Contact { cmid: *cmid, at: *at, n_policy: *n_policy })
        });
        told.collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Moment = Moment(1_700_000_000);

    fn machine(number: u128) -> Uuid {
        Uuid::from_u128(number + 1)
    }

    #[test]
    fn a_machine_counts_once_and_its_days_start_again() {
        let mut count = Count::default();
        assert_eq!(count.add(machine(1), 25, NOW), 1);
        assert_eq!(count.add(machine(1), 25, NOW.plus(29 * DAY)), 1);
        assert_eq!(count.add(machine(2), 25, NOW.plus(58 * DAY)), 2);
        assert_eq!(
            count.add(machine(2), 25, NOW.plus(59 * DAY)),
            1,
            "exactly 30 days after its last request"
        );
    }

    #[test]
    fn the_cap_is_twice_the_largest_n_policy() {
        let mut count = Count::default();
        for number in 0..30 {
            count.add(machine(number), 5, NOW.plus(number as i64));
        }
        assert_eq!(count.get(), 10);
        assert_eq!(count.contacts()[0].cmid, machine(20), "the longest silent went");
        for number in 100..200 {
            count.add(machine(number), 25, NOW.plus(100));
        }
        assert_eq!(count.get(), 50);
        let later = NOW.plus(40 * DAY);
        for number in 0..30 {
            count.add(machine(number), 5, later);
        }
        assert_eq!(count.get(), 10, "without clients of a larger N-policy the cap is small again");
    }

    #[test]
    fn the_clock_may_jump() {
        let mut count = Count::default();
        count.add(machine(1), 25, NOW.plus(365 * DAY));
        assert_eq!(count.add(machine(2), 25, NOW), 2);
        assert_eq!(
            count.add(machine(2), 25, NOW.plus(30 * DAY)),
            1,
            "the contact from the future aged from then on"
        );
    }

    #[test]
    fn what_was_remembered_is_counted_again() {
        let mut count = Count::default();
        for number in 0..20 {
            count.add(machine(number), 25, NOW.plus(number as i64));
        }
        let restored = Count::restored(count.contacts());
        assert_eq!(restored.contacts(), count.contacts());
        let contact = |number| Contact { cmid: machine(number), at: NOW, n_policy: 5 };
        assert_eq!(Count::restored((0..99).map(contact)).get(), 10);
    }

    proptest! {
        /// Against a list that is looked through each time, with clocks that jump and any N-policy.
        #[test]
        fn counts_like_a_list_of_contacts(
            requests in prop::collection::vec((0u128..60, -10 * DAY..20 * DAY, 0u32..30), 0..150),
        ) {
            let mut count = Count::default();
            let mut slow: Vec<Contact> = Vec::new();
            let mut now = NOW;
            for (number, pause, n_policy) in requests {
                now = now.plus(pause / 3);
                let contact = Contact { cmid: machine(number), at: now, n_policy };
                slow.retain(|other| other.cmid != contact.cmid);
                slow.push(contact);
                slow.iter_mut().for_each(|contact| contact.at = contact.at.min(now));
                slow.retain(|contact| now.since(contact.at) < WINDOW_SECONDS);
                slow.sort_by_key(|contact| (contact.at, contact.cmid));
                let cap = |slow: &[Contact]| 2 * slow.iter().map(|contact| contact.n_policy).max().unwrap_or(0).max(1);
                while slow.len() > cap(&slow) as usize {
                    slow.remove(0);
                }
                prop_assert_eq!(count.add(contact.cmid, n_policy, now) as usize, slow.len());
                prop_assert_eq!(count.contacts(), slow.clone());
                prop_assert_eq!(count.cap(), cap(&slow));
                prop_assert_eq!(Count::restored(slow.iter().rev().copied()).contacts(), slow.clone());
            }
        }

        /// Against a plain list of all requests.
        #[test]
        fn counts_like_a_list_of_requests(requests in prop::collection::vec((0u128..40, 0i64..3 * DAY), 1..200)) {
            let mut count = Count::default();
            let mut now = NOW;
            let mut seen: Vec<(u128, Moment)> = Vec::new();
            for (number, pause) in requests {
                now = now.plus(pause);
                let counted = count.add(machine(number), 25, now);
                seen.retain(|(other, _)| *other != number);
                seen.push((number, now));
                seen.retain(|(_, at)| now.since(*at) < WINDOW_SECONDS);
                prop_assert_eq!(counted as usize, seen.len());
            }
        }
    }
}
