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
    /// Number of the first record; zero when there is none.
    pub first_record: u64,
}

/// Reads a log from its first byte on: events of the licensing service become facts, damage becomes notes.
///
/// Holds one batch of chunks, whatever the size of the log. Fails only when the reader fails; what was read until
/// then stays.
///
/// ```
/// # let path = "kms.evtx"; let bytes: &[u8] = b"ElfFile\0";
/// let mut out = readers::Out::new(path.into(), &readers::Limits::default());
/// readers::events::evtx::read(bytes, &mut out)?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read(reader: impl Read, out: &mut Out) -> io::Result<Summary> {
    let (mut total, mut header) = (Summary::default(), None);
    let result = stream::read(reader, |found| header = Some(found), |batch| take(batch, &mut total, out));
    finish(header, &total, out);
    result.map(|()| total)
}

/// As [`read`], on several threads, each with a batch of its own. The facts are the same, in the order of the log.
pub fn read_on_threads(reader: impl Read + Send, threads: usize, out: &mut Out) -> io::Result<Summary> {
    if threads < 2 {
        return read(reader, out);
    }
    let (mut total, mut header) = (Summary::default(), None);
    let take = |batch| take(batch, &mut total, out);
    let result = stream::read_on_threads(reader, threads, |found| header = Some(found), take);
    finish(header, &total, out);
    result.map(|()| total)
}

/// Reads a log that is held in memory. See [`read`].
pub fn read_slice(bytes: &[u8], out: &mut Out) -> Summary {
    // Reading from memory cannot fail.
    read(bytes, out).unwrap_or_default()
}

/// A row without the frame of a fact, for callers that count or store instead of judging.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Record number.
    pub record: u64,
    /// The event.
    pub event: Event,
}

fn take(batch: Batch, total: &mut Summary, out: &mut Out) {
    total.records += batch.records;
    total.other_records += batch.other_records;
    total.chunks += batch.chunks;
    if total.first_record == 0 {
        total.first_record = batch.first_record;
    }
    for note in batch.notes {
        out.note(note.key(), note.args(), Place::Record(note.record));
    }
    for row in batch.rows {
        out.push(Kind::Events, Fact::Event(Box::new(row.event)), Place::Record(row.record), Vec::new());
    }
}

/// Tells what is to be told about the log as a whole.
fn finish(header: Option<Result<Header, Problem>>, total: &Summary, out: &mut Out) {
    let place = Place::Record(total.first_record);
    match header {
        Some(Ok(header)) => tell_header(&header, total, out),
        Some(Err(problem)) => {
            out.note("note-evtx-not-a-log", vec![("problem", problem.to_string())], place.clone())
        }
        None => {}
    }
    if total.other_records > 0 {
        let args = vec![("count", total.other_records.to_string()), ("total", total.records.to_string())];
        out.note("note-evtx-other-records", args, place);
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
