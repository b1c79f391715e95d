//! The host's journal: durable rows per second by the size of a commit, beside a bare file that is synced; the same
//! through the committer with so many answers in flight; and what a long journal costs. Prints Markdown.

use std::error::Error;
use std::fs::{self, File};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use activation::Moment;
use activation::journal::{AllCounters, Counters, Entry};
use activation::moment::DAY;
use store::{Committer, HostReader, HostStore, Limits, LoadLimits, OpenOptions, Row};
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn Error>>;

/// Rows of a commit, and answers in flight.
const SIZES: [usize; 4] = [1, 16, 64, 256];
/// How long each measurement takes.
const SPAN: Duration = Duration::from_secs(2);
/// Each measurement is done so often, in turns, and its best is told.
const TURNS: usize = 3;
/// Bytes of a row, about, for the bare file.
const ROW_BYTES: usize = 120;
/// Between two rows: five million of them make a year.
const SECONDS: i64 = 6;
const APPLICATION: Uuid = Uuid::from_u128(0x55c9_2734);
const START: Moment = Moment(1_700_000_000);

pub fn run(folder: &str, rows: &str) -> Outcome<()> {
    let (folder, rows): (&Path, u64) = (Path::new(folder), rows.parse()?);
    println!(
        "| rows of a commit | bare file, overwritten | bare file, grown | SQLite | µs of a commit: median, 99 % |"
    );
    println!("|---|---|---|---|---|");
    for size in SIZES {
        let (mut over, mut grown, mut ours) = (0.0f64, 0.0f64, Rate::default());
        for _ in 0..TURNS {
            over = over.max(bare(folder, size, true)?.per_second);
            grown = grown.max(bare(folder, size, false)?.per_second);
            ours = ours.max(appended(folder, size)?);
        }
        let (per_second, median, late) = ours.told();
        println!("| {size} | {over:.0}/s | {grown:.0}/s | {per_second:.0}/s | {median:.0}, {late:.0} |");
    }
    println!("\n| answers in flight | rows through the committer | µs of an answer: median, 99 % |");
    println!("|---|---|---|");
    for size in SIZES {
        let mut best = Rate::default();
        for _ in 0..TURNS {
            best = best.max(committed(folder, size)?);
        }
        let (per_second, median, late) = best.told();
        println!("| {size} | {per_second:.0}/s | {median:.0}, {late:.0} |");
    }
    println!();
    long(folder, rows)
}

/// `bench commits FOLDER TIMES`: rows per second with a commit for each.
pub fn commits(folder: &str, times: &str) -> Outcome<()> {
    let mut best = Rate::default();
    for _ in 0..times.parse()? {
        best = best.max(appended(Path::new(folder), 1)?);
    }
    println!("{:.0}", best.per_second);
    Ok(())
}

/// `bench fill FOLDER ROWS`: a journal of so many rows, one for every six seconds, of a million machines.
pub fn fill(folder: &str, rows: &str) -> Outcome<()> {
    let (mut store, rows) = (opened(Path::new(folder))?, rows.parse()?);
    while store.next_sequence() <= rows {
        append(&mut store, 10_000)?;
    }
    Ok(())
}

#[derive(Default)]
struct Rate {
    per_second: f64,
    times: Vec<Duration>,
}

impl Rate {
    fn of(rows: usize, begin: Instant, mut times: Vec<Duration>) -> Rate {
        let per_second = rows as f64 / begin.elapsed().as_secs_f64();
        times.sort();
        Rate { per_second, times }
    }

    fn max(self, other: Rate) -> Rate {
        if other.per_second > self.per_second { other } else { self }
    }

    fn told(&self) -> (f64, f64, f64) {
        let at =
            |hundredths: usize| self.times[(self.times.len() - 1) * hundredths / 100].as_secs_f64() * 1e6;
        (self.per_second, at(50), at(99))
    }
}

/// A year of a fleet that asks once a week, as far as the times matter.
fn row(sequence: u64) -> Row {
    let entry = Entry {
        sequence,
        at: START.plus(SECONDS * sequence as i64),
        hresult: 0,
        n_policy: 25,
        machine_name: format!("client{:06}.contoso.com", sequence % 1_000_000),
        cmid: Uuid::from_u64_pair(
            (sequence % 1_000_000).wrapping_mul(0x9e37_79b9_7f4a_7c15),
            sequence % 1_000_000,
        ),
        client_time: START.plus(SECONDS * sequence as i64 - 3),
        vm_info: 1,
        license_status: 1,
        minutes_to_expiration: 250_000,
        application_id: APPLICATION,
        activation_id: Uuid::from_u128(0x2de6_7392),
        count: 50,
    };
    Row { entry, counted_n_policy: 25 }
}

fn counters(total: u64) -> Counters {
    let mut by_status = [0; 7];
    by_status[1] = total;
    Counters { total, failed: 0, by_status }
}

fn append(store: &mut HostStore, rows: u64) -> Outcome<()> {
    let from = store.next_sequence();
    let rows: Vec<Row> = (from..from + rows).map(row).collect();
    let total = rows.last().map_or(0, |row| row.entry.sequence);
    Ok(store.append(&rows, &[(APPLICATION, counters(total))], &[])?)
}

/// What the disk itself takes: the same bytes, synced as often.
fn bare(folder: &Path, size: usize, is_overwritten: bool) -> Outcome<Rate> {
    let path = folder.join("bare");
    let bytes = vec![0x5a; size * ROW_BYTES];
    let mut file = File::create(&path)?;
    if is_overwritten {
        file.write_all(&vec![1; 4 << 20])?;
        file.sync_all()?;
        file.seek(SeekFrom::Start(0))?;
    }
    let (begin, mut times, mut rows, mut at) = (Instant::now(), Vec::new(), 0, 0);
    while begin.elapsed() < SPAN {
        let one = Instant::now();
        if is_overwritten && at + bytes.len() > 4 << 20 {
            at = 0;
            file.seek(SeekFrom::Start(0))?;
        }
        file.write_all(&bytes)?;
        file.sync_data()?;
        times.push(one.elapsed());
        rows += size;
        at += bytes.len();
    }
    let rate = Rate::of(rows, begin, times);
    fs::remove_file(path)?;
    Ok(rate)
}

fn opened(folder: &Path) -> Outcome<HostStore> {
    let _ = fs::remove_dir_all(folder);
    fs::create_dir(folder)?;
    Ok(HostStore::open(folder, OpenOptions::default())?)
}

fn appended(folder: &Path, size: usize) -> Outcome<Rate> {
    let mut store = opened(&folder.join("appended"))?;
    let (begin, mut times, mut rows) = (Instant::now(), Vec::new(), 0);
    while begin.elapsed() < SPAN {
        let one = Instant::now();
        append(&mut store, size as u64)?;
        times.push(one.elapsed());
        rows += size;
    }
    Ok(Rate::of(rows, begin, times))
}

/// As a host does it: the next request comes when an answer has left.
fn committed(folder: &Path, in_flight: usize) -> Outcome<Rate> {
    let committer = Committer::start(opened(&folder.join("committed"))?, Limits::default())?;
    let (free, freed) = mpsc::channel();
    let submit = |sequence: u64| {
        let (free, begin) = (free.clone(), Instant::now());
        committer.submit(row(sequence), counters(sequence), move |result| {
            result.expect("the row is written");
            // Nobody waits any more at the end.
            let _ = free.send(begin.elapsed());
        })
    };
    let (begin, mut times, mut sequence) = (Instant::now(), Vec::new(), 0);
    for _ in 0..in_flight {
        sequence += 1;
        submit(sequence)?;
    }
    while begin.elapsed() < SPAN {
        times.push(freed.recv()?);
        sequence += 1;
        submit(sequence)?;
    }
    Ok(Rate::of(times.len(), begin, times))
}

/// What a journal costs that has grown for long.
fn long(folder: &Path, rows: u64) -> Outcome<()> {
    let folder = folder.join("long");
    let mut store = opened(&folder)?;
    while store.next_sequence() <= rows {
        append(&mut store, 10_000)?;
    }
    // One that asked once, at the beginning: the whole window has to be read for it.
    let rare = Uuid::from_u128(1);
    store.append(&[], &[(rare, counters(1))], &[])?;
    let bytes = store.status()?.bytes;
    println!(
        "A journal of {rows} rows: {:.0} MB, {:.0} bytes a row.",
        bytes as f64 / 1e6,
        bytes as f64 / rows as f64
    );
    let timed =
        |what: &str, begin: Instant| println!("- {what}: {:.1} ms", begin.elapsed().as_secs_f64() * 1e3);
    drop(store);

    let begin = Instant::now();
    let mut store = HostStore::open(&folder, OpenOptions::default())?;
    timed("opened", begin);
    let begin = Instant::now();
    let loaded = store.load(&LoadLimits::default())?;
    timed(&format!("a month of it read for counts ({} contacts)", loaded.contacts[0].1.len()), begin);
    store.append(&[], &[(rare, Counters::default())], &[])?;
    let begin = Instant::now();
    let busy: AllCounters = store.load(&LoadLimits::default())?.counters;
    timed(
        &format!("read for counts when each application was asked for lately ({} of them)", busy.len()),
        begin,
    );
    let begin = Instant::now();
    let from = START.plus(SECONDS * (rows / 4) as i64);
    let found = HostReader::open(&folder)?.entries_between(from, from.plus(1000 * SECONDS), 0, 5000)?.len();
    timed(&format!("{found} rows of a time found by their time"), begin);

    let (begin, mut times, mut written) = (Instant::now(), Vec::new(), 0);
    while begin.elapsed() < SPAN {
        let one = Instant::now();
        append(&mut store, 64)?;
        times.push(one.elapsed());
        written += 64;
    }
    let (per_second, median, late) = Rate::of(written, begin, times).told();
    println!("- appended, 64 rows a commit: {per_second:.0}/s, {median:.0} µs (99 %: {late:.0} µs)");
    let mut times = Vec::new();
    for _ in 0..100 {
        let one = Instant::now();
        store.prune(START.plus(300 * DAY))?;
        times.push(one.elapsed());
    }
    let (_, median, late) = Rate::of(100, begin, times).told();
    println!("- a step of pruning, 1,000 rows: {median:.0} µs (99 %: {late:.0} µs)");
    let copy = folder.join("copy.db");
    let begin = Instant::now();
    store.backup(&copy)?;
    timed("copied", begin);
    Ok(())
}
