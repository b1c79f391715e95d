//! The axis of time below a drawing.

use crate::html::markup::Markup;
use crate::moment::Moment;

/// Marks on the axis.
const TICKS: i128 = 4;

/// Spans longer than this show days, shorter ones minutes.
const DAYS_FROM_SECONDS: i128 = 4 * 86_400;

/// From times to horizontal places.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    /// Earliest time.
    pub first: Moment,
    /// Latest time.
    pub last: Moment,
    /// Place of the earliest time.
    pub left: i64,
    /// Place of the latest time.
    pub right: i64,
}

impl Axis {
    fn span(&self) -> i128 {
        i128::from(self.last.seconds) - i128::from(self.first.seconds)
    }

    /// The place of a time, in tenths, so that drawings are the same on every machine.
    pub fn tenths(&self, at: Moment) -> i128 {
        let (left, right) = (i128::from(self.left) * 10, i128::from(self.right) * 10);
        if self.span() <= 0 {
            return (left + right) / 2;
        }
        let since = i128::from(at.seconds) - i128::from(self.first.seconds);
        left + (right - left) * since.clamp(0, self.span()) / self.span()
    }

    /// The place of a time as SVG writes it.
    pub fn x(&self, at: Moment) -> String {
        decimal(self.tenths(at))
    }

    /// Draws the axis and its times at a height.
    pub fn draw(&self, out: &mut Markup, y: i64) {
        let line = format!(
            "<line class=\"axis\" x1=\"{}\" y1=\"{y}\" x2=\"{}\" y2=\"{y}\"/>\n",
            self.left, self.right
        );
        out.geometry(&line);
        let ticks = if self.span() > 0 { TICKS } else { 0 };
        let mut before = String::new();
        for tick in 0..=ticks {
            let seconds = i128::from(self.first.seconds) + self.span() * tick / ticks.max(1);
            let at =
                Moment { seconds: i64::try_from(seconds).unwrap_or(self.last.seconds), utc: self.first.utc };
            let label = if self.span() > DAYS_FROM_SECONDS { at.day() } else { at.minute() };
            if label == before {
                continue;
            }
            let anchor = match tick {
                _ if ticks == 0 => "middle",
                0 => "start",
                _ if tick == ticks => "end",
                _ => "middle",
            };
            let text = format!("<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">", self.x(at), y + 18);
            out.geometry(&text).text(&label).tag("</text>\n");
            before = label;
        }
    }
}

/// Tenths as a decimal fraction.
pub fn decimal(tenths: i128) -> String {
    if tenths % 10 == 0 {
        format!("{}", tenths / 10)
    } else {
        format!("{}.{}", tenths / 10, (tenths % 10).abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_times() {
        let axis = Axis { first: Moment::utc(0), last: Moment::utc(300), left: 100, right: 200 };
        assert_eq!(axis.x(Moment::utc(0)), "100");
        assert_eq!(axis.x(Moment::utc(100)), "133.3");
        assert_eq!(axis.x(Moment::utc(i64::MAX)), "200");
        let still = Axis { last: Moment::utc(0), ..axis };
        assert_eq!(still.x(Moment::utc(0)), "150");
    }
}
