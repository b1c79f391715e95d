//! Which Azure cloud the evidence is about.

use facts::azure_endpoints::{Cloud, azure_endpoints};
use model::azure::RouteTable;

use crate::select::prefix_of;

/// The cloud by what instance metadata says, else by the KMS name in use, else the public cloud.
///
/// The flag tells whether anything said so.
pub fn of(environment: Option<&str>, kms_name: Option<&str>) -> (Cloud, bool) {
    let told = environment.and_then(Cloud::parse).or_else(|| kms_name.and_then(of_kms_name));
    (told.unwrap_or(Cloud::AzurePublic), told.is_some())
}

/// The cloud for whose endpoints somebody made single routes, if it is one: people know where their machines are.
pub fn of_routes<'a>(tables: impl Iterator<Item = &'a RouteTable>) -> Option<Cloud> {
    let addresses = tables.flat_map(|table| &table.routes).filter_map(|route| {
        let single = prefix_of(route).filter(|prefix| prefix.prefix_len() == 32)?;
        azure_endpoints().with_address(single.addr()).map(|endpoint| endpoint.cloud)
    });
    let mut clouds: Vec<Cloud> = addresses.collect();
    clouds.sort_unstable();
    clouds.dedup();
    if let [only] = clouds.as_slice() { Some(*only) } else { None }
}

/// The cloud of a KMS name (`azkms.core.windows.net`) or of an endpoint's address; a port may follow.
pub fn of_kms_name(name: &str) -> Option<Cloud> {
    let host = name.trim().split(':').next().unwrap_or_default();
    let table = azure_endpoints();
    let endpoint = match host.parse() {
        Ok(address) => table.with_address(address),
        Err(_) => table.with_name(host),
    };
    endpoint.map(|endpoint| endpoint.cloud)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_counts_more_than_the_name() {
        assert_eq!(
            of(Some("AzureUSGovernmentCloud"), Some("azkms.core.windows.net")),
            (Cloud::AzureUsGovernment, true)
        );
        assert_eq!(of(None, Some("kms.core.chinacloudapi.cn:1688")), (Cloud::AzureChina, true));
        assert_eq!(of(None, Some("23.97.0.13")), (Cloud::AzureUsGovernment, true));
        assert_eq!(of(None, Some("kms.contoso.com")), (Cloud::AzurePublic, false));
    }
}
