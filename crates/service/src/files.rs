//! Files that must be whole or not there: written beside, made durable, then moved into place.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// Only the account of the service.
    Owner,
    /// Everybody on the machine.
    All,
}

/// Makes a folder of a service; only its account may write there.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    system::restrict(folder, 0o755)
}

/// Gives a file to the account that owns its folder. What root has put into a service's folder would be closed to the
/// service; for everybody else there is nothing to do, nor for a file that is not there.
pub fn give_to_owner_of_folder(path: &Path) -> io::Result<()> {
    match system::give_to_owner_of_folder(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        given => given,
    }
}

/// Makes a folder that only its owner can look into; it must not be there yet.
pub fn make_private_folder(path: &Path) -> io::Result<()> {
    system::make_private_folder(path)
}

/// A file that is written, and not yet at its place. It is taken away again unless it is put there.
#[derive(Debug)]
pub struct Prepared {
    temporary: PathBuf,
    place: PathBuf,
}

impl Prepared {
    /// Writes the content beside its place.
    pub fn write(place: &Path, content: &[u8], readers: Readers) -> io::Result<Prepared> {
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
        let mut file = system::create(&prepared.temporary, readers)?;
        file.write_all(content)?;
        file.sync_all()?;
        Ok(prepared)
    }

    /// Puts it there, in place of what may be there.
    pub fn put(self) -> io::Result<()> {
        fs::rename(&self.temporary, &self.place)?;
        // The move itself is durable once the folder is.
        let folder = self.place.parent().filter(|folder| !folder.as_os_str().is_empty());
        system::sync_folder(folder.unwrap_or(Path::new(".")))
    }
}

impl Drop for Prepared {
    fn drop(&mut self) {
        // After it was put there, nothing is left to take away.
        let _ = fs::remove_file(&self.temporary);
    }
}

/// Writes a file so that a crash at any instant leaves the old one or the new one.
pub fn write(path: &Path, content: &[u8], readers: Readers) -> io::Result<()> {
    Prepared::write(path, content, readers)?.put()
}

/// Opens a file to lock it, and makes it if it is not there. Who could open it could lock it, so only its owner may.
pub fn open_lock(path: &Path) -> io::Result<File> {
    system::open_lock(path)
}

/// True where it is room that lacks.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// What a file may hold at most: all files of the services are short.
pub const FILE_BYTES_MAX: u64 = 16 << 20;

/// Reads a file; nothing if there is none.
pub fn read(path: &Path) -> io::Result<Option<String>> {
    use std::io::Read;
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let mut text = String::new();
    file.take(FILE_BYTES_MAX).read_to_string(&mut text)?;
    Ok(Some(text))
}

/// What differs between systems.
mod system {
    use super::*;

    #[cfg(unix)]
    pub(super) fn create(path: &Path, readers: Readers) -> io::Result<File> {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let mode = if readers == Readers::Owner { 0o600 } else { 0o644 };
        let file = fs::OpenOptions::new().write(true).create_new(true).mode(mode).open(path)?;
        // Whatever the mask of the process takes away.
        file.set_permissions(fs::Permissions::from_mode(mode))?;
        Ok(file)
    }

    #[cfg(not(unix))]
    pub(super) fn create(path: &Path, readers: Readers) -> io::Result<File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        // Nobody opens it beside us, so that nobody who was quick reads on when the rights are gone.
        #[cfg(windows)]
        std::os::windows::fs::OpenOptionsExt::share_mode(&mut options, 0);
        let file = options.open(path)?;
        if readers == Readers::Owner {
            keep_to_owner(path, "F")?;
        }
        Ok(file)
    }

    /// Takes away what the folder lets others do. Windows' own program does it, before there is anything to read: the
    /// folders under `%ProgramData%` are open to every user. The identifiers are those of the owner, the system and
    /// the administrators, whatever they are called in the language of the machine (well-known SIDs, [MS-DTYP] 2.4.2.4).
    #[cfg(not(unix))]
    fn keep_to_owner(path: &Path, rights: &str) -> io::Result<()> {
        let mut command = std::process::Command::new("icacls");
        command.arg(path).arg("/inheritance:r");
        for identifier in ["S-1-3-4", "S-1-5-18", "S-1-5-32-544"] {
            command.arg("/grant:r").arg(format!("*{identifier}:{rights}"));
        }
        let done = command.stdin(std::process::Stdio::null()).output()?;
        if done.status.success() {
            return Ok(());
        }
        let said = String::from_utf8_lossy(&done.stderr);
        let problem = format!("icacls can't keep it from other users: {}", said.trim());
        Err(io::Error::new(io::ErrorKind::PermissionDenied, problem))
    }

    #[cfg(unix)]
    pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
        use std::os::unix::fs::DirBuilderExt;
        fs::DirBuilder::new().mode(0o700).create(path)
    }

    #[cfg(not(unix))]
    pub(super) fn make_private_folder(path: &Path) -> io::Result<()> {
        fs::DirBuilder::new().create(path)?;
        // Handed down to files (OI) and folders (CI) that are made within.
        keep_to_owner(path, "(OI)(CI)F")
    }

    #[cfg(unix)]
    pub(super) fn open_lock(path: &Path) -> io::Result<File> {
        use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
        let file = fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path)?;
        // One that is there already may be open to more.
        if file.metadata()?.permissions().mode() & 0o077 != 0 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
        Ok(file)
    }

    #[cfg(not(unix))]
    pub(super) fn open_lock(path: &Path) -> io::Result<File> {
        match create(path, Readers::Owner) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                fs::OpenOptions::new().write(true).open(path)
            }
            created => created,
        }
    }

    #[cfg(unix)]
    pub(super) fn give_to_owner_of_folder(path: &Path) -> io::Result<()> {
        use std::os::unix::fs::{MetadataExt, OpenOptionsExt, fchown};
        let (true, Some(folder)) = (crate::machine::is_root(), path.parent()) else { return Ok(()) };
        let owner = fs::metadata(folder)?;
        // Looked at and given through one handle: the folder's owner could put a link there meanwhile.
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        let flags = i32::try_from(flags.bits()).map_err(io::Error::other)?;
        let file = fs::OpenOptions::new().read(true).custom_flags(flags).open(path)?;
        let there = file.metadata()?;
        // A second name of a file elsewhere would give that one away.
        if there.is_file() && there.nlink() == 1 {
            fchown(&file, Some(owner.uid()), Some(owner.gid()))?;
        }
        Ok(())
    }

    /// There, a folder hands its rights down.
    #[cfg(not(unix))]
    pub(super) fn give_to_owner_of_folder(_: &Path) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    pub(super) fn restrict(path: &Path, mode: u32) -> io::Result<()> {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(mode))
    }

    #[cfg(not(unix))]
    pub(super) fn restrict(_: &Path, _: u32) -> io::Result<()> {
        Ok(())
    }

    #[cfg(unix)]
    pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
        File::open(folder)?.sync_all()
    }

    #[cfg(not(unix))]
    pub(super) fn sync_folder(_: &Path) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn what_root_writes_for_a_service_is_the_services_and_nothing_else() {
        use std::os::unix::fs::{MetadataExt, chown, symlink};
        const SERVICE: u32 = 4711;
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        if chown(folder.path(), Some(SERVICE), Some(SERVICE)).is_err() {
            eprintln!("skipped: only root can give a folder away");
            return;
        }
        let elsewhere = tempfile::tempdir().expect("a folder");
        let foreign = elsewhere.path().join("foreign");
        for file in [&path("host.key"), &path("secret"), &foreign] {
            write(file, b"text", Readers::Owner).expect("written");
        }
        symlink(&foreign, path("link")).expect("a link");
        fs::hard_link(&foreign, path("second")).expect("a second name");
        let owner = |path: &Path| fs::metadata(path).expect("a file").uid();
        give_to_owner_of_folder(&path("host.key")).expect("given");
        give_to_owner_of_folder(&path("missing")).expect("nothing to give");
        give_to_owner_of_folder(&path("second")).expect("left");
        assert!(give_to_owner_of_folder(&path("link")).is_err());
        assert_eq!((owner(&path("host.key")), owner(&path("secret")), owner(&foreign)), (SERVICE, 0, 0));
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("state.json");
        assert_eq!(read(&path).expect("read"), None);
        write(&path, b"one", Readers::Owner).expect("write");
        write(&path, b"two", Readers::Owner).expect("write");
        assert_eq!(read(&path).expect("read").as_deref(), Some("two"));
        assert_eq!(fs::read_dir(folder.path()).expect("list").count(), 1);
    }
}
