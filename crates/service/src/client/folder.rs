//! The client's folder: its state, and the events that it wrote.

use std::io;
use std::path::{Path, PathBuf};

use activation::client::ClientState;

use crate::files::{self, Readers};

/// The client's state. Applications read it, so everybody on the machine may; only the agent may write.
pub const STATE_FILE: &str = "client.json";

/// Why a client's folder is not taken.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file.
    #[error("{}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What is there is no client's state.
    #[error("{}, line {}, column {}: this is no state of a client", .path.display(), .source.line(), .source.column())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// Why.
        source: serde_json::Error,
    },
}

/// Reads the state; nothing where there is none yet.
pub fn load(folder: &Path) -> Result<Option<ClientState>, FolderError> {
    let path = folder.join(STATE_FILE);
    let text = files::read(&path).map_err(|source| FolderError::File { path: path.clone(), source })?;
    let read = |text: String| {
        serde_json::from_str(&text).map_err(|source| FolderError::Damaged { path: path.clone(), source })
    };
    text.map(read).transpose()
}

/// Keeps the state.
pub fn save(folder: &Path, state: &ClientState) -> Result<(), FolderError> {
    let path = folder.join(STATE_FILE);
    let failed = |source| FolderError::File { path: path.clone(), source };
    files::make_folder(folder).map_err(failed)?;
    let text = serde_json::to_string_pretty(state).map_err(io::Error::other).map_err(failed)?;
    files::write(&path, text.as_bytes(), Readers::All).map_err(failed)
}
