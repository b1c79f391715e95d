//! A server that takes commands and answers none: told in time, and nothing is written twice or lost when it wakes.
#![cfg(unix)]

mod common;

use std::process::Command;
use std::time::{Duration, Instant};

use activation::journal::AllCounters;
use common::{Kept, holds, rows, server, write};
use store::StoreError;

/// More than the writer waits for an answer and for its own former connection to end.
const IN_TIME: Duration = Duration::from_secs(40);

fn signal(signal: &str, process: &str) {
    let sent = Command::new("kill").args([signal, process]).status();
    assert!(sent.is_ok_and(|status| status.success()), "{signal} {process}");
}

#[test]
fn a_server_that_hangs_is_told_in_time_and_survived() {
    let (Some(server), Some(kept)) = (server(), Kept::in_database()) else { return };
    let (mut store, mut all) = (kept.open(), AllCounters::new());
    write(&mut store, &mut all, &rows(1..=3)).unwrap();
    let name = kept.schema().replace("kmscope_host_", "kmscope host ");
    let backend = server.sql(&format!("SELECT pid FROM pg_stat_activity WHERE application_name = '{name}'"));
    if !Command::new("kill").args(["-0", &backend]).status().is_ok_and(|status| status.success()) {
        println!("skipped: the server's processes are not this account's");
        return;
    }
    signal("-STOP", &backend);
    let begin = Instant::now();
    let told = write(&mut store, &mut all, &rows(4..=6)).unwrap_err();
    // It can't even end, and so it still has the lock.
    assert!(matches!(&told, StoreError::Held { holder, .. } if holder.contains(&backend)), "{told:?}");
    assert!(begin.elapsed() < IN_TIME, "{:?}", begin.elapsed());
    signal("-CONT", &backend);
    while let Err(error) = write(&mut store, &mut all, &rows(4..=5)) {
        assert!(matches!(error, StoreError::Lost { .. } | StoreError::Held { .. }), "{error:?}");
        assert!(begin.elapsed() < IN_TIME, "{error:?}");
        std::thread::park_timeout(Duration::from_millis(20));
    }
    holds(&kept.place, &rows(1..=5));
}
