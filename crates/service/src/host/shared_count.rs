//! A host's part in a count that several hosts share.

use std::collections::{HashMap, HashSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use activation::Moment;
use activation::journal::Contact;
use cluster::{ClusterError, SharedCount, WithoutMajority, fallback};
use uuid::Uuid;

use super::shared::locked;
use crate::log::{Level, Log};

/// How a host takes part.
#[derive(Debug, Clone)]
pub struct ClusterOptions {
    /// The members of the etcd cluster, as `http://10.0.0.5:2379`.
    pub endpoints: Vec<String>,
    /// Whom it answers without a majority.
    pub without_majority: WithoutMajority,
    /// Keys, times, user and certificates.
    pub options: cluster::Options,
}

/// The shared count, with what the host remembers of it for bad times.
pub(super) struct Shares {
    count: SharedCount,
    without_majority: WithoutMajority,
    last_known: Mutex<HashMap<Uuid, u32>>,
    /// Applications whose contacts of this host the cluster has: what was counted before it was joined, and what was
    /// renewed while it was away.
    brought: Mutex<HashSet<Uuid>>,
    lost: AtomicBool,
}

impl Shares {
    /// Joins the cluster.
    pub(super) async fn join(options: &ClusterOptions) -> Result<Shares, ClusterError> {
        let count = cluster::connect(&options.endpoints, options.options.clone()).await?;
        Ok(Shares {
            count,
            without_majority: options.without_majority,
            last_known: Mutex::new(HashMap::new()),
            brought: Mutex::new(HashSet::new()),
            lost: AtomicBool::new(false),
        })
    }

    /// True when the cluster still lacks this host's contacts of an application.
    pub(super) fn lacks(&self, application: Uuid) -> bool {
        !locked(&self.brought).contains(&application)
    }

    /// Brings the host's contacts of an application into the cluster. Later times of other hosts stay.
    pub(super) async fn bring(&self, application: Uuid, contacts: &[Contact]) {
        // Should it fail, the count that follows fails too and is told; it is tried again with the next request.
        if self.count.bring(application, contacts).await.is_ok() {
            locked(&self.brought).insert(application);
        }
    }

    /// The shared count with this machine, or the last known one where the policy allows it. Nothing when the request
    /// cannot be answered now.
    pub(super) async fn counted(
        &self,
        application: Uuid,
        cmid: Uuid,
        n_policy: u32,
        now: Moment,
        host_knows_machine: bool,
        log: &Log,
    ) -> Option<u32> {
        match self.count.count(application, cmid, n_policy, now).await {
            Ok(count) => {
                locked(&self.last_known).insert(application, count);
                self.is_there(log);
                Some(count)
            }
            Err(error) => {
                self.is_away(&error, log);
                // What is wrong, not away, is no reason to answer by memory.
                let last_known = locked(&self.last_known).get(&application).copied();
                fallback(self.without_majority, host_knows_machine, last_known.filter(|_| error.is_outage()))
            }
        }
    }

    /// Looks whether the cluster can decide.
    pub(super) async fn look(&self, log: &Log) {
        match self.count.health().await.majority {
            Ok(_) => self.is_there(log),
            Err(error) => self.is_away(&error, log),
        }
    }

    fn is_there(&self, log: &Log) {
        if self.lost.swap(false, Ordering::SeqCst) {
            log.tell(Level::Info, "cluster-back", &[]);
        }
    }

    fn is_away(&self, error: &ClusterError, log: &Log) {
        locked(&self.brought).clear();
        if !self.lost.swap(true, Ordering::SeqCst) {
            let effect = match self.without_majority {
                WithoutMajority::Renew => {
                    "machines that this host knows are answered with the last known count"
                }
                WithoutMajority::Refuse => "no request is answered",
            };
            log.tell(Level::Error, "cluster-lost", &[("problem", error), ("effect", &effect)]);
        }
    }

    /// True while the last call failed.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::SeqCst)
    }
}
