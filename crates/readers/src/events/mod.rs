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

#[cfg(test)]
mod tests;
