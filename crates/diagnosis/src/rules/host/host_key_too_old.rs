//! # K403: the host's key or its updates do not cover the client's product
//!
//! ## What it means
//! The host answers, but its KMS host key group is older than the client's product, or of another kind, or the host
//! lacks the update that teaches it the product.
//!
//! ## How it is recognised
//! 0xC004F042 on the client; 0xC004F015 or 0xC004F042 in the host's 12290 records; failed requests on the host; the
//! host key's group against the client's product.
//!
//! ## What fixes it
//! Install the update, or a newer host key, on the host; or send the client to a host that covers it.
//!
//! ## When it misleads
//! A client that reached a strange KMS (another site's, an Office-only host) sees the same code.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-activation-planning>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004f015-activate-windows-10>

use std::collections::BTreeSet;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::codes::{self, Origin};
use crate::survey::{clients, hosts, own};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K403", cause: Cause::HostKeyTooOld, check, source: include_str!("host_key_too_old.rs") };

/// SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH, SL_E_PRODUCT_SKU_NOT_INSTALLED.
const ID_MISMATCH: u32 = 0xC004_F042;
const SKU_NOT_INSTALLED: u32 = 0xC004_F015;

fn check(case: &Case) -> Verdict {
    let mut seen = codes::current(case, &[ID_MISMATCH]);
    seen.extend(
        codes::current(case, &[SKU_NOT_INSTALLED])
            .into_iter()
            .filter(|s| matches!(s.origin, Origin::HostLog | Origin::Request)),
    );
    // What the licence of a host of our own holds is another matter (K902).
    let seen = own::genuine_codes(case, seen);
    let hosts = hosts::hosts(case);
    if seen.is_empty() {
        return match hosts.is_empty() && !codes::any_current(case) {
            true => Verdict::NotApplicable,
            false if !hosts.is_empty() || clients::clients(case).iter().any(clients::Client::is_well) => {
                Verdict::Clear
            }
            false => collecting::unknown("K403", &[collecting::HOST_DLV, collecting::CLIENT_EVENTS]),
        };
    }
    let refused: BTreeSet<String> = seen
        .iter()
        .filter_map(|s| match &s.item.evidence.fact.value {
            model::Fact::Event(event) if s.origin == Origin::HostLog => {
                event.client.clone().map(String::from)
            }
            _ => case.machine_label(s.machine()),
        })
        .collect();
    let host_block = hosts.iter().find_map(hosts::Host::product);
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    let channel = host_block.and_then(|(_, l)| l.channel.clone()).unwrap_or_default();
    let product = product_of(case).unwrap_or_default();
    finding.variant = match (channel.is_empty(), product.is_empty()) {
        (false, false) => Some("named"),
        _ => None,
    };
    finding.args = vec![
        ("channel", channel.clone().into()),
        ("product", product.into()),
        ("clients", refused.len().into()),
    ];
    finding.evidence = seen.iter().take(5).map(|s| s.item.cite(s.field())).collect();
    if let Some((item, license)) = host_block {
        finding.evidence.push(item.cite("description"));
        if license.failed_requests.is_some_and(|n| n > 0) {
            finding.evidence.push(item.cite("failed_requests"));
        }
    }
    finding
        .evidence
        .extend(hosts.iter().flat_map(|h| h.products.iter()).take(4).map(|(item, _)| item.cite("name")));
    if let Some((item, _)) = case.licenses().find(|(_, l)| l.is_kms_client() && l.name.is_some()) {
        finding.evidence.push(item.cite("name"));
    }
    finding.stops = refused.len().max(1);
    finding.machines = refused.into_iter().collect();
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.explains.extend([Cause::CountTooLow].map(Explained::Cause));
    finding.remedies = vec![
        Remedy::new(RULE.code, "update-host", Safety::Disruptive)
            .step(Shell::Powershell, ["Get-HotFix | Sort-Object InstalledOn", "Get-ComputerInfo OsName,OsBuildNumber"])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "new-host-key", Safety::Disruptive)
            .step(Shell::Cmd, [
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <kms-host-key-that-covers-the-product>",
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ato",
            ])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "other-host", Safety::Safe)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /skms <host-that-covers-it>:1688"])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/windows-server/get-started/kms-activation-planning",
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004f015-activate-windows-10",
    ];
    Verdict::Faults(vec![finding])
}

/// The client's product as printed.
fn product_of(case: &Case) -> Option<String> {
    case.licenses().find(|(_, l)| !l.is_kms_host() && l.name.is_some()).and_then(|(_, l)| l.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        arg, ato, case, client_dlv, cmid, collects, explains_code, host_dlv, only, processed,
    };

    #[test]
    fn a_client_was_told_that_this_host_cannot_be_used() {
        let client = client_dlv("Initial grace period", "") + &ato("0xC004F042");
        let finding = only(check(&case(&[
            ("PC-1.txt", &client),
            ("kms01/dlv.txt", &host_dlv("Licensed", 30, "enabled")),
        ])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("named")));
        assert_eq!(arg(&finding, "channel"), "VOLUME_KMS_WS22");
        assert!(arg(&finding, "product").contains("Enterprise"));
        assert!(explains_code(&finding, 0xC004_F042));
    }

    #[test]
    fn the_host_s_log_names_every_client_that_it_refused() {
        let at = "2025-06-03T07:20:00";
        let log = processed("kms01", at, "0xC004F015", "srv-1.contoso.com", &cmid(1))
            + &processed("kms01", at, "0xC004F015", "srv-2.contoso.com", &cmid(2));
        let finding = only(check(&case(&[("kms01.xml", &log)])));
        assert_eq!((finding.variant, arg(&finding, "clients")), (None, "2".to_owned()));
        assert_eq!(finding.machines, ["srv-1.contoso.com", "srv-2.contoso.com"]);
    }

    #[test]
    fn a_missing_product_on_the_console_is_about_the_command_and_not_about_the_host() {
        let verdict = check(&case(&[("PC-1.txt", &ato("0xC004F015"))]));
        assert_eq!(collects(&verdict), [collecting::HOST_DLV, collecting::CLIENT_EVENTS]);
    }

    #[test]
    fn a_host_that_refuses_nobody_is_clear_and_nothing_is_not_its_matter() {
        assert_eq!(check(&case(&[("kms01.txt", &host_dlv("Licensed", 30, "enabled"))])), Verdict::Clear);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }
}
