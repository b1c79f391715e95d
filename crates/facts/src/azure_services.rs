//! Update services in Azure that forced tunnelling cuts off like KMS: Red Hat's and SUSE's.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use serde::Deserialize;

use crate::azure_endpoints::{Cloud, Status};
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// One service with its addresses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// The cloud that it serves.
    pub cloud: Cloud,
    /// Stable name for options and JSON.
    pub id: String,
    /// Name that people know.
    pub title: String,
    /// DNS names; empty where clients go by address.
    pub names: Vec<String>,
    /// Documented addresses.
    pub addresses: Vec<Ipv4Addr>,
    /// TCP port.
    pub port: u16,
    /// In use, superseded or retired.
    pub status: Status,
    /// What to know about it.
    #[serde(default)]
    pub note: Option<String>,
    /// Keys into [`AzureServices::sources`].
    pub sources: Vec<String>,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AzureServices {
    /// Version of the table's form.
    pub schema: u32,
    /// Addresses of the documents behind the rows.
    pub sources: BTreeMap<String, String>,
    /// Services in the order of importance.
    #[serde(rename = "service")]
    pub services: Vec<Service>,
}

/// The table in use.
pub fn azure_services() -> &'static AzureServices {
    &tables().azure_services
}

impl AzureServices {
    /// Reads `azure-other-endpoints.toml`, whose sources stand in it.
    pub(crate) fn read(table: TableText<'_>) -> Result<AzureServices, TableError> {
        let read: AzureServices = table.parse()?;
        for key in read.services.iter().flat_map(|row| &row.sources) {
            if !read.sources.contains_key(key) {
                return Err(
                    table.error_at_line(1, format!("unknown source {key}, expected a key of [sources]"))
                );
            }
        }
        Ok(read)
    }

    /// The services in use in a cloud.
    pub fn of(&self, cloud: Cloud) -> impl Iterator<Item = &Service> {
        self.services.iter().filter(move |one| one.cloud == cloud && one.status == Status::Current)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_has_addresses_and_known_sources() {
        let table = azure_services();
        for one in &table.services {
            assert!(!one.addresses.is_empty(), "{}", one.id);
            assert!(one.sources.iter().all(|key| table.sources.contains_key(key)), "{}", one.id);
        }
        assert_eq!(table.of(Cloud::AzurePublic).count(), 2);
        assert_eq!(table.of(Cloud::AzureChina).count(), 0);
    }
}
