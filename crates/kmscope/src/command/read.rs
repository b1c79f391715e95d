//! `kmscope read`: what the readers understood, without judging.

use std::io::{self, Write};

use messages::{Argument, fill_notes};
use model::EvidenceFile;
use model::evidence::Evidence;
use report::visible;
use serde_json::Value;

use crate::Status;
use crate::arguments::{Read, ReadFormat};
use crate::console::Console;
use crate::json_stream::{self, JsonList};
use crate::{evidence, output};

pub(crate) fn run(options: &Read, console: &Console) -> anyhow::Result<Status> {
    let out = output::open(options.out.as_deref(), console)?;
    let mut writer = match options.format {
        ReadFormat::Json => Writer::Json(JsonList::begin(out, "files")?),
        ReadFormat::Text => Writer::Text(out),
    };
    let mut failed = false;
    let mut written: io::Result<()> = Ok(());
    let mut complain = |error| {
        console.complain(&error);
        failed = true;
    };
    let mut sink = |mut file: EvidenceFile| {
        fill_notes(&mut file.notes, &console.catalogue);
        if written.is_ok() {
            written = writer.add(&file, console);
        }
    };
    evidence::read(&options.paths, &options.limits.limits(), console, &mut complain, &mut sink);
    written?;
    writer.end()?;
    Ok(if failed { Status::Failed } else { Status::Done })
}

enum Writer {
    Json(JsonList<Box<dyn Write + Send>>),
    Text(Box<dyn Write + Send>),
}

impl Writer {
    fn add(&mut self, file: &EvidenceFile, console: &Console) -> io::Result<()> {
        match self {
            Writer::Json(list) => list.add(&json_stream::line(file)),
            Writer::Text(out) => text(out, file, console),
        }
    }

    fn end(self) -> io::Result<()> {
        match self {
            Writer::Json(list) => list.end(),
            Writer::Text(mut out) => out.flush(),
        }
    }
}

fn text(out: &mut dyn Write, file: &EvidenceFile, console: &Console) -> io::Result<()> {
    let path = visible::one_line(&file.path);
    let kind = serde_json::to_value(file.kind).ok();
    let heading = console.text(
        "cli-read-file",
        &[
            ("kind", Argument::Text(kind.as_ref().and_then(Value::as_str).unwrap_or_default())),
            ("encoding", Argument::Text(&file.encoding)),
            ("facts", Argument::Number(i64::try_from(file.facts.len()).unwrap_or(i64::MAX))),
        ],
    );
    writeln!(out, "{}  {heading}", console.bold(&path))?;
    for evidence in &file.facts {
        fact(out, evidence)?;
    }
    for note in &file.notes {
        let source = visible::one_line(&note.source.to_string());
        writeln!(
            out,
            "  {} {source}: {}",
            console.text("cli-read-note", &[]),
            visible::one_line(&note.text)
        )?;
    }
    writeln!(out)
}

/// A fact with its fields, the place first.
fn fact(out: &mut dyn Write, evidence: &Evidence) -> io::Result<()> {
    let Ok(Value::Object(fields)) = serde_json::to_value(evidence) else { return Ok(()) };
    let kind = fields.get("kind").and_then(Value::as_str).unwrap_or_default();
    writeln!(out, "  {kind} {}", visible::one_line(&evidence.fact.source.to_string()))?;
    for (name, value) in fields.iter().filter(|(name, _)| !matches!(name.as_str(), "kind" | "source")) {
        let shown = match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        writeln!(out, "    {name}: {}", visible::one_line(&shown))?;
    }
    Ok(())
}
