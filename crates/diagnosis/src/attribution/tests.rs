//! Whose the facts of composed bundles are.

use crate::case::Case;
use crate::testing::{
    CMID, ato, case, client_dlv, cmid, host_dlv, ipconfig, processed, registered, sent, sent_by, tcp_open,
};

/// The labels of all machines.
fn labels(case: &Case) -> Vec<String> {
    case.machines.iter().map(|machine| machine.label()).collect()
}

/// Whose each fact is, in the order of the evidence.
fn owners(case: &Case) -> Vec<String> {
    case.items().map(|item| case.machine_label(item.machine).unwrap_or_default()).collect()
}

fn at_seven(name: &str) -> String {
    sent(name, "2025-06-03T07:20:00", "0x800706BA", "kms01.contoso.com")
}

fn own_cmid(number: u64) -> String {
    client_dlv("Notification", &registered("kms01.contoso.com").replace(CMID, &cmid(number)))
}

#[test]
fn a_record_names_its_machine_and_the_longest_form_of_the_name_wins() {
    let case = case(&[("a.xml", &at_seven("PC-1")), ("b.xml", &at_seven("pc-1.contoso.com"))]);
    assert_eq!(labels(&case), ["pc-1.contoso.com"]);
    assert_eq!(case.machines[0].files, ["a.xml", "b.xml"]);
    assert!(case.machines[0].is_called("PC-1"));
}

#[test]
fn ipconfig_sets_the_scene_for_the_lines_that_follow() {
    let text = ipconfig("PC-1", "contoso.com", "192.0.2.10")
        + &ato("0xC004F074")
        + "\n"
        + &ipconfig("PC-2", "contoso.com", "192.0.2.10").replace("192.0.2.31", "192.0.2.32")
        + &ato("0x8007232B");
    let case = case(&[("both.txt", &text)]);
    assert_eq!(owners(&case), ["PC-1", "PC-1", "PC-2", "PC-2"]);
    assert_eq!(case.machines[1].addresses, ["192.0.2.32"]);
}

#[test]
fn a_file_or_folder_called_like_a_known_machine_is_its() {
    let by_file = case(&[("events.xml", &at_seven("PC-1")), ("pc-1.txt", &ato("0xC004F074"))]);
    assert_eq!(labels(&by_file), ["PC-1"]);
    let by_folder = case(&[("events.xml", &at_seven("PC-1")), ("PC-1/ato.txt", &ato("0xC004F074"))]);
    assert_eq!(labels(&by_folder), ["PC-1"]);
    let by_word = case(&[("events.xml", &at_seven("PC-1")), ("ato PC-1 (2).txt", &ato("0xC004F074"))]);
    assert_eq!(labels(&by_word), ["PC-1"]);
}

#[test]
fn a_folder_keeps_unnamed_files_together_and_host_and_client_apart() {
    let case = case(&[
        ("site/ato.txt", &ato("0xC004F074")),
        ("site/tnc.txt", &tcp_open("kms01.contoso.com", "192.0.2.40", 1688)),
        ("site/host.txt", &host_dlv("Licensed", 30, "enabled")),
    ]);
    assert_eq!(owners(&case), ["site/ato.txt", "site/ato.txt", "site/host.txt"]);
    assert!(case.machines.iter().all(|machine| machine.unnamed));
}

#[test]
fn a_cmid_that_a_host_saw_under_one_name_names_the_client() {
    let log = processed("kms01", "2025-06-03T07:00:00", "0x0", "pc-7.contoso.com", &cmid(7));
    let case = case(&[("kms01.xml", &log), ("unnamed.txt", &own_cmid(7))]);
    assert_eq!(owners(&case), ["kms01", "pc-7.contoso.com"]);
}

#[test]
fn clones_are_not_merged() {
    let request = |name: &str| sent_by(&cmid(7), name, "2025-06-03T07:20:00", "0x0", "kms01");
    let two = case(&[("a.xml", &request("LAB-1")), ("b.xml", &request("LAB-2"))]);
    assert_eq!(labels(&two), ["LAB-1", "LAB-2"]);
    // The shared id names nobody.
    let third =
        case(&[("a.xml", &request("LAB-1")), ("b.xml", &request("LAB-2")), ("x/c.txt", &own_cmid(7))]);
    assert_eq!(labels(&third), ["LAB-1", "LAB-2", "x/c.txt"]);
}

#[test]
fn unnamed_clients_with_different_cmids_stay_apart() {
    let case = case(&[("site/a.txt", &own_cmid(1)), ("site/b.txt", &own_cmid(2))]);
    assert_eq!(owners(&case), ["site/a.txt", "site/b.txt"]);
}

#[test]
fn one_file_with_two_names_and_facts_of_nobody_is_told() {
    let text = format!("{}{}\n{}", at_seven("PC-1"), at_seven("PC-2"), ato("0xC004F074"));
    let unclear = case(&[("mail.txt", &text)]);
    let keys: Vec<&str> = unclear.notes.iter().map(|note| note.key).collect();
    assert_eq!(keys, ["note-attribution-unclear"]);
    assert!(case(&[("one.txt", &at_seven("PC-1"))]).notes.is_empty());
}

#[test]
fn zones_and_routes_belong_to_the_site() {
    let table = crate::testing::routes(&["Default Active 0.0.0.0/0 Internet"]);
    let case = case(&[("PC-1.xml", &at_seven("PC-1")), ("PC-1/routes.txt", &table)]);
    assert_eq!(owners(&case), ["PC-1", ""]);
}

#[test]
fn a_name_between_hyphens_is_found_and_a_word_is_none() {
    let event = ("e.xml", at_seven("PC-MUC-017"));
    let of = |path: &str| labels(&case(&[(event.0, &event.1), (path, &ato("0xC004F074"))]));
    assert_eq!(of("kms-collect-PC-MUC-017-20251121-101205/ato.txt"), ["PC-MUC-017"]);
    assert_eq!(of("kms-collect-PC-MUC-018-20251121-101205/ato.txt").len(), 2);
    // "kms" is a word of the collection's name before it is the name of a machine.
    let host = ("k.xml", processed("KMS", "2025-06-03T07:00:00", "0x0", "pc-7", &cmid(7)));
    let two = case(&[(host.0, &host.1), ("kms-collect-x-20251121/ato.txt", &ato("0xC004F074"))]);
    assert_eq!(owners(&two), ["KMS", "kms-collect-x-20251121/ato.txt"]);
}
