//! The report as scripts read it. Field names are a contract; fields may be added.

use diagnosis::remedy::{Safety, Shell};
use diagnosis::{Cause, Confidence, Outcome, Severity};
use schemars::JsonSchema;
use serde::Serialize;

use crate::moment::Moment;
use crate::schema;

/// Number of the report's format.
pub const SCHEMA: u32 = 1;

/// The diagnosis of one case.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(title = "kmscope report")]
pub struct Document {
    /// Number of this format; it changes when a field changes its meaning, not when one is added.
    pub schema: u32,
    /// Version of the kmscope that made it.
    pub version: String,
    /// Language of the texts.
    pub language: String,
    /// The overall verdict.
    #[schemars(schema_with = "schema::verdict")]
    pub verdict: Outcome,
    /// The one cause that explains the rest; null when undecided or clear.
    pub root_cause: Option<RootCause>,
    /// Findings in order of importance, the root cause first.
    pub findings: Vec<Finding>,
    /// Codes of the rules that looked with enough evidence and found nothing.
    pub clear: Vec<String>,
    /// The same rules with their titles.
    pub checked: Vec<Checked>,
    /// Rules that could not tell, the most useful to settle first.
    pub unknown: Vec<Unknown>,
    /// The commands of `unknown`, each once, the one that settles most first.
    pub collect: Vec<String>,
    /// What is worth telling about the evidence itself.
    pub notes: Vec<Note>,
    /// Machines that the evidence tells of.
    pub machines: Vec<Machine>,
    /// What happened when, oldest first.
    pub timeline: Vec<Event>,
    /// The most telling words of the evidence, whatever they prove.
    pub observed: Vec<Citation>,
    /// Failing codes in the evidence, the most frequent first.
    pub codes: Vec<Code>,
    /// The count of each host over time, reconstructed from its event log.
    pub curves: Vec<Curve>,
    /// Number of files read.
    pub files_read: usize,
    /// Number of facts understood.
    pub facts_understood: usize,
}

/// The cause that explains the rest.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RootCause {
    /// Its id.
    #[schemars(schema_with = "schema::cause")]
    pub cause: Cause,
    /// The rule that found it.
    pub rule: String,
    /// How sure it is.
    #[schemars(schema_with = "schema::confidence")]
    pub confidence: Confidence,
}

/// A fault, or something worth knowing.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Finding {
    /// The rule that found it.
    pub rule: String,
    /// Id of the cause.
    #[schemars(schema_with = "schema::cause")]
    pub cause: Cause,
    /// How much it matters.
    #[schemars(schema_with = "schema::severity")]
    pub severity: Severity,
    /// How sure it is.
    #[schemars(schema_with = "schema::confidence")]
    pub confidence: Confidence,
    /// The finding in a few words.
    pub title: String,
    /// The finding in a few sentences.
    pub summary: String,
    /// The proof.
    pub evidence: Vec<Citation>,
    /// Error codes, as printed, and ids of causes that this explains.
    pub explains: Vec<String>,
    /// Names or CMIDs of the machines that it is about.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub machines: Vec<String>,
    /// How many machines it stops.
    pub stops: usize,
    /// What fixes it, the simplest first.
    pub remedies: Vec<Remedy>,
    /// Public pages.
    pub references: Vec<String>,
    /// Time of the newest evidence for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "schema::optional_moment")]
    pub seen_at: Option<Moment>,
}

/// Words of the evidence, with their place.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Citation {
    /// The words.
    pub text: String,
    /// Where they stand.
    pub source: Source,
}

/// A place in the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Source {
    /// Path of the file; members of a zip stand after `!/`. For a probe, its name.
    pub path: String,
    /// The place within the file.
    #[serde(flatten)]
    pub place: Place,
}

/// A place within a file.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Place {
    /// A line of a text file.
    Line {
        /// Counted from 1.
        line: u32,
    },
    /// A record of an event log.
    Record {
        /// Its record number.
        record: u64,
    },
    /// A value of a JSON document.
    Pointer {
        /// JSON pointer (RFC 6901).
        pointer: String,
    },
    /// A live probe.
    Probe {
        /// What was probed.
        probe: String,
        /// When, as an RFC 3339 time.
        at: String,
    },
}

/// One way to fix a fault.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Remedy {
    /// What it does.
    pub title: String,
    /// How far its commands may be trusted.
    #[schemars(schema_with = "schema::safety")]
    pub safety: Safety,
    /// Its steps, or the same step for each shell.
    pub steps: Vec<Step>,
    /// Commands that go back.
    pub undo: Vec<String>,
    /// Commands that show that it worked.
    pub verify: Vec<String>,
}

/// Commands for one shell.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Step {
    /// Where they are typed; `text` are instructions.
    #[schemars(schema_with = "schema::shell")]
    pub shell: Shell,
    /// The commands in order.
    pub commands: Vec<String>,
}

/// A rule that looked and found nothing.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Checked {
    /// Its code.
    pub rule: String,
    /// What it looked for.
    pub title: String,
}

/// A rule that could not tell.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Unknown {
    /// Its code.
    pub rule: String,
    /// What it looks for.
    pub title: String,
    /// The evidence that is missing.
    pub missing: String,
    /// Commands that collect it.
    pub collect: Vec<String>,
}

/// Something worth telling about the evidence itself.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Note {
    /// What.
    pub text: String,
    /// The place that it is about.
    pub source: Source,
}

/// A machine.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Machine {
    /// Best known name.
    pub name: String,
    /// `client`, `host`, both, or none where unknown.
    pub roles: Vec<String>,
    /// Product as printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
    /// State of the licence by its documented English name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub license_status: Option<String>,
    /// Client machine id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cmid: Option<String>,
    /// Files that tell of it.
    pub files: Vec<String>,
}

/// A failing code, however often it was seen.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Code {
    /// The code as printed.
    pub code: String,
    /// Its name in the Windows SDK.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub symbol: Option<String>,
    /// What it means; in English, from the table of error codes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub meaning: Option<String>,
    /// How often it was seen.
    pub times: usize,
    /// The words of its first appearance.
    pub text: String,
    /// Where they stand.
    pub source: Source,
    /// Every appearance was followed by a success of the same machine.
    pub overcome: bool,
}

/// An event on the time line.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Event {
    /// When: an RFC 3339 time, without zone where the evidence does not tell it.
    #[schemars(schema_with = "schema::moment")]
    pub at: Moment,
    /// The machine that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub machine: Option<String>,
    /// Event id.
    pub event_id: u32,
    /// `request`, `response`, `activated`, `refused`, `count`, `published`, `failed` or `other`.
    pub what: String,
    /// The record in one line.
    pub text: String,
    /// Where it stands.
    pub source: Source,
}

/// The count of a host over time.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Curve {
    /// The host, or the file where its log was read.
    pub host: String,
    /// `windows`, `office` or `own` (software of the site): hosts count each application for itself.
    pub application: String,
    /// The count after each change.
    pub points: Vec<Point>,
    /// Counts that clients asked for: 5, 25.
    pub thresholds: Vec<u32>,
    /// The most that the host will ever show.
    pub cap: u32,
    /// Count at the end of the log.
    pub last: u32,
    /// Distinct machine names in the log.
    pub names: usize,
    /// Distinct client machine ids in the log.
    pub distinct_cmids: usize,
    /// The count that the host itself printed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub printed: Option<i64>,
}

/// The count from a time on.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Point {
    /// When it changed.
    #[schemars(schema_with = "schema::moment")]
    pub at: Moment,
    /// The count from then on.
    pub count: u32,
}

impl Document {
    /// The finding behind the root cause.
    pub fn root(&self) -> Option<&Finding> {
        let root = self.root_cause.as_ref()?;
        self.findings.iter().find(|finding| finding.rule == root.rule && finding.cause == root.cause)
    }

    /// The findings other than that of the root cause.
    pub fn others(&self) -> impl Iterator<Item = &Finding> {
        let root = self.root().map(std::ptr::from_ref);
        self.findings.iter().filter(move |finding| Some(std::ptr::from_ref(*finding)) != root)
    }
}
