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
