//! `kmscope explain`: what a code, an id, a name or an option means.

use std::io::{self, Write};

use facts::explain::{Answer, Explanation, Label, Related, Subject, explain};
use messages::Argument;
use report::visible::one_line;

use crate::Status;
use crate::arguments::{Explain, ReadFormat};
use crate::console::Console;
use crate::json_stream;

pub(crate) fn run(options: &Explain, console: &Console) -> anyhow::Result<Status> {
    let answer = explain(&options.what.join(" "), facts::tables());
    let known = !answer.explanations.is_empty() || answer.result_parts.is_some();
    let mut out = io::stdout().lock();
    match options.format {
        ReadFormat::Json => writeln!(out, "{}", json_stream::line(&answer))?,
        ReadFormat::Text => text(&mut out, &answer, console)?,
    }
    if !known {
        let query = one_line(&answer.query);
        eprintln!("kmscope: {}", console.text("cli-explain-unknown", &[("what", Argument::Text(&query))]));
    }
    Ok(if known { Status::Done } else { Status::Failed })
}

fn text(out: &mut dyn Write, answer: &Answer, console: &Console) -> io::Result<()> {
    for (n, explanation) in answer.explanations.iter().enumerate() {
        if n > 0 {
            writeln!(out)?;
        }
        one(out, explanation, console)?;
    }
    if let Some(parts) = &answer.result_parts {
        writeln!(out, "{}", console.bold(&console.text("cli-explain-parts", &[])))?;
        if let Ok(serde_json::Value::Object(fields)) = serde_json::to_value(parts) {
            for (name, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
                let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                writeln!(out, "  {name}: {}", one_line(&shown))?;
            }
        }
    }
    if !answer.suggestions.is_empty() {
        writeln!(out, "{}", console.bold(&console.text("cli-explain-suggestions", &[])))?;
        related(out, &answer.suggestions, console)?;
    }
    Ok(())
}

fn one(out: &mut dyn Write, explanation: &Explanation, console: &Console) -> io::Result<()> {
    let subject = console.text(subject_key(explanation.subject), &[]);
    writeln!(out, "{}  {subject}", console.bold(&one_line(&explanation.id)))?;
    writeln!(out, "{}", one_line(&explanation.title))?;
    for section in &explanation.sections {
        writeln!(out, "\n{}", console.bold(&console.text(label_key(section.label), &[])))?;
        for line in &section.lines {
            writeln!(out, "  {}", one_line(line))?;
        }
    }
    if !explanation.related.is_empty() {
        writeln!(out, "\n{}", console.bold(&console.text("cli-explain-related", &[])))?;
        related(out, &explanation.related, console)?;
    }
    if !explanation.sources.is_empty() {
        writeln!(out, "\n{}", console.bold(&console.text("cli-explain-sources", &[])))?;
        for source in &explanation.sources {
            writeln!(out, "  {}", one_line(&source.url))?;
        }
    }
    Ok(())
}

fn related(out: &mut dyn Write, related: &[Related], console: &Console) -> io::Result<()> {
    for other in related {
        let subject = console.text(subject_key(other.subject), &[]);
        writeln!(out, "  {} ({subject}): {}", one_line(&other.id), one_line(&other.title))?;
    }
    Ok(())
}

/// Key of the word for what an explanation is about.
fn subject_key(value: Subject) -> &'static str {
    match value {
        Subject::ErrorCode => "cli-subject-error-code",
        Subject::Event => "cli-subject-event",
        Subject::EventLog => "cli-subject-event-log",
        Subject::Rule => "cli-subject-rule",
        Subject::Cause => "cli-subject-cause",
        Subject::LicenseState => "cli-subject-license-state",
        Subject::SlmgrOption => "cli-subject-slmgr-option",
        Subject::OsppOption => "cli-subject-ospp-option",
        Subject::RegistryValue => "cli-subject-registry-value",
        Subject::RegistryKey => "cli-subject-registry-key",
        Subject::Setting => "cli-subject-setting",
        Subject::StatusFlags => "cli-subject-status-flags",
        Subject::Product => "cli-subject-product",
        Subject::Application => "cli-subject-application",
        Subject::HostKey => "cli-subject-host-key",
    }
}

/// Key of the word for what the lines under it say.
fn label_key(value: Label) -> &'static str {
    match value {
        Label::Meaning => "cli-label-meaning",
        Label::Symbol => "cli-label-symbol",
        Label::SeenBy => "cli-label-seen-by",
        Label::SeenIn => "cli-label-seen-in",
        Label::Reasons => "cli-label-reasons",
        Label::Remedies => "cli-label-remedies",
        Label::Note => "cli-label-note",
        Label::Sign => "cli-label-sign",
        Label::Fields => "cli-label-fields",
        Label::Codes => "cli-label-codes",
        Label::Usage => "cli-label-usage",
        Label::Elevated => "cli-label-elevated",
        Label::Releases => "cli-label-releases",
        Label::Registry => "cli-label-registry",
        Label::Method => "cli-label-method",
        Label::DataType => "cli-label-data-type",
        Label::Default => "cli-label-default",
        Label::SetBy => "cli-label-set-by",
        Label::Activates => "cli-label-activates",
        Label::HostedOn => "cli-label-hosted-on",
        Label::Family => "cli-label-family",
        Label::Confidence => "cli-label-confidence",
    }
}
