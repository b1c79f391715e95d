//! # K903: clients are led to a KMS host of the other kind
//!
//! ## What it means
//! Hosts for Windows and Office and hosts for a site's own software share the name `_vlmcs._tcp` and the port 1688, and
//! refuse each other's clients. A record or a fixed host leads clients to a host that can't serve them.
//!
//! ## How it is recognised
//! A live test in which the host accepts one interface and refuses the one that this client needs; `windows-client` in
//! the log of a host of our own.
//!
//! ## What fixes it
//! A domain of its own for the records of our own host, or a look-up domain or fixed host for one kind of clients.
//!
//! ## When it misleads
//! Clients try the next record of their domain: where it holds both kinds, they lose time and not their activation.
//! Somebody who looks for KMS hosts on the network leaves the same line in the log.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-create-host>
//! docs/protocol.md

use std::collections::BTreeSet;

use model::network::{ConnectionTest, Service};

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, verifying};
use crate::survey::targets::{self, How, Target};
use crate::survey::{clients, codes, discovery, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K903",
    cause: Cause::RogueOrDeadKmsHostInDns,
    check,
    source: include_str!("wrong_kind_of_host.rs"),
};

/// What a Windows client is told by a host without its interface: RPC_S_UNKNOWN_IF, EPT_S_NOT_REGISTERED,
/// RPC_NT_UNKNOWN_IF, SL_E_VL_BINDING_SERVICE_NOT_ENABLED.
const NO_INTERFACE: &[u32] = &[0x8007_06B5, 0x8007_06D1, 0xC002_0012, 0xC004_F039];

fn check(case: &Case) -> Verdict {
    let told: Vec<(Item<'_>, &ConnectionTest)> =
        case.connections().filter(|(_, test)| own::is_wrong_kind(test)).collect();
    if told.is_empty() {
        let looked = case.connections().any(|(_, test)| test.service == Some(own::wanted(test)));
        return if looked { Verdict::Clear } else { Verdict::NotApplicable };
    }
    let all = targets::targets(case);
    let mut findings: Vec<Finding> = Vec::new();
    for target in &all {
        let of_target: Vec<_> = told.iter().filter(|(_, test)| is_of(target, test)).copied().collect();
        if let Some((_, test)) = of_target.first() {
            findings.push(by_test(case, target, &of_target, own::wanted(test)));
        }
    }
    let by_host: Vec<_> = told.iter().filter(|(_, test)| is_told_by_host(test)).copied().collect();
    if !by_host.is_empty() {
        findings.push(by_log(case, &by_host));
    }
    if findings.is_empty() { Verdict::Clear } else { Verdict::Faults(findings) }
}

fn is_told_by_host(test: &ConnectionTest) -> bool {
    test.tool.as_deref() == Some(ConnectionTest::BY_KMSCOPE_HOST)
}

/// The test was made of this name and port.
fn is_of(target: &Target<'_>, test: &ConnectionTest) -> bool {
    let named = [&test.target, &test.address].into_iter().flatten().any(|name| target.is_called(name));
    named && test.port.is_none_or(|port| port == target.port())
}

/// Another machine serves clients of this kind.
fn serving(case: &Case, wanted: Service) -> Option<(String, Citation)> {
    let by_test = case.connections().find(|(_, test)| test.service == Some(wanted) && !is_told_by_host(test));
    let by_test = by_test.and_then(|(item, test)| Some((test.target.clone()?, item.cite("service"))));
    by_test.or_else(|| {
        let well = clients::clients(case).into_iter().find_map(|client| {
            let (item, _) = client.last_attempt().filter(|attempt| attempt.activated())?.response?;
            (own::is_own(case, &item) == (wanted == Service::KmscopeHost)).then(|| item.cite("activated"))
        });
        well.map(|citation| (String::new(), citation))
    })
}

/// A live test shows that a target is of the other kind.
fn by_test(
    case: &Case,
    target: &Target<'_>,
    told: &[(Item<'_>, &ConnectionTest)],
    wanted: Service,
) -> Finding {
    let fixed = target.is(How::Registered);
    let cause = if fixed { Cause::StaleRegisteredKmsName } else { RULE.cause };
    let mut finding = Finding::new(RULE.code, cause, targets::trust(case, target));
    let other = serving(case, wanted).filter(|_| !fixed);
    finding.variant = Some(match (wanted == Service::Kms, fixed, other.is_some()) {
        (true, true, _) => "windows-fixed",
        (true, false, true) => "windows-both",
        (true, false, false) => "windows",
        (false, true, _) => "own-fixed",
        (false, false, true) => "own-both",
        (false, false, false) => "own",
    });
    finding.severity = if other.is_some() { Severity::Warning } else { Severity::Error };
    finding.evidence = told.iter().map(|(item, _)| item.cite("service")).collect();
    finding.evidence.extend(target.citations().into_iter().take(4));
    finding.machines = target.clients().into_iter().filter_map(|m| case.machine_label(Some(m))).collect();
    finding.stops = finding.machines.len().max(1);
    finding.args = vec![
        ("host", target.name.clone().into()),
        ("living", other.as_ref().map(|(name, _)| name.clone()).unwrap_or_default().into()),
    ];
    finding.evidence.extend(other.map(|(_, citation)| citation));
    finding.explains = explained(case);
    let records = discovery::records(case);
    let record = records.iter().find(|r| r.record.target.as_deref().is_some_and(|t| target.is_called(t)));
    let domain = record.and_then(discovery::Record::domain).unwrap_or_default();
    finding.remedies = match (wanted == Service::Kms, fixed) {
        (true, true) => vec![windows_fixed()],
        (true, false) => vec![other_domain(&domain, &target.name), windows_fixed()],
        (false, _) => vec![own_fixed()],
    };
    finding.references = vec!["https://learn.microsoft.com/windows-server/get-started/kms-create-host"];
    finding
}

/// The log of our own host tells of clients that it refused.
fn by_log(case: &Case, told: &[(Item<'_>, &ConnectionTest)]) -> Finding {
    let other = serving(case, Service::Kms);
    let addresses: BTreeSet<String> =
        told.iter().filter_map(|(_, test)| test.source_address.clone()).collect();
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Likely);
    finding.variant = Some(if other.is_some() { "log-both" } else { "log" });
    finding.severity = if other.is_some() { Severity::Warning } else { Severity::Error };
    finding.args = vec![("clients", addresses.len().max(1).into())];
    finding.evidence = told.iter().take(8).map(|(item, _)| item.cite("service")).collect();
    finding.evidence.extend(other.map(|(_, citation)| citation));
    finding.stops = addresses.len().max(1);
    finding.machines = addresses.into_iter().collect();
    finding.explains = explained(case);
    finding.remedies = vec![other_domain("", ""), windows_fixed()];
    finding.references = vec!["https://learn.microsoft.com/windows-server/get-started/kms-create-host"];
    finding
}

fn explained(case: &Case) -> Vec<Explained> {
    let mut explained =
        [Cause::RpcNotKms, Cause::FirewallWrongRuleType, Cause::PortBlocked].map(Explained::Cause).to_vec();
    let seen = codes::current(case, &[NO_INTERFACE, &[codes::NOT_CONTACTED]].concat());
    explained.extend(seen.iter().map(|s| Explained::Code(s.code)));
    explained
}

fn other_domain(domain: &str, host: &str) -> Remedy {
    let (domain, host) = (name_or(domain, "<domain>"), name_or(host, "<host>"));
    Remedy::new(RULE.code, "other-domain", Safety::Disruptive)
        .step(Shell::Sh, [
            "kmscope host run --data <host-folder> --licence <licence-file> --publish <other-domain> --nameserver <dns-server>".to_owned(),
            format!("kmscope dns remove --domain {domain} --host {host} --nameserver <dns-server>"),
            "kmscope slmgr --data <client-folder> /skms-domain <other-domain>".to_owned(),
        ])
        .undo([
            format!("kmscope dns publish --domain {domain} --host {host} --nameserver <dns-server>"),
            "kmscope slmgr --data <client-folder> /ckms-domain".to_owned(),
        ])
        .verify(verifying::record(domain))
        .verify(verifying::own_activation())
}

fn windows_fixed() -> Remedy {
    Remedy::new(RULE.code, "windows-fixed", Safety::Safe)
        .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /skms <windows-kms-host>:1688"])
        .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms"])
        .verify(verifying::activation())
}

fn own_fixed() -> Remedy {
    Remedy::new(RULE.code, "own-fixed", Safety::Safe)
        .step(Shell::Sh, ["kmscope slmgr --data <client-folder> /skms <own-host>:1688"])
        .undo(["kmscope slmgr --data <client-folder> /ckms"])
        .verify(verifying::own_activation())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use model::evidence::Evidence;
    use model::network::ConnectOutcome;
    use model::{EvidenceFile, Fact, Kind, Observed, Place, Source};

    use super::*;
    use crate::testing::{
        RECORD, arg, client_dlv, commands, explains_cause, explains_code, only, registered, sent,
    };

    const LINE: &str = "2026-11-21T18:45:30Z warning windows-client address=192.0.2.7 problem=x";

    fn test(host: &str, service: Service, wanted: Option<Service>) -> Evidence {
        let test = ConnectionTest {
            target: Some(host.to_owned()),
            port: Some(1688),
            succeeded: Some(true),
            outcome: Some(ConnectOutcome::Open),
            service: Some(service),
            wanted,
            ..ConnectionTest::default()
        };
        let place = Place::Probe { probe: "tcp".to_owned(), at: "2025-06-03T07:20:00Z".to_owned() };
        let source = Source { path: Arc::from("probe"), place };
        Evidence { kind: Kind::ConnectionTest, fact: Observed::new(Fact::Connection(Box::new(test)), source) }
    }

    fn live(texts: &[(&str, &str)], facts: Vec<Evidence>) -> Case {
        let mut files = crate::testing::case(texts).files;
        files.push(EvidenceFile {
            path: Arc::from("probe"),
            kind: Kind::ConnectionTest,
            encoding: "none".to_owned(),
            facts,
            notes: Vec::new(),
        });
        Case::new(files)
    }

    #[test]
    fn a_record_leads_windows_clients_to_our_own_host() {
        let own_host = || test("kms01.contoso.com", Service::KmscopeHost, None);
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706B5", "kms01.contoso.com");
        let case = live(&[("dns.txt", RECORD), ("PC-1.xml", &request)], vec![own_host()]);
        let finding = only(check(&case));
        assert_eq!((finding.cause, finding.variant), (Cause::RogueOrDeadKmsHostInDns, Some("windows")));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Certain, Severity::Error));
        assert!(explains_cause(&finding, Cause::RpcNotKms) && explains_code(&finding, 0x8007_06B5));
        let removal =
            "kmscope dns remove --domain contoso.com --host kms01.contoso.com --nameserver <dns-server>";
        assert!(commands(&finding).iter().any(|c| c == removal), "{:?}", commands(&finding));
        let both =
            live(&[("dns.txt", RECORD)], vec![own_host(), test("kms02.contoso.com", Service::Kms, None)]);
        let finding = only(check(&both));
        assert_eq!((finding.severity, finding.variant), (Severity::Warning, Some("windows-both")));
        assert_eq!(arg(&finding, "living"), "kms02.contoso.com");
    }

    #[test]
    fn a_fixed_host_of_the_other_kind_is_a_wrong_setting() {
        let dlv = client_dlv("Notification", &registered("kms01.contoso.com"));
        let case = live(&[("PC-1.txt", &dlv)], vec![test("kms01.contoso.com", Service::KmscopeHost, None)]);
        let finding = only(check(&case));
        assert_eq!((finding.cause, finding.variant), (Cause::StaleRegisteredKmsName, Some("windows-fixed")));
    }

    #[test]
    fn our_own_clients_are_led_to_a_genuine_host() {
        let wanted = Some(Service::KmscopeHost);
        let case = live(&[("dns.txt", RECORD)], vec![test("kms01.contoso.com", Service::Kms, wanted)]);
        let finding = only(check(&case));
        assert_eq!((finding.variant, finding.severity), (Some("own"), Severity::Error));
        assert!(commands(&finding).iter().all(|c| !c.contains("slmgr.vbs")));
        let right =
            live(&[("dns.txt", RECORD)], vec![test("kms01.contoso.com", Service::KmscopeHost, wanted)]);
        assert_eq!(check(&right), Verdict::Clear);
    }

    #[test]
    fn a_host_that_nobody_is_led_to_is_a_guess_at_most() {
        let case = live(&[], vec![test("lic-1.contoso.com", Service::KmscopeHost, None)]);
        assert_eq!(only(check(&case)).confidence, Confidence::Possible);
    }

    #[test]
    fn the_log_of_our_own_host_names_whom_it_refused() {
        let log = format!("{LINE}\n{}\n", LINE.replace("192.0.2.7", "192.0.2.8"));
        let finding = only(check(&live(&[("host.log", &log)], Vec::new())));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Likely, Some("log")));
        assert_eq!((finding.stops, finding.machines.len()), (2, 2));
        let both = live(&[("host.log", &log)], vec![test("kms02.contoso.com", Service::Kms, None)]);
        assert_eq!(only(check(&both)).severity, Severity::Warning);
    }

    #[test]
    fn without_a_look_at_the_interface_it_is_not_asked() {
        assert_eq!(check(&crate::testing::case(&[("dns.txt", RECORD)])), Verdict::NotApplicable);
    }
}
