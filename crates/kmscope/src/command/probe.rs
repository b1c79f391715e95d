//! `kmscope probe`: reach and RPC bind, no discovery.

use std::io::{self, Write};
use std::time::Duration;

use messages::Argument;
use probe::facts::in_words;
use probe::resolve::Resolved;
use probe::survey::{Family, Statistics, SurveyOptions, TargetSurvey, survey};
use probe::{Outcome, Reached};
use report::visible::one_line;
use rpc::probe::Verdict;
use serde::Serialize;

use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::live::Probe;
use crate::console::Console;
use crate::{json_stream, live};

/// Connections that are open at once.
const AT_ONCE: usize = 1000;

pub(crate) fn run(options: &Probe, console: &Console) -> anyhow::Result<Status> {
    let survey_options = SurveyOptions {
        timeout: options.timeout.0,
        count: options.count,
        interval: options.interval.0,
        family: match (options.ipv4, options.ipv6) {
            (true, false) => Family::V4,
            (false, true) => Family::V6,
            _ => Family::Any,
        },
        at_once: AT_ONCE,
    };
    let at = live::now();
    let done = live::run(survey(&options.targets, survey_options))?;
    let mut out = io::stdout().lock();
    match options.format {
        ReadFormat::Json => writeln!(out, "{}", json_stream::line(&Document::new(&done, &at)))?,
        ReadFormat::Text => {
            done.iter().try_for_each(|target| text(&mut out, target, options.count, console))?
        }
    }
    let is_host = |target: &TargetSurvey| {
        !target.addresses.is_empty()
            && target.addresses.iter().all(|(_, all)| all.iter().all(Reached::is_host))
    };
    Ok(if done.iter().all(is_host) { Status::Done } else { Status::Fault })
}

/// One target: its addresses, what answers at each, how long it took.
fn text(out: &mut dyn Write, survey: &TargetSurvey, count: usize, console: &Console) -> io::Result<()> {
    writeln!(out, "{}", console.bold(&survey.target.to_string()))?;
    match &survey.resolved {
        Resolved::NoAddress(_) => writeln!(out, "  {}", console.text("probe-no-address", &[]))?,
        Resolved::Timeout => writeln!(out, "  {}", console.text("probe-lookup-timeout", &[]))?,
        Resolved::Addresses(_) => {}
    }
    let width = survey.addresses.iter().map(|(address, _)| address.to_string().len()).max().unwrap_or(0);
    for (address, all) in &survey.addresses {
        let shown = format!("{:width$}", address.to_string());
        let mut told: Vec<&Outcome> = Vec::new();
        for reached in all {
            if !told.contains(&&reached.outcome) {
                told.push(&reached.outcome);
                writeln!(out, "  {shown}  {}", outcome_text(&reached.outcome, console))?;
            }
        }
        let indent = " ".repeat(width + 4);
        if count > 1 {
            writeln!(out, "{indent}{}", statistics_text(&Statistics::of(all), console))?;
        } else if let Some(times) = all.first().and_then(|reached| times_text(reached, console)) {
            writeln!(out, "{indent}{times}")?;
        }
        if console.verbose {
            for reached in all {
                writeln!(out, "{indent}{}", one_line(&in_words(reached)))?;
                hex(out, &indent, &console.text("probe-sent", &[]), &reached.sent)?;
                hex(out, &indent, &console.text("probe-received", &[]), &reached.received)?;
            }
        }
    }
    Ok(())
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

fn times_text(reached: &Reached, console: &Console) -> Option<String> {
    let connect = milliseconds(reached.connect?);
    let answer = milliseconds(reached.answer?);
    let answered = !matches!(
        reached.outcome,
        Outcome::Answer(Verdict::Silent | Verdict::Closed | Verdict::Reset | Verdict::Incomplete)
    );
    Some(if answered {
        let args = [("connect", Argument::Text(&connect)), ("answer", Argument::Text(&answer))];
        console.text("probe-connected-answered", &args)
    } else {
        console.text("probe-connected", &[("connect", Argument::Text(&connect))])
    })
}

fn statistics_text(statistics: &Statistics, console: &Console) -> String {
    let tried = statistics.tried.to_string();
    let Some([minimum, median, maximum]) = statistics.times.map(|times| times.map(milliseconds)) else {
        return console.text("probe-statistics-none", &[("tried", Argument::Text(&tried))]);
    };
    let (connected, loss) = (statistics.connected.to_string(), format!("{:.0}", statistics.loss_percent()));
    console.text(
        "probe-statistics",
        &[
            ("connected", Argument::Text(&connected)),
            ("tried", Argument::Text(&tried)),
            ("loss", Argument::Text(&loss)),
            ("minimum", Argument::Text(&minimum)),
            ("median", Argument::Text(&median)),
            ("maximum", Argument::Text(&maximum)),
        ],
    )
}

fn outcome_text(outcome: &Outcome, console: &Console) -> String {
    let with = |key: &str, name: &str, value: &str| {
        let value = one_line(value);
        console.text(key, &[(name, Argument::Text(&value))])
    };
    match outcome {
        Outcome::Filtered => console.text("probe-filtered", &[]),
        Outcome::Refused => console.text("probe-refused", &[]),
        Outcome::ResetAtConnect => console.text("probe-reset-at-connect", &[]),
        Outcome::NoRoute(error) => with("probe-no-route", "error", error),
        Outcome::NotTried(error) => with("probe-not-tried", "error", error),
        Outcome::Answer(verdict) => match verdict {
            Verdict::Kms { .. } => console.text("probe-kms", &[]),
            Verdict::OwnHost => console.text("probe-own-host", &[]),
            Verdict::OtherRpc { answer } => with("probe-other-rpc", "answer", &answer.to_string()),
            Verdict::BindNak(nak) => {
                let reason = nak.reason_text().map_or_else(|| nak.reason.to_string(), str::to_owned);
                with("probe-bind-nak", "reason", &reason)
            }
            Verdict::OddRpc { what } => with("probe-odd-rpc", "what", what),
            Verdict::Malformed(error) => with("probe-malformed", "error", &error.to_string()),
            Verdict::Other(protocol) => with("probe-other-protocol", "protocol", &protocol.to_string()),
            Verdict::Closed => console.text("probe-closed", &[]),
            Verdict::Reset => console.text("probe-reset", &[]),
            Verdict::Silent => console.text("probe-silent", &[]),
            Verdict::Incomplete => console.text("probe-incomplete", &[]),
        },
    }
}

/// Name of an outcome in JSON.
fn outcome_id(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Filtered => "filtered",
        Outcome::Refused => "refused",
        Outcome::ResetAtConnect => "reset-at-connect",
        Outcome::NoRoute(_) => "no-route",
        Outcome::NotTried(_) => "not-tried",
        Outcome::Answer(verdict) => match verdict {
            Verdict::Kms { .. } => "kms",
            Verdict::OwnHost => "kmscope-host",
            Verdict::OtherRpc { .. } => "other-rpc",
            Verdict::BindNak(_) => "bind-nak",
            Verdict::OddRpc { .. } => "odd-rpc",
            Verdict::Malformed(_) => "malformed",
            Verdict::Other(_) => "other-protocol",
            Verdict::Closed => "closed",
            Verdict::Reset => "reset",
            Verdict::Silent => "silent",
            Verdict::Incomplete => "incomplete",
        },
    }
}

fn hex(out: &mut dyn Write, indent: &str, what: &str, bytes: &[u8]) -> io::Result<()> {
    const BYTES_PER_LINE: usize = 16;
    if bytes.is_empty() {
        return Ok(());
    }
    writeln!(out, "{indent}{what} ({})", bytes.len())?;
    for (number, line) in bytes.chunks(BYTES_PER_LINE).enumerate() {
        let digits: Vec<String> = line.iter().map(|byte| format!("{byte:02x}")).collect();
        writeln!(out, "{indent}  {:04x}  {}", number * BYTES_PER_LINE, digits.join(" "))?;
    }
    Ok(())
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    at: &'a str,
    targets: Vec<TargetRow>,
}

#[derive(Serialize)]
struct TargetRow {
    target: String,
    host: String,
    port: u16,
    /// `found`, `no-address` or `timeout`.
    lookup: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_text: Option<String>,
    addresses: Vec<AddressRow>,
}

#[derive(Serialize)]
struct AddressRow {
    address: String,
    /// True when every connection found a KMS host.
    kms: bool,
    /// True when every connection found a host for a site's own software.
    kmscope_host: bool,
    tried: usize,
    connected: usize,
    loss_percent: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_ms: Option<Spread>,
    connections: Vec<ConnectionRow>,
}

#[derive(Serialize)]
struct Spread {
    minimum: f64,
    median: f64,
    maximum: f64,
}

#[derive(Serialize)]
struct ConnectionRow {
    outcome: &'static str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_address: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    connect_ms: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer_ms: Option<f64>,
    sent: String,
    received: String,
}

impl<'a> Document<'a> {
    fn new(done: &[TargetSurvey], at: &'a str) -> Document<'a> {
        Document { schema: 1, at, targets: done.iter().map(TargetRow::new).collect() }
    }
}

impl TargetRow {
    fn new(survey: &TargetSurvey) -> TargetRow {
        let (lookup, error_text) = match &survey.resolved {
            Resolved::Addresses(_) => ("found", None),
            Resolved::NoAddress(words) => {
                ("no-address", Some(words.clone()).filter(|words| !words.is_empty()))
            }
            Resolved::Timeout => ("timeout", None),
        };
        TargetRow {
            target: survey.target.to_string(),
            host: survey.target.host.clone(),
            port: survey.target.port,
            lookup,
            error_text,
            addresses: survey
                .addresses
                .iter()
                .map(|(address, all)| AddressRow::new(address.to_string(), all))
                .collect(),
        }
    }
}

impl AddressRow {
    fn new(address: String, all: &[Reached]) -> AddressRow {
        let statistics = Statistics::of(all);
        let exact = |time: Duration| (time.as_secs_f64() * 1e6).round() / 1e3;
        let digits = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        AddressRow {
            address,
            kms: all.iter().all(Reached::is_kms),
            kmscope_host: all.iter().all(Reached::is_own_host),
            tried: statistics.tried,
            connected: statistics.connected,
            loss_percent: statistics.loss_percent(),
            connect_ms: statistics.times.map(|[minimum, median, maximum]| Spread {
                minimum: exact(minimum),
                median: exact(median),
                maximum: exact(maximum),
            }),
            connections: all
                .iter()
                .map(|reached| ConnectionRow {
                    outcome: outcome_id(&reached.outcome),
                    text: in_words(reached),
                    source_address: reached.local.map(|local| local.ip().to_string()),
                    connect_ms: reached.connect.map(exact),
                    answer_ms: reached.answer.map(exact),
                    sent: digits(&reached.sent),
                    received: digits(&reached.received),
                })
                .collect(),
        }
    }
}
