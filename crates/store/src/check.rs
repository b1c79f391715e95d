//! Whether a store is whole.

use std::fmt;

use rusqlite::Connection;
use uuid::Uuid;

use crate::error::StoreError;
use crate::reader::{BLOCK, HostReader};

/// What was looked at, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Check {
    /// Rows of the journal.
    pub rows: u64,
    /// The first and the last sequence number.
    pub sequences: Option<(u64, u64)>,
    /// Nothing when the store is whole.
    pub problems: Vec<Problem>,
}

/// Something that is wrong with a store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// What SQLite found in the file.
    Damaged(String),
    /// Rows are missing between the first and the last.
    Gap {
        /// How many.
        missing: u64,
    },
    /// The journal does not begin behind what was pruned.
    Beginning {
        /// Pruned up to this number.
        pruned: u64,
        /// The first row.
        first: u64,
    },
    /// A look-up by time would miss rows.
    Times {
        /// Rows whose time is not known to their block.
        rows: u64,
    },
    /// The journal holds more requests of an application than were counted.
    Counters(Uuid),
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Problem::Damaged(text) => write!(f, "the file is damaged: {text}"),
            Problem::Gap { missing } => write!(f, "{missing} rows of the journal are missing"),
            Problem::Beginning { pruned, first } => {
                write!(f, "the journal begins at {first}, and was pruned up to {pruned}")
            }
            Problem::Times { rows } => write!(f, "{rows} rows can't be found by their time"),
            Problem::Counters(application) => {
                write!(f, "the journal holds more requests of application {application} than were counted")
            }
        }
    }
}

/// What SQLite finds wrong with the file.
pub fn integrity(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut statement = connection.prepare("PRAGMA integrity_check")?;
    let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
    lines.filter(|line| line.as_deref() != Ok("ok")).collect()
}

impl HostReader {
    /// Reads all of the store: minutes for a journal of many millions.
    pub fn check(&self) -> Result<Check, StoreError> {
        let moment = self.connection.unchecked_transaction()?;
        let mut problems: Vec<Problem> =
            integrity(&self.connection)?.into_iter().map(Problem::Damaged).collect();
        let number =
            |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs);
        let rows = number("SELECT count(*) FROM journal")?;
        let pruned = number("SELECT through FROM pruned")?;
        let mut sequences = None;
        if rows > 0 {
            let first = number("SELECT min(sequence) FROM journal")?;
            let last = number("SELECT max(sequence) FROM journal")?;
            let missing = (last - first + 1).saturating_sub(rows);
            problems.extend((missing > 0).then_some(Problem::Gap { missing }));
            problems.extend((first != pruned + 1).then_some(Problem::Beginning { pruned, first }));
            sequences = Some((first, last));
        }
        let rows_out_of_time = number(&format!(
            "SELECT count(*) FROM journal LEFT JOIN blocks ON block = sequence / {BLOCK}
             WHERE NOT coalesce(at BETWEEN first_at AND last_at, 0)"
        ))?;
        problems.extend((rows_out_of_time > 0).then_some(Problem::Times { rows: rows_out_of_time }));
        problems.extend(self.uncounted()?.into_iter().map(Problem::Counters));
        moment.finish()?;
        Ok(Check { rows, sequences, problems })
    }

    fn uncounted(&self) -> Result<Vec<Uuid>, StoreError> {
        let mut statement = self.connection.prepare(
            "SELECT application_id FROM (SELECT application_id, count(*) AS found FROM journal GROUP BY 1)
             LEFT JOIN counters USING (application_id) WHERE found > coalesce(total, 0)",
        )?;
        let ids = statement.query_map([], |row| row.get(0).map(Uuid::from_bytes))?;
        Ok(ids.collect::<Result<_, _>>()?)
    }
}
