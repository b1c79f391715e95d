//! Resources of one module that belong together: routes of a table, rules of a group, what a subnet is given.

use std::collections::HashMap;
use std::ops::Range;

use model::Place;
use serde_json::{Map, Value, json};

use crate::azure::document;
use crate::azure::fields::Places;
use crate::out::Out;

/// Where the lines of a text begin.
pub(super) fn starts_of(source: &str) -> Vec<usize> {
    let ends = source.bytes().enumerate().filter(|(_, byte)| *byte == b'\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).collect()
}

/// The numbers of the lines of a text.
pub(super) struct Lines<'s> {
    starts: &'s [usize],
    first: u32,
}

impl<'s> Lines<'s> {
    pub(super) fn new(starts: &'s [usize], first: u32) -> Lines<'s> {
        Lines { starts, first }
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
    /// Number of the module that declares it.
    module: usize,
    pub value: Map<String, Value>,
    line: u32,
    /// By JSON pointer.
    lines: HashMap<String, u32>,
}

impl Declared {
    pub(super) fn new(kind: &str, module: usize, line: u32) -> Declared {
        Declared { kind: kind.to_owned(), module, value: Map::new(), line, lines: HashMap::new() }
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

/// Resources by what others call them.
#[derive(Default)]
struct Index {
    /// By kind and name, in a module and anywhere.
    names: HashMap<(&'static str, Option<usize>, Option<String>), usize>,
    ids: HashMap<String, usize>,
}

impl Index {
    /// The first of a name stays.
    fn add(&mut self, kind: &'static str, one: &Declared, at: usize) {
        let name = one.text("name").map(str::to_owned);
        self.names.entry((kind, Some(one.module), name.clone())).or_insert(at);
        self.names.entry((kind, None, name)).or_insert(at);
    }

    /// The owner of a name, one of the same module if there is one.
    fn owner(&self, kind: &'static str, module: usize, name: Option<&String>) -> Option<usize> {
        let of = |module| self.names.get(&(kind, module, Some(name?.clone()))).copied();
        of(Some(module)).or_else(|| of(None))
    }
}

/// Joins and hands over. False if nothing of it was known.
pub(super) fn emit(declared: Vec<Declared>, out: &mut Out) -> bool {
    let (parts, mut whole): (Vec<Declared>, Vec<Declared>) =
        declared.into_iter().partition(|one| owner_of(&one.kind).is_some() || is_association(&one.kind));
    let mut index = Index::default();
    for (at, one) in whole.iter().enumerate() {
        if let Some(kind) = OWNERS.iter().find(|kind| **kind == one.kind) {
            index.add(kind, one, at);
        }
        if let Some(id) = one.text("id") {
            index.ids.entry(id.to_owned()).or_insert(at);
        }
    }
    let mut loose: Vec<Declared> = Vec::new();
    let mut strangers: HashMap<(&'static str, usize, Option<String>), usize> = HashMap::new();
    for part in parts {
        if is_association(&part.kind) {
            associate(&part, &mut whole, &index);
            continue;
        }
        let Some((owner_kind, owner_field, list)) = owner_of(&part.kind) else { continue };
        let name = part.text(owner_field).map(str::to_owned);
        if let Some(owner) = index.owner(owner_kind, part.module, name.as_ref()) {
            whole[owner].push(list, part);
            continue;
        }
        // The table is declared elsewhere: a bare one with the name stands in for it.
        let at = *strangers.entry((owner_kind, part.module, name.clone())).or_insert_with(|| {
            let mut owner = Declared::new(owner_kind, part.module, part.line);
            owner.set("type", Value::String(owner_kind.to_owned()));
            owner.value.extend(name.map(|name| ("name".to_owned(), Value::String(name))));
            loose.push(owner);
            loose.len() - 1
        });
        loose[at].push(list, part);
    }
    let before = out.facts.len();
    for one in whole.into_iter().chain(loose) {
        let lines = one.lines.into_iter().map(|(pointer, line)| (pointer, Place::Line(line))).collect();
        document::read_at(&Value::Object(one.value), &Places::Lines(lines, Place::Line(one.line)), out);
    }
    out.facts.len() > before
}

/// Kinds whose parts are declared in blocks of their own.
const OWNERS: [&str; 2] = ["azurerm_route_table", "azurerm_network_security_group"];

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
fn associate(part: &Declared, whole: &mut [Declared], index: &Index) {
    let Some(subnet) = part.text("subnet_id").map(str::to_owned) else { return };
    for (field, name) in [
        ("route_table_id", "routeTable"),
        ("network_security_group_id", "networkSecurityGroup"),
        ("nat_gateway_id", "natGateway"),
    ] {
        let Some(id) = part.text(field).map(str::to_owned) else { continue };
        match (index.ids.get(&subnet), index.ids.get(&id)) {
            (Some(owner), _) => whole[*owner].set(name, json!({"id": id})),
            // The subnet is declared elsewhere: the other end tells of it.
            (None, Some(other)) => {
                let list = whole[*other].value.entry("subnets").or_insert_with(|| Value::Array(Vec::new()));
                if let Value::Array(items) = list {
                    items.push(json!({"id": subnet.clone()}));
                }
            }
            (None, None) => {}
        }
    }
}
