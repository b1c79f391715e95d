//! Faults that who wrote the file knows and allows: comments of Terraform, `metadata.kmscope.allow` of templates.

use std::collections::BTreeSet;

use messages::Argument;
use model::{Place, Source};
use serde_json::Value;

use super::findings::{FaultRow, Suppression, Texts, sort};
use super::modules::Modules;
use crate::console::Console;

/// Objects within objects that are looked through for metadata.
const DEPTH_MAX: usize = 64;

/// One permission, wherever it is written.
struct Permission {
    source: Source,
    line: Option<u32>,
    kind: String,
    reason: String,
    reach: Reach,
}

/// What it is for.
enum Reach {
    Lines(u32, u32),
    /// A value of a JSON document, and all below it.
    Pointer(String),
}

impl Permission {
    fn covers(&self, row: &FaultRow) -> bool {
        let is_kind = self.kind == row.cause || self.kind.eq_ignore_ascii_case(&row.rule);
        is_kind
            && self.source.path == row.source.path
            && match (&self.reach, &row.source.place) {
                (Reach::Lines(first, last), Place::Line(line)) => (first..=last).contains(&line),
                (Reach::Pointer(above), Place::Pointer(pointer)) => {
                    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
                }
                _ => false,
            }
    }

    /// The smaller, the nearer.
    fn width(&self) -> usize {
        match &self.reach {
            Reach::Lines(first, last) => (last - first) as usize,
            Reach::Pointer(above) => usize::MAX - above.len(),
        }
    }
}

/// Marks what is allowed, and adds a warning for each permission without a reason or without use.
pub(super) fn mark(
    rows: &mut Vec<FaultRow>,
    modules: &Modules,
    documents: &BTreeSet<String>,
    texts: &mut Texts,
    console: &Console,
) {
    let mut permissions: Vec<Permission> = modules
        .allows()
        .iter()
        .map(|allow| Permission {
            source: Source { path: allow.path.as_str().into(), place: Place::Line(allow.line) },
            line: Some(allow.line),
            kind: allow.kind.clone(),
            reason: allow.reason.clone(),
            reach: Reach::Lines(*allow.lines.start(), *allow.lines.end()),
        })
        .collect();
    for path in documents {
        of_document(path, texts, &mut permissions);
    }
    let mut used = vec![false; permissions.len()];
    for row in rows.iter_mut() {
        let covering = permissions.iter().enumerate().filter(|(_, one)| one.covers(row));
        let Some((index, nearest)) = covering.min_by_key(|(_, one)| one.width()) else { continue };
        used[index] = true;
        row.suppressed = Some(Suppression { reason: nearest.reason.clone(), line: nearest.line });
    }
    for (permission, used) in permissions.into_iter().zip(used) {
        let (cause, key) = match (used, permission.reason.is_empty()) {
            (false, _) => ("allow-unused", "azure-lint-allow-unused"),
            (true, true) => ("allow-without-reason", "azure-lint-allow-without-reason"),
            (true, false) => continue,
        };
        let kind = if permission.kind.is_empty() { "-" } else { &permission.kind };
        rows.push(FaultRow {
            rule: "allow".to_owned(),
            cause,
            level: "warning",
            message: console.text(key, &[("kind", Argument::Text(kind))]),
            resource: None,
            source: permission.source,
            line: permission.line,
            modules: Vec::new(),
            suppressed: None,
        });
    }
    sort(rows);
}

/// The permissions of a template.
fn of_document(path: &str, texts: &mut Texts, all: &mut Vec<Permission>) {
    let Some(text) = texts.of(path).filter(|text| text.contains("\"kmscope\"")) else { return };
    let Ok(document) = serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) else { return };
    let first = all.len();
    walk(&document, String::new(), path, 0, all);
    for permission in &mut all[first..] {
        permission.line = texts.line_of(&permission.source);
    }
}

fn walk(value: &Value, pointer: String, path: &str, depth: usize, all: &mut Vec<Permission>) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Array(items) => {
            for (index, item) in
                items.iter().enumerate().filter(|(_, item)| item.is_object() || item.is_array())
            {
                walk(item, format!("{pointer}/{index}"), path, depth + 1, all);
            }
        }
        Value::Object(map) => {
            let allow = value.pointer("/metadata/kmscope/allow").and_then(Value::as_object);
            for (kind, reason) in allow.into_iter().flatten() {
                let place = format!("{pointer}/metadata/kmscope/allow/{}", escaped(kind));
                all.push(Permission {
                    source: Source { path: path.into(), place: Place::Pointer(place) },
                    line: None,
                    kind: kind.clone(),
                    reason: reason.as_str().unwrap_or_default().trim().to_owned(),
                    reach: Reach::Pointer(pointer.clone()),
                });
            }
            for (key, item) in map.iter().filter(|(_, item)| item.is_object() || item.is_array()) {
                walk(item, format!("{pointer}/{}", escaped(key)), path, depth + 1, all);
            }
        }
        _ => {}
    }
}

fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
