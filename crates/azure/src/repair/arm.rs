//! An ARM template.

use super::bicep::API;
use super::{NewRoute, Repair, TAGS, az};

pub(super) fn forward(repair: &Repair) -> Vec<String> {
    let mut lines = vec![
        "{".to_owned(),
        "  \"$schema\": \"https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#\","
            .to_owned(),
        "  \"contentVersion\": \"1.0.0.0\",".to_owned(),
        "  \"metadata\": {".to_owned(),
    ];
    // JSON knows no remarks.
    let mut remarks: Vec<String> = Vec::new();
    if repair.is_new {
        remarks.extend(az::forward(repair).last().map(|command| format!("then: {command}")));
    }
    remarks.extend(repair.proof());
    let remarks: Vec<String> =
        remarks.iter().map(|line| format!("      \"{}\"", line.replace('\\', "\\\\"))).collect();
    lines.extend(["    \"comments\": [".to_owned(), remarks.join(",\n"), "    ]".to_owned()]);
    lines.extend(["  },".to_owned(), "  \"resources\": [".to_owned()]);
    lines.extend(if repair.is_new { new_table(repair) } else { routes(repair) });
    lines.extend(["  ]".to_owned(), "}".to_owned()]);
    lines
}

fn new_table(repair: &Repair) -> Vec<String> {
    let location = repair.target.location.as_deref().unwrap_or("[resourceGroup().location]");
    let tags: Vec<String> = TAGS.iter().map(|(name, value)| format!("\"{name}\": \"{value}\"")).collect();
    let mut lines = vec![
        "    {".to_owned(),
        "      \"type\": \"Microsoft.Network/routeTables\",".to_owned(),
        format!("      \"apiVersion\": \"{API}\","),
        format!("      \"name\": \"{}\",", repair.table),
        format!("      \"location\": \"{location}\","),
        format!("      \"tags\": {{ {} }},", tags.join(", ")),
        "      \"properties\": {".to_owned(),
        "        \"disableBgpRoutePropagation\": false,".to_owned(),
        "        \"routes\": [".to_owned(),
    ];
    for (index, one) in repair.routes.iter().enumerate() {
        let comma = comma(index, repair.routes.len());
        lines.push(format!(
            "          {{ \"name\": \"{}\", \"properties\": {} }}{comma}",
            one.name,
            properties(one)
        ));
    }
    lines.extend(["        ]", "      }", "    }"].map(str::to_owned));
    lines
}

fn routes(repair: &Repair) -> Vec<String> {
    let mut lines = Vec::new();
    for (index, one) in repair.routes.iter().enumerate() {
        lines.extend([
            "    {".to_owned(),
            "      \"type\": \"Microsoft.Network/routeTables/routes\",".to_owned(),
            format!("      \"apiVersion\": \"{API}\","),
            format!("      \"name\": \"{}/{}\",", repair.table, one.name),
        ]);
        // A table takes one change at a time.
        if let Some(before) = index.checked_sub(1).and_then(|index| repair.routes.get(index)) {
            lines.push(format!(
                "      \"dependsOn\": [\"[resourceId('Microsoft.Network/routeTables/routes', '{}', '{}')]\"],",
                repair.table, before.name
            ));
        }
        lines.push(format!("      \"properties\": {}", properties(one)));
        lines.push(format!("    }}{}", comma(index, repair.routes.len())));
    }
    lines
}

fn properties(one: &NewRoute) -> String {
    format!("{{ \"addressPrefix\": \"{}\", \"nextHopType\": \"Internet\" }}", one.prefix())
}

fn comma(index: usize, count: usize) -> &'static str {
    if index + 1 < count { "," } else { "" }
}
