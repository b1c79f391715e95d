//! From paths to evidence: files, folders, bundles, standard input.

use std::fs::{self, File};
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use indicatif::ProgressBar;
use messages::Argument;
use model::{EvidenceFile, Kind, Note, Place, Source};
use readers::{Limits, MachineTexts};

use crate::console::Console;

/// Folders within folders that are followed.
const FOLDER_DEPTH_MAX: usize = 64;
/// Bytes that are read from a file at once.
const BUFFER_BYTES: usize = 1 << 16;

/// What to do with an input that can't be read; the rest is read all the same.
pub(crate) type Complain<'a> = dyn FnMut(anyhow::Error) + 'a;

/// One thing to read.
#[derive(Debug, PartialEq, Eq)]
enum Input {
    Stdin,
    File {
        path: PathBuf,
        length: u64,
    },
    /// A pipe or device that was named on the command line.
    Special(PathBuf),
    /// A folder's entry that is told of and not read: the key of the note, and how many there are.
    Skipped {
        path: PathBuf,
        key: &'static str,
        count: usize,
    },
}

/// Reads all that the paths name, in their order; folders in the order of their names.
pub(crate) fn read(
    paths: &[PathBuf],
    limits: &Limits,
    console: &Console,
    complain: &mut Complain<'_>,
    sink: &mut dyn FnMut(EvidenceFile),
) {
    read_but(paths, limits, console, complain, &mut |_| false, sink);
}

/// The same without the files that somebody else takes.
pub(crate) fn read_but(
    paths: &[PathBuf],
    limits: &Limits,
    console: &Console,
    complain: &mut Complain<'_>,
    take: &mut dyn FnMut(&Path) -> bool,
    sink: &mut dyn FnMut(EvidenceFile),
) {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            inputs.push(Input::Stdin);
        } else {
            named(path, console, &mut inputs, complain);
        }
    }
    inputs.retain(|input| !matches!(input, Input::File { path, .. } if take(path)));
    let total =
        inputs.iter().map(|input| if let Input::File { length, .. } = input { *length } else { 0 }).sum();
    let bar = crate::progress::bar(console, total, crate::progress::BYTES);
    let mut texts = MachineTexts::default();
    for input in &inputs {
        if let Err(error) = read_input(input, limits, &mut texts, &bar, sink) {
            let shown = input.shown();
            let context = console.text("cli-error-read", &[("path", Argument::Text(&shown))]);
            complain(anyhow::Error::new(error).context(context));
        }
    }
    bar.finish_and_clear();
}

impl Input {
    fn shown(&self) -> String {
        match self {
            Input::Stdin => "-".to_owned(),
            Input::File { path, .. } | Input::Special(path) | Input::Skipped { path, .. } => {
                path.to_string_lossy().into_owned()
            }
        }
    }
}

fn read_input(
    input: &Input,
    limits: &Limits,
    texts: &mut MachineTexts,
    bar: &ProgressBar,
    sink: &mut dyn FnMut(EvidenceFile),
) -> io::Result<()> {
    let shown = input.shown();
    match input {
        Input::Stdin => readers::read_sequential(&shown, io::stdin(), limits, texts, sink),
        Input::File { path, .. } => {
            let file = bar.wrap_read(File::open(path)?);
            readers::read_stream(&shown, BufReader::with_capacity(BUFFER_BYTES, file), limits, texts, sink)
        }
        Input::Special(path) => readers::read_sequential(&shown, File::open(path)?, limits, texts, sink),
        Input::Skipped { key, count, .. } => {
            let path: Arc<str> = shown.into();
            let source = Source { path: path.clone(), place: Place::Line(1) };
            let notes = vec![Note::new(key, vec![("count", count.to_string())], source)];
            let encoding = "none".to_owned();
            sink(EvidenceFile { path, kind: Kind::Unknown, encoding, facts: Vec::new(), notes });
            Ok(())
        }
    }
}

/// A path of the command line: what it names is followed, whatever it is.
fn named(path: &Path, console: &Console, inputs: &mut Vec<Input>, complain: &mut Complain<'_>) {
    let context = || {
        let shown = path.to_string_lossy();
        console.text("cli-error-read", &[("path", Argument::Text(&shown))])
    };
    match fs::metadata(path).with_context(context) {
        Ok(metadata) if metadata.is_dir() => folder(path, 0, console, inputs, complain),
        Ok(metadata) if metadata.is_file() => {
            inputs.push(Input::File { path: path.to_owned(), length: metadata.len() });
        }
        Ok(_) => inputs.push(Input::Special(path.to_owned())),
        Err(error) => complain(error),
    }
}

/// The entries of a folder: no links are followed, and nothing hidden is read.
fn folder(
    path: &Path,
    depth: usize,
    console: &Console,
    inputs: &mut Vec<Input>,
    complain: &mut Complain<'_>,
) {
    let mut skip =
        |path: &Path, key, count| inputs.push(Input::Skipped { path: path.to_owned(), key, count });
    if depth > FOLDER_DEPTH_MAX {
        return skip(path, "note-folder-depth", FOLDER_DEPTH_MAX);
    }
    let entries = match entries(path) {
        Ok(entries) => entries,
        Err(error) => {
            let shown = path.to_string_lossy();
            let context = console.text("cli-error-read", &[("path", Argument::Text(&shown))]);
            return complain(anyhow::Error::new(error).context(context));
        }
    };
    let (hidden, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| is_hidden(entry));
    if !hidden.is_empty() {
        skip(path, "note-hidden-skipped", hidden.len());
    }
    // A machine's display texts come before what is written in them.
    let is_first =
        |path: &PathBuf| path.file_name().is_some_and(|n| readers::is_read_first(&n.to_string_lossy()));
    let (first, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(is_first);
    for entry in first.into_iter().chain(others) {
        match fs::symlink_metadata(&entry) {
            Ok(metadata) if metadata.is_dir() => folder(&entry, depth + 1, console, inputs, complain),
            Ok(metadata) if metadata.is_file() => {
                inputs.push(Input::File { length: metadata.len(), path: entry });
            }
            Ok(metadata) => {
                let key = if metadata.is_symlink() { "note-symlink-skipped" } else { "note-special-skipped" };
                inputs.push(Input::Skipped { path: entry, key, count: 1 });
            }
            Err(error) => {
                let shown = entry.to_string_lossy();
                let context = console.text("cli-error-read", &[("path", Argument::Text(&shown))]);
                complain(anyhow::Error::new(error).context(context));
            }
        }
    }
}

/// Names that file managers and archivers of other systems leave behind, and dot files.
pub(crate) fn is_hidden(path: &Path) -> bool {
    const LEFT_BEHIND: [&str; 4] = ["__MACOSX", "Thumbs.db", "desktop.ini", "$RECYCLE.BIN"];
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name.starts_with('.') || LEFT_BEHIND.iter().any(|left| name.eq_ignore_ascii_case(left))
}

/// The entries of a folder in the order of their names.
pub(crate) fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths =
        fs::read_dir(folder)?.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}
