//! # K704: the route or rule names an address that never was a KMS endpoint
//!
//! ## What it means
//! A digit is wrong in the exemption (20.118.99.244 and 40.83.245.53 are well-travelled), so it exempts nothing.
//!
//! ## How it is recognised
//! A /32 route, a rule or a list of exemptions with an address that is a typing error away from an endpoint, or known
//! as a misprint, while the real endpoint is not there.
//!
//! ## What fixes it
//! Replace the wrong address by the real one.
//!
//! ## When it misleads
//! A route to some other service may happen to look alike; its name tells.
//!
//! ## Sources
//! <https://github.com/MicrosoftDocs/SupportArticles-docs/issues/642>
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/custom-routes-enable-kms-activation>

use std::net::Ipv4Addr;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::rules::Rule;
use crate::rules::azure::route_fix;
use crate::survey::azure_signs::{self, describe_route};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K704", cause: Cause::AzureWrongIp, check, source: include_str!("azure_wrong_ip.rs") };

/// A wrong address with its proof.
struct Wrong {
    address: Ipv4Addr,
    meant: Option<Ipv4Addr>,
    citation: Citation,
    in_route: bool,
}

fn check(case: &Case) -> Verdict {
    let wrong = gather(case);
    let Some(first) = wrong.first() else {
        let seen = case.route_tables().next().is_some() || case.address_lists().next().is_some();
        return if seen { Verdict::Clear } else { Verdict::NotApplicable };
    };
    // Where everything still leaves through the Internet, the mistake does no harm yet.
    let checks = azure_signs::route_checks(case);
    let harmless =
        !checks.is_empty() && checks.iter().all(|(_, _, check)| check.verdict == azure::Verdict::Works);
    let confidence = match (harmless, first.in_route) {
        (true, _) => Confidence::Possible,
        (false, true) => Confidence::Certain,
        (false, false) => Confidence::Likely,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    if harmless {
        finding.severity = crate::finding::Severity::Warning;
    }
    let list =
        |of: &dyn Fn(&Wrong) -> Option<String>| wrong.iter().filter_map(of).collect::<Vec<_>>().join(", ");
    finding.args = vec![
        ("wrong", list(&|w| Some(w.address.to_string())).into()),
        ("meant", list(&|w| w.meant.map(|m| m.to_string())).into()),
    ];
    finding.evidence = wrong.iter().map(|w| w.citation.clone()).collect();
    for (item, _, check) in &checks {
        for reason in [azure::Reason::ForcedTunnel, azure::Reason::Appliance] {
            finding.evidence.extend(route_fix::proof(item, check, reason));
        }
    }
    finding.evidence.extend(azure_signs::failed_contacts(case));
    finding.machines = route_fix::failing_machines(case);
    finding.stops = finding.machines.len().max(1);
    finding.explains = [
        Cause::ForcedTunnel,
        Cause::AzureOldIpRoute,
        Cause::HostUnreachable,
        Cause::PortBlocked,
        Cause::AzureOldIpFirewall,
    ]
    .map(Explained::Cause)
    .to_vec();
    finding.explains.extend(route_fix::explained_codes(case));
    let mut addresses: Vec<Ipv4Addr> = wrong.iter().filter_map(|w| w.meant).collect();
    addresses.extend(checks.iter().flat_map(|(_, _, check)| route_fix::missing(check)));
    addresses.sort_unstable();
    addresses.dedup();
    finding.remedies = vec![route_fix::add_routes(RULE.code, &addresses)];
    finding.references = vec![route_fix::ROUTES_PAGE];
    Verdict::Faults(vec![finding])
}

fn gather(case: &Case) -> Vec<Wrong> {
    let cloud = azure_signs::cloud(case);
    let mut found = Vec::new();
    for (item, table, check) in azure_signs::route_checks(case) {
        for wrong in &check.wrong {
            let text = table.routes.get(wrong.index).map(describe_route).unwrap_or_default();
            let citation = Citation { text, source: item.evidence.fact.source.clone() };
            found.push(Wrong { address: wrong.address, meant: wrong.meant, citation, in_route: true });
        }
    }
    found.extend(of_other_clouds(case, cloud));
    let mut lists: Vec<(Citation, Vec<String>)> = Vec::new();
    lists.extend(case.address_lists().map(|(item, list)| (item.cite("addresses"), list.addresses.clone())));
    lists.extend(
        case.firewall_rules().map(|(item, rule)| (item.cite("destinations"), rule.destinations.clone())),
    );
    for (item, group) in case.security_groups() {
        lists.extend(group.rules.iter().map(|rule| {
            let text = format!("{} {}", rule.name.clone().unwrap_or_default(), rule.destinations.join(", "));
            (Citation { text, source: item.evidence.fact.source.clone() }, rule.destinations.clone())
        }));
    }
    for (citation, texts) in lists {
        let addresses: Vec<Ipv4Addr> =
            texts.iter().filter_map(|text| text.trim().split('/').next()?.trim().parse().ok()).collect();
        for wrong in azure::address::wrong_in_list(&addresses, cloud) {
            found.push(Wrong {
                address: wrong.address,
                meant: wrong.meant,
                citation: citation.clone(),
                in_route: false,
            });
        }
    }
    found
}

/// Exemptions for the endpoints of another cloud, in a table that fails for the own one.
fn of_other_clouds(case: &Case, cloud: azure::Cloud) -> Vec<Wrong> {
    let mut found = Vec::new();
    for (item, table, check) in azure_signs::route_checks(case) {
        if check.verdict == azure::Verdict::Works {
            continue;
        }
        for route in &table.routes {
            let single = azure::select::prefix_of(route).filter(|prefix| prefix.prefix_len() == 32);
            let internet = azure::NextHop::parse(route.next_hop_type.as_deref()) == azure::NextHop::Internet;
            let Some(address) = single.filter(|_| internet).map(|prefix| prefix.addr()) else { continue };
            if matches!(
                azure::classify(address, cloud),
                azure::AddressClass::OtherCloud(_) | azure::AddressClass::Retired
            ) {
                let citation =
                    Citation { text: describe_route(route), source: item.evidence.fact.source.clone() };
                found.push(Wrong { address, meant: None, citation, in_route: true });
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::Severity;
    use crate::testing::{arg, case, explains_cause, only, routes};

    const TUNNEL: &str = "User Active 0.0.0.0/0 VirtualNetworkGateway";

    #[test]
    fn a_swapped_digit_in_an_exemption_is_certain_and_the_right_address_is_told() {
        let table = routes(&[
            TUNNEL,
            "User Active 20.118.99.244/32 Internet",
            "User Active 40.83.235.53/32 Internet",
        ]);
        let finding = only(check(&case(&[("routes.txt", &table)])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!(arg(&finding, "wrong"), "20.118.99.244");
        assert_eq!(arg(&finding, "meant"), "20.118.99.224");
        assert!(explains_cause(&finding, Cause::ForcedTunnel));
    }

    #[test]
    fn where_everything_leaves_through_the_internet_the_mistake_does_no_harm() {
        let table = routes(&["Default Active 0.0.0.0/0 Internet", "User Active 20.118.99.244/32 Internet"]);
        let finding = only(check(&case(&[("routes.txt", &table)])));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Possible, Severity::Warning));
    }

    #[test]
    fn the_right_addresses_and_a_route_to_another_service_are_clear() {
        let right = routes(&[
            TUNNEL,
            "User Active 20.118.99.224/32 Internet",
            "User Active 40.83.235.53/32 Internet",
        ]);
        assert_eq!(check(&case(&[("routes.txt", &right)])), Verdict::Clear);
        let other = routes(&[TUNNEL, "User Active 203.0.113.80/32 Internet"]);
        assert_eq!(check(&case(&[("routes.txt", &other)])), Verdict::Clear);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }
}
