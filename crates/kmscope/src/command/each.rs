//! `kmscope diagnose --each`: many cases, one after the other, each with a report of its own.
//!
//! Cases are read and judged by several threads and reported in the order of their names.
//! No more than a few cases are in memory at once, however many there are.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};

use anyhow::{Context, bail};
use diagnosis::Case;
use messages::Argument;
use readers::Limits;
use report::Document;
use serde::Serialize;

use crate::Status;
use crate::arguments::{Diagnose, ReportFormat};
use crate::console::Console;
use crate::json_stream::{self, JsonList};
use crate::{evidence, output, progress};

/// One case with its report.
#[derive(Serialize)]
struct CaseReport {
    /// Path of the folder or bundle.
    case: String,
    #[serde(flatten)]
    document: Document,
}

/// A case that is done: its lines of output and how it ended.
struct Done {
    rendered: String,
    status: Status,
    errors: Vec<anyhow::Error>,
}

pub(crate) fn run(options: &Diagnose, console: &Console) -> anyhow::Result<Status> {
    if matches!(options.format, ReportFormat::Html | ReportFormat::Markdown) {
        bail!("--each prints text, json or json-lines");
    }
    let mut status = Status::Done;
    let mut cases = Vec::new();
    for folder in &options.paths {
        let shown = folder.to_string_lossy();
        let context = || console.text("cli-error-read", &[("path", Argument::Text(&shown))]);
        match evidence::entries(folder).with_context(context) {
            Ok(entries) => cases.extend(entries.into_iter().filter(|entry| !evidence::is_hidden(entry))),
            Err(error) => {
                console.complain(&error);
                status = Status::Failed;
            }
        }
    }
    let mut writer = Writer::begin(options, console)?;
    let ended = judge_all(&cases, options, console, &mut |done| {
        done.errors.iter().for_each(|error| console.complain(error));
        status = status.and(done.status);
        writer.add(&done.rendered)
    });
    ended?;
    writer.end()?;
    Ok(status)
}

/// Judges every case and hands the results over in their order.
fn judge_all(
    cases: &[PathBuf],
    options: &Diagnose,
    console: &Console,
    sink: &mut dyn FnMut(Done) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let threads = options.limits.threads();
    // Several cases at once, so one thread for each.
    let limits = Limits { threads: 1, ..options.limits.limits() };
    let width = cases.iter().map(|case| name(case).chars().count()).max().unwrap_or(0).min(60);
    let bar = progress::bar(console, cases.len() as u64, progress::CASES);
    let next = AtomicUsize::new(0);
    // A thread that is far ahead of the slowest waits.
    let ahead = Window::default();
    std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel::<(usize, Done)>(threads);
        for _ in 0..threads {
            let sender: SyncSender<(usize, Done)> = sender.clone();
            let (next, limits, ahead) = (&next, &limits, &ahead);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = cases.get(index) else { return };
                    ahead.wait_for(index, threads * CASES_AHEAD);
                    let done = judge(case, options.format, limits, console, width);
                    if sender.send((index, done)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early: BTreeMap<usize, Done> = BTreeMap::new();
        let mut wanted = 0;
        let mut result = Ok(());
        for (index, done) in receiver {
            early.insert(index, done);
            while let Some(done) = early.remove(&wanted) {
                wanted += 1;
                ahead.move_to(wanted);
                bar.inc(1);
                if result.is_ok() {
                    result = sink(done);
                }
                if result.is_err() {
                    // Nobody reads any more: take what is on its way, begin nothing new.
                    next.store(cases.len(), Ordering::Relaxed);
                }
            }
        }
        bar.finish_and_clear();
        result
    })
}

/// How many cases a thread may be ahead of the one that is reported next, times the number of threads.
const CASES_AHEAD: usize = 16;

/// How far the reporting has come.
#[derive(Default)]
struct Window {
    reported: Mutex<usize>,
    moved: std::sync::Condvar,
}

impl Window {
    fn wait_for(&self, index: usize, most: usize) {
        let Ok(guard) = self.reported.lock() else { return };
        drop(self.moved.wait_while(guard, |reported| index >= *reported + most));
    }

    fn move_to(&self, reported: usize) {
        if let Ok(mut guard) = self.reported.lock() {
            *guard = reported;
        }
        self.moved.notify_all();
    }
}

fn judge(case: &Path, format: ReportFormat, limits: &Limits, console: &Console, width: usize) -> Done {
    let mut errors = Vec::new();
    let mut files = Vec::new();
    let quiet = console.without_progress();
    let paths = [case.to_owned()];
    evidence::read(&paths, limits, &quiet, &mut |error| errors.push(error), &mut |file| files.push(file));
    let judged = diagnosis::diagnose(&Case::new(files));
    let status = if errors.is_empty() { Status::of(judged.verdict) } else { Status::Failed };
    let document = Document::new(&judged, &console.catalogue);
    let rendered = match format {
        ReportFormat::Text => text_line(case, &document, console, width),
        _ => json_stream::line(&CaseReport { case: case.to_string_lossy().into_owned(), document }),
    };
    Done { rendered, status, errors }
}

fn name(case: &Path) -> String {
    report::visible::one_line(&case.file_name().unwrap_or(case.as_os_str()).to_string_lossy())
}

/// `pc7  fault  port-blocked  certain  TCP 1688 of kms01 is filtered`
fn text_line(case: &Path, document: &Document, console: &Console, width: usize) -> String {
    let verdict = match document.verdict {
        diagnosis::Outcome::Fault => "cli-each-fault",
        diagnosis::Outcome::Clear => "cli-each-clear",
        diagnosis::Outcome::Undecided => "cli-each-undecided",
    };
    let verdict = console.text(verdict, &[]);
    let name = name(case);
    let root = document.root_cause.as_ref().map_or("-", |root| root.cause.id());
    let title = document.root().or(document.findings.first()).map_or("", |finding| finding.title.as_str());
    let line = format!("{name:width$}  {verdict:9}  {root:28}  {}", report::visible::one_line(title));
    line.trim_end().to_owned()
}

/// One line per case, or one JSON document around all.
enum Writer {
    Lines(Box<dyn Write + Send>),
    Document(JsonList<Box<dyn Write + Send>>),
}

impl Writer {
    fn begin(options: &Diagnose, console: &Console) -> anyhow::Result<Writer> {
        let out = output::open(options.out.as_deref(), console)?;
        Ok(match options.format {
            ReportFormat::Json => Writer::Document(JsonList::begin(out, "cases")?),
            _ => Writer::Lines(out),
        })
    }

    fn add(&mut self, rendered: &str) -> anyhow::Result<()> {
        match self {
            Writer::Lines(out) => writeln!(out, "{rendered}")?,
            Writer::Document(list) => list.add(rendered)?,
        }
        Ok(())
    }

    fn end(self) -> anyhow::Result<()> {
        match self {
            Writer::Lines(mut out) => out.flush()?,
            Writer::Document(list) => list.end()?,
        }
        Ok(())
    }
}
