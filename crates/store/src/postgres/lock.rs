//! One writer for each journal: an advisory lock that goes with the connection, and who has it.

use std::time::{Duration, Instant};

use super::address::Database;
use super::session::Session;
use crate::error::StoreError;

/// The first half of the lock's key: `kmsh`. The second half stands for the schema.
const CLASS: i32 = 0x6b6d_7368;

/// A backend whose host has just ended, or that was just told to end, needs a moment to go.
const LOCK_PATIENCE: Duration = Duration::from_secs(2);
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// A backend of the server, for as long as the server runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Backend {
    pid: i32,
    started: String,
}

/// The same key for the same schema in all versions: FNV-1a.
fn key(schema: &str) -> i32 {
    let hash =
        schema.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash.cast_signed()
}

/// Takes the lock, or says who has it. A former backend of the same host, which the server may not know to be lost,
/// is ended.
pub fn take(session: &Session, database: &Database, former: Option<&Backend>) -> Result<Backend, StoreError> {
    let key = key(&database.schema());
    if let Some(former) = former {
        session.run(|client| async move {
            // Only a lock of the very same backend: process ids are used again.
            let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                WHERE pid = $1 AND backend_start::text = $2 AND pid <> pg_backend_pid()";
            client.query(end, &[&former.pid, &former.started]).await
        })?;
    }
    let end = Instant::now() + LOCK_PATIENCE;
    loop {
        let taken = session.run(|client| async move {
            client.query_one("SELECT pg_try_advisory_lock($1, $2)", &[&CLASS, &key]).await
        })?;
        if taken.try_get(0)? {
            return own(session);
        }
        if Instant::now() >= end {
            let (place, holder) = (database.to_string(), holder(session, database, key)?);
            return Err(StoreError::Held { place, holder });
        }
        std::thread::sleep(BETWEEN_TRIES);
    }
}

fn own(session: &Session) -> Result<Backend, StoreError> {
    let sql = "SELECT pid, backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid()";
    let row = session.run(|client| client.query_one(sql, &[]))?;
    Ok(Backend { pid: row.try_get(0)?, started: row.try_get(1)? })
}

/// Who holds the lock, as far as the server tells: what a host wrote of itself, and its backend.
fn holder(session: &Session, database: &Database, key: i32) -> Result<String, StoreError> {
    let sql = "SELECT pid, coalesce(application_name, ''), coalesce(client_addr::text, 'this server'),
            coalesce(to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'), '?')
        FROM pg_locks JOIN pg_stat_activity USING (pid)
        WHERE locktype = 'advisory' AND classid::bigint = $1 AND objid::bigint = $2 AND objsubid = 2 AND granted
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let (class, object) = (i64::from(CLASS.cast_unsigned()), i64::from(key.cast_unsigned()));
    let rows = session.run(|client| async move { client.query(sql, &[&class, &object]).await })?;
    let written = written(session, database).unwrap_or_default();
    let Some(row) = rows.first() else { return Ok(format!("{written}another host")) };
    let (pid, name): (i32, String) = (row.try_get(0)?, row.try_get(1)?);
    let (address, since): (String, String) = (row.try_get(2)?, row.try_get(3)?);
    let text = format!("{written}{name}, backend {pid} from {address} since {since}");
    Ok(text.chars().filter(|c| !c.is_control()).collect())
}

/// What the last host to open the journal wrote of itself.
pub fn written(session: &Session, database: &Database) -> Result<String, StoreError> {
    let sql = format!(
        "SELECT CASE process WHEN 0 THEN 'a copy that was put back'
            ELSE format('process %s of %s since %s', process, machine,
                to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')) END FROM {}.holder",
        database.schema()
    );
    Ok(format!("{}; ", session.text(&sql)?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_key_of_a_schema_never_changes() {
        assert_eq!(super::key("kmscope_host").cast_unsigned(), 0xc57a_ae8e);
        assert_ne!(super::key("kmscope_host_a"), super::key("kmscope_host_b"));
    }
}
