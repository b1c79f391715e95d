//! What goes back to the client, written at the end of the output.

use super::Connection;
use crate::bytes::Writer;
use crate::header::{ByteOrder, FIRST_FRAGMENT, HEADER_BYTES, Header, LAST_FRAGMENT, PacketType};
use crate::pdu::{Body, Fault, Pdu};

/// Fixed fields of a response, its header among them.
const RESPONSE_BYTES: usize = HEADER_BYTES + 8;

impl Connection {
    /// Writes a PDU that is not cut into fragments.
    pub(super) fn write_pdu(&mut self, pdu: &Pdu) {
        // Most are shorter, so that the buffer is allocated once.
        self.output.reserve(128);
        let mut out = Writer::onto(std::mem::take(&mut self.output), pdu.header.byte_order());
        // None of ours comes near the length that cannot be written: 255 results take six kilobytes.
        let _ = pdu.write_to(&mut out);
        self.output = out.bytes;
    }

    /// Writes a fault, with flags beside those of its only fragment.
    pub(super) fn write_fault(&mut self, call_id: u32, context_id: u16, status: u32, flags: u8) {
        let fault = Fault { alloc_hint: 0, context_id, cancel_count: 0, status, extra: vec![0; 4] };
        let mut pdu = Pdu::new(call_id, Body::Fault(fault));
        pdu.header.flags |= flags;
        self.write_pdu(&pdu);
    }

    /// Writes a response in fragments that the client takes. The results are copied once, to where they are sent
    /// from.
    pub(super) fn write_response(&mut self, call_id: u32, context_id: u16, stub: &[u8]) {
        // Every fragment but the last is a multiple of eight long, so that the peer's buffer stays aligned.
        let room = (usize::from(self.fragment_max) - RESPONSE_BYTES) / 8 * 8;
        let count = stub.len().div_ceil(room).max(1);
        self.output.reserve(stub.len() + count * RESPONSE_BYTES);
        let mut out = Writer::onto(std::mem::take(&mut self.output), ByteOrder::Little);
        for n in 0..count {
            let part = &stub[n * room..stub.len().min((n + 1) * room)];
            let mut header = Header::new(PacketType::Response, call_id);
            header.flags = 0;
            header.flags |= if n == 0 { FIRST_FRAGMENT } else { 0 };
            header.flags |= if n + 1 == count { LAST_FRAGMENT } else { 0 };
            // The length fits: it is at most that of the client's fragments.
            header.fragment_length = (RESPONSE_BYTES + part.len()) as u16;
            header.write(&mut out);
            out.u32((stub.len() - n * room) as u32);
            out.u16(context_id);
            out.raw(&[0, 0]);
            out.raw(part);
        }
        self.output = out.bytes;
    }
}
