//! # K905: our own host does not run, or can't do its work
//!
//! ## What it means
//! The service of a host of our own is stopped, or it runs and keeps its answers back, because its journal or the count
//! that it shares with others can't be reached.
//!
//! ## How it is recognised
//! `running: false` in `kmscope host status`, or a `health` other than `ok`.
//!
//! ## What fixes it
//! Start the service; give the journal its disk, or the host its cluster.
//!
//! ## When it misleads
//! A host that was retired, and of which a folder is left, shows the same state.
//!
//! ## Sources
//! docs/protocol.md

use model::windows::ServiceState;

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::{codes, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K905",
    cause: Cause::HostServiceStopped,
    check,
    source: include_str!("host_not_running.rs"),
};

fn check(case: &Case) -> Verdict {
    let services: Vec<(Item<'_>, &ServiceState)> =
        case.services().filter(|(_, service)| own::is_own_service(service)).collect();
    if services.is_empty() {
        return Verdict::NotApplicable;
    }
    let ill: Vec<_> =
        services.iter().filter(|(_, service)| service.state.as_deref() != Some("RUNNING")).collect();
    let Some((_, worst)) = ill.first() else { return Verdict::Clear };
    let health = worst.display_name.clone().unwrap_or_default();
    let missed = [codes::NOT_REACHED, &[codes::NOT_CONTACTED]].concat();
    let missed = own::own_codes(case, codes::current(case, &missed));
    let stopped = worst.state.as_deref() == Some("STOPPED");
    // A folder of a host that was retired looks like a stopped host, unless somebody misses it.
    let confidence = match (stopped, missed.is_empty()) {
        (true, true) => Confidence::Likely,
        _ => Confidence::Certain,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.variant = Some(if stopped { "stopped" } else { "unwell" });
    finding.args = vec![("health", health.into())];
    finding.evidence = ill.iter().map(|(item, _)| item.cite("state")).collect();
    finding.evidence.extend(missed.iter().take(4).map(|s| s.item.cite(s.field())));
    finding.explains = [
        Cause::PortBlocked,
        Cause::HostUnreachable,
        Cause::RogueOrDeadKmsHostInDns,
        Cause::FirewallWrongRuleType,
    ]
    .map(Explained::Cause)
    .to_vec();
    finding.explains.extend(missed.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "start", Safety::Safe)
            .step(Shell::Sh, ["systemctl status kmscope-host", "systemctl start kmscope-host"])
            .verify(verifying::OWN_HOST)
            .verify(["kmscope probe <host>"]),
        Remedy::new(RULE.code, "look-at-log", Safety::ShowOnly)
            .step(Shell::Sh, ["journalctl -u kmscope-host --since -1h", "kmscope diagnose <log-file>"])
            .verify(verifying::OWN_HOST),
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, case, only, own_host_status, own_sent, quotes};

    const STOPPED: &str =
        r#"{"applications":[],"last_request":null,"requests":0,"running":false,"schema":1}"#;

    #[test]
    fn a_stopped_host_is_surer_where_somebody_misses_it() {
        let finding = only(check(&case(&[("status.json", STOPPED)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Likely, Some("stopped")));
        assert!(quotes(&finding, "running"));
        let missed = own_sent("2025-06-03T07:20:00", "0x800706BA", "lic-1");
        let finding = only(check(&case(&[("status.json", STOPPED), ("cad-1.xml", &missed)])));
        assert_eq!(finding.confidence, Confidence::Certain);
    }

    #[test]
    fn a_host_that_keeps_its_answers_back_says_why() {
        let unwell = own_host_status(true, "the journal can't be written", 3);
        let finding = only(check(&case(&[("status.json", &unwell)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("unwell")));
        assert_eq!(arg(&finding, "health"), "the journal can't be written");
    }

    #[test]
    fn a_host_that_is_well_is_clear() {
        assert_eq!(check(&case(&[("status.json", &own_host_status(true, "ok", 3))])), Verdict::Clear);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }
}
