//! The routes that every Azure finding about routes proposes, and the words that prove it.

use std::net::Ipv4Addr;

use crate::case::{Case, Item};
use crate::finding::{Citation, Explained};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::verifying;
use crate::survey::azure_signs::describe_route;
use crate::survey::codes;

/// Page with the current addresses.
pub(super) const ROUTES_PAGE: &str = "https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/custom-routes-enable-kms-activation";

/// Adds a /32 route with next hop Internet for each address.
pub(super) fn add_routes(rule: &'static str, addresses: &[Ipv4Addr]) -> Remedy {
    let name = |address: &Ipv4Addr| format!("kms-{}", address.to_string().replace('.', "-"));
    let az = addresses.iter().map(|address| {
        format!(
            "az network route-table route create --resource-group <group> --route-table-name <route-table> --name {} --address-prefix {address}/32 --next-hop-type Internet",
            name(address)
        )
    });
    let powershell = std::iter::once(
        "$table = Get-AzRouteTable -ResourceGroupName <group> -Name <route-table>".to_owned(),
    )
    .chain(addresses.iter().map(|address| {
        format!(
            "Add-AzRouteConfig -RouteTable $table -Name {} -AddressPrefix {address}/32 -NextHopType Internet | Out-Null",
            name(address)
        )
    }))
    .chain(std::iter::once("Set-AzRouteTable -RouteTable $table".to_owned()));
    let undo = addresses.iter().map(|address| {
        format!(
            "az network route-table route delete --resource-group <group> --route-table-name <route-table> --name {}",
            name(address)
        )
    });
    let verify = addresses.iter().map(|address| format!("Test-NetConnection {address} -Port 1688"));
    Remedy::new(rule, "add-routes", Safety::Safe)
        .step(Shell::Az, az.collect::<Vec<_>>())
        .step(Shell::Powershell, powershell.collect::<Vec<_>>())
        .undo(undo.collect::<Vec<_>>())
        .verify(verify.collect::<Vec<_>>())
        .verify(verifying::activation())
}

/// Addresses of a judgement that need a route.
pub(super) fn missing(check: &azure::Check<'_>) -> Vec<Ipv4Addr> {
    let mut missing = azure::verdict::missing_routes(check);
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// The winning routes of the endpoints with a reason, in words.
pub(super) fn proof(item: &Item<'_>, check: &azure::Check<'_>, reason: azure::Reason) -> Vec<Citation> {
    let mut citations: Vec<Citation> = Vec::new();
    for endpoint in check.endpoints.iter().filter(|e| e.reason == reason) {
        for route in &endpoint.selection.winners {
            let text = format!("{} -> {} ({})", describe_route(route), endpoint.address, endpoint.name);
            citations.push(Citation { text, source: item.evidence.fact.source.clone() });
        }
    }
    citations
}

/// The codes that a broken way to Azure's KMS explains.
pub(super) fn explained_codes(case: &Case) -> Vec<Explained> {
    let wanted = [codes::NOT_REACHED, &[codes::NOT_CONTACTED, 0x8007_139F]].concat();
    codes::current(case, &wanted).iter().map(|s| Explained::Code(s.code)).collect()
}

/// Names of the machines whose attempts fail.
pub(super) fn failing_machines(case: &Case) -> Vec<String> {
    let wanted = [codes::NOT_REACHED, &[codes::NOT_CONTACTED, 0x8007_139F]].concat();
    let mut machines: Vec<String> =
        codes::current(case, &wanted).iter().filter_map(|s| case.machine_label(s.machine())).collect();
    machines.sort();
    machines.dedup();
    machines
}
