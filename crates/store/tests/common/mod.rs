//! Rows that follow from their number alone, so that any test can say what must be in a journal.
#![allow(dead_code)]

use activation::Moment;
use activation::journal::{AllCounters, Counters, Entry};
use store::{HostStore, OpenOptions, Row};
use uuid::Uuid;

pub const NOW: Moment = Moment(1_700_000_000);

pub fn application(number: u64) -> Uuid {
    Uuid::from_u128(0xa000_0000 + u128::from(number))
}

pub fn machine(number: u64) -> Uuid {
    Uuid::from_u128(0xc000_0000 + u128::from(number))
}

/// Every seventh is refused; two applications; some names that need care.
pub fn row(sequence: u64) -> Row {
    let names = ["pc-1.contoso.com", "", "\u{0}\u{202e}'; DROP TABLE journal; --", "機械-ü-\u{1f600}"];
    Row {
        entry: Entry {
            sequence,
            at: NOW.plus(sequence as i64 / 10),
            hresult: if sequence.is_multiple_of(7) { 0xc004_f042 } else { 0 },
            n_policy: (sequence % 30) as u32,
            machine_name: names[sequence as usize % names.len()].to_owned(),
            cmid: machine(sequence * 31 % 1009),
            client_time: Moment(-11_644_473_600).plus(sequence as i64),
            vm_info: (sequence % 2) as u32,
            license_status: (sequence % 9) as u32,
            minutes_to_expiration: u32::MAX - sequence as u32,
            application_id: application(sequence % 2),
            activation_id: Uuid::from_u128(!u128::from(sequence)),
            count: (sequence % 50) as u32,
        },
        counted_n_policy: 25,
    }
}

pub fn rows(sequences: impl IntoIterator<Item = u64>) -> Vec<Row> {
    sequences.into_iter().map(row).collect()
}

/// Adds a row and gives the counters of its application after it.
pub fn count(all: &mut AllCounters, row: &Row) -> Counters {
    let counters = all.entry(row.entry.application_id).or_default();
    counters.add(&row.entry);
    *counters
}

/// The counters after some rows.
pub fn counted(rows: &[Row]) -> AllCounters {
    let mut all = AllCounters::new();
    for row in rows {
        count(&mut all, row);
    }
    all
}

/// Appends rows with the counters after them.
pub fn append(store: &mut HostStore, all: &mut AllCounters, rows: &[Row]) {
    for row in rows {
        count(all, row);
    }
    let counters: Vec<_> = all.iter().map(|(application, counters)| (*application, *counters)).collect();
    store.append(rows, &counters, &[]).unwrap();
}

pub fn open(folder: &std::path::Path) -> HostStore {
    HostStore::open(folder, OpenOptions::default()).unwrap()
}

/// Xorshift: the same numbers in every run.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
