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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        NO_RECORD, ato, case, client_dlv, collects, explains_cause, explains_code, ipconfig, only, registered,
    };

    #[test]
    fn no_suffix_anywhere_and_a_failing_look_up_are_certain() {
        let client = ipconfig("TERM-5", "", "192.0.2.10") + &ato("0x8007007B");
        let finding = only(check(&case(&[("client.txt", &client)])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!(finding.machines, ["TERM-5"]);
        assert!(explains_code(&finding, 0x8007_007B));
        assert!(explains_cause(&finding, Cause::SrvMissing));
    }

    #[test]
    fn a_failure_of_another_kind_is_only_likely() {
        let client = ipconfig("TERM-5", "", "192.0.2.10") + &ato("0xC004F074");
        assert_eq!(only(check(&case(&[("client.txt", &client)]))).confidence, Confidence::Likely);
    }

    #[test]
    fn with_a_fixed_host_the_suffixes_do_not_matter() {
        let client = ipconfig("TERM-5", "", "192.0.2.10") + &ato("0xC004F074");
        let dlv = client_dlv("Notification", &registered("kms01.contoso.com"));
        assert_eq!(
            check(&case(&[("TERM-5/client.txt", &client), ("TERM-5/dlv.txt", &dlv)])),
            Verdict::NotApplicable
        );
    }

    #[test]
    fn a_suffix_clears_a_quiet_client_clears_and_nothing_asks_for_ipconfig() {
        let client = ipconfig("PC-1", "contoso.com", "192.0.2.10") + NO_RECORD;
        assert_eq!(check(&case(&[("client.txt", &client)])), Verdict::Clear);
        assert_eq!(check(&case(&[("client.txt", &ipconfig("PC-1", "", "192.0.2.10"))])), Verdict::Clear);
        assert_eq!(collects(&check(&case(&[]))), [collecting::IPCONFIG]);
    }
}
