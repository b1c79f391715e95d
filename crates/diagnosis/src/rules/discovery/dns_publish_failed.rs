//! # K108: the host could not publish its record
//!
//! ## What it means
//! The KMS host tried to write its SRV record and the DNS server did not let it, or could not be reached.
//!
//! ## How it is recognised
//! Event 12293 on the host that no later 12294 for the same domain follows.
//!
//! ## What fixes it
//! 0x80072338 and "refused": give the host (or a group of hosts) rights on the record, which belongs to the host that
//! created it first; other codes: repair the way to the DNS server; then restart the licensing service.
//!
//! ## When it misleads
//! A failure for one domain of several matters only to the clients that search that domain.
//! A record made by hand serves as well.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/event-12293-error-0x800723-set-kms-host>

use model::event::{PUBLISHING_FAILED, PUBLISHING_SUCCEEDED};
use model::host_name::canonical;
use model::{Event, HexCode};

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::clients::{self, event_time};
use crate::survey::discovery;

/// The rule.
pub const RULE: Rule = Rule {
    code: "K108",
    cause: Cause::DnsPublishFailed,
    check,
    source: include_str!("dns_publish_failed.rs"),
};

fn check(case: &Case) -> Verdict {
    let failures: Vec<_> =
        case.events_with_id(PUBLISHING_FAILED).filter(|pair| !published_later(case, pair)).collect();
    let Some((_, newest)) = failures.last() else {
        let host_seen = case.events().any(|(_, e)| matches!(e.event_id, Some(12290 | 12294)));
        return if host_seen {
            Verdict::Clear
        } else {
            collecting::unknown("K108", &[collecting::HOST_PUBLISHING])
        };
    };
    let domain = newest.dns_domain.clone().map(String::from).unwrap_or_default();
    let code = newest.hresult;
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    finding.args = vec![
        ("domain", domain.clone().into()),
        ("code", code.map(|c| c.to_string()).unwrap_or_default().into()),
    ];
    finding.variant = variant(code);
    finding.evidence = failures.iter().rev().take(4).map(|(item, _)| item.cite("hresult")).collect();
    finding.evidence.extend(failures.last().map(|(item, _)| item.cite("dns_domain")));
    finding.evidence.dedup();
    finding.machines = failures.iter().filter_map(|(item, _)| case.machine_label(item.machine)).collect();
    finding.machines.sort();
    finding.machines.dedup();
    finding.severity = severity(case, &domain);
    finding.explains = vec![Explained::Cause(Cause::SrvMissing)];
    finding.explains.extend(failures.iter().filter_map(|(_, e)| e.hresult).map(Explained::Code));
    finding.explains.dedup();
    finding.remedies = remedies(variant(code), name_or(&domain, "<domain>"));
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/event-12293-error-0x800723-set-kms-host",
    ];
    Verdict::Faults(vec![finding])
}

/// A 12294 for the same domain that is newer than the failure; without times the order in the log decides.
fn published_later(case: &Case, (failed_item, failed): &(Item<'_>, &Event)) -> bool {
    let domain = failed.dns_domain.as_deref().map(canonical);
    case.events_with_id(PUBLISHING_SUCCEEDED).any(|(item, event)| {
        let same_domain = domain.is_none() || event.dns_domain.as_deref().map(canonical) == domain;
        let newer = match (event_time(event), event_time(failed)) {
            (Some(success), Some(failure)) if success != failure => success > failure,
            _ => event.record > failed.record,
        };
        same_domain && item.machine == failed_item.machine && newer
    })
}

/// A record for the domain that clients use takes the edge off; so do clients that are well.
fn severity(case: &Case, domain: &str) -> Severity {
    let recorded =
        discovery::records(case).iter().any(|r| r.domain().is_some_and(|d| d == canonical(domain)));
    let clients = clients::clients(case);
    let fails = clients.iter().any(clients::Client::fails_now);
    let well = clients.iter().any(clients::Client::is_well);
    if (recorded || well) && !fails { Severity::Warning } else { Severity::Error }
}

fn variant(code: Option<HexCode>) -> Option<&'static str> {
    match code?.value() {
        // DNS_ERROR_RCODE_BADSIG, BADKEY, REFUSED, ERROR_ACCESS_DENIED.
        0x8007_2338 | 0x8007_2339 | 0x8007_232D | 0x8007_0005 => Some("rights"),
        // DNS_ERROR_NO_DNS_SERVERS, SERVFAIL, ERROR_TIMEOUT.
        0x8007_267C | 0x8007_232A | 0x8007_05B4 => Some("server"),
        _ => None,
    }
}

fn remedies(variant: Option<&str>, domain: &str) -> Vec<Remedy> {
    let restart = ["net stop sppsvc && net start sppsvc"];
    let mut remedies = Vec::new();
    if variant != Some("server") {
        remedies.push(
            Remedy::new(RULE.code, "grant-rights", Safety::Disruptive)
                .step(Shell::Powershell, [
                    "New-ADGroup -Name 'KMS hosts' -GroupScope Global -GroupCategory Security".to_owned(),
                    "Add-ADGroupMember 'KMS hosts' -Members (Get-ADComputer <kms-host>)".to_owned(),
                    format!(
                        "dsacls \"DC=_vlmcs._tcp,DC={domain},CN=MicrosoftDNS,DC=DomainDnsZones,<domain-dn>\" /G \"<domain>\\KMS hosts:GA\""
                    ),
                ])
                .step(Shell::Bind, [format!("update-policy {{ grant <key-name> name _vlmcs._tcp.{domain}. SRV; }};")])
                .undo([format!(
                    "dsacls \"DC=_vlmcs._tcp,DC={domain},CN=MicrosoftDNS,DC=DomainDnsZones,<domain-dn>\" /R \"<domain>\\KMS hosts\""
                )])
                .verify(verifying::record(domain)),
        );
    }
    remedies.push(
        Remedy::new(RULE.code, "restart", Safety::Disruptive)
            .step(Shell::Cmd, restart)
            .verify([
                "wevtutil qe Application /q:\"*[System[(EventID=12293 or EventID=12294)]]\" /f:text /rd:true /c:2".to_owned(),
            ]),
    );
    remedies.push(
        Remedy::new(RULE.code, "create-record", Safety::Safe)
            .step(Shell::Powershell, [format!(
                "Add-DnsServerResourceRecord -Srv -ZoneName {domain} -Name _vlmcs._tcp -DomainName <kms-host>.{domain} -Priority 0 -Weight 0 -Port 1688"
            )])
            .undo([format!(
                "Remove-DnsServerResourceRecord -ZoneName {domain} -Name _vlmcs._tcp -RRType Srv -RecordData 0,0,1688,<kms-host>.{domain}."
            )])
            .verify(verifying::record(domain)),
    );
    remedies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, answered, arg, case, collects, commands, event, explains_cause, explains_code, only, sent,
    };

    fn failure(time: &str, code: &str) -> String {
        format!(
            "TimeCreated  : {time}\nProviderName : Microsoft-Windows-Security-SPP\nId           : 12293\n\
             MachineName  : kms01.contoso.com\n\
             Message      : Publishing the Key Management Service (KMS) to DNS in the 'contoso.com' domain failed.\n               \
             Info:\n               {code}\n\n"
        )
    }

    #[test]
    fn a_refused_update_asks_for_rights_on_the_record() {
        let finding = only(check(&case(&[("kms01.txt", &failure("6/3/2025 9:10:44 AM", "0x80072338"))])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("rights")));
        assert_eq!(
            (arg(&finding, "domain"), arg(&finding, "code")),
            ("contoso.com".into(), "0x80072338".into())
        );
        assert!(explains_code(&finding, 0x8007_2338) && explains_cause(&finding, Cause::SrvMissing));
        assert!(commands(&finding).iter().any(|c| c.starts_with("dsacls")));
    }

    #[test]
    fn a_server_that_fails_is_no_matter_of_rights() {
        let finding = only(check(&case(&[("kms01.txt", &failure("6/3/2025 9:10:44 AM", "0x8007232A"))])));
        assert_eq!(finding.variant, Some("server"));
        assert!(!commands(&finding).iter().any(|c| c.starts_with("dsacls")));
    }

    #[test]
    fn a_record_made_by_hand_and_a_client_that_is_well_make_it_a_warning() {
        let client = sent("PC-1", "2025-06-03T07:20:00", "0x00000000", "kms01.contoso.com")
            + &answered("PC-1", "2025-06-03T07:20:01", true, 30);
        let failed = failure("6/3/2025 9:10:44 AM", "0x80072338");
        let finding =
            only(check(&case(&[("kms01.txt", &failed), ("PC-1.xml", &client), ("dns.txt", RECORD)])));
        assert_eq!(finding.severity, Severity::Warning);
    }

    #[test]
    fn a_later_success_for_the_same_domain_clears_it() {
        let kms = "kms01.contoso.com";
        let failed = event(12293, kms, "2025-06-03T07:00:00", "contoso.com, 0x80072338");
        let succeeded = |time: &str, domain: &str| event(12294, kms, time, domain);
        let later = failed.clone() + &succeeded("2025-06-03T08:00:00", "contoso.com");
        assert_eq!(check(&case(&[("kms01.xml", &later)])), Verdict::Clear);
        let earlier = failed.clone() + &succeeded("2025-06-03T06:00:00", "contoso.com");
        assert!(matches!(check(&case(&[("kms01.xml", &earlier)])), Verdict::Faults(_)));
    }

    #[test]
    fn without_the_host_s_records_it_asks_for_them() {
        assert_eq!(collects(&check(&case(&[("dns.txt", RECORD)]))), [collecting::HOST_PUBLISHING]);
    }
}
