//! From the bytes of a Windows text file to text.
//!
//! UTF-8, UTF-16 in both orders with and without a mark, the Windows and OEM code pages by their likelihood,
//! and files that mix them. Nothing fails: what no encoding explains becomes replacement characters and a note.

mod guess;
mod oem;
mod wide;
mod words;

use std::borrow::Cow;

use model::Place;

use crate::out::Out;
use guess::CodePage;
use wide::Width;

/// Decodes a file piece by piece, keeping in mind what was learnt from the pieces before.
#[derive(Debug, Default)]
pub(crate) struct Decoder {
    width: Option<Width>,
    code_page: Option<CodePage>,
    /// Bytes per encoding, in the order of their first appearance; ASCII counts for none.
    tally: Vec<(&'static str, u64)>,
    offset: u64,
    lines: u32,
    damaged: u64,
    damaged_first: Option<(u64, u32)>,
    mixed_line: Option<u32>,
}

impl Decoder {
    /// Decodes the next bytes of the file. Pieces should end at line ends.
    pub(crate) fn decode<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        let mut segments = wide::segments(bytes, self.width);
        self.width = segments.last().map(|segment| segment.width).or(self.width);
        if segments.len() == 1 {
            let segment = segments.remove(0);
            return self.segment(bytes, segment.width);
        }
        let mut text = String::with_capacity(bytes.len());
        for segment in segments {
            let piece = self.segment(&bytes[segment.range], segment.width);
            text.push_str(&piece);
        }
        Cow::Owned(text)
    }

    /// Behind the last line end of these next bytes, in the width that they end in.
    pub(crate) fn line_end(&self, bytes: &[u8]) -> Option<usize> {
        let segment = wide::segments(bytes, self.width).pop()?;
        let end = match segment.width {
            Width::Narrow => memchr::memrchr(b'\n', bytes).map(|end| end + 1)?,
            wide => wide::last_wide_line_end(bytes, segment.range.start, bytes.len(), wide)?,
        };
        (end > segment.range.start).then_some(end)
    }

    /// Number of the line that was decoded last.
    pub(crate) fn line(&self) -> u32 {
        self.lines.saturating_add(1)
    }

    fn segment<'a>(&mut self, bytes: &'a [u8], width: Width) -> Cow<'a, str> {
        let text = match width {
            Width::Narrow => self.narrow(bytes),
            Width::Little | Width::Big => {
                self.count(if width == Width::Big { "UTF-16BE" } else { "UTF-16LE" }, bytes.len());
                Cow::Owned(wide::decode(bytes, width))
            }
        };
        if matches!(text, Cow::Owned(_)) {
            self.look_for_damage(bytes, &text, width);
        }
        self.offset += bytes.len() as u64;
        self.lines = self.lines.saturating_add(line_ends(&text));
        text
    }

    fn narrow<'a>(&mut self, bytes: &'a [u8]) -> Cow<'a, str> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        if let Ok(text) = std::str::from_utf8(bytes) {
            if !text.is_ascii() {
                self.count("UTF-8", bytes.len());
            }
            return Cow::Borrowed(text);
        }
        let (valid, invalid) = utf8_share(bytes);
        let page = guess::code_page(bytes, self.code_page);
        if valid >= 4 * invalid {
            return Cow::Owned(self.by_lines(bytes, page, "UTF-8"));
        }
        self.code_page = Some(page);
        if valid > 0 && page.is_single_byte() {
            return Cow::Owned(self.by_lines(bytes, page, page.name()));
        }
        self.count(page.name(), bytes.len());
        Cow::Owned(page.decode(bytes))
    }

    /// Each line in UTF-8 where it is valid, else in the code page; damaged UTF-8 stays UTF-8.
    fn by_lines(&mut self, bytes: &[u8], page: CodePage, main: &'static str) -> String {
        let mut text = String::with_capacity(bytes.len());
        let mut both = (false, false);
        for line in bytes.split_inclusive(|&byte| byte == b'\n') {
            match std::str::from_utf8(line) {
                Ok(valid) => {
                    both.0 |= !valid.is_ascii();
                    text.push_str(valid);
                }
                Err(_) if utf8_share(line).0 > 0 && main == "UTF-8" => {
                    both.0 = true;
                    text.push_str(&String::from_utf8_lossy(line));
                }
                Err(_) => {
                    both.1 = true;
                    if both.0 && self.mixed_line.is_none() {
                        self.mixed_line = Some(self.lines.saturating_add(line_ends(&text)).saturating_add(1));
                    }
                    text.push_str(&page.decode(line));
                }
            }
        }
        self.count(main, bytes.len());
        if both == (true, true) {
            self.count(if main == "UTF-8" { page.name() } else { "UTF-8" }, 0);
            self.mixed_line.get_or_insert(self.lines.saturating_add(1));
        }
        text
    }

    fn count(&mut self, name: &'static str, bytes: usize) {
        match self.tally.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += bytes as u64,
            None => {
                if !self.tally.is_empty() && self.mixed_line.is_none() {
                    self.mixed_line = Some(self.lines.saturating_add(1));
                }
                self.tally.push((name, bytes as u64));
            }
        }
    }

    fn look_for_damage(&mut self, bytes: &[u8], text: &str, width: Width) {
        const REPLACEMENT: &str = "\u{fffd}";
        let count = text.matches(REPLACEMENT).count() as u64;
        if let (true, Some(at)) = (count > 0, text.find(REPLACEMENT)) {
            let before = &text[..at];
            let offset = match width {
                Width::Narrow => std::str::from_utf8(bytes).err().map_or(0, |error| error.valid_up_to()),
                Width::Little | Width::Big => before.encode_utf16().count() * 2,
            };
            let line = self.lines.saturating_add(line_ends(before)).saturating_add(1);
            self.damaged_first.get_or_insert((self.offset + offset as u64, line));
        }
        self.damaged += count;
    }

    /// The encoding of most of the file, as in `UTF-16LE`; plain ASCII is UTF-8.
    pub(crate) fn label(&self) -> &'static str {
        let most = self.tally.iter().map(|(_, bytes)| *bytes).max();
        self.tally.iter().find(|(_, bytes)| Some(*bytes) == most).map_or("UTF-8", |(name, _)| name)
    }

    /// Tells what was damaged and what was mixed.
    pub(crate) fn tell(&self, out: &mut Out) {
        if let Some((offset, line)) = self.damaged_first {
            let args = vec![("count", self.damaged.to_string()), ("offset", offset.to_string())];
            out.note("note-encoding-damaged", args, Place::Line(line));
        }
        if let (Some(line), true) = (self.mixed_line, self.tally.len() > 1) {
            let names: Vec<&str> = self.tally.iter().map(|(name, _)| *name).collect();
            out.note("note-encoding-mixed", vec![("encodings", names.join(", "))], Place::Line(line));
        }
    }
}

/// Decodes a short text of unknown code page, such as the names in a zip file.
pub(crate) fn decode_names(bytes: &[u8]) -> String {
    Decoder::default().decode(bytes).into_owned()
}

/// The bytes of a text in an encoding: UTF-8, UTF-16LE, UTF-16BE, an OEM code page, or any label of the web.
///
/// Nothing for an unknown label, and for a text that has characters beyond the encoding.
pub fn encode(text: &str, label: &str) -> Option<Vec<u8>> {
    match label.to_ascii_lowercase().as_str() {
        "utf-16le" => return Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        "utf-16be" => return Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
        _ => {}
    }
    if let Some(page) = oem::ALL.iter().find(|page| page.name.eq_ignore_ascii_case(label)) {
        return page.encode(text);
    }
    let (bytes, _, lossy) = encoding_rs::Encoding::for_label(label.as_bytes())?.encode(text);
    (!lossy).then(|| bytes.into_owned())
}

fn line_ends(text: &str) -> u32 {
    u32::try_from(memchr::memchr_iter(b'\n', text.as_bytes()).count()).unwrap_or(u32::MAX)
}

/// Characters of several bytes that are valid UTF-8, and bytes that are not.
fn utf8_share(bytes: &[u8]) -> (usize, usize) {
    let mut share = (0, 0);
    for chunk in bytes.utf8_chunks() {
        share.0 += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        share.1 += chunk.invalid().len();
    }
    share
}

#[cfg(test)]
mod tests;
