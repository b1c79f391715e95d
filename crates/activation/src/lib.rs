//! The KMS host and client for software that a site signs for itself, as state machines: requests, time and chance
//! go in; answers, events and what to do next come out. No clock, no socket, no disk.
//!
//! Microsoft products are never activated by this: it holds none of their keys, and speaks another interface.

pub mod chance;
pub mod client;
pub mod codes;
pub mod counting;
pub mod credentials;
pub mod event;
pub mod host;
pub mod journal;
pub mod moment;
pub mod oracle;
pub mod publishing;
pub mod settings;
pub mod slmgr;
#[cfg(test)]
pub(crate) mod testing;

pub use chance::Chance;
pub use client::Client;
pub use host::Host;
pub use moment::Moment;
