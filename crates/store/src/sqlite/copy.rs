//! Copies of a store: always an SQLite file, whichever engine it is taken from or put back into.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use activation::journal::AllCounters;
use rusqlite::{Connection, Transaction};
use tempfile::{NamedTempFile, TempDir};

use super::journal::{self, SqliteJournal, integrity};
use super::lock::FolderLock;
use super::schema;
use crate::FILE;
use crate::error::{BackupError, RestoreError, StoreError};
use crate::recorded::Recorded;
use crate::row::{Row, stored};
use crate::writer::OpenOptions;

/// How long to wait for another process that holds a file for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Names of replaced files that are tried.
const REPLACED_MAX: u32 = 1000;

/// Copies the store of a folder as it is now into a file that does not exist yet, and that is whole when it does.
///
/// Reads through a connection of its own: the writer goes on meanwhile, so this is no job for the writer's thread,
/// where answers would wait for it.
pub fn backup(from: &Path, to: &Path) -> Result<(), BackupError> {
    if to.exists() {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let (connection, _) = schema::open_known(&from.join(FILE), BUSY_TIMEOUT)?;
    persist(copy(&connection, &folder_of(to), to)?, to)
}

/// Gives a whole copy its name.
fn persist(copy: NamedTempFile, to: &Path) -> Result<(), BackupError> {
    copy.persist_noclobber(to).map_err(|error| match error.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
        _ => BackupError::Write { file: to.to_owned(), source: error.error },
    })?;
    sync_folder(&folder_of(to)).map_err(|source| BackupError::Write { file: to.to_owned(), source })
}

/// What a journal holds beside its rows.
#[derive(Debug, Default)]
pub struct Beside {
    /// Up to which sequence number it was pruned.
    pub pruned: u64,
    /// The counters of all applications.
    pub counters: AllCounters,
    /// Other events, with their numbers.
    pub events: Vec<Recorded>,
    /// Settings and words.
    pub meta: Vec<(String, String)>,
}

/// A copy that another engine fills.
pub struct Filling {
    file: NamedTempFile,
    connection: Connection,
    to: PathBuf,
}

impl Filling {
    /// Begins a copy with what stands beside the rows.
    pub fn begin(to: &Path, beside: &Beside) -> Result<Filling, BackupError> {
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let file = partial(&folder_of(to), to)?;
        let failed = |source| BackupError::Sqlite { file: to.to_owned(), source };
        let connection = schema::create(file.path()).map_err(failed)?;
        let mut filling = Filling { file, connection, to: to.to_owned() };
        filling.fill(|transaction| {
            let pruned = stored(beside.pruned, "the sequence number")?;
            transaction.execute("UPDATE pruned SET through = ?1", [pruned])?;
            for (application, counters) in &beside.counters {
                journal::set_counters(transaction, application, counters)?;
            }
            for (key, value) in &beside.meta {
                journal::set_meta(transaction, key, Some(value))?;
            }
            beside.events.iter().try_for_each(|event| journal::put_event(transaction, event))
        })?;
        Ok(filling)
    }

    /// Takes the next rows.
    pub fn rows(&mut self, rows: &[Row]) -> Result<(), BackupError> {
        self.fill(|transaction| journal::insert_rows(transaction, rows))
    }

    fn fill(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<(), StoreError>,
    ) -> Result<(), BackupError> {
        let failed = |source| BackupError::Sqlite { file: self.to.clone(), source };
        let transaction = self.connection.transaction().map_err(failed)?;
        work(&transaction)?;
        transaction.commit().map_err(failed)
    }

    /// Makes the copy durable, and gives it its name.
    pub fn finish(self) -> Result<(), BackupError> {
        drop(self.connection);
        let synced = self.file.as_file().sync_all();
        synced.map_err(|source| BackupError::Write { file: self.to.clone(), source })?;
        persist(self.file, &self.to)
    }
}

fn partial(folder: &Path, to: &Path) -> Result<NamedTempFile, BackupError> {
    let file = tempfile::Builder::new().prefix(".host-").suffix(".partial").tempfile_in(folder);
    file.map_err(|source| BackupError::Write { file: to.to_owned(), source })
}

/// A durable copy under a passing name; `to` is only told in errors.
fn copy(connection: &Connection, folder: &Path, to: &Path) -> Result<NamedTempFile, BackupError> {
    let written = |source| BackupError::Write { file: to.to_owned(), source };
    let copy = partial(folder, to)?;
    let name = copy.path().to_str().ok_or_else(|| BackupError::Name(to.to_owned()))?;
    // SQLite takes an empty file for one that does not exist.
    let copied = connection.execute("VACUUM INTO ?1", [name]);
    copied.map_err(|source| BackupError::Sqlite { file: to.to_owned(), source })?;
    copy.as_file().sync_all().map_err(written)?;
    Ok(copy)
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(folder) if folder != Path::new("") => folder.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// Makes a new name durable, where folders can be synced.
fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Puts a copy in the place of a folder's store, while no host runs there. Returns where the replaced store is kept.
///
/// The copy is judged before anything is touched: damaged, foreign and newer ones are refused.
pub fn restore(from: &Path, folder: &Path) -> Result<Option<PathBuf>, RestoreError> {
    let _lock = FolderLock::take(folder)?;
    let connection = open_whole(from)?;
    let file = folder.join(FILE);
    let copy = copy(&connection, folder, &file)?;
    drop(connection);
    replace(copy, &file).map_err(|source| RestoreError::Replace { file, source })
}

/// Opens a copy and looks whether it is whole.
fn open_whole(from: &Path) -> Result<Connection, RestoreError> {
    let (connection, _) = schema::open_known(from, BUSY_TIMEOUT)?;
    let problems = integrity(&connection)
        .map_err(|error| RestoreError::Damaged { file: from.to_owned(), problem: error.to_string() })?;
    match problems.into_iter().next() {
        Some(problem) => Err(RestoreError::Damaged { file: from.to_owned(), problem }),
        None => Ok(connection),
    }
}

/// Opens a whole copy, to be read into another engine. One of an older version is brought up in a passing file first.
pub fn open_copy(from: &Path) -> Result<(SqliteJournal, TempDir), RestoreError> {
    let connection = open_whole(from)?;
    let passing =
        tempfile::tempdir().map_err(|source| BackupError::Write { file: from.to_owned(), source })?;
    copy(&connection, passing.path(), from)?
        .persist(passing.path().join(FILE))
        .map_err(|error| BackupError::Write { file: from.to_owned(), source: error.error })?;
    let journal = SqliteJournal::for_writing(passing.path(), OpenOptions::default())?;
    Ok((journal, passing))
}

/// Keeps the old file under another name, then puts the new one in its place; at no moment is there none.
fn replace(copy: NamedTempFile, file: &Path) -> io::Result<Option<PathBuf>> {
    let (log, shared) = (beside(file, "-wal"), beside(file, "-shm"));
    let aside = if file.exists() { Some(keep(file)?) } else { None };
    // The log belongs to the old file, and would be played into the new one.
    let old_log = aside.as_ref().filter(|_| log.exists()).map(|aside| beside(aside, "-wal"));
    match &old_log {
        Some(kept) => fs::rename(&log, kept)?,
        None => remove(&log)?,
    }
    remove(&shared)?;
    if let Err(error) = copy.persist(file) {
        if let Some(kept) = &old_log {
            fs::rename(kept, &log)?;
        }
        return Err(error.error);
    }
    sync_folder(&folder_of(file))?;
    Ok(aside)
}

fn keep(file: &Path) -> io::Result<PathBuf> {
    // What the log holds goes into the file, if that is whole; if not, the log is kept beside it.
    if let Ok(old) = Connection::open(file) {
        let _ = old.pragma_query(None, "wal_checkpoint", |_| Ok(()));
    }
    let free = (1..=REPLACED_MAX)
        .map(|number| beside(file, &format!(".replaced-{number}")))
        .find(|name| !name.exists());
    let aside = free
        .ok_or_else(|| io::Error::new(io::ErrorKind::AlreadyExists, "too many replaced stores are kept"))?;
    // A second name for the same file where that can be, so that gigabytes need no second place.
    if fs::hard_link(file, &aside).is_err() {
        fs::copy(file, &aside)?;
        File::open(&aside)?.sync_all()?;
    }
    Ok(aside)
}

fn beside(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
