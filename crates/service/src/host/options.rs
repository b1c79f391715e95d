//! How a host is run, and why it is not.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use activation::host::HostError;
use activation::settings::PublishDomain;
use ipnet::IpNet;
use store::{OpenError, Place, StoreError};

use super::admission::{Limits, private_networks};
use super::publish::Updates;
use super::shared_count::ClusterOptions;
use crate::control::ControlKey;
use crate::log::Form;

/// Where a host keeps its journal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreChoice {
    /// Nowhere; counts and counters are lost at the end.
    Memory,
    /// SQLite in a folder, which may be the host's own, or a database.
    At(Place),
}

impl fmt::Display for StoreChoice {
    /// As `--store` takes it, without a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            StoreChoice::Memory => f.write_str("memory"),
            StoreChoice::At(Place::Folder(folder)) => write!(f, "sqlite:{}", folder.display()),
            StoreChoice::At(place) => write!(f, "{place}"),
        }
    }
}

/// How a host is run.
#[derive(Debug, Clone)]
pub struct HostOptions {
    /// The folder of the host: store, key, control file.
    pub data: PathBuf,
    /// Addresses to listen on; none for all of IPv4 and IPv6 at the port of the settings.
    pub listen: Vec<SocketAddr>,
    /// The journal.
    pub store: StoreChoice,
    /// Where metrics and health are told, if anywhere.
    pub metrics: Option<SocketAddr>,
    /// Where other machines may control the host, if anywhere, with their key.
    pub remote_control: Option<(SocketAddr, ControlKey)>,
    /// The cluster whose count this host shares, if any.
    pub cluster: Option<ClusterOptions>,
    /// What a reload may change.
    pub changeable: Changeable,
    /// Where that is read again.
    pub again: Again,
}

/// What a reload may change in a running host.
#[derive(Debug, Clone)]
pub struct Changeable {
    /// The licence file, which is read again itself.
    pub licence: PathBuf,
    /// Domains to publish in; they replace those of the settings.
    pub publish: Vec<PublishDomain>,
    /// The host's full name, the target of its record.
    pub host_name: String,
    /// How updates are sent.
    pub updates: Updates,
    /// Networks of the clients; none for the private ones.
    pub allow: Vec<IpNet>,
    /// Limits.
    pub limits: Limits,
    /// Days that entries are kept; nothing for all of them.
    pub keep_days: Option<u32>,
    /// Form of the log.
    pub log: Form,
}

impl Changeable {
    /// The networks of the clients.
    pub(super) fn networks(&self) -> Vec<IpNet> {
        if self.allow.is_empty() { private_networks() } else { self.allow.clone() }
    }
}

/// What was read for a reload.
#[derive(Debug, Clone)]
pub struct Reread {
    /// To be taken now.
    pub changeable: Changeable,
    /// Names of options that are others than at the start, and that only a restart changes.
    pub need_restart: Vec<String>,
}

type Read = dyn Fn() -> Result<Reread, String> + Send + Sync;

/// Reads once more where the options came from; or says what is wrong there.
#[derive(Clone)]
pub struct Again(Arc<Read>);

impl std::fmt::Debug for Again {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Again(…)")
    }
}

impl Again {
    /// Reads by a function.
    pub fn by(read: impl Fn() -> Result<Reread, String> + Send + Sync + 'static) -> Again {
        Again(Arc::new(read))
    }

    pub(super) fn read(&self) -> Result<Reread, String> {
        self.0()
    }
}

/// Why a host does not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A file of the host.
    #[error("{}", .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The disk of the folder is full.
    #[error("no room is left in {}", .folder.display())]
    Full {
        /// Which.
        folder: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Another host works in the folder.
    #[error("{} is in use by another host", .0.display())]
    InUse(PathBuf),
    /// The licence file is none.
    #[error("{}: {problem}", .path.display())]
    Licence {
        /// Which.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// The licence does not make this machine a host.
    #[error("{}", .path.display())]
    Host {
        /// Which.
        path: PathBuf,
        /// Why.
        source: HostError,
    },
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the store holds of the settings is no settings.
    #[error("the settings in the store are damaged: {0}")]
    Settings(serde_json::Error),
    /// The cluster cannot be joined.
    #[error(transparent)]
    Cluster(#[from] cluster::ClusterError),
    /// An address is taken, or not this machine's.
    #[error("can't listen on {address}")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}
