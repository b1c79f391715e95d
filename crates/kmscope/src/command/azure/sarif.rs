//! Faults as SARIF 2.1.0, which code scanning of GitHub, Azure DevOps and GitLab reads.
//!
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>

use serde_json::{Value, json};

use model::Place;

use super::findings::FaultRow;
use crate::console::Console;

/// The log of one run.
pub(super) fn log(rows: &[FaultRow], console: &Console) -> Value {
    let mut ids: Vec<&str> = rows.iter().map(|row| row.rule.as_str()).collect();
    ids.sort_unstable();
    ids.dedup();
    let results: Vec<Value> = rows.iter().map(|row| result(row, &ids)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "kmscope",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": ids.iter().map(|id| rule(id, console)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }]
    })
}

fn rule(id: &str, console: &Console) -> Value {
    let cause = facts::tables().causes.by_rule(id);
    let meaning = match cause {
        Some(cause) => cause.meaning.clone(),
        None => console.text("azure-lint-allow-rule", &[]),
    };
    json!({
        "id": id,
        "name": cause.map_or(id, |cause| cause.id.as_str()),
        "shortDescription": {"text": meaning},
    })
}

fn result(row: &FaultRow, ids: &[&str]) -> Value {
    let mut physical = json!({"artifactLocation": {"uri": uri(&row.source.path)}});
    if let Some(line) = row.line {
        physical["region"] = json!({"startLine": line});
    }
    let mut location = json!({"physicalLocation": physical});
    let pointer = if let Place::Pointer(pointer) = &row.source.place { Some(pointer) } else { None };
    let logical: Vec<Value> =
        pointer.into_iter().chain(&row.modules).map(|name| json!({"fullyQualifiedName": name})).collect();
    if !logical.is_empty() {
        location["logicalLocations"] = Value::Array(logical);
    }
    // An empty list says that it is not suppressed.
    let mut suppressions = Vec::new();
    if let Some(suppressed) = &row.suppressed {
        let mut suppression = json!({"kind": "inSource"});
        if !suppressed.reason.is_empty() {
            suppression["justification"] = json!(suppressed.reason);
        }
        suppressions.push(suppression);
    }
    json!({
        "suppressions": suppressions,
        "ruleId": row.rule,
        "ruleIndex": ids.iter().position(|id| *id == row.rule),
        "level": row.level,
        "message": {"text": row.message},
        "locations": [location],
    })
}

/// A path as a relative reference (RFC 3986): slashes, and everything else that is not plain in percents.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.trim_start_matches("./").replace('\\', "/").bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            uri.push_str(&format!("%{byte:02X}"));
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    #[test]
    fn paths_become_references() {
        assert_eq!(super::uri("./net\\main file.tf"), "net/main%20file.tf");
        assert_eq!(super::uri("a/ü:b.tf"), "a/%C3%BC%3Ab.tf");
    }
}
