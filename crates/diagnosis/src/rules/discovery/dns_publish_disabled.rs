//! # K109: publishing is switched off and no record stands by hand
//!
//! ## What it means
//! The KMS host was told not to write its SRV record, and nobody wrote one for it.
//!
//! ## How it is recognised
//! "DNS publishing disabled" in the host's `/dlv`, or DisableDnsPublishing in its registry, and look-ups without a
//! record for that host.
//!
//! ## What fixes it
//! `slmgr /sdns` and a restart of the service, or a record made by hand.
//!
//! ## When it misleads
//! Many sites switch publishing off on purpose and use fixed hosts or hand-made records: then nothing is wrong.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/activation-slmgr-vbs-options>

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::targets::{self, How};
use crate::survey::{clients, codes, discovery};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K109",
    cause: Cause::DnsPublishDisabled,
    check,
    source: include_str!("dns_publish_disabled.rs"),
};

fn check(case: &Case) -> Verdict {
    let switched_off = switches(case);
    if switched_off.is_empty() {
        let seen_on = case.licenses().any(|(_, l)| l.dns_publishing == Some(true));
        return if seen_on { Verdict::Clear } else { collecting::unknown("K109", &[collecting::HOST_DLV]) };
    }
    let records = discovery::records(case);
    let machine = switched_off[0].0.machine;
    let host = machine.and_then(|id| case.machines.get(id));
    let named = records.iter().any(|r| {
        let target = r.record.target.as_deref().unwrap_or_default();
        host.is_none_or(|h| h.names.is_empty() || h.is_called(target))
    });
    if named && !records.is_empty() && host.is_some_and(|h| !h.names.is_empty()) {
        return Verdict::Clear;
    }
    let all_targets = targets::targets(case);
    let fixed = all_targets.iter().any(|t| t.is(How::Registered));
    let misses = discovery::misses(case);
    let missing_codes = codes::current(case, codes::NO_RECORD);
    let clients = clients::clients(case);
    let well =
        clients.iter().any(clients::Client::is_well) && !clients.iter().any(clients::Client::fails_now);
    if fixed || well {
        return Verdict::Clear;
    }
    let confidence = match (misses.is_empty() && missing_codes.is_empty(), records.is_empty()) {
        (false, _) => Confidence::Certain,
        (true, true) => Confidence::Possible,
        (true, false) => Confidence::Likely,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    finding.args = vec![("host", case.machine_label(machine).unwrap_or_default().into())];
    finding.evidence = switched_off.iter().map(|(item, field)| item.cite(field)).collect();
    finding.evidence.extend(misses.iter().map(|miss| miss.item.cite("result")));
    finding.evidence.extend(missing_codes.iter().map(|seen| seen.item.cite(seen.field())));
    finding.machines = case.machine_label(machine).into_iter().collect();
    finding.explains = vec![Explained::Cause(Cause::SrvMissing)];
    finding.explains.extend(missing_codes.iter().map(|seen| Explained::Code(seen.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "publish", Safety::Disruptive)
            .step(Shell::Cmd, [
                "cscript //nologo %windir%\\system32\\slmgr.vbs /sdns",
                "net stop sppsvc && net start sppsvc",
            ])
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /cdns"])
            .verify(verifying::record("<domain>")),
        Remedy::new(RULE.code, "create-record", Safety::Safe)
            .step(Shell::Powershell, [
                "Add-DnsServerResourceRecord -Srv -ZoneName <zone> -Name _vlmcs._tcp -DomainName <kms-host> -Priority 0 -Weight 0 -Port 1688",
            ])
            .undo([
                "Remove-DnsServerResourceRecord -ZoneName <zone> -Name _vlmcs._tcp -RRType Srv -RecordData 0,0,1688,<kms-host>.",
            ])
            .verify(verifying::record("<domain>")),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/activation-slmgr-vbs-options"];
    Verdict::Faults(vec![finding])
}

/// Facts that show publishing switched off, with the field that says so.
fn switches(case: &Case) -> Vec<(Item<'_>, &'static str)> {
    let mut found: Vec<(Item<'_>, &'static str)> = case
        .licenses()
        .filter(|(_, license)| license.dns_publishing == Some(false))
        .map(|(item, _)| (item, "dns_publishing"))
        .collect();
    let by_registry = case.registry_values().filter(|(_, value)| {
        value.name.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("DisableDnsPublishing"))
            && value.data.as_deref().is_some_and(|data| !matches!(data.trim(), "0" | "0x0" | ""))
    });
    found.extend(by_registry.map(|(item, _)| (item, "data")));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        NO_RECORD, RECORD, arg, case, client_dlv, collects, commands, explains_cause, host_dlv, only, quotes,
        registered,
    };

    fn host(publishing: &str) -> String {
        format!("C:\\>hostname\nkms01\n\n{}", host_dlv("Licensed", 30, publishing))
    }

    #[test]
    fn switched_off_and_a_look_up_without_record_is_certain() {
        let finding = only(check(&case(&[("kms01.txt", &host("disabled")), ("PC-1.txt", NO_RECORD)])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert_eq!(arg(&finding, "host"), "kms01");
        assert!(explains_cause(&finding, Cause::SrvMissing));
        assert!(quotes(&finding, "DNS publishing disabled"), "{:?}", finding.evidence);
        assert!(commands(&finding).iter().any(|c| c.ends_with("/sdns")));
    }

    #[test]
    fn switched_off_alone_is_only_possible() {
        let finding = only(check(&case(&[("kms01.txt", &host("disabled"))])));
        assert_eq!(finding.confidence, Confidence::Possible);
    }

    #[test]
    fn a_record_by_hand_or_fixed_hosts_make_it_a_choice() {
        assert_eq!(check(&case(&[("kms01.txt", &host("disabled")), ("dns.txt", RECORD)])), Verdict::Clear);
        let fixed = client_dlv("Licensed", &registered("kms01.contoso.com"));
        assert_eq!(check(&case(&[("kms01.txt", &host("disabled")), ("PC-1.txt", &fixed)])), Verdict::Clear);
    }

    #[test]
    fn switched_on_is_clear_and_without_the_host_it_asks_for_it() {
        assert_eq!(check(&case(&[("kms01.txt", &host("enabled"))])), Verdict::Clear);
        assert_eq!(collects(&check(&case(&[]))), [collecting::HOST_DLV]);
    }
}
