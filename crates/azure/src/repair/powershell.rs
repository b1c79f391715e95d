//! Az PowerShell.

use std::net::Ipv4Addr;

use super::{NewRoute, Repair, TAGS};

pub(super) fn forward(repair: &Repair) -> Vec<String> {
    let target = &repair.target;
    let (group, table) = (&target.resource_group, &repair.table);
    let mut lines = vec![if repair.is_new {
        let tags: Vec<String> = TAGS.iter().map(|(name, value)| format!("'{name}' = '{value}'")).collect();
        let location = match &target.location {
            Some(location) => location.clone(),
            None => format!("(Get-AzResourceGroup -Name {group}).Location"),
        };
        format!(
            "$table = New-AzRouteTable -ResourceGroupName {group} -Name {table} -Location {location} -Tag @{{ {} }}",
            tags.join("; ")
        )
    } else {
        get(repair)
    }];
    for one in &repair.routes {
        let verb = if one.replaces.is_some() { "Set" } else { "Add" };
        lines.push(config(verb, one, "Internet", None));
    }
    lines.push("Set-AzRouteTable -RouteTable $table | Out-Null".to_owned());
    if repair.is_new {
        lines.extend(associate(repair, "$table"));
    }
    lines
}

pub(super) fn undo(repair: &Repair) -> Vec<String> {
    let (group, table) = (&repair.target.resource_group, &repair.table);
    if repair.is_new {
        let mut lines = associate(repair, "$null");
        lines.push(format!("Remove-AzRouteTable -ResourceGroupName {group} -Name {table} -Force"));
        return lines;
    }
    let mut lines = vec![get(repair)];
    lines.extend(repair.routes.iter().map(|one| match one.before() {
        Some((kind, address)) => config("Set", one, kind, address),
        None => format!("Remove-AzRouteConfig -RouteTable $table -Name {} | Out-Null", one.name),
    }));
    lines.push("Set-AzRouteTable -RouteTable $table | Out-Null".to_owned());
    lines
}

fn get(repair: &Repair) -> String {
    format!(
        "$table = Get-AzRouteTable -ResourceGroupName {} -Name {}",
        repair.target.resource_group, repair.table
    )
}

fn config(verb: &str, one: &NewRoute, kind: &str, address: Option<Ipv4Addr>) -> String {
    let address = address.map(|text| format!(" -NextHopIpAddress {text}")).unwrap_or_default();
    format!(
        "{verb}-AzRouteConfig -RouteTable $table -Name {} -AddressPrefix {} -NextHopType {kind}{address} | Out-Null",
        one.name,
        one.prefix()
    )
}

/// Gives the subnet a table, and leaves everything else of it as it is.
fn associate(repair: &Repair, table: &str) -> Vec<String> {
    let target = &repair.target;
    vec![
        format!(
            "$vnet = Get-AzVirtualNetwork -ResourceGroupName {} -Name {}",
            target.resource_group, target.vnet
        ),
        format!("$subnet = Get-AzVirtualNetworkSubnetConfig -VirtualNetwork $vnet -Name {}", target.subnet),
        format!("$subnet.RouteTable = {table}"),
        "Set-AzVirtualNetwork -VirtualNetwork $vnet | Out-Null".to_owned(),
    ]
}
