//! `kmscope host run`: a host from the options of the command line and of a file, which is read again at a reload.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anyhow::Context;
use service::clock::Clock;
use service::host::admission::Limits;
use service::host::publish::Updates;
use service::host::{Again, Changeable, HostOptions, Reread, Running, start};
use service::log::{Level, Log};
use service::machine;

use super::configuration::{self, Effective, made_of};
use super::host::cluster_of;
use super::journal;
use super::serving::{self, Signal, Signals};
use crate::Status;
use crate::arguments::given::Given;
use crate::arguments::hosting::HostRun;
use crate::console::Console;
use crate::live;

/// The names of those options that a reload takes. The others wait for a restart.
const TAKEN_BY_RELOAD: [&str; 12] = [
    "licence",
    "publish",
    "host-name",
    "nameserver",
    "tsig",
    "allow",
    "max-connections",
    "max-connections-of-one",
    "rate",
    "idle",
    "keep-days",
    "log",
];

/// For one question to a DNS server.
const DNS_PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn serve(given: &Given<HostRun>, console: &Console) -> anyhow::Result<Status> {
    let file = Given::<HostRun>::read(&given.options())?.config;
    let (options, effective) = configuration::read(given, file.as_deref())?;
    let log = serving::log(options.log, console);
    let options = options_of(&options, &effective, again(given.clone(), file, effective.clone()))?;
    if machine::is_root() {
        let remedy = "the host needs no such rights: run it as `kmscope host install` sets it up";
        log.tell(Level::Warning, "root", &[("remedy", &remedy)]);
    }
    serving::run(run(options, log))?
}

/// Serves until it is told to end.
async fn run(options: HostOptions, log: Log) -> anyhow::Result<Status> {
    let mut signals = Signals::new()?;
    let running = start(options, Clock::system(), log).await?;
    print_addresses(&running)?;
    loop {
        tokio::select! {
            () = running.asked_to_stop() => break,
            signal = signals.next() => match signal {
                Signal::Stop => break,
                Signal::Reload => running.reload().await,
            }
        }
    }
    running.stop().await;
    Ok(Status::Done)
}

fn print_addresses(running: &Running) -> std::io::Result<()> {
    for address in running.addresses() {
        println!("{address}");
    }
    if let Some(address) = running.metrics() {
        println!("http://{address}/metrics");
    }
    // Whoever waits for the address waits for a line.
    std::io::stdout().flush()
}

fn options_of(options: &HostRun, effective: &Effective, again: Again) -> anyhow::Result<HostOptions> {
    Ok(HostOptions {
        data: options.folder.data.clone(),
        listen: options.listen.clone(),
        store: made_of(effective, "store", journal::choice(&options.store, &options.folder.data))?,
        metrics: options.metrics,
        remote_control: made_of(effective, "control-key", serving::remote(&options.remote))?,
        cluster: made_of(effective, "cluster", cluster_of(&options.cluster))?,
        changeable: changeable_of(options)?,
        again,
    })
}

fn changeable_of(options: &HostRun) -> anyhow::Result<Changeable> {
    let licence = options.licence.clone();
    Ok(Changeable {
        licence: licence.context("no licence is named, neither by --licence nor in the file of --config")?,
        publish: options.publish.iter().map(|domain| domain.0.clone()).collect(),
        host_name: options.host_name.clone().unwrap_or_else(machine::name),
        updates: Updates {
            nameserver: options.nameserver.map(|server| server.0),
            key: options.tsig.clone().map(|key| Arc::new(key.0)),
            patience: DNS_PATIENCE,
            random: random(),
        },
        allow: options.allow.clone(),
        limits: Limits {
            connections: machine::raise_file_limit(options.max_connections),
            connections_of_one: options.max_connections_of_one,
            requests_per_second: options.rate,
            patience: options.idle.0,
        },
        keep_days: Some(options.keep_days).filter(|days| *days > 0),
        log: serving::form(options.log),
    })
}

/// Message ids of all updates come from one source.
fn random() -> Arc<probe::lookup::Random> {
    static RANDOM: OnceLock<Arc<probe::lookup::Random>> = OnceLock::new();
    RANDOM.get_or_init(|| Arc::new(live::random())).clone()
}

/// Reads command line and file once more, and compares them with what the host was started with.
fn again(given: Given<HostRun>, file: Option<PathBuf>, at_start: Effective) -> Again {
    Again::by(move || reread(&given, file.as_deref(), &at_start).map_err(|error| format!("{error:#}")))
}

fn reread(given: &Given<HostRun>, file: Option<&Path>, at_start: &Effective) -> anyhow::Result<Reread> {
    let (options, effective) = configuration::read(given, file)?;
    // What waits for a restart must not fail there: it is made here, too, and dropped.
    let never = Again::by(|| Err("this host is not to run".to_owned()));
    let HostOptions { changeable, .. } = options_of(&options, &effective, never)?;
    let words = |options: &Effective, name: &str| options.get(name).map(|option| option.words.clone());
    let names: BTreeSet<&String> = effective.keys().chain(at_start.keys()).collect();
    let need_restart = names
        .into_iter()
        .filter(|name| !TAKEN_BY_RELOAD.contains(&name.as_str()))
        .filter(|name| words(&effective, name) != words(at_start, name))
        .cloned()
        .collect();
    Ok(Reread { changeable, need_restart })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reload_takes_are_options() {
        let command = Given::<HostRun>::command();
        let names: Vec<&str> = command.get_arguments().filter_map(|option| option.get_long()).collect();
        assert!(TAKEN_BY_RELOAD.iter().all(|name| names.contains(name)), "{names:?}");
    }
}
