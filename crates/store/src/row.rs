//! A row of the journal.

use activation::journal::Entry;

use crate::error::StoreError;

/// Characters of a machine name.
pub const MACHINE_NAME_MAX: usize = 64;

/// Sequence numbers whose times are kept together; the number is part of the format of both engines.
pub const BLOCK: i64 = 4096;

/// An entry, and what the host counted it with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// What the journal tells.
    pub entry: Entry,
    /// The N-policy that raised the cap of the count: the product's, whatever the client said.
    pub counted_n_policy: u32,
}

impl Row {
    /// No client can send a longer name.
    pub(crate) fn is_storable(&self) -> bool {
        self.entry.machine_name.chars().count() <= MACHINE_NAME_MAX
    }
}

/// As both engines hold numbers.
pub fn stored(number: u64, what: &'static str) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::TooLarge(what))
}

/// The times of each block that rows lie in: block, first and last moment. Rows come in the order of their numbers.
pub fn times(rows: &[Row]) -> Result<Vec<(i64, i64, i64)>, StoreError> {
    let mut times: Vec<(i64, i64, i64)> = Vec::with_capacity(2);
    for row in rows {
        let (block, at) = (stored(row.entry.sequence, "the sequence number")? / BLOCK, row.entry.at.0);
        match times.last_mut() {
            Some((last, first_at, last_at)) if *last == block => {
                *first_at = (*first_at).min(at);
                *last_at = (*last_at).max(at);
            }
            _ => times.push((block, at, at)),
        }
    }
    Ok(times)
}
