//! Reading a store: by its writer, or beside it while the host runs.

use std::path::{Path, PathBuf};
use std::time::Duration;

use activation::Moment;
use activation::journal::{AllCounters, Counters, STATES};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use crate::FILE;
use crate::error::{OpenError, StoreError};
use crate::recall::{self, LoadLimits, Loaded};
use crate::recorded::{Recorded, What};
use crate::row::{self, COLUMNS, Row};
use crate::schema;

/// Sequence numbers whose times are kept together; the number is part of the file format.
pub const BLOCK: i64 = 4096;

/// How long a reader waits for a writer that is just opening or closing the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Reads a host's store. Any number of readers may stand beside the writer; none of them holds it up.
#[derive(Debug)]
pub struct HostReader {
    pub(crate) connection: Connection,
    pub(crate) folder: PathBuf,
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
    /// Bytes of the file, without the write-ahead log.
    pub bytes: u64,
}

impl HostReader {
    /// Opens the store in a host's data folder for reading.
    pub fn open(folder: &Path) -> Result<HostReader, OpenError> {
        let connection = schema::open_read_only(&folder.join(FILE), BUSY_TIMEOUT)?;
        Ok(HostReader { connection, folder: folder.to_owned() })
    }

    /// The host's data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What a host starts with.
    pub fn load(&self, limits: &LoadLimits) -> Result<Loaded, StoreError> {
        // All of one moment, also when another process writes.
        let moment = self.connection.unchecked_transaction()?;
        let counters = self.counters()?;
        let contacts = recall::contacts(&self.connection, &counters, limits)?;
        let last_sequence = self.last_sequence()?;
        moment.finish()?;
        Ok(Loaded { last_sequence, counters, contacts })
    }

    /// The counters of all applications.
    pub fn counters(&self) -> Result<AllCounters, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT * FROM counters")?;
        let read = |row: &rusqlite::Row<'_>| {
            let number = |column: usize| row.get::<_, i64>(column).map(i64::unsigned_abs);
            let mut by_status = [0; STATES];
            for (column, count) in (3..).zip(&mut by_status) {
                *count = number(column)?;
            }
            Ok((Uuid::from_bytes(row.get(0)?), Counters { total: number(1)?, failed: number(2)?, by_status }))
        };
        Ok(statement.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// The journal from a sequence number on, at most so many rows.
    pub fn entries(&self, from_sequence: u64, limit: u32) -> Result<Vec<Row>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let from = row::stored(from_sequence, "the sequence number")?;
        Ok(statement.query_map(params![from, limit], row::read)?.collect::<Result<_, _>>()?)
    }

    /// The same for rows of a time, by the host's clock: from a moment until before another.
    pub fn entries_between(
        &self,
        from: Moment,
        until: Moment,
        from_sequence: u64,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM blocks CROSS JOIN journal
             ON sequence >= max(block * {BLOCK}, ?3) AND sequence < (block + 1) * {BLOCK}
             WHERE block >= ?3 / {BLOCK} AND last_at >= ?1 AND first_at < ?2 AND at >= ?1 AND at < ?2
             ORDER BY block, sequence LIMIT ?4"
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let first = row::stored(from_sequence, "the sequence number")?;
        let rows = statement.query_map(params![from.0, until.0, first, limit], row::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Other events and changes of settings of a time, from a number on.
    pub fn events(
        &self,
        from: Moment,
        until: Moment,
        from_number: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT number, at, id, fields FROM events WHERE number >= ?3 AND at >= ?1 AND at < ?2
             ORDER BY number LIMIT ?4",
        )?;
        let first = row::stored(from_number, "the number of the event")?;
        let mut rows = statement.query(params![from.0, until.0, first, limit])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let what = What::read(number, row.get(2)?, &row.get::<_, String>(3)?)?;
            events.push(Recorded { number: number.unsigned_abs(), at: Moment(row.get(1)?), what });
        }
        Ok(events)
    }

    /// What was remembered under a key.
    pub fn meta_get(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    /// All that is remembered, by key.
    pub fn meta(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT key, value FROM meta ORDER BY key")?;
        Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    /// The numbers of this store.
    pub fn status(&self) -> Result<Status, StoreError> {
        let moment = self.connection.unchecked_transaction()?;
        let last_sequence = self.last_sequence()?;
        let first: Option<i64> =
            self.connection.query_row("SELECT min(sequence) FROM journal", [], |row| row.get(0))?;
        let last_at = self
            .connection
            .query_row("SELECT at FROM journal ORDER BY sequence DESC LIMIT 1", [], |row| {
                row.get(0).map(Moment)
            })
            .optional()?;
        let number = |pragma| self.connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
        let bytes = number("page_count")?.saturating_mul(number("page_size")?).unsigned_abs();
        moment.finish()?;
        let first_sequence = first.map_or(last_sequence + 1, i64::unsigned_abs);
        Ok(Status { first_sequence, last_sequence, last_at, bytes })
    }

    /// The last sequence number, pruned or not.
    pub(crate) fn last_sequence(&self) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT max(coalesce((SELECT max(sequence) FROM journal), 0), through) FROM pruned",
        )?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }
}
