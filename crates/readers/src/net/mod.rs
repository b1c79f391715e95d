//! ipconfig, ping, tracert and connection tests.

pub(crate) mod quotes;

use crate::dispatch::{ReadBlock, ReadJson, ReadObject};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[];
/// Readers of objects.
pub(crate) const OBJECTS: &[ReadObject] = &[];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[];
/// Column names by which a CSV header is known to be for these readers.
pub(crate) const CSV_HEADERS: &[&[&str]] = &[];
