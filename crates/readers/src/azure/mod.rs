//! Routes, security groups, resources and instance metadata of Azure.
//!
//! Whatever the shape (JSON of az, ARM or PowerShell, lists, tables, CSV), rows become JSON objects first,
//! and one walk over the document finds what it holds.

mod addresses;
mod commands;
mod document;
mod fields;
mod firewall_policy;
mod imds;
mod next_hop;
mod nsg;
mod resource;
mod resource_prose;
mod routes;
mod tabular;
mod template;
pub mod terraform;
#[cfg(test)]
mod tests;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[
    tabular::read_table,
    tabular::read_csv,
    tabular::read_list,
    terraform::read,
    commands::read,
    resource_prose::read,
    addresses::read,
];
/// Readers that are asked before those of connection tests: a failing metadata call looks like one.
pub(crate) const FIRST_BLOCKS: &[ReadBlock] = &[imds::read_lines];
/// Readers that are asked before JSON is parsed: an answer that means something only with the command above it.
pub(crate) const ANSWERS: &[ReadBlock] = &[next_hop::read];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[document::read];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[];
