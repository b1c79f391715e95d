//! A host that is killed at any instant has lost nothing that it acknowledged.

mod common;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;

use activation::journal::AllCounters;
use common::{Numbers, append, count, counted, open, row, rows};
use store::{Committer, FILE, LoadLimits};
use tempfile::tempdir;

/// Tells this program, run again, that it is the one to be killed, and where to write.
const VICTIM: &str = "STORE_CRASH_FOLDER";
const ROUNDS: u64 = 100;
const IN_FLIGHT: usize = 64;
const SEED: u64 = 0x5eed_0001;

/// Appends under load until it dies, and prints every number that is on the disk.
fn write_until_killed(folder: &Path) {
    let store = open(folder);
    let loaded = store.load(&LoadLimits::default()).unwrap();
    let (mut sequence, mut counters) = (loaded.last_sequence, loaded.counters);
    let committer = Committer::start(store, store::Limits::default()).unwrap();
    let (free, freed) = mpsc::channel();
    (0..IN_FLIGHT).for_each(|_| free.send(()).unwrap());
    println!();
    while freed.recv().is_ok() {
        sequence += 1;
        let (row, free) = (row(sequence), free.clone());
        let counters = count(&mut counters, &row);
        let done = move |result: Result<(), _>| {
            result.unwrap();
            // The parent may have stopped reading; then the end is near.
            let _ = writeln!(std::io::stdout(), "on the disk: {sequence}");
            let _ = free.send(());
        };
        committer.submit(row, counters, done).unwrap();
    }
}

fn victim(folder: &Path) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "nothing_acknowledged_is_lost_when_the_host_is_killed", "--nocapture"])
        .env(VICTIM, folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads so many acknowledgements, kills, and returns the last one that got out.
fn kill_after(mut child: Child, acknowledgements: u64) -> u64 {
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let (mut line, mut last, mut seen) = (String::new(), 0, 0);
    if acknowledgements == 0 {
        child.kill().unwrap();
    }
    while lines.read_line(&mut line).unwrap() > 0 {
        // A line that the kill cut in two is no acknowledgement.
        let told = line.strip_suffix('\n').and_then(|line| line.strip_prefix("on the disk: "));
        if let Some(sequence) = told.and_then(|number| number.parse().ok()) {
            assert!(sequence > last, "acknowledged in order");
            last = sequence;
            seen += 1;
            if seen == acknowledgements {
                child.kill().unwrap();
            }
        }
        line.clear();
    }
    child.wait().unwrap();
    last
}

#[test]
fn nothing_acknowledged_is_lost_when_the_host_is_killed() {
    if let Some(folder) = std::env::var_os(VICTIM) {
        return write_until_killed(&PathBuf::from(folder));
    }
    println!("seed {SEED:#x}");
    let mut numbers = Numbers(SEED);
    let folder = tempdir().unwrap();
    let (mut known, mut counters) = (0, AllCounters::new());
    for round in 0..ROUNDS {
        let acknowledgements = if round % 10 == 9 { 0 } else { 1 + numbers.below(300) };
        let acknowledged = kill_after(victim(folder.path()), acknowledgements);
        let store = open(folder.path());
        let last = store.next_sequence() - 1;
        assert!(
            last >= acknowledged.max(known),
            "round {round}: {acknowledged} was acknowledged, the last is {last}"
        );
        let new = store.entries(known + 1, u32::MAX).unwrap();
        assert_eq!(new, rows(known + 1..=last), "round {round}");
        for row in &new {
            count(&mut counters, row);
        }
        assert_eq!(store.counters().unwrap(), counters, "round {round}");
        known = last;
    }
    let check = open(folder.path()).check().unwrap();
    assert_eq!((check.rows, check.problems), (known, vec![]));
    println!("{known} rows, {ROUNDS} kills");
}

#[test]
fn a_torn_log_loses_its_tail_and_nothing_else() {
    let folder = tempdir().unwrap();
    let mut store = open(folder.path());
    let mut counters = AllCounters::new();
    for sequence in 1..=60 {
        append(&mut store, &mut counters, &[row(sequence)]);
    }
    let log_name = format!("{FILE}-wal");
    let (file, log) =
        (fs::read(folder.path().join(FILE)).unwrap(), fs::read(folder.path().join(&log_name)).unwrap());
    let mut numbers = Numbers(SEED);
    let mut seen = Vec::new();
    for _ in 0..40 {
        let torn = tempdir().unwrap();
        let length = numbers.below(log.len() as u64 + 1) as usize;
        fs::write(torn.path().join(FILE), &file).unwrap();
        fs::write(torn.path().join(&log_name), &log[..length]).unwrap();
        let store = open(torn.path());
        let last = store.next_sequence() - 1;
        assert_eq!(store.entries(0, 100).unwrap(), rows(1..=last));
        let check = store.check().unwrap();
        assert_eq!(check.problems, vec![], "{length} of {} bytes", log.len());
        assert_eq!(store.counters().unwrap(), counted(&rows(1..=last)));
        seen.push(last);
    }
    assert!(seen.iter().any(|last| *last > 40) && seen.iter().any(|last| *last < 20), "{seen:?}");
}
