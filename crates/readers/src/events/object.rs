//! Records as objects: Get-WinEvent and Get-EventLog through Format-List, Export-Csv or ConvertTo-Json, and the flat
//! forms of collectors (NXLog, Winlogbeat, EvtxECmd, Splunk).

use model::Place;

use super::raw::{Raw, Taken, Words};
use super::{info, provider};
use crate::documents::{Field, Object, Shape};
use crate::out::Out;

/// Names of the fields, in the order in which they are tried; nested names are dotted.
struct Names {
    id: &'static [&'static str],
    provider: &'static [&'static str],
    log: &'static [&'static str],
    level: &'static [&'static str],
    computer: &'static [&'static str],
    time: &'static [&'static str],
    record: &'static [&'static str],
    /// Data strings, which are the same in every language; tried before the message.
    data: &'static [&'static str],
    message: &'static [&'static str],
}

const NAMES: Names = Names {
    id: &[
        "Event.System.EventID.#text",
        "Event.System.EventID",
        "System.EventID.#text",
        "System.EventID",
        "winlog.event_id",
        "system.eventID",
        "EventID",
        "EventId",
        "Event ID",
        "Event_ID",
        "event_id",
        "EventCode",
        "event.code",
        "EventIdentifier",
        "EventRecord.EventID",
        "Id",
        "InstanceId",
    ],
    provider: &[
        "Event.System.Provider.#attributes.Name",
        "Event.System.Provider_attributes.Name",
        "Event.System.Provider.@Name",
        "Event.System.Provider.Name",
        "System.Provider.#attributes.Name",
        "System.Provider_attributes.Name",
        "System.Provider.Name",
        "winlog.provider_name",
        "system.providerName",
        "event.provider",
        "ProviderName",
        "Provider",
        "provider_name",
        "SourceName",
        "EventSource",
        "EventSourceName",
        "source_name",
        "Source",
    ],
    log: &[
        "Event.System.Channel",
        "System.Channel",
        "winlog.channel",
        "system.channel",
        "LogName",
        "ContainerLog",
        "Channel",
        "Logfile",
        "log_name",
        "log",
    ],
    level: &[
        "LevelDisplayName",
        "EntryType",
        "log.level",
        "Event.RenderingInfo.Level",
        "Severity",
        "Event.System.Level",
        "System.Level",
        "system.severityValue",
        "Level",
        "Type",
    ],
    computer: &[
        "Event.System.Computer",
        "System.Computer",
        "winlog.computer_name",
        "system.computer",
        "MachineName",
        "ComputerName",
        "Computer",
        "Hostname",
        "host.name",
        "agent.hostname",
    ],
    time: &[
        "Event.System.TimeCreated.#attributes.SystemTime",
        "Event.System.TimeCreated_attributes.SystemTime",
        "Event.System.TimeCreated.@SystemTime",
        "Event.System.TimeCreated.SystemTime",
        "System.TimeCreated.#attributes.SystemTime",
        "System.TimeCreated_attributes.SystemTime",
        "System.TimeCreated.SystemTime",
        "system.systemTime",
        "TimeCreated",
        "TimeCreated.value",
        "TimeCreated.DateTime",
        "TimeGenerated",
        "TimeGenerated.value",
        "TimeGenerated.DateTime",
        "TimeWritten",
        "EventTime",
        "event.created",
        "@timestamp",
        "Timestamp",
        "Date and Time",
        "Date",
        "Time",
        "_time",
    ],
    record: &[
        "Event.System.EventRecordID",
        "System.EventRecordID",
        "winlog.record_id",
        "system.eventRecordID",
        "RecordId",
        "EventRecordId",
        "EventRecordID",
        "RecordNumber",
        "record_id",
        "Index",
    ],
    data: &[
        "Properties",
        "ReplacementStrings",
        "InsertionStrings",
        "Event.EventData.Data.#text",
        "Event.EventData.Data",
        "EventData.Data.#text",
        "EventData.Data",
        "EventData",
        "Payload",
    ],
    message: &[
        "Message",
        "message",
        "system.message",
        "Event.RenderingInfo.Message",
        "Description",
        "FullMessage",
        "Details",
        "_raw",
    ],
};

/// Prefixes of data strings that have names of their own (`winlog.event_data.param1`).
const DATA_PREFIXES: [&str; 3] = ["winlog.event_data.", "Event.EventData.", "event_data."];

/// Reads an object if it is a record.
pub(super) fn read(object: &Object, out: &mut Out) -> bool {
    read_with(object, None, out) != Taken::No
}

/// Reads an object whose provider may stand outside of it, as in the heading above a table.
pub(super) fn read_with(object: &Object, heading: Option<&Words>, out: &mut Out) -> Taken {
    let Some(mut raw) = raw_of(object) else { return Taken::No };
    if raw.provider.is_none() {
        raw.provider = heading.cloned();
    }
    raw.finish(out)
}

fn raw_of(object: &Object) -> Option<Raw> {
    let mut raw = Raw::at(object.place.clone());
    let words = |names: &[&str]| {
        let field =
            names.iter().find_map(|name| object.field(name).filter(|f| !f.value.trim().is_empty()))?;
        Some(Words::new(&field.name, &field.value, field.place.clone()))
    };
    raw.id = words(NAMES.id);
    raw.provider = words(NAMES.provider);
    raw.log = words(NAMES.log);
    raw.level = words(NAMES.level);
    raw.computer = words(NAMES.computer);
    raw.time = words(NAMES.time);
    raw.record = words(NAMES.record);
    add_lines(object, &mut raw);
    let known = match raw.event_id() {
        Some(_) => {
            raw.provider.is_some() || raw.time.is_some() || raw.level.is_some() || !raw.lines.is_empty()
        }
        None if raw.id.is_some() => false,
        None => only_a_message(object),
    };
    known.then_some(raw)
}

/// `Get-WinEvent ... | Format-List Message` leaves nothing but the text.
fn only_a_message(object: &Object) -> bool {
    object.get("Message").is_some_and(|text| {
        text.lines().any(|line| info::find(line).is_some())
            || text.contains("hr=0x") && text.contains("RuleId=")
            || object
                .first(NAMES.provider)
                .is_some_and(|name| provider::origin(name) == provider::Origin::Licensing)
    })
}

fn add_lines(object: &Object, raw: &mut Raw) {
    let add = |raw: &mut Raw, field: &Field| {
        raw.add_text(&field.value, &field.place, object.shape == Shape::List);
    };
    for name in NAMES.data {
        if let Some(field) = object.field(name).filter(|field| tells_something(&field.value)) {
            match field.value.trim().strip_prefix('{').and_then(|v| v.strip_suffix('}')) {
                // Format-List prints the elements of an array in braces.
                Some(inner) if object.shape == Shape::List => {
                    raw.add_text(inner, &field.place, true);
                }
                _ => add(raw, field),
            }
            break;
        }
    }
    if raw.lines.is_empty() {
        let named = |field: &&Field| DATA_PREFIXES.iter().any(|prefix| field.name.starts_with(prefix));
        for field in object.fields.iter().filter(named).filter(|field| tells_something(&field.value)) {
            add(raw, field);
        }
    }
    // The data strings are not always the whole story: some tools keep only the message.
    let has_list = raw.lines.iter().any(|line| info::start(&line.text).is_some());
    if !has_list {
        let field =
            NAMES.message.iter().find_map(|name| object.field(name).filter(|f| !f.value.trim().is_empty()));
        if let Some(field) = field {
            let data = std::mem::take(&mut raw.lines);
            add(raw, field);
            if raw.lines.iter().all(|line| line.text.is_empty()) || field.value.trim_end().ends_with("...") {
                raw.lines.extend(data);
            }
        }
    }
}

/// False for the type names that PowerShell prints for arrays it does not unfold.
fn tells_something(value: &str) -> bool {
    let value = value.trim();
    !value.is_empty()
        && value != "{}"
        && !value.contains("System.Diagnostics.")
        && !value.starts_with("System.String[]")
}

/// A place for the elements of a JSON document.
pub(super) fn pointer(parent: &str, key: &str) -> String {
    format!("{parent}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// True for an object that a JSON reader should hand over: it has an event id and a second mark of a record.
pub(super) fn is_record(object: &Object) -> bool {
    raw_of(object).is_some_and(|raw| raw.event_id().is_some())
}

/// The line or pointer of an object, for notes.
pub(super) fn place_of(object: &Object) -> Place {
    object.place.clone()
}

#[cfg(test)]
mod tests;
