//! JSON documents and JSON lines, within or instead of console text.

use model::Place;
use serde_json::Value;

use super::object::{Field, Object, Shape};
use crate::text::Text;

/// What stood at a line that begins like JSON.
#[derive(Debug)]
pub enum Parsed {
    /// A value, and the index of the line behind it.
    Value(Value, usize),
    /// Begins like JSON and is not: line and column (within the document) and what was expected.
    Broken {
        /// Line, counted from the start of the document.
        line: usize,
        /// Column.
        column: usize,
        /// The parser's words.
        message: String,
    },
}

/// Parses the value that begins at a line. Nothing if the line does not begin with `{` or `[`.
///
/// Nesting deeper than serde_json's limit (128) is reported as broken, not followed.
pub fn parse(text: &Text<'_>, at: usize) -> Option<Parsed> {
    if !text.at(at).starts_with(['{', '[']) {
        return None;
    }
    parse_within(text, at, text.original_from(at))
}

/// The object or array that a text is, white space behind it aside. Nothing if it is anything else.
pub fn parse_whole(text: &str) -> Option<Value> {
    if !text.starts_with(['{', '[']) || !text.trim_end().ends_with(['}', ']']) {
        return None;
    }
    serde_json::from_str(text).ok()
}

/// As [`parse`], for a value that ends in the line in which it begins.
pub fn parse_line(text: &Text<'_>, at: usize) -> Option<Parsed> {
    if !text.at(at).starts_with(['{', '[']) {
        return None;
    }
    let original = text.original_from(at);
    parse_within(text, at, original.split(['\n', '\r']).next().unwrap_or_default())
}

/// Longest document that is mended.
const MENDED_BYTES_MAX: usize = 256 * 1024;

/// A document that was cut off at its end or had lines left out (`...`), with the gaps closed. `from` is where it
/// begins; nothing if it is too long, or broken in another way. With it, how many lines it took.
pub fn mended(text: &Text<'_>, from: usize) -> Option<(Value, usize)> {
    let original = text.original_from(from);
    if original.len() > MENDED_BYTES_MAX {
        return None;
    }
    let is_gap = |line: &&str| {
        let line = line.trim().trim_end_matches(',');
        matches!(line, "..." | "…" | "[...]" | "<snip>" | "// ...") || line.starts_with("// ")
    };
    let gaps = original.lines().filter(is_gap).count();
    let mut kept: String =
        original.lines().filter(|line| !is_gap(line)).flat_map(|line| [line, "\n"]).collect();
    let open = open_brackets(&kept)?;
    if gaps == 0 && open.is_empty() {
        return None;
    }
    if !open.is_empty() {
        let end = kept.trim_end().trim_end_matches(',').len();
        kept.truncate(end);
        kept.extend(open.iter().rev());
    }
    let mut stream = serde_json::Deserializer::from_str(&kept).into_iter::<Value>();
    let value = stream.next()?.ok()?;
    let taken = kept[..stream.byte_offset()].lines().count();
    let mut left = taken;
    let lines = original.lines().take_while(|line| {
        let goes_on = left > 0;
        left -= usize::from(goes_on && !is_gap(line));
        goes_on
    });
    Some((value, lines.count()))
}

/// The closing brackets that a document lacks, in the order of their opening ones. Nothing if a string is open or a
/// bracket does not fit.
fn open_brackets(document: &str) -> Option<Vec<char>> {
    let mut open = Vec::new();
    let (mut in_string, mut escaped) = (false, false);
    for c in document.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if in_string => escaped = true,
            '"' => in_string = !in_string,
            _ if in_string => {}
            '{' => open.push('}'),
            '[' => open.push(']'),
            '}' | ']' => {
                if open.pop() != Some(c) {
                    return None;
                }
                if open.is_empty() {
                    break;
                }
            }
            _ => {}
        }
    }
    (!in_string && open.len() <= MENDED_DEPTH_MAX).then_some(open)
}

/// Most brackets that are closed.
const MENDED_DEPTH_MAX: usize = 64;

fn parse_within(text: &Text<'_>, at: usize, original: &str) -> Option<Parsed> {
    let mut stream = serde_json::Deserializer::from_str(original).into_iter::<Value>();
    match stream.next()? {
        Ok(value) => Some(Parsed::Value(value, text.line_after(at, stream.byte_offset().max(1)))),
        Err(error) => {
            // The parser counts lines within the document; the caller knows those of the file.
            let words = error.to_string();
            let message = words.split(" at line ").next().unwrap_or_default().to_owned();
            Some(Parsed::Broken { line: error.line(), column: error.column(), message })
        }
    }
}

/// The objects of a value: itself, the elements of an array, or the elements below `value` (Azure's REST form).
pub fn objects(value: &Value) -> Vec<(String, &Value)> {
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .filter(|(_, v)| v.is_object())
            .map(|(i, v)| (format!("/{i}"), v))
            .collect(),
        Value::Object(map) => match map.get("value") {
            Some(Value::Array(items)) if items.iter().any(Value::is_object) => {
                items.iter().enumerate().map(|(i, v)| (format!("/value/{i}"), v)).collect()
            }
            _ => vec![(String::new(), value)],
        },
        _ => Vec::new(),
    }
}

/// A JSON object with its nested fields under dotted names; lists of plain values have one element per line.
pub fn flatten(value: &Value, place: Place) -> Object {
    let mut object = Object { fields: Vec::new(), place: place.clone(), shape: Shape::Json };
    add(&mut object, "", value, &place);
    object
}

fn add(object: &mut Object, name: &str, value: &Value, place: &Place) {
    let text = match value {
        Value::Object(map) => {
            for (key, inner) in map {
                let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
                add(object, &name, inner, place);
            }
            return;
        }
        Value::Array(items) if items.iter().any(|item| item.is_object() || item.is_array()) => return,
        Value::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join("\n"),
        other => plain(other),
    };
    if !name.is_empty() {
        object.fields.push(Field { name: name.to_owned(), value: text, place: place.clone() });
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_a_value_among_text_and_says_where_a_broken_one_breaks() {
        let text = Text::new("t".into(), "PS C:\\> az\n{\"a\": {\"b\": [1, 2]}}\nend\n", 1);
        assert!(parse(&text, 0).is_none());
        let Some(Parsed::Value(value, next)) = parse(&text, 1) else { panic!("no value") };
        assert_eq!(next, 2);
        assert_eq!(flatten(&value, Place::Line(2)).get("a.b"), Some("1\n2"));
        let text = Text::new("t".into(), "{\"a\": [1,\n 2", 1);
        assert!(matches!(parse(&text, 0), Some(Parsed::Broken { line: 2, .. })));
    }

    #[test]
    fn mends_what_was_cut_off_or_left_out() {
        let text = Text::new("t".into(), "{\"a\": {\n  ...\n \"b\": [{\"c\": 1},\n", 1);
        assert_eq!(mended(&text, 0), Some((serde_json::json!({"a": {"b": [{"c": 1}]}}), 3)));
        let text = Text::new("t".into(), "[\n1,\n...\n2]\nmore\n", 1);
        assert_eq!(mended(&text, 0), Some((serde_json::json!([1, 2]), 4)));
        for whole_or_strange in ["{\"a\": 1}", "{\"a\": \"b", "{\"a\": ]", "{\"a\": 1, \"b\": \n"] {
            let text = Text::new("t".into(), whole_or_strange, 1);
            assert_eq!(mended(&text, 0), None, "{whole_or_strange}");
        }
    }

    #[test]
    fn ten_thousand_levels_are_refused_without_a_stack_overflow() {
        let deep = "[".repeat(10_000);
        let text = Text::new("t".into(), &deep, 1);
        assert!(matches!(parse(&text, 0), Some(Parsed::Broken { .. })));
    }
}
