//! The server's side of one connection: an interface of our own is bound and called.
//!
//! The driver hands in what the client sends with [`Connection::receive`], asks [`Connection::poll`] for what that
//! means, answers calls with [`Connection::respond`] or [`Connection::fault`], and sends what [`Connection::to_send`]
//! holds. It sends before it receives more. Time belongs to the driver: a client that says nothing is its affair.
//!
//! Every buffer has a limit, however the bytes come. How they are cut makes no difference.

mod answers;
mod bind;
mod close;
mod requests;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;

pub use close::CloseReason;

use crate::activation::OPERATIONS;
use crate::bytes::Reader;
use crate::header::{ByteOrder, FIRST_FRAGMENT, HEADER_BYTES, Header, LAST_FRAGMENT, PacketType};
use crate::pdu::ReadError;
use crate::syntax::SyntaxId;
use requests::{Begun, Waiting};

/// Largest fragment that is taken and sent; what Windows offers.
pub const FRAGMENT_MAX: u16 = 5840;
/// Every peer takes fragments of this length (C706 12.6.3.1, `MustRecvFragSize`); a smaller wish is not heard.
pub const FRAGMENT_MIN: u16 = 1432;
/// Arguments of a call, all fragments together.
pub const STUB_MAX: usize = 8 << 10;
/// Calls that are worked on at once, where the client asked for that when it bound; one where it did not.
pub const CALLS_MAX: usize = 16;
/// Calls that wait while those are worked on.
pub const WAITING_MAX: usize = 4;
/// Accepted contexts of a connection.
pub const CONTEXTS_MAX: usize = 16;
/// Bytes of answers that the client has not fetched when it sends more.
pub const UNSENT_MAX: usize = 256 << 10;

/// Status of a fault: the interface has no such operation (C706 appendix E, `nca_s_op_rng_error`).
pub const UNKNOWN_OPERATION: u32 = 0x1C01_0002;
/// Status of a fault: no interface was accepted under that context (C706 appendix E, `nca_s_unk_if`).
pub const UNKNOWN_INTERFACE: u32 = 0x1C01_0003;
/// Status of a fault: the stub is not what the interface describes (RPC_X_BAD_STUB_DATA, [MS-ERREF] 2.2).
pub const BAD_STUB: u32 = 0x0000_06F7;

/// One connection of one client.
#[derive(Debug)]
pub struct Connection {
    interface: SyntaxId,
    port: u16,
    association_group: u32,
    /// The beginning of a fragment.
    input: Vec<u8>,
    output: Vec<u8>,
    /// Bytes of the output that are sent.
    sent: usize,
    events: VecDeque<Event>,
    bound: bool,
    /// Ids of the accepted contexts.
    contexts: Vec<u16>,
    /// Largest fragment that the client takes.
    fragment_max: u16,
    /// A request of which fragments are missing.
    begun: Option<Begun>,
    /// The calls that are worked on: their ids and contexts.
    open: Vec<(u32, u16)>,
    /// How many these may be.
    calls_max: usize,
    waiting: VecDeque<Waiting>,
    refusal_told: bool,
    closed: bool,
}

/// What the driver learns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A call, to be answered. The next one is told when this one is, or at once where the client wants several.
    Call {
        /// Chosen by the client; the answer names it.
        call_id: u32,
        /// An operation of the interface.
        operation: u16,
        /// Byte order of the arguments.
        order: ByteOrder,
        /// The arguments.
        stub: Vec<u8>,
    },
    /// The client wanted another interface and none of ours; told of the first one only.
    RefusedInterface(SyntaxId),
    /// The end: what is still to be sent is sent, then the connection is closed. Nothing is taken any more.
    Close(CloseReason),
}

impl Connection {
    /// A connection that was just accepted, on a port that the client is told of. The association group is a number of
    /// the server's choice, not 0.
    pub fn new(interface: SyntaxId, port: u16, association_group: u32) -> Connection {
        Connection {
            interface,
            port,
            association_group,
            input: Vec::new(),
            output: Vec::new(),
            sent: 0,
            events: VecDeque::new(),
            bound: false,
            contexts: Vec::new(),
            fragment_max: FRAGMENT_MIN,
            begun: None,
            open: Vec::new(),
            calls_max: 1,
            waiting: VecDeque::new(),
            refusal_told: false,
            closed: false,
        }
    }

    /// Takes bytes from the client.
    pub fn receive(&mut self, mut bytes: &[u8]) {
        while !self.closed && !bytes.is_empty() {
            // Fragments that came whole are read where they lie.
            let told = if self.input.is_empty() {
                match fragment_length(bytes) {
                    Ok(length) if length <= bytes.len() => {
                        let (fragment, rest) = bytes.split_at(length);
                        bytes = rest;
                        self.take(fragment)
                    }
                    Ok(_) => {
                        self.input.extend_from_slice(bytes);
                        return;
                    }
                    Err(reason) => Err(reason),
                }
            } else {
                self.complete(&mut bytes)
            };
            if let Err(reason) = told {
                self.close(reason);
            }
        }
    }

    /// Adds to the fragment that was begun what it lacks, and takes it when it is complete.
    fn complete(&mut self, bytes: &mut &[u8]) -> Result<(), CloseReason> {
        let length = fragment_length(&self.input)?;
        let lacking = length.saturating_sub(self.input.len()).min(bytes.len());
        let (more, rest) = bytes.split_at(lacking);
        *bytes = rest;
        self.input.extend_from_slice(more);
        // The length is known only once the header is there.
        if fragment_length(&self.input)? > self.input.len() {
            return Ok(());
        }
        let mut fragment = std::mem::take(&mut self.input);
        let told = self.take(&fragment);
        fragment.clear();
        self.input = fragment;
        told
    }

    /// The next event.
    pub fn poll(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// What is to be sent; empty if there is nothing.
    pub fn to_send(&self) -> &[u8] {
        &self.output[self.sent..]
    }

    /// Says how many bytes of that were sent.
    pub fn sent(&mut self, count: usize) {
        self.sent = (self.sent + count).min(self.output.len());
        if self.sent == self.output.len() {
            self.output.clear();
            self.sent = 0;
        }
    }

    /// Bytes that wait to become a fragment.
    pub(crate) fn waiting_bytes(&self) -> usize {
        self.input.len()
    }

    /// True after [`Event::Close`] has been told or waits to be.
    pub fn is_closed(&self) -> bool {
        self.closed
    }

    /// Answers a call that is worked on. An answer to any other is dropped, as is one after the end.
    pub fn respond(&mut self, call_id: u32, stub: &[u8]) {
        if let Some(context_id) = self.finish(call_id) {
            self.write_response(call_id, context_id, stub);
            self.next_call();
        }
    }

    /// Refuses a call that is worked on, after it was looked at.
    pub fn fault(&mut self, call_id: u32, status: u32) {
        if let Some(context_id) = self.finish(call_id) {
            self.write_fault(call_id, context_id, status, 0);
            self.next_call();
        }
    }

    /// The context of a call, if it is worked on.
    fn finish(&mut self, call_id: u32) -> Option<u16> {
        let place = self.open.iter().position(|(open, _)| *open == call_id)?;
        Some(self.open.swap_remove(place).1)
    }

    fn close(&mut self, reason: CloseReason) {
        self.closed = true;
        self.begun = None;
        self.open.clear();
        self.waiting.clear();
        // Calls that nobody has begun to work on could not be answered any more.
        self.events.retain(|event| !matches!(event, Event::Call { .. }));
        self.events.push_back(Event::Close(reason));
    }

    /// Takes one whole fragment.
    fn take(&mut self, fragment: &[u8]) -> Result<(), CloseReason> {
        if self.to_send().len() > UNSENT_MAX {
            return Err(CloseReason::Unread);
        }
        let header = match Header::read(fragment) {
            Ok(header) => header,
            Err(ReadError::Version { major }) => return Err(self.refuse_version(fragment, major)),
            Err(error) => return Err(CloseReason::Malformed(error)),
        };
        if header.version_minor > 1 {
            if header.packet_type == PacketType::Bind {
                self.write_nak(header.call_id, bind::VERSION_NOT_SUPPORTED);
            }
            return Err(CloseReason::Version { major: 5, minor: header.version_minor });
        }
        if header.auth_length > 0 {
            if header.packet_type == PacketType::Bind {
                self.write_nak(header.call_id, bind::AUTHENTICATION_NOT_RECOGNIZED);
            }
            return Err(CloseReason::Authentication);
        }
        let mut reader = Reader::new(fragment, HEADER_BYTES, header.byte_order());
        match header.packet_type {
            PacketType::Bind if self.bound => Err(CloseReason::SecondBind),
            PacketType::AlterContext if !self.bound => Err(CloseReason::NotBound),
            PacketType::Bind | PacketType::AlterContext => self.bind(&header, &mut reader),
            PacketType::Request => self.request(&header, &mut reader),
            // The call is answered all the same; a client may ignore that (C706 12.6.4.2, 12.6.4.8).
            PacketType::Cancel => Ok(()),
            PacketType::Orphaned => {
                self.begun.take_if(|begun| begun.is_of(header.call_id));
                Ok(())
            }
            other => Err(CloseReason::Unexpected(other)),
        }
    }
}

/// Bytes of the fragment that begins here, as far as that can be told: of its header while that is not complete.
fn fragment_length(bytes: &[u8]) -> Result<usize, CloseReason> {
    match *bytes {
        [5, ..] if bytes.len() >= HEADER_BYTES => {
            let length = Header::read(bytes).map_err(CloseReason::Malformed)?.fragment_length;
            if length > FRAGMENT_MAX {
                return Err(CloseReason::Fragment { length, most: FRAGMENT_MAX });
            }
            Ok(length.into())
        }
        // A bind of another version deserves an answer, another protocol does not.
        [5, ..] | [_] | [_, _] | [_, _, bind::BIND, ..] => Ok(HEADER_BYTES),
        [first, ..] => Err(CloseReason::OtherProtocol { first }),
        [] => Ok(HEADER_BYTES),
    }
}

fn is_whole(header: &Header) -> bool {
    const WHOLE: u8 = FIRST_FRAGMENT | LAST_FRAGMENT;
    header.flags & WHOLE == WHOLE
}
