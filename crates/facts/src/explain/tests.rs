//! Questions in the forms in which people ask them.

use super::*;
use crate::tables::tables;

fn found(what: &str) -> Vec<(Subject, String)> {
    explain(what, tables()).explanations.into_iter().map(|e| (e.subject, e.id)).collect()
}

fn suggested(what: &str) -> Vec<String> {
    let answer = explain(what, tables());
    assert!(answer.explanations.is_empty(), "{what} was explained: {:?}", answer.explanations);
    answer.suggestions.into_iter().map(|related| related.id).collect()
}

#[test]
fn every_form_finds_its_one_thing() {
    use Subject::*;
    for (what, subject, id) in [
        ("0xC004F074", ErrorCode, "0xC004F074"),
        ("0xc004f074", ErrorCode, "0xC004F074"),
        ("C004F074", ErrorCode, "0xC004F074"),
        ("-1073418124", ErrorCode, "0xC004F074"),
        ("3221549172", ErrorCode, "0xC004F074"),
        ("Error: 0xC004F074 The software licensing service", ErrorCode, "0xC004F074"),
        ("hr=0xC004F06C", ErrorCode, "0xC004F06C"),
        ("80070005", ErrorCode, "0x80070005"),
        ("0x4004F065", ErrorCode, "0xC004F065"),
        ("SL_E_VL_NOT_ENOUGH_COUNT", ErrorCode, "0xC004F038"),
        ("1722", ErrorCode, "0x800706BA"),
        ("9003", ErrorCode, "0x8007232B"),
        ("12288", Event, "12288"),
        ("event 12290", Event, "12290"),
        ("Event ID: 8198", Event, "8198"),
        ("key management service", EventLog, "Key Management Service"),
        ("K101", Rule, "K101"),
        ("k602", Rule, "K602"),
        ("srv-missing", Cause, "srv-missing"),
        ("SRV missing", Cause, "srv-missing"),
        ("5", LicenseState, "5"),
        ("state 2", LicenseState, "2"),
        ("Notification", LicenseState, "5"),
        ("additional grace period", LicenseState, "3"),
        ("/skms", SlmgrOption, "slmgr /skms"),
        ("skms", SlmgrOption, "slmgr /skms"),
        ("slmgr -skms-domain", SlmgrOption, "slmgr /skms-domain"),
        ("cscript //nologo slmgr.vbs /ato", SlmgrOption, "slmgr /ato"),
        ("slmgr.vbs /skms kms01.contoso.com:1688", SlmgrOption, "slmgr /skms"),
        ("ospp /rearm", OsppOption, "ospp /rearm"),
        ("cscript ospp.vbs /sethst:kms01.contoso.com", OsppOption, "ospp /sethst"),
        ("KeyManagementServiceName", RegistryValue, "KeyManagementServiceName"),
        ("skiprearm", RegistryValue, "SkipRearm"),
        ("SPPSVC-In-TCP", Setting, "SPPSVC-In-TCP"),
        ("0x4000008", StatusFlags, "0x04000008"),
        ("0x8", StatusFlags, "0x00000008"),
        ("VOLUME_KMS_WS22", HostKey, "VOLUME_KMS_WS22"),
        ("2de67392-b7a7-462a-b1ca-108dd189f588", Product, "2de67392-b7a7-462a-b1ca-108dd189f588"),
        ("{55c92734-d682-4d71-983e-d6ec3f16059f}", Application, "55c92734-d682-4d71-983e-d6ec3f16059f"),
    ] {
        assert_eq!(found(what), [(subject, id.to_string())], "{what}");
    }
}

#[test]
fn one_word_with_two_meanings_gets_both() {
    let both = found("skms-domain");
    assert_eq!(both.len(), 2);
    assert!(both.iter().any(|(subject, _)| *subject == Subject::OsppOption));
}

#[test]
fn a_typing_error_is_asked_back_and_never_explained() {
    assert_eq!(suggested("0xC004F047").first().map(String::as_str), Some("0xC004F074"));
    assert_eq!(suggested("C004F047").first().map(String::as_str), Some("0xC004F074"));
    assert_eq!(suggested("0xC004F0741").first().map(String::as_str), Some("0xC004F074"));
    assert_eq!(suggested("srv-mising"), ["srv-missing"]);
    assert_eq!(suggested("KeyManagmentServiceName"), ["KeyManagementServiceName"]);
    assert!(suggested("12228").contains(&"12288".to_string()));
    assert!(suggested("/smks").contains(&"skms".to_string()));
    assert!(suggested("K109x").contains(&"K109".to_string()));
    assert!(suggested("azure").contains(&"azure-wrong-ip".to_string()));
}

#[test]
fn what_is_far_from_everything_gets_nothing() {
    for what in ["", "  ", "xyzzy plugh", "99999", "0x", "日本語のエラー", "\u{feff}"] {
        let answer = explain(what, tables());
        assert!(answer.explanations.is_empty() && answer.suggestions.is_empty(), "{what:?} {answer:?}");
    }
}

#[test]
fn an_unknown_code_is_taken_apart() {
    let answer = explain("0x8007054B", tables());
    assert!(answer.explanations.is_empty());
    assert_eq!(answer.result_parts.unwrap().win32_code, Some(1355));
}

#[test]
fn an_explanation_carries_its_sources_and_causes() {
    let answer = explain("0xC004F038", tables());
    let explanation = &answer.explanations[0];
    assert!(
        explanation
            .sources
            .iter()
            .all(|source| source.url.starts_with("https://") && !source.date.is_empty())
    );
    let causes: Vec<&str> = explanation.related.iter().map(|related| related.id.as_str()).collect();
    assert_eq!(causes, ["count-too-low", "duplicate-cmid", "too-many-hosts"]);
    let json = serde_json::to_value(&answer).unwrap();
    assert_eq!(json["explanations"][0]["subject"], "error-code");
    assert!(json.get("result_parts").is_none());
}

proptest::proptest! {
    #[test]
    fn any_text_is_answered(text in "\\PC{0,40}") {
        let answer = explain(&text, tables());
        proptest::prop_assert!(answer.explanations.is_empty() || answer.suggestions.is_empty());
    }

    #[test]
    fn a_code_is_explained_only_as_itself(value in 0x8000_0000u32..) {
        let answer = explain(&format!("{value:#010x}"), tables());
        let known = tables().error_codes.find(HexCode::new(value)).is_some();
        proptest::prop_assert_eq!(known, !answer.explanations.is_empty());
    }
}

#[test]
fn what_is_suggested_and_related_can_be_explained_in_turn() {
    let rows = tables().causes.iter().map(|row| row.id.clone());
    let rows = rows.chain(tables().error_codes.iter().map(|row| row.code.to_string()));
    let rows = rows.chain(tables().events.iter().map(|row| row.id.to_string()));
    let rows = rows.chain(tables().registry.values().map(|row| row.name.clone()));
    let rows = rows.chain(tables().commands.iter().map(|row| format!("{} /{}", row.script, row.name)));
    for id in rows {
        let answer = explain(&id, tables());
        assert_eq!(answer.explanations.len(), 1, "{id}");
        for related in &answer.explanations[0].related {
            let explained = explain(&related.id, tables()).explanations;
            assert!(explained.iter().any(|e| e.subject == related.subject), "{id}: {}", related.id);
        }
    }
}
