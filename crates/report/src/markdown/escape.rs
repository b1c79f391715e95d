//! Text that Markdown reads as text, and evidence in code spans and fences that it cannot leave.

use crate::visible::one_line;

/// Text in which nothing is markup: no emphasis, HTML, link, table cell, mention or issue number.
pub fn prose(text: &str) -> String {
    let text = one_line(text.trim());
    let mut out = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied().unwrap_or(' ');
        let begins = out.is_empty();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' => out.extend(['\\', c]),
            // Links make themselves from `://` and `www.`.
            ':' if next == '/' => out.push_str("\\:"),
            '.' if before == 'w' => out.push_str("\\."),
            // A word joiner keeps `@name` and `#12` from calling people and tickets.
            '@' | '#' if next.is_alphanumeric() => out.extend([c, '\u{2060}']),
            '#' | '-' | '+' | '=' | '!' if begins => out.extend(['\\', c]),
            '.' | ')' if out.chars().all(|c| c.is_ascii_digit()) && !begins => out.extend(['\\', c]),
            _ => out.push(c),
        }
        before = c;
    }
    out
}

/// A code span around any text: its fence is longer than every run of backticks in the text.
pub fn code(text: &str) -> String {
    let text = one_line(text);
    let fence = "`".repeat(longest_run(&text) + 1);
    let pad =
        if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty() { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

/// A fenced block of lines: its fence is longer than every run of backticks in the lines.
pub fn fence(language: &str, lines: &[String]) -> String {
    let lines: Vec<String> = lines.iter().map(|line| one_line(line)).collect();
    let longest = lines.iter().map(|line| longest_run(line)).max().unwrap_or(0);
    let fence = "`".repeat((longest + 1).max(3));
    format!("{fence}{language}\n{}\n{fence}", lines.join("\n"))
}

/// Longest run of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A page of the rules' own; anything but a plain address is shown as text.
pub fn link(page: &str) -> String {
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '<' | '>' | '`' | '"' | '\\');
    if page.starts_with("https://") && page.chars().all(plain) { format!("<{page}>") } else { code(page) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_cannot_leave_its_code_span() {
        assert_eq!(code("Current count: 12"), "`Current count: 12`");
        assert_eq!(code("a ``` b"), "````a ``` b````");
        assert_eq!(code("`x`"), "`` `x` ``");
        assert_eq!(code("a\n\n# b"), "`a␊␊# b`");
        assert_eq!(fence("bat", &["````\n# x".into()]), "`````bat\n````␊# x\n`````");
    }

    #[test]
    fn prose_is_no_markup() {
        for (text, escaped) in [
            ("_vlmcs._tcp.contoso.com", "\\_vlmcs.\\_tcp.contoso.com"),
            ("<script>&", "&lt;script&gt;&amp;"),
            ("[a](b) | ![c](d)", "\\[a\\](b) \\| !\\[c\\](d)"),
            ("see https://evil.example www.evil.example", "see https\\://evil.example www\\.evil.example"),
            ("@team #12", "@\u{2060}team #\u{2060}12"),
            ("1. x", "1\\. x"),
            ("- x", "\\- x"),
            ("10.0.0.4", "10\\.0.0.4"),
        ] {
            assert_eq!(prose(text), escaped);
        }
    }

    #[test]
    fn only_plain_addresses_are_links() {
        assert_eq!(link("https://learn.microsoft.com/a"), "<https://learn.microsoft.com/a>");
        assert_eq!(link("javascript:alert(1)"), "`javascript:alert(1)`");
    }
}
