//! The one writer of a store.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use activation::Moment;
use activation::counting::WINDOW_SECONDS;
use activation::event::Event;
use activation::journal::Counters;
use uuid::Uuid;

use crate::engine::Write;
use crate::error::{OpenError, StoreError};
use crate::place::Place;
use crate::reader::HostReader;
use crate::recorded::What;
use crate::row::Row;

/// How a store is opened for writing.
#[derive(Debug, Clone, Copy)]
pub struct OpenOptions {
    /// Whether a store is made where there is none.
    pub create: bool,
    /// How long to wait for a reader of another process that holds the file for a moment.
    pub busy_timeout: Duration,
}

impl Default for OpenOptions {
    fn default() -> OpenOptions {
        OpenOptions { create: true, busy_timeout: Duration::from_secs(10) }
    }
}

/// A host's store, to be written by this process alone. Reads like a [`HostReader`].
#[derive(Debug)]
pub struct HostStore {
    reader: HostReader,
    last_sequence: u64,
    /// When the last granted request came; absent until it was looked up.
    newest_granted: Option<Option<Moment>>,
}

impl Deref for HostStore {
    type Target = HostReader;

    fn deref(&self) -> &HostReader {
        &self.reader
    }
}

impl HostStore {
    /// Opens the store of a host's data folder, which must exist.
    pub fn open(folder: &Path, options: OpenOptions) -> Result<HostStore, OpenError> {
        HostStore::at(&Place::Folder(folder.to_owned()), options)
    }

    /// Opens the store of a place. Not to be called by a task of a runtime: it blocks.
    pub fn at(place: &Place, options: OpenOptions) -> Result<HostStore, OpenError> {
        let reader = HostReader { engine: place.engine_for_writing(options)?, place: place.clone() };
        let last_sequence = reader.engine.last_sequence().map_err(|error| place.open_error(error))?;
        Ok(HostStore { reader, last_sequence, newest_granted: None })
    }

    /// What an admin should know of how the journal is kept.
    pub fn warnings(&self) -> Vec<String> {
        self.reader.engine.warnings()
    }

    /// The sequence number that the next row must have.
    pub fn next_sequence(&self) -> u64 {
        self.last_sequence + 1
    }

    /// Writes all of it or nothing; what this has returned from is on the disk.
    pub fn append(
        &mut self,
        rows: &[Row],
        counters: &[(Uuid, Counters)],
        events: &[(Moment, Event)],
    ) -> Result<(), StoreError> {
        self.verify(rows)?;
        let events: Vec<_> = events.iter().map(|(at, event)| (*at, What::Event(event.clone()))).collect();
        self.reader.engine.write(Write { rows, counters, events: &events, meta: None })?;
        self.last_sequence += rows.len() as u64;
        if let Some(granted) = rows.iter().rev().find(|row| row.entry.is_granted()) {
            self.newest_granted = Some(Some(granted.entry.at));
        }
        Ok(())
    }

    /// Our own mistakes, before anything is written.
    fn verify(&self, rows: &[Row]) -> Result<(), StoreError> {
        for (row, expected) in rows.iter().zip(self.next_sequence()..) {
            let found = row.entry.sequence;
            if found != expected {
                return Err(StoreError::NotNext { expected, found });
            }
            if !row.is_storable() {
                return Err(StoreError::LongName(found));
            }
        }
        Ok(())
    }

    /// Remembers a word under a key, or forgets it.
    pub fn meta_set(&mut self, key: &str, value: Option<&str>) -> Result<(), StoreError> {
        self.reader.engine.write(Write { meta: Some((key, value)), ..Write::default() })
    }

    /// The same for a setting, with an event that tells of the change. One that changes nothing leaves none.
    pub fn set_setting(&mut self, at: Moment, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        let before = self.meta_get(name)?;
        if before.as_deref() == value {
            return Ok(());
        }
        let change = What::Setting { name: name.to_owned(), before, after: value.map(str::to_owned) };
        let events = [(at, change)];
        self.reader.engine.write(Write { events: &events, meta: Some((name, value)), ..Write::default() })
    }

    /// Takes away up to [`PRUNE_STEP`] of the oldest rows, or events once no row is left to go, that are older than a
    /// moment; says how many it were. Zero: there is nothing more to do.
    ///
    /// What the count needs after a restart stays, whatever the moment: 30 days before the last granted request.
    pub fn prune(&mut self, older_than: Moment) -> Result<u32, StoreError> {
        let newest = self.newest_granted()?;
        let through = match newest {
            Some(newest) => {
                self.reader.engine.prunable(older_than.min(newest.plus(-WINDOW_SECONDS)), newest)?
            }
            None => self.reader.engine.prunable(older_than, Moment(i64::MAX))?,
        };
        match through {
            Some(through) => self.reader.engine.prune_journal(through),
            None => self.reader.engine.prune_events(older_than),
        }
    }

    /// The same for what is older than so many seconds. The age counts from the last granted request where the clock is
    /// ahead of it: a clock that ran away for an hour must not cost the history of years.
    pub fn prune_older(&mut self, keep_seconds: i64, now: Moment) -> Result<u32, StoreError> {
        let believed = self.newest_granted()?.map_or(now, |newest| newest.min(now));
        self.prune(believed.plus(-keep_seconds))
    }

    /// When the last granted request came. Refused ones may be refused because this host's clock is wrong.
    fn newest_granted(&mut self) -> Result<Option<Moment>, StoreError> {
        if let Some(known) = self.newest_granted {
            return Ok(known);
        }
        let newest = self.reader.engine.newest_granted()?;
        self.newest_granted = Some(newest);
        Ok(newest)
    }
}
