//! Bind and alter_context: each offered context is answered by itself (C706 12.6.3.1, MS-RPCE 3.3.1.5.3).

use super::{CALLS_MAX, CONTEXTS_MAX, CloseReason, Connection, Event, FRAGMENT_MAX, FRAGMENT_MIN, is_whole};
use crate::bytes::Reader;
use crate::context::{ContextResult, ContextVerdict};
use crate::header::{CONCURRENT_CALLS, Header, PacketType};
use crate::pdu::{BindAck, BindNak, Body, Pdu, ReadError};
use crate::syntax::SyntaxId;

/// Number of the packet type.
pub(super) const BIND: u8 = 11;
/// Reason of a bind_nak (C706 12.6.3.1).
pub(super) const VERSION_NOT_SUPPORTED: u16 = 4;
/// Reason of a bind_nak (MS-RPCE 2.2.2.5).
pub(super) const AUTHENTICATION_NOT_RECOGNIZED: u16 = 8;

/// One offered context, as far as it decides the answer.
struct Offer {
    id: u16,
    interface: SyntaxId,
    ndr: bool,
    features: bool,
}

impl Offer {
    fn read(reader: &mut Reader<'_>) -> Result<Offer, ReadError> {
        let id = reader.u16("context id")?;
        let count = reader.u8("number of transfer syntaxes")?;
        reader.u8("reserved byte of a context")?;
        let interface = SyntaxId::read(reader)?;
        let mut offer = Offer { id, interface, ndr: false, features: false };
        for _ in 0..count {
            let syntax = SyntaxId::read(reader)?;
            offer.ndr |= syntax == SyntaxId::NDR;
            offer.features |= syntax.as_features().is_some();
        }
        Ok(offer)
    }
}

impl Connection {
    /// Answers a bind or an alter_context.
    pub(super) fn bind(&mut self, header: &Header, reader: &mut Reader<'_>) -> Result<(), CloseReason> {
        if !is_whole(header) {
            return Err(CloseReason::Order { call_id: header.call_id });
        }
        let malformed = CloseReason::Malformed;
        let transmit = reader.u16("largest fragment sent").map_err(malformed)?;
        let receive = reader.u16("largest fragment received").map_err(malformed)?;
        let group = reader.u32("association group").map_err(malformed)?;
        let count = reader.u8("number of contexts").map_err(malformed)?;
        reader.take(3, "reserved bytes of the context list").map_err(malformed)?;
        let mut results = Vec::with_capacity(count.into());
        let mut strange = None;
        for _ in 0..count {
            let offer = Offer::read(reader).map_err(malformed)?;
            let result = self.judge(&offer);
            if result.verdict == ContextVerdict::AbstractSyntaxNotSupported {
                strange = strange.or(Some(offer.interface));
            }
            results.push(result);
        }
        self.tell_refusal(strange, &results);
        let first = header.packet_type == PacketType::Bind;
        if first {
            self.bound = true;
            self.fragment_max = receive.clamp(FRAGMENT_MIN, FRAGMENT_MAX);
            if header.flags & CONCURRENT_CALLS != 0 {
                self.calls_max = CALLS_MAX;
            }
        }
        let ack = BindAck {
            max_transmit_fragment: self.fragment_max,
            max_receive_fragment: transmit.clamp(FRAGMENT_MIN, FRAGMENT_MAX),
            // Nothing is kept in a group, so a client may name one of its own.
            association_group: if group == 0 { self.association_group } else { group },
            secondary_address: if first { format!("{}\0", self.port).into_bytes() } else { Vec::new() },
            results,
        };
        let body = if first { Body::BindAck(ack) } else { Body::AlterContextResponse(ack) };
        let mut pdu = Pdu::new(header.call_id, body);
        pdu.header.version_minor = header.version_minor;
        if first {
            pdu.header.flags |= header.flags & CONCURRENT_CALLS;
        }
        self.write_pdu(&pdu);
        Ok(())
    }

    fn judge(&mut self, offer: &Offer) -> ContextResult {
        let ours = self.interface;
        if offer.features {
            // Of the features of MS-RPCE 2.2.2.14, none is known here.
            return ContextResult::refused(ContextVerdict::Features(0));
        }
        let wanted = offer.interface;
        if (wanted.uuid, wanted.major) != (ours.uuid, ours.major) || wanted.minor > ours.minor {
            return ContextResult::refused(ContextVerdict::AbstractSyntaxNotSupported);
        }
        if !offer.ndr {
            return ContextResult::refused(ContextVerdict::TransferSyntaxesNotSupported);
        }
        if !self.contexts.contains(&offer.id) {
            if self.contexts.len() >= CONTEXTS_MAX {
                return ContextResult::refused(ContextVerdict::LocalLimitExceeded);
            }
            self.contexts.push(offer.id);
        }
        ContextResult::accepted(SyntaxId::NDR)
    }

    /// Tells of an interface that is not here, once, and only where nothing of the offer is: a probe offers several to
    /// learn which one is.
    fn tell_refusal(&mut self, strange: Option<SyntaxId>, results: &[ContextResult]) {
        let accepted = results.iter().any(|result| result.verdict.is_accepted());
        if let Some(interface) = strange.filter(|_| !accepted)
            && !std::mem::replace(&mut self.refusal_told, true)
        {
            self.events.push_back(Event::RefusedInterface(interface));
        }
    }

    /// Refuses a bind as a whole, and names the versions that are spoken here.
    pub(super) fn write_nak(&mut self, call_id: u32, reason: u16) {
        let nak = BindNak { reason, versions: vec![(5, 0), (5, 1)], extra: Vec::new() };
        self.write_pdu(&Pdu::new(call_id, Body::BindNak(nak)));
    }

    /// Refuses a bind whose major version is not 5. Where the call id stands is taken on trust.
    pub(super) fn refuse_version(&mut self, fragment: &[u8], major: u8) -> CloseReason {
        let mut as_ours = [0; crate::header::HEADER_BYTES];
        let there = fragment.len().min(as_ours.len());
        as_ours[..there].copy_from_slice(&fragment[..there]);
        let minor = as_ours[1];
        // The length does not matter, and what it claims need not make sense.
        as_ours[0] = 5;
        as_ours[8..10].fill(0xFF);
        self.write_nak(Header::read(&as_ours).map_or(0, |header| header.call_id), VERSION_NOT_SUPPORTED);
        CloseReason::Version { major, minor }
    }
}
