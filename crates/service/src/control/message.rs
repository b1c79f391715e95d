//! The lines of the control channel.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What is asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// A verb of slmgr, in words.
    Slmgr(Vec<String>),
    /// What the service knows of itself.
    Status,
    /// Read licence and configuration again.
    Reload,
    /// Write a backup to a path on the service's machine.
    Backup(String),
    /// Take the publisher's list of revoked hosts, in base64.
    Revocations(String),
    /// End.
    Stop,
}

/// What is answered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told {
    /// Text and exit code of a verb.
    Text {
        /// As slmgr prints it.
        text: String,
        /// 0, or the code of the error.
        exit_code: u32,
    },
    /// What the service knows of itself.
    Status(Value),
    /// Done.
    Done,
    /// Licence and configuration are read again, and in force.
    Reloaded {
        /// Options that are others than at the start, and that only a restart changes.
        need_restart: Vec<String>,
    },
    /// Not done, and why.
    Failed(String),
}

/// The service's first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Greeting {
    pub(super) kmscope: String,
    pub(super) challenge: String,
}

/// A request with its tag: of the service's challenge, the asker's own nonce, and the words.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Request {
    /// The JSON of [`Asked`], as text, so that the tag is of the very bytes.
    pub(super) words: String,
    /// What the asker drew, so that no old answer fits.
    pub(super) nonce: String,
    pub(super) tag: String,
}

/// An answer with its tag: of the challenge, the nonce, the request's words, and its own.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Answer {
    /// The JSON of [`Told`].
    pub(super) words: String,
    pub(super) tag: String,
}
