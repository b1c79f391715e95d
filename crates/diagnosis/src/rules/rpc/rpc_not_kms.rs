//! # K301: what answers on the port is no KMS
//!
//! ## What it means
//! Something listens on the port, but it is another RPC server, or no RPC server at all.
//!
//! ## How it is recognised
//! A probe that shows another service; 12288 with "unknown interface" (0x800706B5); another program that owns the port
//! on the host; 0xC004F039 on the client.
//!
//! ## What fixes it
//! Point clients to the real host, move the other program from the port, or make the machine a KMS host.
//!
//! ## When it misleads
//! A proxy in the path that answers in the host's place looks the same (K203).
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/troubleshoot-activation-error-codes>

use model::network::Service;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::{codes, hosts, own};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K301", cause: Cause::RpcNotKms, check, source: include_str!("rpc_not_kms.rs") };

/// RPC_S_UNKNOWN_IF, EPT_S_NOT_REGISTERED as HRESULT, RPC_S_PROCNUM_OUT_OF_RANGE, RPC_S_PROTOCOL_ERROR,
/// RPC_NT_UNKNOWN_IF, and SL_E_VL_BINDING_SERVICE_NOT_ENABLED.
const NOT_KMS: &[u32] = &[0x8007_06B5, 0x8007_06D1, 0x8007_06C0, 0xC002_0012, 0xC004_F039];

fn check(case: &Case) -> Verdict {
    let mut evidence: Vec<Citation> = Vec::new();
    let mut host = String::new();
    let mut sure = false;
    for (item, test) in case.connections() {
        if matches!(test.service, Some(Service::OtherRpc | Service::OtherProtocol)) {
            evidence.push(item.cite("service"));
            host = test.target.clone().or(test.address.clone()).unwrap_or_default();
            sure = true;
        }
    }
    let host_machines: Vec<_> = hosts::hosts(case).iter().map(|h| h.machine).collect();
    for (item, socket) in case.sockets() {
        let listens = socket.local_port == Some(1688) && socket.state.as_deref() == Some("LISTENING");
        let foreign = socket
            .program
            .as_deref()
            .is_some_and(|p| !p.to_lowercase().contains("sppsvc") && !p.to_lowercase().contains("svchost"));
        if listens && foreign {
            evidence.push(item.cite("program"));
            sure |= host_machines.is_empty() || host_machines.contains(&item.machine);
        }
    }
    let seen = codes::current(case, NOT_KMS);
    evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    if evidence.is_empty() {
        return match case.connections().any(|(_, t)| t.service == Some(own::wanted(t))) {
            true => Verdict::Clear,
            false if codes::any_current(case) => collecting::unknown("K301", &[collecting::LISTENER]),
            false => Verdict::NotApplicable,
        };
    }
    let confidence = if sure { Confidence::Certain } else { Confidence::Likely };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    if let Some((_, event)) = seen.iter().find_map(|s| match &s.item.evidence.fact.value {
        model::Fact::Event(event) => Some((s, event)),
        _ => None,
    }) {
        host = event.kms_machine.clone().map_or(host, String::from);
    }
    finding.variant = Some(if host.is_empty() { "unnamed" } else { "host" });
    finding.args = vec![("host", host.into())];
    finding.evidence = evidence;
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains =
        vec![Explained::Cause(Cause::PortBlocked), Explained::Cause(Cause::FirewallWrongRuleType)];
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding
        .explains
        .extend(codes::current(case, &[codes::NOT_CONTACTED]).iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "find-listener", Safety::ShowOnly)
            .step(
                Shell::Cmd,
                ["netstat -abno | findstr :1688", "cscript //nologo %windir%\\system32\\slmgr.vbs /dlv"],
            )
            .step(
                Shell::Powershell,
                ["Get-Process -Id (Get-NetTCPConnection -LocalPort 1688 -State Listen).OwningProcess"],
            )
            .verify(["netstat -abno | findstr :1688"]),
        Remedy::new(RULE.code, "other-host", Safety::Safe)
            .step(Shell::Cmd, ["cscript //nologo %windir%\\system32\\slmgr.vbs /skms <real-kms-host>:1688"])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ckms"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/troubleshoot-activation-error-codes",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, ato, case, collects, explains_cause, explains_code, only, sent, tcp_open};

    fn netstat(program: &str) -> String {
        format!(
            "C:\\>netstat -anob -p tcp\n\nActive Connections\n\n  Proto  Local Address          Foreign Address        State           PID\n  TCP    0.0.0.0:1688           0.0.0.0:0              LISTENING       5120\n [{program}]\n"
        )
    }

    #[test]
    fn an_unknown_interface_names_the_host_and_another_program_makes_it_certain() {
        let request = sent("PC-1", "2025-06-03T07:20:00", "0x800706B5", "app7.contoso.com");
        let finding = only(check(&case(&[("PC-1.xml", &request)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Likely, Some("host")));
        assert_eq!(arg(&finding, "host"), "app7.contoso.com");
        assert!(explains_code(&finding, 0x8007_06B5));
        assert!(explains_cause(&finding, Cause::FirewallWrongRuleType));
        let finding =
            only(check(&case(&[("PC-1.xml", &request), ("app7/netstat.txt", &netstat("java.exe"))])));
        assert_eq!(finding.confidence, Confidence::Certain);
    }

    #[test]
    fn the_licensing_service_itself_is_no_stranger() {
        let files = [("kms01/netstat.txt", &*netstat("sppsvc.exe"))];
        assert_eq!(check(&case(&files)), Verdict::NotApplicable);
    }

    #[test]
    fn an_open_port_alone_does_not_tell_and_asks_who_listens() {
        let open = tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        let asked = collects(&check(&case(&[("tnc.txt", &open), ("ato.txt", &ato("0xC004F074"))])));
        assert_eq!(asked, [collecting::LISTENER]);
    }
}
