//! Where entries become durable before answers leave: the store's group commit, or nowhere.

use std::sync::{Arc, Mutex};

use activation::journal::{Counters, Entry};
use store::{Committer, Row, StoreError};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use super::shared::locked;
use crate::log::with_causes;

/// The journal of a running host.
pub enum Journal {
    /// Nothing is kept: for tests and measurements. A host that forgets is no host for real clients.
    Memory,
    /// The store of the host's folder, and who tells the tasks that wait for it.
    Store(Committer, Messenger),
}

type Outcome = Result<(), Problem>;

/// Why an entry did not become durable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// In words.
    pub(super) words: String,
    /// Only that one before it did not: no cause, and nothing to tell of.
    pub(super) follows: bool,
}

impl Problem {
    fn new(words: impl Into<String>) -> Problem {
        Problem { words: words.into(), follows: false }
    }

    fn of_store(error: &StoreError) -> Problem {
        Problem { words: with_causes(error), follows: matches!(error, StoreError::NotNext { .. }) }
    }
}

/// A task that waits, and what it is told.
type Message = (oneshot::Sender<Outcome>, Outcome);

/// Brings what the writer's thread tells to the tasks of the runtime. To wake a task from a foreign thread is dear, and
/// a commit wakes as many as it wrote rows; so one task is woken from there, which wakes the others.
#[derive(Clone)]
pub struct Messenger {
    runtime: Handle,
    told: Arc<Mutex<Vec<Message>>>,
}

impl Messenger {
    fn tell(&self, waiting: oneshot::Sender<Outcome>, outcome: Outcome) {
        let first = {
            let mut told = locked(&self.told);
            told.push((waiting, outcome));
            told.len() == 1
        };
        if first {
            let told = self.told.clone();
            self.runtime.spawn(async move {
                let all = std::mem::take(&mut *locked(&told));
                for (waiting, outcome) in all {
                    // Who no longer waits has lost its connection.
                    let _ = waiting.send(outcome);
                }
            });
        }
    }
}

/// An entry that did not become durable.
#[derive(Debug)]
pub(super) struct NotDurable {
    /// What was to be written.
    pub(super) entry: Entry,
    /// Why it was not.
    pub(super) problem: Problem,
}

/// An entry on its way.
pub(super) enum Written {
    /// Nothing to wait for.
    Kept,
    /// The writer says when.
    Pending(Box<Entry>, oneshot::Receiver<Outcome>),
    /// It was not even taken.
    Failed(Box<NotDurable>),
}

impl Journal {
    /// The journal in a store. To be called within the runtime of the host.
    pub(super) fn store(committer: Committer) -> Journal {
        Journal::Store(committer, Messenger { runtime: Handle::current(), told: Arc::default() })
    }

    /// Hands an entry in; entries must come in the order of their numbers.
    pub(super) fn submit(&self, entry: Entry, counted_n_policy: u32, counters: Counters) -> Written {
        let Journal::Store(committer, messenger) = self else { return Written::Kept };
        let (done, receiver) = oneshot::channel();
        let kept = Box::new(entry.clone());
        let messenger = messenger.clone();
        let tell = move |result: Result<(), Arc<StoreError>>| {
            messenger.tell(done, result.map_err(|error| Problem::of_store(&error)));
        };
        match committer.submit(Row { entry, counted_n_policy }, counters, tell) {
            Ok(()) => Written::Pending(kept, receiver),
            Err(error) => Written::Failed(Box::new(NotDurable {
                entry: *kept,
                problem: Problem::new(error.to_string()),
            })),
        }
    }
}

impl Written {
    /// Waits until the entry is durable, or known not to be.
    pub(super) async fn wait(self) -> Result<(), Box<NotDurable>> {
        match self {
            Written::Kept => Ok(()),
            Written::Failed(failed) => Err(failed),
            Written::Pending(entry, receiver) => {
                let problem = match receiver.await {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(problem)) => problem,
                    Err(_) => Problem::new("the writer ended"),
                };
                Err(Box::new(NotDurable { entry: *entry, problem }))
            }
        }
    }
}
