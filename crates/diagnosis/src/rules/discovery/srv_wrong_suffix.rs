//! # K102: the KMS record stands in a domain that the client does not search
//!
//! ## What it means
//! A record exists, but in another domain than those of the client's suffixes, so discovery does not find it.
//!
//! ## How it is recognised
//! A record (or a 12294 of the host) for one domain, and a client whose suffixes, or whose failed look-ups, are others.
//!
//! ## What fixes it
//! Publish in the client's domain too (DnsDomainPublishList), or give the client the domain (`/skms-domain`), or extend
//! its suffix search list.
//!
//! ## When it misleads
//! A client with a fixed host or a lookup domain does not search its suffixes.
//! `nslookup` typed with the full name finds the record, and proves nothing about discovery.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns>

use std::collections::BTreeSet;

use model::event::PUBLISHING_SUCCEEDED;
use model::host_name::canonical;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::{clients, codes, discovery};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K102", cause: Cause::SrvWrongSuffix, check, source: include_str!("srv_wrong_suffix.rs") };

fn check(case: &Case) -> Verdict {
    let published = published_domains(case);
    if published.is_empty() {
        return Verdict::NotApplicable;
    }
    if uses_fixed_host(case) {
        return Verdict::NotApplicable;
    }
    let lookup_domain = lookup_domain(case);
    let suffixes = discovery::suffixes(case);
    let misses = discovery::misses(case);
    let missed: BTreeSet<String> = misses.iter().filter_map(discovery::Miss::domain).collect();
    let searched: BTreeSet<String> = match &lookup_domain {
        Some((domain, _)) => BTreeSet::from([domain.clone()]),
        None if suffixes.domains.is_empty() => missed,
        None => suffixes.domains.clone(),
    };
    if searched.is_empty() {
        return collecting::unknown("K102", &[collecting::IPCONFIG]);
    }
    let (domains, mut evidence): (BTreeSet<String>, Vec<Citation>) = published.into_iter().unzip();
    if domains.iter().any(|domain| searched.contains(domain)) {
        return Verdict::Clear;
    }
    let failed_codes = codes::current(case, codes::NO_RECORD);
    let shows_failure = !failed_codes.is_empty()
        || !misses.is_empty()
        || clients::clients(case).iter().any(clients::Client::fails_now);
    if !shows_failure {
        return Verdict::Clear;
    }
    evidence.extend(lookup_domain.iter().map(|(_, citation)| citation.clone()));
    evidence.extend(suffixes.from.iter().map(|item| item.cite("dns_suffix_search_list")));
    evidence.extend(misses.iter().map(|miss| miss.item.cite("result")));
    evidence.extend(failed_codes.iter().map(|seen| seen.item.cite(seen.field())));
    let certain = (lookup_domain.is_some() || !suffixes.domains.is_empty())
        && (!failed_codes.is_empty() || !misses.is_empty());
    let confidence = if certain { Confidence::Certain } else { Confidence::Likely };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let published = domains.first().cloned().unwrap_or_default();
    finding.args = vec![
        ("published", domains.iter().cloned().collect::<Vec<_>>().join(", ").into()),
        ("searched", searched.iter().cloned().collect::<Vec<_>>().join(", ").into()),
    ];
    finding.variant = lookup_domain.is_some().then_some("lookup-domain");
    finding.evidence = evidence;
    finding.machines = failed_codes.iter().filter_map(|seen| case.machine_label(seen.machine())).collect();
    finding.explains = vec![Explained::Cause(Cause::SrvMissing)];
    finding.explains.extend(failed_codes.iter().map(|seen| Explained::Code(seen.code)));
    let client_domain = searched.first().cloned().unwrap_or_default();
    finding.remedies =
        remedies(name_or(&published, "<host-domain>"), name_or(&client_domain, "<client-domain>"));
    finding.references = vec![
        "https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns",
    ];
    Verdict::Faults(vec![finding])
}

/// Domains with a KMS record, with the words that say so.
fn published_domains(case: &Case) -> Vec<(String, Citation)> {
    let mut published: Vec<(String, Citation)> = discovery::records(case)
        .iter()
        .filter_map(|record| Some((record.domain()?, record.item.cite("records"))))
        .collect();
    for (item, event) in case.events_with_id(PUBLISHING_SUCCEEDED) {
        if let Some(domain) = &event.dns_domain {
            published.push((canonical(domain), item.cite("dns_domain")));
        }
    }
    published
}

/// The domain set by /skms-domain, which replaces the suffixes.
fn lookup_domain(case: &Case) -> Option<(String, Citation)> {
    let by_license = case.licenses().find_map(|(item, l)| {
        Some((canonical(l.kms_lookup_domain.as_deref()?), item.cite("kms_lookup_domain")))
    });
    by_license.or_else(|| {
        case.registry_values()
            .filter(|(_, v)| {
                v.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("KeyManagementServiceLookupDomain"))
            })
            .find_map(|(item, v)| Some((canonical(v.data.as_deref()?), item.cite("data"))))
            .filter(|(domain, _)| !domain.is_empty())
    })
}

fn uses_fixed_host(case: &Case) -> bool {
    crate::survey::targets::targets(case).iter().any(|target| target.is(crate::survey::How::Registered))
}

fn remedies(published: &str, client_domain: &str) -> Vec<Remedy> {
    vec![
        Remedy::new(RULE.code, "publish-there-too", Safety::Disruptive)
            .step(Shell::Powershell, [
                format!(
                    "Set-ItemProperty 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform' -Name DnsDomainPublishList -Type MultiString -Value '{client_domain}'"
                ),
                "Restart-Service sppsvc".to_owned(),
            ])
            .undo([
                "Remove-ItemProperty 'HKLM:\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform' -Name DnsDomainPublishList",
            ])
            .verify(verifying::record(client_domain)),
        Remedy::new(RULE.code, "lookup-domain", Safety::Safe)
            .step(Shell::Cmd, [format!("cscript //nologo %windir%\\system32\\slmgr.vbs /skms-domain {published}")])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms-domain"])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "extend-search-list", Safety::Disruptive)
            .step(Shell::Powershell, [format!(
                "Set-DnsClientGlobalSetting -SuffixSearchList @('{client_domain}','{published}')"
            )])
            .undo([format!("Set-DnsClientGlobalSetting -SuffixSearchList @('{client_domain}')")])
            .verify(verifying::activation()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        NO_RECORD, RECORD, arg, ato, case, client_dlv, collects, explains_cause, ipconfig, only, registered,
    };

    #[test]
    fn a_record_in_a_domain_that_the_client_does_not_search() {
        let client = ipconfig("PC-1", "lab.contoso.com", "192.0.2.10") + &ato("0x8007232B");
        let finding = only(check(&case(&[("PC-1/client.txt", &client), ("dns.txt", RECORD)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, None));
        assert_eq!(arg(&finding, "published"), "contoso.com");
        assert_eq!(arg(&finding, "searched"), "lab.contoso.com");
        assert!(explains_cause(&finding, Cause::SrvMissing));
    }

    #[test]
    fn a_lookup_domain_replaces_the_suffixes() {
        let reg = "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform]\n\"KeyManagementServiceLookupDomain\"=\"old.contoso.com\"\n";
        let client = ipconfig("PC-1", "contoso.com", "192.0.2.10") + &ato("0x8007232B");
        let case = case(&[("PC-1/client.txt", &client), ("PC-1/spp.reg", reg), ("PC-1/dns.txt", RECORD)]);
        let finding = only(check(&case));
        assert_eq!(finding.variant, Some("lookup-domain"));
        assert_eq!(arg(&finding, "searched"), "old.contoso.com");
    }

    #[test]
    fn the_same_domain_clears_and_a_client_that_does_not_complain_too() {
        let same = ipconfig("PC-1", "contoso.com", "192.0.2.10") + &ato("0xC004F074");
        assert_eq!(check(&case(&[("PC-1/client.txt", &same), ("dns.txt", RECORD)])), Verdict::Clear);
        let quiet = ipconfig("PC-1", "lab.contoso.com", "192.0.2.10");
        assert_eq!(check(&case(&[("PC-1/client.txt", &quiet), ("dns.txt", RECORD)])), Verdict::Clear);
    }

    #[test]
    fn a_fixed_host_takes_the_suffixes_out_of_play() {
        let dlv = client_dlv("Notification", &registered("kms-old.contoso.com"));
        let client = ipconfig("PC-1", "lab.contoso.com", "192.0.2.10") + &ato("0x8007232B");
        let case = case(&[("PC-1/client.txt", &client), ("PC-1/dlv.txt", &dlv), ("dns.txt", RECORD)]);
        assert_eq!(check(&case), Verdict::NotApplicable);
        assert_eq!(check(&crate::testing::case(&[("dns.txt", NO_RECORD)])), Verdict::NotApplicable);
    }

    #[test]
    fn without_the_suffixes_it_asks_for_ipconfig() {
        assert_eq!(collects(&check(&case(&[("dns.txt", RECORD)]))), [collecting::IPCONFIG]);
    }
}
