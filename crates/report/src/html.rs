//! The report as one HTML file that can be mailed: no scripts, nothing loaded from anywhere.

mod axis;
mod curve;
mod finding;
mod markup;
mod timeline;

use diagnosis::Outcome;
use messages::{Argument, Catalogue};

use crate::document::{Document, Machine};
use crate::html::markup::Markup;
use crate::words;

const STYLE: &str = include_str!("html/style.css");

/// Events in the table of the time line; the newest win.
const EVENTS_MAX: usize = 2000;

/// Machines, notes and curves at most.
const ROWS_MAX: usize = 1000;

/// The report as HTML.
pub fn render(document: &Document, catalogue: &Catalogue) -> String {
    let mut out = Markup::default();
    head(&mut out, document, catalogue);
    out.tag("<main>\n");
    verdict(&mut out, document, catalogue);
    root(&mut out, document, catalogue);
    others(&mut out, document, catalogue);
    if document.verdict == Outcome::Undecided {
        unknown(&mut out, document, catalogue);
        checked(&mut out, document, catalogue);
    } else {
        checked(&mut out, document, catalogue);
        unknown(&mut out, document, catalogue);
    }
    timeline(&mut out, document, catalogue);
    curves(&mut out, document, catalogue);
    machines(&mut out, &document.machines, catalogue);
    observed(&mut out, document, catalogue);
    codes(&mut out, document, catalogue);
    notes(&mut out, document, catalogue);
    let made_by = catalogue.text("report-made-by", &[("version", Argument::Text(&document.version))]);
    out.element("<footer><p>", &words::read_summary(document, catalogue), "<br>\n").element(
        "",
        &made_by,
        "</p></footer>\n",
    );
    out.tag("</main>\n</body>\n</html>\n");
    out.finish()
}

fn head(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    out.element(
        "<!DOCTYPE html>\n<html lang=\"",
        &document.language,
        "\">\n<head>\n<meta charset=\"utf-8\">\n",
    );
    out.tag("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n");
    out.tag("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    out.tag("<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    let verdict = catalogue.label(words::verdict(document.verdict));
    let title = match document.root() {
        Some(root) => words::labelled(&verdict, &root.title, catalogue),
        None => format!("{verdict} · {}", catalogue.label("report-title")),
    };
    out.element("<title>", &title, "</title>\n<style>\n").tag(STYLE).tag("</style>\n</head>\n<body>\n");
}

fn verdict(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    out.tag(match document.verdict {
        Outcome::Fault => "<header class=\"verdict fault\">\n",
        Outcome::Clear => "<header class=\"verdict clear\">\n",
        Outcome::Undecided => "<header class=\"verdict undecided\">\n",
    });
    out.element("<span class=\"small\">", &catalogue.label("report-title"), "</span><br>\n");
    let label = catalogue.label(words::verdict(document.verdict));
    match document.root() {
        Some(root) => {
            out.element("<span class=\"badge\">", &label, "</span>\n");
            out.element("<h1>", &root.title, "</h1>\n").paragraphs(&root.summary);
            finding::rating(out, root, catalogue);
            finding::about(out, root, catalogue);
        }
        None => {
            out.element("<h1>", &label, "</h1>\n");
            if let Some(sentence) = words::sentence(document) {
                out.element("<p>", &catalogue.label(sentence), "</p>\n");
            }
        }
    }
    out.tag("</header>\n");
}

fn root(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    let Some(root) = document.root() else { return };
    if !root.evidence.is_empty() {
        section(out, "heading-proof", catalogue, |out| finding::proof(out, &root.evidence, catalogue));
    }
    if !root.remedies.is_empty() {
        let heading = if root.remedies.len() > 1 { "heading-fixes" } else { "heading-fix" };
        section(out, heading, catalogue, |out| {
            finding::remedies(out, root, catalogue);
            finding::references(out, root, catalogue);
        });
    }
}

fn section(out: &mut Markup, heading: &str, catalogue: &Catalogue, body: impl FnOnce(&mut Markup)) {
    out.element("<section>\n<h2>", &catalogue.label(heading), "</h2>\n");
    body(out);
    out.tag("</section>\n");
}

fn others(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.others().next().is_some() {
        let root = document.root().is_some();
        let heading = if root { "heading-other-findings" } else { "heading-findings" };
        out.element("<h2 class=\"group\">", &catalogue.label(heading), "</h2>\n");
    }
    for other in document.others() {
        finding::article(out, other, catalogue);
    }
}

fn checked(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.checked.is_empty() {
        return;
    }
    section(out, "heading-checked", catalogue, |out| {
        out.tag("<ul class=\"checked\">\n");
        for rule in &document.checked {
            out.element("<li>", &rule.title, " ").element(
                "<span class=\"small\">",
                &rule.rule,
                "</span></li>\n",
            );
        }
        out.tag("</ul>\n");
    });
}

fn unknown(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.unknown.is_empty() {
        return;
    }
    section(out, "heading-unknown", catalogue, |out| {
        out.element("<div class=\"small\">", &catalogue.label("heading-collect"), "</div>\n");
        finding::commands(out, &document.collect);
        finding::listed(out, document.unknown.len(), catalogue, |out, range| {
            for rule in &document.unknown[range] {
                out.element("<h3>", &rule.title, " ").element(
                    "<span class=\"small\">",
                    &rule.rule,
                    "</span></h3>\n",
                );
                out.paragraphs(&rule.missing);
            }
        });
    });
}

fn timeline(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.timeline.is_empty() {
        return;
    }
    section(out, "heading-timeline", catalogue, |out| {
        timeline::draw(out, document, catalogue);
        let count = [("count", words::number(document.timeline.len()))];
        let label = catalogue.text("timeline-description", &count);
        out.element("<details><summary>", &label, "</summary>\n");
        let keys = [
            "column-time",
            "column-machine",
            "column-event",
            "column-what",
            "column-record",
            "column-source",
        ];
        table_head(out, &keys, catalogue);
        let skipped = document.timeline.len().saturating_sub(EVENTS_MAX);
        for event in &document.timeline[skipped..] {
            out.element("<tr><td class=\"nowrap\">", &event.at.shown(), "</td>");
            out.element("<td><bdi>", event.machine.as_deref().unwrap_or_default(), "</bdi></td>");
            out.element("<td>", &event.event_id.to_string(), "</td>");
            out.element("<td class=\"nowrap\">", &catalogue.label(words::what(&event.what)), "</td>");
            out.element("<td><bdi>", &event.text, "</bdi></td>");
            out.element("<td class=\"small\">", &words::place(&event.source, catalogue), "</td></tr>\n");
        }
        out.tag("</tbody></table></div>\n");
        if skipped > 0 {
            out.element("<p class=\"small\">", &words::more(skipped, catalogue), "</p>\n");
        }
        out.tag("</details>\n");
        if document.timeline.iter().any(|event| !event.at.utc) {
            out.element("<p class=\"small\">", &catalogue.label("time-as-printed"), "</p>\n");
        }
    });
}

fn table_head(out: &mut Markup, keys: &[&str], catalogue: &Catalogue) {
    out.tag("<div class=\"table\"><table><thead><tr>");
    for key in keys {
        out.element("<th>", &catalogue.label(key), "</th>");
    }
    out.tag("</tr></thead><tbody>\n");
}

fn curves(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.curves.is_empty() {
        return;
    }
    section(out, "heading-curves", catalogue, |out| {
        finding::listed(out, document.curves.len(), catalogue, |out, range| {
            for curve in &document.curves[range] {
                out.element("<h3>", &words::curve_heading(curve, catalogue), "</h3>\n");
                out.element("<p class=\"small\">", &words::curve_summary(curve, catalogue), "</p>\n");
                curve::draw(out, curve, catalogue);
            }
        });
    });
}

fn observed(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.observed.is_empty() || document.verdict == Outcome::Fault {
        return;
    }
    section(out, "heading-observed", catalogue, |out| {
        finding::listed(out, document.observed.len(), catalogue, |out, range| {
            out.tag("<ul>\n");
            for citation in &document.observed[range] {
                out.element("<li>", &words::citation(citation, catalogue), "</li>\n");
            }
            out.tag("</ul>\n");
        });
    });
}

fn codes(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.codes.is_empty() {
        return;
    }
    section(out, "heading-codes", catalogue, |out| {
        finding::listed(out, document.codes.len(), catalogue, |out, range| {
            out.tag("<ul>\n");
            for code in &document.codes[range] {
                out.element("<li>", &words::code(code, catalogue), "</li>\n");
            }
            out.tag("</ul>\n");
        });
    });
}

fn machines(out: &mut Markup, machines: &[Machine], catalogue: &Catalogue) {
    if machines.is_empty() {
        return;
    }
    section(out, "heading-machines", catalogue, |out| {
        let keys = [
            "column-machine",
            "column-role",
            "column-product",
            "column-license",
            "column-cmid",
            "column-files",
        ];
        finding::listed(out, machines.len().min(ROWS_MAX), catalogue, |out, range| {
            table_head(out, &keys, catalogue);
            machines[range].iter().for_each(|machine| row(out, machine, catalogue));
            out.tag("</tbody></table></div>\n");
        });
        if machines.len() > ROWS_MAX {
            out.element("<p class=\"small\">", &words::more(machines.len() - ROWS_MAX, catalogue), "</p>\n");
        }
    });
}

fn row(out: &mut Markup, machine: &Machine, catalogue: &Catalogue) {
    out.element("<tr><td><bdi>", &machine.name, "</bdi></td>");
    out.element("<td>", &words::roles(machine, catalogue), "</td>");
    out.element("<td><bdi>", machine.product.as_deref().unwrap_or_default(), "</bdi></td>");
    out.element("<td>", &words::license(machine, catalogue), "</td>");
    out.element("<td class=\"small mono\">", machine.cmid.as_deref().unwrap_or_default(), "</td>");
    out.element("<td class=\"small\">", &words::files(&machine.files, catalogue), "</td></tr>\n");
}

fn notes(out: &mut Markup, document: &Document, catalogue: &Catalogue) {
    if document.notes.is_empty() {
        return;
    }
    section(out, "heading-notes", catalogue, |out| {
        finding::listed(out, document.notes.len(), catalogue, |out, range| {
            out.tag("<ul>\n");
            for note in &document.notes[range] {
                out.element(
                    "<li><span class=\"small mono\">",
                    &words::place(&note.source, catalogue),
                    "</span> ",
                );
                out.element("<bdi>", &note.text, "</bdi></li>\n");
            }
            out.tag("</ul>\n");
        });
    });
}
