//! `kmscope dns publish|remove`: a host's SRV record by dynamic update.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use dns::gss::NegotiatedKey;
use dns::publish::{Change, Current, Wanted, in_words, publish, remove};
use dns::question::full_name;
use dns::service_name;
use dns::tsig::{Key, Signer};
use futures_util::future::join_all;
use messages::Argument;
use probe::kerberos::{BUILT_IN, Context, context, negotiate};
use probe::lookup::Random;
use probe::update::{UpdateFailure, Zone, current, locate, read_many, send};
use report::visible::one_line;
use serde::Serialize;

use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::publishing::{Publish, Remove, ServerOptions, encoded};
use crate::console::Console;
use crate::{json_stream, live};

/// How often a change is tried when somebody else writes at the same time.
const TRIES: usize = 3;

/// What is wanted of every domain.
enum Task<'a> {
    Publish(Wanted),
    Remove(Option<&'a str>),
}

pub(crate) fn run_publish(options: &Publish, console: &Console) -> anyhow::Result<Status> {
    let wanted = Wanted { record: options.record.record(), addresses: options.address.clone() };
    full_name(&wanted.record.target)?;
    run(&options.server, &Task::Publish(wanted), console)
}

pub(crate) fn run_remove(options: &Remove, console: &Console) -> anyhow::Result<Status> {
    let host = options.host.as_deref().map(encoded);
    run(&options.server, &Task::Remove(host.as_deref()), console)
}

/// What became of one domain.
struct Done {
    domain: String,
    zone: Option<Zone>,
    change: Option<Change>,
    sent: bool,
    /// The answer could not be checked, and the records were looked up instead.
    looked_up: bool,
    failure: Option<UpdateFailure>,
}

impl Done {
    fn new(domain: &str) -> Done {
        let domain = domain.to_owned();
        Done { domain, zone: None, change: None, sent: false, looked_up: false, failure: None }
    }
}

/// What signs: the key of the options, or one negotiated with each primary server when it is first needed.
struct Keys<'a> {
    key: Option<&'a Key>,
    with_ticket: bool,
    negotiated: BTreeMap<SocketAddr, Result<NegotiatedKey<Context>, UpdateFailure>>,
}

impl<'a> Keys<'a> {
    fn new(server: &'a ServerOptions) -> Keys<'a> {
        let key = server.tsig.as_ref().map(|file| &file.0);
        Keys { key, with_ticket: server.gss_tsig, negotiated: BTreeMap::new() }
    }

    async fn signer(
        &mut self,
        zone: &Zone,
        random: &Random,
        patience: Duration,
    ) -> Result<Option<&dyn Signer>, UpdateFailure> {
        if !self.with_ticket {
            return Ok(self.key.map(|key| key as &dyn Signer));
        }
        let key = match self.negotiated.entry(zone.primary) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(match context(&zone.primary_name) {
                Ok(context) => negotiate(zone, context, random, live::seconds(), patience).await,
                Err(words) => Err(UpdateFailure::NoTicket(words)),
            }),
        };
        key.as_ref().map(|key| Some(key as &dyn Signer)).map_err(|failure| failure.clone())
    }
}

fn run(server: &ServerOptions, task: &Task<'_>, console: &Console) -> anyhow::Result<Status> {
    if server.gss_tsig && !BUILT_IN {
        anyhow::bail!(console.text("publish-no-kerberos", &[]));
    }
    for domain in &server.domain {
        service_name(domain)?;
    }
    let random = Arc::new(live::random());
    let done = live::run(all(server, task, &random))?;
    // Line by line, a report of thousands of domains takes as many calls of the system.
    let mut out = io::BufWriter::new(io::stdout().lock());
    match server.format {
        ReadFormat::Text => {
            done.iter().try_for_each(|one| text(&mut out, one, task, server.dry_run, console))?
        }
        ReadFormat::Json => {
            let domains = done.iter().map(|one| DomainRow::new(one, console)).collect();
            writeln!(
                out,
                "{}",
                json_stream::line(&Document { schema: 1, dry_run: server.dry_run, domains })
            )?;
        }
    }
    out.flush()?;
    Ok(if done.iter().any(|one| one.failure.is_some()) { Status::Failed } else { Status::Done })
}

/// Plans all domains at once, and sends the changes of each zone together.
async fn all(server: &ServerOptions, task: &Task<'_>, random: &Arc<Random>) -> Vec<Done> {
    let mut done = many(server, task, random).await;
    let closer: Vec<usize> = (0..done.len()).filter(|index| done[*index].zone.is_none()).collect();
    for indexes in closer.chunks(PLANS_AT_ONCE) {
        let plans = indexes.iter().map(|index| planned(&server.domain[*index], server, task, random));
        for (index, plan) in indexes.iter().zip(join_all(plans).await) {
            done[*index] = plan;
        }
    }
    if server.dry_run {
        return done;
    }
    let mut keys = Keys::new(server);
    let mut by_zone: BTreeMap<(SocketAddr, String), Vec<usize>> = BTreeMap::new();
    for (index, one) in
        done.iter().enumerate().filter(|(_, one)| one.change.is_some() && one.failure.is_none())
    {
        if let Some(zone) = &one.zone {
            by_zone.entry((zone.primary, zone.name.to_lowercase().to_string())).or_default().push(index);
        }
    }
    for indexes in by_zone.into_values() {
        for together in indexes.chunks(CHANGES_PER_MESSAGE) {
            send_together(&mut done, together, server, task, random, &mut keys).await;
        }
    }
    done
}

/// Plans what one question for each domain is enough for; the others are left without a zone.
async fn many(server: &ServerOptions, task: &Task<'_>, random: &Arc<Random>) -> Vec<Done> {
    let mut done: Vec<Done> = server.domain.iter().map(|domain| Done::new(domain)).collect();
    let with_addresses = matches!(task, Task::Publish(wanted) if !wanted.addresses.is_empty());
    if done.len() < MANY || with_addresses {
        return done;
    }
    let owners: Vec<dns::Name> =
        server.domain.iter().filter_map(|domain| service_name(domain).ok()).collect();
    if owners.len() != done.len() {
        return done;
    }
    let read = read_many(server.nameserver.0, &owners, server.timeout.0, random).await;
    for ((one, owner), read) in done.iter_mut().zip(&owners).zip(read) {
        let Some(read) = read else { continue };
        let change = match task {
            Task::Publish(wanted) => {
                let there = Current { srv: read.srv, addresses: Vec::new() };
                publish(&read.zone.name, owner, &there, wanted)
            }
            Task::Remove(host) => remove(&read.zone.name, owner, &read.srv, *host),
        };
        if let Ok(change) = change {
            one.change = change;
            one.zone = Some(read.zone);
        }
    }
    done
}

/// From this number of domains on, they are read with one question each.
const MANY: usize = 8;

/// Sends the changes of one zone in one message. Should the server refuse it, each is tried alone, so that one
/// domain's fault is not another's.
async fn send_together(
    done: &mut [Done],
    indexes: &[usize],
    server: &ServerOptions,
    task: &Task<'_>,
    random: &Arc<Random>,
    keys: &mut Keys<'_>,
) {
    let changes: Vec<&Change> = indexes.iter().filter_map(|index| done[*index].change.as_ref()).collect();
    let zone = indexes.first().and_then(|index| done[*index].zone.clone());
    if let (Some(change), Some(zone), true) = (Change::joined(&changes), zone, indexes.len() > 1) {
        match sent(&zone, &change, server, random, keys).await {
            Ok(()) => {
                indexes.iter().for_each(|index| done[*index].sent = true);
                return;
            }
            Err(failure @ UpdateFailure::Unverified(_)) if server.gss_tsig => {
                for index in indexes {
                    look_up(&mut done[*index], failure.clone(), server, task, random).await;
                }
                return;
            }
            Err(_) => {}
        }
    }
    for index in indexes {
        let domain = done[*index].domain.clone();
        done[*index] = one(&domain, server, task, random, keys).await;
    }
}

/// Domains that are planned at once.
const PLANS_AT_ONCE: usize = 64;

/// Changes that go into one message; it stays well below the 64 KiB that a message can have.
const CHANGES_PER_MESSAGE: usize = 250;

async fn planned(domain: &str, server: &ServerOptions, task: &Task<'_>, random: &Arc<Random>) -> Done {
    let mut done = Done::new(domain);
    done.failure = plan(&mut done, server, task, random).await.err();
    done
}

/// Sends a change, signed as the options say.
async fn sent(
    zone: &Zone,
    change: &Change,
    server: &ServerOptions,
    random: &Arc<Random>,
    keys: &mut Keys<'_>,
) -> Result<(), UpdateFailure> {
    let signer = keys.signer(zone, random, server.timeout.0).await?;
    send(zone, change, signer, random.id(), live::seconds(), server.timeout.0).await
}

/// Samba signs the answers to such updates wrongly: what is there now tells whether it took the change.
async fn look_up(
    done: &mut Done,
    failure: UpdateFailure,
    server: &ServerOptions,
    task: &Task<'_>,
    random: &Arc<Random>,
) {
    let after = planned(&done.domain, server, task, random).await;
    done.sent = after.failure.is_none() && after.change.is_none();
    done.looked_up = done.sent;
    done.failure = (!done.sent).then_some(failure);
}

async fn one(
    domain: &str,
    server: &ServerOptions,
    task: &Task<'_>,
    random: &Arc<Random>,
    keys: &mut Keys<'_>,
) -> Done {
    let mut tries = 0;
    loop {
        tries += 1;
        let mut done = planned(domain, server, task, random).await;
        let (Some(zone), Some(change), None) = (&done.zone, &done.change, &done.failure) else { return done };
        match sent(zone, change, server, random, keys).await {
            Ok(()) => done.sent = true,
            Err(failure @ UpdateFailure::Unverified(_)) if server.gss_tsig => {
                look_up(&mut done, failure, server, task, random).await;
            }
            // Somebody wrote in between: what is there now decides what is still to be done.
            Err(UpdateFailure::Changed) if tries < TRIES => continue,
            Err(failure) => done.failure = Some(failure),
        }
        return done;
    }
}

async fn plan(
    done: &mut Done,
    server: &ServerOptions,
    task: &Task<'_>,
    random: &Arc<Random>,
) -> Result<(), UpdateFailure> {
    let patience = server.timeout.0;
    let bad_name = |error: dns::question::NameError| UpdateFailure::Code(error.to_string());
    let owner = service_name(&done.domain).map_err(bad_name)?;
    let zone = locate(server.nameserver.0, &owner, patience, random).await?;
    done.zone = Some(zone.clone());
    let change = match task {
        Task::Publish(wanted) => {
            let host = full_name(&wanted.record.target).map_err(bad_name)?;
            let host = (!wanted.addresses.is_empty() && zone.name.zone_of(&host)).then_some(host);
            let there = current(&zone, &owner, host.as_ref(), patience, random).await?;
            publish(&zone.name, &owner, &there, wanted)
        }
        Task::Remove(host) => {
            let there = current(&zone, &owner, None, patience, random).await?;
            remove(&zone.name, &owner, &there.srv, *host)
        }
    };
    done.change = change.map_err(bad_name)?;
    Ok(())
}

fn text(
    out: &mut dyn Write,
    done: &Done,
    task: &Task<'_>,
    dry_run: bool,
    console: &Console,
) -> io::Result<()> {
    let domain = one_line(&done.domain);
    let with = |key: &str| console.text(key, &[("domain", Argument::Text(&domain))]);
    if let Some(failure) = &done.failure {
        return writeln!(out, "{}", failure_text(done, failure, console));
    }
    match (&done.change, task) {
        (None, Task::Publish(_)) => writeln!(out, "{}", with("publish-unchanged")),
        (None, Task::Remove(_)) => writeln!(out, "{}", with("publish-nothing-to-remove")),
        (Some(change), _) if dry_run => {
            let server = done.zone.as_ref().map(|zone| zone.primary.to_string()).unwrap_or_default();
            let args = [("domain", Argument::Text(&domain)), ("server", Argument::Text(&server))];
            writeln!(
                out,
                "{}\n{}",
                console.text("publish-would-send", &args),
                visible_lines(&change.to_string())
            )
        }
        (Some(change), _) => {
            writeln!(
                out,
                "{}",
                with(if done.looked_up { "publish-done-looked-up" } else { "publish-done" })
            )?;
            for record in &change.remove {
                writeln!(out, "  - {}", one_line(&in_words(record)))?;
            }
            change.add.iter().try_for_each(|record| writeln!(out, "  + {}", one_line(&in_words(record))))
        }
    }
}

fn visible_lines(text: &str) -> String {
    text.lines().map(one_line).collect::<Vec<_>>().join("\n")
}

/// What went wrong, and what helps.
fn failure_text(done: &Done, failure: &UpdateFailure, console: &Console) -> String {
    let domain = one_line(&done.domain);
    let server = done
        .zone
        .as_ref()
        .map(|zone| format!("{} ({})", zone.primary, zone.primary_name))
        .unwrap_or_default();
    let server = one_line(&server);
    let owner = one_line(&format!("_vlmcs._tcp.{}", done.domain.trim_matches('.')));
    let (key, words) = match failure {
        UpdateFailure::NoZone(words) => ("publish-no-zone", one_line(words)),
        UpdateFailure::NotRead(words) => ("publish-not-read", one_line(words)),
        UpdateFailure::NoAnswer(words) => ("publish-no-answer", one_line(words)),
        UpdateFailure::NoTicket(words) => ("publish-no-ticket", one_line(words)),
        UpdateFailure::TicketRefused(words) => ("publish-ticket-refused", one_line(words)),
        UpdateFailure::Refused => ("publish-refused", String::new()),
        UpdateFailure::NotAuth => ("publish-notauth", String::new()),
        UpdateFailure::BadKey => ("publish-badkey", String::new()),
        UpdateFailure::BadSig => ("publish-badsig", String::new()),
        UpdateFailure::BadTime(Some(ahead)) => ("publish-badtime", ahead.to_string()),
        UpdateFailure::BadTime(None) => ("publish-badtime", "?".to_owned()),
        UpdateFailure::NotZone => ("publish-notzone", String::new()),
        UpdateFailure::Changed => ("publish-changed", String::new()),
        UpdateFailure::Unverified(words) => ("publish-unverified", one_line(words)),
        UpdateFailure::Code(words) => ("publish-code", one_line(words)),
    };
    console.text(
        key,
        &[
            ("domain", Argument::Text(&domain)),
            ("server", Argument::Text(&server)),
            ("owner", Argument::Text(&owner)),
            ("words", Argument::Text(&words)),
        ],
    )
}

#[derive(Serialize)]
struct Document {
    schema: u32,
    dry_run: bool,
    domains: Vec<DomainRow>,
}

#[derive(Serialize)]
struct DomainRow {
    domain: String,
    /// `sent`, `would-send`, `unchanged` or `failed`.
    result: &'static str,
    zone: Option<String>,
    primary: Option<String>,
    primary_address: Option<IpAddr>,
    /// The answer's signature could not be checked; the records were looked up afterwards and are as wanted.
    looked_up: bool,
    removed: Vec<String>,
    added: Vec<String>,
    /// The change in the words of nsupdate.
    #[serde(skip_serializing_if = "Option::is_none")]
    nsupdate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

impl DomainRow {
    fn new(done: &Done, console: &Console) -> DomainRow {
        let words = |records: &[_]| records.iter().map(in_words).collect();
        DomainRow {
            domain: done.domain.clone(),
            result: match (&done.failure, &done.change, done.sent) {
                (Some(_), ..) => "failed",
                (None, None, _) => "unchanged",
                (None, Some(_), true) => "sent",
                (None, Some(_), false) => "would-send",
            },
            zone: done.zone.as_ref().map(|zone| dns::question::shown(&zone.name)),
            primary: done.zone.as_ref().map(|zone| zone.primary_name.clone()),
            primary_address: done.zone.as_ref().map(|zone| zone.primary.ip()),
            looked_up: done.looked_up,
            removed: done.change.as_ref().map_or_else(Vec::new, |change| words(&change.remove)),
            added: done.change.as_ref().map_or_else(Vec::new, |change| words(&change.add)),
            nsupdate: done.change.as_ref().map(Change::to_string),
            failure: done.failure.as_ref().map(|failure| failure_text(done, failure, console)),
        }
    }
}
