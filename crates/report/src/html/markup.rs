//! Growing HTML: text goes in escaped, only tags of our own go in as they are.

use crate::visible::one_line;

/// A piece of HTML.
#[derive(Debug, Default)]
pub struct Markup {
    out: String,
}

impl Markup {
    /// Tags of our own.
    pub fn tag(&mut self, tag: &'static str) -> &mut Markup {
        self.out.push_str(tag);
        self
    }

    /// Markup with numbers in it; never text of the evidence.
    pub fn geometry(&mut self, markup: &str) -> &mut Markup {
        self.out.push_str(markup);
        self
    }

    /// Any text.
    pub fn text(&mut self, text: &str) -> &mut Markup {
        self.out.push_str(&escape(text));
        self
    }

    /// Any text between an opening tag and its end.
    pub fn element(&mut self, open: &'static str, text: &str, close: &'static str) -> &mut Markup {
        self.tag(open).text(text).tag(close)
    }

    /// Text of the catalogue, a paragraph for each of its lines.
    pub fn paragraphs(&mut self, text: &str) -> &mut Markup {
        for line in text.split('\n').filter(|line| !line.trim().is_empty()) {
            self.element("<p>", line, "</p>\n");
        }
        self
    }

    /// The finished HTML.
    pub fn finish(self) -> String {
        self.out
    }
}

/// The text with nothing left that HTML would read as markup, in element content and in quoted attributes.
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_read_as_markup() {
        assert_eq!(escape("<b a=\"1\" c='2'>&\u{1b}"), "&lt;b a=&quot;1&quot; c=&#39;2&#39;&gt;&amp;␛");
    }
}
