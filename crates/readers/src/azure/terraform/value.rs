//! Values of Terraform, of which parts may be open.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use serde_json::{Map, Number};

/// Elements and characters of one value: locals that repeat locals grow fast.
pub(super) const SIZE_MAX: usize = 10_000;
/// Characters that cost as much as one expression.
const CHARS_PER_STEP: usize = 64;

/// Why there is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stuck {
    /// It depends on what is not told here.
    Open,
    /// Terraform itself would say that there is no such part; `try` goes on.
    Missing,
}

/// A value, or why there is none.
pub(super) type Known = Result<Value, Stuck>;

/// A value; copies share their parts.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(Rc<str>),
    List(Rc<Vec<Value>>),
    /// Distinct texts, in their order.
    Set(Rc<Vec<Value>>),
    Map(Rc<Entries>),
    /// What can't be told, as it stands in the file.
    Open(Rc<str>),
    /// Within a list: elements that can't be told, nobody knows how many.
    Rest(Rc<str>),
}

/// Keys with their values.
#[derive(Debug, Clone, Default)]
pub(super) struct Entries {
    pub map: BTreeMap<Rc<str>, Value>,
    /// More keys, which can't be told, as they stand in the file.
    pub rest: Option<Rc<str>>,
}

/// Steps that may still be taken: values that name each other twice grow like powers of two.
#[derive(Debug)]
pub(super) struct Budget(Cell<usize>);

impl Budget {
    pub(super) fn new(steps: usize) -> Budget {
        Budget(Cell::new(steps))
    }

    /// Takes steps; when there are none left, everything stays open.
    pub(super) fn spend(&self, steps: usize) -> Result<(), Stuck> {
        match self.0.get().checked_sub(steps) {
            Some(left) => {
                self.0.set(left);
                Ok(())
            }
            None => {
                self.0.set(0);
                Err(Stuck::Open)
            }
        }
    }

    /// Takes the steps for handling a text.
    pub(super) fn spend_text(&self, bytes: usize) -> Result<(), Stuck> {
        self.spend(1 + bytes / CHARS_PER_STEP)
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

impl Value {
    pub(super) fn text(text: impl AsRef<str>) -> Value {
        Value::Text(Rc::from(text.as_ref()))
    }

    pub(super) fn list(items: Vec<Value>) -> Value {
        Value::List(Rc::new(items))
    }

    pub(super) fn map(map: BTreeMap<Rc<str>, Value>) -> Value {
        Value::Map(Rc::new(Entries { map, rest: None }))
    }

    /// What an iterator stands for.
    pub(super) fn pair(key: Value, value: Value) -> Value {
        Value::map(BTreeMap::from([(Rc::from("key"), key), (Rc::from("value"), value)]))
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self, Value::Open(_) | Value::Rest(_))
    }

    /// Nothing for a value that can't be told.
    pub(super) fn closed(self) -> Known {
        if self.is_open() { Err(Stuck::Open) } else { Ok(self) }
    }

    /// The elements of a list or set.
    pub(super) fn items(&self) -> Result<&[Value], Stuck> {
        match self {
            Value::List(items) | Value::Set(items) => Ok(items),
            _ => Err(Stuck::Open),
        }
    }

    /// The elements when none is open.
    pub(super) fn closed_items(&self) -> Result<&[Value], Stuck> {
        let items = self.items()?;
        if items.iter().any(Value::is_open) { Err(Stuck::Open) } else { Ok(items) }
    }

    /// The entries of a map, all of them.
    pub(super) fn entries(&self) -> Result<&BTreeMap<Rc<str>, Value>, Stuck> {
        match self {
            Value::Map(entries) if entries.rest.is_none() => Ok(&entries.map),
            _ => Err(Stuck::Open),
        }
    }

    /// A text; numbers and truth values are printed, as Terraform converts them.
    pub(super) fn as_text(&self) -> Result<Rc<str>, Stuck> {
        match self {
            Value::Text(text) => Ok(text.clone()),
            Value::Number(number) => Ok(printed(*number).into()),
            Value::Bool(flag) => Ok(Rc::from(if *flag { "true" } else { "false" })),
            _ => Err(Stuck::Open),
        }
    }

    pub(super) fn as_number(&self) -> Result<f64, Stuck> {
        match self {
            Value::Number(number) => Ok(*number),
            Value::Text(text) => {
                text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(Stuck::Open)
            }
            _ => Err(Stuck::Open),
        }
    }

    /// A whole number.
    pub(super) fn as_integer(&self) -> Result<i64, Stuck> {
        whole(self.as_number()?).ok_or(Stuck::Open)
    }

    pub(super) fn as_bool(&self) -> Result<bool, Stuck> {
        match self {
            Value::Bool(flag) => Ok(*flag),
            Value::Text(text) => text.parse().map_err(|_| Stuck::Open),
            _ => Err(Stuck::Open),
        }
    }

    /// The part under a key or an index.
    pub(super) fn part(&self, step: &Value) -> Known {
        match self {
            Value::Map(entries) => {
                let key = step.as_text()?;
                match (entries.map.get(&key), &entries.rest) {
                    (Some(value), _) => Ok(value.clone()),
                    (None, Some(_)) => Err(Stuck::Open),
                    (None, None) => Err(Stuck::Missing),
                }
            }
            Value::List(items) => {
                let index = usize::try_from(step.as_integer()?).map_err(|_| Stuck::Missing)?;
                // Behind elements of unknown number nobody can count.
                if items.iter().take(index.saturating_add(1)).any(|item| matches!(item, Value::Rest(_))) {
                    return Err(Stuck::Open);
                }
                items.get(index).cloned().ok_or(Stuck::Missing)
            }
            Value::Open(_) | Value::Rest(_) => Err(Stuck::Open),
            _ => Err(Stuck::Missing),
        }
    }

    /// Whether two values are the same; open ones are neither.
    pub(super) fn same(&self, other: &Value, budget: &Budget) -> Result<bool, Stuck> {
        budget.spend(1)?;
        Ok(match (self, other) {
            (Value::Open(_) | Value::Rest(_), _) | (_, Value::Open(_) | Value::Rest(_)) => {
                return Err(Stuck::Open);
            }
            (Value::Null, Value::Null) => true,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Number(one), Value::Number(other)) => one == other,
            (Value::Text(one), Value::Text(other)) => {
                budget.spend_text(one.len())?;
                one == other
            }
            (Value::List(one), Value::List(other)) | (Value::Set(one), Value::Set(other)) => {
                if one.iter().chain(other.iter()).any(|item| matches!(item, Value::Rest(_))) {
                    return Err(Stuck::Open);
                }
                one.len() == other.len() && all_same(one.iter().zip(other.iter()), budget)?
            }
            (Value::Map(one), Value::Map(other)) => {
                if one.rest.is_some() || other.rest.is_some() {
                    return Err(Stuck::Open);
                }
                one.map.keys().eq(other.map.keys())
                    && all_same(one.map.values().zip(other.map.values()), budget)?
            }
            _ => false,
        })
    }

    /// The same as JSON, what is open as `${...}`.
    pub(super) fn to_json(&self, budget: &Budget) -> serde_json::Value {
        use serde_json::Value as Json;
        if budget.spend(1).is_err() {
            return Json::String("${...}".to_owned());
        }
        match self {
            Value::Null => Json::Null,
            Value::Bool(flag) => Json::Bool(*flag),
            Value::Number(number) => match whole(*number) {
                Some(number) => Json::from(number),
                None => Number::from_f64(*number).map_or(Json::Null, Json::Number),
            },
            Value::Text(text) => match budget.spend_text(text.len()) {
                Ok(()) => Json::String(text.to_string()),
                Err(_) => Json::String("${...}".to_owned()),
            },
            Value::List(items) | Value::Set(items) => {
                Json::Array(items.iter().map(|item| item.to_json(budget)).collect())
            }
            Value::Map(entries) => {
                let pairs = entries.map.iter().map(|(key, value)| (key.to_string(), value.to_json(budget)));
                let rest = entries
                    .rest
                    .iter()
                    .map(|rest| shown_open(rest))
                    .map(|text| (text.clone(), Json::String(text)));
                Json::Object(pairs.chain(rest).collect::<Map<_, _>>())
            }
            Value::Open(text) | Value::Rest(text) => Json::String(shown_open(text)),
        }
    }
}

fn all_same<'v>(
    mut pairs: impl Iterator<Item = (&'v Value, &'v Value)>,
    budget: &Budget,
) -> Result<bool, Stuck> {
    pairs.try_fold(true, |same, (one, other)| Ok(same && one.same(other, budget)?))
}

fn shown_open(text: &str) -> String {
    format!("${{{text}}}")
}

/// A number without a fraction, as far as it is exact.
pub(super) fn whole(number: f64) -> Option<i64> {
    const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
    // Within these bounds the cast loses nothing.
    (number.fract() == 0.0 && number.abs() <= EXACT_MAX).then_some(number as i64)
}

fn printed(number: f64) -> String {
    whole(number).map_or_else(|| number.to_string(), |number| number.to_string())
}
