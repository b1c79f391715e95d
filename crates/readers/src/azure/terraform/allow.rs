//! Comments that silence a finding: `# kmscope: allow KIND reason`.

use std::ops::RangeInclusive;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};

use super::join::Lines;

/// Blocks and lists within each other that are looked through.
const DEPTH_MAX: usize = 32;

/// A comment that silences findings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allow {
    /// Path of the file.
    pub path: String,
    /// Line of the comment.
    pub line: u32,
    /// What is silenced: a cause as in `forced-tunnel`, or the code of its rule.
    pub kind: String,
    /// Why; empty where nobody said.
    pub reason: String,
    /// The lines whose findings it silences.
    pub lines: RangeInclusive<u32>,
}

/// Every such comment of a file, in its order.
pub(super) fn allows(path: &str, source: &str, body: &Body, lines: &Lines<'_>) -> Vec<Allow> {
    const MARK: &str = "kmscope:";
    if !source.contains(MARK) {
        return Vec::new();
    }
    let comments = comments(source);
    let mut all: Vec<Allow> = Vec::new();
    for comment in &comments {
        let text = source[comment.start..comment.end].trim_start_matches(['#', '/']).trim();
        let Some(rest) = text.strip_prefix(MARK).map(str::trim) else { continue };
        let Some(rest) = rest.strip_prefix("allow").filter(|rest| rest.is_empty() || rest.starts_with(' '))
        else {
            continue;
        };
        let (kind, reason) = rest.trim().split_once(char::is_whitespace).unwrap_or((rest.trim(), ""));
        let line = lines.of(Some(comment.start..comment.end));
        let about = if comment.is_alone { line_below(source, comment.end, &comments, lines) } else { line };
        all.push(Allow {
            path: path.to_owned(),
            line,
            kind: kind.to_owned(),
            reason: reason.trim().to_owned(),
            lines: about..=about,
        });
    }
    // A comment at a block is for all of it.
    widen(body, lines, &mut all, 0);
    all
}

/// The first line below that is no comment.
fn line_below(source: &str, mut at: usize, comments: &[Comment], lines: &Lines<'_>) -> u32 {
    loop {
        // The end of the line, then what begins the next one.
        let Some(next) = source[at..].find('\n').map(|end| at + end + 1) else {
            return lines.of(Some(at..at));
        };
        let begins = source[next..].len() - source[next..].trim_start_matches([' ', '\t']).len() + next;
        match comments.binary_search_by_key(&begins, |comment| comment.start) {
            Ok(index) if comments[index].is_alone => at = comments[index].end,
            _ => return lines.of(Some(next..next)),
        }
    }
}

/// Gives comments the lines of the outermost block, or element of a list, that begins where they point.
fn widen(body: &Body, lines: &Lines<'_>, all: &mut [Allow], depth: usize) {
    for structure in body.iter() {
        widen_to(structure.span(), lines, all);
        match structure {
            Structure::Block(block) if depth < DEPTH_MAX => widen(&block.body, lines, all, depth + 1),
            Structure::Attribute(attribute) => {
                if let Expression::Array(items) = &attribute.value {
                    items.iter().for_each(|item| widen_to(item.span(), lines, all));
                }
            }
            Structure::Block(_) => {}
        }
    }
}

fn widen_to(span: Option<std::ops::Range<usize>>, lines: &Lines<'_>, all: &mut [Allow]) {
    let Some(span) = span else { return };
    let first = lines.of(Some(span.clone()));
    let last = lines.of(Some(span.end.saturating_sub(1).max(span.start)..span.end));
    for allow in all.iter_mut().filter(|allow| *allow.lines.start() == first && *allow.lines.end() < last) {
        allow.lines = first..=last;
    }
}

/// A comment of one line.
struct Comment {
    start: usize,
    end: usize,
    /// Nothing stands before it in its line.
    is_alone: bool,
}

/// What the scanner is in.
#[derive(Clone, Copy, PartialEq)]
enum Within {
    Code,
    Text,
}

/// Comments by `#` and `//`; those marks within texts are none.
fn comments(source: &str) -> Vec<Comment> {
    let bytes = source.as_bytes();
    let mut all = Vec::new();
    let mut within = vec![Within::Code];
    let mut at = 0;
    let mut is_alone = true;
    while let Some(&byte) = bytes.get(at) {
        let rest = &bytes[at..];
        match (within.last(), byte) {
            (_, b'\n') => {
                is_alone = true;
                at += 1;
                continue;
            }
            (Some(Within::Text), b'"') => drop(within.pop()),
            (Some(Within::Text), b'\\') => at += 1,
            (Some(Within::Text), b'$' | b'%') if rest.get(1) == Some(&byte) => at += 1,
            (Some(Within::Text), b'$' | b'%') if rest.get(1) == Some(&b'{') => {
                within.push(Within::Code);
                at += 1;
            }
            (Some(Within::Text), _) => {}
            (_, b'"') => within.push(Within::Text),
            (_, b'{') => within.push(Within::Code),
            (_, b'}') if within.len() > 1 => drop(within.pop()),
            (_, b'<') if rest.starts_with(b"<<") => {
                at += heredoc(&source[at..]);
                is_alone = true;
                continue;
            }
            (_, b'/') if rest.starts_with(b"/*") => {
                at += source[at..].find("*/").map_or(rest.len(), |end| end + 2);
                continue;
            }
            (_, b'#' | b'/') if byte == b'#' || rest.starts_with(b"//") => {
                let end = source[at..].find('\n').map_or(source.len(), |end| at + end);
                all.push(Comment { start: at, end, is_alone });
                at = end;
                continue;
            }
            _ => {}
        }
        is_alone &= byte.is_ascii_whitespace();
        at += 1;
    }
    all
}

/// Bytes of a heredoc that begins here, or of the two marks where none does.
fn heredoc(source: &str) -> usize {
    let opening = source.lines().next().unwrap_or_default();
    let word = opening.trim_start_matches('<').trim_start_matches('-').trim();
    let is_word = !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !is_word {
        return 2;
    }
    let mut at = 0;
    for (index, line) in source.split_inclusive('\n').enumerate() {
        at += line.len();
        if index > 0 && line.trim() == word {
            return at;
        }
    }
    source.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::azure::terraform::join::starts_of;

    fn found(source: &str) -> Vec<(u32, String, String, RangeInclusive<u32>)> {
        let body = hcl_edit::parser::parse_body(source).unwrap();
        let starts = starts_of(source);
        let all = allows("m.tf", source, &body, &Lines::new(&starts, 1));
        all.into_iter().map(|one| (one.line, one.kind, one.reason, one.lines)).collect()
    }

    #[test]
    fn a_comment_is_for_the_block_below_it_or_on_its_line() {
        let source = "# kmscope: allow forced-tunnel by design\n# more\nresource \"a\" \"b\" {\n  x = 1\n  route { // kmscope: allow K701\n  }\n  \
                      y = [\n    # kmscope: allow k1 first\n    {\n      z = 1\n    },\n  ]\n}\n";
        let text = str::to_owned;
        assert_eq!(
            found(source),
            [
                (1, text("forced-tunnel"), text("by design"), 3..=13),
                (5, text("K701"), text(""), 5..=6),
                (8, text("k1"), text("first"), 9..=11),
            ]
        );
    }

    #[test]
    fn marks_within_texts_are_no_comments() {
        let source = "a = \"# kmscope: allow x y\"\nb = \"${c[\"}# kmscope: allow x y\"]}\"\nd = <<EOT\n# kmscope: allow x y\nEOT\n\
                      /* \n# kmscope: allow x y\n*/\ne = 1 # kmscope: allowed\n# kmscope: allow\n";
        let kinds: Vec<(u32, String)> =
            found(source).into_iter().map(|(line, kind, ..)| (line, kind)).collect();
        assert_eq!(kinds, [(10, String::new())]);
    }

    #[test]
    fn any_text_is_scanned_to_its_end() {
        let source = "é = <<é\n\"${ /* <<EOT #";
        for end in (0..=source.len()).filter(|end| source.is_char_boundary(*end)) {
            comments(&source[..end]);
        }
    }
}
