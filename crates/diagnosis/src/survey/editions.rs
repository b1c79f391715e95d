//! Where the machine itself says which edition it runs, for the rules about editions.

use crate::case::{Case, Item};

/// The facts whose edition id (`CoreCountrySpecific`, `ServerStandardEval`) or, where the id tells nothing, whose
/// name of the operating system is one that is looked for, with the field that says so.
pub fn signs<'a>(
    case: &'a Case,
    is_id: impl Fn(&str) -> bool,
    is_os_name: impl Fn(&str) -> bool,
) -> Vec<(Item<'a>, &'static str)> {
    let mut signs = Vec::new();
    for (item, info) in case.machine_infos() {
        if info.edition.as_deref().is_some_and(&is_id) {
            signs.push((item, "edition"));
        } else if info.os_name.as_deref().is_some_and(&is_os_name) {
            signs.push((item, "os_name"));
        }
    }
    for (item, value) in case.registry_values() {
        let is_edition = value.name.as_deref().is_some_and(|n| n.eq_ignore_ascii_case("EditionID"));
        if is_edition && value.data.as_deref().is_some_and(&is_id) {
            signs.push((item, "data"));
        }
    }
    signs
}
