//! Faults as they are shown: at their place in a file, once for all calls of a module that have them.

use std::collections::BTreeMap;
use std::fs;

use azure::lint::{Fault, Level, Message};
use messages::Argument;
use model::{Place, Source};
use serde::Serialize;

use super::json_place;
use super::modules::Modules;
use crate::console::Console;

/// One fault as it is shown.
#[derive(Serialize)]
pub(super) struct FaultRow {
    /// Code of the rule, as `kmscope explain` knows it; `allow` for what is wrong with a comment.
    pub rule: String,
    pub cause: &'static str,
    /// `error`, `warning`, `note`.
    pub level: &'static str,
    pub message: String,
    pub resource: Option<String>,
    pub source: Source,
    /// Line of the file, also where the source is a JSON pointer.
    pub line: Option<u32>,
    /// Calls of the module that declares it, as `module.spoke`; empty for a root module.
    pub modules: Vec<String>,
    /// Who wrote the file knows and allows it.
    pub suppressed: Option<Suppression>,
}

/// Why a fault is allowed, and where that is written.
#[derive(Serialize, Clone)]
pub(super) struct Suppression {
    /// Empty where nobody said.
    pub reason: String,
    pub line: Option<u32>,
}

/// The rows of all faults that are reported, in the order of their places.
pub(super) fn rows(
    faults: &[Fault],
    modules: &Modules,
    texts: &mut Texts,
    console: &Console,
) -> Vec<FaultRow> {
    let mut rows: Vec<FaultRow> = Vec::new();
    let mut known: BTreeMap<(Source, &'static str, String, Option<String>), usize> = BTreeMap::new();
    for fault in faults {
        let Some(shown) = modules.shown(&fault.source) else { continue };
        let text = message(&fault.message, console);
        let key = (shown.source.clone(), level(fault.level), text.clone(), fault.resource.clone());
        let at = *known.entry(key).or_insert_with(|| {
            let cause = facts::tables().causes.find(fault.cause);
            rows.push(FaultRow {
                rule: cause.map(|cause| cause.rule.clone()).unwrap_or_default(),
                cause: fault.cause,
                level: level(fault.level),
                message: text,
                resource: fault.resource.clone(),
                line: texts.line_of(&shown.source),
                source: shown.source,
                modules: Vec::new(),
                suppressed: None,
            });
            rows.len() - 1
        });
        rows[at].modules.extend(shown.call);
    }
    sort(&mut rows);
    rows
}

/// Brings rows in the order of their places, the worst first.
pub(super) fn sort(rows: &mut [FaultRow]) {
    rows.sort_by(|a, b| a.source.cmp(&b.source).then(a.level.cmp(b.level)));
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

fn message(message: &Message, console: &Console) -> String {
    let with = |key: &str, name: &str, value: &str| console.text(key, &[(name, Argument::Text(value))]);
    match message {
        Message::Tunnel(addresses) => with("azure-lint-tunnel", "addresses", addresses),
        Message::Appliance(addresses) => with("azure-lint-appliance", "addresses", addresses),
        Message::Dropped(addresses) => with("azure-lint-dropped", "addresses", addresses),
        Message::OldRoutes(addresses) => with("azure-lint-old-routes", "addresses", addresses),
        Message::WrongAddress(address, Some(meant)) => console.text(
            "azure-lint-wrong-address",
            &[("address", Argument::Text(address)), ("meant", Argument::Text(meant))],
        ),
        Message::WrongAddress(address, None) => with("azure-lint-no-endpoint", "address", address),
        Message::Denied(rule) => with("azure-lint-denied", "rule", rule),
        Message::MayBeDenied(rule) => with("azure-lint-may-be-denied", "rule", rule),
        Message::ApplicationRule => console.text("azure-lint-application-rule", &[]),
        Message::OldFirewall => console.text("azure-lint-old-firewall", &[]),
        Message::WrongFirewall => console.text("azure-lint-wrong-firewall", &[]),
        Message::FirewallBlocks => console.text("azure-lint-firewall-blocks", &[]),
        Message::Private => console.text("azure-lint-private", &[]),
        Message::Unresolved(prefix) => with("azure-lint-unresolved", "prefix", prefix),
    }
}

/// Texts of files that were read, once more for the places of their faults.
#[derive(Default)]
pub(super) struct Texts(BTreeMap<String, Option<String>>);

impl Texts {
    /// The text of a file; nothing for a part of a bundle.
    pub(super) fn of(&mut self, path: &str) -> Option<&str> {
        let text = self.0.entry(path.to_owned()).or_insert_with_key(|path| fs::read_to_string(path).ok());
        text.as_deref()
    }

    /// The line of a place, also of a JSON pointer.
    pub(super) fn line_of(&mut self, source: &Source) -> Option<u32> {
        match &source.place {
            Place::Line(line) => Some(*line),
            Place::Pointer(pointer) => json_place::line_of(self.of(&source.path)?, pointer),
            _ => None,
        }
    }
}
