//! Event providers, logs and events of volume activation.

use std::collections::BTreeMap;

use model::{Guid, HexCode};
use serde::Deserialize;
use toml::Spanned;

use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventFacts {
    /// Event id.
    pub id: u32,
    /// Who logs it: `kms-client`, `kms-host`, `avma-guest`, `avma-host`, `any`.
    pub seen_by: String,
    /// The log in which it stands.
    pub log: String,
    /// What it says.
    pub meaning: String,
    /// The fields of its list, in their order.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Result codes that are typical of it.
    #[serde(default)]
    pub codes: Vec<HexCode>,
    /// How to read it.
    #[serde(default)]
    pub note: String,
    /// How sure the row is, where no page describes the event.
    #[serde(default)]
    pub confidence: String,
    /// Ids of the causes that it can be the sign of.
    #[serde(default)]
    pub causes: Vec<String>,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// One event provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provider {
    /// `Microsoft-Windows-Security-SPP`
    pub name: String,
    /// Its GUID.
    pub guid: Guid,
    /// Names under which logs and tools show it too.
    pub also: Vec<String>,
    /// Name of the service that writes the events.
    pub service: String,
    /// Where it is found.
    pub releases: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// One log.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// `Key Management Service`
    pub name: String,
    /// What stands in it.
    pub holds: String,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    #[serde(default)]
    provider: Vec<Spanned<Provider>>,
    #[serde(default)]
    log: Vec<Spanned<Log>>,
    #[serde(default)]
    event: Vec<Spanned<EventFacts>>,
}

/// All providers, logs and events.
#[derive(Debug, Clone)]
pub struct Events {
    providers: BTreeMap<String, Provider>,
    logs: BTreeMap<String, Log>,
    events: BTreeMap<u32, EventFacts>,
}

impl Events {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<Events, TableError> {
        let document: Document = table.parse()?;
        Ok(Events {
            providers: table.keyed(document.provider, sources, |row| row.name.clone(), |row| &row.source)?,
            logs: table.keyed(document.log, sources, |row| row.name.clone(), |row| &row.source)?,
            events: table.keyed(document.event, sources, |row| row.id, |row| &row.source)?,
        })
    }

    /// The event with an id.
    pub fn find(&self, id: u32) -> Option<&EventFacts> {
        self.events.get(&id)
    }

    /// All events in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &EventFacts> {
        self.events.values()
    }

    /// The provider with a name, under whichever name a log shows it.
    pub fn provider(&self, name: &str) -> Option<&Provider> {
        let named = |provider: &&Provider| {
            provider.name.eq_ignore_ascii_case(name)
                || provider.also.iter().any(|n| n.eq_ignore_ascii_case(name))
        };
        self.providers.values().find(named)
    }

    /// All logs.
    pub fn logs(&self) -> impl Iterator<Item = &Log> {
        self.logs.values()
    }
}

/// The event with an id.
pub fn find(id: u32) -> Option<&'static EventFacts> {
    tables().events.find(id)
}

/// The provider with a name, under whichever name a log shows it.
pub fn provider(name: &str) -> Option<&'static Provider> {
    tables().events.provider(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_stand_in_the_documented_order() {
        let position = |id, field: &str| find(id).unwrap().fields.iter().position(|f| f.starts_with(field));
        assert_eq!(position(12288, "minimum count"), Some(9));
        assert_eq!(position(12290, "minimum count"), Some(1));
        assert_eq!(position(12289, "count on the host"), Some(4));
        assert!(find(4624).is_none());
    }

    #[test]
    fn a_provider_is_known_under_its_event_source_too() {
        assert_eq!(provider("Software Protection Platform Service").unwrap().service, "sppsvc");
        assert_eq!(provider("microsoft-windows-security-licensing-slc").unwrap().service, "slsvc");
        assert!(provider("VSS").is_none());
    }
}
