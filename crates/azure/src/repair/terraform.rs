//! Terraform with the azurerm provider, as `terraform fmt` writes it.

use super::{Repair, TAGS};

pub(super) fn forward(repair: &Repair) -> Vec<String> {
    if repair.is_new { new_table(repair) } else { routes(repair) }
}

fn routes(repair: &Repair) -> Vec<String> {
    let mut lines = Vec::new();
    for one in &repair.routes {
        if let Some((kind, _)) = one.before() {
            lines.push(format!(
                "# The table has a route {} for this prefix with next hop {kind}: import it, or change it where it is declared.",
                one.name
            ));
        }
        lines.push(format!("resource \"azurerm_route\" \"{}\" {{", one.symbol()));
        lines.extend(block(
            1,
            &[
                ("name", &text(&one.name)),
                ("resource_group_name", &text(&repair.target.resource_group)),
                ("route_table_name", &text(&repair.table)),
                ("address_prefix", &text(&one.prefix())),
                ("next_hop_type", &text("Internet")),
            ],
        ));
        lines.extend(["}".to_owned(), String::new()]);
    }
    lines
}

fn new_table(repair: &Repair) -> Vec<String> {
    let target = &repair.target;
    let symbol = symbol(&repair.table);
    let group = text(&target.resource_group);
    let mut lines = vec!["data \"azurerm_subnet\" \"kms\" {".to_owned()];
    lines.extend(block(
        1,
        &[
            ("name", &text(&target.subnet)),
            ("virtual_network_name", &text(&target.vnet)),
            ("resource_group_name", &group),
        ],
    ));
    lines.extend(["}".to_owned(), String::new()]);
    let location = match &target.location {
        Some(location) => text(location),
        None => {
            lines.push("data \"azurerm_resource_group\" \"kms\" {".to_owned());
            lines.extend(block(1, &[("name", &group)]));
            lines.extend(["}".to_owned(), String::new()]);
            "data.azurerm_resource_group.kms.location".to_owned()
        }
    };
    lines.push(format!("resource \"azurerm_route_table\" \"{symbol}\" {{"));
    lines.extend(block(
        1,
        &[
            ("name", &text(&repair.table)),
            ("location", &location),
            ("resource_group_name", &group),
            ("bgp_route_propagation_enabled", "true"),
        ],
    ));
    for one in &repair.routes {
        lines.extend([String::new(), "  route {".to_owned()]);
        lines.extend(block(
            2,
            &[
                ("name", &text(&one.name)),
                ("address_prefix", &text(&one.prefix())),
                ("next_hop_type", &text("Internet")),
            ],
        ));
        lines.push("  }".to_owned());
    }
    lines.extend([String::new(), "  tags = {".to_owned()]);
    let tags: Vec<(&str, String)> = TAGS.iter().map(|(name, value)| (*name, text(value))).collect();
    let tags: Vec<(&str, &str)> = tags.iter().map(|(name, value)| (*name, value.as_str())).collect();
    lines.extend(block(2, &tags));
    lines.extend(["  }".to_owned(), "}".to_owned(), String::new()]);
    lines.push(format!("resource \"azurerm_subnet_route_table_association\" \"{symbol}\" {{"));
    lines.extend(block(
        1,
        &[
            ("subnet_id", "data.azurerm_subnet.kms.id"),
            ("route_table_id", &format!("azurerm_route_table.{symbol}.id")),
        ],
    ));
    lines.extend(["}".to_owned(), String::new()]);
    lines
}

pub(super) fn undo(repair: &Repair) -> Vec<String> {
    if repair.is_new {
        let symbol = symbol(&repair.table);
        return vec![format!(
            "terraform destroy -target=azurerm_subnet_route_table_association.{symbol} -target=azurerm_route_table.{symbol}"
        )];
    }
    let targets: Vec<String> =
        repair.routes.iter().map(|one| format!("-target=azurerm_route.{}", one.symbol())).collect();
    vec![format!("terraform destroy {}", targets.join(" "))]
}

/// Arguments with their equals signs below each other.
fn block(depth: usize, arguments: &[(&str, &str)]) -> Vec<String> {
    let width = arguments.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let indent = "  ".repeat(depth);
    arguments.iter().map(|(name, value)| format!("{indent}{name:width$} = {value}")).collect()
}

/// Names hold nothing that would need an escape.
fn text(value: &str) -> String {
    format!("\"{value}\"")
}

fn symbol(name: &str) -> String {
    let plain: String = name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect();
    // A name in Terraform begins with a letter.
    if plain.starts_with(|c: char| c.is_ascii_alphabetic()) { plain } else { format!("rt_{plain}") }
}
