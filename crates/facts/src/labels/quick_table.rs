//! Reading the shipped table of labels: the few forms of TOML that it is written in, in a fraction of the time.
//!
//! Every run of the program needs the table, and the general parser took longer than everything else at the start.

use std::collections::BTreeMap;

use super::Language;

/// The languages of a table in which every entry stands in a line of its own; nothing if it is written otherwise.
pub(super) fn read(table: &str) -> Option<Vec<Language>> {
    let mut languages: Vec<Language> = Vec::new();
    let mut recalled = None;
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line {
            "[[language]]" => {
                languages.push(Language::default());
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
        let language = languages.last_mut()?;
        match (recalled, name) {
            (None, "tag") => language.tag = string(value)?,
            (None, "source") => language.source = string(value)?,
            (Some(false), _) => add(&mut language.quoted, name, value)?,
            (Some(true), _) => add(&mut language.recalled, name, value)?,
            _ => return None,
        }
    }
    Some(languages)
}

fn add(texts: &mut BTreeMap<String, Vec<String>>, name: &str, value: &str) -> Option<()> {
    let list = value.trim().strip_prefix('[')?.strip_suffix(']')?;
    let mut rest = list.trim();
    let mut values = Vec::new();
    while !rest.is_empty() {
        let end = string_end(rest)?;
        values.push(string(&rest[..end])?);
        rest = rest[end..].trim_start().trim_start_matches(',').trim_start();
    }
    texts.insert(name.to_owned(), values);
    Some(())
}

/// Behind the quote that ends the string at the start of a text.
fn string_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    let inner = text.strip_prefix('"')?;
    let end = inner.bytes().position(|byte| {
        let ends = byte == b'"' && !escaped;
        escaped = byte == b'\\' && !escaped;
        ends
    })?;
    Some(end + 2)
}

/// A string in double quotes, with no escapes but those of quotes.
fn string(value: &str) -> Option<String> {
    let value = value.trim();
    let inner = value.strip_prefix('"')?.strip_suffix('"')?;
    if string_end(value)? != value.len() {
        return None;
    }
    let plain = inner.replace("\\\"", "\"");
    (!plain.contains('\\')).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::super::{TABLE, Table};
    use super::*;

    #[test]
    fn the_shipped_table_is_read_as_toml_reads_it() {
        let table: Table = toml::from_str(TABLE).unwrap();
        assert!(read(TABLE).unwrap() == table.language);
    }

    #[test]
    fn what_is_written_otherwise_is_left_to_toml() {
        assert!(read("[[language]]\ntag = 'en'\n").is_none());
        assert!(read("[[language]]\n[language.quoted]\nL_X = [\n\"a\"]\n").is_none());
        assert!(read("[[language]]\ntag = \"a\\u0020b\"\n").is_none());
    }
}
