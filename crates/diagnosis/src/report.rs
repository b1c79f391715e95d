//! The result of a diagnosis, still without words.

use model::{Note, Source};
use serde::Serialize;

use crate::cause::Cause;
use crate::finding::{Confidence, Finding, Missing};

/// The overall verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// A root cause was found.
    Fault,
    /// Nothing is wrong, and enough was seen to say so.
    Clear,
    /// Not enough evidence, or evidence that contradicts itself.
    Undecided,
}

/// The one cause that explains the rest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RootCause {
    /// The cause.
    pub cause: Cause,
    /// Rule that found it.
    pub rule: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
}

/// The whole report.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// The overall verdict.
    pub verdict: Outcome,
    /// The root cause; absent when undecided or clear.
    pub root_cause: Option<RootCause>,
    /// Findings in order of importance, the root cause first.
    pub findings: Vec<Finding>,
    /// Codes of the rules that looked and found nothing.
    pub clear: Vec<&'static str>,
    /// Rules that could not tell, and what they need, the most useful first.
    pub unknown: Vec<(&'static str, Missing)>,
    /// What is worth telling about the evidence itself.
    pub notes: Vec<Note>,
    /// Machines that the evidence tells of.
    pub machines: Vec<MachineRow>,
    /// What happened when, as far as the evidence has times; oldest first.
    pub timeline: Vec<TimelineEntry>,
    /// The most telling words of the evidence, whatever they prove; for reports that decide nothing.
    pub observed: Vec<crate::finding::Citation>,
    /// Failing codes in the evidence, the most frequent first.
    pub codes: Vec<CodeRow>,
    /// The count of each host over time, reconstructed from its 12290 records.
    pub curves: Vec<CountCurve>,
    /// Number of files read.
    pub files: usize,
    /// Number of facts understood.
    pub facts: usize,
}

/// One machine in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MachineRow {
    /// Best known name.
    pub name: String,
    /// `client`, `host`, or empty.
    pub roles: Vec<&'static str>,
    /// Product as printed.
    pub product: Option<String>,
    /// State of the licence.
    pub license_status: Option<&'static str>,
    /// Client machine id.
    pub cmid: Option<String>,
    /// Files that tell of it.
    pub files: Vec<String>,
}

/// One event on the time line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TimelineEntry {
    /// Seconds since 1970; as printed (local) where `utc` is false.
    pub at: i64,
    /// Whether the time is known to be UTC.
    pub utc: bool,
    /// Machine that wrote it.
    pub machine: Option<String>,
    /// Event id.
    pub event_id: u32,
    /// What happened: `request`, `response`, `activated`, `refused`, `count`, `published`, `failed`, `other`.
    pub what: &'static str,
    /// The record in one line.
    pub text: String,
    /// Where it stands.
    pub source: Source,
}

/// One failing code, however often it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CodeRow {
    /// The code as printed.
    pub code: String,
    /// Its name in the Windows SDK, where there is one.
    pub symbol: Option<String>,
    /// What it means, from the table of error codes.
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

/// The count of one host over time.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CountCurve {
    /// Name of the host, or of the file where its log was read.
    pub host: String,
    /// `windows`, `office` or `own`: hosts count each application for itself.
    pub application: &'static str,
    /// Whether the times are known to be UTC.
    pub utc: bool,
    /// Count after each change: seconds since 1970, count.
    pub points: Vec<(i64, u32)>,
    /// N-policies that were asked for: 5, 25.
    pub thresholds: Vec<u32>,
    /// The most that the host will ever show (twice the largest N-policy).
    pub cap: u32,
    /// Count at the end of the log, by this reconstruction.
    pub last: u32,
    /// Distinct machine names in the log.
    pub names: usize,
    /// Distinct CMIDs in the log.
    pub distinct_cmids: usize,
    /// The count that the host itself printed, where known.
    pub printed: Option<i64>,
}
