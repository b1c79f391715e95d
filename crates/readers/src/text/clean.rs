//! Taking off what mail, forums, wikis and tickets add to a console's output.

use std::borrow::Cow;

use super::Line;
use super::prompt;
use super::wrap::Joined;

/// Longest line that is cleaned; a longer one is data (a JSON document on one line), not console output.
const CLEANED_LENGTH_MAX: usize = 16 * 1024;

/// Adds the logical lines of one physical line; HTML line breaks make several.
pub(super) fn add_logical_lines<'a>(joined: Joined<'a>, lines: &mut Vec<Line<'a>>) {
    let (number, offset) = (joined.first.number, joined.first.offset);
    let raw: Cow<'a, str> = if joined.more.is_empty() {
        Cow::Borrowed(joined.first.raw)
    } else {
        Cow::Owned(std::iter::once(joined.first.raw).chain(joined.more.iter().map(|p| p.raw)).collect())
    };
    let make = |piece: Cow<'a, str>| Line {
        number,
        offset,
        indent: piece.len() - piece.trim_start().len(),
        command: prompt::command_of(&piece),
        text: trimmed(piece),
    };
    if raw.len() > CLEANED_LENGTH_MAX || !needs_cleaning(&raw) {
        lines.push(make(raw));
        return;
    }
    lines.extend(without_html(&without_markdown(&raw)).into_iter().map(|piece| make(Cow::Owned(piece))));
}

fn trimmed(piece: Cow<'_, str>) -> Cow<'_, str> {
    let trim =
        |text: &str| text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0').len();
    if trim(&piece) == piece.len() {
        return piece;
    }
    let is_edge = |c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0';
    match piece {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_matches(is_edge)),
        Cow::Owned(text) => Cow::Owned(text.trim_matches(is_edge).to_owned()),
    }
}

fn needs_cleaning(raw: &str) -> bool {
    /// The marks, and the first byte of the direction marks: most lines have none of them.
    const FIRST_BYTES: &[u8] = b"<&\\*`>\xe2";
    raw.trim_start().starts_with('#')
        || (raw.bytes().any(|byte| FIRST_BYTES.contains(&byte)) && has_marks(raw))
}

fn has_marks(raw: &str) -> bool {
    raw.contains(['<', '&', '\\', '*', '`', '\u{200e}', '\u{200f}']) || raw.trim_start().starts_with('>')
}

/// Quote marks in front, hard-break backslashes behind, bold marks, code marks, escaped punctuation.
fn without_markdown(raw: &str) -> String {
    let mut text = without_comment_mark(raw);
    while let Some(rest) = text.trim_start().strip_prefix('>') {
        text = rest.strip_prefix(' ').unwrap_or(rest);
    }
    let end = text.trim_end();
    let text = match end.strip_suffix('\\') {
        Some(kept) if !kept.ends_with('\\') => kept,
        _ => end,
    };
    // Behind the marks of a block stands the name of a language, or the first line of the block itself.
    let text = match text.trim_start().strip_prefix("```") {
        Some(rest) if rest.trim().contains("  ") => rest,
        Some(_) => "",
        None => text,
    };
    let mut out = String::with_capacity(text.len());
    let mut previous = ' ';
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if chars.peek().is_some_and(|n| matches!(n, '<' | '>' | '*')) => {}
            '\\' if previous.is_whitespace() && chars.peek().is_some_and(|n| matches!(n, '-' | '_')) => {}
            '\\' if chars.peek() == Some(&'_') && escapes_within(previous, text) => {}
            '*' if chars.peek() == Some(&'*') && !text.contains("***") => {
                chars.next();
            }
            '`' => {}
            '\u{200e}' | '\u{200f}' => {}
            _ => out.push(c),
        }
        previous = c;
    }
    out
}

/// `VOLUME\_KMSCLIENT`, `\_vlmcs.\_tcp`: an escaped underscore within a word. Paths have other backslashes as well.
fn escapes_within(previous: char, text: &str) -> bool {
    (previous.is_alphanumeric() || previous == '.')
        && text
            .match_indices('\\')
            .all(|(at, _)| text[at + 1..].starts_with(['_', '-', '.', '<', '>', '*', '(']))
}

/// `# Name: ...`, as scripts quote an output in their comments. A prompt of root or a heading is no such line.
fn without_comment_mark(raw: &str) -> &str {
    let Some(rest) = raw.trim_start().strip_prefix("# ") else { return raw };
    let labelled = rest.split_once([':', '=']).is_some_and(|(label, _)| {
        label.trim().chars().count() <= LABEL_LENGTH_MAX && label.trim_start().starts_with(char::is_uppercase)
    });
    let upper = rest.trim_start().starts_with(char::is_uppercase);
    if labelled && upper { rest } else { raw }
}

/// Longest label behind a comment mark.
const LABEL_LENGTH_MAX: usize = 80;

/// Known tags taken off, line breaks made into lines, entities decoded. Placeholders such as `<CMID>` stay.
fn without_html(text: &str) -> Vec<String> {
    const TAGS: [&str; 24] = [
        "br",
        "p",
        "div",
        "span",
        "pre",
        "code",
        "b",
        "i",
        "u",
        "strong",
        "em",
        "td",
        "tr",
        "th",
        "table",
        "tbody",
        "li",
        "ul",
        "ol",
        "font",
        "a",
        "blockquote",
        "html",
        "body",
    ];
    let mut pieces = vec![String::new()];
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        push(&mut pieces, &rest[..at]);
        let tag = &rest[at + 1..];
        let name_from = tag.strip_prefix('/').unwrap_or(tag);
        let name_len = name_from.bytes().take_while(u8::is_ascii_alphanumeric).count();
        let name = name_from[..name_len].to_ascii_lowercase();
        let after_name = name_from[name_len..].chars().next();
        let closes = tag.find('>');
        let is_tag =
            TAGS.contains(&name.as_str()) && matches!(after_name, Some('>' | '/' | ' ')) && closes.is_some();
        if let (true, Some(end)) = (is_tag, closes) {
            if name == "br" {
                pieces.push(String::new());
            }
            rest = &tag[end + 1..];
        } else {
            push(&mut pieces, "<");
            rest = tag;
        }
    }
    push(&mut pieces, rest);
    while pieces.len() > 1 && pieces.last().is_some_and(|piece| piece.trim().is_empty()) {
        pieces.pop();
    }
    pieces.iter().map(|piece| without_entities(piece)).collect()
}

fn push(pieces: &mut [String], text: &str) {
    if let Some(last) = pieces.last_mut() {
        last.push_str(text);
    }
}

fn without_entities(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&nbsp;", " ")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use crate::text::Text;

    fn lines(original: &str) -> Vec<String> {
        let text = Text::new("t.txt".into(), original, 1);
        (0..text.len()).map(|i| text.at(i).to_owned()).collect()
    }

    #[test]
    fn takes_off_html_and_keeps_placeholders() {
        assert_eq!(
            lines("priority = 0<br />\n<p>_vlmcs._tcp.company.local SRV service location:<br />"),
            ["priority = 0", "_vlmcs._tcp.company.local SRV service location:"]
        );
        assert_eq!(lines("0x0, <KMS Host FQDN>:1688, <CMID>"), ["0x0, <KMS Host FQDN>:1688, <CMID>"]);
        assert_eq!(lines("a<br>b &lt;c&gt;"), ["a", "b <c>"]);
    }

    #[test]
    fn takes_off_markdown() {
        assert_eq!(
            lines("> Source:  Security-SPP  \nhr=0xC004F074\\\n**Error: 0xC004F038** The"),
            ["Source:  Security-SPP", "hr=0xC004F074", "Error: 0xC004F038 The"]
        );
        assert_eq!(lines("(\\<kms-client-product-key>)"), ["(<kms-client-product-key>)"]);
        assert_eq!(lines(r"HKLM\SOFTWARE\Microsoft"), [r"HKLM\SOFTWARE\Microsoft"]);
        assert_eq!(lines(r"Windows, VOLUME\_KMSCLIENT channel"), ["Windows, VOLUME_KMSCLIENT channel"]);
        assert_eq!(lines(r"\_vlmcs.\_tcp.contoso.com"), ["_vlmcs._tcp.contoso.com"]);
        assert_eq!(lines(r"C:\tools\run\_old\x"), [r"C:\tools\run\_old\x"]);
    }

    #[test]
    fn takes_off_comment_marks_before_labels() {
        assert_eq!(
            lines("    # License Status: Licensed\n# slmgr /dlv\n#define x: y\n# Remaining rearm count: 3"),
            ["License Status: Licensed", "# slmgr /dlv", "#define x: y", "Remaining rearm count: 3"]
        );
    }
}
