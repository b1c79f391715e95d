//! Hosts whose journal is in PostgreSQL: set up and moved as an admin would, killed on either side of the connection,
//! and taken over while they sleep.

use std::path::Path;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use activation::chance::Chance;
use rustix::process::Signal;
use serde_json::json;
use store::{HostReader, Place};

use crate::http::{get, metric};
use crate::load::{Crowd, check, check_count, pass, rows, seed};
use crate::server::{PASSWORD, Server};
use crate::stage::{Service, Stage, until};
use crate::wire::{ask, granted, request};

/// The server of the tests that leave it alone.
fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

fn reader(server: &Server, journal: &str) -> HostReader {
    let database = server.journal(journal).parse().expect("a URL");
    HostReader::at(&Place::Database(Box::new(database))).expect("the journal")
}

/// A host in a folder of its own.
fn host(stage: &Stage, data: &str, more: &[&str]) -> Result<Service, String> {
    let base =
        ["host", "run", "--data", data, "--licence", "host.toml", "--log", "json", "--listen", "127.0.0.1:0"];
    let lines = if more.contains(&"--metrics") { 2 } else { 1 };
    Service::start(stage.command(&[&base, more].concat()), stage, data, lines)
}

/// No text that anybody may see holds the password.
#[track_caller]
fn shows_no_password(texts: &[&str]) {
    for text in texts {
        assert!(!text.contains(PASSWORD), "{text}");
    }
}

#[test]
fn an_admin_keeps_a_journal_in_postgresql_and_moves_it() {
    let Some(server) = server() else { return };
    let stage = Stage::new();
    let url = server.journal_by_tcp("admin");
    let shown = url.replace(&format!(":{PASSWORD}"), "");
    let running = host(&stage, "host", &["--store", &url, "--metrics", "127.0.0.1:0"]).expect("it starts");
    let address = running.address().to_string();
    let client = |name: &str| stage.client(name, "Pair", &["--skms", &address]);
    let _first = client("c1");
    stage.tried("c1");
    let _second = client("c2");
    assert_eq!(stage.tried("c2")["activated"], json!(true));

    let status = stage.json(&["host", "status", "--data", "host"]);
    assert_eq!((&status["health"], &status["store"]), (&json!("ok"), &json!(shown)), "{status}");
    let set = stage.slmgr("host", &["/sai", "180"]);
    assert_eq!(set.code, 0, "{set:?}");
    stage.done(&["host", "backup", "--data", "host", "--out", "running.db"]);
    assert_eq!(
        stage.run(&["host", "restore", "--store", &url, "--from", "running.db"]).code,
        2,
        "it is in use"
    );
    let (metrics, log) = (get(&running, "/metrics").1, stage.read("host.log"));
    assert_eq!(running.stop(), Some(0));

    // The password from a file and from the environment, for a host that does not run.
    stage.write("password", &format!("{PASSWORD}\n"));
    let store = ["--store", &shown, "--store-password-file", "password"];
    let with_store = |words: &[&'static str]| [words, &store[..]].concat();
    let stopped = stage.json(&with_store(&["host", "status", "--data", "host"]));
    assert_eq!((&stopped["running"], &stopped["store"]), (&json!(false), &json!(shown)), "{stopped}");
    assert_eq!(stopped["requests"], 2);
    let events = stage.done(&with_store(&["host", "events"]));
    assert_eq!(events.matches("12290").count(), 2, "{events}");
    let by_variable =
        stage.command(&["host", "events", "--store", &shown]).env("PGPASSWORD", PASSWORD).output();
    assert_eq!(String::from_utf8_lossy(&by_variable.expect("it runs").stdout), events);
    stage.done(&with_store(&["host", "backup", "--out", "stopped.db"]));

    // To SQLite, where the host goes on with its count and settings, and back into another journal.
    stage.done(&["host", "restore", "--data", "lite", "--from", "running.db"]);
    assert_eq!(stage.done(&["host", "events", "--data", "lite"]), events);
    let lite = host(&stage, "lite", &[]).expect("it starts");
    assert_eq!(granted(lite.address(), &request("Pair", 7)).count, 3);
    stage.done(&["host", "backup", "--data", "lite", "--out", "lite.db"]);
    assert_eq!(lite.stop(), Some(0));
    let back = stage.done(&with_store(&["host", "restore", "--from", "lite.db"]));
    assert!(back.contains("kmscope_host_admin_replaced_1"), "{back}");
    let again = host(&stage, "host", &["--store", &url]).expect("it starts");
    assert_eq!(granted(again.address(), &request("Pair", 8)).count, 4);
    let status = stage.json(&["host", "status", "--data", "host"]);
    assert_eq!(status["activation_interval_min"], 180, "{status}");
    assert_eq!(reader(server, "admin").check().expect("a check").problems, []);
    shows_no_password(&[
        &metrics,
        &log,
        &status.to_string(),
        &stopped.to_string(),
        &back,
        &stage.read("host.log"),
    ]);
}

#[test]
fn what_is_wrong_with_a_database_is_told_without_its_password() {
    let Some(server) = server() else { return };
    let stage = Stage::new();
    let right = server.journal_by_tcp("wrong");
    let refused = |url: &str, part: &str| {
        let complaint = host(&stage, "host", &["--store", url]).err().expect("it does not start");
        assert!(complaint.contains(part), "{part}: {complaint}");
        for secret in [PASSWORD, "s3cret"] {
            assert!(!complaint.contains(secret), "{complaint}");
        }
        std::fs::remove_file(stage.path("host.log")).expect("the log");
    };
    refused(&right.replace(PASSWORD, "s3cret"), "password authentication failed");
    refused(&right.replace("/postgres?", "/nowhere?"), "database \"nowhere\" does not exist");
    refused(&right.replace(&format!(":{}/", server.port), ":1/"), "can't be opened");
    refused(&right.replace(PASSWORD, "s3@cret"), "write %40 for @");
    refused(&format!("{right}&sslmode=require"), "TLS");
    refused("postgres://s3cret", "no database is named");
    refused("postgres:s3cret@db1/kms", "expected postgres://USER");
    let unit = ["host", "install", "--print", "--", "--licence", "host.toml"];
    for option in [vec!["--store", &right], vec![&*format!("--store={right}")]] {
        let told = stage.run(&[&unit[..], &option].concat());
        assert!(told.code == 2 && told.complaint.contains("--store-password-file"), "{told:?}");
        shows_no_password(&[&told.complaint, &told.out]);
    }
}

#[test]
fn two_hosts_have_journals_of_their_own_in_one_database() {
    let Some(server) = server() else { return };
    let stage = Stage::new();
    let one = host(&stage, "host", &["--store", &server.journal("two")]).expect("it starts");
    let complaint =
        host(&stage, "other", &["--store", &server.journal("two")]).err().expect("it does not start");
    assert!(
        complaint.contains("is in use by") && complaint.contains(&format!("process {}", one.pid())),
        "{complaint}"
    );
    let two = host(&stage, "other", &["--store", &server.journal("two_b")]).expect("it starts");
    assert_eq!(granted(one.address(), &request("Team", 1)).count, 1);
    assert_eq!(granted(two.address(), &request("Team", 2)).count, 1);
    // Two in one folder would overwrite each other's control file, wherever their journals are.
    let complaint =
        host(&stage, "host", &["--store", &server.journal("two_c")]).err().expect("it does not start");
    assert!(complaint.contains("in use"), "{complaint}");
}

/// Longest life of a host, in microseconds after its first line.
const LIFE_MICROSECONDS: u64 = 300_000;
const ROUNDS: usize = 25;

#[test]
fn what_was_acknowledged_is_in_the_database_of_a_host_that_was_killed() {
    let Some(server) = server() else { return };
    let mut chance = seed();
    let stage = Stage::new();
    let crowd = Crowd::new(&mut chance);
    let url = server.journal("killed");
    for _ in 0..ROUNDS {
        let host = stage.host(&["--rate", "0", "--store", &url]);
        crowd.load.turn(Some(host.address()));
        pass(chance.below(LIFE_MICROSECONDS));
        host.kill();
        crowd.load.turn(None);
    }
    let acknowledged = crowd.end();
    println!("{ROUNDS} rounds, {} answers", acknowledged.len());
    assert!(acknowledged.len() > 2 * ROUNDS, "too little happened for a proof");
    // The killed host's connection may still be about to end.
    drop(stage.host(&["--store", &url]));
    let reader = reader(server, "killed");
    let rows = rows(&reader);
    check(&rows, &acknowledged, &reader);
    check_count(&rows, &reader);
    assert_eq!(reader.check().expect("a check").problems, []);
}

#[test]
fn a_database_that_is_killed_under_load_loses_nothing_that_was_acknowledged() {
    let Some(server) = Server::start() else { return };
    // A host must see to it by itself that a commit is on the disk.
    server.stop();
    server.options("-c synchronous_commit=off -c wal_writer_delay=10s -c wal_writer_flush_after=0");
    server.run();
    let mut chance = seed();
    let stage = Stage::new();
    let url = server.journal_by_tcp("torn");
    let host = stage.host(&["--rate", "0", "--store", &url, "--metrics", "127.0.0.1:0"]);
    let crowd = Crowd::new(&mut chance);
    crowd.load.turn(Some(host.address()));
    let more_answers = |count: usize| {
        let before = crowd.answers();
        until("answers", || (crowd.answers() >= before + count).then_some(()));
    };
    for round in 1..=4 {
        more_answers(200);
        pass(chance.below(50_000));
        server.kill();
        // Told once for each time, however many ask meanwhile.
        let line = host.wait_for("journal-failed", round);
        // The cause, whichever entry comes back first.
        assert!(line["problem"].as_str().is_some_and(|problem| problem.contains("no connection")), "{line}");
        let (status, body) = get(&host, "/healthz");
        assert!(status == 503 && body.contains("journal"), "{status} {body}");
        let refused = metric(&host, "requests_not_durable_total");
        until("refusals", || (metric(&host, "requests_not_durable_total") > refused).then_some(()));
        server.run();
        host.wait_for("journal-works", round);
    }
    // The server ends in order and is back: nobody need notice more than that.
    more_answers(100);
    server.stop();
    host.wait_for("journal-failed", 5);
    server.run();
    more_answers(100);
    until("health", || (get(&host, "/healthz").0 == 200).then_some(()));
    let acknowledged = crowd.end();
    println!("{} answers", acknowledged.len());
    assert_eq!(host.stop(), Some(0));
    let reader = reader(&server, "torn");
    let rows = rows(&reader);
    check(&rows, &acknowledged, &reader);
    assert_eq!(reader.check().expect("a check").problems, []);
    shows_no_password(&[&stage.read("host.log")]);
}

#[test]
fn a_connection_that_an_admin_ends_costs_no_answer() {
    let Some(server) = server() else { return };
    let stage = Stage::new();
    let host = stage.host(&["--rate", "0", "--store", &server.journal("ended")]);
    let crowd = Crowd::new(&mut seed());
    crowd.load.turn(Some(host.address()));
    for _ in 0..10 {
        let before = crowd.answers();
        until("answers", || (crowd.answers() > before + 50).then_some(()));
        end_backend(server, "kmscope_host_ended");
    }
    let acknowledged = crowd.end();
    assert_eq!(host.told("journal-failed"), [] as [serde_json::Value; 0]);
    assert_eq!(host.stop(), Some(0));
    let reader = reader(server, "ended");
    let rows = rows(&reader);
    check(&rows, &acknowledged, &reader);
    check_count(&rows, &reader);
    assert_eq!(rows.len(), acknowledged.len());
}

/// Ends the backend of the host that writes a journal.
fn end_backend(server: &Server, schema: &str) {
    until("a backend", || {
        let ended = server.sql(&format!(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE pid <> pg_backend_pid() AND application_name LIKE 'kmscope host%' AND query LIKE '%{schema}.%'"
        ));
        (ended == "1").then_some(())
    });
}

#[test]
fn a_host_that_slept_writes_nothing_behind_its_successor() {
    let Some(server) = server() else { return };
    let stage = Stage::new();
    let url = server.journal("sleeper");
    let sleeper = host(&stage, "host", &["--store", &url, "--metrics", "127.0.0.1:0"]).expect("it starts");
    let asked = |service: &Service, machines: std::ops::Range<u64>| {
        machines.filter(|machine| ask(service.address(), &request("Team", *machine)).is_ok()).count()
    };
    assert_eq!(asked(&sleeper, 0..10), 10);
    let in_use = host(&stage, "host2", &["--store", &url]).err().expect("it does not start");
    assert!(in_use.contains("is in use by"), "{in_use}");

    sleeper.signal(Signal::STOP);
    end_backend(server, "kmscope_host_sleeper");
    let successor = host(&stage, "host2", &["--store", &url]).expect("it starts");
    assert_eq!(asked(&successor, 10..20), 10);
    sleeper.signal(Signal::CONT);
    assert_eq!(asked(&sleeper, 20..30), 0, "no answer leaves");
    let line = sleeper.wait_for("journal-failed", 1);
    let taken = format!("taken over by process {}", successor.pid());
    assert!(line["problem"].as_str().is_some_and(|problem| problem.contains(&taken)), "{line}");
    assert_eq!(get(&sleeper, "/healthz").0, 503);
    assert_eq!(asked(&successor, 30..40), 10);
    // Also when nobody else is there any more: what it knows is old.
    assert_eq!(successor.stop(), Some(0));
    let begin = Instant::now();
    while begin.elapsed() < Duration::from_secs(5) {
        assert_eq!(asked(&sleeper, 40..42), 0, "no answer leaves");
        std::thread::park_timeout(Duration::from_millis(100));
    }
    assert_eq!(sleeper.told("journal-works"), [] as [serde_json::Value; 0]);
    assert_eq!(sleeper.stop(), Some(0));

    let written = rows(&reader(server, "sleeper"));
    let expected: Vec<_> = (0..20).chain(30..40).map(|machine| request("Team", machine).cmid).collect();
    assert_eq!(written.iter().map(|row| row.entry.cmid).collect::<Vec<_>>(), expected);
    assert!(Path::new(&stage.path("host")).join("run.lock").exists());
    // Started again, it goes on from there.
    let again = host(&stage, "host", &["--store", &url]).expect("it starts");
    assert_eq!(granted(again.address(), &request("Team", 50)).count, 31);
}
