//! One writer for each folder: an advisory lock on a file that also says who holds it.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::time::SystemTime;

use activation::Moment;

use crate::LOCK_FILE;
use crate::error::OpenError;

/// Bytes of a lock file that are read, whoever wrote it.
const HOLDER_BYTES: u64 = 200;

/// Held as long as this lives; a process that dies loses it.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the lock, or says who has it.
    pub fn take(folder: &Path) -> Result<FolderLock, OpenError> {
        let path = folder.join(LOCK_FILE);
        let failed = |source| OpenError::Lock { file: path.clone(), source };
        let mut file = open(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse { place: folder.display().to_string(), holder: holder(file) });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let text = format!("process {} since {}\n", std::process::id(), now());
        let written = file.set_len(0).and_then(|()| file.seek(SeekFrom::Start(0))).and_then(|_| {
            file.write_all(text.as_bytes())?;
            file.flush()
        });
        // Not worth a failure: with a full disk the host can still tell what it knows.
        let _ = written;
        Ok(FolderLock { _file: file })
    }
}

/// Who could open it could lock it, and keep the host from starting; so only its owner may.
fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = options.mode(0o600).open(path)?;
        // One that is there already may be open to more.
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }
    #[cfg(not(unix))]
    options.open(path)
}

fn holder(file: File) -> String {
    let mut text = String::new();
    match file.take(HOLDER_BYTES).read_to_string(&mut text) {
        Ok(_) if !text.trim().is_empty() => text.trim().chars().filter(|c| !c.is_control()).collect(),
        _ => "another process".to_owned(),
    }
}

fn now() -> Moment {
    let seconds = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Moment(i64::try_from(seconds).unwrap_or(i64::MAX))
}
