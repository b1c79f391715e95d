//! Lists, tables and CSV of Azure tools, made into JSON objects for the one walk over documents.

use model::Place;
use serde_json::{Map, Value};

use super::document;
use super::fields::Places;
use crate::documents::{Object, csv_rows, list, table};
use crate::out::Out;
use crate::text::Text;

/// How far below its first line a list is looked at for a name that Azure objects have.
const NAMES_WITHIN: usize = 24;

/// Names in Azure's property lists.
const LIST_NAMES: [&str; 10] = [
    "AddressPrefix",
    "NextHopType",
    "DestinationAddressPrefix",
    "SecurityRules",
    "EffectiveSecurityRules",
    "Routes",
    "FrontendIpConfigurations",
    "IpConfigurations",
    "DefaultOutboundAccess",
    "compute",
];

/// A table of routes or rules.
pub(super) fn read_table(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !canonical_header(text.at(at)) {
        return None;
    }
    let (rows, next) = table::read_rows(text, at)?;
    read_rows(&rows, out).then_some(next)
}

/// CSV of the portal or of Export-Csv.
pub(super) fn read_csv(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !canonical_header(text.at(at)) || csv_rows::header_names(text.at(at))?.len() < 3 {
        return None;
    }
    let mut rows = Vec::new();
    let next = csv_rows::read_rows(text, at, |row| rows.push(row))?;
    read_rows(&rows, out).then_some(next)
}

/// Consecutive property lists; the objects of one command make one array.
pub(super) fn read_list(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !text.at(at).contains(" :") {
        return None;
    }
    let is_azure = |line: &str| {
        LIST_NAMES
            .iter()
            .any(|name| line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(':')))
    };
    if !(at..text.len().min(at + NAMES_WITHIN)).any(|index| is_azure(text.at(index))) {
        return None;
    }
    let (first, mut next) = list::read_object(text, at)?;
    let mut rows = vec![first];
    loop {
        let begin = text.skip_blank(next);
        match list::read_object(text, begin) {
            Some((object, end)) if same_names(&rows[0], &object) => {
                rows.push(object);
                next = end;
            }
            _ => break,
        }
    }
    read_rows(&rows, out).then_some(next)
}

fn same_names(left: &Object, right: &Object) -> bool {
    left.fields.first().map(|f| &f.name) == right.fields.first().map(|f| &f.name)
}

fn read_rows(rows: &[Object], out: &mut Out) -> bool {
    let places: Vec<Place> = rows.iter().map(|row| row.place.clone()).collect();
    let values: Vec<Value> = rows.iter().map(to_value).collect();
    if values.is_empty() {
        return false;
    }
    document::read_at(&Value::Array(values), &Places::Rows(places), out)
}

/// An object with canonical names; a value that is itself JSON becomes part of the document.
fn to_value(object: &Object) -> Value {
    let mut map = Map::new();
    for field in &object.fields {
        let text = field.value.trim();
        let nested = text.starts_with(['[', '{']).then(|| serde_json::from_str(text).ok()).flatten();
        let value = nested.unwrap_or_else(|| Value::String(text.to_owned()));
        let name = canonical(&field.name).map_or_else(|| field.name.clone(), str::to_owned);
        map.entry(name).or_insert(value);
    }
    Value::Object(map)
}

/// True for a header line that names a prefix and a next hop, or the fields of a rule, in some language.
fn canonical_header(line: &str) -> bool {
    const HEADER_LENGTH_MAX: usize = 600;
    if line.len() > HEADER_LENGTH_MAX {
        return false;
    }
    let lower = line.to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    (has(PREFIX) && has(HOP))
        || (lower.contains("priority") && lower.contains("access") && lower.contains("direction"))
        || (lower.contains("priority") && lower.contains("action") && lower.contains("destination"))
}

const PREFIX: &[&str] = &[
    "prefix",
    "präfix",
    "préfixe",
    "prefijo",
    "prefiss",
    "prefiks",
    "předpon",
    "префикс",
    "ön ek",
    "プレフィックス",
    "접두사",
    "前缀",
    "首碼",
];
const HOP: &[&str] = &[
    "hop",
    "saut",
    "tronçon",
    "salto",
    "przeskok",
    "směrován",
    "atlama",
    "прыж",
    "переход",
    "跃点",
    "躍點",
    "ホップ",
    "홉",
];
const IP: &[&str] = &["ip", "adres", "дрес"];
const STATE: &[&str] = &[
    "state",
    "status",
    "zustand",
    "état",
    "estado",
    "stato",
    "stan",
    "stav",
    "durum",
    "состоян",
    "状态",
    "狀態",
    "状態",
    "상태",
    "tillstånd",
];
const SOURCE: &[&str] = &[
    "source",
    "quelle",
    "origen",
    "origem",
    "origine",
    "bron",
    "źródło",
    "zdroj",
    "kaynak",
    "источник",
    "源",
    "來源",
    "ソース",
    "원본",
    "källa",
];

/// Our name for a column of a route table, or of a rule table where it is not the API's own.
fn canonical(header: &str) -> Option<&'static str> {
    let lower = header.trim().to_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(PREFIX) && !lower.contains("source") && !lower.contains("destination") {
        return Some("addressPrefix");
    }
    if has(HOP) {
        let address = has(IP) && !lower.contains("type") && !lower.contains("typ");
        return Some(if address { "nextHopIpAddress" } else { "nextHopType" });
    }
    if lower.contains("route") && lower.contains("name") {
        return Some("name");
    }
    if STATE.contains(&lower.as_str()) {
        return Some("state");
    }
    SOURCE.contains(&lower.as_str()).then_some("source")
}
