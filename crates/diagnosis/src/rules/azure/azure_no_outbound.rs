//! # K705: no outbound path to the Internet at all
//!
//! ## What it means
//! The subnet is private (no default outbound access), or the machine stands behind a Standard internal load balancer,
//! and there is no NAT gateway, public address or outbound rule: nothing leaves, KMS neither.
//!
//! ## How it is recognised
//! `defaultOutboundAccess: false`, or a Standard internal load balancer, without an explicit outbound method; a route
//! that drops the KMS address (next hop None).
//!
//! ## What fixes it
//! A NAT gateway on the subnet, or a public load balancer with outbound rules. A route alone does not help.
//!
//! ## When it misleads
//! A user-defined default route to an appliance is an outbound path of its own.
//!
//! ## Sources
//! <https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access>
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-vm-activation-error-0xc004f074>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::azure::route_fix;
use crate::rules::{Rule, verifying};
use crate::survey::azure_signs;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K705", cause: Cause::AzureNoOutbound, check, source: include_str!("azure_no_outbound.rs") };

fn check(case: &Case) -> Verdict {
    let resources: Vec<_> = case.resources().collect();
    let plain: Vec<&model::azure::Resource> = resources.iter().map(|(_, resource)| *resource).collect();
    let dropped: Vec<Citation> = azure_signs::route_checks(case)
        .iter()
        .flat_map(|(item, _, check)| route_fix::proof(item, check, azure::Reason::Dropped))
        .collect();
    let appliance_route = azure_signs::route_checks(case).iter().any(|(_, _, check)| {
        check
            .endpoints
            .iter()
            .any(|e| e.required && matches!(e.reason, azure::Reason::Appliance | azure::Reason::ForcedTunnel))
    });
    let availability = azure::outbound::availability(&plain);
    let (variant, mut evidence) = match availability {
        azure::outbound::Outbound::Missing(lack, index) if !appliance_route => {
            let variant = match lack {
                azure::outbound::Lack::PrivateSubnet => "private-subnet",
                azure::outbound::Lack::StandardInternalLoadBalancer => "internal-load-balancer",
            };
            (variant, citations(&resources[index].0))
        }
        _ if !dropped.is_empty() => ("dropped", dropped),
        azure::outbound::Outbound::Available(..) => return Verdict::Clear,
        _ => return Verdict::NotApplicable,
    };
    let contacts = azure_signs::failed_contacts(case);
    let failing = !contacts.is_empty() || !route_fix::explained_codes(case).is_empty();
    evidence.extend(contacts);
    let confidence = if failing { Confidence::Certain } else { Confidence::Likely };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.variant = Some(variant);
    finding.evidence = evidence;
    finding.machines = route_fix::failing_machines(case);
    finding.stops = finding.machines.len().max(1);
    finding.explains =
        [Cause::HostUnreachable, Cause::PortBlocked, Cause::AzureNsgDeny].map(Explained::Cause).to_vec();
    finding.explains.extend(route_fix::explained_codes(case));
    finding.remedies = vec![
        Remedy::new(RULE.code, "nat-gateway", Safety::Disruptive)
            .step(Shell::Az, [
                "az network public-ip create --resource-group <group> --name <nat-ip> --sku Standard --allocation-method Static",
                "az network nat gateway create --resource-group <group> --name <nat> --public-ip-addresses <nat-ip>",
                "az network vnet subnet update --resource-group <group> --vnet-name <vnet> --name <subnet> --nat-gateway <nat>",
            ])
            .undo(["az network vnet subnet update --resource-group <group> --vnet-name <vnet> --name <subnet> --remove natGateway"])
            .verify(["Test-NetConnection azkms.core.windows.net -Port 1688"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/azure/virtual-network/ip-services/default-outbound-access",
        "https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-vm-activation-error-0xc004f074",
    ];
    Verdict::Faults(vec![finding])
}

fn citations(item: &crate::case::Item<'_>) -> Vec<Citation> {
    let quotes: Vec<Citation> = item
        .evidence
        .fact
        .quotes
        .iter()
        .map(|quote| Citation {
            text: quote.text.to_string(),
            source: model::Source {
                path: item.evidence.fact.source.path.clone(),
                place: quote.place.clone(),
            },
        })
        .take(5)
        .collect();
    if quotes.is_empty() { vec![item.cite_fact()] } else { quotes }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, explains_cause, explains_code, failing_vm, found, only, routes};

    fn subnet(nat_gateway: &str) -> String {
        format!(
            r#"{{"addressPrefix": "10.20.4.0/24", "defaultOutboundAccess": false, "name": "snet-app", "natGateway": {nat_gateway},
               "id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet-1/subnets/snet-app",
               "type": "Microsoft.Network/virtualNetworks/subnets"}}"#
        )
    }

    #[test]
    fn a_private_subnet_without_a_way_out_and_a_failing_request_are_certain() {
        let (test, request) = failing_vm();
        let private = subnet("null");
        let files = [("subnet.json", &*private), ("vm-1/tnc.txt", &*test), ("vm-1/e.xml", &*request)];
        let finding = only(check(&case(&files)));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("private-subnet")));
        assert!(explains_code(&finding, 0x8007_06BA) && explains_cause(&finding, Cause::HostUnreachable));
        let alone = check(&case(&files[..1]));
        assert_eq!(found(&alone), [(Cause::AzureNoOutbound, Confidence::Likely)]);
    }

    #[test]
    fn a_route_that_drops_the_address() {
        let table = routes(&["User Active 0.0.0.0/0 None"]);
        assert_eq!(only(check(&case(&[("routes.txt", &table)]))).variant, Some("dropped"));
    }

    #[test]
    fn a_nat_gateway_or_an_appliance_is_a_way_out() {
        let nat =
            r#"{"id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/natGateways/ng-1"}"#;
        assert_eq!(check(&case(&[("subnet.json", &subnet(nat))])), Verdict::Clear);
        let appliance = routes(&["User Active 0.0.0.0/0 VirtualAppliance 10.20.255.4"]);
        let files = [("subnet.json", &*subnet("null")), ("routes.txt", &*appliance)];
        assert_eq!(check(&case(&files)), Verdict::NotApplicable);
    }
}
