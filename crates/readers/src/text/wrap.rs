//! Physical lines, and undoing what consoles of a fixed width did to them.
//!
//! A console cuts a long line at its last column, in the middle of words and GUIDs, and goes on in the next line
//! without any mark.
//! The cut is undone when lines end exactly at a width that consoles have, no line is longer,
//! and the next line does not begin like a line of its own.

/// One line as it stands in the file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Physical<'a> {
    pub number: u32,
    pub offset: usize,
    /// Without the line end.
    pub raw: &'a str,
}

/// A line after unwrapping: its pieces, in order.
#[derive(Debug)]
pub(super) struct Joined<'a> {
    pub first: Physical<'a>,
    pub more: Vec<Physical<'a>>,
}

/// Blank lines in succession that are kept; no reader looks further for what follows.
const BLANK_LINES_MAX: usize = 32;

/// Splits at LF, CRLF and lone CR; the numbers count every one of them.
pub(super) fn physical_lines(original: &str, first_line: u32) -> Vec<Physical<'_>> {
    let mut lines = Vec::new();
    let mut number = first_line;
    let mut start = 0;
    let mut blank = 0;
    let bytes = original.as_bytes();
    for at in memchr::memchr2_iter(b'\n', b'\r', bytes) {
        if at < start {
            // The second sign of a CRLF.
            continue;
        }
        let is_pair = bytes[at] == b'\r' && bytes.get(at + 1) == Some(&b'\n');
        blank = if at == start { blank + 1 } else { 0 };
        // A longer run of blank lines says no more than this one; the numbers go on all the same.
        if blank <= BLANK_LINES_MAX {
            lines.push(Physical { number, offset: start, raw: &original[start..at] });
        }
        number = number.saturating_add(1);
        start = at + if is_pair { 2 } else { 1 };
    }
    if start < bytes.len() {
        lines.push(Physical { number, offset: start, raw: &original[start..] });
    }
    lines
}

/// Joins the pieces of lines that a console cut.
pub(super) fn undo_console_wrapping<'a>(lines: Vec<Physical<'a>>) -> Vec<Joined<'a>> {
    let width = console_width(&lines);
    let mut joined: Vec<Joined<'a>> = Vec::with_capacity(lines.len());
    let mut previous_was_full = false;
    for line in lines {
        let full = width.is_some_and(|width| line.raw.chars().count() == width) && !is_whole(line.raw);
        if previous_was_full && continues(line.raw) {
            if let Some(last) = joined.last_mut() {
                last.more.push(line);
            }
        } else {
            joined.push(Joined { first: line, more: Vec::new() });
        }
        previous_was_full = full;
    }
    joined
}

/// True for a line that fills the width without having been cut: a rule drawn with one sign, the dashes below a
/// table's header, padded cells.
fn is_whole(raw: &str) -> bool {
    let mut signs = raw.trim().chars();
    let is_rule = signs.next().is_some_and(|first| !first.is_alphanumeric() && signs.all(|c| c == first));
    let is_ruler = raw.starts_with('-') && raw.bytes().all(|b| matches!(b, b'-' | b' '));
    is_rule || is_ruler || raw.ends_with("  ")
}

/// The width at which lines were cut: the longest line's, if it is one that consoles have.
fn console_width(lines: &[Physical<'_>]) -> Option<usize> {
    const WIDTH_MIN: usize = 70;
    const WIDTH_MAX: usize = 240;
    let mut longest = 0;
    for line in lines {
        let bytes = line.raw.len();
        if bytes > longest {
            longest = longest.max(line.raw.chars().count());
        }
        if longest > WIDTH_MAX {
            return None;
        }
    }
    let usual = matches!(longest % 10, 0 | 9) || longest == 132;
    (longest >= WIDTH_MIN && usual).then_some(longest)
}

/// True when a line can be the rest of the one before: it begins with a visible character and not like a new line.
fn continues(raw: &str) -> bool {
    let Some(first) = raw.chars().next() else { return false };
    if first.is_whitespace() || super::prompt::command_of(raw).is_some() {
        return false;
    }
    // "Label: value" begins a line of its own; the rest of a cut word seldom looks like one.
    let label = raw.split([':', '：']).next().unwrap_or_default();
    let looks_labelled = label.len() < raw.len()
        && label.contains(' ')
        && label.chars().next().is_some_and(char::is_uppercase)
        && label.len() <= 60;
    let looks_tabular = raw.starts_with(['"', '{', '<', '-', '=', '*', ';', '#']);
    !looks_labelled && !looks_tabular
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(original: &str) -> Vec<String> {
        undo_console_wrapping(physical_lines(original, 1))
            .into_iter()
            .map(|j| std::iter::once(j.first.raw).chain(j.more.iter().map(|p| p.raw)).collect())
            .collect()
    }

    #[test]
    fn the_dashes_of_a_table_are_no_cut_line() {
        let dashes = format!("{} {}", "-".repeat(39), "-".repeat(40));
        let padded = format!("Ethernet{}", " ".repeat(72));
        let all = format!("{dashes}\n{padded}\nWi-Fi x\n");
        assert_eq!(joined(&all), [dashes.as_str(), padded.as_str(), "Wi-Fi x"]);
    }

    #[test]
    fn a_long_run_of_blank_lines_is_cut_and_counted() {
        let original = format!("a\n{}b\r\n", "\r\n".repeat(1_000));
        let lines = physical_lines(&original, 1);
        assert_eq!(lines.len(), BLANK_LINES_MAX + 2);
        let last = lines.last().map(|line| (line.number, line.raw));
        assert_eq!(last, Some((1_002, "b")));
    }

    #[test]
    fn counts_every_line_ending() {
        let numbers: Vec<u32> = physical_lines("a\r\nb\rc\n\nd", 1).iter().map(|l| l.number).collect();
        assert_eq!(numbers, [1, 2, 3, 4, 5]);
    }

    #[test]
    fn joins_a_word_cut_at_column_eighty() {
        let long = "Error: 0xC004F074 The Software Licensing Service reported that the computer coul";
        assert_eq!(long.len(), 80);
        assert_eq!(joined(&format!("{long}\nd not be activated.")), [format!("{long}d not be activated.")]);
    }

    #[test]
    fn leaves_lines_that_only_happen_to_be_long() {
        let long = "x".repeat(83);
        assert_eq!(joined(&format!("{long}\nrest")).len(), 2);
        let eighty = "y".repeat(80);
        assert_eq!(joined(&format!("{eighty}\nLicense Status: Licensed")).len(), 2);
        assert_eq!(joined(&format!("{eighty}\n\nrest")).len(), 3);
    }
}
