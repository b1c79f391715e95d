//! The rules: one file per fault, one table that maps codes to them.
//!
//! Codes: 1xx discovery and DNS, 2xx reachability, 3xx RPC, 4xx host, 5xx client, 6xx keys and editions, 7xx Azure,
//! 8xx time, 9xx our own host.

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::Verdict;

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its code, as in `K101`.
    pub code: &'static str,
    /// The cause that it finds.
    pub cause: Cause,
    /// The judgement: pure, from the case alone.
    pub check: fn(&Case) -> Verdict,
    /// The text of its source file; the rule catalogue is made from its `//!` lines.
    pub source: &'static str,
}

/// Every rule, in the order of its code.
pub const RULES: &[Rule] = &[];
