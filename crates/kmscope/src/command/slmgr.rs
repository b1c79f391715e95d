//! `kmscope slmgr`: the options of slmgr.vbs for our own hosts and clients.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use activation::slmgr::{CommandLine, Verb, access_denied, parse};
use anyhow::{Context, bail};
use messages::Argument;
use service::client::{Agent, RunError, STATE_FILE, SharedAgent, display_verb, lock, run_verb};
use service::clock::Clock;
use service::control::{Asked, Told};
use service::host::is_host_folder;
use service::log::{Form, Level, Log};
use zeroize::Zeroizing;

use super::client::agent_beside;
use super::serving;
use crate::Status;
use crate::arguments::activating::{ClientFolder, Slmgr};
use crate::arguments::hosting::HostFolder;
use crate::console::Console;

pub(crate) fn run(options: &Slmgr, console: &Console) -> anyhow::Result<Status> {
    let CommandLine { remote, verb } = match parse(&options.words) {
        Ok(command_line) => command_line,
        Err(usage) => {
            println!("{usage}");
            return Ok(Status::Code(1));
        }
    };
    let asked = Asked::Slmgr(verb.words());
    let told = match remote {
        Some(remote) => {
            let key = control_key(remote.password.unwrap_or_default(), console)?;
            serving::ask_remote(&remote.machine, &key, &asked)?
        }
        None => {
            let folder = options.data.clone().unwrap_or_else(default_folder);
            match here(&folder, &verb, &asked, console) {
                Err(error) if serving::is_denied(&error) => without_rights(&folder, &verb, error)?,
                told => told?,
            }
        }
    };
    match told {
        Told::Text { text, exit_code } => {
            print!("{text}");
            Ok(Status::Code(exit_code))
        }
        Told::Failed(problem) => bail!("{problem}"),
        _ => bail!("the service answers something else"),
    }
}

fn here(folder: &Path, verb: &Verb, asked: &Asked, console: &Console) -> anyhow::Result<Told> {
    match serving::ask_service(folder, asked)? {
        Some(told) => Ok(told),
        None => without_service(folder, verb, asked, console),
    }
}

/// What everybody may see of a client is what it keeps; to change something needs its account.
fn without_rights(folder: &Path, verb: &Verb, denied: anyhow::Error) -> anyhow::Result<Told> {
    if !verb.is_display() {
        let output = access_denied();
        return Ok(Told::Text { text: output.text, exit_code: output.exit_code });
    }
    display_verb(folder, verb, Clock::system().now())?.ok_or(denied)
}

/// The environment variable that holds the control key where the password is `-`.
const KEY_VARIABLE: &str = "KMSCOPE_CONTROL_KEY";

/// The control key in the password's place: itself, `@` and the file that holds it, or `-` for the environment. Of the
/// three only the first can be seen by everybody who lists the processes.
fn control_key(password: String, console: &Console) -> anyhow::Result<Zeroizing<String>> {
    let password = Zeroizing::new(password);
    let key = if let Some(path) = password.strip_prefix('@') {
        let cannot_read = || console.text("cli-error-read", &[("path", Argument::Text(path))]);
        service::files::read(Path::new(path))
            .and_then(|text| text.ok_or_else(|| std::io::ErrorKind::NotFound.into()))
            .map(Zeroizing::new)
            .with_context(cannot_read)?
    } else if *password == "-" {
        Zeroizing::new(std::env::var(KEY_VARIABLE).unwrap_or_default())
    } else {
        password
    };
    if key.trim().is_empty() {
        bail!(console.text("system-remote-needs-key", &[]));
    }
    Ok(key)
}

/// The client's folder where there is a client, else the host's where there is one.
fn default_folder() -> PathBuf {
    let client = PathBuf::from(ClientFolder::DEFAULT);
    let host = PathBuf::from(HostFolder::DEFAULT);
    if !client.join(STATE_FILE).exists() && is_host_folder(&host) { host } else { client }
}

/// How long another may work in the folder, or an agent that starts may take until it can be asked.
const PATIENCE: Duration = Duration::from_secs(5);

/// A client's options work without its agent, too: a key can be installed before the agent is started first. Whoever
/// works in the folder has its lock, as two would overwrite each other's state.
fn without_service(folder: &Path, verb: &Verb, asked: &Asked, console: &Console) -> anyhow::Result<Told> {
    let shown = folder.display().to_string();
    let path = [("path", Argument::Text(&shown))];
    if is_host_folder(folder) {
        bail!(console.text("system-none-runs", &path));
    }
    let end = Instant::now() + PATIENCE;
    let _lock = loop {
        match lock(folder) {
            Ok(lock) => break lock,
            Err(RunError::InUse { .. }) => {
                if let Some(told) = serving::ask_service(folder, asked)? {
                    return Ok(told);
                }
                if Instant::now() >= end {
                    bail!(console.text("system-client-in-use", &path));
                }
                std::thread::sleep(Duration::from_millis(50));
            }
            Err(error) => return Err(error.into()),
        }
    };
    let clock = Clock::system();
    let log = Log::to_standard_error(clock.clone(), Form::Text, Level::Error);
    crate::live::run(async {
        let agent = SharedAgent::new(Agent::open(agent_beside(folder), clock, log)?);
        Ok(run_verb(&agent, verb).await)
    })?
}
