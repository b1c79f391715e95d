//! What kmscope tells admins to type: complete, and never a word of hostile evidence unchecked.

use std::path::Path;

use diagnosis::remedy::Remedy;
use diagnosis::{Case, Report, Severity, diagnose};
use readers::Limits;
use scenarios::Scenario;

fn all() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    ["rules", "bundles"]
        .iter()
        .flat_map(|kind| scenarios::load_all(&folder.join(kind)).expect("scenarios that can be read"))
        .collect()
}

/// The report on a scenario whose evidence was changed.
fn report(scenario: &Scenario, change: impl Fn(&str) -> String) -> Report {
    let limits = Limits::default();
    let mut files = Vec::new();
    for file in &scenario.evidence {
        let bytes = match std::str::from_utf8(&file.bytes) {
            Ok(text) => change(text).into_bytes(),
            Err(_) => file.bytes.clone(),
        };
        files.extend(readers::read_all(&file.path, &bytes, &limits));
    }
    diagnose(&Case::new(files))
}

fn commands(remedy: &Remedy) -> impl Iterator<Item = &String> {
    let steps = remedy.steps.iter().flat_map(|step| &step.commands);
    steps.chain(&remedy.undo).chain(&remedy.verify)
}

#[test]
fn every_remedy_can_be_typed_and_checked() {
    let mut seen = std::collections::BTreeSet::new();
    for scenario in all() {
        for finding in report(&scenario, str::to_owned).findings {
            let place = format!("{} {}", scenario.name, finding.rule);
            seen.insert(finding.rule);
            assert!(finding.severity < Severity::Error || !finding.remedies.is_empty(), "{place}: no remedy");
            for remedy in &finding.remedies {
                let place = format!("{place} {}", remedy.title.key);
                assert!(remedy.title.key.starts_with(&format!("{}-remedy-", finding.rule)), "{place}");
                assert!(!remedy.steps.is_empty(), "{place}: no step");
                assert!(remedy.steps.iter().all(|step| !step.commands.is_empty()), "{place}: an empty step");
                assert!(!remedy.verify.is_empty(), "{place}: nothing shows that it worked");
                for command in commands(remedy) {
                    let plain = !command.trim().is_empty() && !command.contains(char::is_control);
                    assert!(plain && command == command.trim(), "{place}: {command:?}");
                    let blank =
                        ["  ", "..", "\"\"", "''", " ,", "<>"].iter().any(|gap| command.contains(gap));
                    assert!(!blank, "{place}: something is missing in {command:?}");
                }
            }
        }
    }
    assert_eq!(seen.len(), diagnosis::rules::RULES.len(), "some rule never fired: {seen:?}");
}

/// Names as an attacker would choose them, with fragments that must not reach a command.
const HOSTILE: [(&str, &[&str]); 4] = [
    ("q7\";$(calc)&z9", &["q7\"", "$(calc)", "&z9"]),
    ("q7'`whoami`|z9", &["q7'", "`whoami`", "|z9"]),
    ("q7<b>\u{1b}[31mz9", &["q7<", "\u{1b}", "[31m"]),
    ("q7%COMSPEC%\u{201d},z9", &["q7%", "\u{201d}", ",z9"]),
];

/// What the scenarios call their machines, domains, rules and addresses.
const NAMES: [&str; 12] = [
    "contoso",
    "fabrikam",
    "wingtip",
    "kms01",
    "kms-",
    "192.0.2.10",
    "192.0.2.40",
    "20.118.99.2",
    "deny-",
    "Windows(R), ",
    "VOLUME_",
    "PC-",
];

/// The name as the format of the evidence would carry it.
fn escaped(name: &str, text: &str) -> String {
    let start = text.trim_start();
    if start.starts_with('<') {
        name.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;").replace('\u{1b}', "")
    } else if start.starts_with(['{', '[']) {
        name.replace('\\', "\\\\").replace('"', "\\\"").replace('\u{1b}', "\\u001b")
    } else {
        name.to_owned()
    }
}

#[test]
fn no_word_of_hostile_evidence_reaches_a_command() {
    let mut reached = Vec::new();
    let mut named = 0;
    for scenario in all() {
        for (name, fragments) in HOSTILE {
            let hostile = |text: &str| {
                let name = escaped(name, text);
                NAMES
                    .iter()
                    .fold(text.to_owned(), |text, known| text.replace(known, &format!("{name}{known}")))
            };
            for finding in report(&scenario, hostile).findings {
                named += usize::from(format!("{:?}", finding.args).contains("q7"));
                let commands = finding.remedies.iter().flat_map(commands);
                let bad = commands.filter(|command| fragments.iter().any(|part| command.contains(part)));
                reached.extend(bad.map(|command| format!("{} {}: {command:?}", scenario.name, finding.rule)));
            }
        }
    }
    reached.sort();
    reached.dedup();
    assert!(reached.is_empty(), "{}", reached.join("\n"));
    assert!(named > 0, "no hostile name got as far as a finding: the test tests nothing");
}
