//! What a rule says.

use model::Source;
use serde::Serialize;

use crate::cause::Cause;
use crate::message::{Args, Message};
use crate::remedy::Remedy;

/// How sure a finding is. A guess is never dressed as more than it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// Fits, and so do other causes; never a root cause.
    Possible,
    /// The evidence points here and nothing speaks against it.
    Likely,
    /// The evidence says so itself.
    Certain,
}

/// How much it matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is broken.
    Info,
    /// Will break, or breaks something else.
    Warning,
    /// Stops activation.
    Error,
}

/// Words of the evidence, with their place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Citation {
    /// The words.
    pub text: String,
    /// Where they stand.
    pub source: Source,
}

/// The judgement of one rule.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The fault is there, once or for several machines or hosts separately.
    Faults(Vec<Finding>),
    /// It was looked for with enough evidence, and is not there.
    Clear,
    /// The evidence does not tell.
    Unknown(Missing),
    /// The rule has no bearing on this case (Azure rules away from Azure, host rules without a host).
    NotApplicable,
}

/// What would be needed to tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The evidence that is missing.
    pub message: Message,
    /// Commands that collect it.
    pub collect: Vec<String>,
}

/// A fault, or something worth knowing, with its proof.
#[derive(Debug, Clone, PartialEq)]
pub struct Finding {
    /// Rule code, as in `K101`.
    pub rule: &'static str,
    /// The cause.
    pub cause: Cause,
    /// How much it matters.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// Arguments of the texts `<rule>-title` and `<rule>-summary`.
    pub args: Args,
    /// Which summary: the key is `<rule>-summary-<variant>`; without a variant `<rule>-summary`.
    pub variant: Option<&'static str>,
    /// The proof.
    pub evidence: Vec<Citation>,
    /// Machines that it is about (names or CMIDs).
    pub machines: Vec<String>,
    /// How many machines it stops, for the order of independent faults; at least 1.
    pub stops: usize,
    /// Error codes and causes that this explains.
    pub explains: Vec<Explained>,
    /// Causes whose findings were folded into this one by the ranking.
    pub folded: Vec<Cause>,
    /// What fixes it, the simplest first.
    pub remedies: Vec<Remedy>,
    /// Public pages.
    pub references: Vec<&'static str>,
    /// When the newest evidence for it was written, as seconds since 1970; for telling old trouble from new.
    pub seen_at: Option<i64>,
}

/// Something that a finding explains.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Explained {
    /// An error code seen in the evidence, as printed.
    Code(model::HexCode),
    /// Another cause.
    Cause(Cause),
}

impl Finding {
    /// A finding of a rule with nothing in it yet.
    pub fn new(rule: &'static str, cause: Cause, confidence: Confidence) -> Finding {
        Finding {
            rule,
            cause,
            severity: Severity::Error,
            confidence,
            args: Args::new(),
            variant: None,
            evidence: Vec::new(),
            machines: Vec::new(),
            stops: 1,
            explains: Vec::new(),
            folded: Vec::new(),
            remedies: Vec::new(),
            references: Vec::new(),
            seen_at: None,
        }
    }

    /// The title's text.
    pub fn title(&self) -> Message {
        Message::with(format!("{}-title", self.rule), self.args.clone())
    }

    /// The summary's text.
    pub fn summary(&self) -> Message {
        let key = match self.variant {
            Some(variant) => format!("{}-summary-{variant}", self.rule),
            None => format!("{}-summary", self.rule),
        };
        Message::with(key, self.args.clone())
    }
}
