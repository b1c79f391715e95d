//! An admin's own tables of facts in the place of those that are shipped.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, anyhow, bail};

/// Puts the tables of a folder in use.
pub(crate) fn install(folder: &Path) -> anyhow::Result<()> {
    if !folder.is_dir() {
        bail!("{} is not a folder", folder.display());
    }
    let mut overrides = BTreeMap::new();
    for (name, _) in facts::tables::FILES {
        let path = folder.join(name);
        if path.is_file() {
            let text =
                fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
            overrides.insert((*name).to_owned(), text);
        }
    }
    if overrides.is_empty() {
        bail!("{} holds no table of facts", folder.display());
    }
    let tables = facts::Tables::load(&overrides)?;
    facts::tables::install(tables).map_err(|_| anyhow!("the tables of facts are in use already"))
}
