//! What a client's folder withstands, and a host that forges what it has not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use activation::chance::{Chance, Seeded};
use activation::credentials::{Chain as Credentials, Grant, HostKey, Lease, Product, RootKey};
use activation::moment::DAY;
use rpc::activation::{Answer, INTERFACE, Request, Response, VERSION};
use rpc::server::{Connection, Event};
use serde_json::json;

use crate::stage::{DEADLINE, Stage, setup_key, until};
use crate::wire::now;

/// A host that answers each request with whatever a function makes of it.
fn answering(answer: impl Fn(&Request) -> Answer + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            // A client that hangs up is none of its business.
            let _ = serve(&mut stream, &answer);
        }
    });
    address
}

fn serve(stream: &mut TcpStream, answer: &impl Fn(&Request) -> Answer) -> std::io::Result<()> {
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
            let request = Request::read(&stub, order).expect("a request");
            connection.respond(call_id, &answer(&request).write());
        }
        stream.write_all(connection.to_send())?;
        let sent = connection.to_send().len();
        connection.sent(sent);
    }
}

/// Grants whatever is asked, in the name of a publisher of its own, or with the lease of another key.
fn forged(request: &Request, root: &RootKey, licensed: &HostKey, signing: &HostKey) -> Answer {
    let key = setup_key("Solo");
    let product = Product {
        application_id: key.application_id(),
        activation_id: key.activation_id(),
        n_policy: 1,
        ..Product::new(key.fingerprint, key.product, "Solo", key.application, "Solo")
    };
    let grant = Grant {
        licence: "Contoso".to_owned(),
        serial: 1,
        host_number: 1,
        host_limit: 6,
        host_key: licensed.public(),
        product,
        not_before: now().plus(-DAY),
        not_after: now().plus(300 * DAY),
    };
    let lease = Lease {
        nonce: request.nonce,
        cmid: request.cmid,
        application_id: request.application_id,
        activation_id: request.activation_id,
        serial: 1,
        issued_at: now(),
        expires_at: now().plus(180 * DAY),
        count: 25,
        activation_interval_minutes: 120,
        renewal_interval_minutes: 10_080,
        client_time: activation::Moment::from_filetime(request.client_time),
    };
    Answer::Granted(Response {
        version: VERSION,
        host_pid: "forged".to_owned(),
        cmid: request.cmid,
        client_time: request.client_time,
        count: 25,
        activation_interval_minutes: 120,
        renewal_interval_minutes: 10_080,
        lease: lease.sign(signing).to_bytes().to_vec(),
        chain: Credentials { root: root.public(), grant: grant.sign(root).expect("signed") }.to_bytes(),
        revocations: Vec::new(),
    })
}

#[test]
fn a_host_that_forges_what_it_has_not_activates_nobody() {
    let stage = Stage::new();
    let (root, own) = (RootKey::from_seed([1; 32]), HostKey::from_seed([2; 32]));
    // All is well but that the publisher is another one.
    let address = answering(move |request| forged(request, &root, &own, &own)).to_string();
    let _client = stage.client("c1", "Solo", &["--skms", &address]);
    let told = stage.tried("c1");
    assert_eq!((&told["activated"], &told["code"]), (&json!(false), &json!("0x8007000D")), "{told}");
    // The true chain, which everybody can see on the wire, and a lease that is signed by another key.
    let host = stage.host(&[]);
    let real = host.address();
    let (root, thief) = (RootKey::from_seed([1; 32]), HostKey::from_seed([3; 32]));
    let address = answering(move |request| {
        let (Ok(Answer::Granted(real)), Answer::Granted(own)) =
            (crate::wire::ask(real, request), forged(request, &root, &thief, &thief))
        else {
            return Answer::Refused(0x8000_4005);
        };
        Answer::Granted(Response { chain: real.chain, ..own })
    });
    assert_eq!(stage.slmgr("c1", &["/skms", &address.to_string()]).code, 0);
    let tried = stage.slmgr("c1", &["/ato"]);
    assert!(tried.code != 0 && tried.out.contains("0x8007000D"), "{tried:?}");
    // What a true host answered, with a count that somebody on the way raised.
    let address = answering(move |request| match crate::wire::ask(real, request) {
        Ok(Answer::Granted(response)) => Answer::Granted(Response { count: 4000, ..response }),
        _ => Answer::Refused(0x8000_4005),
    });
    assert_eq!(stage.slmgr("c1", &["/skms", &address.to_string()]).code, 0);
    let tried = stage.slmgr("c1", &["/ato"]);
    assert!(tried.code != 0 && tried.out.contains("0x8007000D"), "{tried:?}");
    assert_eq!(stage.json(&["client", "status", "--data", "c1"])["activated"], false);
}

/// Rounds of killing, and the longest life of a client in microseconds.
const ROUNDS: usize = 40;
const LIFE_MICROSECONDS: u64 = 80_000;

#[test]
fn a_client_that_is_killed_at_any_instant_stays_the_same_machine() {
    let seed = u64::from(std::process::id()) ^ now().0.unsigned_abs();
    println!("seed {seed}");
    let mut chance = Seeded(seed);
    let stage = Stage::new();
    let host = stage.host(&[]);
    let address = host.address().to_string();
    drop(stage.client("c1", "Solo", &["--skms", &address]));
    let cmid = stage.json(&["client", "status", "--data", "c1"])["cmid"].clone();
    for _ in 0..ROUNDS {
        let mut command = stage.client_command("c1", "Solo", &["--skms", &address]);
        let log = std::fs::File::create(stage.path("c1.log")).expect("a log");
        let mut client = command.stdout(std::process::Stdio::null()).stderr(log).spawn().expect("a process");
        let end = Instant::now() + Duration::from_micros(chance.below(LIFE_MICROSECONDS));
        while Instant::now() < end {
            std::thread::park_timeout(end.saturating_duration_since(Instant::now()));
        }
        client.kill().expect("it can be killed");
        client.wait().expect("its end");
        let told = stage.json(&["client", "status", "--data", "c1"]);
        assert_eq!((&told["cmid"], &told["running"]), (&cmid, &json!(false)), "{told}");
    }
    let _client = stage.client("c1", "Solo", &["--skms", &address]);
    assert_eq!(stage.slmgr("c1", &["/ato"]).code, 0);
    let told = stage.json(&["host", "status", "--data", "host"]);
    let solo = told["products"].as_array().unwrap().iter().find(|row| row["name"] == "Solo").unwrap().clone();
    assert_eq!(solo["current_count"], 1, "{told}");
}

#[test]
fn a_damaged_state_is_named_with_its_place_and_left_as_it_is() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let address = host.address().to_string();
    drop(stage.client("c1", "Solo", &["--skms", &address]));
    let good = stage.read("c1/client.json");
    let half = &good[..good.len() / 2];
    for bad in [half, "", "[]", "{\"cmid\": 5}"] {
        stage.write("c1/client.json", bad);
        let output =
            stage.client_command("c1", "Solo", &["--skms", &address]).output().expect("kmscope can be run");
        let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{complaint}");
        assert!(
            complaint.contains("client.json, line") && complaint.contains("no state of a client"),
            "{complaint}"
        );
        let status = stage.run(&["client", "status", "--data", "c1"]);
        assert!(status.code == 2 && status.complaint.contains("client.json, line"), "{status:?}");
        assert_eq!(stage.read("c1/client.json"), bad);
    }
    stage.write("c1/client.json", &good);
    drop(stage.client("c1", "Solo", &["--skms", &address]));
}

/// A host that takes connections and never speaks, and the first of them once there is one.
fn silent() -> (SocketAddr, std::sync::mpsc::Receiver<TcpStream>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let (told, taken) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            if told.send(stream).is_err() {
                return;
            }
        }
    });
    (address, taken)
}

#[test]
fn a_wrong_host_is_corrected_while_the_client_waits_for_it() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let (wrong, taken) = silent();
    let options = ["--skms", &wrong.to_string(), "--timeout", "600"];
    let _client = stage.client("c1", "Solo", &options);
    let _waiting = taken.recv_timeout(DEADLINE).expect("the client asks the wrong host");
    // Status and verbs get in between; one that changes nothing leaves the attempt alone.
    assert!(stage.json(&["client", "status", "--data", "c1"])["last_attempt"].is_null());
    assert_eq!(stage.slmgr("c1", &["/dlv"]).code, 0);
    assert_eq!(stage.slmgr("c1", &["/skms", &wrong.to_string()]).code, 0);
    assert!(taken.try_recv().is_err(), "it asks nobody anew");
    // The right one is asked at once.
    assert_eq!(stage.slmgr("c1", &["/skms", &host.address().to_string()]).code, 0);
    until("activation", || {
        let told = stage.json(&["client", "status", "--data", "c1"]);
        (told["activated"] == true).then_some(())
    });
    // An /ato that waits for the wrong one begins anew, too.
    assert_eq!(stage.slmgr("c1", &["/skms", &wrong.to_string()]).code, 0);
    let mut ato = stage.command(&["slmgr", "--data", "c1", "/ato"]);
    let ato = ato.stdout(std::process::Stdio::piped()).spawn().expect("a process");
    let _waiting = taken.recv_timeout(DEADLINE).expect("the client asks the wrong host");
    assert_eq!(stage.slmgr("c1", &["/skms", &host.address().to_string()]).code, 0);
    assert_eq!(ato.wait_with_output().expect("its end").status.code(), Some(0));
    // A key that is removed ends an attempt for it.
    assert_eq!(stage.slmgr("c1", &["/skms", &wrong.to_string()]).code, 0);
    let mut ato = stage.command(&["slmgr", "--data", "c1", "/ato"]);
    let ato = ato.stdout(std::process::Stdio::piped()).spawn().expect("a process");
    let _waiting = taken.recv_timeout(DEADLINE).expect("the client asks the wrong host");
    assert_eq!(stage.slmgr("c1", &["/upk"]).code, 0);
    assert_ne!(ato.wait_with_output().expect("its end").status.code(), Some(0));
}

#[test]
fn slmgr_works_in_no_folder_that_another_works_in() {
    let stage = Stage::new();
    let told = stage.slmgr("c1", &["/skhc"]);
    assert_eq!(told.code, 0, "{told:?}");
    let before = stage.read("c1/client.json");
    let path = stage.path("c1/client.lock");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = || path.metadata().expect("the lock").permissions().mode() & 0o777;
        assert_eq!(mode(), 0o600, "who could open it could hold it");
        // One that an older program made is closed.
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).expect("a mode");
        assert_eq!(stage.slmgr("c1", &["/skhc"]).code, 0);
        assert_eq!(mode(), 0o600);
    }
    let held = std::fs::File::options().write(true).open(&path).expect("the lock");
    held.try_lock().expect("nobody works there");
    let told = stage.slmgr("c1", &["/ckhc"]);
    assert!(told.code == 2 && told.complaint.contains("is in use by another kmscope"), "{told:?}");
    assert_eq!(stage.read("c1/client.json"), before);
    // Somebody who is done in time is waited for.
    let mut waiting = stage.command(&["slmgr", "--data", "c1", "/ckhc"]);
    let waiting = waiting.stdout(std::process::Stdio::null()).spawn().expect("a process");
    drop(held);
    assert!(waiting.wait_with_output().expect("its end").status.success());
    assert_ne!(stage.read("c1/client.json"), before);
}

#[cfg(unix)]
#[test]
fn status_is_for_everybody_on_the_machine() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let stage = Stage::new();
    let host = stage.host(&[]);
    let _client = stage.client("c1", "Solo", &["--skms", &host.address().to_string()]);
    stage.tried("c1");
    let mut command = stage.command(&["client", "status", "--data", "c1", "--format", "json"]);
    if crate::stage::is_root() {
        std::fs::set_permissions(stage.path(""), std::fs::Permissions::from_mode(0o755)).expect("a mode");
        command.uid(65_534);
    } else {
        let nobodys = std::fs::Permissions::from_mode(0o000);
        std::fs::set_permissions(stage.path("c1/control.json"), nobodys).expect("a mode");
    }
    let output = match command.output() {
        Ok(output) => output,
        Err(error) => return eprintln!("skipped: others may not run the program here: {error}"),
    };
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{complaint}");
    let told: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(
        (&told["activated"], &told["running"], &told["kept"]),
        (&json!(true), &json!(true), &json!(true)),
        "{told}"
    );
}

#[test]
fn the_control_key_need_not_stand_on_the_command_line() {
    let stage = Stage::new();
    let key = "0123456789abcdef".repeat(4);
    stage.write("control.key", &format!("{key}\n"));
    stage.write("empty.key", "\n");
    let address = format!("127.0.0.1:{}", crate::named::free_port().expect("a port"));
    let options = ["--skms", "127.0.0.1:9", "--control", &address, "--control-key", "control.key"];
    let _client = stage.client("c1", "Solo", &options);
    let told = stage.run(&["slmgr", &address, "anybody", "@control.key", "/dlv"]);
    assert_eq!(told.code, 0, "{told:?}");
    let from_environment = |value: Option<&str>| {
        let mut command = stage.command(&["slmgr", &address, "anybody", "-", "/dlv"]);
        command.env_remove("KMSCOPE_CONTROL_KEY");
        if let Some(value) = value {
            command.env("KMSCOPE_CONTROL_KEY", value);
        }
        command.output().expect("kmscope can be run").status.code()
    };
    assert_eq!(from_environment(Some(&key)), Some(0));
    assert_eq!(from_environment(Some(&"f".repeat(64))), Some(2));
    assert_eq!(from_environment(None), Some(2));
    for (password, words) in [("@none.key", "cannot read none.key"), ("@empty.key", "control key")] {
        let told = stage.run(&["slmgr", &address, "anybody", password, "/dlv"]);
        assert!(told.code == 2 && told.complaint.contains(words), "{told:?}");
    }
}
