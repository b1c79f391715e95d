//! # K706: a security rule stops TCP 1688 outbound
//!
//! ## What it means
//! Azure passes licensing traffic on its own, whatever the NSG says, unless a rule denies the service tag
//! AzurePlatformLKM, or a user-defined default route has switched the platform's rule off.
//!
//! ## How it is recognised
//! The outbound rule that wins for a KMS address denies it, and one of the two conditions holds.
//!
//! ## What fixes it
//! Remove the deny of the tag, or allow TCP 1688 to the KMS addresses above the deny.
//!
//! ## When it misleads
//! IP flow verify reports "denied" although the platform's invisible rule lets the traffic pass.
//!
//! ## Sources
//! <https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview>

use azure::nsg::{NsgReason, decide};

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::azure::route_fix;
use crate::rules::{Rule, collecting, verifying};
use crate::survey::azure_signs;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K706", cause: Cause::AzureNsgDeny, check, source: include_str!("azure_nsg_deny.rs") };

fn check(case: &Case) -> Verdict {
    if case.security_groups().next().is_none() {
        return match azure_signs::failed_contacts(case).is_empty() {
            true => Verdict::NotApplicable,
            false => collecting::unknown("K706", &[collecting::NSG]),
        };
    }
    let default_route = azure_signs::user_default_route(case);
    let cloud = azure_signs::cloud(case);
    let mut denied: Option<(Confidence, &'static str, Citation, String)> = None;
    let mut undecided = false;
    for (item, group) in case.security_groups() {
        for endpoint in facts::azure_endpoints::azure_endpoints().of(cloud).filter(|e| e.required) {
            for address in &endpoint.addresses {
                let decision = decide(group, *address, default_route);
                let Some((index, rule)) = decision.rule else { continue };
                let (confidence, variant) = match decision.reason {
                    NsgReason::DeniedLicensingTag => (Confidence::Certain, "tag"),
                    NsgReason::DeniedWithoutPlatformRule => (Confidence::Certain, "default-route"),
                    NsgReason::DeniedRoutesUnknown => {
                        undecided = true;
                        continue;
                    }
                    _ => continue,
                };
                let name = rule.name.clone().unwrap_or_else(|| format!("#{index}"));
                let text = format!(
                    "{name} {} {} {} -> {} {}",
                    rule.priority.map(|p| p.to_string()).unwrap_or_default(),
                    rule.direction.clone().unwrap_or_default(),
                    rule.access.clone().unwrap_or_default(),
                    rule.destinations.join(","),
                    rule.destination_ports.join(",")
                );
                let citation = Citation { text, source: item.evidence.fact.source.clone() };
                if denied.is_none() {
                    denied = Some((confidence, variant, citation, name));
                }
            }
        }
    }
    let Some((confidence, variant, citation, name)) = denied else {
        let failing = !azure_signs::failed_contacts(case).is_empty();
        return if undecided && failing {
            collecting::unknown("K706", &[collecting::ROUTES])
        } else {
            Verdict::Clear
        };
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.variant = Some(variant);
    finding.args = vec![("rule", name.into())];
    finding.evidence = vec![citation];
    for (item, _, check) in azure_signs::route_checks(case) {
        finding.evidence.extend(route_fix::proof(&item, &check, azure::Reason::Internet));
    }
    finding.evidence.extend(azure_signs::failed_contacts(case));
    finding.machines = route_fix::failing_machines(case);
    finding.stops = finding.machines.len().max(1);
    finding.explains = [Cause::HostUnreachable, Cause::PortBlocked, Cause::FirewallWrongRuleType]
        .map(Explained::Cause)
        .to_vec();
    finding.explains.extend(route_fix::explained_codes(case));
    finding.remedies = vec![
        Remedy::new(RULE.code, "allow", Safety::Safe)
            .step(Shell::Az, [
                "az network nsg rule create --resource-group <group> --nsg-name <nsg> --name allow-azure-kms --priority <below-the-deny> --direction Outbound --access Allow --protocol Tcp --destination-address-prefixes 20.118.99.224 40.83.235.53 23.102.135.246 --destination-port-ranges 1688",
            ])
            .undo(["az network nsg rule delete --resource-group <group> --nsg-name <nsg> --name allow-azure-kms"])
            .verify(["Test-NetConnection azkms.core.windows.net -Port 1688"])
            .verify(verifying::activation()),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/azure/virtual-network/network-security-groups-overview"];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, case, collects, explains_cause, failing_vm, only, quotes, routes};

    fn group(rules: &[(&str, &str, &str, u32)]) -> String {
        let rule = |(name, access, to, priority): &(&str, &str, &str, u32)| {
            format!(
                r#"{{"name": "{name}", "access": "{access}", "destinationAddressPrefix": "{to}", "destinationPortRange": "*",
                   "direction": "Outbound", "priority": {priority}, "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*"}}"#
            )
        };
        let rules: Vec<String> = rules.iter().map(rule).collect();
        format!(r#"{{"name": "nsg-app", "securityRules": [{}]}}"#, rules.join(", "))
    }

    #[test]
    fn a_deny_of_the_licensing_tag_is_certain() {
        let rules = group(&[("no-licensing", "Deny", "AzurePlatformLKM", 200)]);
        let finding = only(check(&case(&[("nsg.json", &rules)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("tag")));
        assert_eq!(arg(&finding, "rule"), "no-licensing");
        assert!(quotes(&finding, "AzurePlatformLKM") && explains_cause(&finding, Cause::HostUnreachable));
    }

    #[test]
    fn a_deny_of_the_internet_counts_where_a_user_default_route_switched_the_platform_s_rule_off() {
        let rules = group(&[("deny-internet", "Deny", "Internet", 400)]);
        let own = routes(&["Default Invalid 0.0.0.0/0 Internet", "User Active 0.0.0.0/0 Internet"]);
        let finding = only(check(&case(&[("nsg.json", &rules), ("routes.txt", &own)])));
        assert_eq!(finding.variant, Some("default-route"));
        let platform = routes(&["Default Active 0.0.0.0/0 Internet"]);
        assert_eq!(check(&case(&[("nsg.json", &rules), ("routes.txt", &platform)])), Verdict::Clear);
    }

    #[test]
    fn without_the_routes_it_asks_for_them_when_something_fails() {
        let rules = group(&[("deny-internet", "Deny", "Internet", 400)]);
        let (test, request) = failing_vm();
        let files = [("nsg.json", &*rules), ("vm-1/tnc.txt", &*test), ("vm-1/e.xml", &*request)];
        assert_eq!(collects(&check(&case(&files))), [collecting::ROUTES]);
        assert_eq!(check(&case(&files[..1])), Verdict::Clear);
        assert_eq!(collects(&check(&case(&files[1..]))), [collecting::NSG]);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }

    #[test]
    fn an_allow_above_the_deny_lets_it_pass() {
        let rules =
            group(&[("allow-kms", "Allow", "AzurePlatformLKM", 100), ("deny", "Deny", "Internet", 400)]);
        let own = routes(&["User Active 0.0.0.0/0 Internet"]);
        let verdict = check(&case(&[("nsg.json", &rules), ("routes.txt", &own)]));
        assert_eq!(verdict, Verdict::Clear);
    }
}
