//! The KMS host and client for software that a site signs for itself, as state machines: requests, time and chance
//! go in; answers, events and what to do next come out. No clock, no socket, no disk.
//!
//! Microsoft products are never activated by this: it holds none of their keys, and speaks another interface.

pub mod credentials;
pub mod moment;
pub mod oracle;

pub use moment::Moment;
