//! Evidence files in, facts and notes out.
//!
//! A reader never fails: it returns what it understood, and a note with a place for what it did not.
//! Files are recognised by their content, never by their name.
//! Nothing here opens a file or a socket; bytes come in from the caller.

pub mod azure;
mod dispatch;
pub mod dns;
pub mod documents;
mod encoding;
pub mod events;
mod limits;
pub mod net;
pub mod oslicense;
mod out;
pub mod slmgr;
pub mod text;
pub mod windows;

use std::sync::Arc;

use model::EvidenceFile;

pub use limits::Limits;
pub use out::Out;

/// Reads one file that is held in memory.
pub fn read_bytes(path: &str, bytes: &[u8], limits: &Limits) -> EvidenceFile {
    let path: Arc<str> = path.into();
    let mut out = Out::new(path.clone(), limits);
    let mut decoder = encoding::Decoder::default();
    let decoded = decoder.decode(bytes);
    dispatch::read_text(&text::Text::new(path.clone(), &decoded, 1), &mut out);
    decoder.tell(&mut out);
    let kind = out.main_kind();
    let (facts, notes) = out.finish();
    EvidenceFile { path, kind, encoding: decoder.label().to_owned(), facts, notes }
}
