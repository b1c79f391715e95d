//! One record: whose it is, and what it says.

use model::{Event, SharedText, Timestamp};

use super::binxml::{Cursor, KIND_BINXML, KIND_FILETIME, Name, Template, Token, Value, Values, text};
use crate::events::provider::{self, Origin};
use crate::events::{details, info};

/// Tokens of one record at most; a record of the licensing service has about 60.
const TOKENS_MAX: usize = 4096;

/// Templates within values of templates at most; real records have two levels.
const DEPTH_MAX: usize = 6;

/// Tokens in front of the provider's name at most; it is the first element of `System`.
const TOKENS_TO_PROVIDER_MAX: usize = 64;

/// Where a template says whose records it makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Somebody else's: no record of this template needs to be looked at.
    Other,
    /// The licensing service's.
    Licensing,
    /// The name is the value with this index.
    Value(usize),
    /// The template does not say.
    Unknown,
}

/// Finds the provider's name in a template, or in the elements of a record without one.
pub(super) fn owner(body: &mut Cursor<'_>, in_template: bool) -> Option<Owner> {
    let mut in_provider = false;
    let mut in_name = false;
    for _ in 0..TOKENS_TO_PROVIDER_MAX {
        match body.token(in_template)? {
            Token::Open(name) => in_provider = name.is("Provider"),
            Token::Attribute(name) => in_name = in_provider && name.is("Name"),
            Token::Text(name) if in_name => return Some(owner_by_name(name)),
            Token::Substitution(index) if in_name => return Some(Owner::Value(index)),
            Token::Close | Token::CloseStart if in_provider => return Some(Owner::Unknown),
            Token::End => return Some(Owner::Unknown),
            _ => {}
        }
    }
    Some(Owner::Unknown)
}

fn owner_by_name(utf16: &[u8]) -> Owner {
    if is_licensing(utf16) { Owner::Licensing } else { Owner::Other }
}

/// Shortest and longest name of a licensing provider, in bytes of UTF-16: `KmsRequests` and the user interface's.
const NAME_BYTES: std::ops::RangeInclusive<usize> = 20..=160;

/// Judges a name without allocating for the many that are not ours.
pub(super) fn is_licensing(utf16: &[u8]) -> bool {
    let may_be = NAME_BYTES.contains(&utf16.len())
        && matches!(utf16[0] | 0x20, b'm' | b's' | b'o' | b'k' | b'{')
        && utf16[1] == 0;
    // "Microsoft-Windows-Security-" is followed by SPP or Licensing; most other names part ways long before.
    may_be && differs_late(utf16) && provider::origin(&text(utf16)) == Origin::Licensing
}

/// False for "Microsoft-..." names that are not of the two security families of licensing.
fn differs_late(utf16: &[u8]) -> bool {
    let unit = |n: usize| utf16.get(n * 2).map_or(0, |b| b | 0x20);
    if unit(0) != b'm' {
        return true;
    }
    // microsoft-windows-security-{s,l}
    unit(18) == b's' && unit(20) == b'c' && matches!(unit(27), b's' | b'l')
}

/// The fields of a record that are wanted, as text and numbers.
#[derive(Debug, Default)]
struct Fields {
    provider: String,
    event_id: Option<u32>,
    level: Option<u64>,
    record: Option<u64>,
    time: Option<Timestamp>,
    log: String,
    computer: String,
    data: Vec<String>,
}

/// Elements whose content is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Provider,
    EventId,
    Level,
    TimeCreated,
    EventRecordId,
    Channel,
    Computer,
    /// `EventData` or `UserData`, and everything below.
    Data,
    Other,
}

impl Element {
    fn named(name: Name<'_>, parent: Option<Element>) -> Element {
        if parent == Some(Element::Data) || name.is("EventData") || name.is("UserData") {
            return Element::Data;
        }
        const NAMES: [(&str, Element); 7] = [
            ("Provider", Element::Provider),
            ("EventID", Element::EventId),
            ("Level", Element::Level),
            ("TimeCreated", Element::TimeCreated),
            ("EventRecordID", Element::EventRecordId),
            ("Channel", Element::Channel),
            ("Computer", Element::Computer),
        ];
        NAMES.iter().find(|(known, _)| name.is(known)).map_or(Element::Other, |(_, element)| *element)
    }
}

/// What the walk over a record has seen.
struct Walk {
    fields: Fields,
    open: Vec<Element>,
    /// The attribute whose value comes next: a wanted one, or any other.
    attribute: Option<bool>,
    tokens_left: usize,
}

/// Decodes a record of the licensing service. Nothing if its binary XML is damaged.
pub(super) fn decode(chunk: &[u8], start: usize, end: usize) -> Option<Decoded> {
    let mut walk =
        Walk { fields: Fields::default(), open: Vec::new(), attribute: None, tokens_left: TOKENS_MAX };
    walk.fragment(Cursor::new(chunk, start, end), false, Values::none(chunk), 0)?;
    walk.fields.event_id?;
    Some(event_of(walk.fields))
}

impl Walk {
    fn fragment(
        &mut self,
        mut at: Cursor<'_>,
        in_template: bool,
        values: Values<'_>,
        depth: usize,
    ) -> Option<()> {
        let depth_below = self.open.len();
        while at.pos < at.end {
            self.tokens_left = self.tokens_left.checked_sub(1)?;
            match at.token(in_template)? {
                Token::Open(name) => {
                    let element = Element::named(name, self.open.last().copied());
                    self.open.push(element);
                    self.attribute = None;
                }
                Token::Attribute(name) => self.attribute = Some(self.wants_attribute(name)),
                Token::CloseStart => self.attribute = None,
                Token::Close => {
                    self.attribute = None;
                    if self.open.len() > depth_below {
                        self.open.pop();
                    }
                }
                Token::Text(utf16) => self.value(&Value { kind: 0x01, start: 0, bytes: utf16 }),
                Token::Entity(name) => self.entity(&name.to_text()),
                Token::Substitution(index) => {
                    // A value that is missing is an empty optional one.
                    let Some(value) = values.get(index) else { continue };
                    if value.kind == KIND_BINXML {
                        if depth >= DEPTH_MAX {
                            return None;
                        }
                        let inner = Cursor::new(at.chunk, value.start, value.start + value.bytes.len());
                        self.fragment(inner, false, Values::none(at.chunk), depth + 1)?;
                    } else {
                        self.value(&value);
                    }
                }
                Token::Instance(definition) => {
                    if depth >= DEPTH_MAX {
                        return None;
                    }
                    let template = Template::at(at.chunk, definition)?;
                    let own = Values::read(&mut at, definition, &template)?;
                    at.pos = own.behind();
                    let body = Cursor::new(at.chunk, template.body, template.end);
                    self.fragment(body, true, own, depth + 1)?;
                }
                Token::End => break,
                Token::Nothing => {}
            }
        }
        self.open.truncate(depth_below);
        Some(())
    }

    fn wants_attribute(&self, name: Name<'_>) -> bool {
        match self.open.last() {
            Some(Element::Provider) => name.is("Name"),
            Some(Element::TimeCreated) => name.is("SystemTime"),
            _ => false,
        }
    }

    fn value(&mut self, value: &Value<'_>) {
        let fields = &mut self.fields;
        let element = self.open.last().copied();
        match (element, self.attribute) {
            (Some(Element::Provider), Some(true)) => value.strings(|text| fields.provider.push_str(&text)),
            (Some(Element::TimeCreated), Some(true)) => fields.time = time(value),
            (_, Some(_)) => {}
            (Some(Element::EventId), None) => {
                fields.event_id = value.unsigned().and_then(|id| u32::try_from(id & 0xFFFF).ok());
            }
            (Some(Element::Level), None) => fields.level = value.unsigned(),
            (Some(Element::EventRecordId), None) => fields.record = value.unsigned(),
            (Some(Element::Channel), None) => value.strings(|text| fields.log.push_str(&text)),
            (Some(Element::Computer), None) => value.strings(|text| fields.computer.push_str(&text)),
            (Some(Element::Data), None) => value.strings(|text| fields.data.push(text)),
            _ => {}
        }
    }

    /// `&amp;` and kin within literal text.
    fn entity(&mut self, name: &str) {
        let character = match name {
            "lt" => '<',
            "gt" => '>',
            "amp" => '&',
            "quot" => '"',
            "apos" => '\'',
            _ => return,
        };
        if let (Some(Element::Data), None, Some(last)) =
            (self.open.last(), self.attribute, self.fields.data.last_mut())
        {
            last.push(character);
        }
    }
}

/// Seconds between the epochs of Windows (1601) and Unix (1970).
const EPOCH_DIFFERENCE_SECONDS: i64 = 11_644_473_600;

/// Intervals of a FILETIME in a second.
const INTERVALS_PER_SECOND: u64 = 10_000_000;

fn time(value: &Value<'_>) -> Option<Timestamp> {
    if value.kind == KIND_FILETIME {
        return value.unsigned().and_then(time_of_intervals);
    }
    let mut found = None;
    value.strings(|text| found = Some(Timestamp::parse(&text)));
    found.filter(|time| !time.text().is_empty())
}

/// A FILETIME with its seven digits after the point, as event XML prints it.
pub(super) fn time_of_intervals(intervals: u64) -> Option<Timestamp> {
    let seconds = i64::try_from(intervals / INTERVALS_PER_SECOND).ok()? - EPOCH_DIFFERENCE_SECONDS;
    Timestamp::from_utc_intervals(seconds, (intervals % INTERVALS_PER_SECOND) as u32)
}

/// An event, and the fields of its list that could not be read.
pub(super) struct Decoded {
    pub event: Event,
    pub unreadable: Vec<(&'static str, String)>,
}

fn event_of(fields: Fields) -> Decoded {
    let some = |text: String| (!text.is_empty()).then(|| SharedText::from(text));
    let mut event = Event {
        event_id: fields.event_id,
        log: some(fields.log),
        provider: some(fields.provider),
        level: fields.level.map(|level| level.to_string().into()),
        computer: some(fields.computer),
        time: fields.time,
        record: fields.record,
        ..Event::default()
    };
    let mut unreadable = Vec::new();
    if event.event_id.is_some_and(|id| (12288..=12290).contains(&id)) {
        for text in &fields.data {
            let list = info::start(text).map_or(text.as_str(), |start| &text[start..]);
            if let Some(reading) = info::read(list, event.event_id, &mut event) {
                unreadable = reading.unreadable;
                return Decoded { event, unreadable };
            }
        }
    }
    details::fill(&mut event, &fields.data.join("\n"));
    Decoded { event, unreadable }
}
