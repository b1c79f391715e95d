//! # K601: a key of another channel where a client setup key belongs
//!
//! ## What it means
//! The machine has a MAK, retail, OEM or AVMA key, or even a KMS host key, so it never asks a KMS host (or poses as one).
//!
//! ## How it is recognised
//! The channel in the product's description or key channel, on a machine that is not activated, or whose activation
//! fails with a code of Microsoft's activation servers; a host key on a machine that nothing else shows as a host.
//!
//! ## What fixes it
//! Install the setup key of the edition (`/ipk`), then activate.
//!
//! ## When it misleads
//! A machine that is activated for good by a MAK, retail or OEM key is fine as it is.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-client-activation-keys>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/activation-error-0xc004c008-product-key-not-used>

use model::{License, LicenseStatus};

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::{clients, codes, counting, discovery, hosts, own};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K601", cause: Cause::WrongKeyChannel, check, source: include_str!("wrong_key_channel.rs") };

/// Codes of Microsoft's activation servers and of AVMA: no KMS client sees them.
/// SL_E_CHPA_*, SL_E_SRV_*, SL_E_IA_*, ERROR_INTERNET_TIMEOUT, ERROR_INTERNET_NAME_NOT_RESOLVED.
const NOT_OF_KMS: &[u32] = &[
    0xC004_C001,
    0xC004_C003,
    0xC004_C008,
    0xC004_C020,
    0xC004_C021,
    0xC004_B100,
    0xC004_FD00,
    0xC004_FD01,
    0xC004_FD02,
    0xC004_FD03,
    0xC004_FD04,
    0xC004_F051,
    0x8007_2EE2,
];

/// SL_E_IA_*: what a guest with an AVMA key is told.
const AVMA_CODES: &[u32] = &[0xC004_FD00, 0xC004_FD01, 0xC004_FD02, 0xC004_FD03, 0xC004_FD04];

/// SL_E_CHPA_MAXIMUM_UNLOCK_EXCEEDED: a KMS host key on more than six machines.
const HOST_KEY_USED_UP: u32 = 0xC004_C008;

fn check(case: &Case) -> Verdict {
    let mut findings = Vec::new();
    for (item, license) in case.licenses() {
        if license.not_in_use || is_attempt(license) {
            continue;
        }
        let Some(channel) = foreign_channel(license) else { continue };
        if let Some((confidence, evidence)) = judge(case, &item, license) {
            findings.push(finding(case, &item, license, &channel, confidence, evidence));
        }
    }
    findings.extend(misplaced_host_keys(case));
    if findings.is_empty() {
        findings.extend(avma_key_in_azure(case));
    }
    if !findings.is_empty() {
        return Verdict::Faults(merge(findings));
    }
    let seen = case.licenses().any(|(_, l)| l.channel.is_some() || l.product_key_channel.is_some());
    match seen || !codes::any_current(case) {
        true => Verdict::Clear,
        false => collecting::unknown("K601", &[collecting::CLIENT_DLV]),
    }
}

fn is_office(license: &License) -> bool {
    let of = |text: &Option<String>| {
        text.as_deref().is_some_and(|t| t.trim_start().to_lowercase().starts_with("office"))
    };
    of(&license.name) || of(&license.description)
}

fn is_attempt(license: &License) -> bool {
    license.channel.is_none() && license.product_key_channel.is_none()
}

/// The channel, if it is one that does not use KMS.
fn foreign_channel(license: &License) -> Option<String> {
    if license.is_kms_client() || license.is_kms_host() {
        return None;
    }
    let channel = license.product_key_channel.clone().or(license.channel.clone())?;
    let upper = format!("{channel} {}", license.channel.as_deref().unwrap_or_default()).to_uppercase();
    let evaluation = upper.contains("EVAL") || upper.contains("TIMEBASED");
    let known = ["RETAIL", "OEM", "MAK", "VIRTUAL_MACHINE_ACTIVATION", "AVMA", "VT_"]
        .iter()
        .any(|word| upper.contains(word));
    (known && !evaluation).then_some(channel)
}

/// Whether the foreign channel does harm: not licensed, or failing.
fn judge(case: &Case, item: &Item<'_>, license: &License) -> Option<(Confidence, Vec<Citation>)> {
    let clients = clients::clients(case);
    let client = clients.iter().find(|c| c.machine == item.machine);
    let mine: Vec<_> = codes::seen(case)
        .into_iter()
        .filter(|s| {
            !s.overcome
                && s.code.value() != codes::EVENT_NOT_GENUINE_TICKET
                && (s.machine() == item.machine || s.machine().is_none())
        })
        .collect();
    let licensed = license.license_status == Some(LicenseStatus::Licensed);
    let another_client_product = client.is_some_and(|c| {
        c.products
            .iter()
            .any(|(_, l)| l.is_kms_client() && !l.not_in_use && is_office(l) == is_office(license))
    });
    if another_client_product {
        return None;
    }
    let mut evidence = Vec::new();
    evidence.extend(mine.iter().take(3).map(|s| s.item.cite(s.field())));
    let server_code = mine.iter().any(|s| NOT_OF_KMS.contains(&s.code.value()));
    match (licensed, license.license_status.is_some(), mine.is_empty()) {
        (true, _, _) => None,
        (false, true, _) if server_code || mine.is_empty() => Some((Confidence::Certain, evidence)),
        (false, _, false) => Some((Confidence::Certain, evidence)),
        (false, true, true) => Some((Confidence::Certain, evidence)),
        (false, false, true) => {
            // The channel alone, without state or failure: something else in the case must show trouble.
            let trouble = codes::any_current(case) || clients.iter().any(clients::Client::fails_now);
            Some((if trouble { Confidence::Likely } else { Confidence::Possible }, evidence))
        }
    }
}

fn finding(
    case: &Case,
    item: &Item<'_>,
    license: &License,
    channel: &str,
    confidence: Confidence,
    mut evidence: Vec<Citation>,
) -> Finding {
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let name = license.name.clone().unwrap_or_default();
    finding.args = vec![("channel", channel.into()), ("product", name.clone().into())];
    evidence.insert(0, item.cite("description"));
    if license.computer.is_some() {
        evidence.push(item.cite("computer"));
    }
    evidence.push(item.cite("product_key_channel"));
    evidence.push(item.cite("license_status"));
    evidence.dedup();
    finding.evidence = evidence;
    finding.machines = case.machine_label(item.machine).into_iter().collect();
    finding.explains = explained(case);
    finding.remedies = vec![install_setup_key(&name, license.service_version.as_deref())];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/kms-client-activation-keys"];
    finding
}

/// A machine that does not use KMS cannot show a fault of KMS.
fn explained(case: &Case) -> Vec<Explained> {
    let mut explained: Vec<Explained> =
        [Cause::GraceOrNotificationOnly, Cause::SrvMissing].map(Explained::Cause).to_vec();
    explained.extend(codes::current(case, NOT_OF_KMS).iter().map(|s| Explained::Code(s.code)));
    explained
}

/// Installs the setup key of a product, where the table knows one.
pub(super) fn install_setup_key(product: &str, service_version: Option<&str>) -> Remedy {
    let keys = facts::setup_keys::for_product(product, service_version);
    let key = match keys.as_slice() {
        [only] => only.key.clone(),
        _ => "<setup-key>".to_owned(),
    };
    Remedy::new(RULE.code, "install-setup-key", Safety::Disruptive)
        .step(
            Shell::Cmd,
            [
                format!("cscript //nologo %windir%\\system32\\slmgr.vbs /ipk {key}"),
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ato".to_owned(),
            ],
        )
        .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <previous-key>"])
        .verify(verifying::activation())
}

/// A code that only an AVMA key brings, on a machine in Azure, whose hosts know no AVMA.
fn avma_key_in_azure(case: &Case) -> Option<Finding> {
    let seen = codes::current(case, AVMA_CODES);
    let first = seen.first()?;
    let in_azure = crate::survey::azure_signs::signs(case).runs_there.into_iter().next()?;
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    finding.variant = Some("avma");
    finding.args =
        vec![("channel", "AVMA".into()), ("product", "".into()), ("code", first.code.to_string().into())];
    finding.evidence = seen.iter().map(|s| s.item.cite(s.field())).collect();
    finding.evidence.push(in_azure);
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.remedies = vec![install_setup_key("", None)];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-vm-activation-error-0xc004fd01-0xc004fd02",
    ];
    Some(finding)
}

/// KMS host keys on machines that are no hosts of the site: workstations, or machines whose key is used up.
fn misplaced_host_keys(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    let records = discovery::records(case);
    let used_up = codes::current(case, &[HOST_KEY_USED_UP]);
    let logs = counting::logs(case);
    let all = hosts::hosts(case);
    for host in &all {
        let Some((item, license)) = host.product().filter(|(item, _)| !own::is_own(case, item)) else {
            continue;
        };
        let name = license.name.clone().unwrap_or_default();
        let is_office = name.to_lowercase().starts_with("office");
        let machine = host.machine.and_then(|id| case.machines.get(id));
        let in_dns = records
            .iter()
            .any(|r| machine.is_some_and(|m| r.record.target.as_deref().is_some_and(|t| m.is_called(t))));
        let serves = license.current_count.is_some_and(|n| n >= 5)
            || logs.iter().any(|log| log.machine == host.machine && log.names().len() > 1);
        let exhausted = used_up.iter().any(|s| s.machine() == host.machine);
        let workstation = facts::product_name::ProductName::parse(&name)
            .is_some_and(|p| p.kind == facts::releases::ReleaseKind::Client);
        let another_host = all.iter().any(|other| {
            other.machine != host.machine
                && other.product().is_some_and(|(_, l)| l.current_count.is_some_and(|n| n >= 5))
        });
        // A used-up key is a matter of activation on a lone server; on many machines, or on a workstation, of deployment.
        let exhausted = exhausted && (workstation || all.len() > 2);
        let suspicious = exhausted
            || (workstation && another_host)
            || (workstation && in_dns && license.current_count.is_none_or(|n| n <= 2));
        if serves || is_office || !suspicious {
            continue;
        }
        let confidence = if exhausted || another_host { Confidence::Certain } else { Confidence::Likely };
        let channel = license.product_key_channel.clone().or(license.channel.clone()).unwrap_or_default();
        let mut finding = finding(case, &item, license, &channel, confidence, Vec::new());
        finding.variant = Some("host-key");
        finding
            .explains
            .extend([Cause::HostNotActivated, Cause::RogueOrDeadKmsHostInDns].map(Explained::Cause));
        finding.evidence.extend(used_up.iter().map(|s| s.item.cite(s.field())));
        findings.push(finding);
    }
    findings
}

/// One finding for all machines with the same channel.
fn merge(findings: Vec<Finding>) -> Vec<Finding> {
    let mut merged: Vec<Finding> = Vec::new();
    for finding in findings {
        match merged.iter_mut().find(|m| m.args == finding.args && m.variant == finding.variant) {
            Some(known) => {
                known.evidence.extend(finding.evidence);
                known.machines.extend(finding.machines);
                known.machines.sort();
                known.machines.dedup();
                known.stops = known.machines.len().max(1);
                known.confidence = known.confidence.max(finding.confidence);
            }
            None => merged.push(finding),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, client_dlv, collects, commands, explains_cause, explains_code, host_dlv,
        only, product_dlv,
    };

    fn mak(status: &str) -> String {
        product_dlv("Windows(R), Enterprise edition", "VOLUME_MAK", "Volume:MAK", "XXXXX", status, "")
    }

    #[test]
    fn a_mak_that_is_used_up_where_a_setup_key_belongs() {
        let text = mak("Notification") + &ato("0xC004C020");
        let finding = only(check(&case(&[("PC-1.txt", &text)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, None));
        assert_eq!(arg(&finding, "channel"), "Volume:MAK");
        assert!(explains_code(&finding, 0xC004_C020) && explains_cause(&finding, Cause::SrvMissing));
        assert!(commands(&finding).iter().any(|c| c.ends_with("/ipk NPPR9-FWDCX-D2C8J-H872K-2YT43")));
    }

    #[test]
    fn a_machine_that_a_mak_activated_for_good_is_fine_as_it_is() {
        assert_eq!(check(&case(&[("PC-1.txt", &mak("Licensed"))])), Verdict::Clear);
    }

    #[test]
    fn a_foreign_block_beside_a_kms_client_of_the_same_machine_is_not_the_one_in_use() {
        let both = mak("Unlicensed") + "\n" + &client_dlv("Licensed", "");
        assert_eq!(check(&case(&[("PC-1.txt", &both)])), Verdict::Clear);
    }

    #[test]
    fn a_host_key_on_a_workstation_beside_the_real_host() {
        let key = product_dlv(
            "Windows(R), Enterprise edition",
            "VOLUME_KMS_W10",
            "Volume:CSVLK",
            "XXXXX",
            "Notification",
            "",
        );
        let named = |name: &str, text: &str| format!("C:\\>hostname\n{name}\n\n{text}");
        let finding = only(check(&case(&[
            ("PC-9.txt", &named("PC-9", &key)),
            ("kms01.txt", &named("kms01", &host_dlv("Licensed", 30, "enabled"))),
            ("dns.txt", RECORD),
        ])));
        assert_eq!((finding.variant, finding.confidence), (Some("host-key"), Confidence::Certain));
        assert_eq!(finding.machines, ["PC-9"]);
    }

    #[test]
    fn a_failure_without_the_licence_asks_for_it() {
        assert_eq!(collects(&check(&case(&[("PC-1.txt", &ato("0xC004F074"))]))), [collecting::CLIENT_DLV]);
        assert_eq!(check(&case(&[])), Verdict::Clear);
    }
}
