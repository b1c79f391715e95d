//! Which reader gets which part of a text.
//!
//! The text is walked from the top. At each line every reader in turn may claim the block that begins there;
//! what nobody claims is told in notes, a run of lines in one note.

use model::Place;

use crate::documents::{self, Object, csv_rows, json, list, table};
use crate::out::Out;
use crate::text::Text;
use crate::{azure, dns, events, net, oslicense, slmgr, windows};

/// Reads the block that begins at a line. Returns the index behind it, or nothing if no such block begins there.
pub(crate) type ReadBlock = fn(&Text<'_>, usize, &mut Out) -> Option<usize>;

/// Reads one object (list entry, table row, CSV row or flat JSON object). False if it is not for this reader.
pub(crate) type ReadObject = fn(&Object, &mut Out) -> bool;

/// Reads a whole JSON value that is more than a list of flat objects. False if it is not for this reader.
/// The place is the line where the document begins; readers put JSON pointers into their sources.
pub(crate) type ReadJson = fn(&serde_json::Value, &Place, &mut Out) -> bool;

/// Block readers in the order in which they are asked: the more specific first lines come first.
const BLOCKS: &[&[ReadBlock]] = &[
    events::BLOCKS,
    dns::BLOCKS,
    net::BLOCKS,
    windows::BLOCKS,
    azure::BLOCKS,
    oslicense::BLOCKS,
    slmgr::BLOCKS,
];

const OBJECTS: &[&[ReadObject]] =
    &[events::OBJECTS, oslicense::OBJECTS, dns::OBJECTS, net::OBJECTS, windows::OBJECTS, azure::OBJECTS];

const JSON: &[&[ReadJson]] = &[events::JSON, oslicense::JSON, dns::JSON, windows::JSON, azure::JSON];

/// Reads a text from its first line to its last.
pub(crate) fn read_text(text: &Text<'_>, out: &mut Out) {
    let mut index = 0;
    let mut strange: Option<(usize, usize)> = None;
    while index < text.len() {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        let next = read_block(text, index, out);
        match next {
            Some(next) => {
                tell_strange(text, strange.take(), out);
                index = next.max(index + 1);
            }
            None if text.line(index).is_some_and(|line| line.command.is_some()) => {
                tell_strange(text, strange.take(), out);
                index += 1;
            }
            None => {
                strange = Some(strange.map_or((index, index), |(first, _)| (first, index)));
                index += 1;
            }
        }
    }
    tell_strange(text, strange, out);
}

fn read_block(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    read_json(text, at, out)
        .or_else(|| BLOCKS.iter().copied().flatten().find_map(|read| read(text, at, out)))
        .or_else(|| read_list(text, at, out))
        .or_else(|| read_table(text, at, out))
        .or_else(|| read_csv(text, at, out))
}

/// True when a reader took the object.
fn read_object(object: &Object, out: &mut Out) -> bool {
    OBJECTS.iter().copied().flatten().any(|read| read(object, out))
}

fn read_json(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (value, next) = match json::parse(text, at)? {
        json::Parsed::Value(value, next) => (value, next),
        json::Parsed::Broken { line, column, message } => {
            // Many things begin with a bracket; only what goes on like JSON is called broken.
            let looks_like_json =
                text.at(at).len() == 1 || text.at(at).contains("\":") || text.at(at).starts_with("{\"");
            if !looks_like_json {
                return None;
            }
            let args = vec![
                ("line", (line.max(1) - 1 + at + 1).to_string()),
                ("column", column.to_string()),
                ("message", message),
            ];
            out.note("note-json-broken", args, text.place(at));
            return Some(text.len());
        }
    };
    let place = text.place(at);
    let understood = JSON.iter().copied().flatten().any(|read| read(&value, &place, out)) || {
        let whole_file = text.skip_blank(0) == at && text.skip_blank(next) >= text.len();
        let mut any = false;
        for (pointer, inner) in json::objects(&value) {
            let place = if whole_file { Place::Pointer(pointer) } else { place.clone() };
            any |= read_object(&json::flatten(inner, place), out);
        }
        any
    };
    if !understood {
        out.note("note-json-unknown", Vec::new(), place);
    }
    Some(next)
}

fn read_list(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (object, next) = list::read_object(text, at)?;
    read_object(&object, out).then_some(next)
}

fn read_table(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (rows, next) = table::read_rows(text, at)?;
    let mut any = false;
    for row in &rows {
        any |= read_object(row, out);
    }
    any.then_some(next)
}

fn read_csv(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let names = csv_rows::header_names(text.at(at))?;
    // The header alone decides: a table whose first row nobody takes is left to the notes.
    if !known_header(&names) {
        return None;
    }
    csv_rows::read_rows(text, at, |row| {
        let place = row.place.clone();
        if !read_object(&row, out) {
            out.note("note-row-unknown", Vec::new(), place);
        }
    })
}

/// True when the column names are those of something that an object reader takes.
fn known_header(names: &[String]) -> bool {
    const HEADERS: &[&[&[&str]]] = &[
        events::CSV_HEADERS,
        oslicense::CSV_HEADERS,
        dns::CSV_HEADERS,
        net::CSV_HEADERS,
        windows::CSV_HEADERS,
        azure::CSV_HEADERS,
    ];
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    HEADERS.iter().copied().flatten().any(|wanted| wanted.iter().all(|name| has(name)))
}

fn tell_strange(text: &Text<'_>, lines: Option<(usize, usize)>, out: &mut Out) {
    let Some((first, last)) = lines else { return };
    let number = |index: usize| text.line(index).map_or(0, |line| line.number).to_string();
    let mut shown: String = text.at(first).chars().take(80).collect();
    if shown.len() < text.at(first).len() {
        shown.push('…');
    }
    let args = vec![("first", number(first)), ("last", number(last)), ("text", shown)];
    out.note("note-not-understood", args, text.place(first));
}

/// Lets areas hand whole objects to their own object readers, for shapes that only they know.
pub(crate) fn offer(object: &documents::Object, out: &mut Out) -> bool {
    read_object(object, out)
}
