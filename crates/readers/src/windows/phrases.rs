//! Looking for any of many phrases in a line, in one pass.

use std::sync::OnceLock;

/// Phrases in lower case, found by their first byte.
pub(crate) struct Phrases {
    lists: &'static [&'static [&'static str]],
    by_first: OnceLock<Vec<Vec<&'static str>>>,
}

impl Phrases {
    /// Phrases from several lists; none of them empty.
    pub(crate) const fn new(lists: &'static [&'static [&'static str]]) -> Phrases {
        Phrases { lists, by_first: OnceLock::new() }
    }

    /// True when one of the phrases stands in the text, which is in lower case.
    pub(crate) fn stand_in(&self, lower: &str) -> bool {
        let by_first = self.by_first.get_or_init(|| {
            let mut table = vec![Vec::new(); 256];
            for phrase in self.lists.iter().copied().flatten().copied() {
                if let Some(&first) = phrase.as_bytes().first() {
                    table[usize::from(first)].push(phrase);
                }
            }
            table
        });
        let bytes = lower.as_bytes();
        (0..bytes.len())
            .any(|at| by_first[usize::from(bytes[at])].iter().any(|p| bytes[at..].starts_with(p.as_bytes())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_phrases_anywhere() {
        static PHRASES: Phrases = Phrases::new(&[&["access is denied", "昇格"], &["отказано"]]);
        for text in ["error: access is denied.", "昇格", "доступе отказано"] {
            assert!(PHRASES.stand_in(text), "{text}");
        }
        assert!(!PHRASES.stand_in("access is granted") && !PHRASES.stand_in(""));
    }
}
