//! The count of a host as an SVG step curve against what clients need and the host's cap.

use crate::document::{Curve, Point};
use crate::html::axis::{Axis, decimal};
use crate::html::markup::Markup;
use crate::words;
use messages::{Argument, Catalogue};

const WIDTH: i64 = 880;
const LEFT: i64 = 40;
const RIGHT: i64 = 860;
const TOP: i64 = 22;
const BOTTOM: i64 = 200;

/// Steps that are drawn; more of them are thinned.
const POINTS_MAX: usize = 1500;

/// Draws one curve.
pub fn draw(out: &mut Markup, curve: &Curve, catalogue: &Catalogue) {
    let (Some(first), Some(last)) = (curve.points.first(), curve.points.last()) else { return };
    let axis = Axis { first: first.at, last: last.at, left: LEFT, right: RIGHT };
    let highest = curve.points.iter().map(|point| point.count).chain(curve.thresholds.iter().copied());
    let top = i128::from(highest.chain([curve.cap]).max().unwrap_or(1).max(1));
    let y = |count: u32| decimal(height_tenths(count, top));
    out.geometry(&format!("<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\">\n", BOTTOM + 26));
    let last_count = [("host", Argument::Text(&curve.host)), ("last", Argument::Number(curve.last.into()))];
    out.element("<title>", &catalogue.text("curve-description", &last_count), "</title>\n");
    let path = steps(&curve.points, &axis, top);
    let (from, to) = (axis.x(first.at), axis.x(last.at));
    out.geometry(&format!("<path class=\"area\" d=\"{path}V{BOTTOM}H{from}Z\"/>\n"));
    level(out, "cap", &y(curve.cap), &words::count("curve-cap", curve.cap, catalogue));
    for threshold in &curve.thresholds {
        level(out, "threshold", &y(*threshold), &words::count("curve-threshold", *threshold, catalogue));
    }
    out.geometry(&format!("<path class=\"curve\" d=\"{path}\"/>\n"));
    out.geometry(&format!("<circle class=\"dot\" cx=\"{to}\" cy=\"{}\" r=\"4\"/>\n", y(curve.last)));
    for count in [0, curve.last] {
        let label = format!(
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" dy=\"4\">{count}</text>\n",
            LEFT - 6,
            y(count)
        );
        out.geometry(&label);
    }
    axis.draw(out, BOTTOM);
    out.tag("</svg>\n");
}

fn height_tenths(count: u32, top: i128) -> i128 {
    let room = i128::from(BOTTOM - TOP) * 10;
    i128::from(BOTTOM) * 10 - room * i128::from(count).min(top) / top
}

/// The path of the steps: level until the next change, then up or down.
fn steps(points: &[Point], axis: &Axis, top: i128) -> String {
    let stride = points.len().div_ceil(POINTS_MAX).max(1);
    let last = points.len().saturating_sub(1);
    let mut path = String::new();
    for (number, point) in points.iter().enumerate() {
        if number % stride != 0 && number != last {
            continue;
        }
        let (x, y) = (axis.x(point.at), decimal(height_tenths(point.count, top)));
        path.push_str(&if path.is_empty() { format!("M{x} {y}") } else { format!("H{x}V{y}") });
    }
    path
}

fn level(out: &mut Markup, class: &'static str, y: &str, label: &str) {
    let line = format!("<line class=\"{class}\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{RIGHT}\" y2=\"{y}\"/>\n");
    let text = format!("<text class=\"{class}-label\" x=\"{}\" y=\"{y}\" dy=\"-4\">", LEFT + 6);
    out.geometry(&line).geometry(&text).text(label).tag("</text>\n");
}
