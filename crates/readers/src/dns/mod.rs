//! DNS answers, zone files and what DNS servers list.

mod dig;
mod dnscmd;
pub(crate) mod names;
mod nslookup;
mod nslookup_command;
mod nslookup_words;
mod record;
mod resolve_dns_name;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[nslookup::read, dig::read, resolve_dns_name::read, dnscmd::read];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[resolve_dns_name::read_row];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[resolve_dns_name::read_json];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = resolve_dns_name::CSV_HEADERS;
