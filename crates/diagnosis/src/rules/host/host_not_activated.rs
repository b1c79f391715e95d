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
use crate::survey::{codes, hosts};

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
    let seen = codes::current(case, &[KMS_NOT_ACTIVATED]);
    let hosts = hosts::hosts(case);
    let unlicensed: Vec<_> = hosts
        .iter()
        .flat_map(|host| host.products.iter().map(move |product| (host, product)))
        .filter(|(_, (_, l))| l.license_status.is_some_and(|s| s != LicenseStatus::Licensed) && !l.not_in_use)
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
