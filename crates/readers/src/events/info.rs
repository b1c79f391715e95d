//! The `Info:` list of the events 12288, 12289 and 12290: one comma-separated string with fields in a fixed order.
//!
//! The minimum count stands last in 12288 and second in 12290; 12289 has numbers where the others have names.
//! So the list tells by itself which of the three it is.
//! Order of the fields: <https://learn.microsoft.com/previous-versions/tn-archive/ff793440(v=technet.10)>, table 11.

use model::event::{REQUEST_PROCESSED, REQUEST_SENT, RESPONSE_PROCESSED};
use model::{Event, Guid, HexCode, SharedText, Timestamp};

use crate::text::is_placeholder;

/// Which of the three lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// 12288: a client sent a request.
    Request,
    /// 12289: a client processed a response.
    Response,
    /// 12290: a host processed a request.
    HostRequest,
}

impl Shape {
    /// The event id whose list has this shape.
    pub fn event_id(self) -> u32 {
        match self {
            Shape::Request => REQUEST_SENT,
            Shape::Response => RESPONSE_PROCESSED,
            Shape::HostRequest => REQUEST_PROCESSED,
        }
    }

    fn of_id(id: u32) -> Option<Shape> {
        match id {
            REQUEST_SENT => Some(Shape::Request),
            RESPONSE_PROCESSED => Some(Shape::Response),
            REQUEST_PROCESSED => Some(Shape::HostRequest),
            _ => None,
        }
    }

    /// The fields of the list in their order, by their names in the fact.
    pub fn fields(self) -> &'static [&'static str] {
        match self {
            Shape::Request => &[
                "hresult",
                "flags",
                "kms_machine",
                "cmid",
                "client_time",
                "vm_info",
                "license_status",
                "minutes_to_expiration",
                "activation_id",
                "min_count",
            ],
            Shape::Response => &[
                "hresult",
                "flags",
                "activated",
                UNUSED,
                "current_count",
                "activation_interval_min",
                "renewal_interval_min",
                "client_time",
            ],
            Shape::HostRequest => &[
                "hresult",
                "min_count",
                "client",
                "cmid",
                "client_time",
                "vm_info",
                "license_status",
                "minutes_to_expiration",
                "activation_id",
            ],
        }
    }
}

/// The fourth field of 12289, documented as unused.
const UNUSED: &str = "";

/// Most fields of any list.
const FIELDS_MAX: usize = 10;

/// Fewest fields by which a list is recognised when no event id stands beside it.
const FIELDS_MIN_BARE: usize = 6;

/// A list that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Which list it was.
    pub shape: Shape,
    /// Fields whose text is neither a value nor a placeholder.
    pub unreadable: Vec<(&'static str, String)>,
}

/// Reads a list into the fields of an event. Nothing if the text is no such list.
///
/// The event id, when known, helps with lists that are cut short; a list that plainly has another shape is read
/// by its shape.
pub fn read(list: &str, id: Option<u32>, event: &mut Event) -> Option<Reading> {
    let tokens = Tokens::split(list);
    let shape = recognise(&tokens, id)?;
    let mut unreadable = Vec::new();
    for (index, field) in shape.fields().iter().enumerate() {
        let Some(token) = tokens.get(index).filter(|token| !token.is_empty()) else { continue };
        if *field != UNUSED && !set(event, field, token) {
            if looks_blanked(token) {
                event.redacted.push((*field).to_owned());
            } else {
                unreadable.push((*field, token.to_owned()));
            }
        }
    }
    Some(Reading { shape, unreadable })
}

/// Writes the list of an event as Windows does; absent fields are empty. Nothing for other events.
pub fn render(event: &Event) -> Option<String> {
    let shape = Shape::of_id(event.event_id?)?;
    let fields: Vec<String> = shape.fields().iter().map(|field| render_field(event, field)).collect();
    Some(fields.join(if shape == Shape::HostRequest { "," } else { ", " }))
}

fn render_field(event: &Event, field: &str) -> String {
    fn text<T: ToString>(value: &Option<T>) -> String {
        value.as_ref().map(T::to_string).unwrap_or_default()
    }
    match field {
        "hresult" => text(&event.hresult),
        "flags" => text(&event.flags),
        "kms_machine" => match (&event.kms_machine, event.kms_port) {
            (Some(name), Some(port)) if name.contains(':') => format!("[{name}]:{port}"),
            (Some(name), Some(port)) => format!("{name}:{port}"),
            (name, _) => text(name),
        },
        "client" => text(&event.client),
        "cmid" => text(&event.cmid),
        "client_time" => text(&event.client_time),
        "vm_info" => text(&event.vm_info),
        "license_status" => text(&event.license_status),
        "minutes_to_expiration" => text(&event.minutes_to_expiration),
        "activation_id" => text(&event.activation_id),
        "min_count" => text(&event.min_count),
        "activated" => text(&event.activated),
        "current_count" => text(&event.current_count),
        "activation_interval_min" => text(&event.activation_interval_min),
        "renewal_interval_min" => text(&event.renewal_interval_min),
        _ => "0".to_owned(),
    }
}

/// The part of a line that is a list: from its first code on. Nothing if the line holds none.
pub(super) fn find(line: &str) -> Option<&str> {
    let start = start(line)?;
    let mut scratch = Event::default();
    read(&line[start..], None, &mut scratch).map(|_| &line[start..])
}

/// Where the code stands that is followed by a comma, as the first field of a list is.
pub(super) fn start(line: &str) -> Option<usize> {
    let mut from = 0;
    while let Some((_, range)) = HexCode::find(&line[from..]) {
        if line[from + range.end..].trim_start().starts_with(',') {
            return Some(from + range.start);
        }
        from += range.end;
    }
    None
}

struct Tokens<'a> {
    list: [&'a str; FIELDS_MAX],
    len: usize,
}

impl<'a> Tokens<'a> {
    fn split(list: &'a str) -> Tokens<'a> {
        let mut tokens = Tokens { list: [""; FIELDS_MAX], len: 0 };
        for token in list.split(',').take(FIELDS_MAX) {
            let edge = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '{' | '}' | '`' | '\0');
            tokens.list[tokens.len] = token.trim_matches(edge);
            tokens.len += 1;
        }
        let last = tokens.list[tokens.len - 1];
        let cut = last.ends_with("...") || last.ends_with('…');
        if cut && !is_placeholder(last) {
            tokens.list[tokens.len - 1] = "";
        }
        tokens
    }

    fn get(&self, index: usize) -> Option<&'a str> {
        self.list[..self.len].get(index).copied()
    }

    fn at(&self, index: usize) -> &'a str {
        self.get(index).unwrap_or_default()
    }
}

fn recognise(tokens: &Tokens<'_>, id: Option<u32>) -> Option<Shape> {
    let known = id.and_then(Shape::of_id);
    let first = tokens.at(0);
    let enough = if known.is_some() { 2 } else { FIELDS_MIN_BARE };
    if tokens.len < enough || !(code(first).is_some() || known.is_some() && looks_blanked(first)) {
        return None;
    }
    let shape = by_second(tokens, known)?;
    let fits = match shape {
        Shape::Response => known.is_some() || (2..7).all(|i| is_number(tokens.at(i))),
        Shape::Request | Shape::HostRequest => {
            let cmid = tokens.at(3);
            known.is_some() || Guid::parse(cmid).is_some() || looks_blanked(cmid)
        }
    };
    fits.then_some(shape)
}

/// A second code makes it a client's event, a number the host's.
fn by_second(tokens: &Tokens<'_>, known: Option<Shape>) -> Option<Shape> {
    let (second, third) = (tokens.at(1), tokens.at(2));
    let client = || if is_number(third) { Shape::Response } else { Shape::Request };
    if HexCode::parse(second).is_some() {
        return Some(client());
    }
    if is_number(second) {
        let names_a_port = host_and_port(third).is_some_and(|(_, port)| port.is_some());
        return Some(if names_a_port || is_number(third) { client() } else { Shape::HostRequest });
    }
    known.or(match tokens.len {
        8 => Some(Shape::Response),
        9 => Some(Shape::HostRequest),
        10 => Some(Shape::Request),
        _ => None,
    })
}

/// Puts a token into its field; false if it is no value of that field.
fn set(event: &mut Event, field: &str, token: &str) -> bool {
    fn put<T>(slot: &mut Option<T>, value: Option<T>) -> bool {
        let read = value.is_some();
        if read {
            *slot = value;
        }
        read
    }
    // A paste can put other words behind the last field.
    let word = token.split_whitespace().next().unwrap_or_default();
    match field {
        "hresult" => put(&mut event.hresult, code(word)),
        "flags" => put(&mut event.flags, code(word)),
        "kms_machine" => set_host(event, token),
        "client" => put(&mut event.client, host_name(token).map(SharedText::from)),
        "cmid" => put(&mut event.cmid, Guid::parse(word)),
        "client_time" => put(&mut event.client_time, time(token)),
        "vm_info" => put(&mut event.vm_info, word.parse().ok()),
        "license_status" => put(&mut event.license_status, word.parse().ok()),
        "minutes_to_expiration" => put(&mut event.minutes_to_expiration, word.parse().ok()),
        "activation_id" => put(&mut event.activation_id, Guid::parse(word)),
        "min_count" => put(&mut event.min_count, word.parse().ok()),
        "activated" => put(&mut event.activated, word.parse().ok()),
        "current_count" => put(&mut event.current_count, word.parse().ok()),
        "activation_interval_min" => put(&mut event.activation_interval_min, word.parse().ok()),
        "renewal_interval_min" => put(&mut event.renewal_interval_min, word.parse().ok()),
        _ => true,
    }
}

fn set_host(event: &mut Event, token: &str) -> bool {
    let Some((host, port)) = host_and_port(token) else { return false };
    event.kms_port = port;
    event.kms_machine = host_name(host).map(SharedText::from);
    if event.kms_machine.is_none() && looks_blanked(host) {
        event.redacted.push("kms_machine".to_owned());
        return true;
    }
    event.kms_machine.is_some()
}

/// `host:port`, `[v6]:port`, `v6:port`, or a host alone.
fn host_and_port(token: &str) -> Option<(&str, Option<u16>)> {
    if token.is_empty() {
        return None;
    }
    if let Some((host, port)) = token.rsplit_once(':')
        && let Ok(port) = port.trim().parse()
    {
        let host = host.trim();
        let inner = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
        let inner = inner.filter(|inner| inner.parse::<std::net::Ipv6Addr>().is_ok());
        return Some((inner.unwrap_or(host), Some(port)));
    }
    Some((token, None))
}

/// A name or address as it stands; text with spaces or brackets is none.
fn host_name(token: &str) -> Option<String> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '%');
    let is_name = !token.is_empty()
        && token.len() <= 255
        && token.chars().all(plain)
        && token.chars().any(char::is_alphanumeric);
    (is_name && !is_placeholder(token)).then(|| token.to_owned())
}

fn time(token: &str) -> Option<Timestamp> {
    let time = Timestamp::parse(token);
    time.civil().is_some().then(|| time.in_utc())
}

/// A code in hex, or a negative decimal as some collectors store it.
fn code(token: &str) -> Option<HexCode> {
    HexCode::parse(token)
        .or_else(|| HexCode::from_decimal(token).filter(|code| code.value() == 0 || token.starts_with('-')))
}

fn is_number(token: &str) -> bool {
    !token.is_empty() && token.len() <= 10 && token.bytes().all(|b| b.is_ascii_digit())
}

/// True for placeholders, and for values of which a part was blanked out.
fn looks_blanked(token: &str) -> bool {
    is_placeholder(token)
        || token.contains(['*', '<', '█', '•'])
        || token.contains("xxx")
        || token.contains("XXX")
        // Dots in the groups of a GUID.
        || token.matches('-').count() == 4 && token.contains("...")
}

#[cfg(test)]
mod tests;
