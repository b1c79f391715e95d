//! What kmscope's own hosts and clients tell: their status as JSON, and the lines of their logs.
//!
//! Their slmgr output and their events have Microsoft's shapes, and are read by the readers of those.

mod log;
mod status;
#[cfg(test)]
mod tests;

use crate::dispatch::{ReadBlock, ReadJson};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[log::read_line];
/// Readers of whole JSON values.
pub(crate) const JSON: &[ReadJson] = &[log::read_json, status::read];
