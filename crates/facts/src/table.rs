//! Reading a table: rows with the line they stand on, and errors that name file, line and what was expected.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::DeserializeOwned;
use toml::Spanned;

/// A table that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {problem}")]
pub struct TableError {
    /// File name of the table.
    pub file: String,
    /// One-based line.
    pub line: usize,
    /// What is wrong and what was expected.
    pub problem: String,
}

/// The text of one table and its file name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableText<'a> {
    pub(crate) file: &'a str,
    pub(crate) text: &'a str,
}

impl<'a> TableText<'a> {
    /// The document, or the place where it departs from the expected form.
    pub(crate) fn parse<T: DeserializeOwned>(self) -> Result<T, TableError> {
        toml::from_str(self.text).map_err(|error| {
            let offset = error.span().map_or(0, |span| span.start);
            self.error(offset, error.message().to_string())
        })
    }

    /// An error at a byte offset of the text.
    pub(crate) fn error(self, offset: usize, problem: impl Into<String>) -> TableError {
        let before = self.text.get(..offset).unwrap_or(self.text);
        let line = before.bytes().filter(|&b| b == b'\n').count() + 1;
        self.error_at_line(line, problem)
    }

    /// An error on a known line.
    pub(crate) fn error_at_line(self, line: usize, problem: impl Into<String>) -> TableError {
        TableError { file: self.file.to_string(), line, problem: problem.into() }
    }

    /// The rows by key; two rows with one key are an error, and so is a row that cites no known source.
    pub(crate) fn keyed<K, Row>(
        self,
        rows: Vec<Spanned<Row>>,
        sources: &crate::sources::Sources,
        key: impl Fn(&Row) -> K,
        cited: impl Fn(&Row) -> &[String],
    ) -> Result<BTreeMap<K, Row>, TableError>
    where
        K: Ord + fmt::Display,
    {
        let mut by_key = BTreeMap::new();
        for row in rows {
            let offset = row.span().start;
            let row = row.into_inner();
            sources.check(cited(&row)).map_err(|problem| self.error(offset, problem))?;
            let key = key(&row);
            if by_key.contains_key(&key) {
                return Err(self.error(offset, format!("a second row for {key}, expected one row for each")));
            }
            by_key.insert(key, row);
        }
        Ok(by_key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    struct Document {
        #[allow(dead_code)]
        port: u16,
    }

    #[test]
    fn an_error_names_file_line_and_expectation() {
        let table = TableText { file: "thresholds.toml", text: "# first line\nport = \"many\"\n" };
        let error = table.parse::<Document>().unwrap_err();
        assert_eq!((error.file.as_str(), error.line), ("thresholds.toml", 2));
        assert!(error.problem.contains("expected u16"), "{error}");
    }
}
