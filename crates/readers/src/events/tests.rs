//! Reading texts as the product does, for the tests of this room.

use model::{Event, Fact, Observed};
use proptest::prelude::*;

use crate::{Limits, read_bytes};

/// The event facts of a text.
pub(super) fn facts(text: &str) -> Vec<Observed<Fact>> {
    let file = read_bytes("t.txt", text.as_bytes(), &Limits::default());
    file.facts
        .into_iter()
        .map(|evidence| evidence.fact)
        .filter(|fact| fact.value.as_event().is_some())
        .collect()
}

/// The events of a text.
pub(super) fn events(text: &str) -> Vec<Event> {
    facts(text).into_iter().filter_map(|fact| fact.value.as_event().cloned()).collect()
}

/// The events of a text, and the keys of its notes.
pub(super) fn events_and_notes(text: &str) -> (Vec<Event>, Vec<&'static str>) {
    let file = read_bytes("t.txt", text.as_bytes(), &Limits::default());
    (events(text), file.notes.iter().map(|note| note.key).collect())
}

/// Pieces that the readers look for, so that random texts get past their first checks.
const PIECES: [&str; 24] = [
    "Event ID: 12288\n",
    "Source: Microsoft-Windows-Security-SPP\n",
    "Log Name: Application\n",
    "Description:\n",
    "Event Xml:\n",
    "Event[0]:\n",
    "<Event>",
    "</Event>",
    "<System>",
    "<EventID>12290</EventID>",
    "<Data>",
    "</Data>",
    "&#x;",
    "0x0, 0x0, kms01:1688, ",
    "157f562f-c333-538d-986b-31a7a098dbbb, ",
    "2024/3/4 8:21, ",
    "0,25,",
    "\n",
    "Info:\n",
    "hr=0xC004F074;",
    "EventCode=12290\n",
    "LogName=x\n",
    "Level,Date and Time,Source,Event ID,Task Category\n",
    "{\"Id\": 12290, \"Message\": \"",
];

proptest! {
    #[test]
    fn texts_of_familiar_pieces_never_panic(
        pieces in proptest::collection::vec((0..PIECES.len(), "\\PC{0,12}"), 0..40)
    ) {
        let text: String = pieces.iter().map(|(n, other)| format!("{}{other}", PIECES[*n])).collect();
        let _ = facts(&text);
    }

    #[test]
    fn any_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_bytes("t.txt", &bytes, &Limits::default());
    }
}
