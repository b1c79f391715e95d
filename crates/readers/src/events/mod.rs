//! Records of the Application and Key Management Service logs in every export format.
//!
//! Each format's reader brings a record into one form ([`raw::Raw`]), and only there is it judged and understood:
//! whose record it is, which event, what its strings say.

mod bare;
mod details;
pub mod evtx;
pub mod info;
mod json;
mod key_value;
mod labels;
mod notes;
mod object;
mod provider;
mod provider_table;
mod raw;
mod viewer_csv;
mod viewer_text;
mod xml;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] =
    &[xml::read, viewer_text::read, provider_table::read, viewer_csv::read, key_value::read, bare::read];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[object::read];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[json::read];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[
    &["Id", "ProviderName"],
    &["Id", "TimeCreated"],
    &["Id", "Message"],
    &["Id", "LevelDisplayName"],
    &["EventID", "Source"],
    &["EventID", "SourceName"],
    &["EventID", "Message"],
    &["EventID", "TimeGenerated"],
    &["InstanceId", "Source"],
    &["InstanceId", "Message"],
    &["EventId", "Provider"],
    &["EventId", "Channel"],
    &["EventCode", "Message"],
    &["EventCode", "_raw"],
    &["winlog.event_id"],
    &["event.code"],
];

/// Makes a fact of a record that a line tells without its frame: its id, time, computer, and the list behind `Info:`.
/// The words are quoted as they stand.
pub(crate) fn push_told(
    id: &str,
    time: &str,
    computer: Option<&str>,
    info: &str,
    place: &model::Place,
    out: &mut crate::out::Out,
) -> bool {
    let words = |text: &str| Some(raw::Words::line(text, place.clone()));
    let mut raw = raw::Raw::at(place.clone());
    (raw.id, raw.time, raw.provider) = (words(id), words(time), words("Microsoft-Windows-Security-SPP"));
    raw.computer = computer.and_then(words);
    raw.lines.extend(words(info));
    raw.finish(out) == raw::Taken::Event
}

#[cfg(test)]
mod tests;
