//! # K402: the licensing service of the host does not run
//!
//! ## What it means
//! `sppsvc` (Software Protection; `slsvc` on Vista and Server 2008) is stopped, disabled, or failed to start, so nobody
//! listens on the KMS port.
//!
//! ## How it is recognised
//! The service's state on the host beside failing connections; nobody listening on 1688 there; events 12291 or 12292.
//!
//! ## What fixes it
//! Start the service and set its start type back to automatic (delayed).
//!
//! ## When it misleads
//! On a client the service stops itself when it has nothing to do; that is normal.
//! An event before the last request or publication of the same host is over, and no fault any more.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004f074-activate-windows>

use std::collections::HashMap;

use model::Event;
use model::event::{INITIALIZATION_FAILED, PUBLISHING_SUCCEEDED, RENEWAL_TIMER_FAILED, REQUEST_PROCESSED};
use model::windows::ServiceState;

use crate::case::{Case, Item, MachineId};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::targets::{self, How};
use crate::survey::{codes, hosts};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K402",
    cause: Cause::HostServiceStopped,
    check,
    source: include_str!("host_service_stopped.rs"),
};

/// ERROR_SERVICE_DISABLED.
const SERVICE_DISABLED: u32 = 0x8007_0422;

fn check(case: &Case) -> Verdict {
    let stopped: Vec<_> =
        case.services().filter(|(item, service)| is_stopped(service) && on_a_host(case, item)).collect();
    let running = case.services().any(|(_, s)| is_licensing(s) && state_is(s, "RUNNING"));
    let worked = last_work(case);
    let failed: Vec<_> = case
        .events()
        .filter(|(_, e)| e.is(INITIALIZATION_FAILED) || e.is(RENEWAL_TIMER_FAILED))
        .filter(|(item, e)| {
            worked.get(&item.machine).is_none_or(|last| seconds(e).is_none_or(|at| at >= *last))
        })
        .collect();
    let refused_start = codes::current(case, &[SERVICE_DISABLED]);
    if stopped.is_empty() && failed.is_empty() {
        return match running {
            true => Verdict::Clear,
            false if codes::any_current(case) => collecting::unknown("K402", &[collecting::SERVICE]),
            false => Verdict::NotApplicable,
        };
    }
    let disabled = stopped
        .iter()
        .any(|(_, s)| s.start_type.as_deref().is_some_and(|t| t.to_uppercase().contains("DISABLED")));
    let contact = failed_contacts(case);
    let confidence =
        match (stopped.is_empty(), (disabled && !refused_start.is_empty()) || !contact.is_empty()) {
            (false, true) => Confidence::Certain,
            (false, false) => Confidence::Likely,
            (true, _) => Confidence::Likely,
        };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.variant = Some(match (stopped.is_empty(), disabled) {
        (true, _) => "failed",
        (false, true) => "disabled",
        (false, false) => "stopped",
    });
    let machine = stopped
        .first()
        .map(|(item, _)| item.machine)
        .or(failed.first().map(|(item, _)| item.machine))
        .flatten();
    finding.args = vec![("host", case.machine_label(machine).unwrap_or_default().into())];
    finding.evidence = stopped.iter().map(|(item, _)| item.cite("state")).collect();
    finding.evidence.extend(
        stopped.iter().filter(|(_, s)| s.start_type.is_some()).map(|(item, _)| item.cite("start_type")),
    );
    finding.evidence.extend(failed.iter().map(|(item, _)| item.cite("hresult")));
    finding.evidence.extend(refused_start.iter().map(|s| s.item.cite(s.field())));
    finding.evidence.extend(contact.into_iter().take(3));
    finding.machines = case.machine_label(machine).into_iter().collect();
    finding.explains = [
        Cause::PortBlocked,
        Cause::HostUnreachable,
        Cause::RogueOrDeadKmsHostInDns,
        Cause::FirewallWrongRuleType,
    ]
    .map(Explained::Cause)
    .to_vec();
    let seen = codes::current(case, &[codes::NOT_REACHED, &[codes::NOT_CONTACTED]].concat());
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "start", Safety::Safe)
            .step(Shell::Cmd, ["sc config sppsvc start= delayed-auto", "net start sppsvc"])
            .step(Shell::Powershell, ["Start-Service sppsvc"])
            .verify(["sc query sppsvc", "netstat -ano | findstr :1688"])
            .verify(verifying::connection("<kms-host>", 1688)),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004f074-activate-windows",
    ];
    Verdict::Faults(vec![finding])
}

/// When each machine did a host's work last: what failed before no longer fails.
fn last_work(case: &Case) -> HashMap<Option<MachineId>, i64> {
    let mut last = HashMap::new();
    for (item, event) in case.events().filter(|(_, e)| e.is(REQUEST_PROCESSED) || e.is(PUBLISHING_SUCCEEDED))
    {
        if let Some(at) = seconds(event) {
            let known = last.entry(item.machine).or_insert(at);
            *known = at.max(*known);
        }
    }
    last
}

/// Events of one log are told by one clock.
fn seconds(event: &Event) -> Option<i64> {
    let time = event.time.as_ref()?;
    time.utc_seconds().or_else(|| time.seconds_as_printed())
}

fn is_licensing(service: &ServiceState) -> bool {
    let name = service.name.as_deref().unwrap_or_default().to_lowercase();
    let display = service.display_name.as_deref().unwrap_or_default().to_lowercase();
    matches!(name.as_str(), "sppsvc" | "slsvc") || display == "software protection"
}

fn state_is(service: &ServiceState, state: &str) -> bool {
    service.state.as_deref().is_some_and(|s| s.to_uppercase().contains(state))
}

fn is_stopped(service: &ServiceState) -> bool {
    let disabled = service.start_type.as_deref().is_some_and(|t| t.to_uppercase().contains("DISABLED"));
    let hangs = state_is(service, "STOP_PENDING")
        || state_is(service, "START_PENDING")
        || state_is(service, "PAUSED");
    is_licensing(service)
        && (state_is(service, "STOPPED") || hangs || disabled)
        && !state_is(service, "RUNNING")
}

/// The service of a host matters; a client's stops by itself. Without any sign of a role, a failing contact decides.
fn on_a_host(case: &Case, item: &Item<'_>) -> bool {
    let is_host = hosts::hosts(case).iter().any(|h| h.machine == item.machine && item.machine.is_some());
    let machine = item.machine.and_then(|id| case.machines.get(id));
    let is_target = targets::targets(case).iter().any(|t| machine.is_some_and(|m| m.is_called(&t.name)));
    let tries_itself =
        case.events().any(|(other, e)| other.machine == item.machine && (e.is(12288) || e.is(12289)))
            || case.licenses().any(|(other, l)| other.machine == item.machine && l.is_kms_client());
    // A disabled service is a fault on any machine.
    let disabled = case.services().any(|(other, service)| {
        other.machine == item.machine
            && is_licensing(service)
            && service.start_type.as_deref().is_some_and(|t| t.to_uppercase().contains("DISABLED"))
    });
    disabled || is_host || is_target || (!tries_itself && !failed_contacts(case).is_empty())
}

/// Connections to a target that failed.
fn failed_contacts(case: &Case) -> Vec<Citation> {
    let mut found = Vec::new();
    for target in targets::targets(case).iter().filter(|t| {
        t.is(How::Contacted)
            || t.is(How::Record)
            || t.is(How::Registered)
            || t.is(How::Discovered)
            || t.is(How::Tested)
    }) {
        let reach = targets::reach(case, target);
        if reach.lives() {
            continue;
        }
        found.extend(reach.refused.iter().chain(&reach.silent).chain(&reach.failed).cloned());
        found.extend(reach.not_reached.iter().map(|(citation, _)| citation.clone()));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, client_dlv, collects, event, explains_cause, only, sent, tcp_failed,
    };

    fn service(state: &str, start: &str) -> String {
        format!(
            "C:\\>hostname\nkms01\n\nC:\\>sc query sppsvc\n\nSERVICE_NAME: sppsvc\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : {state}\n        WIN32_EXIT_CODE    : 0  (0x0)\n\nC:\\>sc qc sppsvc\n[SC] QueryServiceConfig SUCCESS\n\nSERVICE_NAME: sppsvc\n        TYPE               : 10  WIN32_OWN_PROCESS\n        START_TYPE         : {start}\n        ERROR_CONTROL      : 1   NORMAL\n        BINARY_PATH_NAME   : C:\\Windows\\system32\\sppsvc.exe\n        DISPLAY_NAME       : Software Protection\n"
        )
    }

    #[test]
    fn a_disabled_service_beside_a_failing_connection_is_certain() {
        let finding = only(check(&case(&[
            ("kms01.txt", &service("1  STOPPED", "4   DISABLED")),
            ("PC-1/dns.txt", RECORD),
            ("PC-1/tnc.txt", &tcp_failed("kms01.contoso.com", "192.0.2.40", 1688, true)),
        ])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("disabled")));
        assert_eq!(arg(&finding, "host"), "kms01.contoso.com");
        assert!(explains_cause(&finding, Cause::PortBlocked));
    }

    #[test]
    fn a_service_that_only_stopped_is_likely_without_a_failing_connection() {
        let stopped = service("1  STOPPED", "2   AUTO_START  (DELAYED)");
        let finding = only(check(&case(&[("kms01.txt", &stopped), ("dns.txt", RECORD)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Likely, Some("stopped")));
    }

    #[test]
    fn a_service_that_could_not_start_wrote_12291() {
        let record = event(12291, "kms01.contoso.com", "2025-06-03T07:20:00", "0xC004F00F");
        assert_eq!(only(check(&case(&[("kms01.xml", &record)]))).variant, Some("failed"));
    }

    #[test]
    fn a_host_that_works_again_is_not_down() {
        let failed = |id| event(id, "kms01.contoso.com", "2025-06-03T07:20:00", "0x8000FFFF");
        let worked = |at| event(12294, "kms01.contoso.com", at, "0x0");
        for id in [12291, 12292] {
            let later = failed(id) + &worked("2025-06-03T07:20:01");
            assert_eq!(check(&case(&[("kms01.xml", &later)])), Verdict::NotApplicable, "{id}");
            let before = failed(id) + &worked("2025-06-03T07:19:59");
            assert_eq!(only(check(&case(&[("kms01.xml", &before)]))).variant, Some("failed"), "{id}");
        }
        // Another host's work says nothing of this one's.
        let other = event(12294, "kms02.contoso.com", "2025-06-03T08:00:00", "0x0");
        let verdict = check(&case(&[("kms01.xml", &failed(12292)), ("kms02.xml", &other)]));
        assert_eq!(only(verdict).variant, Some("failed"));
    }

    #[test]
    fn the_service_of_a_client_stops_by_itself() {
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706BA", "kms01.contoso.com");
        let client = service("1  STOPPED", "2   AUTO_START  (DELAYED)").replace("\nkms01\n", "\nPC-1\n")
            + &client_dlv("Notification", "");
        let verdict = check(&case(&[("PC-1.txt", &client), ("PC-1.xml", &request)]));
        assert_eq!(collects(&verdict), [collecting::SERVICE]);
    }

    #[test]
    fn a_running_service_is_clear_and_a_failure_without_it_asks_for_it() {
        let running = service("4  RUNNING", "2   AUTO_START  (DELAYED)");
        assert_eq!(check(&case(&[("kms01.txt", &running)])), Verdict::Clear);
        assert_eq!(collects(&check(&case(&[("ato.txt", &ato("0xC004F074"))]))), [collecting::SERVICE]);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }
}
