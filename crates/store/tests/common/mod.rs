//! Rows that follow from their number alone, so that any test can say what must be in a journal.
#![allow(dead_code)]

#[cfg(unix)]
pub mod server;

use std::collections::BTreeMap;
#[cfg(unix)]
use std::sync::OnceLock;
#[cfg(unix)]
use std::sync::atomic::{AtomicU64, Ordering};

use activation::Moment;
use activation::journal::{AllCounters, Counters, Entry};
#[cfg(unix)]
use store::Database;
use store::{HostReader, HostStore, OpenOptions, Place, Row, StoreError};
use tempfile::TempDir;
use uuid::Uuid;

#[cfg(unix)]
use server::Server;

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

/// A place for the journal of one test.
pub struct Kept {
    pub place: Place,
    /// Present where the place is a folder.
    _folder: Option<TempDir>,
}

impl Kept {
    /// SQLite in a folder.
    pub fn in_folder() -> Kept {
        let folder = tempfile::tempdir().unwrap();
        Kept { place: Place::Folder(folder.path().to_owned()), _folder: Some(folder) }
    }

    /// A journal of its own in this program's PostgreSQL; nothing where there is none.
    #[cfg(unix)]
    pub fn in_database() -> Option<Kept> {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let name = format!("t{}", NEXT.fetch_add(1, Ordering::SeqCst));
        let database: Database = server()?.journal(&name).parse().unwrap();
        Some(Kept { place: Place::Database(Box::new(database.on_machine(&name))), _folder: None })
    }

    /// The keeper of the server is a shell.
    #[cfg(not(unix))]
    pub fn in_database() -> Option<Kept> {
        None
    }

    pub fn everywhere() -> impl Iterator<Item = Kept> {
        [Some(Kept::in_folder()), Kept::in_database()].into_iter().flatten()
    }

    pub fn open(&self) -> HostStore {
        HostStore::at(&self.place, OpenOptions::default()).unwrap()
    }

    pub fn reader(&self) -> HostReader {
        HostReader::at(&self.place).unwrap()
    }

    /// The schema, where the journal is in a database.
    pub fn schema(&self) -> String {
        match &self.place {
            Place::Database(database) => database.schema(),
            Place::Folder(folder) => panic!("{} is a folder", folder.display()),
        }
    }
}

/// Writes a few rows as a committer does; gives the error.
pub fn write(store: &mut HostStore, all: &mut AllCounters, rows: &[Row]) -> Result<(), StoreError> {
    let mut after = all.clone();
    let counters: Vec<(Uuid, Counters)> =
        rows.iter().map(|row| (row.entry.application_id, count(&mut after, row))).collect();
    // The last of each application, as the committer gives them.
    let last: BTreeMap<Uuid, Counters> = counters.into_iter().collect();
    let last: Vec<(Uuid, Counters)> = last.into_iter().collect();
    store.append(rows, &last, &[])?;
    *all = after;
    Ok(())
}

/// The journal holds exactly these rows, and fits together.
#[track_caller]
pub fn holds(place: &Place, expected: &[Row]) {
    let reader = HostReader::at(place).unwrap();
    assert_eq!(reader.entries(0, u32::MAX).unwrap(), expected);
    assert_eq!(reader.counters().unwrap(), counted(expected));
    assert_eq!(reader.check().unwrap().problems, vec![]);
}

/// The PostgreSQL that all tests of a program share.
#[cfg(unix)]
pub fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

/// Makes two tests of each function: its journal is in SQLite, and in PostgreSQL.
#[macro_export]
macro_rules! in_both_engines {
    ($($name:ident),* $(,)?) => {
        mod in_sqlite {
            $(#[test]
            fn $name() {
                super::$name(&super::common::Kept::in_folder());
            })*
        }
        mod in_postgres {
            $(#[test]
            fn $name() {
                if let Some(kept) = super::common::Kept::in_database() {
                    super::$name(&kept);
                }
            })*
        }
    };
}
