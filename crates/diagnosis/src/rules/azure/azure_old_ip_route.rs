//! # K702: the route names only superseded addresses
//!
//! ## What it means
//! Somebody exempted the KMS from the tunnel, following an instruction from before the addresses changed (July 2022 to
//! March 2023); the addresses in use today still go into the tunnel.
//!
//! ## How it is recognised
//! A /32 route with next hop Internet for an old address, and current addresses that leave another way.
//!
//! ## What fixes it
//! Add the routes for the current addresses; keep the old one, which Microsoft still lists.
//!
//! ## When it misleads
//! Machines that activated before the change go on for up to 180 days, so the fault shows late.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-activation-stopped-working>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::rules::Rule;
use crate::rules::azure::route_fix;
use crate::survey::azure_signs;

/// The rule.
pub const RULE: Rule = Rule {
    code: "K702",
    cause: Cause::AzureOldIpRoute,
    check,
    source: include_str!("azure_old_ip_route.rs"),
};

fn check(case: &Case) -> Verdict {
    let checks = azure_signs::route_checks(case);
    if checks.is_empty() {
        return Verdict::NotApplicable;
    }
    let Some((item, table, check)) =
        checks.iter().find(|(_, _, c)| c.superseded_only && c.verdict != azure::Verdict::Works)
    else {
        return Verdict::Clear;
    };
    let confidence = match check.verdict {
        azure::Verdict::Fails => Confidence::Certain,
        _ => Confidence::Likely,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let addresses = route_fix::missing(check);
    let old: Vec<String> = check
        .endpoints
        .iter()
        .filter(|e| e.reason == azure::Reason::Internet)
        .map(|e| e.address.to_string())
        .collect();
    finding.args = vec![
        ("old", old.join(", ").into()),
        ("addresses", addresses.iter().map(|a| a.to_string()).collect::<Vec<_>>().join(", ").into()),
        ("routes", table.routes.len().into()),
    ];
    finding.evidence = route_fix::proof(item, check, azure::Reason::Internet);
    for reason in [azure::Reason::ForcedTunnel, azure::Reason::Appliance, azure::Reason::Dropped] {
        finding.evidence.extend(route_fix::proof(item, check, reason));
    }
    finding.evidence.extend(azure_signs::failed_contacts(case));
    finding.machines = route_fix::failing_machines(case);
    finding.stops = finding.machines.len().max(1);
    finding.explains =
        [Cause::ForcedTunnel, Cause::HostUnreachable, Cause::PortBlocked, Cause::AzureNoOutbound]
            .map(Explained::Cause)
            .to_vec();
    finding.explains.extend(route_fix::explained_codes(case));
    finding.remedies = vec![route_fix::add_routes(RULE.code, &addresses)];
    finding.references = vec![
        route_fix::ROUTES_PAGE,
        "https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-activation-stopped-working",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, case, explains_cause, failing_vm, only, routes};

    const TUNNEL: &str = "User Active 0.0.0.0/0 VirtualNetworkGateway";
    const OLD: &str = "User Active 23.102.135.246/32 Internet";

    #[test]
    fn an_exemption_of_the_old_address_alone_is_certain() {
        let (test, request) = failing_vm();
        let files =
            [("routes.txt", &*routes(&[TUNNEL, OLD])), ("vm-1/tnc.txt", &*test), ("vm-1/e.xml", &*request)];
        let finding = only(check(&case(&files)));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(arg(&finding, "old").contains("23.102.135.246"));
        assert!(arg(&finding, "addresses").contains("20.118.99.224"));
        assert!(explains_cause(&finding, Cause::ForcedTunnel));
    }

    #[test]
    fn without_any_exemption_it_is_the_tunnel_and_with_all_of_them_clear() {
        assert_eq!(check(&case(&[("routes.txt", &routes(&[TUNNEL]))])), Verdict::Clear);
        let all =
            [TUNNEL, OLD, "User Active 20.118.99.224/32 Internet", "User Active 40.83.235.53/32 Internet"];
        assert_eq!(check(&case(&[("routes.txt", &routes(&all))])), Verdict::Clear);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }
}
