//! A host that is killed at any instant under load: what it acknowledged is in its journal.
//!
//! Thirty-two machines at a time ask without pause; the host is killed with SIGKILL at random instants and started
//! again on the same folder. At the end every answer that reached a machine must be found, numbers have no gap,
//! counters equal the rows, and the count equals the machines.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use activation::chance::{Chance, Seeded};
use activation::counting::Count;
use activation::credentials::{Chain, SignedLease};
use activation::journal::Counters;
use rpc::activation::Answer;
use store::{HostReader, LoadLimits, Row};
use uuid::Uuid;

use crate::stage::{Stage, setup_key, until};
use crate::wire::{ask, request};

/// Connections at a time.
const MACHINES_AT_ONCE: usize = 32;
/// Rounds at least, at most, and for how long.
const ROUNDS_MIN: usize = 200;
const ROUNDS: usize = 300;
const TIME: Duration = Duration::from_secs(30);
/// Longest life of a host, in microseconds after its first line.
const LIFE_MICROSECONDS: u64 = 60_000;
/// Twice the N-policy of the product: no count grows beyond.
const CAP: u32 = 50;
/// Rows that are read at once.
const ROWS_AT_ONCE: u32 = 4096;

/// An answer that reached its machine.
struct Acknowledged {
    cmid: Uuid,
    nonce: [u8; 32],
    count: u32,
}

/// What the machines share.
struct Load {
    address: Mutex<Option<SocketAddr>>,
    /// There is an address now, or it is over.
    there: Condvar,
    acknowledged: Mutex<Vec<Acknowledged>>,
    next: AtomicU64,
    over: AtomicBool,
}

impl Load {
    /// Waits for a host; nothing when it is over.
    fn address(&self) -> Option<SocketAddr> {
        let waiting =
            |address: &mut Option<SocketAddr>| address.is_none() && !self.over.load(Ordering::SeqCst);
        let address = self.address.lock().expect("the address");
        *self.there.wait_while(address, waiting).expect("the address")
    }

    fn turn(&self, address: Option<SocketAddr>) {
        *self.address.lock().expect("the address") = address;
        self.there.notify_all();
    }
}

/// Asks until it is over, each time as another machine, or as one of before.
fn machine(load: &Load, seed: u64) {
    let mut chance = Seeded(seed);
    while !load.over.load(Ordering::SeqCst) {
        let Some(address) = load.address() else { return };
        let newest = load.next.fetch_add(1, Ordering::SeqCst) + 1;
        let number = if chance.below(4) == 0 { 1 + chance.below(newest) } else { newest };
        let mut request = request("Team", number);
        chance.fill(&mut request.nonce);
        if let Ok(Answer::Granted(response)) = ask(address, &request) {
            let signed = SignedLease::from_bytes(&response.lease).expect("a lease");
            let chain = Chain::from_bytes(&response.chain).expect("a chain");
            assert!(signed.verify(&chain.grant.grant.host_key), "the signature");
            let lease = signed.lease;
            assert_eq!((lease.nonce, lease.cmid, lease.count), (request.nonce, request.cmid, response.count));
            let kept = Acknowledged { cmid: request.cmid, nonce: request.nonce, count: response.count };
            load.acknowledged.lock().expect("answers").push(kept);
        }
    }
}

/// Lets time pass.
fn pass(microseconds: u64) {
    let end = Instant::now() + Duration::from_micros(microseconds);
    while Instant::now() < end {
        std::thread::park_timeout(end.saturating_duration_since(Instant::now()));
    }
}

/// Starts and kills hosts under load; how many.
fn kill_again_and_again(stage: &Stage, load: &Arc<Load>, chance: &mut Seeded) -> usize {
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

fn rows(reader: &HostReader) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    loop {
        let next = rows.last().map_or(1, |row| row.entry.sequence + 1);
        let more = reader.entries(next, ROWS_AT_ONCE).expect("rows");
        if more.is_empty() {
            return rows;
        }
        rows.extend(more);
    }
}

#[test]
fn what_was_acknowledged_is_in_the_journal_of_a_host_that_was_killed() {
    let seed = std::env::var("KMSCOPE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) ^ crate::wire::now().0.unsigned_abs());
    println!("seed {seed} (KMSCOPE_SEED)");
    let stage = Stage::new();
    let load = Arc::new(Load {
        address: Mutex::new(None),
        there: Condvar::new(),
        acknowledged: Mutex::new(Vec::new()),
        next: AtomicU64::new(0),
        over: AtomicBool::new(false),
    });
    let mut chance = Seeded(seed);
    let machines: Vec<_> = (0..MACHINES_AT_ONCE)
        .map(|_| {
            let (load, seed) = (load.clone(), chance.number());
            std::thread::spawn(move || machine(&load, seed))
        })
        .collect();
    let rounds = kill_again_and_again(&stage, &load, &mut chance);
    load.over.store(true, Ordering::SeqCst);
    load.turn(None);
    for machine in machines {
        machine.join().expect("a machine");
    }
    let acknowledged = std::mem::take(&mut *load.acknowledged.lock().expect("answers"));
    println!("{rounds} rounds, {} answers", acknowledged.len());
    assert!(rounds > 5 && acknowledged.len() > rounds, "too little happened for a proof");
    let reader = HostReader::open(&stage.path("host")).expect("the journal");
    let rows = rows(&reader);
    check(&rows, &acknowledged, &reader);
    // And the next host goes on from there.
    drop(reader);
    let host = stage.host(&[]);
    let told = until("status", || Some(stage.json(&["host", "status", "--data", "host"])));
    let team = told["products"].as_array().unwrap().iter().find(|row| row["name"] == "Team").unwrap().clone();
    assert_eq!(team["total_requests"], rows.len(), "{told}");
    assert_eq!(crate::wire::granted(host.address(), &request("Team", 1)).count, CAP);
}

fn check(rows: &[Row], acknowledged: &[Acknowledged], reader: &HostReader) {
    let sequences: Vec<u64> = rows.iter().map(|row| row.entry.sequence).collect();
    let expected: Vec<u64> = (1..=rows.len() as u64).collect();
    assert_eq!(sequences, expected, "numbers without gaps");
    // Each acknowledged answer has a row of its own: as many of a machine and count as reached it, or more.
    let mut written: HashMap<(Uuid, u32), usize> = HashMap::new();
    for row in rows {
        *written.entry((row.entry.cmid, row.entry.count)).or_default() += 1;
    }
    let nonces: HashSet<[u8; 32]> = acknowledged.iter().map(|answer| answer.nonce).collect();
    assert_eq!(nonces.len(), acknowledged.len(), "no answer counts twice");
    for answer in acknowledged {
        let left = written.get_mut(&(answer.cmid, answer.count)).filter(|left| **left > 0);
        let left = left.unwrap_or_else(|| panic!("{} with count {} was lost", answer.cmid, answer.count));
        *left -= 1;
    }
    let mut counters: BTreeMap<Uuid, Counters> = BTreeMap::new();
    for row in rows {
        counters.entry(row.entry.application_id).or_default().add(&row.entry);
    }
    assert_eq!(reader.counters().expect("counters"), counters);
    let distinct: HashSet<Uuid> = rows.iter().map(|row| row.entry.cmid).collect();
    let loaded = reader.load(&LoadLimits::default()).expect("what a host starts with");
    let team = setup_key("Team").application_id();
    let contacts = loaded.contacts.into_iter().find(|(id, _)| *id == team).map(|(_, contacts)| contacts);
    let count = Count::restored(contacts.unwrap_or_default());
    assert_eq!(count.get(), u32::try_from(distinct.len()).expect("a number").min(CAP), "the count");
    // The first rows count up, one for each new machine, across every kill.
    let mut seen = HashSet::new();
    for row in rows {
        seen.insert(row.entry.cmid);
        let expected = u32::try_from(seen.len()).expect("a number").min(CAP);
        assert_eq!(row.entry.count, expected, "row {}", row.entry.sequence);
    }
}
