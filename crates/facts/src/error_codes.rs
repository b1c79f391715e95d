//! Result codes of volume activation: who sees them, what they mean, what to do.

use std::collections::BTreeMap;
use std::sync::OnceLock;

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

/// A row that is there, or the text of one that will be read when it is asked for: a diagnosis asks for few.
#[derive(Debug, Clone)]
struct Row {
    text: &'static str,
    row: OnceLock<ErrorCode>,
}

impl Row {
    fn get(&self) -> &ErrorCode {
        self.row.get_or_init(|| match toml::from_str(self.text) {
            Ok(row) => row,
            // Our own mistake: only rows of the shipped table are read late, and a test reads them all.
            Err(error) => panic!("a shipped table is broken: {error}"),
        })
    }
}

/// All codes by value.
#[derive(Debug, Clone)]
pub struct ErrorCodes {
    rows: BTreeMap<HexCode, Row>,
    also: BTreeMap<HexCode, HexCode>,
}

impl ErrorCodes {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<ErrorCodes, TableError> {
        let document: Document = table.parse()?;
        let rows = table.keyed(document.error, sources, |row| row.code, |row| &row.source)?;
        let also = rows.values().flat_map(|row| row.also.iter().map(|other| (*other, row.code))).collect();
        let row = |(code, row)| (code, Row { text: "", row: OnceLock::from(row) });
        Ok(ErrorCodes { rows: rows.into_iter().map(row).collect(), also })
    }

    /// The shipped table, of which only the codes are read at once.
    ///
    /// Its rows stand apart, begin with `[[error]]`, and hold each list in one line; a test compares them with what
    /// [`ErrorCodes::read`] makes of the table.
    pub(crate) fn shipped(text: &'static str) -> ErrorCodes {
        let mut codes = ErrorCodes { rows: BTreeMap::new(), also: BTreeMap::new() };
        for text in text.split("[[error]]").skip(1) {
            let field =
                |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(" = "));
            let Some(code) = field("code").and_then(|code| HexCode::parse(code.trim_matches('"'))) else {
                continue;
            };
            let quoted = field("also").unwrap_or_default().split('"').filter_map(HexCode::parse);
            codes.also.extend(quoted.map(|other| (other, code)));
            codes.rows.insert(code, Row { text, row: OnceLock::new() });
        }
        codes
    }

    /// The row of a code, or of the code that it is another value for.
    pub fn find(&self, code: HexCode) -> Option<&ErrorCode> {
        let code = self.also.get(&code).copied().unwrap_or(code);
        self.rows.get(&code).map(Row::get)
    }

    /// All rows in the order of their values.
    pub fn iter(&self) -> impl Iterator<Item = &ErrorCode> {
        self.rows.values().map(Row::get)
    }
}

/// The row of a code.
pub fn find(code: HexCode) -> Option<&'static ErrorCode> {
    tables().error_codes.find(code)
}
