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
    let waiting: Vec<_> = clients::clients(case)
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
    let (label, item, license, once_served) = &waiting[0];
    let state = license.license_status.map_or("", LicenseStatus::name);
    let expired = matches!(
        license.license_status,
        Some(LicenseStatus::Notification | LicenseStatus::OutOfToleranceGrace)
    );
    // Out of grace without any sign of an attempt: the attempts are missing from the evidence.
    // One that was served before and has been away since is explained by the time that passed.
    let confidence = if expired && !once_served { Confidence::Possible } else { Confidence::Likely };
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
