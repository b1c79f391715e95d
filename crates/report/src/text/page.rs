//! Lines of a terminal: indentation, wrapping, colour.

use messages::Catalogue;

use crate::text::TextOptions;
use crate::text::wrap::{columns, wrap};
use crate::words;

/// Ways to stress a line, as ANSI parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// As it is.
    Plain,
    /// Headings.
    Bold,
    /// Places and small print.
    Dim,
    /// Faults.
    Red,
    /// Warnings, and what could not be decided.
    Yellow,
    /// What is fine.
    Green,
    /// Commands.
    Cyan,
}

impl Style {
    fn parameters(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Red => "1;31",
            Style::Yellow => "1;33",
            Style::Green => "1;32",
            Style::Cyan => "36",
        }
    }
}

/// The growing output.
pub struct Page {
    out: String,
    width: usize,
    color: bool,
}

impl Page {
    /// Narrower than this is not attempted.
    const WIDTH_MIN: usize = 40;

    /// Lines of prose are no longer, however wide the terminal: they would be hard to read.
    const PROSE_MAX: usize = 100;

    /// An empty page.
    pub fn new(options: &TextOptions) -> Page {
        Page { out: String::new(), width: options.width.max(Page::WIDTH_MIN), color: options.color }
    }

    /// Columns of the terminal.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The finished text.
    pub fn finish(self) -> String {
        self.out
    }

    /// A line as it is, never wrapped.
    pub fn line(&mut self, indent: usize, style: Style, text: &str) {
        self.out.push_str(&" ".repeat(indent));
        self.out.push_str(&self.painted(style, text));
        self.out.push('\n');
    }

    /// An empty line, unless one stands there.
    pub fn gap(&mut self) {
        if !self.out.is_empty() && !self.out.ends_with("\n\n") {
            self.out.push('\n');
        }
    }

    /// A heading with space above it.
    pub fn heading(&mut self, style: Style, text: &str) {
        self.gap();
        self.prose(0, style, text);
    }

    /// Wrapped text.
    pub fn prose(&mut self, indent: usize, style: Style, text: &str) {
        self.hanging(indent, "", style, text);
    }

    /// Wrapped text after a lead-in such as `1. `, its further lines below its beginning.
    pub fn hanging(&mut self, indent: usize, lead: &str, style: Style, text: &str) {
        let inner = indent + columns(lead);
        let width = self.width.min(Page::PROSE_MAX).saturating_sub(inner);
        for (number, line) in wrap(text, width).iter().enumerate() {
            if number == 0 {
                self.out.push_str(&" ".repeat(indent));
                self.out.push_str(lead);
            } else {
                self.out.push_str(&" ".repeat(inner));
            }
            let painted = self.painted(style, line);
            self.out.push_str(&painted);
            self.out.push('\n');
        }
    }

    /// A label that something follows below.
    pub fn lead(&mut self, indent: usize, catalogue: &Catalogue, key: &str) {
        let label = words::labelled(&catalogue.label(key), "", catalogue);
        self.prose(indent, Style::Plain, label.trim_end());
    }

    /// A text of the evidence after its place: on one line if that fits, otherwise below it.
    pub fn placed(&mut self, indent: usize, place: &str, text: &str) {
        let both = format!("{place}  {text}");
        if indent + columns(&both) <= self.width {
            self.line(indent, Style::Plain, &both);
        } else {
            self.line(indent, Style::Plain, place);
            self.prose(indent + 4, Style::Plain, text);
        }
    }

    fn painted(&self, style: Style, text: &str) -> String {
        if !self.color || style == Style::Plain || text.is_empty() {
            return text.to_owned();
        }
        format!("\u{1b}[{}m{text}\u{1b}[0m", style.parameters())
    }
}
