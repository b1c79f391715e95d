//! The public pages that the tables cite.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Spanned;

use crate::table::{TableError, TableText};

/// A public page or document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PublicSource {
    /// Name by which rows cite it.
    #[serde(skip_serializing)]
    pub key: String,
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
    /// Date that the page carried when it was read; empty when a row cites a bare address.
    pub date: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    source: Vec<Spanned<PublicSource>>,
}

/// All pages, by key.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    pages: BTreeMap<String, PublicSource>,
    /// Every citation is taken for good.
    unchecked: bool,
}

impl Sources {
    pub(crate) fn read(table: TableText<'_>) -> Result<Sources, TableError> {
        let document: Document = table.parse()?;
        for row in &document.source {
            let row_start = row.span().start;
            if !is_address(&row.get_ref().url) {
                return Err(table.error(row_start, "expected a url that starts with https://"));
            }
        }
        let none = Sources::default();
        let pages = table.keyed(document.source, &none, |row| row.key.clone(), |_| &[])?;
        Ok(Sources { pages, unchecked: false })
    }

    /// No pages, and nothing said against any citation.
    pub(crate) fn unchecked() -> Sources {
        Sources { pages: BTreeMap::new(), unchecked: true }
    }

    /// Says which citation is neither a key of this table nor an address.
    pub(crate) fn check(&self, cited: &[String]) -> Result<(), String> {
        if self.unchecked {
            return Ok(());
        }
        match cited.iter().find(|key| !is_address(key) && !self.pages.contains_key(*key)) {
            Some(key) => Err(format!(
                "source {key:?} is unknown, expected a key of sources.toml or an https:// address"
            )),
            None => Ok(()),
        }
    }

    /// The page with a key.
    pub fn find(&self, key: &str) -> Option<&PublicSource> {
        self.pages.get(key)
    }

    /// The pages that a row cites.
    pub fn resolve(&self, cited: &[String]) -> Vec<PublicSource> {
        cited.iter().map(|key| self.pages.get(key).cloned().unwrap_or_else(|| bare(key))).collect()
    }

    /// All pages in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = &PublicSource> {
        self.pages.values()
    }
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://")
}

fn bare(url: &str) -> PublicSource {
    PublicSource { key: url.to_string(), title: url.to_string(), url: url.to_string(), date: String::new() }
}
