//! slmgr.vbs and ospp.vbs output in every display language.

mod attempt;
mod draft;
mod error_line;
mod expiration;
mod fields;
mod guess;
mod ini;
mod ospp;
mod product;
mod script_host;
mod values;

use std::sync::Arc;

use facts::labels::{self, Labels};

use crate::dispatch::ReadBlock;
use crate::out::Out;

pub(crate) use draft::Draft;
pub(crate) use fields::requests as count_requests;
pub use ini::labels_from_ini;
pub(crate) use values::{channel, host_port, without_colon_port};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[
    script_host::read,
    ini::read,
    ospp::read,
    product::read,
    expiration::read,
    attempt::read,
    error_line::read,
];

/// The texts to read with: the machine's own where its slmgr.ini was seen.
fn labels(out: &Out) -> Arc<Labels> {
    out.labels.clone().unwrap_or_else(|| labels::builtin().clone())
}

#[cfg(test)]
mod tests;
