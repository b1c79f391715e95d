//! What the text files of credentials share: TOML with base64 in it, and errors that name the line.

use data_encoding::BASE64;
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

/// The version of all these files.
pub(super) const SCHEMA: u32 = 1;
/// Longest file that is read, in bytes. The list of revocations takes most of a licence file.
pub(super) const FILE_MAX: usize = 16 << 20;

/// Why a file can't be read, before its fields are looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// Too long to be one.
    #[error("the file is longer than {FILE_MAX} bytes")]
    Long,
    /// Not TOML, or other fields than it should have. What stands in the line is not told: it may be secret.
    #[error("line {line}: {message}")]
    Syntax {
        /// From 1.
        line: usize,
        /// As the TOML parser says it.
        message: String,
    },
    /// A later version, or something else.
    #[error("line {line}: schema {found} is not known to this kmscope, only {SCHEMA}")]
    Schema {
        /// From 1.
        line: usize,
        /// The file's.
        found: u32,
    },
}

/// Reads the fields of a file.
pub(super) fn read<T: DeserializeOwned>(text: &str) -> Result<T, DocumentError> {
    if text.len() > FILE_MAX {
        return Err(DocumentError::Long);
    }
    toml::from_str(text).map_err(|error| {
        let line = line_of(text, error.span().map_or(0, |span| span.start));
        // Some messages have several lines; one sentence is wanted.
        let message = error.message().lines().next().unwrap_or_default().to_string();
        DocumentError::Syntax { line, message }
    })
}

/// The schema must be the known one.
pub(super) fn check_schema(text: &str, schema: &toml::Spanned<u32>) -> Result<(), DocumentError> {
    match *schema.get_ref() {
        SCHEMA => Ok(()),
        found => Err(DocumentError::Schema { line: line_of(text, schema.span().start), found }),
    }
}

/// The line, from 1, in which a byte stands.
pub(super) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Bytes from base64, which leave the memory when they are dropped.
pub(super) fn from_base64(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    BASE64.decode(text.as_bytes()).ok().map(Zeroizing::new)
}

/// A text in TOML's quotes. Names hold no control characters, so two characters need care.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
