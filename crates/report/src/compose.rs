//! From the wordless report to the document: texts from the catalogue, lengths bounded.

use diagnosis::finding::{Explained, Missing};
use diagnosis::message::{Args, Value};
use diagnosis::remedy::Shell;
use diagnosis::report::{CodeRow, CountCurve, MachineRow, TimelineEntry};
use diagnosis::rules::RULES;
use diagnosis::{Message, Report};
use messages::{Argument, Catalogue, fill_notes};

use crate::document::{
    Checked, Citation, Code, Curve, Document, Event, Finding, Machine, Note, Place, Point, Remedy, RootCause,
    SCHEMA, Source, Step, Unknown,
};
use crate::moment::Moment;
use crate::visible::{ARGUMENT_MAX, QUOTE_MAX, clip, one_line};

impl Document {
    /// The report in the words of a catalogue.
    pub fn new(report: &Report, catalogue: &Catalogue) -> Document {
        let root_cause = report.root_cause.as_ref().map(|root| RootCause {
            cause: root.cause,
            rule: root.rule.to_owned(),
            confidence: root.confidence,
        });
        let checked =
            |rule: &&'static str| Checked { rule: (*rule).to_owned(), title: rule_title(rule, catalogue) };
        Document {
            schema: SCHEMA,
            version: env!("CARGO_PKG_VERSION").to_owned(),
            language: catalogue.language().tag().to_owned(),
            verdict: report.verdict,
            root_cause,
            findings: report.findings.iter().map(|finding| compose_finding(finding, catalogue)).collect(),
            clear: report.clear.iter().map(|rule| (*rule).to_owned()).collect(),
            checked: report.clear.iter().map(checked).collect(),
            unknown: report.unknown.iter().map(|(rule, missing)| unknown(rule, missing, catalogue)).collect(),
            collect: collect(report),
            notes: compose_notes(&report.notes, catalogue),
            machines: report.machines.iter().map(machine).collect(),
            timeline: report.timeline.iter().map(event).collect(),
            observed: report.observed.iter().map(cite).collect(),
            codes: report.codes.iter().map(code).collect(),
            curves: report.curves.iter().map(curve).collect(),
            files_read: report.files,
            facts_understood: report.facts,
        }
    }
}

/// The words of a message. Arguments are evidence: shown in one line, and cut.
pub fn words(message: &Message, catalogue: &Catalogue) -> String {
    with_args(&message.args, |args| catalogue.text(&message.key, args))
}

fn with_args<T>(args: &Args, use_them: impl FnOnce(&[(&str, Argument<'_>)]) -> T) -> T {
    let shown: Vec<(&str, Result<i64, String>)> = args
        .iter()
        .map(|(name, value)| match value {
            Value::Number(number) => (*name, Ok(*number)),
            Value::Text(text) => (*name, Err(one_line(&clip(text, ARGUMENT_MAX)))),
        })
        .collect();
    let given: Vec<(&str, Argument<'_>)> = shown
        .iter()
        .map(|(name, value)| match value {
            Ok(number) => (*name, Argument::Number(*number)),
            Err(text) => (*name, Argument::Text(text)),
        })
        .collect();
    use_them(&given)
}

/// What a rule looks for, without a finding to take arguments from.
///
/// The catalogue may say it for the purpose (`K101-checked`); otherwise its title, if that needs no arguments;
/// otherwise the name of its cause.
fn rule_title(rule: &str, catalogue: &Catalogue) -> String {
    let own = [format!("{rule}-checked"), format!("{rule}-title")];
    let of_cause = || {
        let row = RULES.iter().find(|row| row.code == rule)?;
        catalogue.find_complete(&format!("cause-{}", row.cause.id()), &[])
    };
    own.iter()
        .find_map(|key| catalogue.find_complete(key, &[]))
        .or_else(of_cause)
        .unwrap_or_else(|| rule.to_owned())
}

fn unknown(rule: &str, missing: &Missing, catalogue: &Catalogue) -> Unknown {
    Unknown {
        rule: rule.to_owned(),
        title: rule_title(rule, catalogue),
        missing: words(&missing.message, catalogue),
        collect: missing.collect.clone(),
    }
}

fn cite(citation: &diagnosis::Citation) -> Citation {
    Citation { text: clip(&citation.text, QUOTE_MAX), source: Source::from(&citation.source) }
}

fn compose_finding(finding: &diagnosis::Finding, catalogue: &Catalogue) -> Finding {
    let explained = |explained: &Explained| match explained {
        Explained::Code(code) => code.to_string(),
        Explained::Cause(cause) => cause.id().to_owned(),
    };
    Finding {
        rule: finding.rule.to_owned(),
        cause: finding.cause,
        severity: finding.severity,
        confidence: finding.confidence,
        title: words(&finding.title(), catalogue),
        summary: words(&finding.summary(), catalogue),
        evidence: finding.evidence.iter().map(cite).collect(),
        explains: finding.explains.iter().map(explained).collect(),
        machines: finding.machines.iter().map(|name| clip(name, ARGUMENT_MAX)).collect(),
        stops: finding.stops,
        remedies: finding
            .remedies
            .iter()
            .map(|remedy| compose_remedy(remedy, &finding.args, catalogue))
            .collect(),
        references: finding.references.iter().map(|page| (*page).to_owned()).collect(),
        seen_at: finding.seen_at.map(Moment::utc),
    }
}

fn compose_remedy(remedy: &diagnosis::remedy::Remedy, args: &Args, catalogue: &Catalogue) -> Remedy {
    let step = |step: &diagnosis::remedy::Step| Step {
        shell: step.shell,
        commands: match step.shell {
            Shell::Text => step.commands.iter().map(|text| instruction(text, args, catalogue)).collect(),
            _ => step.commands.clone(),
        },
    };
    Remedy {
        title: words(&remedy.title, catalogue),
        safety: remedy.safety,
        steps: remedy.steps.iter().map(step).collect(),
        undo: remedy.undo.iter().map(|text| instruction(text, args, catalogue)).collect(),
        verify: remedy.verify.iter().map(|text| instruction(text, args, catalogue)).collect(),
    }
}

/// An instruction may be a key of the catalogue (`K101-step-<name>`), which takes the arguments of the finding.
fn instruction(text: &str, args: &Args, catalogue: &Catalogue) -> String {
    if !text.contains("-step-") || text.contains(' ') {
        return text.to_owned();
    }
    with_args(args, |args| catalogue.find(text, args)).unwrap_or_else(|| text.to_owned())
}

fn compose_notes(notes: &[model::Note], catalogue: &Catalogue) -> Vec<Note> {
    let mut notes = notes.to_vec();
    fill_notes(&mut notes, catalogue);
    notes.into_iter().map(|note| Note { source: Source::from(&note.source), text: note.text }).collect()
}

fn machine(row: &MachineRow) -> Machine {
    Machine {
        name: clip(&row.name, ARGUMENT_MAX),
        roles: row.roles.iter().filter(|role| !role.is_empty()).map(|role| (*role).to_owned()).collect(),
        product: row.product.as_deref().map(|product| clip(product, ARGUMENT_MAX)),
        license_status: row.license_status.map(str::to_owned),
        cmid: row.cmid.as_deref().map(|cmid| clip(cmid, ARGUMENT_MAX)),
        files: row.files.clone(),
    }
}

/// Every command that would settle something, by how much it settles; in the order of the rules where equal.
fn collect(report: &Report) -> Vec<String> {
    let mut commands: Vec<(&str, usize)> = Vec::new();
    for command in report.unknown.iter().flat_map(|(_, missing)| &missing.collect) {
        match commands.iter_mut().find(|(known, _)| known == command) {
            Some((_, times)) => *times += 1,
            None => commands.push((command, 1)),
        }
    }
    commands.sort_by_key(|(_, times)| std::cmp::Reverse(*times));
    commands.into_iter().map(|(command, _)| command.to_owned()).collect()
}

fn code(row: &CodeRow) -> Code {
    Code {
        code: row.code.clone(),
        symbol: row.symbol.clone(),
        meaning: row.meaning.clone(),
        times: row.times,
        text: clip(&row.text, QUOTE_MAX),
        source: Source::from(&row.source),
        overcome: row.overcome,
    }
}

fn event(entry: &TimelineEntry) -> Event {
    Event {
        at: Moment { seconds: entry.at, utc: entry.utc },
        machine: entry.machine.as_deref().map(|name| clip(name, ARGUMENT_MAX)),
        event_id: entry.event_id,
        what: entry.what.to_owned(),
        text: clip(&entry.text, QUOTE_MAX),
        source: Source::from(&entry.source),
    }
}

fn curve(curve: &CountCurve) -> Curve {
    Curve {
        host: clip(&curve.host, ARGUMENT_MAX),
        application: curve.application.to_owned(),
        points: curve
            .points
            .iter()
            .map(|&(at, count)| Point { at: Moment { seconds: at, utc: curve.utc }, count })
            .collect(),
        thresholds: curve.thresholds.clone(),
        cap: curve.cap,
        last: curve.last,
        names: curve.names,
        distinct_cmids: curve.distinct_cmids,
        printed: curve.printed,
    }
}

impl From<&model::Source> for Source {
    fn from(source: &model::Source) -> Source {
        let place = match &source.place {
            model::Place::Line(line) => Place::Line { line: *line },
            model::Place::Record(record) => Place::Record { record: *record },
            model::Place::Pointer(pointer) => Place::Pointer { pointer: pointer.clone() },
            model::Place::Probe { probe, at } => Place::Probe { probe: probe.clone(), at: at.clone() },
        };
        Source { path: source.path.to_string(), place }
    }
}
