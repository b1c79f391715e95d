//! Azure CLI.

use super::{NewRoute, Repair, TAGS};

pub(super) fn forward(repair: &Repair) -> Vec<String> {
    let target = &repair.target;
    let (group, table) = (&target.resource_group, &repair.table);
    let mut lines = Vec::new();
    if repair.is_new {
        let tags: Vec<String> = TAGS.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let location = target.location.as_ref().map(|text| format!(" --location {text}")).unwrap_or_default();
        lines.push(format!(
            "az network route-table create --resource-group {group} --name {table}{location} --tags {}",
            tags.join(" ")
        ));
    }
    for one in &repair.routes {
        // A route of another kind keeps its appliance's address when it is changed, so it is made anew.
        if one.replaces.is_some() {
            lines.push(delete(repair, one));
        }
        lines.push(format!("{} --next-hop-type Internet", create(repair, one)));
    }
    if repair.is_new {
        lines.push(format!(
            "az network vnet subnet update --resource-group {group} --vnet-name {} --name {} --route-table {table}",
            target.vnet, target.subnet
        ));
    }
    lines
}

pub(super) fn undo(repair: &Repair) -> Vec<String> {
    let target = &repair.target;
    let (group, table) = (&target.resource_group, &repair.table);
    if repair.is_new {
        return vec![
            format!(
                "az network vnet subnet update --resource-group {group} --vnet-name {} --name {} --remove routeTable",
                target.vnet, target.subnet
            ),
            format!("az network route-table delete --resource-group {group} --name {table}"),
        ];
    }
    let mut lines = Vec::new();
    for one in &repair.routes {
        lines.push(delete(repair, one));
        if let Some((kind, address)) = one.before() {
            let address = address.map(|text| format!(" --next-hop-ip-address {text}")).unwrap_or_default();
            lines.push(format!("{} --next-hop-type {kind}{address}", create(repair, one)));
        }
    }
    lines
}

fn create(repair: &Repair, one: &NewRoute) -> String {
    format!(
        "az network route-table route create --resource-group {} --route-table-name {} --name {} --address-prefix {}",
        repair.target.resource_group,
        repair.table,
        one.name,
        one.prefix()
    )
}

fn delete(repair: &Repair, one: &NewRoute) -> String {
    format!(
        "az network route-table route delete --resource-group {} --route-table-name {} --name {}",
        repair.target.resource_group, repair.table, one.name
    )
}
