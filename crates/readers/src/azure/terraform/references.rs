//! References: `local.x`, `var.x`, `each.value`, `module.x.y`, `azurerm_route_table.rt.id`, and what stands below them.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::structure::{Body, Structure};

use super::evaluate::{Frames, Operators, Scope, shown};
use super::value::{Entries, Known, Stuck, Value};
use super::world::Expansion;

/// What an expression with attributes and indices behind it stands for.
pub(super) fn traversal(
    scope: &Scope<'_, '_>,
    root: &Expression,
    operators: &Operators,
    depth: usize,
) -> Known {
    let Some(name) = root.as_variable() else {
        return below(scope, scope.known(root, depth)?, operators, depth);
    };
    let name = name.as_str();
    if let Some(value) = scope.bound(name) {
        return below(scope, value, operators, depth);
    }
    let (first, rest) = operators.split_first().ok_or(Stuck::Open)?;
    let TraversalOperator::GetAttr(first) = first.value() else { return Err(Stuck::Open) };
    let first = first.as_str();
    match name {
        "local" => below(scope, scope.world.local(scope.at, first, depth)?, rest, depth),
        "var" => below(scope, scope.world.variable(scope.at, first, depth)?, rest, depth),
        "module" => module(scope, first, rest, depth),
        "data" => match rest {
            [symbol, .., last] if attribute(last) == Some("id") => {
                let address = &scope.world.instance(scope.at).address;
                let symbol = attribute(symbol).ok_or(Stuck::Open)?;
                Ok(Value::text(format!("terraform/{address}data.{first}/{symbol}")))
            }
            _ => Err(Stuck::Open),
        },
        kind if kind.starts_with("azurerm_") => resource(scope, kind, first, rest, depth),
        _ => Err(Stuck::Open),
    }
}

fn attribute(operator: &hcl_edit::Decorated<TraversalOperator>) -> Option<&str> {
    match operator.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        _ => None,
    }
}

/// An index, where one stands.
fn index_of(
    scope: &Scope<'_, '_>,
    operator: &hcl_edit::Decorated<TraversalOperator>,
    depth: usize,
) -> Option<Known> {
    match operator.value() {
        TraversalOperator::Index(index) => Some(scope.known(index, depth)),
        // Nobody has so many.
        TraversalOperator::LegacyIndex(index) => Some(Ok(Value::Number(*index.value() as f64))),
        _ => None,
    }
}

/// The part of a value that operators lead to.
fn below(scope: &Scope<'_, '_>, mut value: Value, operators: &Operators, depth: usize) -> Known {
    for (at, operator) in operators.iter().enumerate() {
        scope.budget().spend(1)?;
        value = match operator.value() {
            TraversalOperator::GetAttr(name) => value.part(&Value::text(name.as_str()))?,
            TraversalOperator::Index(_) | TraversalOperator::LegacyIndex(_) => {
                let index = index_of(scope, operator, depth).unwrap_or(Err(Stuck::Open))?;
                value.part(&index)?
            }
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                let rest = &operators[at + 1..];
                let items = match &value {
                    Value::List(items) | Value::Set(items) => items.as_slice(),
                    Value::Null => &[],
                    one => std::slice::from_ref(one),
                };
                let parts = items.iter().map(|item| match item {
                    Value::Rest(text) => Value::Rest(text.clone()),
                    item => below(scope, item.clone(), rest, depth + 1)
                        .unwrap_or_else(|_| Value::Open(Rc::from("*"))),
                });
                return Ok(Value::list(parts.collect()));
            }
        };
    }
    Ok(value)
}

/// One of several instances, and the operators behind its index; the value of all where none is chosen.
fn chosen<'o, T>(
    scope: &Scope<'_, '_>,
    expansion: &Expansion<T>,
    operators: &'o Operators,
    depth: usize,
    one: &dyn Fn(&T, &str, &'o Operators) -> Known,
) -> Known {
    let index = operators.first().and_then(|first| index_of(scope, first, depth));
    let rest = operators.get(1..).unwrap_or_default();
    match (expansion, index) {
        (Expansion::One(instance), None) => one(instance, "", operators),
        (Expansion::One(_), Some(_)) => Err(Stuck::Missing),
        // An index stands between the symbol and the field.
        (Expansion::Open(instance), Some(_)) => one(instance, "", rest),
        (Expansion::Open(instance), None) => one(instance, "", operators),
        (Expansion::Keyed(all), Some(index)) => {
            let index = index?.as_text()?;
            let (key, instance) = all.iter().find(|(key, _)| *key == index).ok_or(Stuck::Missing)?;
            one(instance, &format!("[\"{key}\"]"), rest)
        }
        (Expansion::Counted(all), Some(index)) => {
            let index = usize::try_from(index?.as_integer()?).map_err(|_| Stuck::Missing)?;
            one(all.get(index).ok_or(Stuck::Missing)?, &format!("[{index}]"), rest)
        }
        (Expansion::Keyed(all), None) => {
            let mut map = BTreeMap::new();
            for (key, instance) in all {
                let whole = one(instance, &format!("[\"{key}\"]"), &[])?;
                map.insert(key.clone(), whole);
            }
            below(scope, Value::Map(Rc::new(Entries { map, rest: None })), operators, depth)
        }
        (Expansion::Counted(all), None) => {
            let items = all.iter().enumerate();
            let items = items
                .map(|(index, instance)| one(instance, &format!("[{index}]"), &[]))
                .collect::<Result<Vec<_>, _>>()?;
            below(scope, Value::list(items), operators, depth)
        }
    }
}

/// `module.net.subnet_id`, `module.net["a"].subnet_id`.
fn module(scope: &Scope<'_, '_>, name: &str, operators: &Operators, depth: usize) -> Known {
    let called = scope.world.called(scope.at, name, depth).ok_or(Stuck::Open)?;
    chosen(scope, &called, operators, depth, &|at, _, rest| {
        let (first, rest) = rest.split_first().ok_or(Stuck::Open)?;
        let output = scope.world.output(*at, attribute(first).ok_or(Stuck::Open)?, depth)?;
        below(scope, output, rest, depth)
    })
}

/// `azurerm_route_table.rt.id`, `azurerm_subnet.s["a"].name`.
fn resource(scope: &Scope<'_, '_>, kind: &str, symbol: &str, operators: &Operators, depth: usize) -> Known {
    let id = |index: &str| id_of(&scope.world.instance(scope.at).address, kind, symbol, index);
    let Some((body, expansion)) = scope.world.resource(scope.at, kind, symbol, depth) else {
        // Declared nowhere, in a circle, or in another file of a paste.
        return match operators.last().and_then(attribute) {
            Some("id") => Ok(Value::text(id(""))),
            _ => Err(Stuck::Open),
        };
    };
    chosen(scope, &expansion, operators, depth, &|frames: &Frames, index, rest| {
        let inner = Scope { frames: frames.clone(), ..scope.world.scope(scope.at) };
        match rest.split_first() {
            None => whole(&inner, body, id(index), depth),
            Some((first, _)) if attribute(first) == Some("id") => Ok(Value::text(id(index))),
            Some((first, rest)) => {
                let name = attribute(first).ok_or(Stuck::Open)?;
                let value = &body.get_attribute(name).ok_or(Stuck::Open)?.value;
                match inner.known(value, depth) {
                    // What points at it by its name finds it all the same.
                    Err(_) if name == "name" => Ok(Value::text(open_name(&shown(value), index))),
                    known => below(scope, known?, rest, depth),
                }
            }
        }
    })
}

/// A resource as an object; more than its arguments is not known of it.
fn whole(scope: &Scope<'_, '_>, body: &Body, id: String, depth: usize) -> Known {
    scope.budget().spend(1)?;
    let attributes = body.iter().filter_map(Structure::as_attribute);
    let mut map: BTreeMap<Rc<str>, Value> =
        attributes.map(|one| (Rc::from(one.key.as_str()), scope.value(&one.value, depth + 1))).collect();
    map.insert(Rc::from("id"), Value::text(id));
    Ok(Value::Map(Rc::new(Entries { map, rest: Some(Rc::from("...")) })))
}

/// The id of a resource: the same for it and for what points at it.
pub(super) fn id_of(address: &str, kind: &str, symbol: &str, index: &str) -> String {
    format!("terraform/{address}{kind}/{symbol}{index}")
}

/// The name of a resource that can't be told: the same for it and for what points at it.
pub(super) fn open_name(expression: &str, index: &str) -> String {
    format!("${{{expression}}}{index}")
}
