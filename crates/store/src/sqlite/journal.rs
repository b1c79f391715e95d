//! The journal in an SQLite file.

use std::path::{Path, PathBuf};
use std::time::Duration;

use activation::Moment;
use activation::journal::{AllCounters, Contact, Counters, STATES};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use uuid::Uuid;

use super::lock::FolderLock;
use super::rows::{self, COLUMNS};
use super::schema;
use crate::FILE;
use crate::check::{Check, Counted, Problem};
use crate::engine::{Engine, Write};
use crate::error::{OpenError, StoreError};
use crate::prunable::{PRUNE_STEP, Prunable};
use crate::reader::Status;
use crate::recall::{LoadLimits, Loaded, Recall};
use crate::recorded::{Recorded, What};
use crate::row::{BLOCK, Row, stored, times};
use crate::writer::OpenOptions;

/// How long a reader waits for a writer that is just opening or closing the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// A file, open.
#[derive(Debug)]
pub struct SqliteJournal {
    connection: Connection,
    folder: PathBuf,
    // Dropped after the connection: nobody else may open before that is closed.
    _lock: Option<FolderLock>,
}

impl SqliteJournal {
    /// Opens the file of a folder for reading.
    pub fn for_reading(folder: &Path) -> Result<SqliteJournal, OpenError> {
        let connection = schema::open_read_only(&folder.join(FILE), BUSY_TIMEOUT)?;
        Ok(SqliteJournal { connection, folder: folder.to_owned(), _lock: None })
    }

    /// Opens the file of a folder for writing.
    pub fn for_writing(folder: &Path, options: OpenOptions) -> Result<SqliteJournal, OpenError> {
        let file = folder.join(FILE);
        if !options.create && !file.is_file() {
            return Err(OpenError::Missing(file.display().to_string()));
        }
        let lock = FolderLock::take(folder)?;
        let connection = schema::open(&file, options.busy_timeout)?;
        Ok(SqliteJournal { connection, folder: folder.to_owned(), _lock: Some(lock) })
    }

    fn contacts(
        &self,
        counters: &AllCounters,
        limits: &LoadLimits,
    ) -> Result<Vec<(Uuid, Vec<Contact>)>, StoreError> {
        let mut recall = Recall::new(counters, limits);
        let mut statement = self.connection.prepare_cached(
            "SELECT at, hresult, application_id, cmid, counted_n_policy FROM journal ORDER BY sequence DESC",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let contact = Contact {
                cmid: Uuid::from_bytes(row.get(3)?),
                at: Moment(row.get(0)?),
                n_policy: row.get(4)?,
            };
            if recall.see(row.get(1)?, Uuid::from_bytes(row.get(2)?), contact).is_break() {
                break;
            }
        }
        Ok(recall.contacts())
    }

    fn uncounted(&self) -> Result<Vec<Uuid>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT application_id FROM (SELECT application_id, count(*) AS found FROM journal GROUP BY 1)
             LEFT JOIN counters USING (application_id) WHERE found > coalesce(total, 0)",
        )?;
        let ids = statement.query_map([], |row| row.get(0).map(Uuid::from_bytes))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }

    fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let done = (|| {
            let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let done = work(&transaction)?;
            transaction.commit()?;
            Ok(done)
        })();
        done.map_err(|error| match error {
            StoreError::Sqlite(source) => StoreError::of_write(source, &self.folder),
            other => other,
        })
    }
}

/// What SQLite finds wrong with the file.
pub fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    lines.filter(|line| line.as_deref() != Ok("ok")).collect()
}

impl Engine for SqliteJournal {
    fn load(&self, limits: &LoadLimits) -> Result<Loaded, StoreError> {
        // All of one moment, also when another process writes.
        let moment = self.connection.unchecked_transaction()?;
        let counters = self.counters()?;
        let contacts = self.contacts(&counters, limits)?;
        let last_sequence = self.last_sequence()?;
        moment.finish()?;
        Ok(Loaded { last_sequence, counters, contacts })
    }

    fn counters(&self) -> Result<AllCounters, StoreError> {
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

    fn entries(&self, from_sequence: u64, limit: u32) -> Result<Vec<Row>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM journal WHERE sequence >= ?1 ORDER BY sequence LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql)?;
        let from = stored(from_sequence, "the sequence number")?;
        Ok(statement.query_map(params![from, limit], rows::read)?.collect::<Result<_, _>>()?)
    }

    fn entries_between(
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
        let first = stored(from_sequence, "the sequence number")?;
        let rows = statement.query_map(params![from.0, until.0, first, limit], rows::read)?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn events(
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
        let first = stored(from_number, "the number of the event")?;
        let mut rows = statement.query(params![from.0, until.0, first, limit])?;
        let mut events = Vec::new();
        while let Some(row) = rows.next()? {
            let number: i64 = row.get(0)?;
            let what = What::read(number, row.get(2)?, &row.get::<_, String>(3)?)?;
            events.push(Recorded { number: number.unsigned_abs(), at: Moment(row.get(1)?), what });
        }
        Ok(events)
    }

    fn meta_get(&self, key: &str) -> Result<Option<String>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT value FROM meta WHERE key = ?1")?;
        Ok(statement.query_row([key], |row| row.get(0)).optional()?)
    }

    fn meta(&self) -> Result<Vec<(String, String)>, StoreError> {
        let mut statement = self.connection.prepare_cached("SELECT key, value FROM meta ORDER BY key")?;
        Ok(statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
    }

    fn status(&self) -> Result<Status, StoreError> {
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

    fn last_sequence(&self) -> Result<u64, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT max(coalesce((SELECT max(sequence) FROM journal), 0), through) FROM pruned",
        )?;
        Ok(statement.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    fn check(&self) -> Result<Check, StoreError> {
        let moment = self.connection.unchecked_transaction()?;
        let problems = integrity(&self.connection)?.into_iter().map(Problem::Damaged).collect();
        let number =
            |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
        let rows = number("SELECT count(*) FROM journal")?;
        let sequences = if rows == 0 {
            None
        } else {
            Some((number("SELECT min(sequence) FROM journal")?, number("SELECT max(sequence) FROM journal")?))
        };
        let rows_out_of_time = number(&format!(
            "SELECT count(*) FROM journal LEFT JOIN blocks ON block = sequence / {BLOCK}
             WHERE NOT coalesce(at BETWEEN first_at AND last_at, 0)"
        ))?;
        let counted = Counted {
            rows,
            pruned: number("SELECT through FROM pruned")?,
            sequences,
            rows_out_of_time,
            uncounted: self.uncounted()?,
        };
        moment.finish()?;
        Ok(counted.judge(problems))
    }

    fn write(&mut self, write: Write<'_>) -> Result<(), StoreError> {
        self.transact(|transaction| {
            insert_rows(transaction, write.rows)?;
            for (application, counters) in write.counters {
                set_counters(transaction, application, counters)?;
            }
            if let Some((key, value)) = write.meta {
                set_meta(transaction, key, value)?;
            }
            write.events.iter().try_for_each(|(at, what)| record(transaction, *at, what))
        })
    }

    fn newest_granted(&self) -> Result<Option<Moment>, StoreError> {
        let newest = self
            .connection
            .query_row("SELECT at FROM journal WHERE hresult = 0 ORDER BY sequence DESC LIMIT 1", [], |row| {
                row.get(0).map(Moment)
            })
            .optional()?;
        Ok(newest)
    }

    fn prunable(&self, older_than: Moment, newest: Moment) -> Result<Option<i64>, StoreError> {
        let mut statement =
            self.connection.prepare_cached("SELECT sequence, at FROM journal ORDER BY sequence")?;
        let mut rows = statement.query([])?;
        let mut prunable = Prunable::new(older_than, newest);
        while let Some(row) = rows.next()? {
            if prunable.see(row.get(0)?, Moment(row.get(1)?)).is_break() {
                break;
            }
        }
        Ok(prunable.through)
    }

    fn prune_journal(&mut self, through: i64) -> Result<u32, StoreError> {
        self.transact(|transaction| prune_journal(transaction, through))
    }

    fn prune_events(&mut self, older_than: Moment) -> Result<u32, StoreError> {
        self.transact(|transaction| prune_events(transaction, older_than))
    }

    fn warnings(&self) -> Vec<String> {
        Vec::new()
    }
}

pub(super) fn insert_rows(transaction: &Transaction<'_>, rows: &[Row]) -> Result<(), StoreError> {
    let mut statement = transaction.prepare_cached(rows::INSERT)?;
    for row in rows {
        rows::insert(&mut statement, stored(row.entry.sequence, "the sequence number")?, row)?;
    }
    let mut statement = transaction.prepare_cached(
        "INSERT INTO blocks VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE
         SET first_at = min(first_at, excluded.first_at), last_at = max(last_at, excluded.last_at)",
    )?;
    for (block, first_at, last_at) in times(rows)? {
        statement.execute([block, first_at, last_at])?;
    }
    Ok(())
}

pub(super) fn set_counters(
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

/// An event with the number that it has elsewhere.
pub(super) fn put_event(transaction: &Transaction<'_>, event: &Recorded) -> Result<(), StoreError> {
    let (id, fields) = event.what.write()?;
    transaction
        .prepare_cached("INSERT INTO events (number, at, id, fields) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![stored(event.number, "the number of the event")?, event.at.0, id, fields])?;
    Ok(())
}

pub(super) fn set_meta(
    transaction: &Transaction<'_>,
    key: &str,
    value: Option<&str>,
) -> Result<(), StoreError> {
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
