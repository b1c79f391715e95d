//! # K105: the DNS server does not answer
//!
//! ## What it means
//! A DNS server is configured, but questions to it time out, so nothing can be said about the record itself.
//!
//! ## How it is recognised
//! A look-up that ended in a time-out or "no response from server"; a failed connection to port 53 of that server.
//!
//! ## What fixes it
//! Bring the server back, correct the address on the client, or open UDP and TCP 53 to it.
//!
//! ## When it misleads
//! "DNS request timed out" above the `Server:` lines of nslookup is the server's own reverse look-up and no fault.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns>

use model::dns::DnsResult;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell, name_or};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::codes;

/// The rule.
pub const RULE: Rule = Rule {
    code: "K105",
    cause: Cause::DnsServerUnreachable,
    check,
    source: include_str!("dns_server_unreachable.rs"),
};

fn check(case: &Case) -> Verdict {
    let silent: Vec<_> = case.dns_answers().filter(|(_, a)| a.result == Some(DnsResult::Timeout)).collect();
    let answered: Vec<_> = case
        .dns_answers()
        .filter(|(_, a)| {
            a.zone.is_none()
                && matches!(a.result, Some(r) if r != DnsResult::Timeout && r != DnsResult::Error)
        })
        .collect();
    let server_of = |a: &model::DnsAnswer| a.server_address.clone().or(a.server.clone());
    // A server that answered another question is alive; its silence then is about one name.
    let dead: Vec<_> = silent
        .iter()
        .filter(|(_, s)| {
            !answered.iter().any(|(_, a)| server_of(a).is_some() && server_of(a) == server_of(s))
        })
        .collect();
    if dead.is_empty() {
        return match case.dns_answers().next() {
            None => collecting::unknown("K105", &[collecting::SRV_LOOKUP]),
            Some(_) => Verdict::Clear,
        };
    }
    let server = dead.iter().find_map(|(_, a)| server_of(a)).unwrap_or_default();
    let tests: Vec<_> = case
        .connections()
        .filter(|(_, t)| t.port == Some(53) && t.succeeded == Some(false))
        .filter(|(_, t)| t.target.as_deref() == Some(&server) || t.address.as_deref() == Some(&server))
        .collect();
    let pings: Vec<_> = case
        .pings()
        .filter(|(_, p)| p.replies == Some(0) || p.received == Some(0))
        .filter(|(_, p)| p.target.as_deref() == Some(&server) || p.address.as_deref() == Some(&server))
        .collect();
    // The same question twice is one piece of evidence.
    let asked: std::collections::BTreeSet<_> = dead.iter().map(|(_, a)| (&a.query, &a.query_type)).collect();
    let other_works = answered.iter().any(|(_, a)| server_of(a).is_some());
    let confidence = match (asked.len() + tests.len().min(1) + pings.len().min(1) > 1, other_works) {
        (true, _) => Confidence::Certain,
        (false, _) => Confidence::Likely,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.args = vec![("server", server.clone().into())];
    finding.evidence = dead.iter().map(|(item, _)| item.cite("result")).collect();
    finding.evidence.extend(dead.iter().take(1).map(|(item, _)| item.cite("server_address")));
    finding.evidence.extend(tests.iter().map(|(item, _)| item.cite("succeeded")));
    finding.evidence.extend(pings.iter().map(|(item, _)| item.cite("lost")));
    finding.machines = dead.iter().filter_map(|(item, _)| case.machine_label(item.machine)).collect();
    finding.machines.dedup();
    finding.explains =
        vec![Explained::Cause(Cause::SrvMissing), Explained::Cause(Cause::HostNameUnresolvable)];
    let wanted =
        [codes::NO_RECORD, codes::NO_ADDRESS, &[codes::NOT_CONTACTED, 0x8007_232A, 0x8007_05B4]].concat();
    finding.explains.extend(codes::current(case, &wanted).iter().map(|seen| Explained::Code(seen.code)));
    let server = name_or(&server, "<dns-server>").to_owned();
    finding.remedies =
        vec![
        Remedy::new(RULE.code, "reach-server", Safety::ShowOnly)
            .step(Shell::Powershell, [
                format!("Test-NetConnection {server} -Port 53"),
                "Get-DnsClientServerAddress -AddressFamily IPv4".to_owned(),
            ])
            .verify([format!("nslookup -type=srv _vlmcs._tcp.<domain> {server}")]),
        Remedy::new(RULE.code, "change-server", Safety::Disruptive)
            .step(Shell::Powershell, [
                "Set-DnsClientServerAddress -InterfaceAlias <adapter> -ServerAddresses <living-dns-server>",
            ])
            .undo([format!("Set-DnsClientServerAddress -InterfaceAlias <adapter> -ServerAddresses {server}")])
            .verify(verifying::record("<domain>")),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/windows-server/get-started/common-troubleshooting-procedures-kms-dns",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        RECORD, arg, ato, case, collects, commands, explains_cause, explains_code, only, tcp_failed,
    };

    const SILENT: &str = "C:\\>nslookup -type=srv _vlmcs._tcp.contoso.com\nDNS request timed out.\n    timeout was 2 seconds.\nServer:  UnKnown\nAddress:  192.0.2.10\n\nDNS request timed out.\n    timeout was 2 seconds.\nDNS request timed out.\n    timeout was 2 seconds.\n*** Request to UnKnown timed-out\n";

    #[test]
    fn a_look_up_that_times_out_is_likely_and_certain_with_a_test_of_port_53() {
        let finding = only(check(&case(&[("dns.txt", SILENT), ("ato.txt", &ato("0x8007232B"))])));
        assert_eq!(finding.confidence, Confidence::Likely);
        assert_eq!(arg(&finding, "server"), "192.0.2.10");
        assert!(explains_code(&finding, 0x8007_232B) && explains_cause(&finding, Cause::SrvMissing));
        let test = tcp_failed("192.0.2.10", "192.0.2.10", 53, false);
        let finding = only(check(&case(&[("dns.txt", SILENT), ("tnc.txt", &test)])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(commands(&finding).contains(&"Test-NetConnection 192.0.2.10 -Port 53".to_owned()));
    }

    #[test]
    fn a_time_out_above_the_server_lines_is_its_reverse_look_up_and_no_fault() {
        let answer = RECORD.replace(
            "Server:  dc01.contoso.com",
            "DNS request timed out.\n    timeout was 2 seconds.\nServer:  UnKnown",
        );
        assert_eq!(check(&case(&[("dns.txt", &answer)])), Verdict::Clear);
    }

    #[test]
    fn a_server_that_answers_another_question_lives() {
        assert_eq!(check(&case(&[("1.txt", SILENT), ("2.txt", RECORD)])), Verdict::Clear);
    }

    #[test]
    fn without_a_look_up_it_asks_for_one() {
        assert_eq!(collects(&check(&case(&[("ato.txt", &ato("0x8007232B"))]))), [collecting::SRV_LOOKUP]);
    }
}
