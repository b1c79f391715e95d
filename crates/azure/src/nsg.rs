//! Whether a network security group stops TCP 1688 outbound to a KMS address.
//!
//! The platform lets licensing traffic pass whatever the rules say, except that
//! a deny of the service tag `AzurePlatformLKM` stops it, and that the platform's own rule is off
//! where a user-defined 0.0.0.0/0 route exists.
//! Source: <https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview#azure-platform-considerations>

use std::net::Ipv4Addr;

use facts::azure_endpoints::azure_endpoints;
use model::azure::{SecurityGroup, SecurityRule};

use crate::select::parse_prefix;
use crate::verdict::Verdict;

/// The port of the KMS.
const KMS_PORT: u16 = 1688;

/// Why the rules decide as they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NsgReason {
    /// A rule allows it, or nothing denies it.
    Allowed,
    /// Denied, and the platform's own rule lets it pass all the same.
    PlatformRule,
    /// Denied, and a user-defined default route switches the platform's own rule off.
    DeniedWithoutPlatformRule,
    /// A rule denies the service tag of licensing.
    DeniedLicensingTag,
    /// Denied; whether the platform's rule is on is not in the evidence.
    DeniedRoutesUnknown,
    /// Rules made for the KMS allow other endpoint addresses only, and what denies the rest is not in the evidence.
    AllowsOtherAddressesOnly,
    /// The rule that decides names something that cannot be judged here.
    Unclear,
}

/// What a security group does with KMS traffic.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct NsgDecision<'a> {
    /// The rule that wins, and its index.
    pub rule: Option<(usize, &'a SecurityRule)>,
    /// Whether it would work.
    pub verdict: Verdict,
    /// Why.
    pub reason: NsgReason,
}

/// How surely a rule is about the traffic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    No,
    Perhaps,
    Yes,
}

/// What the group does with TCP 1688 outbound to an address.
///
/// `user_default_route`: whether the subnet has a user-defined 0.0.0.0/0 route; nothing when that is not known.
pub fn decide(group: &SecurityGroup, address: Ipv4Addr, user_default_route: Option<bool>) -> NsgDecision<'_> {
    let mut rules: Vec<(usize, &SecurityRule)> =
        group.rules.iter().enumerate().filter(|(_, rule)| is(&rule.direction, "outbound")).collect();
    rules.sort_by_key(|(_, rule)| rule.priority.unwrap_or(u32::MAX));
    let mut perhaps_denied = false;
    for (index, rule) in rules {
        let denies = is(&rule.access, "deny");
        match matches(rule, address) {
            Match::No => {}
            Match::Perhaps => perhaps_denied |= denies,
            Match::Yes if denies => return denied((index, rule), user_default_route),
            Match::Yes if perhaps_denied => {
                return NsgDecision { rule: None, verdict: Verdict::Depends, reason: NsgReason::Unclear };
            }
            Match::Yes => {
                let rule = Some((index, rule));
                return NsgDecision { rule, verdict: Verdict::Works, reason: NsgReason::Allowed };
            }
        }
    }
    if perhaps_denied {
        return NsgDecision { rule: None, verdict: Verdict::Depends, reason: NsgReason::Unclear };
    }
    if let Some(rule) = allowance_for_others(group) {
        let reason = NsgReason::AllowsOtherAddressesOnly;
        return NsgDecision { rule: Some(rule), verdict: Verdict::Depends, reason };
    }
    NsgDecision { rule: None, verdict: Verdict::Works, reason: NsgReason::Allowed }
}

/// A rule that lets port 1688 out to KMS addresses: whoever needs it has denied the rest somewhere.
fn allowance_for_others(group: &SecurityGroup) -> Option<(usize, &SecurityRule)> {
    group.rules.iter().enumerate().find(|(_, rule)| {
        let port = rule.destination_ports.iter().any(|port| port.trim() == "1688");
        let endpoint = |text: &String| {
            parse_prefix(text).is_some_and(|prefix| azure_endpoints().with_address(prefix.addr()).is_some())
        };
        is(&rule.direction, "outbound")
            && is(&rule.access, "allow")
            && port
            && rule.destinations.iter().any(endpoint)
    })
}

fn denied<'a>(rule: (usize, &'a SecurityRule), user_default_route: Option<bool>) -> NsgDecision<'a> {
    let (verdict, reason) = if names_licensing_tag(rule.1) {
        (Verdict::Fails, NsgReason::DeniedLicensingTag)
    } else {
        match user_default_route {
            Some(true) => (Verdict::Fails, NsgReason::DeniedWithoutPlatformRule),
            Some(false) => (Verdict::Works, NsgReason::PlatformRule),
            None => (Verdict::Depends, NsgReason::DeniedRoutesUnknown),
        }
    };
    NsgDecision { rule: Some(rule), verdict, reason }
}

/// True when a rule's destination is the service tag of licensing.
pub fn names_licensing_tag(rule: &SecurityRule) -> bool {
    rule.destinations.iter().any(|d| d.trim().eq_ignore_ascii_case("AzurePlatformLKM"))
}

fn is(field: &Option<String>, wanted: &str) -> bool {
    field.as_deref().is_some_and(|text| text.trim().eq_ignore_ascii_case(wanted))
}

fn matches(rule: &SecurityRule, address: Ipv4Addr) -> Match {
    let destination = rule.destinations.iter().map(|d| destination_holds(d, address)).max();
    let parts = [
        protocol_matches(rule.protocol.as_deref()),
        ports_match(&rule.destination_ports),
        // A rule without readable destinations (an application security group, a redaction) stays unclear.
        destination.unwrap_or(Match::Perhaps),
        rule.sources.iter().map(|s| source_matches(s)).max().unwrap_or(Match::Yes),
    ];
    parts.into_iter().min().unwrap_or(Match::No)
}

fn protocol_matches(protocol: Option<&str>) -> Match {
    match protocol.map(|p| p.trim().to_ascii_lowercase()).as_deref() {
        None | Some("tcp" | "*" | "any" | "all" | "6" | "") => Match::Yes,
        _ => Match::No,
    }
}

fn ports_match(ports: &[String]) -> Match {
    let holds = |text: &String| {
        let text = text.trim();
        if matches!(text, "*" | "") || text.eq_ignore_ascii_case("any") {
            return true;
        }
        match text.split_once('-') {
            Some((low, high)) => match (low.trim().parse::<u16>(), high.trim().parse::<u16>()) {
                (Ok(low), Ok(high)) => (low..=high).contains(&KMS_PORT),
                _ => false,
            },
            None => text.parse() == Ok(KMS_PORT),
        }
    };
    if ports.is_empty() || ports.iter().any(holds) { Match::Yes } else { Match::No }
}

fn destination_holds(destination: &str, address: Ipv4Addr) -> Match {
    if let Some(prefix) = parse_prefix(destination) {
        return if prefix.contains(&address) { Match::Yes } else { Match::No };
    }
    let tag = destination.trim().to_ascii_lowercase();
    match tag.as_str() {
        "*" | "any" | "internet" | "azureplatformlkm" | "azurecloud" => Match::Yes,
        tag if tag.starts_with("azurecloud.") => Match::Perhaps,
        "" => Match::Perhaps,
        _ => Match::No,
    }
}

/// Rules for other machines of the subnet name their own addresses; which one is ours is not known here.
fn source_matches(source: &str) -> Match {
    match source.trim().to_ascii_lowercase().as_str() {
        "*" | "any" | "" | "0.0.0.0/0" | "virtualnetwork" => Match::Yes,
        _ => Match::Perhaps,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KMS: Ipv4Addr = Ipv4Addr::new(20, 118, 99, 224);

    fn rule(priority: u32, access: &str, protocol: &str, destination: &str, port: &str) -> SecurityRule {
        SecurityRule {
            priority: Some(priority),
            direction: Some("Outbound".into()),
            access: Some(access.into()),
            protocol: Some(protocol.into()),
            sources: vec!["*".into()],
            destinations: vec![destination.into()],
            destination_ports: vec![port.into()],
            ..SecurityRule::default()
        }
    }

    #[test]
    fn decides_as_the_platform_does() {
        use NsgReason::*;
        let deny_internet = rule(4000, "Deny", "*", "Internet", "*");
        let deny_tag = rule(200, "Deny", "Tcp", "AzurePlatformLKM", "*");
        let allow_kms = rule(150, "Allow", "Tcp", "20.118.99.224/32", "1688");
        let other_port = rule(100, "Deny", "Tcp", "*", "80");
        let range = rule(100, "Deny", "Tcp", "20.0.0.0/8", "1000-2000");
        let udp = rule(100, "Deny", "Udp", "*", "1688");
        let inbound = SecurityRule { direction: Some("Inbound".into()), ..deny_internet.clone() };
        let from_other = SecurityRule { sources: vec!["10.0.9.0/24".into()], ..deny_internet.clone() };
        let old_only = rule(170, "Allow", "*", "23.102.135.246/32", "1688");
        type Case<'a> = (&'a str, Vec<SecurityRule>, Option<bool>, Verdict, NsgReason);
        let cases: [Case<'_>; 13] = [
            ("an old allowance", vec![old_only], Some(true), Verdict::Depends, AllowsOtherAddressesOnly),
            ("nothing", vec![], Some(true), Verdict::Works, Allowed),
            (
                "deny, no default route",
                vec![deny_internet.clone()],
                Some(false),
                Verdict::Works,
                PlatformRule,
            ),
            (
                "deny, default route",
                vec![deny_internet.clone()],
                Some(true),
                Verdict::Fails,
                DeniedWithoutPlatformRule,
            ),
            ("deny, unknown", vec![deny_internet.clone()], None, Verdict::Depends, DeniedRoutesUnknown),
            ("tag", vec![deny_tag.clone()], Some(false), Verdict::Fails, DeniedLicensingTag),
            ("allow before tag", vec![deny_tag, allow_kms.clone()], Some(false), Verdict::Works, Allowed),
            ("allow first", vec![deny_internet.clone(), allow_kms], Some(true), Verdict::Works, Allowed),
            ("another port", vec![other_port], Some(true), Verdict::Works, Allowed),
            ("a range", vec![range], Some(true), Verdict::Fails, DeniedWithoutPlatformRule),
            ("udp", vec![udp], Some(true), Verdict::Works, Allowed),
            ("inbound", vec![inbound], Some(true), Verdict::Works, Allowed),
            ("another source", vec![from_other], Some(true), Verdict::Depends, Unclear),
        ];
        for (name, rules, default_route, verdict, reason) in cases {
            let group = SecurityGroup { rules, ..SecurityGroup::default() };
            let decision = decide(&group, KMS, default_route);
            assert_eq!((decision.verdict, decision.reason), (verdict, reason), "{name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(destination in ".{0,20}", port in ".{0,12}", protocol in ".{0,6}") {
            let group = SecurityGroup {
                rules: vec![rule(1, "Deny", &protocol, &destination, &port)],
                ..SecurityGroup::default()
            };
            let _ = decide(&group, KMS, None);
        }
    }
}
