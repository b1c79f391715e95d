//! Fields of Azure objects, whatever tool wrote them: camel, Pascal or snake case, at the top or under `properties`.

use std::fmt::Write;

use model::Place;
use serde_json::{Map, Value};

/// The places of the parts of a document.
pub(super) enum Places {
    /// A JSON document that begins at a line.
    Json(Place),
    /// Rows of a table or CSV, or objects of a list, one per element of the outer array.
    Rows(Vec<Place>),
    /// Places of some values by their pointers, and that of the whole; a value stands at that of its nearest part.
    Lines(std::collections::HashMap<String, Place>, Place),
}

impl Places {
    /// The place of a value: its JSON pointer when the document is the file, else the line that it stands at.
    pub(super) fn of(&self, pointer: &str) -> Place {
        match self {
            Places::Json(Place::Line(1)) => Place::Pointer(pointer.to_owned()),
            Places::Json(place) => place.clone(),
            Places::Rows(rows) => {
                let row =
                    pointer.split('/').nth(1).and_then(|index| index.parse::<usize>().ok()).unwrap_or(0);
                rows.get(row).or(rows.first()).cloned().unwrap_or(Place::Line(1))
            }
            Places::Lines(lines, whole) => {
                let mut pointer = pointer;
                loop {
                    if let Some(place) = lines.get(pointer) {
                        return place.clone();
                    }
                    match pointer.rfind('/') {
                        Some(end) => pointer = &pointer[..end],
                        None => return whole.clone(),
                    }
                }
            }
        }
    }
}

/// True when a key is a name, letter case, spaces, dashes and underscores aside. `name` is lower-case letters.
pub(super) fn is_key(key: &str, name: &str) -> bool {
    // Asked for every key of every route; most differ in length alone.
    if key.len() <= name.len() {
        return key.eq_ignore_ascii_case(name);
    }
    let mut letters =
        key.bytes().filter(|b| !matches!(b, b'_' | b' ' | b'-')).map(|b| b.to_ascii_lowercase());
    name.bytes().all(|wanted| letters.next() == Some(wanted)) && letters.next().is_none()
}

/// A field of an object, null included.
fn raw<'v>(object: &'v Map<String, Value>, name: &str) -> Option<(&'v str, &'v Value)> {
    object.iter().find(|(key, _)| is_key(key, name)).map(|(key, value)| (key.as_str(), value))
}

/// A field at the top or under `properties`, null included: the key of what it is nested in, its own key, its value.
fn locate<'v>(value: &'v Value, name: &str) -> Option<(Option<&'v str>, &'v str, &'v Value)> {
    let object = value.as_object()?;
    if let Some((key, found)) = raw(object, name) {
        return Some((None, key, found));
    }
    for nest in ["properties", "values"] {
        if let Some((outer, Value::Object(inner))) = raw(object, nest)
            && let Some((key, found)) = raw(inner, name)
        {
            return Some((Some(outer), key, found));
        }
    }
    None
}

/// A field at the top or under `properties`, null included, with its pointer below the object.
pub(super) fn find<'v>(value: &'v Value, name: &str) -> Option<(String, &'v Value)> {
    let (outer, key, found) = locate(value, name)?;
    let pointer = match outer {
        Some(outer) => format!("/{}/{}", escape(outer), escape(key)),
        None => format!("/{}", escape(key)),
    };
    Some((pointer, found))
}

/// A field that is present and not null.
pub(super) fn get<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    locate(value, name).map(|(_, _, found)| found).filter(|found| !found.is_null())
}

/// True when a field is present, null or not.
pub(super) fn has(value: &Value, name: &str) -> bool {
    locate(value, name).is_some()
}

/// True when a field would be given by [`text`].
pub(super) fn has_text(value: &Value, name: &str) -> bool {
    match get(value, name) {
        Some(Value::String(text)) => !text.trim().is_empty(),
        Some(Value::Number(_) | Value::Bool(_)) => true,
        _ => false,
    }
}

/// A field as text; numbers and booleans are printed, empty text is absent.
pub(super) fn text(value: &Value, name: &str) -> Option<String> {
    match get(value, name)? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A field as a truth value, also as text.
pub(super) fn flag(value: &Value, name: &str) -> Option<bool> {
    match get(value, name)? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// The id of what a field points at: an object with an `id`, or the id itself.
pub(super) fn id_of(value: &Value, name: &str) -> Option<String> {
    match get(value, name)? {
        Value::String(id) => Some(id.clone()).filter(|id| id.contains('/')),
        object => text(object, "id"),
    }
}

/// The ids of all that a list points at.
pub(super) fn ids_of(value: &Value, name: &str) -> Vec<String> {
    let items = get(value, name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(|item| text(item, "id")).collect()
}

/// The elements of the first of these fields that has any: an array of texts, one text,
/// or PowerShell's `{a, b}`; a text is split at commas, semicolons and spaces.
pub(super) fn texts(value: &Value, names: &[&str]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for text in names.iter().filter_map(|name| get(value, name)).flat_map(elements) {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

fn elements(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(elements).collect(),
        Value::Number(number) => vec![number.to_string()],
        // An expression of Terraform has spaces and commas of its own.
        Value::String(text) if is_one_word(text) || text.contains("${") => vec![text.clone()],
        Value::String(text) => text
            .trim_matches(['{', '}', '[', ']'])
            .split([',', ';', '\n', ' ', '|'])
            .map(|part| {
                part.trim_matches(['"', '\'', ' ']).trim_end_matches("...").trim_end_matches('…').to_owned()
            })
            .filter(|part| !part.is_empty())
            .collect(),
        _ => Vec::new(),
    }
}

/// True for what [`elements`] would leave as it is, as most texts are.
fn is_one_word(text: &str) -> bool {
    text.ends_with(|c: char| c.is_ascii_alphanumeric())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"./:-_".contains(&b))
}

/// A key as part of a JSON pointer.
pub(super) fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Words of the evidence for some fields of an object, as they stand in it.
pub(super) fn words(value: &Value, names: &[&str]) -> String {
    const SHOWN_MAX: usize = 160;
    let mut shown = String::new();
    for name in names {
        let Some((_, key, found)) = locate(value, name) else { continue };
        if !shown.is_empty() {
            shown.push_str(", ");
        }
        shown.push_str(key);
        shown.push_str(": ");
        let start = shown.len();
        // Writing to a string does not fail.
        let _ = write!(shown, "{found}");
        if shown.len() - start > SHOWN_MAX {
            let cut = shown[start..].char_indices().nth(SHOWN_MAX).map_or(shown.len(), |(at, _)| start + at);
            shown.truncate(cut);
            shown.push('…');
        }
    }
    shown
}
