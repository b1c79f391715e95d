//! One walk over a document that finds route tables, security groups, resources and metadata in it.

use model::Place;
use serde_json::Value;

use super::fields::{self, Places, escape, is_key};
use super::{addresses, firewall_policy, imds, nsg, resource, routes, template};
use crate::out::Out;

/// Branches of a Terraform plan that repeat the planned values.
const REPEATING: [&str; 4] = ["resourcechanges", "priorstate", "configuration", "resourcedrift"];

/// Reads a JSON document. False if it holds nothing of Azure.
pub(super) fn read(value: &Value, place: &Place, out: &mut Out) -> bool {
    let template = template::resolved(value);
    read_at(template.as_ref().unwrap_or(value), &Places::Json(place.clone()), out)
}

/// Reads a value whose parts have the given places.
pub(super) fn read_at(value: &Value, places: &Places, out: &mut Out) -> bool {
    let before = out.facts.len() + out.notes.len();
    walk(value, "", places, out);
    out.facts.len() + out.notes.len() > before
}

fn walk(value: &Value, pointer: &str, places: &Places, out: &mut Out) {
    match value {
        Value::Array(items) => {
            if routes::read_array(value, pointer, places, out)
                || routes::read_learned(value, pointer, places, out)
                || nsg::read_array(value, pointer, places, out)
                || addresses::read_array(value, pointer, places, out)
            {
                return;
            }
            for (index, item) in items.iter().enumerate().filter(|(_, item)| is_nested(item)) {
                walk(item, &format!("{pointer}/{index}"), places, out);
            }
        }
        Value::Object(_) => walk_object(value, pointer, places, out),
        _ => {}
    }
}

fn walk_object(value: &Value, pointer: &str, places: &Places, out: &mut Out) {
    if read_ip_flow(value, pointer, places, out) {
        return;
    }
    if imds::read_document(value, pointer, places, out)
        || routes::read_single(value, pointer, places, out)
        || nsg::read_single(value, pointer, places, out)
    {
        return;
    }
    let taken = [
        routes::read_table(value, pointer, places, out),
        nsg::read_group(value, pointer, places, out),
        firewall_policy::read(value, pointer, places, out),
    ];
    resource::read(value, pointer, places, out);
    let Some(object) = value.as_object() else { return };
    let is_plan = object.keys().any(|key| is_key(key, "plannedvalues"));
    for (key, inner) in object.iter().filter(|(_, inner)| is_nested(inner)) {
        let read_already = is_read(key, taken) || (is_plan && REPEATING.iter().any(|name| is_key(key, name)));
        if read_already {
            continue;
        }
        let below = format!("{pointer}/{}", escape(key));
        if taken.contains(&true) && (is_key(key, "properties") || is_key(key, "values")) {
            // What was read at the top may stand under `properties`; only the other fields are left.
            walk_rest(inner, &below, taken, places, out);
        } else {
            walk(inner, &below, places, out);
        }
    }
}

/// True for a field whose content was read as routes, security rules or rule collections.
fn is_read(key: &str, taken: [bool; 3]) -> bool {
    (taken[0] && ["routes", "route", "effectiveroutes"].iter().any(|name| is_key(key, name)))
        || (taken[1] && nsg::RULE_FIELDS.iter().any(|name| is_key(key, name)))
        || (taken[2] && firewall_policy::FIELDS.iter().any(|name| is_key(key, name)))
}

/// The answer of IP flow verify: it does not know the platform's own rule, so it is told and not judged.
fn read_ip_flow(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let (Some(access), Some(rule)) = (fields::text(value, "access"), fields::text(value, "rulename")) else {
        return false;
    };
    if fields::has(value, "priority") {
        return false;
    }
    out.note("note-ip-flow-verify", vec![("access", access), ("rule", rule)], places.of(pointer));
    true
}

fn walk_rest(value: &Value, pointer: &str, taken: [bool; 3], places: &Places, out: &mut Out) {
    let Some(object) = value.as_object() else { return };
    for (key, inner) in object.iter().filter(|(_, inner)| is_nested(inner)) {
        let read_already = is_read(key, taken);
        if !read_already {
            walk(inner, &format!("{pointer}/{}", escape(key)), places, out);
        }
    }
}

fn is_nested(value: &Value) -> bool {
    value.is_object() || value.is_array()
}

/// Name of the object: `name`, or the last part of its `id`.
pub(super) fn name_of(value: &Value) -> Option<String> {
    fields::text(value, "name").or_else(|| {
        let id = fields::text(value, "id")?;
        id.rsplit('/').next().map(str::to_owned).filter(|name| !name.is_empty())
    })
}
