//! # K401: the KMS host itself is not activated
//!
//! ## What it means
//! A KMS host key is installed, but the host never activated it with Microsoft, so it serves nobody.
//!
//! ## How it is recognised
//! 0xC004F041 on a client; a host's `/dlv` with a `VOLUME_KMS` channel and a state other than Licensed.
//!
//! ## What fixes it
//! Activate the host once, online or by telephone.
//!
//! ## When it misleads
//! A host key on a machine that was meant to be a client shows the same state; there the key is wrong (K601).
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-create-host>

use model::LicenseStatus;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting};
use crate::survey::{codes, hosts, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K401",
    cause: Cause::HostNotActivated,
    check,
    source: include_str!("host_not_activated.rs"),
};

/// SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED.
const KMS_NOT_ACTIVATED: u32 = 0xC004_F041;

fn check(case: &Case) -> Verdict {
    // The licence of a host of our own is another matter (K901).
    let seen = own::genuine_codes(case, codes::current(case, &[KMS_NOT_ACTIVATED]));
    let hosts = hosts::hosts(case);
    let unlicensed: Vec<_> = hosts
        .iter()
        .flat_map(|host| host.products.iter().map(move |product| (host, product)))
        .filter(|(_, (_, l))| l.license_status.is_some_and(|s| s != LicenseStatus::Licensed) && !l.not_in_use)
        .filter(|(_, (item, _))| !own::is_own(case, item))
        .filter(|(host, _)| !host.products.iter().any(|(_, l)| serves(l)))
        .collect();
    if seen.is_empty() && unlicensed.is_empty() {
        let licensed = hosts.iter().any(|h| h.is_licensed() == Some(true));
        return if licensed { Verdict::Clear } else { collecting::unknown("K401", &[collecting::HOST_DLV]) };
    }
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    let host = unlicensed.first().map(|(host, _)| host.label.clone()).unwrap_or_default();
    let state = unlicensed.first().and_then(|(_, (_, l))| l.license_status).map_or("", LicenseStatus::name);
    finding.variant = Some(if unlicensed.is_empty() { "by-client" } else { "by-host" });
    finding.args = vec![("host", host.into()), ("state", state.into())];
    finding.evidence = unlicensed.iter().map(|(_, (item, _))| item.cite("license_status")).collect();
    finding.evidence.extend(unlicensed.iter().map(|(_, (item, _))| item.cite("description")));
    finding.evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = vec![
        Explained::Cause(Cause::PortBlocked),
        Explained::Cause(Cause::HostServiceStopped),
        Explained::Cause(Cause::CountTooLow),
        Explained::Cause(Cause::HostUnreachable),
    ];
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "activate-online", Safety::Safe)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /ato"])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dlv"]),
        Remedy::new(RULE.code, "activate-by-telephone", Safety::Safe)
            .step(
                Shell::Cmd,
                [
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /dti",
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /atp <confirmation-id>",
                ],
            )
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dlv"]),
    ];
    finding.references = vec!["https://learn.microsoft.com/windows-server/get-started/kms-create-host"];
    Verdict::Faults(vec![finding])
}

/// A licensed product with a host block: the machine serves somebody.
fn serves(license: &model::License) -> bool {
    license.license_status == Some(LicenseStatus::Licensed) && license.is_kms_host()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        arg, ato, case, collects, explains_cause, explains_code, host_dlv, only, product_dlv,
    };

    /// A host that never activated shows no count.
    fn waiting() -> String {
        let name = "Windows(R), ServerStandard edition";
        product_dlv(name, "VOLUME_KMS_WS22", "Volume:CSVLK", "XXXXX", "Initial grace period", "")
    }

    #[test]
    fn the_host_shows_its_own_state() {
        let files = [("kms01.txt", &*format!("C:\\>hostname\nkms01\n\n{}", waiting()))];
        let finding = only(check(&case(&files)));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("by-host")));
        assert_eq!(arg(&finding, "host"), "kms01");
        assert!(!arg(&finding, "state").is_empty());
        assert!(explains_cause(&finding, Cause::CountTooLow));
    }

    #[test]
    fn a_client_was_told_so() {
        let finding = only(check(&case(&[("PC-1.txt", &ato("0xC004F041"))])));
        assert_eq!((finding.variant, finding.stops), (Some("by-client"), 1));
        assert!(explains_code(&finding, 0xC004_F041));
    }

    #[test]
    fn a_licensed_host_is_clear() {
        let licensed = host_dlv("Licensed", 30, "enabled");
        assert_eq!(check(&case(&[("kms01.txt", &licensed)])), Verdict::Clear);
    }

    #[test]
    fn without_the_host_it_asks_for_its_dlv() {
        assert_eq!(collects(&check(&case(&[("PC-1.txt", &ato("0xC004F074"))]))), [collecting::HOST_DLV]);
    }
}
