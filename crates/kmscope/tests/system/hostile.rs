//! Hostile clients: bytes that are no RPC, forged requests, floods, names that want to be lines, answers played again.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};

use activation::chance::{Chance, Seeded};
use rpc::activation::{Answer, INTERFACE, Request};
use rpc::server::{Connection, Event};
use serde_json::json;
use uuid::Uuid;

use crate::stage::{Service, Stage, until};
use crate::wire::{ask, ask_on, connect, connect_from, granted, now, recorded, refused, request};

fn local(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(127, 0, 0, last))
}

/// Sends bytes, ends, and reads what comes back until the host hangs up.
fn send(address: SocketAddr, pieces: &[&[u8]]) -> Vec<u8> {
    let mut stream = connect(address).expect("a connection");
    // The host may hang up in the middle.
    let _ = pieces.iter().try_for_each(|piece| stream.write_all(piece));
    let _ = stream.shutdown(Shutdown::Write);
    let mut back = Vec::new();
    let _ = stream.read_to_end(&mut back);
    back
}

/// A bind and a request as a client sends them.
fn pieces(host: &Service) -> Vec<Vec<u8>> {
    let mut stream = connect(host.address()).expect("a connection");
    recorded(&mut stream, &request("Team", 1)).expect("an answer").1
}

/// The host answers as before, and its log has lines only.
fn is_well(stage: &Stage, host: &Service) {
    granted(host.address(), &request("Solo", 1));
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["health"], "ok");
    let log = stage.read("host.log");
    assert!(!log.contains("panicked"), "{log}");
    assert!(log.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{log}");
}

#[test]
fn bytes_that_are_no_rpc_do_no_harm() {
    let seed = u64::from(std::process::id()) ^ now().0.unsigned_abs();
    println!("seed {seed}");
    let mut chance = Seeded(seed);
    let stage = Stage::new();
    let host = stage.host(&["--rate", "0"]);
    let pieces = pieces(&host);
    let whole = pieces.concat();
    for _ in 0..150 {
        let mut noise = vec![0; usize::try_from(chance.below(300)).unwrap()];
        chance.fill(&mut noise);
        send(host.address(), &[&noise]);
        // The same noise behind the head of a PDU, and behind a good bind.
        send(host.address(), &[&pieces[0][..16], &noise]);
        send(host.address(), &[&pieces[0], &noise]);
    }
    for _ in 0..150 {
        let mut changed = whole.clone();
        for _ in 0..=chance.below(3) {
            let at = usize::try_from(chance.below(changed.len() as u64)).unwrap();
            changed[at] = u8::try_from(chance.below(256)).unwrap();
        }
        send(host.address(), &[&changed]);
        let cut = usize::try_from(chance.below(whole.len() as u64)).unwrap();
        send(host.address(), &[&whole[..cut]]);
    }
    // A fragment of 65,535 bytes is announced: the end, whatever follows.
    let mut long = pieces[0].clone();
    long[8..10].copy_from_slice(&u16::MAX.to_le_bytes());
    send(host.address(), &[&long, &vec![0; 1 << 20]]);
    // Lengths within the request that say more than is there.
    for at in [16, 20] {
        let mut long = pieces[1].clone();
        long[at..at + 4].copy_from_slice(&u32::MAX.to_le_bytes());
        send(host.address(), &[&pieces[0], &long]);
    }
    is_well(&stage, &host);
}

#[test]
fn forged_requests_are_refused_and_raise_no_count() {
    let stage = Stage::new();
    let host = stage.host(&["--rate", "0"]);
    let address = host.address();
    let with = |change: &dyn Fn(&mut Request)| {
        let mut forged = request("Team", 1);
        change(&mut forged);
        forged
    };
    let team = request("Team", 1);
    let solo = request("Solo", 1);
    for (forged, code) in [
        (with(&|request| request.cmid = Uuid::nil()), 0x8007_0057),
        (with(&|request| request.version = 0x0007_0000), 0x8007_0057),
        (with(&|request| request.activation_id = solo.activation_id), 0xC004_F042),
        (with(&|request| request.application_id = Uuid::max()), 0xC004_F042),
        (with(&|request| request.client_time = 0), 0xC004_F06C),
        (with(&|request| request.client_time = u64::MAX), 0xC004_F06C),
    ] {
        assert_eq!(refused(address, &forged), code, "{forged:?}");
    }
    // Numbers that no client tells do not end the host, and a stranger's N-policy does not raise the cap.
    for machine in 1..=5 {
        let mut greedy = request("Solo", machine);
        (greedy.n_policy, greedy.license_status, greedy.vm_info) = (u32::MAX, u32::MAX, u32::MAX);
        greedy.binding_expiration_minutes = u32::MAX;
        assert!(granted(address, &greedy).count <= 2);
    }
    assert_eq!(granted(address, &team).count, 1);
    let told = stage.json(&["host", "status", "--data", "host"]);
    let row = |name: &str| {
        told["products"].as_array().unwrap().iter().find(|row| row["name"] == name).unwrap().clone()
    };
    assert_eq!(
        (&row("Solo")["current_count"], &row("Team")["current_count"]),
        (&json!(2), &json!(1)),
        "{told}"
    );
    // All of them are in the journal; a time that no calendar has is its last day.
    let facts = stage.facts(&stage.done(&["host", "events", "--data", "host"]));
    assert_eq!(facts.len(), 12, "{facts:#?}");
    is_well(&stage, &host);
}

#[test]
fn names_that_want_to_be_lines_stay_names() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let evil = "a\r\nEvent ID:      12294\u{202e}\u{1b}[31m,\u{7}0x0\u{2028}\"b";
    let mut forged = request("Solo", 1);
    forged.machine_name = evil.to_owned();
    granted(host.address(), &forged);
    forged.activation_id = request("Stranger", 1).activation_id;
    refused(host.address(), &forged);
    let events = stage.done(&["host", "events", "--data", "host"]);
    let (facts, notes) = stage.facts_and_notes(&events);
    assert_eq!((facts.len(), notes.len()), (2, 2), "{facts:#?}");
    assert!(notes.iter().all(|note| note["text"].as_str().unwrap().contains("field client")), "{notes:#?}");
    assert!(facts.iter().all(|fact| fact["event_id"] == 12290 && fact["vm_info"] == 0), "{facts:#?}");
    let shown = [
        events,
        stage.read("host.log"),
        stage.slmgr("host", &["/dlv"]).out,
        stage.done(&["host", "status", "--data", "host"]),
        stage.done(&["host", "status", "--data", "host", "--format", "json"]),
    ];
    for text in shown {
        let hidden =
            |c: char| (c.is_control() && !matches!(c, '\n' | '\r')) || matches!(c, '\u{2028}'..='\u{202e}');
        assert!(!text.contains(hidden), "{text:?}");
        assert!(!text.lines().any(|line| line.trim() == "Event ID:      12294"), "{text}");
    }
    is_well(&stage, &host);
}

#[test]
fn networks_that_may_not_ask_are_hung_up_on_and_told_of_once() {
    let stage = Stage::new();
    let host = stage.host(&["--allow", "127.0.0.2/32"]);
    for _ in 0..3 {
        assert!(ask(host.address(), &request("Solo", 1)).is_err());
    }
    let mut stream = connect_from(local(2), host.address()).expect("a connection");
    assert!(matches!(ask_on(&mut stream, &request("Solo", 1)), Ok(Answer::Granted(_))));
    let line = host.wait_for("not-allowed", 1);
    assert_eq!(line["address"], "127.0.0.1");
    assert!(line["remedy"].as_str().unwrap().contains("--allow"), "{line}");
    assert_eq!(host.told("not-allowed").len(), 1);
}

#[test]
fn a_flood_of_one_address_is_slowed_and_the_others_are_answered() {
    let stage = Stage::new();
    let host = stage.host(&["--rate", "2"]);
    let from = |last, machine| {
        let mut stream = connect_from(local(last), host.address()).expect("a connection");
        ask_on(&mut stream, &request("Team", machine))
    };
    // Ten seconds' worth may come at once.
    let slowed = until("a fault", || from(2, 1).err());
    assert_eq!(slowed.fault(), Some(0x6BB), "{slowed:?}");
    assert!(matches!(from(3, 2), Ok(Answer::Granted(_))));
    let line = host.wait_for("too-many-requests", 1);
    assert_eq!((&line["address"], &line["level"]), (&json!("127.0.0.2"), &json!("warning")));
    // Later it may ask again.
    until("an answer", || from(2, 1).ok());
    assert_eq!(host.told("too-many-requests").len(), 1);
    // A client takes the fault for a host that is too busy, and says so.
    let rest = std::iter::repeat_with(|| ask(host.address(), &request("Team", 3)).is_err());
    assert!(rest.take(1000).any(|slowed| slowed));
    let _client = stage.client("c1", "Solo", &["--skms", &host.address().to_string()]);
    let facts = until("an event", || stage.facts_of("c1/events.log"));
    assert!(["0x800706BB", "0x0"].map(|code| json!(code)).contains(&facts[0]["hresult"]), "{facts:#?}");
}

#[test]
fn a_request_that_is_played_again_counts_one_machine() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let mut stream = connect(host.address()).expect("a connection");
    let (_, pieces) = recorded(&mut stream, &request("Team", 1)).expect("an answer");
    for _ in 0..3 {
        let mut stream = connect(host.address()).expect("a connection");
        let mut back = [0; 8192];
        for piece in &pieces {
            stream.write_all(piece).expect("sent");
            assert!(stream.read(&mut back).expect("an answer") > 0);
        }
    }
    let told = stage.json(&["host", "status", "--data", "host"]);
    let team = told["products"].as_array().unwrap().iter().find(|row| row["name"] == "Team").unwrap().clone();
    assert_eq!((&team["current_count"], &team["total_requests"]), (&json!(1), &json!(4)), "{told}");
}

/// A false host: asks the real one, keeps its answer to itself, and plays that to all that come later.
fn false_host(real: SocketAddr) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        let mut kept: Option<Vec<u8>> = None;
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let _ = serve(&mut stream, real, &mut kept);
        }
    });
    address
}

fn serve(stream: &mut TcpStream, real: SocketAddr, kept: &mut Option<Vec<u8>>) -> std::io::Result<()> {
    let mut connection = Connection::new(INTERFACE, 1688, 1);
    let mut chunk = [0; 8192];
    loop {
        let count = stream.read(&mut chunk)?;
        if count == 0 {
            return Ok(());
        }
        connection.receive(&chunk[..count]);
        while let Some(event) = connection.poll() {
            let Event::Call { call_id, order, stub, .. } = event else { continue };
            match kept {
                Some(answer) => connection.respond(call_id, answer),
                None => {
                    let asked = Request::read(&stub, order).expect("a request");
                    *kept = Some(ask(real, &asked).expect("an answer").write());
                    return Ok(());
                }
            }
        }
        stream.write_all(connection.to_send())?;
        let sent = connection.to_send().len();
        connection.sent(sent);
    }
}

#[test]
fn an_answer_that_is_played_again_activates_nobody() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let address = false_host(host.address()).to_string();
    let _client = stage.client("c1", "Solo", &["--skms", &address]);
    let told = stage.tried("c1");
    assert_eq!((&told["activated"], &told["code"]), (&json!(false), &json!("0xC004F074")), "{told}");
    // The same machine, the same product, a lease that the real host signed for it: but for another request.
    let tried = stage.slmgr("c1", &["/ato"]);
    assert!(tried.code != 0 && tried.out.contains("0x8007000D"), "{tried:?}");
    let facts = stage.facts(&stage.read("c1/events.log"));
    let last = facts.last().expect("an event");
    assert_eq!((&last["event_id"], &last["hresult"]), (&json!(12288), &json!("0x8007000D")), "{facts:#?}");
    assert_eq!(stage.json(&["client", "status", "--data", "c1"])["activated"], false);
    // From the host itself it is taken.
    assert_eq!(stage.slmgr("c1", &["/skms", &host.address().to_string()]).code, 0);
    assert_eq!(stage.slmgr("c1", &["/ato"]).code, 0);
}
