//! The client's side: one call of one operation, with the bind before it.
//!
//! The driver connects, sends what [`Call::to_send`] holds, and hands in what comes back until there is an outcome.
//! Time belongs to the driver.

use crate::context::{ContextVerdict, PresentationContext};
use crate::framing::{Framing, FramingError, Reassembly, fragments};
use crate::header::{ByteOrder, PacketType};
use crate::pdu::{Bind, BindAck, BindNak, Body, Pdu, ReadError, Request};
use crate::probe::{Protocol, protocol};
use crate::server::{FRAGMENT_MAX, FRAGMENT_MIN};
use crate::syntax::SyntaxId;

/// Results of a call, all fragments together. The largest grant is smaller.
pub const RESULTS_MAX: usize = 64 << 10;
/// Results come in at most this many fragments, at the least that a server must be able to send.
const FRAGMENTS_MAX: usize = 2 * RESULTS_MAX.div_ceil(FRAGMENT_MIN as usize);

/// The only context.
const CONTEXT: u16 = 0;
/// The bind is the first call of the connection, the request the second.
const BIND_ID: u32 = 1;
const REQUEST_ID: u32 = 2;

/// One call on a connection of its own.
#[derive(Debug)]
pub struct Call {
    operation: u16,
    /// The arguments, until they are cut into fragments.
    stub: Vec<u8>,
    output: Vec<u8>,
    sent: usize,
    framing: Framing,
    reassembly: Reassembly,
    fragments: usize,
    step: Step,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Bind,
    Request,
    Over,
}

/// How far a call has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// More is to be sent or received.
    Pending,
    /// The answer.
    Answered(Reply),
}

/// The results of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// Byte order of the results.
    pub order: ByteOrder,
    /// The results.
    pub stub: Vec<u8>,
}

/// Why a call has no results.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// The server took the call and failed, or refused it.
    #[error("the server answers with fault {0:#010x}")]
    Fault(u32),
    /// An RPC server without the interface.
    #[error("the server does not offer the interface: {0}")]
    Refused(ContextVerdict),
    /// An RPC server that refuses to be bound.
    #[error("the server refuses the bind{}", .0.reason_text().map(|text| format!(": {text}")).unwrap_or_default())]
    BindNak(BindNak),
    /// Bytes that begin like RPC and are not.
    #[error("the server's answer is no RPC")]
    Malformed(#[source] FramingError),
    /// A PDU that does not belong here.
    #[error("the server answers with packet type {}", .0.number())]
    Unexpected(PacketType),
    /// The results come in more fragments than they can need.
    #[error("the server's answer does not end")]
    Endless,
    /// Another protocol.
    #[error("the server speaks another protocol: {0}")]
    OtherProtocol(Protocol),
    /// Bytes after the outcome.
    #[error("the call is over")]
    Over,
}

impl Call {
    /// A call on a connection that was just made.
    pub fn new(interface: SyntaxId, operation: u16, stub: Vec<u8>) -> Call {
        let context = PresentationContext {
            id: CONTEXT,
            abstract_syntax: interface,
            transfer_syntaxes: vec![SyntaxId::NDR],
        };
        let bind = Bind {
            max_transmit_fragment: FRAGMENT_MAX,
            max_receive_fragment: FRAGMENT_MAX,
            association_group: 0,
            contexts: vec![context],
        };
        Call {
            operation,
            stub,
            // A bind with one context is never too long.
            output: Pdu::new(BIND_ID, Body::Bind(bind)).write().unwrap_or_default(),
            sent: 0,
            framing: Framing::new(FRAGMENT_MAX),
            reassembly: Reassembly::new(RESULTS_MAX),
            fragments: 0,
            step: Step::Bind,
        }
    }

    /// What is to be sent; empty if there is nothing.
    pub fn to_send(&self) -> &[u8] {
        &self.output[self.sent..]
    }

    /// Says how many bytes of that were sent.
    pub fn sent(&mut self, count: usize) {
        self.sent = (self.sent + count).min(self.output.len());
    }

    /// Takes what came back. An outcome is told once; what comes after it is not looked at.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<Progress, CallError> {
        if self.step == Step::Over {
            return Err(CallError::Over);
        }
        self.framing.receive(bytes);
        let told = self.advance();
        if told != Ok(Progress::Pending) {
            self.step = Step::Over;
        }
        told
    }

    fn advance(&mut self) -> Result<Progress, CallError> {
        loop {
            let pdu = match self.framing.next_fragment() {
                Ok(Some(pdu)) => pdu,
                Ok(None) => return Ok(Progress::Pending),
                Err(FramingError::Pdu(ReadError::Version { .. })) if self.fragments == 0 => {
                    return Err(CallError::OtherProtocol(protocol(self.framing.waiting())));
                }
                Err(error) => return Err(CallError::Malformed(error)),
            };
            self.fragments += 1;
            if self.fragments > FRAGMENTS_MAX {
                return Err(CallError::Endless);
            }
            let order = pdu.header.byte_order();
            let Some(pdu) = self.reassembly.add(pdu).map_err(CallError::Malformed)? else { continue };
            match (self.step, pdu.body) {
                (Step::Bind, Body::BindAck(ack)) => self.bound(&ack)?,
                (Step::Bind, Body::BindNak(nak)) => return Err(CallError::BindNak(nak)),
                (_, Body::Fault(fault)) => return Err(CallError::Fault(fault.status)),
                (Step::Request, Body::Response(response)) if pdu.header.call_id == REQUEST_ID => {
                    return Ok(Progress::Answered(Reply { order, stub: response.stub }));
                }
                _ => return Err(CallError::Unexpected(pdu.header.packet_type)),
            }
        }
    }

    /// Makes the request ready once its interface was accepted.
    fn bound(&mut self, ack: &BindAck) -> Result<(), CallError> {
        match ack.results.first().map(|result| (result.verdict, result.transfer_syntax)) {
            Some((verdict, SyntaxId::NDR)) if verdict.is_accepted() => {}
            Some((verdict, _)) if !verdict.is_accepted() => return Err(CallError::Refused(verdict)),
            // An encoding that was not offered, or no answer to the offer.
            _ => return Err(CallError::Unexpected(PacketType::BindAck)),
        }
        let stub = std::mem::take(&mut self.stub);
        let request = Request {
            alloc_hint: u32::try_from(stub.len()).unwrap_or(0),
            context_id: CONTEXT,
            operation: self.operation,
            object: None,
            stub,
        };
        let whole = Pdu::new(REQUEST_ID, Body::Request(request));
        let most = ack.max_receive_fragment.clamp(FRAGMENT_MIN, FRAGMENT_MAX);
        // There is room for arguments in a fragment of that length, and none is too long to be written.
        let pieces = fragments(&whole, most).unwrap_or_default();
        self.output.clear();
        self.sent = 0;
        self.output.extend(pieces.iter().filter_map(Pdu::write).flatten());
        self.step = Step::Request;
        Ok(())
    }
}

#[cfg(test)]
mod tests;
