//! `kmscope diagnose`: what is wrong, why, and the fix.

use std::io::Write;

use anyhow::bail;
use diagnosis::Case;
use report::{Document, TextOptions};

use crate::Status;
use crate::arguments::{Diagnose, ReportFormat};
use crate::console::Console;
use crate::{evidence, output};

pub(crate) fn run(options: &Diagnose, console: &Console) -> anyhow::Result<Status> {
    if options.format == ReportFormat::JsonLines {
        bail!("--format json-lines needs --each");
    }
    let mut files = Vec::new();
    let mut failed = false;
    let mut complain = |error| {
        console.complain(&error);
        failed = true;
    };
    evidence::read(&options.paths, &options.limits.limits(), console, &mut complain, &mut |file| {
        files.push(file);
    });
    let case = Case::new(files);
    let judged = diagnosis::diagnose(&case);
    let status = Status::of(judged.verdict);
    let rendered = render(&Document::new(&judged, &console.catalogue), options.format, console);
    let mut out = output::open(options.out.as_deref(), console)?;
    out.write_all(rendered.as_bytes())?;
    out.flush()?;
    // The process ends here: what thousands of facts hold is the system's to take back, at once.
    std::mem::forget((case, judged));
    Ok(if failed { Status::Failed } else { status })
}

fn render(document: &Document, format: ReportFormat, console: &Console) -> String {
    match format {
        ReportFormat::Text => {
            let options =
                TextOptions { width: console.width, color: console.color, verbose: console.verbose };
            report::text::render(document, &console.catalogue, &options)
        }
        ReportFormat::Json | ReportFormat::JsonLines => report::json::render(document),
        ReportFormat::Html => report::html::render(document, &console.catalogue),
        ReportFormat::Markdown => report::markdown::render(document, &console.catalogue),
    }
}
