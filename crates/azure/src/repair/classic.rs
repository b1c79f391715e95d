//! PowerShell of the classic deployment model (ASM). It knows no resource groups.

use std::net::Ipv4Addr;

use super::{NewRoute, Repair};

pub(super) fn forward(repair: &Repair) -> Vec<String> {
    let (target, table) = (&repair.target, &repair.table);
    let mut lines = Vec::new();
    if repair.is_new {
        // The plan has made sure of a region.
        let location = target.location.as_deref().unwrap_or_default();
        lines.push(format!(
            "New-AzureRouteTable -Name {table} -Location \"{location}\" -Label \"Azure KMS, made by kmscope\""
        ));
    }
    lines.extend(repair.routes.iter().map(|one| set(repair, one, "Internet", None)));
    if repair.is_new {
        lines.push(format!(
            "Set-AzureSubnetRouteTable -VirtualNetworkName {} -SubnetName {} -RouteTableName {table}",
            target.vnet, target.subnet
        ));
    }
    lines
}

pub(super) fn undo(repair: &Repair) -> Vec<String> {
    let (target, table) = (&repair.target, &repair.table);
    if repair.is_new {
        return vec![
            format!(
                "Remove-AzureSubnetRouteTable -VirtualNetworkName {} -SubnetName {} -Force",
                target.vnet, target.subnet
            ),
            format!("Remove-AzureRouteTable -Name {table} -Force"),
        ];
    }
    let way_back = |one: &NewRoute| match one.before() {
        Some((kind, address)) => set(repair, one, kind, address),
        None => {
            format!("Get-AzureRouteTable -Name {table} | Remove-AzureRoute -RouteName {} -Force", one.name)
        }
    };
    repair.routes.iter().map(way_back).collect()
}

/// Makes a route or changes the one of that name.
fn set(repair: &Repair, one: &NewRoute, kind: &str, address: Option<Ipv4Addr>) -> String {
    let address = address.map(|text| format!(" -NextHopIpAddress {text}")).unwrap_or_default();
    format!(
        "Get-AzureRouteTable -Name {} | Set-AzureRoute -RouteName {} -AddressPrefix {} -NextHopType {kind}{address}",
        repair.table,
        one.name,
        one.prefix()
    )
}
