//! # K405: several machines share one client machine id
//!
//! ## What it means
//! Machines were cloned without `sysprep /generalize` (or with SkipRearm=1); the host counts them all as one.
//!
//! ## How it is recognised
//! One CMID under several machine names in the host's 12290 records, interleaved in time; one CMID in the outputs of
//! several machines.
//!
//! ## What fixes it
//! `slmgr /rearm` and a restart on each clone but one; generalise the image.
//!
//! ## When it misleads
//! Upper and lower case are one machine. A renamed machine leaves its CMID under two names, one after the other; only
//! when the old name comes back is it a clone.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-activation-duplicate-client-machine-id>
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/kms-current-count-not-increase>

use std::collections::{BTreeMap, BTreeSet};

use model::Guid;

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::host::count_too_low::NOT_ENOUGH_COUNT;
use crate::rules::{Rule, collecting};
use crate::survey::counting::{self, CmidUse};
use crate::survey::{clients, codes, own};

/// The rule.
pub const RULE: Rule =
    Rule { code: "K405", cause: Cause::DuplicateCmid, check, source: include_str!("duplicate_cmid.rs") };

/// A CMID and the machines that share it.
#[derive(Debug)]
struct Shared {
    cmid: Guid,
    names: BTreeSet<String>,
    evidence: Vec<Citation>,
    confidence: Confidence,
    /// The machines are clients of our own.
    own: bool,
}

fn check(case: &Case) -> Verdict {
    let logs = counting::logs(case);
    let mut shared: Vec<Shared> = Vec::new();
    for log in &logs {
        for (cmid, used) in log.cmids() {
            if let Some(confidence) = clones(&used) {
                let evidence = used.records.values().take(6).map(|item| item.cite("cmid")).collect();
                let own = used.records.values().all(|item| own::is_own(case, item));
                let names = used.names.keys().cloned().collect();
                shared.push(Shared { cmid, names, evidence, confidence, own });
            }
        }
    }
    merge_outputs(case, &mut shared);
    if shared.is_empty() {
        let seen_one = case.licenses().any(|(_, l)| l.cmid.is_some());
        return match !logs.is_empty() || seen_one {
            true => Verdict::Clear,
            false => collecting::unknown("K405", &[collecting::HOST_EVENTS, collecting::CLIENT_DLV]),
        };
    }
    shared.sort_by_key(|s| (std::cmp::Reverse(s.names.len()), s.cmid));
    Verdict::Faults(vec![finding(case, &shared)])
}

/// Whether the machines under one CMID are clones. A rename shows as one name after the other.
fn clones(used: &CmidUse<'_>) -> Option<Confidence> {
    match used.names.len() {
        0 | 1 => None,
        2 if interleaved(used) => Some(Confidence::Certain),
        2 => None,
        _ => Some(Confidence::Certain),
    }
}

/// The first name comes again after the second was seen.
fn interleaved(used: &CmidUse<'_>) -> bool {
    let spans: Vec<(i64, i64)> =
        used.names.values().filter_map(|times| Some((*times.iter().min()?, *times.iter().max()?))).collect();
    match spans.as_slice() {
        [(a_first, a_last), (b_first, b_last)] => {
            a_first < b_last && b_first < a_last && a_last != b_first && b_last != a_first
        }
        _ => false,
    }
}

/// Adds CMIDs that the outputs or logs of several machines show.
fn merge_outputs(case: &Case, shared: &mut Vec<Shared>) {
    let mut users: BTreeMap<Guid, BTreeMap<usize, Item<'_>>> = BTreeMap::new();
    for (item, license) in case.licenses() {
        if let (Some(cmid), Some(machine)) = (license.cmid, item.machine) {
            users.entry(cmid).or_default().entry(machine).or_insert(item);
        }
    }
    for (item, event) in case.events_with_id(model::event::REQUEST_SENT) {
        if let (Some(cmid), Some(machine)) = (event.cmid, item.machine) {
            users.entry(cmid).or_default().entry(machine).or_insert(item);
        }
    }
    for (cmid, machines) in users.into_iter().filter(|(cmid, machines)| machines.len() > 1 && !cmid.is_nil())
    {
        let names: BTreeSet<String> =
            machines.keys().filter_map(|id| case.machine_label(Some(*id))).collect();
        let evidence: Vec<Citation> = machines.values().map(|item| item.cite("cmid")).collect();
        // Machines told apart by their files alone could be one machine twice.
        let named = machines.keys().filter(|id| !case.machines[**id].unnamed).count();
        let confidence = match named {
            0 => Confidence::Possible,
            1 => Confidence::Likely,
            _ => Confidence::Certain,
        };
        let own = machines.values().all(|item| own::is_own(case, item));
        match shared.iter_mut().find(|s| s.cmid == cmid) {
            Some(known) => known.evidence.extend(evidence),
            None => shared.push(Shared { cmid, names, evidence, confidence, own }),
        }
    }
}

fn finding(case: &Case, shared: &[Shared]) -> Finding {
    let confidence = shared.iter().map(|s| s.confidence).max().unwrap_or(Confidence::Possible);
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let machines: BTreeSet<String> = shared.iter().flat_map(|s| s.names.iter().cloned()).collect();
    let largest = &shared[0];
    finding.args = vec![
        ("cmid", largest.cmid.to_string().into()),
        ("machines", largest.names.len().into()),
        ("cmids", shared.len().into()),
        ("lost", shared.iter().map(|s| s.names.len().saturating_sub(1)).sum::<usize>().into()),
    ];
    finding.variant = match (shared.iter().all(|s| s.own), shared.len() > 1) {
        (true, _) => Some("own"),
        (false, true) => Some("several"),
        (false, false) => None,
    };
    finding.evidence = shared.iter().flat_map(|s| s.evidence.iter().cloned()).take(12).collect();
    finding.stops = machines.len();
    finding.machines = machines.into_iter().collect();
    finding.severity = severity(case);
    finding.explains = vec![Explained::Cause(Cause::CountTooLow)];
    finding
        .explains
        .extend(codes::current(case, &[NOT_ENOUGH_COUNT]).iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "rearm", Safety::Disruptive)
            .step(Shell::Cmd, [
                "cscript //nologo %windir%\\system32\\slmgr.vbs /rearm",
                "shutdown /r /t 0",
                "cscript //nologo %windir%\\system32\\slmgr.vbs /ato",
            ])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dlv | findstr CMID"]),
        Remedy::new(RULE.code, "generalize-image", Safety::ShowOnly)
            .step(Shell::Cmd, [
                "reg query \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\SoftwareProtectionPlatform\" /v SkipRearm",
                "%windir%\\system32\\sysprep\\sysprep.exe /generalize /oobe /shutdown",
            ])
            .verify(["kmscope diagnose kms-host.evtx"]),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/windows-activation-duplicate-client-machine-id",
    ];
    finding
}

/// Clones harm through the count: where every client is well and none is refused, they are a warning.
fn severity(case: &Case) -> Severity {
    let clients = clients::clients(case);
    let fails = clients.iter().any(clients::Client::fails_now) || codes::any_current(case);
    let well = clients.iter().any(clients::Client::is_well);
    if well && !fails { Severity::Warning } else { Severity::Error }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        CMID, answered, arg, ato, case, cmid, collects, explains_cause, only, processed, sent,
    };

    fn log(requests: &[(&str, &str)]) -> String {
        let line = |(time, client): &(&str, &str)| {
            processed("kms01", &format!("2025-06-{time}:00"), "0x0", client, CMID)
        };
        requests.iter().map(line).collect()
    }

    #[test]
    fn names_that_take_turns_under_one_cmid_are_clones() {
        let files = log(&[
            ("03T07:00", "lab-1"),
            ("03T08:00", "lab-2"),
            ("04T07:00", "lab-1"),
            ("04T08:00", "lab-2"),
        ]);
        let finding = only(check(&case(&[("kms01.xml", &files)])));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Certain, Severity::Error));
        assert_eq!((arg(&finding, "cmid"), arg(&finding, "machines")), (CMID.into(), "2".into()));
        assert_eq!(finding.machines, ["lab-1", "lab-2"]);
        assert!(explains_cause(&finding, Cause::CountTooLow));
    }

    #[test]
    fn a_renamed_machine_is_no_clone_and_capital_letters_are_no_second_machine() {
        let renamed = log(&[("03T07:00", "old-1"), ("04T07:00", "old-1"), ("05T07:00", "new-1")]);
        assert_eq!(check(&case(&[("kms01.xml", &renamed)])), Verdict::Clear);
        let letters = log(&[("03T07:00", "LAB-1"), ("04T07:00", "lab-1.contoso.com"), ("05T07:00", "Lab-1")]);
        assert_eq!(check(&case(&[("kms01.xml", &letters)])), Verdict::Clear);
    }

    #[test]
    fn three_names_are_clones_in_any_order() {
        let files = log(&[("03T07:00", "lab-1"), ("03T08:00", "lab-2"), ("03T09:00", "lab-3")]);
        let finding = only(check(&case(&[("kms01.xml", &files)])));
        assert_eq!((finding.confidence, arg(&finding, "lost")), (Confidence::Certain, "2".to_owned()));
    }

    #[test]
    fn the_same_cmid_in_the_outputs_of_two_named_machines() {
        let request = |name: &str| sent(name, "2025-06-03T07:20:00", "0x00000000", "kms01.contoso.com");
        let files = [("a.xml", &*request("LAB-1")), ("b.xml", &*request("LAB-2"))];
        let finding = only(check(&case(&files)));
        assert_eq!((finding.confidence, finding.stops), (Confidence::Certain, 2));
    }

    #[test]
    fn clones_that_are_all_activated_are_a_warning() {
        let mut requests = log(&[
            ("03T07:00", "lab-1"),
            ("03T08:00", "lab-2"),
            ("04T07:00", "lab-1"),
            ("04T08:00", "lab-2"),
        ]);
        requests += &sent("lab-1", "2025-06-04T07:00:00", "0x00000000", "kms01");
        requests += &answered("lab-1", "2025-06-04T07:00:01", true, 30);
        assert_eq!(only(check(&case(&[("all.xml", &requests)]))).severity, Severity::Warning);
    }

    #[test]
    fn several_machines_with_their_own_ids_are_clear_and_nothing_asks() {
        let own = processed("kms01", "2025-06-03T07:00:00", "0x0", "pc-1", &cmid(1))
            + &processed("kms01", "2025-06-03T07:01:00", "0x0", "pc-2", &cmid(2));
        assert_eq!(check(&case(&[("kms01.xml", &own)])), Verdict::Clear);
        let asked = collects(&check(&case(&[("PC-1.txt", &ato("0xC004F038"))])));
        assert_eq!(asked, [collecting::HOST_EVENTS, collecting::CLIENT_DLV]);
    }
}
