//! DNS answers, zone files and what DNS servers list.

mod client_cache;
mod dig;
mod dnscmd;
mod dynamic_update;
pub(crate) mod names;
mod nslookup;
mod nslookup_command;
mod nslookup_failure;
mod nslookup_lines;
mod nslookup_words;
mod private_zone;
mod record;
mod resolve_dns_name;
mod server_records;
#[cfg(test)]
mod testing;
mod zone_file;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[
    nslookup::read,
    dig::read,
    resolve_dns_name::read,
    dnscmd::read,
    server_records::read,
    client_cache::read,
    dynamic_update::read,
    zone_file::read,
];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[resolve_dns_name::read_row, server_records::read_row];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[resolve_dns_name::read_json, private_zone::read_json];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[
    resolve_dns_name::CSV_HEADERS[0],
    resolve_dns_name::CSV_HEADERS[1],
    server_records::CSV_HEADERS[0],
    server_records::CSV_HEADERS[1],
    server_records::CSV_HEADERS[2],
];
