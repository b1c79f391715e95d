//! # K505: the licensing store needs rebuilding
//!
//! ## What it means
//! tokens.dat or the data beside it is damaged or inconsistent, so that no licence can be used.
//!
//! ## How it is recognised
//! 0xC004E015, 0xC004E002 and their neighbours from slmgr or in events.
//!
//! ## What fixes it
//! Stop the service, move tokens.dat away, reinstall the licences (`/rilc`), restart, install the setup key again.
//!
//! ## When it misleads
//! 0xC004E002 also comes from wrong permissions on the store (K503): look at them first.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004e015-sl-e-eul-consumption-failed-activate-windows>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004e002-during-activation>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::codes;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K505", cause: Cause::TokensCorrupt, check, source: include_str!("tokens_corrupt.rs") };

/// SL_E_EUL_CONSUMPTION_FAILED, SL_E_TOKEN_STORE_INVALID_STATE, SL_E_TOKSTO_* (token store) codes.
const STORE_DAMAGED: &[u32] =
    &[0xC004_E015, 0xC004_E002, 0xC004_E003, 0xC004_E001, 0xC004_D301, 0xC004_D302, 0xC004_E016];

fn check(case: &Case) -> Verdict {
    let seen = codes::current(case, STORE_DAMAGED);
    let Some(first) = seen.first() else { return Verdict::Clear };
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    finding.args = vec![("code", first.code.to_string().into())];
    finding.evidence = seen.iter().map(|s| s.item.cite(s.field())).collect();
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.machines.sort();
    finding.machines.dedup();
    finding.stops = finding.machines.len().max(1);
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.remedies = vec![
        Remedy::new(RULE.code, "rebuild", Safety::Disruptive)
            .step(
                Shell::Cmd,
                [
                    "net stop sppsvc",
                    "cd /d %windir%\\system32\\spp\\store\\2.0",
                    "ren tokens.dat tokens.bar",
                    "net start sppsvc",
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /rilc",
                    "shutdown /r /t 0",
                ],
            )
            .undo([
                "net stop sppsvc",
                "ren %windir%\\system32\\spp\\store\\2.0\\tokens.bar tokens.dat",
                "net start sppsvc",
            ])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "permissions", Safety::ShowOnly)
            .step(Shell::Cmd, ["icacls %windir%\\system32\\spp\\store\\2.0\\tokens.dat"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004e015-sl-e-eul-consumption-failed-activate-windows",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, ato, case, explains_code, only};

    #[test]
    fn a_code_of_the_store_is_certain() {
        let text = format!("C:\\>hostname\nSRV-1\n\n{}", ato("0xC004E015"));
        let finding = only(check(&case(&[("SRV-1.txt", &text)])));
        assert_eq!(
            (finding.confidence, arg(&finding, "code")),
            (Confidence::Certain, "0xC004E015".to_owned())
        );
        assert_eq!(finding.machines, ["SRV-1"]);
        assert!(explains_code(&finding, 0xC004_E015));
    }

    #[test]
    fn permissions_on_the_store_explain_its_code() {
        // Looked at first: the damaged permissions (K503) say that they are the deeper cause.
        let denied = "C:\\Windows\\system32>icacls %windir%\\system32\\spp\\store\\2.0\n%windir%\\system32\\spp\\store\\2.0: Access is denied.\n\n";
        let case = case(&[("SRV-1.txt", &(denied.to_owned() + &ato("0xC004E002")))]);
        assert!(super::super::registry_permissions::damaged(&case));
        let report = crate::diagnose(&case);
        assert_eq!(report.root_cause.map(|root| root.cause), Some(Cause::RegistryPermissions));
    }

    #[test]
    fn other_codes_are_not_about_the_store() {
        assert_eq!(check(&case(&[("SRV-1.txt", &ato("0xC004F074"))])), Verdict::Clear);
    }
}
