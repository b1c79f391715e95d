//! What a careful admin would conclude.

use serde::Deserialize;
use serde_json::{Map, Value};

/// The expected conclusion. Only the verdict must be given.
#[derive(Debug, Clone, Deserialize)]
pub struct Expectation {
    /// `fault`, `clear` or `undecided`.
    pub verdict: String,
    /// Id of the root cause; null when undecided or clear.
    #[serde(default)]
    pub root_cause: Option<String>,
    /// Causes that would be acceptable as the root as well.
    #[serde(default)]
    pub acceptable: Vec<String>,
    /// Causes that must not be named with confidence.
    #[serde(default)]
    pub must_not: Vec<String>,
    /// A second, independent fault that must be among the findings.
    #[serde(default)]
    pub second: Option<String>,
    /// Words of the evidence that the report must quote.
    #[serde(default)]
    pub must_quote: Vec<String>,
    /// Fields that some fact must have, with their values.
    #[serde(default)]
    pub facts: Map<String, Value>,
    /// Why the answer is known to be another one today; such a scenario is shown and fails nothing.
    #[serde(default)]
    pub open: String,
    /// Why.
    #[serde(default)]
    pub why: String,
    /// 1 (easy) to 5.
    #[serde(default)]
    pub difficulty: u32,
    /// Display language of the evidence.
    #[serde(default)]
    pub language: String,
}
