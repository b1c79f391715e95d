//! Why a connection ends.

use crate::header::PacketType;
use crate::pdu::ReadError;

/// Why a connection ends, as a line of a log can say it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// The first byte of a fragment is that of another protocol.
    #[error("another protocol: the first byte is {first:#04x}, expected 0x05")]
    OtherProtocol {
        /// What stands there.
        first: u8,
    },
    /// A version of the protocol that is not spoken here.
    #[error("protocol version {major}.{minor}, expected 5.0 or 5.1")]
    Version {
        /// Its major version.
        major: u8,
        /// Its minor version.
        minor: u8,
    },
    /// The client wants to authenticate itself, or does so unasked.
    #[error("authentication, which is not done here")]
    Authentication,
    /// Bytes that are no PDU.
    #[error("malformed PDU: {0}")]
    Malformed(ReadError),
    /// A fragment that is longer than was agreed.
    #[error("a fragment of {length} bytes, expected at most {most}")]
    Fragment {
        /// What it claims.
        length: u16,
        /// What is taken.
        most: u16,
    },
    /// A call with more arguments than any of the interface has.
    #[error("a call with more than {most} bytes of arguments")]
    Message {
        /// What is taken.
        most: usize,
    },
    /// A fragment that does not continue the call that was begun, or a bind in fragments.
    #[error("a fragment of call {call_id} out of order")]
    Order {
        /// Its call.
        call_id: u32,
    },
    /// A PDU that no client sends.
    #[error("packet type {}, which a client does not send", .0.number())]
    Unexpected(PacketType),
    /// A call, or an offer of more contexts, before a bind.
    #[error("a call before a bind")]
    NotBound,
    /// A bind on a connection that is bound.
    #[error("a second bind")]
    SecondBind,
    /// Two open calls with one id, whose answers could not be told apart.
    #[error("two calls at once with the id {call_id}")]
    SameCall {
        /// The id.
        call_id: u32,
    },
    /// More calls at once than are kept.
    #[error("more than {most} calls waiting")]
    Calls {
        /// How many are kept.
        most: usize,
    },
    /// The client sends and does not fetch the answers.
    #[error("answers that the client does not fetch")]
    Unread,
}
