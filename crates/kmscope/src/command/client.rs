//! `kmscope client`: the agent that keeps a machine's software activated.

use std::io::Write;
use std::sync::Arc;

use activation::client::{Client, Machine};
use activation::settings::ClientSettings;
use anyhow::bail;
use messages::Argument;
use serde_json::Value;
use service::client::{AgentOptions, ClientOptions, load, start};
use service::clock::Clock;
use service::control::{Asked, Told};
use service::lookup::Lookup;
use service::machine;

use super::serving::{self, Signal, Signals};
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::activating::{ClientCommand, ClientRun, ClientStatus};
use crate::console::Console;
use crate::{live, local};

pub(crate) fn run(command: &ClientCommand, console: &Console) -> anyhow::Result<Status> {
    match command {
        ClientCommand::Run(options) => serve(options, console),
        ClientCommand::Status(options) => status(options, console),
        ClientCommand::Install(options) => {
            serving::install(options, "client", "KMS client for a site's own software (kmscope)", console)
        }
    }
}

fn serve(options: &ClientRun, console: &Console) -> anyhow::Result<Status> {
    let log = serving::log(options.log, console);
    let wanted = ClientOptions {
        agent: agent_options(&options.folder.data, options),
        setup_key: options.setup_key.as_ref().map(|key| key.0),
        settings: settings(options)?,
        remote_control: serving::remote(&options.remote)?,
    };
    serving::run(async {
        let mut signals = Signals::new()?;
        let running = start(wanted, Clock::system(), log).await?;
        println!("{}", running.control());
        // Whoever waits for the address waits for a line.
        std::io::stdout().flush()?;
        loop {
            tokio::select! {
                () = running.asked_to_stop() => break,
                signal = signals.next() => if matches!(signal, Signal::Stop) { break },
            }
        }
        running.stop().await;
        Ok(Status::Done)
    })?
}

fn agent_options(data: &std::path::Path, options: &ClientRun) -> AgentOptions {
    let mut nameservers: Vec<_> = options.nameserver.iter().map(|server| server.0).collect();
    if nameservers.is_empty() {
        nameservers = own_settings().1;
    }
    AgentOptions {
        data: data.to_owned(),
        machine: Machine {
            name: options.machine_name.clone().unwrap_or_else(machine::name),
            vm_info: machine::vm_info(),
        },
        lookup: Lookup { nameservers, patience: options.timeout.0, random: Arc::new(live::random()) },
        patience: options.timeout.0,
    }
}

/// An agent for work without a running one.
pub(super) fn agent_beside(data: &std::path::Path) -> AgentOptions {
    AgentOptions {
        data: data.to_owned(),
        machine: Machine { name: machine::name(), vm_info: machine::vm_info() },
        lookup: Lookup {
            nameservers: own_settings().1,
            patience: std::time::Duration::from_secs(10),
            random: Arc::new(live::random()),
        },
        patience: std::time::Duration::from_secs(10),
    }
}

/// Suffixes and DNS servers of this machine.
fn own_settings() -> (dns::domains::ClientSettings, Vec<std::net::SocketAddr>) {
    let own = local::gather(&crate::arguments::live::ClientOptions::default(), "", live::runner().as_deref());
    (own.settings, own.nameservers)
}

/// Settings that the options lay over the kept ones; nothing where they leave all as it is.
fn settings(options: &ClientRun) -> anyhow::Result<Option<ClientSettings>> {
    let kept = load(&options.folder.data)?.map(|state| state.settings);
    let new = kept.is_none();
    let mut settings = kept.unwrap_or_default();
    if let Some(host) = &options.skms {
        settings.fixed_host = Some(host.host.clone());
        settings.fixed_port = Some(host.port);
    }
    if let [primary, rest @ ..] = options.client_suffix.as_slice() {
        settings.fixed_host = None;
        settings.fixed_port = None;
        settings.primary_suffix = Some(primary.clone());
        settings.search_list = if rest.is_empty() { Vec::new() } else { options.client_suffix.clone() };
    } else if new && options.skms.is_none() {
        let own = own_settings().0;
        settings.primary_suffix = own.primary_suffix;
        settings.search_list = own.search_list;
    }
    Ok(Some(settings))
}

/// What the client of a folder knows of itself, whether its agent runs or not. Who may not ask the agent is told what
/// it keeps for everybody to read, marked with `"kept": true`.
pub(super) fn told(folder: &std::path::Path, console: &Console) -> anyhow::Result<Value> {
    let (asked, kept) = match serving::ask_service(folder, &Asked::Status) {
        // The file that says how to ask is there, so an agent runs, or was killed.
        Err(error) if serving::is_denied(&error) => (None, true),
        asked => (asked?, false),
    };
    Ok(match asked {
        Some(Told::Status(status)) => status,
        Some(Told::Failed(problem)) => bail!("{problem}"),
        Some(_) => bail!("the service answers something else"),
        None => match load(folder)? {
            Some(state) => {
                let now = Clock::system().now();
                let mut status = service::client::status(&Client::new(state), now, kept);
                if kept {
                    status["kept"] = Value::Bool(true);
                }
                status
            }
            None => {
                let shown = folder.display().to_string();
                bail!(console.text("system-no-client", &[("path", Argument::Text(&shown))]))
            }
        },
    })
}

fn status(options: &ClientStatus, console: &Console) -> anyhow::Result<Status> {
    let status = told(&options.folder.data, console)?;
    let activated = status["activated"] == Value::Bool(true);
    match options.format {
        ReadFormat::Json => println!("{}", crate::json_stream::line(&status)),
        ReadFormat::Text => print_status(&status, activated, console),
    }
    Ok(if activated { Status::Done } else { Status::Fault })
}

fn print_status(status: &Value, activated: bool, console: &Console) {
    let text = |value: &Value| report::visible::one_line(value.as_str().unwrap_or("-"));
    let name = text(&status["product"]["name"]);
    let until = text(&status["until"]);
    if activated {
        let host = text(&status["host"]);
        let args = [
            ("name", Argument::Text(&name)),
            ("until", Argument::Text(&until)),
            ("host", Argument::Text(&host)),
        ];
        println!("{}", console.text("system-client-activated", &args));
    } else {
        let (state, code) = (text(&status["license_status"]), text(&status["code"]));
        let meaning = text(&status["meaning"]);
        let args = [("name", Argument::Text(&name)), ("state", Argument::Text(&state))];
        println!("{}", console.text("system-client-not-activated", &args));
        let args = [("code", Argument::Text(&code)), ("meaning", Argument::Text(&meaning))];
        println!("{}", console.text("system-client-why", &args));
        if status["until"].is_string() {
            println!("{}", console.text("system-client-grace", &[("until", Argument::Text(&until))]));
        }
    }
    if let Some(next) = status["next_attempt"].as_str() {
        println!("{}", console.text("system-client-next", &[("at", Argument::Text(next))]));
    }
    if status["kept"] == Value::Bool(true) {
        println!("{}", console.text("system-client-kept", &[]));
    }
    if status["running"] != Value::Bool(true) {
        println!("{}", console.text("system-client-not-running", &[]));
    }
}
