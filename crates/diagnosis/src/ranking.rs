//! From the judgements of all rules to one report.

use crate::case::Case;
use crate::finding::Verdict;
use crate::report::{Outcome, Report};
use crate::rules::Rule;

/// Orders findings and names the root cause.
pub fn rank(case: &Case, judged: Vec<(&Rule, Verdict)>) -> Report {
    let mut findings = Vec::new();
    for (_, verdict) in judged {
        if let Verdict::Faults(more) = verdict {
            findings.extend(more);
        }
    }
    Report {
        verdict: Outcome::Undecided,
        root_cause: None,
        findings,
        clear: Vec::new(),
        unknown: Vec::new(),
        notes: case.notes.clone(),
        machines: Vec::new(),
        timeline: Vec::new(),
        curves: Vec::new(),
        files: case.files.len(),
        facts: case.files.iter().map(|file| file.facts.len()).sum(),
    }
}
