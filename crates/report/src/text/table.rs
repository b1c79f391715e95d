//! A table that fits the terminal.

use crate::text::page::{Page, Style};
use crate::text::wrap::{columns, fit, pad};

/// Blanks between columns.
const GAP: usize = 2;

/// A column is not made narrower than this.
const COLUMN_MIN: usize = 8;

/// Nor the column that is cut first than this, before the others have been cut.
const FIRST_MIN: usize = 16;

/// Draws rows below their headings; columns that are empty in every row are left out, wide ones cut,
/// column `first` before all others.
pub fn draw(page: &mut Page, indent: usize, headings: &[String], rows: &[Vec<String>], first: usize) {
    let cell = |row: &'_ [String], column: usize| row.get(column).cloned().unwrap_or_default();
    let used: Vec<usize> =
        (0..headings.len()).filter(|&column| rows.iter().any(|row| !cell(row, column).is_empty())).collect();
    let natural = |column: &usize| {
        let cells = rows.iter().map(|row| columns(&cell(row, *column)));
        cells.chain([columns(&headings[*column])]).max().unwrap_or(0)
    };
    let mut widths: Vec<usize> = used.iter().map(natural).collect();
    let room = page.width().saturating_sub(indent + GAP * widths.len().saturating_sub(1));
    let first = used.iter().position(|column| *column == first);
    shrink(&mut widths, room, first);
    let line = |row: &[String]| {
        let cells =
            used.iter().zip(&widths).map(|(&column, &width)| pad(&fit(&cell(row, column), width), width));
        cells.collect::<Vec<_>>().join(&" ".repeat(GAP)).trim_end().to_owned()
    };
    page.line(indent, Style::Dim, &line(headings));
    for row in rows {
        page.line(indent, Style::Plain, &line(row));
    }
}

/// Takes columns from the first to be cut, then from the widest, until the sum fits.
fn shrink(widths: &mut [usize], room: usize, first: Option<usize>) {
    let over = widths.iter().sum::<usize>().saturating_sub(room);
    if let Some(width) = first.and_then(|first| widths.get_mut(first)) {
        *width = width.saturating_sub(over).max(FIRST_MIN.min(*width));
    }
    while widths.iter().sum::<usize>() > room {
        match widths.iter_mut().max() {
            Some(widest) if *widest > COLUMN_MIN => *widest -= 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::TextOptions;

    #[test]
    fn leaves_out_empty_columns_and_cuts_wide_ones() {
        let mut page = Page::new(&TextOptions { width: 40, color: false, verbose: false });
        let headings = ["Machine", "Role", "Product"].map(str::to_owned);
        let rows = [vec!["PC7".into(), String::new(), "金鑰".repeat(20)], vec!["PC12".into()]];
        draw(&mut page, 2, &headings, &rows, 2);
        let text = page.finish();
        assert!(text.lines().all(|line| columns(line) <= 40), "{text}");
        assert_eq!(text.lines().next().unwrap(), "  Machine  Product");
        assert_eq!(text.lines().nth(2).unwrap(), "  PC12");
    }
}
