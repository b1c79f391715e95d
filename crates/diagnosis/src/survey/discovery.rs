//! Discovery: which domains clients search, which records exist, who was asked.

use std::collections::BTreeSet;

use model::dns::{DnsAnswer, DnsResult, SrvRecord, is_vlmcs_name, vlmcs_domain};
use model::host_name::canonical;

use crate::case::{Case, Item};

/// A KMS record in the evidence.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// The answer or listing that holds it.
    pub item: Item<'a>,
    /// The answer.
    pub answer: &'a DnsAnswer,
    /// The record.
    pub record: &'a SrvRecord,
}

impl Record<'_> {
    /// The domain it was published in: of its owner, else of the question or zone.
    pub fn domain(&self) -> Option<String> {
        self.record
            .domain()
            .or_else(|| self.answer.query.as_deref().and_then(vlmcs_domain))
            .or_else(|| self.answer.zone.as_deref().map(canonical))
    }
}

/// Every `_vlmcs._tcp` record that was seen.
pub fn records(case: &Case) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    for (item, answer) in case.dns_answers() {
        let asked_for_it = answer.query.as_deref().is_some_and(is_vlmcs_name);
        for record in &answer.records {
            let is_kms = match &record.owner {
                Some(owner) => is_vlmcs_name(owner),
                None => asked_for_it || answer.query.is_none(),
            };
            if is_kms && record.target.is_some() {
                records.push(Record { item, answer, record });
            }
        }
    }
    records
}

/// A question for the KMS record that brought none.
#[derive(Debug, Clone, Copy)]
pub struct Miss<'a> {
    /// The answer.
    pub item: Item<'a>,
    /// The answer.
    pub answer: &'a DnsAnswer,
}

impl Miss<'_> {
    /// The domain that was asked, if the question named one.
    pub fn domain(&self) -> Option<String> {
        self.answer.query.as_deref().and_then(vlmcs_domain)
    }
}

/// Questions for the record that were answered with "there is none".
pub fn misses(case: &Case) -> Vec<Miss<'_>> {
    questions(case)
        .filter(|(_, a)| matches!(a.result, Some(DnsResult::Nxdomain | DnsResult::NoRecords)))
        .map(|(item, answer)| Miss { item, answer })
        .collect()
}

/// Questions for the record that got no answer from the server.
pub fn unanswered(case: &Case) -> Vec<Miss<'_>> {
    questions(case)
        .filter(|(_, a)| matches!(a.result, Some(DnsResult::Timeout)))
        .map(|(item, answer)| Miss { item, answer })
        .collect()
}

fn questions(case: &Case) -> impl Iterator<Item = (Item<'_>, &DnsAnswer)> {
    case.dns_answers().filter(|(_, a)| a.query.as_deref().is_some_and(is_vlmcs_name) && a.records.is_empty())
}

/// Domains that a client searches, as ipconfig and the registry show them.
#[derive(Debug, Default)]
pub struct Suffixes<'a> {
    /// Canonical names.
    pub domains: BTreeSet<String>,
    /// Where they were read.
    pub from: Vec<Item<'a>>,
    /// A configuration was seen that shows no suffix at all.
    pub none_at_all: Option<Item<'a>>,
}

/// The suffixes of all clients in the case; hosts are left out where they are known as such.
pub fn suffixes(case: &Case) -> Suffixes<'_> {
    let hosts: BTreeSet<_> = super::hosts::hosts(case).iter().filter_map(|h| h.machine).collect();
    let mut suffixes = Suffixes::default();
    for (item, network) in case.networks() {
        if item.machine.is_some_and(|machine| hosts.contains(&machine)) {
            continue;
        }
        let mut found: BTreeSet<String> = BTreeSet::new();
        found.extend(network.primary_dns_suffix.iter().map(|s| canonical(s)));
        found.extend(network.dns_suffix_search_list.iter().map(|s| canonical(s)));
        for adapter in network.adapters.iter().filter(|a| !a.disconnected) {
            found.extend(adapter.dns_suffix.iter().map(|s| canonical(s)));
        }
        found.remove("");
        // A listing of servers or addresses has no place for suffixes: absent is not empty.
        let says_nothing =
            network.primary_dns_suffix.is_none() && network.adapters.iter().all(|a| a.dns_suffix.is_none());
        if found.is_empty() && !says_nothing {
            suffixes.none_at_all = Some(item);
        }
        suffixes.from.push(item);
        suffixes.domains.extend(found);
    }
    for (item, value) in case.registry_values() {
        let name = value.name.as_deref().unwrap_or_default().to_lowercase();
        let key = value.key.as_deref().unwrap_or_default().to_lowercase();
        let holds_suffixes = key.contains("tcpip\\parameters") || key.contains("dnsclient");
        if holds_suffixes
            && matches!(
                name.as_str(),
                "searchlist" | "nv domain" | "domain" | "dhcpdomain" | "primarydnssuffix"
            )
        {
            let data = value.data.as_deref().unwrap_or_default();
            let parts = data.split([',', ' ', '\n']).map(canonical).filter(|s| !s.is_empty());
            suffixes.domains.extend(parts);
            suffixes.from.push(item);
        }
    }
    suffixes
}

/// True for well-known public resolvers, which cannot know an internal zone.
pub fn is_public_resolver(address: &str) -> bool {
    const PUBLIC: [&str; 12] = [
        "8.8.8.8",
        "8.8.4.4",
        "1.1.1.1",
        "1.0.0.1",
        "9.9.9.9",
        "149.112.112.112",
        "208.67.222.222",
        "208.67.220.220",
        "114.114.114.114",
        "168.95.1.1",
        "2001:4860:4860::8888",
        "2606:4700:4700::1111",
    ];
    PUBLIC.contains(&address.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NO_RECORD, RECORD, case, host_dlv, ipconfig};

    #[test]
    fn records_carry_the_domain_that_was_asked() {
        let case = case(&[("dns.txt", RECORD)]);
        let records = records(&case);
        assert_eq!(records.len(), 1);
        assert_eq!(records[0].domain().as_deref(), Some("contoso.com"));
        assert_eq!(records[0].record.target.as_deref(), Some("kms01.contoso.com"));
    }

    #[test]
    fn a_no_is_a_miss_and_silence_is_unanswered() {
        let silent = "C:\\>nslookup -type=srv _vlmcs._tcp.contoso.com\nServer:  UnKnown\nAddress:  192.0.2.10\n\nDNS request timed out.\n    timeout was 2 seconds.\n*** Request to UnKnown timed-out\n";
        let case = case(&[("a.txt", NO_RECORD), ("b.txt", silent), ("c.txt", RECORD)]);
        assert_eq!(misses(&case).iter().filter_map(Miss::domain).collect::<Vec<_>>(), ["contoso.com"]);
        assert_eq!(unanswered(&case).len(), 1);
    }

    #[test]
    fn suffixes_come_from_ipconfig_and_the_registry_and_not_from_hosts() {
        let reg = "Windows Registry Editor Version 5.00\n\n[HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters]\n\"SearchList\"=\"emea.contoso.com, corp.contoso.com\"\n";
        let host =
            ipconfig("kms01", "hosts.contoso.com", "192.0.2.10") + &host_dlv("Licensed", 30, "enabled");
        let files = [
            ("PC-1.txt", &*ipconfig("PC-1", "Lab.Contoso.com.", "192.0.2.10")),
            ("PC-1.reg", reg),
            ("kms01.txt", &*host),
        ];
        let case = case(&files);
        let suffixes = suffixes(&case);
        let domains: Vec<&str> = suffixes.domains.iter().map(String::as_str).collect();
        assert_eq!(domains, ["corp.contoso.com", "emea.contoso.com", "lab.contoso.com"]);
        assert!(suffixes.none_at_all.is_none());
    }

    #[test]
    fn a_configuration_without_any_suffix_is_remembered() {
        let case = case(&[("PC-1.txt", &ipconfig("PC-1", "", "192.0.2.10"))]);
        assert!(suffixes(&case).none_at_all.is_some() && suffixes(&case).domains.is_empty());
    }

    #[test]
    fn public_resolvers_are_known() {
        assert!(is_public_resolver(" 8.8.8.8 ") && !is_public_resolver("192.0.2.10"));
    }
}
