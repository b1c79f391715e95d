//! A licence fact while it is being read.

use model::license::LicenseCommand;
use model::{Fact, Guid, Kind, License, Place, Quote};

use crate::out::Out;
use crate::text::{Text, is_placeholder};

/// The fact, the words behind its fields, and where it begins.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub license: License,
    pub place: Place,
    pub quotes: Vec<Quote>,
}

impl Draft {
    pub(crate) fn new(command: LicenseCommand, place: Place) -> Draft {
        let license = License { command: Some(command), ..License::default() };
        Draft { license, place, quotes: Vec::new() }
    }

    /// Records the line that a field was read from.
    pub(crate) fn quote(&mut self, field: &'static str, text: &Text<'_>, at: usize) {
        self.quotes.push(Quote::new(field, text.place(at), text.at(at)));
    }

    /// True for a value that stands for a blanked-out one; its field is then named in `redacted`.
    pub(crate) fn redacted(&mut self, field: &'static str, value: &str) -> bool {
        let hidden = is_placeholder(value);
        if hidden && !self.license.redacted.iter().any(|name| name == field) {
            self.license.redacted.push(field.to_owned());
        }
        hidden
    }

    /// Names a field as blanked out.
    pub(crate) fn hide(&mut self, field: &'static str) {
        self.redacted(field, "<hidden>");
    }

    /// Reads a GUID; a placeholder is named in `redacted`.
    pub(crate) fn guid(&mut self, field: &'static str, value: &str) -> Option<Guid> {
        if self.redacted(field, value) {
            return None;
        }
        Guid::parse(value)
    }

    /// True when nothing but the command (and the service's version) was read.
    pub(crate) fn is_empty(&self) -> bool {
        let rest = License { command: None, service_version: None, computer: None, ..self.license.clone() };
        rest.is_empty()
    }

    /// Hands the fact over.
    pub(crate) fn push(self, kind: Kind, out: &mut Out) {
        out.push(kind, Fact::License(Box::new(self.license)), self.place, self.quotes);
    }
}
