//! Quotes gathered while a block of text is read.

use model::Quote;

use crate::text::Text;

/// The quotes of one fact.
#[derive(Debug)]
pub(crate) struct Quotes<'t, 'a> {
    text: &'t Text<'a>,
    list: Vec<Quote>,
}

impl<'t, 'a> Quotes<'t, 'a> {
    /// Most quotes that one fact keeps; a zone of thousands of records needs no more to prove its form.
    const MAX: usize = 512;

    pub(crate) fn new(text: &'t Text<'a>) -> Quotes<'t, 'a> {
        Quotes { text, list: Vec::new() }
    }

    /// Records that a field was read from a line.
    pub(crate) fn add(&mut self, field: &'static str, index: usize) {
        if self.list.len() < Self::MAX {
            self.list.push(Quote::new(field, self.text.place(index), self.text.at(index)));
        }
    }

    /// The line of the first quote, where the fact begins.
    pub(crate) fn take(&mut self) -> Vec<Quote> {
        std::mem::take(&mut self.list)
    }
}
