//! The folder of a publisher: `root.key`, `publisher.toml`, `publisher.pub`, and a lock beside them.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use activation::Moment;
use activation::credentials::{Catalogue, PublisherKeyFile, RootKey};
use anyhow::{Context, bail};
use messages::Argument;

use super::passphrase::Passphrases;
use crate::console::Console;
use service::files::{self, Prepared, Readers};

/// Longest file that is read here, in bytes.
const FILE_MAX: u64 = 16 << 20;

/// An open folder. Whoever changes it holds the lock, so that two changes come one after the other.
#[derive(Debug)]
pub(super) struct Folder<'a> {
    path: PathBuf,
    console: &'a Console,
    _lock: Option<File>,
}

impl<'a> Folder<'a> {
    /// Makes the folder if it is not there, and refuses one that belongs to a publisher.
    pub(super) fn make(path: &Path, console: &'a Console) -> anyhow::Result<Folder<'a>> {
        if !path.is_dir() {
            files::make_private_folder(path).with_context(|| cannot_write(path, console))?;
        }
        let folder = Folder::lock(path, console)?;
        for there in [folder.key_path(), folder.catalogue_path(), folder.public_path()] {
            if there.exists() {
                bail!(
                    console
                        .text("publisher-error-there", &[("path", Argument::Text(&there.to_string_lossy()))])
                );
            }
        }
        Ok(folder)
    }

    /// Opens the folder of a publisher to read it alone: its files are there whole at any time.
    pub(super) fn look(path: &Path, console: &'a Console) -> anyhow::Result<Folder<'a>> {
        Folder::is_there(path, console)?;
        Ok(Folder { path: path.to_owned(), console, _lock: None })
    }

    /// Opens the folder of a publisher to change it.
    pub(super) fn open(path: &Path, console: &'a Console) -> anyhow::Result<Folder<'a>> {
        Folder::is_there(path, console)?;
        Folder::lock(path, console)
    }

    fn is_there(path: &Path, console: &Console) -> anyhow::Result<()> {
        if !path.join(CATALOGUE).exists() {
            let path = path.to_string_lossy();
            bail!(console.text("publisher-error-none", &[("path", Argument::Text(&path))]));
        }
        Ok(())
    }

    fn lock(path: &Path, console: &'a Console) -> anyhow::Result<Folder<'a>> {
        let place = path.join(LOCK);
        let lock = File::options().create(true).truncate(false).write(true).open(&place);
        let lock = lock.and_then(|file| file.lock().map(|()| file));
        let lock = lock.with_context(|| cannot_write(&place, console))?;
        Ok(Folder { path: path.to_owned(), console, _lock: Some(lock) })
    }

    pub(super) fn key_path(&self) -> PathBuf {
        self.path.join(KEY)
    }

    pub(super) fn catalogue_path(&self) -> PathBuf {
        self.path.join(CATALOGUE)
    }

    pub(super) fn public_path(&self) -> PathBuf {
        self.path.join(PUBLIC)
    }

    /// Reads the catalogue.
    pub(super) fn catalogue(&self) -> anyhow::Result<Catalogue> {
        let path = self.catalogue_path();
        let text = read_text(&path, self.console)?;
        Catalogue::read(&text).with_context(|| cannot_read(&path, self.console))
    }

    /// Writes the catalogue.
    pub(super) fn save(&self, catalogue: &Catalogue) -> anyhow::Result<()> {
        self.write(&self.catalogue_path(), catalogue.write().as_bytes(), Readers::Owner)
    }

    /// Opens the root key.
    pub(super) fn root_key(&self, passphrases: &mut Passphrases<'_>) -> anyhow::Result<RootKey> {
        let path = self.key_path();
        let file = PublisherKeyFile::read(&read_text(&path, self.console)?);
        let file = file.with_context(|| cannot_read(&path, self.console))?;
        let passphrase = passphrases.present()?;
        Ok(file.open(&passphrase)?)
    }

    /// Writes a file of the folder.
    pub(super) fn write(&self, path: &Path, content: &[u8], readers: Readers) -> anyhow::Result<()> {
        files::write(path, content, readers).with_context(|| cannot_write(path, self.console))
    }
}

const KEY: &str = "root.key";
const CATALOGUE: &str = "publisher.toml";
const PUBLIC: &str = "publisher.pub";
const LOCK: &str = ".lock";

/// The text of a file.
pub(super) fn read_text(path: &Path, console: &Console) -> anyhow::Result<String> {
    let read = || -> io::Result<String> {
        let mut text = String::new();
        File::open(path)?.take(FILE_MAX + 1).read_to_string(&mut text)?;
        Ok(text)
    };
    read().with_context(|| cannot_read(path, console))
}

pub(super) fn cannot_read(path: &Path, console: &Console) -> String {
    console.text("cli-error-read", &[("path", Argument::Text(&path.to_string_lossy()))])
}

pub(super) fn cannot_write(path: &Path, console: &Console) -> String {
    console.text("cli-error-write", &[("path", Argument::Text(&path.to_string_lossy()))])
}

/// A file for something that was asked for with `--out`, which does not replace another.
pub(super) fn prepare_new(
    path: &Path,
    content: &[u8],
    readers: Readers,
    console: &Console,
) -> anyhow::Result<Prepared> {
    if fs::symlink_metadata(path).is_ok() {
        bail!(console.text("publisher-error-there", &[("path", Argument::Text(&path.to_string_lossy()))]));
    }
    prepare(path, content, readers, console)
}

/// A file for something that was asked for with `--out`.
pub(super) fn prepare(
    path: &Path,
    content: &[u8],
    readers: Readers,
    console: &Console,
) -> anyhow::Result<Prepared> {
    Prepared::write(path, content, readers).with_context(|| cannot_write(path, console))
}

/// The system's clock.
pub(super) fn now() -> Moment {
    let seconds = |since: std::time::Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    Moment(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, seconds))
}

/// Bytes of chance.
pub(super) fn chance<const N: usize>() -> anyhow::Result<[u8; N]> {
    let mut bytes = [0; N];
    match getrandom::fill(&mut bytes) {
        Ok(()) => Ok(bytes),
        Err(error) => bail!("{error}"),
    }
}
