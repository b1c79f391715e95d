//! Where entries become durable before answers leave: the store's group commit, or nowhere.

use activation::journal::{Counters, Entry};
use store::{Committer, Row};
use tokio::sync::oneshot;

use crate::log::with_causes;

/// The journal of a running host.
pub enum Journal {
    /// Nothing is kept: for tests and measurements. A host that forgets is no host for real clients.
    Memory,
    /// The store of the host's folder.
    Store(Committer),
}

/// An entry that did not become durable.
#[derive(Debug)]
pub(super) struct NotDurable {
    /// What was to be written.
    pub(super) entry: Entry,
    /// Why it was not.
    pub(super) problem: String,
}

/// An entry on its way.
pub(super) enum Written {
    /// Nothing to wait for.
    Kept,
    /// The writer says when.
    Pending(Box<Entry>, oneshot::Receiver<Result<(), String>>),
    /// It was not even taken.
    Failed(Box<NotDurable>),
}

impl Journal {
    /// Hands an entry in; entries must come in the order of their numbers.
    pub(super) fn submit(&self, entry: Entry, counted_n_policy: u32, counters: Counters) -> Written {
        let Journal::Store(committer) = self else { return Written::Kept };
        let (done, receiver) = oneshot::channel();
        let kept = Box::new(entry.clone());
        let tell = move |result: Result<(), std::sync::Arc<store::StoreError>>| {
            // Who no longer waits has lost its connection.
            let _ = done.send(result.map_err(|error| with_causes(&*error)));
        };
        match committer.submit(Row { entry, counted_n_policy }, counters, tell) {
            Ok(()) => Written::Pending(kept, receiver),
            Err(error) => Written::Failed(Box::new(NotDurable { entry: *kept, problem: error.to_string() })),
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
                    Err(_) => "the writer ended".to_owned(),
                };
                Err(Box::new(NotDurable { entry: *entry, problem }))
            }
        }
    }
}
