//! What a KMS host must not forget: the journal of its answers, its counters, events and settings, in one SQLite file.
//!
//! - [`HostStore`] is the only writer of a folder; a lock file keeps a second one out. [`HostReader`] reads beside it.
//! - What [`HostStore::append`] has returned from is on the disk: WAL with `synchronous=FULL`.
//! - [`Committer`] writes the rows of many answers in one transaction, in the order in which they were submitted.

mod backup;
mod check;
mod committer;
mod error;
mod lock;
mod queue;
mod reader;
mod recall;
mod recorded;
mod row;
mod schema;
mod writer;

pub use backup::restore;
pub use check::{Check, Problem};
pub use committer::{Committer, Done, Limits, Pending};
pub use error::{BackupError, OpenError, RestoreError, StoreError};
pub use queue::SubmitError;
pub use reader::{HostReader, Status};
pub use recall::{LoadLimits, Loaded};
pub use recorded::{Recorded, What};
pub use row::{MACHINE_NAME_MAX, Row};
pub use schema::VERSION;
pub use writer::{HostStore, OpenOptions, PRUNE_STEP};

/// The file within a host's data folder.
pub const FILE: &str = "host.db";
/// Beside it: who writes.
pub const LOCK_FILE: &str = "host.lock";
