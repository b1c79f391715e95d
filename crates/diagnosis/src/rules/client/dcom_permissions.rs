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
