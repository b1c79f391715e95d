//! A row of the journal, into SQLite and back.

use activation::Moment;
use activation::journal::Entry;
use rusqlite::{Statement, params};
use uuid::Uuid;

use crate::row::Row;

/// All columns, in the order of [`read`].
pub const COLUMNS: &str = "journal.sequence, at, hresult, application_id, cmid, counted_n_policy, count, n_policy, \
                           activation_id, client_time, vm_info, license_status, minutes_to_expiration, machine_name";

/// Takes the parameters in the order of [`insert`].
pub const INSERT: &str =
    "INSERT INTO journal VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";

/// Appends a row whose sequence number has been found to be the next.
pub fn insert(statement: &mut Statement<'_>, sequence: i64, row: &Row) -> rusqlite::Result<()> {
    let entry = &row.entry;
    statement.execute(params![
        sequence,
        entry.at.0,
        entry.hresult,
        entry.application_id.as_bytes(),
        entry.cmid.as_bytes(),
        row.counted_n_policy,
        entry.count,
        entry.n_policy,
        entry.activation_id.as_bytes(),
        entry.client_time.0,
        entry.vm_info,
        entry.license_status,
        entry.minutes_to_expiration,
        entry.machine_name,
    ])?;
    Ok(())
}

/// Reads [`COLUMNS`].
pub fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Row> {
    let id = |column| row.get(column).map(Uuid::from_bytes);
    let entry = Entry {
        sequence: row.get::<_, i64>(0)?.unsigned_abs(),
        at: Moment(row.get(1)?),
        hresult: row.get(2)?,
        application_id: id(3)?,
        cmid: id(4)?,
        count: row.get(6)?,
        n_policy: row.get(7)?,
        activation_id: id(8)?,
        client_time: Moment(row.get(9)?),
        vm_info: row.get(10)?,
        license_status: row.get(11)?,
        minutes_to_expiration: row.get(12)?,
        machine_name: row.get(13)?,
    };
    Ok(Row { entry, counted_n_policy: row.get(5)? })
}
