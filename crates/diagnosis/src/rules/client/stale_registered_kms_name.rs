//! # K501: a fixed host name that is gone or wrong
//!
//! ## What it means
//! `/skms`, the registry or a policy names a KMS host, which turns discovery off; that host is gone, or is not the one
//! for this machine.
//!
//! ## How it is recognised
//! A registered name that can't be resolved or reached while DNS, or other clients, know a living host; an Azure VM
//! that is set to a host of the site; a machine outside Azure that is set to Azure's KMS; a set port that is not the
//! one the host listens on.
//!
//! ## What fixes it
//! `/ckms` to return to discovery, or `/skms` with the right name; take it out of the policy or image that sets it.
//!
//! ## When it misleads
//! The value may come back with the next policy run; Azure images set Azure's own host, rightly.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/activation-slmgr-vbs-options>

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::host::count_too_low::NOT_ENOUGH_COUNT;
use crate::rules::{Rule, collecting, verifying};
use crate::survey::azure_signs::{self, is_azure_kms_name};
use crate::survey::targets::{self, How, Target};
use crate::survey::{clients, codes, hosts};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K501",
    cause: Cause::StaleRegisteredKmsName,
    check,
    source: include_str!("stale_registered_kms_name.rs"),
};

/// Why a fixed name is wrong.
struct Wrong {
    variant: &'static str,
    confidence: Confidence,
    evidence: Vec<Citation>,
    instead: String,
}

fn check(case: &Case) -> Verdict {
    let targets = targets::targets(case);
    let fixed: Vec<&Target<'_>> = targets.iter().filter(|t| t.is(How::Registered)).collect();
    if fixed.is_empty() {
        let looked =
            case.registry_values().next().is_some() || case.licenses().any(|(_, l)| l.kms_machine.is_some());
        return match looked || !codes::any_current(case) {
            true => Verdict::Clear,
            false => collecting::unknown("K501", &[collecting::FIXED_HOST, collecting::CLIENT_DLV]),
        };
    }
    let mut findings = Vec::new();
    for target in fixed {
        let wrong = of_another_cloud(case, target)
            .or_else(|| azure_vm_on_site_host(case, target))
            .or_else(|| site_machine_on_azure_host(case, target))
            .or_else(|| wrong_port(case, target))
            .or_else(|| gone(case, target, &targets));
        if let Some(wrong) = wrong {
            findings.push(finding(case, target, wrong));
        }
    }
    if findings.is_empty() { Verdict::Clear } else { Verdict::Faults(findings) }
}

/// Clients of the target fail, or nothing is known of them.
fn its_clients_fail(case: &Case, target: &Target<'_>) -> bool {
    // One product of a machine may fail while another is well (Office beside Windows).
    let own_product_fails = case.licenses().any(|(_, license)| {
        license.kms_machine.as_deref().is_some_and(|name| target.is_called(name))
            && license.license_status.is_some_and(|status| status != model::LicenseStatus::Licensed)
    });
    if own_product_fails {
        return true;
    }
    let machines = target.clients();
    let clients = clients::clients(case);
    let mine: Vec<_> = clients.iter().filter(|c| c.machine.is_some_and(|m| machines.contains(&m))).collect();
    mine.iter().any(|c| c.fails_now())
        || (mine.is_empty() && codes::any_current(case))
        || only_codes_fail(case, &mine)
}

/// The clients show no attempts of their own; codes elsewhere in the case speak for them.
fn only_codes_fail(case: &Case, clients: &[&clients::Client<'_>]) -> bool {
    clients.iter().all(|c| c.attempts.is_empty() && c.console.is_empty() && !c.is_well())
        && codes::any_current(case)
}

/// The metadata of the machine names a cloud, and the fixed name is the endpoint of another.
fn of_another_cloud(case: &Case, target: &Target<'_>) -> Option<Wrong> {
    let theirs = azure::cloud::of_kms_name(&target.name)?;
    let (item, own) = case
        .metadata()
        .find_map(|(item, imds)| Some((item, azure::Cloud::parse(imds.environment.as_deref()?)?)))?;
    if own == theirs || !its_clients_fail(case, target) {
        return None;
    }
    let instead = facts::azure_endpoints::azure_endpoints().of(own).find(|endpoint| endpoint.required)?;
    Some(Wrong {
        variant: "other-cloud",
        confidence: Confidence::Certain,
        evidence: vec![item.cite("environment")],
        instead: instead.name.clone(),
    })
}

fn azure_vm_on_site_host(case: &Case, target: &Target<'_>) -> Option<Wrong> {
    if is_azure_kms_name(&target.name) {
        return None;
    }
    let signs = azure_signs::signs(case);
    let in_azure = signs.runs_there.first()?.clone();
    let own_host_here = !hosts::hosts(case).is_empty() || targets::reach(case, target).served.len() > 1;
    let fails = its_clients_fail(case, target);
    if own_host_here || !fails {
        return None;
    }
    let mut evidence = vec![in_azure];
    let codes = codes::current(case, &[NOT_ENOUGH_COUNT, codes::NOT_CONTACTED, 0xC004_F042]);
    evidence.extend(codes.iter().map(|s| s.item.cite(s.field())));
    Some(Wrong {
        variant: "azure-vm",
        confidence: Confidence::Likely,
        evidence,
        instead: "azkms.core.windows.net".to_owned(),
    })
}

fn site_machine_on_azure_host(case: &Case, target: &Target<'_>) -> Option<Wrong> {
    if !is_azure_kms_name(&target.name) {
        return None;
    }
    let signs = azure_signs::signs(case);
    if !signs.runs_there.is_empty() || !its_clients_fail(case, target) {
        return None;
    }
    // Only something that shows another home speaks against Azure: a maker of hardware, or a domain with its own KMS.
    let hardware = case.machine_infos().find(|(_, info)| {
        let maker = info.manufacturer.as_deref().unwrap_or_default().to_lowercase();
        !maker.is_empty() && !maker.contains("microsoft")
    });
    let own_record =
        targets::targets(case).iter().find(|t| t.is(How::Record) && !is_azure_kms_name(&t.name)).cloned();
    let citation = hardware
        .map(|(item, _)| item.cite("manufacturer"))
        .or_else(|| own_record.as_ref().and_then(|t| t.citations().into_iter().next()))?;
    let instead = own_record.map(|t| t.name).unwrap_or_default();
    Some(Wrong { variant: "not-azure", confidence: Confidence::Likely, evidence: vec![citation], instead })
}

/// A fixed port that is not the one on which the named host listens.
fn wrong_port(case: &Case, target: &Target<'_>) -> Option<Wrong> {
    let (item, port) = fixed_port(case, target)?;
    let (host_item, listening) = hosts::hosts(case).iter().find_map(|host| {
        let machine = host.machine.and_then(|id| case.machines.get(id));
        let (item, license) = host.product()?;
        let named = machine.is_none_or(|m| m.names.is_empty() || m.is_called(&target.name));
        license.listening_port.filter(|_| named).map(|port| (item.cite("listening_port"), port))
    })?;
    if port == listening || !its_clients_fail(case, target) {
        return None;
    }
    Some(Wrong {
        variant: "port",
        confidence: Confidence::Certain,
        evidence: vec![item, host_item],
        instead: format!("{}:{listening}", target.name),
    })
}

fn fixed_port(case: &Case, target: &Target<'_>) -> Option<(Citation, u16)> {
    let by_registry = case.registry_values().find_map(|(item, value)| {
        let named = value.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("KeyManagementServicePort"));
        let port = value.data.as_deref().and_then(|data| data.trim().parse().ok())?;
        named.then(|| (item.cite("data"), port))
    });
    by_registry.or_else(|| {
        case.licenses().find_map(|(item, license)| {
            let mine = license.kms_machine.as_deref().is_some_and(|name| target.is_called(name));
            license.kms_port.filter(|_| mine).map(|port| (item.cite("kms_machine"), port))
        })
    })
}

/// The name does not resolve, or nothing answers there, while another host is known.
fn gone(case: &Case, target: &Target<'_>, targets: &[Target<'_>]) -> Option<Wrong> {
    if is_azure_kms_name(&target.name) {
        return None;
    }
    let reach = targets::reach(case, target);
    let unresolved = unresolved(case, target, &reach);
    // A fixed name without an address is stale, whether or not an attempt was made yet.
    if reach.lives() || (unresolved.is_empty() && !its_clients_fail(case, target)) {
        return None;
    }
    let mut evidence: Vec<Citation> = unresolved.clone();
    evidence.extend(
        [&reach.unreachable, &reach.refused, &reach.silent, &reach.failed, &reach.ping_lost]
            .into_iter()
            .flatten()
            .cloned(),
    );
    evidence.extend(reach.not_reached.iter().map(|(citation, _)| citation.clone()));
    if evidence.is_empty() {
        return None;
    }
    let other = other_host(case, target, targets);
    let confidence = match (&other, unresolved.is_empty()) {
        (Some((_, _, true)), _) => Confidence::Certain,
        (Some(_), _) | (None, false) => Confidence::Likely,
        (None, true) => return None,
    };
    let instead = other.as_ref().map(|(name, _, _)| name.clone()).unwrap_or_default();
    evidence.extend(other.map(|(_, citation, _)| citation));
    let variant = if unresolved.is_empty() { "unreachable" } else { "unresolvable" };
    Some(Wrong { variant, confidence, evidence, instead })
}

fn unresolved(case: &Case, target: &Target<'_>, reach: &targets::Reach<'_>) -> Vec<Citation> {
    if reach.machine_lives() {
        return Vec::new();
    }
    let mut evidence = reach.no_address.clone();
    let machines = target.clients();
    evidence.extend(
        codes::current(case, codes::NO_RECORD)
            .iter()
            .filter(|seen| seen.machine().is_none_or(|machine| machines.contains(&machine)))
            .map(|seen| seen.item.cite(seen.field())),
    );
    evidence
}

/// Another host: named by a record, serving, or showing itself; true when it is shown to live.
fn other_host(case: &Case, target: &Target<'_>, targets: &[Target<'_>]) -> Option<(String, Citation, bool)> {
    let others = targets.iter().filter(|t| !t.is_called(&target.name) && !is_azure_kms_name(&t.name));
    let mut best: Option<(String, Citation, bool)> = None;
    for other in others {
        let reach = targets::reach(case, other);
        if let Some(citation) = reach.served.first().or(reach.open.first()) {
            return Some((other.name.clone(), citation.clone(), true));
        }
        // The host that a licensed product of the site found by itself.
        let licensed_by = case.licenses().find(|(_, license)| {
            license.license_status == Some(model::LicenseStatus::Licensed)
                && license.kms_machine.as_deref().is_some_and(|name| other.is_called(name))
        });
        if let Some((item, _)) = licensed_by {
            return Some((other.name.clone(), item.cite("kms_machine"), true));
        }
        if other.is(How::Record) && best.is_none() {
            best = other.citations().into_iter().next().map(|citation| (other.name.clone(), citation, false));
        }
    }
    let licensed = hosts::hosts(case).into_iter().find(|host| {
        let machine = host.machine.and_then(|id| case.machines.get(id));
        host.is_licensed() == Some(true) && !machine.is_some_and(|m| m.is_called(&target.name))
    });
    if let Some(host) = licensed {
        let citation = host.product().map(|(item, _): (Item<'_>, _)| item.cite("license_status"));
        if let Some(citation) = citation {
            return Some((host.label, citation, true));
        }
    }
    best
}

fn finding(case: &Case, target: &Target<'_>, wrong: Wrong) -> Finding {
    let mut finding = Finding::new(RULE.code, RULE.cause, wrong.confidence);
    finding.variant = Some(wrong.variant);
    finding.args = vec![("host", target.name.clone().into()), ("instead", wrong.instead.clone().into())];
    finding.evidence = target
        .ways
        .iter()
        .filter(|(how, _, _)| *how == How::Registered)
        .map(|(_, item, field)| item.cite(field))
        .take(3)
        .collect();
    finding.evidence.extend(wrong.evidence.iter().cloned());
    finding.machines = target.clients().into_iter().filter_map(|m| case.machine_label(Some(m))).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = [
        Cause::HostKeyTooOld,
        Cause::RogueOrDeadKmsHostInDns,
        Cause::HostNameUnresolvable,
        Cause::HostUnreachable,
        Cause::PortBlocked,
        Cause::RpcNotKms,
        Cause::CountTooLow,
    ]
    .map(Explained::Cause)
    .to_vec();
    let all =
        [codes::NOT_REACHED, codes::NO_RECORD, codes::NO_ADDRESS, &[codes::NOT_CONTACTED, NOT_ENOUGH_COUNT]]
            .concat();
    finding.explains.extend(codes::current(case, &all).iter().map(|s| Explained::Code(s.code)));
    finding.remedies = remedies(&target.name, &wrong);
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/activation-slmgr-vbs-options"];
    finding
}

fn remedies(host: &str, wrong: &Wrong) -> Vec<Remedy> {
    let host = name_or(host, "<old-host>");
    let instead = name_or(&wrong.instead, "<kms-host>:1688");
    let clear = Remedy::new(RULE.code, "clear", Safety::Safe)
        .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms"])
        .undo([format!("cscript //nologo %windir%\\system32\\slmgr.vbs /skms {host}")])
        .verify(verifying::activation());
    let set = Remedy::new(RULE.code, "set", Safety::Safe)
        .step(Shell::Cmd, [format!("cscript //nologo %windir%\\system32\\slmgr.vbs /skms {instead}")])
        .undo([format!("cscript //nologo %windir%\\system32\\slmgr.vbs /skms {host}")])
        .verify(verifying::activation());
    let find = Remedy::new(RULE.code, "find-setter", Safety::ShowOnly)
        .step(Shell::Cmd, ["gpresult /h gpresult.html", collecting::FIXED_HOST])
        .verify([collecting::FIXED_HOST]);
    match wrong.variant {
        "azure-vm" | "other-cloud" | "port" => vec![set, clear, find],
        _ => vec![clear, set, find],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, client_dlv, collects, commands, explains_cause, explains_code, host_dlv,
        only, registered, sent, tcp_failed, tcp_open,
    };

    const NO_HOST: &str = "C:\\>nslookup kms-old.contoso.com\nServer:  dc01.contoso.com\nAddress:  192.0.2.10\n\n*** dc01.contoso.com can't find kms-old.contoso.com: Non-existent domain\n";

    fn fixed(host: &str) -> String {
        client_dlv("Notification", &registered(host))
    }

    #[test]
    fn a_fixed_name_that_is_gone_beside_a_living_host_is_certain() {
        let finding = only(check(&case(&[
            ("WS-1/dlv.txt", &fixed("kms-old.contoso.com")),
            ("WS-1/dns.txt", &(NO_HOST.to_owned() + RECORD)),
            ("WS-1/tnc.txt", &tcp_open("kms01.contoso.com", "192.0.2.40", 1688)),
            ("WS-1/12288.xml", &sent("WS-1", "2025-06-03T07:20:00", "0x80072AF9", "kms-old.contoso.com")),
        ])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("unresolvable")));
        assert_eq!(arg(&finding, "host"), "kms-old.contoso.com");
        assert_eq!(arg(&finding, "instead"), "kms01.contoso.com");
        assert!(explains_code(&finding, 0x8007_2AF9));
        assert!(explains_cause(&finding, Cause::HostNameUnresolvable));
        assert!(commands(&finding).iter().any(|c| c.ends_with("/skms kms01.contoso.com")));
    }

    #[test]
    fn a_silent_host_is_called_wrong_only_where_another_one_is_known() {
        let silent = tcp_failed("kms-old.contoso.com", "192.0.2.41", 1688, false);
        let fixed = fixed("kms-old.contoso.com");
        let files = [("WS-1/dlv.txt", &*fixed), ("WS-1/tnc.txt", &*silent), ("WS-1/dns.txt", RECORD)];
        let finding = only(check(&case(&files)));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Likely, Some("unreachable")));
        assert_eq!(check(&case(&files[..2])), Verdict::Clear);
    }

    #[test]
    fn a_fixed_port_that_is_not_the_one_listened_on() {
        let host = host_dlv("Licensed", 30, "enabled").replace("Port: 1688", "Port: 1699");
        let finding = only(check(&case(&[
            ("WS-1/dlv.txt", &fixed("kms01.contoso.com")),
            ("kms01.txt", &format!("C:\\>hostname\nkms01\n\n{host}")),
        ])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("port")));
        assert_eq!(arg(&finding, "instead"), "kms01.contoso.com:1699");
    }

    #[test]
    fn an_azure_image_with_azure_s_own_host_is_right_and_so_is_a_client_that_works() {
        let azure = fixed("azkms.core.windows.net");
        let routes = "Source   State   Address Prefix  Next Hop Type  Next Hop IP\n-------  ------  --------------  -------------  -----------\nDefault  Active  10.20.0.0/16    VnetLocal\nDefault  Active  0.0.0.0/0       Internet\n";
        assert_eq!(check(&case(&[("vm/dlv.txt", &azure), ("routes.txt", routes)])), Verdict::Clear);
        let well = client_dlv("Licensed", &registered("kms-old.contoso.com"));
        assert_eq!(check(&case(&[("WS-1/dlv.txt", &well), ("dns.txt", RECORD)])), Verdict::Clear);
    }

    #[test]
    fn without_the_settings_it_asks_for_them() {
        let asked = collects(&check(&case(&[("ato.txt", &ato("0xC004F074"))])));
        assert_eq!(asked, [collecting::FIXED_HOST, collecting::CLIENT_DLV]);
        assert_eq!(check(&case(&[])), Verdict::Clear);
    }
}
