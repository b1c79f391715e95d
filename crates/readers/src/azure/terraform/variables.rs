//! Files of variables: `terraform.tfvars`, `*.auto.tfvars` and those that the command line names.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::structure::Structure;

use super::evaluate::literal;
use super::value::{Budget, SIZE_MAX, Value};
use super::world::Assigned;

/// Elements of one file of variables.
const VALUES_MAX: usize = 100_000;

/// Whether Terraform reads the file of this name by itself, and its place in the order: later ones win.
pub(super) fn order(name: &str) -> Option<(u8, &str)> {
    match name {
        "terraform.tfvars" => Some((0, name)),
        "terraform.tfvars.json" => Some((1, name)),
        _ if name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json") => Some((2, name)),
        _ => None,
    }
}

/// Adds the values of a file; those that were there before give way. The message and line of what is wrong with it.
pub(super) fn add(
    path: &str,
    text: &str,
    values: &mut BTreeMap<String, Assigned>,
) -> Result<(), (String, u32)> {
    let budget = Budget::new(VALUES_MAX);
    if path.ends_with(".json") {
        let line = |error: &serde_json::Error| u32::try_from(error.line()).unwrap_or(1);
        let map: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|error| (error.to_string(), line(&error)))?;
        values.extend(map.into_iter().map(|(name, value)| (name, Assigned::Value(of_json(&value, &budget)))));
        return Ok(());
    }
    let body = hcl_edit::parser::parse_body(text)
        .map_err(|error| (error.message().to_owned(), u32::try_from(error.location().line()).unwrap_or(1)))?;
    for attribute in body.iter().filter_map(Structure::as_attribute) {
        let value = literal(&attribute.value, &budget)
            .unwrap_or_else(|_| Value::Open(super::evaluate::shown(&attribute.value)));
        values.insert(attribute.key.as_str().to_owned(), Assigned::Value(value));
    }
    Ok(())
}

fn of_json(value: &serde_json::Value, budget: &Budget) -> Value {
    use serde_json::Value as Json;
    if budget.spend(1).is_err() {
        return Value::Open("...".into());
    }
    match value {
        Json::Null => Value::Null,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => number.as_f64().map_or(Value::Null, Value::Number),
        Json::String(text) => Value::text(text),
        Json::Array(items) => {
            Value::list(items.iter().take(SIZE_MAX).map(|item| of_json(item, budget)).collect())
        }
        Json::Object(map) => {
            let pairs = map.iter().take(SIZE_MAX);
            Value::map(pairs.map(|(key, item)| (Rc::from(key.as_str()), of_json(item, budget))).collect())
        }
    }
}
