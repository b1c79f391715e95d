//! Folders of Terraform as modules: which are read, with which values, and what of them is reported.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use messages::{Argument, fill_notes};
use model::Source;
use readers::Limits;
use readers::azure::terraform::{
    Allow, Assignment, BYTES_MAX, Folders, ModuleFile, Origins, is_of_module, normal,
};

use super::gather::Gathered;
use crate::arguments::azure::AzureLint;
use crate::arguments::variables::Variable;
use crate::console::Console;
use crate::evidence;

/// Every tree of modules that was read.
#[derive(Default)]
pub(super) struct Modules {
    trees: Vec<(Origins, Reported)>,
    allows: Vec<Allow>,
    named: Named,
}

/// What of a tree is reported.
#[derive(Clone, Copy, PartialEq)]
enum Reported {
    All,
    /// Only files that were named on the command line.
    Named,
}

/// What the command line names.
#[derive(Default)]
struct Named {
    files: BTreeSet<String>,
    /// Folders of which everything is reported.
    whole: BTreeSet<String>,
    /// How folders are shown.
    shown: BTreeMap<String, PathBuf>,
    /// Folders in the order of the command line.
    listed: Vec<String>,
}

/// Where a finding is shown.
pub(super) struct Shown {
    pub source: Source,
    /// The call of the module, where it is not the root.
    pub call: Option<String>,
}

impl Modules {
    /// Reads all that the options name: folders of Terraform as modules, other files by themselves.
    pub(super) fn gather(
        options: &AzureLint,
        gathered: &mut Gathered,
        console: &Console,
    ) -> anyhow::Result<Modules> {
        let mut named = Named::default();
        gathered.by_folder_but(&options.paths, console, &mut |path| named.take(path, &options.paths))?;
        let mut failed = None;
        let folders = Folders::load(&named.listed, &mut |name| {
            let folder = named.shown.get(name).cloned().unwrap_or_else(|| PathBuf::from(name));
            files(&folder, console).unwrap_or_else(|error| {
                failed.get_or_insert(error);
                None
            })
        });
        if let Some(error) = failed {
            return Err(error);
        }
        let roots = folders.roots(&named.listed);
        let assignments = assignments(&options.variables.0, &folders, &roots, console)?;
        let mut modules = Modules { named, ..Modules::default() };
        for root in roots {
            let mut tree = folders.read(&root, &assignments, &Limits::default());
            let reported = if modules.named.whole.contains(&root) { Reported::All } else { Reported::Named };
            modules.trees.push((tree.origins, reported));
            modules.allows.append(&mut tree.allows);
            for mut file in tree.broken.into_iter().chain([tree.file]) {
                fill_notes(&mut file.notes, &console.catalogue);
                gathered.add(&root, file);
            }
        }
        modules.allows.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
        modules.allows.dedup();
        let mut allows = std::mem::take(&mut modules.allows);
        allows.retain(|allow| modules.named.holds(&allow.path) || modules.has_whole_tree(&allow.path));
        modules.allows = allows;
        Ok(modules)
    }

    /// The place of a finding; nothing for one that nobody asked for.
    pub(super) fn shown(&self, source: &Source) -> Option<Shown> {
        let origin = self.trees.iter().find_map(|(origins, reported)| Some((origins.of(source)?, reported)));
        let Some((origin, reported)) = origin else {
            // Other files, and those that were read by their lines.
            let is_sibling = is_of_module(&source.path) && !self.named.holds(&source.path);
            let is_asked = !is_sibling || self.has_whole_tree(&source.path);
            return is_asked.then(|| Shown { source: source.clone(), call: None });
        };
        let is_asked = *reported == Reported::All || self.named.holds(&origin.source.path);
        let call = Some(origin.call).filter(|call| !call.is_empty());
        is_asked.then_some(Shown { source: origin.source, call })
    }

    /// Comments that silence findings, of all files that are reported.
    pub(super) fn allows(&self) -> &[Allow] {
        &self.allows
    }

    /// Whether a file belongs to a tree of which everything is reported.
    fn has_whole_tree(&self, path: &str) -> bool {
        let mut whole = self.trees.iter().filter(|(_, reported)| *reported == Reported::All);
        whole.any(|(origins, _)| origins.holds(path))
            || self.named.whole.contains(&folder_of(Path::new(path)))
    }
}

impl Named {
    /// Takes a file of Terraform, as the walk over the paths comes to it.
    fn take(&mut self, path: &Path, paths: &[PathBuf]) -> bool {
        let shown = path.to_string_lossy();
        if !is_of_module(&shown) {
            return false;
        }
        let folder = folder_of(path);
        let is_named = paths.iter().any(|named| named == path);
        // Values can change any finding of their module.
        if !is_named || !shown.ends_with(".tf") {
            self.whole.insert(folder.clone());
        }
        self.files.insert(normal(&shown));
        if !self.shown.contains_key(&folder) {
            self.shown.insert(folder.clone(), path.parent().unwrap_or(Path::new("")).to_owned());
            self.listed.push(folder);
        }
        true
    }

    fn holds(&self, path: &str) -> bool {
        self.files.contains(&normal(path))
    }
}

fn folder_of(path: &Path) -> String {
    normal(&path.parent().unwrap_or(Path::new("")).to_string_lossy())
}

/// The files of a module; nothing for a folder that is not there, or holds none.
fn files(folder: &Path, console: &Console) -> anyhow::Result<Option<Vec<ModuleFile>>> {
    let listed = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if !listed.is_dir() {
        return Ok(None);
    }
    let context = |path: &Path| {
        let shown = path.to_string_lossy();
        console.text("cli-error-read", &[("path", Argument::Text(&shown))])
    };
    let mut all = Vec::new();
    for entry in evidence::entries(listed).with_context(|| context(listed))? {
        let path = folder.join(entry.file_name().unwrap_or_default());
        let is_wanted = is_of_module(&path.to_string_lossy()) && !evidence::is_hidden(&path);
        // As Terraform does, links to files are followed; a pipe would never end.
        if is_wanted && fs::metadata(&entry).is_ok_and(|metadata| metadata.is_file()) {
            all.push(file(&path).with_context(|| context(&path))?);
        }
    }
    Ok(Some(all).filter(|all| !all.is_empty()))
}

fn file(path: &Path) -> io::Result<ModuleFile> {
    let mut bytes = Vec::new();
    // One more byte than is parsed tells that there is more.
    File::open(path)?.take(BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(ModuleFile { path: path.to_string_lossy().into_owned(), bytes })
}

fn assignments(
    variables: &[Variable],
    folders: &Folders,
    roots: &[String],
    console: &Console,
) -> anyhow::Result<Vec<Assignment>> {
    let mut all = Vec::new();
    for variable in variables {
        all.push(match variable {
            Variable::Value { name, value } => {
                // A slip of the pen would change nothing, and nobody would know.
                if !roots.iter().any(|root| folders.declares(root, name)) {
                    bail!(console.text("azure-lint-variable-undeclared", &[("name", Argument::Text(name))]));
                }
                Assignment::Variable { name: name.clone(), value: value.clone() }
            }
            Variable::File(path) => {
                let shown = path.to_string_lossy();
                let context = || console.text("cli-error-read", &[("path", Argument::Text(&shown))]);
                Assignment::File(file(path).with_context(context)?)
            }
        });
    }
    Ok(all)
}
