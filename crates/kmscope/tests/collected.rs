//! What the collection scripts write is read: three bundles composed in the form of their output, in three languages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// Files that hold nothing for the rules: the list of files, the user's name, the machine's own words for labels.
const NOT_EVIDENCE: [&str; 3] = ["-manifest.txt", "-whoami.txt", ".ini"];

fn bundles() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/collected");
    let mut bundles: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    bundles.sort();
    assert_eq!(bundles.len(), 3);
    bundles
}

fn json(command: &str, bundle: &Path) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_kmscope"))
        .args(["--lang", "en", command, "--format", "json"])
        .arg(bundle)
        .output()
        .unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn every_output_is_recognised() {
    for bundle in bundles() {
        let told = json("read", &bundle);
        let files = told["files"].as_array().unwrap();
        assert!(files.len() > 25, "{}: {}", bundle.display(), files.len());
        let unknown: Vec<&str> = files
            .iter()
            .filter(|file| file["kind"] == "unknown")
            .filter_map(|file| file["path"].as_str())
            .filter(|path| !NOT_EVIDENCE.iter().any(|ending| path.ends_with(ending)))
            // Asked, and nothing there: nobody listens on the port, no record in the cache.
            .filter(|path| !(path.contains("-netstat-1688") || path.contains("-displaydns")))
            .collect();
        assert!(unknown.is_empty(), "{unknown:?}");
    }
}

#[test]
fn each_bundle_has_its_verdict() {
    let verdicts: Vec<(String, String)> = bundles()
        .iter()
        .map(|bundle| {
            let report = json("diagnose", bundle);
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (text(&report["verdict"]), text(&report["root_cause"]["cause"]))
        })
        .collect();
    let expected = [("fault", "count-too-low"), ("fault", "srv-missing"), ("fault", "port-blocked")];
    assert_eq!(verdicts, expected.map(|(verdict, cause)| (verdict.to_owned(), cause.to_owned())));
}
