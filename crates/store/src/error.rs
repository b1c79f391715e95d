//! What can go wrong with a store: when it is opened, written, copied and put back.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ffi;

/// Why a host's store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes there.
    #[error("{place} is in use by {holder}")]
    InUse {
        /// The host's data folder, or the journal in a database.
        place: String,
        /// Process id and since when, as far as the lock tells.
        holder: String,
    },
    /// The lock file can't be made or locked.
    #[error("{} can't be locked", .file.display())]
    Lock {
        /// The lock file.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no store, and none was to be made.
    #[error("{0} does not exist: no host was set up there")]
    Missing(String),
    /// A newer kmscope wrote it.
    #[error("{place} is of version {found}, and this kmscope knows versions up to {known}")]
    Newer {
        /// The store.
        place: String,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// A reader found an older version; only the host itself changes that.
    #[error("{place} is of version {found}; start the host once to bring it to version {known}")]
    Older {
        /// The store.
        place: String,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// An SQLite file, or a schema, of another program.
    #[error("{0} is a database of another program")]
    Foreign(String),
    /// SQLite failed.
    #[error("{} can't be opened", .file.display())]
    Sqlite {
        /// The store.
        file: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
    /// PostgreSQL can't be reached, or failed.
    #[error("{place} can't be opened")]
    Database {
        /// The journal, without its password.
        place: String,
        /// Why.
        source: Box<StoreError>,
    },
}

/// Why something could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left; nothing of what was to be written was kept.
    #[error("the disk of {place} is full")]
    Full {
        /// The host's data folder, or the journal in a database.
        place: String,
        /// What the engine said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A row that does not follow the last one. After a row was lost, all that were numbered behind it end here, until
    /// the host has been loaded again.
    #[error("row {found} does not follow: the next one is {expected}")]
    NotNext {
        /// The next sequence number.
        expected: u64,
        /// The one that came.
        found: u64,
    },
    /// Longer than any client can send.
    #[error("the machine name of row {0} is too long")]
    LongName(u64),
    /// Beyond what the file can hold.
    #[error("{0} is too large to be stored")]
    TooLarge(&'static str),
    /// Processed requests go into the journal, and what a client writes does not belong here.
    #[error("event {0} is none that a host keeps beside its journal")]
    OtherEvent(u32),
    /// An event that was stored does not read.
    #[error("event {number} in the store can't be read")]
    Event {
        /// Its place.
        number: i64,
        /// Why.
        source: serde_json::Error,
    },
    /// SQLite failed; nothing of what was to be written was kept.
    #[error("the store failed")]
    Sqlite(#[from] rusqlite::Error),
    /// PostgreSQL refused; nothing of what was to be written was kept.
    #[error("the database failed")]
    Postgres(#[from] tokio_postgres::Error),
    /// PostgreSQL can't be reached. What was on its way is looked for when it is back, before anything is written.
    #[error("no connection to {place}")]
    Lost {
        /// The journal, without its password.
        place: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// PostgreSQL did not answer in time; the connection was given up.
    #[error("no answer within {0} seconds")]
    Slow(u64),
    /// Another host has the lock, and has written nothing yet.
    #[error("{place} is in use by {holder}")]
    Held {
        /// The journal.
        place: String,
        /// Who.
        holder: String,
    },
    /// Another host opened the journal while this one had lost its connection. This one writes nothing any more.
    #[error("{place} was taken over by {holder}; this host writes nothing until it is started again")]
    TakenOver {
        /// The journal.
        place: String,
        /// Who opened it.
        holder: String,
    },
    /// The database no longer holds what it had confirmed: it was put back, or a replica without the last rows took
    /// over. Only a new start numbers from what is there.
    #[error(
        "{place} has lost what it had confirmed: {confirmed} rows were written, and {found} are there; this host writes nothing until it is started again"
    )]
    WentBack {
        /// The journal.
        place: String,
        /// The last row that was confirmed.
        confirmed: u64,
        /// The last row that is there.
        found: u64,
    },
    /// The database keeps texts in another encoding.
    #[error("the database is in {0}, and the journal needs UTF8")]
    Encoding(String),
    /// The connection can't be made as the URL wants it.
    #[error(transparent)]
    Address(#[from] crate::postgres::AddressError),
    /// The schema is none of ours, or of another version.
    #[error("{0}")]
    Schema(String),
}

impl StoreError {
    /// A failed write, with a full disk told apart.
    pub(crate) fn of_write(source: rusqlite::Error, folder: &Path) -> StoreError {
        if is_full(&source, folder) {
            StoreError::Full { place: folder.display().to_string(), source: source.into() }
        } else {
            StoreError::Sqlite(source)
        }
    }
}

/// True when there was no space. SQLite says so for most writes; for its shared memory, for quotas and for what the
/// file system notices late it only says that input or output failed, and then the folder itself is asked.
pub(crate) fn is_full(error: &rusqlite::Error, folder: &Path) -> bool {
    match error.sqlite_error_code() {
        Some(rusqlite::ErrorCode::DiskFull) => true,
        Some(rusqlite::ErrorCode::SystemIoFailure) => {
            let extended = error.sqlite_error().map_or(0, |error| error.extended_code);
            extended != ffi::SQLITE_IOERR_READ && no_room(folder, PROBE_BYTES).is_some()
        }
        _ => false,
    }
}

/// More than file systems keep inside a file's own record.
const PROBE_BYTES: usize = 64 << 10;

/// What says that a folder has no room for so many bytes. It is tried with a file that goes at once.
pub fn no_room(folder: &Path, bytes: usize) -> Option<io::Error> {
    let probe = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        io::Write::write_all(&mut file, &vec![1; bytes])?;
        file.as_file().sync_all()
    });
    let is_full =
        |error: &io::Error| matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    probe.err().filter(is_full)
}

/// Why a copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// Nothing is overwritten.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// SQLite takes file names in UTF-8.
    #[error("{} is not a name in UTF-8", .0.display())]
    Name(PathBuf),
    /// The copy can't be written.
    #[error("{} can't be written", .file.display())]
    Write {
        /// The copy.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The journal that is to be copied can't be opened.
    #[error("the store can't be copied")]
    Open(#[from] OpenError),
    /// The journal that is to be copied can't be read.
    #[error("the store can't be copied")]
    Read(#[from] StoreError),
    /// SQLite failed.
    #[error("the store can't be copied to {}", .file.display())]
    Sqlite {
        /// The copy.
        file: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// Why a copy was not put back. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The folder is in use, or the copy can't be opened, or is not a host's.
    #[error("the copy can't be put back")]
    Open(#[from] OpenError),
    /// The copy is damaged.
    #[error("{} is damaged: {problem}", .file.display())]
    Damaged {
        /// The copy.
        file: PathBuf,
        /// The first thing that was found.
        problem: String,
    },
    /// Reading the copy failed.
    #[error("{} can't be read", .file.display())]
    Read {
        /// The copy.
        file: PathBuf,
        /// Why.
        source: StoreError,
    },
    /// Writing into the folder failed.
    #[error("the copy can't be brought into the folder")]
    Copy(#[from] BackupError),
    /// Writing into the database failed.
    #[error("the copy can't be brought into the database")]
    Write(#[source] StoreError),
    /// Moving files within the folder failed.
    #[error("{} can't be replaced", .file.display())]
    Replace {
        /// The store.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}
