//! # K507: no attempt was made yet, nothing is broken but time
//!
//! ## What it means
//! A KMS client in its grace period that has not tried, or has not been told to try.
//!
//! ## How it is recognised
//! A KMS client product in grace, and no failing attempt, code or test anywhere in the evidence.
//!
//! ## What fixes it
//! `slmgr /ato`, or patience: the client tries by itself every two hours.
//!
//! ## When it misleads
//! The evidence may simply lack the attempts: ask for the events when the state does not change within a day.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general>

use model::LicenseStatus;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::{Attempt, clients, codes};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K507",
    cause: Cause::GraceOrNotificationOnly,
    check,
    source: include_str!("grace_or_notification_only.rs"),
};

/// SL_E_GRACE_TIME_EXPIRED: the reason of a plain notification state.
const GRACE_TIME_EXPIRED: u32 = 0xC004_F009;

fn check(case: &Case) -> Verdict {
    let mut waiting: Vec<_> = clients::clients(case)
        .into_iter()
        .filter(|client| {
            client.attempts.iter().all(Attempt::activated)
                && client.console.is_empty()
                && client.failures.is_empty()
        })
        .filter_map(|client| {
            let product = client.products.iter().find(|(_, l)| {
                let in_grace = matches!(
                    l.license_status,
                    Some(
                        LicenseStatus::InitialGrace
                            | LicenseStatus::ExtendedGrace
                            | LicenseStatus::Notification
                            | LicenseStatus::OutOfToleranceGrace
                    )
                );
                let plain = l.notification_reason.is_none_or(|code| code.value() == GRACE_TIME_EXPIRED);
                in_grace && l.is_kms_client() && plain && !l.not_in_use
            });
            let once_served = !client.attempts.is_empty();
            product.map(|(item, license)| (client.label.clone(), *item, *license, once_served))
        })
        .collect();
    let other_codes = codes::seen(case).iter().any(|s| {
        !s.overcome
            && s.code.value() != GRACE_TIME_EXPIRED
            && s.code.value() != codes::EVENT_NOT_GENUINE_TICKET
    });
    if waiting.is_empty() || other_codes {
        return Verdict::Clear;
    }
    // Out of grace without any sign of an attempt: the attempts are missing from the evidence.
    // One that was served before and has been away since is explained by the time that passed.
    let unexplained = |license: &model::License, once_served: bool| {
        let expired = [LicenseStatus::Notification, LicenseStatus::OutOfToleranceGrace];
        license.license_status.is_some_and(|state| expired.contains(&state)) && !once_served
    };
    // The worst of them decides.
    waiting
        .sort_by_key(|(label, _, license, once_served)| (!unexplained(license, *once_served), label.clone()));
    let (label, item, license, once_served) = &waiting[0];
    let state = license.license_status.map_or("", LicenseStatus::name);
    let confidence =
        if unexplained(license, *once_served) { Confidence::Possible } else { Confidence::Likely };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.severity = Severity::Info;
    finding.args = vec![("machine", label.into()), ("state", state.into())];
    finding.evidence = waiting.iter().map(|(_, item, _, _)| item.cite("license_status")).collect();
    finding.evidence.push(item.cite("time_remaining_min"));
    finding.evidence.dedup();
    finding.machines = waiting.iter().map(|(label, _, _, _)| label.clone()).collect();
    finding.remedies = vec![
        Remedy::new(RULE.code, "activate", Safety::Safe)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /ato"])
            .verify(verifying::activation()),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general"];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answered, arg, ato, case, client_dlv, found, only, sent};

    #[test]
    fn a_client_in_grace_that_has_not_tried_is_information() {
        let files =
            [("NEW-1.txt", &*format!("C:\\>hostname\nNEW-1\n\n{}", client_dlv("Initial grace period", "")))];
        let finding = only(check(&case(&files)));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Likely, Severity::Info));
        assert_eq!(arg(&finding, "machine"), "NEW-1");
    }

    #[test]
    fn out_of_grace_without_an_attempt_the_attempts_are_missing_from_the_evidence() {
        let late = client_dlv("Notification", "Notification Reason: 0xC004F009 (grace time expired).");
        let verdict = check(&case(&[("PC-1/dlv.txt", &late)]));
        assert_eq!(found(&verdict), [(Cause::GraceOrNotificationOnly, Confidence::Possible)]);
        let served = sent("PC-1", "2025-01-03T07:20:00", "0x00000000", "kms01.contoso.com")
            + &answered("PC-1", "2025-01-03T07:20:01", true, 30);
        let verdict = check(&case(&[("PC-1/dlv.txt", &late), ("PC-1/events.xml", &served)]));
        assert_eq!(found(&verdict), [(Cause::GraceOrNotificationOnly, Confidence::Likely)]);
    }

    #[test]
    fn a_failing_attempt_or_another_reason_is_another_fault() {
        let dlv = client_dlv("Initial grace period", "");
        let failed = case(&[("PC-1/dlv.txt", &dlv), ("PC-1/ato.txt", &ato("0xC004F074"))]);
        assert_eq!(check(&failed), Verdict::Clear);
        let reason = client_dlv("Notification", "Notification Reason: 0xC004F200 (non-genuine).");
        assert_eq!(check(&case(&[("PC-1/dlv.txt", &reason)])), Verdict::Clear);
        assert_eq!(check(&case(&[("PC-1/dlv.txt", &client_dlv("Licensed", ""))])), Verdict::Clear);
    }
}
