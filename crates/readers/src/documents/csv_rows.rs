//! CSV as Export-Csv, ConvertTo-Csv, wevtutil wrappers and portals write it.

use super::object::{Field, Object, Shape};
use crate::text::Text;

/// Reads the CSV document whose header stands at a line; calls `row` for each record and returns the index behind it.
///
/// The separator is the comma, semicolon or tab that the header has most of. A `#TYPE` line above is skipped by the
/// caller. Rows of the wrong length are returned as far as they go.
pub fn read_rows(text: &Text<'_>, at: usize, mut row: impl FnMut(Object)) -> Option<usize> {
    let separator = separator(text.at(at))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(true)
        .trim(csv::Trim::Headers)
        .from_reader(text.original_from(at).as_bytes());
    let header = reader.headers().ok()?.clone();
    let mut record = csv::StringRecord::new();
    let mut end = reader.position().byte() as usize;
    while let Ok(true) = reader.read_record(&mut record) {
        let start = record.position().map_or(0, |p| p.byte()) as usize;
        let line = text.line_after(at, start.max(1));
        // A blank line, or a row of a single cell, ends a table that stands within other text.
        if record.len() < 2 && header.len() >= 2 {
            break;
        }
        let place = text.place(line);
        let fields = header
            .iter()
            .zip(record.iter())
            .map(|(name, value)| Field {
                name: name.trim_matches('"').to_owned(),
                value: value.to_owned(),
                place: place.clone(),
            })
            .collect();
        row(Object { fields, place, shape: Shape::Csv });
        end = reader.position().byte() as usize;
    }
    Some(text.line_after(at, end.max(1)))
}

/// The separator of a header line with at least two plain column names.
pub fn separator(header: &str) -> Option<u8> {
    let count = |c: char| header.matches(c).count();
    let best = [',', ';', '\t'].into_iter().max_by_key(|&c| count(c)).filter(|&c| count(c) >= 1)?;
    Some(best as u8)
}

/// The column names of a line, if it looks like a header: two or more names without spaces at their ends.
pub fn header_names(line: &str) -> Option<Vec<String>> {
    let separator = char::from(separator(line)?);
    let names: Vec<String> = line.split(separator).map(|n| n.trim().trim_matches('"').to_owned()).collect();
    (names.len() >= 2 && names.iter().all(|n| n.len() <= 80)).then_some(names)
}
