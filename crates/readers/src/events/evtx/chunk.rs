//! One chunk: its header, its records, and how to go on behind damage.

use std::fmt;

use memchr::memmem;

use super::Row;
use super::binxml::{Cursor, Template, Token, Values};
use super::record::{self, Owner};

/// Bytes of a chunk.
pub(super) const CHUNK_BYTES: usize = 65536;

/// Bytes of a chunk's header with its tables of strings and templates.
const CHUNK_HEADER_BYTES: usize = 512;

/// Bytes in front of a record's binary XML.
const RECORD_HEADER_BYTES: usize = 24;

/// The shortest record: header and the copy of its size.
const RECORD_BYTES_MIN: usize = RECORD_HEADER_BYTES + 4;

const RECORD_MAGIC: [u8; 4] = [0x2A, 0x2A, 0, 0];

/// What is wrong with a part of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// Does not begin as it must.
    Magic,
    /// The checksum of the header does not fit.
    HeaderChecksum,
    /// The checksum of the records does not fit.
    DataChecksum,
    /// A size points out of the chunk.
    Size,
    /// The binary XML cannot be followed.
    Content,
    /// The file is shorter than its header.
    Short,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Problem::Magic => "signature",
            Problem::HeaderChecksum => "header checksum",
            Problem::DataChecksum => "data checksum",
            Problem::Size => "size",
            Problem::Content => "content",
            Problem::Short => "length",
        })
    }
}

/// What kind of damage a note tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Damage {
    Chunk(Problem),
    Record(Problem),
    Truncated,
    Field(&'static str, String),
}

/// A note about a chunk or a record of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChunkNote {
    damage: Damage,
    chunk: u64,
    offset: u64,
    /// The record, or the one in front of the damage.
    pub record: u64,
}

impl ChunkNote {
    /// Key of the message.
    pub fn key(&self) -> &'static str {
        match self.damage {
            Damage::Chunk(_) => "note-evtx-chunk-damaged",
            Damage::Record(_) => "note-evtx-record-damaged",
            Damage::Truncated => "note-evtx-truncated",
            Damage::Field(..) => "note-event-field-unreadable",
        }
    }

    /// Arguments of the message.
    pub fn args(&self) -> Vec<(&'static str, String)> {
        let mut args = vec![("chunk", self.chunk.to_string()), ("offset", self.offset.to_string())];
        match &self.damage {
            Damage::Chunk(problem) => args.push(("problem", problem.to_string())),
            Damage::Record(problem) => {
                args.push(("problem", problem.to_string()));
                args.push(("record", self.record.to_string()));
            }
            Damage::Truncated => {}
            Damage::Field(field, text) => {
                args = vec![("field", (*field).to_owned()), ("text", text.clone())];
            }
        }
        args
    }
}

/// What chunks gave.
#[derive(Debug, Default)]
pub struct Batch {
    /// Events of the licensing service.
    pub rows: Vec<Row>,
    /// Damage.
    pub notes: Vec<ChunkNote>,
    /// Records, all of them.
    pub records: u64,
    /// Records of other programs.
    pub other_records: u64,
    /// Chunks that held anything.
    pub chunks: u64,
    /// Number of the first record; zero when there is none.
    pub first_record: u64,
}

/// Notes of one batch at most, so that a file of nothing but damage stays small.
const NOTES_MAX: usize = 1000;

impl Batch {
    fn note(&mut self, note: ChunkNote) {
        if self.notes.len() < NOTES_MAX {
            self.notes.push(note);
        }
    }
}

/// Walks chunks; keeps its table of templates from chunk to chunk to spare allocations.
#[derive(Debug, Default)]
pub(super) struct Walker {
    /// Offsets of templates seen in this chunk, and whose they are.
    owners: Vec<(usize, Template, Owner)>,
}

/// A chunk within its file.
pub(super) struct Chunk<'a> {
    pub bytes: &'a [u8],
    /// Counted from 0.
    pub number: u64,
    /// Offset in the file.
    pub offset: u64,
}

impl Walker {
    /// Reads the records of a chunk.
    pub fn read(&mut self, chunk: &Chunk<'_>, batch: &mut Batch) {
        let bytes = chunk.bytes;
        let begins = bytes.starts_with(b"ElfChnk\0");
        if !begins && is_zero(bytes) {
            return;
        }
        batch.chunks += 1;
        let note = |damage| ChunkNote { damage, chunk: chunk.number, offset: chunk.offset, record: 0 };
        if bytes.len() < CHUNK_BYTES {
            batch.note(note(Damage::Truncated));
        }
        let end = match check(bytes) {
            Ok(end) => end,
            Err((problem, end)) => {
                if bytes.len() == CHUNK_BYTES {
                    batch.note(note(Damage::Chunk(problem)));
                }
                end
            }
        };
        self.owners.clear();
        self.records(chunk, end, batch);
    }

    fn records(&mut self, chunk: &Chunk<'_>, end: Option<usize>, batch: &mut Batch) {
        let bytes = chunk.bytes;
        let trusted = end.is_some();
        let end = end.unwrap_or(bytes.len()).min(bytes.len());
        let mut pos = CHUNK_HEADER_BYTES;
        let mut previous = 0u64;
        while pos + RECORD_BYTES_MIN <= end {
            let found = record_at(bytes, pos, end).filter(|found| trusted || found.number > previous);
            if let Some(found) = found {
                batch.records += 1;
                previous = found.number;
                if batch.first_record == 0 {
                    batch.first_record = found.number;
                }
                self.record(chunk, pos, &found, batch);
                pos += found.size;
                continue;
            }
            // Behind the last record of a chunk without a good header there is nothing, or what was there before.
            if !trusted
                && is_zero(&bytes[pos..(pos + RECORD_BYTES_MIN).min(end)])
                && !another_record(bytes, pos, end, previous)
            {
                return;
            }
            let Some(next) = next_record(bytes, pos + 1, end, previous) else {
                // A stump at the end of a cut file is told once, by the file.
                if trusted && bytes.len() == CHUNK_BYTES {
                    self.tell(chunk, pos, previous + 1, Problem::Size, batch);
                }
                return;
            };
            self.tell(chunk, pos, previous + 1, Problem::Size, batch);
            pos = next;
        }
    }

    fn tell(&self, chunk: &Chunk<'_>, pos: usize, record: u64, problem: Problem, batch: &mut Batch) {
        let offset = chunk.offset + pos as u64;
        batch.note(ChunkNote { damage: Damage::Record(problem), chunk: chunk.number, offset, record });
    }

    #[inline]
    fn record(&mut self, chunk: &Chunk<'_>, pos: usize, found: &Found, batch: &mut Batch) {
        let start = pos + RECORD_HEADER_BYTES;
        let end = pos + found.size - 4;
        match self.whose(chunk.bytes, start, end) {
            Some(false) => batch.other_records += 1,
            Some(true) => match record::decode(chunk.bytes, start, end) {
                Some(mut decoded) => {
                    let number = *decoded.event.record.get_or_insert(found.number);
                    if decoded.event.time.is_none() {
                        decoded.event.time = record::time_of_intervals(found.written);
                    }
                    for (field, text) in decoded.unreadable {
                        let damage = Damage::Field(field, text);
                        batch.note(ChunkNote {
                            damage,
                            chunk: chunk.number,
                            offset: chunk.offset,
                            record: number,
                        });
                    }
                    batch.rows.push(Row { record: number, event: decoded.event });
                }
                None => self.tell(chunk, pos, found.number, Problem::Content, batch),
            },
            None => self.tell(chunk, pos, found.number, Problem::Content, batch),
        }
    }

    /// True for a record of the licensing service. Nothing if that cannot be told.
    #[inline]
    fn whose(&mut self, bytes: &[u8], start: usize, end: usize) -> Option<bool> {
        let mut cursor = Cursor::new(bytes, start, end);
        // A fragment header, then nearly always a template.
        let instance = loop {
            let before = cursor;
            match cursor.token(false)? {
                Token::Nothing => {}
                Token::Instance(definition) => break definition,
                Token::Open(_) => {
                    let mut body = before;
                    return match record::owner(&mut body, false)? {
                        Owner::Licensing => Some(true),
                        Owner::Other | Owner::Unknown => Some(false),
                        Owner::Value(_) => None,
                    };
                }
                _ => return None,
            }
        };
        let (template, owner) = self.template(bytes, instance)?;
        match owner {
            Owner::Other | Owner::Unknown => Some(false),
            Owner::Licensing => Some(true),
            Owner::Value(index) => {
                let values = Values::read(&mut cursor, instance, &template)?;
                // An empty value has no provider: nobody of ours.
                Some(
                    values
                        .get(index)
                        .is_some_and(|name| name.kind == 0x01 && record::is_licensing(trimmed(name.bytes))),
                )
            }
        }
    }

    /// A template of this chunk, looked up once.
    #[inline]
    fn template(&mut self, bytes: &[u8], offset: usize) -> Option<(Template, Owner)> {
        if let Some(found) = self.owners.iter().position(|(known, ..)| *known == offset) {
            let (_, template, owner) = self.owners[found];
            // Records come in runs of the same template.
            if found > 0 {
                self.owners.swap(found, found / 2);
            }
            return Some((template, owner));
        }
        let template = Template::at(bytes, offset)?;
        let owner = record::owner(&mut Cursor::new(bytes, template.body, template.end), true)?;
        if self.owners.len() < TEMPLATES_MAX {
            self.owners.push((offset, template, owner));
        }
        Some((template, owner))
    }
}

/// Templates of one chunk that are remembered; real chunks have some dozens.
const TEMPLATES_MAX: usize = 512;

/// UTF-16 text without a closing zero.
fn trimmed(utf16: &[u8]) -> &[u8] {
    utf16.strip_suffix(&[0, 0]).unwrap_or(utf16)
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|&byte| byte == 0)
}

struct Found {
    size: usize,
    number: u64,
    written: u64,
}

/// The record at a position, if its frame is whole: signature, size, and the copy of the size at its end.
#[inline]
fn record_at(bytes: &[u8], pos: usize, end: usize) -> Option<Found> {
    let header = bytes.get(pos..pos + RECORD_HEADER_BYTES)?;
    if header[..4] != RECORD_MAGIC {
        return None;
    }
    let size = u32_at(header, 4) as usize;
    if size < RECORD_BYTES_MIN || size > end - pos {
        return None;
    }
    if u32_at(bytes, pos + size - 4) as usize != size {
        return None;
    }
    Some(Found { size, number: u64_at(header, 8), written: u64_at(header, 16) })
}

/// Position of the next whole record; numbers only grow within a chunk, so older ones are leftovers.
fn next_record(bytes: &[u8], from: usize, end: usize, previous: u64) -> Option<usize> {
    let from = from.min(end);
    memmem::find_iter(&bytes[from..end], &RECORD_MAGIC)
        .map(|at| from + at)
        .find(|&at| record_at(bytes, at, end).is_some_and(|found| found.number > previous))
}

fn another_record(bytes: &[u8], from: usize, end: usize, previous: u64) -> bool {
    next_record(bytes, from, end, previous).is_some()
}

/// Checks the header. Returns where the records end, if that can be believed.
fn check(bytes: &[u8]) -> Result<Option<usize>, (Problem, Option<usize>)> {
    if !bytes.starts_with(b"ElfChnk\0") {
        return Err((Problem::Magic, None));
    }
    if bytes.len() < CHUNK_HEADER_BYTES {
        return Err((Problem::Size, None));
    }
    let free = u32_at(bytes, 0x30) as usize;
    // Flag 4: the log was written without checksums.
    let unchecked = u32_at(bytes, 0x78) & 4 != 0;
    if !unchecked {
        let mut header = crc32fast::Hasher::new();
        header.update(&bytes[..120]);
        header.update(&bytes[128..CHUNK_HEADER_BYTES]);
        if header.finalize() != u32_at(bytes, 0x7C) {
            return Err((Problem::HeaderChecksum, None));
        }
    }
    if !(CHUNK_HEADER_BYTES..=CHUNK_BYTES).contains(&free) {
        return Err((Problem::Size, None));
    }
    let written = bytes.get(CHUNK_HEADER_BYTES..free);
    let fits = unchecked || written.is_some_and(|written| crc32fast::hash(written) == u32_at(bytes, 0x34));
    if fits { Ok(Some(free)) } else { Err((Problem::DataChecksum, Some(free))) }
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..at + 4).and_then(|b| b.try_into().ok()).map_or(0, u32::from_le_bytes)
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..at + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes)
}
