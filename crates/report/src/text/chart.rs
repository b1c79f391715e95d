//! The count of a host as a step chart of plain characters.

use crate::document::Curve;
use crate::text::page::{Page, Style};

/// Lines of the chart above its axis.
const HEIGHT: u64 = 8;

/// Columns of the chart at most.
const WIDTH_MAX: usize = 64;

/// Draws the chart: `#` for the count, `-` for the counts that clients ask for.
pub fn draw(page: &mut Page, indent: usize, curve: &Curve) {
    let (Some(first), Some(last)) = (curve.points.first(), curve.points.last()) else { return };
    let top = curve.points.iter().map(|point| point.count).chain(curve.thresholds.iter().copied()).max();
    let top = u64::from(top.unwrap_or(0).max(1));
    let digits = top.to_string().len();
    let columns = sample(curve, WIDTH_MAX.min(page.width().saturating_sub(indent + digits + 3)).max(1));
    for row in (1..=HEIGHT).rev() {
        let threshold = curve.thresholds.iter().find(|count| row_of(u64::from(**count), top) == row);
        let label = match threshold {
            Some(count) => count.to_string(),
            None if row == HEIGHT => top.to_string(),
            None => String::new(),
        };
        let empty = if threshold.is_some() { '-' } else { ' ' };
        let bar = |count: &u32| if row_of(u64::from(*count), top) >= row { '#' } else { empty };
        let line: String = columns.iter().map(bar).collect();
        page.line(indent, Style::Plain, format!("{label:>digits$} |{line}").trim_end());
    }
    page.line(indent, Style::Plain, &format!("{:>digits$} +{}", 0, "-".repeat(columns.len())));
    let (from, to) = (first.at.shown(), last.at.shown());
    let between = " ".repeat(columns.len().saturating_sub(from.len() + to.len()).max(2));
    page.line(indent + digits + 2, Style::Dim, &format!("{from}{between}{to}"));
}

/// The highest row that a count fills, 0 for none: anything above zero fills one.
fn row_of(count: u64, top: u64) -> u64 {
    if count == 0 { 0 } else { ((count * HEIGHT * 2 + top) / (top * 2)).clamp(1, HEIGHT) }
}

/// The count at the end of each of `width` equal spans of time.
fn sample(curve: &Curve, width: usize) -> Vec<u32> {
    let points = &curve.points;
    let (Some(first), Some(last)) = (points.first(), points.last()) else { return Vec::new() };
    let span = i128::from(last.at.seconds) - i128::from(first.at.seconds);
    let mut at = 0;
    (1..=width)
        .map(|column| {
            let until = i128::from(first.at.seconds) + span * column as i128 / width as i128;
            while points.get(at + 1).is_some_and(|next| i128::from(next.at.seconds) <= until) {
                at += 1;
            }
            points[at].count
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Point;
    use crate::moment::Moment;
    use crate::text::TextOptions;

    fn curve(points: &[(i64, u32)]) -> Curve {
        Curve {
            host: "kms01".into(),
            application: "windows".into(),
            points: points.iter().map(|&(at, count)| Point { at: Moment::utc(at), count }).collect(),
            thresholds: vec![25],
            cap: 50,
            last: points.last().map_or(0, |point| point.1),
            names: 1,
            distinct_cmids: 1,
            printed: None,
        }
    }

    #[test]
    fn samples_the_count_at_the_end_of_each_span() {
        assert_eq!(sample(&curve(&[(0, 1), (50, 2), (100, 3)]), 4), [1, 2, 2, 3]);
        assert_eq!(sample(&curve(&[(7, 4)]), 3), [4, 4, 4]);
        assert_eq!(sample(&curve(&[(i64::MIN, 1), (i64::MAX, 2)]), 2), [1, 2]);
    }

    #[test]
    fn draws_the_threshold_where_the_count_does_not_reach() {
        let options = TextOptions { width: 40, color: false, verbose: false };
        let mut page = Page::new(&options);
        draw(&mut page, 2, &curve(&[(0, 3), (86_400, 12)]));
        let text = page.finish();
        assert_eq!(text.lines().next().unwrap(), format!("  25 |{}", "-".repeat(33)));
        assert!(text.lines().nth(7).unwrap().contains("|####"), "{text}");
        let mut page = Page::new(&options);
        draw(&mut page, 2, &curve(&[]));
        assert_eq!(page.finish(), "");
    }
}
