//! # K406: the requests, and so the count, are spread over several hosts
//!
//! ## What it means
//! Hosts share no counts. With several hosts in DNS each sees a part of the clients, and none reaches the threshold.
//!
//! ## How it is recognised
//! Two or more hosts that answer, each with a count below what clients need, while all clients together would reach it;
//! one fleet's requests that go to several hosts.
//!
//! ## What fixes it
//! Leave one host (or one and a spare by priority) in DNS until the threshold is met; find out who made the others.
//!
//! ## When it misleads
//! Two hosts above the threshold are good practice, no fault.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general>

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use model::host_name::canonical;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::host::count_too_low::NOT_ENOUGH_COUNT;
use crate::rules::{Rule, collecting};
use crate::survey::{clients, codes, counting, discovery, hosts, own};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K406", cause: Cause::TooManyHosts, check, source: include_str!("too_many_hosts.rs") };

/// The counts that each host is known by.
#[derive(Debug, Default)]
struct Counts {
    by_host: BTreeMap<String, (i64, Citation)>,
    needed: Option<u32>,
}

fn check(case: &Case) -> Verdict {
    let counts = counts(case);
    let names: BTreeSet<String> =
        discovery::records(case).iter().filter_map(|r| r.record.target.as_deref()).map(canonical).collect();
    let low_codes = codes::current(case, &[NOT_ENOUGH_COUNT]);
    // What a product of a site's own needs, only its publisher knows.
    let own = own::only_own(case);
    let needed = i64::from(counts.needed.unwrap_or(if own { 0 } else { 25 }));
    let low: Vec<_> = counts.by_host.iter().filter(|(_, (count, _))| *count < needed).collect();
    let sum: i64 = counts.by_host.values().map(|(count, _)| (*count).max(0)).sum();
    let complained = !low_codes.is_empty()
        || clients::clients(case)
            .iter()
            .any(|c| c.last_attempt().is_some_and(clients::Attempt::count_too_low));
    if low.len() < 2 || low.len() < counts.by_host.len() {
        return match (counts.by_host.is_empty(), complained && names.len() > 1) {
            (_, true) => collecting::unknown("K406", &[collecting::HOST_DLV, collecting::CLIENT_EVENTS]),
            (true, false) => collecting::unknown("K406", &[collecting::SRV_LOOKUP, collecting::HOST_DLV]),
            (false, false) => Verdict::Clear,
        };
    }
    let confidence = match (sum >= needed, complained) {
        (true, true) => Confidence::Certain,
        (true, false) => Confidence::Likely,
        // Even together they would not reach the threshold: the number of machines is the cause.
        (false, _) => return Verdict::Clear,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let list: Vec<String> = low.iter().map(|(host, (count, _))| format!("{host}: {count}")).collect();
    finding.variant = own.then_some("own");
    finding.args = vec![
        ("hosts", low.len().into()),
        ("counts", list.join(", ").into()),
        ("sum", sum.into()),
        ("needed", needed.into()),
    ];
    finding.evidence = low.iter().map(|(_, (_, citation))| citation.clone()).collect();
    finding.evidence.extend(discovery::records(case).iter().take(1).map(|r| r.item.cite("records")));
    finding.evidence.extend(low_codes.iter().take(2).map(|s| s.item.cite(s.field())));
    finding.machines = low.iter().map(|(host, _)| (*host).clone()).collect();
    finding.stops = clients::clients(case).len().max(low.len());
    finding.explains = vec![Explained::Cause(Cause::CountTooLow)];
    finding.explains.extend(low_codes.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "one-record", Safety::Disruptive)
            .step(Shell::Powershell, [
                "Get-DnsServerResourceRecord -ZoneName <zone> -Name _vlmcs._tcp -RRType Srv",
                "Remove-DnsServerResourceRecord -ZoneName <zone> -Name _vlmcs._tcp -RRType Srv -RecordData 0,0,1688,<surplus-host>.",
            ])
            .undo([
                "Add-DnsServerResourceRecord -Srv -ZoneName <zone> -Name _vlmcs._tcp -DomainName <surplus-host> -Priority 0 -Weight 0 -Port 1688",
            ])
            .verify(["nslookup -type=srv _vlmcs._tcp.<zone>"]),
        Remedy::new(RULE.code, "retire-host", Safety::Disruptive)
            .step(Shell::Cmd, [
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <setup-key-of-the-edition>",
                "net stop sppsvc && net start sppsvc",
            ])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dlv"]),
        Remedy::new(RULE.code, "forget-cached-host", Safety::Safe)
            .step(Shell::Cmd, [
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ckhc",
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ato",
            ])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /skhc"])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dli"]),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general"];
    Verdict::Faults(vec![finding])
}

/// The count of each host: as it printed it, else as it last answered a client, else from its log.
fn counts(case: &Case) -> Counts {
    let mut counts = Counts::default();
    let mut newest: BTreeMap<String, (Option<i64>, u32)> = BTreeMap::new();
    for client in clients::clients(case) {
        for attempt in &client.attempts {
            if let Some((_, event)) = attempt.request {
                counts.needed = counts.needed.max(event.min_count);
            }
            if let (Some(host), Some((item, event))) = (attempt.host(), attempt.response)
                && let Some(count) = event.current_count
            {
                let host = host_name(case, host, &client);
                let told = (attempt.at(), count);
                if newest.get(&host).is_none_or(|known| *known <= told) {
                    newest.insert(host.clone(), told);
                    counts.by_host.insert(host, (i64::from(count), item.cite("current_count")));
                }
            }
        }
    }
    for log in counting::logs(case) {
        counts.needed = counts.needed.max(log.largest_n_policy());
        if let (Some(curve), Some((item, _))) = (log.curve(None), log.requests.last()) {
            counts.by_host.entry(short(&log.label)).or_insert((i64::from(curve.last), item.cite("cmid")));
        }
    }
    let told_by_clients = !newest.is_empty();
    for host in hosts::hosts(case) {
        // A host without a name may be the very one that the clients asked.
        let unnamed = host.machine.and_then(|id| case.machines.get(id)).is_none_or(|machine| machine.unnamed);
        if unnamed && told_by_clients {
            continue;
        }
        let Some((item, license)) = host.product() else { continue };
        counts.needed = counts.needed.max(license.min_count);
        if let Some(count) = license.current_count {
            counts.by_host.insert(short(&host.label), (count, item.cite("current_count")));
        }
    }
    counts
}

/// A host as other evidence calls it: by the name of the machine that has the address, itself for loopback.
fn host_name(case: &Case, asked: &str, client: &clients::Client<'_>) -> String {
    let address = asked.trim_matches(['[', ']']).parse::<IpAddr>();
    let Ok(address) = address else { return short(asked) };
    if address.is_loopback() {
        return short(&client.label);
    }
    let machine = case.machines.iter().find(|machine| machine.is_called(asked) && !machine.names.is_empty());
    machine.map_or_else(|| asked.to_owned(), |machine| short(&machine.label()))
}

fn short(name: &str) -> String {
    model::host_name::first_label(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answered, arg, ato, case, collects, explains_cause, found, host_dlv, only, sent};

    fn host(name: &str, count: u32) -> String {
        format!("C:\\>hostname\n{name}\n\n{}", host_dlv("Licensed", count, "enabled"))
    }

    #[test]
    fn two_hosts_that_would_reach_it_together() {
        let a = host("kms-a", 15);
        let b = host("kms-b", 13);
        let verdict = check(&case(&[("a.txt", &a), ("b.txt", &b)]));
        assert_eq!(found(&verdict), [(Cause::TooManyHosts, Confidence::Likely)]);
        let finding = only(check(&case(&[("a.txt", &a), ("b.txt", &b), ("PC-1.txt", &ato("0xC004F038"))])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!((arg(&finding, "sum"), arg(&finding, "needed")), ("28".into(), "25".into()));
        assert_eq!(arg(&finding, "counts"), "kms-a: 15, kms-b: 13");
        assert!(explains_cause(&finding, Cause::CountTooLow));
    }

    #[test]
    fn clients_of_one_fleet_that_were_answered_by_two_hosts() {
        let exchange = |name: &str, host: &str, count: u32| {
            sent(name, "2025-06-03T07:20:00", "0x00000000", host)
                + &answered(name, "2025-06-03T07:20:01", false, count)
        };
        let files = [
            ("PC-1.xml", &*exchange("PC-1", "kms-a.contoso.com", 14)),
            ("PC-2.xml", &*exchange("PC-2", "kms-b.contoso.com", 12)),
        ];
        let verdict = check(&case(&files));
        assert_eq!(found(&verdict), [(Cause::TooManyHosts, Confidence::Certain)]);
    }

    #[test]
    fn two_hosts_above_the_threshold_are_good_practice() {
        let files = [("a.txt", &*host("kms-a", 50)), ("b.txt", &*host("kms-b", 31))];
        assert_eq!(check(&case(&files)), Verdict::Clear);
    }

    #[test]
    fn too_few_machines_in_all_are_not_the_fault_of_the_second_host() {
        let files =
            [("a.txt", &*host("kms-a", 8)), ("b.txt", &*host("kms-b", 7)), ("PC-1.txt", &ato("0xC004F038"))];
        assert_eq!(check(&case(&files)), Verdict::Clear);
    }

    #[test]
    fn without_counts_it_asks_for_them() {
        assert_eq!(collects(&check(&case(&[]))), [collecting::SRV_LOOKUP, collecting::HOST_DLV]);
    }
}
