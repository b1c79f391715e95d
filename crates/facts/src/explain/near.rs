//! What may have been meant when nothing is known under a text.

use super::query::Query;
use super::{Related, Subject};
use crate::tables::Tables;

/// Suggestions that are worth reading.
const MAX_SUGGESTIONS: usize = 8;

/// Shorter texts are near to everything.
const SHORTEST_TEXT: usize = 3;

/// Longer texts are no name, and comparing them would take time.
const LONGEST_TEXT: usize = 64;

/// A part of a name that is long enough to ask for all names that hold it.
const SHORTEST_PART: usize = 4;

/// The names that are near to the text, nearest first.
pub(super) fn suggestions(query: &Query, tables: &Tables) -> Vec<Related> {
    let typed = comparable(query.text());
    let length = typed.chars().count();
    if !(SHORTEST_TEXT..=LONGEST_TEXT).contains(&length) {
        return Vec::new();
    }
    let mut near: Vec<(Nearness, Related)> = Vec::new();
    for candidate in candidates(tables) {
        if !query.asks_for(candidate.subject) {
            continue;
        }
        let name = candidate.id.to_lowercase();
        let distance = strsim::damerau_levenshtein(&typed, &name);
        let is_part = length >= SHORTEST_PART && name.contains(&typed);
        if distance <= allowed(length) || is_part {
            near.push((Nearness::of(&typed, &name, distance), candidate));
        }
    }
    let nearest = near.iter().map(|(nearness, _)| nearness.distance).min().unwrap_or_default();
    // Codes differ by little: beside one that is one digit off, one that is two off is noise.
    near.retain(|(nearness, _)| !typed.starts_with("0x") || nearness.distance == nearest);
    near.sort_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.id.cmp(&b.1.id)));
    near.into_iter().take(MAX_SUGGESTIONS).map(|(_, candidate)| candidate).collect()
}

/// How near a name is; the smaller, the nearer.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Nearness {
    distance: usize,
    /// Two digits that changed places are the likeliest error.
    other_letters: bool,
    /// Errors are likelier at the end.
    differs_after: std::cmp::Reverse<usize>,
}

impl Nearness {
    fn of(typed: &str, name: &str, distance: usize) -> Nearness {
        let common = typed.chars().zip(name.chars()).take_while(|(a, b)| a == b).count();
        let other_letters = !same_letters(typed, name);
        Nearness { distance, other_letters, differs_after: std::cmp::Reverse(common) }
    }
}

fn allowed(length: usize) -> usize {
    match length {
        ..=5 => 1,
        6..=12 => 2,
        _ => 3,
    }
}

/// A bare run of hex digits is compared as a code, a stroke in front of an option is dropped.
fn comparable(text: &str) -> String {
    let text = text.trim_start_matches(['/', '-']).to_lowercase();
    let is_bare_code = text.len() > 6
        && text.bytes().all(|b| b.is_ascii_hexdigit())
        && !text.bytes().all(|b| b.is_ascii_digit());
    if is_bare_code { format!("0x{text}") } else { text.replace([' ', '_'], "-") }
}

fn same_letters(a: &str, b: &str) -> bool {
    let sorted = |text: &str| {
        let mut letters: Vec<char> = text.chars().collect();
        letters.sort_unstable();
        letters
    };
    sorted(a) == sorted(b)
}

fn candidates(tables: &Tables) -> Vec<Related> {
    let of = |subject, id: String, title: &str| Related { subject, id, title: title.to_string() };
    let mut all: Vec<Related> = Vec::new();
    all.extend(
        tables.error_codes.iter().map(|row| of(Subject::ErrorCode, row.code.to_string(), &row.meaning)),
    );
    all.extend(tables.events.iter().map(|row| of(Subject::Event, row.id.to_string(), &row.meaning)));
    all.extend(tables.causes.iter().map(|row| of(Subject::Rule, row.rule.clone(), &row.meaning)));
    all.extend(tables.causes.iter().map(|row| of(Subject::Cause, row.id.clone(), &row.meaning)));
    all.extend(
        tables.license_states.iter().map(|row| of(Subject::LicenseState, row.name.clone(), &row.meaning)),
    );
    for option in tables.commands.iter() {
        let subject = if option.script == "slmgr" { Subject::SlmgrOption } else { Subject::OsppOption };
        all.push(of(subject, option.name.clone(), &option.does));
    }
    all.extend(
        tables.registry.values().map(|row| of(Subject::RegistryValue, row.name.clone(), &row.meaning)),
    );
    all.extend(tables.registry.settings().map(|row| of(Subject::Setting, row.name.clone(), &row.meaning)));
    for flag in tables.status_flags.iter() {
        all.push(of(Subject::StatusFlags, flag.symbol.clone(), &flag.meaning));
    }
    for group in tables.host_keys.iter() {
        all.extend(group.channels.iter().map(|channel| of(Subject::HostKey, channel.clone(), &group.name)));
    }
    all
}
