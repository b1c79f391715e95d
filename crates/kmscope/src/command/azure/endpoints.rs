//! `kmscope azure endpoints`: the KMS endpoints of the clouds and how they changed.

use std::io::{self, Write};

use facts::azure_endpoints::{Endpoint, Status as Use, azure_endpoints};
use facts::azure_services::{Service, azure_services};
use messages::Argument;
use serde_json::{Value, json};

use crate::Status;
use crate::arguments::ReadFormat;
use crate::arguments::azure::Endpoints;
use crate::console::Console;
use crate::json_stream;

pub(super) fn run(options: &Endpoints, console: &Console) -> anyhow::Result<Status> {
    let table = azure_endpoints();
    let services = azure_services();
    let wanted = |cloud| options.cloud.is_none_or(|only| only == cloud);
    let endpoints: Vec<&Endpoint> = table.endpoints.iter().filter(|one| wanted(one.cloud)).collect();
    let services: Vec<&Service> = services.services.iter().filter(|one| wanted(one.cloud)).collect();
    let mut out = io::BufWriter::new(io::stdout().lock());
    match options.format {
        ReadFormat::Json => {
            let endpoints: Vec<Value> = endpoints.iter().map(|one| endpoint_value(one)).collect();
            let services: Vec<Value> = services.iter().map(|one| service_value(one)).collect();
            let wrong: Vec<Value> = table
                .wrong_addresses
                .iter()
                .map(|one| json!({"address": one.address, "instead": one.instead, "note": one.note}))
                .collect();
            let timeline: Vec<Value> =
                table.timeline.iter().map(|one| json!({"date": one.date, "event": one.event})).collect();
            let document = json!({"schema": 1, "endpoints": endpoints, "services": services,
                "wrong_addresses": wrong, "timeline": timeline});
            writeln!(out, "{}", json_stream::line(&document))?;
        }
        ReadFormat::Text => text(&mut out, &endpoints, &services, console)?,
    }
    out.flush()?;
    Ok(Status::Done)
}

fn text(
    out: &mut dyn Write,
    endpoints: &[&Endpoint],
    services: &[&Service],
    console: &Console,
) -> io::Result<()> {
    let mut cloud = None;
    for one in endpoints {
        if cloud != Some(one.cloud) {
            writeln!(out, "{}", console.bold(&one.cloud.to_string()))?;
            cloud = Some(one.cloud);
        }
        let addresses = list(&one.addresses);
        writeln!(out, "  {} {addresses}, TCP {}: {}", one.name, one.port, use_id(one.status))?;
        for text in [&one.since, &one.until].into_iter().zip(["azure-since", "azure-until"]) {
            if let (Some(date), key) = text {
                writeln!(out, "    {}", console.text(key, &[("date", Argument::Text(date))]))?;
            }
        }
        if let Some(note) = &one.note {
            writeln!(out, "    {note}")?;
        }
    }
    writeln!(out, "{}", console.bold(&console.text("azure-services-heading", &[])))?;
    for one in services {
        let addresses = list(&one.addresses);
        writeln!(
            out,
            "  {} ({}): {addresses}, TCP {}: {}",
            one.title,
            one.cloud,
            one.port,
            use_id(one.status)
        )?;
        if let Some(note) = &one.note {
            writeln!(out, "    {note}")?;
        }
    }
    let table = azure_endpoints();
    writeln!(out, "{}", console.bold(&console.text("azure-wrong-heading", &[])))?;
    for one in &table.wrong_addresses {
        writeln!(out, "  {} -> {}: {}", one.address, one.instead, one.note)?;
    }
    writeln!(out, "{}", console.bold(&console.text("azure-timeline-heading", &[])))?;
    for one in &table.timeline {
        writeln!(out, "  {}: {}", one.date, one.event)?;
    }
    Ok(())
}

fn list(addresses: &[std::net::Ipv4Addr]) -> String {
    let texts: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    texts.join(", ")
}

fn use_id(status: Use) -> &'static str {
    match status {
        Use::Current => "current",
        Use::Superseded => "superseded",
        Use::Retired => "retired",
    }
}

fn endpoint_value(one: &Endpoint) -> Value {
    json!({"cloud": one.cloud.to_string(), "name": one.name, "addresses": one.addresses, "port": one.port,
        "required": one.required, "status": use_id(one.status), "since": one.since, "until": one.until,
        "note": one.note})
}

fn service_value(one: &Service) -> Value {
    json!({"cloud": one.cloud.to_string(), "id": one.id, "title": one.title, "names": one.names,
        "addresses": one.addresses, "port": one.port, "status": use_id(one.status), "note": one.note})
}
