//! Starting and ending a host.

use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use activation::counting::WINDOW_SECONDS;
use activation::credentials::{HostKey, HostLicence, SignedRevocations};
use activation::event::Event;
use activation::host::Saved;
use activation::publishing::Publishing;
use activation::settings::{HostSettings, PublishDomain};
use activation::{Host, Moment};
use store::{Committer, HostStore, LoadLimits, OpenOptions};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::admission::{Admission, private_networks};
use super::chores::{look_at_cluster_forever, prune_forever, publish_forever, try_journal_forever};
use super::journal::Journal;
use super::metrics::{self, Metrics};
use super::options::{HostOptions, RunError, StoreChoice};
use super::shared::{Judge, Shared, locked};
use super::shared_count::Shares;
use super::signer::Signer;
use super::{control, listener};
use crate::clock::Clock;
use crate::control::{ControlFile, ControlKey};
use crate::log::{Level, Log};

/// A host that runs.
pub struct Running {
    shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
    metrics: Option<SocketAddr>,
    control: SocketAddr,
    data: PathBuf,
    tasks: Vec<JoinHandle<()>>,
    _lock: Option<std::fs::File>,
}

/// What the control channel needs to know of the start.
#[derive(Debug, Clone)]
pub(super) struct Started {
    pub(super) options: HostOptions,
    /// The port of the settings, whatever `--listen` said.
    pub(super) configured_port: u16,
    /// The domains of the settings, whatever `--publish` said.
    pub(super) configured_domains: Vec<PublishDomain>,
}

/// Name of the newest list of revoked hosts in the store.
pub(super) const REVOCATIONS: &str = "revocations";

/// Name of the settings in the store.
pub(super) const SETTINGS: &str = "settings";

/// Starts a host: when this returns, it listens.
pub async fn start(options: HostOptions, clock: Clock, log: Log) -> Result<Running, RunError> {
    let file = |path: &Path| {
        let path = path.to_owned();
        move |source| RunError::File { path, source }
    };
    crate::files::make_folder(&options.data).map_err(file(&options.data))?;
    let lock = lock(&options)?;
    let licence = read_licence(&options.licence)?;
    let key = host_key(&options, &licence)?;
    let Opened { mut journal, mut settings, saved, revocations } = open_journal(&options)?;
    let configured_domains = settings.domains.clone();
    if !options.publish.is_empty() {
        settings.domains.clone_from(&options.publish);
    }
    let mut host = Host::new(&licence, key, settings.clone(), saved)
        .map_err(|source| RunError::Host { path: options.licence.clone(), source })?;
    if let Some(list) = revocations {
        // One of another publisher, from before the licence was exchanged, is not taken.
        host.revoke(&list);
    }
    let bound = bind(&options.listen, settings.port).await;
    let (listeners, addresses) = match bound {
        Ok(bound) => bound,
        Err(error) => {
            // What the field writes when a host cannot be made ready; the store outlives the failure.
            let hresult = code_of(&error);
            note(&mut journal, clock.now(), Event::InitializationFailed { hresult }).await;
            return Err(error);
        }
    };
    let port = addresses.first().map_or(settings.port, SocketAddr::port);
    // Port 0 stands for one that the system chose.
    let mut publishing = Publishing::default();
    publishing.set(&settings, &options.host_name, port, clock.now());
    let started = Started { options: options.clone(), configured_port: settings.port, configured_domains };
    settings.port = port;
    let settings_low = settings.low_priority;
    host.set(settings);
    let shares = match &options.cluster {
        Some(options) => Some(Shares::join(options).await?),
        None => None,
    };
    if settings_low {
        crate::machine::lower_priority();
    }
    let (stop, _) = watch::channel(false);
    let networks = if options.allow.is_empty() { private_networks() } else { options.allow.clone() };
    let shared = Arc::new(Shared {
        judge: Mutex::new(Judge { host, under_way: 0, returning: false, failing: None }),
        admission: Mutex::new(Admission::new(networks, options.limits.clone())),
        publishing: Mutex::new(publishing),
        journal,
        signer: Signer::default(),
        shares,
        metrics: Metrics::default(),
        log,
        clock,
        publish: Notify::new(),
        changing: tokio::sync::Mutex::new(()),
        stop,
        calls: AtomicUsize::new(0),
    });
    let mut tasks = Vec::new();
    for (listener, local) in listeners {
        tasks.push(tokio::spawn(listener::accept(listener, local, options.limits.patience, shared.clone())));
    }
    let metrics = match options.metrics {
        None => None,
        Some(address) => {
            let (listener, local) = bind_one(address).await?;
            tasks.push(tokio::spawn(metrics::serve(listener, shared.clone())));
            Some(local)
        }
    };
    let control = start_control(started, &shared, port, &mut tasks).await?;
    tasks.push(tokio::spawn(publish_forever(options.clone(), shared.clone())));
    tasks.push(tokio::spawn(try_journal_forever(shared.clone())));
    tasks.push(tokio::spawn(look_at_cluster_forever(shared.clone())));
    if let Some(days) = options.keep_days {
        tasks.push(tokio::spawn(prune_forever(days, shared.clone())));
    }
    let publisher = locked(&shared.judge).host.publisher().to_owned();
    let listening = addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(" ");
    shared.log.tell(Level::Info, "started", &[("publisher", &publisher), ("listening", &listening)]);
    Ok(Running { shared, addresses, metrics, control, data: options.data, tasks, _lock: lock })
}

impl Running {
    /// Where clients are answered.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }

    /// Where metrics are told.
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// Where the control channel of this machine is.
    pub fn control(&self) -> SocketAddr {
        self.control
    }

    /// Reads the licence again.
    pub fn reload(&self, licence: &Path) -> Result<(), RunError> {
        reload(&self.shared, licence)
    }

    /// Waits until somebody asks the host to end.
    pub async fn asked_to_stop(&self) {
        let mut stop = self.shared.stop.subscribe();
        let _ = stop.wait_for(|stop| *stop).await;
    }

    /// Ends: takes no more connections, answers the calls under way, writes down what waits.
    pub async fn stop(self) {
        let _ = self.shared.stop.send(true);
        for _ in 0..STOP_STEPS {
            if self.shared.calls.load(Ordering::SeqCst) == 0 {
                break;
            }
            tokio::time::sleep(STOP_STEP).await;
        }
        for task in &self.tasks {
            task.abort();
        }
        ControlFile::remove(&self.data);
        self.shared.log.tell(Level::Info, "stopped", &[]);
        // The committer writes what waits when it is dropped, on this thread if nobody else holds the host.
    }
}

/// How long a stop waits for calls under way, in steps.
const STOP_STEP: Duration = Duration::from_millis(20);
const STOP_STEPS: usize = 250;

/// One host for each folder: two would overwrite each other's control file. Where the journal lies in the folder, the
/// store sees to it.
fn lock(options: &HostOptions) -> Result<Option<std::fs::File>, RunError> {
    if options.store == StoreChoice::Sqlite(options.data.clone()) {
        return Ok(None);
    }
    let path = options.data.join("run.lock");
    let failed = |source| RunError::File { path: path.clone(), source };
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(&path);
    let file = file.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(RunError::InUse(options.data.clone())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn read_licence(path: &Path) -> Result<HostLicence, RunError> {
    let read = crate::files::read(path).map_err(|source| RunError::File { path: path.to_owned(), source })?;
    let text = read.ok_or_else(|| RunError::File {
        path: path.to_owned(),
        source: io::Error::new(io::ErrorKind::NotFound, "there is no such file"),
    })?;
    HostLicence::read(&text)
        .map_err(|error| RunError::Licence { path: path.to_owned(), problem: error.to_string() })
}

/// The key in the licence, else the one in the folder.
fn host_key(options: &HostOptions, licence: &HostLicence) -> Result<HostKey, RunError> {
    if let Some(key) = &licence.host_key {
        return Ok(key.clone());
    }
    let path = options.data.join(HOST_KEY);
    let read = crate::files::read(&path).map_err(|source| RunError::File { path: path.clone(), source })?;
    let problem = |problem: &str| RunError::Licence { path: path.clone(), problem: problem.to_owned() };
    let text = read.ok_or_else(|| {
        problem("the licence holds no host key, and there is none here; see `kmscope host key`")
    })?;
    let seed =
        data_encoding::BASE64.decode(text.trim().as_bytes()).ok().and_then(|seed| seed.try_into().ok());
    seed.map(HostKey::from_seed).ok_or_else(|| problem("this is no host key: expected 32 bytes in base64"))
}

/// The host's own key, where it made one.
pub const HOST_KEY: &str = "host.key";

/// What was kept of a host.
struct Opened {
    journal: Journal,
    settings: HostSettings,
    saved: Saved,
    revocations: Option<SignedRevocations>,
}

fn open_journal(options: &HostOptions) -> Result<Opened, RunError> {
    let StoreChoice::Sqlite(folder) = &options.store else {
        let (settings, saved) = (HostSettings::default(), Saved::default());
        return Ok(Opened { journal: Journal::Memory, settings, saved, revocations: None });
    };
    crate::files::make_folder(folder).map_err(|source| RunError::File { path: folder.clone(), source })?;
    let store = HostStore::open(folder, OpenOptions::default())?;
    let loaded = store.load(&LoadLimits { window_seconds: WINDOW_SECONDS, ..LoadLimits::default() })?;
    let settings = match store.meta_get(SETTINGS)? {
        Some(text) => serde_json::from_str(&text).map_err(RunError::Settings)?,
        None => HostSettings::default(),
    };
    let revocations =
        store.meta_get(REVOCATIONS)?.and_then(|text| SignedRevocations::from_base64(&text).ok());
    let saved =
        Saved { contacts: loaded.contacts, counters: loaded.counters, last_sequence: loaded.last_sequence };
    let committer = Committer::start(store, store::Limits::default())
        .map_err(|source| RunError::File { path: options.data.clone(), source })?;
    Ok(Opened { journal: Journal::store(committer), settings, saved, revocations })
}

/// The code of event 12291 for a host that can't listen.
fn code_of(error: &RunError) -> u32 {
    let RunError::Listen { source, .. } = error else { return 0x8000_4005 };
    match source.kind() {
        io::ErrorKind::AddrInUse => 0x8007_2740,
        io::ErrorKind::AddrNotAvailable => 0x8007_2741,
        io::ErrorKind::PermissionDenied => 0x8007_271D,
        _ => 0x8000_4005,
    }
}

type Bound = (Vec<(TcpListener, SocketAddr)>, Vec<SocketAddr>);

async fn bind(wanted: &[SocketAddr], port: u16) -> Result<Bound, RunError> {
    let mut listeners = Vec::new();
    if wanted.is_empty() {
        // All of IPv6, which takes IPv4 along on most systems; where it does not, or there is none, IPv4.
        let any6 = SocketAddr::from(([0u16; 8], port));
        let any4 = SocketAddr::from(([0u8; 4], port));
        match bind_one(any6).await {
            Ok(bound) => {
                listeners.push(bound);
                listeners.extend(bind_one(any4).await.ok());
            }
            Err(_) => listeners.push(bind_one(any4).await?),
        }
    }
    for address in wanted {
        listeners.push(bind_one(*address).await?);
    }
    let addresses = listeners.iter().map(|(_, address)| *address).collect();
    Ok((listeners, addresses))
}

async fn bind_one(address: SocketAddr) -> Result<(TcpListener, SocketAddr), RunError> {
    let failed = |source| RunError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

async fn start_control(
    started: Started,
    shared: &Arc<Shared>,
    port: u16,
    tasks: &mut Vec<JoinHandle<()>>,
) -> Result<SocketAddr, RunError> {
    let options = started.options.clone();
    let handler = control::handler(started, port, shared.clone());
    let key = ControlKey::random(&mut crate::chance::SystemChance);
    let (listener, local) = bind_one(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    ControlFile::new(local, &key)
        .write(&options.data)
        .map_err(|source| RunError::File { path: options.data.clone(), source })?;
    tasks.push(tokio::spawn(crate::control::serve(listener, key, handler.clone())));
    if let Some((address, key)) = &options.remote_control {
        let (listener, _) = bind_one(*address).await?;
        tasks.push(tokio::spawn(crate::control::serve(listener, key.clone(), control::for_others(handler))));
    }
    Ok(local)
}

/// Reads the licence again, and takes it if it is one for this host.
pub(super) fn reload(shared: &Shared, licence: &Path) -> Result<(), RunError> {
    let read = read_licence(licence)?;
    locked(&shared.judge)
        .host
        .relicense(&read)
        .map_err(|source| RunError::Host { path: licence.to_owned(), source })?;
    shared.log.tell(Level::Info, "reloaded", &[("licence", &licence.display())]);
    Ok(())
}

/// Writes an event beside the journal; where that fails, the log still tells.
async fn note(journal: &mut Journal, now: Moment, event: Event) {
    if let Journal::Store(committer, _) = journal
        && let Ok(pending) = committer.run(move |store| store.append(&[], &[], &[(now, event)]).is_ok())
    {
        let _ = pending.await;
    }
}
