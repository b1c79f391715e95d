//! Lines of the log of `kmscope host run` and `kmscope client run`, as text, as JSON, or from the journal of systemd.

use model::network::{ConnectOutcome, ConnectionTest, Service};
use model::{Event, Fact, HexCode, Kind, Place, Quote, SharedText, Timestamp};
use serde_json::Value;

use crate::events;
use crate::out::Out;
use crate::text::Text;

/// What these logs tell of. A line that tells of anything else is of another program.
const HAPPENINGS: [&str; 32] = [
    "accept-failed",
    "activated",
    "bad-request",
    "chore-ended",
    "cluster-back",
    "cluster-lost",
    "event-not-kept",
    "events-not-kept",
    "journal-failed",
    "journal-unsafe",
    "journal-works",
    "kms-event",
    "needs-restart",
    "no-rpc",
    "not-activated",
    "not-allowed",
    "not-reloaded",
    "prune-failed",
    "publish-failed",
    "published",
    "reloaded",
    "revocations-taken",
    "root",
    "settings-changed",
    "started",
    "state-kept",
    "state-not-kept",
    "stopped",
    "too-many-connections",
    "too-many-requests",
    "windows-client",
    "wrong-interface",
];

const LEVELS: [&str; 3] = ["info", "warning", "error"];

/// Longest line that is looked at.
const LINE_BYTES_MAX: usize = 8192;

/// Details of a line that are looked at.
const DETAILS_MAX: usize = 32;

/// One line.
struct Happening<'a> {
    time: &'a str,
    name: &'a str,
    /// Where systemd says so.
    computer: Option<&'a str>,
    details: Vec<(String, String)>,
}

/// Reads one line of the text form.
pub(super) fn read_line(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    let happening = parse(line)?;
    push(&happening, line, &text.place(at), out);
    Some(at + 1)
}

/// Reads one line of the JSON form.
pub(super) fn read_json(value: &Value, place: &Place, out: &mut Out) -> bool {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let (Some(time), Some(level), Some(name), Some(all)) =
        (text("time"), text("level"), text("event"), value.as_object())
    else {
        return false;
    };
    if !(is_time(time) && LEVELS.contains(&level) && HAPPENINGS.contains(&name)) {
        return false;
    }
    let details = all.iter().take(DETAILS_MAX);
    let details = details.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())));
    let happening = Happening { time, name, computer: None, details: details.collect() };
    push(&happening, &value.to_string(), place, out);
    true
}

/// `2026-11-21T18:00:00Z warning windows-client address=192.0.2.7 problem="..."`
fn parse(line: &str) -> Option<Happening<'_>> {
    if line.len() > LINE_BYTES_MAX {
        return None;
    }
    let (computer, line) = behind_journal(line);
    let (time, rest) = line.split_once(' ')?;
    let (level, rest) = rest.split_once(' ')?;
    let (name, rest) = rest.split_once(' ').unwrap_or((rest, ""));
    let known = is_time(time) && LEVELS.contains(&level) && HAPPENINGS.contains(&name);
    known.then(|| Happening { time, name, computer, details: details(rest) })
}

/// What stands behind `Nov 21 18:45:24 kms01 kmscope[812]: `, and the name in it.
fn behind_journal(line: &str) -> (Option<&str>, &str) {
    let Some((head, rest)) = line.split_once("]: ") else { return (None, line) };
    let mut words = head.split_whitespace().rev();
    let program = words.next().is_some_and(|word| word.starts_with("kmscope") && word.contains('['));
    if program { (words.next(), rest) } else { (None, line) }
}

fn is_time(text: &str) -> bool {
    text.len() >= 20 && text.ends_with('Z') && Timestamp::parse(text).utc_seconds().is_some()
}

/// `a=b c="d e"`
fn details(mut rest: &str) -> Vec<(String, String)> {
    let mut details = Vec::new();
    while let (Some((name, after)), true) = (rest.split_once('='), details.len() < DETAILS_MAX) {
        let (value, behind) = match after.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let (value, behind) = after.split_once(' ').unwrap_or((after, ""));
                (value.to_owned(), behind)
            }
        };
        details.push((name.trim().to_owned(), value));
        rest = behind;
    }
    details
}

/// A value up to its closing quotation mark, with what was escaped, and what follows.
fn unquoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, escaped)| escaped)),
            c => value.push(c),
        }
    }
    (value, "")
}

fn push(happening: &Happening<'_>, line: &str, place: &Place, out: &mut Out) {
    let detail =
        |name: &str| happening.details.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str());
    let whole = || vec![Quote::new(Quote::WHOLE, place.clone(), line)];
    match happening.name {
        "kms-event" => {
            if let (Some(id), Some(info)) = (detail("id"), detail("info")) {
                events::push_told(id, happening.time, happening.computer, info, place, out);
            }
        }
        "windows-client" => {
            let test = ConnectionTest {
                tool: Some(ConnectionTest::BY_KMSCOPE_HOST.to_owned()),
                succeeded: Some(true),
                outcome: Some(ConnectOutcome::Open),
                service: Some(Service::KmscopeHost),
                wanted: Some(Service::Kms),
                source_address: detail("address").map(str::to_owned),
                ..ConnectionTest::default()
            };
            out.push(Kind::ConnectionTest, Fact::Connection(Box::new(test)), place.clone(), whole());
        }
        "publish-failed" | "published" => {
            let failed = happening.name == "publish-failed";
            let id =
                if failed { model::event::PUBLISHING_FAILED } else { model::event::PUBLISHING_SUCCEEDED };
            let event = Event {
                event_id: Some(id),
                provider: Some(SharedText::from(model::event::KMSCOPE_HOST)),
                computer: happening.computer.map(SharedText::from),
                time: Some(Timestamp::parse(happening.time)),
                hresult: detail("code").and_then(HexCode::parse),
                dns_domain: detail("domain").map(SharedText::from),
                ..Event::default()
            };
            out.push(Kind::Events, Fact::Event(Box::new(event)), place.clone(), whole());
        }
        _ => {}
    }
}
