//! Numbers of the Key Management Service: minimum counts, caps, timers, limits.

use serde::{Deserialize, Serialize};

use crate::product_name::ProductName;
use crate::releases::ReleaseKind;
use crate::sources::Sources;
use crate::table::{TableError, TableText};
use crate::tables::tables;

/// All numbers, as the table holds them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Thresholds {
    /// Machines that must have contacted the host.
    pub minimum_count: MinimumCount,
    /// What the host's count can reach.
    pub host_count: HostCount,
    /// How often a host key can be used.
    pub host_key: HostKeyUse,
    /// Intervals and periods.
    pub timers: Timers,
    /// Clock difference.
    pub clock: Clock,
    /// Transport.
    pub network: Network,
}

/// Machines that must have contacted the host before it activates a client of each kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MinimumCount {
    /// Windows for a workstation.
    pub windows_client: u32,
    /// Windows Server.
    pub windows_server: u32,
    /// Office, Project, Visio.
    pub office: u32,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// What the host's count can reach, and for how long it remembers a client.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostCount {
    /// Twice the minimum of a Windows client.
    pub maximum_with_windows_clients: u32,
    /// Twice the minimum of a Windows Server.
    pub maximum_with_servers_only: u32,
    /// Twice the minimum of Office.
    pub maximum_office: u32,
    /// Days for which a client is remembered.
    pub window_days: u32,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// How often a KMS host key can be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostKeyUse {
    /// Hosts on which one key can be activated.
    pub hosts_per_key: u32,
    /// Further activations of one host.
    pub reactivations_per_host: u32,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// Intervals and periods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Timers {
    /// Retry of a client that is not activated.
    pub activation_interval_minutes: u64,
    /// Renewal of an activated client.
    pub renewal_interval_minutes: u64,
    /// Smallest interval that can be set.
    pub shortest_interval_minutes: u64,
    /// Largest interval that can be set.
    pub longest_interval_minutes: u64,
    /// How long an activation lasts.
    pub validity_minutes: u64,
    /// Grace after installation.
    pub initial_grace_days: u32,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// Clock difference between client and host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// More than this is refused.
    pub largest_difference_hours: u32,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

/// Transport.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// TCP port of a host.
    pub port: u16,
    /// Keys of the pages that say so.
    pub source: Vec<String>,
}

impl Thresholds {
    pub(crate) fn read(table: TableText<'_>, sources: &Sources) -> Result<Thresholds, TableError> {
        let numbers: Thresholds = table.parse()?;
        let all = [
            &numbers.minimum_count.source,
            &numbers.host_count.source,
            &numbers.host_key.source,
            &numbers.timers.source,
            &numbers.clock.source,
            &numbers.network.source,
        ];
        for cited in all {
            sources.check(cited).map_err(|problem| table.error_at_line(1, problem))?;
        }
        Ok(numbers)
    }

    /// The count that a client of this kind needs.
    pub fn minimum_for(&self, kind: ReleaseKind) -> u32 {
        match kind {
            ReleaseKind::Client => self.minimum_count.windows_client,
            ReleaseKind::Server => self.minimum_count.windows_server,
            ReleaseKind::Office => self.minimum_count.office,
        }
    }
}

/// All numbers.
pub fn all() -> &'static Thresholds {
    &tables().thresholds
}

/// The count that a client of this kind needs.
pub fn minimum_for(kind: ReleaseKind) -> u32 {
    all().minimum_for(kind)
}

/// The count that a product needs, from its name as slmgr or ospp prints it.
pub fn minimum_for_product(name: &str) -> Option<u32> {
    ProductName::parse(name).map(|name| minimum_for(name.kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_product_decides_the_minimum() {
        assert_eq!(minimum_for_product("Windows(R), Professional edition"), Some(25));
        assert_eq!(minimum_for_product("Windows(R), ServerStandard edition"), Some(5));
        assert_eq!(minimum_for_product("Office 16, Office16StandardVL_KMS_Client edition"), Some(5));
        assert_eq!(minimum_for_product("something else"), None);
    }
}
