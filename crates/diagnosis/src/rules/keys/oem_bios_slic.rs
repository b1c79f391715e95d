//! # K605: a volume licence without a qualifying OEM marker
//!
//! ## What it means
//! Volume editions of Windows 7 are upgrades: the machine must carry the marker of a qualifying OEM Windows in its
//! firmware.
//!
//! ## How it is recognised
//! 0xC004F035, or status flag 0x08000000 in 12288 or 12289.
//!
//! ## What fixes it
//! A retail or MAK key, or a machine that was bought with a qualifying Windows.
//!
//! ## When it misleads
//! Flag 0x8 (no OEM marker) is only informative.
//!
//! ## Sources
//! <https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/troubleshoot-activation-error-codes>

use model::event::FLAG_NOT_WINDOWS_SLP;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Citation, Confidence, Explained, Finding, Verdict};
use crate::remedy::{Remedy, Safety, Shell};
use crate::rules::{Rule, verifying};
use crate::survey::codes;

/// The rule.
pub const RULE: Rule =
    Rule { code: "K605", cause: Cause::OemBiosSlic, check, source: include_str!("oem_bios_slic.rs") };

/// SL_E_VL_NOT_WINDOWS_SLP.
const NOT_WINDOWS_SLP: u32 = 0xC004_F035;

fn check(case: &Case) -> Verdict {
    let seen = codes::current(case, &[NOT_WINDOWS_SLP]);
    let mut evidence: Vec<Citation> = seen.iter().map(|s| s.item.cite(s.field())).collect();
    evidence.extend(
        case.events()
            .filter(|(_, e)| e.flags.is_some_and(|flags| flags.value() & FLAG_NOT_WINDOWS_SLP != 0))
            .map(|(item, _)| item.cite("flags")),
    );
    if evidence.is_empty() {
        return Verdict::Clear;
    }
    let mut finding = Finding::new(RULE.code, RULE.cause, Confidence::Certain);
    evidence.dedup();
    finding.evidence = evidence;
    finding.machines = seen.iter().filter_map(|s| case.machine_label(s.machine())).collect();
    finding.machines.dedup();
    finding.explains = seen.iter().map(|s| Explained::Code(s.code)).collect();
    finding.remedies = vec![
        Remedy::new(RULE.code, "other-key", Safety::Disruptive)
            .step(
                Shell::Cmd,
                [
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <mak-or-retail-key>",
                    "cscript //nologo %windir%\\system32\\slmgr.vbs /ato",
                ],
            )
            .undo(["cscript //nologo %windir%\\system32\\slmgr.vbs /ipk <setup-key>"])
            .verify(verifying::activation()),
    ];
    finding.references = vec![
        "https://learn.microsoft.com/troubleshoot/windows-server/licensing-and-activation/troubleshoot-activation-error-codes",
    ];
    Verdict::Faults(vec![finding])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{CMID, ato, case, event, explains_code, only};

    fn request(code: &str, flags: &str) -> String {
        let data = format!(
            "{code}, {flags}, kms01.contoso.com:1688, {CMID}, 2019/02/21 09:14, 0, 2, 40112, b92e9980-b9d5-4821-9c94-140f632f6312, 25"
        );
        event(12288, "OLD-3", "2019-02-21T09:14:00", &data)
    }

    #[test]
    fn the_code_or_the_flag_says_it() {
        let finding = only(check(&case(&[("OLD-3.txt", &ato("0xC004F035"))])));
        assert_eq!(finding.confidence, Confidence::Certain);
        assert!(explains_code(&finding, 0xC004_F035));
        assert_eq!(
            only(check(&case(&[("OLD-3.xml", &request("0x00000000", "0x08000008"))]))).cause,
            Cause::OemBiosSlic
        );
    }

    #[test]
    fn the_missing_marker_alone_is_only_informative() {
        assert_eq!(check(&case(&[("OLD-3.xml", &request("0x00000000", "0x00000008"))])), Verdict::Clear);
        assert_eq!(check(&case(&[("OLD-3.txt", &ato("0xC004F074"))])), Verdict::Clear);
    }
}
