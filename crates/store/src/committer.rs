//! Group commit: one thread owns the store and writes all rows that wait in one transaction.
//!
//! While a transaction is on its way to the disk, the rows of other answers gather, and go with the next one; so the
//! time of a commit is shared by as many answers as are in flight, and nobody ever waits for a timer.
//!
//! Rows are written in the order in which they are submitted. After a row was lost (the disk is full), all rows that
//! were numbered behind it come back with [`StoreError::NotNext`], and whoever numbers them has to begin again at what
//! [`HostReader::load`](crate::HostReader::load) tells. Since the queue keeps its order, no row from before that can
//! be taken for one from after it.

use std::collections::BTreeMap;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;

use activation::journal::Counters;
use tokio::sync::{mpsc, oneshot};
use uuid::Uuid;

use crate::error::StoreError;
use crate::row::Row;
use crate::writer::HostStore;

/// Told once the row is on the disk, or that it never will be. Runs on the writer's thread: it must be quick.
pub type Done = Box<dyn FnOnce(Result<(), Arc<StoreError>>) + Send>;

/// The result of a job on the writer's thread; to be awaited, or waited for with `blocking_recv`.
pub type Pending<T> = oneshot::Receiver<T>;

type Work = Box<dyn FnOnce(&mut HostStore) + Send>;

/// How much is taken on.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Rows and jobs that wait; beyond that the answer is [`SubmitError::Busy`].
    pub waiting: usize,
    /// Rows of one transaction.
    pub batch: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { waiting: 65_536, batch: 1024 }
    }
}

/// Why nothing was taken on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SubmitError {
    /// More requests than the disk takes.
    #[error("too many requests wait to be written down")]
    Busy,
    /// The writer is gone.
    #[error("the store was closed")]
    Stopped,
}

impl<T> From<mpsc::error::TrySendError<T>> for SubmitError {
    fn from(error: mpsc::error::TrySendError<T>) -> SubmitError {
        match error {
            mpsc::error::TrySendError::Full(_) => SubmitError::Busy,
            mpsc::error::TrySendError::Closed(_) => SubmitError::Stopped,
        }
    }
}

struct Submitted {
    row: Row,
    counters: Counters,
    done: Done,
}

enum Job {
    Row(Box<Submitted>),
    Work(Work),
}

/// Writes what is submitted to it. When it is dropped, it first writes what waits.
#[derive(Debug)]
pub struct Committer {
    queue: Option<mpsc::Sender<Job>>,
    thread: Option<JoinHandle<HostStore>>,
}

impl Committer {
    /// Gives the store to a thread of its own.
    pub fn start(store: HostStore, limits: Limits) -> io::Result<Committer> {
        let (queue, jobs) = mpsc::channel(limits.waiting.max(1));
        let batch = limits.batch.max(1);
        let thread =
            std::thread::Builder::new().name("journal".to_owned()).spawn(move || run(store, jobs, batch))?;
        Ok(Committer { queue: Some(queue), thread: Some(thread) })
    }

    /// Hands over a row with the counters of its application after it. Never waits.
    ///
    /// The caller sees to it that rows are submitted in the order of their numbers.
    pub fn submit(
        &self,
        row: Row,
        counters: Counters,
        done: impl FnOnce(Result<(), Arc<StoreError>>) + Send + 'static,
    ) -> Result<(), SubmitError> {
        self.send(Job::Row(Box::new(Submitted { row, counters, done: Box::new(done) })))
    }

    /// Does something else with the store, after all rows that were submitted before. Never waits.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HostStore) -> T + Send + 'static,
    ) -> Result<Pending<T>, SubmitError> {
        let (sender, pending) = oneshot::channel();
        self.send(Job::Work(Box::new(move |store| {
            // Whoever asked may have gone.
            let _ = sender.send(work(store));
        })))?;
        Ok(pending)
    }

    fn send(&self, job: Job) -> Result<(), SubmitError> {
        self.queue.as_ref().ok_or(SubmitError::Stopped)?.try_send(job).map_err(SubmitError::from)
    }

    /// Writes what waits, and gives the store back.
    pub fn flush_and_stop(mut self) -> Result<HostStore, SubmitError> {
        self.stop().ok_or(SubmitError::Stopped)
    }

    fn stop(&mut self) -> Option<HostStore> {
        // The thread ends when the queue is empty and nobody can add to it.
        drop(self.queue.take());
        self.thread.take()?.join().ok()
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.stop();
    }
}

fn run(mut store: HostStore, mut queue: mpsc::Receiver<Job>, batch: usize) -> HostStore {
    let mut jobs = Vec::with_capacity(batch);
    let mut group = Group::default();
    while queue.blocking_recv_many(&mut jobs, batch) > 0 {
        for job in jobs.drain(..) {
            match job {
                Job::Row(submitted) => group.add(*submitted, &store),
                Job::Work(work) => {
                    group.commit(&mut store);
                    guarded(|| work(&mut store));
                }
            }
        }
        group.commit(&mut store);
    }
    store
}

/// Rows of one transaction.
#[derive(Default)]
struct Group {
    rows: Vec<Row>,
    counters: BTreeMap<Uuid, Counters>,
    done: Vec<Done>,
    misfits: Vec<(Done, StoreError)>,
}

impl Group {
    /// A row that does not fit must not take the others with it.
    fn add(&mut self, submitted: Submitted, store: &HostStore) {
        let Submitted { row, counters, done } = submitted;
        let (expected, found) = (store.next_sequence() + self.rows.len() as u64, row.entry.sequence);
        if found != expected {
            self.misfits.push((done, StoreError::NotNext { expected, found }));
        } else if !row.is_storable() {
            self.misfits.push((done, StoreError::LongName(found)));
        } else {
            self.counters.insert(row.entry.application_id, counters);
            self.rows.push(row);
            self.done.push(done);
        }
    }

    fn commit(&mut self, store: &mut HostStore) {
        if !self.rows.is_empty() {
            let counters: Vec<(Uuid, Counters)> = std::mem::take(&mut self.counters).into_iter().collect();
            let result = store.append(&self.rows, &counters, &[]).map_err(Arc::new);
            self.rows.clear();
            for done in self.done.drain(..) {
                let result = result.clone();
                guarded(|| done(result));
            }
        }
        for (done, error) in self.misfits.drain(..) {
            guarded(|| done(Err(Arc::new(error))));
        }
    }
}

/// A caller's panic is the caller's: the writer goes on for all others, and a transaction that it cut is rolled back.
fn guarded(work: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}
