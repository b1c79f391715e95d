//! What the commands of both services share: the runtime, signals, logs, and talking to a running service.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;
use service::clock::Clock;
use service::control::{AskError, Asked, ControlFile, ControlKey, Rights, Told, ask};
use service::log::{Form, Level, Log};

use crate::arguments::hosting::{LogForm, RemoteControl, ServiceKind};
use crate::console::Console;

/// How long a running service may take to answer: an attempt to activate may go through many hosts.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs a service's future on all processors.
pub(super) fn run<F: Future>(future: F) -> anyhow::Result<F::Output> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting")?;
    let output = runtime.block_on(future);
    // What still sleeps has nothing to lose.
    runtime.shutdown_timeout(Duration::from_secs(5));
    Ok(output)
}

/// The log of a service.
pub(super) fn log(form: LogForm, console: &Console) -> Log {
    let _ = console;
    Log::to_standard_error(Clock::system(), self::form(form), Level::Info)
}

/// The form of a log.
pub(super) fn form(form: LogForm) -> Form {
    match form {
        LogForm::Text => Form::Text,
        LogForm::Json => Form::Json,
    }
}

/// Where other machines may control a service, with the key.
pub(super) fn remote(options: &RemoteControl) -> anyhow::Result<Option<(SocketAddr, ControlKey)>> {
    let (Some(address), Some(path)) = (options.control, &options.control_key) else { return Ok(None) };
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    let key = ControlKey::parse(&text).with_context(|| shown.to_string())?;
    Ok(Some((address, key)))
}

/// What ends or turns a service.
pub(super) enum Signal {
    /// Ctrl+C, SIGTERM.
    Stop,
    /// SIGHUP.
    #[cfg_attr(
        not(unix),
        expect(dead_code, reason = "no such signal elsewhere; `host reload` does the same")
    )]
    Reload,
}

/// Waits for signals.
pub(super) struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    hang_up: tokio::signal::unix::Signal,
}

impl Signals {
    /// From now on signals are heard.
    pub(super) fn new() -> anyhow::Result<Signals> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let terminate = signal(SignalKind::terminate()).context("signals")?;
            Ok(Signals { terminate, hang_up: signal(SignalKind::hangup()).context("signals")? })
        }
        #[cfg(not(unix))]
        Ok(Signals {})
    }

    /// The next one.
    pub(super) async fn next(&mut self) -> Signal {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => Signal::Stop,
            _ = self.hang_up.recv() => Signal::Reload,
            _ = tokio::signal::ctrl_c() => Signal::Stop,
        }
        #[cfg(not(unix))]
        {
            let _ = tokio::signal::ctrl_c().await;
            Signal::Stop
        }
    }
}

fn control_file(folder: &Path, rights: Rights) -> anyhow::Result<Option<ControlFile>> {
    ControlFile::read(folder, rights).with_context(|| folder.join(rights.file()).display().to_string())
}

/// True where this account lacks the right.
pub(super) fn is_denied(error: &anyhow::Error) -> bool {
    let cause = error.root_cause().downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::PermissionDenied)
}

/// Asks the service of a folder. Nothing when none runs there.
pub(super) fn ask_service(folder: &Path, asked: &Asked) -> anyhow::Result<Option<Told>> {
    let (control, rights) = match control_file(folder, Rights::Everything) {
        // Who may not ask for everything may still look.
        Err(error) if is_denied(&error) => match control_file(folder, Rights::Display)? {
            None => return Err(error),
            Some(control) => (control, Rights::Display),
        },
        read => match read? {
            None => return Ok(None),
            Some(control) => (control, Rights::Everything),
        },
    };
    let key = control.key().with_context(|| folder.join(rights.file()).display().to_string())?;
    match crate::live::run(ask(control.address, &key, asked, PATIENCE))? {
        Ok(told) => Ok(Some(told)),
        // It was killed, and could not take its file away; its port may be another's by now.
        Err(AskError::Unreachable { .. } | AskError::Foreign(_) | AskError::OtherKey(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// True when a service runs in the folder, and nobody but its account and root may ask it for everything.
pub(super) fn is_another_ones(folder: &Path) -> bool {
    matches!(control_file(folder, Rights::Everything), Err(error) if is_denied(&error))
}

/// Asks a service on another machine.
pub(super) fn ask_remote(machine: &str, key: &str, asked: &Asked) -> anyhow::Result<Told> {
    let key = ControlKey::parse(key).context("the password")?;
    let target = match machine.rsplit_once(':') {
        Some((name, port)) if !name.contains(':') && port.parse::<u16>().is_ok() => machine.to_owned(),
        _ if machine.contains(':') && !machine.starts_with('[') => {
            format!("[{machine}]:{}", service::control::CONTROL_PORT)
        }
        _ if machine.ends_with(']') || !machine.contains(':') => {
            format!("{machine}:{}", service::control::CONTROL_PORT)
        }
        _ => machine.to_owned(),
    };
    let found = crate::live::run(tokio::net::lookup_host(target.clone()))?;
    let address =
        found.with_context(|| target.clone())?.next().with_context(|| format!("{target} has no address"))?;
    Ok(crate::live::run(ask(address, &key, asked, PATIENCE))??)
}

/// The program that a unit starts: this one.
pub(super) fn install(
    options: &crate::arguments::hosting::Install,
    role: &str,
    description: &str,
    console: &Console,
) -> anyhow::Result<crate::Status> {
    let program = std::env::current_exe().context("finding this program")?;
    let usual = if cfg!(windows) { ServiceKind::Task } else { ServiceKind::Systemd };
    if options.kind.unwrap_or(usual) == ServiceKind::Task {
        // Where this is no Windows, the commands are for one elsewhere.
        let data = format!(r"C:\ProgramData\kmscope\{role}");
        let here = if cfg!(windows) { program } else { r"C:\Program Files\kmscope\kmscope.exe".into() };
        let commands = service::task::commands(role, &here, &data, &options.options)?;
        println!("{}", commands.join("\n"));
        return Ok(crate::Status::Done);
    }
    let unit = service::unit::systemd(role, description, &program, &options.options)?;
    if options.print {
        print!("{unit}");
        return Ok(crate::Status::Done);
    }
    let path = options.units.join(format!("kmscope-{role}.service"));
    service::files::write(&path, unit.as_bytes(), service::files::Readers::All)
        .with_context(|| path.display().to_string())?;
    let account = options.accounts.join("kmscope.conf");
    // Not every system has this one from the start; without a folder of units there is no systemd.
    std::fs::create_dir_all(&options.accounts).with_context(|| options.accounts.display().to_string())?;
    service::files::write(&account, service::unit::sysusers().as_bytes(), service::files::Readers::All)
        .with_context(|| account.display().to_string())?;
    let shown = path.display().to_string();
    let name = format!("kmscope-{role}");
    let args = [("path", messages::Argument::Text(&shown)), ("unit", messages::Argument::Text(&name))];
    println!("{}", console.text("system-installed", &args));
    Ok(crate::Status::Done)
}
