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
use store::{Committer, HostStore, LoadLimits, OpenOptions, Place};
use tokio::net::TcpListener;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

use super::admission::Admission;
use super::chores::{look_at_cluster_forever, prune_forever, publish_forever, try_journal_forever};
use super::journal::Journal;
use super::metrics::{self, Metrics};
use super::options::{HostOptions, RunError, StoreChoice};
use super::reload::reload;
use super::shared::{Judge, Shared, locked};
use super::shared_count::Shares;
use super::signer::Signer;
use super::supervision::supervise;
use super::{control, listener};
use crate::clock::Clock;
use crate::control::{ControlFile, ControlKey, Rights, for_display, for_others};
use crate::log::{Level, Log};

/// A host that runs.
pub struct Running {
    pub(super) shared: Arc<Shared>,
    addresses: Vec<SocketAddr>,
    metrics: Option<SocketAddr>,
    control: SocketAddr,
    data: PathBuf,
    tasks: Vec<JoinHandle<()>>,
    _lock: Option<std::fs::File>,
}

/// How a host was started, and what it found.
#[derive(Debug)]
pub(super) struct Started {
    pub(super) options: HostOptions,
    /// The port that it listens on.
    pub(super) port: u16,
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
    let data = &options.data;
    let in_folder = |source| RunError::File { path: data.clone(), source };
    crate::files::make_folder(data).map_err(in_folder)?;
    let lock = lock(&options)?;
    let mut opened = open_journal(&options).await.map_err(|error| explained(error, &options))?;
    for problem in &opened.warnings {
        log.tell(Level::Warning, "journal-unsafe", &[("problem", problem)]);
    }
    let ready = match make_ready(&options, &mut opened).await {
        Ok(ready) => ready,
        Err(error) => {
            // What the field writes when a host cannot be made ready; the store outlives the failure.
            let hresult = code_of(&error);
            note(&mut opened.journal, clock.now(), Event::InitializationFailed { hresult }).await;
            return Err(error);
        }
    };
    if ready.host.settings().low_priority {
        crate::machine::lower_priority();
    }
    let Ready { host, started, listeners, metrics, control, remote, shares } = ready;
    let addresses: Vec<SocketAddr> = listeners.iter().map(|(_, address)| *address).collect();
    let metrics_address = metrics.as_ref().map(|(_, address)| *address);
    let control_address = control.1;
    let shared = Arc::new(shared(started, host, opened.journal, shares, clock, log));
    let mut tasks = start_chores(&shared);
    for (listener, local) in listeners {
        tasks.push(tokio::spawn(listener::accept(listener, local, shared.clone())));
    }
    if let Some((listener, _)) = metrics {
        tasks.push(tokio::spawn(metrics::serve(listener, shared.clone())));
    }
    let handler = control::handler(shared.clone());
    let mut keys = Vec::new();
    for (rights, handler) in
        [(Rights::Everything, handler.clone()), (Rights::Display, for_display(handler.clone()))]
    {
        let key = ControlKey::random(&mut crate::chance::SystemChance);
        ControlFile::new(control_address, &key).write(data, rights).map_err(in_folder)?;
        keys.push((key, handler));
    }
    tasks.push(tokio::spawn(crate::control::serve(control.0, keys)));
    if let Some(((listener, _), key)) = remote {
        tasks.push(tokio::spawn(crate::control::serve(listener, vec![(key, for_others(handler))])));
    }
    tell_started(&shared, &addresses);
    let data = options.data;
    Ok(Running {
        shared,
        addresses,
        metrics: metrics_address,
        control: control_address,
        data,
        tasks,
        _lock: lock,
    })
}

/// All that may fail at a start, before anybody is answered.
struct Ready {
    host: Host,
    started: Started,
    listeners: Vec<Bound>,
    metrics: Option<Bound>,
    control: Bound,
    remote: Option<(Bound, ControlKey)>,
    shares: Option<Shares>,
}

async fn make_ready(options: &HostOptions, opened: &mut Opened) -> Result<Ready, RunError> {
    let licence = read_licence(&options.changeable.licence)?;
    let key = host_key(options, &licence)?;
    let mut settings = opened.settings.clone();
    let configured_domains = settings.domains.clone();
    if !options.changeable.publish.is_empty() {
        settings.domains.clone_from(&options.changeable.publish);
    }
    let saved = std::mem::take(&mut opened.saved);
    let mut host = Host::new(&licence, key, settings.clone(), saved)
        .map_err(|source| RunError::Host { path: options.changeable.licence.clone(), source })?;
    if let Some(list) = &opened.revocations {
        // One of another publisher, from before the licence was exchanged, is not taken.
        host.revoke(list);
    }
    let listeners = bind(&options.listen, settings.port).await?;
    let configured_port = settings.port;
    // Port 0 stands for one that the system chose.
    settings.port = listeners.first().map_or(settings.port, |(_, address)| address.port());
    let options_of_start = options.clone();
    let started =
        Started { options: options_of_start, port: settings.port, configured_port, configured_domains };
    host.set(settings);
    let metrics = match options.metrics {
        Some(address) => Some(bind_one(address).await?),
        None => None,
    };
    let control = bind_one(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
    let remote = match &options.remote_control {
        Some((address, key)) => Some((bind_one(*address).await?, key.clone())),
        None => None,
    };
    let shares = match &options.cluster {
        Some(options) => Some(Shares::join(options).await?),
        None => None,
    };
    Ok(Ready { host, started, listeners, metrics, control, remote, shares })
}

/// What all tasks of a host share.
fn shared(
    started: Started,
    host: Host,
    journal: Journal,
    shares: Option<Shares>,
    clock: Clock,
    log: Log,
) -> Shared {
    let changeable = started.options.changeable.clone();
    let mut publishing = Publishing::default();
    publishing.set(host.settings(), &changeable.host_name, started.port, clock.now());
    let (stop, _) = watch::channel(false);
    Shared {
        judge: Mutex::new(Judge { host, under_way: 0, returning: false, failing: None }),
        admission: Mutex::new(Admission::new(changeable.networks(), changeable.limits.clone())),
        publishing: Mutex::new(publishing),
        started,
        changeable: Mutex::new(Arc::new(changeable)),
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
    }
}

fn start_chores(shared: &Arc<Shared>) -> Vec<JoinHandle<()>> {
    let mut chores = vec![
        tokio::spawn(supervise("publishing", publish_forever, shared.clone())),
        tokio::spawn(supervise("trying the journal", try_journal_forever, shared.clone())),
        tokio::spawn(supervise("deleting old entries", prune_forever, shared.clone())),
    ];
    if shared.shares.is_some() {
        chores.push(tokio::spawn(supervise(
            "looking at the cluster",
            look_at_cluster_forever,
            shared.clone(),
        )));
    }
    chores
}

fn tell_started(shared: &Shared, addresses: &[SocketAddr]) {
    let publisher = locked(&shared.judge).host.publisher().to_owned();
    let listening = addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(" ");
    shared.log.tell(Level::Info, "started", &[("publisher", &publisher), ("listening", &listening)]);
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

    /// Reads licence and configuration again. The log tells what came of it.
    pub async fn reload(&self) {
        // Whoever sent the signal reads the log.
        let _ = reload(&self.shared).await;
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
        let unanswered = self.shared.calls.load(Ordering::SeqCst);
        self.shared.log.tell(Level::Info, "stopped", &[("unanswered", &unanswered)]);
        // The committer writes what waits when it is dropped, on this thread if nobody else holds the host.
    }
}

/// How long a stop waits for calls under way, in steps: longer than a database may be silent.
const STOP_STEP: Duration = Duration::from_millis(20);
const STOP_STEPS: usize = 750;

/// Held where the journal is elsewhere.
const RUN_LOCK: &str = "run.lock";

/// Whether a host was run in a folder, wherever its journal is.
pub fn is_host_folder(folder: &Path) -> bool {
    folder.join(store::FILE).exists() || folder.join(RUN_LOCK).exists()
}

/// One host for each folder: two would overwrite each other's control file. Where the journal lies in the folder, the
/// store sees to it.
fn lock(options: &HostOptions) -> Result<Option<std::fs::File>, RunError> {
    if options.store == StoreChoice::At(Place::Folder(options.data.clone())) {
        return Ok(None);
    }
    let path = options.data.join(RUN_LOCK);
    let failed = |source| RunError::File { path: path.clone(), source };
    let file = crate::files::open_lock(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(std::fs::TryLockError::WouldBlock) => Err(RunError::InUse(options.data.clone())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

pub(super) fn read_licence(path: &Path) -> Result<HostLicence, RunError> {
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
    /// What an admin should know of how the journal is kept.
    warnings: Vec<String>,
}

async fn open_journal(options: &HostOptions) -> Result<Opened, RunError> {
    let StoreChoice::At(place) = options.store.clone() else {
        let (settings, saved) = (HostSettings::default(), Saved::default());
        let (journal, warnings) = (Journal::Memory, Vec::new());
        return Ok(Opened { journal, settings, saved, revocations: None, warnings });
    };
    let data = options.data.clone();
    // A database may let one wait, and its connections block.
    let opened = tokio::task::spawn_blocking(move || open_store(&place, data));
    opened.await.map_err(|error| RunError::File { path: options.data.clone(), source: error.into() })?
}

fn open_store(place: &Place, data: PathBuf) -> Result<Opened, RunError> {
    if let Place::Folder(folder) = place {
        crate::files::make_folder(folder)
            .map_err(|source| RunError::File { path: folder.clone(), source })?;
    }
    let store = HostStore::at(place, OpenOptions::default())?;
    let loaded = store.load(&LoadLimits { window_seconds: WINDOW_SECONDS, ..LoadLimits::default() })?;
    let settings = match store.meta_get(SETTINGS)? {
        Some(text) => serde_json::from_str(&text).map_err(RunError::Settings)?,
        None => HostSettings::default(),
    };
    let revocations =
        store.meta_get(REVOCATIONS)?.and_then(|text| SignedRevocations::from_base64(&text).ok());
    let saved =
        Saved { contacts: loaded.contacts, counters: loaded.counters, last_sequence: loaded.last_sequence };
    let warnings = store.warnings();
    let committer = Committer::start(store, store::Limits::default())
        .map_err(|source| RunError::File { path: data, source })?;
    Ok(Opened { journal: Journal::store(committer), settings, saved, revocations, warnings })
}

/// As much as the first entries of a journal take.
const ROOM_BYTES: usize = 256 << 10;

/// A journal that can't be opened for want of room fails in many words, of which few say so.
fn explained(error: RunError, options: &HostOptions) -> RunError {
    let StoreChoice::At(Place::Folder(folder)) = &options.store else { return error };
    match store::no_room(folder, ROOM_BYTES) {
        Some(source) => RunError::Full { folder: folder.clone(), source },
        None => error,
    }
}

/// `E_FAIL`.
const UNSPECIFIED: u32 = 0x8000_4005;

/// The code of event 12291 for a host that can't be made ready.
fn code_of(error: &RunError) -> u32 {
    let source = match error {
        RunError::Listen { source, .. } => source,
        RunError::Licence { .. } | RunError::Host { .. } => return activation::codes::HOST_NOT_ACTIVATED,
        _ => return UNSPECIFIED,
    };
    match source.kind() {
        io::ErrorKind::AddrInUse => 0x8007_2740,
        io::ErrorKind::AddrNotAvailable => 0x8007_2741,
        io::ErrorKind::PermissionDenied => 0x8007_271D,
        _ => UNSPECIFIED,
    }
}

type Bound = (TcpListener, SocketAddr);

async fn bind(wanted: &[SocketAddr], port: u16) -> Result<Vec<Bound>, RunError> {
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
    Ok(listeners)
}

async fn bind_one(address: SocketAddr) -> Result<Bound, RunError> {
    let failed = |source| RunError::Listen { address, source };
    let listener = TcpListener::bind(address).await.map_err(failed)?;
    let local = listener.local_addr().map_err(failed)?;
    Ok((listener, local))
}

/// Writes an event beside the journal; where that fails, the log still tells.
async fn note(journal: &mut Journal, now: Moment, event: Event) {
    if let Journal::Store(committer, _) = journal
        && let Ok(pending) = committer.run(move |store| store.append(&[], &[], &[(now, event)]).is_ok())
    {
        let _ = pending.await;
    }
}
