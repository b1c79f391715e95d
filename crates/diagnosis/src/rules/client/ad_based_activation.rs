//! # K508: activated by Active Directory
//!
//! ## What it means
//! The machine got its activation from an activation object in the domain, not from a KMS host; KMS counters stay still.
//!
//! ## How it is recognised
//! "AD Activation client information" in `/dlv`, the name of the activation object, or activation type AD.
//!
//! ## What fixes it
//! Nothing needs fixing. To test KMS on such a machine set `/act-type 2`, and back to 0 afterwards.
//!
//! ## When it misleads
//! A machine whose type allows everything falls back to KMS when it cannot reach a domain controller.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows/deployment/volume-activation/activate-using-active-directory-based-activation-client>

use model::LicenseStatus;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::Rule;

/// The rule.
pub const RULE: Rule = Rule {
    code: "K508",
    cause: Cause::AdBasedActivation,
    check,
    source: include_str!("ad_based_activation.rs"),
};

fn check(case: &Case) -> Verdict {
    let by_directory: Vec<_> = case
        .licenses()
        .filter(|(_, license)| {
            let only_ad =
                license.configured_activation_type.as_deref().is_some_and(|t| t.eq_ignore_ascii_case("AD"));
            (license.ad_activation_object.is_some() || only_ad)
                && license.license_status == Some(LicenseStatus::Licensed)
        })
        .collect();
    let Some((item, license)) = by_directory.first() else { return Verdict::NotApplicable };
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    finding.severity = Severity::Info;
    let object = license.ad_activation_object.clone().unwrap_or_default();
    finding.args = vec![("object", object.into())];
    finding.evidence = vec![item.cite("ad_activation_object"), item.cite("license_status")];
    finding.evidence.dedup();
    finding.machines = by_directory.iter().filter_map(|(item, _)| case.machine_label(item.machine)).collect();
    finding.machines.dedup();
    finding.explains = vec![Explained::Cause(Cause::CountTooLow)];
    finding.remedies = vec![
        Remedy::new(RULE.code, "test-kms", Safety::Safe)
            .step(
                Shell::Cmd,
                [
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /act-type 2",
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /ato",
                ],
            )
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /act-type 0"])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dlv"]),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/windows/deployment/volume-activation/activate-using-active-directory-based-activation-client",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{arg, case, client_dlv, explains_cause, only, registered};

    const OBJECT: &str = "\nMost recent activation information:\nAD Activation client information\n    Activation Object name: Contoso Windows AO\n    AO DN: CN=Contoso Windows AO,CN=Activation Objects,CN=Microsoft SPP,CN=Services,CN=Configuration,DC=contoso,DC=com";

    #[test]
    fn a_product_activated_by_an_object_is_worth_knowing_and_no_fault() {
        let finding = only(check(&case(&[("PC-1.txt", &client_dlv("Licensed", OBJECT))])));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Certain, Severity::Info));
        assert_eq!(arg(&finding, "object"), "Contoso Windows AO");
        assert!(explains_cause(&finding, Cause::CountTooLow));
    }

    #[test]
    fn a_client_that_fell_back_to_kms_and_one_that_waits_are_another_matter() {
        let by_kms = client_dlv("Licensed", &registered("kms01.contoso.com"));
        assert_eq!(check(&case(&[("PC-1.txt", &by_kms)])), Verdict::NotApplicable);
        let set = client_dlv("Initial grace period", "Configured Activation Type: AD");
        assert_eq!(check(&case(&[("PC-1.txt", &set)])), Verdict::NotApplicable);
    }
}
