//! What a host answers to clients, good and bad, and that it makes no difference how their bytes are cut.

use super::*;
use crate::activation::INTERFACE;
use crate::context::{ContextResult, ContextVerdict, PresentationContext};
use crate::header::CONCURRENT_CALLS;
use crate::pdu::{Bind, BindAck, BindNak, Body, Pdu, Request};
use crate::probe::kms_bind;

const BIG: [u8; 4] = [0; 4];

fn context(id: u16, abstract_syntax: SyntaxId, transfer_syntaxes: &[SyntaxId]) -> PresentationContext {
    PresentationContext { id, abstract_syntax, transfer_syntaxes: transfer_syntaxes.to_vec() }
}

fn bind(contexts: Vec<PresentationContext>) -> Pdu {
    let (max_transmit_fragment, max_receive_fragment) = (4280, 4280);
    let bind = Bind { max_transmit_fragment, max_receive_fragment, association_group: 0, contexts };
    Pdu::new(1, Body::Bind(bind))
}

fn our_bind() -> Pdu {
    bind(vec![context(0, INTERFACE, &[SyntaxId::NDR])])
}

fn request(call_id: u32, stub: Vec<u8>) -> Pdu {
    let body = Request { alloc_hint: 0, context_id: 0, operation: 0, object: None, stub };
    Pdu::new(call_id, Body::Request(body))
}

fn changed(mut pdu: Pdu, change: impl Fn(&mut Request)) -> Pdu {
    if let Body::Request(request) = &mut pdu.body {
        change(request);
    }
    pdu
}

fn bytes(pdus: &[Pdu]) -> Vec<u8> {
    pdus.iter().flat_map(|pdu| pdu.write().unwrap()).collect()
}

fn connection() -> Connection {
    Connection::new(INTERFACE, 1688, 0x77)
}

/// The PDUs of some output.
fn pdus(mut output: &[u8]) -> Vec<Pdu> {
    let mut pdus = Vec::new();
    while !output.is_empty() {
        let pdu = Pdu::read(output).unwrap();
        output = &output[usize::from(pdu.header.fragment_length)..];
        pdus.push(pdu);
    }
    pdus
}

/// What comes of bytes: the events, and the answers while no call is answered. One byte at a time it is the same.
fn outcome(bytes: &[u8]) -> (Vec<Event>, Vec<Pdu>) {
    let (mut fast, mut slow) = (connection(), connection());
    fast.receive(bytes);
    bytes.iter().for_each(|byte| slow.receive(&[*byte]));
    assert_eq!(fast.to_send(), slow.to_send());
    let events: Vec<Event> = std::iter::from_fn(|| fast.poll()).collect();
    assert_eq!(events, std::iter::from_fn(|| slow.poll()).collect::<Vec<Event>>());
    (events, pdus(fast.to_send()))
}

fn close_reason(bytes: &[u8]) -> String {
    match outcome(bytes).0.last() {
        Some(Event::Close(reason)) => reason.to_string(),
        other => panic!("not closed: {other:?}"),
    }
}

fn ack(pdu: &Pdu) -> &BindAck {
    match &pdu.body {
        Body::BindAck(ack) | Body::AlterContextResponse(ack) => ack,
        other => panic!("no bind_ack: {other:?}"),
    }
}

fn status(pdu: &Pdu) -> u32 {
    match &pdu.body {
        Body::Fault(fault) => fault.status,
        other => panic!("no fault: {other:?}"),
    }
}

#[test]
fn the_bind_ack_is_these_bytes() {
    let mut server = connection();
    server.receive(&bytes(&[our_bind()]));
    let expected = [
        &[5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0, 0xB8, 0x10, 0xB8, 0x10, 0x77, 0, 0, 0][..],
        &[5, 0, b'1', b'6', b'8', b'8', 0, 0, 1, 0, 0, 0, 0, 0, 0, 0],
        &[4, 0x5D, 0x88, 0x8A, 0xEB, 0x1C, 0xC9, 0x11, 0x9F, 0xE8, 8, 0, 0x2B, 0x10, 0x48, 0x60, 2, 0, 0, 0],
    ];
    assert_eq!(server.to_send(), expected.concat());
    assert_eq!(server.poll(), None);
}

#[test]
fn every_context_has_its_answer() {
    let newer = SyntaxId::new(INTERFACE.uuid, 1, 1);
    let major = SyntaxId::new(INTERFACE.uuid, 2, 0);
    let offer = bind(vec![
        context(0, INTERFACE, &[SyntaxId::NDR64]),
        context(1, INTERFACE, &[SyntaxId::NDR64, SyntaxId::NDR]),
        context(2, INTERFACE, &[SyntaxId::features(3)]),
        context(3, newer, &[SyntaxId::NDR]),
        context(4, major, &[SyntaxId::NDR]),
        context(5, INTERFACE, &[]),
    ]);
    let (events, answers) = outcome(&bytes(&[offer]));
    let verdicts: Vec<ContextVerdict> = ack(&answers[0]).results.iter().map(|r| r.verdict).collect();
    let [unknown, encoding] =
        [ContextVerdict::AbstractSyntaxNotSupported, ContextVerdict::TransferSyntaxesNotSupported];
    let (accepted, features) = (ContextVerdict::Accepted, ContextVerdict::Features(0));
    assert_eq!(verdicts, [encoding, accepted, features, unknown, unknown, encoding]);
    assert_eq!(ack(&answers[0]).results[2], ContextResult::refused(features));
    // What is accepted beside it tells that the client is in the right place.
    assert_eq!(events, []);
    let strange = bind(vec![context(0, newer, &[SyntaxId::NDR]), context(1, major, &[SyntaxId::NDR])]);
    assert_eq!(outcome(&bytes(&[strange])).0, [Event::RefusedInterface(newer)]);
}

#[test]
fn a_windows_client_is_told_that_its_interface_is_not_here() {
    let (events, answers) = outcome(&bytes(&[kms_bind(1)]));
    assert_eq!(events, [Event::RefusedInterface(SyntaxId::KMS)]);
    let verdicts: Vec<ContextVerdict> = ack(&answers[0]).results.iter().map(|r| r.verdict).collect();
    let unknown = ContextVerdict::AbstractSyntaxNotSupported;
    assert_eq!(verdicts, [unknown, unknown, ContextVerdict::Features(0)]);
}

#[test]
fn a_client_without_a_sensible_bind_gets_a_nak() {
    let mut newer = our_bind();
    newer.header.version_minor = 2;
    let mut major = bytes(&[our_bind()]);
    major[0] = 6;
    let mut signed = our_bind();
    signed.auth = vec![10, 2, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    signed.header.auth_length = 4;
    for (client, reason, said) in [
        (bytes(&[newer]), 4, "protocol version 5.2, expected 5.0 or 5.1"),
        (major, 4, "protocol version 6.0, expected 5.0 or 5.1"),
        (bytes(&[signed]), 8, "authentication, which is not done here"),
    ] {
        assert_eq!(close_reason(&client), said);
        let answers = outcome(&client).1;
        let nak = BindNak { reason, versions: vec![(5, 0), (5, 1)], extra: Vec::new() };
        assert_eq!((answers.len(), &answers[0].body), (1, &Body::BindNak(nak)));
        assert_eq!(answers[0].header.call_id, 1);
    }
}

#[test]
fn a_call_and_its_answer() {
    let mut server = connection();
    server.receive(&bytes(&[our_bind(), request(2, vec![7; 272])]));
    let call = Event::Call { call_id: 2, operation: 0, order: ByteOrder::Little, stub: vec![7; 272] };
    assert_eq!(server.poll(), Some(call));
    assert_eq!(server.poll(), None);
    let acked = server.to_send().len();
    server.sent(acked);
    assert_eq!(server.to_send(), b"");
    server.respond(3, b"of no call");
    assert_eq!(server.to_send(), b"");
    server.respond(2, &[1, 2, 3]);
    let expected =
        [&[5, 0, 2, 3, 0x10, 0, 0, 0, 27, 0, 0, 0, 2, 0, 0, 0][..], &[3, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3]];
    assert_eq!(server.to_send(), expected.concat());
    server.sent(20);
    assert_eq!(server.to_send(), [0, 0, 0, 0, 1, 2, 3]);
    server.sent(7);
    server.respond(2, b"again");
    assert_eq!(server.to_send(), b"");
}

#[test]
fn calls_of_big_endian_clients_and_with_objects() {
    let mut client = [our_bind(), changed(request(9, vec![1, 2]), |r| r.object = Some(INTERFACE.uuid))];
    client.iter_mut().for_each(|pdu| pdu.header.data_representation = BIG);
    let (events, answers) = outcome(&bytes(&client));
    assert_eq!(events, [Event::Call { call_id: 9, operation: 0, order: ByteOrder::Big, stub: vec![1, 2] }]);
    assert_eq!(ack(&answers[0]).max_receive_fragment, 4280);
}

#[test]
fn calls_that_cannot_be_made_are_faults() {
    let (events, answers) = outcome(&bytes(&[
        our_bind(),
        changed(request(2, vec![1]), |r| r.operation = 1),
        changed(request(3, vec![1]), |r| r.context_id = 1),
        request(4, vec![1]),
    ]));
    assert_eq!((status(&answers[1]), answers[1].header.call_id), (UNKNOWN_OPERATION, 2));
    assert_eq!((status(&answers[2]), answers[2].header.flags), (UNKNOWN_INTERFACE, 0x23));
    assert!(matches!(events[..], [Event::Call { call_id: 4, .. }]));
    let unbound = bytes(&[request(2, vec![1])]);
    assert_eq!(status(&outcome(&unbound).1[0]), UNKNOWN_INTERFACE);
    assert_eq!(close_reason(&unbound), "a call before a bind");
    let mut server = connection();
    server.receive(&bytes(&[our_bind(), request(2, vec![1])]));
    server.fault(2, BAD_STUB);
    let answers = pdus(server.to_send());
    assert_eq!((status(&answers[1]), answers[1].header.flags), (BAD_STUB, 3));
}

#[test]
fn contexts_may_be_altered() {
    let mut alter = bind(vec![context(5, INTERFACE, &[SyntaxId::NDR])]);
    let Body::Bind(offer) = alter.body else { panic!() };
    alter.body = Body::AlterContext(offer);
    let first = bind(vec![context(0, SyntaxId::KMS, &[SyntaxId::NDR])]);
    let call = changed(request(2, vec![1]), |r| r.context_id = 5);
    let (events, answers) = outcome(&bytes(&[first, alter.clone(), call]));
    assert!(matches!(events[..], [Event::RefusedInterface(SyntaxId::KMS), Event::Call { .. }]));
    assert!(matches!(&answers[1].body, Body::AlterContextResponse(ack)
        if ack.secondary_address.is_empty() && ack.results[0].verdict.is_accepted()));
    assert_eq!(close_reason(&bytes(&[alter])), "a call before a bind");
    assert_eq!(close_reason(&bytes(&[our_bind(), our_bind()])), "a second bind");
    let many = (0..20).map(|id| context(id, INTERFACE, &[SyntaxId::NDR])).collect();
    let results = outcome(&bytes(&[bind(many)])).1;
    let accepted = ack(&results[0]).results.iter().filter(|result| result.verdict.is_accepted()).count();
    assert_eq!(accepted, CONTEXTS_MAX);
    assert_eq!(ack(&results[0]).results[19].verdict, ContextVerdict::LocalLimitExceeded);
}

/// A request in pieces of one length.
fn pieces(call_id: u32, stub: &[u8], length: usize) -> Vec<Pdu> {
    let mut pieces: Vec<Pdu> = stub.chunks(length).map(|part| request(call_id, part.to_vec())).collect();
    pieces.iter_mut().for_each(|pdu| pdu.header.flags = 0);
    pieces.first_mut().unwrap().header.flags |= FIRST_FRAGMENT;
    pieces.last_mut().unwrap().header.flags |= LAST_FRAGMENT;
    pieces
}

#[test]
fn fragments_are_joined_up_to_a_limit() {
    let stub: Vec<u8> = (0..STUB_MAX).map(|n| n as u8).collect();
    let mut client = vec![our_bind()];
    client.extend(pieces(2, &stub, 1000));
    let (events, _) = outcome(&bytes(&client));
    assert_eq!(events, [Event::Call { call_id: 2, operation: 0, order: ByteOrder::Little, stub }]);
    let mut client = vec![our_bind()];
    client.extend(pieces(2, &[0; STUB_MAX + 1], 1000));
    assert_eq!(close_reason(&bytes(&client)), "a call with more than 8192 bytes of arguments");
}

#[test]
fn fragments_come_one_behind_the_other() {
    let parts = pieces(2, &[1; 30], 10);
    let said = "a fragment of call 2 out of order";
    assert_eq!(close_reason(&bytes(&[our_bind(), parts[1].clone()])), said);
    assert_eq!(close_reason(&bytes(&[our_bind(), parts[0].clone(), parts[0].clone()])), said);
    let other = request(3, vec![1]);
    let reason = close_reason(&bytes(&[our_bind(), parts[0].clone(), other.clone()]));
    assert_eq!(reason, "a fragment of call 3 out of order");
    // Unless the first one was given up.
    let mut orphaned = Pdu::new(2, Body::Other(Vec::new()));
    orphaned.header.packet_type = PacketType::Orphaned;
    let mut cancel = orphaned.clone();
    cancel.header.packet_type = PacketType::Cancel;
    let (events, _) = outcome(&bytes(&[our_bind(), parts[0].clone(), cancel, orphaned, other]));
    assert!(matches!(events[..], [Event::Call { call_id: 3, .. }]));
    let mut first = our_bind();
    first.header.flags = FIRST_FRAGMENT;
    assert_eq!(close_reason(&bytes(&[first])), "a fragment of call 1 out of order");
}

#[test]
fn calls_wait_for_the_one_before() {
    let mut client = vec![our_bind()];
    client.extend((10..15).map(|call_id| request(call_id, vec![call_id as u8])));
    let mut server = connection();
    server.receive(&bytes(&client));
    for expected in 10..15 {
        let Some(Event::Call { call_id, stub, .. }) = server.poll() else { panic!("{expected}") };
        assert_eq!((call_id, server.poll()), (expected, None));
        server.respond(call_id, &stub);
    }
    let answered: Vec<u32> = pdus(server.to_send())[1..].iter().map(|pdu| pdu.header.call_id).collect();
    assert_eq!(answered, [10, 11, 12, 13, 14]);
    client.push(request(15, vec![1]));
    assert_eq!(close_reason(&bytes(&client)), "more than 4 calls waiting");
}

#[test]
fn a_client_that_asks_for_it_has_several_calls_at_once() {
    let mut offer = our_bind();
    offer.header.flags |= CONCURRENT_CALLS;
    let mut client = vec![offer];
    let begun = 10..10 + CALLS_MAX as u32;
    client.extend(begun.clone().map(|call_id| request(call_id, vec![1])));
    let waiting = begun.end..begun.end + WAITING_MAX as u32;
    client.extend(waiting.clone().map(|call_id| request(call_id, vec![1])));
    let mut server = connection();
    server.receive(&bytes(&client));
    let told = |server: &mut Connection| -> Vec<u32> {
        std::iter::from_fn(|| server.poll())
            .map(|event| if let Event::Call { call_id, .. } = event { call_id } else { panic!("{event:?}") })
            .collect()
    };
    assert_eq!(told(&mut server), begun.clone().collect::<Vec<u32>>());
    // Each answer, in whatever order, lets one in that waited.
    for (call_id, next) in begun.clone().rev().zip(waiting.clone()) {
        server.respond(call_id, &[2]);
        assert_eq!(told(&mut server), [next]);
    }
    let answers = pdus(server.to_send());
    assert_eq!(answers[0].header.flags, FIRST_FRAGMENT | LAST_FRAGMENT | CONCURRENT_CALLS);
    let answered: Vec<u32> = answers[1..].iter().map(|pdu| pdu.header.call_id).collect();
    assert_eq!(answered, begun.clone().rev().take(WAITING_MAX).collect::<Vec<u32>>());
    // A call that was answered is no longer one.
    let before = server.to_send().len();
    server.respond(begun.end - 1, &[3]);
    assert_eq!(server.to_send().len(), before);

    client.push(request(waiting.end, vec![1]));
    assert_eq!(close_reason(&bytes(&client)), "more than 4 calls waiting");
    client.truncate(3);
    client.push(request(10, vec![1]));
    assert_eq!(close_reason(&bytes(&client)), "two calls at once with the id 10");
}

#[test]
fn responses_are_cut_to_what_the_client_takes() {
    for (wish, most) in [(4280, 4280), (1, FRAGMENT_MIN), (u16::MAX, FRAGMENT_MAX)] {
        let mut offer = our_bind();
        let Body::Bind(bind) = &mut offer.body else { panic!() };
        bind.max_receive_fragment = wish;
        let mut server = connection();
        server.receive(&bytes(&[offer, request(2, vec![1])]));
        let acked = bytes(&[pdus(server.to_send()).remove(0)]).len();
        server.sent(acked);
        let stub: Vec<u8> = (0..61_000).map(|n: u32| n as u8).collect();
        server.respond(2, &stub);
        let mut joined = crate::framing::Reassembly::new(1 << 17);
        let mut whole = None;
        for pdu in pdus(server.to_send()) {
            assert!(pdu.header.fragment_length <= most);
            assert_eq!(whole, None);
            whole = joined.add(pdu).unwrap();
        }
        let Some(Pdu { body: Body::Response(response), .. }) = whole else { panic!("{most}") };
        assert_eq!((response.alloc_hint, response.stub), (61_000, stub));
    }
}

#[test]
fn anything_else_is_the_end_with_a_reason() {
    assert_eq!(
        close_reason(b"GET / HTTP/1.1\r\n"),
        "another protocol: the first byte is 0x47, expected 0x05"
    );
    let long = [5, 0, 11, 3, 0x10, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0];
    assert_eq!(close_reason(&long), "a fragment of 65535 bytes, expected at most 5840");
    let short = [5, 0, 11, 3, 0x10, 0, 0, 0, 15, 0, 0, 0, 1, 0, 0, 0];
    assert_eq!(close_reason(&short), "malformed PDU: fragment length 15, expected at least 16");
    let mut lying = bytes(&[our_bind()]);
    lying[24] = 9;
    assert_eq!(close_reason(&lying), "malformed PDU: context id is missing at byte 72");
    let shutdown = Pdu::new(1, Body::Other(Vec::new()));
    assert_eq!(close_reason(&bytes(&[shutdown])), "packet type 17, which a client does not send");
    let mut signed = request(2, vec![1]);
    signed.auth = vec![10, 2, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4];
    signed.header.auth_length = 4;
    assert_eq!(close_reason(&bytes(&[our_bind(), signed])), "authentication, which is not done here");
}

#[test]
fn nothing_is_heard_after_the_end() {
    let mut server = connection();
    server.receive(&bytes(&[our_bind(), request(2, vec![1])]));
    server.receive(b"what?");
    assert!(server.is_closed());
    let before = server.to_send().to_vec();
    server.receive(&bytes(&[our_bind()]));
    server.respond(2, b"late");
    assert_eq!(server.to_send(), before);
    let events: Vec<Event> = std::iter::from_fn(|| server.poll()).collect();
    // Nor is a call begun that could not be answered any more.
    assert!(matches!(events[..], [Event::Close(_)]), "{events:?}");
}

#[test]
fn a_client_that_never_reads_is_left() {
    let mut server = connection();
    server.receive(&bytes(&[our_bind()]));
    let wrong = bytes(&[changed(request(2, Vec::new()), |r| r.operation = 9)]);
    let ended = (0..20_000).position(|_| {
        server.receive(&wrong);
        server.is_closed()
    });
    assert!(ended.is_some());
    assert!(server.to_send().len() <= UNSENT_MAX + 100);
    assert_eq!(server.poll(), Some(Event::Close(CloseReason::Unread)));
}

/// The way of a client of ours, in as few buffers as can be, against the general way of writing PDUs.
#[test]
fn the_short_way_writes_what_the_long_way_writes() {
    let mut server = connection();
    for call_id in 1..5 {
        if call_id == 1 {
            server.receive(&bytes(&[our_bind()]));
            server.sent(server.to_send().len());
        }
        let stub = vec![call_id as u8; 272];
        server.receive(&bytes(&[request(call_id, stub.clone())]));
        let heard = Event::Call { call_id, operation: 0, order: ByteOrder::Little, stub };
        assert_eq!(server.poll(), Some(heard));
        // What came whole was read where it lay.
        assert_eq!(server.input.capacity(), 0);
        let results = vec![7; 900 + call_id as usize];
        server.respond(call_id, &results);
        let response = crate::pdu::Response {
            alloc_hint: results.len() as u32,
            context_id: 0,
            cancel_count: 0,
            stub: results,
        };
        assert_eq!(server.to_send(), bytes(&[Pdu::new(call_id, Body::Response(response))]));
        let room = server.output.capacity();
        server.sent(server.to_send().len());
        // The buffer is used again.
        assert_eq!(server.output.capacity(), room);
    }
}
