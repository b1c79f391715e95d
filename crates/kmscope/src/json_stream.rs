//! One JSON document with a long list in it, written element by element.

use std::io::{self, Write};

use serde::Serialize;

/// Writes `{"schema": 1, "<name>": [ … ]}`.
pub(crate) struct JsonList<W: Write> {
    output: W,
    first: bool,
}

impl<W: Write> JsonList<W> {
    /// Begins the document.
    pub(crate) fn begin(mut output: W, name: &str) -> io::Result<JsonList<W>> {
        write!(output, "{{\"schema\": 1, \"{name}\": [")?;
        Ok(JsonList { output, first: true })
    }

    /// Adds an element, already in JSON.
    pub(crate) fn add(&mut self, json: &str) -> io::Result<()> {
        self.output.write_all(if self.first { b"\n" } else { b",\n" })?;
        self.first = false;
        self.output.write_all(json.as_bytes())
    }

    /// Ends the document.
    pub(crate) fn end(mut self) -> io::Result<()> {
        self.output.write_all(b"\n]}\n")?;
        self.output.flush()
    }
}

/// A value in one line of JSON, in which a terminal finds nothing to obey.
pub(crate) fn line(value: &impl Serialize) -> String {
    let plain = serde_json::to_string(value).unwrap_or_default();
    escaped(&plain)
}

/// Characters that a terminal would obey as `\u` escapes: the same strings for a parser.
fn escaped(plain: &str) -> String {
    let mut out = String::with_capacity(plain.len());
    for c in plain.chars() {
        if c == '\u{7f}' || report::visible::is_dangerous(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_document_with_none_one_and_many() {
        for count in 0..3 {
            let mut bytes = Vec::new();
            let mut list = JsonList::begin(&mut bytes, "files").unwrap();
            (0..count).for_each(|n| list.add(&line(&format!("{n}\u{202e}"))).unwrap());
            list.end().unwrap();
            let text = String::from_utf8(bytes).unwrap();
            assert!(!text.contains('\u{202e}'));
            let value: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(value["files"].as_array().map(Vec::len), Some(count));
        }
    }
}
