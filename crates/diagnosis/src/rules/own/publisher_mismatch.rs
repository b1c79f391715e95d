//! # K904: the answer is not what a host of this publisher would send
//!
//! ## What it means
//! A client of our own got an answer and does not believe it: it is not signed by the publisher whose setup key the
//! client holds, it was revoked, or it is no answer to this question.
//!
//! ## How it is recognised
//! 0x8007000D in 12288 of a client of our own, or from its `/ato`.
//!
//! ## What fixes it
//! A setup key of the publisher that licensed the host; a new licence for a host whose licence was revoked; the clock
//! of the client, where it is years away.
//!
//! ## When it misleads
//! Something on the way that changes bytes makes the same picture, and so does one that pretends to be the host.
//!
//! ## Sources
//! docs/protocol.md

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::{clients, codes, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K904",
    cause: Cause::OwnPublisherMismatch,
    check,
    source: include_str!("publisher_mismatch.rs"),
};

/// ERROR_INVALID_DATA.
const NOT_VALID: u32 = 0x8007_000D;

fn check(case: &Case) -> Verdict {
    if !own::any_own(case) {
        return Verdict::NotApplicable;
    }
    let seen = own::own_codes(case, codes::current(case, &[NOT_VALID]));
    if seen.is_empty() {
        let served = clients::clients(case).iter().any(clients::Client::is_well);
        return if served { Verdict::Clear } else { Verdict::NotApplicable };
    }
    let host = seen.iter().find_map(|s| match &s.item.evidence.fact.value {
        model::Fact::Event(event) => event.kms_machine.clone().map(String::from),
        _ => None,
    });
    // The code says that the answer was refused; which of the reasons it was, only the publisher can tell.
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Likely);
    finding.args = vec![("host", host.unwrap_or_default().into())];
    finding.evidence = seen.iter().take(8).map(|s| s.item.cite(s.field())).collect();
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.remedies = vec![
        Remedy::new(RULE.code, "compare", Safety::ShowOnly)
            .step(
                Shell::Sh,
                [
                    "kmscope client status --data <client-folder> --format json",
                    "kmscope publisher products --dir <publisher-folder>",
                    "kmscope publisher hosts --dir <publisher-folder>",
                ],
            )
            .verify(verifying::own_activation()),
        Remedy::new(RULE.code, "setup-key", Safety::Disruptive)
            .step(
                Shell::Sh,
                [
                    "kmscope publisher setup-key --dir <publisher-folder> --product <product>",
                    "kmscope slmgr --data <client-folder> /ipk <setup-key>",
                ],
            )
            .verify(verifying::own_activation()),
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answered, arg, ato, case, explains_code, only, own_ato, own_sent};

    #[test]
    fn a_client_that_does_not_believe_its_host_names_it() {
        let sent = own_sent("2025-06-03T07:20:00", "0x8007000D", "lic-1.contoso.com");
        let finding = only(check(&case(&[("events.log", &sent)])));
        assert_eq!((finding.confidence, finding.machines.len()), (Confidence::Likely, 1));
        assert_eq!(arg(&finding, "host"), "lic-1.contoso.com");
        assert!(explains_code(&finding, 0x8007_000D));
        assert_eq!(arg(&only(check(&case(&[("ato.txt", &own_ato("0x8007000D"))]))), "host"), "");
    }

    #[test]
    fn an_answer_that_was_believed_later_is_clear_and_windows_is_none_of_its_matters() {
        let overcome = own_sent("2025-06-03T07:20:00", "0x8007000D", "lic-1")
            + &own_sent("2025-06-03T08:20:00", "0x0", "lic-1")
            + &answered("cad-1", "2025-06-03T08:20:01", true, 3);
        assert_eq!(check(&case(&[("events.log", &overcome)])), Verdict::Clear);
        assert_eq!(check(&case(&[("ato.txt", &ato("0x8007000D"))])), Verdict::NotApplicable);
    }
}
