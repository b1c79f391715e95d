//! Resources of one file that belong together: routes of a table, rules of a group, what a subnet is given.

use std::collections::HashMap;
use std::ops::Range;

use model::Place;
use serde_json::{Map, Value, json};

use crate::azure::document;
use crate::azure::fields::Places;
use crate::out::Out;

/// Where the lines of a text begin.
pub(super) struct Lines {
    starts: Vec<usize>,
    first: u32,
}

impl Lines {
    pub(super) fn new(source: &str, first: u32) -> Lines {
        let ends = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
        Lines { starts: std::iter::once(0).chain(ends).collect(), first }
    }

    /// The line that something begins at.
    pub(super) fn of(&self, span: Option<Range<usize>>) -> u32 {
        let start = span.map_or(0, |span| span.start);
        let index = self.starts.partition_point(|begin| *begin <= start).saturating_sub(1);
        self.first.saturating_add(u32::try_from(index).unwrap_or(u32::MAX))
    }
}

/// One resource with the lines of its parts.
pub(super) struct Declared {
    kind: String,
    pub value: Map<String, Value>,
    line: u32,
    /// By JSON pointer.
    lines: HashMap<String, u32>,
}

impl Declared {
    pub(super) fn new(kind: &str, line: u32) -> Declared {
        Declared { kind: kind.to_owned(), value: Map::new(), line, lines: HashMap::new() }
    }

    pub(super) fn set(&mut self, name: &str, value: Value) {
        self.value.insert(name.to_owned(), value);
    }

    /// Takes down where a part stands.
    pub(super) fn at(&mut self, pointer: String, line: u32) {
        self.lines.insert(pointer, line);
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.value.get(name)?.as_str()
    }

    /// Adds an element to a list, with the lines that it brings along.
    fn push(&mut self, list: &str, element: Declared) {
        let items = self.value.entry(list.to_owned()).or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(items) = items else { return };
        let below = format!("/{list}/{}", items.len());
        self.lines
            .extend(element.lines.into_iter().map(|(pointer, line)| (format!("{below}{pointer}"), line)));
        self.lines.insert(below, element.line);
        items.push(Value::Object(element.value));
    }
}

/// Joins and hands over. False if nothing of it was known.
pub(super) fn emit(declared: Vec<Declared>, out: &mut Out) -> bool {
    let (parts, mut whole): (Vec<Declared>, Vec<Declared>) =
        declared.into_iter().partition(|one| owner_of(&one.kind).is_some() || is_association(&one.kind));
    let mut loose: Vec<Declared> = Vec::new();
    for part in parts {
        if is_association(&part.kind) {
            associate(&part, &mut whole);
            continue;
        }
        let Some((owner_kind, owner_field, list)) = owner_of(&part.kind) else { continue };
        let owner_name = part.text(owner_field).map(str::to_owned);
        let is_owner = |one: &&mut Declared| {
            one.kind == owner_kind && owner_name.is_some() && one.text("name") == owner_name.as_deref()
        };
        match whole.iter_mut().find(is_owner) {
            Some(owner) => owner.push(list, part),
            // The table is declared elsewhere: a bare one with the name stands in for it.
            None => {
                let found = loose
                    .iter_mut()
                    .find(|one| one.kind == owner_kind && one.text("name") == owner_name.as_deref());
                match found {
                    Some(owner) => owner.push(list, part),
                    None => {
                        let mut owner = Declared::new(owner_kind, part.line);
                        owner.set("type", Value::String(owner_kind.to_owned()));
                        owner.value.extend(owner_name.map(|name| ("name".to_owned(), Value::String(name))));
                        owner.push(list, part);
                        loose.push(owner);
                    }
                }
            }
        }
    }
    let before = out.facts.len();
    for one in whole.into_iter().chain(loose) {
        let lines = one.lines.into_iter().map(|(pointer, line)| (pointer, Place::Line(line))).collect();
        document::read_at(&Value::Object(one.value), &Places::Lines(lines, Place::Line(one.line)), out);
    }
    out.facts.len() > before
}

/// The kind of the owner, the field that names it, and its list.
fn owner_of(kind: &str) -> Option<(&'static str, &'static str, &'static str)> {
    match kind {
        "azurerm_route" => Some(("azurerm_route_table", "route_table_name", "route")),
        "azurerm_network_security_rule" => {
            Some(("azurerm_network_security_group", "network_security_group_name", "security_rule"))
        }
        _ => None,
    }
}

fn is_association(kind: &str) -> bool {
    kind.ends_with("_association") && kind.starts_with("azurerm_subnet_")
}

/// A subnet is given a table, a group or a NAT gateway.
fn associate(part: &Declared, whole: &mut [Declared]) {
    let Some(subnet) = part.text("subnet_id").map(str::to_owned) else { return };
    for (field, name) in [
        ("route_table_id", "routeTable"),
        ("network_security_group_id", "networkSecurityGroup"),
        ("nat_gateway_id", "natGateway"),
    ] {
        let Some(id) = part.text(field).map(str::to_owned) else { continue };
        match whole.iter_mut().find(|one| one.text("id") == Some(subnet.as_str())) {
            Some(owner) => owner.set(name, json!({"id": id})),
            // The subnet is declared elsewhere: the other end tells of it.
            None => {
                if let Some(other) = whole.iter_mut().find(|one| one.text("id") == Some(id.as_str())) {
                    let list = other.value.entry("subnets").or_insert_with(|| Value::Array(Vec::new()));
                    if let Value::Array(items) = list {
                        items.push(json!({"id": subnet.clone()}));
                    }
                }
            }
        }
    }
}
