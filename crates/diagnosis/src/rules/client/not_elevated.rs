//! # K502: the command was not run as administrator
//!
//! ## What it means
//! slmgr and ospp change machine-wide settings; without elevation Windows refuses.
//!
//! ## How it is recognised
//! "Access denied: the requested action requires elevated privileges", 0x80070005 or 0xC004F025 from slmgr or ospp.
//!
//! ## What fixes it
//! Open the command prompt with "Run as administrator" and repeat.
//!
//! ## When it misleads
//! 0x80070005 in event 8229 is not about the console (K504); "denied" on a licensing key even for an administrator
//! is about that key's permissions (K503).
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/troubleshoot-activation-error-codes>

use model::event;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::codes::{self, Origin};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K502", cause: Cause::NotElevated, check, source: include_str!("not_elevated.rs") };

/// E_ACCESSDENIED, SL_E_LUA_ACCESSDENIED.
pub(crate) const ACCESS_DENIED: &[u32] = &[0x8007_0005, 0xC004_F025];

/// True for a failed command that works on the licensing registry or store.
pub(crate) fn about_licensing_store(command: &str) -> bool {
    let command = command.to_lowercase();
    let store = ["softwareprotectionplatform", "tokens.dat", "\\spp", "currentversion\\sl", "s-1-5-20"];
    store.iter().any(|word| command.contains(word))
}

/// The words that show at which integrity level the prompt ran.
pub(crate) fn integrity(case: &Case, elevated: bool) -> Vec<Citation> {
    case.machine_infos()
        .filter(|(_, info)| info.elevated == Some(elevated))
        .map(|(item, _)| item.cite("elevated"))
        .collect()
}

/// True when the evidence shows a prompt of that kind.
pub(crate) fn shown_elevation(case: &Case, elevated: bool) -> bool {
    !integrity(case, elevated).is_empty()
}

fn check(case: &Case) -> Verdict {
    let mut evidence: Vec<Citation> = Vec::new();
    let seen: Vec<_> = codes::current(case, ACCESS_DENIED)
        .into_iter()
        .filter(|s| matches!(s.origin, Origin::Console | Origin::Command))
        .collect();
    evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    let mut machines: Vec<_> = seen.iter().map(|s| s.machine()).collect();
    let mut said_elevation = seen.iter().any(|s| s.code.value() == 0xC004_F025);
    for (item, failure) in case.command_failures().filter(|(_, f)| f.access_denied) {
        let text = failure.error_text.as_deref().unwrap_or_default().to_lowercase();
        if !shown_elevation(case, false) && failure.command.as_deref().is_some_and(about_licensing_store) {
            continue;
        }
        said_elevation |= ["elevat", "administrator", "erhöht", "élev", "管理者", "系統管理員", "管理员"]
            .iter()
            .any(|w| text.contains(w));
        evidence.push(item.cite("error_text"));
        machines.push(item.machine);
    }
    if shown_elevation(case, true) && !shown_elevation(case, false) {
        return Verdict::NotApplicable;
    }
    said_elevation |= shown_elevation(case, false);
    evidence.extend(integrity(case, false));
    let deeper = case.events().any(|(_, e)| e.is(8229)) || super::registry_permissions::damaged(case);
    let refused = !machines.is_empty();
    if !refused || deeper {
        return if !refused { Verdict::Clear } else { Verdict::NotApplicable };
    }
    let activated_since = case.events_with_id(event::RESPONSE_PROCESSED).any(|(_, e)| e.activated == Some(1));
    let confidence = match (said_elevation, activated_since) {
        (true, _) => Confidence::Certain,
        (false, false) => Confidence::Likely,
        (false, true) => Confidence::Possible,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    evidence.dedup();
    finding.evidence = evidence;
    finding.machines = machines.into_iter().filter_map(|m| case.machine_label(m)).collect();
    finding.machines.dedup();
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.remedies = vec![
        Remedy::new(RULE.code, "elevate", Safety::Safe)
            .step(Shell::Powershell, ["Start-Process cmd -Verb RunAs"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/troubleshoot-activation-error-codes",
    ];
    Verdict::Faults(vec![finding])
}
