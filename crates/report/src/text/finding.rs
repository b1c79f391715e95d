//! One finding on the terminal, in full for the root cause, shorter for the others.

use diagnosis::Severity;
use diagnosis::remedy::Shell;

use crate::document::{Citation, Finding, Remedy};
use crate::text::Context;
use crate::text::page::{Page, Style};
use crate::visible::{lines, one_line};
use crate::words;

/// Quotes that prove a finding, when shown in full.
const PROOF_FULL: usize = 8;

/// Quotes that prove one of the other findings.
const PROOF_SHORT: usize = 2;

/// Names in a list of machines.
const NAMES: usize = 12;

/// Everything there is to say about a finding; its title stands above already.
pub fn in_full(page: &mut Page, context: &Context<'_>, finding: &Finding) {
    page.gap();
    page.prose(0, Style::Plain, &lines(&finding.summary));
    page.prose(0, Style::Dim, &rating(context, finding));
    page.gap();
    about(page, context, finding, 0);
    if !finding.evidence.is_empty() {
        page.heading(Style::Bold, &context.catalogue.label("heading-proof"));
        proof(
            page,
            context,
            &finding.evidence,
            2,
            if context.options.verbose { usize::MAX } else { PROOF_FULL },
        );
    }
    if !finding.remedies.is_empty() {
        page.heading(Style::Bold, &context.catalogue.label(fix_heading(finding)));
        for (number, remedy) in finding.remedies.iter().enumerate() {
            if number > 0 {
                page.gap();
            }
            remedy_in_full(page, context, remedy, &format!("{}. ", number + 1));
        }
    }
    references(page, context, finding);
}

fn fix_heading(finding: &Finding) -> &'static str {
    if finding.remedies.len() > 1 { "heading-fixes" } else { "heading-fix" }
}

/// A finding beside the root cause.
pub fn in_short(page: &mut Page, context: &Context<'_>, finding: &Finding) {
    let style = match finding.severity {
        Severity::Error => Style::Red,
        Severity::Warning => Style::Yellow,
        Severity::Info => Style::Bold,
    };
    page.prose(2, style, &lines(&finding.title));
    page.prose(4, Style::Plain, &lines(&finding.summary));
    page.prose(4, Style::Dim, &rating(context, finding));
    about(page, context, finding, 4);
    proof(
        page,
        context,
        &finding.evidence,
        4,
        if context.options.verbose { usize::MAX } else { PROOF_SHORT },
    );
    if context.options.verbose {
        if !finding.remedies.is_empty() {
            page.lead(4, context.catalogue, fix_heading(finding));
        }
        for (number, remedy) in finding.remedies.iter().enumerate() {
            remedy_in_full(page, context, remedy, &format!("{}. ", number + 1));
        }
        references(page, context, finding);
    } else if let Some(remedy) = finding.remedies.first() {
        let heading = context.catalogue.label("heading-fix");
        let safety = context.catalogue.label(words::safety(remedy.safety));
        let title = format!("{} [{safety}]", lines(&remedy.title));
        page.prose(4, Style::Plain, &words::labelled(&heading, &title, context.catalogue));
        steps(page, context, remedy, 6);
    }
}

/// `K101 srv-missing: error, certain (the evidence says so itself)`
fn rating(context: &Context<'_>, finding: &Finding) -> String {
    let label = |key| context.catalogue.label(key);
    let severity = label(words::severity(finding.severity));
    let confidence = label(words::confidence(finding.confidence));
    let meaning = label(words::confidence_meaning(finding.confidence));
    let separator = label("list-separator");
    let rule = format!("{} {}", finding.rule, finding.cause);
    words::labelled(&rule, &format!("{severity}{separator}{confidence} ({meaning})"), context.catalogue)
}

fn about(page: &mut Page, context: &Context<'_>, finding: &Finding, indent: usize) {
    let names: Vec<String> = finding.machines.iter().map(|name| one_line(name)).collect();
    list(page, context, indent, "heading-affected", &names);
    let explains: Vec<String> = finding.explains.iter().map(|what| explained(context, what)).collect();
    list(page, context, indent, "heading-explains", &explains);
}

/// A code as it is; a cause by its name and id.
fn explained(context: &Context<'_>, what: &str) -> String {
    match context.catalogue.find_complete(&format!("cause-{what}"), &[]) {
        Some(name) => format!("{name} ({what})"),
        None => one_line(what),
    }
}

fn list(page: &mut Page, context: &Context<'_>, indent: usize, heading: &str, items: &[String]) {
    if items.is_empty() {
        return;
    }
    let max = if context.options.verbose { usize::MAX } else { NAMES };
    let mut text =
        items.iter().take(max).cloned().collect::<Vec<_>>().join(&context.catalogue.label("list-separator"));
    if items.len() > max {
        text = format!("{text} {}", words::more(items.len() - max, context.catalogue));
    }
    let lead = words::labelled(&context.catalogue.label(heading), "", context.catalogue);
    page.hanging(indent, &lead, Style::Plain, &text);
}

/// `dlv.txt:14  "Current count: 12"`
fn proof(page: &mut Page, context: &Context<'_>, evidence: &[Citation], indent: usize, max: usize) {
    for citation in evidence.iter().take(max) {
        let place = words::place(&citation.source, context.catalogue);
        let quote = format!("\"{}\"", one_line(&citation.text));
        page.placed(indent, &place, &quote);
    }
    if evidence.len() > max {
        page.prose(indent, Style::Dim, &words::more(evidence.len() - max, context.catalogue));
    }
}

fn remedy_in_full(page: &mut Page, context: &Context<'_>, remedy: &Remedy, number: &str) {
    let label = |key| context.catalogue.label(key);
    page.hanging(2, number, Style::Bold, &lines(&remedy.title));
    let (safety, meaning) =
        (label(words::safety(remedy.safety)), label(words::safety_meaning(remedy.safety)));
    page.prose(5, Style::Dim, &format!("[{safety}] {meaning}"));
    steps(page, context, remedy, 5);
    for (heading, commands) in [("heading-undo", &remedy.undo), ("heading-verify", &remedy.verify)] {
        if !commands.is_empty() {
            page.lead(5, context.catalogue, heading);
            commands.iter().for_each(|command| page.line(9, Style::Cyan, &one_line(command)));
        }
    }
}

/// Commands on lines of their own, never wrapped, so that they can be copied; instructions wrapped.
fn steps(page: &mut Page, context: &Context<'_>, remedy: &Remedy, indent: usize) {
    for step in &remedy.steps {
        page.lead(indent, context.catalogue, words::shell(step.shell));
        for command in &step.commands {
            match step.shell {
                Shell::Text => page.hanging(indent + 4, "- ", Style::Plain, &one_line(command)),
                _ => page.line(indent + 4, Style::Cyan, &one_line(command)),
            }
        }
    }
}

fn references(page: &mut Page, context: &Context<'_>, finding: &Finding) {
    if finding.references.is_empty() {
        return;
    }
    page.heading(Style::Bold, &context.catalogue.label("heading-references"));
    for reference in &finding.references {
        page.line(2, Style::Plain, &one_line(reference));
    }
}
