//! # K902: the licence of our own host does not hold the product
//!
//! ## What it means
//! A client asks a host of our own for a product that the publisher's licence of this host does not name.
//!
//! ## How it is recognised
//! 0xC004F042 on a client of our own; 0xC004F015 in the events of a host of our own.
//!
//! ## What fixes it
//! A licence that names the product, or a host that has one.
//!
//! ## When it misleads
//! A host of another publisher refuses in the same way: it knows the product as little.
//!
//! ## Sources
//! docs/protocol.md

use std::collections::BTreeSet;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::codes::{self, Origin};
use crate::survey::{clients, hosts, own};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K902",
    cause: Cause::HostKeyTooOld,
    check,
    source: include_str!("product_not_in_licence.rs"),
};

/// SL_E_VL_KEY_MANAGEMENT_SERVICE_ID_MISMATCH, SL_E_PRODUCT_SKU_NOT_INSTALLED.
const ID_MISMATCH: u32 = 0xC004_F042;
const SKU_NOT_INSTALLED: u32 = 0xC004_F015;

fn check(case: &Case) -> Verdict {
    if !own::any_own(case) {
        return Verdict::NotApplicable;
    }
    let mut seen = own::own_codes(case, codes::current(case, &[ID_MISMATCH]));
    let of_hosts = own::own_codes(case, codes::current(case, &[SKU_NOT_INSTALLED]));
    seen.extend(of_hosts.into_iter().filter(|s| s.origin == Origin::HostLog));
    if seen.is_empty() {
        let served = clients::clients(case).iter().any(clients::Client::is_well);
        return match served || !hosts::hosts(case).is_empty() {
            true => Verdict::Clear,
            false => Verdict::NotApplicable,
        };
    }
    let refused: BTreeSet<String> = seen
        .iter()
        .filter_map(|s| match &s.item.evidence.fact.value {
            model::Fact::Event(event) if s.origin == Origin::HostLog => {
                event.client.clone().map(String::from)
            }
            _ => case.machine_label(s.machine()),
        })
        .collect();
    let products = || case.licenses().filter(|(item, _)| own::is_own(case, item));
    let covered: BTreeSet<String> =
        products().filter(|(_, l)| l.is_kms_host()).filter_map(|(_, l)| l.name.clone()).collect();
    let wanted = products().find(|(_, l)| !l.is_kms_host() && l.name.is_some());
    let product = wanted.as_ref().and_then(|(_, l)| l.name.clone()).unwrap_or_default();
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    finding.variant = (!covered.is_empty() && !product.is_empty()).then_some("named");
    let list: Vec<String> = covered.into_iter().collect();
    finding.args = vec![
        ("product", product.into()),
        ("covered", list.join(", ").into()),
        ("clients", refused.len().into()),
    ];
    finding.evidence = seen.iter().take(6).map(|s| s.item.cite(s.field())).collect();
    finding.evidence.extend(wanted.iter().map(|(item, _)| item.cite("name")));
    let of_host = products().filter(|(_, l)| l.is_kms_host()).take(6);
    finding.evidence.extend(of_host.map(|(item, _)| item.cite("name")));
    finding.stops = refused.len().max(1);
    finding.machines = refused.into_iter().collect();
    finding.explains = vec![Explained::Cause(Cause::CountTooLow)];
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "licence", Safety::Safe)
            .step(Shell::Sh, [
                "kmscope host key --data <host-folder>",
                "kmscope publisher issue-host --dir <publisher-folder> --products <products> --host-key <host-key> --out <licence-file>",
                "kmscope host reload --data <host-folder>",
            ])
            .verify(verifying::OWN_HOST)
            .verify(verifying::own_activation()),
        Remedy::new(RULE.code, "other-host", Safety::Safe)
            .step(Shell::Sh, ["kmscope slmgr --data <client-folder> /skms <host-that-covers-it>:1688"])
            .undo(["kmscope slmgr --data <client-folder> /ckms"])
            .verify(verifying::own_activation()),
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{
        arg, ato, case, cmid, explains_code, only, own_ato, own_client_dlv, own_host_status, own_processed,
    };

    #[test]
    fn the_host_s_events_name_whom_it_refused() {
        let at = "2025-06-03T07:20:00";
        let log = own_processed(at, "0xC004F015", "cad-1", &cmid(1))
            + &own_processed(at, "0xC004F015", "cad-2", &cmid(2));
        let finding = only(check(&case(&[("log.xml", &log)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, None));
        assert_eq!((arg(&finding, "clients"), finding.machines.len()), ("2".to_owned(), 2));
    }

    #[test]
    fn a_client_and_the_host_s_status_name_both_sides() {
        let client = own_client_dlv("Notification", "").replace("Contoso CAD", "Contoso PLM")
            + "\n"
            + &own_ato("0xC004F042");
        let finding = only(check(&case(&[
            ("cad-1/all.txt", &client),
            ("lic-1/status.json", &own_host_status(true, "ok", 3)),
        ])));
        assert_eq!(finding.variant, Some("named"));
        assert_eq!(
            (arg(&finding, "product"), arg(&finding, "covered")),
            ("Contoso PLM".into(), "Contoso CAD".into())
        );
        assert!(explains_code(&finding, 0xC004_F042));
    }

    #[test]
    fn a_missing_product_on_the_console_and_a_genuine_refusal_are_none_of_its_matters() {
        assert_eq!(check(&case(&[("ato.txt", &own_ato("0xC004F015"))])), Verdict::NotApplicable);
        assert_eq!(check(&case(&[("ato.txt", &ato("0xC004F042"))])), Verdict::NotApplicable);
    }
}
