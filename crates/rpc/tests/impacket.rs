//! Independent DCE/RPC stacks talk to our server's side: impacket calls it, tshark reads the exchange.

mod peers;

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;
use std::time::Duration;

use data_encoding::BASE64;
use peers::{activate, is_understood, packet_types, program, python};
use rpc::activation::{Answer, INTERFACE, Request, Response, VERSION};
use rpc::server::{Connection, Event};
use rpc::{SyntaxId, header::ByteOrder};
use serde_json::{Value, json};
use uuid::{Uuid, uuid};

const APPLICATION: Uuid = uuid!("8f1c2d3e-0001-8abc-9def-0123456789ab");
const PRODUCT: Uuid = uuid!("8f1c2d3e-0002-8abc-9def-0123456789ab");
const CMID: Uuid = uuid!("11112222-3333-4444-5555-666677778888");
const CLIENT_TIME: u64 = 0x81DB_0102_8304_0506;

/// What one side sent.
struct Segment {
    by_client: bool,
    bytes: Vec<u8>,
}

/// What happened on a connection, and what was sent.
type Exchange = (Vec<Event>, Vec<Segment>);

/// Serves one connection with one answer.
fn serve(answer: Answer) -> (u16, JoinHandle<Exchange>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let mut connection = Connection::new(INTERFACE, port, 1);
        let (mut events, mut segments) = (Vec::new(), Vec::new());
        let mut buffer = [0; 8192];
        loop {
            let count = stream.read(&mut buffer).unwrap();
            if count == 0 {
                return (events, segments);
            }
            segments.push(Segment { by_client: true, bytes: buffer[..count].to_vec() });
            connection.receive(&buffer[..count]);
            while let Some(event) = connection.poll() {
                if let Event::Call { call_id, .. } = &event {
                    connection.respond(*call_id, &answer.write());
                }
                events.push(event);
            }
            stream.write_all(connection.to_send()).unwrap();
            let sent = connection.to_send().to_vec();
            connection.sent(sent.len());
            // No segment of a capture is longer than an IP packet.
            segments.extend(sent.chunks(1400).map(|part| Segment { by_client: false, bytes: part.to_vec() }));
        }
    });
    (port, serving)
}

fn response() -> Response {
    Response {
        version: VERSION,
        host_pid: "06401-00206-234-567890-03-1033-20348.0000-2092026".to_owned(),
        cmid: CMID,
        client_time: CLIENT_TIME,
        count: 50,
        activation_interval_minutes: 120,
        renewal_interval_minutes: 10_080,
        lease: (0..=u8::MAX).collect(),
        chain: (0..301).map(|n: u32| n as u8).collect(),
        revocations: Vec::new(),
    }
}

const ARGUMENTS: [&str; 24] = [
    "--application-id",
    "8f1c2d3e-0001-8abc-9def-0123456789ab",
    "--activation-id",
    "8f1c2d3e-0002-8abc-9def-0123456789ab",
    "--kms-id",
    "8f1c2d3e-0001-8abc-9def-0123456789ab",
    "--cmid",
    "11112222-3333-4444-5555-666677778888",
    "--n-policy",
    "25",
    "--machine-name",
    "pc-1.contoso.com",
    "--license-status",
    "5",
    "--minutes",
    "43200",
    // Both halves have their highest bit set.
    "--client-time",
    "0x81DB010283040506",
    "--nonce",
    "5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a",
    "--previous-cmid",
    "00000000-0000-0000-0000-000000000000",
    "--revocation-number",
    "9",
];

fn expected_request() -> Request {
    Request {
        version: VERSION,
        vm_info: 0,
        license_status: 5,
        binding_expiration_minutes: 43_200,
        application_id: APPLICATION,
        activation_id: PRODUCT,
        kms_id: APPLICATION,
        cmid: CMID,
        n_policy: 25,
        client_time: CLIENT_TIME,
        previous_cmid: Uuid::nil(),
        machine_name: "pc-1.contoso.com".to_owned(),
        nonce: [0x5A; 32],
        revocation_number: 9,
    }
}

fn expected_fields(response: &Response) -> Value {
    json!({
        "hresult": 0,
        "version": response.version,
        "host_pid": response.host_pid,
        "cmid": response.cmid,
        "client_time": response.client_time,
        "count": response.count,
        "activation_interval_minutes": response.activation_interval_minutes,
        "renewal_interval_minutes": response.renewal_interval_minutes,
        "lease": BASE64.encode(&response.lease),
        "chain": BASE64.encode(&response.chain),
        "revocations": BASE64.encode(&response.revocations),
    })
}

#[test]
fn impacket_is_granted_a_lease_and_tshark_reads_the_exchange() {
    let Some(python) = python() else { return };
    let (port, serving) = serve(Answer::Granted(response()));
    assert_eq!(activate(&python, port, &ARGUMENTS), expected_fields(&response()));
    let (events, segments) = serving.join().unwrap();
    let [Event::Call { operation: 0, order: ByteOrder::Little, stub, .. }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(Request::read(stub, ByteOrder::Little), Ok(expected_request()));
    // Byte for byte what we would send.
    assert_eq!(*stub, expected_request().write());
    tshark_reads(port, &segments, &["11", "12", "0", "2"]);
}

#[test]
fn impacket_joins_the_fragments_of_a_long_answer() {
    let Some(python) = python() else { return };
    let long = Response { revocations: (0..40_003).map(|n: u32| (n % 251) as u8).collect(), ..response() };
    let (port, serving) = serve(Answer::Granted(long.clone()));
    assert_eq!(activate(&python, port, &ARGUMENTS), expected_fields(&long));
    let (_, segments) = serving.join().unwrap();
    let fragments = vec!["2"; Answer::Granted(long).write().len().div_ceil(4280 - 24)];
    tshark_reads(port, &segments, &[&["11", "12", "0"], &fragments[..]].concat());
}

#[test]
fn impacket_is_refused() {
    let Some(python) = python() else { return };
    let (port, serving) = serve(Answer::Refused(0xC004_F042));
    assert_eq!(activate(&python, port, &ARGUMENTS), json!({ "hresult": 0xC004_F042u32 }));
    let (_, segments) = serving.join().unwrap();
    tshark_reads(port, &segments, &["11", "12", "0", "2"]);
}

#[test]
fn impacket_is_told_that_an_operation_does_not_exist() {
    let Some(python) = python() else { return };
    let (port, serving) = serve(Answer::Refused(1));
    let told = activate(&python, port, &["--operation", "1"]);
    assert!(told["fault"].as_str().unwrap().contains("nca_s_op_rng_error"), "{told}");
    let (events, segments) = serving.join().unwrap();
    assert_eq!(events, []);
    tshark_reads(port, &segments, &["11", "12", "0", "3"]);
}

/// A Windows client binds this interface. It is refused there, and sends no request.
#[test]
fn impacket_is_told_that_another_interface_is_not_here() {
    let Some(python) = python() else { return };
    let (port, serving) = serve(Answer::Refused(1));
    let interface = "51c82175-844e-4750-b0d8-ec255555bc06";
    let told = activate(&python, port, &["--bind-only", "--interface", interface]);
    assert!(told["bind"].as_str().unwrap().contains("abstract_syntax_not_supported"), "{told}");
    let (events, segments) = serving.join().unwrap();
    assert_eq!(events, [Event::RefusedInterface(SyntaxId::KMS)]);
    tshark_reads(port, &segments, &["11", "12"]);
}

/// A capture file: raw IP packets, with the numbers by which TCP puts segments in order.
fn capture(port: u16, segments: &[Segment]) -> Vec<u8> {
    const CLIENT_PORT: u16 = 40000;
    let mut file = Vec::new();
    // Magic, version 2.4, zone, accuracy, length, raw IP packets.
    for number in [0xA1B2_C3D4u32, 0x0004_0002, 0, 0, 65535, 101] {
        file.extend(number.to_le_bytes());
    }
    let mut next = [1u32, 1];
    for Segment { by_client, bytes } in segments {
        let (own, peer) = if *by_client { (0, 1) } else { (1, 0) };
        let (ports, addresses) = ([CLIENT_PORT, port], [[192, 0, 2, 1], [192, 0, 2, 2]]);
        let mut packet = vec![0x45, 0];
        packet.extend(((40 + bytes.len()) as u16).to_be_bytes());
        packet.extend([0, 1, 0x40, 0, 64, 6, 0, 0]);
        packet.extend(addresses[own]);
        packet.extend(addresses[peer]);
        packet.extend(ports[own].to_be_bytes());
        packet.extend(ports[peer].to_be_bytes());
        packet.extend(next[own].to_be_bytes());
        packet.extend(next[peer].to_be_bytes());
        packet.extend([0x50, 0x18, 0xFF, 0xFF, 0, 0, 0, 0]);
        packet.extend(bytes);
        next[own] += bytes.len() as u32;
        for number in [0, 0, packet.len() as u32, packet.len() as u32] {
            file.extend(number.to_le_bytes());
        }
        file.extend(packet);
    }
    file
}

/// The exchange consists of these packet types, one after the other, and of nothing that tshark cannot read.
#[track_caller]
fn tshark_reads(port: u16, segments: &[Segment], expected: &[&str]) {
    let Some(tshark) = program("tshark") else { return };
    let path = std::env::temp_dir().join(format!("kmscope-activate-{}-{port}.pcap", std::process::id()));
    std::fs::write(&path, capture(port, segments)).unwrap();
    assert_eq!(packet_types(&tshark, &path, port), expected);
    is_understood(&tshark, &path, port);
    std::fs::remove_file(&path).unwrap();
}
