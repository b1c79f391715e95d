//! Writes event logs as Windows does: template definitions inline at their first use in a chunk, by offset later;
//! names likewise; string and template tables, checksums.
//!
//! For tests and for the benchmark's logs, never part of the product.
#![allow(dead_code)]

use std::collections::HashMap;
use std::io::{self, Write};

/// Bytes of a chunk.
pub const CHUNK_BYTES: usize = 65536;
const CHUNK_HEADER_BYTES: usize = 512;
/// Longest record that is written.
const RECORD_BYTES_MAX: usize = 24_000;
const FILE_HEADER_BYTES: usize = 4096;

/// How a record's provider stands in its template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Its name is part of the template, and its data have names (manifest-based providers).
    Manifest,
    /// Its name is a value, and its data are an array of strings (classic event sources).
    Classic,
}

/// A record to write.
#[derive(Debug, Clone)]
pub struct Record {
    pub style: Style,
    pub provider: String,
    pub event_id: u16,
    pub level: u8,
    pub channel: String,
    pub computer: String,
    /// 100-nanosecond intervals since 1601.
    pub time: u64,
    /// Names (used by manifest-based providers) and values.
    pub data: Vec<(String, String)>,
}

/// Where a text of a template comes from.
#[derive(Clone, Copy)]
enum Text<'a> {
    Literal(&'a str),
    /// Index and type of a value.
    Value(u16, u8),
}

/// Type of a value, and what writes it.
type TypedValue<'a> = (u8, &'a dyn Fn(&mut ChunkWriter));

struct ChunkWriter {
    bytes: Vec<u8>,
    names: HashMap<String, u32>,
    templates: HashMap<String, u32>,
    first: Option<u64>,
    last: u64,
    last_offset: usize,
}

impl ChunkWriter {
    fn new() -> ChunkWriter {
        ChunkWriter {
            bytes: vec![0; CHUNK_HEADER_BYTES],
            names: HashMap::new(),
            templates: HashMap::new(),
            first: None,
            last: 0,
            last_offset: 0,
        }
    }

    fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    fn u16(&mut self, value: u16) {
        self.bytes.extend(value.to_le_bytes());
    }

    fn u32(&mut self, value: u32) {
        self.bytes.extend(value.to_le_bytes());
    }

    fn utf16(&mut self, text: &str) {
        self.bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    }

    fn patch(&mut self, at: usize, value: u32) {
        self.bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
    }

    /// The head of a table's chain; the new entry becomes the head.
    fn chain(&mut self, bucket: usize, entry: usize) -> u32 {
        let old = u32::from_le_bytes(self.bytes[bucket..bucket + 4].try_into().unwrap());
        self.patch(bucket, entry as u32);
        old
    }

    fn name(&mut self, name: &str) {
        if let Some(&offset) = self.names.get(name) {
            return self.u32(offset);
        }
        let offset = self.bytes.len() + 4;
        self.u32(offset as u32);
        self.names.insert(name.to_owned(), offset as u32);
        let hash =
            name.encode_utf16().fold(0u32, |hash, unit| hash.wrapping_mul(65599).wrapping_add(unit.into()));
        let hash = hash as u16;
        let next = self.chain(128 + usize::from(hash % 64) * 4, offset);
        self.u32(next);
        self.u16(hash);
        self.u16(name.encode_utf16().count() as u16);
        self.utf16(name);
        self.u16(0);
    }

    fn text(&mut self, text: Text<'_>) {
        match text {
            Text::Literal(text) => {
                self.u8(0x05);
                self.u8(0x01);
                self.u16(text.encode_utf16().count() as u16);
                self.utf16(text);
            }
            Text::Value(index, kind) => {
                self.u8(0x0E);
                self.u16(index);
                self.u8(kind);
            }
        }
    }

    fn element(
        &mut self,
        name: &str,
        attributes: &[(&str, Text<'_>)],
        content: impl FnOnce(&mut ChunkWriter) -> bool,
    ) {
        self.u8(if attributes.is_empty() { 0x01 } else { 0x41 });
        self.u16(0xFFFF);
        let size = self.bytes.len();
        self.u32(0);
        self.name(name);
        if !attributes.is_empty() {
            let list = self.bytes.len();
            self.u32(0);
            for (index, (name, value)) in attributes.iter().enumerate() {
                self.u8(if index + 1 < attributes.len() { 0x46 } else { 0x06 });
                self.name(name);
                self.text(*value);
            }
            self.patch(list, (self.bytes.len() - list - 4) as u32);
        }
        let start_tag = self.bytes.len();
        self.u8(0x02);
        if content(self) {
            self.u8(0x04);
        } else {
            self.bytes[start_tag] = 0x03;
        }
        self.patch(size, (self.bytes.len() - size - 4) as u32);
    }

    fn leaf(&mut self, name: &str, attributes: &[(&str, Text<'_>)], text: Text<'_>) {
        self.element(name, attributes, |writer| {
            writer.text(text);
            true
        });
    }

    /// An instance token, with the definition when it is the first use in this chunk.
    fn instance(&mut self, key: &str, body: impl FnOnce(&mut ChunkWriter)) {
        self.bytes.extend([0x0F, 0x01, 0x01, 0x00, 0x0C, 0x01]);
        let id = crc32fast::hash(key.as_bytes());
        self.u32(id);
        if let Some(&offset) = self.templates.get(key) {
            return self.u32(offset);
        }
        let offset = self.bytes.len() + 4;
        self.u32(offset as u32);
        self.templates.insert(key.to_owned(), offset as u32);
        let next = self.chain(384 + (id % 32) as usize * 4, offset);
        self.u32(next);
        self.u32(id);
        self.bytes.extend([0x5A; 12]);
        let size = self.bytes.len();
        self.u32(0);
        self.bytes.extend([0x0F, 0x01, 0x01, 0x00]);
        body(self);
        self.u8(0);
        self.patch(size, (self.bytes.len() - size - 4) as u32);
    }

    /// The values of an instance; each is written in place because fragments hold offsets within the chunk.
    fn values(&mut self, values: &[TypedValue<'_>]) {
        self.u32(values.len() as u32);
        let descriptors = self.bytes.len();
        self.bytes.extend(std::iter::repeat_n(0, values.len() * 4));
        for (index, (kind, write)) in values.iter().enumerate() {
            let start = self.bytes.len();
            write(self);
            let size = (self.bytes.len() - start) as u16;
            let at = descriptors + index * 4;
            self.bytes[at..at + 2].copy_from_slice(&size.to_le_bytes());
            self.bytes[at + 2] = if size == 0 { 0 } else { *kind };
        }
    }

    fn record(&mut self, number: u64, record: &Record) {
        let start = self.bytes.len();
        self.bytes.extend([0x2A, 0x2A, 0, 0]);
        self.u32(0);
        self.bytes.extend(number.to_le_bytes());
        self.bytes.extend(record.time.to_le_bytes());
        self.event(number, record);
        self.u8(0);
        while !(self.bytes.len() - start + 4).is_multiple_of(8) {
            self.u8(0);
        }
        let size = (self.bytes.len() - start + 4) as u32;
        self.u32(size);
        self.patch(start + 4, size);
        self.first.get_or_insert(number);
        self.last = number;
        self.last_offset = start;
    }

    fn event(&mut self, number: u64, record: &Record) {
        let manifest = record.style == Style::Manifest;
        let key =
            if manifest { format!("{}/{}", record.provider, record.event_id) } else { "classic".to_owned() };
        let provider = if manifest { Text::Literal(&record.provider) } else { Text::Value(13, 1) };
        self.instance(&key, |writer| writer.event_template(provider));
        let utf16 = |text: &str| {
            let text = text.to_owned();
            move |writer: &mut ChunkWriter| writer.utf16(&text)
        };
        let (name, channel, computer) =
            (utf16(&record.provider), utf16(&record.channel), utf16(&record.computer));
        let nothing = |_: &mut ChunkWriter| {};
        self.values(&[
            (0x04, &|w| w.u8(record.level)),
            (0x04, &|w| w.u8(0)),
            (0x06, &|w| w.u16(0)),
            (0x06, &|w| w.u16(record.event_id)),
            (0x06, &|w| w.u16(16384)),
            (0x15, &|w| w.bytes.extend(0x80_0000_0000_0000u64.to_le_bytes())),
            (0x11, &|w| w.bytes.extend(record.time.to_le_bytes())),
            (0x0F, &nothing),
            (0x08, &|w| w.u32(0)),
            (0x08, &|w| w.u32(0)),
            (0x0A, &|w| w.bytes.extend(number.to_le_bytes())),
            (0x04, &|w| w.u8(0)),
            (0x13, &nothing),
            (0x01, &name),
            (0x01, &nothing),
            (0x01, &channel),
            (0x01, &computer),
            (0x21, &|w| w.event_data(&key, record)),
        ]);
    }

    fn event_template(&mut self, provider: Text<'_>) {
        let namespace = Text::Literal("http://schemas.microsoft.com/win/2004/08/events/event");
        self.element("Event", &[("xmlns", namespace)], |w| {
            w.element("System", &[], |w| {
                let guid = Text::Literal("{e23b33b0-c8c9-472c-a5f9-f2bdfea0f156}");
                w.element(
                    "Provider",
                    &[("Name", provider), ("Guid", guid), ("EventSourceName", Text::Value(14, 1))],
                    |_| false,
                );
                w.leaf("EventID", &[("Qualifiers", Text::Value(4, 6))], Text::Value(3, 6));
                w.leaf("Version", &[], Text::Value(11, 4));
                w.leaf("Level", &[], Text::Value(0, 4));
                w.leaf("Task", &[], Text::Value(2, 6));
                w.leaf("Opcode", &[], Text::Value(1, 4));
                w.leaf("Keywords", &[], Text::Value(5, 0x15));
                w.element("TimeCreated", &[("SystemTime", Text::Value(6, 0x11))], |_| false);
                w.leaf("EventRecordID", &[], Text::Value(10, 0x0A));
                w.element("Correlation", &[("ActivityID", Text::Value(7, 0x0F))], |_| false);
                let ids = [("ProcessID", Text::Value(8, 8)), ("ThreadID", Text::Value(9, 8))];
                w.element("Execution", &ids, |_| false);
                w.leaf("Channel", &[], Text::Value(15, 1));
                w.leaf("Computer", &[], Text::Value(16, 1));
                w.element("Security", &[("UserID", Text::Value(12, 0x13))], |_| false);
                true
            });
            w.text(Text::Value(17, 0x21));
            true
        });
    }

    fn event_data(&mut self, key: &str, record: &Record) {
        if record.style == Style::Manifest {
            let names: Vec<String> = record.data.iter().map(|(name, _)| name.clone()).collect();
            self.instance(&format!("{key}/data"), |w| {
                w.element("EventData", &[], |w| {
                    for (index, name) in names.iter().enumerate() {
                        w.leaf("Data", &[("Name", Text::Literal(name))], Text::Value(index as u16, 1));
                    }
                    true
                });
            });
            let writers: Vec<_> =
                record.data.iter().map(|(_, value)| move |w: &mut ChunkWriter| w.utf16(value)).collect();
            let values: Vec<TypedValue<'_>> =
                writers.iter().map(|write| (0x01, write as &dyn Fn(&mut ChunkWriter))).collect();
            self.values(&values);
        } else {
            self.instance("classic/data", |w| {
                w.element("EventData", &[], |w| {
                    w.leaf("Data", &[], Text::Value(0, 0x81));
                    true
                });
            });
            let strings = |w: &mut ChunkWriter| {
                for (_, value) in &record.data {
                    w.utf16(value);
                    w.u16(0);
                }
            };
            self.values(&[(0x81, &strings)]);
        }
        self.u8(0);
    }

    fn finish(mut self) -> Vec<u8> {
        let free = self.bytes.len();
        let first = self.first.unwrap_or(0);
        self.bytes[..8].copy_from_slice(b"ElfChnk\0");
        for (at, number) in [(8, first), (16, self.last), (24, first), (32, self.last)] {
            self.bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        self.patch(0x28, 128);
        self.patch(0x2C, self.last_offset as u32);
        self.patch(0x30, free as u32);
        let data = crc32fast::hash(&self.bytes[CHUNK_HEADER_BYTES..]);
        self.patch(0x34, data);
        self.patch(0x78, 1);
        let mut header = crc32fast::Hasher::new();
        header.update(&self.bytes[..120]);
        header.update(&self.bytes[128..CHUNK_HEADER_BYTES]);
        self.patch(0x7C, header.finalize());
        self.bytes.resize(CHUNK_BYTES, 0);
        self.bytes
    }
}

/// Writes a log of these records, numbered from 1, to a writer; returns how many bytes.
///
/// The header is written first, so the number of chunks has to be corrected by [`set_chunk_count`].
pub fn write_chunks(records: impl Iterator<Item = Record>, mut to: impl Write) -> io::Result<u64> {
    to.write_all(&[0; FILE_HEADER_BYTES])?;
    let mut chunks = 0u64;
    let mut chunk = ChunkWriter::new();
    for (index, record) in records.enumerate() {
        let number = index as u64 + 1;
        // A copy to go back to; only near the end of a chunk can a record fail to fit.
        let mark = (chunk.bytes.len() > CHUNK_BYTES - RECORD_BYTES_MAX).then(|| chunk.bytes.clone());
        let last = (chunk.last, chunk.last_offset);
        chunk.record(number, &record);
        if chunk.bytes.len() > CHUNK_BYTES {
            // It did not fit: close the chunk without it and begin the next one with it.
            chunk.bytes = mark.expect("record too large");
            (chunk.last, chunk.last_offset) = last;
            to.write_all(&chunk.finish())?;
            chunks += 1;
            chunk = ChunkWriter::new();
            chunk.record(number, &record);
            assert!(chunk.bytes.len() <= CHUNK_BYTES, "record too large for a chunk");
        }
    }
    to.write_all(&chunk.finish())?;
    Ok(chunks + 1)
}

/// The file header of a log with this many chunks and records.
pub fn file_header(chunks: u64, records: u64) -> Vec<u8> {
    let mut header = vec![0u8; FILE_HEADER_BYTES];
    header[..8].copy_from_slice(b"ElfFile\0");
    header[16..24].copy_from_slice(&(chunks - 1).to_le_bytes());
    header[24..32].copy_from_slice(&(records + 1).to_le_bytes());
    header[32..36].copy_from_slice(&128u32.to_le_bytes());
    header[36..38].copy_from_slice(&1u16.to_le_bytes());
    header[38..40].copy_from_slice(&3u16.to_le_bytes());
    header[40..42].copy_from_slice(&(FILE_HEADER_BYTES as u16).to_le_bytes());
    header[42..44].copy_from_slice(&(chunks as u16).to_le_bytes());
    let checksum = crc32fast::hash(&header[..120]);
    header[124..128].copy_from_slice(&checksum.to_le_bytes());
    header
}

/// A whole log in memory.
pub fn log(records: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let chunks = write_chunks(records.iter().cloned(), &mut bytes).unwrap();
    let header = file_header(chunks, records.len() as u64);
    bytes[..FILE_HEADER_BYTES].copy_from_slice(&header);
    bytes
}
