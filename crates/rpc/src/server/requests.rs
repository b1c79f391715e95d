//! Requests: their fragments are put together, and one after the other becomes a call.

use super::{
    CloseReason, Connection, Event, OPERATIONS, STUB_MAX, UNKNOWN_INTERFACE, UNKNOWN_OPERATION, WAITING_MAX,
};
use crate::bytes::Reader;
use crate::header::{ByteOrder, DID_NOT_EXECUTE, FIRST_FRAGMENT, Header, LAST_FRAGMENT, OBJECT_UUID};
use crate::pdu::ReadError;

/// A call that waits for the one before it.
#[derive(Debug)]
pub(super) struct Waiting {
    call_id: u32,
    context_id: u16,
    operation: u16,
    order: ByteOrder,
    stub: Vec<u8>,
}

/// A call of which fragments are missing.
#[derive(Debug)]
pub(super) struct Begun(Waiting);

impl Begun {
    pub(super) fn is_of(&self, call_id: u32) -> bool {
        self.0.call_id == call_id
    }
}

impl Connection {
    /// Takes one fragment of a request.
    pub(super) fn request(&mut self, header: &Header, reader: &mut Reader<'_>) -> Result<(), CloseReason> {
        let (call_id, order) = (header.call_id, header.byte_order());
        let (context_id, operation, stub) = arguments(header, reader).map_err(CloseReason::Malformed)?;
        if !self.bound {
            // "If the server encounters an error [...], it SHOULD send back to the client a fault PDU" (MS-RPCE
            // 3.3.3.5); without a bind, no context is known.
            self.write_fault(call_id, context_id, UNKNOWN_INTERFACE, DID_NOT_EXECUTE);
            return Err(CloseReason::NotBound);
        }
        let begun = self.begun.take();
        let length = stub.len() + begun.as_ref().map_or(0, |begun| begun.0.stub.len());
        if length > STUB_MAX {
            return Err(CloseReason::Message { most: STUB_MAX });
        }
        let call = match (begun, header.flags & FIRST_FRAGMENT != 0) {
            (None, true) => Waiting { call_id, context_id, operation, order, stub: stub.to_vec() },
            // All fragments of a call come one behind the other (C706 12.6.2).
            (Some(Begun(mut call)), false) if call.call_id == call_id && call.order == order => {
                call.stub.extend_from_slice(stub);
                call
            }
            _ => return Err(CloseReason::Order { call_id }),
        };
        if header.flags & LAST_FRAGMENT == 0 {
            self.begun = Some(Begun(call));
            return Ok(());
        }
        self.call(call)
    }

    fn call(&mut self, call: Waiting) -> Result<(), CloseReason> {
        if !self.contexts.contains(&call.context_id) {
            self.write_fault(call.call_id, call.context_id, UNKNOWN_INTERFACE, DID_NOT_EXECUTE);
        } else if call.operation >= OPERATIONS {
            self.write_fault(call.call_id, call.context_id, UNKNOWN_OPERATION, DID_NOT_EXECUTE);
        } else if self.calls_max > 1 && self.is_under_way(call.call_id) {
            return Err(CloseReason::SameCall { call_id: call.call_id });
        } else if self.open.len() < self.calls_max {
            self.begin(call);
        } else if self.waiting.len() < WAITING_MAX {
            self.waiting.push_back(call);
        } else {
            return Err(CloseReason::Calls { most: WAITING_MAX });
        }
        Ok(())
    }

    fn is_under_way(&self, call_id: u32) -> bool {
        self.open.iter().any(|(open, _)| *open == call_id)
            || self.waiting.iter().any(|waiting| waiting.call_id == call_id)
    }

    fn begin(&mut self, call: Waiting) {
        let Waiting { call_id, context_id, operation, order, stub } = call;
        self.open.push((call_id, context_id));
        self.events.push_back(Event::Call { call_id, operation, order, stub });
    }

    /// Begins the call that has waited longest.
    pub(super) fn next_call(&mut self) {
        if let Some(call) = self.waiting.pop_front() {
            self.begin(call);
        }
    }
}

/// Context, operation and this fragment's part of the arguments. The hint of their size is not trusted, and an
/// object means nothing here.
fn arguments<'a>(header: &Header, reader: &mut Reader<'a>) -> Result<(u16, u16, &'a [u8]), ReadError> {
    reader.u32("allocation hint")?;
    let context_id = reader.u16("context id")?;
    let operation = reader.u16("operation")?;
    if header.flags & OBJECT_UUID != 0 {
        reader.uuid("object")?;
    }
    Ok((context_id, operation, reader.rest()))
}
