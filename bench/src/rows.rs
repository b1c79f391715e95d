//! KMS events of a log as typed rows, and as keys by which two readers can be compared.

use std::error::Error;
use std::fs::File;
use std::io::{BufRead, BufWriter, Write};

use readers::events::{evtx, info};
use readers::{Limits, Out};

fn read(log: &str, threads: usize) -> Result<Out, Box<dyn Error>> {
    let limits = Limits { facts_per_file: usize::MAX, ..Limits::default() };
    let mut out = Out::new(log.into(), &limits);
    evtx::read_on_threads(File::open(log)?, threads, &mut out)?;
    Ok(out)
}

/// Prints each event as a JSON line.
pub fn print(log: &str, threads: usize) -> Result<(), Box<dyn Error>> {
    let out = read(log, threads)?;
    let mut to = BufWriter::with_capacity(1 << 20, std::io::stdout().lock());
    for evidence in &out.facts {
        serde_json::to_writer(&mut to, &evidence.fact)?;
        to.write_all(b"\n")?;
    }
    to.flush()?;
    Ok(())
}

/// Prints record, id and list of each KMS event, the list written anew from the typed fields.
pub fn keys(log: &str) -> Result<(), Box<dyn Error>> {
    let out = read(log, 1)?;
    let mut to = BufWriter::new(std::io::stdout().lock());
    for event in out.facts.iter().filter_map(|evidence| evidence.fact.value.as_event()) {
        let list = info::render(event).unwrap_or_default();
        writeln!(to, "{}\t{}\t{list}", event.record.unwrap_or(0), event.event_id.unwrap_or(0))?;
    }
    to.flush()?;
    Ok(())
}

/// The same from evtx_dump's JSON lines: the data string as it is.
pub fn keys_of_dump() -> Result<(), Box<dyn Error>> {
    let mut to = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let value: serde_json::Value = serde_json::from_str(&line?)?;
        let system = &value["Event"]["System"];
        if system["Provider"]["#attributes"]["Name"] != "Microsoft-Windows-Security-SPP" {
            continue;
        }
        let id = system["EventID"]["#text"].as_u64().or(system["EventID"].as_u64()).unwrap_or(0);
        let data = &value["Event"]["EventData"]["Data"];
        let text =
            data["#text"].as_str().or(data["#text"][0].as_str()).or(data.as_str()).or(data[0].as_str());
        writeln!(to, "{}\t{id}\t{}", system["EventRecordID"], text.unwrap_or_default())?;
    }
    to.flush()?;
    Ok(())
}
