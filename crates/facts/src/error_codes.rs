//! Result codes of volume activation: who sees them, what they mean, what to do.

use std::collections::BTreeMap;

use model::HexCode;
use serde::Deserialize;
use toml::Spanned;

use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One code.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ErrorCode {
    /// The code as Microsoft's pages print it.
    pub code: HexCode,
    /// Other values for the same thing.
    #[serde(default)]
    pub also: Vec<HexCode>,
    /// Name in the Windows SDK; empty when none is known.
    #[serde(default)]
    pub symbol: String,
    /// Who sees it: `kms-client`, `kms-host`, `mak`, `avma-guest`, `any`.
    pub seen_by: Vec<String>,
    /// Where it appears beside slmgr's own output.
    #[serde(default)]
    pub seen_in: Vec<String>,
    /// What it means.
    pub meaning: String,
    /// What leads to it.
    #[serde(default)]
    pub reasons: Vec<String>,
    /// What helps.
    #[serde(default)]
    pub remedies: Vec<String>,
    /// What is easily overlooked.
    #[serde(default)]
    pub note: String,
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
    error: Vec<Spanned<ErrorCode>>,
}

/// All codes by value.
#[derive(Debug, Clone)]
pub struct ErrorCodes {
    rows: BTreeMap<HexCode, ErrorCode>,
    also: BTreeMap<HexCode, HexCode>,
}

impl ErrorCodes {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<ErrorCodes, TableError> {
        let document: Document = table.parse()?;
        let rows = table.keyed(document.error, sources, |row| row.code, |row| &row.source)?;
        let also = rows.values().flat_map(|row| row.also.iter().map(|other| (*other, row.code))).collect();
        Ok(ErrorCodes { rows, also })
    }

    /// The row of a code, or of the code that it is another value for.
    pub fn find(&self, code: HexCode) -> Option<&ErrorCode> {
        let code = self.also.get(&code).copied().unwrap_or(code);
        self.rows.get(&code)
    }

    /// All rows in the order of their values.
    pub fn iter(&self) -> impl Iterator<Item = &ErrorCode> {
        self.rows.values()
    }
}

/// The row of a code.
pub fn find(code: HexCode) -> Option<&'static ErrorCode> {
    tables().error_codes.find(code)
}
