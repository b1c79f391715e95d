//! Zip files as people send them, and gzip and tar as Unix servers make them.
//!
//! Nothing is unpacked to disk. Members are read whatever their name says, under a name that can't leave the bundle;
//! what can't be read is told in a note, and so is the limit that ended the reading.

use std::io::{self, Read, Seek};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::encoding;
use crate::machine_texts;
use crate::stream::{LimitReached, Reading, read_up_to};

/// How far a member may unpack before its ratio matters.
const RATIO_FROM_BYTES: u64 = 32 << 20;
/// The most that text and event logs shrink to in practice, several times over.
const RATIO_MAX: u64 = 400;

/// Reads the members of a zip file in the order of their folders and names.
pub(crate) fn read_zip(
    reading: &mut Reading<'_>,
    path: &str,
    input: impl Read + Seek + Send,
    depth: usize,
) -> io::Result<()> {
    if depth >= reading.limits.zip_depth {
        let max = reading.limits.zip_depth.to_string();
        reading.note_file(path, "note-zip-depth", vec![("max", max)]);
        return Ok(());
    }
    let mut input = input;
    match ZipArchive::new(&mut input) {
        Ok(mut archive) => read_members(reading, path, &mut archive, depth),
        Err(ZipError::Io(error)) if depth == 0 && error.kind() != io::ErrorKind::UnexpectedEof => Err(error),
        Err(error) => {
            // Cut off: the directory at the end is missing, the members in front of it need not be.
            reading.note_file(path, "note-file-damaged", vec![("message", clause(&error))]);
            input.rewind()?;
            salvage(reading, path, &mut input, depth);
            Ok(())
        }
    }
}

fn read_members<R: Read + Seek + Send>(
    reading: &mut Reading<'_>,
    path: &str,
    archive: &mut ZipArchive<R>,
    depth: usize,
) -> io::Result<()> {
    let raw: Vec<Vec<u8>> = (0..archive.len())
        .map(|index| archive.by_index_data(index).map_or(Vec::new(), |entry| entry.name_raw().to_vec()))
        .collect();
    let names = member_names(&raw);
    if names.iter().any(|name| name == "[Content_Types].xml") {
        reading.note_file(path, "note-file-not-text", vec![("kind", "Office document".to_owned())]);
        return Ok(());
    }
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_by(|&a, &b| machine_texts::order(&names[a]).cmp(&machine_texts::order(&names[b])));
    let max = reading.limits.zip_members;
    if order.len() > max {
        let args = vec![("count", order.len().to_string()), ("max", max.to_string())];
        reading.note_file(path, "note-zip-members", args);
    }
    for index in order.into_iter().take(max) {
        let (name, escapes) = safe_name(&names[index]);
        let member = format!("{path}!/{name}");
        if let Ok(entry) = archive.by_index_data(index) {
            if entry.is_dir() {
                continue;
            }
            if entry.encrypted() {
                reading.note_file(&member, "note-zip-encrypted", Vec::new());
                continue;
            }
            if entry.is_symlink() {
                reading.note_file(&member, "note-symlink-skipped", Vec::new());
                continue;
            }
        }
        if escapes {
            reading.note_file(&member, "note-zip-path-escapes", vec![("name", printable(&names[index]))]);
        }
        read_member(reading, &member, archive, index, depth)?;
        if reading.unpacked_left == 0 {
            break;
        }
    }
    Ok(())
}

fn read_member<R: Read + Seek + Send>(
    reading: &mut Reading<'_>,
    member: &str,
    archive: &mut ZipArchive<R>,
    index: usize,
    depth: usize,
) -> io::Result<()> {
    match archive.by_index(index) {
        Ok(entry) => {
            let packed = entry.compressed_size();
            unpack(reading, member, entry, Some(packed), depth)
        }
        Err(error) => {
            reading.note_file(member, "note-file-damaged", vec![("message", clause(&error))]);
            Ok(())
        }
    }
}

/// Reads members from the front until the first that is damaged.
fn salvage(reading: &mut Reading<'_>, path: &str, input: &mut (impl Read + Send), depth: usize) {
    for _ in 0..reading.limits.zip_members {
        let Ok(Some(entry)) = zip::read::read_zipfile_from_stream(input) else { return };
        let name = member_names(&[entry.name_raw().to_vec()]).pop().unwrap_or_default();
        let member = format!("{path}!/{}", safe_name(&name).0);
        let packed = entry.compressed_size();
        if entry.is_dir() {
            continue;
        }
        // Errors are notes, within a bundle.
        let _ = unpack(reading, &member, entry, Some(packed), depth);
    }
}

/// Reads a gzip file; its content is named after it.
pub(crate) fn read_gzip(
    reading: &mut Reading<'_>,
    path: &str,
    input: &mut (dyn Read + Send),
    depth: usize,
) -> io::Result<()> {
    if depth >= reading.limits.zip_depth {
        let max = reading.limits.zip_depth.to_string();
        reading.note_file(path, "note-zip-depth", vec![("max", max)]);
        return Ok(());
    }
    let file = path.rsplit(['/', '\\']).next().unwrap_or(path);
    let name = match file.strip_suffix(".tgz") {
        Some(stem) => format!("{stem}.tar"),
        None => file.strip_suffix(".gz").unwrap_or("content").to_owned(),
    };
    let content = flate2::read::MultiGzDecoder::new(input);
    unpack(reading, &format!("{path}!/{name}"), content, None, depth)
}

/// Reads the members of a tar file, one after the other.
pub(crate) fn read_tar(
    reading: &mut Reading<'_>,
    path: &str,
    input: &mut (dyn Read + Send),
    depth: usize,
) -> io::Result<()> {
    const BLOCK: usize = 512;
    for _ in 0..reading.limits.zip_members {
        let (header, error) = match read_up_to(input, BLOCK) {
            Ok(read) => read,
            Err(error) => return reading.tell_error(path, error, depth.max(1)),
        };
        if let Some(error) = error {
            return reading.tell_error(path, error, depth.max(1));
        }
        if header.len() < BLOCK || header.iter().all(|&byte| byte == 0) {
            return Ok(());
        }
        let Some(size) = tar_number(&header[124..136]) else {
            reading.note_file(path, "note-file-damaged", vec![("message", "invalid tar header".to_owned())]);
            return Ok(());
        };
        let field = |range: std::ops::Range<usize>| {
            let bytes = &header[range];
            encoding::decode_names(bytes.split(|&byte| byte == 0).next().unwrap_or_default())
        };
        let prefix = field(345..500);
        let name = if prefix.is_empty() { field(0..100) } else { format!("{prefix}/{}", field(0..100)) };
        let mut content = input.take(size);
        if matches!(header[156], b'0' | 0) {
            let member = format!("{path}!/{}", safe_name(&name).0);
            unpack(reading, &member, &mut content, None, depth)?;
        }
        let rest = content.limit() + (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
        if let Err(error) = io::copy(&mut input.take(rest), &mut io::sink()) {
            return reading.tell_error(path, error, depth.max(1));
        }
    }
    Ok(())
}

fn tar_number(field: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(field).ok()?;
    u64::from_str_radix(text.trim_matches([' ', '\0']), 8).ok()
}

/// Reads what a bundle holds, within what may still be unpacked.
fn unpack(
    reading: &mut Reading<'_>,
    member: &str,
    content: impl Read + Send,
    packed: Option<u64>,
    depth: usize,
) -> io::Result<()> {
    let max = reading.limits.unpacked_bytes;
    let mut bounded = Bounded { content, left: reading.unpacked_left, max, unpacked: 0, packed };
    let result = match reading.member(member, &mut bounded, depth + 1) {
        Ok(()) => Ok(()),
        Err(error) => reading.tell_error(member, error, depth + 1),
    };
    reading.unpacked_left = reading.unpacked_left.min(bounded.left);
    result
}

/// Stops at what may still be unpacked, and at what only a bomb unpacks to.
struct Bounded<R> {
    content: R,
    left: u64,
    max: u64,
    unpacked: u64,
    packed: Option<u64>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let limit = |key, args| Err(io::Error::other(LimitReached { key, args }));
        if let Some(packed) = self.packed
            && self.unpacked > RATIO_FROM_BYTES
            && self.unpacked / RATIO_MAX > packed
        {
            return limit("note-zip-ratio", vec![("max", RATIO_MAX.to_string())]);
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        if room == 0 && !buffer.is_empty() {
            // Only a member that has more to give has reached the limit.
            return match self.content.read(&mut [0])? {
                0 => Ok(0),
                _ => limit("note-unpacked-limit", vec![("max", self.max.to_string())]),
            };
        }
        let count = self.content.read(&mut buffer[..room])?;
        self.left -= count as u64;
        self.unpacked += count as u64;
        Ok(count)
    }
}

/// Names of members: UTF-8 where they are, else in the code page that all of them together are likeliest in.
///
/// Windows' own zip folders write the names in the OEM code page, without telling which.
fn member_names(raw: &[Vec<u8>]) -> Vec<String> {
    if raw.iter().all(|name| std::str::from_utf8(name).is_ok() && !name.contains(&0)) {
        return raw.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
    }
    let clean = |name: &Vec<u8>| name.iter().map(|b| if b.is_ascii_control() { b'_' } else { *b }).collect();
    let joined: Vec<Vec<u8>> = raw.iter().map(clean).collect();
    let decoded = encoding::decode_names(&joined.join(&b'\n'));
    let names: Vec<String> = decoded.split('\n').map(str::to_owned).collect();
    if names.len() == raw.len() {
        names
    } else {
        raw.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }
}

/// The name without what would lead out of the bundle, and whether there was any.
fn safe_name(name: &str) -> (String, bool) {
    let name = printable(&name.replace('\\', "/"));
    let mut escapes = name.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in name.split('/') {
        let drive = part.len() == 2 && part.ends_with(':') && part.as_bytes()[0].is_ascii_alphabetic();
        if part == ".." || drive {
            escapes = true;
        } else if !part.is_empty() && part != "." {
            parts.push(part);
        }
    }
    let safe = if parts.is_empty() { "unnamed".to_owned() } else { parts.join("/") };
    (safe, escapes)
}

/// Control characters never reach a terminal.
fn printable(name: &str) -> String {
    name.chars().map(|c| if c.is_control() { '_' } else { c }).collect()
}

/// An error of the zip crate as a lower-case clause.
fn clause(error: &ZipError) -> String {
    let text = error.to_string();
    let mut chars = text.chars();
    chars.next().map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}

#[cfg(test)]
mod tests;
