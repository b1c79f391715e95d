//! # K701: the KMS address leaves through a gateway, not from an Azure public address
//!
//! ## What it means
//! A default route (0.0.0.0/0, or the pair 0.0.0.0/1 and 128.0.0.0/1) sends the request to a VPN or ExpressRoute
//! gateway. It reaches Azure's KMS from an on-premises address, and is refused.
//!
//! ## How it is recognised
//! The winning route for a required KMS address has a gateway as next hop.
//!
//! ## What fixes it
//! /32 routes with next hop Internet for every KMS address of the cloud.
//!
//! ## When it misleads
//! Invalid routes do not count. Behind an appliance (next hop VirtualAppliance) it depends on the appliance.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/custom-routes-enable-kms-activation>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::rules::azure::route_fix;
use crate::rules::{Rule, collecting};
use crate::survey::azure_signs;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K701", cause: Cause::ForcedTunnel, check, source: include_str!("forced_tunnel.rs") };

fn check(case: &Case) -> Verdict {
    let signs = azure_signs::signs(case);
    if !signs.any() {
        return Verdict::NotApplicable;
    }
    let checks = azure_signs::route_checks(case);
    let tunnelled: Vec<_> = checks
        .iter()
        .filter(|(_, _, check)| {
            check.endpoints.iter().any(|e| e.required && e.reason == azure::Reason::ForcedTunnel)
        })
        .collect();
    let Some((item, _, check)) = tunnelled.first() else {
        let failing = !azure_signs::failed_contacts(case).is_empty();
        return match (checks.is_empty(), failing) {
            (true, true) => collecting::unknown("K701", &[collecting::ROUTES]),
            (true, false) => Verdict::NotApplicable,
            (false, _) if checks.iter().all(|(_, _, c)| c.verdict == azure::Verdict::Works) => Verdict::Clear,
            (false, _) => collecting::unknown("K701", &[collecting::ROUTES, collecting::CONNECTION]),
        };
    };
    let contacts = azure_signs::failed_contacts(case);
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    let addresses = route_fix::missing(check);
    let prefix = check.endpoints.iter().find_map(|e| {
        (e.reason == azure::Reason::ForcedTunnel).then(|| e.selection.prefix.map(|p| p.to_string())).flatten()
    });
    finding.args = vec![
        ("prefix", prefix.unwrap_or_default().into()),
        ("addresses", addresses.iter().map(|a| a.to_string()).collect::<Vec<_>>().join(", ").into()),
    ];
    finding.evidence = route_fix::proof(item, check, azure::Reason::ForcedTunnel);
    finding.evidence.extend(route_fix::proof(item, check, azure::Reason::Internet));
    finding.evidence.extend(contacts);
    finding.evidence.extend(signs.uses_azure_kms.iter().take(2).cloned());
    finding.machines = route_fix::failing_machines(case);
    finding.stops = finding.machines.len().max(1);
    finding.explains =
        [Cause::HostUnreachable, Cause::PortBlocked, Cause::FirewallWrongRuleType, Cause::AzureNoOutbound]
            .map(Explained::Cause)
            .to_vec();
    finding.explains.extend(route_fix::explained_codes(case));
    finding.remedies = vec![route_fix::add_routes(RULE.code, &addresses)];
    finding.references = vec![route_fix::ROUTES_PAGE];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        arg, case, client_dlv, collects, commands, explains_cause, explains_code, failing_vm, only,
        registered, routes,
    };

    #[test]
    fn a_default_route_to_a_gateway_takes_the_request_along() {
        let (test, request) = failing_vm();
        let table =
            routes(&["Default Invalid 0.0.0.0/0 Internet", "User Active 0.0.0.0/0 VirtualNetworkGateway"]);
        let finding = only(check(&case(&[
            ("routes.txt", &table),
            ("vm-1/tnc.txt", &test),
            ("vm-1/12288.xml", &request),
        ])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!(arg(&finding, "prefix"), "0.0.0.0/0");
        assert_eq!(finding.machines, ["vm-1"]);
        assert!(explains_code(&finding, 0x8007_06BA) && explains_cause(&finding, Cause::HostUnreachable));
        assert!(commands(&finding).iter().any(|c| c.contains("20.118.99.224/32 --next-hop-type Internet")));
    }

    #[test]
    fn two_halves_of_the_internet_are_a_default_route_as_well() {
        let table = routes(&[
            "Default Active 0.0.0.0/0 Internet",
            "VirtualNetworkGateway Active 0.0.0.0/1 VirtualNetworkGateway",
            "VirtualNetworkGateway Active 128.0.0.0/1 VirtualNetworkGateway",
        ]);
        assert_eq!(arg(&only(check(&case(&[("routes.txt", &table)]))), "prefix"), "0.0.0.0/1");
    }

    #[test]
    fn an_invalid_route_does_not_count_and_exemptions_bring_it_out() {
        let invalid =
            routes(&["Default Active 0.0.0.0/0 Internet", "User Invalid 0.0.0.0/0 VirtualNetworkGateway"]);
        assert_eq!(check(&case(&[("routes.txt", &invalid)])), Verdict::Clear);
        let exempt = routes(&[
            "User Active 0.0.0.0/0 VirtualNetworkGateway",
            "User Active 20.118.99.224/32 Internet",
            "User Active 40.83.235.53/32 Internet",
            "User Active 23.102.135.246/32 Internet",
        ]);
        assert_eq!(check(&case(&[("routes.txt", &exempt)])), Verdict::Clear);
    }

    #[test]
    fn an_appliance_asks_for_more_and_a_site_without_azure_is_not_its_matter() {
        let appliance = routes(&["User Active 0.0.0.0/0 VirtualAppliance 10.20.255.4"]);
        let asked = collects(&check(&case(&[("routes.txt", &appliance)])));
        assert_eq!(asked, [collecting::ROUTES, collecting::CONNECTION]);
        let vm = client_dlv("Notification", &registered("azkms.core.windows.net"));
        let (test, _) = failing_vm();
        assert_eq!(
            collects(&check(&case(&[("vm/dlv.txt", &vm), ("vm/tnc.txt", &test)]))),
            [collecting::ROUTES]
        );
        assert_eq!(check(&case(&[("PC-1.txt", &client_dlv("Notification", ""))])), Verdict::NotApplicable);
    }
}
