//! Registry keys: their spelling, and which of them bear on activation.

use model::windows::RegistryValue;
use model::{Fact, Kind, Place, Quote};

use crate::out::Out;
use crate::text::is_placeholder;

/// Longest data that is kept, in bytes; activation has none that comes near.
const DATA_LENGTH_MAX: usize = 4096;

/// Parts of the keys that bear on activation, name resolution and time, in lower case.
const KEPT: [&str; 22] = [
    "softwareprotectionplatform",
    "software protection platform",
    "\\currentversion\\sl\\",
    "\\tcpip\\parameters",
    "\\tcpip6\\parameters",
    "\\dnscache\\parameters",
    "\\windows nt\\dnsclient",
    "\\w32time\\",
    "\\services\\w32time",
    "\\services\\sppsvc",
    "\\services\\osppsvc",
    "\\services\\slsvc",
    "\\services\\netlogon\\parameters",
    "\\setup\\oobe",
    "\\setup\\state",
    "\\computername\\",
    "\\internet settings",
    "\\windows\\currentversion\\oobe",
    "\\kmsclient",
    "\\windows nt\\currentversion\\software",
    "\\windows azure",
    "\\windowsazure",
];

/// A line that is a key and nothing else; the key with its hive.
pub(super) fn key_of(line: &str) -> Option<&str> {
    let hives = [
        "HKEY_LOCAL_MACHINE",
        "HKEY_CURRENT_USER",
        "HKEY_USERS",
        "HKEY_CLASSES_ROOT",
        "HKEY_CURRENT_CONFIG",
        "HKLM",
        "HKCU",
        "HKU",
        "HKCR",
    ];
    let hive = hives
        .iter()
        .find(|hive| line.get(..hive.len()).is_some_and(|head| head.eq_ignore_ascii_case(hive)))?;
    let rest = &line[hive.len()..];
    let is_key = (rest.is_empty() || rest.starts_with('\\') || rest.starts_with(":\\"))
        && !line.contains("  ")
        && !line.contains('\t')
        && !line.contains(" REG_");
    is_key.then_some(line)
}

/// True for a key whose values are told.
pub(super) fn is_kept(key: &str) -> bool {
    let key = format!("{}\\", key.to_lowercase().trim_end_matches('\\'));
    key.ends_with("\\windows nt\\currentversion\\") || KEPT.iter().any(|part| key.contains(part))
}

/// Values of other keys, told as one number.
#[derive(Debug, Default)]
pub(super) struct Skipped {
    values: usize,
    first: Option<(String, Place)>,
}

impl Skipped {
    /// Counts a value of a key.
    pub(super) fn add(&mut self, key: &str, place: Place) {
        self.values += 1;
        self.first.get_or_insert_with(|| (key.to_owned(), place));
    }

    /// Tells the number, if there is any.
    pub(super) fn tell(self, out: &mut Out) {
        if let Some((key, place)) = self.first {
            out.note("note-registry-skipped", vec![("count", self.values.to_string()), ("key", key)], place);
        }
    }
}

/// Adds a value; its data is read from the line that is quoted.
pub(super) fn push(out: &mut Out, mut value: RegistryValue, place: Place, line: &str) {
    if value.data.as_deref().is_some_and(is_placeholder) {
        value.data = None;
        value.redacted.push("data".to_owned());
    }
    if let Some(data) = value.data.as_mut().filter(|data| data.len() > DATA_LENGTH_MAX) {
        let end = (0..=DATA_LENGTH_MAX).rev().find(|&i| data.is_char_boundary(i)).unwrap_or(0);
        data.truncate(end);
    }
    let quotes =
        ["key", "name", "data", "missing"].map(|field| Quote::new(field, place.clone(), line)).to_vec();
    out.push(Kind::Registry, Fact::Registry(value), place, quotes);
}
