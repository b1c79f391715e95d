//! Disks that are full, two hosts in one folder, and copies of a journal.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rpc::activation::Answer;
use serde_json::json;
use store::HostReader;

use crate::http::{get, metric};
use crate::stage::{Service, Stage, is_root, until};
use crate::wire::{ask, granted, request};

/// A host whose folder is a small disk of its own, in a mount namespace that ends with it.
fn on_small_disk(stage: &Stage) -> Option<Service> {
    if !is_root() || crate::named::program("unshare").is_none() {
        eprintln!("skipped: only root may mount a small disk");
        return None;
    }
    fs::create_dir(stage.path("disk")).expect("a folder");
    let mount = "mount -t tmpfs -o size=1m none disk";
    let tried = Command::new("unshare").args(["-m", "sh", "-c", mount]).current_dir(stage.path("")).output();
    if !tried.is_ok_and(|output| output.status.success()) {
        eprintln!("skipped: no mount namespace can be made here");
        return None;
    }
    let options =
        ["--data", "disk", "--licence", "host.toml", "--listen", "127.0.0.1:0", "--metrics", "127.0.0.1:0"];
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &format!("{mount} && exec \"$0\" \"$@\"")]);
    command
        .arg(env!("CARGO_BIN_EXE_kmscope"))
        .args(["host", "run", "--log", "json", "--rate", "0"])
        .args(options);
    command.current_dir(stage.path("")).stdin(Stdio::null());
    Some(Service::start(command, stage, "host", 2).expect("the host starts"))
}

/// The host's folder as its process sees it.
fn folder(stage: &Stage, host: &Service) -> PathBuf {
    let within = stage.path("disk");
    Path::new(&format!("/proc/{}/root", host.pid())).join(within.strip_prefix("/").expect("an absolute path"))
}

/// Fills a disk to the last byte.
fn fill(folder: &Path) {
    let mut file = File::create(folder.join("filler")).expect("a file");
    for size in [4096, 1] {
        while file.write_all(&vec![1; size]).is_ok() {}
    }
}

#[test]
fn a_full_disk_ends_the_answers_and_not_the_host() {
    let stage = Stage::new();
    let Some(host) = on_small_disk(&stage) else { return };
    let (address, disk) = (host.address(), folder(&stage, &host));
    let mut acknowledged = Vec::new();
    let mut next = 0;
    let mut one_more = |acknowledged: &mut Vec<uuid::Uuid>| {
        next += 1;
        let request = request("Team", next);
        let answer = ask(address, &request);
        if matches!(answer, Ok(Answer::Granted(_))) {
            acknowledged.push(request.cmid);
        }
        answer
    };
    for _ in 0..20 {
        one_more(&mut acknowledged).expect("an answer");
    }
    assert_eq!(get(&host, "/healthz"), (200, "ok\n".to_owned()));
    for round in 1..=2 {
        fill(&disk);
        // There may be room in blocks that the journal has already.
        let failure = until("a failure", || one_more(&mut acknowledged).err());
        assert_eq!(failure.fault(), Some(0x6BB), "{failure:?}");
        let line = host.wait_for("journal-failed", round);
        assert_eq!(line["level"], "error", "{line}");
        assert!(line["problem"].as_str().unwrap().contains("full"), "{line}");
        let (status, body) = get(&host, "/healthz");
        assert!(status == 503 && body.contains("journal"), "{status} {body}");
        let data = disk.to_string_lossy();
        let told = stage.run(&["host", "status", "--data", &data]);
        assert!(told.code == 1 && told.out.contains("journal"), "{told:?}");
        for _ in 0..5 {
            assert!(one_more(&mut acknowledged).is_err());
        }
        assert!(metric(&host, "requests_not_durable_total") > 5);

        fs::remove_file(disk.join("filler")).expect("room");
        // A load balancer sends nobody to a host that is not well: it must see by itself that there is room again.
        until("health", || (get(&host, "/healthz").0 == 200).then_some(()));
        until("an answer", || one_more(&mut acknowledged).ok());
        for _ in 0..20 {
            one_more(&mut acknowledged).expect("an answer");
        }
        // Told once, however many asked meanwhile: the log may lie on the same disk.
        assert_eq!((host.told("journal-failed").len(), host.told("journal-works").len()), (round, round));
    }
    // SQLite goes to files by their names, which are others in the host's namespace; a copy is for everybody.
    fs::create_dir(stage.path("copy")).expect("a folder");
    let out = stage.path("copy").join(store::FILE);
    stage.done(&["host", "backup", "--data", &disk.to_string_lossy(), "--out", &out.to_string_lossy()]);
    let reader = HostReader::open(&stage.path("copy")).expect("the journal");
    let rows = reader.entries(1, 10_000).expect("rows");
    assert!(
        rows.iter().zip(1..).all(|(row, sequence)| row.entry.sequence == sequence),
        "numbers without gaps"
    );
    for cmid in &acknowledged {
        assert!(rows.iter().any(|row| row.entry.cmid == *cmid), "{cmid} was lost");
    }
    assert_eq!(rows.len(), acknowledged.len());
    let counters = reader.counters().expect("counters");
    assert_eq!(counters.values().map(|counters| counters.total).sum::<u64>(), rows.len() as u64);
}

#[test]
fn a_second_host_in_the_folder_is_turned_away() {
    let stage = Stage::new();
    let host = stage.host(&[]);
    let mut command = stage.host_command(&[]);
    let output = command.stdout(Stdio::piped()).stderr(Stdio::piped()).output().expect("kmscope can be run");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains(&format!("is in use by process {}", host.pid())), "{complaint}");
    // The first is none the worse for it.
    granted(host.address(), &request("Solo", 1));
    assert_eq!(stage.run(&["host", "status", "--data", "host"]).code, 0);
    let client = stage.client("c1", "Solo", &["--skms", &host.address().to_string()]);
    stage.tried("c1");
    let output = stage.client_command("c1", "Solo", &[]).output().expect("kmscope can be run");
    let complaint = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{complaint}");
    assert!(complaint.contains(&format!("is in use by process {}", client.pid())), "{complaint}");
    assert_eq!(stage.json(&["client", "status", "--data", "c1"])["activated"], true);
}

#[test]
fn a_copy_is_made_while_the_host_runs_and_put_back_when_it_does_not() {
    let stage = Stage::new();
    let host = stage.host(&["--rate", "0"]);
    let address = host.address();
    for machine in 1..=30 {
        granted(address, &request("Team", machine));
    }
    // Answers go on while the copy is made.
    let load = std::thread::spawn(move || {
        (31..=60).for_each(|machine| drop(granted(address, &request("Team", machine))))
    });
    let told = stage.run(&["host", "backup", "--data", "host", "--out", "copy.db"]);
    assert!(told.code == 0 && told.out.contains("copy.db"), "{told:?}");
    load.join().expect("all were answered");
    let again = stage.run(&["host", "backup", "--data", "host", "--out", "copy.db"]);
    assert!(again.code == 2 && again.complaint.contains("exists already"), "{again:?}");
    let nowhere = stage.run(&["host", "backup", "--data", "host", "--out", "no/folder/copy.db"]);
    assert_eq!(nowhere.code, 2, "{nowhere:?}");
    let restore = ["host", "restore", "--data", "host", "--from", "copy.db"];
    let running = stage.run(&restore);
    assert!(running.code == 2 && running.complaint.contains("in use"), "{running:?}");
    assert_eq!(host.stop(), Some(0));

    stage.write("rubbish.db", "this is no copy");
    let rubbish = stage.run(&["host", "restore", "--data", "host", "--from", "rubbish.db"]);
    assert_eq!(rubbish.code, 2, "{rubbish:?}");
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["requests"], 60);
    let told = stage.run(&restore);
    assert_eq!(told.code, 0, "{told:?}");
    let requests = stage.json(&["host", "status", "--data", "host"])["requests"].as_u64().unwrap();
    assert!((30..=60).contains(&requests), "{requests}");
    assert!(told.out.lines().count() == 2, "the replaced journal is kept and named: {told:?}");
    // In another folder, as on a new machine, the copy makes the same host.
    assert_eq!(stage.run(&["host", "restore", "--data", "other", "--from", "copy.db"]).code, 0);
    let other = stage.command(&[
        "host",
        "run",
        "--data",
        "other",
        "--licence",
        "host.toml",
        "--listen",
        "127.0.0.1:0",
    ]);
    let other = Service::start(other, &stage, "other", 1).expect("the host starts");
    let count = granted(other.address(), &request("Team", 1)).count;
    assert_eq!(u64::from(count), requests.min(50));
    // A copy of a host that does not run.
    let told = stage.run(&["host", "backup", "--data", "host", "--out", "later.db"]);
    assert_eq!(told.code, 0, "{told:?}");
    let told = stage.json(&["host", "status", "--data", "other"]);
    assert_eq!(told["health"], json!("ok"));
}
