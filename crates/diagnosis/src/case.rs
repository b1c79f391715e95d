//! All that the evidence says, with every fact attributed to the machine that it tells of.

use model::{EvidenceFile, Note};

/// The evidence of one diagnosis.
#[derive(Debug, Clone, Default)]
pub struct Case {
    /// What each file told.
    pub files: Vec<EvidenceFile>,
    /// Notes on the attribution of facts to machines.
    pub notes: Vec<Note>,
}

impl Case {
    /// Builds a case from what the readers returned.
    pub fn new(files: Vec<EvidenceFile>) -> Case {
        Case { files, notes: Vec::new() }
    }
}
