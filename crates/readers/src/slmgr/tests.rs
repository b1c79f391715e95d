//! Whole outputs, as they arrive.

use model::license::{ActivationResult, Expiration, KmsMachineSource, LicenseCommand};
use model::windows::CommandFailure;
use model::{EvidenceFile, Fact, Kind, License, LicenseStatus};

mod attempts;
mod displays;
mod languages;
mod office;
mod properties;

/// Reads a text as a file.
fn file(text: &str) -> EvidenceFile {
    crate::read_bytes("t.txt", text.as_bytes(), &crate::Limits::default())
}

/// The licences of a text, in order.
fn licenses(text: &str) -> Vec<License> {
    let is_license = |evidence: model::evidence::Evidence| match evidence.fact.value {
        Fact::License(license) => Some(*license),
        _ => None,
    };
    file(text).facts.into_iter().filter_map(is_license).collect()
}

/// The only licence of a text.
fn license(text: &str) -> License {
    let mut all = licenses(text);
    assert_eq!(all.len(), 1, "{all:#?}");
    all.remove(0)
}

/// The commands that failed.
fn failures(text: &str) -> Vec<CommandFailure> {
    let is_failure = |evidence: model::evidence::Evidence| match evidence.fact.value {
        Fact::Command(failure) => Some(failure),
        _ => None,
    };
    file(text).facts.into_iter().filter_map(is_failure).collect()
}

/// The keys of a text's notes.
fn notes(text: &str) -> Vec<&'static str> {
    file(text).notes.iter().map(|note| note.key).collect()
}

fn code(license: &License) -> String {
    license.error_code.map(|code| code.to_string()).unwrap_or_default()
}

fn machine(license: &License) -> (Option<&str>, Option<u16>, Option<KmsMachineSource>) {
    (license.kms_machine.as_deref(), license.kms_port, license.kms_machine_source)
}

fn id(license: &License) -> String {
    license.activation_id.map(|id| id.to_string()).unwrap_or_default()
}

const LICENSED: Option<LicenseStatus> = Some(LicenseStatus::Licensed);
const SUCCESS: Option<ActivationResult> = Some(ActivationResult::Success);
const FAILURE: Option<ActivationResult> = Some(ActivationResult::Failure);
const CHANGE: Option<LicenseCommand> = Some(LicenseCommand::Change);

#[test]
fn quotes_name_the_lines() {
    let file = file(
        "\nName: Windows(R), Enterprise edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\nLicense Status: Licensed\n",
    );
    assert_eq!(file.kind, Kind::Slmgr);
    let (words, source) = file.facts[0].fact.quote("license_status").unwrap();
    assert_eq!((words, source.to_string().as_str()), ("License Status: Licensed", "t.txt:4"));
    assert_eq!(file.facts[0].fact.source.to_string(), "t.txt:2");
    let expected = Some(Expiration::Permanent);
    assert_eq!(
        license("Windows(R), Enterprise edition:\n    The machine is permanently activated.\n").xpr,
        expected
    );
}
