//! Which reader gets which part of a text.
//!
//! The text is walked from the top. At each line every reader in turn may claim the block that begins there;
//! what nobody claims is told in notes, a run of lines in one note.

use model::Place;

use crate::documents::{self, Object, csv_rows, json, list, table};
use crate::foreign::Foreign;
use crate::out::Out;
use crate::pieces::line_ends;
use crate::text::Text;
use crate::{azure, dns, events, net, oslicense, own, slmgr, windows};

/// Reads the block that begins at a line. Returns the index behind it, or nothing if no such block begins there.
pub(crate) type ReadBlock = fn(&Text<'_>, usize, &mut Out) -> Option<usize>;

/// Reads one object (list entry, table row, CSV row or flat JSON object). False if it is not for this reader.
pub(crate) type ReadObject = fn(&Object, &mut Out) -> bool;

/// Reads a whole JSON value that is more than a list of flat objects. False if it is not for this reader.
/// The place is the line where the document begins; readers put JSON pointers into their sources.
pub(crate) type ReadJson = fn(&serde_json::Value, &Place, &mut Out) -> bool;

/// Block readers in the order in which they are asked: the more specific first lines come first.
const BLOCKS: &[&[ReadBlock]] = &[
    own::BLOCKS,
    events::BLOCKS,
    dns::BLOCKS,
    azure::FIRST_BLOCKS,
    net::BLOCKS,
    windows::BLOCKS,
    azure::BLOCKS,
    oslicense::BLOCKS,
    slmgr::BLOCKS,
];

const OBJECTS: &[&[ReadObject]] =
    &[events::OBJECTS, oslicense::OBJECTS, dns::OBJECTS, net::OBJECTS, windows::OBJECTS, azure::OBJECTS];

const JSON: &[&[ReadJson]] =
    &[own::JSON, events::JSON, oslicense::JSON, dns::JSON, windows::JSON, azure::JSON];

/// Reads a text that is one JSON document and nothing else, without making lines of it first: most of the work for a
/// long one. `first_line` is the number of its first line in the file. False if it is anything else.
pub(crate) fn read_document(original: &str, first_line: u32, out: &mut Out) -> bool {
    let document = original.trim_start();
    let Some(value) = json::parse_whole(document) else { return false };
    let above = line_ends(&original[..original.len() - document.len()]);
    let above = u32::try_from(above).unwrap_or(u32::MAX);
    read_json_value(Place::Line(first_line.saturating_add(above)), true, &value, out);
    true
}

/// Reads a text from its first line to its last.
pub(crate) fn read_text(text: &Text<'_>, out: &mut Out) {
    let mut walk = Walk::new(text);
    let mut index = 0;
    let mut strange: Option<(usize, usize)> = None;
    let mut foreign = Foreign::new();
    while index < text.len() {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        let claimed = if foreign.passes_over(text, index) { None } else { walk.read_block(index, out) };
        match claimed {
            Some(next) => {
                foreign.claimed();
                tell_strange(text, strange.take(), out);
                index = next.max(index + 1);
            }
            None if text.line(index).is_some_and(|line| line.command.is_some()) => {
                tell_strange(text, strange.take(), out);
                index += 1;
            }
            None => {
                foreign.unclaimed();
                if !is_ornament(text.at(index)) {
                    strange = Some(strange.map_or((index, index), |(first, _)| (first, index)));
                }
                index += 1;
            }
        }
    }
    tell_strange(text, strange, out);
}

/// The walk over one text, with what keeps it linear: no stretch is tried again and again in the same way.
struct Walk<'t, 'a> {
    text: &'t Text<'a>,
    /// Bytes that JSON documents may still be read in vain; then only lines are tried.
    json_budget: usize,
    /// The last line that a broken JSON document was told for.
    json_broken_line: Option<usize>,
    /// Until where lines are known to belong to a broken JSON document.
    json_debris_until: usize,
    /// How many broken documents may still be mended.
    mendings_left: usize,
    /// Until where a list has been read that no reader took.
    list_refused_until: usize,
    /// Until where a table has been read that no reader took.
    table_refused_until: usize,
}

/// How often a text may be read in vain by the JSON parser, in all.
const JSON_VAIN_READINGS: usize = 3;

/// How many broken JSON documents of one text are mended.
const JSON_MENDINGS: usize = 16;

impl<'t, 'a> Walk<'t, 'a> {
    fn new(text: &'t Text<'a>) -> Walk<'t, 'a> {
        let json_budget = text.original_from(0).len().saturating_mul(JSON_VAIN_READINGS).max(1 << 16);
        Walk {
            text,
            json_budget,
            json_broken_line: None,
            json_debris_until: 0,
            mendings_left: JSON_MENDINGS,
            list_refused_until: 0,
            table_refused_until: 0,
        }
    }

    fn read_block(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let mut answers = azure::ANSWERS.iter().copied();
        if let Some(next) = answers.find_map(|read| read(self.text, at, out)) {
            return Some(next);
        }
        // A line of marks alone begins nothing but JSON; long documents are full of such lines.
        if !self.text.at(at).chars().any(char::is_alphanumeric) {
            return self.read_json(at, out).or_else(|| self.read_debris(at));
        }
        self.read_json(at, out)
            .or_else(|| BLOCKS.iter().copied().flatten().find_map(|read| read(self.text, at, out)))
            .or_else(|| self.read_list(at, out))
            .or_else(|| self.read_table(at, out))
            .or_else(|| read_csv(self.text, at, out))
            .or_else(|| self.read_debris(at))
    }

    /// A line that is left over from a broken JSON document is not told of again.
    fn read_debris(&self, at: usize) -> Option<usize> {
        (at < self.json_debris_until && is_json_debris(self.text.at(at))).then_some(at + 1)
    }

    fn read_json(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        let text = self.text;
        if !text.at(at).starts_with(['{', '[']) {
            return None;
        }
        let parsed = if self.json_budget > 0 { json::parse(text, at) } else { json::parse_line(text, at) };
        match parsed? {
            json::Parsed::Value(value, next) => {
                let whole_file = text.skip_blank(0) == at && text.skip_blank(next) >= text.len();
                read_json_value(text.place(at), whole_file, &value, out);
                Some(next)
            }
            json::Parsed::Broken { line, column, message } => {
                let broken_at = text.index_of_line_behind(at, line);
                let cost = text.bytes_between(at, broken_at + 1);
                self.json_budget = self.json_budget.saturating_sub(cost.max(1));
                // Many things begin with a bracket; only what goes on like JSON is called broken.
                let first = text.at(at);
                if !(first.len() == 1 || first.contains("\":") || first.starts_with("{\"")) {
                    return None;
                }
                if self.json_broken_line != Some(broken_at) || at == broken_at {
                    let number = text.line(broken_at).map_or(0, |line| line.number);
                    let args = vec![
                        ("line", number.to_string()),
                        ("column", column.to_string()),
                        ("message", message),
                    ];
                    out.note("note-json-broken", args, text.place(at));
                    self.json_broken_line = Some(broken_at);
                }
                let debris_end = self.debris_end(at + 1);
                if let Some((value, lines)) = self.mended(at)
                    && json_value_is_read(text, at, &value, out)
                {
                    return Some(text.index_of_line_behind(at, lines) + 1);
                }
                // What is whole within it, or behind it, is read all the same.
                self.json_debris_until = debris_end;
                Some(at + 1)
            }
        }
    }

    /// The broken document with its gaps closed, when it stands at the outermost level. A few are tried.
    fn mended(&mut self, at: usize) -> Option<(serde_json::Value, usize)> {
        if at < self.json_debris_until || self.mendings_left == 0 {
            return None;
        }
        self.mendings_left -= 1;
        json::mended(self.text, at)
    }

    /// Behind the lines that look like parts of a JSON document.
    fn debris_end(&self, from: usize) -> usize {
        if from < self.json_debris_until {
            return self.json_debris_until;
        }
        let is_part = |&index: &usize| self.text.is_blank(index) || is_json_debris(self.text.at(index));
        (from..self.text.len()).find(|index| !is_part(index)).unwrap_or(self.text.len())
    }

    fn read_list(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        if at < self.list_refused_until {
            return None;
        }
        let (object, next) = list::read_object(self.text, at)?;
        if read_object(&object, out) {
            return Some(next);
        }
        self.list_refused_until = next;
        None
    }

    fn read_table(&mut self, at: usize, out: &mut Out) -> Option<usize> {
        if at < self.table_refused_until {
            return None;
        }
        let (rows, next) = table::read_rows(self.text, at)?;
        let mut any = false;
        for row in &rows {
            any |= read_object(row, out);
        }
        if any {
            return Some(next);
        }
        self.table_refused_until = next;
        None
    }
}

/// True for a line that can stand within a JSON document.
fn is_json_debris(line: &str) -> bool {
    line.starts_with(['"', '{', '}', '[', ']', ','])
        || line.starts_with(|c: char| c.is_ascii_digit() || c == '-') && line.ends_with([',', ']', '}'])
        || ["true", "false", "null"].contains(&line.trim_end_matches(','))
}

/// True for lines that nobody wants to be told about: rules, and the banners of consoles and script hosts.
fn is_ornament(line: &str) -> bool {
    let is_rule = line.len() <= 400 && line.chars().all(|c| "-=_*~+#.|─═ ".contains(c));
    is_rule
        || line.len() <= 200
            && (line.contains("Microsoft Corporation")
                || line.contains("Windows Script Host")
                || line.starts_with("Microsoft Windows ["))
}

/// Reads a mended document, whose parts have no pointers that could be trusted. False if no reader took it.
fn json_value_is_read(text: &Text<'_>, at: usize, value: &serde_json::Value, out: &mut Out) -> bool {
    let place = text.place(at);
    JSON.iter().copied().flatten().any(|read| read(value, &place, out)) || {
        let objects = json::objects(value);
        objects
            .into_iter()
            .fold(false, |any, (_, inner)| read_object(&json::flatten(inner, place.clone()), out) || any)
    }
}

fn read_json_value(place: Place, whole_file: bool, value: &serde_json::Value, out: &mut Out) {
    let understood = JSON.iter().copied().flatten().any(|read| read(value, &place, out)) || {
        let mut any = false;
        for (pointer, inner) in json::objects(value) {
            let place = if whole_file { Place::Pointer(pointer) } else { place.clone() };
            any |= read_object(&json::flatten(inner, place), out);
        }
        any
    };
    if !understood {
        out.note("note-json-unknown", Vec::new(), place);
    }
}

/// True when a reader took the object.
fn read_object(object: &Object, out: &mut Out) -> bool {
    OBJECTS.iter().copied().flatten().any(|read| read(object, out))
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
pub(crate) fn known_header(names: &[String]) -> bool {
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

#[cfg(test)]
mod tests {
    use model::Note;

    use super::*;
    use crate::limits::Limits;

    fn notes(original: &str) -> Vec<Note> {
        let text = Text::new("t".into(), original, 1);
        let mut out = Out::new("t".into(), &Limits::default());
        read_text(&text, &mut out);
        out.finish().1
    }

    fn told(original: &str) -> Vec<(String, &'static str)> {
        notes(original).iter().map(|note| (note.source.to_string(), note.key)).collect()
    }

    #[test]
    fn a_broken_line_of_json_lines_does_not_hide_the_others() {
        let told = told("{\"a\": 1}\n{\"a\": \n{\"a\": 3}\n{\"a\" 4}\n{\"a\": 5}\n");
        let keys: Vec<_> = told.iter().map(|(place, key)| (place.as_str(), *key)).collect();
        assert_eq!(
            keys,
            [
                ("t:1", "note-json-unknown"),
                ("t:2", "note-json-broken"),
                ("t:3", "note-json-unknown"),
                ("t:4", "note-json-broken"),
                ("t:5", "note-json-unknown"),
            ]
        );
    }

    #[test]
    fn the_whole_parts_of_a_document_cut_off_are_read() {
        let told = told("[\n  {\n    \"a\": 1\n  },\n  {\n    \"a\": 2,\n    \"b\n\nplain words\n");
        let keys: Vec<_> = told.iter().map(|(place, key)| (place.as_str(), *key)).collect();
        assert_eq!(
            keys,
            [("t:1", "note-json-broken"), ("t:2", "note-json-unknown"), ("t:9", "note-not-understood")]
        );
    }

    #[test]
    fn ten_thousand_open_brackets_end_soon() {
        // Enough lines that work which grows with their square would be felt, few enough for every test run.
        let mut lines = "[\n".repeat(10_000);
        lines.push_str(&"1,\n".repeat(10_000));
        assert!(!notes(&lines).is_empty());
        assert!(!notes(&"a : b\nc : d\n".repeat(5_000)).is_empty());
        assert!(!notes(&"a b\n-- --\n".repeat(5_000)).is_empty());
    }

    #[test]
    fn banners_and_rules_are_not_told() {
        let banner = "Microsoft (R) Windows Script Host Version 5.812\nCopyright (C) Microsoft Corporation. All rights \
                      reserved.\n\n---------------------------------------\n";
        assert!(notes(banner).is_empty());
        let told = notes("=====\nsome words\n\n=====\nmore words\n");
        assert_eq!((told.len(), told[0].args[1].1.as_str()), (1, "5"));
    }
}
