//! The version of a store and the way there.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, TransactionBehavior};

use crate::error::OpenError;

/// Marks an SQLite file as a host's store: `kmsh`.
pub const APPLICATION_ID: i64 = 0x6b6d_7368;

/// From nothing to the newest version, one step each. Only ever appended to.
const STEPS: &[&str] = &[include_str!("schema_1.sql")];

/// The newest version.
pub const VERSION: i64 = STEPS.len() as i64;

/// Statements that a connection keeps prepared.
const STATEMENTS: usize = 32;

/// Opens for writing, and brings the file to the newest version.
pub fn open(file: &Path, busy_timeout: Duration) -> Result<Connection, OpenError> {
    let failed = |source| OpenError::Sqlite { file: file.to_owned(), source };
    let flags =
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(file, flags).map_err(failed)?;
    connection.busy_timeout(busy_timeout).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // Before anything is changed: a file of another program stays as it is.
    let version = version(&connection, file)?;
    if version > VERSION {
        return Err(OpenError::Newer { place: file.display().to_string(), found: version, known: VERSION });
    }
    prepare(&connection).map_err(failed)?;
    migrate(&mut connection, version, STEPS).map_err(failed)?;
    Ok(connection)
}

/// A new store in a file in which nothing is yet, to be filled at once by somebody who syncs it himself.
pub fn create(file: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(file)?;
    connection.pragma_update_and_check(None, "journal_mode", "MEMORY", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    migrate(&mut connection, 0, STEPS)?;
    Ok(connection)
}

/// Opens for reading only, beside a writer or without one.
pub fn open_read_only(file: &Path, busy_timeout: Duration) -> Result<Connection, OpenError> {
    let (connection, found) = open_known(file, busy_timeout)?;
    if found < VERSION {
        return Err(OpenError::Older { place: file.display().to_string(), found, known: VERSION });
    }
    Ok(connection)
}

/// Opens for reading a store of any version that is known, and tells which.
pub fn open_known(file: &Path, busy_timeout: Duration) -> Result<(Connection, i64), OpenError> {
    let failed = |source| OpenError::Sqlite { file: file.to_owned(), source };
    if !file.is_file() {
        return Err(OpenError::Missing(file.display().to_string()));
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(file, flags).map_err(failed)?;
    connection.busy_timeout(busy_timeout).map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    match version(&connection, file)? {
        0 => Err(OpenError::Foreign(file.display().to_string())),
        found if found > VERSION => {
            Err(OpenError::Newer { place: file.display().to_string(), found, known: VERSION })
        }
        found => Ok((connection, found)),
    }
}

/// The version of a store; 0 for one in which nothing is yet, as a first start leaves it that was cut off.
fn version(connection: &Connection, file: &Path) -> Result<i64, OpenError> {
    let failed = |source| OpenError::Sqlite { file: file.to_owned(), source };
    let number = |pragma: &str| connection.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0));
    let application = number("application_id").map_err(failed)?;
    let version = number("user_version").map_err(failed)?;
    let tables = "SELECT count(*) FROM sqlite_schema";
    let tables: i64 = connection.query_row(tables, [], |row| row.get(0)).map_err(failed)?;
    let is_ours = application == APPLICATION_ID && version > 0;
    let is_new = (application, version, tables) == (0, 0, 0);
    if is_ours || is_new { Ok(version) } else { Err(OpenError::Foreign(file.display().to_string())) }
}

/// What was committed is on the disk, and readers do not wait for the writer.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    let mode: String = connection.pragma_update_and_check(None, "journal_mode", "WAL", |row| row.get(0))?;
    if mode != "wal" {
        // Some network file systems can't; there a commit is as durable, only slower, and readers wait.
        connection.pragma_update(None, "journal_mode", "DELETE")?;
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)
}

/// Takes the steps that are missing, each in a transaction of its own.
fn migrate(connection: &mut Connection, from: i64, steps: &[&str]) -> rusqlite::Result<()> {
    for (step, to) in steps.iter().zip(1i64..).filter(|(_, to)| *to > from) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
        transaction.pragma_update(None, "user_version", to)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &[&str] =
        &["CREATE TABLE a (x); INSERT INTO a VALUES (1)", "CREATE TABLE b AS SELECT x + 1 AS x FROM a"];

    fn version_of(connection: &Connection) -> i64 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn steps_are_taken_once_and_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection, 0, &TWO[..1]).unwrap();
        assert_eq!(version_of(&connection), 1);
        migrate(&mut connection, 1, TWO).unwrap();
        migrate(&mut connection, 2, TWO).unwrap();
        assert_eq!(version_of(&connection), 2);
        assert_eq!(connection.query_row("SELECT x FROM b", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    }

    #[test]
    fn a_step_that_fails_leaves_the_version_before_it() {
        let mut connection = Connection::open_in_memory().unwrap();
        let steps = [TWO[0], "CREATE TABLE c (x); CREATE TABLE a (x)"];
        migrate(&mut connection, 0, &steps).unwrap_err();
        assert_eq!(version_of(&connection), 1);
        assert!(!connection.table_exists(None, "c").unwrap());
    }
}
