//! The keys of one application as they were at one revision of etcd, and what follows from them for a request.

use std::collections::HashMap;

use activation::Moment;
use activation::counting::{Count, N_POLICY_MAX};
use activation::credentials::CLOCK_TOLERANCE;
use activation::journal::Contact;
use uuid::Uuid;

use crate::error::ClusterError;
use crate::record;

/// The most keys that an application can have: twice what a count can be. What is over the cap goes at once, so more
/// than that were not left behind by hosts.
pub(crate) const KEYS_MAX: usize = 4 * N_POLICY_MAX as usize;

/// What etcd answered to a range.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// Id of the cluster.
    pub cluster: u64,
    /// Revision of the store.
    pub revision: i64,
    /// Keys in the range, also those that are not in the answer.
    pub total: usize,
    /// True when the answer ends before the range does.
    pub more: bool,
    /// The keys of the answer.
    pub keys: Vec<Key>,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub name: Vec<u8>,
    pub value: Vec<u8>,
    /// Revision of its last change.
    pub revision: i64,
}

/// The keys of one application at one revision.
#[derive(Debug, Clone)]
pub(crate) struct Tally {
    cluster: u64,
    revision: i64,
    machines: HashMap<Uuid, Machine>,
}

#[derive(Debug, Clone, Copy)]
struct Machine {
    at: Moment,
    n_policy: u32,
    revision: i64,
}

/// What a request is told, and what is to be tidied up after it.
#[derive(Debug)]
pub(crate) struct Judgement {
    pub count: u32,
    pub chores: Vec<Chore>,
}

/// A change of one key that holds only while nobody else has written it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Chore {
    pub cmid: Uuid,
    /// The revision at which the key was read.
    pub revision: i64,
    pub what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum What {
    /// It no longer counts.
    Remove,
    /// It came from the future, and is as old as the request that found it.
    SetBack(Contact),
}

impl Tally {
    /// No keys yet, as a first page found it.
    pub(crate) fn at(page: &Page) -> Tally {
        Tally { cluster: page.cluster, revision: page.revision, machines: HashMap::new() }
    }

    /// The revision.
    pub(crate) fn revision(&self) -> i64 {
        self.revision
    }

    /// How many keys there are.
    #[cfg(feature = "etcd")]
    pub(crate) fn len(&self) -> usize {
        self.machines.len()
    }

    /// Takes keys.
    pub(crate) fn take(&mut self, folder: &str, application: Uuid, keys: &[Key]) -> Result<(), ClusterError> {
        for key in keys {
            let damaged = || ClusterError::Damaged { key: String::from_utf8_lossy(&key.name).into_owned() };
            let cmid = record::cmid(folder, &key.name).ok_or_else(damaged)?;
            let (at, n_policy) = record::read(&key.value).ok_or_else(damaged)?;
            self.machines.insert(cmid, Machine { at, n_policy, revision: key.revision });
            if self.machines.len() > KEYS_MAX {
                return Err(ClusterError::TooMany { application, limit: KEYS_MAX });
            }
        }
        Ok(())
    }

    /// This tally, grown by what has changed since its revision. Nothing when that does not make it whole: keys were
    /// removed, the answer was cut, or the cluster is another one or was put back to an older state.
    ///
    /// A removed key shows in the number of keys, because all that were written since are in the page.
    pub(crate) fn grown(
        &self,
        folder: &str,
        application: Uuid,
        page: &Page,
    ) -> Result<Option<Tally>, ClusterError> {
        if page.cluster != self.cluster || page.revision < self.revision || page.more {
            return Ok(None);
        }
        let mut grown = self.clone();
        grown.revision = page.revision;
        grown.take(folder, application, &page.keys)?;
        Ok((grown.machines.len() == page.total).then_some(grown))
    }

    /// Counts a request over what all hosts have written.
    pub(crate) fn judge(&self, cmid: Uuid, n_policy: u32, now: Moment) -> Judgement {
        let mut counted = Count::restored(self.all());
        let count = counted.add(cmid, n_policy, now);
        let kept: HashMap<Uuid, Contact> =
            counted.contacts().into_iter().map(|contact| (contact.cmid, contact)).collect();
        let chores = self.machines.iter().filter_map(|(cmid, machine)| {
            let what = match kept.get(cmid) {
                None => What::Remove,
                // Clocks of hosts that agree well enough for clients agree well enough here.
                Some(contact) if machine.at.since(contact.at) > CLOCK_TOLERANCE => What::SetBack(*contact),
                Some(_) => return None,
            };
            Some(Chore { cmid: *cmid, revision: machine.revision, what })
        });
        Judgement { count, chores: chores.collect() }
    }

    /// What counts as of the last request, the longest silent first.
    pub(crate) fn contacts(&self) -> Vec<Contact> {
        Count::restored(self.all()).contacts()
    }

    fn all(&self) -> impl Iterator<Item = Contact> {
        self.machines.iter().map(|(cmid, machine)| Contact {
            cmid: *cmid,
            at: machine.at,
            n_policy: machine.n_policy,
        })
    }
}

#[cfg(test)]
mod tests;
