//! From a publisher's first day to activated clients, as an admin would do it, and what all sides tell of it.

use activation::Moment;
use serde_json::{Value, json};

use crate::stage::{Service, Stage, port_of_all, until};
use crate::wire::{granted, request};

/// A host and two clients of a product that needs two.
fn pair(stage: &Stage) -> (Service, Service, Service) {
    let host = stage.host(&[]);
    let address = host.address().to_string();
    let options = |name: &'static str| {
        ["--skms".to_owned(), address.clone(), "--machine-name".to_owned(), name.to_owned()]
    };
    let start = |folder, name| {
        let options = options(name);
        stage.client(folder, "Pair", &options.each_ref().map(String::as_str))
    };
    let first = start("c1", "pc-1.contoso.com");
    stage.tried("c1");
    let second = start("c2", "pc-2.contoso.com");
    stage.tried("c2");
    (host, first, second)
}

#[test]
fn an_admin_sets_up_publisher_host_and_clients() {
    let stage = Stage::empty();
    stage.done(&["publisher", "init", "--dir", "contoso", "--name", "Contoso"]);
    stage.done(&["publisher", "product", "--dir", "contoso", "--name", "Contoso CAD", "--n-policy", "2"]);
    // The host keeps its key to itself; the publisher signs the public half.
    let key = stage.done(&["host", "key", "--data", "host"]);
    assert_eq!(stage.done(&["host", "key", "--data", "host"]), key);
    let issue =
        ["publisher", "issue-host", "--dir", "contoso", "--host-key", key.trim(), "--out", "host.toml"];
    stage.done(&issue);
    let setup_key = stage.done(&["publisher", "setup-key", "--dir", "contoso", "--product", "Contoso CAD"]);
    let host = stage.host(&[]);
    let address = host.address().to_string();
    let run = |name: &str| {
        let options = ["client", "run", "--data", name, "--setup-key", setup_key.trim(), "--skms", &address];
        Service::start(stage.command(&options), &stage, name, 1).expect("the client starts")
    };

    let _first = run("c1");
    let told = stage.tried("c1");
    assert_eq!((&told["activated"], &told["code"]), (&json!(false), &json!("0xC004F038")), "{told}");
    assert_eq!(told["license_status"], "Initial grace period");
    let status = stage.run(&["client", "status", "--data", "c1"]);
    assert_eq!(status.code, 1, "{status:?}");
    assert!(
        status.out.contains("Contoso CAD is not activated") && status.out.contains("0xC004F038"),
        "{status:?}"
    );

    let _second = run("c2");
    let told = stage.tried("c2");
    assert_eq!((&told["activated"], &told["count"]), (&json!(true), &json!(2)), "{told}");
    assert_eq!((&told["license_status"], &told["host"]), (&json!("Licensed"), &json!(address)), "{told}");
    assert_eq!(told["product"]["name"], "Contoso CAD");
    let status = stage.run(&["client", "status", "--data", "c2"]);
    assert!(status.code == 0 && status.out.contains("Contoso CAD is activated until"), "{status:?}");

    // The first tries again by itself after two hours; its admin does not wait.
    let tried = stage.slmgr("c1", &["/ato"]);
    assert!(tried.code == 0 && tried.out.contains("Product activated successfully."), "{tried:?}");
    assert_eq!(stage.run(&["client", "status", "--data", "c1"]).code, 0);

    let nobody = stage.run(&["client", "status", "--data", "nowhere"]);
    assert!(nobody.code == 2 && nobody.complaint.contains("nowhere"), "{nobody:?}");

    let told = stage.json(&["host", "status", "--data", "host"]);
    let product = &told["products"][0];
    let numbers =
        ["current_count", "total_requests", "failed_requests", "n_policy"].map(|name| &product[name]);
    assert_eq!(numbers, [&json!(2), &json!(3), &json!(0), &json!(2)], "{told}");
    assert_eq!((&told["health"], &told["running"]), (&json!("ok"), &json!(true)));
    let status = stage.run(&["host", "status", "--data", "host"]);
    assert!(status.code == 0 && status.out.contains("2 of 2 machines"), "{status:?}");
    assert_eq!(host.stop(), Some(0));
    let status = stage.run(&["host", "status", "--data", "host"]);
    assert!(status.code == 1 && !status.out.is_empty(), "{status:?}");
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["requests"], 3);
}

#[test]
fn a_client_that_was_activated_stays_so_without_its_agent_and_its_host() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let client = stage.client("c1", "Solo", &["--skms", &host.address().to_string()]);
    assert_eq!(stage.tried("c1")["activated"], true);
    host.kill();
    let tried = stage.slmgr("c1", &["/ato"]);
    assert!(tried.code != 0 && tried.out.contains("0xC004F074"), "{tried:?}");
    assert_eq!(client.stop(), Some(0));
    let told = stage.json(&["client", "status", "--data", "c1"]);
    assert_eq!((&told["activated"], &told["running"]), (&json!(true), &json!(false)), "{told}");
    let status = stage.run(&["client", "status", "--data", "c1"]);
    assert_eq!(status.code, 0, "{status:?}");
}

#[track_caller]
fn fields(fact: &Value, fields: &[(&str, Value)]) {
    for (name, value) in fields {
        assert_eq!(&fact[*name], value, "{name}: {fact:#}");
    }
}

/// The fact of the product in a text of slmgr.
#[track_caller]
fn product(stage: &Stage, text: &str, expected: &[(&str, Value)]) {
    let facts = stage.facts(text);
    let fact = facts.iter().find(|fact| fact["name"] == "Pair").unwrap_or_else(|| panic!("{facts:#?}"));
    fields(fact, expected);
}

#[test]
fn what_slmgr_prints_is_read_without_a_rest() {
    let stage = Stage::new();
    let (host, ..) = pair(&stage);
    let key = crate::stage::setup_key("Pair");
    let port = host.address().port();
    let told = stage.json(&["client", "status", "--data", "c2"]);
    product(
        &stage,
        &stage.slmgr("c2", &["/dlv"]).out,
        &[
            ("license_status", json!("Licensed")),
            ("activation_id", json!(key.activation_id())),
            ("application_id", json!(key.application_id())),
            ("partial_product_key", json!(key.partial())),
            ("cmid", told["cmid"].clone()),
            ("kms_machine", json!("127.0.0.1")),
            ("kms_port", json!(port)),
            ("kms_machine_source", json!("registered")),
            ("activation_interval_min", json!(120)),
            ("renewal_interval_min", json!(10080)),
            ("host_caching", json!(true)),
            ("channel", json!("VOLUME_KMSCLIENT")),
        ],
    );
    product(
        &stage,
        &stage.slmgr("host", &["/dlv"]).out,
        &[
            ("activation_id", json!(key.activation_id())),
            ("host_enabled", json!(true)),
            ("current_count", json!(2)),
            ("listening_port", json!(port)),
            ("dns_publishing", json!(true)),
            ("kms_priority", json!("Normal")),
            ("total_requests", json!(2)),
            ("failed_requests", json!(0)),
            ("channel", json!("VOLUME_KMS")),
        ],
    );
    for (data, word) in [("host", "/dli"), ("host", "/xpr"), ("c2", "/dli"), ("c2", "/xpr"), ("c1", "/dlv")] {
        let told = stage.slmgr(data, &[word]);
        assert_eq!(told.code, 0, "{data} {word}: {told:?}");
        assert!(!stage.facts(&told.out).is_empty(), "{data} {word}: {told:?}");
    }
}

#[test]
fn events_of_host_and_clients_are_read_with_every_field() {
    let stage = Stage::new();
    let (host, ..) = pair(&stage);
    let key = crate::stage::setup_key("Pair");
    let events = stage.done(&["host", "events", "--data", "host"]);
    let last = stage.done(&["host", "events", "--data", "host", "--last", "1"]);
    let facts = stage.facts(&events);
    assert_eq!(facts.len(), 2, "{facts:#?}");
    assert_eq!(stage.facts(&last).len(), 1);
    let told = stage.json(&["client", "status", "--data", "c1"]);
    fields(
        &facts[0],
        &[
            ("event_id", json!(12290)),
            ("log", json!("Key Management Service")),
            ("hresult", json!("0x0")),
            ("client", json!("pc-1.contoso.com")),
            ("cmid", told["cmid"].clone()),
            ("activation_id", json!(key.activation_id())),
            ("min_count", json!(2)),
            ("license_status", json!(2)),
            ("minutes_to_expiration", json!(43200)),
        ],
    );
    let facts = stage.facts(&stage.read("c1/events.log"));
    assert_eq!(facts.len(), 2, "{facts:#?}");
    fields(
        &facts[0],
        &[
            ("event_id", json!(12288)),
            ("hresult", json!("0x0")),
            ("kms_machine", json!("127.0.0.1")),
            ("kms_port", json!(host.address().port())),
            ("cmid", told["cmid"].clone()),
            ("activation_id", json!(key.activation_id())),
            ("license_status", json!(2)),
            ("minutes_to_expiration", json!(43200)),
            ("min_count", json!(2)),
            ("computer", json!("pc-1.contoso.com")),
        ],
    );
    fields(
        &facts[1],
        &[
            ("event_id", json!(12289)),
            ("hresult", json!("0x0")),
            ("flags", json!("0x4000000")),
            ("activated", json!(0)),
            ("current_count", json!(1)),
            ("activation_interval_min", json!(120)),
            ("renewal_interval_min", json!(10080)),
        ],
    );
    for fact in facts.iter().chain(&stage.facts(&events)) {
        assert!(fact["time"].is_string() && fact["client_time"].is_string(), "{fact:#}");
    }
    // All of it together makes a diagnosis: the count was too low for the first client when it asked.
    stage.write("events.txt", &format!("{events}{}", stage.read("c1/events.log")));
    let report = stage.json(&["diagnose", "events.txt"]);
    assert_eq!(report["root_cause"]["cause"], "count-too-low", "{report:#}");
}

#[test]
fn hosts_listen_where_they_are_told() {
    let stage = Stage::new();
    let mut wanted = vec!["--listen", "127.0.0.1:0", "--listen", "127.0.0.3:0"];
    let with_ipv6 = std::net::TcpListener::bind("[::1]:0").is_ok();
    if with_ipv6 {
        wanted.extend(["--listen", "[::1]:0"]);
    } else {
        eprintln!("skipped: there is no IPv6 here");
    }
    let host = stage.host(&wanted);
    let addresses = host.addresses();
    assert_eq!(addresses.len(), wanted.len() / 2);
    for (machine, address) in (1..).zip(&addresses) {
        assert_ne!(address.port(), 0);
        assert_eq!(granted(*address, &request("Team", machine)).count, u32::try_from(machine).unwrap());
    }
    // A client by IPv6, with the address as slmgr takes it.
    if with_ipv6 {
        let address = addresses.last().unwrap().to_string();
        let _client = stage.client("c1", "Solo", &["--skms", &address]);
        let told = stage.tried("c1");
        assert_eq!((&told["activated"], &told["host"]), (&json!(true), &json!(address)), "{told}");
    }
}

#[test]
fn without_a_listen_address_all_of_both_families_are_served() {
    let stage = Stage::new();
    let port = port_of_all();
    let host = stage.host(&[]);
    let told = stage.slmgr("host", &["/sprt", &port.to_string()]);
    assert!(
        told.code == 0 && told.out.contains(&format!("KMS port set to {port} successfully.")),
        "{told:?}"
    );
    assert_eq!(host.stop(), Some(0));
    let host = stage.host(&["--no-listen"]);
    assert_eq!(host.address().port(), port, "{:?}", host.lines);
    granted(format!("127.0.0.1:{port}").parse().unwrap(), &request("Solo", 1));
    if std::net::TcpListener::bind("[::1]:0").is_ok() {
        granted(format!("[::1]:{port}").parse().unwrap(), &request("Solo", 2));
    }
}

#[test]
fn settings_and_counts_outlive_a_restart() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    for machine in 1..=7 {
        granted(host.address(), &request("Team", machine));
    }
    for words in [["/sai", "60"], ["/sri", "1440"]] {
        assert_eq!(stage.slmgr("host", &words).code, 0);
    }
    for (words, code) in [(["/sai", "14"], 13), (["/sprt", "70000"], 13)] {
        let told = stage.slmgr("host", &words);
        assert!(told.code != 0 && told.out.contains("0x80070057"), "{words:?} {code}: {told:?}");
    }
    host.kill();
    let host = stage.host(&[]);
    let response = granted(host.address(), &request("Team", 7));
    assert_eq!(
        (response.count, response.activation_interval_minutes, response.renewal_interval_minutes),
        (7, 60, 1440)
    );
    let told = stage.json(&["host", "status", "--data", "host"]);
    let team = told["products"].as_array().unwrap().iter().find(|row| row["name"] == "Team").unwrap().clone();
    assert_eq!((&team["current_count"], &team["total_requests"]), (&json!(7), &json!(8)), "{told}");
    // The port that only --listen chose is not kept as the admin's.
    let kept = store::HostReader::open(&stage.path("host")).unwrap().meta_get("settings").unwrap().unwrap();
    assert_eq!(serde_json::from_str::<Value>(&kept).unwrap()["port"], 1688, "{kept}");
    let rows = until("rows", || store::HostReader::open(&stage.path("host")).unwrap().entries(1, 100).ok());
    assert!(rows.iter().all(|row| row.entry.at > Moment(0)) && rows.len() == 8);
}

#[test]
fn a_host_whose_port_is_taken_says_so_and_leaves_an_event() {
    let stage = Stage::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = stage.host_command(&["--listen", &address]).output().expect("kmscope can be run");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    let line = complaint.lines().last().unwrap_or_default();
    assert_eq!(line.matches("in use").count(), 1, "{line}");
    assert!(line.contains(&address), "{line}");
    let facts = stage.facts(&stage.done(&["host", "events", "--data", "host"]));
    assert_eq!(
        (&facts[0]["event_id"], &facts[0]["hresult"]),
        (&json!(12291), &json!("0x80072740")),
        "{facts:#?}"
    );
    // The folder is free again.
    drop(taken);
    granted(stage.host(&[]).address(), &request("Solo", 1));
}

#[test]
fn a_genuine_host_is_no_host_for_our_clients() {
    use std::io::{Read, Write};
    let stage = Stage::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut connection = rpc::server::Connection::new(rpc::SyntaxId::KMS, 1688, 1);
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = stream.read(&mut chunk) {
                connection.receive(&chunk[..count]);
                let answer = connection.to_send().to_vec();
                if stream.write_all(&answer).is_err() {
                    break;
                }
                connection.sent(answer.len());
            }
        }
    });
    let _client = stage.client("c1", "Solo", &["--skms", &address]);
    let told = stage.tried("c1");
    assert_eq!((&told["activated"], &told["code"]), (&json!(false), &json!("0xC004F074")), "{told}");
    let facts = stage.facts(&stage.read("c1/events.log"));
    assert_eq!(
        (&facts[0]["event_id"], &facts[0]["hresult"]),
        (&json!(12288), &json!("0x800706B5")),
        "{facts:#?}"
    );
}
