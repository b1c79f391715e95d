//! Signs that a client lives in Azure or uses Azure's KMS.

use crate::case::{Case, Item};
use crate::finding::Citation;

/// True for the names of Azure's own KMS endpoints, in any cloud.
pub fn is_azure_kms_name(name: &str) -> bool {
    let name = model::host_name::canonical(name);
    let name = name.split(':').next().unwrap_or_default();
    matches!(
        name,
        "azkms.core.windows.net"
            | "kms.core.windows.net"
            | "kms.core.usgovcloudapi.net"
            | "azkms.core.usgovcloudapi.net"
            | "azkms.core.chinacloudapi.cn"
            | "kms.core.chinacloudapi.cn"
            | "kms.core.cloudapi.de"
    )
}

/// Signs, with their words.
#[derive(Debug, Default)]
pub struct AzureSigns<'a> {
    /// The machine runs in Azure: metadata, routes, resources.
    pub runs_there: Vec<Citation>,
    /// A client is set to, or asks, Azure's KMS.
    pub uses_azure_kms: Vec<Citation>,
    /// The facts behind the second.
    pub clients: Vec<Item<'a>>,
}

impl AzureSigns<'_> {
    /// Anything at all points to Azure.
    pub fn any(&self) -> bool {
        !self.runs_there.is_empty() || !self.uses_azure_kms.is_empty()
    }
}

/// Gathers the signs of a case.
pub fn signs(case: &Case) -> AzureSigns<'_> {
    let mut signs = AzureSigns::default();
    for (item, _) in case.route_tables() {
        signs.runs_there.push(item.cite("routes"));
    }
    for (item, _) in case.resources() {
        signs.runs_there.push(item.cite("resource"));
    }
    for (item, _) in case.security_groups() {
        signs.runs_there.push(item.cite("rules"));
    }
    for (item, imds) in case.metadata() {
        if imds.reachable == Some(true) || imds.environment.is_some() || imds.offer.is_some() {
            signs.runs_there.push(item.cite("environment"));
        }
    }
    for (item, info) in case.machine_infos() {
        if info.platform.as_deref().is_some_and(|p| p.to_lowercase().contains("azure")) {
            signs.runs_there.push(item.cite("platform"));
        }
    }
    for (item, event) in case.events() {
        if event.kms_machine.as_deref().is_some_and(is_azure_kms_name) {
            signs.uses_azure_kms.push(item.cite("kms_machine"));
            signs.clients.push(item);
        }
    }
    for (item, license) in case.licenses() {
        if license.kms_machine.as_deref().is_some_and(is_azure_kms_name) {
            signs.uses_azure_kms.push(item.cite("kms_machine"));
            signs.clients.push(item);
        }
    }
    for (item, value) in case.registry_values() {
        let is_name =
            value.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("KeyManagementServiceName"));
        if is_name && value.data.as_deref().is_some_and(is_azure_kms_name) {
            signs.uses_azure_kms.push(item.cite("data"));
            signs.clients.push(item);
        }
    }
    for (item, test) in case.connections() {
        if test.target.as_deref().is_some_and(is_azure_kms_name) {
            signs.uses_azure_kms.push(item.cite("target"));
        }
    }
    signs
}
