//! Rule collections of Azure Firewall and its policies.

use model::windows::FirewallRule;
use model::{Fact, Kind, Quote};
use serde_json::Value;

use super::fields::{self, Places};
use crate::out::Out;

/// Fields of a firewall or policy that hold collections.
pub(super) const FIELDS: [&str; 6] = [
    "networkrulecollections",
    "applicationrulecollections",
    "natrulecollections",
    "rulecollections",
    "networkrulecollection",
    "applicationrulecollection",
];

/// An object with rule collections, or a collection on its own. False if it is neither.
pub(super) fn read(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let before = out.facts.len();
    for name in FIELDS {
        let Some((below, Value::Array(collections))) = fields::find(value, name) else { continue };
        for (index, collection) in collections.iter().enumerate() {
            let at = format!("{pointer}{below}/{index}");
            read_collection(collection, type_by_field(name), &at, places, out);
        }
    }
    let has_rules =
        ["rules", "rule"].iter().any(|name| fields::get(value, name).is_some_and(Value::is_array));
    if has_rules && fields::get(value, "action").is_some() {
        read_collection(value, None, pointer, places, out);
    }
    out.facts.len() > before
}

fn type_by_field(name: &str) -> Option<&'static str> {
    ["network", "application", "nat"].into_iter().find(|kind| name.starts_with(kind))
}

fn read_collection(
    collection: &Value,
    kind: Option<&'static str>,
    pointer: &str,
    places: &Places,
    out: &mut Out,
) {
    let action = fields::get(collection, "action")
        .and_then(|action| fields::text(action, "type").or_else(|| action.as_str().map(str::to_owned)));
    let found = ["rules", "rule"].iter().find_map(|name| fields::find(collection, name));
    let Some((below, Value::Array(rules))) = found else { return };
    for (index, rule) in rules.iter().enumerate() {
        let Some(kind) = kind.or_else(|| type_of_rule(rule)) else { continue };
        let place = places.of(&format!("{pointer}{below}/{index}"));
        let fact = firewall_rule(rule, kind, action.clone());
        let quotes = [
            ("rule_type", "ruletype"),
            ("destinations", "destinationaddresses"),
            ("destinations", "destinationfqdns"),
            ("destinations", "targetfqdns"),
            ("protocol", "protocols"),
            ("protocol", "ipprotocols"),
            ("remote_port", "destinationports"),
            ("name", "name"),
        ]
        .into_iter()
        .filter(|(_, name)| fields::get(rule, name).is_some())
        .map(|(field, name)| Quote::new(field, place.clone(), &fields::words(rule, &[name])))
        .collect();
        out.push(Kind::Firewall, Fact::Firewall(Box::new(fact)), place, quotes);
    }
}

/// `NetworkRule`, `ApplicationRule`, `NatRule`; older forms are known by their fields.
fn type_of_rule(rule: &Value) -> Option<&'static str> {
    let printed = fields::text(rule, "ruletype").unwrap_or_default().to_ascii_lowercase();
    if let Some(kind) = type_by_field(&printed) {
        return Some(kind);
    }
    if fields::get(rule, "translatedaddress").is_some() {
        return Some("nat");
    }
    if fields::get(rule, "targetfqdns").is_some() || fields::get(rule, "fqdntags").is_some() {
        return Some("application");
    }
    fields::get(rule, "destinationports").map(|_| "network")
}

fn firewall_rule(rule: &Value, kind: &str, action: Option<String>) -> FirewallRule {
    let protocols: Vec<String> = match fields::get(rule, "protocols") {
        Some(Value::Array(items)) if items.iter().any(Value::is_object) => {
            items.iter().map(protocol).collect()
        }
        _ => fields::texts(rule, &["protocols", "ipprotocols", "protocol"]),
    };
    let ports = fields::texts(rule, &["destinationports"]).join(",");
    FirewallRule {
        name: fields::text(rule, "name"),
        enabled: Some(true),
        direction: Some("Outbound".to_owned()),
        action: action.map(|text| if text.eq_ignore_ascii_case("deny") { "Block".to_owned() } else { text }),
        protocol: Some(protocols.join(",")).filter(|text| !text.is_empty()),
        remote_port: Some(ports).filter(|text| !text.is_empty()),
        rule_type: Some(kind.to_owned()),
        destinations: fields::texts(
            rule,
            &["destinationaddresses", "destinationfqdns", "targetfqdns", "fqdntags", "destinationipgroups"],
        ),
        ..FirewallRule::default()
    }
}

/// `{"protocolType": "Https", "port": 1688}` as `Https:1688`.
fn protocol(value: &Value) -> String {
    let kind =
        fields::text(value, "protocoltype").or_else(|| fields::text(value, "type")).unwrap_or_default();
    match fields::text(value, "port") {
        Some(port) => format!("{kind}:{port}"),
        None => kind,
    }
}
