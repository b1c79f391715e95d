//! The same evidence in another order, or twice, is the same evidence: verdict and root cause stay.

use std::path::Path;

use diagnosis::{Case, Report, diagnose};
use model::EvidenceFile;
use readers::Limits;
use scenarios::Scenario;

fn all() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scenarios");
    let all: Vec<Scenario> = ["rules", "bundles"]
        .iter()
        .flat_map(|kind| scenarios::load_all(&folder.join(kind)).expect("scenarios that can be read"))
        .collect();
    assert!(all.len() > 100, "only {} scenarios", all.len());
    all
}

fn files(scenario: &Scenario) -> Vec<EvidenceFile> {
    let limits = Limits::default();
    scenario.evidence.iter().flat_map(|file| readers::read_all(&file.path, &file.bytes, &limits)).collect()
}

fn judge(files: Vec<EvidenceFile>) -> String {
    let Report { verdict, root_cause, .. } = diagnose(&Case::new(files));
    format!("{verdict:?} {:?}", root_cause.map(|root| (root.cause.id(), root.confidence)))
}

/// Compares the judgement of every scenario with that of its evidence after a change.
fn assert_same(change: impl Fn(&Scenario) -> Vec<Vec<EvidenceFile>>) {
    let mut different = Vec::new();
    for scenario in all() {
        let as_sent = judge(files(&scenario));
        for (number, changed) in change(&scenario).into_iter().enumerate() {
            let judged = judge(changed);
            if judged != as_sent {
                different.push(format!("{} #{number}: {as_sent}, then {judged}", scenario.name));
            }
        }
    }
    assert!(different.is_empty(), "{}", different.join("\n"));
}

#[test]
fn the_order_of_the_files_does_not_matter() {
    assert_same(|scenario| {
        let files = files(scenario);
        let mut reversed = files.clone();
        reversed.reverse();
        let rotated = (1..files.len()).map(|by| {
            let mut rotated = files.clone();
            rotated.rotate_left(by);
            rotated
        });
        std::iter::once(reversed).chain(rotated).collect()
    });
}

#[test]
fn a_file_that_was_sent_twice_counts_once() {
    let limits = Limits::default();
    assert_same(|scenario| {
        let twice = |number: usize| {
            let mut all = files(scenario);
            let file = &scenario.evidence[number];
            let (stem, ending) = file.path.rsplit_once('.').unwrap_or((&file.path, "txt"));
            all.extend(readers::read_all(&format!("{stem} (2).{ending}"), &file.bytes, &limits));
            all
        };
        (0..scenario.evidence.len()).map(twice).collect()
    });
}
