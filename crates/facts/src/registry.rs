//! Registry keys and values, the firewall rule and the policy of volume activation.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One registry value.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryValue {
    /// Name, with its subkey where it has one.
    pub name: String,
    /// `REG_SZ`, `REG_DWORD`, `REG_MULTI_SZ`.
    #[serde(rename = "type")]
    pub data_type: String,
    /// `host`, `client`, `both`, `any`.
    pub scope: String,
    /// What applies without it.
    pub default: String,
    /// What it does.
    pub meaning: String,
    /// Commands that write it.
    #[serde(default)]
    pub set_by: Vec<String>,
    /// Where it is found.
    pub releases: String,
    /// What is easily overlooked.
    #[serde(default)]
    pub note: String,
    /// Ids of the causes that it can lead to.
    #[serde(default)]
    pub causes: Vec<String>,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// One registry key.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistryKey {
    /// Its path.
    pub path: String,
    /// Where it is found.
    pub releases: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// A firewall rule or a policy.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its title, where it has another.
    #[serde(default)]
    pub title: String,
    /// What it does.
    pub meaning: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    key: Vec<Spanned<RegistryKey>>,
    #[serde(default)]
    value: Vec<Spanned<RegistryValue>>,
    #[serde(default)]
    firewall_rule: Vec<Spanned<Setting>>,
    #[serde(default)]
    policy: Vec<Spanned<Setting>>,
}

/// All keys, values and settings.
#[derive(Debug, Clone)]
pub struct Registry {
    keys: BTreeMap<String, RegistryKey>,
    values: BTreeMap<String, RegistryValue>,
    settings: BTreeMap<String, Setting>,
}

impl Registry {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<Registry, TableError> {
        let document: Document = table.parse()?;
        let settings = document.firewall_rule.into_iter().chain(document.policy).collect();
        Ok(Registry {
            keys: table.keyed(document.key, sources, |row| row.path.clone(), |row| &row.source)?,
            values: table.keyed(document.value, sources, |row| row.name.clone(), |row| &row.source)?,
            settings: table.keyed(settings, sources, |row| row.name.clone(), |row| &row.source)?,
        })
    }

    /// The value with a name, with or without its subkey; letter case does not matter.
    pub fn find(&self, name: &str) -> Option<&RegistryValue> {
        let last = |name: &str| name.rsplit('\\').next().unwrap_or_default().to_ascii_lowercase();
        let name = last(name);
        self.values.values().find(|value| last(&value.name) == name)
    }

    /// All values in the order of their names.
    pub fn values(&self) -> impl Iterator<Item = &RegistryValue> {
        self.values.values()
    }

    /// All keys in the order of their paths.
    pub fn keys(&self) -> impl Iterator<Item = &RegistryKey> {
        self.keys.values()
    }

    /// The firewall rule or policy with a name or title.
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings
            .values()
            .find(|s| s.name.eq_ignore_ascii_case(name) || s.title.eq_ignore_ascii_case(name))
    }

    /// All firewall rules and policies.
    pub fn settings(&self) -> impl Iterator<Item = &Setting> {
        self.settings.values()
    }
}

/// The value with a name.
pub fn find(name: &str) -> Option<&'static RegistryValue> {
    tables().registry.find(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_in_any_letter_case_and_below_its_key() {
        assert_eq!(find("keymanagementservicename").unwrap().name, "KeyManagementServiceName");
        assert_eq!(find("Manual").unwrap().name, "Activation\\Manual");
        assert_eq!(find("Activation\\Manual").unwrap().data_type, "REG_DWORD");
        assert!(find("EnableDnsPublishing").is_none());
        assert!(find("").is_none());
    }
}
