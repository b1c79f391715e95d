//! Where the client keeps its state, unless somebody has set it up elsewhere: the one place that differs by system.

use std::path::Path;

#[cfg(not(windows))]
const FOLDER: &str = "/var/lib/kmscope/client";

/// `%ProgramData%\kmscope\client` where Windows puts that by itself. The variable is not asked: whoever starts the
/// program could set it to a folder of their own.
#[cfg(windows)]
const FOLDER: &str = r"C:\ProgramData\kmscope\client";

/// The client's folder. No variable of the environment changes it; a program can name another one.
pub fn default_folder() -> &'static Path {
    Path::new(FOLDER)
}
