//! Thirty-two machines that ask at once without pause, and what their answers must be found as.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use activation::chance::{Chance, Seeded};
use activation::counting::Count;
use activation::credentials::{Chain, SignedLease};
use activation::journal::Counters;
use rpc::activation::Answer;
use store::{HostReader, LoadLimits, Row};
use uuid::Uuid;

use crate::stage::setup_key;
use crate::wire::{ask, request};

/// Connections at a time.
const MACHINES_AT_ONCE: usize = 32;
/// Twice the N-policy of the product: no count grows beyond.
pub const CAP: u32 = 50;
/// Rows that are read at once.
const ROWS_AT_ONCE: u32 = 4096;

/// A seed of this run, or the one that `KMSCOPE_SEED` says.
pub fn seed() -> Seeded {
    let seed = std::env::var("KMSCOPE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| u64::from(std::process::id()) ^ crate::wire::now().0.unsigned_abs());
    println!("seed {seed} (KMSCOPE_SEED)");
    Seeded(seed)
}

/// An answer that reached its machine.
pub struct Acknowledged {
    pub cmid: Uuid,
    pub nonce: [u8; 32],
    pub count: u32,
}

/// What the machines share.
pub struct Load {
    pub address: Mutex<Option<SocketAddr>>,
    /// There is an address now, or it is over.
    there: Condvar,
    pub acknowledged: Mutex<Vec<Acknowledged>>,
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

    pub fn turn(&self, address: Option<SocketAddr>) {
        *self.address.lock().expect("the address") = address;
        self.there.notify_all();
    }
}

/// Asks until it is over, each time as another machine, or as one of before.
pub fn machine(load: &Load, seed: u64) {
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

/// Machines that ask until they are told that it is over.
pub struct Crowd {
    pub load: Arc<Load>,
    machines: Vec<JoinHandle<()>>,
}

impl Crowd {
    /// They wait for a host.
    pub fn new(chance: &mut Seeded) -> Crowd {
        let load = Arc::new(Load {
            address: Mutex::new(None),
            there: Condvar::new(),
            acknowledged: Mutex::new(Vec::new()),
            next: AtomicU64::new(0),
            over: AtomicBool::new(false),
        });
        let machines = (0..MACHINES_AT_ONCE)
            .map(|_| {
                let (load, seed) = (load.clone(), chance.number());
                std::thread::spawn(move || machine(&load, seed))
            })
            .collect();
        Crowd { load, machines }
    }

    /// How many answers have come.
    pub fn answers(&self) -> usize {
        self.load.acknowledged.lock().expect("answers").len()
    }

    /// Ends it, and gives all that was answered.
    pub fn end(self) -> Vec<Acknowledged> {
        self.load.over.store(true, Ordering::SeqCst);
        self.load.turn(None);
        for machine in self.machines {
            machine.join().expect("a machine");
        }
        std::mem::take(&mut *self.load.acknowledged.lock().expect("answers"))
    }
}

/// Lets time pass.
pub fn pass(microseconds: u64) {
    let end = Instant::now() + Duration::from_micros(microseconds);
    while Instant::now() < end {
        std::thread::park_timeout(end.saturating_duration_since(Instant::now()));
    }
}

/// The whole journal.
pub fn rows(reader: &HostReader) -> Vec<Row> {
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

/// Numbers without gaps, a row for each answer, counters that equal the rows.
pub fn check(rows: &[Row], acknowledged: &[Acknowledged], reader: &HostReader) {
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
}

/// That the host counted each machine once: with every row, and with what it starts with.
pub fn check_count(rows: &[Row], reader: &HostReader) {
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
