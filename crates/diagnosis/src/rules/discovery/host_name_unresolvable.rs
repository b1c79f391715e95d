//! # K106: the KMS host's name has no address
//!
//! ## What it means
//! The SRV record or the client's setting names a host, and that name does not resolve.
//!
//! ## How it is recognised
//! A look-up, ping or connection test that does not find the name; 12288 with a "host not found" socket code;
//! a DNS code on a client with a fixed host; a record whose target is an address or a placeholder instead of a name.
//!
//! ## What fixes it
//! Create the address record, or correct the name where it is set.
//!
//! ## When it misleads
//! A short name may resolve on one machine and not on another, by their suffixes.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns>

use std::net::IpAddr;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::targets::{self, How, Target};
use crate::survey::{clients, codes, discovery};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K106",
    cause: Cause::HostNameUnresolvable,
    check,
    source: include_str!("host_name_unresolvable.rs"),
};

fn check(case: &Case) -> Verdict {
    let targets = targets::targets(case);
    if targets.is_empty() {
        return collecting::unknown("K106", &[collecting::SRV_LOOKUP, collecting::CLIENT_EVENTS]);
    }
    let mut findings = Vec::new();
    for target in &targets {
        let evidence = proof(case, target);
        if !evidence.is_empty() && target.name.parse::<IpAddr>().is_err() {
            findings.push(finding(case, target, evidence));
        }
    }
    for record in discovery::records(case) {
        let name = record.record.target.as_deref().unwrap_or_default();
        if name.parse::<IpAddr>().is_ok() || name.contains(['$', '<', '%']) {
            let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
            finding.variant = Some("not-a-name");
            finding.args = vec![("host", name.into())];
            finding.evidence = vec![record.item.cite("records")];
            finding.remedies = remedies("<kms-host>", How::Record);
            findings.push(finding);
        }
    }
    if findings.is_empty() { Verdict::Clear } else { Verdict::Faults(findings) }
}

/// Words that say that the name has no address; nothing if another test found one.
fn proof(case: &Case, target: &Target<'_>) -> Vec<Citation> {
    let reach = targets::reach(case, target);
    if reach.machine_lives() || (!target.addresses.is_empty() && reach.no_address.is_empty()) {
        return Vec::new();
    }
    let mut evidence = reach.no_address;
    let fixed_here = target.is(How::Registered);
    if fixed_here {
        // With a fixed host there is no discovery: a DNS code is about the host's own name.
        let of_clients = target.clients();
        let codes = codes::current(case, codes::NO_RECORD);
        evidence.extend(
            codes
                .iter()
                .filter(|seen| seen.machine().is_none_or(|machine| of_clients.contains(&machine)))
                .map(|seen| seen.item.cite(seen.field())),
        );
    }
    evidence
}

fn finding(case: &Case, target: &Target<'_>, evidence: Vec<Citation>) -> Finding {
    let fails = clients::clients(case).iter().any(clients::Client::fails_now);
    let confidence = if evidence.len() > 1 || fails { Confidence::Certain } else { Confidence::Likely };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.args = vec![("host", target.name.clone().into())];
    let how = if target.is(How::Registered) { How::Registered } else { How::Record };
    finding.variant = Some(if how == How::Registered { "registered" } else { "record" });
    finding.evidence = evidence;
    finding.evidence.extend(target.citations().into_iter().take(2));
    finding.machines = target.clients().into_iter().filter_map(|m| case.machine_label(Some(m))).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = vec![Explained::Cause(Cause::HostUnreachable)];
    let codes = [codes::NO_RECORD, codes::NO_ADDRESS, &[codes::NOT_CONTACTED]].concat();
    finding.explains.extend(codes::current(case, &codes).iter().map(|seen| Explained::Code(seen.code)));
    finding.remedies = remedies(name_or(&target.name, "<kms-host>"), how);
    finding.references = vec![
        "https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns",
    ];
    finding
}

fn remedies(host: &str, how: How) -> Vec<Remedy> {
    let (name, zone) = host.split_once('.').unwrap_or((host, "<zone>"));
    let mut remedies = vec![
        Remedy::new(RULE.code, "create-address", Safety::Safe)
            .step(Shell::Powershell, [format!(
                "Add-DnsServerResourceRecordA -ZoneName {zone} -Name {name} -IPv4Address <address-of-the-host>"
            )])
            .step(Shell::Bind, [format!("{host}. 3600 IN A <address-of-the-host>")])
            .undo([format!("Remove-DnsServerResourceRecord -ZoneName {zone} -Name {name} -RRType A")])
            .verify([format!("nslookup {host}")]),
    ];
    if how == How::Registered {
        remedies.insert(
            0,
            Remedy::new(RULE.code, "clear-fixed-host", Safety::Safe)
                .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms"])
                .undo([format!("cscript //nologo %windir%\\system32\\slmgr.vbs /skms {host}")])
                .verify(verifying::activation()),
        );
    } else {
        remedies.push(
            Remedy::new(RULE.code, "correct-record", Safety::Disruptive)
                .step(Shell::Powershell, [
                    "Get-DnsServerResourceRecord -ZoneName <zone> -Name _vlmcs._tcp -RRType Srv",
                    "Add-DnsServerResourceRecord -Srv -ZoneName <zone> -Name _vlmcs._tcp -DomainName <living-kms-host> -Priority 0 -Weight 0 -Port 1688",
                ])
                .verify(verifying::record("<zone>")),
        );
    }
    remedies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, client_dlv, collects, commands, explains_code, only, registered, sent,
        tcp_open,
    };

    const NO_HOST: &str = "C:\\>nslookup kms01.contoso.com\nServer:  dc01.contoso.com\nAddress:  192.0.2.10\n\n*** dc01.contoso.com can't find kms01.contoso.com: Non-existent domain\n";

    /// The record without the address that the server adds.
    fn bare_record() -> String {
        RECORD.replace("kms01.contoso.com\tinternet address = 192.0.2.40\n", "")
    }

    #[test]
    fn a_record_whose_target_has_no_address() {
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x80072AF9", "kms01.contoso.com");
        let files =
            [("PC-1/srv.txt", &*bare_record()), ("PC-1/a.txt", NO_HOST), ("PC-1/12288.xml", &*request)];
        let finding = only(check(&case(&files)));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("record")));
        assert_eq!(arg(&finding, "host"), "kms01.contoso.com");
        assert!(explains_code(&finding, 0x8007_2AF9));
        assert!(commands(&finding).contains(&"nslookup kms01.contoso.com".to_owned()));
    }

    #[test]
    fn the_dns_code_of_a_client_with_a_fixed_host_is_about_that_host() {
        let dlv = client_dlv("Notification", &registered("kms-old.contoso.com"));
        let finding = only(check(&case(&[("PC-1/dlv.txt", &dlv), ("PC-1/ato.txt", &ato("0x8007232B"))])));
        assert_eq!(finding.variant, Some("registered"));
        assert!(commands(&finding).iter().any(|c| c.ends_with("/ckms")));
    }

    #[test]
    fn a_record_that_names_an_address_is_not_a_name() {
        let record =
            bare_record().replace("svr hostname   = kms01.contoso.com", "svr hostname   = 192.0.2.40");
        let found = check(&case(&[("srv.txt", &record)]));
        let Verdict::Faults(findings) = found else { panic!("{found:?}") };
        assert!(findings.iter().any(|f| f.variant == Some("not-a-name")), "{findings:?}");
    }

    #[test]
    fn a_name_that_fails_here_and_connects_there_is_no_fault() {
        let open = tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        assert_eq!(
            check(&case(&[("srv.txt", RECORD), ("a.txt", NO_HOST), ("tnc.txt", &open)])),
            Verdict::Clear
        );
    }

    #[test]
    fn without_a_target_it_asks_for_the_record_and_the_events() {
        let asked = collects(&check(&case(&[("ato.txt", &ato("0xC004F074"))])));
        assert_eq!(asked, [collecting::SRV_LOOKUP, collecting::CLIENT_EVENTS]);
    }
}
