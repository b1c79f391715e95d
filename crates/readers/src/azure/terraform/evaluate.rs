//! Expressions of one file as values.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::Span;
use hcl_edit::expr::{Expression, ObjectKey, TraversalOperator};
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;
use serde_json::{Map, Value};

use super::INSTANCES_MAX;
use super::join::{Declared, Lines};

/// Locals that lead to locals; a circle ends here.
const DEPTH_MAX: usize = 24;
/// Elements and characters of one value: locals that repeat locals grow fast.
const SIZE_MAX: usize = 10_000;

/// What names mean in a place.
#[derive(Clone)]
pub(super) struct Scope<'b> {
    locals: BTreeMap<&'b str, &'b Expression>,
    variables: BTreeMap<&'b str, &'b Expression>,
    /// The `name` of each resource, by type and symbol.
    names: BTreeMap<(&'b str, &'b str), &'b Expression>,
    /// Iterators around the place: name, key and value, the innermost last.
    iterators: Vec<(String, Value, Value)>,
    /// Expressions that may still be followed in this file: locals that name each other twice grow like powers of two.
    left: Rc<Cell<usize>>,
}

/// Expressions that are followed in one file.
const EXPRESSIONS_MAX: usize = 500_000;

impl<'b> Scope<'b> {
    /// The names of a file.
    pub(super) fn of(body: &'b Body) -> Scope<'b> {
        let mut scope = Scope {
            locals: BTreeMap::new(),
            variables: BTreeMap::new(),
            names: BTreeMap::new(),
            iterators: Vec::new(),
            left: Rc::new(Cell::new(EXPRESSIONS_MAX)),
        };
        for block in body.iter().filter_map(Structure::as_block) {
            let labels: Vec<&'b str> = block.labels.iter().map(|label| label.as_str()).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("locals", _) => {
                    let attributes = block.body.iter().filter_map(Structure::as_attribute);
                    scope.locals.extend(attributes.map(|one| (one.key.as_str(), &one.value)));
                }
                ("variable", [name]) => {
                    let default = block.body.get_attribute("default").map(|one| &one.value);
                    scope.variables.extend(default.map(|value| (*name, value)));
                }
                ("resource", [kind, symbol]) => {
                    let name = block.body.get_attribute("name").map(|one| &one.value);
                    scope.names.extend(name.map(|value| ((*kind, *symbol), value)));
                }
                _ => {}
            }
        }
        scope
    }

    /// The same with one more iterator.
    pub(super) fn with(&self, name: &str, key: Value, value: Value) -> Scope<'b> {
        let mut inner = self.clone();
        inner.iterators.push((name.to_owned(), key, value));
        inner
    }

    /// Keys and values that `for_each` goes over; nothing when they can't be told.
    pub(super) fn items(&self, expression: &Expression) -> Option<Vec<(Value, Value)>> {
        match self.value(expression, 0) {
            Value::Array(items) => Some(items.into_iter().map(|item| (item.clone(), item)).collect()),
            Value::Object(map) => {
                Some(map.into_iter().map(|(key, value)| (Value::String(key), value)).collect())
            }
            _ => None,
        }
    }

    /// A value, or the expression itself as `${...}` where it can't be told.
    pub(super) fn value(&self, expression: &Expression, depth: usize) -> Value {
        self.known(expression, depth).unwrap_or_else(|| open(expression))
    }

    fn known(&self, expression: &Expression, depth: usize) -> Option<Value> {
        let left = self.left.get().checked_sub(1)?;
        self.left.set(left);
        if depth > DEPTH_MAX {
            return None;
        }
        Some(match expression {
            Expression::Null(_) => Value::Null,
            Expression::Bool(flag) => Value::Bool(*flag.value()),
            Expression::Number(number) => match number.value().as_i64() {
                Some(number) => Value::from(number),
                None => Value::String(number.value().to_string()),
            },
            Expression::String(text) => Value::String(text.value().clone()),
            Expression::Array(items) => {
                Value::Array(items.iter().take(SIZE_MAX).map(|item| self.value(item, depth + 1)).collect())
            }
            Expression::Object(object) => {
                let mut map = Map::new();
                for (key, value) in object.iter().take(SIZE_MAX) {
                    let key = match key {
                        ObjectKey::Ident(name) => name.as_str().to_owned(),
                        ObjectKey::Expression(key) => self.known(key, depth + 1)?.as_str()?.to_owned(),
                    };
                    map.insert(key, self.value(value.expr(), depth + 1));
                }
                Value::Object(map)
            }
            Expression::Parenthesis(inner) => self.known(inner.inner(), depth + 1)?,
            Expression::StringTemplate(template) => self.joined(template.iter(), depth)?,
            Expression::Traversal(traversal) => {
                self.reference(&traversal.expr, &traversal.operators, depth)?
            }
            Expression::FuncCall(call) => {
                let arguments = call.args.iter().map(|one| self.value(one, depth + 1)).collect();
                of_function(call.name.name.as_str(), arguments)?
            }
            _ => return None,
        })
    }

    fn joined<'e>(&self, parts: impl Iterator<Item = &'e Element>, depth: usize) -> Option<Value> {
        let mut text = String::new();
        for part in parts {
            match part {
                Element::Literal(literal) => text.push_str(literal.as_str()),
                Element::Interpolation(inner) => match self.known(&inner.expr, depth + 1)? {
                    Value::String(inner) => text.push_str(&inner),
                    Value::Number(number) => text.push_str(&number.to_string()),
                    _ => return None,
                },
                Element::Directive(_) => return None,
            }
            if text.len() > SIZE_MAX {
                return None;
            }
        }
        Some(Value::String(text))
    }

    /// `local.x`, `var.x`, `each.value`, `azurerm_route_table.rt.id` and what stands below them.
    fn reference(
        &self,
        root: &Expression,
        operators: &[hcl_edit::Decorated<TraversalOperator>],
        depth: usize,
    ) -> Option<Value> {
        let Expression::Variable(root) = root else { return None };
        let root = root.as_str();
        let mut path: Vec<Value> = Vec::new();
        for operator in operators {
            path.push(match operator.value() {
                TraversalOperator::GetAttr(name) => Value::String(name.as_str().to_owned()),
                TraversalOperator::Index(index) => self.known(index, depth + 1)?,
                TraversalOperator::LegacyIndex(index) => Value::from(*index.value()),
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => return None,
            });
        }
        let first = path.first()?.as_str()?.to_owned();
        if let Some((_, key, value)) = self.iterators.iter().rev().find(|(name, ..)| name == root) {
            let start = if first == "key" { key } else { value };
            return below(start.clone(), &path[1..]);
        }
        match root {
            "local" => below(self.known(self.locals.get(first.as_str())?, depth + 1)?, &path[1..]),
            "var" => below(self.known(self.variables.get(first.as_str())?, depth + 1)?, &path[1..]),
            kind if kind.starts_with("azurerm_") => {
                // An index of an instance stands between the symbol and the field.
                match path.last()?.as_str()? {
                    "id" => Some(Value::String(format!("terraform/{kind}/{first}"))),
                    "name" => {
                        let name = self.names.get(&(kind, first.as_str()))?;
                        Some(self.value(name, depth + 1))
                    }
                    _ => None,
                }
            }
            "data" => {
                let symbol = path.get(1)?.as_str()?;
                (path.last()?.as_str()? == "id")
                    .then(|| Value::String(format!("terraform/data.{first}/{symbol}")))
            }
            _ => None,
        }
    }
}

/// An expression that can't be told, as it stands in the file.
fn open(expression: &Expression) -> Value {
    const SHOWN_MAX: usize = 200;
    let text: String = expression.to_string().trim().chars().take(SHOWN_MAX).collect();
    Value::String(format!("${{{text}}}"))
}

fn below(value: Value, path: &[Value]) -> Option<Value> {
    path.iter().try_fold(value, |value, step| match (value, step) {
        (Value::Object(mut map), Value::String(key)) => map.remove(key.as_str()),
        (Value::Array(mut items), Value::Number(index)) => {
            let index = usize::try_from(index.as_u64()?).ok()?;
            (index < items.len()).then(|| items.swap_remove(index))
        }
        _ => None,
    })
}

/// The functions that lists of addresses commonly go through.
fn of_function(name: &str, arguments: Vec<Value>) -> Option<Value> {
    match name {
        "toset" | "tolist" | "tomap" | "distinct" | "sort" => arguments.into_iter().next(),
        "concat" | "flatten" | "setunion" => {
            let lists =
                if name == "flatten" { arguments.into_iter().next()?.as_array()?.clone() } else { arguments };
            let mut all = Vec::new();
            for list in lists {
                match list {
                    Value::Array(items) => all.extend(items),
                    // Of a list that can't be told nobody knows how much is missing.
                    Value::String(text) if text.starts_with("${") => return None,
                    other => all.push(other),
                }
            }
            all.truncate(SIZE_MAX);
            Some(Value::Array(all))
        }
        "merge" => {
            let mut all = Map::new();
            for map in arguments {
                let Value::Object(map) = map else { return None };
                all.extend(map);
            }
            Some(Value::Object(all))
        }
        _ => None,
    }
}

/// The arguments of a block; nested blocks become arrays of objects, and dynamic ones as many as they make.
pub(super) fn body(body: &Body, scope: &Scope<'_>, pointer: &str, lines: &Lines, declared: &mut Declared) {
    let map = map_of(body, scope, pointer, lines, declared, 0);
    declared.value.extend(map);
}

fn map_of(
    body: &Body,
    scope: &Scope<'_>,
    pointer: &str,
    lines: &Lines,
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
                map.insert(name.to_owned(), scope.value(&attribute.value, 0));
            }
            Structure::Block(block) if depth < DEPTH_MAX => {
                let line = lines.of(block.span());
                let (name, content, scopes) = match (block.ident.as_str(), block.labels.first()) {
                    ("dynamic", Some(label)) => {
                        let Some(content) = block.body.get_blocks("content").next() else { continue };
                        let iterator = block.body.get_attribute("iterator").map(|one| one.value.to_string());
                        let iterator = iterator.as_deref().map_or(label.as_str(), str::trim);
                        let items = block.body.get_attribute("for_each").map(|one| scope.items(&one.value));
                        let scopes = match items.flatten() {
                            Some(items) => items
                                .into_iter()
                                .take(INSTANCES_MAX)
                                .map(|(key, value)| scope.with(iterator, key, value))
                                .collect(),
                            None => vec![scope.clone()],
                        };
                        (label.as_str().to_owned(), &content.body, scopes)
                    }
                    (name, _) => (name.to_owned(), &block.body, vec![scope.clone()]),
                };
                for scope in scopes {
                    let index = map.get(&name).and_then(Value::as_array).map_or(0, Vec::len);
                    let below = format!("{pointer}/{name}/{index}");
                    declared.at(below.clone(), line);
                    let inner = Value::Object(map_of(content, &scope, &below, lines, declared, depth + 1));
                    match map.entry(name.clone()).or_insert_with(|| Value::Array(Vec::new())) {
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
