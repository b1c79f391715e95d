//! What can go wrong with a store: when it is opened, written, copied and put back.

use std::io;
use std::path::{Path, PathBuf};

use rusqlite::ffi;

/// Why a host's store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another process writes there.
    #[error("{} is in use by {holder}", .folder.display())]
    InUse {
        /// The host's data folder.
        folder: PathBuf,
        /// Process id and since when, as far as the lock file tells.
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
    #[error("{} does not exist: no host was set up there", .0.display())]
    Missing(PathBuf),
    /// A newer kmscope wrote it.
    #[error("{} is of version {found}, and this kmscope knows versions up to {known}", .file.display())]
    Newer {
        /// The store.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// A reader found an older version; only the host itself changes that.
    #[error("{} is of version {found}; start the host once to bring it to version {known}", .file.display())]
    Older {
        /// The store.
        file: PathBuf,
        /// Its version.
        found: i64,
        /// The newest that is known.
        known: i64,
    },
    /// An SQLite file of another program.
    #[error("{} is a database of another program", .0.display())]
    Foreign(PathBuf),
    /// SQLite failed.
    #[error("{} can't be opened", .file.display())]
    Sqlite {
        /// The store.
        file: PathBuf,
        /// Why.
        source: rusqlite::Error,
    },
}

/// Why something could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No space is left; nothing of what was to be written was kept.
    #[error("the disk of {} is full", .folder.display())]
    Full {
        /// The host's data folder.
        folder: PathBuf,
        /// What SQLite said.
        source: rusqlite::Error,
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
}

impl StoreError {
    /// A failed write, with a full disk told apart.
    pub(crate) fn of_write(source: rusqlite::Error, folder: &Path) -> StoreError {
        if is_full(&source, folder) {
            StoreError::Full { folder: folder.to_owned(), source }
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
            extended != ffi::SQLITE_IOERR_READ && has_no_space(folder)
        }
        _ => false,
    }
}

/// More than file systems keep inside a file's own record.
const PROBE_BYTES: usize = 64 * 1024;

fn has_no_space(folder: &Path) -> bool {
    let probe = tempfile::NamedTempFile::new_in(folder).and_then(|mut file| {
        io::Write::write_all(&mut file, &[1; PROBE_BYTES])?;
        file.as_file().sync_all()
    });
    matches!(probe, Err(error) if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded))
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
    /// Moving files within the folder failed.
    #[error("{} can't be replaced", .file.display())]
    Replace {
        /// The store.
        file: PathBuf,
        /// Why.
        source: io::Error,
    },
}
