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
    for (item, network) in case.networks() {
        // The platform's own resolver and suffix exist nowhere else.
        let adapters = || network.adapters.iter();
        if adapters().any(|a| a.dns_servers.iter().any(|server| server == "168.63.129.16")) {
            signs.runs_there.push(item.cite("dns_servers"));
        } else if adapters()
            .filter_map(|a| a.dns_suffix.as_deref())
            .any(|s| s.ends_with("internal.cloudapp.net"))
        {
            signs.runs_there.push(item.cite("dns_suffix"));
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

/// The cloud that the evidence speaks of, from metadata or from the KMS name in use; Azure Global otherwise.
pub fn cloud(case: &Case) -> azure::Cloud {
    let environment = case.metadata().find_map(|(_, imds)| imds.environment.clone());
    let by_event = case
        .events()
        .find_map(|(_, e)| e.kms_machine.as_deref().filter(|n| is_azure_kms_name(n)).map(str::to_owned));
    let by_registry =
        case.registry_values().find_map(|(_, v)| v.data.clone().filter(|data| is_azure_kms_name(data)));
    let by_license =
        case.licenses().find_map(|(_, l)| l.kms_machine.clone().filter(|name| is_azure_kms_name(name)));
    let by_test =
        case.connections().find_map(|(_, t)| t.target.clone().filter(|name| is_azure_kms_name(name)));
    let name = by_event.or(by_registry).or(by_license).or(by_test);
    if environment.is_none() && name.is_none() {
        let tables = case.route_tables().map(|(_, table)| table);
        return azure::cloud::of_routes(tables).unwrap_or(azure::Cloud::AzurePublic);
    }
    azure::cloud::of(environment.as_deref(), name.as_deref()).0
}

/// The judgement on every route table of the case.
pub fn route_checks(case: &Case) -> Vec<(Item<'_>, &model::azure::RouteTable, azure::Check<'_>)> {
    let cloud = cloud(case);
    case.route_tables().map(|(item, table)| (item, table, azure::check(table, cloud))).collect()
}

/// Whether a user-defined default route is known to exist (true), known not to (false), or not told.
pub fn user_default_route(case: &Case) -> Option<bool> {
    let mut tables = case.route_tables().map(|(_, table)| azure::select::has_user_default_route(table));
    let first = tables.next()?;
    Some(first || tables.any(|has| has))
}

/// The route in words, for a citation.
pub fn describe_route(route: &model::azure::Route) -> String {
    let part = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
    let mut text = format!(
        "{} {} {} {}",
        part(&route.source),
        part(&route.state),
        part(&route.prefix),
        part(&route.next_hop_type)
    );
    if let Some(address) = &route.next_hop_ip {
        text.push(' ');
        text.push_str(address);
    }
    text
}

/// Requests and tests of Azure's KMS that failed.
pub fn failed_contacts(case: &Case) -> Vec<Citation> {
    let mut found = Vec::new();
    for target in super::targets::targets(case).iter().filter(|t| is_azure_kms_name(&t.name)) {
        let reach = super::targets::reach(case, target);
        if !reach.served.is_empty() {
            continue;
        }
        found.extend(reach.not_reached.iter().map(|(citation, _)| citation.clone()));
        found.extend(
            reach.silent.iter().chain(&reach.failed).chain(&reach.refused).chain(&reach.reset).cloned(),
        );
    }
    for (item, test) in case.connections() {
        let azure_name = test.target.as_deref().is_some_and(is_azure_kms_name);
        if azure_name && test.succeeded == Some(false) {
            found.push(item.cite("succeeded"));
        }
    }
    found.sort_by(|a, b| a.source.cmp(&b.source));
    found.dedup();
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, client_dlv, failing_vm, registered, routes, sent};

    #[test]
    fn the_names_of_azure_s_own_hosts_are_known_in_any_spelling() {
        for name in [
            "azkms.core.windows.net",
            "KMS.core.windows.net.",
            "kms.core.windows.net:1688",
            "kms.core.usgovcloudapi.net",
        ] {
            assert!(is_azure_kms_name(name), "{name}");
        }
        for name in ["kms.contoso.com", "azkms.core.windows.net.contoso.com", ""] {
            assert!(!is_azure_kms_name(name), "{name}");
        }
    }

    #[test]
    fn running_there_and_asking_azure_are_two_things() {
        let dlv = client_dlv("Notification", &registered("azkms.core.windows.net"));
        let asks = case(&[("vm/dlv.txt", &dlv)]);
        assert!(signs(&asks).runs_there.is_empty() && signs(&asks).uses_azure_kms.len() == 1);
        let runs = case(&[("routes.txt", &routes(&["Default Active 0.0.0.0/0 Internet"]))]);
        assert!(signs(&runs).any() && signs(&runs).uses_azure_kms.is_empty());
        assert!(!signs(&case(&[("PC-1.txt", &client_dlv("Licensed", ""))])).any());
    }

    #[test]
    fn the_cloud_follows_the_name_that_is_asked() {
        let request = sent("vm-1", "2025-06-03T07:20:00", "0x800706BA", "kms.core.usgovcloudapi.net");
        assert_ne!(cloud(&case(&[("vm.xml", &request)])), cloud(&case(&[])));
    }

    #[test]
    fn contacts_that_failed_are_gathered_once() {
        let (test, request) = failing_vm();
        let case = case(&[("vm/tnc.txt", &test), ("vm/e.xml", &request)]);
        let contacts = failed_contacts(&case);
        assert_eq!(contacts.len(), 2, "{contacts:?}");
    }

    #[test]
    fn a_user_default_route_is_told_from_none_and_from_no_table() {
        let of = |rows: &[&str]| user_default_route(&case(&[("routes.txt", &routes(rows))]));
        assert_eq!(of(&["User Active 0.0.0.0/0 Internet"]), Some(true));
        assert_eq!(of(&["Default Active 0.0.0.0/0 Internet"]), Some(false));
        assert_eq!(user_default_route(&case(&[])), None);
    }
}
