//! # K201: nothing at all answers at the host's address
//!
//! ## What it means
//! The name has an address, but no router knows a way or no machine stands there: neither ping nor TCP gets an answer.
//!
//! ## How it is recognised
//! "Destination host unreachable", a trace that ends on the way, or ping and TCP both silent; with 12288 records that
//! carry 0x800706BA or a socket code.
//!
//! ## What fixes it
//! Bring the machine or the route back, or correct the address that DNS has for the name.
//!
//! ## When it misleads
//! Ping is often filtered: silence on ping and TCP alike can also be a firewall in front of a living machine.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::azure_signs::is_azure_kms_name;
use crate::survey::codes;
use crate::survey::targets::{self, Reach, Target};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K201", cause: Cause::HostUnreachable, check, source: include_str!("host_unreachable.rs") };

fn check(case: &Case) -> Verdict {
    let targets = targets::targets(case);
    let mut tested = false;
    let mut findings = Vec::new();
    for target in targets.iter().filter(|t| !is_azure_kms_name(&t.name)) {
        let reach = targets::reach(case, target);
        for (machine, seen) in targets::cut_off(case, target) {
            let no_way = !seen.ping_lost.is_empty() && seen.ping_answered.is_empty();
            if let Some(confidence) = confidence(&seen).filter(|_| no_way) {
                let mut found = finding(case, target, &seen, confidence);
                found.machines = case.machine_label(Some(machine)).into_iter().collect();
                findings.push(found);
            }
        }
        tested |= !reach.tests.is_empty() || !reach.served.is_empty() || !reach.ping_lost.is_empty();
        if reach.machine_lives() || !reach.no_address.is_empty() {
            continue;
        }
        if let Some(confidence) = confidence(&reach) {
            findings.push(finding(case, target, &reach, confidence.min(targets::trust(case, target))));
        }
    }
    if !findings.is_empty() {
        return Verdict::Faults(findings);
    }
    let failed_codes = codes::current(case, &[codes::NOT_REACHED, &[codes::NOT_CONTACTED]].concat());
    match (tested, failed_codes.is_empty()) {
        (true, _) | (false, true) if !targets.is_empty() => Verdict::Clear,
        _ => collecting::unknown("K201", &[collecting::CONNECTION, collecting::CLIENT_EVENTS]),
    }
}

fn confidence(reach: &Reach<'_>) -> Option<Confidence> {
    let tcp_silent = !reach.silent.is_empty() || !reach.failed.is_empty();
    let said_so = !reach.unreachable.is_empty();
    let ping_dead = !reach.ping_lost.is_empty();
    let trace_dead = !reach.trace_ends.is_empty();
    if said_so && (tcp_silent || ping_dead || !reach.not_reached.is_empty()) {
        Some(Confidence::Certain)
    } else if said_so || (tcp_silent && ping_dead) || (trace_dead && (tcp_silent || ping_dead)) {
        Some(Confidence::Likely)
    } else if ping_dead && !reach.not_reached.is_empty() {
        Some(Confidence::Possible)
    } else {
        None
    }
}

fn finding(case: &Case, target: &Target<'_>, reach: &Reach<'_>, confidence: Confidence) -> Finding {
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let address = target.addresses.first().cloned().unwrap_or_default();
    finding.args = vec![("host", target.name.clone().into()), ("address", address.into())];
    let proof: Vec<Citation> =
        [&reach.unreachable, &reach.ping_lost, &reach.trace_ends, &reach.silent, &reach.failed]
            .into_iter()
            .flatten()
            .chain(reach.not_reached.iter().map(|(citation, _)| citation))
            .cloned()
            .collect();
    finding.evidence = proof;
    finding.evidence.extend(target.citations().into_iter().take(1));
    finding.machines = reach.failing_machines.iter().filter_map(|m| case.machine_label(Some(*m))).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = reach.not_reached.iter().map(|(_, code)| Explained::Code(*code)).collect();
    finding
        .explains
        .extend(codes::current(case, &[codes::NOT_CONTACTED]).iter().map(|s| Explained::Code(s.code)));
    let host = name_or(&target.name, "<kms-host>");
    finding.remedies = vec![
        Remedy::new(RULE.code, "trace", Safety::ShowOnly)
            .step(
                Shell::Cmd,
                [format!("ping {host}"), format!("tracert -d {host}"), format!("nslookup {host}")],
            )
            .step(Shell::Powershell, [format!("Test-NetConnection {host} -TraceRoute")])
            .verify(verifying::connection(host, target.port())),
        Remedy::new(RULE.code, "other-host", Safety::Safe)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /skms <living-kms-host>:1688"])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms"])
            .verify(verifying::activation()),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general"];
    finding
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, collects, commands, explains_code, found, only, sent, tcp_failed, tcp_open,
    };

    const NO_ROUTE: &str = "C:\\>ping kms01.contoso.com\n\nPinging kms01.contoso.com [192.0.2.40] with 32 bytes of data:\nReply from 198.51.100.1: Destination host unreachable.\nReply from 198.51.100.1: Destination host unreachable.\nReply from 198.51.100.1: Destination host unreachable.\nReply from 198.51.100.1: Destination host unreachable.\n\nPing statistics for 192.0.2.40:\n    Packets: Sent = 4, Received = 4, Lost = 0 (0% loss),\n";

    #[test]
    fn a_router_that_says_so_and_a_failing_request_are_certain() {
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706BA", "kms01.contoso.com");
        let finding = only(check(&case(&[
            ("PC-1/dns.txt", RECORD),
            ("PC-1/ping.txt", NO_ROUTE),
            ("PC-1/12288.xml", &request),
        ])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!(
            (arg(&finding, "host"), arg(&finding, "address")),
            ("kms01.contoso.com".into(), "192.0.2.40".into())
        );
        assert_eq!(finding.machines, ["PC-1"]);
        assert!(explains_code(&finding, 0x8007_06BA));
        assert!(commands(&finding).contains(&"tracert -d kms01.contoso.com".to_owned()));
    }

    #[test]
    fn silence_on_ping_and_tcp_is_likely() {
        let test = tcp_failed("kms01.contoso.com", "192.0.2.40", 1688, false);
        let verdict = check(&case(&[("dns.txt", RECORD), ("tnc.txt", &test)]));
        assert_eq!(found(&verdict), [(Cause::HostUnreachable, Confidence::Likely)]);
    }

    #[test]
    fn a_machine_that_answers_ping_lives() {
        let test = tcp_failed("kms01.contoso.com", "192.0.2.40", 1688, true);
        assert_eq!(check(&case(&[("dns.txt", RECORD), ("tnc.txt", &test)])), Verdict::Clear);
    }

    #[test]
    fn a_branch_without_a_way_is_named_where_others_get_through() {
        let far = format!("C:\\>hostname\nBR-1\n\n{NO_ROUTE}");
        let near = "C:\\>hostname\nHQ-1\n\n".to_owned() + &tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        let finding = only(check(&case(&[("dns.txt", RECORD), ("a.txt", &near), ("b.txt", &far)])));
        assert_eq!(finding.machines, ["BR-1"]);
    }

    #[test]
    fn a_summary_code_without_any_test_asks_for_one() {
        let asked = collects(&check(&case(&[("ato.txt", &ato("0xC004F074"))])));
        assert_eq!(asked, [collecting::CONNECTION, collecting::CLIENT_EVENTS]);
    }
}
