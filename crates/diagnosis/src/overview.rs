//! What the evidence is about, beside any judgement: machines, and what happened when.

use std::collections::BTreeSet;

use model::Event;
use model::dns::is_vlmcs_name;

use crate::case::{Case, Item};
use crate::finding::Citation;
use crate::report::{CodeRow, MachineRow, TimelineEntry};
use crate::survey::clients::event_time;
use crate::survey::{azure_signs, codes as seen_codes, hosts};

/// Most entries of the time line; the newest are kept.
const TIMELINE_MAX: usize = 400;

/// Most machines that are listed.
const MACHINES_MAX: usize = 500;

/// One row per machine that shows something about its licence or its role.
pub fn machines(case: &Case) -> Vec<MachineRow> {
    let host_machines: BTreeSet<_> = hosts::hosts(case).iter().filter_map(|host| host.machine).collect();
    let mut rows = Vec::new();
    for (id, machine) in case.machines.iter().enumerate().take(MACHINES_MAX) {
        let mine: Vec<_> = case
            .licenses()
            .filter(|(item, l)| item.machine == Some(id) && !l.not_in_use)
            .map(|(_, l)| l)
            .collect();
        let is_client = mine.iter().any(|l| l.is_kms_client())
            || case.events().any(|(item, e)| item.machine == Some(id) && (e.is(12288) || e.is(12289)));
        let mut roles = Vec::new();
        if host_machines.contains(&id) {
            roles.push("host");
        }
        if is_client {
            roles.push("client");
        }
        let shown = mine.iter().find(|l| l.license_status.is_some()).or(mine.first());
        rows.push(MachineRow {
            name: machine.label(),
            roles,
            product: shown.and_then(|l| l.name.clone()),
            license_status: shown.and_then(|l| l.license_status).map(model::LicenseStatus::name),
            cmid: machine.cmids.first().map(|cmid| cmid.to_string()),
            files: machine.files.clone(),
        });
    }
    rows
}

/// The KMS records and failures in the order of their times.
pub fn timeline(case: &Case) -> Vec<TimelineEntry> {
    let mut records: Vec<(i64, Item<'_>, &Event)> = case
        .events()
        .filter(|(_, event)| what(event).is_some())
        .filter_map(|(item, event)| Some((event_time(event)?, item, event)))
        .collect();
    let source = |item: &Item<'_>| item.evidence.fact.source.clone();
    records.sort_by(|a, b| {
        (a.0, a.2.event_id).cmp(&(b.0, b.2.event_id)).then_with(|| source(&a.1).cmp(&source(&b.1)))
    });
    // Only what is shown is put into words.
    records.drain(..records.len().saturating_sub(TIMELINE_MAX));
    let entry = |(at, item, event): (i64, Item<'_>, &Event)| {
        let id = event.event_id?;
        let what = what(event)?;
        let utc = event.time.as_ref().or(event.client_time.as_ref())?.utc_seconds().is_some();
        let machine = case.machine_label(item.machine);
        let text = event.describe();
        let source = item.evidence.fact.source.clone();
        Some(TimelineEntry { at, utc, machine, event_id: id, what, text, source })
    };
    records.into_iter().filter_map(entry).collect()
}

fn what(event: &Event) -> Option<&'static str> {
    let failed = event.hresult.is_some_and(|code| code.is_failure());
    Some(match event.event_id? {
        12288 if failed => "failed",
        12288 => "request",
        12289 if event.activated == Some(1) => "activated",
        12289 => "refused",
        12290 if failed => "refused",
        12290 => "count",
        12294 => "published",
        12291..=12293 | 8198 => "failed",
        _ => return None,
    })
}

/// Every failing code that was seen, the most frequent first.
pub fn codes(case: &Case) -> Vec<CodeRow> {
    let mut rows: Vec<CodeRow> = Vec::new();
    for seen in seen_codes::seen(case) {
        let printed = seen.code.to_string();
        match rows.iter_mut().find(|row| row.code == printed) {
            Some(row) => {
                row.times += 1;
                row.overcome &= seen.overcome;
            }
            None => {
                let known = facts::error_codes::find(seen.code);
                let citation = seen.item.cite(seen.field());
                rows.push(CodeRow {
                    code: printed,
                    symbol: known.map(|row| row.symbol.clone()).filter(|symbol| !symbol.is_empty()),
                    meaning: known.map(|row| row.meaning.clone()),
                    times: 1,
                    text: citation.text,
                    source: citation.source,
                    overcome: seen.overcome,
                });
            }
        }
    }
    rows.sort_by(|a, b| (std::cmp::Reverse(a.times), &a.code).cmp(&(std::cmp::Reverse(b.times), &b.code)));
    rows
}

/// Most citations of what was observed.
const OBSERVED_MAX: usize = 24;

/// States, settings, answers and tests, each in its own words: what a reader would point at first.
pub fn observed(case: &Case) -> Vec<Citation> {
    let mut found: Vec<Citation> = Vec::new();
    for (item, license) in case.licenses().filter(|(_, l)| !l.not_in_use) {
        let told = [
            (license.license_status.is_some(), "license_status"),
            (license.xpr.is_some(), "xpr"),
            (license.error_code.is_some(), "error_code"),
            (license.kms_machine.is_some(), "kms_machine"),
            (license.current_count.is_some(), "current_count"),
        ];
        found.extend(told.iter().filter(|(is_told, _)| *is_told).map(|(_, field)| item.cite(field)));
    }
    for (item, answer) in case.dns_answers() {
        let asked =
            answer.query.as_deref().is_some_and(is_vlmcs_name) || answer.records.iter().any(|r| r.is_vlmcs());
        if asked {
            found.push(item.cite(if answer.records.is_empty() { "result" } else { "records" }));
        }
    }
    let others = case.events().filter(|(_, event)| !event.is_kms());
    found.extend(
        others
            .take(4)
            .map(|(item, event)| item.cite(if event.hresult.is_some() { "hresult" } else { "message" })),
    );
    for (item, value) in case.registry_values() {
        if value.name.as_deref().is_some_and(|name| name.to_lowercase().starts_with("keymanagementservice")) {
            found.push(item.cite("data"));
        }
    }
    for (item, _, check) in azure_signs::route_checks(case) {
        let routes =
            check.endpoints.iter().flat_map(|e| e.selection.winners.iter().map(|route| (route, e.address)));
        found.extend(routes.map(|(route, address)| Citation {
            text: format!("{} -> {address}", azure_signs::describe_route(route)),
            source: item.evidence.fact.source.clone(),
        }));
    }
    found.extend(case.connections().map(|(item, _)| item.cite("succeeded")));
    found.extend(
        case.resources().filter(|(_, r)| !r.addresses.is_empty()).map(|(item, _)| item.cite("addresses")),
    );
    let mut seen = BTreeSet::new();
    found.retain(|citation| seen.insert((citation.text.clone(), citation.source.clone())));
    found.truncate(OBSERVED_MAX);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{answered, ato, case, client_dlv, cmid, event, host_dlv, processed, sent};

    #[test]
    fn each_machine_shows_its_role_product_and_state() {
        let case = case(&[
            ("PC-1.txt", &format!("C:\\>hostname\nPC-1\n\n{}", client_dlv("Notification", ""))),
            ("kms01.txt", &format!("C:\\>hostname\nkms01\n\n{}", host_dlv("Licensed", 30, "enabled"))),
        ]);
        let rows = machines(&case);
        let of = |name: &str| rows.iter().find(|row| row.name == name).expect("a row");
        assert_eq!((of("PC-1").roles.clone(), of("kms01").roles.clone()), (vec!["client"], vec!["host"]));
        assert!(of("PC-1").product.as_deref().is_some_and(|name| name.contains("Enterprise")));
        assert_ne!(of("PC-1").license_status, of("kms01").license_status);
    }

    #[test]
    fn the_time_line_is_in_order_and_says_what_happened() {
        let text = answered("PC-1", "2025-06-03T08:00:01", true, 30)
            + &sent("PC-1", "2025-06-03T08:00:00", "0x00000000", "kms01")
            + &sent("PC-1", "2025-06-03T07:00:00", "0x800706BA", "kms01")
            + &processed("kms01", "2025-06-03T08:00:00", "0x0", "pc-1", &cmid(1))
            + &event(12294, "kms01", "2025-06-03T06:00:00", "contoso.com");
        let case = case(&[("all.xml", &text)]);
        let what: Vec<&str> = timeline(&case).iter().map(|entry| entry.what).collect();
        assert_eq!(what, ["published", "failed", "request", "count", "activated"]);
        assert!(timeline(&case).iter().all(|entry| entry.utc));
    }

    #[test]
    fn the_time_line_keeps_the_newest() {
        let many: String = (0..TIMELINE_MAX + 7)
            .map(|n| {
                sent("PC-1", &format!("2025-06-03T{:02}:{:02}:00", n / 60, n % 60), "0x800706BA", "kms01")
            })
            .collect();
        let case = case(&[("all.xml", &many)]);
        let entries = timeline(&case);
        assert_eq!(entries.len(), TIMELINE_MAX);
        assert_eq!(entries[0].at % 3600, 7 * 60);
    }

    #[test]
    fn codes_are_counted_with_the_most_frequent_first() {
        let text = ato("0xC004F074") + "\n" + &ato("0xC004F074") + "\n" + &ato("0x8007232B");
        let rows = codes(&case(&[("ato.txt", &text)]));
        let shown: Vec<(&str, usize)> = rows.iter().map(|row| (row.code.as_str(), row.times)).collect();
        assert_eq!(shown, [("0xC004F074", 2), ("0x8007232B", 1)]);
        assert!(rows[0].symbol.as_deref().is_some_and(|symbol| symbol.starts_with("SL_E_")));
        assert!(rows[0].text.contains("0xC004F074") && !rows[0].overcome);
    }
}
