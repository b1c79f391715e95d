//! Starting and ending a client agent.

use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use activation::credentials::SetupKey;
use activation::settings::ClientSettings;
use activation::slmgr::{self, ClientAnswer, Verb};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::agent::{Agent, AgentOptions};
use super::folder::FolderError;
use super::sharing::SharedAgent;
use crate::chance::SystemChance;
use crate::clock::Clock;
use crate::control::{Asked, ControlFile, ControlKey, Handler, Rights, Told, for_others};
use crate::log::{Level, Log, with_causes};

/// How a client is run.
#[derive(Debug, Clone)]
pub struct ClientOptions {
    /// Folder, machine, DNS.
    pub agent: AgentOptions,
    /// A setup key to install, if it is not there yet.
    pub setup_key: Option<SetupKey>,
    /// Settings to lay over those that are kept.
    pub settings: Option<ClientSettings>,
    /// Where other machines may control the client, if anywhere, with their key.
    pub remote_control: Option<(SocketAddr, ControlKey)>,
}

/// Why a client does not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Its folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// A file in it.
    #[error("{}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another agent works in the folder.
    #[error("{} is in use by process {pid}", .folder.display())]
    InUse {
        /// The folder.
        folder: PathBuf,
        /// Its process.
        pid: u32,
    },
    /// An address is taken, or not this machine's.
    #[error("can't listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// The version that `/dlv` prints.
const VERSION: &str = env!("CARGO_PKG_VERSION");

struct Shared {
    agent: SharedAgent,
    stop: watch::Sender<bool>,
}

/// An agent that runs.
pub struct Running {
    shared: Arc<Shared>,
    control: SocketAddr,
    data: PathBuf,
    tasks: Vec<JoinHandle<()>>,
    _lock: File,
}

/// Starts an agent.
pub async fn start(options: ClientOptions, clock: Clock, log: Log) -> Result<Running, RunError> {
    let data = options.agent.data.clone();
    let failed = |path: PathBuf| move |source| RunError::File { path, source };
    let lock = lock_soon(&data).await?;
    let mut agent = Agent::open(options.agent.clone(), clock.clone(), log.clone())?;
    if let Some(key) = &options.setup_key {
        agent.client.state_mut().install(key, clock.now());
    }
    if let Some(settings) = options.settings.clone() {
        agent.configure(|kept| *kept = settings)?;
    }
    agent.save()?;
    let (stop, _) = watch::channel(false);
    let shared = Arc::new(Shared { agent: SharedAgent::new(agent), stop });
    let handler = handler(shared.clone());
    let key = ControlKey::random(&mut SystemChance);
    let (listener, control) = bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    ControlFile::new(control, &key).write(&data, Rights::Everything).map_err(failed(data.clone()))?;
    let mut tasks = vec![tokio::spawn(crate::control::serve(listener, vec![(key, handler.clone())]))];
    if let Some((address, key)) = &options.remote_control {
        let (listener, _) = bind(*address).await?;
        let keys = vec![(key.clone(), for_others(handler))];
        tasks.push(tokio::spawn(crate::control::serve(listener, keys)));
    }
    log.tell(Level::Info, "started", &[("folder", &data.display())]);
    tasks.push(tokio::spawn(attempts(shared.clone(), log)));
    Ok(Running { shared, control, data, tasks, _lock: lock })
}

async fn bind(address: SocketAddr) -> Result<(TcpListener, SocketAddr), RunError> {
    let failed = |source| RunError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

/// Takes a client's folder for oneself: two who work in it would overwrite each other's state. The folder is another's
/// again when the file is dropped.
pub fn lock(folder: &Path) -> Result<File, RunError> {
    crate::files::make_folder(folder).map_err(|source| RunError::File { path: folder.to_owned(), source })?;
    let path = folder.join("client.lock");
    let failed = |source| RunError::File { path: path.clone(), source };
    let file = crate::files::open_lock(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            let pid =
                ControlFile::read(folder, Rights::Everything).ok().flatten().map_or(0, |control| control.pid);
            Err(RunError::InUse { folder: folder.to_owned(), pid })
        }
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

/// How long `slmgr` may work in the folder of a client that is started.
const SHORT_WORK: Duration = Duration::from_secs(10);

/// The same for an agent, which waits for a short work of `slmgr`; that leaves no control file, as an agent does.
async fn lock_soon(folder: &Path) -> Result<File, RunError> {
    let end = tokio::time::Instant::now() + SHORT_WORK;
    loop {
        match lock(folder) {
            Err(RunError::InUse { pid: 0, .. }) if tokio::time::Instant::now() < end => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            taken => return taken,
        }
    }
}

impl Running {
    /// Where the control channel of this machine is.
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// Waits until somebody asks the agent to end.
    pub async fn asked_to_stop(&self) {
        let mut stop = self.shared.stop.subscribe();
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Ends. An attempt under way is dropped; its state is that of before.
    pub async fn stop(self) {
        let _ = self.shared.stop.send(true);
        for task in &self.tasks {
            task.abort();
        }
        ControlFile::remove(&self.data);
    }
}

/// The clock may be set while the agent sleeps, so it looks at it from time to time.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// Before a state that could not be kept is tried again: what it holds is lost if the machine stops.
const NOT_KEPT_PAUSE: Duration = Duration::from_secs(5);

/// Attempts when they are due.
async fn attempts(shared: Arc<Shared>, log: Log) {
    let mut changes = shared.agent.changes();
    let mut is_kept = true;
    loop {
        let pause = match attempt_if_due(&shared.agent, &log).await {
            Ok(pause) => {
                if !std::mem::replace(&mut is_kept, true) {
                    log.tell(Level::Info, "state-kept", &[]);
                }
                pause
            }
            Err(error) => {
                // Told when it begins: the log may lie on the same full disk.
                if std::mem::replace(&mut is_kept, false) {
                    log.tell(Level::Error, "state-not-kept", &[("problem", &with_causes(&error))]);
                }
                NOT_KEPT_PAUSE
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = changes.changed() => {}
        }
    }
}

/// Makes an attempt if one is due. How long to wait then.
async fn attempt_if_due(agent: &SharedAgent, log: &Log) -> Result<Duration, FolderError> {
    if let Some(pause) = pause_before_next(agent).await? {
        return Ok(pause);
    }
    let outcome = agent.attempt().await?;
    tell(&*agent.lock().await, &outcome, log);
    Ok(Duration::from_secs(1))
}

/// How long to wait, with the state kept; nothing when an attempt is due.
async fn pause_before_next(agent: &SharedAgent) -> Result<Option<Duration>, FolderError> {
    let mut agent = agent.lock().await;
    let now = agent.saw_time();
    if agent.client.is_due(now) {
        return Ok(None);
    }
    agent.save()?;
    let Some(due) = agent.client.next_attempt() else { return Ok(Some(LONGEST_PAUSE)) };
    let pause = Duration::from_secs(u64::try_from(due.since(now)).unwrap_or(0));
    Ok(Some(pause.min(LONGEST_PAUSE)))
}

fn tell(agent: &Agent, outcome: &activation::client::Outcome, log: &Log) {
    let host = outcome.host.as_ref().map_or_else(String::new, ToString::to_string);
    if outcome.hresult == 0 {
        log.tell(Level::Info, "activated", &[("host", &host)]);
    } else {
        let code = format!("0x{:08X}", outcome.hresult);
        let sentence = slmgr::sentence(outcome.hresult);
        let level =
            if agent.client.status(agent.now()).is_licensed() { Level::Warning } else { Level::Error };
        log.tell(level, "not-activated", &[("code", &code), ("meaning", &sentence), ("host", &host)]);
    }
}

fn handler(shared: Arc<Shared>) -> Handler {
    Arc::new(move |asked| {
        let shared = shared.clone();
        Box::pin(async move {
            match asked {
                Asked::Slmgr(words) => verb(&words, &shared).await,
                Asked::Status => {
                    let agent = shared.agent.lock().await;
                    Told::Status(status(&agent.client, agent.now(), true))
                }
                Asked::Reload => {
                    shared.agent.tell_change();
                    Told::Done
                }
                Asked::Backup(_) => Told::Failed("a client is backed up by copying its folder".to_owned()),
                Asked::Revocations(_) => Told::Failed("a client takes the list from its hosts".to_owned()),
                Asked::Stop => {
                    let _ = shared.stop.send(true);
                    Told::Done
                }
            }
        })
    })
}

async fn verb(words: &[String], shared: &Shared) -> Told {
    let verb = match Verb::parse(words) {
        Ok(verb) => verb,
        Err(error) => return Told::Failed(error.to_string()),
    };
    let told = run_verb(&shared.agent, &verb).await;
    shared.agent.tell_change();
    told
}

/// Runs a verb on a client, with or without a running agent around it.
pub async fn run_verb(shared: &SharedAgent, verb: &Verb) -> Told {
    let answer = {
        let mut agent = shared.lock().await;
        let now = agent.saw_time();
        let before = agent.client.state().clone();
        let answer = slmgr::client_side::run(verb, &mut agent.client, VERSION, now, &mut SystemChance);
        // What only shows is shown on a full disk, too; and what could not be kept is not set either, as a restart
        // would forget it.
        if *agent.client.state() != before
            && let Err(error) = agent.save()
        {
            *agent.client.state_mut() = before;
            return Told::Failed(with_causes(&error));
        }
        answer
    };
    let output = match answer {
        ClientAnswer::Text(output) => output,
        ClientAnswer::Attempt => match shared.attempt().await {
            Ok(outcome) => slmgr::client_side::after_attempt(&outcome, &shared.lock().await.client),
            Err(error) => return Told::Failed(with_causes(&error)),
        },
    };
    Told::Text { text: output.text, exit_code: output.exit_code }
}

/// Shows what the client of a folder keeps: everybody may read that, also beside a running agent. Nothing where there
/// is no client, or where the verb changes something.
pub fn display_verb(
    folder: &Path,
    verb: &Verb,
    now: activation::Moment,
) -> Result<Option<Told>, FolderError> {
    if !verb.is_display() {
        return Ok(None);
    }
    let Some(state) = super::folder::load(folder)? else { return Ok(None) };
    let mut client = activation::Client::new(state);
    let answer = slmgr::client_side::run(verb, &mut client, VERSION, now, &mut SystemChance);
    Ok(match answer {
        ClientAnswer::Text(output) => Some(Told::Text { text: output.text, exit_code: output.exit_code }),
        ClientAnswer::Attempt => None,
    })
}

/// The client's state for `kmscope client status`.
pub fn status(client: &activation::Client, now: activation::Moment, running: bool) -> Value {
    let (state, status) = (client.state(), client.status(now));
    let product = state.product.as_ref();
    json!({
        "schema": 1,
        "running": running,
        "version": VERSION,
        "activated": status.is_licensed(),
        "license_state": status.state.number(),
        "license_status": status.state.name(),
        "until": status.ends.map(|ends| ends.to_string()),
        "minutes_left": status.minutes_left,
        "reason": status.reason,
        "code": format!("0x{:08X}", status.code()),
        "meaning": (status.code() != 0).then(|| slmgr::sentence(status.code())),
        "product": product.map(|product| json!({
            "name": product.name,
            "application": product.application_name,
            "application_id": product.application_id,
            "activation_id": product.activation_id,
            "partial_product_key": product.partial_key,
            "publisher": product.fingerprint,
            "n_policy": product.n_policy,
        })),
        "cmid": state.cmid,
        "count": status.lease.as_ref().map(|lease| lease.count),
        "host": state.held.as_ref().map(|held| held.host.to_string()),
        "last_attempt": state.last_attempt.as_ref().map(|last| json!({
            "at": last.at.to_string(),
            "code": format!("0x{:08X}", last.hresult),
            "count": last.count,
        })),
        "next_attempt": client.next_attempt_at(now).map(|at| at.to_string()),
    })
}
