//! # K603: an evaluation edition
//!
//! ## What it means
//! Evaluation copies are time-based and take no setup key; KMS cannot activate them.
//!
//! ## How it is recognised
//! The TIMEBASED_EVAL channel, an edition id that ends in Eval, an evaluation's end date.
//!
//! ## What fixes it
//! Convert a server with `dism /online /set-edition` and a key of the full edition; reinstall a client.
//!
//! ## When it misleads
//! An evaluation within its time works and complains about nothing.
//!
//! ## Sources
//! <https://learn.microsoft.com/windows-server/get-started/upgrade-conversion-options>

use crate::case::{Case, Item};
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Severity, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, keys::wrong_edition_key::MISMATCH};
use crate::survey::{codes, editions};

/// The rule.
pub const RULE: Rule = Rule {
    code: "K603",
    cause: Cause::EvaluationEdition,
    check,
    source: include_str!("evaluation_edition.rs"),
};

/// The facts that show an evaluation edition, with the field that says so.
fn signs(case: &Case) -> Vec<(Item<'_>, &'static str)> {
    let mut signs = Vec::new();
    for (item, license) in case.licenses().filter(|(_, l)| !l.not_in_use) {
        let channel = format!(
            "{} {} {}",
            license.channel.as_deref().unwrap_or_default(),
            license.description.as_deref().unwrap_or_default(),
            license.product_key_channel.as_deref().unwrap_or_default()
        )
        .to_uppercase();
        let name = license.name.as_deref().unwrap_or_default();
        let eval_name = name.split([' ', ',']).any(|word| word.ends_with("Eval") && word.len() > 4);
        if channel.contains("TIMEBASED_EVAL")
            || channel.contains("RETAIL:TB:EVAL")
            || channel.contains("TB:EVAL")
        {
            signs.push((item, "description"));
        } else if eval_name {
            signs.push((item, "name"));
        }
    }
    signs.extend(editions::signs(case, |id| id.ends_with("Eval"), |os| os.contains("Evaluation")));
    signs
}

/// True when some machine of the case runs an evaluation edition.
pub(super) fn is_evaluation(case: &Case) -> bool {
    !signs(case).is_empty()
}

fn check(case: &Case) -> Verdict {
    let signs = signs(case);
    if signs.is_empty() {
        return Verdict::Clear;
    }
    let seen = codes::current(case, MISMATCH);
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    let within_its_time =
        case.licenses().any(|(_, l)| l.license_status == Some(model::LicenseStatus::Licensed));
    if within_its_time && !codes::any_current(case) {
        finding.severity = Severity::Info;
    }
    finding.evidence = signs.iter().map(|(item, field)| item.cite(field)).collect();
    finding.evidence.extend(seen.iter().map(|s| s.item.cite(s.field())));
    finding.evidence.dedup();
    finding.machines = signs.iter().filter_map(|(item, _)| case.machine_label(item.machine)).collect();
    finding.machines.sort();
    finding.machines.dedup();
    finding.stops = finding.machines.len().max(1);
    finding.explains = [Cause::WrongEditionKey, Cause::WrongKeyChannel, Cause::GraceOrNotificationOnly]
        .map(Explained::Cause)
        .to_vec();
    finding.explains.extend(seen.iter().map(|s| Explained::Code(s.code)));
    finding.remedies = vec![
        Remedy::new(RULE.code, "convert-server", Safety::Disruptive)
            .step(
                Shell::Cmd,
                [
                    "dism /online /get-targeteditions",
                    "dism /online /set-edition:<edition> /productkey:<setup-key> /accepteula",
                ],
            )
            .verify([
                "dism /online /get-currentedition",
                "cscript //nologo %windir%\\system32\\slmgr.vbs /dlv",
            ]),
        Remedy::new(RULE.code, "reinstall-client", Safety::Disruptive)
            .step(Shell::Text, ["K603-step-reinstall-client"])
            .verify(["cscript //nologo %windir%\\system32\\slmgr.vbs /dlv"]),
    ];
    finding.references =
        vec!["https://learn.microsoft.com/windows-server/get-started/upgrade-conversion-options"];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{ato, case, client_dlv, explains_cause, only, product_dlv};

    fn evaluation(status: &str) -> String {
        product_dlv(
            "Windows(R), ServerStandardEval edition",
            "TIMEBASED_EVAL",
            "Retail:TB:Eval",
            "4Q7ZB",
            status,
            "",
        )
    }

    #[test]
    fn an_evaluation_that_refuses_a_setup_key_is_certain() {
        let text = evaluation("Notification") + &ato("0xC004F069");
        let finding = only(check(&case(&[("SRV-1.txt", &text)])));
        assert_eq!((finding.confidence, finding.severity), (Confidence::Certain, Severity::Error));
        assert!(explains_cause(&finding, Cause::WrongEditionKey));
    }

    #[test]
    fn an_evaluation_within_its_time_complains_about_nothing() {
        assert_eq!(only(check(&case(&[("SRV-1.txt", &evaluation("Licensed"))]))).severity, Severity::Info);
    }

    #[test]
    fn dism_tells_it_as_well_and_a_full_edition_is_clear() {
        let dism = "C:\\Windows\\system32>dism /online /get-currentedition\n\nDeployment Image Servicing and Management tool\nVersion: 10.0.20348.681\n\nImage Version: 10.0.20348.1487\n\nCurrent edition is:\n\nCurrent Edition : ServerStandardEval\n\nThe operation completed successfully.\n";
        assert_eq!(only(check(&case(&[("dism.txt", dism)]))).confidence, Confidence::Certain);
        assert_eq!(check(&case(&[("dism.txt", &dism.replace("Eval\n", "\n"))])), Verdict::Clear);
        assert_eq!(check(&case(&[("PC-1.txt", &client_dlv("Notification", ""))])), Verdict::Clear);
    }
}
