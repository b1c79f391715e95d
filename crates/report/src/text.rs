//! The report for a terminal: readable without colour, from 80 columns up.

mod chart;
mod finding;
mod page;
mod table;
mod wrap;

use diagnosis::Outcome;
use messages::Catalogue;

use crate::document::{Document, Event, Unknown};
use crate::text::page::{Page, Style};
use crate::text::wrap::{columns, fit, pad};
use crate::visible::{lines, one_line};
use crate::words;

/// Rows of a table, lines of a list, when not verbose.
const ROWS_SHORT: usize = 12;

/// Rows of a table, lines of a list, when verbose.
const ROWS_LONG: usize = 1000;

/// Columns of a time, `2026-11-21 06:11:03 UTC`.
const TIME: usize = 23;

/// Columns of a machine's name beside its events.
const NAME_MAX: usize = 24;

/// The column of the machine table that is cut first.
const PRODUCT: usize = 2;

/// How to render for a terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TextOptions {
    /// Columns of the terminal.
    pub width: usize,
    /// Whether to use ANSI colours.
    pub color: bool,
    /// Whether to show everything rather than what matters most.
    pub verbose: bool,
}

impl Default for TextOptions {
    fn default() -> TextOptions {
        TextOptions { width: 80, color: false, verbose: false }
    }
}

impl TextOptions {
    fn rows(&self) -> usize {
        if self.verbose { ROWS_LONG } else { ROWS_SHORT }
    }
}

/// What the parts of the report share.
struct Context<'a> {
    document: &'a Document,
    catalogue: &'a Catalogue,
    options: &'a TextOptions,
}

/// The report as text.
pub fn render(document: &Document, catalogue: &Catalogue, options: &TextOptions) -> String {
    let context = Context { document, catalogue, options };
    let mut page = Page::new(options);
    verdict(&mut page, &context);
    findings(&mut page, &context);
    // What is missing comes before what is fine when that is all there is to do.
    if document.verdict == Outcome::Undecided {
        unknown(&mut page, &context);
        checked(&mut page, &context);
    } else {
        checked(&mut page, &context);
        unknown(&mut page, &context);
    }
    observed(&mut page, &context);
    codes(&mut page, &context);
    notes(&mut page, &context);
    machines(&mut page, &context);
    timeline(&mut page, &context);
    curves(&mut page, &context);
    page.gap();
    page.prose(0, Style::Dim, &words::read_summary(document, catalogue));
    page.finish()
}

fn verdict(page: &mut Page, context: &Context<'_>) {
    let document = context.document;
    let style = match document.verdict {
        Outcome::Fault => Style::Red,
        Outcome::Clear => Style::Green,
        Outcome::Undecided => Style::Yellow,
    };
    let label = context.catalogue.label(words::verdict(document.verdict));
    match document.root() {
        Some(root) => page.prose(0, style, &words::labelled(&label, &lines(&root.title), context.catalogue)),
        None => page.prose(0, style, &label),
    }
    if let (None, Some(sentence)) = (document.root(), words::sentence(document)) {
        page.prose(0, Style::Plain, &context.catalogue.label(sentence));
    }
}

fn findings(page: &mut Page, context: &Context<'_>) {
    if let Some(root) = context.document.root() {
        finding::in_full(page, context, root);
    }
    let others: Vec<_> = context.document.others().collect();
    if others.is_empty() {
        return;
    }
    let heading =
        if context.document.root().is_some() { "heading-other-findings" } else { "heading-findings" };
    page.heading(Style::Bold, &context.catalogue.label(heading));
    for (number, other) in others.iter().enumerate() {
        if number > 0 {
            page.gap();
        }
        finding::in_short(page, context, other);
    }
}

fn checked(page: &mut Page, context: &Context<'_>) {
    let checked = &context.document.checked;
    if checked.is_empty() {
        return;
    }
    page.heading(Style::Bold, &context.catalogue.label("heading-checked"));
    if context.options.verbose {
        for rule in checked {
            page.hanging(2, &format!("{}  ", rule.rule), Style::Plain, &lines(&rule.title));
        }
        return;
    }
    let list: Vec<String> =
        checked.iter().map(|rule| format!("{} ({})", one_line(&rule.title), rule.rule)).collect();
    page.prose(2, Style::Plain, &list.join(&context.catalogue.label("part-separator")));
}

fn unknown(page: &mut Page, context: &Context<'_>) {
    let (unknown, rows) = (&context.document.unknown, context.options.rows());
    if unknown.is_empty() {
        return;
    }
    page.heading(Style::Bold, &context.catalogue.label("heading-unknown"));
    page.lead(2, context.catalogue, "heading-collect");
    for command in &context.document.collect {
        page.line(4, Style::Cyan, &one_line(command));
    }
    page.gap();
    for rule in unknown.iter().take(rows) {
        one_unknown(page, rule);
    }
    more(page, context, unknown.len(), rows);
}

fn one_unknown(page: &mut Page, rule: &Unknown) {
    page.hanging(2, &format!("{}  ", rule.rule), Style::Plain, &lines(&rule.title));
    page.prose(8, Style::Plain, &lines(&rule.missing));
}

fn notes(page: &mut Page, context: &Context<'_>) {
    let (notes, rows) = (&context.document.notes, context.options.rows());
    if notes.is_empty() {
        return;
    }
    page.heading(Style::Bold, &context.catalogue.label("heading-notes"));
    for note in notes.iter().take(rows) {
        let place = words::place(&note.source, context.catalogue);
        page.placed(2, &place, &one_line(&note.text));
    }
    more(page, context, notes.len(), rows);
}

/// Where nothing is proved, what there is to see.
fn observed(page: &mut Page, context: &Context<'_>) {
    let (observed, rows, catalogue) = (&context.document.observed, context.options.rows(), context.catalogue);
    if observed.is_empty() || context.document.verdict == Outcome::Fault {
        return;
    }
    page.heading(Style::Bold, &catalogue.label("heading-observed"));
    for citation in observed.iter().take(rows) {
        page.prose(2, Style::Plain, &words::citation(citation, catalogue));
    }
    more(page, context, observed.len(), rows);
}

fn codes(page: &mut Page, context: &Context<'_>) {
    let (codes, rows, catalogue) = (&context.document.codes, context.options.rows(), context.catalogue);
    if codes.is_empty() {
        return;
    }
    page.heading(Style::Bold, &catalogue.label("heading-codes"));
    for code in codes.iter().take(rows) {
        page.prose(2, Style::Plain, &words::code(code, catalogue));
    }
    more(page, context, codes.len(), rows);
}

fn machines(page: &mut Page, context: &Context<'_>) {
    let (machines, rows, catalogue) = (&context.document.machines, context.options.rows(), context.catalogue);
    if machines.is_empty() {
        return;
    }
    page.heading(Style::Bold, &catalogue.label("heading-machines"));
    let mut headings: Vec<String> = ["column-machine", "column-role", "column-product", "column-license"]
        .iter()
        .map(|key| catalogue.label(key))
        .collect();
    if context.options.verbose {
        headings.push(catalogue.label("column-cmid"));
    }
    let row = |machine: &crate::document::Machine| {
        let product = one_line(machine.product.as_deref().unwrap_or_default());
        let cmid = one_line(machine.cmid.as_deref().unwrap_or_default());
        let name = one_line(&machine.name);
        vec![name, words::roles(machine, catalogue), product, words::license(machine, catalogue), cmid]
    };
    let cells: Vec<Vec<String>> = machines.iter().take(rows).map(row).collect();
    table::draw(page, 2, &headings, &cells, PRODUCT);
    more(page, context, machines.len(), rows);
}

/// The newest events; all of them when verbose.
fn timeline(page: &mut Page, context: &Context<'_>) {
    let (events, rows, catalogue) = (&context.document.timeline, context.options.rows(), context.catalogue);
    if events.is_empty() {
        return;
    }
    page.heading(Style::Bold, &catalogue.label("heading-timeline"));
    let skipped = events.len().saturating_sub(rows);
    if skipped > 0 {
        page.prose(2, Style::Dim, &words::more(skipped, catalogue));
    }
    let machine = |event: &Event| fit(&one_line(event.machine.as_deref().unwrap_or_default()), NAME_MAX);
    let named = events[skipped..].iter().map(|event| columns(&machine(event))).max().unwrap_or(0);
    for event in &events[skipped..] {
        let what = format!("{} {}", event.event_id, catalogue.label(words::what(&event.what)));
        let what = words::labelled(&what, &one_line(&event.text), catalogue);
        let line = format!("{}  {}  {what}", pad(&event.at.shown(), TIME), pad(&machine(event), named));
        page.line(2, Style::Plain, &fit(&line, page.width().saturating_sub(2)));
    }
    if events.iter().any(|event| !event.at.utc) {
        page.prose(2, Style::Dim, &catalogue.label("time-as-printed"));
    }
}

fn curves(page: &mut Page, context: &Context<'_>) {
    let (curves, catalogue) = (&context.document.curves, context.catalogue);
    if curves.is_empty() {
        return;
    }
    page.heading(Style::Bold, &catalogue.label("heading-curves"));
    let shown = context.options.rows();
    for (number, curve) in curves.iter().take(shown).enumerate() {
        if number > 0 {
            page.gap();
        }
        page.prose(2, Style::Plain, &words::curve_heading(curve, catalogue));
        page.prose(2, Style::Plain, &words::curve_summary(curve, catalogue));
        chart::draw(page, 2, curve);
    }
    more(page, context, curves.len(), shown);
}

/// `… and 12 more`, where a list was cut.
fn more(page: &mut Page, context: &Context<'_>, all: usize, shown: usize) {
    if all > shown {
        page.prose(2, Style::Dim, &words::more(all - shown, context.catalogue));
    }
}
