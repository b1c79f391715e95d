//! Events as dots on one lane for each machine.

use std::collections::BTreeMap;

use messages::Catalogue;

use crate::document::{Document, Event};
use crate::html::axis::Axis;
use crate::html::markup::Markup;
use crate::visible::clip;
use crate::words;

const WIDTH: i64 = 880;
const LEFT: i64 = 170;
const RIGHT: i64 = 860;
const LANE: i64 = 28;

/// Machines that get a lane; events of further ones stand in the table only.
const LANES_MAX: usize = 16;

/// Dots that are drawn; more of them are thinned, failures last.
const DOTS_MAX: usize = 800;

/// Characters of a machine's name beside its lane.
const NAME_MAX: usize = 20;

/// Kinds of events in the order of the legend.
const KINDS: [&str; 8] =
    ["request", "response", "activated", "refused", "count", "published", "failed", "other"];

/// Draws the time line and its legend.
pub fn draw(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    let events = &document.timeline;
    let times = || events.iter().map(|event| event.at);
    let (Some(first), Some(last)) = (times().min(), times().max()) else { return };
    let axis = Axis { first, last, left: LEFT, right: RIGHT };
    let lanes = lanes(events);
    let bottom = LANE * i64::try_from(lanes.len()).unwrap_or(0) + 10;
    out.geometry(&format!("<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\">\n", bottom + 26));
    let description = catalogue.text("timeline-description", &[("count", words::number(events.len()))]);
    out.element("<title>", &description, "</title>\n");
    for (number, name) in lanes.iter().enumerate() {
        let y = lane_height(number);
        out.geometry(&format!("<line class=\"lane\" x1=\"{LEFT}\" y1=\"{y}\" x2=\"{RIGHT}\" y2=\"{y}\"/>\n"));
        out.geometry(&format!("<text x=\"{}\" y=\"{y}\" dy=\"4\" text-anchor=\"end\">", LEFT - 12));
        out.text(&clip(name, NAME_MAX)).tag("</text>\n");
    }
    for event in dots(events) {
        if let Some(lane) = lanes.iter().position(|name| *name == machine(event)) {
            dot(out, event, &axis.x(event.at), lane_height(lane), catalogue);
        }
    }
    axis.draw(out, bottom);
    out.tag("</svg>\n");
    legend(out, events, catalogue);
}

fn lane_height(number: usize) -> i64 {
    LANE * i64::try_from(number).unwrap_or(0) + LANE / 2
}

fn machine(event: &Event) -> &str {
    event.machine.as_deref().unwrap_or("?")
}

/// The machines with most events, by name.
fn lanes(events: &[Event]) -> Vec<&str> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for event in events {
        *counts.entry(machine(event)).or_default() += 1;
    }
    let mut most: Vec<(&str, usize)> = counts.into_iter().collect();
    most.sort_by(|left, right| right.1.cmp(&left.1).then(left.0.cmp(right.0)));
    most.truncate(LANES_MAX);
    let mut names: Vec<&str> = most.into_iter().map(|(name, _)| name).collect();
    names.sort_unstable();
    names
}

/// The events that are drawn, in the order of time: all failures that fit, and an even share of the rest.
fn dots(events: &[Event]) -> Vec<&Event> {
    let bad = |event: &&Event| matches!(event.what.as_str(), "failed" | "refused");
    let failures = events.iter().filter(bad).count();
    let failure_stride = failures.div_ceil(DOTS_MAX / 2).max(1);
    let stride = (events.len() - failures).div_ceil(DOTS_MAX / 2).max(1);
    let mut seen = [0usize; 2];
    let keep = |event: &&Event| {
        let is_bad = bad(event);
        let number = &mut seen[usize::from(is_bad)];
        *number += 1;
        (*number - 1) % if is_bad { failure_stride } else { stride } == 0
    };
    events.iter().filter(keep).collect()
}

fn dot(out: &mut Markup, event: &Event, x: &str, y: i64, catalogue: &Catalogue) {
    // The kind becomes a class, so it is one of ours or none.
    let kind = KINDS.iter().find(|kind| **kind == event.what).copied().unwrap_or("other");
    out.geometry(&format!("<circle class=\"dot {kind}\" cx=\"{x}\" cy=\"{y}\" r=\"5\"><title>"));
    let what = catalogue.label(words::what(&event.what));
    out.text(&format!("{} · {} {what} · {}", event.at.shown(), event.event_id, event.text));
    out.tag("</title></circle>\n");
}

fn legend(out: &mut Markup, events: &[Event], catalogue: &Catalogue) {
    out.tag("<ul class=\"legend small\">");
    for kind in KINDS.iter().filter(|kind| events.iter().any(|event| event.what == **kind)) {
        out.geometry(&format!("<li class=\"{kind}\"><i></i>"))
            .text(&catalogue.label(words::what(kind)))
            .tag("</li>");
    }
    out.tag("</ul>\n");
}
