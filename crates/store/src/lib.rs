//! What a KMS host must not forget: the journal of its answers, its counters, events and settings, in one SQLite file
//! or in a schema of a PostgreSQL database.
//!
//! - [`HostStore`] is the only writer of a [`Place`]; a lock keeps a second one out. [`HostReader`] reads beside it.
//! - What [`HostStore::append`] has returned from is on the disk: WAL with `synchronous=FULL`, `synchronous_commit=on`.
//! - [`Committer`] writes the rows of many answers in one transaction, in the order in which they were submitted.

mod check;
mod committer;
mod engine;
mod error;
mod place;
mod postgres;
mod prunable;
mod queue;
mod reader;
mod recall;
mod recorded;
mod row;
mod sqlite;
mod writer;

pub use check::{Check, Problem};
pub use committer::{Committer, Done, Limits, Pending};
pub use error::{BackupError, OpenError, RestoreError, StoreError, no_room};
pub use place::{Place, restore};
pub use postgres::{AddressError, Database};
pub use prunable::PRUNE_STEP;
pub use queue::SubmitError;
pub use reader::{HostReader, Status};
pub use recall::{LoadLimits, Loaded};
pub use recorded::{Recorded, What};
pub use row::{MACHINE_NAME_MAX, Row};
pub use sqlite::VERSION;
pub use writer::{HostStore, OpenOptions};

/// The file within a host's data folder.
pub const FILE: &str = "host.db";
/// Beside it: who writes.
pub const LOCK_FILE: &str = "host.lock";
