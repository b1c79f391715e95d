//! What an ordinary user of a machine may do with its services: see all, change nothing.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;

use serde_json::json;

use crate::stage::{Stage, is_root};
use crate::wire::{granted, request};

/// `nobody`.
const ORDINARY: u32 = 65_534;

/// The low byte of 0x80070005.
const DENIED: Option<i32> = Some(5);

/// Opens the folder of a test to an ordinary user. False, with the reason told, where there is none to be had.
fn is_open_to_others(stage: &Stage) -> bool {
    if !is_root() {
        eprintln!("skipped: only root may become another user");
        return false;
    }
    fs::set_permissions(stage.path(""), fs::Permissions::from_mode(0o755)).expect("a mode");
    match stage.command(&["--version"]).uid(ORDINARY).gid(ORDINARY).output() {
        Ok(_) => true,
        Err(error) => {
            eprintln!("skipped: others may not run the program here: {error}");
            false
        }
    }
}

/// Exit code, standard output and standard error of a command of the ordinary user.
fn ordinary(stage: &Stage, arguments: &[&str]) -> (Option<i32>, String, String) {
    let output = stage.command(arguments).uid(ORDINARY).gid(ORDINARY).output().expect("it can be run");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code(), text(&output.stdout), text(&output.stderr))
}

/// What is shown, but for the time that goes by.
fn lines(text: &str) -> Vec<String> {
    let goes_by = |line: &&str| line.contains("minute") || line.starts_with("Trusted time");
    text.lines().filter(|line| !goes_by(line)).map(str::to_owned).collect()
}

/// An ordinary user sees what root sees.
#[track_caller]
fn sees_the_same(stage: &Stage, data: &str) {
    for option in [&["/dli"][..], &["/dlv"], &["/dlv", "all"], &["/xpr"]] {
        let roots = stage.slmgr(data, option);
        let (code, out, complaint) = ordinary(stage, &[&["slmgr", "--data", data], option].concat());
        assert_eq!((code, complaint.as_str()), (Some(roots.code), ""), "{option:?}");
        assert_eq!(lines(&out), lines(&roots.out), "{option:?}");
        assert!(lines(&out).len() > 1, "{option:?}: {out}");
    }
}

/// Options that change something are refused with slmgr's code, and nothing changes.
#[track_caller]
fn changes_nothing(stage: &Stage, data: &str, options: &[&[&str]]) {
    let before = stage.slmgr(data, &["/dlv"]).out;
    for option in options {
        let (code, out, complaint) = ordinary(stage, &[&["slmgr", "--data", data], *option].concat());
        assert_eq!((code, complaint.as_str()), (DENIED, ""), "{option:?}: {out}");
        assert!(out.starts_with("Error: 0x80070005 Access denied"), "{option:?}: {out}");
        assert!(out.contains("root") && out.contains("account of the service"), "{option:?}: {out}");
    }
    assert_eq!(lines(&stage.slmgr(data, &["/dlv"]).out), lines(&before));
}

#[test]
fn everybody_sees_a_host_and_only_its_account_changes_it() {
    let stage = Stage::new();
    if !is_open_to_others(&stage) {
        return;
    }
    let host = stage.host(&[]);
    granted(host.address(), &request("Solo", 1));
    sees_the_same(&stage, "host");
    let (code, out, complaint) = ordinary(&stage, &["host", "status", "--data", "host", "--format", "json"]);
    assert_eq!(code, Some(0), "{complaint}");
    let told: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    assert_eq!((&told["health"], &told["running"]), (&json!("ok"), &json!(true)), "{told}");
    changes_nothing(
        &stage,
        "host",
        &[&["/sai", "60"], &["/sri", "60"], &["/cdns"], &["/sprt", "1689"], &["/cpri"]],
    );
    for command in [&["reload", "--data", "host"][..], &["backup", "--data", "host", "--out", "copy.db"]] {
        let (code, _, complaint) = ordinary(&stage, &[&["host"], command].concat());
        assert!(
            code == Some(2) && complaint.contains("only root and the service's own account"),
            "{complaint}"
        );
    }
    let mode = |name: &str| fs::metadata(stage.path(name)).expect("a file").permissions().mode() & 0o777;
    assert_eq!((mode("host/control.json"), mode("host/display.json")), (0o600, 0o644));
    assert_eq!(host.stop(), Some(0));
    assert!(!stage.path("host/display.json").exists() && !stage.path("host/control.json").exists());
}

#[test]
fn everybody_sees_a_client_and_only_its_account_changes_it() {
    let stage = Stage::new();
    if !is_open_to_others(&stage) {
        return;
    }
    let host = stage.host(&[]);
    let client = stage.client("c1", "Solo", &["--skms", &host.address().to_string()]);
    assert_eq!(stage.tried("c1")["activated"], true);
    let key = crate::stage::setup_key("Team").to_string();
    let changing: &[&[&str]] = &[
        &["/ipk", &key],
        &["/upk"],
        &["/ato"],
        &["/skms", "127.0.0.1:9"],
        &["/ckhc"],
        &["/rearm"],
        &["/sai", "60"],
    ];
    sees_the_same(&stage, "c1");
    changes_nothing(&stage, "c1", changing);
    // The same while no agent runs.
    assert_eq!(client.stop(), Some(0));
    sees_the_same(&stage, "c1");
    changes_nothing(&stage, "c1", changing);
    // Where there is no client, nothing is made.
    let (code, out, complaint) = ordinary(&stage, &["slmgr", "--data", "none", "/dlv"]);
    assert!(code == Some(2) && complaint.contains("none"), "{out}{complaint}");
    assert!(!stage.path("none").exists());
}
