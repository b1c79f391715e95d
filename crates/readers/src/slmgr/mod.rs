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
use crate::text::Text;

pub(crate) use draft::Draft;
pub(crate) use fields::requests as count_requests;
pub(crate) use values::{channel, host_port, without_colon_port};

/// Readers of blocks of console text.
pub(crate) const BLOCKS: &[ReadBlock] = &[read];

const READERS: [ReadBlock; 7] = [
    script_host::read,
    ini::read,
    ospp::read,
    product::read,
    expiration::read,
    attempt::read,
    error_line::read,
];

fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    // Most lines of most files are none of these readers' business: one look-up decides that for all of them.
    let concerned = has_sign(text.at(at))
        || labels(out).find(text.at(at)).is_some()
        || expiration::other_heading(&labels(out), text, at).is_some();
    if !(concerned || guess::starts_block(text, at)) {
        return None;
    }
    READERS.iter().find_map(|read| read(text, at, out))
}

/// True for a line with something by which one of the readers knows a line that is in no table.
fn has_sign(line: &str) -> bool {
    const STARTS: [&str; 15] = [
        "---",
        "LICENSE ",
        "SKU ID",
        "PRODUCT ID",
        "REMAINING GRACE",
        "Last 5 ",
        "Installed product",
        "KMS machine",
        "<Product",
        "L_",
        "[",
        "OK",
        "Input Error",
        "CScript Error",
        "Usage: ",
    ];
    const PARTS: [&str; 9] =
        ["0x", "0X", "Windows", "Office ", "Microsoft ", ".vbs", "elevat", "phone.inf", "administrator"];
    let short = line.len() <= BUTTON_LENGTH_MAX && !line.is_empty();
    short
        || STARTS.iter().any(|start| line.starts_with(start))
        || PARTS.iter().any(|part| line.contains(part))
}

/// Buttons of message boxes are short words, in every language.
const BUTTON_LENGTH_MAX: usize = 8;

/// The texts to read with: the machine's own where its slmgr.ini was seen.
fn labels(out: &Out) -> Arc<Labels> {
    out.labels.clone().unwrap_or_else(|| labels::builtin().clone())
}

#[cfg(test)]
mod tests;
