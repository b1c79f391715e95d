//! Reading a store: by its writer, or beside it while the host runs.

use std::path::Path;

use activation::Moment;
use activation::journal::AllCounters;

use crate::check::Check;
use crate::engine::Engine;
use crate::error::{OpenError, StoreError};
use crate::place::Place;
use crate::recall::{LoadLimits, Loaded};
use crate::recorded::Recorded;
use crate::row::Row;

/// Reads a host's store. Any number of readers may stand beside the writer; none of them holds it up.
#[derive(Debug)]
pub struct HostReader {
    pub(crate) engine: Box<dyn Engine>,
    pub(crate) place: Place,
}

/// What a store holds, in a few numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Status {
    /// First sequence number that was not pruned; one more than the last when the journal is empty.
    pub first_sequence: u64,
    /// Last sequence number, also of a row that was pruned; 0 before the first request.
    pub last_sequence: u64,
    /// When the last request came, if its row is still there.
    pub last_at: Option<Moment>,
    /// Bytes of the file without its write-ahead log, or of the tables with their indexes.
    pub bytes: u64,
}

impl HostReader {
    /// Opens the store in a host's data folder for reading.
    pub fn open(folder: &Path) -> Result<HostReader, OpenError> {
        HostReader::at(&Place::Folder(folder.to_owned()))
    }

    /// Opens the store of a place for reading.
    pub fn at(place: &Place) -> Result<HostReader, OpenError> {
        Ok(HostReader { engine: place.engine_for_reading()?, place: place.clone() })
    }

    /// Where the store is.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// What a host starts with.
    pub fn load(&self, limits: &LoadLimits) -> Result<Loaded, StoreError> {
        self.engine.load(limits)
    }

    /// The counters of all applications.
    pub fn counters(&self) -> Result<AllCounters, StoreError> {
        self.engine.counters()
    }

    /// The journal from a sequence number on, at most so many rows.
    pub fn entries(&self, from_sequence: u64, limit: u32) -> Result<Vec<Row>, StoreError> {
        self.engine.entries(from_sequence, limit)
    }

    /// The same for rows of a time, by the host's clock: from a moment until before another.
    pub fn entries_between(
        &self,
        from: Moment,
        until: Moment,
        from_sequence: u64,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        self.engine.entries_between(from, until, from_sequence, limit)
    }

    /// Other events and changes of settings of a time, from a number on.
    pub fn events(
        &self,
        from: Moment,
        until: Moment,
        from_number: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.engine.events(from, until, from_number, limit)
    }

    /// What was remembered under a key.
    pub fn meta_get(&self, key: &str) -> Result<Option<String>, StoreError> {
        self.engine.meta_get(key)
    }

    /// All that is remembered, by key.
    pub fn meta(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.engine.meta()
    }

    /// The numbers of this store.
    pub fn status(&self) -> Result<Status, StoreError> {
        self.engine.status()
    }

    /// Reads all of the store: minutes for a journal of many millions.
    pub fn check(&self) -> Result<Check, StoreError> {
        self.engine.check()
    }
}
