//! The control channel: who has not the key, garbage, many connections, and slmgr from another machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

use serde_json::{Value, json};

use crate::stage::{DEADLINE, Service, Stage};
use crate::wire::{granted, request};

/// Where a service listens for its own machine, and the key that it left there.
fn control(stage: &Stage, data: &str) -> (SocketAddr, String) {
    let file: Value =
        serde_json::from_str(&stage.read(&format!("{data}/control.json"))).expect("a control file");
    (file["address"].as_str().unwrap().parse().unwrap(), file["key"].as_str().unwrap().to_owned())
}

/// What a service answers to bytes, until it hangs up.
fn send(address: SocketAddr, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(DEADLINE)).expect("a time");
    let _ = stream.write_all(bytes);
    let mut back = Vec::new();
    let _ = stream.read_to_end(&mut back);
    String::from_utf8_lossy(&back).into_owned()
}

/// Somebody between a service and one who asks, who passes on what both say and keeps the request.
fn listening(service: SocketAddr) -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let heard = std::thread::spawn(move || {
        let (mut asking, _) = listener.accept().expect("a connection");
        let mut answering = TcpStream::connect(service).expect("a connection");
        let line = |stream: &mut TcpStream| {
            let mut line = String::new();
            BufReader::new(stream).read_line(&mut line).expect("a line");
            line
        };
        let greeting = line(&mut answering);
        asking.write_all(greeting.as_bytes()).expect("sent");
        let request = line(&mut asking);
        answering.write_all(request.as_bytes()).expect("sent");
        let answer = line(&mut answering);
        asking.write_all(answer.as_bytes()).expect("sent");
        request
    });
    (address, heard)
}

fn is_well(stage: &Stage, host: &Service) {
    granted(host.address(), &request("Solo", 1));
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["health"], "ok");
    assert!(!stage.read("host.log").contains("panicked"));
}

#[test]
fn who_has_not_the_key_is_not_heard() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let (address, key) = control(&stage, "host");
    let shown = address.to_string();
    let told = stage.run(&["slmgr", &shown, "admin", &key, "/dlv"]);
    assert!(told.code == 0 && told.out.contains("Key Management Service is enabled"), "{told:?}");
    let wrong = "0".repeat(64);
    let told = stage.run(&["slmgr", &shown, "admin", &wrong, "/sai", "60"]);
    assert!(told.code == 2 && told.complaint.contains("another control key"), "{told:?}");
    let told = stage.run(&["slmgr", &shown, "admin", "secret", "/dlv"]);
    assert!(told.code == 2 && told.complaint.contains("64 hexadecimal digits"), "{told:?}");
    // A good request is good once: on another connection its tag is of another challenge.
    let (between, heard) = listening(address);
    let told = stage.run(&["slmgr", &between, "admin", &key, "/sai", "60"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(stage.slmgr("host", &["/sai", "90"]).code, 0);
    let request = heard.join().expect("a request");
    assert!(request.contains("/sai"), "{request}");
    let back = send(address, request.as_bytes());
    assert_eq!(back.lines().count(), 1, "a greeting and nothing else: {back}");
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["activation_interval_min"], 90);
    // Only its owner may read the key.
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(stage.path("host/control.json")).expect("the file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    is_well(&stage, &host);
}

#[test]
fn garbage_on_the_channel_does_no_harm() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let (address, _) = control(&stage, "host");
    let long = vec![b'a'; 3 << 20];
    let deep = format!("{{\"words\":{},\"tag\":\"\"}}\n", "[".repeat(100_000));
    let untagged = b"{\"words\":\"\\\"stop\\\"\",\"tag\":\"\"}\n";
    for bytes in [&b"\n"[..], b"GET / HTTP/1.1\r\n\r\n", b"\xFF\xFE\n", &long, deep.as_bytes(), untagged] {
        let back = send(address, bytes);
        assert!(back.lines().count() <= 1, "{back}");
    }
    is_well(&stage, &host);
}

#[test]
fn a_hundred_silent_connections_keep_no_admin_out() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let (address, _) = control(&stage, "host");
    let silent: Vec<TcpStream> =
        (0..100).map(|_| TcpStream::connect(address).expect("a connection")).collect();
    // Were they served in turn, this would take a minute.
    let told = stage.json(&["host", "status", "--data", "host"]);
    assert_eq!(told["health"], "ok");
    // The newest of them are still there, so the admin did not wait for their end.
    let newest = silent.last().expect("a connection");
    newest.set_nonblocking(true).expect("not blocking");
    let mut greeting = [0; 4096];
    let mut newest = newest;
    assert!(newest.read(&mut greeting).is_ok_and(|count| count > 0));
    let more = newest.read(&mut greeting);
    assert!(more.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock));
    is_well(&stage, &host);
}

#[test]
fn slmgr_works_from_another_machine_with_the_key_of_the_admin() {
    let stage = Stage::new();
    let key = "0123456789abcdef".repeat(4);
    stage.write("control.key", &format!("{key}\n"));
    let free = || format!("127.0.0.1:{}", crate::named::free_port().expect("a port"));
    let (of_host, of_client) = (free(), free());
    let host = stage.host(&["--control", &of_host, "--control-key", "control.key"]);
    let listens = host.address().to_string();
    let options = ["--skms", &listens, "--control", &of_client, "--control-key", "control.key"];
    let client = stage.client("c1", "Solo", &options);
    stage.tried("c1");
    let told = stage.run(&["slmgr", &of_host, "anybody", &key, "/sai", "60"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["activation_interval_min"], 60);
    let told = stage.run(&["slmgr", &of_client, "anybody", &key, "/ato"]);
    assert!(told.code == 0 && told.out.contains("activated successfully"), "{told:?}");
    let facts = stage.facts(&stage.run(&["slmgr", &of_client, "anybody", &key, "/dlv"]).out);
    assert_eq!(facts[0]["activation_interval_min"], 60, "{facts:#?}");
    let told = stage.run(&["slmgr", &of_client, "anybody", &"f".repeat(64), "/dlv"]);
    assert!(told.code == 2 && told.complaint.contains("another control key"), "{told:?}");
    // The key of the folder is another one.
    let (_, own) = control(&stage, "host");
    assert_eq!(stage.run(&["slmgr", &of_host, "anybody", &own, "/dlv"]).code, 2);
    // A machine alone, and a machine with a user but no key.
    let told = stage.run(&["slmgr", &of_host, "/dlv"]);
    assert!(told.code == 2 && told.complaint.contains("control key"), "{told:?}");
    let told = stage.run(&["slmgr", &of_host, "anybody", "/dlv"]);
    assert!(told.code == 1 && told.out.contains("do not go together"), "{told:?}");
    assert_eq!((host.stop(), client.stop()), (Some(0), Some(0)));
    let told = stage.run(&["slmgr", &of_host, "anybody", &key, "/dlv"]);
    assert!(told.code == 2 && told.complaint.contains(&of_host), "{told:?}");
    // A key without digits, a channel without a key.
    stage.write("control.key", "not a key");
    let output =
        stage.host_command(&["--control", &of_host, "--control-key", "control.key"]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let output = stage.host_command(&["--control", &of_host]).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn options_of_the_other_side_are_refused() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let _client = stage.client("c1", "Solo", &["--skms", &host.address().to_string()]);
    stage.tried("c1");
    for (data, option, words) in [
        ("host", "/ato", "is an option of KMS clients"),
        ("host", "/rearm", "is an option of KMS clients"),
        ("c1", "/sdns", "can only be set on a KMS machine"),
        ("c1", "/cpri", "can only be set on a KMS machine"),
    ] {
        let told = stage.slmgr(data, &[option]);
        assert!(told.code != 0 && told.out.contains(words), "{data} {option}: {told:?}");
    }
    let told = stage.slmgr("c1", &["/ipk", "XXXXX-XXXXX-XXXXX-XXXXX-XXXXX"]);
    assert!(told.code != 0 && told.out.contains("0xC004F050"), "{told:?}");
    assert_eq!(stage.json(&["client", "status", "--data", "c1"])["activated"], json!(true));
    is_well(&stage, &host);
}

#[test]
fn the_port_of_a_service_that_was_killed_may_be_another_programs() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    granted(host.address(), &request("Solo", 1));
    let (address, _) = control(&stage, "host");
    host.kill();
    let told = stage.json(&["host", "status", "--data", "host"]);
    assert_eq!((&told["running"], &told["requests"]), (&json!(false), &json!(1)), "{told}");
    // A web server, and another of our services, which has another key.
    let Ok(web) = TcpListener::bind(address) else {
        eprintln!("skipped: the port was taken meanwhile");
        return;
    };
    let serving = std::thread::spawn(move || {
        let (mut stream, _) = web.accept().expect("a connection");
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    });
    let told = stage.json(&["host", "status", "--data", "host"]);
    serving.join().expect("it was asked");
    assert_eq!(told["running"], false, "{told}");
    let shown = address.to_string();
    stage.write("control.key", &"0123456789abcdef".repeat(4));
    let options = ["--skms", "127.0.0.1:9", "--control", &shown, "--control-key", "control.key"];
    let _client = stage.client("c1", "Solo", &options);
    let told = stage.json(&["host", "status", "--data", "host"]);
    assert_eq!(told["running"], false, "{told}");
}

#[test]
fn a_clients_status_does_not_wait_for_its_attempt() {
    let stage = Stage::new();
    // Connections are taken by the system, and nobody ever speaks.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    let client = stage.client("c1", "Solo", &["--skms", &address, "--timeout", "300"]);
    let (attempt, _) = silent.accept().expect("an attempt");
    let told = stage.json(&["client", "status", "--data", "c1"]);
    assert_eq!((&told["running"], &told["activated"]), (&json!(true), &json!(false)), "{told}");
    assert_eq!(told["last_attempt"], Value::Null, "{told}");
    // Neither does its end.
    assert_eq!(client.stop(), Some(0));
    drop(attempt);
}
