//! `kmscope slmgr`: the options of slmgr.vbs for our own hosts and clients.

use std::path::{Path, PathBuf};

use activation::slmgr::{CommandLine, Verb, parse};
use anyhow::bail;
use messages::Argument;
use service::client::{Agent, STATE_FILE, run_verb};
use service::clock::Clock;
use service::control::{Asked, Told};
use service::log::{Form, Level, Log};

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
            let password = remote.password.unwrap_or_default();
            if password.is_empty() {
                bail!(console.text("system-remote-needs-key", &[]));
            }
            serving::ask_remote(&remote.machine, &password, &asked)?
        }
        None => {
            let folder = options.data.clone().unwrap_or_else(default_folder);
            match serving::ask_service(&folder, &asked)? {
                Some(told) => told,
                None => without_service(&folder, &verb, console)?,
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

/// The client's folder where there is a client, else the host's where there is one.
fn default_folder() -> PathBuf {
    let client = PathBuf::from(ClientFolder::DEFAULT);
    let host = PathBuf::from(HostFolder::DEFAULT);
    if !client.join(STATE_FILE).exists() && host.join(store::FILE).exists() { host } else { client }
}

/// A client's options work without its agent, too: a key can be installed before the agent is started first.
fn without_service(folder: &Path, verb: &Verb, console: &Console) -> anyhow::Result<Told> {
    if folder.join(store::FILE).exists() {
        let shown = folder.display().to_string();
        bail!(console.text("system-none-runs", &[("path", Argument::Text(&shown))]));
    }
    let clock = Clock::system();
    let log = Log::to_standard_error(clock.clone(), Form::Text, Level::Error);
    crate::live::run(async {
        let mut agent = Agent::open(agent_beside(folder), clock, log)?;
        Ok(run_verb(&mut agent, verb).await)
    })?
}
