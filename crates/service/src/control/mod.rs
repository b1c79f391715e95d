//! The control channel: how `kmscope host status`, `client status` and `slmgr` talk to a running service.
//!
//! One request and one answer per connection, each a line of JSON. The service speaks first, with a challenge; request
//! and answer carry an HMAC-SHA-256 under a key that only those know who may read the service's folder (on this
//! machine), or who were given it (from another). Nothing secret travels, so nothing is hidden; nobody without the key
//! can ask, change an answer, or play an old one again.
//! A service may have several keys; the one that a request carries says what may be asked ([`for_display`]).

mod ask;
mod key;
mod message;
mod rights;
mod serve;

pub use ask::{AskError, ask};
pub use key::{ControlFile, ControlKey, KeyError, Rights};
pub use message::{Asked, Told};
pub use rights::{for_display, for_others};
pub use serve::{Handler, serve};

/// Port for control from other machines, where it is switched on.
pub const CONTROL_PORT: u16 = 1689;

/// Bytes of one line.
pub const LINE_BYTES_MAX: usize = 1 << 20;
