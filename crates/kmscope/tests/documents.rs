//! What the documents show is what the program does: every `console` block is run and compared.
//!
//! Blocks marked `console folder` write files: all of one document run in an empty folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Commands of the blocks that only people run: they build, or run these very tests.
const NOT_RUN: &[&str] = &["cargo test --workspace"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn documents() -> Vec<PathBuf> {
    let mut paths = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    let docs = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    paths.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    paths
}

/// Commands with the lines that they should print, of the fenced blocks marked with these words.
fn examples(document: &str, mark: &str) -> Vec<(String, Vec<String>)> {
    let mut examples: Vec<(String, Vec<String>)> = Vec::new();
    let mut within = false;
    for line in document.lines() {
        match (within, line) {
            (false, line) if line.strip_prefix("```") == Some(mark) => within = true,
            (true, "```") => within = false,
            (true, line) => match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => examples.push((command.to_owned(), Vec::new())),
                (None, Some((_, output))) => output.push(line.to_owned()),
                (None, None) => panic!("output without a command: {line}"),
            },
            (false, _) => {}
        }
    }
    examples
}

/// Runs a command of kmscope in a folder, however a reader is told to call it.
fn run(command: &str, folder: &Path) -> String {
    let arguments = command
        .strip_prefix("kmscope ")
        .or_else(|| command.strip_prefix("cargo run --release -p kmscope -- "))
        .unwrap_or_else(|| panic!("not a command of kmscope: {command}"));
    let output = Command::new(env!("CARGO_BIN_EXE_kmscope"))
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .env("LC_ALL", "C")
        .env("KMSCOPE_PASSPHRASE", "correct horse battery staple")
        .env_remove("LANGUAGE")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{command}");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{command}: {:?}", output.status);
    String::from_utf8(output.stdout).unwrap()
}

/// True when the lines are as expected; `...` stands for any number of lines, or for the rest of one.
fn matches(expected: &[String], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((line, rest)) if line == "..." => (0..=actual.len()).any(|skip| matches(rest, &actual[skip..])),
        Some((line, rest)) => {
            let begins = |a: &str| line.strip_suffix("...").is_some_and(|start| a.starts_with(start));
            actual.first().is_some_and(|a| a.trim_end() == line || begins(a)) && matches(rest, &actual[1..])
        }
    }
}

/// Runs the examples of a document and compares what they print.
fn try_examples(path: &Path, mark: &str, folder: &Path) -> usize {
    let mut count = 0;
    for (command, expected) in examples(&fs::read_to_string(path).unwrap(), mark) {
        if NOT_RUN.contains(&command.as_str()) {
            continue;
        }
        let printed = run(&command, folder);
        count += 1;
        let lines: Vec<&str> = printed.lines().collect();
        let said = expected.is_empty() || matches(&expected, &lines);
        assert!(said, "{}: {command} prints\n{printed}", path.display());
    }
    count
}

#[test]
fn examples_print_what_the_documents_say() {
    let count: usize = documents().iter().map(|path| try_examples(path, "console", &root())).sum();
    assert!(count >= 3, "only {count} examples");
}

#[test]
fn examples_that_write_files_print_what_the_documents_say() {
    for path in documents() {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("doc-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        try_examples(&path, "console folder", &folder);
        fs::remove_dir_all(&folder).unwrap();
    }
}

#[test]
fn the_first_command_diagnoses_and_the_second_runs_all_tests() {
    let commands: Vec<String> = examples(&fs::read_to_string(root().join("README.md")).unwrap(), "console")
        .into_iter()
        .map(|(c, _)| c)
        .collect();
    assert!(commands[0].ends_with("diagnose examples/contoso-branch-office"));
    assert_eq!(commands[1], "cargo test --workspace");
}

#[test]
fn links_lead_to_files() {
    for path in documents().into_iter().chain([root().join("ARCHITECTURE.md")]) {
        let text = fs::read_to_string(&path).unwrap();
        for link in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let target = link.split('#').next().unwrap_or_default();
            if !target.is_empty() && !target.contains("://") {
                assert!(path.parent().unwrap().join(target).exists(), "{}: {link}", path.display());
            }
        }
    }
}

/// Commands of a document that no test can run as they stand (services, other machines): blocks without a mark, and
/// code within sentences that goes on behind the command's name.
fn commands_shown(document: &str) -> Vec<String> {
    let joined = document.replace("\\\n", " ");
    let mut shown = Vec::new();
    let mut within: Option<&str> = None;
    for line in joined.lines() {
        match (within, line.strip_prefix("```")) {
            (None, Some(mark)) => within = Some(mark),
            (Some(_), Some(_)) => within = None,
            (Some(""), None) => shown.push(line.trim().to_owned()),
            (Some(_), None) => {}
            (None, None) => shown.extend(line.split('`').skip(1).step_by(2).map(str::to_owned)),
        }
    }
    shown.retain(|command| command.starts_with("kmscope ") && command.contains(" --"));
    shown
}

#[test]
fn every_command_that_is_shown_is_one_of_the_program() {
    use clap::Parser;
    use clap::error::ErrorKind;
    let mut count = 0;
    for path in documents() {
        for command in commands_shown(&fs::read_to_string(&path).unwrap()) {
            count += 1;
            let words = command.split('#').next().unwrap_or_default().split_whitespace();
            // Files and keys of an example are not here; options and commands must be.
            let unknown = [ErrorKind::UnknownArgument, ErrorKind::InvalidSubcommand];
            if let Err(error) = kmscope::arguments::Arguments::try_parse_from(words) {
                assert!(!unknown.contains(&error.kind()), "{}: {command}: {error}", path.display());
            }
        }
    }
    assert!(count > 20, "{count} commands are shown");
}
