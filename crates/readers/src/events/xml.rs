//! Event XML: wevtutil's output, Event Viewer's "Details / XML View", exports with or without a root element.
//!
//! Each `<Event>` is cut out and read on its own, so that a damaged one costs no other.
//! Pastes put tree marks ("- ") in front of tags and placeholders in angle brackets into the data; both are tolerated.

use model::Place;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event as Token};

use super::notes;
use super::raw::{Raw, Taken, Words};
use crate::out::Out;
use crate::text::Text;

/// Longest record that is read; real ones have at most 64 KiB.
const EVENT_BYTES_MAX: usize = 1 << 20;

/// Reads the XML events that begin at a line.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    if !begins_events(line) {
        return None;
    }
    let original = text.original_from(at);
    if original.trim_start_matches(is_in_front).starts_with('<') {
        return Some(read_document(text, at, original, out));
    }
    // Quoted with ">" or written with entities: the cleaned lines hold the XML.
    let mut cleaned = String::new();
    let mut index = at;
    while index < text.len() && cleaned.len() < EVENT_BYTES_MAX {
        cleaned.push_str(text.at(index));
        cleaned.push('\n');
        index += 1;
        if ends_event(text.at(index - 1)) && !begins_events(text.at(text.skip_blank(index))) {
            break;
        }
    }
    let mut rest = cleaned.as_str();
    while let Some((event, next)) = next_event(rest) {
        read_event(event, &text.place(at), out);
        rest = &rest[next..];
    }
    Some(index)
}

fn is_in_front(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '+' | '\u{feff}')
}

/// True for a line that begins with `<Event ...>`, `<Events>` or the XML declaration of such a document.
fn begins_events(line: &str) -> bool {
    let line = line.trim_start_matches(is_in_front);
    if line.starts_with("<?xml") {
        let rest = line.split_once("?>").map_or("", |(_, rest)| rest).trim_start();
        return rest.is_empty() || begins_events(rest);
    }
    ["<Event>", "<Event ", "<Events>", "<Events ", "<Events/>"].iter().any(|tag| line.starts_with(tag))
        || line == "<Event"
        || line == "<QueryList>"
}

fn ends_event(line: &str) -> bool {
    line.contains("</Event>") || line.contains("</Events>")
}

/// Reads all events from a line on; returns the index behind the last.
fn read_document(text: &Text<'_>, at: usize, original: &str, out: &mut Out) -> usize {
    let mut position = 0;
    let mut next_line = at + 1;
    while let Some((event, length)) = next_event(&original[position..]) {
        let start = position + original[position..].find("<Event").unwrap_or(0);
        let line = if start == 0 { at } else { text.line_after(at, start + 1).saturating_sub(1).max(at) };
        read_event(event, &text.place(line), out);
        position += length;
        next_line = text.line_after(at, position);
    }
    // A line that closes the root belongs to the document; so do declarations without events.
    while next_line < text.len() {
        let line = text.at(next_line).trim();
        if !(line.is_empty() || line.starts_with("</Events") || line.starts_with("<Events")) {
            break;
        }
        next_line += 1;
    }
    next_line
}

/// The next `<Event>` if only markup of the document stands before it, and the length up to its end.
fn next_event(rest: &str) -> Option<(&str, usize)> {
    let mut start = 0;
    loop {
        let gap = rest[start..].len() - rest[start..].trim_start_matches(is_in_front).len();
        start += gap;
        let here = &rest[start..];
        if here.starts_with("<Event>")
            || here.starts_with("<Event ")
            || here.starts_with("<Event\n")
            || here.starts_with("<Event\r")
        {
            break;
        }
        let skipped = [
            "<?xml",
            "<!--",
            "<Events",
            "</Events",
            "<ResultSet",
            "<Query",
            "</Query",
            "<Select",
            "</Select",
        ]
        .iter()
        .any(|tag| here.starts_with(tag));
        if !skipped {
            return None;
        }
        start += here.find('>')? + 1;
    }
    let body = &rest[start..];
    let limit = floor_boundary(body, EVENT_BYTES_MAX);
    let own_end =
        memchr::memmem::find(&body.as_bytes()[..limit], b"</Event>").map(|at| at + "</Event>".len());
    let next_start = memchr::memmem::find(&body.as_bytes()[1..limit.max(1)], b"<Event ").map(|at| at + 1);
    let end = match (own_end, next_start) {
        (Some(end), Some(next)) => end.min(next),
        (Some(end), None) => end,
        (None, Some(next)) => next,
        (None, None) => limit,
    };
    Some((&body[..end], start + end))
}

fn floor_boundary(text: &str, max: usize) -> usize {
    if text.len() <= max {
        return text.len();
    }
    (0..=max).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0)
}

/// Reads one `<Event>`; tells when its end is missing or it is nobody's.
fn read_event(xml: &str, place: &Place, out: &mut Out) {
    let raw = parse(xml, place);
    if !xml.ends_with("</Event>") {
        out.note("note-event-xml-cut", Vec::new(), place.clone());
    }
    if raw.finish(out) == Taken::No {
        notes::count_foreign("", place.clone(), out);
    }
}

/// The elements that lead to the current text.
#[derive(Default)]
struct Cursor {
    path: Vec<String>,
    text: String,
}

/// Deepest nesting that is followed; real records have five levels.
const DEPTH_MAX: usize = 32;

/// The record in the XML of one event, as far as it can be read.
pub(super) fn parse(xml: &str, place: &Place) -> Raw {
    let mut reader = Reader::from_str(xml);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut raw = Raw::at(place.clone());
    let mut cursor = Cursor::default();
    let mut message = None;
    while let Ok(token) = reader.read_event() {
        match token {
            Token::Start(tag) if holds_text(&cursor) => push_placeholder(&mut cursor, &tag),
            Token::Empty(tag) if holds_text(&cursor) => push_placeholder(&mut cursor, &tag),
            Token::Start(tag) => {
                open(&tag, place, &mut raw);
                if cursor.path.len() < DEPTH_MAX {
                    cursor.path.push(local_name(&tag));
                }
                cursor.text.clear();
            }
            Token::Empty(tag) => open(&tag, place, &mut raw),
            Token::Text(text) => cursor.text.push_str(&text),
            Token::CData(text) => cursor.text.push_str(&text),
            Token::GeneralRef(name) => push_reference(&mut cursor.text, &name),
            Token::End(tag) => {
                let name = tag.local_name().as_ref().to_owned();
                close(&mut cursor, &name, place, &mut raw, &mut message);
            }
            Token::Eof => break,
            _ => {}
        }
    }
    // The data strings are the same in every language; the message is used where there are none.
    if raw.lines.is_empty()
        && let Some(message) = message
    {
        raw.add_text(&message, place, false);
    }
    raw
}

fn local_name(tag: &BytesStart<'_>) -> String {
    tag.local_name().as_ref().to_owned()
}

/// True within elements that hold nothing but text.
fn holds_text(cursor: &Cursor) -> bool {
    cursor.path.last().is_some_and(|name| matches!(name.as_str(), "Data" | "Message" | "Computer"))
}

/// `<CMID>` in a data string is a placeholder, not an element.
fn push_placeholder(cursor: &mut Cursor, tag: &BytesStart<'_>) {
    cursor.text.push('<');
    cursor.text.push_str(tag);
    cursor.text.push('>');
}

fn push_reference(text: &mut String, name: &str) {
    let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    let found = match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix('#') {
            Some(hex) if hex.starts_with(['x', 'X']) => number(&hex[1..], 16),
            Some(decimal) => number(decimal, 10),
            None => None,
        },
    };
    text.push(found.unwrap_or('?'));
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(
        quick_xml::escape::unescape(&found.value)
            .map_or_else(|_| found.value.to_string(), |v| v.into_owned()),
    )
}

fn open(tag: &BytesStart<'_>, place: &Place, raw: &mut Raw) {
    match tag.local_name().as_ref() {
        "Provider" if raw.provider.is_none() => {
            let name = attribute(tag, "Name")
                .or_else(|| attribute(tag, "EventSourceName"))
                .or_else(|| attribute(tag, "Guid"));
            raw.provider = name.map(|name| Words::new("Provider", &name, place.clone()));
        }
        "TimeCreated" if raw.time.is_none() => {
            raw.time =
                attribute(tag, "SystemTime").map(|time| Words::new("TimeCreated", &time, place.clone()));
        }
        _ => {}
    }
}

fn close(cursor: &mut Cursor, name: &str, place: &Place, raw: &mut Raw, message: &mut Option<String>) {
    if holds_text(cursor) && cursor.path.last().is_none_or(|last| last != name) {
        return;
    }
    let rendering = cursor.path.iter().any(|element| element == "RenderingInfo");
    let text = std::mem::take(&mut cursor.text);
    let words = || Some(Words::new(name, &text, place.clone()));
    match name {
        "EventID" => raw.id = words(),
        // Level's number comes first; the rendered word replaces it.
        "Level" if rendering && text.trim().is_empty() => {}
        "Level" => raw.level = words(),
        "EventRecordID" => raw.record = words(),
        "Channel" if !rendering => raw.log = words(),
        "Computer" => raw.computer = words(),
        "Message" if rendering => *message = Some(text),
        "Data" => raw.add_text(&text, place, false),
        // Records of other providers name their data by elements.
        _ if cursor.path.iter().any(|element| element == "UserData") && !text.trim().is_empty() => {
            raw.add_text(&text, place, false);
        }
        _ => {}
    }
    if let Some(depth) = cursor.path.iter().rposition(|element| element == name) {
        cursor.path.truncate(depth);
    }
}

#[cfg(test)]
mod tests {
    use model::Event;

    use crate::events::tests::{events, events_and_notes};

    const SYSTEM: &str = "<System><Provider Name='Microsoft-Windows-Security-SPP' Guid='{E23B33B0-C8C9-472C-A5F9-F2BDFEA0F156}' \
        EventSourceName='Software Protection Platform Service'/><EventID Qualifiers='16384'>12288</EventID><Level>4</Level>\
        <TimeCreated SystemTime='2025-07-02T10:10:15.5405849Z'/><EventRecordID>4471</EventRecordID><Channel>Application</Channel>\
        <Computer>vm02.contoso.com</Computer><Security/></System>";
    const LIST: &str = "0x800706BA, 0x00000000, kms01.contoso.com:1688, f43fb0d8-a904-4ab3-9497-55151a6b1fb9, 2025/07/02 10:10, \
        1, 5, 0, ef6cfc9f-8c5d-44ac-9aad-de6a2ea0ae03, ";

    fn one(xml: &str) -> Event {
        let mut found = events(xml);
        assert_eq!(found.len(), 1, "{xml}");
        found.remove(0)
    }

    #[test]
    fn a_record_in_one_line() {
        let event = one(&format!(
            "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'>{SYSTEM}<EventData><Data>{LIST}</Data></EventData></Event>\n"
        ));
        assert_eq!((event.event_id, event.record), (Some(12288), Some(4471)));
        assert_eq!(event.computer.as_deref(), Some("vm02.contoso.com"));
        assert_eq!(event.level.as_deref(), Some("4"));
        assert_eq!(event.kms_machine.as_deref(), Some("kms01.contoso.com"));
        assert_eq!((event.license_status, event.min_count), (Some(5), None));
    }

    #[test]
    fn concatenated_wrapped_and_rendered() {
        let one = format!(
            "<Event>{SYSTEM}<EventData><Data>{LIST}</Data></EventData>\
            <RenderingInfo Culture='de-DE'><Message>Vom Client &amp; so.</Message><Level>Informationen</Level></RenderingInfo></Event>"
        );
        for xml in [
            format!("{one}{one}\n"),
            format!("{one}\n{one}\n"),
            format!("<?xml version=\"1.0\"?>\n<Events>\n{one}\n\n{one}</Events>\n"),
        ] {
            let found = events(&xml);
            assert_eq!(found.len(), 2, "{xml}");
            assert_eq!(found[1].level.as_deref(), Some("Informationen"));
        }
    }

    #[test]
    fn the_details_pane_with_tree_marks_and_placeholders() {
        let event = one(
            "- <Event xmlns=\"http://schemas.microsoft.com/win/2004/08/events/event\">\n- <System>\n  <Provider Name=\"Microsoft-Windows-Security-SPP\" />\n  \
             <EventID Qualifiers=\"16384\">12288</EventID>\n  <Computer><computer></Computer>\n  </System>\n- <EventData>\n  \
             <Data>0xC004F06C, 0x00000000, <KMS Host FQDN>:1688, <CMID>, 2010/09/29 17:52, 0, 2, 41760, 68531fb9-5511-4989-97be-d11a0f55633f, 5</Data>\n  </EventData>\n  </Event>\n",
        );
        assert_eq!(event.redacted, ["computer", "kms_machine", "cmid"]);
        assert_eq!((event.kms_port, event.min_count), (Some(1688), Some(5)));
    }

    #[test]
    fn quoted_in_a_mail_or_escaped_for_the_web() {
        let xml = format!("<Event>{SYSTEM}<EventData><Data>{LIST}</Data></EventData></Event>");
        let quoted: String = xml.replace("><", ">\n<").lines().map(|line| format!("> {line}\n")).collect();
        assert_eq!(one(&quoted).record, Some(4471));
        assert_eq!(one(&xml.replace('<', "&lt;").replace('>', "&gt;")).record, Some(4471));
    }

    #[test]
    fn a_cut_record_is_told_and_read_as_far_as_it_goes() {
        let xml = format!(
            "<Event>{SYSTEM}<EventData><Data>{LIST}</Data>\n<Event>{SYSTEM}<EventData><Data>{LIST}</Data></EventData></Event>"
        );
        let (found, notes) = events_and_notes(&xml.replace("<Event>", "<Event a='b'>"));
        assert_eq!(found.len(), 2);
        assert_eq!(notes, ["note-event-xml-cut"]);
    }

    #[test]
    fn shadow_copies_use_the_same_ids() {
        let xml = format!(
            "<Event>{}<EventData><Data>x</Data></EventData></Event>",
            SYSTEM.replace("Microsoft-Windows-Security-SPP", "VSS")
        );
        let (found, notes) = events_and_notes(&xml);
        assert_eq!((found.len(), notes.as_slice()), (0, ["note-events-other-sources"].as_slice()));
    }
}
