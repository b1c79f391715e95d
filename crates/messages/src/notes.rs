//! The words of notes.

use model::Note;

use crate::catalogue::{Argument, Catalogue};

/// Longest value of an argument that goes into a note, in characters.
const ARGUMENT_MAX: usize = 256;

/// Largest number that Fluent shows exactly (it counts in `f64`).
const NUMBER_MAX: i64 = 1 << 53;

/// Puts the words of every note that has none yet.
pub fn fill_notes(notes: &mut [Note], catalogue: &Catalogue) {
    for note in notes.iter_mut().filter(|note| note.text.is_empty()) {
        let values: Vec<(&str, String)> = note.args.iter().map(|(name, text)| (*name, clip(text))).collect();
        let args: Vec<(&str, Argument<'_>)> =
            values.iter().map(|(name, text)| (*name, argument(text))).collect();
        note.text = catalogue.text(note.key, &args);
    }
}

/// A number only where it would be shown with the same digits: record `0012` stays text.
fn argument(text: &str) -> Argument<'_> {
    match text.parse::<i64>() {
        Ok(number) if number.to_string() == text && number.abs() <= NUMBER_MAX => Argument::Number(number),
        _ => Argument::Text(text),
    }
}

fn clip(text: &str) -> String {
    match text.char_indices().nth(ARGUMENT_MAX) {
        Some(_) => text.chars().take(ARGUMENT_MAX - 1).chain(['…']).collect(),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use model::Source;

    use super::*;
    use crate::Language;

    fn note(args: Vec<(&'static str, String)>) -> Note {
        Note::new("note-test", args, Source::line(&"dlv.txt".into(), 3))
    }

    #[test]
    fn fills_words_and_keeps_digits() {
        let text = "note-test = { $n ->\n [one] a line\n *[other] { $n } lines\n }: { $text }\n";
        let catalogue = Catalogue::with(Language::En, &[(Language::En, text)]).unwrap();
        let mut notes = [
            note(vec![("n", "1".into()), ("text", "0012".into())]),
            note(vec![("n", "12".into()), ("text", "9007199254740993".into())]),
            note(vec![("n", "2".into()), ("text", "x".repeat(10_000))]),
            Note { text: "said".into(), ..note(vec![]) },
        ];
        fill_notes(&mut notes, &catalogue);
        assert_eq!(notes[0].text, "a line: 0012");
        assert_eq!(notes[1].text, "12 lines: 9007199254740993");
        assert_eq!(notes[2].text.chars().count(), "2 lines: ".len() + ARGUMENT_MAX);
        assert_eq!(notes[3].text, "said");
    }
}
