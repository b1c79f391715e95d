//! Findings, their proof and their fixes as HTML.

use diagnosis::Severity;
use diagnosis::remedy::{Safety, Shell};
use messages::Catalogue;

use crate::document::{Citation, Finding, Remedy};
use crate::html::markup::Markup;
use crate::words;

/// Quotes and names that are shown at once; the rest can be opened.
const OPEN_MAX: usize = 8;

/// Quotes and names at most; the rest is counted.
const LIST_MAX: usize = 1000;

/// Rule, cause, severity and confidence in small print.
pub fn rating(out: &mut Markup, finding: &Finding, catalogue: &Catalogue) {
    out.tag("<p class=\"small\">");
    out.element("<strong>", &catalogue.label(words::severity(finding.severity)), "</strong> · ");
    out.element("<strong>", &catalogue.label(words::confidence(finding.confidence)), "</strong>");
    out.text(&format!(" ({})", catalogue.label(words::confidence_meaning(finding.confidence))));
    out.element(" · <code>", &finding.rule, "</code> ").element(
        "<code>",
        finding.cause.id(),
        "</code></p>\n",
    );
}

/// A finding beside the root cause.
pub fn article(out: &mut Markup, finding: &Finding, catalogue: &Catalogue) {
    out.tag(match finding.severity {
        Severity::Error => "<article class=\"finding error\">\n",
        Severity::Warning => "<article class=\"finding warning\">\n",
        Severity::Info => "<article class=\"finding info\">\n",
    });
    out.element("<h3 class=\"title\">", &finding.title, "</h3>\n");
    out.paragraphs(&finding.summary);
    rating(out, finding, catalogue);
    about(out, finding, catalogue);
    if !finding.evidence.is_empty() {
        out.element("<h4>", &catalogue.label("heading-proof"), "</h4>\n");
        proof(out, &finding.evidence, catalogue);
    }
    if !finding.remedies.is_empty() {
        let heading = if finding.remedies.len() > 1 { "heading-fixes" } else { "heading-fix" };
        out.element("<h4>", &catalogue.label(heading), "</h4>\n");
        remedies(out, finding, catalogue);
    }
    references(out, finding, catalogue);
    out.tag("</article>\n");
}

/// Machines that a finding is about, and what it explains.
pub fn about(out: &mut Markup, finding: &Finding, catalogue: &Catalogue) {
    if finding.machines.is_empty() && finding.explains.is_empty() {
        return;
    }
    out.tag("<dl>\n");
    if !finding.machines.is_empty() {
        out.element("<dt>", &catalogue.label("heading-affected"), "</dt><dd>");
        listed(out, finding.machines.len(), catalogue, |out, range| {
            for name in &finding.machines[range] {
                out.element("<code>", name, "</code> ");
            }
        });
        out.tag("</dd>\n");
    }
    if !finding.explains.is_empty() {
        out.element("<dt>", &catalogue.label("heading-explains"), "</dt><dd>");
        for what in &finding.explains {
            if let Some(name) = catalogue.find_complete(&format!("cause-{what}"), &[]) {
                out.text(&name).tag(" ");
            }
            out.element("<code>", what, "</code> ");
        }
        out.tag("</dd>\n");
    }
    out.tag("</dl>\n");
}

/// The first items at once, further ones behind a click, and how many are left out.
pub fn listed(
    out: &mut Markup,
    count: usize,
    catalogue: &Catalogue,
    mut items: impl FnMut(&mut Markup, std::ops::Range<usize>),
) {
    items(out, 0..count.min(OPEN_MAX));
    if count > OPEN_MAX {
        let label = words::more(count - OPEN_MAX, catalogue);
        out.element("<details><summary>", &label, "</summary>\n");
        items(out, OPEN_MAX..count.min(LIST_MAX));
        if count > LIST_MAX {
            out.element("<p class=\"small\">", &words::more(count - LIST_MAX, catalogue), "</p>");
        }
        out.tag("</details>\n");
    }
}

/// The quotes that prove a finding.
pub fn proof(out: &mut Markup, evidence: &[Citation], catalogue: &Catalogue) {
    listed(out, evidence.len(), catalogue, |out, range| {
        out.tag("<ul class=\"proof\">\n");
        for citation in &evidence[range] {
            out.element(
                "<li><span class=\"small mono\">",
                &words::place(&citation.source, catalogue),
                "</span> ",
            );
            out.element("<bdi class=\"mono\">", &citation.text, "</bdi></li>\n");
        }
        out.tag("</ul>\n");
    });
}

/// The fixes of a finding.
pub fn remedies(out: &mut Markup, finding: &Finding, catalogue: &Catalogue) {
    out.tag("<ol class=\"remedies\">\n");
    for remedy in &finding.remedies {
        out.tag("<li>");
        one_remedy(out, remedy, catalogue);
        out.tag("</li>\n");
    }
    out.tag("</ol>\n");
}

fn one_remedy(out: &mut Markup, remedy: &Remedy, catalogue: &Catalogue) {
    out.element("<strong>", &remedy.title, "</strong>\n<p class=\"small\">");
    out.tag(match remedy.safety {
        Safety::Safe => "<span class=\"badge safe\">",
        Safety::Disruptive => "<span class=\"badge disruptive\">",
        Safety::ShowOnly => "<span class=\"badge show-only\">",
    });
    out.element("", &catalogue.label(words::safety(remedy.safety)), "</span>");
    out.element(" ", &catalogue.label(words::safety_meaning(remedy.safety)), "</p>\n");
    for step in &remedy.steps {
        out.element("<div class=\"small\">", &catalogue.label(words::shell(step.shell)), "</div>\n");
        if step.shell == Shell::Text {
            out.tag("<ul>\n");
            for text in &step.commands {
                out.element("<li>", text, "</li>\n");
            }
            out.tag("</ul>\n");
        } else {
            commands(out, &step.commands);
        }
    }
    for (heading, lines) in [("heading-undo", &remedy.undo), ("heading-verify", &remedy.verify)] {
        if !lines.is_empty() {
            out.element("<div class=\"small\">", &catalogue.label(heading), "</div>\n");
            commands(out, lines);
        }
    }
}

/// Commands, one a line.
pub fn commands(out: &mut Markup, commands: &[String]) {
    out.tag("<pre><code>");
    for (number, command) in commands.iter().enumerate() {
        out.tag(if number > 0 { "\n" } else { "" }).text(command);
    }
    out.tag("</code></pre>\n");
}

/// Public pages on the finding.
pub fn references(out: &mut Markup, finding: &Finding, catalogue: &Catalogue) {
    if finding.references.is_empty() {
        return;
    }
    out.element("<h4>", &catalogue.label("heading-references"), "</h4>\n<ul class=\"small\">\n");
    for page in &finding.references {
        out.tag("<li>");
        if page.starts_with("https://") {
            out.element("<a rel=\"noreferrer\" href=\"", page, "\">").element("", page, "</a>");
        } else {
            out.text(page);
        }
        out.tag("</li>\n");
    }
    out.tag("</ul>\n");
}
