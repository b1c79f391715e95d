//! # K101: no KMS record in any domain that the client searches
//!
//! ## What it means
//! A client without a fixed host asks DNS for the SRV record `_vlmcs._tcp` in its own domains, and there is none.
//!
//! ## How it is recognised
//! A look-up of `_vlmcs._tcp` answered "no such name" or "no such record"; a zone listing without the record;
//! the codes 0x8007232B, 0x8007007B, 0x80092328 or 0x8007251D on a client that has no fixed host.
//!
//! ## What fixes it
//! Let the host publish (`slmgr /sdns`, restart), or create the record by hand, or give the client a fixed host.
//!
//! ## When it misleads
//! `nslookup` may search other suffixes than the licensing service does.
//! The same codes appear when a fixed host's name does not resolve (K106).
//! A client that asks a public resolver or a home router never sees an internal record.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/activation-error-0x8007232b-dns-name-does-not-exist>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::targets::{self, How};
use crate::survey::{codes, discovery};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K101", cause: Cause::SrvMissing, check, source: include_str!("srv_missing.rs") };

/// What the message needs.
#[derive(Debug, Default)]
struct SrvMissing {
    domain: Option<String>,
    public_resolver: Option<String>,
    evidence: Vec<Citation>,
    machines: Vec<String>,
    by_lookup: bool,
    by_code: bool,
    codes: Vec<model::HexCode>,
}

fn check(case: &Case) -> Verdict {
    let records = discovery::records(case);
    let misses = discovery::misses(case);
    let codes = codes::current(case, codes::NO_RECORD);
    let unrecorded_zone = zone_without_record(case);
    if codes.is_empty() && misses.is_empty() && unrecorded_zone.is_none() {
        return match records.is_empty() {
            true => collecting::unknown("K101", &[collecting::SRV_LOOKUP, collecting::IPCONFIG]),
            false => Verdict::Clear,
        };
    }
    // The same name asked of two servers, or later again: an answer with records stands against the miss.
    let found_domains: Vec<_> = records.iter().filter_map(discovery::Record::domain).collect();
    let misses: Vec<_> = misses
        .into_iter()
        .filter(|miss| {
            let public = miss.answer.server_address.as_deref().is_some_and(discovery::is_public_resolver);
            public || miss.domain().is_none_or(|domain| !found_domains.contains(&domain))
        })
        .collect();
    let misses: Vec<_> =
        misses.into_iter().filter(|miss| !another_suffix_has_it(case, miss, &records)).collect();
    if fixed_host_everywhere(case) {
        return Verdict::NotApplicable;
    }
    // A client that got an answer from a host has found one, whatever nslookup says elsewhere.
    let found_one =
        targets::targets(case).iter().any(|target| !targets::reach(case, target).served.is_empty());
    if codes.is_empty() && found_one {
        return Verdict::Clear;
    }
    let only_bare_misses = misses.iter().all(|miss| miss.domain().is_none());
    if codes.is_empty()
        && unrecorded_zone.is_none()
        && (misses.is_empty() || (only_bare_misses && !records.is_empty()))
    {
        return Verdict::Clear;
    }
    let mut fault = SrvMissing::default();
    for miss in &misses {
        fault.by_lookup = true;
        fault.domain = fault.domain.or(miss.domain());
        fault.evidence.push(miss.item.cite("result"));
        fault.evidence.push(miss.item.cite("server_address"));
        if let Some(address) =
            miss.answer.server_address.as_deref().filter(|a| discovery::is_public_resolver(a))
        {
            fault.public_resolver = Some(address.to_owned());
        }
    }
    if let Some((citation, zone)) = unrecorded_zone {
        fault.by_lookup = true;
        fault.domain = fault.domain.or(Some(zone));
        fault.evidence.push(citation);
    }
    for seen in &codes {
        fault.by_code = true;
        fault.codes.push(seen.code);
        fault.evidence.push(seen.item.cite(seen.field()));
        fault.machines.extend(case.machine_label(seen.machine()));
    }
    Verdict::Faults(vec![finding(fault)])
}

/// A listing of a domain's services that has other SRV records and not this one.
fn zone_without_record(case: &Case) -> Option<(Citation, String)> {
    case.dns_answers().find_map(|(item, answer)| {
        let zone = answer.zone.clone()?;
        let services = answer.records.iter().any(|r| r.owner.is_some());
        let ours = answer.records.iter().any(model::SrvRecord::is_vlmcs);
        (services && !ours).then(|| (item.cite("zone"), zone))
    })
}

/// The client searches several domains, and one of the others has the record: a miss in this one is no fault.
fn another_suffix_has_it(case: &Case, miss: &discovery::Miss<'_>, records: &[discovery::Record<'_>]) -> bool {
    let Some(domain) = miss.domain() else { return false };
    // What another machine found elsewhere tells nothing of what this one finds.
    let own = records.iter().filter(|record| record.item.machine == miss.item.machine);
    let found: Vec<String> = own.filter_map(discovery::Record::domain).collect();
    case.networks().filter(|(item, _)| item.machine.is_some() && item.machine == miss.item.machine).any(
        |(_, network)| {
            let suffixes = network
                .dns_suffix_search_list
                .iter()
                .chain(&network.primary_dns_suffix)
                .chain(network.adapters.iter().filter_map(|adapter| adapter.dns_suffix.as_ref()));
            let searched: Vec<String> = suffixes.map(|suffix| model::host_name::canonical(suffix)).collect();
            searched.contains(&domain) && searched.iter().any(|suffix| found.contains(suffix))
        },
    )
}

/// Clients are told a host: discovery plays no part.
fn fixed_host_everywhere(case: &Case) -> bool {
    let targets = targets::targets(case);
    let fixed: usize =
        targets.iter().filter(|t| t.is(How::Registered)).map(|t| t.clients().len().max(1)).sum();
    fixed > 0 && fixed >= crate::survey::clients::clients(case).len()
}

fn finding(fault: SrvMissing) -> Finding {
    let confidence = if fault.by_lookup && (fault.by_code || fault.domain.is_some()) {
        Confidence::Certain
    } else {
        Confidence::Likely
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let domain = fault.domain.as_deref().map_or("<domain>", |domain| name_or(domain, "<domain>"));
    finding.args = vec![("domain", fault.domain.clone().unwrap_or_default().into())];
    finding.variant = match (&fault.public_resolver, &fault.domain) {
        (Some(resolver), _) => {
            finding.args.push(("resolver", resolver.into()));
            Some("public-resolver")
        }
        (None, Some(_)) => Some("domain"),
        (None, None) => None,
    };
    finding.stops = fault.machines.len().max(1);
    finding.machines = fault.machines;
    finding.evidence = fault.evidence;
    finding.explains.extend(fault.codes.into_iter().map(crate::finding::Explained::Code));
    finding.remedies = remedies(domain, fault.public_resolver.is_some());
    finding.references = vec![
        "https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns",
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/activation-error-0x8007232b-dns-name-does-not-exist",
    ];
    finding
}

fn remedies(domain: &str, public_resolver: bool) -> Vec<Remedy> {
    let mut remedies = Vec::new();
    if public_resolver {
        remedies.push(
            Remedy::new(RULE.code, "use-internal-dns", Safety::Disruptive)
                .step(Shell::Powershell, [
                    "Get-DnsClientServerAddress -AddressFamily IPv4",
                    "Set-DnsClientServerAddress -InterfaceAlias <adapter> -ServerAddresses <internal-dns-server>",
                ])
                .undo(["Set-DnsClientServerAddress -InterfaceAlias <adapter> -ResetServerAddresses"])
                .verify(verifying::record(domain)),
        );
    }
    remedies.push(
        Remedy::new(RULE.code, "publish", Safety::Disruptive)
            .step(
                Shell::Cmd,
                [
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /sdns",
                    "net stop sppsvc && net start sppsvc",
                ],
            )
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /cdns"])
            .verify(verifying::record(domain)),
    );
    remedies.push(
        Remedy::new(RULE.code, "create-record", Safety::Safe)
            .step(Shell::Powershell, [format!(
                "Add-DnsServerResourceRecord -Srv -ZoneName {domain} -Name _vlmcs._tcp -DomainName <kms-host>.{domain} -Priority 0 -Weight 0 -Port 1688"
            )])
            .step(Shell::Bind, [format!("_vlmcs._tcp.{domain}. 3600 IN SRV 0 0 1688 <kms-host>.{domain}.")])
            .undo([format!(
                "Remove-DnsServerResourceRecord -ZoneName {domain} -Name _vlmcs._tcp -RRType Srv -RecordData 0,0,1688,<kms-host>.{domain}."
            )])
            .verify(verifying::record(domain)),
    );
    remedies.push(
        Remedy::new(RULE.code, "fix-host", Safety::Safe)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /skms <kms-host>:1688"])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms"])
            .verify(verifying::activation()),
    );
    remedies
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        NO_RECORD, RECORD, arg, ato, case, client_dlv, collects, commands, explains_code, only, quotes,
        registered,
    };

    #[test]
    fn a_look_up_and_a_code_that_find_no_record_are_certain() {
        let finding =
            only(check(&case(&[("PC-1/dns.txt", NO_RECORD), ("PC-1/ato.txt", &ato("0x8007232B"))])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("domain")));
        assert_eq!(arg(&finding, "domain"), "contoso.com");
        assert!(explains_code(&finding, 0x8007_232B));
        assert!(quotes(&finding, "Non-existent domain"), "{:?}", finding.evidence);
        assert!(commands(&finding).iter().any(|c| c.contains("-ZoneName contoso.com")));
    }

    #[test]
    fn a_code_alone_is_likely_and_names_no_domain() {
        let finding = only(check(&case(&[("PC-1/ato.txt", &ato("0x8007232B"))])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Likely, None));
        assert!(commands(&finding).contains(&"nslookup -type=srv _vlmcs._tcp.<domain>".to_owned()));
    }

    #[test]
    fn a_public_resolver_is_named_as_the_one_that_cannot_know() {
        let asked = NO_RECORD.replace("192.0.2.10", "8.8.8.8").replace("dc01.contoso.com", "dns.google");
        let finding = only(check(&case(&[("PC-1/dns.txt", &asked)])));
        assert_eq!(finding.variant, Some("public-resolver"));
        assert_eq!(arg(&finding, "resolver"), "8.8.8.8");
    }

    #[test]
    fn the_code_of_a_client_with_a_fixed_host_is_not_about_the_record() {
        let dlv = client_dlv("Notification", &registered("kms-old.contoso.com"));
        let case = case(&[("PC-1/dlv.txt", &dlv), ("PC-1/ato.txt", &ato("0x8007232B"))]);
        assert_eq!(check(&case), Verdict::NotApplicable);
    }

    #[test]
    fn a_record_clears_and_nothing_asks_for_a_look_up() {
        assert_eq!(check(&case(&[("PC-1/dns.txt", RECORD)])), Verdict::Clear);
        assert_eq!(check(&case(&[("PC-1/dns.txt", RECORD), ("PC-1/again.txt", NO_RECORD)])), Verdict::Clear);
        assert!(collects(&check(&case(&[]))).contains(&collecting::SRV_LOOKUP.to_owned()));
    }
}
