//! Status flags of the events 12288 and 12289.

use std::collections::BTreeMap;

use model::HexCode;
use serde::Deserialize;
use toml::Spanned;

use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One flag.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusFlag {
    /// Its bit.
    pub value: HexCode,
    /// Name in Microsoft's guide.
    pub symbol: String,
    /// `error` or `warning`.
    pub severity: String,
    /// What it means.
    pub meaning: String,
    /// Ids of the causes that it can be the sign of.
    #[serde(default)]
    pub causes: Vec<String>,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    status_flag: Vec<Spanned<StatusFlag>>,
}

/// All flags by value.
#[derive(Debug, Clone)]
pub struct StatusFlags(BTreeMap<HexCode, StatusFlag>);

impl StatusFlags {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<StatusFlags, TableError> {
        let document: Document = table.parse()?;
        for row in &document.status_flag {
            if !row.get_ref().value.value().is_power_of_two() {
                return Err(table.error(row.span().start, "expected a value with exactly one bit"));
            }
        }
        table.keyed(document.status_flag, sources, |row| row.value, |row| &row.source).map(StatusFlags)
    }

    /// The flags that a value combines, and the bits that are no known flag.
    pub fn decode(&self, flags: HexCode) -> (Vec<&StatusFlag>, u32) {
        let set = self.iter().filter(|flag| flags.value() & flag.value.value() != 0).collect::<Vec<_>>();
        let known = set.iter().fold(0, |bits, flag| bits | flag.value.value());
        (set, flags.value() & !known)
    }

    /// All flags in the order of their values.
    pub fn iter(&self) -> impl Iterator<Item = &StatusFlag> {
        self.0.values()
    }
}

/// The flags that a value combines, and the bits that are no known flag.
pub fn decode(flags: HexCode) -> (Vec<&'static StatusFlag>, u32) {
    tables().status_flags.decode(flags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_combine() {
        let (flags, rest) = decode(HexCode::new(0x0400_0008));
        let symbols: Vec<&str> = flags.iter().map(|flag| flag.symbol.as_str()).collect();
        assert_eq!(symbols, ["SL_VL_BINDING_STATUS_OTHER_PC", "SL_VL_BINDING_ERROR_NOT_ENOUGH_COUNT"]);
        assert_eq!(rest, 0);
        assert_eq!(decode(HexCode::new(0x10)).1, 0x10);
    }
}
