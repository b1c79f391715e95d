//! Whole situations as files: evidence, and what a careful admin would conclude from it.
//!
//! A scenario is a text file (`.txtar`): lines of prose that begin with `#`, a line `expect:` with one JSON object
//! behind it ([`Expectation`]), then the evidence, each file behind a line `-- path [encoding crlf] --`.
//! The same expectations can stand beside real files: a folder with `expected.json` and `evidence/`.
//!
//! [`run`] reads the evidence in memory and judges it; [`check`] compares; [`table`] shows many at once.

mod check;
mod evidence;
mod expectation;
mod load;
mod table;

pub use check::{Grade, Outcome, check};
pub use expectation::Expectation;
pub use load::{EvidenceBytes, LoadError, Scenario, load, load_all, parse};
pub use table::{Summary, table};

use readers::Limits;

/// What kmscope says about a scenario.
#[derive(Debug)]
pub struct Answer {
    /// What the readers understood, as `kmscope read` prints it.
    pub facts: Vec<serde_json::Value>,
    /// The report, as `kmscope diagnose --format json` prints it.
    pub report: String,
}

/// Reads the evidence of a scenario and diagnoses it.
pub fn run(scenario: &Scenario) -> Answer {
    let limits = Limits::default();
    let mut files = Vec::new();
    for file in &scenario.evidence {
        files.extend(readers::read_all(&file.path, &file.bytes, &limits));
    }
    let facts = files
        .iter()
        .flat_map(|file| &file.facts)
        .filter_map(|evidence| serde_json::to_value(evidence).ok())
        .collect();
    let judged = diagnosis::diagnose(&diagnosis::Case::new(files));
    let catalogue = messages::Catalogue::new(messages::Language::En);
    let document = report::Document::new(&judged, &catalogue);
    Answer { facts, report: report::json::render(&document) }
}
