//! A client and a host in memory, their bytes cut anyhow and in either byte order; and hosts that answer otherwise.

use proptest::prelude::*;

use super::*;
use crate::activation::{ACTIVATE, INTERFACE};
use crate::context::ContextResult;
use crate::pdu::{Fault, Response};
use crate::server::{Connection, Event};

/// How the bytes travel: in pieces of these lengths, again and again, and in this byte order.
struct Network {
    cuts: Vec<usize>,
    order: ByteOrder,
    turn: usize,
}

impl Network {
    fn next_cut(&mut self, left: usize) -> usize {
        self.turn += 1;
        self.cuts[self.turn % self.cuts.len()].clamp(1, left)
    }
}

/// The same PDUs in another byte order; the stubs are not touched.
fn in_order(mut bytes: &[u8], order: ByteOrder) -> Vec<u8> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let mut pdu = Pdu::read(bytes).unwrap();
        bytes = &bytes[usize::from(pdu.header.fragment_length)..];
        if order == ByteOrder::Big {
            pdu.header.data_representation = [0; 4];
        }
        out.extend(pdu.write().unwrap());
    }
    out
}

/// Runs a call against a host that answers with a stub of its own.
fn pair(arguments: &[u8], results: &[u8], mut network: Network) -> Reply {
    let mut client = Call::new(INTERFACE, ACTIVATE, arguments.to_vec());
    let mut server = Connection::new(INTERFACE, 1688, 1);
    loop {
        let sent = in_order(client.to_send(), network.order);
        client.sent(client.to_send().len());
        let mut left = &sent[..];
        while !left.is_empty() {
            let (piece, rest) = left.split_at(network.next_cut(left.len()));
            server.receive(piece);
            left = rest;
        }
        while let Some(event) = server.poll() {
            let Event::Call { call_id, operation, order, stub } = event else { panic!("{event:?}") };
            assert_eq!((operation, order, &stub[..]), (ACTIVATE, network.order, arguments));
            server.respond(call_id, results);
        }
        let sent = in_order(server.to_send(), network.order);
        server.sent(server.to_send().len());
        assert!(!sent.is_empty(), "nobody says anything");
        let mut left = &sent[..];
        while !left.is_empty() {
            let (piece, rest) = left.split_at(network.next_cut(left.len()));
            match client.receive(piece).unwrap() {
                Progress::Pending => left = rest,
                Progress::Answered(reply) => {
                    assert_eq!(rest, b"");
                    return reply;
                }
            }
        }
    }
}

#[test]
fn one_byte_at_a_time() {
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let network = Network { cuts: vec![1], order, turn: 0 };
        assert_eq!(pair(&[1; 272], &[2; 900], network), Reply { order, stub: vec![2; 900] });
    }
}

proptest! {
    #[test]
    fn cut_anyhow(
        arguments in 0usize..7000,
        results in 0usize..62_000,
        cuts in proptest::collection::vec(1usize..6000, 1..6),
        big in any::<bool>(),
    ) {
        let arguments: Vec<u8> = (0..arguments).map(|n| n as u8).collect();
        let results: Vec<u8> = (0..results).map(|n| n as u8 ^ 0x55).collect();
        let order = if big { ByteOrder::Big } else { ByteOrder::Little };
        let reply = pair(&arguments, &results, Network { cuts, order, turn: 0 });
        prop_assert_eq!(reply, Reply { order, stub: results });
    }
}

fn bytes(call_id: u32, body: Body) -> Vec<u8> {
    Pdu::new(call_id, body).write().unwrap()
}

fn ack(result: ContextResult) -> Vec<u8> {
    let ack = BindAck {
        max_transmit_fragment: FRAGMENT_MAX,
        max_receive_fragment: FRAGMENT_MAX,
        association_group: 1,
        secondary_address: b"1688\0".to_vec(),
        results: vec![result],
    };
    bytes(BIND_ID, Body::BindAck(ack))
}

fn accepted() -> Vec<u8> {
    ack(ContextResult::accepted(SyntaxId::NDR))
}

/// What comes of an answer; that a call is over is told but once.
fn outcome(bytes: &[u8]) -> CallError {
    let mut call = Call::new(INTERFACE, ACTIVATE, vec![1; 272]);
    let error = call.receive(bytes).unwrap_err();
    assert_eq!(call.receive(bytes), Err(CallError::Over));
    error
}

#[test]
fn the_request_waits_for_the_bind() {
    let mut call = Call::new(INTERFACE, ACTIVATE, vec![1; 272]);
    assert_eq!(call.to_send().len(), 72);
    call.sent(70);
    assert_eq!(call.to_send().len(), 2);
    call.sent(2);
    assert_eq!(call.to_send(), b"");
    assert_eq!(call.receive(&accepted()), Ok(Progress::Pending));
    assert_eq!(call.to_send().len(), 296);
}

#[test]
fn refusals_are_told_apart() {
    let unknown = ContextVerdict::AbstractSyntaxNotSupported;
    assert_eq!(outcome(&ack(ContextResult::refused(unknown))), CallError::Refused(unknown));
    let nak = BindNak { reason: 8, versions: Vec::new(), extra: Vec::new() };
    let error = outcome(&bytes(BIND_ID, Body::BindNak(nak.clone())));
    assert_eq!(error.to_string(), "the server refuses the bind: authentication type not recognized");
    assert_eq!(error, CallError::BindNak(nak));
    let fault = Fault { alloc_hint: 0, context_id: 0, cancel_count: 0, status: 0x6F7, extra: Vec::new() };
    let fault = [accepted(), bytes(REQUEST_ID, Body::Fault(fault))].concat();
    assert_eq!(outcome(&fault), CallError::Fault(0x6F7));
    assert_eq!(outcome(b"HTTP/1.1 400 Bad Request"), CallError::OtherProtocol(Protocol::Http));
}

#[test]
fn odd_answers_are_the_end() {
    let unasked = Response { alloc_hint: 0, context_id: 0, cancel_count: 0, stub: vec![1] };
    let response = bytes(REQUEST_ID, Body::Response(unasked.clone()));
    assert_eq!(outcome(&response), CallError::Unexpected(PacketType::Response));
    let another = [accepted(), bytes(99, Body::Response(unasked.clone()))].concat();
    assert_eq!(outcome(&another), CallError::Unexpected(PacketType::Response));
    assert_eq!(outcome(&[accepted(), accepted()].concat()), CallError::Unexpected(PacketType::BindAck));
    let encoding = ack(ContextResult::accepted(SyntaxId::NDR64));
    assert_eq!(outcome(&encoding), CallError::Unexpected(PacketType::BindAck));
    assert!(matches!(outcome(&[&accepted()[..], b"x"].concat()), CallError::Malformed(_)));
    // Fragments of nothing, again and again.
    let mut empty = Pdu::new(REQUEST_ID, Body::Response(Response { stub: Vec::new(), ..unasked }));
    empty.header.flags = 0;
    let mut answer = accepted();
    let mut first = empty.clone();
    first.header.flags = crate::header::FIRST_FRAGMENT;
    answer.extend(first.write().unwrap());
    (0..1000).for_each(|_| answer.extend(empty.write().unwrap()));
    assert_eq!(outcome(&answer), CallError::Endless);
}
