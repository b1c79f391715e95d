//! Tables with a header, a line of dashes and rows, as Format-Table and `az -o table` print them.

use super::object::{Field, Object, Shape};
use crate::text::Text;

/// Reads the table whose header stands at a line; returns its rows and the index behind them.
pub fn read_rows(text: &Text<'_>, at: usize) -> Option<(Vec<Object>, usize)> {
    let dashes = dash_columns(text, at + 1)?;
    let header = columns(text, at, &dashes);
    if header.iter().any(|name| name.is_empty()) {
        return None;
    }
    let mut rows = Vec::new();
    let mut index = at + 2;
    while index < text.len() && !text.is_blank(index) && text.line(index).is_some_and(|l| l.command.is_none())
    {
        let place = text.place(index);
        let values = columns(text, index, &dashes);
        let fields = header
            .iter()
            .zip(values)
            .map(|(name, value)| Field { name: name.clone(), value, place: place.clone() })
            .collect();
        rows.push(Object { fields, place, shape: Shape::Table });
        index += 1;
    }
    Some((rows, index))
}

/// Start columns of the runs of dashes in a line that holds nothing else.
fn dash_columns(text: &Text<'_>, at: usize) -> Option<Vec<usize>> {
    let line = text.line(at)?;
    let body: &str = &line.text;
    if !body.contains('-') || !body.chars().all(|c| c == '-' || c == ' ') {
        return None;
    }
    let mut starts = Vec::new();
    let mut previous = ' ';
    for (column, c) in body.chars().enumerate() {
        if c == '-' && previous == ' ' {
            starts.push(column + line.indent);
        }
        previous = c;
    }
    (starts.len() >= 2).then_some(starts)
}

/// The cells of a line; a cell that overlaps a column's start is moved to the side where most of it stands.
fn columns(text: &Text<'_>, at: usize, starts: &[usize]) -> Vec<String> {
    let Some(line) = text.line(at) else { return Vec::new() };
    let chars: Vec<char> = std::iter::repeat_n(' ', line.indent).chain(line.text.chars()).collect();
    let mut cells = Vec::with_capacity(starts.len());
    for (n, &start) in starts.iter().enumerate() {
        let from = cell_start(&chars, start);
        let to = starts.get(n + 1).map_or(chars.len(), |&next| cell_start(&chars, next));
        let cell: String = chars.get(from..to.max(from)).unwrap_or_default().iter().collect();
        cells.push(cell.trim().to_owned());
    }
    cells
}

/// Pastes shift columns by a little: when a column starts inside a word, take the word's own start.
fn cell_start(chars: &[char], start: usize) -> usize {
    let start = start.min(chars.len());
    let inside = start > 0 && start < chars.len() && chars[start] != ' ' && chars[start - 1] != ' ';
    if !inside {
        return start;
    }
    (0..start).rev().take(6).find(|&i| chars[i] == ' ').map_or(start, |space| space + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_rows_with_empty_cells() {
        let original = "Source                 State    Address Prefix    Next Hop Type          Next Hop IP\n\
                        ---------------------  -------  ----------------  ---------------------  -------------\n\
                        Default                Active   10.8.0.0/16       VnetLocal\n\
                        VirtualNetworkGateway  Active   0.0.0.0/1         VirtualNetworkGateway  10.1.0.6\n\nend\n";
        let text = Text::new("t".into(), original, 1);
        let (rows, next) = read_rows(&text, 0).unwrap();
        assert_eq!((rows.len(), next), (2, 4));
        assert_eq!(rows[0].get("Next Hop IP"), None);
        assert_eq!(rows[1].get("next hop ip"), Some("10.1.0.6"));
    }
}
