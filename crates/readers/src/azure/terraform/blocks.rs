//! Blocks as resources: their arguments, nested blocks as arrays of objects, dynamic ones as many as they make.

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};
use serde_json::{Map, Value, json};

use super::evaluate::Scope;
use super::join::{Declared, Lines};
use super::references::{id_of, open_name};
use super::value::Value as Known;
use super::world::World;

/// Blocks within blocks that are followed.
const DEPTH_MAX: usize = 24;

/// Every resource of a file of a module, one for each instance.
pub(super) fn declared(body: &Body, world: &World<'_>, at: usize, lines: &Lines<'_>) -> Vec<Declared> {
    let address = &world.instance(at).address;
    let mut all = Vec::new();
    for block in body.iter().filter_map(Structure::as_block) {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        let (kind, symbol) = match (block.ident.as_str(), labels.as_slice()) {
            ("resource", [kind, symbol]) if kind.starts_with("azurerm_") => (*kind, *symbol),
            _ => continue,
        };
        // Two blocks may have one name: each is read by itself then.
        let known = world.resource(at, kind, symbol, 0).filter(|(own, _)| std::ptr::eq(*own, &block.body));
        let expansion = match known {
            Some((_, expansion)) => expansion,
            None => std::rc::Rc::new(world.scope(at).expansion(&block.body, 0)),
        };
        for (index, frames) in expansion.all() {
            let scope = Scope { frames: frames.clone(), ..world.scope(at) };
            let mut declared = Declared::new(kind, at, lines.of(block.span()));
            let mut map = map_of(&block.body, &scope, "", lines, &mut declared, 0);
            if kind == "azurerm_route_table" {
                map.entry("route").and_modify(open_routes);
            }
            let name = block.body.get_attribute("name").map(|one| scope.value(&one.value, 0));
            if let Some(Known::Open(text)) = name {
                map.insert("name".to_owned(), Value::String(open_name(&text, &index)));
            }
            declared.value.extend(map);
            declared.set("type", Value::String(kind.to_owned()));
            declared.set("id", Value::String(id_of(address, kind, symbol, &index)));
            all.push(declared);
        }
    }
    all
}

/// Routes that can't be told are routes with an open prefix, so that they are told of.
fn open_routes(routes: &mut Value) {
    let open = |text: &str| json!({"address_prefix": text, "next_hop_type": text});
    match routes {
        Value::String(text) => *routes = Value::Array(vec![open(text)]),
        Value::Array(items) => {
            for item in items {
                if let Value::String(text) = item {
                    *item = open(text);
                }
            }
        }
        _ => {}
    }
}

fn map_of(
    body: &Body,
    scope: &Scope<'_, '_>,
    pointer: &str,
    lines: &Lines<'_>,
    declared: &mut Declared,
    depth: usize,
) -> Map<String, Value> {
    let mut map = Map::new();
    for structure in body.iter() {
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.as_str();
                if matches!(name, "for_each" | "count" | "depends_on" | "provider") {
                    continue;
                }
                declared.at(format!("{pointer}/{name}"), lines.of(attribute.span()));
                // Elements of a list of objects have lines of their own.
                if let Expression::Array(items) = &attribute.value {
                    for (index, item) in items.iter().enumerate() {
                        declared.at(format!("{pointer}/{name}/{index}"), lines.of(item.span()));
                    }
                }
                map.insert(name.to_owned(), scope.value(&attribute.value, 0).to_json(scope.budget()));
            }
            Structure::Block(block) if depth < DEPTH_MAX => {
                let line = lines.of(block.span());
                let Some((name, content, scopes)) = nested(block, scope) else { continue };
                for scope in scopes {
                    let index = map.get(name).and_then(Value::as_array).map_or(0, Vec::len);
                    let below = format!("{pointer}/{name}/{index}");
                    declared.at(below.clone(), line);
                    let inner = Value::Object(map_of(content, &scope, &below, lines, declared, depth + 1));
                    match map.entry(name.to_owned()).or_insert_with(|| Value::Array(Vec::new())) {
                        Value::Array(items) => items.push(inner),
                        // An argument of this name; the block says more.
                        other => *other = Value::Array(vec![inner]),
                    }
                }
            }
            Structure::Block(_) => {}
        }
    }
    map
}

/// The name of a nested block, what is in it, and a scope for each instance.
fn nested<'n, 'w, 'b>(
    block: &'n Block,
    scope: &Scope<'w, 'b>,
) -> Option<(&'n str, &'n Body, Vec<Scope<'w, 'b>>)> {
    let ("dynamic", Some(label)) = (block.ident.as_str(), block.labels.first()) else {
        return Some((block.ident.as_str(), &block.body, vec![scope.clone()]));
    };
    let content = block.body.get_blocks("content").next()?;
    let iterator = block.body.get_attribute("iterator").and_then(|one| one.value.as_variable());
    let iterator = iterator.map_or(label.as_str(), |name| name.as_str());
    let items = block.body.get_attribute("for_each").and_then(|one| scope.items(&one.value, iterator, 0));
    let scopes = match items {
        Some(items) => {
            items.into_iter().map(|(key, value)| scope.with(iterator, Known::pair(key, value))).collect()
        }
        None => {
            let open = |part: &str| Known::Open(format!("{iterator}.{part}").into());
            vec![scope.with(iterator, Known::pair(open("key"), open("value")))]
        }
    };
    Some((label.as_str(), &content.body, scopes))
}
