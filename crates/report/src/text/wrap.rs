//! Line breaking by columns, for Latin and East Asian text.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Characters that must not begin a line.
const CLOSING: &str = "、。，．：；！？）」』】》〉］｝・ー…‥％,.;:!?)]}%’”";

/// Characters that must not end a line.
const OPENING: &str = "（「『【《〈［｛([{‘“";

/// Columns that a text takes on a terminal.
pub fn columns(text: &str) -> usize {
    text.width()
}

fn char_columns(c: char) -> usize {
    c.width().unwrap_or(0)
}

/// A run of characters that stays on one line.
#[derive(Default)]
struct Unit {
    text: String,
    columns: usize,
    /// Whether a blank stands before it, unless it begins a line.
    blank_before: bool,
}

/// The text in lines of at most `width` columns. Words that are longer are broken.
pub fn wrap(text: &str, width: usize) -> Vec<String> {
    text.split('\n').flat_map(|paragraph| wrap_paragraph(paragraph, width.max(4))).collect()
}

fn wrap_paragraph(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut used = 0;
    for unit in units(text) {
        let blank = usize::from(unit.blank_before && used > 0);
        if used > 0 && used + blank + unit.columns > width {
            lines.push(std::mem::take(&mut line));
            used = 0;
        } else if blank == 1 {
            line.push(' ');
            used += 1;
        }
        for c in unit.text.chars() {
            if used > 0 && used + char_columns(c) > width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            line.push(c);
            used += char_columns(c);
        }
    }
    lines.push(line);
    lines
}

fn units(text: &str) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut blank = false;
    let mut before = None;
    for c in text.chars() {
        if c.is_ascii_whitespace() {
            blank = true;
            continue;
        }
        let joined = !blank && before.is_some_and(|before| joins(before, c));
        if !joined {
            units.push(Unit { blank_before: blank, ..Unit::default() });
        }
        if let Some(unit) = units.last_mut() {
            unit.text.push(c);
            unit.columns += char_columns(c);
        }
        (blank, before) = (false, Some(c));
    }
    units
}

/// True if no line may end between two neighbouring characters.
fn joins(before: char, c: char) -> bool {
    let wide = |c| char_columns(c) > 1;
    CLOSING.contains(c) || OPENING.contains(before) || char_columns(c) == 0 || !(wide(before) || wide(c))
}

/// At most `width` columns; a cut text ends in an ellipsis.
pub fn fit(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 0;
    for c in text.chars() {
        if used + char_columns(c) + 1 > width {
            break;
        }
        out.push(c);
        used += char_columns(c);
    }
    out.push('…');
    out
}

/// The text with blanks up to a width.
pub fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn breaks_at_blanks_and_between_ideographs() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("ライセンス認証を行う。", 12), ["ライセンス認", "証を行う。"]);
        assert_eq!(wrap("金鑰管理服務（KMS）", 12), ["金鑰管理服務", "（KMS）"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("a\n\nb", 10), ["a", "", "b"]);
    }

    #[test]
    fn fits_by_columns() {
        assert_eq!(fit("ライセンス", 7), "ライセ…");
        assert_eq!(fit("license", 7), "license");
        assert_eq!(pad("金鑰", 6), "金鑰  ");
    }

    proptest! {
        #[test]
        fn no_line_is_too_wide_and_nothing_is_lost(text in "[a-z 金鑰、。（）ー]{0,60}", width in 4usize..30) {
            let lines = wrap(&text, width);
            for line in &lines {
                prop_assert!(columns(line) <= width, "{line:?} at {width}");
            }
            let bare = |text: &str| text.chars().filter(|c| !c.is_whitespace()).collect::<String>();
            prop_assert_eq!(bare(&lines.concat()), bare(&text));
        }
    }
}
