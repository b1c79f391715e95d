//! Notes that count: one line for all the records that are not ours, however many there are.

use model::Place;

use crate::out::Out;

const FOREIGN: &str = "note-events-other-sources";

/// How many different sources the note names.
const SOURCES_NAMED_MAX: usize = 4;

/// Counts a record of another program in the file's one note about them.
pub(super) fn count_foreign(source: &str, place: Place, out: &mut Out) {
    let source = if source.is_empty() { "?" } else { source };
    let Some(note) = out.notes.iter_mut().find(|note| note.key == FOREIGN) else {
        let args = vec![("count", "1".to_owned()), ("sources", source.to_owned())];
        out.note(FOREIGN, args, place);
        return;
    };
    for (name, value) in &mut note.args {
        match *name {
            "count" => *value = (value.parse::<u64>().unwrap_or(0) + 1).to_string(),
            _ => add_source(value, source),
        }
    }
}

fn add_source(sources: &mut String, source: &str) {
    let known = sources.split(", ").any(|known| known == source);
    if !known && sources.split(", ").count() < SOURCES_NAMED_MAX {
        sources.push_str(", ");
        sources.push_str(source);
    }
}
