//! Connection-oriented DCE/RPC: telling whether a KMS host listens, and both sides of an interface of our own. Bytes
//! in, values out.
//!
//! The PDUs are those of C706 chapter 12 with the additions of MS-RPCE 2.2.2. Reading is lenient, as real servers cut
//! corners; writing is exact. Nothing here opens a socket or reads a clock.
//!
//! [`probe::Probe`] offers the KMS interface in a bind and stops at the answer. It never sends a request: what a KMS
//! request holds is neither known nor wanted here.
//!
//! [`activation`] is the interface by which our own hosts and clients talk, [`server::Connection`] a connection on a
//! host's side, [`call::Call`] one call on a client's.
//!
//! Sources: <https://pubs.opengroup.org/onlinepubs/9629399/chap12.htm>,
//! <https://learn.microsoft.com/openspecs/windows_protocols/ms-rpce/>

pub mod activation;
mod bytes;
pub mod call;
pub mod context;
pub mod framing;
pub mod header;
pub mod oracle;
pub mod pdu;
pub mod probe;
pub mod server;
pub mod syntax;

pub use context::{ContextResult, ContextVerdict, PresentationContext};
pub use framing::{Framing, FramingError};
pub use header::{ByteOrder, Header, PacketType};
pub use pdu::{Body, Pdu, ReadError};
pub use syntax::SyntaxId;

/// TCP port on which a KMS host listens unless it was told otherwise.
pub const KMS_PORT: u16 = 1688;
