//! The host daemon: listens, judges, writes down, answers, and publishes itself.

pub mod admission;
mod chores;
mod connection;
mod control;
mod journal;
mod listener;
pub mod metrics;
mod options;
pub mod publish;
mod reload;
mod run;
mod shared;
mod shared_count;
mod signer;
mod supervision;

pub use journal::Journal;
pub use options::{Again, Changeable, HostOptions, Reread, RunError, StoreChoice};
pub use run::{HOST_KEY, Running, is_host_folder, start};
pub(crate) use shared::Shared;
pub use shared_count::ClusterOptions;
