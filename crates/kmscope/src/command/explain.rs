//! `kmscope explain`: what a code, an id, a name or an option means.

use std::io::{self, Write};

use facts::explain::{Answer, Explanation, Related, explain};
use messages::Argument;
use report::visible::one_line;
use serde::Serialize;

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
    let subject = name(console, "cli-subject", &explanation.subject);
    writeln!(out, "{}  {subject}", console.bold(&one_line(&explanation.id)))?;
    writeln!(out, "{}", one_line(&explanation.title))?;
    for section in &explanation.sections {
        writeln!(out, "\n{}", console.bold(&name(console, "cli-label", &section.label)))?;
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
        let subject = name(console, "cli-subject", &other.subject);
        writeln!(out, "  {} ({subject}): {}", one_line(&other.id), one_line(&other.title))?;
    }
    Ok(())
}

/// The word of the catalogue for a value that serialises as a name.
fn name(console: &Console, prefix: &str, value: &impl Serialize) -> String {
    let value = serde_json::to_value(value).unwrap_or_default();
    console.text(&format!("{prefix}-{}", value.as_str().unwrap_or_default()), &[])
}
