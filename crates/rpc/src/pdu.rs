//! The PDUs: reading from bytes, leniently, and writing to bytes, exactly.

use uuid::Uuid;

use crate::bytes::{Reader, Writer};
use crate::context::{ContextResult, PresentationContext};
use crate::header::{HEADER_BYTES, Header, OBJECT_UUID, PacketType};

/// Why bytes are no PDU.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The bytes end too early.
    #[error("{what} is missing at byte {at}")]
    Short {
        /// What was expected.
        what: &'static str,
        /// Offset from the start of the PDU.
        at: usize,
    },
    /// Another protocol, or another version of this one.
    #[error("byte 0 is {major:#04x}, expected version 5")]
    Version {
        /// What stands there.
        major: u8,
    },
    /// A fragment that claims to be shorter than its header.
    #[error("fragment length {length}, expected at least 16")]
    Length {
        /// What it claims.
        length: u16,
    },
}

/// A PDU: one fragment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pdu {
    /// The common header. Its lengths are those that were read; writing works them out anew.
    pub header: Header,
    /// What follows it.
    pub body: Body,
    /// The authentication trailer with its padding, as sent; empty without authentication.
    pub auth: Vec<u8>,
}

/// What follows the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Offers contexts.
    Bind(Bind),
    /// Answers them.
    BindAck(BindAck),
    /// Refuses them all.
    BindNak(BindNak),
    /// Offers more contexts.
    AlterContext(Bind),
    /// Answers those.
    AlterContextResponse(BindAck),
    /// A call.
    Request(Request),
    /// Its answer.
    Response(Response),
    /// Its refusal.
    Fault(Fault),
    /// Any other PDU, as it came.
    Other(Vec<u8>),
}

/// Bind and alter_context (C706 12.6.4.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// Largest fragment that the client sends.
    pub max_transmit_fragment: u16,
    /// Largest fragment that it takes.
    pub max_receive_fragment: u16,
    /// Association group; 0 for a new one.
    pub association_group: u32,
    /// What is offered.
    pub contexts: Vec<PresentationContext>,
}

/// Bind_ack and alter_context_resp (C706 12.6.4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindAck {
    /// Largest fragment that the server sends.
    pub max_transmit_fragment: u16,
    /// Largest fragment that it takes.
    pub max_receive_fragment: u16,
    /// The association group.
    pub association_group: u32,
    /// Its port as text with the final zero, as sent; empty in alter_context_resp.
    pub secondary_address: Vec<u8>,
    /// One answer for each context that was offered.
    pub results: Vec<ContextResult>,
}

/// Bind_nak (C706 12.6.4.5, MS-RPCE 2.2.2.5).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BindNak {
    /// Why.
    pub reason: u16,
    /// Versions of the protocol that the server knows, major and minor.
    pub versions: Vec<(u8, u8)>,
    /// What Windows appends: a signature for extended error information.
    pub extra: Vec<u8>,
}

impl BindNak {
    /// What the reason means (C706 12.6.3.1, MS-RPCE 2.2.2.5); nothing for one that neither document explains.
    pub fn reason_text(&self) -> Option<&'static str> {
        Some(match self.reason {
            0 => "not specified",
            1 => "temporary congestion",
            2 => "local limit exceeded",
            4 => "protocol version not supported",
            8 => "authentication type not recognized",
            9 => "invalid checksum",
            _ => return None,
        })
    }
}

/// Request (C706 12.6.4.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Size of the whole message, as a hint.
    pub alloc_hint: u32,
    /// The presentation context.
    pub context_id: u16,
    /// The operation.
    pub operation: u16,
    /// The object, where the header's flag says that there is one.
    pub object: Option<Uuid>,
    /// The arguments, or this fragment's part of them.
    pub stub: Vec<u8>,
}

/// Response (C706 12.6.4.10).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// Size of the whole message, as a hint.
    pub alloc_hint: u32,
    /// The presentation context.
    pub context_id: u16,
    /// Cancels that were received.
    pub cancel_count: u8,
    /// The results, or this fragment's part of them.
    pub stub: Vec<u8>,
}

/// Fault (C706 12.6.4.7, MS-RPCE 2.2.2.8). Some servers end it after the status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Size of the whole message, as a hint.
    pub alloc_hint: u32,
    /// The presentation context.
    pub context_id: u16,
    /// Cancels that were received.
    pub cancel_count: u8,
    /// What went wrong; `0x1C010003` for an interface that is not known.
    pub status: u32,
    /// What Windows appends, as it came.
    pub extra: Vec<u8>,
}

impl Body {
    fn packet_type(&self, other: PacketType) -> PacketType {
        match self {
            Body::Bind(_) => PacketType::Bind,
            Body::BindAck(_) => PacketType::BindAck,
            Body::BindNak(_) => PacketType::BindNak,
            Body::AlterContext(_) => PacketType::AlterContext,
            Body::AlterContextResponse(_) => PacketType::AlterContextResponse,
            Body::Request(_) => PacketType::Request,
            Body::Response(_) => PacketType::Response,
            Body::Fault(_) => PacketType::Fault,
            Body::Other(_) => other,
        }
    }
}

impl Pdu {
    /// A PDU of one fragment, without authentication. For [`Body::Other`] set the type in the header afterwards.
    pub fn new(call_id: u32, body: Body) -> Pdu {
        let mut header = Header::new(body.packet_type(PacketType::Shutdown), call_id);
        if matches!(&body, Body::Request(request) if request.object.is_some()) {
            header.flags |= OBJECT_UUID;
        }
        Pdu { header, body, auth: Vec::new() }
    }

    /// Reads one fragment. Bytes behind it are not looked at; it may also be longer than the bytes that are there,
    /// as long as what it says of itself is complete.
    pub fn read(bytes: &[u8]) -> Result<Pdu, ReadError> {
        let header = Header::read(bytes)?;
        let whole = &bytes[..bytes.len().min(header.fragment_length.into())];
        let (fixed, auth) = split_auth(whole, header.auth_length);
        let mut reader = Reader::new(fixed, HEADER_BYTES, header.byte_order());
        let body = match header.packet_type {
            PacketType::Bind => Body::Bind(Bind::read(&mut reader)?),
            PacketType::AlterContext => Body::AlterContext(Bind::read(&mut reader)?),
            PacketType::BindAck => Body::BindAck(BindAck::read(&mut reader)?),
            PacketType::AlterContextResponse => Body::AlterContextResponse(BindAck::read(&mut reader)?),
            PacketType::BindNak => Body::BindNak(BindNak::read(&mut reader)?),
            PacketType::Request => Body::Request(Request::read(&mut reader, header.flags)?),
            PacketType::Response => Body::Response(Response::read(&mut reader)?),
            PacketType::Fault => Body::Fault(Fault::read(&mut reader)?),
            _ => Body::Other(reader.rest().to_vec()),
        };
        Ok(Pdu { header, body, auth: auth.to_vec() })
    }

    /// The bytes of the fragment, its type, lengths and object flag as the body demands. Nothing if it is longer than
    /// a fragment can be (65,535 bytes).
    pub fn write(&self) -> Option<Vec<u8>> {
        let mut out = Writer::new(self.header.byte_order());
        self.write_to(&mut out)?;
        Some(out.bytes)
    }

    /// Writes the fragment; the writer has the byte order of the header.
    pub(crate) fn write_to(&self, out: &mut Writer) -> Option<()> {
        let mut header = self.header;
        header.packet_type = self.body.packet_type(header.packet_type);
        if let Body::Request(request) = &self.body {
            header.flags = if request.object.is_some() {
                header.flags | OBJECT_UUID
            } else {
                header.flags & !OBJECT_UUID
            };
        }
        header.write(out);
        match &self.body {
            Body::Bind(bind) | Body::AlterContext(bind) => bind.write(out)?,
            Body::BindAck(ack) | Body::AlterContextResponse(ack) => ack.write(out)?,
            Body::BindNak(nak) => nak.write(out)?,
            Body::Request(request) => request.write(out),
            Body::Response(response) => response.write(out),
            Body::Fault(fault) => fault.write(out),
            Body::Other(bytes) => out.raw(bytes),
        }
        out.raw(&self.auth);
        let length = u16::try_from(out.written()).ok()?;
        out.set_u16(8, length);
        Some(())
    }
}

/// Bytes of the authentication trailer's own header (C706 13.2.6.1).
const AUTH_HEADER_BYTES: usize = 8;

/// The fragment without and with its authentication trailer; a trailer that does not fit is taken for none.
fn split_auth(fragment: &[u8], auth_length: u16) -> (&[u8], &[u8]) {
    if auth_length == 0 {
        return (fragment, &[]);
    }
    let trailer = usize::from(auth_length) + AUTH_HEADER_BYTES;
    let Some(at) = fragment.len().checked_sub(trailer).filter(|at| *at >= HEADER_BYTES) else {
        return (fragment, &[]);
    };
    // The third byte of the trailer counts the padding in front of it.
    let padding = usize::from(fragment[at + 2]);
    let at = at.checked_sub(padding).filter(|at| *at >= HEADER_BYTES).unwrap_or(at);
    fragment.split_at(at)
}

impl Bind {
    fn read(reader: &mut Reader<'_>) -> Result<Bind, ReadError> {
        let max_transmit_fragment = reader.u16("largest fragment sent")?;
        let max_receive_fragment = reader.u16("largest fragment received")?;
        let association_group = reader.u32("association group")?;
        let count = reader.u8("number of contexts")?;
        reader.take(3, "reserved bytes of the context list")?;
        let contexts =
            (0..count).map(|_| PresentationContext::read(reader)).collect::<Result<Vec<_>, ReadError>>()?;
        Ok(Bind { max_transmit_fragment, max_receive_fragment, association_group, contexts })
    }

    fn write(&self, out: &mut Writer) -> Option<()> {
        out.u16(self.max_transmit_fragment);
        out.u16(self.max_receive_fragment);
        out.u32(self.association_group);
        out.u8(u8::try_from(self.contexts.len()).ok()?);
        out.raw(&[0; 3]);
        self.contexts.iter().for_each(|context| context.write(out));
        Some(())
    }
}

impl BindAck {
    fn read(reader: &mut Reader<'_>) -> Result<BindAck, ReadError> {
        let max_transmit_fragment = reader.u16("largest fragment sent")?;
        let max_receive_fragment = reader.u16("largest fragment received")?;
        let association_group = reader.u32("association group")?;
        let length = reader.u16("length of the secondary address")?;
        let secondary_address = reader.take(length.into(), "secondary address")?.to_vec();
        reader.align4();
        let count = reader.u8("number of results")?;
        reader.take(3, "reserved bytes of the result list")?;
        let results =
            (0..count).map(|_| ContextResult::read(reader)).collect::<Result<Vec<_>, ReadError>>()?;
        Ok(BindAck {
            max_transmit_fragment,
            max_receive_fragment,
            association_group,
            secondary_address,
            results,
        })
    }

    fn write(&self, out: &mut Writer) -> Option<()> {
        out.u16(self.max_transmit_fragment);
        out.u16(self.max_receive_fragment);
        out.u32(self.association_group);
        out.u16(u16::try_from(self.secondary_address.len()).ok()?);
        out.raw(&self.secondary_address);
        out.align4();
        out.u8(u8::try_from(self.results.len()).ok()?);
        out.raw(&[0; 3]);
        self.results.iter().for_each(|result| result.write(out));
        Some(())
    }
}

impl BindNak {
    fn read(reader: &mut Reader<'_>) -> Result<BindNak, ReadError> {
        let reason = reader.u16("reason")?;
        // Some servers leave the versions out.
        let count = if reader.left() > 0 { reader.u8("number of versions")? } else { 0 };
        let mut versions = Vec::new();
        for _ in 0..count {
            versions.push((reader.u8("major version")?, reader.u8("minor version")?));
        }
        Ok(BindNak { reason, versions, extra: reader.rest().to_vec() })
    }

    fn write(&self, out: &mut Writer) -> Option<()> {
        out.u16(self.reason);
        out.u8(u8::try_from(self.versions.len()).ok()?);
        self.versions.iter().for_each(|(major, minor)| out.raw(&[*major, *minor]));
        out.raw(&self.extra);
        Some(())
    }
}

impl Request {
    fn read(reader: &mut Reader<'_>, flags: u8) -> Result<Request, ReadError> {
        let alloc_hint = reader.u32("allocation hint")?;
        let context_id = reader.u16("context id")?;
        let operation = reader.u16("operation")?;
        let object = if flags & OBJECT_UUID != 0 { Some(reader.uuid("object")?) } else { None };
        Ok(Request { alloc_hint, context_id, operation, object, stub: reader.rest().to_vec() })
    }

    fn write(&self, out: &mut Writer) {
        out.u32(self.alloc_hint);
        out.u16(self.context_id);
        out.u16(self.operation);
        if let Some(object) = self.object {
            out.uuid(object);
        }
        out.raw(&self.stub);
    }
}

impl Response {
    fn read(reader: &mut Reader<'_>) -> Result<Response, ReadError> {
        let alloc_hint = reader.u32("allocation hint")?;
        let context_id = reader.u16("context id")?;
        let cancel_count = reader.u8("cancel count")?;
        reader.u8("reserved byte")?;
        Ok(Response { alloc_hint, context_id, cancel_count, stub: reader.rest().to_vec() })
    }

    fn write(&self, out: &mut Writer) {
        out.u32(self.alloc_hint);
        out.u16(self.context_id);
        out.u8(self.cancel_count);
        out.u8(0);
        out.raw(&self.stub);
    }
}

impl Fault {
    fn read(reader: &mut Reader<'_>) -> Result<Fault, ReadError> {
        let alloc_hint = reader.u32("allocation hint")?;
        let context_id = reader.u16("context id")?;
        let cancel_count = reader.u8("cancel count")?;
        reader.u8("reserved byte")?;
        let status = reader.u32("status")?;
        Ok(Fault { alloc_hint, context_id, cancel_count, status, extra: reader.rest().to_vec() })
    }

    fn write(&self, out: &mut Writer) {
        out.u32(self.alloc_hint);
        out.u16(self.context_id);
        out.u8(self.cancel_count);
        out.u8(0);
        out.u32(self.status);
        out.raw(&self.extra);
    }
}

#[cfg(test)]
mod tests;
