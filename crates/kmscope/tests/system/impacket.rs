//! impacket, an independent DCE/RPC stack, calls a running host; tshark reads what went over loopback.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use crate::peers::{self, program, python};
use crate::stage::{Service, Stage, setup_key, until};
use crate::wire::now;

/// A request for a product, by a machine that is told by its number.
fn activate(python: &Path, host: &Service, product: &str, machine: u128, more: &[&str]) -> Value {
    let key = setup_key(product);
    let (application, activation) = (key.application_id().to_string(), key.activation_id().to_string());
    let cmid = uuid::Uuid::from_u128(machine).to_string();
    let base = [
        "--application-id",
        &application,
        "--kms-id",
        &application,
        "--activation-id",
        &activation,
        "--cmid",
        &cmid,
        "--machine-name",
        "peer.contoso.com",
    ];
    peers::activate(python, host.address().port(), &[&base, more].concat())
}

#[test]
fn impacket_is_answered_as_our_own_clients_are() {
    let Some(python) = python() else { return };
    let stage = Stage::new();
    let host = stage.host(&[]);
    for machine in 1..=3 {
        let told = activate(&python, &host, "Team", machine, &[]);
        let fields =
            ["hresult", "version", "count", "activation_interval_minutes", "renewal_interval_minutes"];
        let expected = [0, 0x10000, u64::try_from(machine).unwrap(), 120, 10080];
        assert_eq!(fields.map(|name| told[name].as_u64().unwrap_or(u64::MAX)), expected, "{told}");
        let bytes = data_encoding::BASE64.decode(told["lease"].as_str().unwrap().as_bytes()).unwrap();
        let lease = activation::credentials::SignedLease::from_bytes(&bytes).expect("a lease").lease;
        assert_eq!(lease.cmid, uuid::Uuid::from_u128(machine));
    }
    // The same machine again is no further one.
    assert_eq!(activate(&python, &host, "Team", 2, &[])["count"], 3);

    // Not in the licence: the client is told one code, the event another.
    let told = activate(&python, &host, "Stranger", 9, &[]);
    assert_eq!(told, json!({ "hresult": 0xC004_F042u32 }));
    // Five hours ahead.
    let ahead = now().plus(5 * 3600).to_filetime().to_string();
    let told = activate(&python, &host, "Team", 10, &["--client-time", &ahead]);
    assert_eq!(told, json!({ "hresult": 0xC004_F06Cu32 }));
    let facts = stage.facts(&stage.done(&["host", "events", "--data", "host", "--last", "2"]));
    let codes: Vec<&Value> = facts.iter().map(|fact| &fact["hresult"]).collect();
    assert_eq!(codes, ["0xC004F015", "0xC004F06C"], "{facts:#?}");
    assert!(facts.iter().all(|fact| fact["event_id"] == 12290 && fact["client"] == "peer.contoso.com"));
    let told = stage.json(&["host", "status", "--data", "host"]);
    assert_eq!(told["requests_for_other_products"], 1, "{told}");
    let report = {
        stage.write("events.txt", &stage.done(&["host", "events", "--data", "host"]));
        stage.json(&["diagnose", "events.txt"])
    };
    assert_ne!(report["verdict"], "clear", "{report:#}");
}

#[test]
fn a_windows_client_is_refused_at_the_bind_and_told_of_once() {
    let Some(python) = python() else { return };
    let stage = Stage::new();
    let host = stage.host(&[]);
    let port = host.address().port();
    let bind = ["--bind-only", "--interface", "51c82175-844e-4750-b0d8-ec255555bc06"];
    for _ in 0..2 {
        let told = peers::activate(&python, port, &bind);
        assert!(told["bind"].as_str().unwrap().contains("abstract_syntax_not_supported"), "{told}");
    }
    let line = host.wait_for("windows-client", 1);
    assert_eq!((&line["address"], &line["level"]), (&json!("127.0.0.1"), &json!("warning")));
    assert!(line["remedy"].as_str().unwrap().contains("slmgr /skms"), "{line}");
    // Another foreign interface is another tale.
    let told = peers::activate(
        &python,
        port,
        &["--bind-only", "--interface", "e1af8308-5d1f-11c9-91a4-08002b14a0fa"],
    );
    assert!(told["bind"].as_str().unwrap().contains("abstract_syntax_not_supported"), "{told}");
    host.wait_for("wrong-interface", 1);
    // What was said before that is all in the log by now.
    assert_eq!(host.told("windows-client").len(), 1);
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["health"], "ok");
}

/// A capture on loopback, for tshark to read; it ends with its value. What tshark itself would start outlives it.
struct Capture(Child, PathBuf, PathBuf);

impl Drop for Capture {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Capture {
    fn start(stage: &Stage, port: u16) -> Option<Capture> {
        let tshark = program("tshark")?;
        let dumpcap = program("dumpcap")?;
        // Another test's connection may have the port's number at its own end, at another address.
        let wanted = format!(
            "(dst host 127.0.0.1 and tcp dst port {port}) or (src host 127.0.0.1 and tcp src port {port})"
        );
        let (file, log) = (stage.path("capture.pcapng"), stage.path("capture.log"));
        let process = Command::new(dumpcap)
            .args(["-i", "lo", "-f", &wanted, "-w"])
            .arg(&file)
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("dumpcap can be run");
        let mut capture = Capture(process, file, tshark);
        // It captures when it has told so and the file has its head.
        let runs = until("the capture", || match capture.0.try_wait().expect("its state") {
            Some(_) => Some(false),
            None => stage.read("capture.log").contains("File: ").then_some(true),
        });
        if !runs {
            eprintln!("skipped: dumpcap can't capture here: {}", stage.read("capture.log").trim());
        }
        runs.then_some(capture)
    }
}

#[test]
fn tshark_reads_an_agents_exchange_on_the_wire() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let port = host.address().port();
    let Some(capture) = Capture::start(&stage, port) else { return };
    let _client = stage.client("c1", "Solo", &["--skms", &host.address().to_string()]);
    assert_eq!(stage.tried("c1")["activated"], true);
    let Capture(_, file, tshark) = &capture;
    let all = until("the response in the capture", || {
        Some(peers::packet_types(tshark, file, port)).filter(|types| types.len() >= 4)
    });
    assert_eq!(all, ["11", "12", "0", "2"]);
    peers::is_understood(tshark, file, port);
}
