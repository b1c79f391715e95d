//! Reading the shipped table of labels: the few forms of TOML that it is written in, in a fraction of the time.
//!
//! Every run of the program needs the table, and the general parser took longer than everything else at the start.

use std::borrow::Cow;

/// One text of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry<'t> {
    /// Place of the language in the table.
    pub language: usize,
    /// Not confirmed by a public source.
    pub recalled: bool,
    /// Resource name.
    pub name: &'t str,
    /// The text.
    pub text: Cow<'t, str>,
}

/// The texts of a table in which every entry stands in a line of its own; nothing if it is written otherwise.
pub(super) fn read(table: &str) -> Option<Vec<Entry<'_>>> {
    let mut entries = Vec::with_capacity(table.len() / BYTES_PER_ENTRY);
    let mut languages = 0usize;
    let mut recalled = None;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line {
            "[[language]]" => {
                languages += 1;
                recalled = None;
                continue;
            }
            "[language.quoted]" | "[language.recalled]" => {
                recalled = Some(line.ends_with("recalled]"));
                continue;
            }
            _ => {}
        }
        let (name, value) = line.split_once(" = ")?;
        let language = languages.checked_sub(1)?;
        match (recalled, name) {
            (None, "tag" | "source") => drop(string(value)?),
            (Some(recalled), _) => {
                let list = value.trim().strip_prefix('[')?.strip_suffix(']')?;
                let mut rest = list.trim();
                while !rest.is_empty() {
                    let (text, behind) = string_at(rest)?;
                    entries.push(Entry { language, recalled, name, text });
                    rest = behind.trim_start().trim_start_matches(',').trim_start();
                }
            }
            _ => return None,
        }
    }
    Some(entries)
}

/// About how long an entry is; good for a first guess of their number.
const BYTES_PER_ENTRY: usize = 44;

/// The string in double quotes at the start of a text, and what stands behind it. Only quotes may be escaped.
fn string_at(text: &str) -> Option<(Cow<'_, str>, &str)> {
    let inner = text.strip_prefix('"')?;
    let end = inner.find(['"', '\\'])?;
    if inner.as_bytes()[end] == b'"' {
        return Some((Cow::Borrowed(&inner[..end]), &inner[end + 1..]));
    }
    let mut plain = String::new();
    let mut rest = inner;
    loop {
        let at = rest.find(['"', '\\'])?;
        plain.push_str(&rest[..at]);
        if rest.as_bytes()[at] == b'"' {
            return Some((Cow::Owned(plain), &rest[at + 1..]));
        }
        rest = rest[at + 1..].strip_prefix('"')?;
        plain.push('"');
    }
}

/// A value that is one string.
fn string(value: &str) -> Option<Cow<'_, str>> {
    let (text, behind) = string_at(value.trim())?;
    behind.is_empty().then_some(text)
}

#[cfg(test)]
mod tests {
    use super::super::{TABLE, Table};
    use super::*;

    #[test]
    fn the_shipped_table_is_read_as_toml_reads_it() {
        let table: Table = toml::from_str(TABLE).unwrap();
        let mut expected = Vec::new();
        for (language, texts) in table.language.iter().enumerate() {
            for (recalled, texts) in [(false, &texts.quoted), (true, &texts.recalled)] {
                for (name, texts) in texts {
                    let entry =
                        |text: &String| Entry { language, recalled, name, text: Cow::Owned(text.clone()) };
                    expected.extend(texts.iter().map(entry));
                }
            }
        }
        // What is quoted goes before what is recalled; the order of the names does not matter.
        let mut entries = read(TABLE).unwrap();
        assert!(entries.is_sorted_by_key(|entry| (entry.language, entry.recalled)));
        entries.sort_by_key(|entry| (entry.language, entry.recalled, entry.name));
        assert!(entries == expected);
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_toml() {
        assert!(read("[[language]]\ntag = 'en'\n").is_none());
        assert!(read("[[language]]\n[language.quoted]\nL_X = [\n\"a\"]\n").is_none());
        assert!(read("[[language]]\ntag = \"a\\u0020b\"\n").is_none());
    }
}
