//! Keys of the catalogue for the words that every format needs.

use diagnosis::remedy::{Safety, Shell};
use diagnosis::{Confidence, Outcome, Severity};
use messages::{Argument, Catalogue};
use model::LicenseStatus;

use crate::document::{Curve, Document, Machine, Place, Source};
use crate::visible::{PATH_MAX, clip_middle, one_line};

pub fn verdict(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Fault => "verdict-fault",
        Outcome::Clear => "verdict-clear",
        Outcome::Undecided => "verdict-undecided",
    }
}

/// The sentence below the verdict when no root cause stands there.
pub fn sentence(document: &Document) -> Option<&'static str> {
    match (document.verdict, document.findings.is_empty()) {
        (Outcome::Fault, false) => None,
        (Outcome::Fault, true) => Some("sentence-nothing-found"),
        (Outcome::Clear, true) => Some("sentence-clear"),
        (Outcome::Clear, false) => Some("sentence-clear-findings"),
        (Outcome::Undecided, true) => Some("sentence-undecided"),
        (Outcome::Undecided, false) => Some("sentence-undecided-findings"),
    }
}

pub fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "severity-error",
        Severity::Warning => "severity-warning",
        Severity::Info => "severity-info",
    }
}

pub fn confidence(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "confidence-certain",
        Confidence::Likely => "confidence-likely",
        Confidence::Possible => "confidence-possible",
    }
}

pub fn confidence_meaning(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Certain => "confidence-certain-meaning",
        Confidence::Likely => "confidence-likely-meaning",
        Confidence::Possible => "confidence-possible-meaning",
    }
}

pub fn safety(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "safety-safe",
        Safety::Disruptive => "safety-disruptive",
        Safety::ShowOnly => "safety-show-only",
    }
}

pub fn safety_meaning(safety: Safety) -> &'static str {
    match safety {
        Safety::Safe => "safety-safe-meaning",
        Safety::Disruptive => "safety-disruptive-meaning",
        Safety::ShowOnly => "safety-show-only-meaning",
    }
}

pub fn shell(shell: Shell) -> &'static str {
    match shell {
        Shell::Cmd => "shell-cmd",
        Shell::Powershell => "shell-powershell",
        Shell::Az => "shell-az",
        Shell::Bind => "shell-bind",
        Shell::Sh => "shell-sh",
        Shell::Text => "shell-text",
    }
}

pub fn what(what: &str) -> &'static str {
    match what {
        "request" => "what-request",
        "response" => "what-response",
        "activated" => "what-activated",
        "refused" => "what-refused",
        "count" => "what-count",
        "published" => "what-published",
        "failed" => "what-failed",
        _ => "what-other",
    }
}

/// The roles of a machine in words.
pub fn roles(machine: &Machine, catalogue: &Catalogue) -> String {
    let role = |role: &String| match role.as_str() {
        "client" => catalogue.label("role-client"),
        "host" => catalogue.label("role-host"),
        other => one_line(other),
    };
    machine.roles.iter().map(role).collect::<Vec<_>>().join(&catalogue.label("list-separator"))
}

/// The state of a licence in words; empty where it is not known.
pub fn license(machine: &Machine, catalogue: &Catalogue) -> String {
    let Some(name) = machine.license_status.as_deref() else { return String::new() };
    match LicenseStatus::ALL.into_iter().find(|status| status.name() == name) {
        Some(status) => catalogue.label(license_key(status)),
        None => one_line(name),
    }
}

fn license_key(status: LicenseStatus) -> &'static str {
    match status {
        LicenseStatus::Unlicensed => "license-unlicensed",
        LicenseStatus::Licensed => "license-licensed",
        LicenseStatus::InitialGrace => "license-initial-grace",
        LicenseStatus::OutOfToleranceGrace => "license-out-of-tolerance-grace",
        LicenseStatus::NonGenuineGrace => "license-non-genuine-grace",
        LicenseStatus::Notification => "license-notification",
        LicenseStatus::ExtendedGrace => "license-extended-grace",
    }
}

/// A place for people: `dlv.txt:14`, `kms.evtx record 812`.
pub fn place(source: &Source, catalogue: &Catalogue) -> String {
    let path = one_line(&clip_middle(&source.path, PATH_MAX));
    match &source.place {
        Place::Line { line } => format!("{path}:{line}"),
        Place::Record { record } => {
            let record = record.to_string();
            let args = [("path", Argument::Text(&path)), ("record", Argument::Text(&record))];
            catalogue.text("place-record", &args)
        }
        Place::Pointer { pointer } => format!("{path} {}", one_line(&clip_middle(pointer, PATH_MAX))),
        Place::Probe { probe, at } => {
            let (probe, at) = (one_line(&clip_middle(probe, PATH_MAX)), one_line(at));
            catalogue.text("place-probe", &[("probe", Argument::Text(&probe)), ("at", Argument::Text(&at))])
        }
    }
}

/// `… and 12 more`.
pub fn more(count: usize, catalogue: &Catalogue) -> String {
    catalogue.text("list-more", &[("count", number(count))])
}

/// A label and what it says: `Machines: PC7`.
pub fn labelled(label: &str, text: &str, catalogue: &Catalogue) -> String {
    format!("{label}{}{text}", catalogue.label("label-colon"))
}

/// How much was read.
pub fn read_summary(document: &Document, catalogue: &Catalogue) -> String {
    let args = [("files", number(document.files_read)), ("facts", number(document.facts_understood))];
    catalogue.text("read-summary", &args)
}

/// The heading of a curve: host and application.
pub fn curve_heading(curve: &Curve, catalogue: &Catalogue) -> String {
    let host = one_line(&curve.host);
    let application = match curve.application.as_str() {
        "windows" => catalogue.label("application-windows"),
        "office" => catalogue.label("application-office"),
        "own" => catalogue.label("application-own"),
        other => one_line(other),
    };
    let args = [("host", Argument::Text(&host)), ("application", Argument::Text(&application))];
    catalogue.text("curve-heading", &args)
}

/// What a curve comes to, in one line.
pub fn curve_summary(curve: &Curve, catalogue: &Catalogue) -> String {
    let mut parts = vec![
        catalogue.text("curve-last", &[("last", Argument::Number(curve.last.into()))]),
        catalogue.text("curve-names", &[("names", number(curve.names))]),
        catalogue.text("curve-cmids", &[("cmids", number(curve.distinct_cmids))]),
    ];
    if let Some(printed) = curve.printed {
        parts.push(catalogue.text("curve-printed", &[("printed", Argument::Number(printed))]));
    }
    if !curve.thresholds.is_empty() {
        let needed: Vec<String> = curve.thresholds.iter().map(u32::to_string).collect();
        let needed = needed.join(&catalogue.label("list-separator"));
        parts.push(catalogue.text("curve-threshold", &[("count", Argument::Text(&needed))]));
    }
    if curve.cap > 0 {
        parts.push(count("curve-cap", curve.cap, catalogue));
    }
    parts.join(&catalogue.label("part-separator"))
}

/// A label that says a count.
pub fn count(key: &str, count: u32, catalogue: &Catalogue) -> String {
    catalogue.text(key, &[("count", Argument::Number(count.into()))])
}

/// A number as an argument.
pub fn number(number: usize) -> Argument<'static> {
    Argument::Number(i64::try_from(number).unwrap_or(i64::MAX))
}

/// Files that tell of a machine: the first few by name.
pub fn files(files: &[String], catalogue: &Catalogue) -> String {
    const SHOWN: usize = 4;
    let shown: Vec<String> =
        files.iter().take(SHOWN).map(|path| one_line(&clip_middle(path, PATH_MAX))).collect();
    let list = shown.join(&catalogue.label("list-separator"));
    if files.len() > SHOWN { format!("{list} {}", more(files.len() - SHOWN, catalogue)) } else { list }
}

/// A failing code in one line: its name, how often, what it means, where it was seen first.
pub(crate) fn code(code: &crate::document::Code, catalogue: &Catalogue) -> String {
    let mut line = code.code.clone();
    if let Some(symbol) = &code.symbol {
        line.push(' ');
        line.push_str(symbol);
    }
    let mut asides = Vec::new();
    if code.times > 1 {
        let times = i64::try_from(code.times).unwrap_or(i64::MAX);
        asides.push(catalogue.text("code-times", &[("times", Argument::Number(times))]));
    }
    if code.overcome {
        asides.push(catalogue.label("code-overcome"));
    }
    if !asides.is_empty() {
        line.push_str(&format!(" ({})", asides.join(", ")));
    }
    if let Some(meaning) = &code.meaning {
        line.push_str(": ");
        line.push_str(meaning);
    }
    format!("{line} [{}]", place(&code.source, catalogue))
}

/// Quoted words and their place in one line.
pub(crate) fn citation(citation: &crate::document::Citation, catalogue: &Catalogue) -> String {
    format!("{} [{}]", one_line(&citation.text), place(&citation.source, catalogue))
}
