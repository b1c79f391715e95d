//! Evidence files in, facts and notes out.
//!
//! A reader never fails: it returns what it understood, and a note with a place for what it did not.
//! Files are recognised by their content, never by their name.
//! Nothing here opens a file or a socket; bytes come in from the caller.

pub mod azure;
mod bundle;
mod dispatch;
pub mod dns;
pub mod documents;
mod encoding;
pub mod events;
mod foreign;
mod limits;
mod machine_texts;
pub mod net;
pub mod oracle;
pub mod oslicense;
mod out;
mod own;
mod pieces;
mod shape;
pub mod slmgr;
mod stream;
pub mod text;
pub mod windows;

use std::sync::Arc;

use model::{EvidenceFile, Kind};

pub use encoding::encode;
pub use limits::Limits;
pub use machine_texts::{MachineTexts, is_read_first};
pub use out::Out;
pub use stream::{read_all, read_sequential, read_stream};

/// Reads one file that is held in memory. Of a bundle, only its first member; see [`read_all`].
pub fn read_bytes(path: &str, bytes: &[u8], limits: &Limits) -> EvidenceFile {
    let mut files = read_all(path, bytes, limits);
    if files.is_empty() {
        let (facts, notes) = (Vec::new(), Vec::new());
        return EvidenceFile {
            path: Arc::from(path),
            kind: Kind::Unknown,
            encoding: "binary".into(),
            facts,
            notes,
        };
    }
    files.swap_remove(0)
}
