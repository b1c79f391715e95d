//! One log record before it is understood: the System fields and the lines of its message, whatever the file format.

use model::{Event, Fact, Kind, Place, Quote, SharedText, Timestamp};

use super::provider::{self, Origin};
use super::{details, info, notes};
use crate::out::Out;

/// Words and where they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    /// The label that stood before them, if any.
    pub label: String,
    /// The words.
    pub text: String,
    /// Where.
    pub place: Place,
}

impl Words {
    /// A labelled value.
    pub fn new(label: &str, text: &str, place: Place) -> Words {
        Words { label: label.to_owned(), text: text.trim().to_owned(), place }
    }

    /// A line of a message.
    pub fn line(text: &str, place: Place) -> Words {
        Words::new("", text, place)
    }

    fn quote(&self, field: &'static str) -> Quote {
        let text =
            if self.label.is_empty() { self.text.clone() } else { format!("{}: {}", self.label, self.text) };
        Quote::new(field, self.place.clone(), &text)
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It is a fact now.
    Event,
    /// It is somebody else's and was counted.
    Foreign,
    /// Nothing tells that it is a record of the licensing service.
    No,
}

/// A record as found.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    /// Where it begins.
    pub place: Place,
    /// Event id.
    pub id: Option<Words>,
    /// Log.
    pub log: Option<Words>,
    /// Provider, or event source.
    pub provider: Option<Words>,
    /// Level.
    pub level: Option<Words>,
    /// Computer.
    pub computer: Option<Words>,
    /// Time.
    pub time: Option<Words>,
    /// Record number.
    pub record: Option<Words>,
    /// Lines of the message, or the data strings.
    pub lines: Vec<Words>,
}

/// Longest text of a record that is looked into; the status list of a 1003 can be longer.
const TEXT_BYTES_MAX: usize = 256 * 1024;

impl Raw {
    /// An empty record.
    pub fn at(place: Place) -> Raw {
        Raw {
            place,
            id: None,
            log: None,
            provider: None,
            level: None,
            computer: None,
            time: None,
            record: None,
            lines: Vec::new(),
        }
    }

    /// Adds the lines of a text; those after the first are counted on from its place when that is a line.
    pub fn add_text(&mut self, text: &str, place: &Place, count_lines: bool) {
        let mut bytes = 0;
        for (index, line) in text.lines().enumerate() {
            bytes += line.len();
            if bytes > TEXT_BYTES_MAX {
                break;
            }
            let place = match place {
                Place::Line(first) if count_lines => Place::Line(first.saturating_add(index as u32)),
                other => other.clone(),
            };
            self.lines.push(Words::line(line, place));
        }
    }

    /// The event id: a number, or an instance id whose upper half holds severity and facility.
    pub fn event_id(&self) -> Option<u32> {
        let number: i64 = self.id.as_ref()?.text.parse().ok()?;
        u32::try_from(number & 0xFFFF).ok()
    }

    fn text(&self) -> String {
        self.lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("\n")
    }

    fn origin(&self, text: &str) -> Origin {
        let named = self.provider.as_ref().map_or(Origin::Unknown, |name| provider::origin(&name.text));
        match named {
            Origin::Unknown => provider::origin_by_words(self.event_id(), text),
            known => known,
        }
    }

    /// Makes a fact of the record if it is the licensing service's.
    pub fn finish(self, out: &mut Out) -> Taken {
        let text = self.text();
        let origin = self.origin(&text);
        self.finish_as(origin, &text, out)
    }

    /// As [`Raw::finish`], for fragments that must say themselves whose they are: a stranger's is left to others.
    pub fn finish_by_words(self, out: &mut Out) -> Taken {
        let text = self.text();
        match provider::origin_by_words(self.event_id(), &text) {
            Origin::Licensing => self.finish_as(Origin::Licensing, &text, out),
            _ => Taken::No,
        }
    }

    fn finish_as(mut self, origin: Origin, text: &str, out: &mut Out) -> Taken {
        match origin {
            Origin::Licensing => {}
            Origin::Other => {
                let name = self.provider.as_ref().map_or("", |name| name.text.as_str());
                notes::count_foreign(name, self.place, out);
                return Taken::Foreign;
            }
            Origin::Unknown => return Taken::No,
        }
        let mut event = Event::default();
        let mut quotes = Vec::new();
        self.fill_system(&mut event, &mut quotes);
        self.fill_content(&mut event, text, &mut quotes, out);
        let place = event.record.map_or(self.place, Place::Record);
        out.push(Kind::Events, Fact::Event(Box::new(event)), place, quotes);
        Taken::Event
    }

    fn fill_system(&mut self, event: &mut Event, quotes: &mut Vec<Quote>) {
        event.event_id = self.event_id();
        if let Some(words) = &self.id {
            quotes.push(words.quote("event_id"));
        }
        let mut name = |field: &'static str, words: &Option<Words>, redacted: &mut Vec<String>| {
            let words = words.as_ref().filter(|words| !words.text.is_empty())?;
            if crate::text::is_placeholder(&words.text) {
                redacted.push(field.to_owned());
                return None;
            }
            quotes.push(words.quote(field));
            Some(words.text.clone())
        };
        event.log = name("log", &self.log, &mut event.redacted).map(SharedText::from);
        event.provider = name("provider", &self.provider, &mut event.redacted).map(SharedText::from);
        event.level = name("level", &self.level, &mut event.redacted).map(SharedText::from);
        event.computer = name("computer", &self.computer, &mut event.redacted).map(SharedText::from);
        event.time = name("time", &self.time, &mut event.redacted).map(|time| Timestamp::parse(&time));
        event.record = name("record", &self.record, &mut event.redacted).and_then(|n| n.parse().ok());
    }

    fn fill_content(&self, event: &mut Event, text: &str, quotes: &mut Vec<Quote>, out: &mut Out) {
        if self.fill_list(event, quotes, out) {
            return;
        }
        details::fill(event, text);
        self.quote_details(event, quotes);
    }

    /// Reads the list of the three KMS events from the lines.
    fn fill_list(&self, event: &mut Event, quotes: &mut Vec<Quote>, out: &mut Out) -> bool {
        if event.event_id.is_some_and(|id| !(12288..=12290).contains(&id)) {
            return false;
        }
        for (index, line) in self.lines.iter().enumerate() {
            let Some(start) = list_start(&line.text, event.event_id) else { continue };
            let mut list = line.text[start..].to_owned();
            for next in self.lines[index + 1..].iter().take(LIST_LINES_MAX) {
                if !join(&mut list, &next.text) {
                    break;
                }
            }
            let Some(reading) = info::read(&list, event.event_id, event) else { continue };
            event.event_id.get_or_insert(reading.shape.event_id());
            // One quote for all fields of the list, and for those that stand in the same line of an export.
            quotes.retain(|quote| quote.place != line.place);
            // A row of an export is quoted by its fields in their order, which are its own words.
            let is_row = quotes.is_empty() && line.place == self.place && event.record.is_some();
            if !is_row && reading.shape.fields().iter().any(|field| details::is_present(event, field)) {
                quotes.push(Quote::new(Quote::WHOLE, line.place.clone(), &list));
            }
            for (field, text) in reading.unreadable {
                let args = vec![("field", field.to_owned()), ("text", text)];
                out.note("note-event-field-unreadable", args, line.place.clone());
            }
            return true;
        }
        false
    }

    /// Quotes the line in which each detail's value stands.
    fn quote_details(&self, event: &Event, quotes: &mut Vec<Quote>) {
        for (field, value) in details::printed(event) {
            let lower = value.to_lowercase();
            if let Some(line) = self.lines.iter().find(|line| line.text.to_lowercase().contains(&lower)) {
                quotes.push(Quote::new(field, line.place.clone(), &line.text));
            }
        }
    }
}

/// Lines over which mail programs and narrow windows spread a list at most (one field per line, and a few cut).
const LIST_LINES_MAX: usize = 14;

/// Where the list begins in a line.
fn list_start(line: &str, id: Option<u32>) -> Option<usize> {
    if let Some(start) = info::start(line) {
        return Some(start);
    }
    id?;
    // A first field that was blanked out, with enough others behind it.
    let list = line.trim_start_matches(|c: char| !matches!(c, '<' | '[' | '*' | 'x'));
    (crate::text::is_placeholder(list.split(',').next().unwrap_or_default())
        && list.matches(',').count() >= 4)
        .then_some(line.len() - list.len())
}

/// Appends the next line to a list that was cut; false if the line is no continuation.
fn join(list: &mut String, next: &str) -> bool {
    let next = next.trim();
    if next.is_empty() || next.len() > 300 {
        return false;
    }
    let open = list.trim_end().ends_with(',');
    let last = list.rsplit(',').next().unwrap_or_default().trim();
    let fields = list.matches(',').count() + 1;
    let in_guid = !last.is_empty()
        && last.len() < 36
        && last.contains('-')
        && last.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    let in_date = last.len() <= 10 && last.matches(['/', '-', '.']).count() == 2 && !in_guid;
    let like_a_list =
        next.split(',').all(|token| token.trim().len() <= 100 && token.split_whitespace().count() <= 3)
            && !next.contains(" : ");
    if !like_a_list || fields > 10 {
        return false;
    }
    if in_guid && next.starts_with(|c: char| c.is_ascii_hexdigit() || c == '-') {
        list.push_str(next);
    } else if open && fields <= 10 || next.starts_with(',') || in_date && next.contains(':') {
        // A trailing comma may also end a complete list: what follows must look like a field.
        if open && !next.starts_with(|c: char| c.is_ascii_digit() || c == '<' || c == '[') && fields > 4 {
            return false;
        }
        list.push(' ');
        list.push_str(next);
    } else {
        return false;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joins_what_was_cut_and_nothing_else() {
        let mut list = "0x0, 0x0, kms01:1688, 31477f5a-a389-".to_owned();
        assert!(join(&mut list, "55ad-93e7-e6e06192deff, 2024/03/04"));
        assert!(join(&mut list, "11:00, 0, 2, 43100,"));
        assert!(join(&mut list, "2de67392-b7a7-462a-b1ca-108dd189f588, 25"));
        assert!(
            list.contains("31477f5a-a389-55ad-93e7-e6e06192deff, 2024/03/04 11:00, 0, 2, 43100, 2de67392")
        );
        assert!(!join(&mut list, "Event Xml:"));
        let mut whole = "0x0, 0x0, a:1, b, c, 1, 5, 0, 34e1ae55-27f8-4950-8877-7a03be5fb181, ".to_owned();
        assert!(!join(&mut whole, "Have a nice day"));
    }
}
