//! # K703: the firewall rule names only superseded addresses
//!
//! ## What it means
//! A firewall or appliance lets TCP 1688 through to the KMS addresses of before the change of 2022, and not to those in
//! use today.
//!
//! ## How it is recognised
//! A rule for the KMS whose destinations hold an old address and none, or not all, of the current ones.
//!
//! ## What fixes it
//! Put every current address, or the name where the firewall resolves names, into the network rule.
//!
//! ## When it misleads
//! An NSG with such a rule is harmless as long as nothing denies the rest: the platform passes KMS on its own.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-activation-stopped-working>

use std::net::Ipv4Addr;

use azure::AddressClass;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::azure::route_fix;
use crate::rules::{Rule, verifying};
use crate::survey::azure_signs;

/// The rule.
pub const RULE: Rule = Rule {
    code: "K703",
    cause: Cause::AzureOldIpFirewall,
    check,
    source: include_str!("azure_old_ip_firewall.rs"),
};

/// The addresses of a list of prefixes.
fn addresses(texts: &[String]) -> Vec<Ipv4Addr> {
    texts.iter().filter_map(|text| text.trim().split('/').next()?.trim().parse().ok()).collect()
}

/// True when the list holds a superseded endpoint and lacks a required current one.
fn only_old(texts: &[String], cloud: azure::Cloud) -> bool {
    let listed = addresses(texts);
    let names_endpoint = texts.iter().any(|text| azure_signs::is_azure_kms_name(text));
    let has_old = listed.iter().any(|a| azure::classify(*a, cloud) == AddressClass::Superseded)
        || listed.iter().any(|a| *a == Ipv4Addr::new(23, 102, 135, 246));
    has_old && !names_endpoint && required(cloud).iter().all(|current| !listed.contains(current))
}

/// The addresses that machines of today need.
fn required(cloud: azure::Cloud) -> Vec<Ipv4Addr> {
    facts::azure_endpoints::azure_endpoints()
        .of(cloud)
        .filter(|endpoint| endpoint.required)
        .flat_map(|endpoint| endpoint.addresses.iter().copied())
        .filter(|address| *address != Ipv4Addr::new(23, 102, 135, 246))
        .collect()
}

fn check(case: &Case) -> Verdict {
    let cloud = azure_signs::cloud(case);
    let mut evidence: Vec<Citation> = case
        .firewall_rules()
        .filter(|(_, rule)| rule.rule_type.is_some() && only_old(&rule.destinations, cloud))
        .map(|(item, _)| item.cite("destinations"))
        .collect();
    for (item, rule) in case.firewall_rules().filter(|(_, rule)| rule.rule_type.is_none()) {
        let remote: Vec<String> =
            rule.remote_address.iter().flat_map(|r| r.split([',', ' ']).map(str::to_owned)).collect();
        if only_old(&remote, cloud) {
            evidence.push(item.cite("remote_address"));
        }
    }
    let by_firewall = !evidence.is_empty();
    if by_firewall {
        let blocked = case.firewall_rules().filter(|(_, rule)| {
            rule.rule_type.is_some()
                && rule
                    .action
                    .as_deref()
                    .is_some_and(|a| a.eq_ignore_ascii_case("block") || a.eq_ignore_ascii_case("deny"))
        });
        evidence.extend(blocked.take(3).map(|(item, _)| item.cite("action")));
    }
    evidence.extend(
        case.security_groups()
            .filter(|(_, group)| {
                let denies = group
                    .rules
                    .iter()
                    .any(|r| r.access.as_deref().is_some_and(|a| a.eq_ignore_ascii_case("deny")));
                denies && group.rules.iter().any(|rule| only_old(&rule.destinations, cloud))
            })
            .map(|(item, _)| item.cite("rules")),
    );
    if evidence.is_empty() {
        let seen = case.firewall_rules().next().is_some() || case.security_groups().next().is_some();
        return if seen { Verdict::Clear } else { Verdict::NotApplicable };
    }
    let contacts = azure_signs::failed_contacts(case);
    let confidence = match (by_firewall, contacts.is_empty()) {
        (true, false) => Confidence::Certain,
        (true, true) => Confidence::Likely,
        (false, _) => Confidence::Possible,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let wanted: Vec<String> = required(cloud).iter().map(Ipv4Addr::to_string).collect();
    finding.args = vec![("addresses", wanted.join(", ").into())];
    finding.evidence = evidence;
    finding.evidence.extend(contacts);
    finding.machines = route_fix::failing_machines(case);
    finding.stops = finding.machines.len().max(1);
    finding.explains = [Cause::HostUnreachable, Cause::PortBlocked, Cause::FirewallWrongRuleType]
        .map(Explained::Cause)
        .to_vec();
    finding.explains.extend(route_fix::explained_codes(case));
    finding.remedies = vec![
        Remedy::new(RULE.code, "network-rule", Safety::Safe)
            .step(Shell::Az, [format!(
                "az network firewall network-rule create --resource-group <group> --firewall-name <firewall> --collection-name <collection> --name azure-kms --protocols TCP --source-addresses <subnets> --destination-addresses {} --destination-ports 1688",
                wanted.join(" ")
            )])
            .undo([
                "az network firewall network-rule delete --resource-group <group> --firewall-name <firewall> --collection-name <collection> --name azure-kms",
            ])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-activation-stopped-working",
        route_fix::ROUTES_PAGE,
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, case, explains_cause, failing_vm, found, only};

    fn policy(addresses: &str) -> String {
        format!(
            r#"{{"name": "rcg", "properties": {{"priority": 200, "ruleCollections": [{{"name": "net", "priority": 210,
               "ruleCollectionType": "FirewallPolicyFilterRuleCollection", "action": {{"type": "Allow"}}, "rules": [
               {{"ruleType": "NetworkRule", "name": "kms", "destinationAddresses": [{addresses}],
                "destinationPorts": ["1688"], "ipProtocols": ["TCP"], "sourceAddresses": ["10.20.0.0/16"]}}]}}]}}}}"#
        )
    }

    #[test]
    fn a_rule_for_the_old_address_and_a_failing_request_are_certain() {
        let (test, request) = failing_vm();
        let files = [
            ("fw.json", &*policy(r#""23.102.135.246""#)),
            ("vm-1/tnc.txt", &*test),
            ("vm-1/e.xml", &*request),
        ];
        let finding = only(check(&case(&files)));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(arg(&finding, "addresses").contains("20.118.99.224"));
        assert!(explains_cause(&finding, Cause::FirewallWrongRuleType));
        let alone = check(&case(&files[..1]));
        assert_eq!(found(&alone), [(Cause::AzureOldIpFirewall, Confidence::Likely)]);
    }

    #[test]
    fn a_rule_that_also_holds_the_current_addresses_is_clear() {
        let all = policy(r#""23.102.135.246", "20.118.99.224", "40.83.235.53""#);
        assert_eq!(check(&case(&[("fw.json", &all)])), Verdict::Clear);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }

    #[test]
    fn a_security_group_with_the_old_address_is_only_possible() {
        let group = r#"{"name": "nsg-1", "securityRules": [
            {"access": "Allow", "destinationAddressPrefix": "23.102.135.246", "destinationPortRange": "1688", "direction": "Outbound",
             "name": "kms", "priority": 200, "protocol": "Tcp", "sourceAddressPrefix": "*", "sourcePortRange": "*"},
            {"access": "Deny", "destinationAddressPrefix": "Internet", "destinationPortRange": "*", "direction": "Outbound",
             "name": "deny", "priority": 400, "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*"}]}"#;
        let verdict = check(&case(&[("nsg.json", group)]));
        assert_eq!(found(&verdict), [(Cause::AzureOldIpFirewall, Confidence::Possible)]);
    }
}
