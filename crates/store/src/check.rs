//! Whether a store is whole.

use std::fmt;

use uuid::Uuid;

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
    /// What the engine itself found: SQLite in its file, PostgreSQL in its tables.
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
            Problem::Damaged(text) => write!(f, "the store is damaged: {text}"),
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

/// What both engines count, before it is judged.
#[derive(Debug, Clone, Default)]
pub struct Counted {
    /// Rows of the journal.
    pub rows: u64,
    /// Pruned up to this number.
    pub pruned: u64,
    /// The first and the last sequence number.
    pub sequences: Option<(u64, u64)>,
    /// Rows whose time is not known to their block.
    pub rows_out_of_time: u64,
    /// Applications with more requests in the journal than were counted.
    pub uncounted: Vec<Uuid>,
}

impl Counted {
    /// The verdict, after what the engine found itself.
    pub fn judge(self, mut problems: Vec<Problem>) -> Check {
        if let Some((first, last)) = self.sequences {
            let missing = (last - first + 1).saturating_sub(self.rows);
            let pruned = self.pruned;
            problems.extend((missing > 0).then_some(Problem::Gap { missing }));
            problems.extend((first != pruned + 1).then_some(Problem::Beginning { pruned, first }));
        }
        let rows = self.rows_out_of_time;
        problems.extend((rows > 0).then_some(Problem::Times { rows }));
        problems.extend(self.uncounted.into_iter().map(Problem::Counters));
        Check { rows: self.rows, sequences: self.sequences, problems }
    }
}
