//! UTF-16 with and without a byte order mark, and files in which UTF-16 and bytes of a code page follow each other.
//!
//! Windows PowerShell's `>>` appends UTF-16 to whatever the file holds, and cmd's `>>` appends bytes to UTF-16.

use std::ops::Range;

/// How a stretch of a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Width {
    /// One or more bytes per character: UTF-8 or a code page.
    Narrow,
    /// UTF-16, low byte first.
    Little,
    /// UTF-16, high byte first.
    Big,
}

/// A stretch of one width.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub width: Width,
    pub range: Range<usize>,
}

/// How far a stretch is looked into to tell its width.
const WINDOW: usize = 1024;

/// Cuts bytes into stretches; `before` is the width in which the preceding bytes of the file ended.
pub(super) fn segments(bytes: &[u8], before: Option<Width>) -> Vec<Segment> {
    let mut segments: Vec<Segment> = Vec::new();
    let mut at = 0;
    let mut width = match before {
        Some(wide @ (Width::Little | Width::Big)) => wide,
        _ => width_at(bytes).unwrap_or(Width::Narrow),
    };
    while at < bytes.len() {
        let end = match width {
            Width::Narrow => narrow_end(bytes, at),
            Width::Little | Width::Big => wide_end(bytes, at, width),
        };
        let next = end.map_or(bytes.len(), |(end, _)| end);
        segments.push(Segment { width, range: at..next });
        at = next;
        width = end.map_or(width, |(_, width)| width);
    }
    segments
}

/// The width of UTF-16 that begins here, by its byte order mark or by where the zero bytes of ASCII stand.
fn width_at(bytes: &[u8]) -> Option<Width> {
    match bytes {
        [0xff, 0xfe, ..] => return Some(Width::Little),
        [0xfe, 0xff, ..] => return Some(Width::Big),
        _ => {}
    }
    let window = &bytes[..bytes.len().min(WINDOW)];
    // What follows a narrow line end, or begins with ASCII, tells nothing about UTF-16 here.
    let window = memchr::memmem::find(window, b"\r\n").map_or(window, |end| &window[..end]);
    if window.len() >= 16 && window[..16].iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        return None;
    }
    let zeros = |parity: usize| window.iter().skip(parity).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    // East Asian text has few zero bytes, in its blanks and line ends; still nearly all on one side.
    if odd > 0 && even * 8 <= odd && odd * 64 >= window.len() {
        Some(Width::Little)
    } else if even > 0 && odd * 8 <= even && even * 64 >= window.len() {
        Some(Width::Big)
    } else {
        None
    }
}

/// Where UTF-16 begins behind narrow text, at the start of a line.
fn narrow_end(bytes: &[u8], from: usize) -> Option<(usize, Width)> {
    /// Lines with zero bytes that turn out not to be UTF-16, after which it is no longer looked for.
    const TRIES_MAX: usize = 64;
    let mut at = from;
    let mut tries = 0;
    while let Some(zero) = memchr::memchr(0, &bytes[at..]).map(|i| at + i) {
        let line = memchr::memrchr(b'\n', &bytes[from..zero]).map_or(from, |i| from + i + 1);
        if let Some(width) = (line > from).then(|| width_at(&bytes[line..])).flatten() {
            return Some((line, width));
        }
        tries += 1;
        if tries == TRIES_MAX {
            return None;
        }
        // Zero bytes of another sort (a log that was allocated ahead): go on behind their line.
        at = memchr::memchr(b'\n', &bytes[zero..]).map(|i| zero + i + 1)?;
    }
    None
}

/// Where narrow text begins behind UTF-16: at the start of the line that a narrow line end closes, or in the tail.
///
/// CR and LF as neighbouring bytes do not occur in UTF-16, except in letters of Malayalam, Sinhala and Gurmukhi.
fn wide_end(bytes: &[u8], from: usize, width: Width) -> Option<(usize, Width)> {
    if let Some(narrow) = memchr::memmem::find(&bytes[from..], b"\r\n").map(|i| from + i) {
        // Without a line end in UTF-16 before it, only a byte order mark stands in front.
        let end = last_wide_line_end(bytes, from, narrow, width).unwrap_or(2);
        return (end > from && end <= narrow).then_some((end, Width::Narrow));
    }
    let tail = last_wide_line_end(bytes, from, bytes.len(), width)?;
    let rest = &bytes[tail..];
    let is_ascii_text =
        rest.len() >= 4 && rest.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'));
    (is_ascii_text && tail > from).then_some((tail, Width::Narrow))
}

/// Behind the last line end in UTF-16 before a place.
pub(super) fn last_wide_line_end(bytes: &[u8], from: usize, to: usize, width: Width) -> Option<usize> {
    let wanted: [u8; 2] = if width == Width::Little { [b'\n', 0] } else { [0, b'\n'] };
    let mut end = to;
    while let Some(found) = memchr::memmem::rfind(&bytes[from..end], &wanted).map(|i| from + i) {
        if (found - from).is_multiple_of(2) {
            return Some(found + 2);
        }
        end = found + 1;
    }
    None
}

/// Decodes UTF-16 without its byte order mark. A byte left over at the end becomes a replacement character.
pub(super) fn decode(bytes: &[u8], width: Width) -> String {
    let encoding = if width == Width::Big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
    let text = encoding.decode_without_bom_handling(bytes).0.into_owned();
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}
