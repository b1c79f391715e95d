//! # K107: a KMS record names a machine that is no working host of the site
//!
//! ## What it means
//! DNS sends clients to a machine that was retired, was never meant to be a host, or does not answer, while the site
//! has another host that lives.
//!
//! ## How it is recognised
//! A record's target that can't be resolved or reached, or that shows itself as no activated host, beside another host
//! that serves or at least accepts connections.
//!
//! ## What fixes it
//! Delete the record of the dead machine; see to it that the living host has one.
//!
//! ## When it misleads
//! A host that is down for an hour looks like a retired one: look at who owns the record, and ask before deleting.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-issues>
//! <https://learn.microsoft.com/windows-server/get-started/kms-replace-host>

use std::collections::BTreeSet;

use model::LicenseStatus;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::targets::{self, How, Reach, Target};
use crate::survey::{discovery, hosts, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K107",
    cause: Cause::RogueOrDeadKmsHostInDns,
    check,
    source: include_str!("rogue_or_dead_kms_host_in_dns.rs"),
};

fn check(case: &Case) -> Verdict {
    let targets = targets::targets(case);
    let named: Vec<&Target<'_>> = targets.iter().filter(|target| target.is(How::Record)).collect();
    if named.is_empty() {
        return collecting::unknown("K107", &[collecting::SRV_LOOKUP]);
    }
    let mut findings = Vec::new();
    for target in named {
        let reach = targets::reach(case, target);
        let Some((variant, evidence)) = why_dead(case, target, &reach) else { continue };
        let living = living_hosts(case, &targets, target);
        if living.is_empty() && variant != "port" {
            continue;
        }
        findings.push(finding(case, target, variant, evidence, living, &reach));
    }
    if findings.is_empty() { Verdict::Clear } else { Verdict::Faults(findings) }
}

/// Words that say that the target does not work as a host.
fn why_dead(case: &Case, target: &Target<'_>, reach: &Reach<'_>) -> Option<(&'static str, Vec<Citation>)> {
    if let Some(evidence) = wrong_port(case, target, reach) {
        return Some(("port", evidence));
    }
    if let Some(citation) = stray(case, target) {
        return Some(("stray", vec![citation]));
    }
    if !reach.served.is_empty() {
        return None;
    }
    if let Some(citation) = shows_no_host(case, target) {
        return Some(("no-host", vec![citation]));
    }
    if reach.lives() {
        return None;
    }
    let evidence: Vec<Citation> =
        [&reach.no_address, &reach.unreachable, &reach.refused, &reach.silent, &reach.failed]
            .into_iter()
            .flatten()
            .chain(reach.not_reached.iter().map(|(citation, _)| citation))
            .cloned()
            .collect();
    (!evidence.is_empty()).then_some(("dead", evidence))
}

/// The record's port is closed, and the host listens on another one.
fn wrong_port(case: &Case, target: &Target<'_>, reach: &Reach<'_>) -> Option<Vec<Citation>> {
    let recorded = target.port?;
    let listening = hosts::hosts(case).iter().find_map(|host| {
        let machine = host.machine.and_then(|id| case.machines.get(id))?;
        let (item, license) = host.product()?;
        let port =
            license.listening_port.filter(|port| *port != recorded && machine.is_called(&target.name))?;
        Some((port, item.cite("listening_port")))
    });
    let usual_is_open = recorded != 1688 && !reach.other_port.is_empty();
    if reach.lives() || (listening.is_none() && !(usual_is_open && reach.tcp_fails())) {
        return None;
    }
    let closed = reach.refused.iter().chain(&reach.silent).chain(&reach.failed).cloned();
    Some(
        listening
            .into_iter()
            .map(|(_, citation)| citation)
            .chain(closed)
            .chain(reach.other_port.iter().cloned())
            .collect(),
    )
}

/// A workstation with a host key of its own and next to no clients, while a server holds the count.
fn stray(case: &Case, target: &Target<'_>) -> Option<Citation> {
    const FEW: i64 = 5;
    let all = hosts::hosts(case);
    let is_target = |host: &hosts::Host<'_>| {
        host.machine.and_then(|id| case.machines.get(id)).is_some_and(|m| m.is_called(&target.name))
    };
    let (item, license) = all.iter().find(|host| is_target(host))?.product()?;
    let name = license.name.as_deref().and_then(facts::product_name::ProductName::parse)?;
    let workstation = name.kind == facts::releases::ReleaseKind::Client;
    let few = license.current_count.is_some_and(|count| count < FEW);
    let others = all.iter().any(|host| !is_target(host) && host.count().is_some_and(|count| count >= FEW));
    (workstation && few && others).then(|| item.cite("name"))
}

/// The target's own output: a client or an unactivated host, not a host.
fn shows_no_host(case: &Case, target: &Target<'_>) -> Option<Citation> {
    let is_target = |machine: Option<usize>| {
        machine.and_then(|id| case.machines.get(id)).is_some_and(|m| m.is_called(&target.name))
    };
    let mine: Vec<_> = case.licenses().filter(|(item, _)| is_target(item.machine)).collect();
    let is_host = mine.iter().any(|(_, l)| l.is_kms_host());
    mine.iter()
        .find(|(_, l)| {
            (!is_host && l.is_kms_client())
                || (l.is_kms_host() && l.license_status.is_some_and(|s| s != LicenseStatus::Licensed))
        })
        .map(|(item, _)| item.cite("description"))
}

/// Other machines that live as hosts: they serve, accept connections on the KMS port, or show a licensed host block.
fn living_hosts(case: &Case, targets: &[Target<'_>], dead: &Target<'_>) -> Vec<(String, Citation)> {
    let mut living: Vec<(String, Citation)> = Vec::new();
    for target in targets.iter().filter(|t| !t.is_called(&dead.name)) {
        let reach = targets::reach(case, target);
        if reach.wrong_kind {
            continue;
        }
        if let Some(citation) = reach.served.first().or(reach.open.first()) {
            living.push((target.name.clone(), citation.clone()));
        }
    }
    for (item, test) in case.connections() {
        let Some(name) = test.target.clone().or(test.address.clone()) else { continue };
        let is_dead = dead.is_called(&name) || test.address.as_deref().is_some_and(|a| dead.is_called(a));
        let known = living.iter().any(|(own, _)| model::host_name::same_machine(own, &name));
        if test.port == Some(1688)
            && test.succeeded == Some(true)
            && !is_dead
            && !known
            && !own::is_wrong_kind(test)
        {
            living.push((name, item.cite("target")));
        }
    }
    for host in hosts::hosts(case) {
        let machine = host.machine.and_then(|id| case.machines.get(id));
        let is_dead = machine.is_some_and(|m| m.is_called(&dead.name));
        if let (false, Some(true), Some((item, _))) = (is_dead, host.is_licensed(), host.product()) {
            living.push((host.label.clone(), item.cite("license_status")));
        }
    }
    living
}

fn finding(
    case: &Case,
    target: &Target<'_>,
    variant: &'static str,
    mut evidence: Vec<Citation>,
    living: Vec<(String, Citation)>,
    reach: &Reach<'_>,
) -> Finding {
    let named = discovery::records(case);
    let record = named.iter().find(|r| r.record.target.as_deref().is_some_and(|t| target.is_called(t)));
    if let Some(record) = record {
        evidence.insert(0, record.item.cite("records"));
    }
    evidence.extend(living.iter().map(|(_, citation)| citation.clone()).take(2));
    let kinds: BTreeSet<bool> =
        [!reach.not_reached.is_empty(), reach.tcp_fails() || !reach.no_address.is_empty()].into();
    let strong = variant != "dead" || kinds == BTreeSet::from([true]);
    let mut finding =
        Finding::new(RULE.code, RULE.cause, if strong { Confidence::Certain } else { Confidence::Likely });
    let living_names: Vec<String> = living.iter().map(|(name, _)| name.clone()).collect();
    finding.args = vec![("host", target.name.clone().into()), ("living", living_names.join(", ").into())];
    finding.variant = Some(variant);
    finding.evidence = evidence;
    finding.machines = reach.failing_machines.iter().filter_map(|m| case.machine_label(Some(*m))).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = [
        Cause::CountTooLow,
        Cause::TooManyHosts,
        Cause::DnsPublishFailed,
        Cause::HostUnreachable,
        Cause::HostNameUnresolvable,
        Cause::PortBlocked,
        Cause::HostNotActivated,
        Cause::DnsPublishDisabled,
    ]
    .map(Explained::Cause)
    .to_vec();
    finding.explains.extend(reach.not_reached.iter().map(|(_, code)| Explained::Code(*code)));
    let domain = record.and_then(discovery::Record::domain).unwrap_or_else(|| "<zone>".to_owned());
    let domain = name_or(&domain, "<zone>");
    let (dead, alive) = (
        name_or(&target.name, "<dead-host>"),
        living_names.first().map_or("<living-host>", |n| name_or(n, "<living-host>")),
    );
    finding.remedies = vec![
        Remedy::new(RULE.code, "remove-record", Safety::Disruptive)
            .step(Shell::Powershell, [format!(
                "Remove-DnsServerResourceRecord -ZoneName {domain} -Name _vlmcs._tcp -RRType Srv -RecordData 0,0,{port},{dead}.",
                port = target.port()
            )])
            .step(Shell::Cmd, [format!("dnscmd /RecordDelete {domain} _vlmcs._tcp SRV 0 0 {} {dead}. /f", target.port())])
            .undo([format!(
                "Add-DnsServerResourceRecord -Srv -ZoneName {domain} -Name _vlmcs._tcp -DomainName {dead} -Priority 0 -Weight 0 -Port {}",
                target.port()
            )])
            .verify(verifying::record(domain)),
        Remedy::new(RULE.code, "add-living", Safety::Safe)
            .step(Shell::Powershell, [format!(
                "Add-DnsServerResourceRecord -Srv -ZoneName {domain} -Name _vlmcs._tcp -DomainName {alive} -Priority 0 -Weight 0 -Port 1688"
            )])
            .undo([format!(
                "Remove-DnsServerResourceRecord -ZoneName {domain} -Name _vlmcs._tcp -RRType Srv -RecordData 0,0,1688,{alive}."
            )])
            .verify(verifying::activation()),
    ];
    finding.references = vec!["https://learn.microsoft.com/windows-server/get-started/kms-replace-host"];
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, case, client_dlv, collects, commands, explains_cause, found, host_dlv, only, sent,
        tcp_failed, tcp_open,
    };

    /// A record that names the retired host.
    fn old_record() -> String {
        RECORD.replace("kms01", "kms-old").replace("192.0.2.40", "192.0.2.41")
    }

    #[test]
    fn a_record_of_a_host_that_answers_nothing_beside_one_that_lives() {
        let tests = tcp_failed("kms-old.contoso.com", "192.0.2.41", 1688, false)
            + &tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706BA", "kms-old.contoso.com");
        let finding = only(check(&case(&[
            ("PC-1/srv.txt", &old_record()),
            ("PC-1/tnc.txt", &tests),
            ("PC-1/12288.xml", &request),
        ])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("dead")));
        assert_eq!(arg(&finding, "host"), "kms-old.contoso.com");
        assert_eq!(arg(&finding, "living"), "kms01.contoso.com");
        assert!(explains_cause(&finding, Cause::HostUnreachable));
        assert!(commands(&finding).iter().any(|c| c.contains("-RecordData 0,0,1688,kms-old.contoso.com.")));
    }

    #[test]
    fn one_sort_of_proof_alone_is_likely() {
        let tests = tcp_failed("kms-old.contoso.com", "192.0.2.41", 1688, false)
            + &tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        let verdict = check(&case(&[("PC-1/srv.txt", &old_record()), ("PC-1/tnc.txt", &tests)]));
        assert_eq!(found(&verdict), [(Cause::RogueOrDeadKmsHostInDns, Confidence::Likely)]);
    }

    #[test]
    fn a_record_that_names_a_client() {
        let client = client_dlv("Initial grace period", "");
        let host = host_dlv("Licensed", 30, "enabled");
        let finding = only(check(&case(&[
            ("dns.txt", &RECORD.replace("kms01", "pc-9")),
            ("pc-9.txt", &format!("C:\\>hostname\npc-9\n\n{client}")),
            ("kms01.txt", &format!("C:\\>hostname\nkms01\n\n{host}")),
        ])));
        assert_eq!(finding.variant, Some("no-host"));
        assert_eq!(arg(&finding, "living"), "kms01");
    }

    #[test]
    fn a_dead_host_without_another_that_lives_is_not_called_retired() {
        let test = tcp_failed("kms-old.contoso.com", "192.0.2.41", 1688, false);
        assert_eq!(check(&case(&[("srv.txt", &old_record()), ("tnc.txt", &test)])), Verdict::Clear);
    }

    #[test]
    fn without_a_record_it_asks_for_one() {
        assert_eq!(collects(&check(&case(&[]))), [collecting::SRV_LOOKUP]);
    }
}
