//! A folder of Terraform as the module that it is, with the local modules that it calls.
//!
//! The facts of a tree are counted in lines of its own, through all files of all calls; [`Origins`] leads from
//! such a line to its file. So what belongs together joins across files, and each part keeps its place.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body};
use model::{EvidenceFile, Note, Place, Source as ModelSource};

use super::allow::{self, Allow};
use super::join::{Lines, emit, starts_of};
use super::world::{Assigned, Names, Source, World};
use super::{BYTES_MAX, blocks, variables};
use crate::limits::Limits;
use crate::out::Out;

/// Folders that are read for one run, at most.
const FOLDERS_MAX: usize = 2_000;
/// Bytes of Terraform that are parsed for one run: the parser holds all of it.
const ALL_BYTES_MAX: usize = 64 << 20;
/// Lines of one tree, through all calls.
const LINES_MAX: u32 = 100_000_000;

/// A file of a module's folder.
#[derive(Debug, Clone)]
pub struct ModuleFile {
    /// Path as it is shown.
    pub path: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// A value that the command line gives to variables of the root.
#[derive(Debug, Clone)]
pub enum Assignment {
    /// `--var NAME=VALUE`.
    Variable {
        /// The variable.
        name: String,
        /// Its value as it was written.
        value: String,
    },
    /// `--var-file FILE`.
    File(ModuleFile),
}

/// Folders with their files, read once however often they are called.
#[derive(Default)]
pub struct Folders {
    folders: BTreeMap<String, Folder>,
}

#[derive(Default)]
struct Folder {
    files: Vec<File>,
    /// Files of variables, in Terraform's order.
    values: Vec<(String, String)>,
}

struct File {
    path: String,
    text: String,
    starts: Vec<usize>,
    /// Nothing where it does not parse.
    body: Option<Body>,
}

/// What the modules of one root declare.
pub struct Tree {
    /// Facts and notes in lines of the tree; its path is the root's folder.
    pub file: EvidenceFile,
    /// Files that do not parse, read by their lines.
    pub broken: Vec<EvidenceFile>,
    /// Comments that silence findings, of all files of the tree.
    pub allows: Vec<Allow>,
    /// From lines of the tree to files.
    pub origins: Origins,
}

/// The files behind the lines of a tree.
pub struct Origins {
    path: Arc<str>,
    /// Every file of the tree, also those that do not parse.
    files: BTreeSet<String>,
    ranges: Vec<Range>,
}

/// Lines of the tree that are those of a file.
struct Range {
    first: u32,
    path: Arc<str>,
    call: String,
}

/// Where a line of a tree comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// File and line.
    pub source: ModelSource,
    /// Address of the module's call as Terraform writes it, empty for the root.
    pub call: String,
}

impl Folders {
    /// Reads folders and all local modules that they call. `load` gives the files of a folder.
    pub fn load(roots: &[String], load: &mut dyn FnMut(&str) -> Option<Vec<ModuleFile>>) -> Folders {
        let mut all = Folders::default();
        let mut waiting: Vec<String> = roots.iter().rev().map(|root| normal(root)).collect();
        let mut bytes_left = ALL_BYTES_MAX;
        while let Some(name) = waiting.pop() {
            if all.folders.contains_key(&name) || all.folders.len() >= FOLDERS_MAX {
                continue;
            }
            let Some(files) = load(&name) else { continue };
            let folder = Folder::parse(files, &mut bytes_left);
            waiting.extend(folder.calls().filter_map(|source| local(&name, source)));
            all.folders.insert(name, folder);
        }
        all
    }

    /// Those of the folders that no other of them calls, in their order; one of each circle stays.
    pub fn roots(&self, listed: &[String]) -> Vec<String> {
        let listed: Vec<String> = listed.iter().map(|name| normal(name)).collect();
        let mut called = BTreeSet::new();
        for (name, folder) in &self.folders {
            let direct = folder.calls().filter_map(|source| local(name, source));
            called.extend(direct.filter(|other| other != name));
        }
        let mut roots: Vec<String> = listed.iter().filter(|name| !called.contains(*name)).cloned().collect();
        let mut reached: BTreeSet<String> = roots.iter().cloned().collect();
        roots.iter().for_each(|root| self.reach(root, &mut reached));
        for name in listed {
            if reached.insert(name.clone()) {
                self.reach(&name, &mut reached);
                roots.push(name);
            }
        }
        roots
    }

    /// Adds the folders that a folder leads to.
    fn reach(&self, from: &str, seen: &mut BTreeSet<String>) {
        let mut waiting = vec![from.to_owned()];
        while let Some(name) = waiting.pop() {
            let Some(folder) = self.folders.get(&name) else { continue };
            for called in folder.calls().filter_map(|source| local(&name, source)) {
                if seen.insert(called.clone()) {
                    waiting.push(called);
                }
            }
        }
    }

    /// Whether a folder declares a variable.
    pub fn declares(&self, folder: &str, variable: &str) -> bool {
        let bodies = self.folders.get(&normal(folder)).into_iter().flat_map(|folder| &folder.files);
        bodies.filter_map(|file| file.body.as_ref()).any(|body| {
            body.get_blocks("variable")
                .any(|block| block.labels.first().is_some_and(|label| label.as_str() == variable))
        })
    }

    /// What a root declares with these values; later ones win.
    pub fn read(&self, root: &str, assignments: &[Assignment], limits: &Limits) -> Tree {
        let root = normal(root);
        let path: Arc<str> = if root.is_empty() { ".".into() } else { root.as_str().into() };
        let mut out = Out::new(path.clone(), limits);
        let mut ranges = Vec::new();
        let mut broken = Vec::new();
        let assigned = self.assigned(&root, assignments, &mut broken);
        let names = self.names(&root);
        let mut reached = BTreeSet::new();
        if let Some(world) = World::new(&names, &root, &assigned) {
            let mut reading = Reading { tree: self, world: &world, line: 1, declared: Vec::new() };
            reading.module(0, &mut out, &mut ranges, &mut reached);
            emit(reading.declared, &mut out);
            if world.budget.is_spent() {
                out.note("note-terraform-limit", Vec::new(), Place::Line(1));
            }
        }
        let files = reached.iter().filter_map(|name| self.folders.get(name)).flat_map(|folder| &folder.files);
        let (mut allows, mut paths) = (Vec::new(), BTreeSet::new());
        for file in files {
            paths.insert(file.path.clone());
            match &file.body {
                Some(body) => {
                    allows.extend(allow::allows(&file.path, &file.text, body, &Lines::new(&file.starts, 1)));
                }
                None => broken.push(crate::read_bytes(&file.path, file.text.as_bytes(), limits)),
            }
        }
        let kind = out.main_kind();
        let (facts, notes) = out.finish();
        let origins = Origins { path: path.clone(), files: paths, ranges };
        let file = EvidenceFile { path, kind, encoding: "utf-8".to_owned(), facts, notes };
        Tree { file, broken, allows, origins }
    }

    /// What the folders name that a root leads to.
    fn names(&self, root: &str) -> BTreeMap<&str, Names<'_>> {
        let mut wanted = BTreeSet::from([root.to_owned()]);
        self.reach(root, &mut wanted);
        let mut all = BTreeMap::new();
        for (name, folder) in wanted.iter().filter_map(|name| self.folders.get_key_value(name)) {
            let mut names = Names::default();
            let source_of = |block| {
                let called = source_of(block).and_then(|source| local(name, source));
                let known = called.and_then(|called| self.folders.get_key_value(&called));
                known.map_or(Source::Elsewhere, |(called, _)| Source::Folder(called.as_str()))
            };
            folder
                .files
                .iter()
                .filter_map(|file| file.body.as_ref())
                .for_each(|body| names.add(body, &source_of));
            all.insert(name.as_str(), names);
        }
        all
    }

    fn assigned(
        &self,
        root: &str,
        assignments: &[Assignment],
        broken: &mut Vec<EvidenceFile>,
    ) -> BTreeMap<String, Assigned> {
        let mut values = BTreeMap::new();
        let mut add = |path: &str, text: &str, values: &mut BTreeMap<String, Assigned>| {
            if let Err((message, line)) = variables::add(path, text, values) {
                let path: Arc<str> = path.into();
                let source = ModelSource::line(&path, line);
                let note = Note::new("note-terraform-variables-broken", vec![("message", message)], source);
                let (kind, encoding) = (model::Kind::Unknown, "utf-8".to_owned());
                broken.push(EvidenceFile { path, kind, encoding, facts: Vec::new(), notes: vec![note] });
            }
        };
        for (path, text) in self.folders.get(root).into_iter().flat_map(|folder| &folder.values) {
            add(path, text, &mut values);
        }
        for assignment in assignments {
            match assignment {
                Assignment::Variable { name, value } => {
                    values.insert(name.clone(), Assigned::Words(value.clone()));
                }
                Assignment::File(file) => add(&file.path, &text_of(&file.bytes), &mut values),
            }
        }
        values
    }
}

impl Folder {
    fn parse(files: Vec<ModuleFile>, bytes_left: &mut usize) -> Folder {
        let mut folder = Folder::default();
        let mut values = Vec::new();
        for file in files {
            let name = file.path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
            if let Some((rank, _)) = variables::order(&name) {
                values.push((rank, name, file));
            } else {
                folder.files.push(File::parse(file, bytes_left));
            }
        }
        values.sort_by(|a, b| (a.0, &a.1).cmp(&(b.0, &b.1)));
        folder.values = values.into_iter().map(|(_, _, file)| (file.path, text_of(&file.bytes))).collect();
        folder
    }

    /// The sources of the modules that it calls.
    fn calls(&self) -> impl Iterator<Item = &str> {
        let bodies = self.files.iter().filter_map(|file| file.body.as_ref());
        bodies.flat_map(|body| body.get_blocks("module")).filter_map(source_of)
    }
}

impl File {
    fn parse(file: ModuleFile, bytes_left: &mut usize) -> File {
        let text = text_of(&file.bytes);
        let fits = text.len() <= BYTES_MAX.min(*bytes_left);
        *bytes_left = bytes_left.saturating_sub(text.len());
        let body = if fits { hcl_edit::parser::parse_body(&text).ok() } else { None };
        File { path: file.path, starts: starts_of(&text), text, body }
    }
}

/// Whether a file of this path belongs to the module of its folder: source, or values that Terraform reads by itself.
pub fn is_of_module(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    // A zip's members stand behind `!/`.
    (name.ends_with(".tf") || variables::order(name).is_some()) && !path.contains("!/")
}

/// Terraform files are UTF-8, perhaps with a mark in front.
fn text_of(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned()
}

fn source_of(block: &Block) -> Option<&str> {
    block.body.get_attribute("source")?.value.as_str()
}

/// The folder of a local module, seen from its caller; nothing for one that is elsewhere.
fn local(from: &str, source: &str) -> Option<String> {
    let is_local = source.starts_with("./") || source.starts_with("../");
    is_local.then(|| normal(&if from.is_empty() { source.to_owned() } else { format!("{from}/{source}") }))
}

/// A folder without `.` and, as far as it goes, without `..`; empty for the present one.
pub fn normal(folder: &str) -> String {
    let folder = folder.replace('\\', "/");
    let mut parts: Vec<&str> = Vec::new();
    for part in folder.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    let root = if folder.starts_with('/') { "/" } else { "" };
    format!("{root}{}", parts.join("/"))
}

/// A tree while it is read.
struct Reading<'t, 'b> {
    tree: &'b Folders,
    world: &'t World<'b>,
    /// The next line of the tree.
    line: u32,
    declared: Vec<super::join::Declared>,
}

impl Reading<'_, '_> {
    /// Takes down what a module declares, and the modules that it calls.
    fn module(&mut self, at: usize, out: &mut Out, ranges: &mut Vec<Range>, reached: &mut BTreeSet<String>) {
        let instance = self.world.instance(at);
        reached.insert(instance.folder.to_owned());
        let Some(folder) = self.tree.folders.get(instance.folder) else { return };
        let mut calls = Vec::new();
        for file in &folder.files {
            let Some(body) = &file.body else { continue };
            let count = u32::try_from(file.starts.len()).unwrap_or(u32::MAX);
            if self.line.saturating_add(count) > LINES_MAX {
                out.note("note-terraform-limit", Vec::new(), Place::Line(1));
                return;
            }
            let call = instance.address.trim_end_matches('.').to_owned();
            ranges.push(Range { first: self.line, path: file.path.as_str().into(), call });
            let lines = Lines::new(&file.starts, self.line);
            self.line += count;
            self.declared.extend(blocks::declared(body, self.world, at, &lines));
            let blocks = body.get_blocks("module");
            calls.extend(blocks.map(|block| (block, Place::Line(lines.of(block.span())))));
        }
        // However the blocks are spread over files, the order stays.
        for (block, place) in calls {
            self.calls(at, block, place, out, ranges, reached);
        }
    }

    fn calls(
        &mut self,
        at: usize,
        block: &Block,
        place: Place,
        out: &mut Out,
        ranges: &mut Vec<Range>,
        reached: &mut BTreeSet<String>,
    ) {
        let Some(name) = block.labels.first().map(|label| label.as_str()) else { return };
        if let Some(called) = self.world.called(at, name, 0) {
            let called: Vec<usize> = called.all().into_iter().map(|(_, at)| *at).collect();
            called.into_iter().for_each(|at| self.module(at, out, ranges, reached));
            return;
        }
        let source = source_of(block).unwrap_or("?");
        let folder = self.world.instance(at).folder;
        let key = match local(folder, source) {
            None => "note-terraform-module-remote",
            Some(called) if self.tree.folders.contains_key(&called) => "note-terraform-module-limit",
            Some(_) => "note-terraform-module-missing",
        };
        let args = vec![("module", name.to_owned()), ("source", source.to_owned())];
        out.note(key, args, place);
    }
}

impl Origins {
    /// Whether a file belongs to the tree.
    pub fn holds(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    /// The file and line of a place of the tree; nothing for a place that is none of it.
    pub fn of(&self, source: &ModelSource) -> Option<Origin> {
        let Place::Line(line) = source.place else { return None };
        if source.path != self.path {
            return None;
        }
        let range = &self.ranges[self.ranges.partition_point(|range| range.first <= line).checked_sub(1)?];
        let source = ModelSource::line(&range.path, line - range.first + 1);
        Some(Origin { source, call: range.call.clone() })
    }
}

/// The resources of one text, for files that stand alone.
pub(super) fn alone(text: &str, body: &Body, first_line: u32, out: &mut Out) -> bool {
    let mut names = Names::default();
    names.add(body, &|_| Source::Elsewhere);
    let (folders, assigned) = (BTreeMap::from([("", names)]), BTreeMap::new());
    let Some(world) = World::new(&folders, "", &assigned) else { return false };
    let starts = starts_of(text);
    emit(blocks::declared(body, &world, 0, &Lines::new(&starts, first_line)), out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_have_one_name() {
        for (folder, name) in [
            (".", ""),
            ("./a/./b", "a/b"),
            ("a/../b", "b"),
            ("../a", "../a"),
            ("a/../../b", "../b"),
            ("/x//y/..", "/x"),
            ("a\\b", "a/b"),
        ] {
            assert_eq!(normal(folder), name, "{folder}");
        }
        assert_eq!(local("envs/prod", "../../modules/net").as_deref(), Some("modules/net"));
        assert_eq!(local("", "./net").as_deref(), Some("net"));
        assert_eq!(local("x", "Azure/network/azurerm"), None);
    }
}
