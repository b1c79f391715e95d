//! `Name : value` blocks as PowerShell's Format-List prints them, with values that go on in indented lines.

use super::object::{Field, Object, Shape};
use crate::text::Text;

/// Reads the object that begins at a line; returns it and the index behind it. Nothing if no list begins there.
///
/// A blank line ends an object, unless it stands inside a value that goes on (an event's message).
pub fn read_object(text: &Text<'_>, at: usize) -> Option<(Object, usize)> {
    let (first_name, _) = property(text, at)?;
    let column = value_column(text, at)?;
    let mut object = Object { fields: Vec::new(), place: text.place(at), shape: Shape::List };
    let mut index = at;
    while index < text.len() {
        if let Some((name, value)) =
            property(text, index).filter(|_| value_column(text, index) == Some(column))
        {
            // Format-List prints a blank line between objects; some pastes lose it.
            if index > at && name == first_name {
                break;
            }
            object.fields.push(Field { name, value, place: text.place(index) });
        } else if text.is_blank(index) {
            if !continues_after_blank(text, index, column) {
                break;
            }
            append(&mut object, "");
        } else if text.line(index).is_some_and(|line| line.indent >= column.min(8) && line.command.is_none())
        {
            append(&mut object, text.at(index));
        } else {
            break;
        }
        index += 1;
    }
    Some((object, index))
}

fn append(object: &mut Object, more: &str) {
    if let Some(last) = object.fields.last_mut() {
        last.value.push('\n');
        last.value.push_str(more);
    }
}

/// The name and value of a line `Name      : value`; a name is one to a few words and the colon stands alone.
fn property(text: &Text<'_>, at: usize) -> Option<(String, String)> {
    let line = text.line(at)?;
    if line.command.is_some() {
        return None;
    }
    let (name, value) = match line.text.split_once(" : ") {
        Some((name, value)) => (name, value),
        None => (line.text.strip_suffix(" :")?, ""),
    };
    let name = name.trim();
    let plain = |c: char| c.is_alphanumeric() || " _-.()/#[]%".contains(c);
    let is_name =
        !name.is_empty() && name.len() <= 64 && name.chars().all(plain) && name.split(' ').count() <= 4;
    is_name.then(|| (name.to_owned(), value.trim().to_owned()))
}

/// Column of the colon within the line, counted without the indentation of the whole block.
fn value_column(text: &Text<'_>, at: usize) -> Option<usize> {
    let line = text.line(at)?;
    line.text.find(" : ").or_else(|| line.text.strip_suffix(" :").map(str::len))
}

/// True when the line behind a run of blank lines is indented as far as a value.
fn continues_after_blank(text: &Text<'_>, blank: usize, column: usize) -> bool {
    let next = text.skip_blank(blank);
    next < text.len()
        && next - blank <= 3
        && property(text, next).is_none()
        && text.line(next).is_some_and(|line| line.indent > column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_objects_with_values_over_several_lines() {
        let original = "TimeCreated  : 5/7/2024 12:54:01 PM\nId           : 12289\nMessage      : The client has\n               \
                        Info:\n               0x0, 0x4000000\n\n\nTimeCreated  : 5/7/2024\n";
        let text = Text::new("t".into(), original, 1);
        let (object, next) = read_object(&text, 0).unwrap();
        assert_eq!(object.get("Message"), Some("The client has\nInfo:\n0x0, 0x4000000"));
        assert_eq!(object.get("id"), Some("12289"));
        assert_eq!(next, 5);
        let (second, _) = read_object(&text, 7).unwrap();
        assert_eq!(second.fields.len(), 1);
    }

    #[test]
    fn is_not_fooled_by_sentences() {
        let text = Text::new("t".into(), "License Status: Licensed\nError: 0xC004F074 The\n", 1);
        assert!(read_object(&text, 0).is_none() && read_object(&text, 1).is_none());
    }
}
