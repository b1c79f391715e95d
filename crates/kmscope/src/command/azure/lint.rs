//! `kmscope azure lint`: declared networks that would break activation.

use std::io::{self, Write};

use azure::lint::lint;
use messages::Argument;
use report::visible::one_line;
use serde::Serialize;

use super::document::NoteRow;
use super::findings::{FaultRow, Texts, rows};
use super::gather::Gathered;
use super::modules::Modules;
use super::{allowed, sarif};
use crate::Status;
use crate::arguments::azure::{AzureLint, LintFormat};
use crate::console::Console;
use crate::json_stream;

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    cloud: String,
    findings: &'a [FaultRow],
    notes: &'a [NoteRow],
}

pub(super) fn run(options: &AzureLint, console: &Console) -> anyhow::Result<Status> {
    let mut gathered = Gathered::default();
    let modules = Modules::gather(options, &mut gathered, console)?;
    let cloud = options.cloud.unwrap_or_else(|| gathered.cloud());
    let faults = lint(&gathered.told(), cloud);
    let mut texts = Texts::default();
    let mut rows = rows(&faults, &modules, &mut texts, console);
    allowed::mark(&mut rows, &modules, &gathered.documents(), &mut texts, console);
    let notes = notes(&gathered, &modules);
    let mut out = io::BufWriter::new(io::stdout().lock());
    match options.format {
        LintFormat::Json => {
            let document = Document { schema: 1, cloud: cloud.to_string(), findings: &rows, notes: &notes };
            writeln!(out, "{}", json_stream::line(&document))?;
        }
        LintFormat::Sarif => writeln!(out, "{}", json_stream::line(&sarif::log(&rows, console)))?,
        LintFormat::Text => text(&mut out, &rows, &notes, console)?,
    }
    out.flush()?;
    let is_fault = |row: &FaultRow| {
        row.suppressed.is_none() && (row.level == "error" || row.level == "warning" && options.strict)
    };
    Ok(if rows.iter().any(is_fault) { Status::Fault } else { Status::Done })
}

/// Notes that tell of what was not followed: whoever reads findings must know.
const OF_MODULES: [&str; 6] = [
    "note-terraform-broken",
    "note-terraform-variables-broken",
    "note-terraform-module-remote",
    "note-terraform-module-missing",
    "note-terraform-module-limit",
    "note-terraform-limit",
];

/// What was not read of a declaration is told; other files of a repository are not its matter.
fn notes(gathered: &Gathered, modules: &Modules) -> Vec<NoteRow> {
    let is_told = |note: &model::Note| {
        OF_MODULES.contains(&note.key)
            || gathered.is_incomplete(&note.source.path) && note.key != "note-not-understood"
    };
    let mut notes: Vec<NoteRow> = Vec::new();
    for note in gathered.notes().into_iter().filter(is_told) {
        let Some(shown) = modules.shown(&note.source) else { continue };
        // Several calls and several roots may say the same.
        if !notes.iter().any(|known| known.source == shown.source && known.text == note.text) {
            notes.push(NoteRow { text: note.text, source: shown.source });
        }
    }
    notes
}

fn text(out: &mut dyn Write, rows: &[FaultRow], notes: &[NoteRow], console: &Console) -> io::Result<()> {
    for row in rows {
        let place = match row.line {
            Some(line) => format!("{}:{line}", row.source.path),
            None => row.source.to_string(),
        };
        let resource = row.resource.as_deref().map(|name| format!(" {name}:")).unwrap_or_default();
        let mut line =
            format!("{place}: {} {} ({}):{resource} {}", row.level, row.rule, row.cause, row.message);
        if !row.modules.is_empty() {
            line.push_str(&format!(" [{}]", row.modules.join(", ")));
        }
        if let Some(suppressed) = &row.suppressed {
            line.push_str(&format!(" ({})", allowed_words(&suppressed.reason, console)));
        }
        writeln!(out, "{}", one_line(&line))?;
    }
    for note in notes {
        writeln!(out, "{}: {}", one_line(&note.source.to_string()), one_line(&note.text))?;
    }
    let number = |count: usize| Argument::Number(i64::try_from(count).unwrap_or(i64::MAX));
    let count = |level: &str| {
        number(rows.iter().filter(|row| row.level == level && row.suppressed.is_none()).count())
    };
    let args = [("errors", count("error")), ("warnings", count("warning"))];
    let mut summary = console.text("azure-lint-summary", &args);
    let allowed = rows.iter().filter(|row| row.suppressed.is_some()).count();
    if allowed > 0 {
        let args = [("summary", Argument::Text(&summary)), ("allowed", number(allowed))];
        summary = console.text("azure-lint-summary-allowed", &args);
    }
    writeln!(out, "{summary}")
}

fn allowed_words(reason: &str, console: &Console) -> String {
    match reason {
        "" => console.text("azure-lint-allowed-without-reason", &[]),
        reason => console.text("azure-lint-allowed", &[("reason", Argument::Text(reason))]),
    }
}
