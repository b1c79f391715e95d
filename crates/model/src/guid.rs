//! GUIDs as Windows prints them: CMIDs, activation ids, application ids.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A GUID that compares by value and prints in the letter case in which it was read.
///
/// Logs print the same CMID in upper and lower case; that is one machine, not two.
#[derive(Clone, Copy)]
pub struct Guid {
    value: Uuid,
    upper_case: bool,
}

impl Guid {
    /// The GUID with the given 128-bit value (most significant byte first), printed in lower case.
    pub const fn from_u128(value: u128) -> Guid {
        Guid { value: Uuid::from_u128(value), upper_case: false }
    }

    /// The GUID from its sixteen bytes in Windows memory order (first three parts little-endian).
    pub fn from_windows_bytes(bytes: [u8; 16]) -> Guid {
        Guid { value: Uuid::from_bytes_le(bytes), upper_case: false }
    }

    /// The 128-bit value, most significant byte first.
    pub fn as_u128(&self) -> u128 {
        self.value.as_u128()
    }

    /// The version of RFC 9562 that it says of itself: 4 for random ones, 8 for those that a vendor derives.
    pub fn version(&self) -> u8 {
        (self.as_u128() >> 76) as u8 & 0xF
    }

    /// True for the all-zero GUID, which some records carry in place of "none".
    pub fn is_nil(&self) -> bool {
        self.value.is_nil()
    }

    /// Reads exactly 8-4-4-4-12 hex digits, with or without braces; anything else is not a GUID.
    pub fn parse(text: &str) -> Option<Guid> {
        let text = text.trim();
        let text = text.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(text);
        if text.len() != 36 {
            return None;
        }
        let value = Uuid::try_parse(text).ok()?;
        let upper_case = text.bytes().any(|b| b.is_ascii_uppercase());
        Some(Guid { value, upper_case })
    }
}

impl FromStr for Guid {
    type Err = String;
    fn from_str(text: &str) -> Result<Guid, String> {
        Guid::parse(text).ok_or_else(|| format!("not a GUID: {text:?}"))
    }
}

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.upper_case { write!(f, "{:X}", self.value) } else { write!(f, "{:x}", self.value) }
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for Guid {
    fn eq(&self, other: &Guid) -> bool {
        self.value == other.value
    }
}

impl Eq for Guid {}

impl PartialOrd for Guid {
    fn partial_cmp(&self, other: &Guid) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Guid {
    fn cmp(&self, other: &Guid) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl Hash for Guid {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl Serialize for Guid {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Guid {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Guid, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_letter_case_and_compares_by_value() {
        let upper = Guid::parse("98EBFE73-2084-4C97-932C-C0CD1643BEA7").unwrap();
        let lower = Guid::parse("{98ebfe73-2084-4c97-932c-c0cd1643bea7}").unwrap();
        assert_eq!(upper, lower);
        assert_eq!(upper.to_string(), "98EBFE73-2084-4C97-932C-C0CD1643BEA7");
        assert_eq!(lower.to_string(), "98ebfe73-2084-4c97-932c-c0cd1643bea7");
    }

    #[test]
    fn refuses_what_is_not_a_whole_guid() {
        assert!(Guid::parse("<CMID>").is_none());
        assert!(Guid::parse("98EBFE732084-4C97-932C-C0CD1643BEA7").is_none());
        assert!(Guid::parse("98ebfe73-2084-4c97-932c-c0cd1643bea").is_none());
    }
}
