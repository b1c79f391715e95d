//! Texts with gaps: `Activating %PRODUCTNAME% (%PRODUCTID%) ...`.

use super::plain;

/// A text cut at its gaps.
#[derive(Debug, Clone)]
pub(super) struct Template {
    /// Literal parts as characters without differences that do not matter; a gap stands between each two.
    parts: Vec<Vec<char>>,
}

/// Characters of the first part by which templates are indexed.
pub(super) const INDEX_CHARS: usize = 4;

impl Template {
    /// Cuts a text at its `%NAME%` gaps. Nothing if there is none.
    pub(super) fn new(text: &str) -> Option<Template> {
        let mut parts = Vec::new();
        for (n, piece) in text.trim().split('%').enumerate() {
            if n % 2 == 0 {
                parts.push(folded(piece));
            }
        }
        // A full stop at the end may be missing in a paste.
        if let Some(last) = parts.last_mut() {
            while last.last().is_some_and(|c| matches!(c, '.' | '。' | ' ')) {
                last.pop();
            }
        }
        (parts.len() >= 2).then_some(Template { parts })
    }

    /// The start of the text before its first gap; nothing if that is too short to find it by.
    pub(super) fn index_key(&self) -> Option<[char; INDEX_CHARS]> {
        self.parts.first()?.first_chunk().copied()
    }

    /// What stands in the gaps, if the line is this text.
    pub(super) fn matches<'a>(&self, line: &'a str) -> Option<Vec<&'a str>> {
        let line = line.trim();
        let (first, rest) = self.parts.split_first()?;
        let last = rest.last()?;
        let end = line.trim_end_matches(['.', '。', ' ']);
        // Nearly every line ends here: both ends are compared before anything is copied.
        let begins = || line.chars().map(fold).take(first.len()).eq(first.iter().copied());
        let ends = || end.chars().rev().map(fold).take(last.len()).eq(last.iter().rev().copied());
        if !(begins() && ends()) {
            return None;
        }
        let chars: Vec<(usize, char)> = line.char_indices().map(|(at, c)| (at, fold(c))).collect();
        let end = chars.iter().rposition(|(_, c)| !matches!(c, '.' | '。' | ' ')).map_or(0, |at| at + 1);
        let starts_with = |from: usize, part: &[char]| {
            chars.get(from..from + part.len()).is_some_and(|piece| piece.iter().map(|(_, c)| c).eq(part))
        };
        let byte = |index: usize| chars.get(index).map_or(line.len(), |(at, _)| *at);
        let mut from = first.len();
        let mut values = Vec::with_capacity(rest.len());
        for (n, part) in rest.iter().enumerate() {
            let last = n + 1 == rest.len();
            let found = if last {
                let at = end.checked_sub(part.len())?;
                (at >= from && starts_with(at, part)).then_some(at)?
            } else {
                (from..end).find(|&at| starts_with(at, part))?
            };
            values.push(line[byte(from)..byte(found)].trim());
            from = found + part.len();
        }
        values.iter().all(|value| !value.is_empty()).then_some(values)
    }
}

/// The start of a line in the form of [`Template::index_key`]; nothing if the line is shorter.
pub(super) fn index_key_of(line: &str) -> Option<[char; INDEX_CHARS]> {
    let mut chars = line.trim_start().chars().map(fold);
    let mut start = ['\0'; INDEX_CHARS];
    for place in &mut start {
        *place = chars.next()?;
    }
    Some(start)
}

fn folded(text: &str) -> Vec<char> {
    text.chars().map(fold).collect()
}

/// One character for one character, so that places in the line stay the same.
fn fold(c: char) -> char {
    if c.is_ascii() {
        return plain(c).to_ascii_lowercase();
    }
    let c = plain(c);
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) => one,
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_stands_in_the_gaps() {
        let template = Template::new("Die Volumenaktivierung läuft am %ENDDATE% ab.").unwrap();
        assert_eq!(
            template.matches("die Volumenaktivierung läuft am 09.05.2026 12:00:00 ab"),
            Some(vec!["09.05.2026 12:00:00"])
        );
        assert_eq!(template.matches("Die Volumenaktivierung läuft am ab."), None);
        assert_eq!(template.matches("Die Volumen"), None);
        assert!(Template::new("no gap").is_none());
    }

    #[test]
    fn a_gap_may_stand_first() {
        let template = Template::new("%PRODUCTNAME% (%PRODUCTID%) wird aktiviert...").unwrap();
        assert_eq!(template.index_key(), None);
        let line = "Windows(R), Professional edition (2de67392) wird aktiviert...";
        assert_eq!(template.matches(line), Some(vec!["Windows(R), Professional edition", "2de67392"]));
    }
}
