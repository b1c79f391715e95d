//! Copies of a journal in PostgreSQL, as the SQLite file that every copy is, and the way back.

use std::path::Path;

use activation::Moment;

use super::address::Database;
use super::journal::PostgresJournal;
use super::session::Session;
use super::{batch, lock, schema};
use crate::engine::{Engine, Write};
use crate::error::{BackupError, RestoreError, StoreError};
use crate::row::stored;
use crate::sqlite::copy::{Beside, Filling, open_copy};

/// Rows that go over at once.
const ROWS_AT_ONCE: u32 = 4096;
/// Names of replaced schemas that are tried.
const REPLACED_MAX: u32 = 1000;

/// Copies a journal as it is now into a file that does not exist yet, and that is whole when it does.
pub fn backup(database: &Database, to: &Path) -> Result<(), BackupError> {
    let journal = PostgresJournal::for_reading(database)?;
    journal.at_one_moment(|journal| {
        let beside = beside(journal)?;
        let mut from = beside.pruned + 1;
        let mut filling = Filling::begin(to, &beside)?;
        loop {
            let rows = journal.entries(from, ROWS_AT_ONCE)?;
            let Some(last) = rows.last() else { break };
            from = last.entry.sequence + 1;
            filling.rows(&rows)?;
        }
        filling.finish()
    })
}

/// What a journal holds beside its rows.
fn beside(journal: &dyn Engine) -> Result<Beside, StoreError> {
    let first = journal.entries(0, 1)?.first().map(|row| row.entry.sequence);
    let pruned = first.map_or(journal.last_sequence()?, |first| first.saturating_sub(1));
    let events = journal.events(Moment(i64::MIN), Moment(i64::MAX), 0, u32::MAX)?;
    Ok(Beside { pruned, counters: journal.counters()?, events, meta: journal.meta()? })
}

/// Puts a copy in the place of a journal, while no host writes it: all in one transaction. The present journal is kept
/// in a schema of its own, of which the name is returned.
pub fn restore(from: &Path, database: &Database) -> Result<Option<String>, RestoreError> {
    let (copy, _passing) = open_copy(from)?;
    let failed = |error: StoreError| database.open_error(error);
    let session = Session::connect(database, None).map_err(failed)?;
    lock::take(&session, database, None).map_err(failed)?;
    // Foreign and newer ones stay as they are.
    let found = schema::is_there(&session, database)?;
    let put = session.transact("BEGIN", || {
        let aside = if found { Some(keep(&session, &database.schema())?) } else { None };
        schema::create(&session, &database.schema())?;
        fill(&session, &database.schema(), &copy)?;
        Ok(aside)
    });
    put.map_err(RestoreError::Write)
}

/// Gives a schema another name.
fn keep(session: &Session, schema: &str) -> Result<String, StoreError> {
    let sql = format!(
        "SELECT '{schema}_replaced_' || number FROM generate_series(1, {REPLACED_MAX}) AS number
         WHERE to_regnamespace('{schema}_replaced_' || number) IS NULL ORDER BY number LIMIT 1"
    );
    let aside = session.text(&sql)?;
    session.execute(&format!("ALTER SCHEMA {schema} RENAME TO {aside}"))?;
    Ok(aside)
}

fn fill(session: &Session, schema: &str, copy: &dyn Engine) -> Result<(), StoreError> {
    let beside = beside(copy)?;
    let pruned = stored(beside.pruned, "the sequence number")?;
    session.execute(&format!("UPDATE {schema}.pruned SET through = {pruned}"))?;
    for event in &beside.events {
        let (id, fields) = event.what.write()?;
        let number = stored(event.number, "the number of the event")?;
        batch::put_event(session, schema, number, event.at, id, &fields)?;
    }
    for (key, value) in &beside.meta {
        batch::set_meta(session, schema, key, Some(value))?;
    }
    let mut writer = super::link::Writer::in_new(pruned);
    let counters: Vec<_> = beside.counters.into_iter().collect();
    let mut from = beside.pruned + 1;
    loop {
        let rows = copy.entries(from, ROWS_AT_ONCE)?;
        let write = Write { rows: &rows, counters: &counters, ..Write::default() };
        if !batch::write_rows(session, &writer, schema, &write)? {
            return Err(StoreError::Schema("the schema was changed from elsewhere".to_owned()));
        }
        let Some(last) = rows.last() else { return Ok(()) };
        from = last.entry.sequence + 1;
        writer.writes += 1;
        writer.last_sequence += batch::len(&rows);
    }
}
