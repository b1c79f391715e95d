//! Result codes and status flags, printed as they were read.

use std::fmt;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A 32-bit code such as an HRESULT: compares by value, prints with the number of digits that was read.
///
/// Events print success as `0x0` and as `0x00000000`; both are the same code.
#[derive(Clone, Copy)]
pub struct HexCode {
    value: u32,
    digits: u8,
}

impl HexCode {
    /// The code in its usual form, `0x` and eight digits.
    pub const fn new(value: u32) -> HexCode {
        HexCode { value, digits: 8 }
    }

    /// The 32-bit value.
    pub const fn value(self) -> u32 {
        self.value
    }

    /// True for the severity bit of an HRESULT or NTSTATUS.
    pub const fn is_failure(self) -> bool {
        self.value & 0x8000_0000 != 0
    }

    /// Reads `0x` and one to eight hex digits, in any letter case; nothing may follow.
    pub fn parse(text: &str) -> Option<HexCode> {
        let digits = text.trim().strip_prefix("0x").or_else(|| text.trim().strip_prefix("0X"))?;
        if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let value = u32::from_str_radix(digits, 16).ok()?;
        Some(HexCode { value, digits: digits.len() as u8 })
    }

    /// The first code in running text, with the byte range where it stands.
    ///
    /// A run of more than eight digits is not a code.
    pub fn find(text: &str) -> Option<(HexCode, std::ops::Range<usize>)> {
        let bytes = text.as_bytes();
        let mut from = 0;
        while let Some(at) = find_prefix(bytes, from) {
            let digits = bytes[at + 2..].iter().take_while(|b| b.is_ascii_hexdigit()).count();
            if let Some(code) = HexCode::parse(&text[at..at + 2 + digits.min(9)]) {
                return Some((code, at..at + 2 + digits));
            }
            from = at + 2;
        }
        None
    }

    /// Reads a signed decimal as PowerShell and WMI print an HRESULT (`-1073418124`), or an unsigned one.
    pub fn from_decimal(text: &str) -> Option<HexCode> {
        let value: i64 = text.trim().parse().ok()?;
        if value < i64::from(i32::MIN) || value > i64::from(u32::MAX) {
            return None;
        }
        Some(HexCode::new(value as u32))
    }
}

fn find_prefix(bytes: &[u8], from: usize) -> Option<usize> {
    (from..bytes.len().saturating_sub(2)).find(|&i| bytes[i] == b'0' && (bytes[i + 1] | 0x20) == b'x')
}

impl fmt::Display for HexCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "0x{:0width$X}", self.value, width = usize::from(self.digits))
    }
}

impl fmt::Debug for HexCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl PartialEq for HexCode {
    fn eq(&self, other: &HexCode) -> bool {
        self.value == other.value
    }
}

impl Eq for HexCode {}

impl PartialOrd for HexCode {
    fn partial_cmp(&self, other: &HexCode) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for HexCode {
    fn cmp(&self, other: &HexCode) -> std::cmp::Ordering {
        self.value.cmp(&other.value)
    }
}

impl Hash for HexCode {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.value.hash(state);
    }
}

impl Serialize for HexCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for HexCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<HexCode, D::Error> {
        let text = String::deserialize(deserializer)?;
        HexCode::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("not a hex code: {text:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_as_read() {
        for (text, printed) in [
            ("0x0", "0x0"),
            ("0x00000000", "0x00000000"),
            ("0xc004f038", "0xC004F038"),
            ("0x4000008", "0x4000008"),
        ] {
            assert_eq!(HexCode::parse(text).unwrap().to_string(), printed);
        }
        assert_eq!(HexCode::parse("0x0"), HexCode::parse("0x00000000"));
    }

    #[test]
    fn finds_a_code_in_running_text() {
        let (code, range) = HexCode::find("hr=0xC004F074, then").unwrap();
        assert_eq!((code.value(), range), (0xC004_F074, 3..13));
        assert!(HexCode::find("0x and 0x123456789").is_none());
        assert!(HexCode::find("0").is_none());
    }

    #[test]
    fn reads_powershell_decimals() {
        assert_eq!(HexCode::from_decimal("-1073418124").unwrap().to_string(), "0xC004F074");
        assert_eq!(HexCode::from_decimal("3221549172").unwrap().to_string(), "0xC004F074");
        assert!(HexCode::from_decimal("99999999999").is_none());
    }
}
