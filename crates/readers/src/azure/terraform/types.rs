//! Type constraints of variables: what they make of a value.

use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::{Expression, FuncCall, ObjectKey};

use super::evaluate::{Scope, literal};
use super::functions::set_of;
use super::value::{Budget, Entries, Known, Stuck, Value};

/// Types within types.
const DEPTH_MAX: usize = 32;

/// What the words of `--var` mean: text as it stands, unless the variable wants more than that.
pub(super) fn of_words(words: &str, kind: Option<&Expression>, budget: &Budget) -> Known {
    budget.spend_text(words.len())?;
    let is_text = match kind {
        None => true,
        Some(kind) => kind
            .as_variable()
            .is_some_and(|kind| matches!(kind.as_str(), "string" | "number" | "bool" | "any")),
    };
    if is_text {
        return Ok(Value::text(words));
    }
    let expression = hcl_edit::parser::parse_expr(words).map_err(|_| Stuck::Open)?;
    literal(&expression, budget)
}

/// A value as a variable of this type holds it: lists become sets, optional attributes are filled in.
pub(super) fn conform(value: Value, kind: &Expression, scope: &Scope<'_, '_>, depth: usize) -> Known {
    scope.budget().spend(1)?;
    if depth > DEPTH_MAX + super::evaluate::DEPTH_MAX || matches!(value, Value::Null) || value.is_open() {
        return Ok(value);
    }
    if let Some(kind) = kind.as_variable() {
        return Ok(match (kind.as_str(), &value) {
            ("string", Value::Number(_) | Value::Bool(_)) => Value::Text(value.as_text()?),
            ("number", Value::Text(_)) => Value::Number(value.as_number()?),
            ("bool", Value::Text(_)) => Value::Bool(value.as_bool()?),
            _ => value,
        });
    }
    let Some(call) = kind.as_func_call() else { return Ok(value) };
    let Some(inner) = call.args.iter().next() else { return Ok(value) };
    let each = |items: &[Value]| {
        items.iter().map(|item| conform(item.clone(), inner, scope, depth + 1)).collect::<Result<Vec<_>, _>>()
    };
    match (call.name.name.as_str(), &value) {
        ("list", Value::List(items) | Value::Set(items)) => Ok(Value::list(each(items)?)),
        ("set", Value::List(items) | Value::Set(items)) => set_of(each(items)?, scope.budget()),
        ("map", Value::Map(entries)) => {
            let map = entries.map.iter();
            let map = map
                .map(|(key, item)| Ok((key.clone(), conform(item.clone(), inner, scope, depth + 1)?)))
                .collect::<Result<BTreeMap<_, _>, Stuck>>()?;
            Ok(Value::Map(Rc::new(Entries { map, rest: entries.rest.clone() })))
        }
        ("object", Value::Map(entries)) if entries.rest.is_none() => object(entries, inner, scope, depth),
        ("optional", _) => conform(value, inner, scope, depth + 1),
        _ => Ok(value),
    }
}

/// An object has the attributes of its type and no others.
fn object(entries: &Entries, kind: &Expression, scope: &Scope<'_, '_>, depth: usize) -> Known {
    let Some(attributes) = kind.as_object() else { return Err(Stuck::Open) };
    let mut map = BTreeMap::new();
    for (key, kind) in attributes.iter() {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str(),
            ObjectKey::Expression(key) => {
                key.as_variable().map(|name| name.as_str()).or_else(|| key.as_str()).ok_or(Stuck::Open)?
            }
        };
        let given = entries.map.get(name).filter(|value| !matches!(value, Value::Null));
        let value = match (given, optional(kind.expr())) {
            (Some(value), _) => value.clone(),
            (None, Some(call)) => match call.args.get(1) {
                Some(default) => scope.known(default, depth + 1)?,
                None => Value::Null,
            },
            (None, None) => match entries.map.get(name) {
                Some(null) => null.clone(),
                None => continue,
            },
        };
        map.insert(Rc::from(name), conform(value, kind.expr(), scope, depth + 1)?);
    }
    Ok(Value::map(map))
}

fn optional(kind: &Expression) -> Option<&FuncCall> {
    kind.as_func_call().filter(|call| call.name.name.as_str() == "optional")
}
