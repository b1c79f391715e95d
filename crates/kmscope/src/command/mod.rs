//! The commands, one file each.

pub(crate) mod audit;
pub(crate) mod azure;
mod chain;
pub(crate) mod check;
pub(crate) mod client;
pub(crate) mod collect;
mod configuration;
pub(crate) mod describe;
pub(crate) mod diagnose;
pub(crate) mod discover;
pub(crate) mod each;
pub(crate) mod explain;
pub(crate) mod host;
mod host_run;
mod in_azure;
mod journal;
pub(crate) mod keys;
mod own_client;
pub(crate) mod probe;
pub(crate) mod publish;
pub(crate) mod publisher;
pub(crate) mod read;
pub(crate) mod record;
mod serving;
pub(crate) mod slmgr;
mod zone_file;
