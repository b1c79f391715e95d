//! # K604: an edition that KMS cannot activate
//!
//! ## What it means
//! Home and other consumer editions have no volume licence: no setup key fits them.
//!
//! ## How it is recognised
//! The edition's name (Core, CoreSingleLanguage, HomePremium, Starter, Ultimate, Cloud ...), beside a failing `/ipk` or
//! `/ato`.
//!
//! ## What fixes it
//! Upgrade to Pro, Enterprise or Education with a licence for it, then install the setup key.
//!
//! ## When it misleads
//! A Home machine that is activated by its own OEM or retail licence is fine as it is.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/kms-client-activation-keys>

use model::LicenseStatus;

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, keys::wrong_edition_key::MISMATCH, verifying};
use crate::survey::{codes, editions};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K604",
    cause: Cause::EditionNotVolume,
    check,
    source: include_str!("edition_not_volume.rs"),
};

/// Edition ids without a volume licence.
const CONSUMER_EDITIONS: [&str; 18] = [
    "core",
    "coren",
    "coresinglelanguage",
    "corecountryspecific",
    "coreconnected",
    "coreconnectedn",
    "homepremium",
    "homepremiumn",
    "homebasic",
    "homebasicn",
    "starter",
    "startern",
    "ultimate",
    "ultimaten",
    "cloud",
    "cloudn",
    "home",
    "ppipro",
];

fn is_consumer(edition: &str) -> bool {
    CONSUMER_EDITIONS.contains(&edition.to_lowercase().as_str())
}

/// The facts that show a consumer edition, with the field that says so.
fn signs(case: &Case) -> Vec<(Item<'_>, &'static str)> {
    let mut signs = Vec::new();
    for (item, license) in case.licenses().filter(|(_, l)| !l.not_in_use && l.name.is_some()) {
        let name = license.name.as_deref().unwrap_or_default();
        let edition = name.split_once(',').map_or("", |(_, rest)| rest.trim());
        if edition.split_whitespace().next().is_some_and(is_consumer) {
            signs.push((item, "name"));
        }
    }
    let is_home_name = |os: &str| {
        !os.contains("Server")
            && os.split_whitespace().any(|word| matches!(word, "Home" | "Famille" | "Familie"))
    };
    signs.extend(editions::signs(case, is_consumer, is_home_name));
    signs
}

/// True when some machine of the case runs a consumer edition.
pub(super) fn is_home(case: &Case) -> bool {
    !signs(case).is_empty()
}

fn check(case: &Case) -> Verdict {
    let signs = signs(case);
    if signs.is_empty() {
        return Verdict::Clear;
    }
    let licensed = signs.iter().any(|(item, _)| {
        case.licenses().any(|(other, l)| {
            other.machine == item.machine
                && l.license_status == Some(LicenseStatus::Licensed)
                && !l.not_in_use
        })
    });
    let seen = codes::current(case, MISMATCH);
    let any = codes::any_current(case);
    let confidence = match (seen.is_empty(), any) {
        (false, _) => Confidence::Certain,
        (true, true) => Confidence::Certain,
        (true, false) => Confidence::Likely,
    };
    let mut finding = Finding::new(RULE.code, RULE.cause, confidence);
    if licensed && !any {
        finding.severity = Severity::Info;
    }
    finding.evidence = signs.iter().map(|(item, field)| item.cite(field)).collect();
    finding.evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    finding.evidence.dedup();
    finding.machines = signs.iter().filter_map(|(item, _)| case.machine_label(item.machine)).collect();
    finding.machines.sort();
    finding.machines.dedup();
    finding.stops = finding.machines.len().max(1);
    finding.explains =
        [Cause::WrongEditionKey, Cause::WrongKeyChannel, Cause::SrvMissing].map(Explained::Cause).to_vec();
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "upgrade-edition", Safety::Disruptive)
            .step(Shell::Cmd, ["changepk.exe /ProductKey <key-of-a-volume-edition>"])
            .verify(["dism /online /get-currentedition"])
            .verify(verifying::activation()),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/kms-client-activation-keys"];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ato, case, client_dlv, explains_cause, explains_code, found, only, product_dlv};

    fn home(status: &str) -> String {
        product_dlv("Windows(R), CoreSingleLanguage edition", "OEM_DM", "OEM:DM", "H7W3B", status, "")
    }

    #[test]
    fn a_home_edition_that_refuses_a_setup_key_is_certain() {
        let text = home("Licensed") + &ato("0xC004F069");
        let finding = only(check(&case(&[("NB-1.txt", &text)])));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Certain, Severity::Error));
        assert!(explains_code(&finding, 0xC004_F069) && explains_cause(&finding, Cause::WrongEditionKey));
    }

    #[test]
    fn a_home_machine_with_its_own_licence_is_fine_as_it_is() {
        assert_eq!(only(check(&case(&[("NB-1.txt", &home("Licensed"))]))).severity, Severity::Info);
        let unlicensed = check(&case(&[("NB-1.txt", &home("Notification"))]));
        assert_eq!(found(&unlicensed), [(Cause::EditionNotVolume, Confidence::Likely)]);
    }

    #[test]
    fn volume_editions_are_clear() {
        assert_eq!(
            check(&case(&[("PC-1.txt", &(client_dlv("Notification", "") + &ato("0xC004F069")))])),
            Verdict::Clear
        );
        let server = product_dlv(
            "Windows(R), ServerStandardCore edition",
            "VOLUME_KMSCLIENT",
            "Volume:GVLK",
            "XXXXX",
            "Licensed",
            "",
        );
        assert_eq!(check(&case(&[("SRV-1.txt", &server)])), Verdict::Clear);
    }
}
