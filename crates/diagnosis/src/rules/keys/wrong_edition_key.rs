//! # K602: a setup key of another edition or version
//!
//! ## What it means
//! The installed or offered key belongs to another edition or release than the one that is installed.
//!
//! ## How it is recognised
//! 0xC004F069 or 0xC004F050 where the installed edition has a setup key of its own; the last five characters of a
//! published setup key that is not the edition's.
//!
//! ## What fixes it
//! Install the edition's own setup key.
//!
//! ## When it misleads
//! Evaluation editions (K603) and Home editions (K604) show the same code, and no setup key fits them.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-client-activation-keys>

use model::License;

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::keys::{edition_not_volume, evaluation_edition};
use crate::rules::{Rule, collecting, verifying};
use crate::survey::codes;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K602", cause: Cause::WrongEditionKey, check, source: include_str!("wrong_edition_key.rs") };

/// SL_E_MISMATCHED_PRODUCT_SKU, SL_E_INVALID_PRODUCT_KEY, SL_E_PKEY_INVALID_EDITION-like neighbours.
pub(super) const MISMATCH: &[u32] = &[0xC004_F069, 0xC004_F050, 0xC004_F210, 0xC004_E028];

fn check(case: &Case) -> Verdict {
    if evaluation_edition::is_evaluation(case) || edition_not_volume::is_home(case) {
        return Verdict::NotApplicable;
    }
    let seen = codes::current(case, MISMATCH);
    let misfits: Vec<_> = case.licenses().filter_map(|(item, license)| misfit(&item, license)).collect();
    if seen.is_empty() && misfits.is_empty() {
        let looked = case.licenses().any(|(_, l)| l.partial_product_key.is_some());
        return if looked { Verdict::Clear } else { collecting::unknown("K602", &[collecting::CLIENT_DLV]) };
    }
    // The product of the machine that showed the code; another machine's is no answer.
    let named: Vec<_> = case.licenses().filter(|(_, l)| l.name.is_some() && !l.is_kms_host()).collect();
    let own = named.iter().find(|(item, _)| seen.iter().any(|s| s.machine() == item.machine));
    let only = named.first().filter(|(_, first)| named.iter().all(|(_, other)| other.name == first.name));
    let product = own.or(only).map(|(item, license)| (*item, (*license).clone()));
    let keys = product.as_ref().map_or(Vec::new(), |(_, l)| {
        facts::setup_keys::for_product(l.name.as_deref().unwrap_or_default(), l.service_version.as_deref())
    });
    let only_0xf050 = misfits.is_empty() && seen.iter().all(|s| s.code.value() == 0xC004_F050);
    let confidence = match (keys.is_empty(), only_0xf050, misfits.is_empty()) {
        (_, _, false) => Confidence::Certain,
        (false, false, true) => Confidence::Certain,
        (false, true, true) | (true, false, true) => Confidence::Likely,
        (true, true, true) => Confidence::Possible,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    let name = product.as_ref().and_then(|(_, l)| l.name.clone()).unwrap_or_default();
    let belongs_to = misfits.first().map(|(_, belongs)| belongs.clone()).unwrap_or_default();
    finding.variant = Some(if belongs_to.is_empty() { "code" } else { "key" });
    finding.args = vec![("product", name.clone().into()), ("belongs", belongs_to.into())];
    finding.evidence = misfits.iter().flat_map(|(citations, _)| citations.clone()).collect();
    finding.evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    finding.evidence.extend(product.iter().map(|(item, _)| item.cite("name")));
    finding.evidence.dedup();
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.machines.dedup();
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.explains.extend([Cause::GraceOrNotificationOnly, Cause::WrongKeyChannel].map(Explained::Cause));
    let key = match keys.as_slice() {
        [only] => only.key.clone(),
        _ => "<setup-key>".to_owned(),
    };
    finding.remedies = vec![
        Remedy::new(RULE.code, "own-key", Safety::Disruptive)
            .step(
                Shell::Cmd,
                [
                    "dism /online /get-currentedition".to_owned(),
                    format!("cscript //nologo %windir%\\system32\\slmgr.vbs /ipk {key}"),
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /ato".to_owned(),
                ],
            )
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <previous-key>"])
            .verify(verifying::activation()),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/kms-client-activation-keys"];
    Verdict::Faults(vec![finding])
}

/// A published setup key installed under a product that has another one.
fn misfit(item: &Item<'_>, license: &License) -> Option<(Vec<Citation>, String)> {
    let last_five = license.partial_product_key.as_deref()?;
    let key = facts::setup_keys::by_last_five(last_five)?;
    let fitting =
        facts::setup_keys::for_product(license.name.as_deref()?, license.service_version.as_deref());
    let fits = fitting.is_empty() || fitting.iter().any(|own| own.last_five == key.last_five);
    (!fits).then(|| (vec![item.cite("partial_product_key"), item.cite("name")], key.full_name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, ato, case, client_dlv, collects, commands, explains_code, only, product_dlv};

    #[test]
    fn a_refused_key_on_a_known_product_is_certain_and_its_own_key_is_told() {
        let text = client_dlv("Notification", "") + &ato("0xC004F069");
        let finding = only(check(&case(&[("PC-1.txt", &text)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("code")));
        assert!(explains_code(&finding, 0xC004_F069));
        assert!(commands(&finding).iter().any(|c| c.ends_with("-2YT43")), "{:?}", commands(&finding));
    }

    #[test]
    fn a_published_key_of_another_edition_is_seen_by_its_last_five() {
        let text = client_dlv("Notification", "")
            .replace("Partial Product Key: 2YT43", "Partial Product Key: T83GX");
        let finding = only(check(&case(&[("PC-1.txt", &text)])));
        assert_eq!((finding.confidence, finding.variant), (Confidence::Certain, Some("key")));
        assert!(arg(&finding, "belongs").contains("Pro"), "{}", arg(&finding, "belongs"));
    }

    #[test]
    fn an_invalid_key_on_an_unknown_product_is_only_possible() {
        let finding = only(check(&case(&[(
            "PC-1.txt",
            &ato("0xC004F050").replace("Windows(R), Enterprise edition", "the product"),
        )])));
        assert_eq!(finding.confidence, Confidence::Possible);
    }

    #[test]
    fn evaluation_and_home_editions_have_their_own_rules() {
        let eval = product_dlv(
            "Windows(R), ServerStandardEval edition",
            "TIMEBASED_EVAL",
            "Retail:TB:Eval",
            "4Q7ZB",
            "Notification",
            "",
        );
        assert_eq!(check(&case(&[("SRV-1.txt", &(eval + &ato("0xC004F069")))])), Verdict::NotApplicable);
        let home = product_dlv("Windows(R), Core edition", "OEM_DM", "OEM:DM", "H7W3B", "Licensed", "");
        assert_eq!(check(&case(&[("NB-1.txt", &(home + &ato("0xC004F069")))])), Verdict::NotApplicable);
    }

    #[test]
    fn the_right_key_is_clear_and_without_a_key_it_asks_for_the_licence() {
        assert_eq!(check(&case(&[("PC-1.txt", &client_dlv("Licensed", ""))])), Verdict::Clear);
        assert_eq!(collects(&check(&case(&[]))), [collecting::CLIENT_DLV]);
    }
}
