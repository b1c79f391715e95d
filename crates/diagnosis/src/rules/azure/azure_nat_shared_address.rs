//! # K707: many machines behind one address, and the endpoint resets
//!
//! ## What it means
//! Some hundred machines share one public address; the KMS endpoint answers some requests and resets others.
//!
//! ## How it is recognised
//! Connections to Azure's KMS that are reset, or succeed only in part, while the route leaves through Azure.
//!
//! ## What fixes it
//! More public addresses on the NAT gateway, or the retries spread over time.
//!
//! ## When it misleads
//! A limit is not documented by Microsoft; resets can also come from a firewall on the way.
//!
//! ## Sources
//! <https://github.com/MicrosoftDocs/SupportArticles-docs/issues/107>

use model::network::ConnectOutcome;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::Rule;
use crate::rules::azure::route_fix;
use crate::survey::azure_signs::{self, is_azure_kms_name};
use crate::survey::clients;

/// The rule.
pub const RULE: Rule = Rule {
    code: "K707",
    cause: Cause::AzureNatSharedAddress,
    check,
    source: include_str!("azure_nat_shared_address.rs"),
};

fn check(case: &Case) -> Verdict {
    let to_azure = |test: &model::network::ConnectionTest| {
        test.target.as_deref().is_some_and(is_azure_kms_name)
            || test.address.as_deref().is_some_and(|a| {
                a.parse().is_ok_and(|a| facts::azure_endpoints::azure_endpoints().with_address(a).is_some())
            })
    };
    let tests: Vec<_> = case.connections().filter(|(_, t)| to_azure(t)).collect();
    if tests.is_empty() {
        return Verdict::NotApplicable;
    }
    let reset: Vec<_> = tests.iter().filter(|(_, t)| t.outcome == Some(ConnectOutcome::Reset)).collect();
    let partial: Vec<_> = tests
        .iter()
        .filter(|(_, t)| t.received.is_some_and(|n| n > 0) && t.lost.is_some_and(|n| n > 0))
        .collect();
    let open =
        tests.iter().any(|(_, t)| t.succeeded == Some(true) || t.outcome == Some(ConnectOutcome::Open));
    let some_served = clients::clients(case)
        .iter()
        .any(|c| c.attempts.iter().any(|a| a.activated() && a.host().is_some_and(is_azure_kms_name)));
    let lossless = tests.iter().any(|(_, t)| t.received.is_some_and(|n| n > 0) && t.lost == Some(0));
    let nat = case.resources().find(|(_, r)| {
        r.nat_gateway == Some(true) || r.resource.as_deref().is_some_and(|kind| kind.contains("nat"))
    });
    let tunnelled =
        azure_signs::route_checks(case).iter().any(|(_, _, check)| check.verdict == azure::Verdict::Fails);
    if (reset.is_empty() && partial.is_empty()) || tunnelled {
        return Verdict::Clear;
    }
    let confidence = match (nat.is_some(), !reset.is_empty(), open || some_served || !partial.is_empty()) {
        (true, true, _) | (true, _, true) => Confidence::Likely,
        (false, true, true) => Confidence::Likely,
        // One machine loses some of its connections where another, with an address of its own, loses none.
        (false, false, true) if lossless && !partial.is_empty() => Confidence::Likely,
        _ => Confidence::Possible,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.evidence = reset.iter().map(|(item, _)| item.cite("outcome")).collect();
    finding.evidence.extend(partial.iter().map(|(item, _)| item.cite("lost")));
    finding.evidence.extend(partial.iter().map(|(item, _)| item.cite("error_text")));
    finding.evidence.extend(nat.iter().map(|(item, resource)| Citation {
        text: format!("{}: {}", resource.name.as_deref().unwrap_or("NAT"), resource.addresses.join(", ")),
        source: item.evidence.fact.source.clone(),
    }));
    finding.machines = route_fix::failing_machines(case);
    finding.stops = finding.machines.len().max(1);
    finding.explains = [Cause::PortBlocked, Cause::HostUnreachable, Cause::FirewallWrongRuleType]
        .map(Explained::Cause)
        .to_vec();
    finding.explains.extend(route_fix::explained_codes(case));
    finding.remedies = vec![
        Remedy::new(RULE.code, "more-addresses", Safety::Disruptive)
            .step(Shell::Az, [
                "az network public-ip create --resource-group <group> --name <nat-ip-2> --sku Standard --allocation-method Static",
                "az network nat gateway update --resource-group <group> --name <nat> --public-ip-addresses <nat-ip> <nat-ip-2>",
            ])
            .undo(["az network nat gateway update --resource-group <group> --name <nat> --public-ip-addresses <nat-ip>"])
            .verify(["psping -n 20 azkms.core.windows.net:1688"]),
    ];
    finding.references = vec!["https://github.com/MicrosoftDocs/SupportArticles-docs/issues/107"];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{case, explains_cause, found, only, routes, tcp_open};

    fn psping(address: &str, ends: &[&str]) -> String {
        let received = ends.iter().filter(|end| end.ends_with("ms")).count();
        let lost = ends.len() - received;
        let lines: String = ends
            .iter()
            .map(|end| {
                let end = if end.ends_with("ms") { (*end).to_owned() } else { format!("\n{end}") };
                format!("Connecting to {address}:1688: from 10.20.9.17:50101: {end}\n")
            })
            .collect();
        format!(
            "C:\\>psping -n {n} azkms.core.windows.net:1688\n\nTCP connect to {address}:1688:\n{n} iterations ping test:\n{lines}\n\
             TCP connect statistics for {address}:1688:\n  Sent = {n}, Received = {received}, Lost = {lost} ({}% loss),\n  \
             Minimum = 11.42ms, Maximum = 11.60ms, Average = 11.51ms\n",
            lost * 100 / ends.len(),
            n = ends.len()
        )
    }

    const RESET: &str = "An existing connection was forcibly closed by the remote host.";
    const NAT: &str = r#"{"name": "ng-1", "idleTimeoutInMinutes": 4, "sku": {"name": "Standard"}, "publicIpPrefixes": [],
        "publicIpAddresses": [{"id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/publicIPAddresses/pip-1"}],
        "subnets": [{"id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet-1/subnets/snet-1"}]}"#;

    #[test]
    fn connections_that_succeed_in_part_behind_a_nat_gateway_are_likely() {
        let partly = psping("40.83.235.53", &["11.42ms", RESET, "11.60ms", RESET]);
        let finding = only(check(&case(&[("natgw.json", NAT), ("vm-1.txt", &partly)])));
        assert_eq!(finding.confidence, Confidence::Likely);
        assert!(explains_cause(&finding, Cause::PortBlocked));
    }

    #[test]
    fn losses_alone_are_only_possible() {
        let lost = "This operation returned because the timeout period expired.";
        let partly = psping("40.83.235.53", &["11.42ms", lost, "11.60ms", lost]);
        let verdict = check(&case(&[("vm-1.txt", &partly)]));
        assert_eq!(found(&verdict), [(Cause::AzureNatSharedAddress, Confidence::Possible)]);
    }

    #[test]
    fn a_tunnel_explains_resets_better_and_a_full_success_shows_none() {
        let partly = psping("40.83.235.53", &["11.42ms", RESET]);
        let tunnel = routes(&["User Active 0.0.0.0/0 VirtualNetworkGateway"]);
        assert_eq!(check(&case(&[("vm-1.txt", &partly), ("routes.txt", &tunnel)])), Verdict::Clear);
        let open = tcp_open("azkms.core.windows.net", "20.118.99.224", 1688);
        assert_eq!(check(&case(&[("natgw.json", NAT), ("vm-1.txt", &open)])), Verdict::Clear);
        let site = tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        assert_eq!(check(&case(&[("PC-1.txt", &site)])), Verdict::NotApplicable);
    }
}
