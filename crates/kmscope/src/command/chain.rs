//! The links of the chain as text: what was asked, what answered, what was tried.

use std::io::{self, Write};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use dns::domains::{ClientSettings, Origin};
use messages::Argument;
use probe::check::{Checked, Tried, Way};
use probe::discover::{Discovered, DomainAsked, servers_differ};
use probe::facts;
use probe::lookup::Exchange;
use report::visible::one_line;

use crate::console::Console;

pub(crate) fn milliseconds(time: Duration) -> String {
    format!("{:.1}", time.as_secs_f64() * 1e3)
}

/// Look-ups: each domain with the answer of each server, what the client takes, what nslookup would show.
pub(crate) fn discovery(
    out: &mut dyn Write,
    found: &Discovered,
    settings: &ClientSettings,
    nameservers: &[SocketAddr],
    console: &Console,
) -> io::Result<()> {
    if let Some((host, port)) = &settings.fixed_host {
        let host = one_line(&format!("{host}:{port}"));
        writeln!(out, "{}", console.text("discover-fixed", &[("host", Argument::Text(&host))]))?;
    }
    if nameservers.is_empty() {
        writeln!(out, "{}", console.text("discover-no-server", &[]))?;
    }
    if found.domains.is_empty() {
        writeln!(out, "{}", console.text("discover-no-domain", &[]))?;
    }
    for domain in &found.domains {
        let name = one_line(&format!("_vlmcs._tcp.{}", domain.domain.domain));
        writeln!(out, "{}  {}", console.bold(&name), console.text(origin(domain), &[]))?;
        for exchange in &domain.exchanges {
            exchange_line(out, exchange)?;
        }
        if servers_differ(domain) {
            writeln!(out, "  {}", console.text("discover-servers-differ", &[]))?;
        }
    }
    if let Some(domain) = found.chosen.and_then(|index| found.domains.get(index)) {
        let name = one_line(&domain.domain.domain);
        writeln!(out, "\n{}", console.text("discover-chosen", &[("domain", Argument::Text(&name))]))?;
        for (number, candidate) in (1..).zip(&found.candidates) {
            let record = &candidate.record;
            let (port, priority, weight) =
                (record.port.to_string(), record.priority.to_string(), record.weight.to_string());
            let (host, chance) = (one_line(&record.target), format!("{:.0}", candidate.chance * 100.0));
            let told = console.text(
                "discover-candidate",
                &[
                    ("host", Argument::Text(&host)),
                    ("port", Argument::Text(&port)),
                    ("priority", Argument::Text(&priority)),
                    ("weight", Argument::Text(&weight)),
                    ("chance", Argument::Text(&chance)),
                ],
            );
            writeln!(out, "  {number}. {told}: {}", addresses(found.addresses_of(&record.target), console))?;
        }
    } else if settings.fixed_host.is_none() && !found.domains.is_empty() {
        writeln!(out, "\n{}", console.text("discover-none", &[]))?;
    }
    if let Some(domain) = found.only_by_nslookup() {
        let name = one_line(&domain.domain.domain);
        writeln!(out, "{}", console.text("discover-nslookup-differs", &[("domain", Argument::Text(&name))]))?;
    }
    if console.verbose {
        for exchange in found.hosts.iter().flat_map(|host| &host.exchanges) {
            exchange_line(out, exchange)?;
        }
    }
    Ok(())
}

fn exchange_line(out: &mut dyn Write, exchange: &Exchange) -> io::Result<()> {
    let evidence = facts::dns_answer(exchange, "");
    let words = evidence.fact.quotes.first().map_or("", |quote| &quote.text);
    let transport = if exchange.over_tcp { ", TCP" } else { "" };
    writeln!(out, "  {}{transport}", one_line(words))
}

fn addresses(addresses: &[IpAddr], console: &Console) -> String {
    if addresses.is_empty() {
        return console.text("probe-no-address", &[]);
    }
    addresses.iter().map(IpAddr::to_string).collect::<Vec<_>>().join(", ")
}

fn origin(domain: &DomainAsked) -> &'static str {
    match domain.domain.origin {
        _ if !domain.by_client && domain.by_nslookup => "discover-origin-nslookup",
        Origin::LookupDomain => "discover-origin-lookup-domain",
        Origin::PrimarySuffix => "discover-origin-primary-suffix",
        Origin::ConnectionSuffix => "discover-origin-connection-suffix",
        Origin::SearchList => "discover-origin-search-list",
        Origin::Devolution => "discover-origin-nslookup",
    }
}

/// Connections, the three-step test, the clock, and the times.
pub(crate) fn connections(out: &mut dyn Write, checked: &Checked, console: &Console) -> io::Result<()> {
    for tried in &checked.tried {
        let target = one_line(&tried.target.to_string());
        writeln!(out, "{}  {}", console.bold(&target), console.text(way(tried.way), &[]))?;
        if tried.reached.is_empty() {
            writeln!(out, "  {}", console.text("probe-no-address", &[]))?;
        }
        for reached in &tried.reached {
            let words = one_line(&facts::in_words(reached));
            writeln!(out, "  {}: {words}", reached.address)?;
        }
    }
    let test = ThreeStepTest::of(checked);
    let answer = |tested: Option<bool>| match tested {
        Some(true) => console.text("check-works", &[]),
        Some(false) => console.text("check-fails", &[]),
        None => console.text("check-not-tried", &[]),
    };
    let (record, name, address) = (answer(test.by_record), answer(test.by_name), answer(test.by_address));
    let args = [
        ("record", Argument::Text(&record)),
        ("name", Argument::Text(&name)),
        ("address", Argument::Text(&address)),
    ];
    writeln!(out, "{}", console.text("check-three-steps", &args))?;
    if let Some(key) = test.conclusion() {
        writeln!(out, "{}", console.text(key, &[]))?;
    }
    if let Some(clock) = &checked.clock {
        let server = one_line(&clock.name.clone().unwrap_or_else(|| clock.server.ip().to_string()));
        let (key, told) = match &clock.offset {
            Ok(offset) => ("check-clock", format!("{:+.3}", offset.seconds)),
            Err(error) => ("check-clock-unknown", one_line(error)),
        };
        let args = [("server", Argument::Text(&server)), ("told", Argument::Text(&told))];
        writeln!(out, "{}", console.text(key, &args))?;
    }
    let [lookups, connections, total] = checked.times.map(milliseconds);
    let args = [
        ("total", Argument::Text(&total)),
        ("lookups", Argument::Text(&lookups)),
        ("connections", Argument::Text(&connections)),
    ];
    writeln!(out, "{}", console.text("check-took", &args))
}

fn way(way: Way) -> &'static str {
    match way {
        Way::Fixed => "check-way-fixed",
        Way::Cached => "check-way-cached",
        Way::Record => "check-way-record",
        Way::OtherRecord => "check-way-other-record",
        Way::Known => "check-way-known",
    }
}

/// Microsoft's test: does the host work by its record, by its name, by its address?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ThreeStepTest {
    pub by_record: Option<bool>,
    pub by_name: Option<bool>,
    pub by_address: Option<bool>,
}

impl ThreeStepTest {
    pub(crate) fn of(checked: &Checked) -> ThreeStepTest {
        let any = |wanted: &dyn Fn(&&Tried) -> bool| {
            let mut tried = checked.tried.iter().filter(wanted).peekable();
            tried.peek().is_some().then(|| tried.any(Tried::serves))
        };
        let by_name = any(&|tried| tried.target.address().is_none() && tried.way != Way::Cached);
        let by_address = any(&|tried| tried.target.address().is_some());
        let searched = checked.discovered.domains.iter().any(|domain| domain.by_client);
        let by_record = any(&|tried| tried.way == Way::Record).or(searched.then_some(false));
        ThreeStepTest { by_record, by_name, by_address }
    }

    /// Where the fault lies, by the first step that works.
    pub(crate) fn conclusion(self) -> Option<&'static str> {
        if self.by_record == Some(true) {
            return None;
        }
        match (self.by_name, self.by_address) {
            (Some(true), _) if self.by_record == Some(false) => Some("check-it-was-the-record"),
            (Some(false), Some(true)) => Some("check-it-was-the-name"),
            (Some(false), Some(false)) => Some("check-look-at-firewalls"),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_step_that_works_tells_the_fault() {
        let test =
            |by_record, by_name, by_address| ThreeStepTest { by_record, by_name, by_address }.conclusion();
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(test(yes, yes, None), None);
        assert_eq!(test(no, yes, no), Some("check-it-was-the-record"));
        assert_eq!(test(no, no, yes), Some("check-it-was-the-name"));
        assert_eq!(test(no, no, no), Some("check-look-at-firewalls"));
        assert_eq!(test(no, None, None), None);
        assert_eq!(test(None, yes, None), None);
    }
}
