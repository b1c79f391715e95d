//! The report as one JSON document.

use crate::document::Document;
use crate::visible::is_dangerous;

/// The report as JSON, indented, with a line end.
///
/// Characters that a terminal would obey are written as `\u` escapes: the same strings for a parser, but nothing
/// happens to who looks at them.
pub fn render(document: &Document) -> String {
    // Serialising cannot fail: no map has keys other than strings, and no writer is involved.
    let plain = serde_json::to_string_pretty(document).unwrap_or_default();
    let mut out = String::with_capacity(plain.len() + 1);
    for c in plain.chars() {
        if c == '\u{7f}' || is_dangerous(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out.push('\n');
    out
}
