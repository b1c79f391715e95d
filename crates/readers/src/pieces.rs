//! Cutting a long text into pieces that can be read one after the other, where no block is torn apart.
//!
//! A text is cut behind a blank line; a CSV document between two records, its header carried on;
//! a list of JSON documents between two of them; XML behind an event. Only a text that gives no such place is cut
//! at a line end, and one without line ends anywhere.

use std::sync::Arc;

use crate::dispatch;
use crate::documents::csv_rows;
use crate::out::Out;
use crate::text::Text;

/// Lines that are held at once, or half as many with lone line ends: each costs memory of its own, however short.
const LINES_MAX: usize = 400_000;

/// A single JSON or XML document is held whole up to this size.
const DOCUMENT_BYTES_MAX: usize = 64 << 20;

/// Takes decoded text in and hands it piece by piece to the readers.
pub(crate) struct Pieces {
    path: Arc<str>,
    pending: String,
    /// How much of the pending text has been read.
    read: usize,
    /// Number of the first pending line.
    line: u32,
    /// Header of the CSV document that goes on in the pending text.
    csv_header: Option<String>,
    /// How much of the pending text is known to hold no start of a further document.
    searched: usize,
    piece_bytes: usize,
}

impl Pieces {
    /// Pieces of about the given size.
    pub(crate) fn new(path: Arc<str>, piece_bytes: usize) -> Pieces {
        Pieces {
            path,
            pending: String::new(),
            read: 0,
            line: 1,
            csv_header: None,
            searched: 0,
            piece_bytes: piece_bytes.max(1),
        }
    }

    /// Takes more text, and reads what has come together when it is enough for a piece.
    pub(crate) fn push(&mut self, text: &str, out: &mut Out) {
        self.pending.push_str(text);
        let mut pending = std::mem::take(&mut self.pending);
        while pending.len() - self.read > self.piece_bytes || has_many_lines(&pending[self.read..]) {
            let Some(length) = self.cut(&pending[self.read..]) else { break };
            let end = self.read + length;
            self.read_piece(&pending[self.read..end], out);
            self.read = end;
            self.searched = 0;
        }
        pending.drain(..std::mem::take(&mut self.read));
        self.pending = pending;
    }

    /// Reads the whole of a text that is one piece, without a copy.
    pub(crate) fn only(mut self, text: &str, out: &mut Out) {
        if text.len() <= self.piece_bytes && !has_many_lines(text) {
            self.read_piece(text, out);
        } else {
            self.push(text, out);
            self.finish(out);
        }
    }

    /// Reads what is left.
    pub(crate) fn finish(mut self, out: &mut Out) {
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() {
            self.read_piece(&rest, out);
        }
    }

    fn read_piece(&mut self, piece: &str, out: &mut Out) {
        let lines = u32::try_from(line_ends(piece)).unwrap_or(u32::MAX);
        match &self.csv_header {
            Some(header) if continues_csv(header, piece) => {
                let with_header = format!("{header}\n{piece}");
                // The header stands where the line before the piece stood.
                let first = self.line.saturating_sub(1).max(1);
                dispatch::read_text(&Text::new(self.path.clone(), &with_header, first), out);
            }
            _ if dispatch::read_document(piece, self.line, out) => self.csv_header = None,
            _ => {
                dispatch::read_text(&Text::new(self.path.clone(), piece, self.line), out);
                self.csv_header = csv_header(piece);
            }
        }
        self.line = self.line.saturating_add(lines);
    }

    /// Where the pending text is cut; nothing if it should grow first.
    fn cut(&mut self, pending: &str) -> Option<usize> {
        let text = &pending[..line_limit(pending)];
        let start = text.trim_start();
        if self.csv_header.is_some() || csv_header(text).is_some() {
            return Some(last_record_end(text).unwrap_or(text.len()));
        }
        if start.starts_with('[') {
            // One document, most likely; its elements can't stand alone.
        } else if start.starts_with('{') {
            if let Some(end) = last_document_start(text, self.searched) {
                return Some(end);
            }
            // A mark of two bytes may be half there.
            self.searched = text.len().saturating_sub(1);
        } else if start.starts_with('<') {
            if let Some(end) = text.rfind("</Event>") {
                return Some(end + "</Event>".len());
            }
        } else if let Some(end) = last_blank_line(text) {
            return Some(end);
        } else {
            return Some(text.rfind('\n').map_or(text.len(), |end| end + 1));
        }
        // One document: it may grow, the line limit aside.
        if pending.len() < DOCUMENT_BYTES_MAX {
            return None;
        }
        Some(pending.rfind('\n').map_or(pending.len(), |end| end + 1))
    }
}

/// Line ends as [`Text`] counts them: LF, CRLF and lone CR.
pub(crate) fn line_ends(text: &str) -> usize {
    let bytes = text.as_bytes();
    memchr::memchr2_iter(b'\n', b'\r', bytes)
        .filter(|&at| bytes[at] == b'\n' || bytes.get(at + 1) != Some(&b'\n'))
        .count()
}

fn has_many_lines(text: &str) -> bool {
    // Shorter texts cannot have as many lines; spares counting.
    text.len() > LINES_MAX && line_limit(text) < text.len()
}

/// Length of the text up to the most lines that are held at once.
fn line_limit(text: &str) -> usize {
    memchr::memchr2_iter(b'\n', b'\r', text.as_bytes()).nth(2 * LINES_MAX).map_or(text.len(), |end| end + 1)
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// Behind the last blank line of the second half.
fn last_blank_line(text: &str) -> Option<usize> {
    let from = floor(text, text.len() / 2);
    let half = &text[from..];
    let end = half.rfind("\n\n").map(|at| at + 2).max(half.rfind("\n\r\n").map(|at| at + 3))?;
    Some(from + end)
}

/// Where the last JSON document of a list begins, at the start of a line.
///
/// There is none before `from`: a long document is looked through once, however often more of it comes.
fn last_document_start(text: &str, from: usize) -> Option<usize> {
    let behind = text.as_bytes().get(from..)?;
    let last = |mark: &str| memchr::memmem::rfind(behind, mark.as_bytes());
    let start = from + last("\n{").max(last("\n["))? + 1;
    (!text[..start].trim().is_empty()).then_some(start)
}

/// The first line that is not blank, if it is a header of a known CSV document.
fn csv_header(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with("#TYPE"))?;
    let names = csv_rows::header_names(line)?;
    dispatch::known_header(&names).then(|| line.to_owned())
}

/// True when a piece goes on with records: its first line has about as many separators as the header.
fn continues_csv(header: &str, piece: &str) -> bool {
    let Some(separator) = csv_rows::separator(header).map(char::from) else { return false };
    piece.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.contains(separator))
}

/// Behind the last line end that is not within quotes.
fn last_record_end(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut end = None;
    for at in memchr::memchr2_iter(b'"', b'\n', text.as_bytes()) {
        if text.as_bytes()[at] == b'"' {
            quoted = !quoted;
        } else if !quoted {
            end = Some(at + 1);
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Option<usize> {
        Pieces::new("t".into(), 100).cut(text)
    }

    #[test]
    fn cuts_where_nothing_is_torn() {
        assert_eq!(cut("a: 1\n\nb: 2\n\nc: 3\n"), Some("a: 1\n\nb: 2\n\n".len()));
        assert_eq!(cut("a: 1\r\nb: 2\r\n\r\nc"), Some("a: 1\r\nb: 2\r\n\r\n".len()));
        assert_eq!(cut("one\ntwo\nthr"), Some("one\ntwo\n".len()));
        assert_eq!(cut("no line end at all"), Some(18));
        assert_eq!(cut("{\"a\": 1}\n{\"a\": 2}\n{\"a\""), Some("{\"a\": 1}\n{\"a\": 2}\n".len()));
        assert_eq!(cut("{\"a\": [1,\n2,\n"), None);
        assert_eq!(cut("<Event>1</Event><Event>2</Event><Event>"), Some(32));
        assert_eq!(last_record_end("a,b\n1,\"x\n\ny\"\n2,\"z\n"), Some("a,b\n1,\"x\n\ny\"\n".len()));
    }

    #[test]
    fn line_numbers_go_on_from_piece_to_piece() {
        let mut out = Out::new("t".into(), &crate::Limits::default());
        let mut pieces = Pieces::new("t".into(), 16);
        for _ in 0..4 {
            pieces.push("strange words\n\nof no tool\n\n", &mut out);
        }
        pieces.finish(&mut out);
        let lines: Vec<String> = out.notes.iter().map(|note| note.source.to_string()).collect();
        assert!(lines.len() >= 4, "{lines:?}");
        let last = out.notes.last().map(|note| note.args[1].1.clone());
        assert_eq!(last.as_deref(), Some("15"));
    }
}
