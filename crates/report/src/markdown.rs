//! The report for a ticket: Markdown as GitHub, GitLab and kin read it.
//!
//! Evidence stands in code spans and fences that it cannot leave, prose is escaped.

mod escape;

use std::fmt::Write;

use diagnosis::Outcome;
use diagnosis::remedy::Shell;
use messages::{Argument, Catalogue};

use crate::document::{Citation, Document, Finding, Machine, Remedy};
use crate::markdown::escape::{code, fence, link, prose};
use crate::visible::one_line;
use crate::words;

/// Rows of a table or list; the rest is counted.
const ROWS: usize = 50;

/// The report as Markdown.
pub fn render(document: &Document, catalogue: &Catalogue) -> String {
    let mut ticket = Ticket { out: String::new(), catalogue };
    ticket.verdict(document);
    if let Some(root) = document.root() {
        ticket.finding(root, "##");
    }
    let others: Vec<&Finding> = document.others().collect();
    if !others.is_empty() {
        let root = document.root().is_some();
        ticket.heading("##", if root { "heading-other-findings" } else { "heading-findings" });
        for other in others {
            ticket.block(&format!("### {}", prose(&other.title)));
            ticket.rating(other);
            ticket.block(&paragraphs(&other.summary));
            ticket.finding(other, "####");
        }
    }
    if document.verdict == Outcome::Undecided {
        ticket.unknown(document);
        ticket.checked(document);
    } else {
        ticket.checked(document);
        ticket.unknown(document);
    }
    ticket.observed(document);
    ticket.codes(document);
    ticket.notes(document);
    ticket.machines(&document.machines);
    ticket.timeline(document);
    ticket.curves(document);
    ticket.block("---");
    let made_by = catalogue.text("report-made-by", &[("version", Argument::Text(&document.version))]);
    ticket.block(&format!("{} {}", prose(&words::read_summary(document, catalogue)), prose(&made_by)));
    ticket.out
}

struct Ticket<'a> {
    out: String,
    catalogue: &'a Catalogue,
}

impl Ticket<'_> {
    /// A block, with an empty line before it.
    fn block(&mut self, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out.push_str(text.trim_end_matches('\n'));
        self.out.push('\n');
    }

    fn label(&self, key: &str) -> String {
        prose(&self.catalogue.label(key))
    }

    fn heading(&mut self, level: &str, key: &str) {
        let label = self.label(key);
        self.block(&format!("{level} {label}"));
    }

    /// A label that something follows below.
    fn lead(&mut self, key: &str) {
        let label = words::labelled(&self.label(key), "", self.catalogue);
        self.block(label.trim_end());
    }

    fn verdict(&mut self, document: &Document) {
        let label = self.label(words::verdict(document.verdict));
        match document.root() {
            Some(root) => {
                let title = words::labelled(&label, &prose(&root.title), self.catalogue);
                self.block(&format!("# {title}"));
                self.rating(root);
                self.block(&paragraphs(&root.summary));
            }
            None => self.block(&format!("# {label}")),
        }
        if let (None, Some(sentence)) = (document.root(), words::sentence(document)) {
            let sentence = self.label(sentence);
            self.block(&sentence);
        }
    }

    fn rating(&mut self, finding: &Finding) {
        let severity = self.label(words::severity(finding.severity));
        let confidence = self.label(words::confidence(finding.confidence));
        let meaning = self.label(words::confidence_meaning(finding.confidence));
        let (rule, cause) = (code(&finding.rule), code(finding.cause.id()));
        self.block(&format!("**{severity}, {confidence}** ({meaning}) · {rule} {cause}"));
    }

    /// What stands below title and summary.
    fn finding(&mut self, finding: &Finding, level: &str) {
        self.names("heading-affected", &finding.machines);
        self.names("heading-explains", &finding.explains);
        if !finding.evidence.is_empty() {
            self.heading(level, "heading-proof");
            self.proof(&finding.evidence);
        }
        if !finding.remedies.is_empty() {
            let many = finding.remedies.len() > 1;
            self.heading(level, if many { "heading-fixes" } else { "heading-fix" });
            for (number, remedy) in finding.remedies.iter().enumerate() {
                self.remedy(remedy, number + 1);
            }
        }
        if !finding.references.is_empty() {
            self.heading(level, "heading-references");
            let list: String = finding.references.iter().map(|page| format!("- {}\n", link(page))).collect();
            self.block(&list);
        }
    }

    fn names(&mut self, heading: &str, names: &[String]) {
        if names.is_empty() {
            return;
        }
        let mut list = names.iter().take(ROWS).map(|name| code(name)).collect::<Vec<_>>().join(", ");
        if names.len() > ROWS {
            list = format!("{list} {}", words::more(names.len() - ROWS, self.catalogue));
        }
        let label = self.label(heading);
        let label = words::labelled(&label, "", self.catalogue);
        self.block(&format!("**{}** {list}", label.trim_end()));
    }

    fn proof(&mut self, evidence: &[Citation]) {
        let catalogue = self.catalogue;
        let line = |citation: &Citation| {
            format!("- {}: {}\n", code(&words::place(&citation.source, catalogue)), code(&citation.text))
        };
        let list: String = evidence.iter().take(ROWS).map(line).collect();
        self.block(&self.with_more(list, evidence.len()));
    }

    fn with_more(&self, mut list: String, all: usize) -> String {
        if all > ROWS {
            let _ = writeln!(list, "- {}", prose(&words::more(all - ROWS, self.catalogue)));
        }
        list
    }

    fn remedy(&mut self, remedy: &Remedy, number: usize) {
        let safety = self.label(words::safety(remedy.safety));
        let meaning = self.label(words::safety_meaning(remedy.safety));
        self.block(&format!("**{number}. {}** ({safety}: {meaning})", prose(&remedy.title)));
        for step in &remedy.steps {
            self.lead(words::shell(step.shell));
            self.commands(step.shell, &step.commands);
        }
        for (heading, commands) in [("heading-undo", &remedy.undo), ("heading-verify", &remedy.verify)] {
            if !commands.is_empty() {
                self.lead(heading);
                self.block(&fence("", commands));
            }
        }
    }

    fn commands(&mut self, shell: Shell, commands: &[String]) {
        if shell == Shell::Text {
            let list: String =
                commands.iter().map(|text| format!("- {}\n", prose(&one_line(text)))).collect();
            self.block(&list);
        } else {
            self.block(&fence(language(shell), commands));
        }
    }

    fn checked(&mut self, document: &Document) {
        if document.checked.is_empty() {
            return;
        }
        self.heading("##", "heading-checked");
        let line =
            |rule: &crate::document::Checked| format!("- {} {}\n", code(&rule.rule), prose(&rule.title));
        let list: String = document.checked.iter().map(line).collect();
        self.block(&list);
    }

    fn unknown(&mut self, document: &Document) {
        if document.unknown.is_empty() {
            return;
        }
        self.heading("##", "heading-unknown");
        self.lead("heading-collect");
        self.block(&fence("", &document.collect));
        for rule in document.unknown.iter().take(ROWS) {
            let title = format!("{} **{}**", code(&rule.rule), prose(&rule.title));
            self.block(&format!("{title}  \n{}", paragraphs(&rule.missing)));
        }
        if document.unknown.len() > ROWS {
            self.block(&prose(&words::more(document.unknown.len() - ROWS, self.catalogue)));
        }
    }

    fn notes(&mut self, document: &Document) {
        if document.notes.is_empty() {
            return;
        }
        self.heading("##", "heading-notes");
        let catalogue = self.catalogue;
        let line = |note: &crate::document::Note| {
            format!("- {}: {}\n", code(&words::place(&note.source, catalogue)), prose(&one_line(&note.text)))
        };
        let list: String = document.notes.iter().take(ROWS).map(line).collect();
        self.block(&self.with_more(list, document.notes.len()));
    }

    fn observed(&mut self, document: &Document) {
        if document.observed.is_empty() || document.verdict == Outcome::Fault {
            return;
        }
        self.heading("##", "heading-observed");
        let catalogue = self.catalogue;
        let line = |citation: &crate::document::Citation| {
            format!("- {}\n", prose(&words::citation(citation, catalogue)))
        };
        let list: String = document.observed.iter().take(ROWS).map(line).collect();
        self.block(&self.with_more(list, document.observed.len()));
    }

    fn codes(&mut self, document: &Document) {
        if document.codes.is_empty() {
            return;
        }
        self.heading("##", "heading-codes");
        let line =
            |code: &crate::document::Code| format!("- {}\n", prose(&words::code(code, self.catalogue)));
        let list: String = document.codes.iter().take(ROWS).map(line).collect();
        self.block(&self.with_more(list, document.codes.len()));
    }

    fn machines(&mut self, machines: &[Machine]) {
        if machines.is_empty() {
            return;
        }
        self.heading("##", "heading-machines");
        let keys = ["column-machine", "column-role", "column-product", "column-license", "column-cmid"];
        let mut table = row(&keys.map(|key| self.label(key)));
        table.push_str(&row(&keys.map(|_| "---".to_owned())));
        for machine in machines.iter().take(ROWS) {
            let value = |text: &Option<String>| text.as_deref().map(cell).unwrap_or_default();
            table.push_str(&row(&[
                cell(&machine.name),
                cell(&words::roles(machine, self.catalogue)),
                value(&machine.product),
                cell(&words::license(machine, self.catalogue)),
                value(&machine.cmid),
            ]));
        }
        self.block(&table);
        if machines.len() > ROWS {
            self.block(&prose(&words::more(machines.len() - ROWS, self.catalogue)));
        }
    }

    /// The newest events.
    fn timeline(&mut self, document: &Document) {
        if document.timeline.is_empty() {
            return;
        }
        self.heading("##", "heading-timeline");
        let keys = ["column-time", "column-machine", "column-event", "column-what", "column-record"];
        let mut table = row(&keys.map(|key| self.label(key)));
        table.push_str(&row(&keys.map(|_| "---".to_owned())));
        let skipped = document.timeline.len().saturating_sub(ROWS);
        for event in &document.timeline[skipped..] {
            table.push_str(&row(&[
                event.at.shown(),
                cell(event.machine.as_deref().unwrap_or_default()),
                event.event_id.to_string(),
                self.label(words::what(&event.what)),
                cell(&event.text),
            ]));
        }
        if skipped > 0 {
            self.block(&prose(&words::more(skipped, self.catalogue)));
        }
        self.block(&table);
        if document.timeline.iter().any(|event| !event.at.utc) {
            let label = self.label("time-as-printed");
            self.block(&label);
        }
    }

    fn curves(&mut self, document: &Document) {
        if document.curves.is_empty() {
            return;
        }
        self.heading("##", "heading-curves");
        let catalogue = self.catalogue;
        let line = |curve: &crate::document::Curve| {
            let heading = prose(&words::curve_heading(curve, catalogue));
            format!("- **{heading}**: {}\n", prose(&words::curve_summary(curve, catalogue)))
        };
        let list: String = document.curves.iter().take(ROWS).map(line).collect();
        self.block(&self.with_more(list, document.curves.len()));
    }
}

fn language(shell: Shell) -> &'static str {
    match shell {
        Shell::Cmd => "bat",
        Shell::Powershell => "powershell",
        Shell::Az | Shell::Sh => "sh",
        Shell::Bind | Shell::Text => "",
    }
}

fn row(cells: &[String]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

/// A value of the evidence in a table: escaped, in one line.
fn cell(text: &str) -> String {
    prose(&one_line(text))
}

/// Text of the catalogue with its line ends; values of the evidence in it are already in one line.
fn paragraphs(text: &str) -> String {
    text.split('\n').map(prose).collect::<Vec<_>>().join("\n")
}
