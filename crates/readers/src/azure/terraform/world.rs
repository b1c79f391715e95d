//! The modules of one tree as they are called, with what their names mean.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block, Body, Structure};

use super::evaluate::{Frames, Scope};
use super::types;
use super::value::{Budget, Known, Stuck, Value};

/// Expressions that are followed in one tree.
const EXPRESSIONS_MAX: usize = 500_000;
/// Blocks that are made of one by `for_each` or `count`, at most; a network has few hundred routes.
pub(super) const INSTANCES_MAX: usize = 1_000;
/// Modules within modules.
const MODULE_DEPTH_MAX: usize = 8;
/// Calls of modules in one tree, one for each instance.
const CALLS_MAX: usize = 200;

/// What the blocks of one folder name.
#[derive(Default)]
pub(super) struct Names<'b> {
    locals: BTreeMap<&'b str, &'b Expression>,
    pub variables: BTreeMap<&'b str, &'b Body>,
    /// By kind and symbol.
    resources: BTreeMap<&'b str, BTreeMap<&'b str, &'b Body>>,
    outputs: BTreeMap<&'b str, &'b Expression>,
    calls: BTreeMap<&'b str, (&'b Body, Source<'b>)>,
}

/// Where a called module is.
#[derive(Clone, Copy)]
pub(super) enum Source<'b> {
    /// A folder that was read.
    Folder(&'b str),
    /// Not on this machine, or not found.
    Elsewhere,
}

impl<'b> Names<'b> {
    /// Adds the names of a file; of two blocks with one name, which Terraform refuses, the last counts.
    pub(super) fn add(&mut self, body: &'b Body, source_of: &dyn Fn(&'b Block) -> Source<'b>) {
        for block in body.iter().filter_map(Structure::as_block) {
            let labels: Vec<&'b str> = block.labels.iter().map(|label| label.as_str()).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("locals", _) => {
                    let attributes = block.body.iter().filter_map(Structure::as_attribute);
                    self.locals.extend(attributes.map(|one| (one.key.as_str(), &one.value)));
                }
                ("variable", [name]) => drop(self.variables.insert(name, &block.body)),
                ("resource", [kind, symbol]) => {
                    self.resources.entry(kind).or_default().insert(symbol, &block.body);
                }
                ("output", [name]) => {
                    self.outputs.extend(block.body.get_attribute("value").map(|one| (*name, &one.value)));
                }
                ("module", [name]) => drop(self.calls.insert(name, (&block.body, source_of(block)))),
                _ => {}
            }
        }
    }
}

/// A value from outside, as the command line or a file of variables gives it.
#[derive(Debug, Clone)]
pub(super) enum Assigned {
    /// The words of an option, whose meaning depends on the variable's type.
    Words(String),
    /// A value of a file.
    Value(Value),
}

/// One module as it is called.
pub(super) struct Instance<'b> {
    names: &'b Names<'b>,
    pub folder: &'b str,
    /// `module.net["a"].`, empty for the root.
    pub address: String,
    depth: usize,
    given: Given<'b>,
    locals: Memo<&'b str, Known>,
    variables: Memo<&'b str, Known>,
    resources: Memo<(&'b str, &'b str), Iterated>,
    calls: Memo<&'b str, Option<Rc<Expansion<usize>>>>,
}

/// What was worked out; nothing for what is being worked out.
type Memo<K, V> = RefCell<BTreeMap<K, Option<V>>>;

/// Where the values of a module's variables come from.
enum Given<'b> {
    Root(&'b BTreeMap<String, Assigned>),
    Call { parent: usize, frames: Frames, body: &'b Body },
}

/// The instances of one block.
#[derive(Debug, Clone)]
pub(super) enum Expansion<T> {
    One(T),
    Keyed(Vec<(Rc<str>, T)>),
    Counted(Vec<T>),
    /// How many can't be told; one stands for all.
    Open(T),
}

impl<T> Expansion<T> {
    fn map<U>(self, mut change: impl FnMut(String, T) -> Option<U>) -> Option<Expansion<U>> {
        Some(match self {
            Expansion::One(one) => Expansion::One(change(String::new(), one)?),
            Expansion::Open(one) => Expansion::Open(change(String::new(), one)?),
            Expansion::Keyed(all) => Expansion::Keyed(
                all.into_iter()
                    .map(|(key, one)| Some((key.clone(), change(format!("[\"{key}\"]"), one)?)))
                    .collect::<Option<_>>()?,
            ),
            Expansion::Counted(all) => Expansion::Counted(
                all.into_iter()
                    .enumerate()
                    .map(|(index, one)| change(format!("[{index}]"), one))
                    .collect::<Option<_>>()?,
            ),
        })
    }

    /// Every instance, with its index as it stands in addresses.
    pub(super) fn all(&self) -> Vec<(String, &T)> {
        match self {
            Expansion::One(one) | Expansion::Open(one) => vec![(String::new(), one)],
            Expansion::Keyed(all) => all.iter().map(|(key, one)| (format!("[\"{key}\"]"), one)).collect(),
            Expansion::Counted(all) => {
                all.iter().enumerate().map(|(index, one)| (format!("[{index}]"), one)).collect()
            }
        }
    }
}

/// All modules of one tree.
pub(super) struct World<'b> {
    pub budget: Budget,
    folders: &'b BTreeMap<&'b str, Names<'b>>,
    instances: RefCell<Vec<Rc<Instance<'b>>>>,
}

impl<'b> World<'b> {
    /// A tree whose root is given these values; nothing for a folder that was not read.
    pub(super) fn new(
        folders: &'b BTreeMap<&'b str, Names<'b>>,
        root: &str,
        assigned: &'b BTreeMap<String, Assigned>,
    ) -> Option<World<'b>> {
        let (folder, names) = folders.get_key_value(root)?;
        let world =
            World { budget: Budget::new(EXPRESSIONS_MAX), folders, instances: RefCell::new(Vec::new()) };
        world.add(names, folder, String::new(), 0, Given::Root(assigned));
        Some(world)
    }

    fn add(
        &self,
        names: &'b Names<'b>,
        folder: &'b str,
        address: String,
        depth: usize,
        given: Given<'b>,
    ) -> usize {
        let mut instances = self.instances.borrow_mut();
        instances.push(Rc::new(Instance {
            names,
            folder,
            address,
            depth,
            given,
            locals: Memo::default(),
            variables: Memo::default(),
            resources: Memo::default(),
            calls: Memo::default(),
        }));
        instances.len() - 1
    }

    /// A module by its number, which [`World`] gave.
    pub(super) fn instance(&self, at: usize) -> Rc<Instance<'b>> {
        self.instances.borrow()[at].clone()
    }

    /// The scope of a module's blocks.
    pub(super) fn scope(&self, at: usize) -> Scope<'_, 'b> {
        Scope { world: self, at, frames: None }
    }

    /// The modules that a block calls; nothing when it leads elsewhere or too far.
    pub(super) fn called(&self, at: usize, name: &str, depth: usize) -> Option<Rc<Expansion<usize>>> {
        let instance = self.instance(at);
        let (name, (body, source)) = instance.names.calls.get_key_value(name)?;
        let Source::Folder(folder) = source else { return None };
        once(&instance.calls, *name, || {
            let (folder, names) = self.folders.get_key_value(folder)?;
            if instance.depth >= MODULE_DEPTH_MAX {
                return None;
            }
            let expansion = self.scope(at).expansion(body, depth);
            let called = expansion.map(|index, frames| {
                let address = format!("{}module.{name}{index}.", instance.address);
                let given = Given::Call { parent: at, frames, body };
                let is_room = self.instances.borrow().len() <= CALLS_MAX;
                is_room.then(|| self.add(names, folder, address, instance.depth + 1, given))
            });
            called.map(Rc::new)
        })
        .flatten()
    }

    pub(super) fn local(&self, at: usize, name: &str, depth: usize) -> Known {
        let instance = self.instance(at);
        let (name, expression) = instance.names.locals.get_key_value(name).ok_or(Stuck::Open)?;
        once(&instance.locals, *name, || self.scope(at).known(expression, depth)).unwrap_or(Err(Stuck::Open))
    }

    pub(super) fn variable(&self, at: usize, name: &str, depth: usize) -> Known {
        let instance = self.instance(at);
        let (name, body) = instance.names.variables.get_key_value(name).ok_or(Stuck::Open)?;
        once(&instance.variables, *name, || self.given(&instance, at, name, body, depth))
            .unwrap_or(Err(Stuck::Open))
    }

    fn given(&self, instance: &Instance<'b>, at: usize, name: &str, body: &'b Body, depth: usize) -> Known {
        let kind = body.get_attribute("type").map(|one| &one.value);
        let default = || {
            let default = body.get_attribute("default").ok_or(Stuck::Open)?;
            self.scope(at).known(&default.value, depth)
        };
        let value = match &instance.given {
            Given::Root(assigned) => match assigned.get(name) {
                Some(Assigned::Words(words)) => types::of_words(words, kind, &self.budget)?,
                Some(Assigned::Value(value)) => value.clone(),
                None => default()?,
            },
            Given::Call { parent, frames, body } => match body.get_attribute(name) {
                Some(argument) => {
                    let scope = Scope { world: self, at: *parent, frames: frames.clone() };
                    scope.known(&argument.value, depth)?
                }
                None => default()?,
            },
        };
        let is_nullable = body.get_attribute("nullable").and_then(|one| one.value.as_bool()) != Some(false);
        let value = if matches!(value, Value::Null) && !is_nullable { default()? } else { value };
        match kind {
            Some(kind) => types::conform(value, kind, &self.scope(at), depth),
            None => Ok(value),
        }
    }

    pub(super) fn output(&self, at: usize, name: &str, depth: usize) -> Known {
        let expression = *self.instance(at).names.outputs.get(name).ok_or(Stuck::Missing)?;
        self.scope(at).known(expression, depth)
    }

    /// The body of a resource and the instances that it makes.
    pub(super) fn resource(&self, at: usize, kind: &str, symbol: &str, depth: usize) -> Option<Declared<'b>> {
        let instance = self.instance(at);
        let (kind, symbols) = instance.names.resources.get_key_value(kind)?;
        let (symbol, body) = symbols.get_key_value(symbol)?;
        let expansion =
            once(&instance.resources, (*kind, *symbol), || Rc::new(self.scope(at).expansion(body, depth)))?;
        Some((body, expansion))
    }
}

/// The body of a resource with the iterators of its instances.
pub(super) type Declared<'b> = (&'b Body, Iterated);

/// The instances of a block, each with its iterators.
type Iterated = Rc<Expansion<Frames>>;

/// What was worked out before, or is now; nothing in a circle.
fn once<K: Ord + Copy, V: Clone>(memo: &Memo<K, V>, key: K, work: impl FnOnce() -> V) -> Option<V> {
    if let Some(known) = memo.borrow().get(&key) {
        return known.clone();
    }
    memo.borrow_mut().insert(key, None);
    let value = work();
    memo.borrow_mut().insert(key, Some(value.clone()));
    Some(value)
}
