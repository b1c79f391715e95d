//! Rows, counters, events and words on their way to PostgreSQL and back.

use activation::Moment;
use activation::journal::{AllCounters, Counters, Entry, STATES};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

use super::link::Writer;
use super::session::Session;
use crate::engine::Write;
use crate::error::StoreError;
use crate::row::{Row, stored, times};

/// All columns, in the order of [`read`].
pub const COLUMNS: &str = "sequence, at, hresult, application_id, cmid, counted_n_policy, count, n_policy, \
                           activation_id, client_time, vm_info, license_status, minutes_to_expiration, machine_name";

/// Rows, their times and the counters after them, in one statement and so in one transaction and one round trip. The
/// first part lets nothing happen when somebody else has written since.
fn append(schema: &str) -> String {
    format!(
        "WITH fence AS (
            UPDATE {schema}.holder SET writes = writes + 1, last_sequence = $3, last_event = $4
            WHERE opening = $1 AND writes = $2 RETURNING 1
        ), added AS (
            INSERT INTO {schema}.journal SELECT rows.* FROM fence, unnest($5::bigint[], $6::bigint[], $7::bigint[],
                $8::uuid[], $9::uuid[], $10::bigint[], $11::bigint[], $12::bigint[], $13::uuid[], $14::bigint[],
                $15::bigint[], $16::bigint[], $17::bigint[], $18::bytea[]) AS rows
        ), seen AS (
            INSERT INTO {schema}.blocks AS known
            SELECT spans.* FROM fence, unnest($19::bigint[], $20::bigint[], $21::bigint[]) AS spans
            ON CONFLICT (block) DO UPDATE SET first_at = least(known.first_at, excluded.first_at),
                last_at = greatest(known.last_at, excluded.last_at)
        ), counted AS (
            INSERT INTO {schema}.counters SELECT after.* FROM fence, unnest($22::uuid[], $23::bigint[], $24::bigint[],
                $25::bigint[], $26::bigint[], $27::bigint[], $28::bigint[], $29::bigint[], $30::bigint[],
                $31::bigint[]) AS after
            ON CONFLICT (application_id) DO UPDATE SET (total, failed, status_0, status_1, status_2, status_3,
                status_4, status_5, status_6) = (excluded.total, excluded.failed, excluded.status_0,
                excluded.status_1, excluded.status_2, excluded.status_3, excluded.status_4, excluded.status_5,
                excluded.status_6)
        )
        SELECT count(*) FROM fence"
    )
}

/// Rows by column.
#[derive(Debug, Default)]
struct Columns<'a> {
    /// All that are numbers, in the order of the table.
    numbers: [Vec<i64>; 10],
    applications: Vec<Uuid>,
    machines: Vec<Uuid>,
    activations: Vec<Uuid>,
    names: Vec<&'a [u8]>,
}

impl<'a> Columns<'a> {
    fn of(rows: &'a [Row]) -> Result<Columns<'a>, StoreError> {
        let mut columns = Columns {
            numbers: std::array::from_fn(|_| Vec::with_capacity(rows.len())),
            ..Columns::default()
        };
        for Row { entry, counted_n_policy } in rows {
            let numbers = [
                stored(entry.sequence, "the sequence number")?,
                entry.at.0,
                entry.hresult.into(),
                (*counted_n_policy).into(),
                entry.count.into(),
                entry.n_policy.into(),
                entry.client_time.0,
                entry.vm_info.into(),
                entry.license_status.into(),
                entry.minutes_to_expiration.into(),
            ];
            for (column, number) in columns.numbers.iter_mut().zip(numbers) {
                column.push(number);
            }
            columns.applications.push(entry.application_id);
            columns.machines.push(entry.cmid);
            columns.activations.push(entry.activation_id);
            columns.names.push(entry.machine_name.as_bytes());
        }
        Ok(columns)
    }
}

/// Counters as the table holds them: total, failed, and by state.
fn numbers(counters: &Counters) -> Result<[i64; 2 + STATES], StoreError> {
    let mut numbers = [0; 2 + STATES];
    let found = [counters.total, counters.failed].into_iter().chain(counters.by_status);
    for (number, count) in numbers.iter_mut().zip(found) {
        *number = stored(count, "a counter")?;
    }
    Ok(numbers)
}

/// Sends rows with what belongs to them; false when somebody else has written since.
pub fn write_rows(
    session: &Session,
    writer: &Writer,
    schema: &str,
    write: &Write<'_>,
) -> Result<bool, StoreError> {
    let Columns {
        numbers: [sequences, at, hresults, counted, counts, policies, client_times, vm, states, minutes],
        applications,
        machines,
        activations,
        names,
    } = Columns::of(write.rows)?;
    let mut spans = [const { Vec::<i64>::new() }; 3];
    for (block, first_at, last_at) in times(write.rows)? {
        for (column, number) in spans.iter_mut().zip([block, first_at, last_at]) {
            column.push(number);
        }
    }
    let [blocks, first_at, last_at] = &spans;
    let of: Vec<Uuid> = write.counters.iter().map(|(application, _)| *application).collect();
    let mut after: [Vec<i64>; 2 + STATES] = Default::default();
    for (_, counters) in write.counters {
        for (column, number) in after.iter_mut().zip(numbers(counters)?) {
            column.push(number);
        }
    }
    let last_sequence = writer.last_sequence + len(write.rows);
    let last_event = writer.last_event + len(write.events);
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![
        &writer.opening,
        &writer.writes,
        &last_sequence,
        &last_event,
        &sequences,
        &at,
        &hresults,
        &applications,
        &machines,
        &counted,
        &counts,
        &policies,
        &activations,
        &client_times,
        &vm,
        &states,
        &minutes,
        &names,
        blocks,
        first_at,
        last_at,
        &of,
    ];
    parameters.extend(after.iter().map(|column| column as &(dyn ToSql + Sync)));
    let statement = session.append(|| append(schema))?;
    // This returns when the server is ready again, which it is when it has committed.
    let row = session.run(|client| client.query_one(statement, &parameters))?;
    Ok(row.try_get::<_, i64>(0)? == 1)
}

/// How many, as the tables hold numbers.
pub fn len<T>(items: &[T]) -> i64 {
    i64::try_from(items.len()).expect("a slice is shorter than that")
}

/// Sends events, and a word, within a transaction.
pub fn write_others(
    session: &Session,
    writer: &Writer,
    schema: &str,
    write: &Write<'_>,
) -> Result<(), StoreError> {
    for (number, (at, what)) in (writer.last_event + 1..).zip(write.events) {
        let (id, fields) = what.write()?;
        put_event(session, schema, number, *at, id, &fields)?;
    }
    match write.meta {
        Some((key, value)) => set_meta(session, schema, key, value),
        None => Ok(()),
    }
}

/// Puts an event in with its number.
pub fn put_event(
    session: &Session,
    schema: &str,
    number: i64,
    at: Moment,
    id: u32,
    fields: &str,
) -> Result<(), StoreError> {
    let sql = format!("INSERT INTO {schema}.events VALUES ($1, $2, $3, $4)");
    let id = i64::from(id);
    let put = session.run(|client| async { client.execute(&sql, &[&number, &at.0, &id, &fields]).await });
    put.map(|_| ())
}

/// Sets a word, or forgets it.
pub fn set_meta(session: &Session, schema: &str, key: &str, value: Option<&str>) -> Result<(), StoreError> {
    let forget = format!("DELETE FROM {schema}.meta WHERE key = $1");
    let set = format!(
        "INSERT INTO {schema}.meta VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value"
    );
    let done = match value {
        None => session.run(|client| async { client.execute(&forget, &[&key]).await }),
        Some(value) => session.run(|client| async { client.execute(&set, &[&key, &value]).await }),
    };
    done.map(|_| ())
}

/// Sets the counters of one application.
pub fn set_counters(
    session: &Session,
    schema: &str,
    application: &Uuid,
    counters: &Counters,
) -> Result<(), StoreError> {
    forget_counters(session, schema, application)?;
    let sql = format!("INSERT INTO {schema}.counters VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    let numbers = numbers(counters)?;
    let mut parameters: Vec<&(dyn ToSql + Sync)> = vec![application];
    parameters.extend(numbers.iter().map(|number| number as &(dyn ToSql + Sync)));
    session.run(|client| client.execute(&sql, &parameters)).map(|_| ())
}

/// Takes the counters of an application away that had none before.
pub fn forget_counters(session: &Session, schema: &str, application: &Uuid) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM {schema}.counters WHERE application_id = $1");
    session.run(|client| async { client.execute(&sql, &[application]).await }).map(|_| ())
}

/// The counters of all applications.
pub fn counters(session: &Session, schema: &str) -> Result<AllCounters, StoreError> {
    let sql = format!("SELECT * FROM {schema}.counters");
    let rows = session.run(|client| client.query(&sql, &[]))?;
    let read = |row: &tokio_postgres::Row| {
        let number = |column: usize| row.try_get::<_, i64>(column).map(i64::unsigned_abs);
        let mut by_status = [0; STATES];
        for (column, count) in (3..).zip(&mut by_status) {
            *count = number(column)?;
        }
        Ok((row.try_get(0)?, Counters { total: number(1)?, failed: number(2)?, by_status }))
    };
    rows.iter().map(read).collect()
}

/// Reads [`COLUMNS`].
pub fn read(row: &tokio_postgres::Row) -> Result<Row, StoreError> {
    let large = |column: usize| row.try_get::<_, i64>(column);
    let number = |column: usize| -> Result<u32, StoreError> {
        u32::try_from(large(column)?).map_err(|_| StoreError::TooLarge("a number of a row"))
    };
    let entry = Entry {
        sequence: large(0)?.unsigned_abs(),
        at: Moment(large(1)?),
        hresult: number(2)?,
        application_id: row.try_get(3)?,
        cmid: row.try_get(4)?,
        count: number(6)?,
        n_policy: number(7)?,
        activation_id: row.try_get(8)?,
        client_time: Moment(large(9)?),
        vm_info: number(10)?,
        license_status: number(11)?,
        minutes_to_expiration: number(12)?,
        machine_name: String::from_utf8_lossy(row.try_get(13)?).into_owned(),
    };
    Ok(Row { entry, counted_n_policy: number(5)? })
}
