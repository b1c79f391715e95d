//! What a journal must be able to do, whatever keeps it.
//!
//! An engine is asked once for a whole group of rows, never for each of them.

use std::fmt;

use activation::Moment;
use activation::journal::{AllCounters, Counters};
use uuid::Uuid;

use crate::check::Check;
use crate::error::StoreError;
use crate::reader::Status;
use crate::recall::{LoadLimits, Loaded};
use crate::recorded::{Recorded, What};
use crate::row::Row;

/// What is written in one transaction.
#[derive(Debug, Clone, Copy, Default)]
pub struct Write<'a> {
    /// Rows that follow the last one; verified.
    pub rows: &'a [Row],
    /// Counters after them.
    pub counters: &'a [(Uuid, Counters)],
    /// Other events, and changes of settings.
    pub events: &'a [(Moment, What)],
    /// A word under a key, or that it is to be forgotten.
    pub meta: Option<(&'a str, Option<&'a str>)>,
}

/// A journal in SQLite or in PostgreSQL. The second half is only asked of one that was opened for writing.
pub trait Engine: fmt::Debug + Send {
    /// What a host starts with, all of one moment.
    fn load(&self, limits: &LoadLimits) -> Result<Loaded, StoreError>;
    /// The counters of all applications.
    fn counters(&self) -> Result<AllCounters, StoreError>;
    /// Rows from a sequence number on.
    fn entries(&self, from_sequence: u64, limit: u32) -> Result<Vec<Row>, StoreError>;
    /// Rows of a time.
    fn entries_between(
        &self,
        from: Moment,
        until: Moment,
        from_sequence: u64,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError>;
    /// Other events of a time.
    fn events(
        &self,
        from: Moment,
        until: Moment,
        from_number: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError>;
    /// The word under a key.
    fn meta_get(&self, key: &str) -> Result<Option<String>, StoreError>;
    /// All words.
    fn meta(&self) -> Result<Vec<(String, String)>, StoreError>;
    /// A few numbers, all of one moment.
    fn status(&self) -> Result<Status, StoreError>;
    /// Looks at everything.
    fn check(&self) -> Result<Check, StoreError>;
    /// The last sequence number, pruned or not.
    fn last_sequence(&self) -> Result<u64, StoreError>;

    /// Writes all of it or nothing; what this has returned from survives the loss of power. After an error nothing of
    /// it is kept: what may be there all the same, because nobody said whether it is, is gone before the next write.
    fn write(&mut self, write: Write<'_>) -> Result<(), StoreError>;
    /// When the last granted request came.
    fn newest_granted(&self) -> Result<Option<Moment>, StoreError>;
    /// Up to which sequence number one step may prune.
    fn prunable(&self, older_than: Moment, newest: Moment) -> Result<Option<i64>, StoreError>;
    /// Takes away the rows up to a number; says how many it were.
    fn prune_journal(&mut self, through: i64) -> Result<u32, StoreError>;
    /// Takes away some of the oldest events from before a moment; says how many it were.
    fn prune_events(&mut self, older_than: Moment) -> Result<u32, StoreError>;
    /// What an admin should know of how the journal is kept.
    fn warnings(&self) -> Vec<String>;
}
