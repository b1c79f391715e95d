//! A host that is killed at any instant under load: what it acknowledged is in its journal.
//!
//! Thirty-two machines at a time ask without pause; the host is killed with SIGKILL at random instants and started
//! again on the same folder. At the end every answer that reached a machine must be found, numbers have no gap,
//! counters equal the rows, and the count equals the machines.

use std::process::Stdio;
use std::time::{Duration, Instant};

use activation::chance::{Chance, Seeded};
use store::HostReader;

use crate::load::{CAP, Crowd, Load, check, check_count, pass, rows, seed};
use crate::stage::{Stage, until};
use crate::wire::request;

/// Rounds at least, at most, and for how long.
const ROUNDS_MIN: usize = 200;
const ROUNDS: usize = 300;
const TIME: Duration = Duration::from_secs(30);
/// Longest life of a host, in microseconds after its first line.
const LIFE_MICROSECONDS: u64 = 60_000;

/// Starts and kills hosts under load; how many.
fn kill_again_and_again(stage: &Stage, load: &Load, chance: &mut Seeded) -> usize {
    let begin = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS_MIN || (rounds < ROUNDS && begin.elapsed() < TIME) {
        rounds += 1;
        if chance.below(4) == 0 {
            // Killed while it starts, perhaps before it has read what the one before left.
            let mut starting = stage.host_command(&[]);
            let mut starting =
                starting.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a process");
            pass(chance.below(LIFE_MICROSECONDS));
            starting.kill().expect("it can be killed");
            starting.wait().expect("its end");
            continue;
        }
        let host = stage.host(&["--rate", "0"]);
        load.turn(Some(host.address()));
        pass(chance.below(LIFE_MICROSECONDS));
        if chance.below(8) == 0 {
            assert_eq!(host.stop(), Some(0), "a host that is asked to end under load");
        } else {
            host.kill();
        }
        load.turn(None);
    }
    rounds
}

#[test]
fn what_was_acknowledged_is_in_the_journal_of_a_host_that_was_killed() {
    let mut chance = seed();
    let stage = Stage::new();
    let crowd = Crowd::new(&mut chance);
    let rounds = kill_again_and_again(&stage, &crowd.load, &mut chance);
    let acknowledged = crowd.end();
    println!("{rounds} rounds, {} answers", acknowledged.len());
    assert!(rounds > 5 && acknowledged.len() > rounds, "too little happened for a proof");
    let reader = HostReader::open(&stage.path("host")).expect("the journal");
    let rows = rows(&reader);
    check(&rows, &acknowledged, &reader);
    check_count(&rows, &reader);
    // And the next host goes on from there.
    drop(reader);
    let host = stage.host(&[]);
    let told = until("status", || Some(stage.json(&["host", "status", "--data", "host"])));
    let team = told["products"].as_array().unwrap().iter().find(|row| row["name"] == "Team").unwrap().clone();
    assert_eq!(team["total_requests"], rows.len(), "{told}");
    assert_eq!(crate::wire::granted(host.address(), &request("Team", 1)).count, CAP);
}
