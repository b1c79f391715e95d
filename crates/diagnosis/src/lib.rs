//! From evidence to the root cause.
//!
//! [`diagnose`] is a pure function: the same evidence gives the same report, byte for byte.
//! Rules see only the [`Case`]; the words that people read live in the message catalogue, keyed by rule.

mod attribution;
pub mod case;
pub mod cause;
pub mod finding;
pub mod message;
pub mod overview;
pub mod ranking;
pub mod remedy;
pub mod report;
pub mod rules;
pub mod survey;
#[cfg(test)]
pub(crate) mod testing;

pub use case::Case;
pub use cause::Cause;
pub use finding::{Citation, Confidence, Finding, Severity, Verdict};
pub use message::Message;
pub use report::{Outcome, Report};

/// Judges a case by every rule and ranks what was found.
pub fn diagnose(case: &Case) -> Report {
    let judged: Vec<_> = rules::RULES.iter().map(|rule| (rule, (rule.check)(case))).collect();
    ranking::rank(case, judged)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        NO_RECORD, RECORD, answered, ato, case, client_dlv, cmid, event, failing_vm, host_dlv, ipconfig,
        own_ato, own_client_dlv, own_host_dlv, own_host_status, own_processed, own_sent, processed,
        product_dlv, registered, routes, sent, sent_by, tcp_failed, tcp_open,
    };

    /// Pieces of evidence as they come together in mails: of clients, hosts, the network, Azure, and nonsense.
    fn snippets() -> Vec<String> {
        let host = "kms01.contoso.com";
        let at = |hour: u32| format!("2025-06-03T{hour:02}:00:00");
        let named = |name: &str, text: &str| format!("C:\\>hostname\n{name}\n\n{text}");
        let refused = sent("PC-1", &at(7), "0x00000000", host) + &answered("PC-1", &at(7), false, 12);
        let log: String = (0..8)
            .map(|n| processed("kms01", &at(n), "0x0", &format!("pc-{}", n % 3), &cmid(u64::from(n % 2))))
            .collect();
        vec![
            RECORD.to_owned(),
            NO_RECORD.to_owned(),
            RECORD.replace("kms01", "kms-old").replace("192.0.2.40", "192.0.2.41"),
            ato("0xC004F074"),
            ato("0x8007232B"),
            ato("0xC004F038"),
            ato("0x80070005"),
            ato("0xC004E015"),
            named("PC-3", &ato("0xC004F041")),
            client_dlv("Licensed", &registered(host)),
            client_dlv("Notification", &registered("kms-old.contoso.com")),
            named("PC-4", &client_dlv("Initial grace period", "")),
            product_dlv("Windows(R), Core edition", "OEM_DM", "OEM:DM", "H7W3B", "Licensed", ""),
            product_dlv(
                "Windows(R), Enterprise edition",
                "VOLUME_MAK",
                "Volume:MAK",
                "XXXXX",
                "Notification",
                "",
            ),
            named("kms01", &host_dlv("Licensed", 12, "disabled")),
            named("kms02", &host_dlv("Licensed", 14, "enabled")),
            named("kms03", &host_dlv("Notification", 0, "enabled")),
            ipconfig("PC-1", "contoso.com", "192.0.2.10"),
            ipconfig("PC-2", "", ""),
            tcp_open(host, "192.0.2.40", 1688),
            named("PC-2", &tcp_failed(host, "192.0.2.40", 1688, true)),
            named("PC-3", &tcp_failed(host, "192.0.2.40", 1688, false)),
            refused,
            sent("PC-2", &at(8), "0x800706BA", host) + &sent("PC-2", &at(9), "0xC004F06C", host),
            sent_by(&cmid(9), "PC-4", &at(9), "0x00000000", "kms02.contoso.com")
                + &answered("PC-4", &at(9), true, 14),
            log,
            event(12293, "kms01", &at(6), "contoso.com, 0x80072338")
                + &event(12294, "kms01", &at(5), "contoso.com"),
            routes(&["Default Invalid 0.0.0.0/0 Internet", "User Active 0.0.0.0/0 VirtualNetworkGateway"]),
            failing_vm().0 + &failing_vm().1,
            own_ato("0xC004F041"),
            own_client_dlv("Non-genuine grace period", ""),
            named("lic-1", &own_host_dlv("Licensed", 1)),
            own_host_status(true, "ok", 1),
            own_host_status(false, "the journal can't be written", 0),
            own_sent(&at(7), "0x8007000D", "lic-1.contoso.com") + &own_sent(&at(8), "0xC004F042", "lic-1"),
            (0..4).map(|n| own_processed(&at(n), "0x0", &format!("cad-{}", n % 2), &cmid(7))).collect(),
            "2026-11-21T18:45:30Z warning windows-client address=192.0.2.7 problem=x\n".to_owned(),
            "Dear colleagues,\nnothing works since Monday, see below.\n".to_owned(),
            String::new(),
        ]
    }

    /// Files with their paths: some snippets, each in one of three folders or called like a machine.
    fn mail() -> impl Strategy<Value = Vec<(String, String)>> {
        let count = snippets().len();
        prop::collection::vec((0..count, 0..4_usize), 0..7).prop_map(|chosen| {
            let all = snippets();
            let file = |(number, (snippet, place)): (usize, (usize, usize))| {
                let folder = ["", "site-a/", "PC-1/", "kms01/"][place];
                (format!("{folder}{number}-{snippet}.txt"), all[snippet].clone())
            };
            chosen.into_iter().enumerate().map(file).collect()
        })
    }

    fn judge(files: &[(String, String)]) -> Report {
        let files: Vec<(&str, &str)> =
            files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        diagnose(&case(&files))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 128, max_shrink_iters: 400, failure_persistence: None, rng_seed: proptest::test_runner::RngSeed::Fixed(1688), ..ProptestConfig::default() })]

        #[test]
        fn the_same_evidence_gives_the_same_report(files in mail()) {
            prop_assert_eq!(judge(&files), judge(&files));
        }

        #[test]
        fn a_report_holds_together(files in mail()) {
            let report = judge(&files);
            prop_assert_eq!(report.root_cause.is_some(), report.verdict == Outcome::Fault);
            if let Some(root) = &report.root_cause {
                let first = &report.findings[0];
                prop_assert_eq!((root.cause, root.rule), (first.cause, first.rule));
                prop_assert!(root.confidence >= Confidence::Likely && first.severity == Severity::Error);
            }
            for finding in &report.findings {
                prop_assert!(!finding.evidence.is_empty(), "{} without proof", finding.rule);
                prop_assert!(finding.evidence.iter().all(|c| !c.text.trim().is_empty()), "{:?}", finding);
                prop_assert!(finding.stops >= 1);
            }
            for (rule, missing) in &report.unknown {
                prop_assert!(!missing.collect.is_empty() && !report.clear.contains(rule), "{}", rule);
            }
        }

        #[test]
        fn the_order_of_the_files_does_not_change_the_root_cause((files, shuffled) in mail().prop_flat_map(|files| {
            (Just(files.clone()), Just(files).prop_shuffle())
        })) {
            let (left, right) = (judge(&files), judge(&shuffled));
            prop_assert_eq!(left.root_cause, right.root_cause);
        }
    }
}
