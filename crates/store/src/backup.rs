//! Copies of a store while its host runs, and the way back.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::Connection;
use tempfile::NamedTempFile;

use crate::FILE;
use crate::check::integrity;
use crate::error::{BackupError, RestoreError};
use crate::lock::FolderLock;
use crate::reader::HostReader;
use crate::schema;

/// How long to wait for another process that holds a file for a moment.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Names of replaced files that are tried.
const REPLACED_MAX: u32 = 1000;

impl HostReader {
    /// Copies the store as it is now into a file that does not exist yet, and that is whole when it does.
    ///
    /// Reads through a connection of its own: the writer goes on meanwhile, so this is no job for the writer's thread,
    /// where answers would wait for it. A running host opens a [`HostReader`] elsewhere.
    pub fn backup(&self, to: &Path) -> Result<(), BackupError> {
        let failed = |source| BackupError::Sqlite { file: to.to_owned(), source };
        if to.exists() {
            return Err(BackupError::Exists(to.to_owned()));
        }
        let file = self.folder.join(FILE);
        let (connection, _) = schema::open_known(&file, BUSY_TIMEOUT).map_err(|error| match error {
            crate::OpenError::Sqlite { source, .. } => failed(source),
            other => BackupError::Write { file: file.clone(), source: io::Error::other(other) },
        })?;
        let folder = folder_of(to);
        let copy = copy(&connection, &folder, to)?;
        copy.persist_noclobber(to).map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => BackupError::Write { file: to.to_owned(), source: error.error },
        })?;
        sync_folder(&folder).map_err(|source| BackupError::Write { file: to.to_owned(), source })
    }
}

/// A durable copy under a passing name; `to` is only told in errors.
fn copy(connection: &Connection, folder: &Path, to: &Path) -> Result<NamedTempFile, BackupError> {
    let written = |source| BackupError::Write { file: to.to_owned(), source };
    let copy =
        tempfile::Builder::new().prefix(".host-").suffix(".partial").tempfile_in(folder).map_err(written)?;
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

/// Puts a copy in the place of a host's store, while no host runs there. Returns where the replaced store is kept.
///
/// The copy is judged before anything is touched: damaged, foreign and newer ones are refused.
pub fn restore(from: &Path, folder: &Path) -> Result<Option<PathBuf>, RestoreError> {
    let _lock = FolderLock::take(folder)?;
    let (connection, _) = schema::open_known(from, BUSY_TIMEOUT)?;
    let problems = integrity(&connection)
        .map_err(|error| RestoreError::Damaged { file: from.to_owned(), problem: error.to_string() })?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(RestoreError::Damaged { file: from.to_owned(), problem });
    }
    let file = folder.join(FILE);
    let copy = copy(&connection, folder, &file)?;
    drop(connection);
    replace(copy, &file).map_err(|source| RestoreError::Replace { file, source })
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
