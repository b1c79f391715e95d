//! Group commit: one thread owns the store and writes all rows that wait in one transaction.
//!
//! While a transaction is on its way to the disk, the rows of other answers gather, and go with the next one; so the
//! time of a commit is shared by many answers. Those that have just been answered come back at once when a host is
//! busy, and would all miss the transaction that begins without them: so the writer waits for as many as were in
//! flight, for a fraction of the time that the last commit took, and only as long as more keep coming.
//!
//! Rows are written in the order in which they are submitted. After a row was lost (the disk is full), all rows that
//! were numbered behind it come back with [`StoreError::NotNext`], and whoever numbers them has to begin again at what
//! [`HostReader::load`](crate::HostReader::load) tells. Since the queue keeps its order, no row from before that can
//! be taken for one from after it.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use activation::journal::Counters;
use tokio::sync::oneshot;
use uuid::Uuid;

use crate::error::StoreError;
use crate::queue::{Gather, Queue, SubmitError};
use crate::row::Row;
use crate::writer::HostStore;

/// Told once the row is on the disk, or that it never will be. Runs on the writer's thread: it must be quick.
pub type Done = Box<dyn FnOnce(Result<(), Arc<StoreError>>) + Send>;

/// The result of a job on the writer's thread; to be awaited, or waited for with `blocking_recv`.
pub type Pending<T> = oneshot::Receiver<T>;

/// The part of a commit's time that is waited at most for those who come back; it is won again when they do, since
/// otherwise they wait for a whole commit.
const WORTH_WAITING: u32 = 2;
/// The part of a commit's time without a newcomer after which it begins.
const SILENCE: u32 = 16;
/// A disk that hung is no reason to wait for clients as long.
const LONGEST_COMMIT: Duration = Duration::from_millis(20);

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
pub struct Committer {
    queue: Arc<Queue<Job>>,
    thread: Option<JoinHandle<HostStore>>,
}

impl fmt::Debug for Committer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Committer").field("waiting", &self.queue.len()).finish_non_exhaustive()
    }
}

impl Committer {
    /// Gives the store to a thread of its own.
    pub fn start(store: HostStore, limits: Limits) -> io::Result<Committer> {
        let queue = Arc::new(Queue::new(limits.waiting.max(1)));
        let (jobs, batch) = (queue.clone(), limits.batch.max(1));
        let thread = std::thread::Builder::new().name("journal".to_owned()).spawn(move || {
            let _closing = CloseAtEnd(&jobs);
            run(store, &jobs, batch)
        })?;
        Ok(Committer { queue, thread: Some(thread) })
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
        self.queue.push(Job::Row(Box::new(Submitted { row, counters, done: Box::new(done) })))
    }

    /// Does something else with the store, after all rows that were submitted before. Never waits.
    pub fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut HostStore) -> T + Send + 'static,
    ) -> Result<Pending<T>, SubmitError> {
        let (sender, pending) = oneshot::channel();
        self.queue.push(Job::Work(Box::new(move |store| {
            // Whoever asked may have gone.
            let _ = sender.send(work(store));
        })))?;
        Ok(pending)
    }

    /// Writes what waits, and gives the store back.
    pub fn flush_and_stop(mut self) -> Result<HostStore, SubmitError> {
        self.stop().ok_or(SubmitError::Stopped)
    }

    fn stop(&mut self) -> Option<HostStore> {
        self.queue.close();
        let thread = self.thread.take()?;
        // Dropped by what it runs itself: it ends without being waited for.
        if thread.thread().id() == std::thread::current().id() { None } else { thread.join().ok() }
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Whatever ends the writer: nobody goes on waiting for it.
struct CloseAtEnd<'a>(&'a Queue<Job>);

impl Drop for CloseAtEnd<'_> {
    fn drop(&mut self) {
        self.0.abandon();
    }
}

fn run(mut store: HostStore, queue: &Queue<Job>, batch: usize) -> HostStore {
    let mut jobs = Vec::with_capacity(batch);
    let mut group = Group::default();
    let mut gather = Gather::default();
    loop {
        queue.take(&mut jobs, batch, gather);
        if jobs.is_empty() {
            return store;
        }
        for job in jobs.drain(..) {
            match job {
                Job::Row(submitted) => group.add(*submitted, &store),
                Job::Work(work) => {
                    group.commit(&mut store, queue);
                    guarded(|| work(&mut store));
                }
            }
        }
        gather = group.commit(&mut store, queue);
    }
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

    /// Writes the rows, tells whoever waits, and says how large the next group may be.
    fn commit(&mut self, store: &mut HostStore, queue: &Queue<Job>) -> Gather {
        let mut gather = Gather::default();
        if !self.rows.is_empty() {
            let counters: Vec<(Uuid, Counters)> = std::mem::take(&mut self.counters).into_iter().collect();
            let begin = Instant::now();
            let result = store.append(&self.rows, &counters, &[]).map_err(Arc::new);
            let took = begin.elapsed().min(LONGEST_COMMIT);
            gather = Gather {
                expected: self.rows.len() + queue.len(),
                at_most: took / WORTH_WAITING,
                silence: took / SILENCE,
            };
            self.rows.clear();
            for done in self.done.drain(..) {
                let result = result.clone();
                guarded(|| done(result));
            }
        }
        for (done, error) in self.misfits.drain(..) {
            guarded(|| done(Err(Arc::new(error))));
        }
        gather
    }
}

/// A caller's panic is the caller's: the writer goes on for all others, and a transaction that it cut is rolled back.
fn guarded(work: impl FnOnce()) {
    let _ = catch_unwind(AssertUnwindSafe(work));
}
