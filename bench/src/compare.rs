//! Both sides alternating in one run: A B C A B C ..., medians, ratios, and that they found the same events.

use std::error::Error;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use nix::sys::resource::{UsageWho, getrusage};

/// One way to get the KMS events out of a log.
#[derive(Clone, Copy)]
enum Side {
    /// `evtx_dump -t 1 -o jsonl LOG | grep` for the provider.
    DumpAndFilter,
    /// `evtx_dump -t 1 -o jsonl LOG`, its output thrown away: without any filter's cost.
    DumpAlone,
    /// Our reader to typed rows, on so many threads.
    Ours(u8),
}

const SIDES: [Side; 4] = [Side::DumpAndFilter, Side::DumpAlone, Side::Ours(1), Side::Ours(2)];

const FILTER: [&str; 2] = ["-F", "\"Microsoft-Windows-Security-SPP\""];

impl Side {
    fn title(self, log: &str) -> String {
        match self {
            Side::DumpAndFilter => format!("`evtx_dump -t 1 -o jsonl {log} \\| grep -F`"),
            Side::DumpAlone => format!("`evtx_dump -t 1 -o jsonl {log}`, output discarded"),
            Side::Ours(threads) => format!("kmscope's reader to typed rows, {threads} thread(s)"),
        }
    }

    fn run(self, evtx_dump: &str, log: &str) -> Result<(), Box<dyn Error>> {
        let statuses = match self {
            Side::DumpAndFilter => {
                let mut dump = dump(evtx_dump, log).stdout(Stdio::piped()).spawn()?;
                let lines = dump.stdout.take().ok_or("no pipe")?;
                let mut grep = Command::new("grep");
                let filtered =
                    grep.env("LC_ALL", "C").args(FILTER).stdin(lines).stdout(Stdio::null()).status()?;
                // grep says 1 when it finds nothing.
                vec![dump.wait()?.success(), filtered.code() == Some(0) || filtered.code() == Some(1)]
            }
            Side::DumpAlone => vec![dump(evtx_dump, log).stdout(Stdio::null()).status()?.success()],
            Side::Ours(threads) => {
                let mut ours = Command::new(std::env::current_exe()?);
                vec![ours.args(["rows", log, &threads.to_string()]).stdout(Stdio::null()).status()?.success()]
            }
        };
        if statuses.contains(&false) { Err(format!("{} failed", self.title(log)).into()) } else { Ok(()) }
    }
}

fn dump(evtx_dump: &str, log: &str) -> Command {
    let mut command = Command::new(evtx_dump);
    command.args(["-t", "1", "-o", "jsonl", log]);
    command
}

fn user_time() -> Result<Duration, Box<dyn Error>> {
    let time = getrusage(UsageWho::RUSAGE_CHILDREN)?.user_time();
    Ok(Duration::new(time.tv_sec().try_into()?, u32::try_from(time.tv_usec())? * 1000))
}

/// Runs all sides in turn on each log and prints a table.
pub fn run(evtx_dump: &str, runs: &str, logs: &[&str]) -> Result<(), Box<dyn Error>> {
    let runs: usize = runs.parse()?;
    for log in logs {
        let events = same_events(evtx_dump, log)?;
        let mut times = vec![Vec::new(); SIDES.len()];
        for run in 0..=runs {
            for (index, side) in SIDES.iter().enumerate() {
                let (before, start) = (user_time()?, Instant::now());
                side.run(evtx_dump, log)?;
                // The first round warms the page cache.
                if run > 0 {
                    times[index].push((start.elapsed(), user_time()? - before));
                }
            }
        }
        print(log, events, runs, &times)?;
    }
    Ok(())
}

fn print(
    log: &str,
    events: usize,
    runs: usize,
    times: &[Vec<(Duration, Duration)>],
) -> Result<(), Box<dyn Error>> {
    let megabytes = std::fs::metadata(log)?.len() as f64 / 1e6;
    let name = log.rsplit('/').next().unwrap_or(log);
    let median = |side: usize, user: bool| {
        let mut all: Vec<f64> = times[side]
            .iter()
            .map(|(wall, cpu)| if user { cpu.as_secs_f64() } else { wall.as_secs_f64() })
            .collect();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    };
    println!(
        "\n{name}: {megabytes:.0} MB, {events} KMS events found by both sides, medians of {runs} alternating runs\n"
    );
    println!("| side | wall ms | user CPU ms | MB/s | times faster than evtx_dump alone (wall) |");
    println!("|---|---|---|---|---|");
    for (index, side) in SIDES.iter().enumerate() {
        let (wall, user) = (median(index, false), median(index, true));
        let ratio = median(1, false) / wall;
        println!(
            "| {} | {:.1} | {:.1} | {:.0} | {ratio:.1} |",
            side.title(name),
            wall * 1e3,
            user * 1e3,
            megabytes / wall
        );
    }
    Ok(())
}

/// Checks that both sides find the same KMS events with the same fields; returns how many.
fn same_events(evtx_dump: &str, log: &str) -> Result<usize, Box<dyn Error>> {
    let own = std::env::current_exe()?;
    let ours = Command::new(&own).args(["keys", log]).output()?.stdout;
    let mut dump = dump(evtx_dump, log).stdout(Stdio::piped()).spawn()?;
    let lines = dump.stdout.take().ok_or("no pipe")?;
    let theirs = Command::new(&own).arg("keys-of-dump").stdin(lines).output()?.stdout;
    dump.wait()?;
    if ours != theirs {
        return Err(format!("{log}: the two sides found different events").into());
    }
    Ok(ours.iter().filter(|&&byte| byte == b'\n').count())
}
