//! The clock and the runtime that live commands share.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use messages::Argument;
use model::Timestamp;
use probe::local::{Runner, System, hosts_file, read_hosts};
use probe::lookup::Random;

use crate::arguments::live::ClientOptions;
use crate::console::Console;

/// Seconds since 1970.
pub(crate) fn seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The time now, as an RFC 3339 time in UTC.
pub(crate) fn now() -> String {
    let seconds = i64::try_from(seconds()).unwrap_or_default();
    Timestamp::from_utc_seconds(seconds).map(|time| time.text().to_owned()).unwrap_or_default()
}

/// Runs a future to its end; one thread is enough for a thousand connections.
///
/// A look-up of the system's resolver that is still under way is left behind: it cannot be stopped, and nobody waits
/// for it any more.
pub(crate) fn run<F: Future>(future: F) -> anyhow::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    let output = runtime.block_on(future);
    runtime.shutdown_background();
    Ok(output)
}

/// Ids of DNS questions, which nobody must be able to guess.
pub(crate) fn random() -> Random {
    Random::new(|| {
        IDS.with_borrow_mut(|ids| {
            ids.pop().unwrap_or_else(|| {
                let mut bytes = [0; IDS_AT_ONCE * 2];
                // Without the system's random numbers a fixed id is left; the port of each question is random, too.
                let _ = getrandom::fill(&mut bytes);
                ids.extend(bytes.as_chunks::<2>().0.iter().map(|id| u16::from_le_bytes(*id)));
                ids.pop().unwrap_or_default()
            })
        })
    })
}

/// Ids that are fetched from the system together; a call for each would cost as much as the question itself.
const IDS_AT_ONCE: usize = 256;

thread_local! {
    static IDS: RefCell<Vec<u16>> = const { RefCell::new(Vec::new()) };
}

/// How long a command of this machine may take; `slmgr /dlv` takes some seconds on a slow one.
const COMMAND_PATIENCE: Duration = Duration::from_secs(15);

/// What runs this machine's commands, where it is a Windows machine.
pub(crate) fn runner() -> Option<Box<dyn Runner>> {
    cfg!(windows).then(|| Box::new(System { patience: COMMAND_PATIENCE }) as Box<dyn Runner>)
}

/// The hosts file: the one that was named, or this machine's own when its own settings are looked at.
pub(crate) fn hosts(
    client: &ClientOptions,
    console: &Console,
) -> anyhow::Result<BTreeMap<String, Vec<IpAddr>>> {
    let described = client.describe_a_client();
    let path = match &client.hosts_file {
        Some(path) => path.clone(),
        None if described => return Ok(BTreeMap::new()),
        None => hosts_file(),
    };
    match std::fs::read(&path) {
        Ok(bytes) => Ok(read_hosts(&String::from_utf8_lossy(&bytes))),
        // A machine without a hosts file is no fault; a file that was named and is not there is one.
        Err(_) if client.hosts_file.is_none() => Ok(BTreeMap::new()),
        Err(error) => {
            let shown = path.to_string_lossy();
            let context = console.text("cli-error-read", &[("path", Argument::Text(&shown))]);
            Err(anyhow::Error::new(error).context(context))
        }
    }
}
