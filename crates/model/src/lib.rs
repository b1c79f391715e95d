//! The words of volume activation as plain data: identifiers, states, and the facts that evidence yields.
//!
//! Nothing here reads a clock, a socket or a disk.
//! Readers produce these values, rules judge them, and `kmscope read` prints them as they are:
//! the serde field names of the fact structs are the documented field names of `kmscope read --format json`.

mod absent;
pub mod azure;
pub mod dns;
pub mod event;
pub mod evidence;
pub mod guid;
pub mod hex_code;
pub mod host_name;
pub mod license;
pub mod network;
pub mod shared_text;
pub mod source;
pub mod timestamp;
pub mod windows;

pub use dns::{DnsAnswer, DnsResult, HostAddress, SrvRecord};
pub use event::Event;
pub use evidence::{EvidenceFile, Fact, Kind, Note};
pub use guid::Guid;
pub use hex_code::HexCode;
pub use license::{License, LicenseStatus};
pub use shared_text::SharedText;
pub use source::{Observed, Place, Quote, Source};
pub use timestamp::Timestamp;
