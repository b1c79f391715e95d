//! The count in etcd: which calls make up a request, and what is remembered between them.

mod ask;
mod chores;
mod endpoint;
mod fault;
mod members;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use activation::Moment;
use activation::counting::Count;
use activation::journal::Contact;
use tokio::time::Instant;
use uuid::Uuid;

use crate::error::ClusterError;
use crate::health::Health;
use crate::options::Options;
use crate::record;
use crate::tally::{Page, Tally};
use ask::{BATCH, PAGE};
use chores::Chores;
use members::Members;

/// How long growing what was read before is trusted. What it misses is a cluster that was put back from a backup and
/// has by now as many revisions and keys as before.
const TRUST: Duration = Duration::from_secs(60);

/// Keys that are read whole each time; reading only what has changed pays beyond.
const FEW: usize = 256;

/// The count of all hosts with the same prefix. Cheap to clone; clones share connections and what they have read.
#[derive(Clone)]
pub struct SharedCount(Arc<Shared>);

struct Shared {
    prefix: String,
    timeout: Duration,
    members: Members,
    known: Mutex<HashMap<Uuid, Known>>,
    chores: Chores,
}

/// What was last read of an application.
#[derive(Clone)]
struct Known {
    tally: Arc<Tally>,
    /// When all of its keys were read.
    whole_at: Instant,
}

/// Prepares the count of all hosts that use these members and this prefix.
///
/// Nothing is asked yet, so that a host starts while the cluster is away; [`SharedCount::health`] tells. Fails only
/// for what can never work.
pub async fn connect(endpoints: &[String], options: Options) -> Result<SharedCount, ClusterError> {
    let options = options.checked()?;
    let members = Members::new(endpoints, &options).await?;
    Ok(SharedCount(Arc::new(Shared {
        prefix: options.prefix,
        timeout: options.timeout,
        members,
        known: Mutex::default(),
        chores: Chores::default(),
    })))
}

impl std::fmt::Debug for SharedCount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedCount").field("prefix", &self.0.prefix).finish_non_exhaustive()
    }
}

impl SharedCount {
    /// Counts a machine in an application and returns the count with it, over all hosts. The machine is durable at a
    /// majority of the members by then. After an error it may be counted or not; asking again is harmless.
    ///
    /// One round trip; more for more than a few hundred machines when some were removed since the last call. Dropping the future early is allowed.
    pub async fn count(
        &self,
        application: Uuid,
        cmid: Uuid,
        n_policy: u32,
        now: Moment,
    ) -> Result<u32, ClusterError> {
        let shared = &self.0;
        let deadline = Instant::now() + shared.timeout;
        let folder = record::folder(&shared.prefix, application);
        let known = shared.known(application);
        let since = known.as_ref().map_or(0, |known| known.tally.revision() + 1);
        let contact = Contact { cmid, at: now, n_policy };
        let page = shared
            .members
            .call(deadline, |mut client| {
                let question = ask::count(&folder, &contact, since);
                async move { ask::answer(client.txn(question).await?) }
            })
            .await?;
        let tally = match known {
            Some(known) => match known.tally.grown(&folder, application, &page)? {
                Some(grown) => shared.keep(application, grown, known.whole_at),
                None => shared.whole(deadline, application, &folder, None).await?,
            },
            None => shared.whole(deadline, application, &folder, Some(page)).await?,
        };
        let judgement = tally.judge(cmid, n_policy, now);
        if !judgement.chores.is_empty() {
            self.tidy(application, judgement.chores);
        }
        Ok(judgement.count)
    }

    /// Writes down contacts that a host counted by itself, before it joined or while the cluster was away. Later times
    /// that are there already stay.
    pub async fn bring(&self, application: Uuid, contacts: &[Contact]) -> Result<(), ClusterError> {
        let shared = &self.0;
        let folder = record::folder(&shared.prefix, application);
        // What is over the cap would only be removed again. Also makes machines distinct.
        let contacts = Count::restored(contacts.iter().copied()).contacts();
        for batch in contacts.chunks(BATCH) {
            let deadline = Instant::now() + shared.timeout;
            let ask = |mut client: etcd_client::Client| {
                let question = ask::bring(&folder, batch);
                async move { client.txn(question).await.map(drop).map_err(fault::Fault::from) }
            };
            shared.members.call(deadline, ask).await?;
        }
        Ok(())
    }

    /// What all hosts together remember of an application, the longest silent first. What is too old goes when the
    /// next request is counted, as it does at one host.
    pub async fn contacts(&self, application: Uuid) -> Result<Vec<Contact>, ClusterError> {
        let deadline = Instant::now() + self.0.timeout;
        let folder = record::folder(&self.0.prefix, application);
        Ok(self.0.whole(deadline, application, &folder, None).await?.contacts())
    }

    /// How the cluster is. Asks every member, also while [`SharedCount::count`] pauses.
    pub async fn health(&self) -> Health {
        let key = format!("{}/health", self.0.prefix);
        self.0.members.health(&key, self.0.timeout).await
    }
}

impl Shared {
    fn known(&self, application: Uuid) -> Option<Known> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&application).cloned();
        known.filter(|known| known.tally.len() > FEW && known.whole_at.elapsed() < TRUST)
    }

    fn keep(&self, application: Uuid, tally: Tally, whole_at: Instant) -> Arc<Tally> {
        let tally = Arc::new(tally);
        let mut all = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let newer = all.get(&application).is_some_and(|other| {
            // What was read whole at a later time is right, also when its revision is lower.
            other.whole_at > whole_at
                || other.whole_at == whole_at && other.tally.revision() > tally.revision()
        });
        if !newer {
            all.insert(application, Known { tally: tally.clone(), whole_at });
        }
        tally
    }

    /// Reads all keys of an application, beginning with the page that was read already.
    async fn whole(
        &self,
        deadline: Instant,
        application: Uuid,
        folder: &str,
        first: Option<Page>,
    ) -> Result<Arc<Tally>, ClusterError> {
        let whole_at = Instant::now();
        let mut page = match first {
            Some(page) => page,
            None => self.page(deadline, folder, None).await?,
        };
        let mut tally = Tally::at(&page);
        tally.take(folder, application, &page.keys)?;
        while page.more {
            let last = page.keys.last().ok_or(ClusterError::Strange("more keys behind none"))?;
            // All pages at one revision: a key that is written meanwhile is in none twice, and in none missing.
            let behind = Some((last.name.clone(), tally.revision()));
            page = self.page(deadline, folder, behind).await?;
            tally.take(folder, application, &page.keys)?;
        }
        Ok(self.keep(application, tally, whole_at))
    }

    async fn page(
        &self,
        deadline: Instant,
        folder: &str,
        behind: Option<(Vec<u8>, i64)>,
    ) -> Result<Page, ClusterError> {
        let (begin, revision) = match behind {
            Some((mut name, revision)) => {
                name.push(0);
                (name, revision)
            }
            None => (folder.as_bytes().to_vec(), 0),
        };
        let options = ask::range(folder, 0).with_limit(PAGE).with_revision(revision);
        let ask = |mut client: etcd_client::Client| {
            let (begin, options) = (begin.clone(), options.clone());
            async move {
                let answer = client.get(begin, Some(options)).await?;
                ask::page(answer.header(), &answer)
            }
        };
        self.members.call(deadline, ask).await
    }
}
