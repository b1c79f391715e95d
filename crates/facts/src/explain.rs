//! What a word of the field means: `kmscope explain WHAT`.
//!
//! [`explain`] finds everything that a text can stand for, and never takes the near for the exact:
//! when nothing fits, it hands back suggestions and no explanation.

mod describe;
mod near;
mod query;
mod result_parts;

use model::{Guid, HexCode};
use serde::Serialize;

pub use result_parts::ResultParts;

use crate::sources::PublicSource;
use crate::tables::Tables;
use query::Query;

/// What an explanation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Subject {
    /// A result code.
    ErrorCode,
    /// An event id.
    Event,
    /// A log or an event provider.
    EventLog,
    /// A rule code.
    Rule,
    /// A cause id.
    Cause,
    /// A licence state.
    LicenseState,
    /// An option of slmgr.vbs.
    SlmgrOption,
    /// An option of ospp.vbs.
    OsppOption,
    /// A registry value.
    RegistryValue,
    /// A registry key.
    RegistryKey,
    /// A firewall rule or policy.
    Setting,
    /// Status flags of an event.
    StatusFlags,
    /// A product, by its activation id.
    Product,
    /// An application, by its id.
    Application,
    /// A group of KMS host keys, by the channel.
    HostKey,
}

/// What the lines under it say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// What it means, in full.
    Meaning,
    /// Name in the SDK or a guide.
    Symbol,
    /// Who meets it.
    SeenBy,
    /// Where it stands.
    SeenIn,
    /// What leads to it.
    Reasons,
    /// What helps.
    Remedies,
    /// What is easily overlooked.
    Note,
    /// How it shows.
    Sign,
    /// Fields, in their order.
    Fields,
    /// Typical result codes.
    Codes,
    /// How it is called.
    Usage,
    /// Whether it needs elevation.
    Elevated,
    /// Releases of Windows or Office.
    Releases,
    /// Registry values behind it.
    Registry,
    /// WMI method behind it.
    Method,
    /// Type of the data.
    DataType,
    /// What applies without it.
    Default,
    /// Commands that set it.
    SetBy,
    /// What a host key activates.
    Activates,
    /// Where a host key can be installed.
    HostedOn,
    /// Name of the rule's family.
    Family,
    /// How sure it is.
    Confidence,
}

/// Lines under one label.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Section {
    /// What they are.
    pub label: Label,
    /// The lines.
    pub lines: Vec<String>,
}

/// Something that can be explained in turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// What it is.
    pub subject: Subject,
    /// Its id, which [`explain`] understands.
    pub id: String,
    /// What it is about, in one line.
    pub title: String,
}

/// One thing explained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What it is.
    pub subject: Subject,
    /// Its id in the usual form.
    pub id: String,
    /// What it means, in one line.
    pub title: String,
    /// The rest.
    pub sections: Vec<Section>,
    /// Causes, codes and options that belong to it.
    pub related: Vec<Related>,
    /// Pages that say so.
    pub sources: Vec<PublicSource>,
}

/// The answer to one question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// What was asked.
    pub query: String,
    /// Everything that it stands for; empty when nothing is known under it.
    pub explanations: Vec<Explanation>,
    /// What may have been meant; only when nothing is known.
    pub suggestions: Vec<Related>,
    /// The parts of a result code that is in no table.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result_parts: Option<ResultParts>,
}

/// Explains a code, id, name or option in any form in which people write it.
pub fn explain(what: &str, tables: &Tables) -> Answer {
    let query = Query::parse(what);
    let mut explanations = Vec::new();
    for code in query.codes() {
        explanations.extend(of_code(code, tables));
    }
    if let Some(number) = query.number() {
        explanations.extend(of_number(number, tables));
    }
    if let Some(id) = Guid::parse(query.text()) {
        explanations.extend(of_guid(id, tables));
    }
    explanations.extend(of_name(&query, tables));
    explanations.retain(|explanation| query.asks_for(explanation.subject));
    let mut seen = Vec::new();
    explanations.retain(|e| {
        let key = (e.subject, e.id.clone());
        let new = !seen.contains(&key);
        seen.push(key);
        new
    });

    let known = !explanations.is_empty();
    let suggestions = if known { Vec::new() } else { near::suggestions(&query, tables) };
    let unknown_code = if known { None } else { query.codes().into_iter().next() };
    Answer {
        query: what.trim().to_string(),
        explanations,
        suggestions,
        result_parts: unknown_code.map(ResultParts::of),
    }
}

fn of_code(code: HexCode, tables: &Tables) -> Vec<Explanation> {
    let mut found: Vec<Explanation> =
        tables.error_codes.find(code).map(|row| describe::error_code(row, tables)).into_iter().collect();
    let (flags, rest) = tables.status_flags.decode(code);
    if rest == 0 && !flags.is_empty() {
        found.push(describe::status_flags(code, &flags, tables));
    }
    found
}

/// A plain number is an event id or a licence state; a larger one can be a Win32 code such as 1722.
fn of_number(number: u32, tables: &Tables) -> Vec<Explanation> {
    let event = tables.events.find(number).map(|row| describe::event(row, tables));
    let state = tables.license_states.find(number).map(|row| describe::license_state(row, tables));
    let found: Vec<Explanation> = event.into_iter().chain(state).collect();
    if !found.is_empty() || number == 0 || number > WIN32_CODE {
        return found;
    }
    let win32 = tables.error_codes.find(HexCode::new(HRESULT_FROM_WIN32 | number));
    win32.map(|row| describe::error_code(row, tables)).into_iter().collect()
}

/// Severity and facility of an HRESULT that wraps a Win32 code.
const HRESULT_FROM_WIN32: u32 = 0x8007_0000;

/// The bits of an HRESULT that hold the Win32 code.
const WIN32_CODE: u32 = 0xFFFF;

fn of_guid(id: Guid, tables: &Tables) -> Vec<Explanation> {
    let product = tables.products.find(id).map(|row| describe::product(row, tables));
    let application = tables.products.application(id).map(|row| describe::application(row, tables));
    let host_key = tables.host_keys.iter().find(|group| group.activation_id == Some(id));
    let host_key = host_key.map(|row| describe::host_key(row, tables));
    product.into_iter().chain(application).chain(host_key).collect()
}

fn of_name(query: &Query, tables: &Tables) -> Vec<Explanation> {
    let name = query.text();
    if name.is_empty() {
        return Vec::new();
    }
    let same = |other: &str| other.eq_ignore_ascii_case(name);
    let mut found = Vec::new();
    found.extend(tables.causes.by_rule(name).map(|row| describe::rule(name, row, tables)));
    found.extend(tables.causes.find(&query.hyphenated()).map(|row| describe::cause(row, tables)));
    let states =
        tables.license_states.iter().filter(|row| same(&row.name) || row.printed.iter().any(|p| same(p)));
    found.extend(states.map(|row| describe::license_state(row, tables)));
    if let Some(option) = query.options() {
        found.extend(tables.commands.find(&option).map(|row| describe::option(row, tables)));
    }
    found.extend(tables.registry.find(name).map(|row| describe::registry_value(row, tables)));
    let keys =
        tables.registry.keys().filter(|row| same(&query::with_long_hive(&row.path)) || same(&row.path));
    found.extend(keys.map(|row| describe::registry_key(row, tables)));
    found.extend(tables.registry.setting(name).map(|row| describe::setting(row, tables)));
    let by_symbol = tables.error_codes.iter().filter(|row| same(&row.symbol));
    found.extend(by_symbol.map(|row| describe::error_code(row, tables)));
    let flags = tables.status_flags.iter().filter(|row| same(&row.symbol));
    found.extend(flags.map(|row| describe::status_flags(row.value, &[row], tables)));
    found.extend(tables.events.provider(name).map(|row| describe::provider(row, tables)));
    found.extend(tables.events.logs().filter(|row| same(&row.name)).map(|row| describe::log(row, tables)));
    let group =
        tables.host_keys.by_channel(name).or_else(|| tables.host_keys.iter().find(|row| same(&row.name)));
    found.extend(group.map(|row| describe::host_key(row, tables)));
    found
}

#[cfg(test)]
mod tests;
