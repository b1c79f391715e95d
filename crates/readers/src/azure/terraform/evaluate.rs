//! Expressions as values.

use std::collections::BTreeMap;
use std::fmt::{self, Write};
use std::rc::Rc;

use hcl_edit::Decorated;
use hcl_edit::expr::{Expression, ForExpr, ObjectKey, TraversalOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::Element;

use super::value::{Budget, Entries, Known, SIZE_MAX, Stuck, Value};
use super::world::{Expansion, INSTANCES_MAX, World};
use super::{functions, operators, references};

/// Expressions and names that lead to each other; a circle ends here.
pub(super) const DEPTH_MAX: usize = 100;

/// What names mean in a place.
#[derive(Clone)]
pub(super) struct Scope<'w, 'b> {
    pub world: &'w World<'b>,
    /// Number of the module.
    pub at: usize,
    pub frames: Frames,
}

/// The names around a place, the innermost first.
pub(super) type Frames = Option<Rc<Frame>>;

/// A name that an iterator or a `for` gives a meaning, and those around it.
#[derive(Debug)]
pub(super) struct Frame {
    name: Rc<str>,
    value: Value,
    outer: Frames,
}

impl<'b> Scope<'_, 'b> {
    pub(super) fn budget(&self) -> &Budget {
        &self.world.budget
    }

    /// The same with one more name.
    pub(super) fn with(&self, name: &str, value: Value) -> Self {
        let frame = Frame { name: Rc::from(name), value, outer: self.frames.clone() };
        Scope { frames: Some(Rc::new(frame)), ..self.clone() }
    }

    /// What an iterator or a `for` calls so.
    pub(super) fn bound(&self, name: &str) -> Option<Value> {
        let mut frame = self.frames.as_ref();
        while let Some(one) = frame {
            if &*one.name == name {
                return Some(one.value.clone());
            }
            frame = one.outer.as_ref();
        }
        None
    }

    /// A value, or the expression itself where it can't be told.
    pub(super) fn value(&self, expression: &Expression, depth: usize) -> Value {
        self.known(expression, depth).unwrap_or_else(|_| Value::Open(shown(expression)))
    }

    /// The value of an expression.
    pub(super) fn known(&self, expression: &Expression, depth: usize) -> Known {
        self.budget().spend(1)?;
        if depth > DEPTH_MAX {
            return Err(Stuck::Open);
        }
        let depth = depth + 1;
        match expression {
            Expression::Traversal(traversal) => {
                references::traversal(self, &traversal.expr, &traversal.operators, depth)?.closed()
            }
            Expression::Variable(name) => self.bound(name.as_str()).ok_or(Stuck::Open)?.closed(),
            Expression::Conditional(choice) => match self.known(&choice.cond_expr, depth)?.as_bool()? {
                true => self.known(&choice.true_expr, depth),
                false => self.known(&choice.false_expr, depth),
            },
            Expression::FuncCall(call) => functions::call(call, self, depth),
            Expression::UnaryOp(operation) => operators::unary(operation, self, depth),
            Expression::BinaryOp(operation) => operators::binary(operation, self, depth),
            Expression::ForExpr(each) => self.for_each(each, depth),
            other => plain(other, self.budget(), &|inner| self.value(inner, depth), &|inner| {
                self.known(inner, depth)
            }),
        }
    }

    fn for_each(&self, each: &ForExpr, depth: usize) -> Known {
        let intro = &each.intro;
        let collection = self.known(&intro.collection_expr, depth)?;
        let (pairs, rest) = pairs(&collection)?;
        let mut list = Vec::new();
        let mut map: BTreeMap<Rc<str>, Value> = BTreeMap::new();
        let mut groups: BTreeMap<Rc<str>, Vec<Value>> = BTreeMap::new();
        for (key, value) in pairs.into_iter().take(SIZE_MAX) {
            let mut scope = self.with(intro.value_var.as_str(), value);
            if let Some(name) = &intro.key_var {
                scope = scope.with(name.as_str(), key);
            }
            let chosen =
                each.cond.as_ref().map(|one| scope.known(&one.expr, depth).and_then(|v| v.as_bool()));
            match (chosen, &each.key_expr) {
                (Some(Ok(false)), _) => {}
                // Whether it is there can't be told.
                (Some(Err(_)), None) => list.push(Value::Rest(shown(&each.value_expr))),
                (Some(Err(stuck)), Some(_)) => return Err(stuck),
                (_, None) => list.push(scope.value(&each.value_expr, depth)),
                (_, Some(key)) => {
                    let key = scope.known(key, depth)?.as_text()?;
                    let value = scope.value(&each.value_expr, depth);
                    if each.grouping {
                        groups.entry(key).or_default().push(value);
                    } else {
                        map.insert(key, value);
                    }
                }
            }
        }
        if each.key_expr.is_none() {
            list.extend(rest.map(Value::Rest));
            return Ok(Value::list(list));
        }
        map.extend(groups.into_iter().map(|(key, items)| (key, Value::list(items))));
        Ok(Value::Map(Rc::new(Entries { map, rest })))
    }

    /// The instances of a block, with their iterators.
    pub(super) fn expansion(&self, body: &Body, depth: usize) -> Expansion<Frames> {
        let open = |name: &str, parts: &[&str]| {
            let parts =
                parts.iter().map(|part| (Rc::from(*part), Value::Open(format!("{name}.{part}").into())));
            Expansion::Open(self.with(name, Value::map(parts.collect())).frames)
        };
        if let Some(attribute) = body.get_attribute("for_each") {
            let Some(items) = self.items(&attribute.value, "each", depth) else {
                return open("each", &["key", "value"]);
            };
            let keyed = items.into_iter().map(|(key, value)| {
                let text = key.as_text().unwrap_or_else(|_| Rc::from("?"));
                (text, self.with("each", Value::pair(key, value)).frames)
            });
            return Expansion::Keyed(keyed.collect());
        }
        if let Some(attribute) = body.get_attribute("count") {
            let count = self.known(&attribute.value, depth).and_then(|count| count.as_integer());
            let Some(count) = count.ok().and_then(|count| usize::try_from(count).ok()) else {
                return open("count", &["index"]);
            };
            let frame = |index: usize| {
                let index = Value::Number(f64::from(u32::try_from(index).unwrap_or(u32::MAX)));
                self.with("count", Value::map(BTreeMap::from([(Rc::from("index"), index)]))).frames
            };
            return Expansion::Counted((0..count.min(INSTANCES_MAX)).map(frame).collect());
        }
        Expansion::One(self.frames.clone())
    }

    /// Keys and values that `for_each` goes over; nothing when they can't be told.
    pub(super) fn items(
        &self,
        expression: &Expression,
        name: &str,
        depth: usize,
    ) -> Option<Vec<(Value, Value)>> {
        let value = self.known(expression, depth).ok()?;
        let (mut items, rest) = pairs(&value).ok()?;
        items.truncate(INSTANCES_MAX);
        // One stands for all that can't be told.
        let open = |part: &str| Value::Open(format!("{name}.{part}").into());
        items.extend(rest.map(|_| (open("key"), open("value"))));
        Some(items)
    }
}

/// Keys and values, and what more there is.
type Pairs = (Vec<(Value, Value)>, Option<Rc<str>>);

/// Keys and values of a collection.
fn pairs(collection: &Value) -> Result<Pairs, Stuck> {
    let rest = |items: &[Value]| {
        items.iter().find_map(|item| if let Value::Rest(text) = item { Some(text.clone()) } else { None })
    };
    let counted =
        |items: &[Value]| items.iter().filter(|item| !matches!(item, Value::Rest(_))).cloned().collect();
    Ok(match collection {
        Value::List(items) => {
            let all: Vec<Value> = counted(items);
            let number = |index: usize| Value::Number(f64::from(u32::try_from(index).unwrap_or(u32::MAX)));
            (all.into_iter().enumerate().map(|(index, item)| (number(index), item)).collect(), rest(items))
        }
        Value::Set(items) => {
            let all: Vec<Value> = counted(items);
            (all.into_iter().map(|item| (item.clone(), item)).collect(), rest(items))
        }
        Value::Map(entries) => {
            let all = entries.map.iter().map(|(key, value)| (Value::Text(key.clone()), value.clone()));
            (all.collect(), entries.rest.clone())
        }
        _ => return Err(Stuck::Open),
    })
}

/// Expressions that mean the same everywhere, and what is made of them.
fn plain(
    expression: &Expression,
    budget: &Budget,
    value: &dyn Fn(&Expression) -> Value,
    known: &dyn Fn(&Expression) -> Known,
) -> Known {
    Ok(match expression {
        Expression::Null(_) => Value::Null,
        Expression::Bool(flag) => Value::Bool(*flag.value()),
        Expression::Number(number) => Value::Number(number.value().as_f64().ok_or(Stuck::Open)?),
        Expression::String(text) => {
            budget.spend_text(text.value().len())?;
            Value::text(text.value())
        }
        Expression::Array(items) => Value::list(items.iter().take(SIZE_MAX).map(value).collect()),
        Expression::Object(object) => {
            let mut map = BTreeMap::new();
            for (key, item) in object.iter().take(SIZE_MAX) {
                let key: Rc<str> = match key {
                    ObjectKey::Ident(name) => Rc::from(name.as_str()),
                    ObjectKey::Expression(Expression::Variable(name)) => Rc::from(name.as_str()),
                    ObjectKey::Expression(key) => known(key)?.as_text()?,
                };
                map.insert(key, value(item.expr()));
            }
            Value::map(map)
        }
        Expression::Parenthesis(inner) => known(inner.inner())?,
        Expression::StringTemplate(template) => joined(template.iter(), budget, known)?,
        Expression::HeredocTemplate(heredoc) => joined(heredoc.template.iter(), budget, known)?,
        _ => return Err(Stuck::Open),
    })
}

/// A value that is written out, as files of variables hold them: names mean nothing there.
pub(super) fn literal(expression: &Expression, budget: &Budget) -> Known {
    let stuck = |inner: &Expression| literal(inner, budget);
    plain(
        expression,
        budget,
        &|inner| literal(inner, budget).unwrap_or_else(|_| Value::Open(shown(inner))),
        &stuck,
    )
    .or_else(|stuck| match expression {
        Expression::UnaryOp(operation) => match literal(&operation.expr, budget)? {
            Value::Number(number) => Ok(Value::Number(-number)),
            _ => Err(stuck),
        },
        _ => Err(stuck),
    })
}

fn joined<'e>(
    parts: impl Iterator<Item = &'e Element>,
    budget: &Budget,
    known: &dyn Fn(&Expression) -> Known,
) -> Known {
    let mut text = String::new();
    for part in parts {
        match part {
            Element::Literal(literal) => text.push_str(literal.as_str()),
            Element::Interpolation(inner) => text.push_str(&known(&inner.expr)?.as_text()?),
            Element::Directive(_) => return Err(Stuck::Open),
        }
        if text.len() > SIZE_MAX {
            return Err(Stuck::Open);
        }
    }
    budget.spend_text(text.len())?;
    Ok(Value::text(text))
}

/// An expression as it stands in the file, cut where it is long.
pub(super) fn shown(expression: &Expression) -> Rc<str> {
    struct Beginning(String);
    impl Write for Beginning {
        fn write_str(&mut self, text: &str) -> fmt::Result {
            const SHOWN_MAX: usize = 200;
            let room = SHOWN_MAX.saturating_sub(self.0.chars().count());
            self.0.extend(text.chars().take(room));
            if room == 0 { Err(fmt::Error) } else { Ok(()) }
        }
    }
    let mut text = Beginning(String::new());
    // The writer refuses more than is shown: nothing else can go wrong.
    let _ = write!(text, "{expression}");
    Rc::from(text.0.trim())
}

/// Operators behind a name, as the parser gives them.
pub(super) type Operators = [Decorated<TraversalOperator>];
