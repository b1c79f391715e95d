//! ARM templates: what parameters and variables stand for, and which resource an expression means.
//!
//! Only whole expressions are followed: a parameter's default, a variable, and `resourceId` of names that are written
//! out. Others stay as they are, and no reader takes them for an address.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// Expressions that lead to expressions.
const DEPTH_MAX: usize = 8;

/// The template with what it defines in place of its expressions; nothing for another document.
pub(super) fn resolved(document: &Value) -> Option<Value> {
    let schema = document.get("$schema")?.as_str()?;
    if !schema.contains("eploymentTemplate.json") || !schema.contains("schema.management.azure.com") {
        return None;
    }
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    let section = |name: &str| document.get(name).and_then(Value::as_object);
    for (name, parameter) in section("parameters").into_iter().flatten() {
        known.extend(
            parameter
                .get("defaultValue")
                .map(|value| (format!("parameters {}", name.to_lowercase()), value.clone())),
        );
    }
    for (name, value) in section("variables").into_iter().flatten() {
        known.insert(format!("variables {}", name.to_lowercase()), value.clone());
    }
    let mut resolved = document.clone();
    replace(&mut resolved, &known);
    if let Some(resources) = resolved.get_mut("resources") {
        name_resources(resources);
    }
    Some(resolved)
}

fn replace(value: &mut Value, known: &BTreeMap<String, Value>) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, known)),
        Value::Object(map) => map.values_mut().for_each(|item| replace(item, known)),
        Value::String(text) => {
            if let Some(meant) = meaning(text, known, 0) {
                *value = meant;
            }
        }
        _ => {}
    }
}

/// What a whole expression stands for.
fn meaning(text: &str, known: &BTreeMap<String, Value>, depth: usize) -> Option<Value> {
    let inner = text.trim().strip_prefix('[')?.strip_suffix(']')?;
    // Two brackets are text that begins with one.
    if inner.starts_with('[') || depth > DEPTH_MAX {
        return None;
    }
    let (function, rest) = inner.split_once('(')?;
    let arguments = rest.strip_suffix(')')?;
    match function.trim().to_ascii_lowercase().as_str() {
        kind @ ("parameters" | "variables") => {
            let name = literal(arguments)?.to_lowercase();
            let value = known.get(&format!("{kind} {name}"))?;
            match value {
                Value::String(text) => meaning(text, known, depth + 1).or_else(|| Some(value.clone())),
                _ => Some(value.clone()),
            }
        }
        "resourceid" => {
            let parts: Vec<String> = arguments
                .split(',')
                .map(|part| {
                    let part = part.trim();
                    literal(part).map(str::to_owned).or_else(|| {
                        meaning(&format!("[{part}]"), known, depth + 1)?.as_str().map(str::to_owned)
                    })
                })
                .collect::<Option<_>>()?;
            Some(Value::String(id_of(parts.first()?, &parts[1..])))
        }
        _ => None,
    }
}

fn literal(text: &str) -> Option<&str> {
    text.trim().strip_prefix('\'')?.strip_suffix('\'').filter(|text| !text.contains('\''))
}

/// The same form for the id of a resource and for what points at it.
fn id_of(kind: &str, names: &[String]) -> String {
    format!("template/{kind}/{}", names.join("/"))
}

/// Gives every resource the id that `resourceId` has for it; nested ones stand below their parents.
fn name_resources(resources: &mut Value) {
    let items: Vec<&mut Value> = match resources {
        Value::Array(items) => items.iter_mut().collect(),
        // Newer templates name their resources by symbols.
        Value::Object(map) => map.values_mut().collect(),
        _ => return,
    };
    for item in items {
        let Some(map) = item.as_object_mut() else { continue };
        let text = |map: &Map<String, Value>, name: &str| map.get(name)?.as_str().map(str::to_owned);
        let (Some(kind), Some(name)) = (text(map, "type"), text(map, "name")) else { continue };
        let names: Vec<String> = name.split('/').map(str::to_owned).collect();
        map.entry("id").or_insert_with(|| Value::String(id_of(&kind, &names)));
        let subnets = map.get_mut("properties").and_then(|properties| properties.get_mut("subnets"));
        for subnet in subnets.and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(subnet) = subnet.as_object_mut() else { continue };
            let Some(own) = text(subnet, "name") else { continue };
            let id = id_of(&format!("{kind}/subnets"), &[name.clone(), own]);
            subnet.entry("id").or_insert_with(|| Value::String(id));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn template(rest: Value) -> Value {
        let mut template = json!({
            "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
            "parameters": {"kms": {"type": "string", "defaultValue": "20.118.99.224/32"}, "open": {"type": "string"}},
            "variables": {"name": "rt", "also": "[parameters('KMS')]", "circle": "[variables('circle')]"}
        });
        template.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        template
    }

    #[test]
    fn whole_expressions_are_followed_and_others_stay() {
        let text = |expression: &str| {
            let resolved = resolved(&template(json!({"resources": [expression]}))).unwrap();
            resolved["resources"][0].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!(text("[parameters('kms')]"), "20.118.99.224/32");
        assert_eq!(text("[variables('also')]"), "20.118.99.224/32");
        for open in ["[parameters('open')]", "[concat('a', 'b')]", "[[parameters('kms')]", "plain"] {
            assert_eq!(text(open), open);
        }
        let ends = text("[variables('circle')]");
        assert!(ends.starts_with('['), "{ends}");
    }

    #[test]
    fn a_resource_and_what_points_at_it_have_one_id() {
        let resolved = resolved(&template(json!({"resources": [
            {"type": "Microsoft.Network/routeTables", "name": "[variables('name')]"},
            {"type": "x", "name": "y", "table": {"id": "[resourceId('Microsoft.Network/routeTables', variables('name'))]"}}
        ]})))
        .unwrap();
        assert_eq!(resolved["resources"][0]["id"], "template/Microsoft.Network/routeTables/rt");
        assert_eq!(resolved["resources"][1]["table"]["id"], resolved["resources"][0]["id"]);
        assert_eq!(super::resolved(&json!({"resources": []})), None);
    }
}
