//! The functions that lists of routes and rules commonly go through; what others give stays open.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use hcl_edit::expr::FuncCall;

use super::addresses;
use super::evaluate::Scope;
use super::value::{Budget, Entries, Known, SIZE_MAX, Stuck, Value};

/// Lists within lists that are flattened.
const FLATTEN_DEPTH_MAX: usize = 16;

/// What a call gives.
pub(super) fn call(call: &FuncCall, scope: &Scope<'_, '_>, depth: usize) -> Known {
    if call.name.is_namespaced() {
        return Err(Stuck::Open);
    }
    let name = call.name.name.as_str();
    if name == "try" || name == "can" {
        return attempt(name, call, scope, depth);
    }
    let mut arguments: Vec<Value> =
        call.args.iter().take(SIZE_MAX).map(|one| scope.value(one, depth)).collect();
    if call.args.expand_final() {
        match arguments.pop() {
            Some(Value::List(items) | Value::Set(items)) => arguments.extend(items.iter().cloned()),
            Some(other) => {
                let text = if let Value::Open(text) = other { text } else { Rc::from("...") };
                arguments.push(Value::Rest(text));
            }
            None => {}
        }
    }
    let given: usize = arguments.iter().map(size).sum();
    scope.budget().spend(given)?;
    let value = match name {
        "concat" | "setunion" => {
            let all = joined_lists(arguments, scope.budget())?;
            if name == "concat" { Ok(Value::list(all)) } else { set_of(all, scope.budget()) }
        }
        "merge" => merged(&arguments),
        // All others need to know what they are given.
        _ if arguments.iter().any(Value::is_open) => Err(Stuck::Open),
        _ => of_collections(name, &arguments, scope.budget())
            .or_else(|| of_texts(name, &arguments))
            .unwrap_or(Err(Stuck::Open)),
    }?;
    scope.budget().spend(size(&value))?;
    Ok(value)
}

/// `try` goes on where Terraform would say that there is no such part, and nowhere else.
fn attempt(name: &str, call: &FuncCall, scope: &Scope<'_, '_>, depth: usize) -> Known {
    for argument in call.args.iter() {
        match (scope.known(argument, depth), name) {
            (Ok(_), "can") => return Ok(Value::Bool(true)),
            (Err(Stuck::Missing), "can") => return Ok(Value::Bool(false)),
            (Err(Stuck::Missing), _) => {}
            (known, _) => return known,
        }
    }
    Err(Stuck::Missing)
}

/// Steps that going over a value once takes.
fn size(value: &Value) -> usize {
    match value {
        Value::List(items) | Value::Set(items) => items.len(),
        Value::Map(entries) => entries.map.len(),
        Value::Text(text) => text.len() / 64,
        _ => 1,
    }
}

/// A set of these; what is open in them stays.
pub(super) fn set_of(items: Vec<Value>, budget: &Budget) -> Known {
    budget.spend(items.len())?;
    let mut texts: BTreeMap<Rc<str>, Value> = BTreeMap::new();
    let mut others = Vec::new();
    for item in items {
        match item.as_text() {
            Ok(text) => drop(texts.insert(text, item)),
            Err(_) => others.push(item),
        }
    }
    Ok(Value::Set(Rc::new(texts.into_values().chain(others).collect())))
}

fn joined_lists(lists: Vec<Value>, budget: &Budget) -> Result<Vec<Value>, Stuck> {
    let mut all = Vec::new();
    for list in lists {
        match list {
            Value::List(items) | Value::Set(items) => {
                budget.spend(items.len())?;
                all.extend(items.iter().take(SIZE_MAX).cloned());
            }
            // Of a list that can't be told nobody knows how much is missing.
            Value::Open(text) | Value::Rest(text) => all.push(Value::Rest(text)),
            Value::Null => {}
            other => all.push(other),
        }
    }
    all.truncate(SIZE_MAX);
    Ok(all)
}

fn flattened(items: &[Value], depth: usize, budget: &Budget, all: &mut Vec<Value>) -> Result<(), Stuck> {
    budget.spend(items.len())?;
    for item in items {
        match item {
            Value::List(inner) | Value::Set(inner) if depth < FLATTEN_DEPTH_MAX => {
                flattened(inner, depth + 1, budget, all)?;
            }
            Value::Open(text) => all.push(Value::Rest(text.clone())),
            other => all.push(other.clone()),
        }
        if all.len() > SIZE_MAX {
            return Err(Stuck::Open);
        }
    }
    Ok(())
}

fn merged(maps: &[Value]) -> Known {
    let mut all = Entries::default();
    for map in maps {
        match map {
            Value::Map(entries) => {
                let pairs = entries.map.iter().map(|(key, value)| (key.clone(), value.clone()));
                all.map.extend(pairs);
                all.rest = all.rest.or_else(|| entries.rest.clone());
            }
            Value::Open(text) | Value::Rest(text) => all.rest = Some(text.clone()),
            Value::Null => {}
            _ => return Err(Stuck::Missing),
        }
    }
    if all.map.len() > SIZE_MAX { Err(Stuck::Open) } else { Ok(Value::Map(Rc::new(all))) }
}

/// Functions of lists, sets and maps; nothing for a name that is none of them.
fn of_collections(name: &str, arguments: &[Value], budget: &Budget) -> Option<Known> {
    of_maps(name, arguments)
        .or_else(|| to_lists(name, arguments, budget))
        .or_else(|| one_of_lists(name, arguments, budget))
}

/// Those that take maps or make them.
fn of_maps(name: &str, arguments: &[Value]) -> Option<Known> {
    Some(match (name, arguments) {
        ("tomap" | "sensitive" | "nonsensitive", [one]) => Ok(one.clone()),
        ("keys", [one]) => {
            one.entries().map(|map| Value::list(map.keys().cloned().map(Value::Text).collect()))
        }
        ("values", [Value::Map(entries)]) => {
            let rest = entries.rest.iter().cloned().map(Value::Rest);
            Ok(Value::list(entries.map.values().cloned().chain(rest).collect()))
        }
        ("lookup", [map, key, default @ ..]) => match (map.part(key), default) {
            (Err(Stuck::Missing), [default]) => Ok(default.clone()),
            (value, _) => value.and_then(Value::closed),
        },
        ("zipmap", [keys, values]) => zipped(keys, values),
        _ => return None,
    })
}

/// Those that make a list or a set.
fn to_lists(name: &str, arguments: &[Value], budget: &Budget) -> Option<Known> {
    Some(match (name, arguments) {
        ("toset", [one]) => one.items().and_then(|items| set_of(items.to_vec(), budget)),
        ("tolist", [one]) => one.items().map(|items| Value::list(items.to_vec())),
        ("flatten", [one]) => one.items().and_then(|items| {
            let mut all = Vec::new();
            flattened(items, 0, budget, &mut all)?;
            Ok(Value::list(all))
        }),
        ("distinct", [one]) => one.items().map(|items| Value::list(distinct(items))),
        ("compact", [one]) => one.items().map(|items| {
            let is_set = |item: &&Value| !matches!(item, Value::Null) && item.as_text().as_deref() != Ok("");
            Value::list(items.iter().filter(is_set).cloned().collect())
        }),
        ("reverse", [one]) => {
            one.closed_items().map(|items| Value::list(items.iter().rev().cloned().collect()))
        }
        ("sort", [one]) => one.closed_items().and_then(|items| {
            let mut texts = items.iter().map(Value::as_text).collect::<Result<Vec<_>, _>>()?;
            texts.sort();
            Ok(Value::list(texts.into_iter().map(Value::Text).collect()))
        }),
        ("slice", [list, from, to]) => slice(list, from, to),
        ("range", bounds) => range(bounds),
        _ => return None,
    })
}

/// Those that make one value of a list, or of all that they are given.
fn one_of_lists(name: &str, arguments: &[Value], budget: &Budget) -> Option<Known> {
    Some(match (name, arguments) {
        ("element", [list, index]) => element(list, index),
        ("length", [Value::Text(text)]) => Ok(number(text.chars().count())),
        ("length", [Value::Map(_)]) => arguments[0].entries().map(|map| number(map.len())),
        ("length", [one]) => one.items().and_then(|items| {
            let is_counted = !items.iter().any(|item| matches!(item, Value::Rest(_)));
            if is_counted { Ok(number(items.len())) } else { Err(Stuck::Open) }
        }),
        ("coalesce", all) => all
            .iter()
            .find(|one| !matches!(one, Value::Null) && one.as_text().as_deref() != Ok(""))
            .cloned()
            .ok_or(Stuck::Missing),
        ("coalescelist", all) => all
            .iter()
            .find(|one| one.items().is_ok_and(|items| !items.is_empty()))
            .cloned()
            .ok_or(Stuck::Missing),
        ("contains", [list, wanted]) => contains(list, wanted, budget),
        ("one", [one]) => one.closed_items().and_then(|items| match items {
            [] => Ok(Value::Null),
            [one] => Ok(one.clone()),
            _ => Err(Stuck::Missing),
        }),
        ("min" | "max", all) => {
            let pick = if name == "min" { f64::min } else { f64::max };
            let numbers = all.iter().map(Value::as_number).collect::<Result<Vec<_>, _>>();
            numbers.and_then(|all| all.into_iter().reduce(pick).map(Value::Number).ok_or(Stuck::Missing))
        }
        _ => return None,
    })
}

/// Functions of texts and numbers; nothing for a name that is none of them.
fn of_texts(name: &str, arguments: &[Value]) -> Option<Known> {
    let text = |known: Result<String, Stuck>| known.map(Value::text);
    Some(match (name, arguments) {
        ("lower", [one]) => text(one.as_text().map(|one| one.to_lowercase())),
        ("upper", [one]) => text(one.as_text().map(|one| one.to_uppercase())),
        ("trimspace", [one]) => text(one.as_text().map(|one| one.trim().to_owned())),
        ("tostring", [Value::Null]) => Ok(Value::Null),
        ("tostring", [one]) => one.as_text().map(Value::Text),
        ("tonumber", [one]) => one.as_number().map(Value::Number),
        ("tobool", [one]) => one.as_bool().map(Value::Bool),
        ("join", [separator, lists @ ..]) => text(join(separator, lists)),
        ("split", [separator, one]) => separator.as_text().and_then(|separator| {
            let one = one.as_text()?;
            let parts = one.split(&*separator).take(SIZE_MAX).map(Value::text);
            Ok(Value::list(if separator.is_empty() {
                vec![Value::Text(one.clone())]
            } else {
                parts.collect()
            }))
        }),
        ("replace", [one, from, to]) => text(replaced(one, from, to)),
        ("trimprefix", [one, part]) => {
            two(one, part).map(|(one, part)| Value::text(one.strip_prefix(&*part).unwrap_or(&one)))
        }
        ("trimsuffix", [one, part]) => {
            two(one, part).map(|(one, part)| Value::text(one.strip_suffix(&*part).unwrap_or(&one)))
        }
        ("startswith", [one, part]) => two(one, part).map(|(one, part)| Value::Bool(one.starts_with(&*part))),
        ("endswith", [one, part]) => two(one, part).map(|(one, part)| Value::Bool(one.ends_with(&*part))),
        ("format", [pattern, values @ ..]) => text(formatted(pattern, values)),
        ("cidrsubnet", [prefix, bits, number]) => text(
            prefix
                .as_text()
                .and_then(|prefix| addresses::subnet(&prefix, bits.as_integer()?, number.as_integer()?)),
        ),
        ("cidrhost", [prefix, number]) => {
            text(prefix.as_text().and_then(|prefix| addresses::host(&prefix, number.as_integer()?)))
        }
        ("cidrnetmask", [prefix]) => text(prefix.as_text().and_then(|prefix| addresses::netmask(&prefix))),
        _ => return None,
    })
}

fn number(count: usize) -> Value {
    Value::Number(f64::from(u32::try_from(count).unwrap_or(u32::MAX)))
}

/// The index goes round.
fn element(list: &Value, index: &Value) -> Known {
    let items = list.items()?;
    if items.iter().any(|item| matches!(item, Value::Rest(_))) {
        return Err(Stuck::Open);
    }
    let count = i64::try_from(items.len()).map_err(|_| Stuck::Open)?;
    let index = index.as_integer()?.checked_rem_euclid(count).ok_or(Stuck::Missing)?;
    let index = usize::try_from(index).map_err(|_| Stuck::Open)?;
    items.get(index).cloned().ok_or(Stuck::Missing)?.closed()
}

fn zipped(keys: &Value, values: &Value) -> Known {
    let (keys, values) = (keys.closed_items()?, values.items()?);
    if keys.len() != values.len() || values.iter().any(|item| matches!(item, Value::Rest(_))) {
        return Err(Stuck::Open);
    }
    let pairs = keys.iter().zip(values).map(|(key, value)| Ok((key.as_text()?, value.clone())));
    Ok(Value::map(pairs.collect::<Result<_, Stuck>>()?))
}

fn distinct(items: &[Value]) -> Vec<Value> {
    let mut seen = BTreeSet::new();
    let is_new =
        |item: &&Value| item.as_text().is_err() || item.as_text().is_ok_and(|text| seen.insert(text));
    items.iter().filter(is_new).cloned().collect()
}

fn contains(list: &Value, wanted: &Value, budget: &Budget) -> Known {
    let mut open = false;
    for item in list.items()? {
        match item.same(wanted, budget) {
            Ok(true) => return Ok(Value::Bool(true)),
            Ok(false) => {}
            Err(_) => open = true,
        }
    }
    if open { Err(Stuck::Open) } else { Ok(Value::Bool(false)) }
}

fn slice(list: &Value, from: &Value, to: &Value) -> Known {
    let items = list.closed_items()?;
    let bound = |value: &Value| usize::try_from(value.as_integer()?).map_err(|_| Stuck::Missing);
    let part = items.get(bound(from)?..bound(to)?).ok_or(Stuck::Missing)?;
    Ok(Value::list(part.to_vec()))
}

/// `range(end)`, `range(start, end)`, `range(start, end, step)` with whole numbers.
fn range(bounds: &[Value]) -> Known {
    let bounds = bounds.iter().map(Value::as_integer).collect::<Result<Vec<_>, _>>()?;
    let (start, end, step) = match bounds.as_slice() {
        [end] => (0, *end, 1),
        [start, end] => (*start, *end, 1),
        [start, end, step] => (*start, *end, *step),
        _ => return Err(Stuck::Missing),
    };
    let step = usize::try_from(step).ok().filter(|step| *step > 0).ok_or(Stuck::Open)?;
    let numbers = (start..end).step_by(step).take(SIZE_MAX).map(|number| Value::Number(number as f64));
    Ok(Value::list(numbers.collect()))
}

fn two(one: &Value, other: &Value) -> Result<(Rc<str>, Rc<str>), Stuck> {
    Ok((one.as_text()?, other.as_text()?))
}

fn join(separator: &Value, lists: &[Value]) -> Result<String, Stuck> {
    let separator = separator.as_text()?;
    let mut text = String::new();
    for (index, item) in
        lists.iter().map(Value::closed_items).collect::<Result<Vec<_>, _>>()?.concat().iter().enumerate()
    {
        if index > 0 {
            text.push_str(&separator);
        }
        text.push_str(&item.as_text()?);
        bounded(&text)?;
    }
    Ok(text)
}

fn replaced(one: &Value, from: &Value, to: &Value) -> Result<String, Stuck> {
    let ((one, from), to) = (two(one, from)?, to.as_text()?);
    // Between slashes stands a regular expression.
    let is_expression = from.len() > 1 && from.starts_with('/') && from.ends_with('/');
    let grows = one.len().saturating_mul(to.len() + 1) > SIZE_MAX * 8;
    if is_expression || from.is_empty() || grows {
        return Err(Stuck::Open);
    }
    Ok(one.replace(&*from, &to))
}

fn bounded(text: &str) -> Result<(), Stuck> {
    if text.len() > SIZE_MAX { Err(Stuck::Open) } else { Ok(()) }
}

/// `format` with the verbs that names and prefixes need: `%s`, `%v`, `%d`, `%03d`, `%q` and `%%`.
fn formatted(pattern: &Value, values: &[Value]) -> Result<String, Stuck> {
    const WIDTH_MAX: usize = 64;
    let pattern = pattern.as_text()?;
    let mut text = String::new();
    let mut values = values.iter();
    let mut chars = pattern.chars().peekable();
    while let Some(char) = chars.next() {
        if char != '%' {
            text.push(char);
            continue;
        }
        let mut flags = String::new();
        while let Some(digit) = chars.next_if(char::is_ascii_digit) {
            flags.push(digit);
        }
        let width: usize = if flags.is_empty() { 0 } else { flags.parse().map_err(|_| Stuck::Open)? };
        if width > WIDTH_MAX {
            return Err(Stuck::Open);
        }
        let verb = chars.next().ok_or(Stuck::Missing)?;
        if verb == '%' {
            text.push('%');
            continue;
        }
        let value = values.next().ok_or(Stuck::Missing)?;
        match verb {
            's' | 'v' => text.push_str(&format!("{:>width$}", &*value.as_text()?)),
            'd' if flags.starts_with('0') => text.push_str(&format!("{:0width$}", value.as_integer()?)),
            'd' => text.push_str(&format!("{:width$}", value.as_integer()?)),
            'q' => text.push_str(&format!("{:?}", &*value.as_text()?)),
            _ => return Err(Stuck::Open),
        }
        bounded(&text)?;
    }
    Ok(text)
}
