//! `kmscope host`: the KMS host for a site's own software.

use std::io::Write;
use std::path::Path;

use activation::Moment;
use activation::chance::Chance;
use activation::credentials::HostKey;
use anyhow::{Context, bail};
use messages::Argument;
use serde_json::Value;
use service::chance::SystemChance;
use service::control::{Asked, Told};
use service::host::{HOST_KEY, StoreChoice};
use service::machine;
use store::{HostReader, Place, What};

use super::{journal, serving};
use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::hosting as arguments;
use crate::arguments::hosting::{
    HostBackup, HostCommand, HostEvents, HostFolder, HostRestore, HostRevocations, HostStatus,
};
use crate::console::Console;

pub(crate) fn run(command: &HostCommand, console: &Console) -> anyhow::Result<Status> {
    match command {
        HostCommand::Run(given) => super::host_run::serve(given, console),
        HostCommand::Status(options) => status(options, console),
        HostCommand::Install(options) => {
            journal::refuse_password(&options.options)?;
            serving::install(options, "host", "KMS host for a site's own software (kmscope)", console)
        }
        HostCommand::Key(options) => key(options),
        HostCommand::Events(options) => events(options),
        HostCommand::Backup(options) => backup(options, console),
        HostCommand::Restore(options) => restore(options, console),
        HostCommand::Reload(options) => reload(options, console),
        HostCommand::Revocations(options) => revocations(options, console),
    }
}

/// The cluster with its keys.
pub(super) fn cluster_of(
    options: &arguments::ClusterOptions,
) -> anyhow::Result<Option<service::host::ClusterOptions>> {
    let Some(url) = &options.cluster else { return Ok(None) };
    let read = |path: &Path| std::fs::read(path).with_context(|| path.display().to_string());
    let tls = match &options.cluster_ca {
        None => None,
        Some(path) => {
            let identity = match (&options.cluster_certificate, &options.cluster_private_key) {
                (Some(certificate), Some(key)) => {
                    Some(cluster::Identity { certificate: read(certificate)?, key: read(key)? })
                }
                _ => None,
            };
            Some(cluster::Tls { authorities: read(path)?, identity })
        }
    };
    let user = match &options.cluster_user {
        None => None,
        Some(text) => {
            let (name, path) = text.split_once(':').context("--cluster-user: expected NAME:FILE")?;
            let password = String::from_utf8(read(Path::new(path))?).context("--cluster-user")?;
            Some(cluster::User { name: name.to_owned(), password: password.trim_end().to_owned() })
        }
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    Ok(Some(service::host::ClusterOptions {
        endpoints: url.0.iter().map(|member| format!("{scheme}://{member}")).collect(),
        without_majority: options.without_majority,
        options: cluster::Options {
            prefix: options.cluster_prefix.clone(),
            user,
            tls,
            ..cluster::Options::default()
        },
    }))
}

fn status(options: &HostStatus, console: &Console) -> anyhow::Result<Status> {
    let told = serving::ask_service(&options.folder.data, &Asked::Status)?;
    let status = match told {
        Some(Told::Status(status)) => status,
        Some(Told::Failed(problem)) => bail!("{problem}"),
        Some(_) => bail!("the service answers something else"),
        None => stopped(&journal::place(&options.store, &options.folder.data)?)?,
    };
    let running = status["running"] == Value::Bool(true);
    let well = running
        && status["health"] == "ok"
        && products(&status).iter().all(|p| p["in_force"] == Value::Bool(true));
    match options.format {
        ReadFormat::Json => println!("{}", crate::json_stream::line(&status)),
        ReadFormat::Text => print_status(&status, running, console),
    }
    Ok(if well { Status::Done } else { Status::Fault })
}

fn products(status: &Value) -> &[Value] {
    status["products"].as_array().map(Vec::as_slice).unwrap_or_default()
}

/// What the journal of a host that does not run tells.
fn stopped(place: &Place) -> anyhow::Result<Value> {
    let reader = HostReader::at(place)?;
    let journal = reader.status()?;
    let counters = reader.counters()?;
    let rows: Vec<Value> = counters
        .iter()
        .map(|(application, counters)| {
            serde_json::json!({
                "application_id": application,
                "total_requests": counters.total,
                "failed_requests": counters.failed,
                "requests_by_status": counters.by_status,
            })
        })
        .collect();
    Ok(serde_json::json!({
        "schema": 1,
        "running": false,
        "store": StoreChoice::At(place.clone()).to_string(),
        "last_request": journal.last_at.map(|at| at.to_string()),
        "requests": journal.last_sequence,
        "applications": rows,
    }))
}

fn print_status(status: &Value, running: bool, console: &Console) {
    let text = |value: &Value| match value {
        Value::String(text) => report::visible::one_line(text),
        other => other.to_string(),
    };
    if !running {
        let last = status["last_request"].as_str().unwrap_or("-");
        println!("{}", console.text("system-host-stopped", &[("last", Argument::Text(last))]));
        return;
    }
    let publisher = text(&status["publisher"]);
    let port = text(&status["port"]);
    let args = [("publisher", Argument::Text(&publisher)), ("port", Argument::Text(&port))];
    println!("{}", console.text("system-host-runs", &args));
    if status["health"] != "ok" {
        let problem = text(&status["health"]);
        println!("{}", console.text("system-host-unwell", &[("problem", Argument::Text(&problem))]));
    }
    for product in products(status) {
        let (name, until) = (text(&product["name"]), text(&product["not_after"]));
        let number = |key: &str| Argument::Number(product[key].as_i64().unwrap_or(0));
        let args = [
            ("name", Argument::Text(&name)),
            ("count", number("current_count")),
            ("needed", number("n_policy")),
            ("total", number("total_requests")),
            ("failed", number("failed_requests")),
            ("until", Argument::Text(&until)),
        ];
        println!("{}", console.text("system-host-product", &args));
        if product["in_force"] != Value::Bool(true) {
            println!("{}", console.text("system-host-not-in-force", &[("name", Argument::Text(&name))]));
        }
    }
}

/// Makes the host's key where there is none, and prints its public half.
fn key(options: &HostFolder) -> anyhow::Result<Status> {
    let path = options.data.join(HOST_KEY);
    service::files::make_folder(&options.data).with_context(|| options.data.display().to_string())?;
    let shown = || path.display().to_string();
    let key = match service::files::read(&path).with_context(shown)? {
        Some(text) => HostKey::from_base64(text.trim()).with_context(shown)?,
        None => {
            let mut seed = [0; 32];
            SystemChance.fill(&mut seed);
            let key = HostKey::from_seed(seed);
            service::files::write(&path, key.to_base64().as_bytes(), service::files::Readers::Owner)
                .with_context(shown)?;
            service::files::give_to_owner_of_folder(&path).with_context(shown)?;
            key
        }
    };
    println!("{}", key.public());
    Ok(Status::Done)
}

/// Events beside the journal that are printed; there are a few each day.
const EVENTS_MAX: u32 = 1_000_000;

/// Rows that are read from the journal at once.
const ROWS_AT_ONCE: u32 = 4096;

fn events(options: &HostEvents) -> anyhow::Result<Status> {
    let reader = HostReader::at(&journal::place(&options.store, &options.folder.data)?)?;
    let computer = machine::name();
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    for recorded in reader.events(Moment(i64::MIN), Moment(i64::MAX), 0, EVENTS_MAX)? {
        if let What::Event(event) = &recorded.what {
            out.write_all(event.as_text(recorded.at, &computer).as_bytes())?;
        }
    }
    let last = reader.status()?.last_sequence;
    let mut from = options.last.map_or(1, |count| (last + 1).saturating_sub(count).max(1));
    loop {
        let rows = reader.entries(from, ROWS_AT_ONCE)?;
        let Some(end) = rows.last() else { break };
        from = end.entry.sequence + 1;
        for row in rows {
            let at = row.entry.at;
            let event = activation::event::Event::RequestProcessed(Box::new(row.entry));
            out.write_all(event.as_text(at, &computer).as_bytes())?;
        }
    }
    out.flush()?;
    Ok(Status::Done)
}

fn backup(options: &HostBackup, console: &Console) -> anyhow::Result<Status> {
    let out = std::path::absolute(&options.out).with_context(|| options.out.display().to_string())?;
    match readable_journal(options)? {
        Some(journal) => journal.backup(&out)?,
        None => {
            let path = out.to_str().context("--out: expected a name in UTF-8")?.to_owned();
            match serving::ask_service(&options.folder.data, &Asked::Backup(path))? {
                Some(Told::Done) => {}
                Some(Told::Failed(problem)) if serving::is_another_ones(&options.folder.data) => {
                    bail!("{problem}")
                }
                Some(Told::Failed(problem)) => bail!(
                    "{problem} (told which by --store and --store-password-file, this command reads a database itself)"
                ),
                Some(_) => bail!("the service answers something else"),
                None => bail!("the host in {} has just ended; try again", options.folder.data.display()),
            }
        }
    }
    let shown = options.out.display().to_string();
    println!("{}", console.text("system-backed-up", &[("path", Argument::Text(&shown))]));
    Ok(Status::Done)
}

/// The journal, where this command can read it by itself. That is better than to ask the service, which as a rule may
/// write nowhere but into its own folder. But it alone has a database's password, and it may see its files under other
/// names, in a container, say.
fn readable_journal(options: &HostBackup) -> anyhow::Result<Option<HostReader>> {
    let data = &options.folder.data;
    let named = || Ok(Some(HostReader::at(&journal::place(&options.store, data)?)?));
    // Whoever names a store means that one, whichever a host in the folder has.
    if options.store.store.is_some() {
        return named();
    }
    if serving::is_another_ones(data) {
        return Ok(None);
    }
    let status = match serving::ask_service(data, &Asked::Status)? {
        Some(Told::Status(status)) => status,
        Some(Told::Failed(problem)) => bail!("{problem}"),
        Some(_) => bail!("the service answers something else"),
        None => return named(),
    };
    let folder = status["store"].as_str().and_then(|store| store.strip_prefix("sqlite:"));
    Ok(folder.and_then(|folder| HostReader::at(&Place::Folder(folder.into())).ok()))
}

fn restore(options: &HostRestore, console: &Console) -> anyhow::Result<Status> {
    let place = journal::place(&options.store, &options.folder.data)?;
    if let Place::Folder(folder) = &place {
        // A new machine has none yet.
        service::files::make_folder(folder).with_context(|| folder.display().to_string())?;
    }
    let aside = place.restore(&options.from)?;
    if let Place::Folder(folder) = &place {
        for name in [store::FILE, store::LOCK_FILE] {
            let path = folder.join(name);
            service::files::give_to_owner_of_folder(&path).with_context(|| path.display().to_string())?;
        }
    }
    let shown = place.to_string();
    println!("{}", console.text("system-restored", &[("path", Argument::Text(&shown))]));
    if let Some(aside) = aside {
        println!("{}", console.text("system-kept-aside", &[("path", Argument::Text(&aside))]));
    }
    Ok(Status::Done)
}

fn reload(options: &HostFolder, console: &Console) -> anyhow::Result<Status> {
    match ask(&options.data, &Asked::Reload, console)? {
        Told::Reloaded { need_restart } => {
            println!("{}", console.text("system-reloaded", &[]));
            if !need_restart.is_empty() {
                let names = need_restart.join(", ");
                println!("{}", console.text("system-needs-restart", &[("options", Argument::Text(&names))]));
            }
            Ok(Status::Done)
        }
        // A host of before this program, which runs on while the program was exchanged.
        Told::Done => {
            println!("{}", console.text("system-reloaded", &[]));
            Ok(Status::Done)
        }
        _ => bail!("the service answers something else"),
    }
}

fn revocations(options: &HostRevocations, console: &Console) -> anyhow::Result<Status> {
    let shown = || options.file.display().to_string();
    let list = service::files::read(&options.file).with_context(shown)?;
    let list = list.with_context(|| format!("{} does not exist", shown()))?;
    tell(&options.folder.data, &Asked::Revocations(list), console)?;
    println!("{}", console.text("system-revocations-taken", &[]));
    Ok(Status::Done)
}

/// Has a running host do something.
fn tell(folder: &Path, asked: &Asked, console: &Console) -> anyhow::Result<()> {
    match ask(folder, asked, console)? {
        Told::Done => Ok(()),
        _ => bail!("the service answers something else"),
    }
}

/// Asks a running host; a failure is one here, too.
fn ask(folder: &Path, asked: &Asked, console: &Console) -> anyhow::Result<Told> {
    match serving::ask_service(folder, asked)? {
        Some(Told::Failed(problem)) => bail!("{problem}"),
        Some(told) => Ok(told),
        None => {
            let shown = folder.display().to_string();
            bail!(console.text("system-none-runs", &[("path", Argument::Text(&shown))]))
        }
    }
}
