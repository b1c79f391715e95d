//! Our own interface: the operation Activate, its arguments and results, and their NDR encoding (C706 chapter 14).
//!
//! Its fields are those that Microsoft documents for its events and administrative interfaces; the interface, the
//! protection of the lease and the credentials are ours, and no Windows client or host speaks them. docs/protocol.md
//! has the IDL and the layout byte by byte.
//!
//! Writing is exact and always little-endian; reading takes both byte orders and is strict. Every size is compared
//! with its limit and with the bytes that are there before anything is allocated.

mod answer;
mod ndr;
mod request;
#[cfg(test)]
mod tests;

use uuid::{Uuid, uuid};

use crate::pdu::ReadError;
use crate::syntax::SyntaxId;

/// The interface.
pub const INTERFACE: SyntaxId = SyntaxId::new(uuid!("7d2c5a3e-91b4-4f0e-8c6d-2f1a0b9e4d57"), 1, 0);
/// Number of its only operation.
pub const ACTIVATE: u16 = 0;
/// How many operations it has; they are numbered from 0.
pub const OPERATIONS: u16 = 1;
/// The version that requests and responses of this interface carry: 1.0, the major version in the upper half.
pub const VERSION: u32 = 0x0001_0000;

/// Bytes of the stub of every request.
pub const REQUEST_BYTES: usize = 272;
/// Bytes of the stub of every refusal.
pub const REFUSAL_BYTES: usize = 72;
/// UTF-16 units of a machine's name, its final zero not counted.
pub const MACHINE_NAME_MAX: usize = 63;
/// UTF-16 units of a host's PID, its final zero not counted.
pub const HOST_PID_MAX: usize = 256;
/// Bytes of a lease.
pub const LEASE_MAX: usize = 4 << 10;
/// Bytes of the credentials that prove a lease.
pub const CHAIN_MAX: usize = 8 << 10;
/// Bytes of a list of revocations.
pub const REVOCATIONS_MAX: usize = 48 << 10;

/// What a client asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// [`VERSION`].
    pub version: u32,
    /// 1 on a virtual machine, 0 on a physical one.
    pub vm_info: u32,
    /// The client's licence state, by its number.
    pub license_status: u32,
    /// Minutes until the present state of the client ends.
    pub binding_expiration_minutes: u32,
    /// The application.
    pub application_id: Uuid,
    /// The product within it.
    pub activation_id: Uuid,
    /// The group of products that a host counts and activates together.
    pub kms_id: Uuid,
    /// The client machine id.
    pub cmid: Uuid,
    /// How many machines the product wants to be counted.
    pub n_policy: u32,
    /// The client's clock as a FILETIME.
    pub client_time: u64,
    /// The id that the machine had before; nil if none.
    pub previous_cmid: Uuid,
    /// Its name, at most [`MACHINE_NAME_MAX`] units. Writing ends it there, or at a zero within it.
    pub machine_name: String,
    /// Drawn by the client for this request; the lease repeats it.
    pub nonce: [u8; 32],
    /// The newest list of revocations that the client knows; 0 if none.
    pub revocation_number: u32,
}

/// What a host grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// [`VERSION`].
    pub version: u32,
    /// The host's own id, at most [`HOST_PID_MAX`] units. Writing ends it there, or at a zero within it.
    pub host_pid: String,
    /// The client machine id of the request.
    pub cmid: Uuid,
    /// The client's time of the request.
    pub client_time: u64,
    /// Machines that the host counts for the application.
    pub count: u32,
    /// Minutes between attempts of a client that is not activated.
    pub activation_interval_minutes: u32,
    /// Minutes between renewals of one that is.
    pub renewal_interval_minutes: u32,
    /// The signed lease, at most [`LEASE_MAX`] bytes.
    pub lease: Vec<u8>,
    /// What proves the key that signed it, at most [`CHAIN_MAX`] bytes.
    pub chain: Vec<u8>,
    /// The list of revocations, at most [`REVOCATIONS_MAX`] bytes; empty if the client knows the newest.
    pub revocations: Vec<u8>,
}

/// What Activate comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// HRESULT 0.
    Granted(Response),
    /// The HRESULT. It is not 0; should it be, E_FAIL is written in its place.
    Refused(u32),
}

/// Why a stub is no request or answer. Bytes are counted from the start of the stub.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StubError {
    /// The stub ends too early.
    #[error(transparent)]
    Missing(#[from] ReadError),
    /// More than is taken.
    #[error("{field} at byte {at} is {length} long, expected at most {most}")]
    TooLong {
        /// Which.
        field: &'static str,
        /// Where its length stands.
        at: usize,
        /// What the length says, in bytes or UTF-16 units.
        length: u32,
        /// What is taken.
        most: usize,
    },
    /// The sizes around a field do not fit together.
    #[error("{field} at byte {at} has sizes that contradict each other")]
    Sizes {
        /// Which.
        field: &'static str,
        /// Where.
        at: usize,
    },
    /// A pointer without which there is no grant.
    #[error("{field} at byte {at} is a null pointer")]
    Null {
        /// Which.
        field: &'static str,
        /// Where.
        at: usize,
    },
    /// Half a surrogate pair.
    #[error("{field} at byte {at} is not UTF-16")]
    Text {
        /// Which.
        field: &'static str,
        /// Where.
        at: usize,
    },
    /// No zero at the end of a text, or something behind the first one.
    #[error("{field} at byte {at} does not end with its first zero")]
    Ending {
        /// Which.
        field: &'static str,
        /// Where.
        at: usize,
    },
    /// A refusal that says more than its HRESULT.
    #[error("byte {at} of a refusal is not zero")]
    Refusal {
        /// Where.
        at: usize,
    },
    /// More bytes than the stub has.
    #[error("{count} bytes too many at byte {at}")]
    Trailing {
        /// Where the stub should end.
        at: usize,
        /// How many.
        count: usize,
    },
}
