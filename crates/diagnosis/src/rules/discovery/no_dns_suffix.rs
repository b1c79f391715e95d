//! # K103: the client has no DNS suffix to search
//!
//! ## What it means
//! Neither a primary suffix, nor a connection suffix (DHCP option 15), nor a search list: discovery has no domain to ask.
//!
//! ## How it is recognised
//! `ipconfig /all` of a client shows all three empty, and the client fails to find a host.
//!
//! ## What fixes it
//! Join the domain or set the suffix; let DHCP hand out option 15; or give the client a lookup domain or a fixed host.
//!
//! ## When it misleads
//! With a fixed host the suffixes do not matter.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::{How, clients, codes, discovery, targets};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K103", cause: Cause::NoDnsSuffix, check, source: include_str!("no_dns_suffix.rs") };

fn check(case: &Case) -> Verdict {
    let suffixes = discovery::suffixes(case);
    let Some(item) = suffixes.none_at_all else {
        return match suffixes.from.is_empty() {
            true => collecting::unknown("K103", &[collecting::IPCONFIG]),
            false => Verdict::Clear,
        };
    };
    let fixed = targets::targets(case).iter().any(|target| target.is(How::Registered));
    let lookup_domain = case.licenses().any(|(_, license)| license.kms_lookup_domain.is_some());
    if fixed || lookup_domain || !suffixes.domains.is_empty() {
        return Verdict::NotApplicable;
    }
    let found = codes::current(case, codes::NO_RECORD);
    let misses = discovery::misses(case);
    let fails = clients::clients(case).iter().any(clients::Client::fails_now);
    if found.is_empty() && misses.is_empty() && !fails {
        return Verdict::Clear;
    }
    let confidence =
        if found.is_empty() && misses.is_empty() { Confidence::Likely } else { Confidence::Certain };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.evidence = vec![item.cite("primary_dns_suffix"), item.cite("dns_suffix_search_list")];
    finding.evidence.dedup();
    finding.evidence.extend(misses.iter().map(|miss| miss.item.cite("result")));
    finding
        .evidence
        .extend(discovery::records(case).iter().take(2).map(|record| record.item.cite("records")));
    finding.evidence.extend(found.iter().map(|seen| seen.item.cite(seen.field())));
    finding.machines = case.machine_label(item.machine).into_iter().collect();
    finding.explains = vec![Explained::Cause(Cause::SrvMissing), Explained::Cause(Cause::SrvWrongSuffix)];
    finding.explains.extend(found.iter().map(|seen| Explained::Code(seen.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "lookup-domain", Safety::Safe)
            .step(
                Shell::Cmd,
                ["cscript //nologo %windir%\\system32\\slmgr.vbs /skms-domain <domain-of-the-record>"],
            )
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms-domain"])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "set-suffix", Safety::Disruptive)
            .step(
                Shell::Powershell,
                ["Set-DnsClientGlobalSetting -SuffixSearchList @('<domain-of-the-record>')"],
            )
            .undo(["Set-DnsClientGlobalSetting -SuffixSearchList @()"])
            .verify(["ipconfig /all"]),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns",
    ];
    Verdict::Faults(vec![finding])
}
