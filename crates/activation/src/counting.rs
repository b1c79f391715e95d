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

use std::collections::HashMap;

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

/// The count of one application.
#[derive(Debug, Clone, Default)]
pub struct Count {
    /// Last contact and N-policy by machine id. At most twice the largest N-policy.
    contacts: HashMap<Uuid, (Moment, u32)>,
}

impl Count {
    /// A count from what was remembered; also more than the cap.
    pub fn restored(contacts: impl IntoIterator<Item = Contact>) -> Count {
        let mut count = Count::default();
        for contact in contacts {
            count.insert(contact.cmid, contact.at, contact.n_policy);
        }
        count.shrink();
        count
    }

    /// Counts a machine and returns the count with it.
    pub fn add(&mut self, cmid: Uuid, n_policy: u32, now: Moment) -> u32 {
        if let Some(contact) = self.contacts.get_mut(&cmid) {
            // The common case by far, and nothing can become too many by it.
            *contact = (now, n_policy.min(N_POLICY_MAX));
        } else {
            self.insert(cmid, now, n_policy);
        }
        self.expire(now);
        self.shrink();
        self.get()
    }

    fn insert(&mut self, cmid: Uuid, at: Moment, n_policy: u32) {
        let contact = self.contacts.entry(cmid).or_insert((at, 0));
        *contact = (contact.0.max(at), n_policy.min(N_POLICY_MAX));
    }

    fn expire(&mut self, now: Moment) {
        for (at, _) in self.contacts.values_mut() {
            *at = (*at).min(now);
        }
        self.contacts.retain(|_, (at, _)| now.since(*at) < WINDOW_SECONDS);
    }

    /// Takes out the longest silent until the cap holds; with each that goes the cap may shrink, too.
    fn shrink(&mut self) {
        let within = |length: usize, cap: u32| usize::try_from(cap).is_ok_and(|cap| length <= cap);
        // A new machine at the cap puts out one, as good as always.
        if !within(self.contacts.len(), self.cap()) {
            let oldest = self.contacts.iter().min_by_key(|(cmid, (at, _))| (*at, **cmid));
            let oldest = oldest.map(|(cmid, _)| *cmid);
            oldest.and_then(|cmid| self.contacts.remove(&cmid));
        }
        if within(self.contacts.len(), self.cap()) {
            return;
        }
        let mut silent: Vec<(Moment, Uuid, u32)> =
            self.contacts.iter().map(|(cmid, (at, n_policy))| (*at, *cmid, *n_policy)).collect();
        silent.sort_unstable();
        // From the latest contact back: as long as those from here on fit under their own cap, one more may stay.
        let mut largest = 0;
        let mut stay = silent.len();
        for (index, (_, _, n_policy)) in silent.iter().enumerate().rev() {
            largest = largest.max(*n_policy);
            if within(silent.len() - index, cap_of(largest)) {
                stay = index;
            }
        }
        for (_, cmid, _) in &silent[..stay] {
            self.contacts.remove(cmid);
        }
    }

    /// Twice the largest N-policy among the contacts; nothing can be counted beyond it.
    pub fn cap(&self) -> u32 {
        cap_of(self.contacts.values().map(|(_, n_policy)| *n_policy).max().unwrap_or(0))
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
        let mut contacts: Vec<Contact> = self
            .contacts
            .iter()
            .map(|(cmid, (at, n_policy))| Contact { cmid: *cmid, at: *at, n_policy: *n_policy })
            .collect();
        contacts.sort_by_key(|contact| (contact.at, contact.cmid));
        contacts
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
        /// Against taking out one at a time.
        #[test]
        fn shrinks_like_one_at_a_time(contacts in prop::collection::vec((0u128..200, 0i64..50, 0u32..30), 0..120)) {
            let contact = |(number, at, n_policy)| Contact { cmid: machine(number), at: NOW.plus(at), n_policy };
            let mut slow = Count::default();
            for contact in contacts.iter().copied().map(contact) {
                slow.insert(contact.cmid, contact.at, contact.n_policy);
            }
            while slow.contacts.len() > slow.cap() as usize {
                let oldest = slow.contacts()[0].cmid;
                slow.contacts.remove(&oldest);
            }
            let quick = Count::restored(contacts.iter().copied().map(contact));
            prop_assert_eq!(quick.contacts(), slow.contacts());
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
