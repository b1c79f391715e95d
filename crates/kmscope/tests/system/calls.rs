//! Several calls that are open at once on one connection.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;

use rpc::activation::{ACTIVATE, Answer, INTERFACE};
use rpc::call::Call;
use rpc::framing::Framing;
use rpc::header::{ByteOrder, CONCURRENT_CALLS};
use rpc::pdu::{self, Body, Pdu};
use rpc::server::FRAGMENT_MAX;

use crate::stage::Stage;
use crate::wire::{connect, request};

/// A gateway may have several calls open on a connection that it keeps. Here it sends more than the host works on at
/// once, without reading.
#[test]
fn calls_that_are_open_at_once_are_counted_one_by_one() {
    const CALLS: u32 = 100;
    let stage = Stage::new();
    let host = stage.host(&["--rate", "0"]);
    let mut bind = Call::new(INTERFACE, ACTIVATE, Vec::new()).to_send().to_vec();
    bind[FLAGS_AT] |= CONCURRENT_CALLS;
    let mut requests = Vec::new();
    for call_id in 2..2 + CALLS {
        let stub = request("Team", call_id.into()).write();
        let body = pdu::Request { alloc_hint: 0, context_id: 0, operation: ACTIVATE, object: None, stub };
        requests.extend(Pdu::new(call_id, Body::Request(body)).write().expect("a request"));
    }
    let mut stream = connect(host.address()).expect("a connection");
    stream.write_all(&bind).expect("sent");
    let mut framing = Framing::new(FRAGMENT_MAX);
    let ack = next_pdu(&mut stream, &mut framing);
    assert!(matches!(ack.body, Body::BindAck(_)), "{ack:?}");
    assert_ne!(ack.header.flags & CONCURRENT_CALLS, 0);
    stream.write_all(&requests).expect("sent");
    let mut counts = BTreeMap::new();
    for _ in 0..CALLS {
        let pdu = next_pdu(&mut stream, &mut framing);
        let Body::Response(response) = pdu.body else { panic!("{pdu:?}") };
        let answer = Answer::read(&response.stub, ByteOrder::Little).expect("an answer");
        let Answer::Granted(granted) = answer else { panic!("{answer:?}") };
        assert_eq!(granted.cmid, request("Team", pdu.header.call_id.into()).cmid);
        counts.insert(pdu.header.call_id, granted.count);
    }
    // Each machine counts once, up to the cap, in the order in which the calls came.
    let expected: BTreeMap<u32, u32> = (2..2 + CALLS).zip((1..).map(|count: u32| count.min(50))).collect();
    assert_eq!(counts, expected);
    let rows = store::HostReader::open(&stage.path("host")).unwrap().entries(1, 1000).unwrap();
    assert_eq!(rows.len(), CALLS as usize);
}

/// Where the flags stand in a PDU.
const FLAGS_AT: usize = 3;

fn next_pdu(stream: &mut TcpStream, framing: &mut Framing) -> Pdu {
    let mut chunk = [0; 4096];
    loop {
        if let Some(pdu) = framing.next_fragment().expect("a PDU") {
            return pdu;
        }
        let count = stream.read(&mut chunk).expect("more");
        assert_ne!(count, 0, "the host hung up");
        framing.receive(&chunk[..count]);
    }
}
