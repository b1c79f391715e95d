//! # K104: no DNS server is configured
//!
//! ## What it means
//! The machine has nobody to ask, so a client can't discover and a host can't publish.
//!
//! ## How it is recognised
//! 0x8007267C (DNS_ERROR_NO_DNS_SERVERS); `ipconfig /all` without DNS servers on any connected adapter.
//!
//! ## What fixes it
//! Configure the DNS servers of the site on the adapter or in DHCP.
//!
//! ## When it misleads
//! An adapter without DNS servers beside one that has some is usual (storage, heartbeat).
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/windows-activation-fails-with-error-0x8007267>

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::{clients, codes};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K104", cause: Cause::NoDnsServer, check, source: include_str!("no_dns_server.rs") };

/// DNS_ERROR_NO_DNS_SERVERS.
const NO_DNS_SERVERS: u32 = 0x8007_267C;

fn check(case: &Case) -> Verdict {
    let found = codes::current(case, &[NO_DNS_SERVERS]);
    let unserved: Vec<_> = case
        .networks()
        .filter(|(_, network)| {
            let connected = || network.adapters.iter().filter(|a| !a.disconnected && !a.addresses.is_empty());
            connected().count() > 0 && connected().all(|adapter| adapter.dns_servers.is_empty())
        })
        .collect();
    let told: Vec<_> = case.dns_answers().filter(|(_, answer)| answer.no_default_server).collect();
    if found.is_empty() && unserved.is_empty() && told.is_empty() {
        return match case.networks().next() {
            None => collecting::unknown("K104", &[collecting::IPCONFIG]),
            Some(_) => Verdict::Clear,
        };
    }
    let fails = clients::clients(case).iter().any(clients::Client::fails_now);
    if found.is_empty() && !fails {
        return Verdict::Clear;
    }
    let confidence = if found.is_empty() && (told.is_empty() || unserved.is_empty()) {
        Confidence::Likely
    } else {
        Confidence::Certain
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.evidence = found.iter().map(|seen| seen.item.cite(seen.field())).collect();
    finding.evidence.extend(told.iter().map(|(item, _)| item.cite("no_default_server")));
    finding.evidence.extend(unserved.iter().map(|(item, _)| item.cite("adapters")));
    finding.machines = found
        .iter()
        .map(|seen| seen.machine())
        .chain(unserved.iter().map(|(item, _)| item.machine))
        .filter_map(|machine| case.machine_label(machine))
        .collect();
    finding.machines.sort();
    finding.machines.dedup();
    finding.explains = [
        Cause::SrvMissing,
        Cause::DnsServerUnreachable,
        Cause::HostNameUnresolvable,
        Cause::DnsPublishFailed,
    ]
    .map(Explained::Cause)
    .to_vec();
    finding.explains.extend(found.iter().map(|seen| Explained::Code(seen.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "set-servers", Safety::Disruptive)
            .step(Shell::Powershell, [
                "Set-DnsClientServerAddress -InterfaceAlias <adapter> -ServerAddresses <dns-server-1>,<dns-server-2>",
            ])
            .step(Shell::Cmd, ["netsh interface ip set dns name=<adapter> static <dns-server-1>"])
            .undo(["Set-DnsClientServerAddress -InterfaceAlias <adapter> -ResetServerAddresses"])
            .verify(verifying::record("<domain>")),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/windows-activation-fails-with-error-0x8007267",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ato, case, collects, explains_cause, explains_code, ipconfig, only};

    #[test]
    fn the_code_says_it_itself() {
        let finding = only(check(&case(&[("ato.txt", &ato("0x8007267C"))])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(explains_code(&finding, 0x8007_267C));
        assert!(explains_cause(&finding, Cause::SrvMissing));
    }

    #[test]
    fn a_connected_adapter_without_servers_is_likely_where_a_client_fails() {
        let client = ipconfig("PC-1", "contoso.com", "") + &ato("0x8007232B");
        let finding = only(check(&case(&[("client.txt", &client)])));
        assert_eq!(finding.confidence, Confidence::Likely);
        assert_eq!(finding.machines, ["PC-1"]);
    }

    #[test]
    fn a_storage_adapter_without_servers_beside_one_that_has_some_is_usual() {
        let storage = "\nEthernet adapter Storage:\n\n   Connection-specific DNS Suffix  . : \n   Description . . . . . . . . . . . : Mellanox ConnectX\n   DHCP Enabled. . . . . . . . . . . : No\n   IPv4 Address. . . . . . . . . . . : 198.51.100.31(Preferred) \n   Subnet Mask . . . . . . . . . . . : 255.255.255.0\n";
        let client = ipconfig("PC-1", "contoso.com", "192.0.2.10") + storage + &ato("0xC004F074");
        assert_eq!(check(&case(&[("client.txt", &client)])), Verdict::Clear);
    }

    #[test]
    fn without_any_failure_it_is_clear_and_without_ipconfig_unknown() {
        assert_eq!(check(&case(&[("client.txt", &ipconfig("PC-1", "contoso.com", ""))])), Verdict::Clear);
        assert_eq!(collects(&check(&case(&[]))), [collecting::IPCONFIG]);
    }
}
