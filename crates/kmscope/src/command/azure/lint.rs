//! `kmscope azure lint`: declared networks that would break activation.

use std::collections::HashMap;
use std::fs;
use std::io::{self, Write};

use azure::lint::{Fault, Level, Message, lint};
use messages::Argument;
use model::{Place, Source};
use report::visible::one_line;
use serde::Serialize;

use super::document::NoteRow;
use super::gather::Gathered;
use super::{json_place, sarif};
use crate::Status;
use crate::arguments::azure::{AzureLint, LintFormat};
use crate::console::Console;
use crate::json_stream;

/// One fault as it is shown.
#[derive(Serialize)]
pub(super) struct FaultRow {
    /// Code of the rule, as `kmscope explain` knows it.
    pub rule: String,
    pub cause: &'static str,
    /// `error`, `warning`, `note`.
    pub level: &'static str,
    pub message: String,
    pub resource: Option<String>,
    pub source: Source,
    /// Line of the file, also where the source is a JSON pointer.
    pub line: Option<u32>,
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    cloud: String,
    findings: &'a [FaultRow],
    notes: &'a [NoteRow],
}

pub(super) fn run(options: &AzureLint, console: &Console) -> anyhow::Result<Status> {
    let mut gathered = Gathered::default();
    gathered.by_folder(&options.paths, console)?;
    let cloud = options.cloud.unwrap_or_else(|| gathered.cloud());
    let told = gathered.told();
    let faults = lint(&told, cloud);
    let mut lines = LinesOf::default();
    let rows: Vec<FaultRow> = faults.iter().map(|fault| row(fault, &mut lines, console)).collect();
    // What was not read of a declaration is told; other files of a repository are not its matter.
    let notes: Vec<NoteRow> = gathered
        .notes()
        .into_iter()
        .filter(|note| gathered.is_incomplete(&note.source.path) && note.key != "note-not-understood")
        .map(|note| NoteRow { text: note.text, source: note.source })
        .collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    match options.format {
        LintFormat::Json => {
            let document = Document { schema: 1, cloud: cloud.to_string(), findings: &rows, notes: &notes };
            writeln!(out, "{}", json_stream::line(&document))?;
        }
        LintFormat::Sarif => writeln!(out, "{}", json_stream::line(&sarif::log(&rows)))?,
        LintFormat::Text => text(&mut out, &rows, &notes, console)?,
    }
    out.flush()?;
    let is_fault = |fault: &Fault| match fault.level {
        Level::Error => true,
        Level::Warning => options.strict,
        Level::Note => false,
    };
    Ok(if faults.iter().any(is_fault) { Status::Fault } else { Status::Done })
}

fn row(fault: &Fault, lines: &mut LinesOf, console: &Console) -> FaultRow {
    let rule = facts::tables().causes.find(fault.cause).map(|cause| cause.rule.clone()).unwrap_or_default();
    FaultRow {
        rule,
        cause: fault.cause,
        level: match fault.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        message: message(&fault.message, console),
        resource: fault.resource.clone(),
        line: lines.of(&fault.source),
        source: fault.source.clone(),
    }
}

fn message(message: &Message, console: &Console) -> String {
    let with = |key: &str, name: &str, value: &str| console.text(key, &[(name, Argument::Text(value))]);
    match message {
        Message::Tunnel(addresses) => with("azure-lint-tunnel", "addresses", addresses),
        Message::Appliance(addresses) => with("azure-lint-appliance", "addresses", addresses),
        Message::Dropped(addresses) => with("azure-lint-dropped", "addresses", addresses),
        Message::OldRoutes(addresses) => with("azure-lint-old-routes", "addresses", addresses),
        Message::WrongAddress(address, Some(meant)) => console.text(
            "azure-lint-wrong-address",
            &[("address", Argument::Text(address)), ("meant", Argument::Text(meant))],
        ),
        Message::WrongAddress(address, None) => with("azure-lint-no-endpoint", "address", address),
        Message::Denied(rule) => with("azure-lint-denied", "rule", rule),
        Message::MayBeDenied(rule) => with("azure-lint-may-be-denied", "rule", rule),
        Message::ApplicationRule => console.text("azure-lint-application-rule", &[]),
        Message::OldFirewall => console.text("azure-lint-old-firewall", &[]),
        Message::WrongFirewall => console.text("azure-lint-wrong-firewall", &[]),
        Message::FirewallBlocks => console.text("azure-lint-firewall-blocks", &[]),
        Message::Private => console.text("azure-lint-private", &[]),
        Message::Unresolved(prefix) => with("azure-lint-unresolved", "prefix", prefix),
    }
}

/// Lines of JSON pointers; each file is read again once, for the places of its faults.
#[derive(Default)]
struct LinesOf(HashMap<String, Option<String>>);

impl LinesOf {
    fn of(&mut self, source: &Source) -> Option<u32> {
        match &source.place {
            Place::Line(line) => Some(*line),
            Place::Pointer(pointer) => {
                let path = source.path.to_string();
                let text = self.0.entry(path).or_insert_with_key(|path| fs::read_to_string(path).ok());
                text.as_deref().and_then(|text| json_place::line_of(text, pointer))
            }
            _ => None,
        }
    }
}

fn text(out: &mut dyn Write, rows: &[FaultRow], notes: &[NoteRow], console: &Console) -> io::Result<()> {
    for row in rows {
        let place = match row.line {
            Some(line) => format!("{}:{line}", row.source.path),
            None => row.source.to_string(),
        };
        let resource = row.resource.as_deref().map(|name| format!(" {name}:")).unwrap_or_default();
        let line = format!("{place}: {} {} ({}):{resource} {}", row.level, row.rule, row.cause, row.message);
        writeln!(out, "{}", one_line(&line))?;
    }
    for note in notes {
        writeln!(out, "{}: {}", one_line(&note.source.to_string()), one_line(&note.text))?;
    }
    let count = |level: &str| {
        let of_level = rows.iter().filter(|row| row.level == level).count();
        Argument::Number(i64::try_from(of_level).unwrap_or(i64::MAX))
    };
    let args = [("errors", count("error")), ("warnings", count("warning"))];
    writeln!(out, "{}", console.text("azure-lint-summary", &args))
}
