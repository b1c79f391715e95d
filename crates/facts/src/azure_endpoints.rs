//! The KMS endpoints of the Azure clouds, and addresses that are mistaken for them.

use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use crate::table::{TableError, TableText};
use crate::tables::tables;

/// An Azure cloud with KMS endpoints of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Cloud {
    /// Azure, all public regions.
    AzurePublic,
    /// Azure Government (USA).
    #[serde(rename = "AzureUSGovernment")]
    AzureUsGovernment,
    /// Azure operated by 21Vianet.
    AzureChina,
    /// The sovereign German cloud, closed in 2021.
    AzureGermany,
}

/// Whether an endpoint is what machines of today use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// In use.
    Current,
    /// Was replaced; the documentation still asks to keep it in route tables.
    Superseded,
    /// Gone with its cloud.
    Retired,
}

/// One endpoint name with its addresses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// The cloud that it serves.
    pub cloud: Cloud,
    /// DNS name.
    pub name: String,
    /// Documented addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// TCP port.
    pub port: u16,
    /// Machines of today need it.
    pub required: bool,
    /// In use, superseded or retired.
    pub status: Status,
    /// First day or month that a document tells it for, as `2022-07`.
    #[serde(default)]
    pub since: Option<String>,
    /// Last day or month.
    #[serde(default)]
    pub until: Option<String>,
    /// What to know about it.
    #[serde(default)]
    pub note: Option<String>,
    /// Keys into [`AzureEndpoints::sources`].
    pub sources: Vec<String>,
}

/// Addresses that documents asked to route at some time.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteSet {
    /// The cloud whose machines it is for.
    pub cloud: Cloud,
    /// The addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// First day or month that the set was asked for, as `2022-07`.
    #[serde(default)]
    pub since: Option<String>,
    /// Last day or month; absent for what documents ask for today.
    #[serde(default)]
    pub until: Option<String>,
    /// Keys into [`AzureEndpoints::sources`].
    pub sources: Vec<String>,
}

/// One change of the endpoints or of the network around them.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// Day or month, as `2022-10-03`.
    pub date: String,
    /// What changed.
    pub event: String,
    /// Keys into [`AzureEndpoints::sources`].
    pub sources: Vec<String>,
}

/// An address that is known to go round and never was an endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WrongAddress {
    /// The address.
    pub address: Ipv4Addr,
    /// What was meant.
    pub instead: Ipv4Addr,
    /// Where it comes from.
    pub note: String,
    /// Keys into [`AzureEndpoints::sources`].
    pub sources: Vec<String>,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AzureEndpoints {
    /// Version of the table's form.
    pub schema: u32,
    /// Addresses of the documents behind the rows.
    pub sources: BTreeMap<String, String>,
    /// Endpoints in the order of importance within a cloud.
    #[serde(rename = "endpoint")]
    pub endpoints: Vec<Endpoint>,
    /// Known wrong addresses.
    #[serde(rename = "wrong_address", default)]
    pub wrong_addresses: Vec<WrongAddress>,
    /// Sets of addresses that date a route table.
    #[serde(rename = "route_set", default)]
    pub route_sets: Vec<RouteSet>,
    /// Changes in their order.
    #[serde(default)]
    pub timeline: Vec<Change>,
}

/// The table in use.
pub fn azure_endpoints() -> &'static AzureEndpoints {
    &tables().azure_endpoints
}

impl AzureEndpoints {
    /// Reads `azure-endpoints.toml`, whose sources stand in it.
    pub(crate) fn read(table: TableText<'_>) -> Result<AzureEndpoints, TableError> {
        let read: AzureEndpoints = table.parse()?;
        let cited = read.endpoints.iter().map(|row| &row.sources);
        let cited = cited.chain(read.wrong_addresses.iter().map(|row| &row.sources));
        let cited = cited.chain(read.route_sets.iter().map(|row| &row.sources));
        for key in cited.chain(read.timeline.iter().map(|row| &row.sources)).flatten() {
            if !read.sources.contains_key(key) {
                return Err(
                    table.error_at_line(1, format!("unknown source {key}, expected a key of [sources]"))
                );
            }
        }
        if let Some(empty) = read.endpoints.iter().find(|row| row.addresses.is_empty()) {
            return Err(table.error_at_line(1, format!("{} has no address, expected one", empty.name)));
        }
        Ok(read)
    }

    /// The endpoints of a cloud.
    pub fn of(&self, cloud: Cloud) -> impl Iterator<Item = &Endpoint> {
        self.endpoints.iter().filter(move |endpoint| endpoint.cloud == cloud)
    }

    /// The endpoint that has an address, in any cloud.
    pub fn with_address(&self, address: Ipv4Addr) -> Option<&Endpoint> {
        self.endpoints.iter().find(|endpoint| endpoint.addresses.contains(&address))
    }

    /// The endpoint with a DNS name; letter case and a trailing dot do not count.
    pub fn with_name(&self, name: &str) -> Option<&Endpoint> {
        let name = model::host_name::canonical(name);
        self.endpoints.iter().find(|endpoint| endpoint.name == name)
    }

    /// The set that holds exactly these addresses, in any order.
    pub fn route_set(&self, cloud: Cloud, addresses: &[Ipv4Addr]) -> Option<&RouteSet> {
        let same = |set: &&RouteSet| {
            set.cloud == cloud
                && set.addresses.iter().all(|address| addresses.contains(address))
                && addresses.iter().all(|address| set.addresses.contains(address))
        };
        self.route_sets.iter().find(same)
    }

    /// What is known about an address that never was an endpoint.
    pub fn wrong_address(&self, address: Ipv4Addr) -> Option<&WrongAddress> {
        self.wrong_addresses.iter().find(|wrong| wrong.address == address)
    }
}

impl Cloud {
    /// The cloud by the names that instance metadata, Azure CLI, PowerShell and our own options use.
    pub fn parse(text: &str) -> Option<Cloud> {
        let text = text.trim().to_ascii_lowercase();
        let text = text.strip_suffix("cloud").unwrap_or(&text);
        match text {
            "azurepublic" | "azure" | "global" | "public" => Some(Cloud::AzurePublic),
            "azureusgovernment" | "azureusgov" | "usgovernment" | "usgov" | "government" => {
                Some(Cloud::AzureUsGovernment)
            }
            "azurechina" | "china" | "mooncake" => Some(Cloud::AzureChina),
            "azuregerman" | "azuregermany" | "germany" => Some(Cloud::AzureGermany),
            _ => None,
        }
    }
}

impl fmt::Display for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Cloud::AzurePublic => "AzurePublic",
            Cloud::AzureUsGovernment => "AzureUSGovernment",
            Cloud::AzureChina => "AzureChina",
            Cloud::AzureGermany => "AzureGermany",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_whole() {
        let table = azure_endpoints();
        assert_eq!(table.schema, 1);
        for endpoint in &table.endpoints {
            assert!(!endpoint.addresses.is_empty() && endpoint.port == 1688, "{}", endpoint.name);
            assert!(endpoint.sources.iter().all(|s| table.sources.contains_key(s)), "{}", endpoint.name);
            assert!(endpoint.status == Status::Current || !endpoint.required, "{}", endpoint.name);
        }
        let all: Vec<_> = table.endpoints.iter().flat_map(|e| &e.addresses).collect();
        let mut unique = all.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), all.len(), "an address stands twice");
        for wrong in &table.wrong_addresses {
            assert!(
                table.with_address(wrong.instead).is_some() && table.with_address(wrong.address).is_none()
            );
            assert!(wrong.sources.iter().all(|s| table.sources.contains_key(s)));
        }
        for set in &table.route_sets {
            let known = |a: &Ipv4Addr| table.with_address(*a).is_some() || table.wrong_address(*a).is_some();
            assert!(set.addresses.iter().all(known), "{set:?}");
            assert!(set.sources.iter().all(|s| table.sources.contains_key(s)), "{set:?}");
        }
        assert!(table.timeline.is_sorted_by(|a, b| a.date < b.date));
        for change in &table.timeline {
            assert!(change.sources.iter().all(|s| table.sources.contains_key(s)), "{change:?}");
        }
    }

    #[test]
    fn finds_by_name_and_address() {
        let table = azure_endpoints();
        assert_eq!(table.with_name("AZKMS.core.windows.net.").unwrap().addresses.len(), 2);
        let old = table.with_address("23.102.135.246".parse().unwrap()).unwrap();
        assert_eq!((old.status, old.required), (Status::Superseded, false));
        assert_eq!(table.of(Cloud::AzureChina).flat_map(|e| &e.addresses).count(), 3);
        assert!(table.wrong_address("20.118.99.244".parse().unwrap()).is_some());
        assert!(table.with_name("azkms.core.windows.net.contoso.com").is_none());
    }

    #[test]
    fn a_set_of_addresses_has_its_time() {
        let table = azure_endpoints();
        let old = table.route_set(Cloud::AzurePublic, &["23.102.135.246".parse().unwrap()]).unwrap();
        assert_eq!((old.since.as_deref(), old.until.as_deref()), (None, Some("2022-07")));
        let today: Vec<Ipv4Addr> =
            table.of(Cloud::AzurePublic).flat_map(|endpoint| endpoint.addresses.clone()).collect();
        assert_eq!(table.route_set(Cloud::AzurePublic, &today).unwrap().until, None);
        assert_eq!(table.route_set(Cloud::AzureChina, &today), None);
    }

    #[test]
    fn knows_the_names_of_clouds() {
        for (text, cloud) in [
            ("AzurePublicCloud", Cloud::AzurePublic),
            ("AZUREUSGOVERNMENTCLOUD", Cloud::AzureUsGovernment),
            ("AzureChinaCloud", Cloud::AzureChina),
            ("AzureGermanCloud", Cloud::AzureGermany),
            ("usgov", Cloud::AzureUsGovernment),
            ("AzureCloud", Cloud::AzurePublic),
        ] {
            assert_eq!(Cloud::parse(text), Some(cloud), "{text}");
        }
        assert_eq!(Cloud::parse("AzureStack"), None);
    }
}
