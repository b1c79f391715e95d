//! The one writer of a store.

use std::ops::Deref;
use std::path::Path;
use std::time::Duration;

use activation::Moment;
use activation::counting::WINDOW_SECONDS;
use activation::event::Event;
use activation::journal::Counters;
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use crate::FILE;
use crate::error::{OpenError, StoreError};
use crate::lock::FolderLock;
use crate::reader::{BLOCK, HostReader};
use crate::recorded::What;
use crate::row::{self, MACHINE_NAME_MAX, Row, stored};
use crate::schema;

/// Rows that one step of pruning takes away at most, so that answers never wait for long.
pub const PRUNE_STEP: u32 = 1000;

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
    // Dropped after the connection: nobody else may open before that is closed.
    _lock: FolderLock,
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
        let file = folder.join(FILE);
        if !options.create && !file.is_file() {
            return Err(OpenError::Missing(file));
        }
        let lock = FolderLock::take(folder)?;
        let connection = schema::open(&file, options.busy_timeout)?;
        let reader = HostReader { connection, folder: folder.to_owned() };
        let last_sequence = reader.last_sequence().map_err(|error| match error {
            StoreError::Sqlite(source) => OpenError::Sqlite { file: file.clone(), source },
            _ => OpenError::Foreign(file.clone()),
        })?;
        Ok(HostStore { reader, last_sequence, newest_granted: None, _lock: lock })
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
        self.write(|transaction| {
            insert_rows(transaction, rows)?;
            for (application, counters) in counters {
                set_counters(transaction, application, counters)?;
            }
            events.iter().try_for_each(|(at, event)| record(transaction, *at, &What::Event(event.clone())))
        })?;
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
        self.write(|transaction| set_meta(transaction, key, value))
    }

    /// The same for a setting, with an event that tells of the change. One that changes nothing leaves none.
    pub fn set_setting(&mut self, at: Moment, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        let before = self.meta_get(name)?;
        if before.as_deref() == value {
            return Ok(());
        }
        let change = What::Setting { name: name.to_owned(), before, after: value.map(str::to_owned) };
        self.write(|transaction| {
            set_meta(transaction, name, value)?;
            record(transaction, at, &change)
        })
    }

    /// Takes away up to [`PRUNE_STEP`] of the oldest rows, or events once no row is left to go, that are older than a
    /// moment; says how many it were. Zero: there is nothing more to do.
    ///
    /// What the count needs after a restart stays, whatever the moment: 30 days before the last granted request.
    pub fn prune(&mut self, older_than: Moment) -> Result<u32, StoreError> {
        let newest = self.newest_granted()?;
        let through = match newest {
            Some(newest) => self.prunable(older_than.min(newest.plus(-WINDOW_SECONDS)), newest)?,
            None => self.prunable(older_than, Moment(i64::MAX))?,
        };
        self.write(|transaction| match through {
            Some(through) => prune_journal(transaction, through),
            None => prune_events(transaction, older_than),
        })
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
        let newest = self
            .connection
            .query_row("SELECT at FROM journal WHERE hresult = 0 ORDER BY sequence DESC LIMIT 1", [], |row| {
                row.get(0).map(Moment)
            })
            .optional()?;
        self.newest_granted = Some(newest);
        Ok(newest)
    }

    /// Up to which sequence number a step may prune. Only rows at the front go, so that no gap arises; rows that a
    /// clock wrote which ran ahead are no older than those behind them.
    fn prunable(&self, older_than: Moment, newest: Moment) -> Result<Option<i64>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT sequence, at FROM journal ORDER BY sequence")?;
        let mut rows = statement.query([])?;
        let mut end = None;
        let mut through = None;
        while let Some(row) = rows.next()? {
            let (sequence, at): (i64, Moment) = (row.get(0)?, Moment(row.get(1)?));
            let end = *end.get_or_insert(sequence + i64::from(PRUNE_STEP) - 1);
            if at < older_than {
                through = Some(sequence.min(end));
            } else if at <= newest {
                break;
            }
            if through == Some(end) {
                break;
            }
        }
        Ok(through)
    }

    fn write<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let HostReader { connection, folder } = &mut self.reader;
        let done = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })();
        done.map_err(|error| match error {
            StoreError::Sqlite(source) => StoreError::of_write(source, folder),
            other => other,
        })
    }
}

impl Row {
    /// No client can send a longer name.
    pub(crate) fn is_storable(&self) -> bool {
        self.entry.machine_name.chars().count() <= MACHINE_NAME_MAX
    }
}

fn insert_rows(transaction: &Transaction<'_>, rows: &[Row]) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(row::INSERT)?;
    let mut times: Vec<(i64, Moment, Moment)> = Vec::with_capacity(2);
    for row in rows {
        let sequence = stored(row.entry.sequence, "the sequence number")?;
        row::insert(&mut statement, sequence, row)?;
        let (block, at) = (sequence / BLOCK, row.entry.at);
        match times.last_mut() {
            Some((last, first_at, last_at)) if *last == block => {
                *first_at = (*first_at).min(at);
                *last_at = (*last_at).max(at);
            }
            _ => times.push((block, at, at)),
        }
    }
    let mut statement = transaction.prepare_cached(
        "INSERT INTO blocks VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE
         SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)",
    )?;
    for (block, first_at, last_at) in times {
        statement.execute(params![block, first_at.0, last_at.0])?;
    }
    Ok(())
}

fn set_counters(
    transaction: &Transaction<'_>,
    application: &Uuid,
    counters: &Counters,
) -> Result<(), StoreError> {
    let number = |count| stored(count, "a counter");
    let mut states = [0; activation::journal::STATES];
    for (state, count) in states.iter_mut().zip(counters.by_status) {
        *state = number(count)?;
    }
    let [s0, s1, s2, s3, s4, s5, s6] = states;
    let (total, failed) = (number(counters.total)?, number(counters.failed)?);
    transaction
        .prepare_cached("INSERT OR REPLACE INTO counters VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
        .execute(params![application.as_bytes(), total, failed, s0, s1, s2, s3, s4, s5, s6])?;
    Ok(())
}

fn record(transaction: &Transaction<'_>, at: Moment, what: &What) -> Result<(), StoreError> {
    let (id, fields) = what.write()?;
    transaction
        .prepare_cached("INSERT INTO events (at, id, fields) VALUES (?1, ?2, ?3)")?
        .execute(params![at.0, id, fields])?;
    Ok(())
}

fn set_meta(transaction: &Transaction<'_>, key: &str, value: Option<&str>) -> Result<(), StoreError> {
    match value {
        Some(value) => transaction
            .prepare_cached("INSERT OR REPLACE INTO meta VALUES (?1, ?2)")?
            .execute([key, value])?,
        None => transaction.prepare_cached("DELETE FROM meta WHERE key = ?1")?.execute([key])?,
    };
    Ok(())
}

fn prune_journal(transaction: &Transaction<'_>, through: i64) -> Result<u32, StoreError> {
    let removed =
        transaction.prepare_cached("DELETE FROM journal WHERE sequence <= ?1")?.execute([through])?;
    transaction
        .prepare_cached("DELETE FROM blocks WHERE (block + 1) * ?2 <= ?1 + 1")?
        .execute([through, BLOCK])?;
    transaction.prepare_cached("UPDATE pruned SET through = ?1")?.execute([through])?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}

fn prune_events(transaction: &Transaction<'_>, older_than: Moment) -> Result<u32, StoreError> {
    let removed = transaction
        .prepare_cached(
            "DELETE FROM events WHERE number IN (SELECT number FROM events WHERE at < ?1 ORDER BY number LIMIT ?2)",
        )?
        .execute(params![older_than.0, PRUNE_STEP])?;
    Ok(u32::try_from(removed).unwrap_or(u32::MAX))
}
