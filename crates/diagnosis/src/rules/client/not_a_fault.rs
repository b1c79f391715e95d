//! # K509: what looks like a fault and is normal behaviour
//!
//! ## What it means
//! Records and numbers that worry people and break nothing.
//!
//! ## How it is recognised
//! A count that stays at 50 or 10 (the host keeps no more); 0x4004F040 on a licensed product; 8200 and 8208 with
//! 0x80072EE7 (no Internet for the genuine ticket); 1058 on OEM machines; an old failure that a later success overcame;
//! a renamed machine under two names; a permanently activated MAK, retail or OEM machine that never asks a KMS.
//!
//! ## What fixes it
//! Nothing needs fixing.
//!
//! ## When it misleads
//! It is only said where nothing else is wrong with the same machine.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/event-id-8208-8200-900>

use model::LicenseStatus;

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Finding, Severity, Verdict};
use crate::rules::Rule;
use crate::survey::{clients, codes, counting, hosts};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K509", cause: Cause::NotAFault, check, source: include_str!("not_a_fault.rs") };

/// SL_E_VL_INFO_PRODUCT_USER_RIGHT: informational.
const INFO_USER_RIGHT: u32 = 0x4004_F040;

fn check(case: &Case) -> Verdict {
    let mut findings = Vec::new();
    let mut add = |variant: &'static str, evidence: Vec<Citation>| {
        if evidence.is_empty() {
            return;
        }
        let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Likely);
        finding.severity = Severity::Info;
        finding.variant = Some(variant);
        finding.evidence = evidence.into_iter().take(4).collect();
        finding.references = vec![
            "https://learn.microsoft.com/windows-server/get-started/activation-troubleshoot-kms-general",
            "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/event-id-8208-8200-900",
        ];
        findings.push(finding);
    };
    add("count-capped", capped_counts(case));
    add("information-code", information_codes(case));
    add("genuine-ticket", of_events(case, &[8200, 8208], Some(codes::EVENT_NOT_GENUINE_TICKET)));
    add("oem-data", of_events(case, &[1058], None));
    add("overcome", overcome(case));
    add("renamed", renamed(case));
    add("permanent", permanent(case));
    add("avma", avma(case));
    add("working", working(case));
    if findings.is_empty() { Verdict::NotApplicable } else { Verdict::Faults(findings) }
}

/// Activated by its virtualization host: KMS plays no part.
fn avma(case: &Case) -> Vec<Citation> {
    case.licenses()
        .filter(|(_, l)| l.channel.as_deref().is_some_and(|c| c.contains("VIRTUAL_MACHINE_ACTIVATION")))
        .filter(|(_, l)| l.license_status == Some(LicenseStatus::Licensed))
        .map(|(item, _)| item.cite("description"))
        .collect()
}

fn capped_counts(case: &Case) -> Vec<Citation> {
    case.licenses()
        .filter(|(_, l)| {
            matches!(l.current_count, Some(50 | 10)) && l.license_status == Some(LicenseStatus::Licensed)
        })
        .map(|(item, _)| item.cite("current_count"))
        .collect()
}

fn information_codes(case: &Case) -> Vec<Citation> {
    case.licenses()
        .filter(|(_, l)| l.error_code.is_some_and(|code| code.value() == INFO_USER_RIGHT))
        .map(|(item, _)| item.cite("error_code"))
        .collect()
}

fn of_events(case: &Case, ids: &[u32], code: Option<u32>) -> Vec<Citation> {
    case.events()
        .filter(|(_, e)| e.event_id.is_some_and(|id| ids.contains(&id)))
        .filter(|(_, e)| code.is_none() || e.hresult.map(|c| c.value()) == code)
        .map(|(item, _)| item.cite("hresult"))
        .collect()
}

fn overcome(case: &Case) -> Vec<Citation> {
    codes::seen(case).iter().filter(|s| s.overcome).map(|s| s.item.cite(s.field())).collect()
}

/// One CMID under two names, one after the other.
fn renamed(case: &Case) -> Vec<Citation> {
    let mut found = Vec::new();
    for log in counting::logs(case) {
        for used in log.cmids().values().filter(|used| used.names.len() == 2) {
            let mut spans: Vec<(i64, i64)> = used
                .names
                .values()
                .filter_map(|times| Some((*times.iter().min()?, *times.iter().max()?)))
                .collect();
            spans.sort_unstable();
            if let [(_, first_end), (second_start, _)] = spans.as_slice()
                && first_end <= second_start
            {
                found.extend(used.records.values().map(|item: &Item<'_>| item.cite("cmid")));
            }
        }
    }
    found
}

/// Licensed for good by a key that is no KMS client's.
fn permanent(case: &Case) -> Vec<Citation> {
    // A host's own key is permanent, and says nothing of its clients.
    let hosts: Vec<_> = hosts::hosts(case).iter().map(|host| host.machine).filter(Option::is_some).collect();
    case.licenses()
        .filter(|(_, l)| {
            let licensed = l.license_status == Some(LicenseStatus::Licensed);
            licensed
                && !l.is_kms_client()
                && !l.is_kms_host()
                && l.channel.is_some()
                && l.expiration_min.is_none()
                && !l.not_in_use
        })
        .map(|(item, _)| item.cite("description"))
        .chain(
            case.licenses()
                .filter(|(_, l)| l.xpr == Some(model::license::Expiration::Permanent))
                .filter(|(item, _)| !hosts.contains(&item.machine))
                .map(|(item, _)| item.cite("xpr")),
        )
        .collect()
}

/// Clients that are licensed by KMS, or whose last attempt was answered.
fn working(case: &Case) -> Vec<Citation> {
    clients::clients(case)
        .iter()
        .filter(|client| client.is_well())
        .filter_map(|client| {
            let by_attempt =
                client.last_attempt().and_then(|a| a.response).map(|(item, _)| item.cite("activated"));
            let by_product = client
                .licensed_product()
                .filter(|(_, l)| l.is_kms_client())
                .map(|(item, _)| item.cite("license_status"));
            by_attempt.or(by_product)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        CMID, answered, case, client_dlv, host_dlv, processed, product_dlv, registered, sent,
    };

    /// The variants that were said, all of them information.
    fn variants(files: &[(&str, &str)]) -> Vec<&'static str> {
        match check(&case(files)) {
            Verdict::Faults(findings) => {
                assert!(findings.iter().all(|f| f.severity == Severity::Info), "{findings:?}");
                findings.iter().filter_map(|f| f.variant).collect()
            }
            _ => Vec::new(),
        }
    }

    #[test]
    fn a_count_that_stays_at_its_cap_is_as_it_should_be() {
        assert_eq!(variants(&[("kms01.txt", &host_dlv("Licensed", 50, "enabled"))]), ["count-capped"]);
        assert!(variants(&[("kms01.txt", &host_dlv("Licensed", 12, "enabled"))]).is_empty());
        assert!(variants(&[("kms01.txt", &host_dlv("Notification", 50, "enabled"))]).is_empty());
    }

    #[test]
    fn a_genuine_ticket_without_internet_is_noise_and_with_another_code_is_not() {
        let record = |code: &str| {
            format!(
                "TimeCreated  : 6/3/2025 7:44:52 AM\nProviderName : Microsoft-Windows-Security-SPP\nId           : 8208\nMessage      : Acquisition of genuine ticket failed (hr={code}) for template Id 66c92734-d682-4d71-983e-d6ec3f16059f\n"
            )
        };
        assert_eq!(variants(&[("app.txt", &record("0x80072EE7"))]), ["genuine-ticket"]);
        assert!(variants(&[("app.txt", &record("0xC004C4A2"))]).is_empty());
    }

    #[test]
    fn a_failure_before_a_success_is_overcome_and_after_it_is_not() {
        let at = |time: &str, code: &str| sent("PC-1", time, code, "kms01.contoso.com");
        let success =
            at("2025-06-03T08:00:00", "0x00000000") + &answered("PC-1", "2025-06-03T08:00:01", true, 30);
        let before = at("2025-06-03T07:00:00", "0x800706BA") + &success;
        assert_eq!(variants(&[("PC-1.xml", &before)]), ["overcome", "working"]);
        let after = success + &at("2025-06-03T09:00:00", "0x800706BA");
        assert!(variants(&[("PC-1.xml", &after)]).is_empty());
    }

    #[test]
    fn a_renamed_machine_is_told_from_clones() {
        let log = |times: [(&str, &str); 3]| -> String {
            times
                .iter()
                .map(|(at, name)| processed("kms01", &format!("2025-06-0{at}T07:00:00"), "0x0", name, CMID))
                .collect()
        };
        assert_eq!(
            variants(&[("kms01.xml", &log([("1", "old-1"), ("2", "old-1"), ("3", "new-1")]))]),
            ["renamed"]
        );
        assert!(variants(&[("kms01.xml", &log([("1", "a-1"), ("2", "b-1"), ("3", "a-1")]))]).is_empty());
    }

    #[test]
    fn a_permanent_key_and_a_licensed_client_are_well() {
        let mak = product_dlv(
            "Windows(R), Enterprise edition",
            "VOLUME_MAK",
            "Volume:MAK",
            "XXXXX",
            "Licensed",
            "",
        );
        assert_eq!(variants(&[("PC-1.txt", &mak)]), ["permanent"]);
        let client = client_dlv("Licensed", &registered("kms01.contoso.com"));
        assert_eq!(variants(&[("PC-1.txt", &client)]), ["working"]);
        assert_eq!(check(&case(&[])), Verdict::NotApplicable);
    }
}
