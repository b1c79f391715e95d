//! The faults that a diagnosis can name, with the rules that recognise them.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;

use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cause {
    /// `srv-missing`
    pub id: String,
    /// `K101`
    pub rule: String,
    /// `K901`: the rule that recognises it at kmscope's own hosts, where that is another one.
    #[serde(default)]
    pub own_rule: Option<String>,
    /// What the fault is.
    pub meaning: String,
    /// How it shows.
    pub sign: String,
    /// Causes that outrank this one where both are met.
    #[serde(default)]
    pub explained_by: Vec<String>,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    cause: Vec<Spanned<Cause>>,
}

/// All faults by id.
#[derive(Debug, Clone)]
pub struct Causes(BTreeMap<String, Cause>);

impl Causes {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<Causes, TableError> {
        let document: Document = table.parse()?;
        table.keyed(document.cause, sources, |row| row.id.clone(), |row| &row.source).map(Causes)
    }

    /// The fault with an id.
    pub fn find(&self, id: &str) -> Option<&Cause> {
        self.0.get(&id.to_ascii_lowercase())
    }

    /// The fault that a rule recognises; letter case does not matter.
    pub fn by_rule(&self, rule: &str) -> Option<&Cause> {
        let is = |own: &str| own.eq_ignore_ascii_case(rule);
        self.iter().find(|cause| is(&cause.rule) || cause.own_rule.as_deref().is_some_and(is))
    }

    /// All faults in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Cause> {
        self.0.values()
    }
}

/// What the rules of a hundred are about: `1` in `K101`.
pub fn family(rule: &str) -> &'static str {
    match rule.as_bytes().get(1) {
        Some(b'1') => "discovery and DNS",
        Some(b'2') => "reachability",
        Some(b'3') => "RPC",
        Some(b'4') => "the KMS host",
        Some(b'5') => "the client",
        Some(b'6') => "keys and editions",
        Some(b'7') => "Azure",
        Some(b'8') => "time",
        _ => "our own host",
    }
}

/// The fault with an id.
pub fn find(id: &str) -> Option<&'static Cause> {
    tables().causes.find(id)
}

/// The fault that a rule recognises.
pub fn by_rule(rule: &str) -> Option<&'static Cause> {
    tables().causes.by_rule(rule)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_cause_has_a_rule_of_its_own() {
        let all = || tables().causes.iter().flat_map(|cause| [Some(&cause.rule), cause.own_rule.as_ref()]);
        let rules: BTreeSet<&str> = all().flatten().map(String::as_str).collect();
        assert_eq!(rules.len(), all().flatten().count());
        for rule in rules {
            let digits = rule.strip_prefix('K').unwrap_or_default();
            assert!(digits.len() == 3 && digits.bytes().all(|b| b.is_ascii_digit()), "{rule}");
        }
        assert_eq!(by_rule("k602").unwrap().id, "wrong-edition-key");
        assert_eq!(by_rule("K901").unwrap().id, "host-not-activated");
        assert_eq!(find("clock-skew").unwrap().rule, "K801");
    }

    #[test]
    fn every_cause_that_a_table_names_exists() {
        let tables = tables();
        let named = tables.error_codes.iter().flat_map(|row| &row.causes);
        let named = named.chain(tables.events.iter().flat_map(|row| &row.causes));
        let named = named.chain(tables.status_flags.iter().flat_map(|row| &row.causes));
        let named = named.chain(tables.registry.values().flat_map(|row| &row.causes));
        let named = named.chain(tables.commands.iter().flat_map(|row| &row.causes));
        let named = named.chain(tables.causes.iter().flat_map(|row| &row.explained_by));
        let unknown: Vec<&String> = named.filter(|id| tables.causes.find(id).is_none()).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}
