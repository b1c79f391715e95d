//! ipconfig, ping, tracert and connection tests.

mod connect_words;
mod ipconfig;
mod ipconfig_words;
mod ping;
mod psping;
pub(crate) mod quotes;
mod test_net_connection;
mod tracert;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[ipconfig::read, psping::read, ping::read, tracert::read, test_net_connection::read];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[test_net_connection::read_row];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = test_net_connection::CSV_HEADERS;
