//! Many comparisons as a table.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use crate::check::{Grade, Outcome};

/// The comparisons counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Summary {
    /// As expected.
    pub ok: usize,
    /// Acceptable.
    pub near: usize,
    /// Not as expected.
    pub wrong: usize,
    /// Of the wrong: something was named with confidence that is not the fault.
    pub wrong_with_confidence: usize,
}

impl Summary {
    /// Counts.
    pub fn of<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Summary {
        let mut summary = Summary::default();
        for outcome in outcomes {
            match outcome.grade {
                Grade::Ok => summary.ok += 1,
                Grade::Near => summary.near += 1,
                Grade::Wrong => summary.wrong += 1,
            }
            summary.wrong_with_confidence += usize::from(outcome.wrong_with_confidence);
        }
        summary
    }
}

/// The comparisons as a table with their problems and a summary.
pub fn table(outcomes: &[(String, Outcome)]) -> String {
    let width = |cells: &dyn Fn(&(String, Outcome)) -> usize| outcomes.iter().map(cells).max().unwrap_or(0);
    let names = width(&|(name, _)| name.width()).max("scenario".len());
    let expected = width(&|(_, outcome)| outcome.expected.width()).max("expected".len());
    let got = width(&|(_, outcome)| outcome.got.width()).max("got".len());
    let mut out = String::new();
    let mut line = |cells: [&str; 5]| {
        let pad =
            |text: &str, width: usize| format!("{text}{}", " ".repeat(width.saturating_sub(text.width())));
        let row = format!(
            "{}  {}  {}  {}  {}",
            pad(cells[0], names),
            pad(cells[1], expected),
            pad(cells[2], got),
            pad(cells[3], 5),
            cells[4]
        );
        let _ = writeln!(out, "{}", row.trim_end());
    };
    line(["scenario", "expected", "got", "grade", "confidence"]);
    for (name, outcome) in outcomes {
        let grade = match outcome.grade {
            Grade::Ok => "ok",
            Grade::Near => "near",
            Grade::Wrong => "WRONG",
        };
        line([name, &outcome.expected, &outcome.got, grade, &outcome.confidence]);
        for problem in &outcome.problems {
            line([&format!("    {problem}"), "", "", "", ""]);
        }
    }
    let summary = Summary::of(outcomes.iter().map(|(_, outcome)| outcome));
    let _ = writeln!(
        out,
        "\n{} scenarios: {} ok, {} near, {} wrong, {} of them with confidence",
        outcomes.len(),
        summary.ok,
        summary.near,
        summary.wrong,
        summary.wrong_with_confidence
    );
    out
}
