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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ato, case, explains_code, found, only, quotes};

    const MEDIUM: &str = "C:\\Users\\anna>whoami /groups | findstr S-1-16\nMandatory Label\\Medium Mandatory Level                        Label            S-1-16-8192\n\n";
    const HIGH: &str = "C:\\Windows\\system32>whoami /groups | findstr S-1-16\nMandatory Label\\High Mandatory Level                          Label            S-1-16-12288\n\n";

    fn denied() -> String {
        ato("0x80070005").replace(
            "The computer could not be activated.",
            "Access denied: the requested action requires elevated privileges.",
        )
    }

    #[test]
    fn a_denied_command_from_a_prompt_that_is_shown_not_elevated_is_certain() {
        let finding = only(check(&case(&[("PC-1.txt", &(MEDIUM.to_owned() + &denied()))])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(explains_code(&finding, 0x8007_0005));
        assert!(quotes(&finding, "S-1-16-8192"), "{:?}", finding.evidence);
    }

    #[test]
    fn the_code_alone_is_likely_and_0xc004f025_says_it_itself() {
        let alone = check(&case(&[("PC-1.txt", &ato("0x80070005"))]));
        assert_eq!(found(&alone), [(Cause::NotElevated, Confidence::Likely)]);
        let said = check(&case(&[("PC-1.txt", &ato("0xC004F025"))]));
        assert_eq!(found(&said), [(Cause::NotElevated, Confidence::Certain)]);
    }

    #[test]
    fn an_elevated_prompt_that_is_denied_has_another_fault() {
        let files = [("PC-1.txt", &*(HIGH.to_owned() + &denied()))];
        assert_eq!(check(&case(&files)), Verdict::NotApplicable);
    }

    #[test]
    fn a_scheduled_action_that_was_denied_is_not_about_the_console() {
        let scheduled = "TimeCreated  : 6/3/2025 7:44:52 AM\nProviderName : Microsoft-Windows-Security-SPP\nId           : 8229\nMessage      : The rules engine failed to perform one or more scheduled actions.\n               Error Code:0x80070005\n               Path:C:\\WINDOWS\\System32\\SLUI.exe\n               Arguments:RuleId=eeba1977-569e-4571-b639-7623d8bfecc0\n";
        assert_eq!(check(&case(&[("app.txt", scheduled)])), Verdict::Clear);
        assert_eq!(check(&case(&[("app.txt", scheduled), ("ato.txt", &denied())])), Verdict::NotApplicable);
        assert_eq!(check(&case(&[("ato.txt", &ato("0xC004F074"))])), Verdict::Clear);
    }
}
