//! The version of a journal's schema and the way there.

use super::address::Database;
use super::session::Session;
use crate::error::{OpenError, StoreError};

/// Marks a schema as a host's journal.
const APPLICATION: &str = "kmscope host journal";

/// From nothing to the newest version, one step each. Only ever appended to.
const STEPS: &[&str] = &[include_str!("schema_1.sql")];

/// The newest version.
pub const VERSION: i64 = STEPS.len() as i64;

/// Brings the schema to the newest version. Only whoever has the lock may ask for it.
pub fn bring_up(session: &Session, database: &Database, create: bool) -> Result<(), OpenError> {
    let found = version(session, database)?;
    match found {
        None if !create => return Err(OpenError::Missing(database.to_string())),
        Some(found) if found > VERSION => return Err(newer(database, found)),
        _ => {}
    }
    let made = migrate(session, &database.schema(), found, STEPS);
    made.map_err(|error| database.open_error(error))
}

/// Looks whether a reader knows the version.
pub fn look(session: &Session, database: &Database) -> Result<(), OpenError> {
    match version(session, database)? {
        None | Some(0) => Err(OpenError::Missing(database.to_string())),
        Some(found) if found > VERSION => Err(newer(database, found)),
        Some(found) if found < VERSION => {
            Err(OpenError::Older { place: database.to_string(), found, known: VERSION })
        }
        Some(_) => Ok(()),
    }
}

/// Whether there is a journal, of a version that is known.
pub fn is_there(session: &Session, database: &Database) -> Result<bool, OpenError> {
    match version(session, database)? {
        Some(found) if found > VERSION => Err(newer(database, found)),
        found => Ok(found.is_some()),
    }
}

fn newer(database: &Database, found: i64) -> OpenError {
    OpenError::Newer { place: database.to_string(), found, known: VERSION }
}

/// Nothing where there is no schema, 0 where there is nothing in it yet: an administrator made it for a role that may
/// make none itself.
fn version(session: &Session, database: &Database) -> Result<Option<i64>, OpenError> {
    let failed = |error| database.open_error(error);
    let schema = &database.schema();
    let found = "SELECT
            (SELECT count(*) FROM pg_namespace WHERE nspname = $1),
            (SELECT count(*) FROM pg_class WHERE relnamespace = n.oid),
            (SELECT count(*) FROM pg_class WHERE relnamespace = n.oid AND relname = 'version' AND relkind = 'r')
        FROM (SELECT (SELECT oid FROM pg_namespace WHERE nspname = $1) AS oid) AS n";
    let row =
        session.run(|client| async move { client.query_one(found, &[schema]).await }).map_err(failed)?;
    let number = |column| row.try_get::<_, i64>(column).map_err(|error| failed(error.into()));
    match (number(0)?, number(1)?, number(2)?) {
        (0, _, _) => return Ok(None),
        (_, 0, _) => return Ok(Some(0)),
        (_, _, 0) => return Err(OpenError::Foreign(place(database))),
        _ => {}
    }
    let sql = format!("SELECT version FROM {schema}.version WHERE application = '{APPLICATION}'");
    let rows = match session.run(|client| client.query(&sql, &[])) {
        Ok(rows) => rows,
        // Another program's table of that name has other columns.
        Err(StoreError::Postgres(error))
            if error.code() == Some(&tokio_postgres::error::SqlState::UNDEFINED_COLUMN) =>
        {
            return Err(OpenError::Foreign(place(database)));
        }
        Err(error) => return Err(failed(error)),
    };
    let row = rows.first().ok_or_else(|| OpenError::Foreign(place(database)))?;
    row.try_get(0).map(Some).map_err(|error| failed(error.into()))
}

fn place(database: &Database) -> String {
    format!("schema {} in {database}", database.schema())
}

/// Takes the steps that are missing, each in a transaction of its own.
fn migrate(session: &Session, schema: &str, found: Option<i64>, steps: &[&str]) -> Result<(), StoreError> {
    let from = found.unwrap_or(0);
    for (step, to) in steps.iter().zip(1i64..).filter(|(_, to)| *to > from) {
        session.transact("BEGIN", || step_to(session, schema, found.is_none() && to == 1, step, to))?;
    }
    Ok(())
}

fn step_to(session: &Session, schema: &str, make: bool, step: &str, to: i64) -> Result<(), StoreError> {
    if make {
        session.execute(&format!("CREATE SCHEMA {schema}"))?;
    }
    if to == 1 {
        session.execute(&format!(
            "CREATE TABLE {schema}.version (
                only_row integer PRIMARY KEY CHECK (only_row = 1), application text NOT NULL, version bigint NOT NULL
            );
            INSERT INTO {schema}.version VALUES (1, '{APPLICATION}', 0)"
        ))?;
    }
    session.execute(&step.replace("{schema}", schema))?;
    session.execute(&format!("UPDATE {schema}.version SET version = {to}"))
}

/// A new journal of the newest version, within a transaction of the caller.
pub fn create(session: &Session, schema: &str) -> Result<(), StoreError> {
    for (step, to) in STEPS.iter().zip(1i64..) {
        step_to(session, schema, to == 1, step, to)?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
#[allow(dead_code)]
#[path = "../../tests/common/server.rs"]
mod server;

#[cfg(all(test, unix))]
mod tests {
    use super::server::Server;
    use super::*;

    #[test]
    fn steps_are_taken_once_and_in_order_and_one_that_fails_leaves_nothing() {
        let Some(server) = Server::start() else { return };
        let database: Database = server.journal("steps").parse().unwrap();
        let session = Session::connect(&database, None).unwrap();
        let schema = database.schema();
        let found = || version(&session, &database).unwrap();
        let two = [
            "CREATE TABLE {schema}.a AS SELECT 1 AS x",
            "CREATE TABLE {schema}.b AS SELECT x + 1 AS x FROM {schema}.a",
        ];
        assert_eq!(found(), None);
        migrate(&session, &schema, None, &two[..1]).unwrap();
        assert_eq!(found(), Some(1));
        let failing = [two[0], "CREATE TABLE {schema}.c (x int); CREATE TABLE {schema}.a (x int)"];
        migrate(&session, &schema, found(), &failing).unwrap_err();
        assert_eq!(found(), Some(1));
        assert_eq!(session.text(&format!("SELECT to_regclass('{schema}.c') IS NULL || ''")).unwrap(), "true");
        migrate(&session, &schema, found(), &two).unwrap();
        migrate(&session, &schema, found(), &two).unwrap();
        assert_eq!(found(), Some(2));
        assert_eq!(session.text(&format!("SELECT x::text FROM {schema}.b")).unwrap(), "2");
    }
}
