//! # K203: a middlebox accepts the connection and does not pass RPC
//!
//! ## What it means
//! An appliance with an application (HTTP or TLS) rule, or a proxy, completes the TCP handshake itself, so every
//! connection test succeeds; the RPC that follows is dropped.
//!
//! ## How it is recognised
//! TCP connects, 12288 carries an RPC error for the same host, and an appliance rule for the port is of the wrong type;
//! or the connection stands and stays silent.
//!
//! ## What fixes it
//! A network rule (layer 4) for TCP 1688 instead of the application rule.
//!
//! ## When it misleads
//! The same picture, an open port and failing RPC, comes from a host whose licensing service hangs.
//!
//! ## Sources
//! <https://learn.microsoft.com/azure/firewall/protect-azure-virtual-desktop>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::codes;
use crate::survey::targets::{self, How};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K203",
    cause: Cause::FirewallWrongRuleType,
    check,
    source: include_str!("firewall_wrong_rule_type.rs"),
};

fn check(case: &Case) -> Verdict {
    let wrong: Vec<_> = case
        .firewall_rules()
        .filter(|(_, rule)| {
            let application =
                rule.rule_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("application"));
            let about_kms = [&rule.protocol, &rule.remote_port, &rule.local_port]
                .into_iter()
                .flatten()
                .any(|text| text.contains("1688"))
                || rule.destinations.iter().any(|d| crate::survey::azure_signs::is_azure_kms_name(d));
            application && about_kms
        })
        .collect();
    let blocked_names: Vec<_> =
        case.firewall_rules().filter(|(_, rule)| blocks(rule)).map(|(_, rule)| rule.name.clone()).collect();
    let passing_network_rule =
        case.firewall_rules().filter(|(_, rule)| !blocked_names.contains(&rule.name)).any(|(_, rule)| {
            rule.rule_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("network"))
                && rule.action.as_deref().is_none_or(|a| a.eq_ignore_ascii_case("allow"))
                && rule.remote_port.as_deref().is_some_and(|p| p.contains("1688") || p.trim() == "*")
        });
    let mut findings = Vec::new();
    for target in targets::targets(case)
        .iter()
        .filter(|t| t.is(How::Contacted) || t.is(How::Registered) || t.is(How::Record))
    {
        let reach = targets::reach(case, target);
        let failing_ones_served = reach
            .failing_machines
            .iter()
            .any(|machine| !targets::reach_from(case, target, *machine).served.is_empty());
        let open_and_failing =
            !reach.open.is_empty() && !failing_ones_served && !reach.not_reached.is_empty();
        // The appliance's own log or rule says that it stops what comes after the handshake.
        let logged: Vec<_> = case
            .firewall_rules()
            .filter(|(_, rule)| blocks(rule) && rule.destinations.iter().any(|d| target.is_called(d)))
            .collect();
        let serves_others = !reach.served.is_empty() || log_shows_others_served(case, target);
        let other_service = reach.tests.iter().any(|item| {
            matches!(&item.evidence.fact.value, model::Fact::Connection(test)
                if matches!(test.service, Some(model::network::Service::OtherRpc | model::network::Service::OtherProtocol)))
        });
        let azure_alone = wrong.is_empty() && crate::survey::azure_signs::is_azure_kms_name(&target.name);
        if !open_and_failing || azure_alone || other_service || passing_network_rule {
            continue;
        }
        let mut finding = Finding::new(
            RULE.code,
            RULE.cause,
            match (wrong.is_empty() && logged.is_empty(), serves_others) {
                (false, _) => Confidence::Certain,
                // The host is well and the port is open: what stands between keeps the call out.
                (true, true) => Confidence::Likely,
                (true, false) => Confidence::Possible,
            },
        );
        finding.args = vec![("host", target.name.clone().into()), ("port", target.port().into())];
        finding.evidence = wrong.iter().map(|(item, _)| item.cite("rule_type")).collect();
        finding.evidence.extend(logged.iter().take(3).map(|(item, _)| item.cite("action")));
        finding.evidence.extend(reach.open.iter().take(2).cloned());
        finding.evidence.extend(reach.not_reached.iter().map(|(citation, _)| citation.clone()).take(2));
        finding.machines =
            reach.failing_machines.iter().filter_map(|m| case.machine_label(Some(*m))).collect();
        finding.stops = finding.machines.len().max(1);
        finding.explains = vec![Explained::Cause(Cause::PortBlocked)];
        finding.explains.extend(reach.not_reached.iter().map(|(_, code)| Explained::Code(*code)));
        finding
            .explains
            .extend(codes::current(case, &[codes::NOT_CONTACTED]).iter().map(|s| Explained::Code(s.code)));
        finding.remedies = remedies(name_or(&target.name, "<kms-host>"), target.port());
        finding.references = vec!["https://learn.microsoft.com/azure/firewall/protect-azure-virtual-desktop"];
        findings.push(finding);
    }
    if findings.is_empty() && !wrong.is_empty() && !passing_network_rule {
        let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Likely);
        finding.args = vec![("host", "".into()), ("port", 1688_i64.into())];
        finding.variant = Some("rule-only");
        finding.evidence = wrong.iter().map(|(item, _)| item.cite("rule_type")).collect();
        let seen = codes::current(case, &[codes::NOT_REACHED, &[codes::NOT_CONTACTED]].concat());
        finding.evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
        finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
        finding.remedies = remedies("<kms-host>", 1688);
        findings.push(finding);
    }
    if !findings.is_empty() {
        return Verdict::Faults(findings);
    }
    match case.connections().next().is_some() || case.firewall_rules().next().is_some() {
        true => Verdict::Clear,
        false => collecting::unknown("K203", &[collecting::CONNECTION, collecting::CLIENT_EVENTS]),
    }
}

/// A rule, or a line of the log, of an appliance that stops the traffic.
fn blocks(rule: &model::windows::FirewallRule) -> bool {
    let action = rule.action.as_deref().unwrap_or_default().to_lowercase();
    rule.rule_type.is_some() && matches!(action.as_str(), "block" | "deny" | "drop" | "reset" | "reject")
}

/// The host's own log shows that it serves other clients.
fn log_shows_others_served(case: &Case, target: &targets::Target<'_>) -> bool {
    crate::survey::counting::logs(case).iter().any(|log| {
        let machine = log.machine.and_then(|id| case.machines.get(id));
        let is_target = machine.is_some_and(|m| m.is_called(&target.name) || m.unnamed);
        is_target
            && log.requests.iter().any(|(_, event)| event.hresult.is_some_and(|code| !code.is_failure()))
    })
}

fn remedies(host: &str, port: u16) -> Vec<Remedy> {
    vec![
        Remedy::new(RULE.code, "network-rule", Safety::Disruptive)
            .step(Shell::Az, [format!(
                "az network firewall network-rule create --resource-group <group> --firewall-name <firewall> --collection-name kms --name kms --priority 200 --action Allow --protocols TCP --source-addresses <clients> --destination-addresses <addresses-of-{host}> --destination-ports {port}"
            )])
            .undo([
                "az network firewall network-rule delete --resource-group <group> --firewall-name <firewall> --collection-name kms --name kms",
            ])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "appliance", Safety::ShowOnly)
            .step(Shell::Text, ["K203-step-appliance"])
            .verify(verifying::activation()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, collects, explains_cause, explains_code, found, only, sent, tcp_open,
    };

    fn policy(rule: &str) -> String {
        format!(
            r#"{{"name": "rcg", "properties": {{"priority": 300, "ruleCollections": [{{"name": "kms", "priority": 310,
               "ruleCollectionType": "FirewallPolicyFilterRuleCollection", "action": {{"type": "Allow"}}, "rules": [{rule}]}}]}}}}"#
        )
    }

    const APPLICATION: &str = r#"{"ruleType": "ApplicationRule", "name": "kms", "targetFqdns": ["azkms.core.windows.net"],
        "protocols": [{"protocolType": "Https", "port": 1688}], "sourceAddresses": ["10.20.0.0/16"]}"#;
    const NETWORK: &str = r#"{"ruleType": "NetworkRule", "name": "kms", "destinationAddresses": ["20.118.99.224", "40.83.235.53"],
        "destinationPorts": ["1688"], "ipProtocols": ["TCP"], "sourceAddresses": ["10.20.0.0/16"]}"#;

    fn vm() -> (String, String) {
        let open = tcp_open("azkms.core.windows.net", "20.118.99.224", 1688);
        (open, sent("vm-1", "2025-06-03T07:20:00", "0x800706BA", "azkms.core.windows.net"))
    }

    #[test]
    fn an_application_rule_an_open_port_and_a_failing_request_are_certain() {
        let (open, request) = vm();
        let files = [("fw.json", &*policy(APPLICATION)), ("vm/tnc.txt", &*open), ("vm/12288.xml", &*request)];
        let finding = only(check(&case(&files)));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!(arg(&finding, "host"), "azkms.core.windows.net");
        assert!(explains_code(&finding, 0x8007_06BA) && explains_cause(&finding, Cause::PortBlocked));
    }

    #[test]
    fn the_rule_alone_is_likely() {
        let finding = only(check(&case(&[("fw.json", &policy(APPLICATION))])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Likely, Some("rule-only")));
    }

    #[test]
    fn a_network_rule_that_lets_it_pass_is_no_fault() {
        let (open, request) = vm();
        let both = policy(&format!("{APPLICATION}, {NETWORK}"));
        let files = [("fw.json", &*both), ("vm/tnc.txt", &*open), ("vm/12288.xml", &*request)];
        assert_eq!(check(&case(&files)), Verdict::Clear);
    }

    #[test]
    fn an_open_port_and_failing_rpc_without_any_rule_is_only_possible() {
        let open = tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706BA", "kms01.contoso.com");
        let files = [("PC-1/dns.txt", RECORD), ("PC-1/tnc.txt", &*open), ("PC-1/12288.xml", &*request)];
        let verdict = check(&case(&files));
        assert_eq!(found(&verdict), [(Cause::FirewallWrongRuleType, Confidence::Possible)]);
    }

    #[test]
    fn without_tests_and_rules_it_asks_for_them() {
        let asked = collects(&check(&case(&[("ato.txt", &ato("0xC004F074"))])));
        assert_eq!(asked, [collecting::CONNECTION, collecting::CLIENT_EVENTS]);
    }
}
