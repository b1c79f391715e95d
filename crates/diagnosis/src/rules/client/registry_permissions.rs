//! # K503: the permissions of the licensing registry or store are damaged
//!
//! ## What it means
//! The licensing service runs as Network Service and may not read or write its own keys or files, so attempts end in
//! "access denied" even for an administrator.
//!
//! ## How it is recognised
//! "Access is denied" on a key below SoftwareProtectionPlatform or S-1-5-20 or on the store, from an elevated prompt;
//! access lists without Network Service or sppsvc.
//!
//! ## What fixes it
//! Restore the permissions; take out the policy or hardening template that changed them.
//!
//! ## When it misleads
//! Some keys are closed to administrators by design; a plain "access denied" from slmgr is a prompt that is not
//! elevated (K502).
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0x80070005-access-denied>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::client::not_elevated::{ACCESS_DENIED, about_licensing_store, integrity, shown_elevation};
use crate::rules::{Rule, verifying};
use crate::survey::codes;

/// The rule.
pub const RULE: Rule = Rule {
    code: "K503",
    cause: Cause::RegistryPermissions,
    check,
    source: include_str!("registry_permissions.rs"),
};

/// Words that show the licensing store closed to its service or to an administrator.
fn proof(case: &Case) -> Vec<Citation> {
    // From a prompt that is not elevated the refusal is as it should be.
    if shown_elevation(case, false) {
        return Vec::new();
    }
    case.command_failures()
        .filter(|(_, failure)| {
            failure.access_denied
                && (failure.command.as_deref().is_some_and(about_licensing_store)
                    || failure.error_text.as_deref().is_some_and(about_licensing_store))
        })
        .map(|(item, _)| item.cite("error_text"))
        .collect()
}

/// Rows of a printed access list of the licensing key, none of which is for the service's accounts.
fn list_without_service(case: &Case) -> Vec<Citation> {
    let rows: Vec<_> = case
        .registry_values()
        .filter(|(_, value)| value.name.as_deref() == Some("(Permissions)"))
        .filter(|(_, value)| value.key.as_deref().is_none_or(about_licensing_store))
        .collect();
    let for_service = rows.iter().any(|(_, value)| {
        let data = value.data.as_deref().unwrap_or_default().to_lowercase();
        data.contains("network service") || data.contains("sppsvc") || data.contains("s-1-5-20")
    });
    if for_service { Vec::new() } else { rows.iter().map(|(item, _)| item.cite("data")).collect() }
}

/// True when the evidence shows the store's permissions damaged.
pub(crate) fn damaged(case: &Case) -> bool {
    !proof(case).is_empty()
}

fn check(case: &Case) -> Verdict {
    let mut evidence = proof(case);
    let seen = codes::current(case, ACCESS_DENIED);
    if evidence.is_empty() && shown_elevation(case, true) && !seen.is_empty() {
        evidence = list_without_service(case);
    }
    if evidence.is_empty() {
        return Verdict::NotApplicable;
    }
    evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    let confidence = if seen.is_empty() { Confidence::Likely } else { Confidence::Certain };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    evidence.extend(integrity(case, true));
    finding.evidence = evidence;
    finding.machines =
        case.command_failures().filter_map(|(item, _)| case.machine_label(item.machine)).take(1).collect();
    finding.explains = [Cause::NotElevated, Cause::TokensCorrupt].map(Explained::Cause).to_vec();
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "look", Safety::ShowOnly)
            .step(Shell::Powershell, [
                "Get-Acl 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform' | Format-List",
                "Get-Acl 'Registry::HKEY_USERS\\S-1-5-20' | Format-List",
            ])
            .step(Shell::Cmd, ["icacls %windir%\\system32\\spp\\store\\2.0"])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "restore", Safety::ShowOnly)
            .step(Shell::Cmd, [
                "reg export \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\" spp-before.reg",
                "icacls %windir%\\system32\\spp\\store\\2.0 /grant \"NT SERVICE\\sppsvc:(OI)(CI)F\" /t",
                "net stop sppsvc && net start sppsvc",
            ])
            .undo(["icacls %windir%\\system32\\spp\\store\\2.0 /reset /t"])
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
    use crate::testing::{ato, case, explains_cause, explains_code, found, only};

    const HIGH: &str = "C:\\Windows\\system32>whoami /groups | findstr /i Label\nMandatory Label\\High Mandatory Level                          Label            S-1-16-12288\n\n";
    const DENIED: &str = "C:\\Windows\\system32>reg add \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\" /v KeyManagementServiceName /t REG_SZ /d kms01.contoso.com /f\nERROR: Access is denied.\n\n";

    #[test]
    fn an_elevated_prompt_kept_out_of_the_licensing_key_and_a_denied_slmgr_are_certain() {
        let text = HIGH.to_owned() + DENIED + &ato("0x80070005");
        let finding = only(check(&case(&[("SEC-4.txt", &text)])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(explains_code(&finding, 0x8007_0005) && explains_cause(&finding, Cause::NotElevated));
    }

    #[test]
    fn the_denied_key_alone_is_likely() {
        let verdict = check(&case(&[("SEC-4.txt", &(HIGH.to_owned() + DENIED))]));
        assert_eq!(found(&verdict), [(Cause::RegistryPermissions, Confidence::Likely)]);
    }

    #[test]
    fn a_prompt_that_is_not_elevated_and_a_key_of_something_else_show_nothing() {
        let medium = HIGH.replace("High", "Medium").replace("12288", "8192");
        assert_eq!(check(&case(&[("SEC-4.txt", &(medium + DENIED))])), Verdict::NotApplicable);
        let other = DENIED.replace(
            "Windows NT\\CurrentVersion\\SoftwareProtectionPlatform",
            "Windows\\CurrentVersion\\Run",
        );
        assert_eq!(check(&case(&[("SEC-4.txt", &(HIGH.to_owned() + &other))])), Verdict::NotApplicable);
        assert_eq!(check(&case(&[("SEC-4.txt", &ato("0x80070005"))])), Verdict::NotApplicable);
    }
}
