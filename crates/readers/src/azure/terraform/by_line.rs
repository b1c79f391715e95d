//! Terraform that does not parse, in a mail or cut off: what its lines tell, as far as values are written out.

use serde_json::{Map, Value};

use crate::azure::document;
use crate::azure::fields::Places;
use crate::out::Out;
use crate::text::Text;

/// Blocks within blocks that are followed.
const DEPTH_MAX: usize = 16;

/// Consecutive top-level blocks of a Terraform file, from the first `resource "azurerm_..."` on.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !text.at(at).starts_with("resource \"azurerm_") {
        return None;
    }
    let mut tables: Vec<(String, Vec<Value>, usize)> = Vec::new();
    let mut index = at;
    let mut any = false;
    while index < text.len() {
        let line = text.at(index);
        if line.is_empty() || line.starts_with('#') || line.starts_with("//") {
            index += 1;
            continue;
        }
        let is_block = line.ends_with('{') && TOP_LEVEL.iter().any(|word| line.starts_with(word));
        if !is_block {
            break;
        }
        let labels: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
        let (mut block, next) = read_block(text, index + 1, 0);
        let kind = labels.first().copied().unwrap_or_default();
        block.insert("type".to_owned(), Value::String(kind.to_owned()));
        if kind == "azurerm_route" || kind == "azurerm_network_security_rule" {
            // Routes of one table stand in blocks of their own.
            let owner_field =
                if kind == "azurerm_route" { "route_table_name" } else { "network_security_group_name" };
            let owner = block.get(owner_field).map(Value::to_string).unwrap_or_default();
            let key = format!("{kind} {owner}");
            match tables.iter_mut().find(|(name, ..)| *name == key) {
                Some((_, items, _)) => items.push(Value::Object(block)),
                None => tables.push((key, vec![Value::Object(block)], index)),
            }
        } else if line.starts_with("resource \"azurerm_") {
            any |= document::read_at(&Value::Object(block), &Places::Json(text.place(index)), out);
        }
        index = next.max(index + 1);
    }
    for (_, items, first) in tables {
        any |= document::read_at(&Value::Array(items), &Places::Rows(vec![text.place(first)]), out);
    }
    any.then_some(index)
}

pub(super) const TOP_LEVEL: [&str; 8] =
    ["resource ", "data ", "module ", "variable ", "locals", "output ", "provider ", "terraform"];

/// The arguments of a block up to its closing brace; nested blocks become arrays of objects.
fn read_block(text: &Text<'_>, mut index: usize, depth: usize) -> (Map<String, Value>, usize) {
    let mut map = Map::new();
    while index < text.len() {
        let line = text.at(index);
        if line.starts_with('}') {
            return (map, index + 1);
        }
        if line.ends_with('{') && depth < DEPTH_MAX {
            let name = line.trim_end_matches(['{', ' ', '=']).trim().trim_matches('"').to_owned();
            let (inner, next) = read_block(text, index + 1, depth + 1);
            let entry = map.entry(name).or_insert_with(|| Value::Array(Vec::new()));
            if let Value::Array(items) = entry {
                items.push(Value::Object(inner));
            }
            index = next;
            continue;
        }
        if let Some((name, value)) = line.split_once('=')
            && let Some(value) = literal(value)
        {
            map.insert(name.trim().to_owned(), value);
        }
        index += 1;
    }
    (map, index)
}

/// A value that is written out; a reference stays as its text.
fn literal(text: &str) -> Option<Value> {
    let text = text.split(" #").next().unwrap_or_default().trim().trim_end_matches(',');
    if text.is_empty() {
        return None;
    }
    serde_json::from_str(text).ok().or_else(|| Some(Value::String(text.to_owned())))
}
