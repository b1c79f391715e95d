//! Licences that are damaged, another host's, over or revoked; reloaded by signal and by command.

use std::process::Stdio;

use activation::Moment;
use activation::credentials::{
    Grant, HostKey, HostLicence, Product, Revocations, RootKey, SignedRevocations,
};
use activation::moment::DAY;
use rustix::process::Signal;
use serde_json::json;

use crate::http::get;
use crate::stage::{Service, Stage};
use crate::wire::{granted, now, refused, request};

/// What a host complains of that does not start.
#[track_caller]
fn complaint(stage: &Stage) -> String {
    let output = stage.host_command(&[]).stderr(Stdio::piped()).output().expect("kmscope can be run");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(output.stdout.is_empty() && !complaint.contains("panicked"), "{complaint}");
    complaint
}

#[test]
fn a_damaged_licence_is_named_with_its_line() {
    let stage = Stage::new();
    let good = stage.read("host.toml");
    let (at, line) = good.lines().enumerate().find(|(_, line)| line.len() > 100).expect("a long line");
    // One character of a signed part is another one.
    let middle = line.len() / 2;
    let other = if &line[middle..=middle] == "A" { "B" } else { "A" };
    let bad = good.replace(line, &format!("{}{other}{}", &line[..middle], &line[middle + 1..]));
    for (text, words) in [
        (bad.as_str(), ""),
        (&good[..good.len() / 2], "line"),
        ("", "host.toml"),
        ("\u{0}\u{1}", "host.toml"),
    ] {
        stage.write("host.toml", text);
        let told = complaint(&stage);
        assert!(told.contains("host.toml") && told.contains(words), "line {at}: {told}");
    }
    std::fs::remove_file(stage.path("host.toml")).expect("removed");
    assert!(complaint(&stage).contains("no such file"));
    stage.write("host.toml", &good);
    granted(stage.host(&[]).address(), &request("Solo", 1));
}

#[test]
fn a_licence_of_another_key_is_refused_with_both() {
    let stage = Stage::new();
    let own = stage.done(&["host", "key", "--data", "host"]);
    let other = HostKey::from_seed([7; 32]).public().to_string();
    let issue = ["publisher", "issue-host", "--dir", "pub", "--host-key", &other, "--out", "other.toml"];
    stage.done(&issue);
    std::fs::rename(stage.path("other.toml"), stage.path("host.toml")).expect("moved");
    let told = complaint(&stage);
    assert!(told.contains(&other) && told.contains(own.trim()), "{told}");
    // Without a key of its own it says how to make one.
    std::fs::remove_file(stage.path("host/host.key")).expect("removed");
    let told = complaint(&stage);
    assert!(told.contains("kmscope host key"), "{told}");
}

/// A licence with these dates, of a publisher that lives in this test only, and the setup key of its product.
fn dated(not_before: Moment, not_after: Moment) -> (String, String) {
    let root = RootKey::from_seed([9; 32]);
    let key = HostKey::from_seed([8; 32]);
    let publisher = root.public().fingerprint();
    let product = Product { n_policy: 1, ..Product::new(publisher, 1, "Paint", 1, "Fabrikam") };
    let grant = Grant {
        licence: "Fabrikam".to_owned(),
        serial: 1,
        host_number: 1,
        host_limit: 6,
        host_key: key.public(),
        product: product.clone(),
        not_before,
        not_after,
    };
    let licence = HostLicence {
        publisher: "Fabrikam".to_owned(),
        root: root.public(),
        grants: vec![grant.sign(&root).expect("signed")],
        revocations: None,
        host_key: Some(key),
    };
    (licence.write().to_string(), product.setup_key(publisher).to_string())
}

#[test]
fn a_licence_that_is_over_activates_nobody_until_it_is_renewed() {
    let stage = Stage::empty();
    let (over, key) = dated(now().plus(-400 * DAY), now().plus(-DAY));
    let (renewed, _) = dated(now().plus(-400 * DAY), now().plus(300 * DAY));
    stage.write("host.toml", &over);
    let host = stage.host(&["--metrics", "127.0.0.1:0"]);
    let options =
        ["client", "run", "--data", "c1", "--setup-key", &key, "--skms", &host.address().to_string()];
    let _client = Service::start(stage.command(&options), &stage, "c1", 1).expect("the client starts");
    let told = stage.tried("c1");
    assert_eq!((&told["activated"], &told["code"]), (&json!(false), &json!("0xC004F041")), "{told}");
    let status = stage.run(&["host", "status", "--data", "host"]);
    assert!(status.code == 1 && status.out.contains("Paint"), "{status:?}");
    let (status, body) = get(&host, "/healthz");
    assert!(status == 503 && body.contains("Paint"), "{body}");
    let facts = stage.facts(&stage.slmgr("host", &["/dlv"]).out);
    assert_ne!(facts[0]["license_status"], "Licensed", "{facts:#?}");

    stage.write("host.toml", &renewed);
    let told = stage.run(&["host", "reload", "--data", "host"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(stage.slmgr("c1", &["/ato"]).code, 0);
    assert_eq!(get(&host, "/healthz").0, 200);
    // What is none is not taken, and the one before stays.
    stage.write("host.toml", "rubbish");
    let told = stage.run(&["host", "reload", "--data", "host"]);
    assert!(told.code == 2 && told.complaint.contains("host.toml"), "{told:?}");
    host.signal(Signal::HUP);
    let line = host.wait_for("not-reloaded", 1);
    assert!(line["problem"].as_str().unwrap().contains("host.toml"), "{line}");
    assert_eq!(stage.slmgr("c1", &["/ato"]).code, 0);
    assert_eq!(host.stop(), Some(0));
    let told = stage.run(&["host", "reload", "--data", "host"]);
    assert_eq!(told.code, 2, "{told:?}");
}

#[test]
fn a_revoked_host_stops_and_clients_that_know_of_it_take_nothing_from_it() {
    let stage = Stage::new();
    // The lost host, and the one in its place.
    let lost = stage.host(&[]);
    let issue =
        ["publisher", "issue-host", "--dir", "pub", "--products", "Solo,Pair,Team", "--out", "second.toml"];
    stage.done(&issue);
    let run = [
        "host",
        "run",
        "--data",
        "second",
        "--licence",
        "second.toml",
        "--listen",
        "127.0.0.1:0",
        "--log",
        "json",
    ];
    let second = Service::start(stage.command(&run), &stage, "second", 1).expect("the host starts");
    let _client = stage.client("c1", "Solo", &["--skms", &lost.address().to_string()]);
    assert_eq!(stage.tried("c1")["activated"], true);

    stage.done(&["publisher", "revoke-host", "--dir", "pub", "--serial", "1", "--out", "revoked.list"]);
    let renew = ["publisher", "renew-host", "--dir", "pub", "--serial", "2", "--from", "second.toml"];
    stage.done(&[&renew[..], &["--days", "400", "--out", "second.toml"]].concat());
    second.signal(Signal::HUP);
    second.wait_for("reloaded", 1);
    assert_eq!(stage.json(&["host", "status", "--data", "second"])["revocation_number"], 1);
    // The client hears of it from the second host, and then takes nothing from the first.
    for (host, works) in [(&lost, true), (&second, true), (&lost, false), (&second, true)] {
        let address = host.address().to_string();
        assert_eq!(stage.slmgr("c1", &["/skms", &address]).code, 0);
        let tried = stage.slmgr("c1", &["/ato"]);
        assert_eq!(tried.code == 0, works, "{address}: {tried:?}");
        assert!(works || tried.out.contains("0x8007000D"), "{tried:?}");
    }
    // The lost host itself, if it is given the list; also after a restart.
    stage.write("rubbish.list", "no list");
    let told = stage.run(&["host", "revocations", "--data", "host", "rubbish.list"]);
    assert!(told.code == 2 && !told.complaint.is_empty(), "{told:?}");
    let told = stage.run(&["host", "revocations", "--data", "host", "revoked.list"]);
    assert_eq!(told.code, 0, "{told:?}");
    assert_eq!(refused(lost.address(), &request("Solo", 2)), 0xC004_F041);
    lost.kill();
    let lost = stage.host(&[]);
    assert_eq!(refused(lost.address(), &request("Solo", 2)), 0xC004_F041);
    let status = stage.run(&["host", "status", "--data", "host"]);
    assert_eq!(status.code, 1, "{status:?}");
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["products"][0]["in_force"], false);
}

#[test]
fn a_list_of_revocations_comes_with_a_licence_too_and_of_the_publisher_only() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let root = RootKey::from_seed([9; 32]);
    let list = Revocations { number: 7, issued_at: now(), serials: [1].into() };
    stage.write("forged.list", &list.clone().sign(&root).expect("signed").to_base64());
    let told = stage.run(&["host", "revocations", "--data", "host", "forged.list"]);
    assert!(told.code == 2 && told.complaint.contains("not signed by the publisher"), "{told:?}");
    granted(host.address(), &request("Solo", 1));
    // Its own publisher revokes it, and the list is in the licence that it reads again.
    stage.done(&["publisher", "revoke-host", "--dir", "pub", "--serial", "1", "--out", "revoked.list"]);
    let list = SignedRevocations::from_base64(stage.read("revoked.list").trim()).expect("a list");
    let licence = HostLicence::read(&stage.read("host.toml")).expect("a licence");
    stage.write("host.toml", &HostLicence { revocations: Some(list), ..licence }.write());
    host.signal(Signal::HUP);
    host.wait_for("reloaded", 1);
    assert_eq!(refused(host.address(), &request("Solo", 2)), 0xC004_F041);
    // Another publisher's list is none of its lists, also when the host knows a newer one.
    let old = Revocations { number: 1, issued_at: now(), serials: [1].into() };
    stage.write("forged.list", &old.sign(&root).expect("signed").to_base64());
    let told = stage.run(&["host", "revocations", "--data", "host", "forged.list"]);
    assert!(told.code == 2 && told.complaint.contains("not signed by the publisher"), "{told:?}");
}
