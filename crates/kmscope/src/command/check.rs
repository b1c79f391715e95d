//! `kmscope check`: the whole procedure, live, judged by the same rules as files.

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::bail;
use diagnosis::Case;
use messages::Argument;
use model::network::Service;
use model::{EvidenceFile, Kind};
use probe::check::{CheckInput, Checked, check};
use probe::clock::TimeServers;
use readers::Limits;
use report::{Document, TextOptions};
use serde::Serialize;

use super::chain::{self, ThreeStepTest};
use super::{in_azure, own_client};
use crate::Status;
use crate::arguments::ReportFormat;
use crate::arguments::live::Check;
use crate::console::Console;
use crate::{evidence, json_stream, live, local, output};

pub(crate) fn run(options: &Check, console: &Console) -> anyhow::Result<Status> {
    if options.format == ReportFormat::JsonLines {
        bail!("--format json-lines is for diagnose --each");
    }
    let at = live::now();
    let mut local = local::gather(&options.client, &at, live::runner().as_deref());
    for (what, error) in &local.not_run {
        console.complain(&anyhow::anyhow!("{what}: {error}"));
    }
    let mut paths = options.evidence.clone();
    if options.is_own() {
        paths.extend(own_client::take_the_place(options, &mut local, &at, console)?);
    }
    let in_azure = live::run(in_azure::look(options, &local, &at))?;
    let cloud = in_azure.cloud;
    let mut known_hosts = options.known_host.clone();
    known_hosts.extend(in_azure.endpoints);
    let input = CheckInput {
        settings: local.settings.clone(),
        nameservers: local.nameservers.clone(),
        timeout: options.timeout.0,
        hosts: live::hosts(&options.client, console)?,
        generation: options.client.generation.into(),
        known_hosts,
        time_servers: TimeServers {
            given: options.time_server.map(|server| server.0),
            source: local.time_source.clone(),
            // From another machine's place the clock of this one tells nothing, unless a person asks for it.
            domain: local.settings.primary_suffix.clone().filter(|_| !options.client.describe_a_client()),
        },
        wanted: if options.is_own() { Service::KmscopeHost } else { Service::Kms },
        at,
    };
    let mut checked = live::run(check(&input, Arc::new(live::random())))?;
    let mut files = local.files;
    files.extend(in_azure.files);
    files.extend(evidence(&paths, console)?);
    files.push(local::file(std::mem::take(&mut checked.evidence), Kind::ConnectionTest));
    let case = Case::new(files);
    let judged = diagnosis::diagnose(&case);
    let status = Status::of(judged.verdict);
    let document = Document::new(&judged, &console.catalogue);
    let mut out = output::open(options.out.as_deref(), console)?;
    match options.format {
        ReportFormat::Text => {
            chain::discovery(&mut out, &checked.discovered, &input.settings, &input.nameservers, console)?;
            writeln!(out)?;
            chain::connections(&mut out, &checked, console)?;
            if let Some(cloud) = cloud {
                let cloud = cloud.to_string();
                writeln!(out, "{}", console.text("check-azure-cloud", &[("cloud", Argument::Text(&cloud))]))?;
            }
            writeln!(out)?;
            let options =
                TextOptions { width: console.width, color: console.color, verbose: console.verbose };
            out.write_all(report::text::render(&document, &console.catalogue, &options).as_bytes())?;
        }
        ReportFormat::Json | ReportFormat::JsonLines => {
            let check = Steps { azure_cloud: cloud.map(|cloud| cloud.to_string()), ..Steps::of(&checked) };
            writeln!(out, "{}", json_stream::line(&CheckReport { document, check }))?;
        }
        ReportFormat::Html => {
            out.write_all(report::html::render(&document, &console.catalogue).as_bytes())?
        }
        ReportFormat::Markdown => {
            out.write_all(report::markdown::render(&document, &console.catalogue).as_bytes())?;
        }
    }
    out.flush()?;
    Ok(status)
}

/// Files that are judged together with what was seen.
fn evidence(paths: &[PathBuf], console: &Console) -> anyhow::Result<Vec<EvidenceFile>> {
    let (mut files, mut failed) = (Vec::new(), None);
    let mut complain = |error| failed = Some(error);
    evidence::read(paths, &Limits::default(), console, &mut complain, &mut |file| files.push(file));
    failed.map_or(Ok(files), Err)
}

#[derive(Serialize)]
struct CheckReport {
    #[serde(flatten)]
    document: Document,
    check: Steps,
}

/// What was done, beside the report.
#[derive(Serialize)]
struct Steps {
    /// The Azure cloud that the machine runs in, where its metadata told.
    #[serde(skip_serializing_if = "Option::is_none")]
    azure_cloud: Option<String>,
    /// Domain from which the client would take its records.
    domain: Option<String>,
    /// The hosts in the order in which the client would try them, as `host:port`.
    candidates: Vec<String>,
    by_record: Option<bool>,
    by_name: Option<bool>,
    by_address: Option<bool>,
    clock_offset_seconds: Option<f64>,
    /// Name or address of the time server that was compared with.
    time_server: Option<String>,
    lookups_ms: f64,
    connections_ms: f64,
    total_ms: f64,
}

impl Steps {
    fn of(checked: &Checked) -> Steps {
        let test = ThreeStepTest::of(checked);
        let found = &checked.discovered;
        let [lookups_ms, connections_ms, total_ms] =
            checked.times.map(|time| (time.as_secs_f64() * 1e6).round() / 1e3);
        Steps {
            azure_cloud: None,
            domain: found.chosen.map(|index| found.domains[index].domain.domain.clone()),
            candidates: found
                .candidates
                .iter()
                .map(|one| format!("{}:{}", one.record.target, one.record.port))
                .collect(),
            by_record: test.by_record,
            by_name: test.by_name,
            by_address: test.by_address,
            clock_offset_seconds: checked
                .clock
                .as_ref()
                .and_then(|clock| clock.offset.as_ref().ok())
                .map(|offset| offset.seconds),
            time_server: checked
                .clock
                .as_ref()
                .map(|clock| clock.name.clone().unwrap_or_else(|| clock.server.ip().to_string())),
            lookups_ms,
            connections_ms,
            total_ms,
        }
    }
}
