//! Where a journal is kept, and how it is opened, copied and put back there.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::engine::Engine;
use crate::error::{BackupError, OpenError, RestoreError, StoreError};
use crate::postgres::{self, Database, PostgresJournal};
use crate::reader::HostReader;
use crate::sqlite::{self, SqliteJournal};
use crate::writer::OpenOptions;

/// A place for one host's journal. Shown without a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// SQLite in this folder.
    Folder(PathBuf),
    /// A schema of a PostgreSQL database.
    Database(Box<Database>),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Folder(folder) => write!(f, "{}", folder.display()),
            Place::Database(database) => write!(f, "{database}"),
        }
    }
}

impl Place {
    pub(crate) fn engine_for_reading(&self) -> Result<Box<dyn Engine>, OpenError> {
        Ok(match self {
            Place::Folder(folder) => Box::new(SqliteJournal::for_reading(folder)?),
            Place::Database(database) => Box::new(PostgresJournal::for_reading(database)?),
        })
    }

    pub(crate) fn engine_for_writing(&self, options: OpenOptions) -> Result<Box<dyn Engine>, OpenError> {
        Ok(match self {
            Place::Folder(folder) => Box::new(SqliteJournal::for_writing(folder, options)?),
            Place::Database(database) => Box::new(PostgresJournal::for_writing(database, options)?),
        })
    }

    /// A first look at an open store that failed.
    pub(crate) fn open_error(&self, error: StoreError) -> OpenError {
        match (self, error) {
            (Place::Folder(folder), StoreError::Sqlite(source)) => {
                OpenError::Sqlite { file: folder.join(crate::FILE), source }
            }
            (Place::Folder(folder), _) => OpenError::Foreign(folder.join(crate::FILE).display().to_string()),
            (Place::Database(database), error) => database.open_error(error),
        }
    }

    /// Puts a copy in the place of the store, while no host runs there. Returns where the replaced store is kept: a
    /// file beside the new one, or a schema.
    ///
    /// The copy is judged before anything is touched: damaged, foreign and newer ones are refused.
    pub fn restore(&self, from: &Path) -> Result<Option<String>, RestoreError> {
        match self {
            Place::Folder(folder) => {
                Ok(sqlite::copy::restore(from, folder)?.map(|aside| aside.display().to_string()))
            }
            Place::Database(database) => postgres::restore(from, database),
        }
    }
}

impl HostReader {
    /// Copies the store as it is now into an SQLite file that does not exist yet, and that is whole when it does.
    ///
    /// Reads through a connection of its own: the writer goes on meanwhile, so this is no job for the writer's thread,
    /// where answers would wait for it. A running host opens a [`HostReader`] elsewhere.
    pub fn backup(&self, to: &Path) -> Result<(), BackupError> {
        match self.place() {
            Place::Folder(folder) => sqlite::copy::backup(folder, to),
            Place::Database(database) => postgres::backup(database, to),
        }
    }
}

/// Puts a copy in the place of a folder's store; see [`Place::restore`].
pub fn restore(from: &Path, folder: &Path) -> Result<Option<PathBuf>, RestoreError> {
    sqlite::copy::restore(from, folder)
}
