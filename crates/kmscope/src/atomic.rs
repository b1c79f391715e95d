//! Files that are there whole or not at all: written beside their place, brought to the disk, then put there.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who may read a file. Where the system knows no such thing, the folder decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Readers {
    /// Whoever the system lets.
    Anybody,
    /// The owner.
    Owner,
}

/// A file that is written, and not yet at its place. It is taken away again unless it is put there.
#[derive(Debug)]
pub(crate) struct Prepared {
    temporary: PathBuf,
    place: PathBuf,
}

impl Prepared {
    /// Writes the content beside its place.
    pub(crate) fn write(place: &Path, content: &[u8], readers: Readers) -> io::Result<Prepared> {
        // What a link leads to is replaced, not the link.
        let place = fs::canonicalize(place).unwrap_or_else(|_| place.to_owned());
        if fs::metadata(&place).is_ok_and(|there| !there.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "this is not a plain file"));
        }
        let name = place.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        let mut hidden = std::ffi::OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}", std::process::id()));
        let prepared = Prepared { temporary: place.with_file_name(hidden), place };
        // A process of this number may have been killed here.
        let _ = fs::remove_file(&prepared.temporary);
        let mut file = options(readers).open(&prepared.temporary)?;
        file.write_all(content)?;
        file.sync_all()?;
        Ok(prepared)
    }

    /// Puts it there, in place of what may be there.
    pub(crate) fn put(self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.place)?;
        sync_folder(self.place.parent())
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // After it was put there, nothing is left to take away.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Writes a file and puts it there.
pub(crate) fn write(place: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    Prepared::write(place, content, readers)?.put()
}

// Rights as Unix has them, here alone.

fn options(readers: Readers) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if readers == Readers::Owner {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = readers;
    options
}

/// Makes a folder that only its owner can look into.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Brings the names of a folder to the disk, where the system lets a folder be opened for that.
fn sync_folder(folder: Option<&Path>) -> io::Result<()> {
    let folder = folder.filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
