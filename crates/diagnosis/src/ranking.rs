//! From the judgements of all rules to one report.
//!
//! A fault that explains another fault outranks it. Of what is left, the one that stops more machines comes first,
//! then the surer one, then the one that explains more of the codes seen, then the order of the codes, which follows
//! Microsoft's procedure from the simplest step to the most complex.
//! Only a finding that is at least likely can be the root cause.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Missing, Severity, Verdict};
use crate::report::{Outcome, Report, RootCause};
use crate::rules::Rule;
use crate::rules::own::words;
use crate::survey::{clients, codes, counting, hosts};
use crate::{overview, survey};

/// Most citations of one finding; further ones say the same.
const CITATIONS_MAX: usize = 14;

/// Orders findings and names the root cause.
pub fn rank(case: &Case, judged: Vec<(&Rule, Verdict)>) -> Report {
    let mut findings = Vec::new();
    let mut clear = Vec::new();
    let mut unknown: Vec<(&'static str, Missing)> = Vec::new();
    for (rule, verdict) in judged {
        match verdict {
            Verdict::Faults(more) => findings.extend(more),
            Verdict::Clear => clear.push(rule.code),
            Verdict::Unknown(missing) => unknown.push((rule.code, missing)),
            Verdict::NotApplicable => {}
        }
    }
    if !tells_of_a_client(case) {
        clear.retain(|rule| !CLEAR_BY_SILENCE.contains(rule));
    }
    settle_by_an_answer(case, &mut unknown, &mut clear);
    words::translate(case, &mut findings);
    unknown.iter_mut().for_each(|(_, missing)| words::translate_missing(case, missing));
    for finding in &mut findings {
        tidy(finding);
    }
    soften_where_all_is_well(case, &mut findings);
    let mut findings = in_order(findings);
    for finding in &mut findings {
        keep_what_was_explained(finding);
    }
    let root = findings.first().filter(|finding| can_be_root(finding));
    let root_cause = root.map(|f| RootCause { cause: f.cause, rule: f.rule, confidence: f.confidence });
    let verdict = match &root_cause {
        Some(_) => Outcome::Fault,
        None if nothing_is_wrong(case, &findings) => Outcome::Clear,
        None => Outcome::Undecided,
    };
    let mut notes = case.notes.clone();
    notes.extend(case.files.iter().flat_map(|file| file.notes.iter().cloned()));
    Report {
        verdict,
        root_cause,
        findings,
        clear,
        unknown,
        notes,
        machines: overview::machines(case),
        timeline: overview::timeline(case),
        observed: overview::observed(case),
        codes: overview::codes(case),
        curves: counting::logs(case).iter().filter_map(|log| log.curve(printed_count(case, log))).collect(),
        files: case.files.len(),
        facts: case.files.iter().map(|file| file.facts.len()).sum(),
    }
}

/// The count that the host of a log printed itself.
fn printed_count(case: &Case, log: &counting::HostLog<'_>) -> Option<i64> {
    hosts::hosts(case).iter().find(|host| host.machine == log.machine).and_then(hosts::Host::count)
}

/// Rules that find nothing when the outputs and logs of a client show nothing: without any such output they have
/// not looked.
const CLEAR_BY_SILENCE: [&str; 12] =
    ["K102", "K501", "K502", "K505", "K506", "K507", "K601", "K603", "K604", "K605", "K801", "K403"];

fn tells_of_a_client(case: &Case) -> bool {
    case.licenses().next().is_some()
        || case.events().next().is_some()
        || case.command_failures().next().is_some()
}

/// Rules about the way from a client to a host: an answer from a host settles them all.
const SETTLED_BY_AN_ANSWER: [&str; 13] =
    ["K101", "K102", "K103", "K104", "K105", "K106", "K201", "K202", "K203", "K301", "K402", "K501", "K801"];

/// A client whose last request was answered found a host, reached it, and had its clock accepted.
fn settle_by_an_answer(
    case: &Case,
    unknown: &mut Vec<(&'static str, Missing)>,
    clear: &mut Vec<&'static str>,
) {
    let clients = clients::clients(case);
    let answered = clients.iter().any(|c| c.last_attempt().is_some_and(|a| a.response.is_some()));
    let unanswered = clients.iter().any(|c| c.last_attempt().is_some_and(|a| a.response.is_none()));
    if !answered || unanswered {
        return;
    }
    let settled: Vec<&'static str> =
        unknown.iter().map(|(rule, _)| *rule).filter(|rule| SETTLED_BY_AN_ANSWER.contains(rule)).collect();
    unknown.retain(|(rule, _)| !settled.contains(rule));
    clear.extend(settled);
    clear.sort_unstable();
}

/// Each citation once, and not too many; explanations once.
fn tidy(finding: &mut Finding) {
    let mut seen = BTreeSet::new();
    finding.evidence.retain(|citation| seen.insert((citation.text.clone(), citation.source.clone())));
    finding.evidence.truncate(CITATIONS_MAX);
    finding.explains.sort();
    finding.explains.dedup();
    let mut seen = BTreeSet::new();
    finding.machines.retain(|machine| seen.insert(machine.clone()));
}

/// A rule lists every cause that it could explain; the report names those that were really there.
fn keep_what_was_explained(finding: &mut Finding) {
    let folded = std::mem::take(&mut finding.folded);
    finding.explains.retain(|explained| match explained {
        Explained::Code(_) => true,
        Explained::Cause(cause) => folded.contains(cause),
    });
}

fn can_be_root(finding: &Finding) -> bool {
    finding.severity == Severity::Error && finding.confidence >= Confidence::Likely
}

/// Where every client works, a fault of the surroundings is a warning: it will matter, it does not now.
fn soften_where_all_is_well(case: &Case, findings: &mut [Finding]) {
    let clients = clients::clients(case);
    let well = clients.iter().any(clients::Client::is_well);
    let fails = clients.iter().any(clients::Client::fails_now) || codes::any_current(case);
    if fails {
        return;
    }
    if host_answers(case) {
        // Another DNS server led the way: the silent one costs time, not activation.
        findings
            .iter_mut()
            .filter(|finding| finding.cause == Cause::DnsServerUnreachable)
            .for_each(|finding| finding.severity = Severity::Warning);
    }
    if !well {
        return;
    }
    for finding in findings.iter_mut().filter(|f| f.severity == Severity::Error && waits_for_clients(f.cause))
    {
        finding.severity = Severity::Warning;
    }
}

/// Somebody offered an interface to what clients are led to, and the one that they need was accepted.
fn host_answers(case: &Case) -> bool {
    case.connections().any(|(_, test)| test.service == Some(survey::own::wanted(test)))
}

/// Causes that do no harm as long as clients find and reach a host with enough count in some other way.
fn waits_for_clients(cause: Cause) -> bool {
    use Cause::*;
    matches!(
        cause,
        SrvMissing
            | SrvWrongSuffix
            | HostNameUnresolvable
            | DnsPublishFailed
            | DnsPublishDisabled
            | HostUnreachable
            | PortBlocked
            | CountTooLow
            | DuplicateCmid
            | TooManyHosts
    )
}

/// Causes that lie in one client and say nothing of the others.
fn concerns_one_client(cause: Cause) -> bool {
    use Cause::*;
    matches!(
        cause,
        NoDnsSuffix
            | NoDnsServer
            | DnsServerUnreachable
            | StaleRegisteredKmsName
            | NotElevated
            | RegistryPermissions
            | DcomPermissions
            | TokensCorrupt
            | NotGenuineUpdate
            | WrongKeyChannel
            | WrongEditionKey
            | EvaluationEdition
            | EditionNotVolume
            | OemBiosSlic
            | ImdsUnreachable
            | GraceOrNotificationOnly
            | AdBasedActivation
            | NotAFault
    )
}

/// The order of the report: faults, warnings, guesses, information.
///
/// A fault that another one explains is folded into it: its proof becomes proof of the deeper cause.
fn in_order(findings: Vec<Finding>) -> Vec<Finding> {
    let mut ranked = fold(findings);
    ranked.sort_by_key(|finding| {
        let class = match (finding.severity, finding.confidence) {
            (Severity::Error, confidence) if confidence >= Confidence::Likely => 0,
            (Severity::Warning, confidence) if confidence >= Confidence::Likely => 1,
            (Severity::Error | Severity::Warning, _) => 2,
            (Severity::Info, _) => 3,
        };
        let codes = finding.explains.iter().filter(|e| matches!(e, Explained::Code(_))).count();
        (class, Reverse(finding.stops), Reverse(finding.confidence), Reverse(codes), finding.rule)
    });
    ranked
}

/// Puts each explained finding into the deepest one that explains it.
fn fold(findings: Vec<Finding>) -> Vec<Finding> {
    let parents: Vec<Option<usize>> =
        findings.iter().map(|finding| findings.iter().position(|other| explains(other, finding))).collect();
    let deepest = |mut index: usize| {
        // Explanations are acyclic by the rule on mutual ones; the bound guards longer circles.
        for _ in 0..parents.len() {
            match parents[index] {
                Some(parent) => index = parent,
                None => return Some(index),
            }
        }
        None
    };
    let homes: Vec<Option<usize>> = (0..findings.len()).map(deepest).collect();
    let mut kept: Vec<Option<Finding>> = findings.into_iter().map(Some).collect();
    for index in 0..kept.len() {
        let Some(home) = homes[index].filter(|home| *home != index) else { continue };
        let Some(explained) = kept[index].take() else { continue };
        if let Some(parent) = kept[home].as_mut() {
            parent.explains.push(Explained::Cause(explained.cause));
            parent.folded.push(explained.cause);
            parent.folded.extend(explained.folded);
            parent
                .explains
                .extend(explained.explains.into_iter().filter(|e| matches!(e, Explained::Code(_))));
            parent.evidence.extend(explained.evidence);
            parent.stops = parent.stops.max(explained.stops);
            parent.machines.extend(explained.machines);
            tidy(parent);
        }
    }
    kept.into_iter().flatten().collect()
}

/// True when one finding explains another.
fn explains(cause: &Finding, effect: &Finding) -> bool {
    if std::ptr::eq(cause, effect) || !can_be_root(cause) {
        return false;
    }
    let says_so = |a: &Finding, b: &Finding| a.explains.contains(&Explained::Cause(b.cause));
    if !says_so(cause, effect) || (cause.cause == effect.cause) {
        return false;
    }
    // Two that explain each other: the surer one stands, then the one that comes first in the procedure.
    if says_so(effect, cause) && can_be_root(effect) {
        let stronger = (effect.confidence, Reverse(effect.rule)) > (cause.confidence, Reverse(cause.rule));
        if stronger {
            return false;
        }
    }
    // A fault in one client does not explain what happens to others.
    let apart = !cause.machines.is_empty()
        && !effect.machines.is_empty()
        && cause.machines.iter().all(|machine| !effect.machines.contains(machine));
    !(concerns_one_client(cause.cause) && apart)
}

/// Enough was seen to say that all is well: something that works, and nothing that fails.
fn nothing_is_wrong(case: &Case, findings: &[Finding]) -> bool {
    let failing = codes::any_current(case) || clients::clients(case).iter().any(clients::Client::fails_now);
    // A mere possibility keeps the verdict open only where no client shows that all works.
    let well = clients::clients(case).iter().any(clients::Client::is_well);
    let guess = !well
        && findings.iter().any(|f| f.severity == Severity::Error && f.confidence == Confidence::Possible);
    let informed =
        findings.iter().any(|f| f.severity == Severity::Info && f.confidence >= Confidence::Likely);
    let host_serves = survey::hosts::hosts(case).iter().any(|host| {
        host.is_licensed() == Some(true) && host.count().is_some_and(|count| count >= host.needed())
    });
    let explained_state = findings.iter().any(|f| {
        f.severity == Severity::Info
            && f.confidence >= Confidence::Likely
            && matches!(f.cause, Cause::GraceOrNotificationOnly | Cause::AdBasedActivation)
    });
    (informed || host_serves || host_answers(case)) && (!failing || explained_state) && !guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnose;
    use crate::testing::{
        NO_RECORD, RECORD, answered, ato, case, client_dlv, host_dlv, ipconfig, registered, sent, tcp_open,
    };

    fn fault(rule: &'static str, cause: Cause, confidence: Confidence, explains: &[Cause]) -> Finding {
        let mut finding = Finding::new(rule, cause, confidence);
        finding.explains = explains.iter().copied().map(Explained::Cause).collect();
        finding
    }

    fn causes(findings: Vec<Finding>) -> Vec<Cause> {
        in_order(findings).iter().map(|finding| finding.cause).collect()
    }

    use Cause::{
        ClockSkew, CountTooLow, DuplicateCmid, HostUnreachable, NoDnsSuffix, PortBlocked, SrvMissing,
    };
    use Confidence::{Certain, Likely, Possible};

    #[test]
    fn a_fault_that_explains_another_takes_it_in() {
        let findings = vec![
            fault("K404", CountTooLow, Certain, &[]),
            fault("K405", DuplicateCmid, Certain, &[CountTooLow]),
        ];
        let ordered = in_order(findings);
        assert_eq!(ordered.len(), 1);
        assert_eq!((ordered[0].cause, ordered[0].folded.clone()), (DuplicateCmid, vec![CountTooLow]));
    }

    #[test]
    fn chains_end_in_the_deepest_cause() {
        let findings = vec![
            fault("K101", SrvMissing, Certain, &[]),
            fault("K202", PortBlocked, Certain, &[SrvMissing]),
            fault("K801", ClockSkew, Likely, &[PortBlocked]),
        ];
        let ordered = in_order(findings);
        assert_eq!(ordered.iter().map(|f| f.cause).collect::<Vec<_>>(), [ClockSkew]);
        assert_eq!(ordered[0].folded.len(), 2);
    }

    #[test]
    fn a_guess_explains_nothing_and_a_circle_loses_nothing() {
        let guess = vec![
            fault("K405", DuplicateCmid, Possible, &[CountTooLow]),
            fault("K404", CountTooLow, Certain, &[]),
        ];
        assert_eq!(causes(guess), [CountTooLow, DuplicateCmid]);
        let circle = vec![
            fault("K101", SrvMissing, Certain, &[PortBlocked]),
            fault("K202", PortBlocked, Certain, &[ClockSkew]),
            fault("K801", ClockSkew, Certain, &[SrvMissing]),
        ];
        assert_eq!(causes(circle).len(), 3);
    }

    #[test]
    fn of_two_that_explain_each_other_the_surer_one_stands_then_the_earlier_one() {
        let pair = |first: Confidence, second: Confidence| {
            causes(vec![
                fault("K201", HostUnreachable, first, &[PortBlocked]),
                fault("K202", PortBlocked, second, &[HostUnreachable]),
            ])
        };
        assert_eq!(pair(Likely, Certain), [PortBlocked]);
        assert_eq!(pair(Certain, Likely), [HostUnreachable]);
        assert_eq!(pair(Certain, Certain), [HostUnreachable]);
    }

    #[test]
    fn a_fault_in_one_client_does_not_explain_what_happens_to_others() {
        let of = |machine: &str| {
            let mut suffix = fault("K103", NoDnsSuffix, Certain, &[SrvMissing]);
            suffix.machines = vec!["PC-1".to_owned()];
            let mut record = fault("K101", SrvMissing, Certain, &[]);
            record.machines = vec![machine.to_owned()];
            causes(vec![suffix, record])
        };
        assert_eq!(of("PC-1"), [NoDnsSuffix]);
        assert_eq!(of("PC-2"), [SrvMissing, NoDnsSuffix]);
    }

    #[test]
    fn independent_faults_come_by_machines_stopped_then_by_certainty_then_by_code() {
        let stopping = |rule, cause, confidence, stops| {
            let mut finding = fault(rule, cause, confidence, &[]);
            finding.stops = stops;
            finding
        };
        let many = vec![
            stopping("K101", SrvMissing, Certain, 1),
            stopping("K801", ClockSkew, Likely, 9),
            stopping("K202", PortBlocked, Certain, 1),
            stopping("K201", HostUnreachable, Possible, 99),
            stopping("K405", DuplicateCmid, Likely, 1),
        ];
        assert_eq!(causes(many), [ClockSkew, SrvMissing, PortBlocked, DuplicateCmid, HostUnreachable]);
    }

    #[test]
    fn a_citation_is_kept_once_and_their_number_is_bounded() {
        let case = case(&[("ato.txt", &ato("0xC004F074"))]);
        let (item, _) = case.licenses().next().expect("an attempt");
        let mut finding = fault("K404", CountTooLow, Certain, &[]);
        finding.evidence = vec![item.cite("error_code"); 3];
        for number in 0..40 {
            let mut other = item.cite("error_code");
            other.text = format!("line {number}");
            finding.evidence.push(other);
        }
        tidy(&mut finding);
        assert_eq!(finding.evidence.len(), CITATIONS_MAX);
        assert_ne!(finding.evidence[0], finding.evidence[1]);
    }

    #[test]
    fn faults_of_the_surroundings_are_warnings_where_every_client_works() {
        let well = sent("PC-1", "2025-06-03T08:00:00", "0x00000000", "kms01.contoso.com")
            + &answered("PC-1", "2025-06-03T08:00:01", true, 30);
        let host = format!("C:\\>hostname\nkms01\n\n{}", host_dlv("Licensed", 30, "disabled"));
        let report = diagnose(&case(&[("PC-1.xml", &well), ("kms01.txt", &host), ("dns.txt", NO_RECORD)]));
        assert_eq!(report.verdict, Outcome::Clear, "{:?}", report.root_cause);
        assert!(report.findings.iter().all(|finding| finding.severity < Severity::Error));
    }

    #[test]
    fn nothing_is_undecided_and_asks_for_evidence() {
        let report = diagnose(&case(&[]));
        assert_eq!((report.verdict, report.findings.len()), (Outcome::Undecided, 0));
        assert!(report.unknown.iter().all(|(_, missing)| !missing.collect.is_empty()));
        assert!(!report.unknown.is_empty());
    }

    #[test]
    fn a_summary_code_alone_is_undecided() {
        let report = diagnose(&case(&[("ato.txt", &ato("0xC004F074"))]));
        assert_eq!((report.verdict, report.root_cause), (Outcome::Undecided, None));
    }

    #[test]
    fn a_client_that_works_is_clear_and_its_answer_settles_the_way_to_the_host() {
        let text = sent("PC-1", "2025-06-03T08:00:00", "0x00000000", "kms01.contoso.com")
            + &answered("PC-1", "2025-06-03T08:00:01", true, 30);
        let report = diagnose(&case(&[("PC-1.xml", &text)]));
        assert_eq!(report.verdict, Outcome::Clear);
        assert!(report.clear.contains(&"K105") && report.clear.is_sorted());
        assert!(report.unknown.iter().all(|(rule, _)| !SETTLED_BY_AN_ANSWER.contains(rule)));
    }

    #[test]
    fn the_root_cause_is_the_first_finding_and_names_what_it_explains() {
        let client = ipconfig("TERM-5", "", "192.0.2.10") + &ato("0x8007232B") + "\n" + NO_RECORD;
        let report = diagnose(&case(&[("TERM-5.txt", &client)]));
        let root = report.root_cause.expect("a root cause");
        assert_eq!((report.verdict, root.cause, root.rule), (Outcome::Fault, NoDnsSuffix, "K103"));
        assert!(report.findings[0].explains.contains(&Explained::Cause(SrvMissing)));
        assert!(!report.findings.iter().any(|finding| finding.cause == SrvMissing));
        // What it could explain and was not there is not named.
        assert!(!report.findings[0].explains.contains(&Explained::Cause(Cause::SrvWrongSuffix)));
    }

    #[test]
    fn a_fixed_host_that_is_gone_explains_the_codes_of_discovery() {
        let dlv = client_dlv("Notification", &registered("kms-old.contoso.com"));
        let tests = RECORD.to_owned() + "\n" + &tcp_open("kms01.contoso.com", "192.0.2.40", 1688);
        let report = diagnose(&case(&[
            ("PC-1/dlv.txt", &dlv),
            ("PC-1/ato.txt", &ato("0x8007232B")),
            ("PC-1/net.txt", &tests),
        ]));
        assert_eq!(report.root_cause.map(|root| root.cause), Some(Cause::StaleRegisteredKmsName));
    }
}
