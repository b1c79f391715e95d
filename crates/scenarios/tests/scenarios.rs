//! Every scenario of the project gets the answer that it expects.

use std::path::{Path, PathBuf};

use scenarios::{Summary, check, load_all, run, table};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios").join(name)
}

fn all_pass(name: &str) {
    let folder = folder(name);
    if !folder.is_dir() {
        return;
    }
    let scenarios = load_all(&folder).expect("well-formed scenarios");
    assert!(!scenarios.is_empty(), "no scenarios in {name}");
    if diagnosis::rules::RULES.is_empty() {
        // Nothing judges yet; that they are well-formed is all there is to test.
        return;
    }
    let outcomes: Vec<_> = scenarios
        .iter()
        .map(|scenario| (scenario.name.clone(), check(&scenario.expectation, &run(scenario))))
        .collect();
    let shown = table(&outcomes);
    println!("{shown}");
    assert_eq!(Summary::of(outcomes.iter().map(|(_, outcome)| outcome)).wrong, 0, "\n{shown}");
}

#[test]
fn rules() {
    all_pass("rules");
}

#[test]
fn bundles() {
    all_pass("bundles");
}

#[test]
fn expectations_name_causes_that_exist() {
    for name in ["rules", "bundles"] {
        let folder = folder(name);
        for scenario in folder.is_dir().then(|| load_all(&folder).expect("well-formed")).into_iter().flatten()
        {
            let expectation = &scenario.expectation;
            assert!(
                ["fault", "clear", "undecided"].contains(&expectation.verdict.as_str()),
                "{}",
                scenario.name
            );
            let causes = expectation.root_cause.iter().chain(&expectation.second);
            for cause in causes.chain(&expectation.acceptable).chain(&expectation.must_not) {
                assert!(diagnosis::Cause::from_id(cause).is_some(), "{}: {cause}", scenario.name);
            }
        }
    }
}

#[test]
fn every_report_says_everything_in_words() {
    let mut bare = Vec::new();
    for folder in ["rules", "bundles"].map(folder).into_iter().filter(|folder| folder.is_dir()) {
        for scenario in load_all(&folder).expect("well-formed scenarios") {
            let report = run(&scenario).report;
            // A text that the catalogue lacks is shown by its key; an argument that a text lacks, by its name.
            let keys = report.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).filter(|w| is_key(w));
            bare.extend(keys.map(|key| format!("{}: {key}", scenario.name)));
            if report.contains("{$") {
                bare.push(format!(
                    "{}: a text asks for an argument that its rule does not give",
                    scenario.name
                ));
            }
        }
    }
    assert!(bare.is_empty(), "reports without words:\n{}", bare.join("\n"));
}

/// `K101-summary-domain`, `note-row-unknown`, ...
fn is_key(word: &str) -> bool {
    let Some((code, rest)) = word.split_once('-') else { return false };
    let rule =
        code.len() == 4 && code.starts_with('K') && code[1..].bytes().all(|byte| byte.is_ascii_digit());
    let parts = ["title", "summary", "remedy", "missing", "step", "checked"];
    (rule && parts.contains(&rest.split('-').next().unwrap_or_default())) || word.starts_with("note-")
}
