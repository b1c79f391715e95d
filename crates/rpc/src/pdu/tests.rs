//! Values to bytes and back, both byte orders, and what real servers send.

use super::*;
use crate::context::ContextVerdict;
use crate::syntax::SyntaxId;

fn round(pdu: &Pdu) {
    for representation in [[0x10, 0, 0, 0], [0, 0, 0, 0]] {
        let mut pdu = pdu.clone();
        pdu.header.data_representation = representation;
        let bytes = pdu.write().unwrap();
        let read = Pdu::read(&bytes).unwrap();
        assert_eq!(read.body, pdu.body);
        assert_eq!(usize::from(read.header.fragment_length), bytes.len());
        assert_eq!(read.write(), Some(bytes));
    }
}

fn bind() -> Bind {
    Bind {
        max_transmit_fragment: 5840,
        max_receive_fragment: 4280,
        association_group: 0x0102_0304,
        contexts: vec![PresentationContext {
            id: 7,
            abstract_syntax: SyntaxId::KMS,
            transfer_syntaxes: vec![SyntaxId::NDR, SyntaxId::NDR64],
        }],
    }
}

fn ack(address: &[u8]) -> BindAck {
    BindAck {
        max_transmit_fragment: 5840,
        max_receive_fragment: 5840,
        association_group: 1,
        secondary_address: address.to_vec(),
        results: vec![
            ContextResult::accepted(SyntaxId::NDR),
            ContextResult::refused(ContextVerdict::LocalLimitExceeded),
            ContextResult::refused(ContextVerdict::Features(3)),
        ],
    }
}

#[test]
fn every_pdu_survives_the_wire() {
    let object = Uuid::from_u128(0x0102_0304_0506_0708_090A_0B0C_0D0E_0F10);
    for object in [None, Some(object)] {
        round(&Pdu::new(
            1,
            Body::Request(Request {
                alloc_hint: 4,
                context_id: 1,
                operation: 9,
                object,
                stub: vec![1, 2, 3],
            }),
        ));
    }
    for address in [&b"1688\0"[..], b"", b"\0", b"12\0", b"\\PIPE\\x\0"] {
        round(&Pdu::new(2, Body::BindAck(ack(address))));
        round(&Pdu::new(2, Body::AlterContextResponse(ack(address))));
    }
    for body in [
        Body::Bind(bind()),
        Body::AlterContext(bind()),
        Body::BindNak(BindNak { reason: 8, versions: vec![(5, 0), (5, 1)], extra: vec![9; 16] }),
        Body::Response(Response { alloc_hint: 2, context_id: 0, cancel_count: 1, stub: vec![5; 9] }),
        Body::Fault(Fault {
            alloc_hint: 0,
            context_id: 1,
            cancel_count: 0,
            status: 0x6F7,
            extra: vec![0; 4],
        }),
    ] {
        round(&Pdu::new(3, body));
    }
}

#[test]
fn an_unknown_type_is_kept() {
    let mut pdu = Pdu::new(4, Body::Other(vec![1, 2, 3]));
    pdu.header.packet_type = PacketType::Other(42);
    let read = Pdu::read(&pdu.write().unwrap()).unwrap();
    assert_eq!((read.header.packet_type, read.body), (PacketType::Other(42), Body::Other(vec![1, 2, 3])));
}

#[test]
fn a_short_fault_is_a_fault() {
    // As impacket's server sends it: four bytes shorter than the specification's.
    let bytes =
        [5, 0, 3, 3, 0x10, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x02, 0x00, 0x01, 0x1C];
    let Body::Fault(fault) = Pdu::read(&bytes).unwrap().body else { panic!("no fault") };
    assert_eq!((fault.status, fault.extra.len()), (0x1C01_0002, 0));
}

#[test]
fn a_nak_without_versions_is_a_nak() {
    let bytes = [5, 0, 13, 3, 0x10, 0, 0, 0, 18, 0, 0, 0, 1, 0, 0, 0, 4, 0];
    let Body::BindNak(nak) = Pdu::read(&bytes).unwrap().body else { panic!("no nak") };
    assert_eq!((nak.reason_text(), nak.versions.len()), (Some("protocol version not supported"), 0));
}

#[test]
fn a_trailer_of_authentication_is_kept_apart() {
    let mut pdu = Pdu::new(
        5,
        Body::Response(Response { alloc_hint: 0, context_id: 0, cancel_count: 0, stub: vec![7; 6] }),
    );
    // Two bytes of padding, the trailer's header, four bytes of value.
    pdu.auth = vec![0, 0, 10, 2, 2, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    pdu.header.auth_length = 4;
    let read = Pdu::read(&pdu.write().unwrap()).unwrap();
    assert_eq!((read.body, read.auth), (pdu.body, pdu.auth));
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    let bytes = Pdu::new(6, Body::Bind(bind())).write().unwrap();
    let cut = |length: usize| Pdu::read(&bytes[..length]).unwrap_err().to_string();
    assert_eq!(cut(10), "header is missing at byte 10");
    assert_eq!(cut(17), "largest fragment sent is missing at byte 16");
    assert_eq!(cut(40), "syntax is missing at byte 32");
    // A hundred contexts in a PDU that has room for one.
    let mut lying = bytes.clone();
    lying[24] = 100;
    assert!(matches!(Pdu::read(&lying), Err(ReadError::Short { .. })));
}
