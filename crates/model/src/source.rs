//! Where a fact was read: nothing enters a case without it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The file, and the place within it, or the probe that told something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// Path of the file as the caller named it; members of a zip stand after `!/`, as in `case.zip!/pc7/dlv.txt`.
    /// For a probe, its name.
    pub path: Arc<str>,
    /// The place within the file.
    #[serde(flatten)]
    pub place: Place,
}

/// A place within a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// Line of a text file, counted from 1.
    Line(u32),
    /// Record number of an event log.
    Record(u64),
    /// JSON pointer (RFC 6901).
    Pointer(String),
    /// A live probe, with the time at which it ran.
    Probe {
        /// What was probed.
        probe: String,
        /// When, as an RFC 3339 time.
        at: String,
    },
}

impl Source {
    /// A line of a text file, counted from 1.
    pub fn line(path: &Arc<str>, line: u32) -> Source {
        Source { path: path.clone(), place: Place::Line(line) }
    }

    /// A record of an event log.
    pub fn record(path: &Arc<str>, record: u64) -> Source {
        Source { path: path.clone(), place: Place::Record(record) }
    }

    /// A value of a JSON document.
    pub fn pointer(path: &Arc<str>, pointer: impl Into<String>) -> Source {
        Source { path: path.clone(), place: Place::Pointer(pointer.into()) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Line(line) => write!(f, "{}:{line}", self.path),
            Place::Record(record) => write!(f, "{} record {record}", self.path),
            Place::Pointer(pointer) => write!(f, "{} {pointer}", self.path),
            Place::Probe { probe, .. } => write!(f, "probe {probe}"),
        }
    }
}

/// A value with its source and the words of the evidence that say it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Observed<T> {
    /// What was understood.
    #[serde(flatten)]
    pub value: T,
    /// Where it begins.
    pub source: Source,
    /// The lines that the fields were read from; not part of the JSON of `kmscope read`.
    #[serde(skip)]
    pub quotes: Vec<Quote>,
}

/// The words of the evidence behind one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Name of the field as serialised; [`Quote::WHOLE`] for the words of every field that has no quote of its own.
    pub field: &'static str,
    /// Where the words stand.
    pub place: Place,
    /// The line, trimmed, at most [`Quote::TEXT_MAX`] bytes.
    pub text: Box<str>,
}

impl Quote {
    /// Longest quoted text in bytes; the rest of a line is cut.
    pub const TEXT_MAX: usize = 400;

    /// The field of a quote that stands for the whole fact, as the one line of a log record does.
    pub const WHOLE: &'static str = "";

    /// A quote of a line.
    pub fn new(field: &'static str, place: Place, text: &str) -> Quote {
        Quote { field, place, text: clip(text.trim(), Quote::TEXT_MAX).into() }
    }
}

/// At most `max` bytes of the text, cut at a character boundary.
fn clip(text: &str, max: usize) -> &str {
    if text.len() <= max {
        return text;
    }
    let end = (0..=max).rev().find(|&i| text.is_char_boundary(i)).unwrap_or(0);
    &text[..end]
}

impl<T> Observed<T> {
    /// A value read at a place, without quotes.
    pub fn new(value: T, source: Source) -> Observed<T> {
        Observed { value, source, quotes: Vec::new() }
    }

    /// The quotes of a field, or else those of the whole fact.
    pub fn quotes_of(&self, field: &str) -> impl Iterator<Item = &Quote> {
        let own = self.quotes.iter().any(|quote| quote.field == field);
        self.quotes.iter().filter(move |quote| quote.field == if own { field } else { Quote::WHOLE })
    }

    /// The words behind a field, and where they stand.
    pub fn quote(&self, field: &str) -> Option<(&str, Source)> {
        let quote = self.quotes_of(field).next()?;
        Some((&quote.text, Source { path: self.source.path.clone(), place: quote.place.clone() }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_as_the_design_says_and_serialises_flat() {
        let path: Arc<str> = "dlv.txt".into();
        assert_eq!(Source::line(&path, 14).to_string(), "dlv.txt:14");
        let record = Source::record(&"kms.evtx".into(), 812);
        assert_eq!(record.to_string(), "kms.evtx record 812");
        assert_eq!(serde_json::to_string(&record).unwrap(), r#"{"path":"kms.evtx","record":812}"#);
    }

    #[test]
    fn cuts_a_long_quote_between_characters() {
        let quote = Quote::new("name", Place::Line(1), &"é".repeat(300));
        assert_eq!(quote.text.len(), Quote::TEXT_MAX);
    }
}
