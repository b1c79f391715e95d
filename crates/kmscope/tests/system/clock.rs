//! Clocks that are wrong: of a client, and of the host for a moment. Needs libfaketime, which the program takes as its
//! clock.

use std::process::Command;

use serde_json::{Value, json};

use crate::named::program;
use crate::stage::{Service, Stage};
use crate::wire::{granted, now, refused, request};

/// Lets a program see another time: an offset as faketime takes it, or the file that holds one.
fn shifted(command: &mut Command, offset: &str, file: Option<&std::path::Path>) -> Option<()> {
    let faketime = program("faketime")?;
    // The wrapper stays between us and the program; what it would load is taken instead.
    let library = Command::new(faketime).args(["-f", "+0", "printenv", "LD_PRELOAD"]).output().ok()?;
    let library = String::from_utf8_lossy(&library.stdout).trim().to_owned();
    if library.is_empty() {
        eprintln!("skipped: faketime names no library");
        return None;
    }
    command
        .env("LD_PRELOAD", library)
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .env("DONT_FAKE_MONOTONIC", "1");
    match file {
        Some(file) => command.env("FAKETIME_TIMESTAMP_FILE", file).env("FAKETIME_NO_CACHE", "1"),
        None => command.env("FAKETIME", offset),
    };
    Some(())
}

#[test]
fn a_client_that_is_five_hours_ahead_is_refused_and_both_sides_say_why() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let address = host.address().to_string();
    let mut command = stage.client_command("c1", "Solo", &["--skms", &address]);
    if shifted(&mut command, "+5h", None).is_none() {
        return;
    }
    let _client = Service::start(command, &stage, "c1", 1).expect("the client starts");
    let told = stage.tried("c1");
    assert_eq!((&told["activated"], &told["code"]), (&json!(false), &json!("0xC004F06C")), "{told}");
    let of_client = stage.read("c1/events.log");
    let of_host = stage.done(&["host", "events", "--data", "host"]);
    for (text, id) in [(&of_client, 12288), (&of_host, 12290)] {
        let facts = stage.facts(text);
        assert_eq!(
            (&facts[0]["event_id"], &facts[0]["hresult"]),
            (&json!(id), &json!("0xC004F06C")),
            "{facts:#?}"
        );
    }
    // Its product has no row of requests yet: a refused one counts no machine.
    let told = stage.json(&["host", "status", "--data", "host"]);
    let solo = told["products"].as_array().unwrap().iter().find(|row| row["name"] == "Solo").unwrap().clone();
    assert_eq!((&solo["current_count"], &solo["failed_requests"]), (&json!(0), &json!(1)), "{told}");
    // Both logs together name the cause.
    stage.write("events.txt", &format!("{of_client}{of_host}"));
    let report = stage.json(&["diagnose", "events.txt"]);
    assert!(
        report["root_cause"]["cause"].as_str().is_some_and(|cause| cause.contains("clock")),
        "{}",
        report["root_cause"]
    );
}

fn team(stage: &Stage) -> Value {
    let told = stage.json(&["host", "status", "--data", "host"]);
    told["products"].as_array().unwrap().iter().find(|row| row["name"] == "Team").unwrap().clone()
}

#[test]
fn a_host_whose_clock_jumps_for_a_moment_forgets_nobody() {
    let stage = Stage::new();
    stage.write("clock", "+0");
    let clock = stage.path("clock");
    let start = || {
        let mut command = stage.host_command(&["--keep-days", "31"]);
        shifted(&mut command, "", Some(&clock))?;
        Some(Service::start(command, &stage, "host", 1).expect("the host starts"))
    };
    let Some(host) = start() else { return };
    for machine in 1..=5 {
        granted(host.address(), &request("Team", machine));
    }
    assert_eq!(team(&stage)["current_count"], 5);

    // 40 days ahead: everybody's clock is wrong but the host's, so nobody is answered, and nobody is forgotten.
    stage.write("clock", "+40d");
    for machine in 1..=6 {
        assert_eq!(refused(host.address(), &request("Team", machine)), 0xC004_F06C);
    }
    assert_eq!(team(&stage)["current_count"], 5);
    // Not even by a restart in the middle, with a journal that is kept for a month only.
    host.kill();
    let host = start().expect("the same again");
    assert_eq!(refused(host.address(), &request("Team", 1)), 0xC004_F06C);
    assert_eq!(team(&stage)["current_count"], 5);

    stage.write("clock", "+0");
    assert_eq!(granted(host.address(), &request("Team", 6)).count, 6);
    host.kill();
    let host = stage.host(&[]);
    assert_eq!(granted(host.address(), &request("Team", 1)).count, 6);
    let told = team(&stage);
    assert_eq!((&told["total_requests"], &told["failed_requests"]), (&json!(14), &json!(7)), "{told}");
}

#[test]
fn a_client_whose_clock_is_set_back_gains_no_time() {
    let stage = Stage::new();
    stage.write("clock", "+0");
    let clock = stage.path("clock");
    let host = stage.host(&[]);
    let address = host.address().to_string();
    let mut command = stage.client_command("c1", "Solo", &["--skms", &address]);
    if shifted(&mut command, "", Some(&clock)).is_none() {
        return;
    }
    let client = Service::start(command, &stage, "c1", 1).expect("the client starts");
    let until = stage.tried("c1")["until"].clone();
    assert!(until.is_string());
    host.kill();
    // 181 days later without a host the lease is over.
    stage.write("clock", "+181d");
    let told = stage.json(&["client", "status", "--data", "c1"]);
    assert_eq!(told["activated"], false, "{told}");
    assert_ne!(stage.slmgr("c1", &["/ato"]).code, 0);
    // Setting the clock back does not bring it back.
    stage.write("clock", "+0");
    let told = stage.json(&["client", "status", "--data", "c1"]);
    assert_eq!(told["activated"], false, "{told}");
    // The host does, when it is there again.
    let again = stage.host(&[]);
    assert_eq!(stage.slmgr("c1", &["/skms", &again.address().to_string()]).code, 0);
    let tried = stage.slmgr("c1", &["/ato"]);
    assert_eq!(tried.code, 0, "{tried:?}");
    assert_eq!(stage.json(&["client", "status", "--data", "c1"])["activated"], true);
    assert!(now().0 > 0 && client.stop() == Some(0));
}
