//! From evidence to the root cause.
//!
//! [`diagnose`] is a pure function: the same evidence gives the same report, byte for byte.
//! Rules see only the [`Case`]; the words that people read live in the message catalogue, keyed by rule.

mod attribution;
pub mod case;
pub mod cause;
pub mod finding;
pub mod message;
pub mod overview;
pub mod ranking;
pub mod remedy;
pub mod report;
pub mod rules;
pub mod survey;
#[cfg(test)]
pub(crate) mod testing;

pub use case::Case;
pub use cause::Cause;
pub use finding::{Citation, Confidence, Finding, Severity, Verdict};
pub use message::Message;
pub use report::{Outcome, Report};

/// Judges a case by every rule and ranks what was found.
pub fn diagnose(case: &Case) -> Report {
    let judged: Vec<_> = rules::RULES.iter().map(|rule| (rule, (rule.check)(case))).collect();
    ranking::rank(case, judged)
}
