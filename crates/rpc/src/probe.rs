//! Does a KMS host listen here? One bind tells, and nothing more is ever sent.
//!
//! The driver connects, sends [`Probe::to_send`], and hands in what comes back until there is a verdict, or says how
//! the connection ended. Time belongs to the driver: a deadline is one of the ways to end.

use std::fmt;

use crate::activation;
use crate::context::{ContextVerdict, PresentationContext};
use crate::framing::{Framing, FramingError};
use crate::pdu::{Bind, BindAck, BindNak, Body, Pdu, ReadError};
use crate::syntax::SyntaxId;

/// Largest fragment that is offered and taken; what Windows offers.
pub const FRAGMENT_MAX: u16 = 5840;

/// Bytes that are kept of what the other side said.
const EVIDENCE_MAX: usize = 4096;

/// Fragments that are looked at before an answer to the bind is no longer expected.
const FRAGMENTS_MAX: usize = 8;

/// One probe of one connection.
#[derive(Debug)]
pub struct Probe {
    bind: Vec<u8>,
    framing: Framing,
    fragments: usize,
    received: Vec<u8>,
    verdict: Option<Verdict>,
}

/// What answers at a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The KMS interface was accepted.
    Kms {
        /// Also in the encoding for 64 bits.
        ndr64: bool,
    },
    /// Our own interface was accepted, and the KMS interface was not: a host for other software than Windows.
    OwnHost,
    /// An RPC server that refuses both.
    OtherRpc {
        /// Its answer to the interface in NDR.
        answer: ContextVerdict,
    },
    /// An RPC server that refuses to be bound.
    BindNak(BindNak),
    /// An RPC server that answers something that is no answer to a bind.
    OddRpc {
        /// What came: `fault 0x1c010003`, `response`.
        what: String,
    },
    /// Bytes that begin like RPC and are not.
    Malformed(FramingError),
    /// Another protocol.
    Other(Protocol),
    /// The connection was closed without a word.
    Closed,
    /// The connection was reset after it stood.
    Reset,
    /// Nothing was said until the deadline.
    Silent,
    /// Something was said, but no answer was complete at the end.
    Incomplete,
}

/// A protocol that is not RPC, by how it begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// An alert or a handshake.
    Tls,
    /// `HTTP/`
    Http,
    /// `SSH-`
    Ssh,
    /// SMB or CIFS behind a NetBIOS session header.
    Smb,
    /// A greeting in text: SMTP, FTP and kin.
    Greeting,
    /// Anything else.
    Unknown,
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Protocol::Tls => "TLS",
            Protocol::Http => "HTTP",
            Protocol::Ssh => "SSH",
            Protocol::Smb => "SMB",
            Protocol::Greeting => "text",
            Protocol::Unknown => "unknown",
        })
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The other side closed it.
    Closed,
    /// The other side reset it.
    Reset,
    /// The time was over.
    Deadline,
}

/// The contexts that are offered, by their ids.
const NDR_CONTEXT: u16 = 0;
const NDR64_CONTEXT: u16 = 1;
const FEATURES_CONTEXT: u16 = 2;
const OWN_CONTEXT: u16 = 3;

/// Features that are offered: multiplexing of security contexts, and connections that outlive orphaned calls.
const FEATURES: u64 = 3;

/// The bind that a Windows client sends: it offers the KMS interface in both encodings, and features.
pub fn kms_bind(call_id: u32) -> Pdu {
    let context = |id, transfer_syntax| PresentationContext {
        id,
        abstract_syntax: SyntaxId::KMS,
        transfer_syntaxes: vec![transfer_syntax],
    };
    Pdu::new(
        call_id,
        Body::Bind(Bind {
            max_transmit_fragment: FRAGMENT_MAX,
            max_receive_fragment: FRAGMENT_MAX,
            association_group: 0,
            contexts: vec![
                context(NDR_CONTEXT, SyntaxId::NDR),
                context(NDR64_CONTEXT, SyntaxId::NDR64),
                context(FEATURES_CONTEXT, SyntaxId::features(FEATURES)),
            ],
        }),
    )
}

/// The bind of a probe: what a Windows client offers, and behind it our own interface. A server answers each offer by
/// itself, so that a genuine host refuses the last one and accepts its own.
pub fn probe_bind(call_id: u32) -> Pdu {
    let mut pdu = kms_bind(call_id);
    if let Body::Bind(bind) = &mut pdu.body {
        bind.contexts.push(PresentationContext {
            id: OWN_CONTEXT,
            abstract_syntax: activation::INTERFACE,
            transfer_syntaxes: vec![SyntaxId::NDR],
        });
    }
    pdu
}

impl Default for Probe {
    fn default() -> Probe {
        Probe::new()
    }
}

impl Probe {
    /// A probe for a connection that has just been made.
    pub fn new() -> Probe {
        Probe {
            // A bind with four contexts is never too long.
            bind: probe_bind(1).write().unwrap_or_default(),
            framing: Framing::new(u16::MAX),
            fragments: 0,
            received: Vec::new(),
            verdict: None,
        }
    }

    /// The bytes to send, once and first: the bind.
    pub fn to_send(&self) -> &[u8] {
        &self.bind
    }

    /// The first bytes that came back.
    pub fn received(&self) -> &[u8] {
        &self.received
    }

    /// Takes what came back; tells what answers as soon as that is known. What comes after that is not looked at.
    pub fn receive(&mut self, bytes: &[u8]) -> Option<&Verdict> {
        if self.verdict.is_none() {
            let room = EVIDENCE_MAX.saturating_sub(self.received.len());
            self.received.extend_from_slice(&bytes[..bytes.len().min(room)]);
            self.framing.receive(bytes);
            self.verdict = self.judge();
        }
        self.verdict.as_ref()
    }

    /// Tells what the end of the connection means. A verdict that was reached before stays.
    pub fn end(self, end: End) -> Verdict {
        let nothing = self.received.is_empty();
        self.verdict.unwrap_or(match (end, nothing) {
            (End::Reset, _) => Verdict::Reset,
            (End::Closed, true) => Verdict::Closed,
            (End::Deadline, true) => Verdict::Silent,
            (End::Closed | End::Deadline, false) => Verdict::Incomplete,
        })
    }

    fn judge(&mut self) -> Option<Verdict> {
        loop {
            let pdu = match self.framing.next_fragment() {
                Ok(Some(pdu)) => pdu,
                Ok(None) => return None,
                Err(FramingError::Pdu(ReadError::Version { .. })) if self.fragments == 0 => {
                    return Some(Verdict::Other(protocol(self.framing.waiting())));
                }
                Err(error) => return Some(Verdict::Malformed(error)),
            };
            self.fragments += 1;
            match pdu.body {
                Body::BindAck(ack) => return Some(judge_answer(&ack)),
                Body::BindNak(nak) => return Some(Verdict::BindNak(nak)),
                Body::Fault(fault) => {
                    return Some(Verdict::OddRpc { what: format!("fault {:#010x}", fault.status) });
                }
                _ if self.fragments >= FRAGMENTS_MAX => {
                    let what = format!("packet type {}", pdu.header.packet_type.number());
                    return Some(Verdict::OddRpc { what });
                }
                _ => {}
            }
        }
    }
}

fn judge_answer(ack: &BindAck) -> Verdict {
    let of = |context: u16| ack.results.get(usize::from(context)).map(|result| result.verdict);
    let (ndr, ndr64) = (of(NDR_CONTEXT), of(NDR64_CONTEXT));
    let accepted = |verdict: Option<ContextVerdict>| verdict.is_some_and(ContextVerdict::is_accepted);
    if accepted(ndr) || accepted(ndr64) {
        return Verdict::Kms { ndr64: accepted(ndr64) };
    }
    // A middlebox that answers fewer offers than were made says nothing of the last one.
    if accepted(of(OWN_CONTEXT)) {
        return Verdict::OwnHost;
    }
    match ndr {
        Some(answer) => Verdict::OtherRpc { answer },
        None => Verdict::OddRpc { what: "bind_ack without results".to_owned() },
    }
}

/// A protocol by its first bytes.
pub(crate) fn protocol(bytes: &[u8]) -> Protocol {
    let is_text = |bytes: &[u8]| {
        bytes.len() >= 4
            && bytes
                .iter()
                .take(64)
                .all(|b| b.is_ascii_graphic() || matches!(b, b' ' | b'\r' | b'\n' | b'\t'))
    };
    match bytes {
        [0x14..=0x17, 3, 0..=4, ..] => Protocol::Tls,
        [b'H', b'T', b'T', b'P', b'/', ..] | [b'<', ..] => Protocol::Http,
        [b'S', b'S', b'H', b'-', ..] => Protocol::Ssh,
        [0, _, _, _, 0xFE | 0xFF, b'S', b'M', b'B', ..] => Protocol::Smb,
        bytes if is_text(bytes) => Protocol::Greeting,
        _ => Protocol::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::context::ContextResult;
    use crate::pdu::Fault;

    fn answer(results: Vec<ContextResult>) -> Vec<u8> {
        let ack = BindAck {
            max_transmit_fragment: 5840,
            max_receive_fragment: 5840,
            association_group: 0x1234,
            secondary_address: b"1688\0".to_vec(),
            results,
        };
        Pdu::new(1, Body::BindAck(ack)).write().unwrap()
    }

    fn refused(verdict: ContextVerdict) -> ContextResult {
        ContextResult::refused(verdict)
    }

    fn verdict(bytes: &[u8], end: End) -> Verdict {
        let mut probe = Probe::new();
        // One byte at a time must make no difference.
        bytes.iter().for_each(|byte| drop(probe.receive(&[*byte]).cloned()));
        let slow = probe.end(end);
        let mut probe = Probe::new();
        probe.receive(bytes);
        let fast = probe.end(end);
        if matches!(fast, Verdict::Other(_)) {
            assert!(matches!(slow, Verdict::Other(_)));
        } else {
            assert_eq!(slow, fast);
        }
        fast
    }

    #[test]
    fn the_bind_is_the_one_that_the_documents_describe() {
        let bytes = kms_bind(1).write().unwrap();
        assert_eq!(bytes.len(), 160);
        assert_eq!(bytes[..16], [5, 0, 11, 3, 0x10, 0, 0, 0, 160, 0, 0, 0, 1, 0, 0, 0]);
        assert_eq!(bytes[16..28], [0xD0, 0x16, 0xD0, 0x16, 0, 0, 0, 0, 3, 0, 0, 0]);
        // Context 0 with one transfer syntax, then the interface: its first three parts little-endian.
        assert_eq!(bytes[28..40], [0, 0, 1, 0, 0x75, 0x21, 0xC8, 0x51, 0x4E, 0x84, 0x50, 0x47]);
        assert_eq!(bytes[40..52], [0xB0, 0xD8, 0xEC, 0x25, 0x55, 0x55, 0xBC, 0x06, 1, 0, 0, 0]);
    }

    #[test]
    fn a_kms_host_accepts_ndr_or_both() {
        let windows = answer(vec![
            refused(ContextVerdict::TransferSyntaxesNotSupported),
            ContextResult::accepted(SyntaxId::NDR64),
            refused(ContextVerdict::Features(3)),
        ]);
        assert_eq!(verdict(&windows, End::Closed), Verdict::Kms { ndr64: true });
        let simple = answer(vec![
            ContextResult::accepted(SyntaxId::NDR),
            refused(ContextVerdict::TransferSyntaxesNotSupported),
        ]);
        assert_eq!(verdict(&simple, End::Closed), Verdict::Kms { ndr64: false });
    }

    #[test]
    fn a_probe_offers_our_own_interface_last() {
        let bytes = probe_bind(1).write().unwrap();
        assert_eq!(bytes.len(), 204);
        assert_eq!(bytes[28..160], kms_bind(1).write().unwrap()[28..]);
        assert_eq!(bytes[24..28], [4, 0, 0, 0]);
        assert_eq!(bytes[160..172], [3, 0, 1, 0, 0x3E, 0x5A, 0x2C, 0x7D, 0xB4, 0x91, 0x0E, 0x4F]);
    }

    #[test]
    fn our_own_host_is_told_by_the_last_answer_alone() {
        let unknown = || refused(ContextVerdict::AbstractSyntaxNotSupported);
        let features = || refused(ContextVerdict::Features(0));
        let ours = || ContextResult::accepted(SyntaxId::NDR);
        let own = answer(vec![unknown(), unknown(), features(), ours()]);
        assert_eq!(verdict(&own, End::Closed), Verdict::OwnHost);
        let genuine = answer(vec![ours(), unknown(), features(), unknown()]);
        assert_eq!(verdict(&genuine, End::Closed), Verdict::Kms { ndr64: false });
        // Who accepts all that is offered is taken for what was asked first.
        let all = answer(vec![ours(), ours(), features(), ours()]);
        assert_eq!(verdict(&all, End::Closed), Verdict::Kms { ndr64: true });
        // Fewer answers than offers.
        let fewer = answer(vec![unknown(), unknown(), features()]);
        assert!(matches!(verdict(&fewer, End::Closed), Verdict::OtherRpc { .. }));
        let one = answer(vec![ours()]);
        assert_eq!(verdict(&one, End::Closed), Verdict::Kms { ndr64: false });
    }

    #[test]
    fn our_server_takes_the_probe_for_no_windows_client() {
        let mut probe = Probe::new();
        let mut server = crate::server::Connection::new(activation::INTERFACE, 1688, 7);
        server.receive(probe.to_send());
        assert_eq!(server.poll(), None);
        assert_eq!(probe.receive(server.to_send()), Some(&Verdict::OwnHost));
    }

    #[test]
    fn tells_other_rpc_servers() {
        let unknown = || refused(ContextVerdict::AbstractSyntaxNotSupported);
        let samba = answer(vec![unknown(), unknown(), refused(ContextVerdict::Features(3))]);
        assert_eq!(
            verdict(&samba, End::Closed),
            Verdict::OtherRpc { answer: ContextVerdict::AbstractSyntaxNotSupported }
        );
        let nak = BindNak { reason: 4, versions: vec![(5, 0)], extra: Vec::new() };
        let bytes = Pdu::new(1, Body::BindNak(nak.clone())).write().unwrap();
        assert_eq!(verdict(&bytes, End::Closed), Verdict::BindNak(nak));
        let fault =
            Fault { alloc_hint: 0, context_id: 0, cancel_count: 0, status: 0x1C01_0003, extra: Vec::new() };
        let bytes = Pdu::new(1, Body::Fault(fault)).write().unwrap();
        assert_eq!(verdict(&bytes, End::Closed), Verdict::OddRpc { what: "fault 0x1c010003".to_owned() });
        assert!(matches!(verdict(&answer(Vec::new()), End::Closed), Verdict::OddRpc { .. }));
    }

    #[test]
    fn tells_other_protocols() {
        for (bytes, expected) in [
            (&b"HTTP/1.1 400 Bad Request\r\n"[..], Protocol::Http),
            (b"\x15\x03\x01\x00\x02\x02\x46", Protocol::Tls),
            (b"SSH-2.0-OpenSSH_9.2\r\n", Protocol::Ssh),
            (b"220 mail.contoso.com ESMTP\r\n", Protocol::Greeting),
            (b"\x00\x00\x00\x20\xFESMB", Protocol::Smb),
            (b"\x00\x01\x02\x03", Protocol::Unknown),
        ] {
            let mut probe = Probe::new();
            assert_eq!(probe.receive(bytes), Some(&Verdict::Other(expected)));
        }
    }

    #[test]
    fn the_ways_to_end_without_an_answer() {
        assert_eq!(verdict(b"", End::Closed), Verdict::Closed);
        assert_eq!(verdict(b"", End::Reset), Verdict::Reset);
        assert_eq!(verdict(b"", End::Deadline), Verdict::Silent);
        assert_eq!(verdict(&[5, 0, 12], End::Deadline), Verdict::Incomplete);
        assert_eq!(verdict(&[5, 0, 12], End::Closed), Verdict::Incomplete);
    }

    #[test]
    fn a_server_that_never_comes_to_the_point_is_left() {
        let chatter = Pdu::new(1, Body::Other(vec![0; 8])).write().unwrap();
        let mut probe = Probe::new();
        let told = (0..100).position(|_| probe.receive(&chatter).is_some());
        assert_eq!(told, Some(FRAGMENTS_MAX - 1));
    }
}
