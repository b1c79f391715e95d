//! Options of slmgr.vbs and ospp.vbs.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::sources::Sources;
use crate::table::{TableError, TableText};

/// One option of one script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommandOption {
    /// `slmgr` or `ospp`.
    pub script: String,
    /// Its name, without the stroke.
    pub name: String,
    /// `client`, `host` or `both`.
    pub role: String,
    /// What follows it.
    #[serde(default)]
    pub arguments: String,
    /// What it does.
    pub does: String,
    /// Whether it needs elevation.
    pub elevated: String,
    /// First releases that have it; empty: all.
    #[serde(default)]
    pub since: String,
    /// When it was removed; empty: it was not.
    #[serde(default)]
    pub until: String,
    /// Registry values that it writes or heeds.
    #[serde(default)]
    pub registry: Vec<String>,
    /// WMI method that the script calls.
    #[serde(default)]
    pub method: String,
    /// What is easily overlooked.
    #[serde(default)]
    pub note: String,
    /// Ids of the causes that it can lead to or cure.
    #[serde(default)]
    pub causes: Vec<String>,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// One script.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// `slmgr` or `ospp`.
    pub name: String,
    /// How it is called.
    pub line: String,
    /// What is easily overlooked.
    pub note: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    script: Vec<Spanned<Script>>,
    #[serde(default)]
    option: Vec<Spanned<CommandOption>>,
}

/// All scripts and options.
#[derive(Debug, Clone)]
pub struct Commands {
    scripts: BTreeMap<String, Script>,
    options: BTreeMap<String, CommandOption>,
}

impl Commands {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<Commands, TableError> {
        let document: Document = table.parse()?;
        let scripts = table.keyed(document.script, sources, |row| row.name.clone(), |row| &row.source)?;
        for row in &document.option {
            if !scripts.contains_key(&row.get_ref().script) {
                return Err(table.error(row.span().start, "expected the name of a script of this table"));
            }
        }
        let key = |row: &CommandOption| format!("{} /{}", row.script, row.name);
        Ok(Commands { options: table.keyed(document.option, sources, key, |row| &row.source)?, scripts })
    }

    /// The options with a name, of both scripts; a leading stroke and letter case do not matter.
    pub fn find<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a CommandOption> + use<'a> {
        let name = name.trim_start_matches(['/', '-']).to_ascii_lowercase();
        self.iter().filter(move |option| option.name == name)
    }

    /// The script with a name.
    pub fn script(&self, name: &str) -> Option<&Script> {
        self.scripts.get(name)
    }

    /// All options in the order of script and name.
    pub fn iter(&self) -> impl Iterator<Item = &CommandOption> {
        self.options.values()
    }
}

#[cfg(test)]
mod tests {
    use crate::tables::tables;

    #[test]
    fn an_option_is_found_in_every_form_and_in_both_scripts() {
        let scripts = |name| tables().commands.find(name).map(|o| o.script.clone()).collect::<Vec<_>>();
        assert_eq!(scripts("/skms"), ["slmgr"]);
        assert_eq!(scripts("-SKMS-Domain"), ["ospp", "slmgr"]);
        assert_eq!(scripts("dstatus"), ["ospp"]);
        assert!(scripts("dlx").is_empty());
    }

    #[test]
    fn every_registry_value_that_an_option_names_exists() {
        for option in tables().commands.iter() {
            for name in &option.registry {
                assert!(tables().registry.find(name).is_some(), "{} {name}", option.name);
            }
        }
    }
}
