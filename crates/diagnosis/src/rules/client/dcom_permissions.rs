//! # K504: COM access permissions keep the activation scheduler out
//!
//! ## What it means
//! The account SELF lacks the default COM access permissions, so the licensing service can't start its own helper.
//!
//! ## How it is recognised
//! Event 8229 with 0x80070005 that names SLUI.exe; 10016 beside it.
//!
//! ## What fixes it
//! In Component Services give SELF Local Access and Remote Access again, and restart.
//!
//! ## When it misleads
//! 10016 alone is everyday noise and breaks nothing.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0x80070005-access-denied>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::client::not_elevated::ACCESS_DENIED;
use crate::rules::{Rule, verifying};
use crate::survey::codes;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K504", cause: Cause::DcomPermissions, check, source: include_str!("dcom_permissions.rs") };

/// "The rules engine could not perform a scheduled action."
const SCHEDULED_ACTION_FAILED: u32 = 8229;

fn check(case: &Case) -> Verdict {
    let records: Vec<_> = case
        .events_with_id(SCHEDULED_ACTION_FAILED)
        .filter(|(_, event)| event.hresult.is_none_or(|code| ACCESS_DENIED.contains(&code.value())))
        .collect();
    if records.is_empty() {
        return Verdict::NotApplicable;
    }
    let named = records.iter().any(|(_, e)| e.hresult.is_some());
    let mut finding =
        Finding::new(RULE.code, RULE.cause, if named { Confidence::Certain } else { Confidence::Likely });
    finding.evidence = records.iter().map(|(item, _)| item.cite("hresult")).collect();
    finding.evidence.extend(records.iter().take(1).map(|(item, _)| item.cite("message")));
    finding.evidence.extend(codes::current(case, ACCESS_DENIED).iter().map(|s| s.item.cite(s.field())));
    finding.evidence.dedup();
    finding.machines = records.iter().filter_map(|(item, _)| case.machine_label(item.machine)).collect();
    finding.machines.dedup();
    finding.explains = vec![Explained::Cause(Cause::NotElevated)];
    finding.explains.extend(codes::current(case, ACCESS_DENIED).iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "restore-self", Safety::ShowOnly)
            .step(Shell::Cmd, ["dcomcnfg"])
            .step(Shell::Text, ["K504-step-restore-self", "shutdown /r /t 0"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0x80070005-access-denied",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ato, case, explains_cause, explains_code, only, quotes};

    fn record(id: u32, message: &str) -> String {
        format!(
            "TimeCreated  : 6/3/2025 7:44:52 AM\nProviderName : Microsoft-Windows-Security-SPP\nId           : {id}\nMessage      : {message}\n\n"
        )
    }

    fn scheduled(code: &str) -> String {
        record(
            8229,
            &format!(
                "The rules engine failed to perform one or more scheduled actions.\n               Error Code:{code}\n               Path:C:\\WINDOWS\\System32\\SLUI.exe\n               Arguments:RuleId=eeba1977-569e-4571-b639-7623d8bfecc0;Action=AutoActivate;Trigger=UserLogon;SessionId=1"
            ),
        )
    }

    #[test]
    fn a_denied_scheduled_action_is_certain_and_explains_the_denied_console() {
        let finding = only(check(&case(&[
            ("PC-1/app.txt", &scheduled("0x80070005")),
            ("PC-1/ato.txt", &ato("0x80070005")),
        ])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(explains_cause(&finding, Cause::NotElevated) && explains_code(&finding, 0x8007_0005));
        assert!(quotes(&finding, "0x80070005"));
    }

    #[test]
    fn another_code_is_not_about_permissions_and_10016_is_everyday_noise() {
        assert_eq!(check(&case(&[("app.txt", &scheduled("0x80070057"))])), Verdict::NotApplicable);
        let noise = record(
            10016,
            "The application-specific permission settings do not grant Local Activation permission.",
        )
        .replace("Security-SPP", "DistributedCOM");
        assert_eq!(check(&case(&[("app.txt", &noise)])), Verdict::NotApplicable);
    }
}
