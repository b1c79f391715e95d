//! # K506: an update or tampering made the system non-genuine
//!
//! ## What it means
//! Genuine validation failed, so the machine is in notification whatever its KMS host answers.
//!
//! ## How it is recognised
//! 0xC004F200 (notification reason "non-genuine"), 0x8004FE21, 0xC004C4A2 in event 8208, event 8209; KB971033 installed
//! on a volume-licensed Windows 7.
//!
//! ## What fixes it
//! Windows 7: remove KB971033 and rebuild the activation files. Otherwise repair the system files or reinstall.
//!
//! ## When it misleads
//! 8208 with 0x80072EE7 only says that there is no Internet.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-client/licensing-and-activation/activation-failures-not-genuine-notifications-volume-licensed-kms-client>

use model::LicenseStatus;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::{codes, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K506",
    cause: Cause::NotGenuineUpdate,
    check,
    source: include_str!("not_genuine_update.rs"),
};

/// SL_E_NOT_GENUINE, "Not genuine Windows", SL_E_VALIDATION_BLOCKED_PRODUCT_KEY, SL_E_NONGENUINE_GRACE_TIME_EXPIRED.
const NOT_GENUINE: &[u32] = &[0xC004_F200, 0x8004_FE21, 0xC004_C4A2, 0xC004_F064, 0xC004_F065];

fn check(case: &Case) -> Verdict {
    // A licence of a site's own that was revoked is another matter (K901).
    let seen = own::genuine_codes(case, codes::current(case, NOT_GENUINE));
    let mut evidence: Vec<Citation> = seen.iter().map(|s| s.item.cite(s.field())).collect();
    evidence.extend(case.events_with_id(8209).map(|(item, _)| item.cite("message")));
    for (item, license) in case.licenses().filter(|(item, _)| !own::is_own(case, item)) {
        let said = license.error_text.as_deref().is_some_and(|t| t.to_lowercase().contains("non-genuine"));
        if said {
            evidence.push(item.cite("error_text"));
        } else if license.license_status == Some(LicenseStatus::NonGenuineGrace) {
            evidence.push(item.cite("license_status"));
        }
    }
    if evidence.is_empty() {
        return Verdict::Clear;
    }
    let update = case.machine_infos().find(|(_, info)| info.updates.iter().any(|kb| kb.contains("971033")));
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    finding.variant = update.is_some().then_some("kb971033");
    finding.evidence = evidence;
    finding.evidence.extend(update.map(|(item, _)| item.cite("updates")));
    finding.evidence.dedup();
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.machines.dedup();
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.explains.push(Explained::Cause(Cause::GraceOrNotificationOnly));
    finding.remedies = vec![
        Remedy::new(RULE.code, "remove-update", Safety::Disruptive)
            .step(Shell::Cmd, ["wusa /uninstall /kb:971033", "shutdown /r /t 0"])
            .verify(["dism /online /get-packages | findstr KB971033"]),
        Remedy::new(RULE.code, "rebuild", Safety::Disruptive)
            .step(Shell::Cmd, [
                "net stop sppsvc",
                "del %windir%\\ServiceProfiles\\NetworkService\\AppData\\Roaming\\Microsoft\\SoftwareProtectionPlatform\\tokens.dat",
                "net start sppsvc",
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <setup-key>",
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ato",
            ])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "repair-files", Safety::Disruptive)
            .step(Shell::Cmd, ["sfc /scannow", "dism /online /cleanup-image /restorehealth"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-client/licensing-and-activation/activation-failures-not-genuine-notifications-volume-licensed-kms-client",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, client_dlv, explains_code, only, quotes};

    fn dlv() -> String {
        client_dlv("Notification", "Notification Reason: 0xC004F200 (non-genuine).")
    }

    #[test]
    fn a_non_genuine_notification_is_certain() {
        let finding = only(check(&case(&[("W7-1/dlv.txt", &dlv())])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, None));
        assert!(explains_code(&finding, 0xC004_F200));
    }

    #[test]
    fn the_update_is_named_where_it_is_installed() {
        let updates = "C:\\Windows\\system32>wmic qfe get HotFixID\nHotFixID\nKB971033\nKB976902\n";
        let finding = only(check(&case(&[("W7-1.txt", &(dlv() + "\n" + updates))])));
        assert_eq!(finding.variant, Some("kb971033"));
        assert!(quotes(&finding, "KB971033"), "{:?}", finding.evidence);
    }

    #[test]
    fn a_ticket_without_internet_and_a_plain_notification_are_no_proof() {
        let ticket = "TimeCreated  : 6/3/2025 7:44:52 AM\nProviderName : Microsoft-Windows-Security-SPP\nId           : 8208\nMessage      : Acquisition of genuine ticket failed (hr=0x80072EE7) for template Id 66c92734-d682-4d71-983e-d6ec3f16059f\n";
        assert_eq!(check(&case(&[("app.txt", ticket)])), Verdict::Clear);
        let plain = client_dlv("Notification", "Notification Reason: 0xC004F009 (grace time expired).");
        assert_eq!(check(&case(&[("PC-1.txt", &plain)])), Verdict::Clear);
    }
}
