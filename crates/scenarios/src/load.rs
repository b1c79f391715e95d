//! From files to scenarios.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::evidence::materialise;
use crate::expectation::Expectation;

/// One file of evidence as bytes.
#[derive(Debug, Clone)]
pub struct EvidenceBytes {
    /// Path within the scenario.
    pub path: String,
    /// Content, in the encoding that the scenario asks for.
    pub bytes: Vec<u8>,
}

/// One situation.
#[derive(Debug, Clone)]
pub struct Scenario {
    /// Name of the file or folder.
    pub name: String,
    /// The prose at the top.
    pub prose: String,
    /// The expected conclusion.
    pub expectation: Expectation,
    /// The evidence in the order of its paths.
    pub evidence: Vec<EvidenceBytes>,
}

/// Why a scenario could not be loaded.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// The file system refused.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The expectation is not what it should be.
    #[error("{name}: no usable expectation")]
    Expectation {
        /// The scenario.
        name: String,
        /// Why.
        source: serde_json::Error,
    },
    /// Something else is wrong with the scenario.
    #[error("{name}: {problem}")]
    Malformed {
        /// The scenario.
        name: String,
        /// What.
        problem: String,
    },
}

/// Loads one scenario: a `.txtar` file, or a folder with `expected.json` and `evidence/`.
pub fn load(path: &Path) -> Result<Scenario, LoadError> {
    let name = path.file_stem().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    if path.is_dir() {
        return load_folder(path, name);
    }
    parse(&name, &read_text(path)?)
}

/// Loads every scenario below a path, in the order of their names.
pub fn load_all(path: &Path) -> Result<Vec<Scenario>, LoadError> {
    let is_scenario = |path: &Path| {
        path.extension().is_some_and(|ending| ending == "txtar") || path.join("expected.json").is_file()
    };
    if is_scenario(path) {
        return Ok(vec![load(path)?]);
    }
    let mut scenarios = Vec::new();
    for entry in sorted_entries(path)? {
        if is_scenario(&entry) {
            scenarios.push(load(&entry)?);
        } else if entry.is_dir() {
            scenarios.extend(load_all(&entry)?);
        }
    }
    Ok(scenarios)
}

/// Parses the text of a scenario file.
pub fn parse(name: &str, text: &str) -> Result<Scenario, LoadError> {
    let malformed = |problem: String| LoadError::Malformed { name: name.to_owned(), problem };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (head, files) = split_files(text);
    let at = head.find("expect:").ok_or_else(|| malformed("no line \"expect:\"".into()))?;
    let prose: Vec<&str> = head[..at].lines().map(|line| line.trim_start_matches(['#', ' '])).collect();
    let expectation = serde_json::from_str(head[at + "expect:".len()..].trim())
        .map_err(|source| LoadError::Expectation { name: name.to_owned(), source })?;
    let mut evidence = Vec::new();
    for (path, how, content) in files {
        let bytes = materialise(content, how).map_err(|problem| malformed(format!("{path}: {problem}")))?;
        evidence.push(EvidenceBytes { path: path.to_owned(), bytes });
    }
    if evidence.is_empty() {
        return Err(malformed("no evidence".into()));
    }
    Ok(Scenario { name: name.to_owned(), prose: prose.join("\n").trim().to_owned(), expectation, evidence })
}

/// The text before the first marker, and path, bracketed words and content of each file.
fn split_files(text: &str) -> (&str, Vec<(&str, &str, &str)>) {
    let mut markers: Vec<(usize, usize, &str, &str)> = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        if let Some((path, how)) = marker(line.trim_end()) {
            markers.push((start, end, path, how));
        }
        start = end;
    }
    let head = &text[..markers.first().map_or(text.len(), |(start, ..)| *start)];
    let files = markers.iter().enumerate().map(|(i, (_, from, path, how))| {
        let to = markers.get(i + 1).map_or(text.len(), |(start, ..)| *start);
        (*path, *how, &text[*from..to])
    });
    (head, files.collect())
}

/// `-- path [words] --`
fn marker(line: &str) -> Option<(&str, &str)> {
    let inner = line.strip_prefix("-- ")?.strip_suffix(" --")?.trim();
    match inner.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((path, how)) => Some((path.trim(), how)),
        None => Some((inner, "")),
    }
}

fn load_folder(folder: &Path, name: String) -> Result<Scenario, LoadError> {
    let text = read_text(&folder.join("expected.json"))?;
    let expectation = serde_json::from_str(&text)
        .map_err(|source| LoadError::Expectation { name: name.clone(), source })?;
    let mut evidence = Vec::new();
    add_evidence(&folder.join("evidence"), "", &mut evidence)?;
    Ok(Scenario { name, prose: String::new(), expectation, evidence })
}

fn add_evidence(folder: &Path, prefix: &str, evidence: &mut Vec<EvidenceBytes>) -> Result<(), LoadError> {
    for entry in sorted_entries(folder)? {
        let name = entry.file_name().unwrap_or_default().to_string_lossy();
        let path = format!("{prefix}{name}");
        if entry.is_dir() {
            add_evidence(&entry, &format!("{path}/"), evidence)?;
        } else {
            let bytes =
                fs::read(&entry).map_err(|source| LoadError::Unreadable { path: entry.clone(), source })?;
            evidence.push(EvidenceBytes { path, bytes });
        }
    }
    Ok(())
}

fn sorted_entries(folder: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let unreadable = |source| LoadError::Unreadable { path: folder.to_owned(), source };
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<Vec<_>>>()
        .map_err(unreadable)?;
    paths.sort();
    Ok(paths)
}

fn read_text(path: &Path) -> Result<String, LoadError> {
    fs::read_to_string(path).map_err(|source| LoadError::Unreadable { path: path.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# A clone.\n# Second line.\nexpect:\n{\"verdict\": \"fault\"}\n-- a b.txt [ibm850 crlf] --\nf\u{fc}r\nx\n\
                        -- c/d.txt --\ny\n";

    #[test]
    fn reads_prose_expectation_and_files() {
        let scenario = parse("t", TEXT).unwrap();
        assert_eq!(scenario.prose, "A clone.\nSecond line.");
        assert_eq!(scenario.expectation.verdict, "fault");
        let files: Vec<_> = scenario.evidence.iter().map(|f| (f.path.as_str(), f.bytes.as_slice())).collect();
        assert_eq!(files, [("a b.txt", b"f\x81r\r\nx\r\n".as_slice()), ("c/d.txt", b"y\n")]);
    }

    #[test]
    fn says_what_is_wrong() {
        assert!(parse("t", "no expectation").unwrap_err().to_string().contains("expect:"));
        let error = parse("t", "expect:\n{\"verdict\": \"fault\"}\n-- a [klingon] --\nx\n").unwrap_err();
        assert_eq!(error.to_string(), "t: a: unknown encoding klingon");
        assert!(parse("t", "expect:\n{\"verdict\": \"fault\"}\n").is_err());
    }
}
