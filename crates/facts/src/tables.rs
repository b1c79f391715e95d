//! All tables together: embedded as shipped, with files of an administrator in their place where given.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::azure_endpoints::AzureEndpoints;
use crate::azure_services::AzureServices;
use crate::causes::Causes;
use crate::commands::Commands;
use crate::error_codes::ErrorCodes;
use crate::events::Events;
use crate::host_keys::HostKeys;
use crate::lazy::Lazy;
use crate::license_states::LicenseStates;
use crate::products::Products;
use crate::registry::Registry;
use crate::releases::Releases;
use crate::setup_keys::SetupKeys;
use crate::sources::Sources;
use crate::status_flags::StatusFlags;
use crate::table::{TableError, TableText};
use crate::thresholds::Thresholds;

/// File names of the tables that this type holds, with the text as shipped.
pub const FILES: &[(&str, &str)] = &[
    ("azure-endpoints.toml", include_str!("../tables/azure-endpoints.toml")),
    ("azure-other-endpoints.toml", include_str!("../tables/azure-other-endpoints.toml")),
    ("causes.toml", include_str!("../tables/causes.toml")),
    ("error-codes.toml", include_str!("../tables/error-codes.toml")),
    ("events.toml", include_str!("../tables/events.toml")),
    ("host-keys.toml", include_str!("../tables/host-keys.toml")),
    ("license-states.toml", include_str!("../tables/license-states.toml")),
    ("products.toml", include_str!("../tables/products.toml")),
    ("registry.toml", include_str!("../tables/registry.toml")),
    ("releases.toml", include_str!("../tables/releases.toml")),
    ("setup-keys.csv", include_str!("../tables/setup-keys.csv")),
    ("slmgr.toml", include_str!("../tables/slmgr.toml")),
    ("sources.toml", include_str!("../tables/sources.toml")),
    ("status-flags.toml", include_str!("../tables/status-flags.toml")),
    ("thresholds.toml", include_str!("../tables/thresholds.toml")),
];

/// All tables.
#[derive(Debug, Clone)]
pub struct Tables {
    /// KMS endpoints of the Azure clouds.
    pub azure_endpoints: Lazy<AzureEndpoints>,
    /// Update services in Azure that need the same.
    pub azure_services: Lazy<AzureServices>,
    /// Public pages that the rows cite.
    pub sources: Lazy<Sources>,
    /// Releases of Windows and Office.
    pub releases: Lazy<Releases>,
    /// Result codes.
    pub error_codes: Lazy<ErrorCodes>,
    /// Client setup keys.
    pub setup_keys: Lazy<SetupKeys>,
    /// KMS host key groups and updates.
    pub host_keys: Lazy<HostKeys>,
    /// Faults and their rules.
    pub causes: Lazy<Causes>,
    /// Events, providers and logs.
    pub events: Lazy<Events>,
    /// Licence states.
    pub license_states: Lazy<LicenseStates>,
    /// Status flags of events.
    pub status_flags: Lazy<StatusFlags>,
    /// Registry keys and values.
    pub registry: Lazy<Registry>,
    /// Options of slmgr.vbs and ospp.vbs.
    pub commands: Lazy<Commands>,
    /// Activation ids and application ids.
    pub products: Lazy<Products>,
    /// Counts, timers, limits.
    pub thresholds: Lazy<Thresholds>,
}

impl Tables {
    /// The tables as shipped, each replaced as a whole by the text of the same file name in `overrides`.
    ///
    /// A name that is no table is left alone: the folder may hold tables of other rooms, or a note to colleagues.
    pub fn load(overrides: &BTreeMap<String, String>) -> Result<Tables, TableError> {
        let table = |file: &'static str| {
            let shipped = shipped(file);
            TableText { text: overrides.get(file).map_or(shipped.text, String::as_str), ..shipped }
        };
        let sources = Sources::read(table("sources.toml"))?;
        let releases = Releases::read(table("releases.toml"), &sources)?;
        Ok(Tables {
            azure_endpoints: AzureEndpoints::read(table("azure-endpoints.toml"))?.into(),
            azure_services: AzureServices::read(table("azure-other-endpoints.toml"))?.into(),
            error_codes: ErrorCodes::read(table("error-codes.toml"), &sources)?.into(),
            setup_keys: SetupKeys::read(table("setup-keys.csv"), &sources)?.into(),
            host_keys: HostKeys::read(table("host-keys.toml"), &sources, &releases)?.into(),
            causes: Causes::read(table("causes.toml"), &sources)?.into(),
            events: Events::read(table("events.toml"), &sources)?.into(),
            license_states: LicenseStates::read(table("license-states.toml"), &sources)?.into(),
            status_flags: StatusFlags::read(table("status-flags.toml"), &sources)?.into(),
            registry: Registry::read(table("registry.toml"), &sources)?.into(),
            commands: Commands::read(table("slmgr.toml"), &sources)?.into(),
            products: Products::read(table("products.toml"), &sources, &releases)?.into(),
            thresholds: Thresholds::read(table("thresholds.toml"), &sources)?.into(),
            sources: sources.into(),
            releases: releases.into(),
        })
    }

    /// The tables as shipped, each read when it is first asked.
    /// The tables as shipped, each read when it is first asked. What they cite is checked by a test, not in every run.
    fn shipped() -> Tables {
        Tables {
            azure_endpoints: Lazy::later(|| whole(AzureEndpoints::read(shipped("azure-endpoints.toml")))),
            azure_services: Lazy::later(|| whole(AzureServices::read(shipped("azure-other-endpoints.toml")))),
            sources: Lazy::later(|| whole(Sources::read(shipped("sources.toml")))),
            releases: Lazy::later(|| whole(Releases::read(shipped("releases.toml"), &Sources::unchecked()))),
            error_codes: Lazy::later(|| ErrorCodes::shipped(shipped("error-codes.toml").text)),
            setup_keys: Lazy::later(|| {
                whole(SetupKeys::read(shipped("setup-keys.csv"), &Sources::unchecked()))
            }),
            host_keys: Lazy::later(|| {
                whole(HostKeys::read(shipped("host-keys.toml"), &Sources::unchecked(), &tables().releases))
            }),
            causes: Lazy::later(|| whole(Causes::read(shipped("causes.toml"), &Sources::unchecked()))),
            events: Lazy::later(|| whole(Events::read(shipped("events.toml"), &Sources::unchecked()))),
            license_states: Lazy::later(|| {
                whole(LicenseStates::read(shipped("license-states.toml"), &Sources::unchecked()))
            }),
            status_flags: Lazy::later(|| {
                whole(StatusFlags::read(shipped("status-flags.toml"), &Sources::unchecked()))
            }),
            registry: Lazy::later(|| whole(Registry::read(shipped("registry.toml"), &Sources::unchecked()))),
            commands: Lazy::later(|| whole(Commands::read(shipped("slmgr.toml"), &Sources::unchecked()))),
            products: Lazy::later(|| {
                whole(Products::read(shipped("products.toml"), &Sources::unchecked(), &tables().releases))
            }),
            thresholds: Lazy::later(|| {
                whole(Thresholds::read(shipped("thresholds.toml"), &Sources::unchecked()))
            }),
        }
    }
}

/// A shipped table's text.
fn shipped(file: &'static str) -> TableText<'static> {
    TableText { file, text: FILES.iter().find(|(name, _)| *name == file).map_or("", |(_, text)| text) }
}

fn whole<T>(table: Result<T, TableError>) -> T {
    match table {
        Ok(table) => table,
        // Our own mistake: a test reads every shipped table.
        Err(error) => panic!("a shipped table is broken: {error}"),
    }
}

static IN_USE: OnceLock<Tables> = OnceLock::new();

/// The tables in use: those that were installed, else those as shipped.
pub fn tables() -> &'static Tables {
    IN_USE.get_or_init(Tables::shipped)
}

/// Puts an administrator's tables in use for the whole process.
///
/// Call it before anything looks a fact up; afterwards it hands the tables back.
pub fn install(tables: Tables) -> Result<(), Box<Tables>> {
    IN_USE.set(tables).map_err(Box::new)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load_with(file: &str, text: &str) -> Result<Tables, TableError> {
        Tables::load(&BTreeMap::from([(file.to_string(), text.to_string())]))
    }

    #[test]
    fn the_shipped_tables_are_whole() {
        let tables = Tables::load(&BTreeMap::new()).unwrap();
        assert_eq!(tables.error_codes.iter().count(), 58);
        assert_eq!(tables.host_keys.iter().count(), 11);
        assert_eq!(tables.causes.iter().count(), 43);
        assert_eq!(tables.commands.iter().count(), 46);
    }

    #[test]
    fn the_rows_that_are_read_late_are_those_of_the_table() {
        let whole = Tables::load(&BTreeMap::new()).unwrap().error_codes;
        let late = Tables::shipped().error_codes;
        assert!(whole.iter().eq(late.iter()));
        let others: Vec<_> = whole.iter().flat_map(|row| row.also.clone()).collect();
        assert!(!others.is_empty());
        assert!(others.iter().all(|other| late.find(*other) == whole.find(*other)));
    }

    #[test]
    fn an_administrator_can_replace_a_table() {
        let text = "[[error]]\ncode = \"0xC0DE0001\"\nseen_by = [\"any\"]\nmeaning = \"ours\"\n\
                    source = [\"https://intranet.contoso.com/kms\"]\n";
        let tables = load_with("error-codes.toml", text).unwrap();
        assert_eq!(tables.error_codes.find(model::HexCode::new(0xC0DE_0001)).unwrap().meaning, "ours");
        assert!(tables.error_codes.find(model::HexCode::new(0xC004_F074)).is_none());
    }

    #[test]
    fn a_mistake_is_named_with_file_line_and_expectation() {
        let row = "[[error]]\ncode = \"0xC0DE0001\"\nseen_by = [\"any\"]\nmeaning = \"ours\"\nsource = [\"planning\"]\n";
        for (file, text, line, says) in [
            ("error-codes.toml", "[[error]]\ncode = \"C004F074\"\n".to_string(), 2, "not a hex code"),
            ("error-codes.toml", format!("{row}\n{row}"), 7, "expected one row for each"),
            ("error-codes.toml", row.replace("planning", "plan"), 1, "expected a key of sources.toml"),
            ("error-codes.toml", "[[error]]\nmeaning = \"x\"\n".to_string(), 1, "missing field"),
            (
                "thresholds.toml",
                "[minimum_count]\nwindows_client = \"many\"\n".to_string(),
                2,
                "expected u32",
            ),
            (
                "releases.toml",
                "\n[[release]]\nid = \"x\"\nname = \"X\"\nkind = \"phone\"\n".to_string(),
                5,
                "expected one of",
            ),
            (
                "releases.toml",
                "[[release]]\nid = \"x\"\nname = \"X\"\nkind = \"client\"\nbuilds = \"new\"\n".to_string(),
                5,
                "expected a form such as",
            ),
            ("setup-keys.csv", "family,key\nWindows,ABC\n".to_string(), 1, "expected the columns"),
            ("setup-keys.csv", "# ours\nkeys\n".to_string(), 2, "expected the columns"),
        ] {
            let error = load_with(file, &text).map(|_| ()).unwrap_err();
            assert_eq!((error.file.as_str(), error.line), (file, line), "{error}");
            assert!(error.to_string().contains(says), "{error}");
        }
    }

    #[test]
    fn rows_stand_in_the_order_of_their_keys() {
        let expected_order = [
            ("causes.toml", "id = "),
            ("error-codes.toml", "code = "),
            ("host-keys.toml", "id = "),
            ("releases.toml", "id = "),
            ("sources.toml", "key = "),
            ("status-flags.toml", "value = "),
        ];
        for (file, start) in expected_order {
            let (_, text) = FILES.iter().find(|(name, _)| *name == file).unwrap();
            let keys: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix(start)).collect();
            assert!(keys.len() > 4 && keys.is_sorted(), "{file}: {keys:?}");
        }
    }
}
