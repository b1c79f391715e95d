//! What all connections of a host share.

use std::net::IpAddr;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use activation::host::{Decision, ProductStatus, Reply};
use activation::publishing::Publishing;
use activation::{Host, Moment};
use rpc::activation::{Answer, Request};
use tokio::sync::Notify;

use super::admission::{Admission, Tale};
use super::journal::{Journal, NotDurable};
use super::metrics::{Metrics, add};
use super::options::Changeable;
use super::run::Started;
use super::shared_count::Shares;
use super::signer::Signer;
use crate::clock::Clock;
use crate::log::{Level, Log};

/// A journal that can't be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Failing {
    /// The first entry that could not be made durable.
    first: u64,
    /// The log has the cause.
    told: bool,
}

/// The host's state behind its lock, with what is on its way to the journal.
#[derive(Debug)]
pub(super) struct Judge {
    pub(super) host: Host,
    /// Entries that were handed to the journal and are not durable yet.
    pub(super) under_way: usize,
    /// An entry came back; those behind it come back, too, before the next request is decided.
    pub(super) returning: bool,
    /// Entries that could not be made durable, while none has been since.
    pub(super) failing: Option<Failing>,
}

/// What the tasks of a host share.
pub(crate) struct Shared {
    pub(super) judge: Mutex<Judge>,
    pub(super) admission: Mutex<Admission>,
    pub(super) publishing: Mutex<Publishing>,
    /// How the host was started.
    pub(super) started: Started,
    /// What is in force of that which a reload may change.
    pub(super) changeable: Mutex<Arc<Changeable>>,
    pub(super) journal: Journal,
    pub(super) signer: Signer,
    /// The count of all hosts of a cluster, where there is one.
    pub(super) shares: Option<Shares>,
    pub(super) metrics: Metrics,
    pub(super) log: Log,
    pub(super) clock: Clock,
    /// Wakes the publisher when something changed.
    pub(super) publish: Notify,
    /// Held while settings are changed and kept, so that none is lost beside another.
    pub(super) changing: tokio::sync::Mutex<()>,
    /// True once the service ends. A reload wakes all who listen here, too, and leaves it as it is.
    pub(super) stop: tokio::sync::watch::Sender<bool>,
    /// Calls that are being answered; a graceful stop waits for them.
    pub(super) calls: AtomicUsize,
}

/// A lock whose holder panicked still holds whole values: no invariant spans two statements.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What a journal that failed is tried with: as much as the rows of many requests, taken away again at once.
const TRIAL: &str = "trial";
const TRIAL_BYTES: usize = 64 << 10;

impl Shared {
    /// What is in force of that which a reload may change.
    pub(super) fn changeable(&self) -> Arc<Changeable> {
        locked(&self.changeable).clone()
    }

    /// How long a connection of an address may be without a complete request; nothing when it is to end.
    pub(super) fn patience_with(&self, address: IpAddr) -> Option<Duration> {
        let admission = locked(&self.admission);
        admission.is_allowed(address).then(|| admission.patience())
    }

    /// Judges a request, makes the answer durable, and gives it signed. Nothing when it could not be made durable:
    /// then nothing may leave.
    pub(super) async fn answer(&self, request: &Request) -> Option<Answer> {
        let now = self.clock.now();
        let shared_count = match &self.shares {
            None => None,
            Some(shares) => self.shared_count(shares, request, now).await?,
        };
        let (sequence, reply, written) = {
            let mut judge = locked(&self.judge);
            if judge.returning && judge.under_way > 0 {
                // What is under way comes back first, or sequence numbers would have gaps.
                add(&self.metrics.not_durable);
                return None;
            }
            judge.returning = false;
            if self.shares.is_some()
                && shared_count.is_none()
                && judge.host.counted_as(request, now).is_some()
            {
                // A new licence came in between, and the request was not counted with the others.
                return None;
            }
            let Decision { entry, counted_n_policy, counters, reply } =
                judge.host.decide(request, now, shared_count);
            judge.under_way += 1;
            (entry.sequence, reply, self.journal.submit(entry, counted_n_policy, counters))
        };
        let answered =
            if matches!(reply, Reply::Lease(_)) { &self.metrics.granted } else { &self.metrics.refused };
        // The journal writes while this signs.
        let answer = self.signer.sign(reply).await;
        match written.wait().await {
            Ok(()) => {
                self.kept(sequence);
                add(answered);
                answer
            }
            Err(failed) => {
                self.take_back(sequence, &failed);
                None
            }
        }
    }

    /// An entry became durable.
    fn kept(&self, sequence: u64) {
        let works_again = {
            let mut judge = locked(&self.judge);
            judge.under_way -= 1;
            // One that was written before the failure says nothing of the time after it.
            judge.failing.take_if(|failing| sequence >= failing.first).is_some()
        };
        if works_again {
            self.tell_journal_works();
        }
    }

    /// An entry did not become durable: it is as if the request had not come.
    fn take_back(&self, sequence: u64, failed: &NotDurable) {
        let tell = {
            let mut judge = locked(&self.judge);
            judge.under_way -= 1;
            judge.host.take_back(&failed.entry);
            judge.returning = true;
            // Told once, not for each request: the log may lie on the same full disk. Entries that only follow the one
            // that failed may be heard of before it.
            let before = judge.failing.unwrap_or(Failing { first: sequence, told: false });
            let tell = !before.told && !failed.problem.follows;
            judge.failing = Some(Failing { first: before.first.min(sequence), told: before.told || tell });
            tell
        };
        add(&self.metrics.not_durable);
        if tell {
            let effect = "no answer leaves until the journal can be written";
            let details: [(&str, &dyn std::fmt::Display); 2] =
                [("problem", &failed.problem.words), ("effect", &effect)];
            self.log.tell(Level::Error, "journal-failed", &details);
        }
    }

    /// Not to be told while the judge is held: a log may block.
    fn tell_journal_works(&self) {
        self.log.tell(Level::Info, "journal-works", &[("effect", &"requests are answered again")]);
    }

    /// Tries a journal that failed. Nobody may ask a host that says it is not well, so it sees by itself when it is
    /// well again.
    pub(super) async fn try_journal(&self) {
        if locked(&self.judge).failing.is_none() {
            return;
        }
        let Journal::Store(committer, _) = &self.journal else { return };
        let Ok(tried) = committer.run(|store| {
            let room = "-".repeat(TRIAL_BYTES);
            store.meta_set(TRIAL, Some(&room)).and_then(|()| store.meta_set(TRIAL, None))
        }) else {
            return;
        };
        if matches!(tried.await, Ok(Ok(()))) {
            let works_again = {
                let mut judge = locked(&self.judge);
                // Requests that are under way will tell themselves.
                judge.under_way == 0 && judge.failing.take().is_some()
            };
            if works_again {
                self.tell_journal_works();
            }
        }
    }

    /// The count of all hosts for a request that will be counted. Nothing inside for one that is refused anyway, and
    /// nothing at all when it cannot be answered now.
    async fn shared_count(&self, shares: &Shares, request: &Request, now: Moment) -> Option<Option<u32>> {
        let (counted_as, known) = {
            let judge = locked(&self.judge);
            (judge.host.counted_as(request, now), judge.host.knows(request))
        };
        let Some((application, n_policy)) = counted_as else { return Some(None) };
        if shares.lacks(application) {
            let contacts = locked(&self.judge).host.contacts(application);
            shares.bring(application, &contacts).await;
        }
        let count = shares.counted(application, request.cmid, n_policy, now, known, &self.log).await;
        if count.is_none() {
            add(&self.metrics.not_counted);
        }
        count.map(Some)
    }

    /// The host's products with counts and counters.
    pub(super) fn products(&self) -> Vec<ProductStatus> {
        locked(&self.judge).host.products(self.clock.now())
    }

    /// Open connections.
    pub(super) fn connections(&self) -> usize {
        locked(&self.admission).connections()
    }

    /// Why the host can't do its work; nothing when it can.
    pub(super) fn health(&self) -> Result<(), String> {
        if locked(&self.judge).failing.is_some() {
            return Err("the journal can't be written".to_owned());
        }
        if self.shares.as_ref().is_some_and(Shares::is_lost) {
            return Err("the shared count can't be reached".to_owned());
        }
        let products = self.products();
        match products.iter().find(|status| !status.in_force) {
            Some(status) => Err(format!("the licence for {} is not in force", status.grant.product.name)),
            None => Ok(()),
        }
    }

    /// Tells something about an address once.
    pub(super) fn tell_once(
        &self,
        address: IpAddr,
        tale: Tale,
        level: Level,
        happening: &str,
        details: &[(&str, &dyn std::fmt::Display)],
    ) {
        if locked(&self.admission).is_news(address, tale, Instant::now()) {
            let mut all: Vec<(&str, &dyn std::fmt::Display)> = vec![("address", &address)];
            all.extend_from_slice(details);
            self.log.tell(level, happening, &all);
        }
    }

    /// The time in whole seconds since 1970, for signatures of DNS updates.
    pub(super) fn seconds(&self) -> u64 {
        let Moment(seconds) = self.clock.now();
        u64::try_from(seconds).unwrap_or(0)
    }
}
