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
