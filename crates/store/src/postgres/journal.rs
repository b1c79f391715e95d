//! The journal in a schema of PostgreSQL.

use std::cell::RefCell;

use activation::Moment;
use activation::journal::{AllCounters, Contact};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::address::Database;
use super::batch::{self, COLUMNS};
use super::link::{Link, Undo};
use super::session::Session;
use super::{lock, schema};
use crate::check::{Check, Counted, Problem};
use crate::engine::{Engine, Write};
use crate::error::{OpenError, StoreError};
use crate::prunable::{PRUNE_STEP, Prunable};
use crate::reader::Status;
use crate::recall::{LoadLimits, Loaded, Recall};
use crate::recorded::{Recorded, What};
use crate::row::{BLOCK, Row, stored};
use crate::writer::OpenOptions;

/// All of one moment, also while a host writes.
const MOMENT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// Rows that are fetched at once where it is not known how many will be looked at.
const ROWS_AT_ONCE: i64 = 4096;

/// A schema, with a connection to it.
#[derive(Debug)]
pub struct PostgresJournal {
    link: RefCell<Link>,
}

type Parameters<'a> = &'a [&'a (dyn ToSql + Sync)];

impl PostgresJournal {
    /// Opens a journal for reading.
    pub fn for_reading(database: &Database) -> Result<PostgresJournal, OpenError> {
        let session = Session::connect(database, None).map_err(|error| database.open_error(error))?;
        schema::look(&session, database)?;
        Ok(PostgresJournal { link: RefCell::new(Link::reader(database, session)) })
    }

    /// Opens a journal for writing: from now on nobody else writes it.
    pub fn for_writing(database: &Database, options: OpenOptions) -> Result<PostgresJournal, OpenError> {
        let failed = |error| database.open_error(error);
        let session = Session::connect(database, Some(options.busy_timeout)).map_err(failed)?;
        let backend = lock::take(&session, database, None).map_err(failed)?;
        schema::bring_up(&session, database, options.create)?;
        let link = Link::writer(database, session, backend).map_err(failed)?;
        Ok(PostgresJournal { link: RefCell::new(link) })
    }

    /// Does some reading of one moment. The connection is not made again meanwhile: that were another moment.
    pub fn at_one_moment<T, E: From<StoreError>>(
        &self,
        work: impl FnOnce(&PostgresJournal) -> Result<T, E>,
    ) -> Result<T, E> {
        self.query(MOMENT, &[])?;
        self.link.borrow_mut().is_steady = true;
        let done = work(self);
        self.link.borrow_mut().is_steady = false;
        let done = done?;
        self.query("COMMIT", &[])?;
        Ok(done)
    }

    fn read<T>(&self, work: impl Fn(&Session, &str) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut link = self.link.borrow_mut();
        let schema = link.schema.clone();
        link.read(|session| work(session, &schema))
    }

    fn query(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<tokio_postgres::Row>, StoreError> {
        self.read(|session, schema| query(session, &sql.replace("{schema}", schema), parameters))
    }

    fn rows(&self, sql: &str, parameters: Parameters<'_>) -> Result<Vec<Row>, StoreError> {
        self.query(sql, parameters)?.iter().map(batch::read).collect()
    }

    fn prune(&mut self, sql: &str, parameters: Parameters<'_>) -> Result<u32, StoreError> {
        let removed = self.link.get_mut().write(&Undo::default(), |session, writer, schema| {
            // A part of the statement that finds no fence touches nothing.
            let sql = format!(
                "WITH fence AS (UPDATE {schema}.holder SET writes = writes + 1 WHERE opening = $1 AND writes = $2
                    RETURNING 1), {} SELECT (SELECT count(*) FROM fence), (SELECT count(*) FROM removed)",
                sql.replace("{schema}", schema)
            );
            let parameters = [&[&writer.opening as &(dyn ToSql + Sync), &writer.writes], parameters].concat();
            let rows = query(session, &sql, &parameters)?;
            let row = rows.first().ok_or(StoreError::TooLarge("nothing"))?;
            let (fence, removed): (i64, i64) = (row.try_get(0)?, row.try_get(1)?);
            Ok((fence == 1).then_some(removed))
        })?;
        Ok(u32::try_from(removed).unwrap_or(u32::MAX))
    }
}

fn query(
    session: &Session,
    sql: &str,
    parameters: Parameters<'_>,
) -> Result<Vec<tokio_postgres::Row>, StoreError> {
    session.run(|client| client.query(sql, parameters))
}

/// A number, where there is one.
fn number(session: &Session, sql: &str) -> Result<Option<i64>, StoreError> {
    match query(session, sql, &[])?.first() {
        Some(row) => Ok(row.try_get(0)?),
        None => Ok(None),
    }
}

fn last_sequence(session: &Session, schema: &str) -> Result<u64, StoreError> {
    let sql = format!(
        "SELECT greatest((SELECT max(sequence) FROM {schema}.journal), through) FROM {schema}.pruned"
    );
    Ok(number(session, &sql)?.unwrap_or(0).unsigned_abs())
}

fn contacts(
    session: &Session,
    schema: &str,
    counters: &AllCounters,
    limits: &LoadLimits,
) -> Result<Vec<(Uuid, Vec<Contact>)>, StoreError> {
    let mut recall = Recall::new(counters, limits);
    let sql = format!(
        "SELECT sequence, at, hresult, application_id, cmid, counted_n_policy FROM {schema}.journal
         WHERE sequence < $1 ORDER BY sequence DESC LIMIT {ROWS_AT_ONCE}"
    );
    let mut before = i64::MAX;
    loop {
        let rows = query(session, &sql, &[&before])?;
        for row in &rows {
            let number = |column: usize| row.try_get::<_, i64>(column);
            let small =
                |column: usize| number(column).map(|number| u32::try_from(number).unwrap_or(u32::MAX));
            let contact = Contact { cmid: row.try_get(4)?, at: Moment(number(1)?), n_policy: small(5)? };
            if recall.see(small(2)?, row.try_get(3)?, contact).is_break() {
                return Ok(recall.contacts());
            }
        }
        let Some(last) = rows.last() else { return Ok(recall.contacts()) };
        before = last.try_get(0)?;
    }
}

impl Engine for PostgresJournal {
    fn load(&self, limits: &LoadLimits) -> Result<Loaded, StoreError> {
        self.read(|session, schema| {
            session.transact(MOMENT, || {
                let counters = batch::counters(session, schema)?;
                let contacts = contacts(session, schema, &counters, limits)?;
                Ok(Loaded { last_sequence: last_sequence(session, schema)?, counters, contacts })
            })
        })
    }

    fn counters(&self) -> Result<AllCounters, StoreError> {
        self.read(batch::counters)
    }

    fn entries(&self, from_sequence: u64, limit: u32) -> Result<Vec<Row>, StoreError> {
        let (from, limit) = (stored(from_sequence, "the sequence number")?, i64::from(limit));
        let sql = format!(
            "SELECT {COLUMNS} FROM {{schema}}.journal WHERE sequence >= $1 ORDER BY sequence LIMIT $2"
        );
        self.rows(&sql, &[&from, &limit])
    }

    fn entries_between(
        &self,
        from: Moment,
        until: Moment,
        from_sequence: u64,
        limit: u32,
    ) -> Result<Vec<Row>, StoreError> {
        let (first, limit) = (stored(from_sequence, "the sequence number")?, i64::from(limit));
        let sql = format!(
            "SELECT {COLUMNS} FROM {{schema}}.blocks JOIN {{schema}}.journal
             ON sequence >= greatest(block * {BLOCK}, $3) AND sequence < (block + 1) * {BLOCK}
             WHERE block >= $3 / {BLOCK} AND last_at >= $1 AND first_at < $2 AND at >= $1 AND at < $2
             ORDER BY sequence LIMIT $4"
        );
        self.rows(&sql, &[&from.0, &until.0, &first, &limit])
    }

    fn events(
        &self,
        from: Moment,
        until: Moment,
        from_number: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let (first, limit) = (stored(from_number, "the number of the event")?, i64::from(limit));
        let rows = self.query(
            "SELECT number, at, id, fields FROM {schema}.events WHERE number >= $3 AND at >= $1 AND at < $2
             ORDER BY number LIMIT $4",
            &[&from.0, &until.0, &first, &limit],
        )?;
        let read = |row: &tokio_postgres::Row| {
            let number: i64 = row.try_get(0)?;
            let id = u32::try_from(row.try_get::<_, i64>(2)?).unwrap_or(u32::MAX);
            let what = What::read(number, id, row.try_get(3)?)?;
            Ok(Recorded { number: number.unsigned_abs(), at: Moment(row.try_get(1)?), what })
        };
        rows.iter().map(read).collect()
    }

    fn meta_get(&self, key: &str) -> Result<Option<String>, StoreError> {
        let rows = self.query("SELECT value FROM {schema}.meta WHERE key = $1", &[&key])?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?)
    }

    fn meta(&self) -> Result<Vec<(String, String)>, StoreError> {
        let rows = self.query("SELECT key, value FROM {schema}.meta ORDER BY key COLLATE \"C\"", &[])?;
        let read = |row: &tokio_postgres::Row| Ok((row.try_get(0)?, row.try_get(1)?));
        rows.iter().map(read).collect()
    }

    fn status(&self) -> Result<Status, StoreError> {
        self.read(|session, schema| {
            session.transact(MOMENT, || {
                let last_sequence = last_sequence(session, schema)?;
                let first = number(session, &format!("SELECT min(sequence) FROM {schema}.journal"))?;
                let last_at = format!("SELECT at FROM {schema}.journal ORDER BY sequence DESC LIMIT 1");
                let bytes = format!(
                    "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class
                     WHERE relnamespace = '{schema}'::regnamespace AND relkind = 'r'"
                );
                Ok(Status {
                    first_sequence: first.map_or(last_sequence + 1, i64::unsigned_abs),
                    last_sequence,
                    last_at: number(session, &last_at)?.map(Moment),
                    bytes: number(session, &bytes)?.unwrap_or(0).unsigned_abs(),
                })
            })
        })
    }

    fn check(&self) -> Result<Check, StoreError> {
        self.read(|session, schema| session.transact(MOMENT, || check(session, schema)))
    }

    fn last_sequence(&self) -> Result<u64, StoreError> {
        self.read(last_sequence)
    }

    fn write(&mut self, write: Write<'_>) -> Result<(), StoreError> {
        // An event that can't be written is found before anything is sent.
        write.events.iter().try_for_each(|(_, what)| what.write().map(|_| ()))?;
        let meta_before = match write.meta {
            Some((key, _)) => Some((key.to_owned(), self.meta_get(key)?)),
            None => None,
        };
        let link = self.link.get_mut();
        let known = link.writer.as_ref().map(|writer| &writer.counters);
        let before = |application: &Uuid| known.and_then(|known| known.get(application)).copied();
        let counters = write.counters.iter().map(|(application, _)| (*application, before(application)));
        let undo = Undo { counters: counters.collect(), meta: meta_before };
        let is_rows_only = write.events.is_empty() && write.meta.is_none();
        link.write(&undo, |session, writer, schema| {
            if is_rows_only {
                return Ok(batch::write_rows(session, writer, schema, &write)?.then_some(()));
            }
            session.transact("BEGIN", || {
                if !batch::write_rows(session, writer, schema, &write)? {
                    return Ok(None);
                }
                batch::write_others(session, writer, schema, &write)?;
                Ok(Some(()))
            })
        })?;
        if let Some(writer) = &mut link.writer {
            writer.last_sequence += batch::len(write.rows);
            writer.last_event += batch::len(write.events);
            writer.counters.extend(write.counters.iter().copied());
        }
        Ok(())
    }

    fn newest_granted(&self) -> Result<Option<Moment>, StoreError> {
        let sql = "SELECT at FROM {schema}.journal WHERE hresult = 0 ORDER BY sequence DESC LIMIT 1";
        let rows = self.query(sql, &[])?;
        Ok(rows.first().map(|row| row.try_get(0)).transpose()?.map(Moment))
    }

    fn prunable(&self, older_than: Moment, newest: Moment) -> Result<Option<i64>, StoreError> {
        let mut prunable = Prunable::new(older_than, newest);
        let mut behind = i64::MIN;
        loop {
            let sql = format!(
                "SELECT sequence, at FROM {{schema}}.journal WHERE sequence > $1 ORDER BY sequence LIMIT {ROWS_AT_ONCE}"
            );
            let rows = self.query(&sql, &[&behind])?;
            for row in &rows {
                if prunable.see(row.try_get(0)?, Moment(row.try_get(1)?)).is_break() {
                    return Ok(prunable.through);
                }
            }
            let Some(last) = rows.last() else { return Ok(prunable.through) };
            behind = last.try_get(0)?;
        }
    }

    fn prune_journal(&mut self, through: i64) -> Result<u32, StoreError> {
        let sql = format!(
            "removed AS (DELETE FROM {{schema}}.journal WHERE sequence <= $3 AND EXISTS (SELECT FROM fence) RETURNING 1),
             emptied AS (DELETE FROM {{schema}}.blocks WHERE (block + 1) * {BLOCK} <= $3 + 1
                AND EXISTS (SELECT FROM fence)),
             marked AS (UPDATE {{schema}}.pruned SET through = $3 WHERE EXISTS (SELECT FROM fence))"
        );
        self.prune(&sql, &[&through])
    }

    fn prune_events(&mut self, older_than: Moment) -> Result<u32, StoreError> {
        let sql = format!(
            "removed AS (DELETE FROM {{schema}}.events WHERE EXISTS (SELECT FROM fence) AND number IN
                (SELECT number FROM {{schema}}.events WHERE at < $3 ORDER BY number LIMIT {PRUNE_STEP}) RETURNING 1)"
        );
        self.prune(&sql, &[&older_than.0])
    }

    fn warnings(&self) -> Vec<String> {
        let unsafe_settings = "SELECT string_agg(name || '=off', ' ') FROM pg_settings
            WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'";
        let found = self.query(unsafe_settings, &[]).ok();
        let text: Option<String> = found.and_then(|rows| rows.first()?.try_get(0).ok()?);
        let warn = |text| format!("the server runs with {text}: a loss of power may cost answers that left");
        text.map(warn).into_iter().collect()
    }
}

fn check(session: &Session, schema: &str) -> Result<Check, StoreError> {
    let count = |sql: &str| -> Result<u64, StoreError> {
        Ok(number(session, &sql.replace("{schema}", schema))?.unwrap_or(0).unsigned_abs())
    };
    let rows = count("SELECT count(*) FROM {schema}.journal")?;
    let first = count("SELECT min(sequence) FROM {schema}.journal")?;
    let last = count("SELECT max(sequence) FROM {schema}.journal")?;
    let rows_out_of_time = count(&format!(
        "SELECT count(*) FROM {{schema}}.journal LEFT JOIN {{schema}}.blocks ON block = sequence / {BLOCK}
         WHERE NOT coalesce(at BETWEEN first_at AND last_at, false)"
    ))?;
    let uncounted = format!(
        "SELECT application_id FROM (SELECT application_id, count(*) AS found FROM {schema}.journal GROUP BY 1) AS rows
         LEFT JOIN {schema}.counters USING (application_id) WHERE found > coalesce(total, 0) ORDER BY 1"
    );
    let uncounted = query(session, &uncounted, &[])?;
    let counted = Counted {
        rows,
        pruned: count("SELECT through FROM {schema}.pruned")?,
        sequences: (rows > 0).then_some((first, last)),
        rows_out_of_time,
        uncounted: uncounted.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?,
    };
    let told = count("SELECT last_sequence FROM {schema}.holder")?;
    let known = last_sequence(session, schema)?;
    let differs = (told != known)
        .then(|| Problem::Damaged(format!("the last row is {known}, and the last host wrote up to {told}")));
    Ok(counted.judge(differs.into_iter().collect()))
}
