//! # K202: the host is alive, TCP 1688 is not let through
//!
//! ## What it means
//! The machine answers ping or another port, but connections to the KMS port are refused or vanish: a firewall on the
//! host, on the client or between them.
//!
//! ## How it is recognised
//! A connection test to the KMS port that fails while the machine shows a sign of life; a host whose built-in rule
//! "Key Management Service (TCP-In)" is off; a rule that blocks 1688; a port in DNS that is not the one listened on.
//!
//! ## What fixes it
//! Enable the built-in rule on the host, or open TCP 1688 on the way.
//!
//! ## When it misleads
//! A refusal can also mean that the licensing service does not run (K402).
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-create-host>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004f074-activate-windows>

use model::windows::FirewallRule;

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::azure_signs::is_azure_kms_name;
use crate::survey::targets::{self, Reach, Target};
use crate::survey::{clients, codes, hosts};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K202", cause: Cause::PortBlocked, check, source: include_str!("port_blocked.rs") };

fn check(case: &Case) -> Verdict {
    let targets = targets::targets(case);
    let rules = blocking_rules(case);
    let mut findings = Vec::new();
    let mut tested = false;
    for target in targets.iter().filter(|t| !is_azure_kms_name(&t.name)) {
        let reach = targets::reach(case, target);
        tested |= !reach.tests.is_empty() || !reach.served.is_empty();
        if let Some((confidence, evidence)) = judge(case, &reach, &rules) {
            let confidence = confidence.min(targets::trust(case, target));
            findings.push(finding(case, target, &reach, confidence, evidence, &rules));
        }
        findings.extend(from_some_machines(case, target, &reach, &rules));
    }
    if !findings.is_empty() {
        return Verdict::Faults(findings);
    }
    if let Some(finding) = untargeted(case, &rules) {
        return Verdict::Faults(vec![finding]);
    }
    if tested { Verdict::Clear } else { collecting::unknown("K202", &[collecting::CONNECTION]) }
}

/// Firewall rules of Windows that keep TCP 1688 out.
fn blocking_rules(case: &Case) -> Vec<(Item<'_>, &FirewallRule)> {
    let hosts: Vec<_> = hosts::hosts(case).iter().map(|host| host.machine).collect();
    let clients: Vec<_> = clients::clients(case).iter().map(|client| client.machine).collect();
    // The built-in rule for the port of a host is there on every client, too, and disabled there as it should be.
    let idle_on_a_client = |item: &Item<'_>, rule: &FirewallRule| {
        rule.enabled == Some(false)
            && item.machine.is_some_and(|machine| !case.machines[machine].unnamed)
            && clients.contains(&item.machine)
            && !hosts.contains(&item.machine)
    };
    case.firewall_rules()
        .filter(|(item, rule)| !idle_on_a_client(item, rule))
        .filter(|(_, rule)| {
            let name = format!(
                "{} {}",
                rule.name.as_deref().unwrap_or_default(),
                rule.display_name.as_deref().unwrap_or_default()
            )
            .to_lowercase();
            let ours = name.contains("sppsvc")
                || name.contains("key management service")
                || names_licensing(&name)
                || mentions_port(rule);
            let action = rule.action.as_deref().unwrap_or_default().to_lowercase();
            let blocks = matches!(action.as_str(), "block" | "deny" | "drop" | "reject")
                && rule.enabled != Some(false);
            let allow_is_off = rule.enabled == Some(false) && !matches!(action.as_str(), "block" | "deny");
            // Of an appliance only a rule about the port counts; an address list alone may be about anything.
            ours && (blocks || allow_is_off) && (rule.rule_type.is_none() || (blocks && mentions_port(rule)))
        })
        .collect()
}

fn names_licensing(name: &str) -> bool {
    name.contains("licensing") || azure::address::speaks_of_kms(name)
}

fn mentions_port(rule: &FirewallRule) -> bool {
    let is = |port: &Option<String>| {
        port.as_deref().is_some_and(|p| p.split([',', ' ']).any(|p| p.trim() == "1688"))
    };
    is(&rule.local_port) || is(&rule.remote_port)
}

fn judge(
    case: &Case,
    reach: &Reach<'_>,
    rules: &[(Item<'_>, &FirewallRule)],
) -> Option<(Confidence, Vec<Citation>)> {
    if reach.lives() || !reach.no_address.is_empty() {
        return None;
    }
    let refused = !reach.refused.is_empty();
    let silent = !reach.silent.is_empty() || !reach.failed.is_empty();
    if !refused && !silent {
        return None;
    }
    let service_stopped = case.services().any(|(_, s)| {
        s.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("sppsvc"))
            && s.state.as_deref().is_some_and(|state| state.eq_ignore_ascii_case("STOPPED"))
    });
    if refused && service_stopped && rules.is_empty() {
        return None;
    }
    let alive = !reach.ping_answered.is_empty() || refused || !reach.other_port.is_empty();
    let mut evidence: Vec<Citation> =
        [&reach.refused, &reach.silent, &reach.failed].into_iter().flatten().cloned().collect();
    evidence.extend(reach.ping_answered.iter().chain(&reach.other_port).take(2).cloned());
    evidence.extend(reach.not_reached.iter().map(|(citation, _)| citation.clone()));
    evidence.extend(rules.iter().flat_map(|(item, _)| [item.cite("enabled"), item.cite("direction")]));
    match (alive, rules.is_empty()) {
        (true, _) if silent && !(reach.ping_answered.is_empty() && reach.other_port.is_empty()) => {
            Some((Confidence::Certain, evidence))
        }
        (_, false) => Some((Confidence::Certain, evidence)),
        (true, true) => Some((Confidence::Likely, evidence)),
        // Silence alone: a firewall, or nobody there.
        (false, true) if reach.unreachable.is_empty() && reach.ping_lost.is_empty() => {
            Some((Confidence::Possible, evidence))
        }
        (false, true) => None,
    }
}

/// The host answers some machines and not others: what is between them and it, or on them, keeps the port shut.
fn from_some_machines(
    case: &Case,
    target: &Target<'_>,
    everywhere: &Reach<'_>,
    rules: &[(Item<'_>, &FirewallRule)],
) -> Option<Finding> {
    let cut_off: Vec<_> = targets::cut_off(case, target)
        .into_iter()
        .filter(|(_, seen)| seen.tcp_fails() && seen.unreachable.is_empty() && seen.no_address.is_empty())
        // Neither ping nor TCP: no route rather than a closed port.
        .filter(|(_, seen)| seen.ping_lost.is_empty() || !seen.ping_answered.is_empty())
        .collect();
    if cut_off.is_empty() {
        return None;
    }
    let evidence: Vec<Citation> = cut_off
        .iter()
        .flat_map(|(_, seen)| {
            let tests = seen
                .silent
                .iter()
                .chain(&seen.refused)
                .chain(&seen.failed)
                .chain(seen.ping_answered.iter().take(1));
            tests
                .cloned()
                .chain(seen.not_reached.iter().map(|(citation, _)| citation.clone()))
                .collect::<Vec<_>>()
        })
        .chain(rules.iter().flat_map(|(item, _)| [item.cite("direction"), item.cite("action")]))
        .chain(everywhere.open.iter().chain(&everywhere.served).take(2).cloned())
        .collect();
    let mut found = finding(case, target, everywhere, Confidence::Certain, evidence, rules);
    if rules.is_empty() {
        found.variant = Some("some-machines");
    }
    found.machines = cut_off.iter().filter_map(|(machine, _)| case.machine_label(Some(*machine))).collect();
    found.stops = found.machines.len().max(1);
    Some(found)
}

/// The host's own firewall evidence without any target in the case.
fn untargeted(case: &Case, rules: &[(Item<'_>, &FirewallRule)]) -> Option<Finding> {
    let failing = codes::current(case, &[codes::NOT_REACHED, &[codes::NOT_CONTACTED]].concat());
    let on_host = hosts::hosts(case).iter().any(|h| rules.iter().any(|(item, _)| item.machine == h.machine));
    if rules.is_empty() || (failing.is_empty() && !on_host) {
        return None;
    }
    let served = case.events().any(|(_, e)| e.activated == Some(1));
    if served {
        return None;
    }
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Likely);
    finding.variant = Some("rule");
    let name = |rule: &FirewallRule| rule.display_name.clone().or(rule.name.clone()).unwrap_or_default();
    finding.args = vec![("rule", name(rules[0].1).into()), ("host", "".into()), ("port", 1688_i64.into())];
    finding.evidence = rules.iter().map(|(item, _)| item.cite("enabled")).collect();
    finding.evidence.extend(failing.iter().map(|seen| seen.item.cite(seen.field())));
    finding.explains = failing.iter().map(|seen| Explained::Code(seen.code)).collect();
    finding.remedies = remedies("<kms-host>", 1688);
    Some(finding)
}

fn finding(
    case: &Case,
    target: &Target<'_>,
    reach: &Reach<'_>,
    confidence: Confidence,
    evidence: Vec<Citation>,
    rules: &[(Item<'_>, &FirewallRule)],
) -> Finding {
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let port = target.port();
    finding.variant = Some(match (rules.is_empty(), reach.refused.is_empty()) {
        (false, _) => "rule",
        (true, false) => "refused",
        (true, true) => "filtered",
    });
    let rule = rules.first().and_then(|(_, r)| r.display_name.clone().or(r.name.clone())).unwrap_or_default();
    finding.args = vec![("host", target.name.clone().into()), ("port", port.into()), ("rule", rule.into())];
    finding.evidence = evidence;
    finding.evidence.extend(target.citations().into_iter().take(1));
    finding.machines = reach.failing_machines.iter().filter_map(|m| case.machine_label(Some(*m))).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = reach.not_reached.iter().map(|(_, code)| Explained::Code(*code)).collect();
    finding
        .explains
        .extend(codes::current(case, &[codes::NOT_CONTACTED]).iter().map(|s| Explained::Code(s.code)));
    finding.remedies = remedies(name_or(&target.name, "<kms-host>"), port);
    finding.references = vec!["https://learn.microsoft.com/windows-server/get-started/kms-create-host"];
    finding
}

fn remedies(host: &str, port: u16) -> Vec<Remedy> {
    vec![
        Remedy::new(RULE.code, "enable-rule", Safety::Safe)
            .step(Shell::Powershell, ["Enable-NetFirewallRule -Name SPPSVC-In-TCP"])
            .step(Shell::Cmd, [
                "netsh advfirewall firewall set rule name=\"Key Management Service (TCP-In)\" new enable=yes",
            ])
            .undo(["Disable-NetFirewallRule -Name SPPSVC-In-TCP"])
            .verify(verifying::connection(host, port)),
        Remedy::new(RULE.code, "open-path", Safety::ShowOnly)
            .step(Shell::Text, ["K202-step-open-path"])
            .verify(verifying::connection(host, port)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, collects, commands, explains_code, found, only, sent, tcp_failed, tcp_open,
    };

    const RULE_OFF: &str = "PS C:\\> Get-NetFirewallRule -Name SPPSVC-In-TCP | fl Name,DisplayName,Enabled,Profile,Direction,Action\n\nName        : SPPSVC-In-TCP\nDisplayName : Key Management Service (TCP-In)\nEnabled     : False\nProfile     : Domain, Private, Public\nDirection   : Inbound\nAction      : Allow\n";

    #[test]
    fn a_living_machine_with_a_silent_port_is_certain() {
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706BA", "kms01.contoso.com");
        let finding = only(check(&case(&[
            ("PC-1/dns.txt", RECORD),
            ("PC-1/tnc.txt", &tcp_failed("kms01.contoso.com", "192.0.2.40", 1688, true)),
            ("PC-1/12288.xml", &request),
        ])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("filtered")));
        assert_eq!(
            (arg(&finding, "host"), arg(&finding, "port")),
            ("kms01.contoso.com".into(), "1688".into())
        );
        assert!(explains_code(&finding, 0x8007_06BA));
        assert!(commands(&finding).contains(&"Test-NetConnection kms01.contoso.com -Port 1688".to_owned()));
    }

    #[test]
    fn the_built_in_rule_switched_off_is_the_reason() {
        let finding = only(check(&case(&[
            ("dns.txt", RECORD),
            ("tnc.txt", &tcp_failed("kms01.contoso.com", "192.0.2.40", 1688, true)),
            ("kms01/rule.txt", RULE_OFF),
        ])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("rule")));
        assert_eq!(arg(&finding, "rule"), "Key Management Service (TCP-In)");
    }

    #[test]
    fn silence_alone_is_possible_and_a_lost_ping_speaks_for_a_dead_machine() {
        let psping = "C:\\>psping -n 4 192.0.2.40:1688\n\nTCP connect to 192.0.2.40:1688:\n5 iterations (warmup 1) ping test:\nConnecting to 192.0.2.40:1688 (warmup): from 192.0.2.31:49701: \nThis operation returned because the timeout period expired.\n\nTCP connect statistics for 192.0.2.40:1688:\n  Sent = 4, Received = 0, Lost = 4 (100% loss),\n  Minimum = 0.00ms, Maximum = 0.00ms, Average = 0.00ms\n";
        let verdict = check(&case(&[("dns.txt", RECORD), ("psping.txt", psping)]));
        assert_eq!(found(&verdict), [(Cause::PortBlocked, Confidence::Possible)]);
        let dead = tcp_failed("kms01.contoso.com", "192.0.2.40", 1688, false);
        assert_eq!(check(&case(&[("dns.txt", RECORD), ("tnc.txt", &dead)])), Verdict::Clear);
    }

    #[test]
    fn a_refusal_by_a_host_whose_service_is_stopped_is_no_firewall() {
        let refused = "C:\\>psping -n 1 192.0.2.40:1688\n\nTCP connect to 192.0.2.40:1688:\nConnecting to 192.0.2.40:1688: from 192.0.2.31:49701: \nThe remote computer refused the network connection.\n";
        let service = "C:\\>sc query sppsvc\n\nSERVICE_NAME: sppsvc\n        TYPE               : 10  WIN32_OWN_PROCESS\n        STATE              : 1  STOPPED\n        WIN32_EXIT_CODE    : 1077  (0x435)\n";
        let alone = check(&case(&[("dns.txt", RECORD), ("psping.txt", refused)]));
        assert_eq!(found(&alone), [(Cause::PortBlocked, Confidence::Likely)]);
        let stopped = case(&[("dns.txt", RECORD), ("psping.txt", refused), ("kms01/sc.txt", service)]);
        assert_eq!(check(&stopped), Verdict::Clear);
    }

    #[test]
    fn machines_that_are_cut_off_are_named_where_others_connect() {
        let name = |name: &str| format!("C:\\>hostname\n{name}\n\n");
        let good = name("PC-1") + &tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        let bad = name("PC-2") + &tcp_failed("kms01.contoso.com", "192.0.2.40", 1688, true);
        let finding = only(check(&case(&[("dns.txt", RECORD), ("a.txt", &good), ("b.txt", &bad)])));
        assert_eq!((finding.variant, finding.confidence), (Some("some-machines"), Confidence::Certain));
        assert_eq!(finding.machines, ["PC-2"]);
    }

    #[test]
    fn an_open_port_clears_and_without_a_test_it_asks_for_one() {
        let open = tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        assert_eq!(check(&case(&[("dns.txt", RECORD), ("tnc.txt", &open)])), Verdict::Clear);
        assert_eq!(collects(&check(&case(&[("ato.txt", &ato("0xC004F074"))]))), [collecting::CONNECTION]);
    }
}
