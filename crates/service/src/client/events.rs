//! The client's event log: a text file in the form that the event viewer copies, so that the readers of this project,
//! and people, can read it.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::Path;

use activation::Moment;
use activation::event::Event;

/// The log.
pub(super) const EVENTS_FILE: &str = "events.log";
/// The log before this one.
const OLD_FILE: &str = "events.old.log";

/// Bytes after which a new log is begun; one old log is kept.
const LOG_BYTES_MAX: u64 = 4 << 20;

/// Adds events.
pub(super) fn append(folder: &Path, events: &[Event], now: Moment, computer: &str) -> io::Result<()> {
    if events.is_empty() {
        return Ok(());
    }
    let path = folder.join(EVENTS_FILE);
    if path.metadata().is_ok_and(|known| known.len() > LOG_BYTES_MAX) {
        std::fs::rename(&path, folder.join(OLD_FILE))?;
    }
    let mut file = OpenOptions::new().create(true).append(true).open(&path)?;
    let before = file.metadata()?.len();
    let text: String = events.iter().map(|event| event.as_text(now, computer)).collect();
    file.write_all(text.as_bytes()).inspect_err(|_| {
        // Half an event would spoil the next one, too. Where even that fails, the readers note what they can't read.
        let _ = file.set_len(before);
    })
}
