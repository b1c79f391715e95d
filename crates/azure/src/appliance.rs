//! Whether the rules of Azure Firewall or another appliance on the way let KMS traffic pass.
//!
//! KMS is plain TCP on 1688, so a network rule is needed: an application rule waits for HTTP or TLS and drops it.
//! Sources: <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-activation-stopped-working>,
//! <https://learn.microsoft.com/azure/firewall/protect-azure-virtual-desktop>

use std::net::Ipv4Addr;

use facts::azure_endpoints::{Cloud, Status, azure_endpoints};
use model::windows::FirewallRule;

use crate::address::wrong_in_list;
use crate::select::parse_prefix;
use crate::verdict::Verdict;

/// The port of the KMS.
const KMS_PORT: u16 = 1688;

/// Why the rules decide as they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ApplianceReason {
    /// Network rules cover every required address.
    Allowed,
    /// Network rules cover superseded addresses and not all current ones.
    SupersededOnly,
    /// A network rule names an address that never was an endpoint.
    WrongAddress,
    /// Only an application rule names the KMS.
    ApplicationRule,
    /// A rule, or a line of the log, blocks an endpoint.
    Blocked,
    /// Nothing in the rules is about the KMS.
    NotCovered,
}

/// What the rules do with KMS traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ApplianceDecision {
    /// Index of the rule that shows it.
    pub rule: Option<usize>,
    /// Whether it would work, as far as these rules decide.
    pub verdict: Verdict,
    /// Why.
    pub reason: ApplianceReason,
    /// Cause id of the report contract, when it fails.
    pub cause: Option<&'static str>,
}

/// Judges the rules of one appliance; rules of the Windows firewall (without a rule type) are passed over.
///
/// It matters only where the routes lead through that appliance.
pub fn decide(rules: &[&FirewallRule], cloud: Cloud) -> ApplianceDecision {
    let fails = |rule, reason, cause| ApplianceDecision {
        rule: Some(rule),
        verdict: Verdict::Fails,
        reason,
        cause: Some(cause),
    };
    let required: Vec<(&str, Ipv4Addr)> = endpoints(cloud, |e| e.required);
    let allowing = |(name, address): &(&str, Ipv4Addr)| {
        rules.iter().position(|rule| is_network(rule, "allow") && covers(rule, name, *address))
    };
    if !required.is_empty() && required.iter().all(|endpoint| allowing(endpoint).is_some()) {
        let (verdict, reason) = (Verdict::Works, ApplianceReason::Allowed);
        return ApplianceDecision { rule: allowing(&required[0]), verdict, reason, cause: None };
    }
    if let Some(rule) = wrong_address(rules, cloud) {
        return fails(rule, ApplianceReason::WrongAddress, "azure-wrong-ip");
    }
    let superseded = endpoints(cloud, |e| e.status == Status::Superseded);
    if let Some(rule) = superseded.iter().find_map(allowing) {
        return fails(rule, ApplianceReason::SupersededOnly, "azure-old-ip-firewall");
    }
    let all = endpoints(cloud, |_| true);
    let about = |rule: &FirewallRule| all.iter().any(|(name, address)| names(rule, name, *address));
    let application = rules.iter().position(|rule| is_type(rule, "application") && about(rule));
    if let Some(rule) = application {
        return fails(rule, ApplianceReason::ApplicationRule, "firewall-wrong-rule-type");
    }
    let blocking = |rule: &&FirewallRule| {
        is_network(rule, "block") && all.iter().any(|(name, address)| covers(rule, name, *address))
    };
    if let Some(rule) = rules.iter().position(blocking) {
        return fails(rule, ApplianceReason::Blocked, "port-blocked");
    }
    let (verdict, reason) = (Verdict::Depends, ApplianceReason::NotCovered);
    ApplianceDecision { rule: None, verdict, reason, cause: None }
}

fn endpoints(
    cloud: Cloud,
    wanted: impl Fn(&facts::azure_endpoints::Endpoint) -> bool,
) -> Vec<(&'static str, Ipv4Addr)> {
    let of_cloud = azure_endpoints().of(cloud).filter(|endpoint| wanted(endpoint));
    of_cloud.flat_map(|e| e.addresses.iter().map(|&address| (e.name.as_str(), address))).collect()
}

fn is_type(rule: &FirewallRule, wanted: &str) -> bool {
    rule.rule_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case(wanted))
}

fn is_network(rule: &FirewallRule, action: &str) -> bool {
    is_type(rule, "network") && rule.action.as_deref().is_some_and(|text| text.eq_ignore_ascii_case(action))
}

/// True when a network rule is about TCP 1688 to an endpoint.
fn covers(rule: &FirewallRule, name: &str, address: Ipv4Addr) -> bool {
    let protocol = rule.protocol.as_deref().unwrap_or("any").to_ascii_lowercase();
    let tcp = ["tcp", "any", "*"].iter().any(|wanted| protocol.split(',').any(|part| part.trim() == *wanted));
    let everything = |text: &String| {
        let text = text.trim().to_ascii_lowercase();
        matches!(text.as_str(), "*" | "any" | "internet" | "azurecloud")
    };
    tcp && holds_port(rule.remote_port.as_deref().unwrap_or("*"))
        && (names(rule, name, address) || rule.destinations.iter().any(everything))
}

fn names(rule: &FirewallRule, name: &str, address: Ipv4Addr) -> bool {
    rule.destinations.iter().any(|destination| {
        let host = model::host_name::canonical(destination);
        parse_prefix(destination).is_some_and(|prefix| prefix.contains(&address))
            || host == name
            || host.strip_prefix('*').is_some_and(|tail| tail.len() > 1 && name.ends_with(tail))
    })
}

fn holds_port(text: &str) -> bool {
    text.split(',').map(str::trim).any(|part| match part.split_once('-') {
        Some((low, high)) => match (low.trim().parse::<u16>(), high.trim().parse::<u16>()) {
            (Ok(low), Ok(high)) => (low..=high).contains(&KMS_PORT),
            _ => false,
        },
        None => part == "*" || part.eq_ignore_ascii_case("any") || part.parse() == Ok(KMS_PORT),
    })
}

fn wrong_address(rules: &[&FirewallRule], cloud: Cloud) -> Option<usize> {
    rules.iter().position(|rule| {
        let addresses: Vec<Ipv4Addr> = rule
            .destinations
            .iter()
            .filter_map(|text| parse_prefix(text).filter(|prefix| prefix.prefix_len() == 32))
            .map(|prefix| prefix.addr())
            .collect();
        is_network(rule, "allow")
            && holds_port(rule.remote_port.as_deref().unwrap_or("*"))
            && !wrong_in_list(&addresses, cloud).is_empty()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: &str, action: &str, protocol: &str, port: &str, to: &[&str]) -> FirewallRule {
        FirewallRule {
            rule_type: Some(kind.into()),
            action: Some(action.into()),
            protocol: Some(protocol.into()),
            remote_port: Some(port.into()),
            destinations: to.iter().map(|text| (*text).into()).collect(),
            ..FirewallRule::default()
        }
    }

    #[test]
    fn judges_rules() {
        use ApplianceReason::*;
        let both = rule("network", "Allow", "TCP", "1688", &["20.118.99.224", "40.83.235.53/32"]);
        let by_name = rule("network", "Allow", "TCP", "1688", &["azkms.core.windows.net"]);
        let wide = rule("network", "Allow", "Any", "1-65535", &["*"]);
        let one = rule("network", "Allow", "TCP", "1688", &["20.118.99.224"]);
        let old = rule("network", "Allow", "TCP", "1688", &["23.102.135.246"]);
        let swapped = rule("network", "Allow", "TCP", "1688", &["20.118.99.244", "40.83.235.53"]);
        let application = rule("application", "Allow", "Https:1688", "1688", &["azkms.core.windows.net"]);
        let denied = rule("network", "Block", "TCP", "1688", &["40.83.235.53"]);
        let udp = rule("network", "Allow", "UDP", "1688", &["20.118.99.224", "40.83.235.53"]);
        let cases: [(&str, Vec<&FirewallRule>, ApplianceReason, Option<&str>); 10] = [
            ("both", vec![&both], Allowed, None),
            ("by name", vec![&application, &by_name], Allowed, None),
            ("wide", vec![&wide], Allowed, None),
            ("one of two", vec![&one], NotCovered, None),
            ("old", vec![&old, &application], SupersededOnly, Some("azure-old-ip-firewall")),
            ("old and a log", vec![&old, &denied], SupersededOnly, Some("azure-old-ip-firewall")),
            ("swapped", vec![&swapped], WrongAddress, Some("azure-wrong-ip")),
            ("application", vec![&application], ApplicationRule, Some("firewall-wrong-rule-type")),
            ("denied", vec![&denied], Blocked, Some("port-blocked")),
            ("udp", vec![&udp], NotCovered, None),
        ];
        for (name, rules, reason, cause) in cases {
            let decision = decide(&rules, Cloud::AzurePublic);
            assert_eq!((decision.reason, decision.cause), (reason, cause), "{name}");
        }
    }
}
