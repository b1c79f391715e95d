//! A full disk: told as such, nothing half-written, and on it goes once there is space again.
#![cfg(target_os = "linux")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc;

use activation::journal::AllCounters;
use common::{append, count, open, row, rows};
use store::{Committer, HostReader, Limits, StoreError};
use tempfile::tempdir;

/// Tells this program, run again, that it stands in a name space of its own where this folder is a small disk.
const DISK: &str = "STORE_FULL_DISK";
const NAME: &str = "a_full_disk_is_told_and_survived";

/// Returned when the small disk could not be mounted.
const NOT_MOUNTED: i32 = 77;

#[test]
fn a_full_disk_is_told_and_survived() {
    if let Some(disk) = std::env::var_os(DISK) {
        return fill(&PathBuf::from(disk));
    }
    let disk = tempdir().unwrap();
    let script = format!(
        "mount -t tmpfs -o size=1m tmpfs \"$1\" || exit {NOT_MOUNTED}; exec \"$2\" --exact {NAME} --nocapture"
    );
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", &script, "sh"]).arg(disk.path()).arg(std::env::current_exe().unwrap());
    match command.env(DISK, disk.path()).output() {
        Err(error) => println!("skipped: unshare can't be run: {error}"),
        Ok(output) => {
            let told = String::from_utf8_lossy(&output.stderr);
            let is_forbidden = output.status.code() == Some(NOT_MOUNTED) || told.contains("unshare failed");
            if is_forbidden {
                println!("skipped: no name space with a disk of its own (is this root?): {told}");
            } else {
                let said = String::from_utf8_lossy(&output.stdout);
                assert!(output.status.success() && said.contains("filled"), "{said}{told}");
            }
        }
    }
}

fn fill(disk: &Path) {
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![1; 300 * 1024]).unwrap();
    let mut store = open(disk);
    let mut counters = AllCounters::new();
    let failed = loop {
        let next = store.next_sequence();
        let row = row(next);
        let mut after = counters.clone();
        let written = [(row.entry.application_id, count(&mut after, &row))];
        match store.append(&[row], &written, &[]) {
            Ok(()) => counters = after,
            Err(error) => break error,
        }
    };
    assert!(matches!(failed, StoreError::Full { .. }), "{failed:?}");
    assert_eq!(failed.to_string(), format!("the disk of {} is full", disk.display()));
    let last = store.next_sequence() - 1;
    assert_eq!(store.entries(0, u32::MAX).unwrap(), rows(1..=last));
    assert_eq!(store.counters().unwrap(), counters);
    assert!(matches!(store.meta_set("a", Some(&"b".repeat(90_000))), Err(StoreError::Full { .. })));

    let committer = Committer::start(store, Limits::default()).unwrap();
    let (told, results) = mpsc::channel();
    let submit = |sequence| {
        let told = told.clone();
        let done = move |result: Result<(), _>| told.send(result).unwrap();
        committer.submit(row(sequence), counters[&row(sequence).entry.application_id], done).unwrap();
        results.recv().unwrap()
    };
    assert!(matches!(*submit(last + 1).unwrap_err(), StoreError::Full { .. }));
    let behind = submit(last + 2).unwrap_err();
    assert!(matches!(*behind, StoreError::NotNext { expected, .. } if expected == last + 1));
    fs::remove_file(ballast).unwrap();
    assert!(submit(last + 3).is_err(), "one from before must not take the place of the lost one");
    submit(last + 1).unwrap();

    let mut store = committer.flush_and_stop().unwrap();
    count(&mut counters, &row(last + 1));
    append(&mut store, &mut counters, &rows(last + 2..=last + 50));
    drop(store);
    let reader = HostReader::open(disk).unwrap();
    assert_eq!(reader.entries(0, u32::MAX).unwrap(), rows(1..=last + 50));
    assert_eq!(reader.counters().unwrap(), counters);
    assert_eq!(reader.check().unwrap().problems, vec![]);
    println!("filled with {last} rows");
}
