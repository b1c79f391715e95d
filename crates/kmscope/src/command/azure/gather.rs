//! Facts about Azure from the files that the options name, with what belongs together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::bail;
use azure::cloud::of_routes;
use azure::site::Told;
use azure::{Cloud, cloud};
use messages::{Argument, fill_notes};
use model::azure::RouteTable;
use model::{EvidenceFile, Fact, Note, Place};
use readers::Limits;

use crate::console::Console;
use crate::evidence;

/// Notes that say that a part of a file was not read: what it held could have decided.
const INCOMPLETE: [&str; 8] = [
    "note-terraform-variables-broken",
    "note-terraform-broken",
    "note-json-broken",
    "note-row-unknown",
    "note-file-damaged",
    "note-file-limit",
    "note-facts-limit",
    "note-unpacked-limit",
];

/// Files that were read, each with its scope.
#[derive(Default)]
pub(super) struct Gathered {
    files: Vec<(Option<String>, EvidenceFile)>,
}

impl Gathered {
    /// Reads files and folders; those of one folder belong together.
    pub(super) fn by_folder(&mut self, paths: &[PathBuf], console: &Console) -> anyhow::Result<()> {
        self.by_folder_but(paths, console, &mut |_| false)
    }

    /// The same without the files that somebody else takes.
    pub(super) fn by_folder_but(
        &mut self,
        paths: &[PathBuf],
        console: &Console,
        take: &mut dyn FnMut(&Path) -> bool,
    ) -> anyhow::Result<()> {
        for file in read_but(paths, console, take)? {
            let folder = file.path.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
            self.files.push((Some(folder.to_owned()), file));
        }
        Ok(())
    }

    /// Adds what was read of a folder.
    pub(super) fn add(&mut self, folder: &str, file: EvidenceFile) {
        self.files.push((Some(folder.to_owned()), file));
    }

    /// Paths of the JSON documents that declare something.
    pub(super) fn documents(&self) -> BTreeSet<String> {
        let is_document = |file: &EvidenceFile| {
            file.facts.iter().any(|one| matches!(one.fact.source.place, Place::Pointer(_)))
        };
        self.files
            .iter()
            .filter(|(_, file)| is_document(file))
            .map(|(_, file)| file.path.to_string())
            .collect()
    }

    /// Reads files with routes, each for itself.
    pub(super) fn routes(&mut self, paths: &[PathBuf], console: &Console) -> anyhow::Result<()> {
        for path in paths {
            let files = read(std::slice::from_ref(path), console)?;
            if files.iter().flat_map(tables).next().is_none() {
                bail!(nothing_found(path, &files, "azure-no-routes", console));
            }
            self.files.extend(files.into_iter().map(|file| (Some(format!("\0{}", file.path)), file)));
        }
        Ok(())
    }

    /// Reads files that hold for everything; each must hold something of the kind.
    pub(super) fn for_all(
        &mut self,
        paths: &[PathBuf],
        wanted: impl Fn(&Fact) -> bool,
        key: &str,
        console: &Console,
    ) -> anyhow::Result<()> {
        for path in paths {
            let files = read(std::slice::from_ref(path), console)?;
            if !files.iter().flat_map(|file| &file.facts).any(|one| wanted(&one.fact.value)) {
                bail!(nothing_found(path, &files, key, console));
            }
            self.files.extend(files.into_iter().map(|file| (None, file)));
        }
        Ok(())
    }

    /// Every fact with its scope.
    pub(super) fn told(&self) -> Vec<Told<'_>> {
        let mut told = Vec::new();
        for (scope, file) in &self.files {
            told.extend(file.facts.iter().map(|evidence| Told { scope: scope.as_deref(), evidence }));
        }
        told
    }

    /// The files' notes, those that a reader of the verdict should know.
    pub(super) fn notes(&self) -> Vec<Note> {
        self.files.iter().flat_map(|(_, file)| file.notes.iter().cloned()).collect()
    }

    /// A part of this file was not read.
    pub(super) fn is_incomplete(&self, path: &str) -> bool {
        self.files
            .iter()
            .filter(|(_, file)| &*file.path == path)
            .any(|(_, file)| file.notes.iter().any(|note| INCOMPLETE.contains(&note.key)))
    }

    /// The cloud that the facts speak of, Azure Global otherwise.
    pub(super) fn cloud(&self) -> Cloud {
        let environment =
            self.files.iter().flat_map(|(_, file)| &file.facts).find_map(|one| match &one.fact.value {
                Fact::Imds(imds) => imds.environment.clone(),
                _ => None,
            });
        let (told, is_told) = cloud::of(environment.as_deref(), None);
        if is_told {
            return told;
        }
        of_routes(self.files.iter().flat_map(|(_, file)| tables(file))).unwrap_or(told)
    }
}

/// The routes of a file, for a proposed change.
pub(super) fn one_table(path: &Path, console: &Console) -> anyhow::Result<RouteTable> {
    let files = read(&[path.to_owned()], console)?;
    let mut all = files.iter().flat_map(tables);
    let Some(first) = all.next() else { bail!(nothing_found(path, &files, "azure-no-routes", console)) };
    let mut table = first.clone();
    // Routes that stand in documents of their own belong to the same table.
    table.routes.extend(all.flat_map(|other| other.routes.iter().cloned()));
    if let Some(note) = files.iter().flat_map(|file| &file.notes).find(|note| INCOMPLETE.contains(&note.key))
    {
        bail!("{}: {}", note.source, note.text);
    }
    Ok(table)
}

fn tables(file: &EvidenceFile) -> impl Iterator<Item = &RouteTable> {
    file.facts.iter().filter_map(|one| match &one.fact.value {
        Fact::Routes(table) => Some(table),
        _ => None,
    })
}

fn read(paths: &[PathBuf], console: &Console) -> anyhow::Result<Vec<EvidenceFile>> {
    read_but(paths, console, &mut |_| false)
}

fn read_but(
    paths: &[PathBuf],
    console: &Console,
    take: &mut dyn FnMut(&Path) -> bool,
) -> anyhow::Result<Vec<EvidenceFile>> {
    let (mut files, mut failed) = (Vec::new(), None);
    let mut complain = |error| failed = Some(error);
    let mut sink = |mut file: EvidenceFile| {
        fill_notes(&mut file.notes, &console.catalogue);
        files.push(file);
    };
    evidence::read_but(paths, &Limits::default(), console, &mut complain, take, &mut sink);
    failed.map_or(Ok(files), Err)
}

/// What was looked for in vain, with what the reader says about the file.
fn nothing_found(path: &Path, files: &[EvidenceFile], key: &str, console: &Console) -> String {
    let shown = path.to_string_lossy();
    let mut text = console.text(key, &[("path", Argument::Text(&shown))]);
    if let Some(note) = files.iter().flat_map(|file| &file.notes).next() {
        text.push_str(&format!(" ({}: {})", note.source, note.text));
    }
    text
}
