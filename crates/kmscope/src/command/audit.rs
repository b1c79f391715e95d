//! `kmscope dns audit`: every KMS record of many zones, and what to take out.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::io::{self, Read, Write};
use std::net::IpAddr;
use std::path::Path;

use anyhow::{Context, bail};
use dns::tsig::Signer;
use dns::{Answer, Outcome, Srv};
use futures_util::future::join_all;
use messages::Argument;
use probe::audit::{AuditInput, AuditOptions, Known, RecordAudit, RecordFault, Source, ZoneAudit, audit};
use probe::facts::in_words;
use probe::lookup::{Asked, Random};
use probe::transfer::transfer;
use report::visible::one_line;
use serde::Serialize;

use super::zone_file::{self, Told};
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::auditing::Audit;
use crate::arguments::live::ClientOptions;
use crate::arguments::publishing::encoded;
use crate::console::Console;
use crate::{json_stream, live, local, progress};

/// Most zones of one audit.
const ZONES_MAX: usize = 1_000_000;

/// Bytes of output that are written at once: a report of ten thousand zones is a megabyte.
const OUTPUT_BYTES: usize = 1 << 16;

pub(crate) fn run(options: &Audit, console: &Console) -> anyhow::Result<Status> {
    let mut zones = options.zone.clone();
    if let Some(file) = &options.zones {
        zones.extend(read_zones(file, console)?);
    }
    if options.axfr {
        // Each is handed over once; questions are asked once for each name anyway.
        let mut seen = HashSet::new();
        zones.retain(|zone| seen.insert(zone.trim_end_matches('.').to_lowercase()));
    }
    if zones.len() > ZONES_MAX {
        bail!("{} zones, expected at most {ZONES_MAX}", zones.len());
    }
    let nameservers = if options.nameserver.is_empty() {
        local::gather(&ClientOptions::default(), &live::now(), live::runner().as_deref()).nameservers
    } else {
        options.nameserver.iter().map(|server| server.0).collect()
    };
    if nameservers.is_empty() {
        bail!("{}", console.text("discover-no-server", &[]));
    }
    let Told { known, hosts } = zone_file::read_all(&options.zone_file, console)?;
    let audit_options = AuditOptions {
        // A file alone is judged by itself; this machine's servers only tell what addresses its targets have.
        ask: !options.nameserver.is_empty() || options.zone_file.is_empty(),
        nameservers,
        timeout: options.timeout.0,
        allowed: options.allow.iter().map(|host| encoded(host).to_lowercase()).collect(),
        probe: !options.no_probe,
    };
    let bar = progress::bar(console, zones.len() as u64, progress::CASES);
    let random = live::random();
    let mut input = AuditInput { zones, known, hosts };
    let auditing = async {
        if options.axfr {
            let transfers = transfers(&input.zones, options, &audit_options, &random).await;
            input.known.extend(transfers);
        }
        audit(&input, &audit_options, &random, |done| bar.inc(done)).await
    };
    let audits = live::run(auditing)??;
    bar.finish_and_clear();
    let mut out = io::BufWriter::with_capacity(OUTPUT_BYTES, io::stdout().lock());
    match options.format {
        ReadFormat::Text => text(&mut out, &audits, console)?,
        ReadFormat::Json => {
            let zones = audits.iter().map(ZoneRow::new).collect();
            writeln!(out, "{}", json_stream::line(&Document { schema: 1, zones }))?;
        }
    }
    out.flush()?;
    let answered = audits.iter().flat_map(|audit| &audit.answers).any(|(_, asked)| is_usable(asked));
    let wrong = audits.iter().any(|audit| audit.servers_differ || audit.records.iter().any(is_wrong));
    // The process ends here; taking a million small texts apart one by one would only hold it up.
    std::mem::forget(audits);
    Ok(match (wrong, answered) {
        (true, _) => Status::Fault,
        (false, true) => Status::Done,
        (false, false) => Status::Undecided,
    })
}

/// Zones that are transferred at once.
const TRANSFERS_AT_ONCE: usize = 32;

/// What the first server hands over: the records of each domain of each zone, or why there are none.
async fn transfers(zones: &[String], options: &Audit, how: &AuditOptions, random: &Random) -> Vec<Known> {
    let Some(server) = how.nameservers.first().copied() else { return Vec::new() };
    let signer = options.tsig.as_ref().map(|file| &file.0 as &dyn Signer);
    let mut known = Vec::new();
    for together in zones.chunks(TRANSFERS_AT_ONCE) {
        let under_way =
            together.iter().map(|zone| transfer(server, zone, signer, how.timeout, random, live::seconds()));
        for (zone, transferred) in together.iter().zip(join_all(under_way).await) {
            let zone = zone.trim_end_matches('.').to_lowercase();
            let told =
                |domain, asked| Known { domain, zone: zone.clone(), source: Source::Transfer(server), asked };
            match transferred {
                Ok(mut domains) => {
                    domains.entry(zone.clone()).or_default();
                    let listed = |(domain, srv)| told(domain, Asked::Answered(Answer::listed(srv)));
                    known.extend(domains.into_iter().map(listed));
                }
                Err(words) => known.push(told(zone.clone(), Asked::Failed(words))),
            }
        }
    }
    known
}

/// The server tells what is there, or that nothing is.
fn is_usable(asked: &Asked) -> bool {
    matches!(asked, Asked::Answered(answer) if answer.tells())
}

fn is_wrong(record: &RecordAudit) -> bool {
    record.faults.iter().any(|fault| fault.is_error())
}

/// One zone in each line; what stands behind a `#` is a remark.
fn read_zones(file: &Path, console: &Console) -> anyhow::Result<Vec<String>> {
    let shown = file.to_string_lossy();
    let context = || console.text("cli-error-read", &[("path", Argument::Text(&shown))]);
    let mut text = String::new();
    if file.as_os_str() == "-" {
        io::stdin().read_to_string(&mut text).with_context(context)?;
    } else {
        text = fs::read_to_string(file).with_context(context)?;
    }
    let zones = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    Ok(zones.filter(|zone| !zone.is_empty()).map(str::to_owned).collect())
}

/// Texts of the catalogue that come for every record, looked up once.
#[derive(Default)]
struct Texts(HashMap<&'static str, String>);

impl Texts {
    fn get(&mut self, key: &'static str, console: &Console) -> &str {
        self.0.entry(key).or_insert_with(|| console.text(key, &[]))
    }
}

fn text(out: &mut dyn Write, audits: &[ZoneAudit], console: &Console) -> io::Result<()> {
    let mut texts = Texts::default();
    let (mut with_records, mut records, mut wrong) = (0usize, 0usize, 0usize);
    for audit in audits {
        with_records += usize::from(!audit.records.is_empty());
        records += audit.records.len();
        wrong += audit.records.iter().filter(|record| is_wrong(record)).count();
        let failed = audit.answers.iter().any(|(_, asked)| match asked {
            Asked::Answered(answer) => {
                !matches!(answer.outcome, Outcome::Found | Outcome::NoData | Outcome::Nxdomain)
            }
            _ => true,
        });
        if audit.records.is_empty() && !failed && !console.verbose && audits.len() > 1 {
            continue;
        }
        writeln!(out, "{}", console.bold(&one_line(&audit.zone)))?;
        for (server, asked) in &audit.answers {
            let words = match asked {
                Asked::Answered(answer) if !answer.srv.is_empty() && !audit.servers_differ => continue,
                Asked::Answered(answer) => format!("{} ({})", answer.outcome, answer.srv.len()),
                Asked::Timeout => console.text("audit-no-answer", &[]),
                Asked::Closed => console.text("audit-no-answer", &[]),
                Asked::Failed(words) | Asked::Nonsense(words) => words.clone(),
            };
            writeln!(out, "  {server}: {}", one_line(&words))?;
        }
        if audit.servers_differ {
            writeln!(out, "  {}", console.text("discover-servers-differ", &[]))?;
        }
        for record in &audit.records {
            record_text(out, record, &mut texts, console)?;
        }
        for command in removal(audit) {
            writeln!(out, "  {}", one_line(&command))?;
        }
    }
    let (zones, with, records, wrong) =
        (audits.len().to_string(), with_records.to_string(), records.to_string(), wrong.to_string());
    let args = [
        ("zones", Argument::Text(&zones)),
        ("with", Argument::Text(&with)),
        ("records", Argument::Text(&records)),
        ("wrong", Argument::Text(&wrong)),
    ];
    writeln!(out, "{}", console.text("audit-summary", &args))
}

fn record_text(
    out: &mut dyn Write,
    one: &RecordAudit,
    texts: &mut Texts,
    console: &Console,
) -> io::Result<()> {
    let Srv { priority, weight, port, target, ttl } = &one.record;
    write!(out, "  {priority} {weight} {port} {} (TTL {ttl}): ", one_line(target))?;
    if one.faults.is_empty() {
        // Without a connection nobody knows what answers there.
        let key = if one.reached.is_empty() { "audit-not-tried" } else { "audit-fine" };
        out.write_all(texts.get(key, console).as_bytes())?;
    }
    for (index, fault) in one.faults.iter().enumerate() {
        let comma = if index > 0 { ", " } else { "" };
        write!(out, "{comma}{}", texts.get(fault_key(*fault), console))?;
    }
    writeln!(out)?;
    for (address, name) in &one.other_names {
        let args =
            [("address", Argument::Text(&address.to_string())), ("name", Argument::Text(&one_line(name)))];
        writeln!(out, "    {}", console.text("audit-other-name-is", &args))?;
    }
    for reached in one.reached.iter().filter(|reached| console.verbose || !reached.is_kms()) {
        writeln!(out, "    {}: {}", reached.address, one_line(&in_words(reached)))?;
    }
    Ok(())
}

fn fault_key(fault: RecordFault) -> &'static str {
    match fault {
        RecordFault::Unresolvable => "audit-unresolvable",
        RecordFault::AddressUnknown => "audit-address-unknown",
        RecordFault::Dead => "audit-dead",
        RecordFault::OtherService => "audit-other-service",
        RecordFault::OtherKind => "audit-other-kind",
        RecordFault::Rogue => "audit-rogue",
        RecordFault::Duplicate => "audit-duplicate",
        RecordFault::OddPort => "audit-odd-port",
        RecordFault::OddTtl => "audit-odd-ttl",
        RecordFault::OtherName => "audit-other-name",
    }
}

fn fault_id(fault: RecordFault) -> &'static str {
    match fault {
        RecordFault::Unresolvable => "unresolvable",
        RecordFault::AddressUnknown => "address-unknown",
        RecordFault::Dead => "dead",
        RecordFault::OtherService => "other-service",
        RecordFault::OtherKind => "other-kind",
        RecordFault::Rogue => "rogue",
        RecordFault::Duplicate => "duplicate",
        RecordFault::OddPort => "odd-port",
        RecordFault::OddTtl => "odd-ttl",
        RecordFault::OtherName => "other-name",
    }
}

/// Commands that take the wrong records out, for Microsoft DNS and for servers that take updates.
///
/// A name from DNS goes into a command only when it is plain: whoever pastes it must not run what somebody published.
fn removal(audit: &ZoneAudit) -> Vec<String> {
    let plain = |text: &str| text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    let domain = audit.zone.trim_end_matches('.');
    let (zone, name) = match &audit.held_by {
        Some(zone) => {
            let below = domain.to_lowercase();
            let below = below.strip_suffix(zone.as_str()).unwrap_or_default().trim_end_matches('.');
            (
                zone.as_str(),
                if below.is_empty() { "_vlmcs._tcp".to_owned() } else { format!("_vlmcs._tcp.{below}") },
            )
        }
        None => (domain, "_vlmcs._tcp".to_owned()),
    };
    let wrong = audit.records.iter().filter(|record| is_wrong(record)).map(|one| &one.record);
    wrong
        .filter(|record| plain(&record.target) && plain(zone) && plain(domain))
        .flat_map(|record| {
            let (priority, weight, port, target) = (record.priority, record.weight, record.port, &record.target);
            [
                format!("Remove-DnsServerResourceRecord -ZoneName {zone} -Name {name} -RRType Srv -RecordData {priority},{weight},{port},{target}."),
                format!("kmscope dns remove --domain {domain} --host {target} --nameserver <primary> --tsig <key>"),
            ]
        })
        .collect()
}

#[derive(Serialize)]
struct Document<'a> {
    schema: u32,
    zones: Vec<ZoneRow<'a>>,
}

#[derive(Serialize)]
struct ZoneRow<'a> {
    zone: &'a str,
    servers_differ: bool,
    answers: Vec<AnswerRow>,
    records: Vec<RecordRow<'a>>,
    removal: Vec<String>,
}

#[derive(Serialize)]
struct AnswerRow {
    server: String,
    result: String,
    records: usize,
}

#[derive(Serialize)]
struct RecordRow<'a> {
    priority: u16,
    weight: u16,
    port: u16,
    target: &'a str,
    ttl: u32,
    addresses: &'a [IpAddr],
    kms: Option<bool>,
    kmscope_host: Option<bool>,
    /// Names that the addresses have, where they are not the target's, as `address name`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    other_names: Vec<String>,
    faults: Vec<&'static str>,
    connections: Vec<String>,
}

impl<'a> ZoneRow<'a> {
    fn new(audit: &'a ZoneAudit) -> ZoneRow<'a> {
        let answer = |asked: &Asked| match asked {
            Asked::Answered(answer) => (answer.outcome.to_string(), answer.srv.len()),
            Asked::Timeout => ("timeout".to_owned(), 0),
            Asked::Closed => ("closed".to_owned(), 0),
            Asked::Failed(words) | Asked::Nonsense(words) => (words.clone(), 0),
        };
        let row = |one: &'a RecordAudit| RecordRow {
            priority: one.record.priority,
            weight: one.record.weight,
            port: one.record.port,
            target: &one.record.target,
            ttl: one.record.ttl,
            addresses: &one.addresses,
            kms: (!one.reached.is_empty()).then(|| one.reached.iter().any(probe::Reached::is_kms)),
            kmscope_host: (!one.reached.is_empty())
                .then(|| one.reached.iter().any(probe::Reached::is_own_host)),
            other_names: one.other_names.iter().map(|(address, name)| format!("{address} {name}")).collect(),
            faults: one.faults.iter().map(|fault| fault_id(*fault)).collect(),
            connections: one
                .reached
                .iter()
                .map(|reached| format!("{}: {}", reached.address, in_words(reached)))
                .collect(),
        };
        ZoneRow {
            zone: &audit.zone,
            servers_differ: audit.servers_differ,
            answers: audit
                .answers
                .iter()
                .map(|(server, asked)| {
                    let (result, records) = answer(asked);
                    AnswerRow { server: server.to_string(), result, records }
                })
                .collect(),
            records: audit.records.iter().map(row).collect(),
            removal: removal(audit),
        }
    }
}
