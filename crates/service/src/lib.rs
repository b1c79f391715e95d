//! The host daemon and the client agent: sockets, clock, disk and control around the state machines of `activation`.

pub mod chance;
pub mod client;
pub mod clock;
pub mod contact;
pub mod control;
pub mod files;
pub mod host;
pub mod log;
pub mod lookup;
pub mod machine;
pub mod task;
pub mod unit;
