//! The machines that clients turn to, or are told to.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::dns::is_vlmcs_name;
use model::event::REQUEST_SENT;
use model::host_name::{canonical, same_machine};
use model::license::KmsMachineSource;

use super::codes;
use super::discovery;
pub use super::reach::{Reach, cut_off, reach, reach_from};
use crate::case::{Case, Item, MachineId};
use crate::finding::{Citation, Confidence};

/// How a name came to be a target.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// An SRV record names it.
    Record,
    /// Fixed on a client by /skms, registry or policy.
    Registered,
    /// A client found it by discovery (its own output says so).
    Discovered,
    /// A client asked it (12288), whatever the way it found it.
    Contacted,
    /// Somebody tested its KMS port.
    Tested,
}

/// A name that clients turn to.
#[derive(Debug, Clone)]
pub struct Target<'a> {
    /// Canonical name or address.
    pub name: String,
    /// Port, where told.
    pub port: Option<u16>,
    /// How it came up, with the fact and the field that says so.
    pub ways: Vec<(How, Item<'a>, &'static str)>,
    /// Addresses that look-ups or tests gave for it.
    pub addresses: BTreeSet<String>,
}

impl Target<'_> {
    /// True when it came up in this way.
    pub fn is(&self, how: How) -> bool {
        self.ways.iter().any(|(way, _, _)| *way == how)
    }

    /// Nothing but a test of its port names it: whether clients use it is not told.
    pub fn is_only_tested(&self) -> bool {
        self.ways.iter().all(|(way, _, _)| *way == How::Tested)
    }

    /// Words that make it a target.
    pub fn citations(&self) -> Vec<Citation> {
        let mut citations: Vec<Citation> =
            self.ways.iter().map(|(_, item, field)| item.cite(field)).collect();
        citations.dedup();
        citations
    }

    /// True when a test or event names this target, by name or by one of its addresses.
    pub fn is_called(&self, name: &str) -> bool {
        same_machine(&self.name, name) || self.addresses.contains(name.trim())
    }

    /// The port that clients use.
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(1688)
    }

    /// Machines for which it is a target.
    pub fn clients(&self) -> BTreeSet<MachineId> {
        self.ways.iter().filter_map(|(_, item, _)| item.machine).collect()
    }
}

/// Requests of one client that are kept as reasons for a target.
const REQUESTS_PER_CLIENT_MAX: usize = 2;

/// Every name that clients turn to, or are told to.
pub fn targets(case: &Case) -> Vec<Target<'_>> {
    let mut targets: Vec<Target<'_>> = Vec::new();
    for record in discovery::records(case) {
        let name = record.record.target.as_deref().unwrap_or_default();
        let port = record.record.port.and_then(|port| u16::try_from(port).ok());
        add(&mut targets, name, port, (How::Record, record.item, "records"));
    }
    for (item, license) in case.licenses().filter(|(_, l)| !l.is_kms_host()) {
        let Some(name) = &license.kms_machine else { continue };
        let how = match license.kms_machine_source {
            Some(KmsMachineSource::Registered) => How::Registered,
            _ => How::Discovered,
        };
        add(&mut targets, name, license.kms_port, (how, item, "kms_machine"));
    }
    for (item, value) in case.registry_values() {
        let named = value.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("KeyManagementServiceName"));
        if let (true, Some(name)) = (named && !value.missing, &value.data) {
            add(&mut targets, name, None, (How::Registered, item, "data"));
        }
    }
    // Logs name the same host thousands of times: the first few of each client say it.
    let mut asked: BTreeMap<(&str, Option<MachineId>), usize> = BTreeMap::new();
    for (item, event) in case.events_with_id(REQUEST_SENT) {
        let Some(name) = &event.kms_machine else { continue };
        let times = asked.entry((name, item.machine)).or_default();
        *times += 1;
        if *times <= REQUESTS_PER_CLIENT_MAX {
            add(&mut targets, name, event.kms_port, (How::Contacted, item, "kms_machine"));
        }
    }
    for target in &mut targets {
        target.addresses = addresses_of(case, &target.name);
    }
    add_tested(case, &mut targets);
    targets
}

/// Who connects to the KMS port means a KMS host, even where nothing else names it.
fn add_tested<'a>(case: &'a Case, targets: &mut Vec<Target<'a>>) {
    for (item, test) in case.connections().filter(|(_, test)| test.port == Some(1688)) {
        let Some(name) = test.target.as_deref().or(test.address.as_deref()) else { continue };
        let address = test.address.as_deref().unwrap_or(name);
        let known = targets.iter().any(|target| target.is_called(name) || target.is_called(address));
        let of_azure = [name, address].iter().any(|text| {
            super::azure_signs::is_azure_kms_name(text)
                || text
                    .parse()
                    .is_ok_and(|a| facts::azure_endpoints::azure_endpoints().with_address(a).is_some())
        });
        if known || of_azure {
            continue;
        }
        add(targets, name, Some(1688), (How::Tested, item, "target"));
        if let Some(target) = targets.last_mut() {
            target.addresses = addresses_of(case, &target.name);
        }
    }
}

fn add<'a>(targets: &mut Vec<Target<'a>>, name: &str, port: Option<u16>, way: (How, Item<'a>, &'static str)) {
    let name = canonical(name);
    if name.is_empty() {
        return;
    }
    match targets.iter_mut().find(|target| same_machine(&target.name, &name)) {
        Some(target) => {
            if name.len() > target.name.len() {
                target.name = name;
            }
            // What a client is set to wins over what a record says: that is where it goes.
            target.port = if way.0 == How::Registered { port.or(target.port) } else { target.port.or(port) };
            target.ways.push(way);
        }
        None => targets.push(Target { name, port, ways: vec![way], addresses: BTreeSet::new() }),
    }
}

/// The addresses that look-ups, pings and tests show for a name.
pub fn addresses_of(case: &Case, name: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for (_, answer) in case.dns_answers() {
        if answer.query.as_deref().is_some_and(|q| !is_vlmcs_name(q) && same_machine(q, name)) {
            found.extend(answer.addresses.iter().cloned());
        }
        for host in &answer.hosts {
            if let (Some(own), Some(address)) = (&host.name, &host.address)
                && same_machine(own, name)
            {
                found.insert(address.clone());
            }
        }
    }
    for (_, ping) in case.pings() {
        if ping.target.as_deref().is_some_and(|t| same_machine(t, name)) {
            found.extend(ping.address.clone());
        }
    }
    for (_, test) in case.connections() {
        if test.target.as_deref().is_some_and(|t| same_machine(t, name)) {
            found.extend(test.address.clone());
        }
    }
    for machine in case.machines.iter().filter(|m| m.names.iter().any(|n| same_machine(n, name))) {
        found.extend(machine.addresses.iter().cloned());
    }
    found.retain(|address| address.parse::<IpAddr>().is_ok());
    found
}

/// The most that can be said of a target: one that only a test names is a KMS host as surely as somebody fails to
/// activate.
pub fn trust(case: &Case, target: &Target<'_>) -> Confidence {
    match (target.is_only_tested(), codes::any_current(case)) {
        (false, _) => Confidence::Certain,
        (true, true) => Confidence::Likely,
        (true, false) => Confidence::Possible,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, answered, case, client_dlv, ipconfig, registered, sent, tcp_failed, tcp_open,
    };

    const HOST: &str = "kms01.contoso.com";

    fn ways(target: &Target<'_>) -> Vec<How> {
        target.ways.iter().map(|(how, _, _)| *how).collect()
    }

    #[test]
    fn one_host_named_in_several_ways_is_one_target() {
        let dlv = client_dlv("Notification", &registered("KMS01"));
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706BA", "kms01.contoso.com");
        let case = case(&[("PC-1/dns.txt", RECORD), ("PC-1/dlv.txt", &dlv), ("PC-1/e.xml", &request)]);
        let targets = targets(&case);
        assert_eq!(targets.len(), 1, "{targets:?}");
        assert_eq!(ways(&targets[0]), [How::Record, How::Registered, How::Contacted]);
        assert_eq!((targets[0].name.as_str(), targets[0].port()), (HOST, 1688));
        assert!(targets[0].addresses.contains("192.0.2.40") && targets[0].is_called("192.0.2.40"));
    }

    #[test]
    fn two_hosts_are_two_targets() {
        let request = |name: &str, host: &str| sent(name, "2025-06-03T07:20:00", "0x00000000", host);
        let case = case(&[
            ("a.xml", &request("PC-1", "kms01.contoso.com")),
            ("b.xml", &request("PC-2", "kms02.contoso.com")),
        ]);
        assert_eq!(targets(&case).len(), 2);
    }

    #[test]
    fn an_answer_shows_that_the_host_lives_and_a_failure_before_it_is_history() {
        let text = sent("PC-1", "2025-06-03T07:00:00", "0x800706BA", HOST)
            + &sent("PC-1", "2025-06-03T08:00:00", "0x00000000", HOST)
            + &answered("PC-1", "2025-06-03T08:00:01", true, 30);
        let case = case(&[("PC-1.xml", &text)]);
        let targets = targets(&case);
        let reach = reach(&case, &targets[0]);
        assert!(reach.lives() && reach.not_reached.is_empty(), "{reach:?}");
    }

    #[test]
    fn another_port_that_answers_is_a_sign_of_life_and_no_open_host() {
        let tests = tcp_failed(HOST, "192.0.2.40", 1688, false) + &tcp_open(HOST, "192.0.2.40", 445);
        let case = case(&[("dns.txt", RECORD), ("tnc.txt", &tests)]);
        let targets = targets(&case);
        let reach = reach(&case, &targets[0]);
        assert!(!reach.lives() && reach.machine_lives() && reach.tcp_fails());
        assert_eq!((reach.other_port.len(), reach.tests.len()), (1, 1));
    }

    #[test]
    fn a_test_by_address_counts_for_the_name() {
        let case = case(&[("dns.txt", RECORD), ("tnc.txt", &tcp_open("192.0.2.40", "192.0.2.40", 1688))]);
        assert!(reach(&case, &targets(&case)[0]).lives());
    }

    #[test]
    fn machines_that_are_cut_off_are_told_from_those_that_get_through() {
        let named = |name: &str, test: &str| ipconfig(name, "contoso.com", "192.0.2.10") + "\n" + test;
        let good = named("PC-1", &tcp_open(HOST, "192.0.2.40", 1688));
        let bad = named("PC-2", &tcp_failed(HOST, "192.0.2.40", 1688, true));
        let case_of = |files: &[(&str, &str)]| crate::testing::case(files);
        let both = case_of(&[("dns.txt", RECORD), ("1.txt", &good), ("2.txt", &bad)]);
        let names = |case: &Case| -> Vec<String> {
            let targets = targets(case);
            let cut_off = cut_off(case, &targets[0]);
            cut_off.iter().filter_map(|(machine, _)| case.machine_label(Some(*machine))).collect()
        };
        assert_eq!(names(&both), ["PC-2"]);
        // Where nobody gets through, the host itself is the question.
        assert!(names(&case_of(&[("dns.txt", RECORD), ("2.txt", &bad)])).is_empty());
        assert!(names(&case_of(&[("dns.txt", RECORD), ("1.txt", &good)])).is_empty());
    }
}
