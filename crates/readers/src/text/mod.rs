//! A text file as lines that readers can walk over, with the remains of its journey taken off.

mod clean;
mod prompt;
mod wrap;

use std::borrow::Cow;
use std::sync::Arc;

use model::{Place, Source};

pub use prompt::Command;

/// A text as its logical lines: cleaned of HTML and Markdown remains, console wrapping undone.
#[derive(Debug)]
pub struct Text<'a> {
    /// Path for sources.
    pub path: Arc<str>,
    original: &'a str,
    lines: Vec<Line<'a>>,
    /// Indices of the lines that show a prompt: every reader asks for the nearest one, at every line.
    prompts: Vec<usize>,
}

/// One logical line.
#[derive(Debug, Clone)]
pub struct Line<'a> {
    /// Number of the (first) physical line, counted from 1 in the file.
    pub number: u32,
    /// Byte offset of the physical line within the text.
    pub offset: usize,
    /// Columns of white space in front.
    pub indent: usize,
    /// The cleaned content without white space at both ends.
    pub text: Cow<'a, str>,
    /// The command line, when this line shows a shell prompt.
    pub command: Option<Command>,
}

impl<'a> Text<'a> {
    /// Splits, cleans and unwraps a text whose first line has the given number in the file.
    pub fn new(path: Arc<str>, original: &'a str, first_line: u32) -> Text<'a> {
        let physical = wrap::physical_lines(original, first_line);
        let joined = wrap::undo_console_wrapping(physical);
        let mut lines: Vec<Line<'a>> = Vec::with_capacity(joined.len());
        joined.into_iter().for_each(|joined| clean::add_logical_lines(joined, &mut lines));
        let shows_prompt = |(index, line): (usize, &Line<'a>)| line.command.is_some().then_some(index);
        let prompts = lines.iter().enumerate().filter_map(shows_prompt).collect();
        Text { path, original, lines, prompts }
    }

    /// Number of logical lines.
    pub fn len(&self) -> usize {
        self.lines.len()
    }

    /// True for a text without lines.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The logical line at an index, or nothing past the end.
    pub fn line(&self, index: usize) -> Option<&Line<'a>> {
        self.lines.get(index)
    }

    /// The cleaned content of a line; empty past the end.
    pub fn at(&self, index: usize) -> &str {
        self.lines.get(index).map_or("", |line| &line.text)
    }

    /// True when the line is blank or past the end.
    pub fn is_blank(&self, index: usize) -> bool {
        self.at(index).is_empty()
    }

    /// Index of the first line at or after `index` that is not blank; [`Text::len`] if there is none.
    pub fn skip_blank(&self, index: usize) -> usize {
        (index..self.len()).find(|&i| !self.is_blank(i)).unwrap_or(self.len())
    }

    /// The place of a line, for sources and quotes.
    pub fn place(&self, index: usize) -> Place {
        Place::Line(self.lines.get(index).or(self.lines.last()).map_or(1, |line| line.number))
    }

    /// The source of a line.
    pub fn source(&self, index: usize) -> Source {
        Source { path: self.path.clone(), place: self.place(index) }
    }

    /// The uncleaned text from the start of a line to the end of the file, for documents such as JSON and XML.
    pub fn original_from(&self, index: usize) -> &'a str {
        self.lines.get(index).map_or("", |line| &self.original[line.offset..])
    }

    /// Index of the first line that begins at or after a byte offset, counted from the start of line `from`.
    pub fn line_after(&self, from: usize, bytes: usize) -> usize {
        let Some(start) = self.lines.get(from) else { return self.len() };
        let end = start.offset + bytes;
        let rest = &self.lines[from..];
        from + rest.partition_point(|line| line.offset < end).max(1)
    }

    /// Index of the logical line that holds the `lines`-th physical line (from 1) counted from line `from`.
    pub fn index_of_line_behind(&self, from: usize, lines: usize) -> usize {
        let Some(start) = self.lines.get(from) else { return self.len() };
        let number = start.number.saturating_add(u32::try_from(lines.saturating_sub(1)).unwrap_or(u32::MAX));
        let behind = self.lines[from..].partition_point(|line| line.number <= number);
        from + behind.saturating_sub(1)
    }

    /// Bytes from the start of one line to the start of another, or to the end of the text.
    pub fn bytes_between(&self, from: usize, to: usize) -> usize {
        let offset = |index: usize| self.lines.get(index).map_or(self.original.len(), |line| line.offset);
        offset(to).saturating_sub(offset(from))
    }

    /// The command whose output line `index` is: the nearest prompt line above it.
    pub fn command_above(&self, index: usize) -> Option<&Command> {
        let index = index.min(self.len().saturating_sub(1));
        let behind = self.prompts.partition_point(|&prompt| prompt <= index);
        let nearest = *self.prompts.get(behind.checked_sub(1)?)?;
        if index - nearest >= COMMAND_DISTANCE_MAX {
            return None;
        }
        self.lines.get(nearest)?.command.as_ref()
    }
}

/// How far above its output a command line is looked for.
const COMMAND_DISTANCE_MAX: usize = 400;

/// Splits `label: value` at the first colon (ASCII or full-width); both sides trimmed.
///
/// A label is at most 80 characters; a drive letter or URL scheme is not a label.
pub fn label_value(line: &str) -> Option<(&str, &str)> {
    let at = line.find([':', '：'])?;
    let label = line[..at].trim_end_matches(['.', ' ', '\u{a0}']).trim();
    let value = line[at..].trim_start_matches([':', '：']);
    if label.is_empty() || label.chars().count() > 80 || value.starts_with("//") {
        return None;
    }
    Some((label, value.trim()))
}

/// True for text that stands in place of a value: `<CMID>`, `xxx`, `***`, `[redacted]`, `[...]`, `REDACTED`.
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    if value.is_empty() {
        return false;
    }
    let lower = value.to_lowercase();
    let bracketed = (value.starts_with('<') && value.contains('>'))
        || (value.starts_with('[') && value.ends_with(']') && !value.contains(':'))
        || (value.starts_with("\\<") && value.contains('>'));
    let words =
        ["redacted", "removed", "hidden", "omitted", "masked", "anonymized", "censored", "geschwärzt"];
    let blank = value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '#' | '.' | '-' | '█' | '•' | '?' | '…'))
        && value.chars().any(|c| !matches!(c, '.' | '-'))
        && value.len() >= 3;
    let masked_guid = value.len() == 36
        && value.matches('-').count() == 4
        && value.chars().filter(|c| matches!(c, 'x' | 'X' | '*' | '#')).count() >= 8;
    // An address of which some parts are blanked out: `192.168.xxx.xxx`.
    let masked_address = value.split('.').count() == 4
        && value.split('.').all(|part| {
            let blanked = !part.is_empty() && part.chars().all(|c| matches!(c, 'x' | 'X' | '*' | '#'));
            blanked || part.parse::<u8>().is_ok()
        })
        && value.parse::<std::net::Ipv4Addr>().is_err();
    // A host may be called so: only the bare word, with marks around it, stands for a value.
    let bare = lower.trim_matches(|c: char| !c.is_alphanumeric());
    bracketed || blank || masked_guid || masked_address || words.contains(&bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(original: &str) -> Text<'_> {
        Text::new("t.txt".into(), original, 1)
    }

    #[test]
    fn splits_labels() {
        assert_eq!(label_value("License Status: Licensed"), Some(("License Status", "Licensed")));
        assert_eq!(label_value("许可证状态：已授权"), Some(("许可证状态", "已授权")));
        assert_eq!(label_value("   Host Name . . . . : PC1"), Some(("Host Name", "PC1")));
        assert_eq!(label_value("https://example.com"), None);
    }

    #[test]
    fn knows_placeholders() {
        for value in [
            "<CMID>",
            "192.168.xxx.xxx",
            "10.x.x.5",
            "xxxxx",
            "*****",
            "[redacted]",
            "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx",
            "\\<name>",
        ] {
            assert!(is_placeholder(value), "{value}");
        }
        for value in ["192.0.2.5", "10.0.17763.1039", "T83GX", "kms01", "0", "[2001:db8::1]", "-1", "..."] {
            assert!(!is_placeholder(value), "{value}");
        }
    }

    #[test]
    fn finds_the_line_behind_a_document() {
        let text = text("a\n{\n \"x\": 1 }\nb\n");
        assert_eq!(text.original_from(1), "{\n \"x\": 1 }\nb\n");
        assert_eq!(text.line_after(1, "{\n \"x\": 1 }".len()), 3);
        assert_eq!(text.at(3), "b");
    }

    #[test]
    fn finds_the_command_of_an_output() {
        let text = text("C:\\>slmgr /ato\nError: x\n");
        assert_eq!(text.command_above(1).map(|c| c.line.as_str()), Some("slmgr /ato"));
    }
}
