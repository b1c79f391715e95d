//! Bicep.
//!
//! The subnet is given its table by a command: a template would have to repeat everything that the subnet holds.

use super::{Repair, TAGS, az};

/// Version of the network API that the declarations are written for.
pub(super) const API: &str = "2024-05-01";

pub(super) fn forward(repair: &Repair) -> Vec<String> {
    let mut lines = Vec::new();
    if repair.is_new {
        let location = match &repair.target.location {
            Some(location) => format!("'{location}'"),
            None => "resourceGroup().location".to_owned(),
        };
        lines.extend([
            format!("resource table 'Microsoft.Network/routeTables@{API}' = {{"),
            format!("  name: '{}'", repair.table),
            format!("  location: {location}"),
            "  tags: {".to_owned(),
        ]);
        lines.extend(TAGS.iter().map(|(name, value)| format!("    '{name}': '{value}'")));
        lines.extend(["  }".to_owned(), "  properties: {".to_owned()]);
        lines.extend(["    disableBgpRoutePropagation: false".to_owned(), "    routes: [".to_owned()]);
        for one in &repair.routes {
            lines.extend([
                "      {".to_owned(),
                format!("        name: '{}'", one.name),
                "        properties: {".to_owned(),
                format!("          addressPrefix: '{}'", one.prefix()),
                "          nextHopType: 'Internet'".to_owned(),
                "        }".to_owned(),
                "      }".to_owned(),
            ]);
        }
        lines.extend(["    ]".to_owned(), "  }".to_owned(), "}".to_owned(), String::new()]);
        lines.extend(az::forward(repair).last().map(|command| format!("// then: {command}")));
        return lines;
    }
    lines.extend([
        format!("resource table 'Microsoft.Network/routeTables@{API}' existing = {{"),
        format!("  name: '{}'", repair.table),
        "}".to_owned(),
        String::new(),
    ]);
    for (index, one) in repair.routes.iter().enumerate() {
        lines.push(format!("resource {} 'Microsoft.Network/routeTables/routes@{API}' = {{", one.symbol()));
        lines.extend(["  parent: table".to_owned(), format!("  name: '{}'", one.name)]);
        lines.extend([
            "  properties: {".to_owned(),
            format!("    addressPrefix: '{}'", one.prefix()),
            "    nextHopType: 'Internet'".to_owned(),
            "  }".to_owned(),
        ]);
        // A table takes one change at a time.
        if let Some(before) = index.checked_sub(1).and_then(|index| repair.routes.get(index)) {
            lines.push(format!("  dependsOn: [{}]", before.symbol()));
        }
        lines.extend(["}".to_owned(), String::new()]);
    }
    lines
}
