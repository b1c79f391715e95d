//! # K901: the licence of our own host is not in force
//!
//! ## What it means
//! The publisher's licence for this host has ended, has not begun, or was revoked. The host runs and refuses every
//! client of the product.
//!
//! ## How it is recognised
//! `in_force: false` in `kmscope host status`, a state other than Licensed in the host's `/dlv`, 0xC004F041 from a
//! host of our own, on a client or in the host's events; the non-genuine grace period of a client of our own.
//!
//! ## What fixes it
//! Renew the licence and reload it; after a revocation, a licence for a new host key.
//!
//! ## When it misleads
//! A host whose clock is wrong takes a good licence for one that is over.
//!
//! ## Sources
//! docs/protocol.md

use model::LicenseStatus;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::{codes, hosts, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K901",
    cause: Cause::HostNotActivated,
    check,
    source: include_str!("host_licence_not_in_force.rs"),
};

/// SL_E_VL_KEY_MANAGEMENT_SERVICE_NOT_ACTIVATED, and SL_E_NOT_GENUINE for what was revoked.
const NOT_IN_FORCE: &[u32] = &[0xC004_F041, 0xC004_F200];

fn check(case: &Case) -> Verdict {
    if !own::any_own(case) {
        return Verdict::NotApplicable;
    }
    let seen = own::own_codes(case, codes::current(case, NOT_IN_FORCE));
    let hosts = hosts::hosts(case);
    let products = || {
        let all = hosts.iter().flat_map(|host| host.products.iter().map(move |product| (host, product)));
        all.filter(|(_, (item, _))| own::is_own(case, item))
    };
    let over: Vec<_> = products()
        .filter(|(_, (_, l))| l.license_status.is_some_and(|state| state != LicenseStatus::Licensed))
        .collect();
    // The licence of the host that holds a client was revoked: the client knows it, and its time runs.
    let revoked: Vec<_> = case
        .licenses()
        .filter(|(item, l)| !l.is_kms_host() && own::is_own(case, item))
        .filter(|(_, l)| l.license_status == Some(LicenseStatus::NonGenuineGrace))
        .collect();
    if seen.is_empty() && over.is_empty() && revoked.is_empty() {
        return match products().next() {
            Some(_) => Verdict::Clear,
            None => Verdict::NotApplicable,
        };
    }
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    finding.variant = Some(match (over.is_empty(), seen.is_empty()) {
        (false, _) => "by-host",
        (true, false) => "by-client",
        (true, true) => "revoked",
    });
    let host = over.first().map(|(host, _)| host.label.clone()).unwrap_or_default();
    let product = over.first().and_then(|(_, (_, l))| l.name.clone()).unwrap_or_default();
    finding.args = vec![("host", host.into()), ("product", product.into())];
    for field in ["license_status", "notification_reason"] {
        finding.evidence.extend(over.iter().map(|(_, (item, _))| item.cite(field)));
    }
    finding.evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    finding.evidence.extend(revoked.iter().map(|(item, _)| item.cite("license_status")));
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.stops = finding.machines.len().max(1);
    finding.explains = [
        Cause::HostServiceStopped,
        Cause::CountTooLow,
        Cause::OwnPublisherMismatch,
        Cause::GraceOrNotificationOnly,
    ]
    .map(Explained::Cause)
    .to_vec();
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding.explains.extend(over.iter().filter_map(|(_, (_, l))| l.notification_reason).map(Explained::Code));
    finding.remedies = remedies();
    Verdict::Faults(vec![finding])
}

fn remedies() -> Vec<Remedy> {
    vec![
        Remedy::new(RULE.code, "renew", Safety::Safe)
            .step(Shell::Sh, [
                "kmscope publisher hosts --dir <publisher-folder>",
                "kmscope publisher renew-host --dir <publisher-folder> --serial <serial> --out <licence-file>",
                "kmscope host reload --data <host-folder>",
            ])
            .verify(verifying::OWN_HOST)
            .verify(verifying::own_activation()),
        Remedy::new(RULE.code, "replace", Safety::Disruptive)
            .step(Shell::Sh, [
                "kmscope publisher replace-host --dir <publisher-folder> --serial <serial> --out <licence-file>",
                "kmscope host run --data <new-host-folder> --licence <licence-file>",
            ])
            .verify(verifying::own_activation()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        arg, ato, case, commands, explains_code, only, own_ato, own_client_dlv, own_host_dlv,
        own_host_status, own_processed, quotes,
    };

    #[test]
    fn the_host_says_that_its_licence_is_not_in_force() {
        let finding = only(check(&case(&[("status.json", &own_host_status(false, "ok", 3))])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("by-host")));
        assert_eq!(arg(&finding, "product"), "Contoso CAD");
        assert!(quotes(&finding, "in_force"));
        assert!(commands(&finding).iter().any(|c| c.contains("renew-host")));
        let dlv = own_host_dlv("Notification", 3);
        assert_eq!(only(check(&case(&[("dlv.txt", &dlv)]))).variant, Some("by-host"));
    }

    #[test]
    fn a_client_or_the_host_s_events_say_so() {
        let finding = only(check(&case(&[("ato.txt", &own_ato("0xC004F041"))])));
        assert_eq!(finding.variant, Some("by-client"));
        assert!(explains_code(&finding, 0xC004_F041));
        let log = own_processed("2025-06-03T07:20:00", "0xC004F041", "cad-1", crate::testing::CMID);
        assert_eq!(only(check(&case(&[("log.xml", &log)]))).variant, Some("by-client"));
        let held = own_client_dlv("Non-genuine grace period", "");
        assert_eq!(only(check(&case(&[("dlv.txt", &held)]))).variant, Some("revoked"));
    }

    #[test]
    fn a_licence_in_force_is_clear_and_a_genuine_host_is_none_of_its_matters() {
        assert_eq!(check(&case(&[("status.json", &own_host_status(true, "ok", 3))])), Verdict::Clear);
        assert_eq!(check(&case(&[("ato.txt", &ato("0xC004F041"))])), Verdict::NotApplicable);
    }
}
