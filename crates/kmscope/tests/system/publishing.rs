//! The host publishes its record in BIND, and clients find it there; DNS servers that are away, or refuse.

use serde_json::json;

use crate::named::{KEYS, Named, ZONE, clause, folder, free_port, zone};
use crate::stage::{Service, Stage, port_of_all, until};

/// A host that publishes in contoso.com.
fn host(stage: &Stage, nameserver: &str, key: &str, more: &[&str]) -> Service {
    let name = ["--publish", "contoso.com", "--host-name", "kms01.contoso.com"];
    stage.host(&[&name[..], &["--nameserver", nameserver, "--tsig", key], more].concat())
}

fn records(server: &Named) -> Vec<String> {
    server.transfer("contoso.com").into_iter().filter(|line| line.contains(" SRV ")).collect()
}

fn record(port: u16) -> String {
    format!("_vlmcs._tcp.contoso.com. 3600 IN SRV 0 0 {port} kms01.contoso.com.")
}

/// Ids and codes of the events that are not requests.
fn events(stage: &Stage) -> Vec<(u64, String)> {
    let facts = stage.facts(&stage.done(&["host", "events", "--data", "host"]));
    let text = |fact: &serde_json::Value| fact["hresult"].as_str().unwrap_or_default().to_owned();
    let all = facts.iter().map(|fact| (fact["event_id"].as_u64().unwrap_or(0), text(fact)));
    all.filter(|(id, _)| *id != 12290).collect()
}

#[test]
fn a_host_publishes_itself_and_clients_find_it() {
    let Some(server) = Named::start("system-publish") else { return };
    let stage = Stage::new();
    let key = server.file("kms.key", &clause(KEYS[0]));
    let nameserver = server.argument();
    let first = host(&stage, &nameserver, &key, &[]);
    first.wait_for("published", 1);
    assert_eq!(records(&server), [record(first.address().port())]);
    assert_eq!(until("12294", || events(&stage).first().cloned()).0, 12294);
    let options = ["--client-suffix", "contoso.com", "--nameserver", &nameserver];
    let _client = stage.client("c1", "Solo", &options);
    let told = stage.tried("c1");
    let expected = format!("kms01.contoso.com:{}", first.address().port());
    assert_eq!((&told["activated"], &told["host"]), (&json!(true), &json!(expected)), "{told}");
    let facts = stage.facts(&stage.slmgr("c1", &["/dlv"]).out);
    assert_eq!(facts[0]["kms_machine_source"], "dns", "{facts:#?}");

    // The host moves to another port: one record, and a client whose cached host is gone finds it again.
    first.kill();
    let second = host(&stage, &nameserver, &key, &[]);
    second.wait_for("published", 2);
    assert_eq!(records(&server), [record(second.address().port())]);
    let tried = stage.slmgr("c1", &["/ato"]);
    assert_eq!(tried.code, 0, "{tried:?}");
    let told = stage.json(&["client", "status", "--data", "c1"]);
    assert_eq!(told["host"], format!("kms01.contoso.com:{}", second.address().port()));
    // A record that is there already is no change, and told as published.
    second.kill();
    let text = stage.done(&["host", "events", "--data", "host"]);
    assert!(text.contains(
        "Publishing the Key Management Service (KMS) to DNS in the 'contoso.com' domain is successful."
    ));
}

#[test]
fn a_dns_server_that_was_away_gets_the_record_when_the_admin_asks() {
    let Some(port) = free_port().filter(|_| crate::named::program("named").is_some()) else { return };
    let stage = Stage::new();
    stage.write("kms.key", &clause(KEYS[0]));
    let key = stage.path("kms.key").to_string_lossy().into_owned();
    let host = host(&stage, &format!("127.0.0.1:{port}"), &key, &[]);
    let line = host.wait_for("publish-failed", 1);
    assert_eq!((&line["level"], &line["domain"]), (&json!("error"), &json!("contoso.com")), "{line}");
    let failed = until("12293", || events(&stage).first().cloned());
    assert_eq!((failed.0, json!(failed.1)), (12293, line["code"].clone()));
    assert!(failed.1.starts_with("0x8007"), "{failed:?}");
    // Publishing is one thing, answering another.
    crate::wire::granted(host.address(), &crate::wire::request("Solo", 1));

    let folder = folder("named-system-late");
    let policy = "update-policy { grant kms-key name _vlmcs._tcp.contoso.com. SRV; };";
    let zones = clause(KEYS[0]) + &zone(&folder, "contoso.com", ZONE, policy);
    let Some(server) = Named::at("127.0.0.1", port, folder, "", &zones) else {
        eprintln!("skipped: the port was taken meanwhile");
        return;
    };
    // It would try again after 15 minutes. Switching publishing off and on does it now.
    for option in ["/cdns", "/sdns"] {
        assert_eq!(stage.slmgr("host", &[option]).code, 0);
    }
    host.wait_for("published", 1);
    assert_eq!(records(&server), [record(host.address().port())]);
    let all = until("12294", || Some(events(&stage)).filter(|all| all.iter().any(|(id, _)| *id == 12294)));
    assert_eq!(all.first(), Some(&failed), "{all:?}");
}

#[test]
fn a_refused_update_is_told_with_its_code() {
    let Some(server) = Named::start("system-refused") else { return };
    let stage = Stage::new();
    let unknown = server.file("unknown.key", &clause(("other-key", "hmac-sha256", KEYS[0].2)));
    let wrong = server.file("wrong.key", &clause((KEYS[0].0, KEYS[0].1, KEYS[1].2)));
    for (count, (key, code)) in (1..).zip([(&unknown, "0x80072339"), (&wrong, "0x80072338")]) {
        let host = host(&stage, &server.argument(), key, &[]);
        let line = host.wait_for("publish-failed", count);
        assert_eq!(line["code"], code, "{line}");
        until("12293", || events(&stage).into_iter().find(|event| *event == (12293, code.to_owned())));
        assert_eq!(records(&server), Vec::<String>::new());
    }
}

#[test]
fn another_port_is_published_after_a_restart() {
    let Some(server) = Named::start("system-port") else { return };
    let (first, second) = (port_of_all(), port_of_all());
    let stage = Stage::new();
    let key = server.file("kms.key", &clause(KEYS[0]));
    let nameserver = server.argument();
    let before = stage.host(&[]);
    assert_eq!(stage.slmgr("host", &["/sprt", &first.to_string()]).code, 0);
    assert_eq!(before.stop(), Some(0));
    let before = host(&stage, &nameserver, &key, &["--no-listen"]);
    before.wait_for("published", 1);
    assert_eq!(records(&server), [record(first)]);
    let told = stage.slmgr("host", &["/sprt", &second.to_string()]);
    assert!(told.out.contains("a KMS reboot is needed"), "{told:?}");
    // Where it listens is what stands in DNS, until it listens elsewhere.
    crate::wire::granted(format!("127.0.0.1:{first}").parse().unwrap(), &crate::wire::request("Solo", 1));
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["port"], first);
    assert_eq!(records(&server), [record(first)]);
    assert_eq!(before.stop(), Some(0));
    let after = host(&stage, &nameserver, &key, &["--no-listen"]);
    after.wait_for("published", 2);
    assert_eq!((after.address().port(), records(&server)), (second, vec![record(second)]));
}
