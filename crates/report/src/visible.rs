//! Words of the evidence made fit to be shown: nothing that drives a terminal or reorders text gets through.

/// Longest name or value that goes into a sentence, in characters.
pub const ARGUMENT_MAX: usize = 256;

/// Longest quoted line of evidence, in characters.
pub const QUOTE_MAX: usize = 400;

/// Longest path that is shown, in characters; its middle is left out.
pub const PATH_MAX: usize = 120;

/// The text in one line, with control characters and invisible marks shown instead of obeyed.
///
/// C0 controls become their pictures (`␛`), everything else that is invisible and dangerous its number (`<U+202E>`).
/// A tab becomes a blank.
pub fn one_line(text: &str) -> String {
    // Most texts are plain, and there are very many of them.
    if text.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        push(&mut out, c);
    }
    out
}

/// The same, but line ends stay; for texts of the catalogue, which may have several lines.
pub fn lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c == '\n' { out.push(c) } else { push(&mut out, c) }
    }
    out
}

fn push(out: &mut String, c: char) {
    match c {
        '\t' => out.push(' '),
        '\0'..='\u{1f}' => out.push(char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}')),
        '\u{7f}' => out.push('␡'),
        _ if is_dangerous(c) => out.push_str(&format!("<U+{:04X}>", c as u32)),
        _ => out.push(c),
    }
}

/// True for characters that take no place but change what is seen: C1 controls, marks of direction, line and
/// paragraph separators, zero-width blanks, tags, interlinear annotation.
///
/// Joiners (U+200C, U+200D) stay: scripts need them.
pub fn is_dangerous(c: char) -> bool {
    matches!(c,
        '\u{80}'..='\u{9f}'
        | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{206a}'..='\u{206f}'
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// At most `max` characters; a cut text ends in an ellipsis.
pub fn clip(text: &str, max: usize) -> String {
    match text.char_indices().nth(max) {
        Some(_) => text.chars().take(max.saturating_sub(1)).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

/// At most `max` characters, with the ellipsis in the middle: the end of a path tells most.
pub fn clip_middle(text: &str, max: usize) -> String {
    let count = text.chars().count();
    if count <= max {
        return text.to_owned();
    }
    let head = max.saturating_sub(1) / 3;
    let tail = max.saturating_sub(1) - head;
    text.chars().take(head).chain(['…']).chain(text.chars().skip(count - tail)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_what_would_be_obeyed() {
        for (text, shown) in [
            ("KMS ホスト é", "KMS ホスト é"),
            ("\u{1b}[31mred", "␛[31mred"),
            ("a\tb\r\nc\0\u{7f}", "a b␍␊c␀␡"),
            ("\u{9b}31m", "<U+009B>31m"),
            ("abc\u{202e}txt.exe\u{2069}", "abc<U+202E>txt.exe<U+2069>"),
        ] {
            assert_eq!(one_line(text), shown);
        }
        assert_eq!(lines("a\nb\r"), "a\nb␍");
    }

    #[test]
    fn cuts_with_an_ellipsis() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("ééééé", 3), "éé…");
        assert_eq!(clip_middle("abcdefghij", 7), "ab…ghij");
    }
}
