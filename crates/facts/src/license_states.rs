//! The licence states 0 to 6.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One state.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LicenseState {
    /// Number in events and CIM.
    pub number: u32,
    /// Name, as in the model.
    pub name: String,
    /// Other texts that tools print for it.
    #[serde(default)]
    pub printed: Vec<String>,
    /// What it means.
    pub meaning: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    license_state: Vec<Spanned<LicenseState>>,
}

/// All states by number.
#[derive(Debug, Clone)]
pub struct LicenseStates(BTreeMap<u32, LicenseState>);

impl LicenseStates {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<LicenseStates, TableError> {
        let document: Document = table.parse()?;
        table.keyed(document.license_state, sources, |row| row.number, |row| &row.source).map(LicenseStates)
    }

    /// The state with a number.
    pub fn find(&self, number: u32) -> Option<&LicenseState> {
        self.0.get(&number)
    }

    /// All states in the order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &LicenseState> {
        self.0.values()
    }
}

/// The state with a number.
pub fn find(number: u32) -> Option<&'static LicenseState> {
    tables().license_states.find(number)
}

#[cfg(test)]
mod tests {
    use model::LicenseStatus;

    use super::*;

    #[test]
    fn the_table_names_the_states_of_the_model() {
        for status in LicenseStatus::ALL {
            assert_eq!(find(status.number()).unwrap().name, status.name());
        }
        assert_eq!(tables().license_states.iter().count(), LicenseStatus::ALL.len());
    }
}
