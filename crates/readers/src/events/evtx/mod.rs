//! Windows event logs (EVTX) in one pass over their 64 KiB chunks.
//!
//! The licensing service writes a handful of records among thousands, so the walk is built to say no cheaply:
//! whose record it is stands in its template, and that is looked up once per template and chunk.
//! Only the licensing service's records are decoded, straight into events, without XML in between.
//!
//! Format: <https://learn.microsoft.com/openspecs/windows_protocols/ms-even6/> (BinXml) and
//! <https://github.com/libyal/libevtx/blob/main/documentation/Windows%20XML%20Event%20Log%20(EVTX).asciidoc>.

mod binxml;
mod chunk;
mod record;
mod stream;

use std::io::{self, Read};

use model::{Event, Fact, Kind, Place};

use crate::out::Out;
pub use chunk::Problem;
pub use stream::{Batch, Header};

/// True when bytes begin like an event log.
pub fn is_evtx(bytes: &[u8]) -> bool {
    bytes.starts_with(b"ElfFile\0")
}

/// What a log held besides the facts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// Records seen, readable or not.
    pub records: u64,
    /// Records of other programs.
    pub other_records: u64,
    /// Chunks that held anything.
    pub chunks: u64,
}

/// Reads a log from its first byte on: events of the licensing service become facts, damage becomes notes.
///
/// Holds one batch of chunks per thread, whatever the size of the log. The order of the facts is that of the log,
/// whatever the number of threads (0 counts as 1). Fails only when the reader fails; what was read until then stays.
///
/// ```
/// # let path = "kms.evtx"; let bytes: &[u8] = b"ElfFile\0";
/// let mut out = readers::Out::new(path.into(), &readers::Limits::default());
/// readers::events::evtx::read(bytes, 2, &mut out)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read(reader: impl Read + Send, threads: usize, out: &mut Out) -> io::Result<Summary> {
    let mut total = Summary::default();
    let mut place = Place::Record(0);
    let mut header = None;
    let result = stream::read(
        reader,
        threads.max(1),
        |found| header = Some(found),
        |batch| take(batch, &mut total, &mut place, out),
    );
    match header {
        Some(Ok(header)) => tell_header(&header, &total, out),
        Some(Err(problem)) => {
            out.note("note-evtx-not-a-log", vec![("problem", problem.to_string())], Place::Record(0));
        }
        None => {}
    }
    if total.other_records > 0 {
        let args = vec![("count", total.other_records.to_string()), ("total", total.records.to_string())];
        out.note("note-evtx-other-records", args, place);
    }
    result.map(|()| total)
}

/// Reads a log that is held in memory. See [`read`].
pub fn read_slice(bytes: &[u8], threads: usize, out: &mut Out) -> Summary {
    // Reading from memory cannot fail.
    read(bytes, threads, out).unwrap_or_default()
}

/// A row without the frame of a fact, for callers that count or store instead of judging.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Record number.
    pub record: u64,
    /// The event.
    pub event: Event,
}

fn take(batch: Batch, total: &mut Summary, place: &mut Place, out: &mut Out) {
    total.records += batch.records;
    total.other_records += batch.other_records;
    total.chunks += batch.chunks;
    if *place == Place::Record(0) && batch.first_record > 0 {
        *place = Place::Record(batch.first_record);
    }
    for note in batch.notes {
        out.note(note.key(), note.args(), Place::Record(note.record));
    }
    for row in batch.rows {
        out.push(Kind::Events, Fact::Event(Box::new(row.event)), Place::Record(row.record), Vec::new());
    }
}

/// A log that was copied while it was written has an old count of chunks in its header.
fn tell_header(header: &Header, total: &Summary, out: &mut Out) {
    let counted = u64::from(header.chunks);
    // The field has 16 bits; logs beyond 4 GiB overflow it.
    if counted != total.chunks & 0xFFFF && (counted < total.chunks || header.dirty) {
        let args = vec![("counted", counted.to_string()), ("found", total.chunks.to_string())];
        out.note("note-evtx-header-dirty", args, Place::Record(0));
    }
}

#[cfg(test)]
mod tests;
