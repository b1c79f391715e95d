//! # K801: the clocks are more than four hours apart
//!
//! ## What it means
//! A KMS host refuses requests whose time differs from its own by more than four hours (in UTC; time zones play no part).
//!
//! ## How it is recognised
//! 0xC004F06C in 12288 or 12290, which slmgr hides behind 0xC004F074; a w32tm comparison of more than four hours; a
//! 12290 whose client time is far from the time of its record.
//!
//! ## What fixes it
//! Repair time synchronisation, then activate again.
//!
//! ## When it misleads
//! Times printed in local time look hours apart and are not.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004f06c-activate-windows>

use model::event::REQUEST_PROCESSED;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::codes::{self, Origin};
use crate::survey::own;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K801", cause: Cause::ClockSkew, check, source: include_str!("clock_skew.rs") };

/// SL_E_VL_INVALID_TIMESTAMP.
const INVALID_TIMESTAMP: u32 = 0xC004_F06C;

/// The documented limit.
const LIMIT_SECONDS: f64 = 4.0 * 3600.0;

fn check(case: &Case) -> Verdict {
    let seen = codes::current(case, &[INVALID_TIMESTAMP]);
    let offsets: Vec<_> = case
        .time_checks()
        .filter(|(_, t)| t.offset_seconds.is_some_and(|s| s.abs() > LIMIT_SECONDS))
        .collect();
    if seen.is_empty() && offsets.is_empty() {
        return match case.time_checks().any(|(_, t)| t.offset_seconds.is_some()) || !codes::any_current(case)
        {
            true => Verdict::Clear,
            false => collecting::unknown("K801", &[collecting::CLOCK, collecting::CLIENT_EVENTS]),
        };
    }
    let confidence = if seen.is_empty() { Confidence::Likely } else { Confidence::Certain };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let mut evidence: Vec<Citation> = seen.iter().map(|s| s.item.cite(s.field())).collect();
    evidence.extend(offsets.iter().map(|(item, _)| item.cite("offset_seconds")));
    evidence.extend(
        case.time_checks()
            .filter(|(_, t)| t.source_server.is_some())
            .map(|(item, _)| item.cite("source_server")),
    );
    evidence.extend(
        case.time_checks().filter(|(_, t)| t.service_stopped).map(|(item, _)| item.cite("service_stopped")),
    );
    finding.evidence = evidence;
    finding.machines = seen
        .iter()
        .filter_map(|s| match &s.item.evidence.fact.value {
            model::Fact::Event(event) if s.origin == Origin::HostLog => {
                event.client.clone().map(String::from)
            }
            _ => case.machine_label(s.machine()),
        })
        .collect();
    finding.machines.sort();
    finding.machines.dedup();
    finding.stops = finding.machines.len().max(1);
    let minutes = minutes_apart(case);
    let own = !seen.is_empty() && seen.iter().all(|s| own::is_own(case, &s.item));
    finding.variant = match (own, minutes.is_some()) {
        (true, true) => Some("own-measured"),
        (true, false) => Some("own"),
        (false, true) => Some("measured"),
        (false, false) => None,
    };
    finding.args = vec![("minutes", minutes.unwrap_or_default().into())];
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding
        .explains
        .extend(codes::current(case, &[codes::NOT_CONTACTED]).iter().map(|s| Explained::Code(s.code)));
    finding.explains.extend(
        [Cause::HostUnreachable, Cause::PortBlocked, Cause::FirewallWrongRuleType, Cause::ForcedTunnel]
            .map(Explained::Cause),
    );
    finding.remedies = vec![
        Remedy::new(RULE.code, "synchronise", Safety::Safe)
            .step(Shell::Cmd, ["net start w32time", "w32tm /resync /rediscover"])
            .step(Shell::Powershell, ["Start-Service w32time", "w32tm /resync /rediscover"])
            .steps_if(own, Shell::Sh, ["timedatectl set-ntp true", "timedatectl status"])
            .verify(["w32tm /query /status"])
            .verify(verifying::activation()),
        Remedy::new(RULE.code, "domain-hierarchy", Safety::Safe)
            .step(Shell::Cmd, ["w32tm /config /syncfromflags:domhier /update", "w32tm /resync /rediscover"])
            .verify(["w32tm /query /source"]),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/error-0xc004f06c-activate-windows",
    ];
    Verdict::Faults(vec![finding])
}

/// Minutes between the clocks, by a comparison or by a refused record whose own time is known in UTC.
fn minutes_apart(case: &Case) -> Option<i64> {
    let compared = case.time_checks().filter_map(|(_, t)| t.offset_seconds).find(|s| s.abs() > LIMIT_SECONDS);
    if let Some(seconds) = compared {
        return Some((seconds.abs() / 60.0).round() as i64);
    }
    case.events_with_id(REQUEST_PROCESSED)
        .filter(|(_, e)| e.hresult.is_some_and(|code| code.value() == INVALID_TIMESTAMP))
        .find_map(|(_, e)| {
            let host = e.time.as_ref()?.utc_seconds()?;
            let client = e.client_time.as_ref()?.utc_seconds()?;
            Some((host - client).abs() / 60).filter(|minutes| *minutes >= 240)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        CMID, arg, ato, case, collects, event, explains_cause, explains_code, only, quotes, sent,
    };

    fn stripchart(offset: &str) -> String {
        format!(
            "C:\\>w32tm /stripchart /computer:dc01.contoso.com /samples:2 /dataonly\nTracking dc01.contoso.com [192.0.2.10:123].\nCollecting 2 samples.\nThe current time is 6/3/2025 8:29:12 PM.\n20:29:12, {offset}s\n20:29:14, {offset}s\n"
        )
    }

    #[test]
    fn the_code_and_the_measured_offset_are_certain() {
        let request = sent("SRV-1", "2025-06-03T07:20:00", "0xC004F06C", "kms01.contoso.com");
        let clock = stripchart("-18743.2210043");
        let finding = only(check(&case(&[("SRV-1.xml", &request), ("SRV-1.txt", &clock)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("measured")));
        assert_eq!(arg(&finding, "minutes"), "312");
        assert_eq!(finding.machines, ["SRV-1"]);
        assert!(explains_code(&finding, 0xC004_F06C) && explains_cause(&finding, Cause::PortBlocked));
        assert!(quotes(&finding, "-18743"), "{:?}", finding.evidence);
    }

    #[test]
    fn the_host_s_log_names_the_client_whose_clock_is_wrong() {
        let data = format!(
            "0xC004F06C, 25, pc-7.contoso.com, {CMID}, 2025/06/03 01:20, 0, 2, 30000, 73111121-5638-40f6-bc11-f1d7b0d64300"
        );
        let refused = event(12290, "kms01.contoso.com", "2025-06-03T07:20:00", &data);
        let finding = only(check(&case(&[("kms01.xml", &refused)])));
        assert_eq!(finding.machines, ["pc-7.contoso.com"]);
        assert_eq!((finding.variant, arg(&finding, "minutes")), (Some("measured"), "360".to_owned()));
    }

    #[test]
    fn an_offset_below_the_limit_of_four_hours_is_no_fault() {
        let files = [("clock.txt", &*stripchart("+3540.0012345")), ("ato.txt", &*ato("0xC004F074"))];
        assert_eq!(check(&case(&files)), Verdict::Clear);
        let beyond = only(check(&case(&[("clock.txt", &stripchart("+18000.0012345"))])));
        assert_eq!(beyond.confidence, Confidence::Likely);
    }

    #[test]
    fn a_failure_without_a_clock_asks_for_one() {
        let asked = collects(&check(&case(&[("ato.txt", &ato("0xC004F074"))])));
        assert_eq!(asked, [collecting::CLOCK, collecting::CLIENT_EVENTS]);
        assert_eq!(check(&case(&[])), Verdict::Clear);
    }
}
