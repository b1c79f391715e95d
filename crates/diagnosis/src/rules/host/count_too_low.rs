//! # K404: fewer distinct machines than the client needs
//!
//! ## What it means
//! The host works and answers with its count, and the count is below the client's N-policy: 25 for Windows clients,
//! 5 for Windows Server and Office.
//!
//! ## How it is recognised
//! 12289 with activation flag 0 and status flag 0x04000000; 0xC004F038; the host's printed count.
//!
//! ## What fixes it
//! More machines that ask within 30 days; mended clones; one host instead of several; or a MAK or Active
//! Directory-based activation where the site is small.
//!
//! ## When it misleads
//! Clones (K405) and several hosts (K406) make the same picture and are the deeper cause.
//! Azure's own KMS never says this: a VM that does still asks a host of the site.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-activation-planning>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/activation-error-0xc004cf038-insufficient-kms-host-pool-count>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting};
use crate::survey::{clients, codes, counting, hosts, own};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K404", cause: Cause::CountTooLow, check, source: include_str!("count_too_low.rs") };

/// SL_E_VL_NOT_ENOUGH_COUNT.
pub(crate) const NOT_ENOUGH_COUNT: u32 = 0xC004_F038;

/// What the message needs.
#[derive(Debug, Default)]
struct CountTooLow {
    count: Option<i64>,
    needed: Option<u32>,
    evidence: Vec<Citation>,
    machines: Vec<String>,
    said_by_client: bool,
    /// The product is of a site's own, and its publisher says how many machines it needs.
    own: bool,
}

fn check(case: &Case) -> Verdict {
    let fault = gather(case);
    let hosts = hosts::hosts(case);
    if !fault.said_by_client {
        return by_host_alone(case, &hosts);
    }
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    fill(&mut finding, fault);
    finding.explains =
        codes::current(case, &[NOT_ENOUGH_COUNT]).iter().map(|s| Explained::Code(s.code)).collect();
    Verdict::Faults(vec![finding])
}

fn gather(case: &Case) -> CountTooLow {
    let mut fault = CountTooLow::default();
    for client in clients::clients(case) {
        let Some(attempt) = client.last_attempt().filter(|a| a.count_too_low()) else { continue };
        fault.said_by_client = true;
        fault.machines.push(client.label.clone());
        if let Some((item, event)) = attempt.response {
            fault.evidence.push(item.cite("activated"));
            fault.count = event.current_count.map(i64::from).or(fault.count);
        }
        if let Some((item, event)) = attempt.request {
            fault.evidence.push(item.cite("min_count"));
            fault.needed = event.min_count.or(fault.needed);
            fault.own |= own::is_own(case, &item);
        }
    }
    for seen in codes::current(case, &[NOT_ENOUGH_COUNT]) {
        fault.said_by_client = true;
        fault.evidence.push(seen.item.cite(seen.field()));
        fault.machines.extend(case.machine_label(seen.machine()));
        fault.own |= own::is_own(case, &seen.item);
        if let model::Fact::License(license) = &seen.item.evidence.fact.value {
            fault.count = fault.count.or(license.current_count);
            fault.needed = fault.needed.or(license.min_count);
        }
    }
    // A host counts each application for itself: the printed count meant is the one that the client was told,
    // else the lowest.
    let hosts = hosts::hosts(case);
    let mut printed: Vec<_> = hosts
        .iter()
        .flat_map(|host| host.products.iter())
        .filter_map(|(item, license)| Some((license.current_count?, item)))
        .collect();
    printed.sort_by_key(|(count, _)| (fault.count.is_some_and(|told| told != *count), *count));
    if let Some((count, item)) = printed.first() {
        fault.count = fault.count.or(Some(*count));
        fault.evidence.push(item.cite("current_count"));
    }
    for log in counting::logs(case) {
        fault.needed = fault.needed.or(log.largest_n_policy());
    }
    fault.machines.sort();
    fault.machines.dedup();
    fault
}

/// No client complains in the evidence, but the host's count is below what its clients ask for.
fn by_host_alone(case: &Case, hosts: &[hosts::Host<'_>]) -> Verdict {
    let needed = counting::logs(case).iter().filter_map(counting::HostLog::largest_n_policy).max();
    let low = hosts.iter().find_map(|host| {
        let (item, license) = host.product()?;
        let own = own::is_own(case, &item);
        // What a host of our own needs, only its publisher knows.
        let threshold = if own { license.min_count.or(needed) } else { Some(25) };
        let count = license.current_count.filter(|c| (0..i64::from(threshold.unwrap_or(0))).contains(c))?;
        let waiting = license.requests_by_status.as_ref().is_some_and(|by| by.licensed == Some(0));
        Some((host, item, count, waiting, own.then_some(threshold).flatten()))
    });
    let Some((host, item, count, waiting, own_threshold)) = low else {
        let any_count = hosts.iter().any(|h| h.count().is_some());
        let well = clients::clients(case).iter().any(clients::Client::is_well);
        return match any_count || well {
            true => Verdict::Clear,
            false => collecting::unknown("K404", &[collecting::HOST_DLV, collecting::CLIENT_EVENTS]),
        };
    };
    let needed = needed.or(own_threshold);
    let threshold = i64::from(needed.unwrap_or(25));
    if count >= threshold || clients::clients(case).iter().any(clients::Client::is_well) {
        return Verdict::Clear;
    }
    let confidence = match (needed.is_some(), waiting) {
        // Nobody has asked yet: the way to the host is the question, not the number of machines.
        _ if asked_nobody(&item) => Confidence::Possible,
        (true, _) => Confidence::Likely,
        (false, true) if count < 5 => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let evidence = vec![item.cite("current_count")];
    fill(
        &mut finding,
        CountTooLow {
            count: Some(count),
            needed,
            evidence,
            machines: vec![host.label.clone()],
            said_by_client: false,
            own: own_threshold.is_some(),
        },
    );
    if confidence == Confidence::Possible {
        finding.severity = Severity::Warning;
    }
    Verdict::Faults(vec![finding])
}

fn asked_nobody(item: &crate::case::Item<'_>) -> bool {
    matches!(&item.evidence.fact.value, model::Fact::License(license) if license.total_requests == Some(0))
}

fn fill(finding: &mut Finding, fault: CountTooLow) {
    finding.variant = Some(match (fault.count, fault.needed) {
        (Some(_), Some(_)) if fault.own => "own-numbers",
        _ if fault.own => "own-code",
        (Some(_), Some(_)) => "numbers",
        (Some(_), None) => "count",
        _ => "code",
    });
    finding.args = vec![
        ("count", fault.count.unwrap_or_default().into()),
        ("needed", i64::from(fault.needed.unwrap_or_default()).into()),
    ];
    finding.stops = fault.machines.len().max(1);
    finding.machines = fault.machines;
    finding.evidence = fault.evidence;
    finding.remedies = vec![
        Remedy::new(RULE.code, "look-at-host", Safety::ShowOnly)
            .step(
                Shell::Cmd,
                [
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /dlv",
                    "wevtutil epl \"Key Management Service\" kms-host.evtx",
                ],
            )
            .verify(["kmscope diagnose kms-host.evtx"]),
        Remedy::new(RULE.code, "more-machines", Safety::Safe)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /ato"])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dli"]),
        Remedy::new(RULE.code, "other-method", Safety::Disruptive)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <mak-key>"])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <setup-key>"])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /xpr"]),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/kms-activation-planning"];
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        answered, arg, ato, case, cmid, collects, explains_code, host_dlv, only, processed, quotes, sent,
    };

    fn refused(count: u32) -> String {
        sent("PC-1", "2025-06-03T07:20:00", "0x00000000", "kms01.contoso.com")
            + &answered("PC-1", "2025-06-03T07:20:01", false, count)
    }

    #[test]
    fn an_answer_that_does_not_activate_tells_both_numbers() {
        let finding = only(check(&case(&[("PC-1.xml", &refused(12)), ("PC-1.txt", &ato("0xC004F038"))])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("numbers")));
        assert_eq!((arg(&finding, "count"), arg(&finding, "needed")), ("12".into(), "25".into()));
        assert_eq!(finding.machines, ["PC-1"]);
        assert!(explains_code(&finding, 0xC004_F038));
    }

    #[test]
    fn a_code_alone_is_certain_without_numbers() {
        let finding = only(check(&case(&[("PC-1.txt", &ato("0xC004F038"))])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("code")));
    }

    #[test]
    fn the_host_alone_is_likely_when_its_log_tells_what_is_asked_for() {
        let host = format!("C:\\>hostname\nkms01\n\n{}", host_dlv("Licensed", 12, "enabled"));
        let finding = only(check(&case(&[("kms01.txt", &host)])));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Possible, Severity::Warning));
        let log = processed("kms01", "2025-06-03T07:20:00", "0x0", "pc-1.contoso.com", &cmid(1));
        let finding = only(check(&case(&[("kms01.txt", &host), ("kms01.xml", &log)])));
        assert_eq!((finding.confidence, arg(&finding, "needed")), (Confidence::Likely, "25".to_owned()));
        assert!(quotes(&finding, "Current count: 12"));
    }

    #[test]
    fn enough_count_and_a_client_that_was_activated_later_are_clear() {
        let host = host_dlv("Licensed", 30, "enabled");
        assert_eq!(check(&case(&[("kms01.txt", &host)])), Verdict::Clear);
        let later = refused(24)
            + &sent("PC-1", "2025-06-03T09:20:00", "0x00000000", "kms01.contoso.com")
            + &answered("PC-1", "2025-06-03T09:20:01", true, 25);
        assert_eq!(check(&case(&[("PC-1.xml", &later)])), Verdict::Clear);
    }

    #[test]
    fn without_any_count_it_asks_for_the_host_s() {
        let asked = collects(&check(&case(&[("PC-1.txt", &ato("0xC004F074"))])));
        assert_eq!(asked, [collecting::HOST_DLV, collecting::CLIENT_EVENTS]);
    }
}
