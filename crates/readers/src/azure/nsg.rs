//! Network security groups, their rules, and the effective rules of a NIC.

use model::azure::{SecurityGroup, SecurityRule};
use model::{Fact, Kind, Place, Quote};
use serde_json::Value;

use super::document::name_of;
use super::fields::{self, Places};
use crate::out::Out;

/// Fields of a group that hold its rules.
pub(super) const RULE_FIELDS: [&str; 5] =
    ["securityrules", "defaultsecurityrules", "effectivesecurityrules", "securityrule", "rules"];
const QUOTED_FIELDS: [&str; 8] = [
    "name",
    "priority",
    "direction",
    "access",
    "protocol",
    "destinationaddressprefix",
    "destinationaddressprefixes",
    "destinationportrange",
];

/// An array of rules.
pub(super) fn read_array(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let Value::Array(items) = value else { return false };
    if !items.iter().any(is_rule) {
        return false;
    }
    let mut group = Growing::default();
    group.add_all(items, pointer, places);
    group.push(None, places.of(pointer), out)
}

/// A rule on its own.
pub(super) fn read_single(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    if !is_rule(value) {
        return false;
    }
    let mut group = Growing::default();
    group.add(value, places.of(pointer));
    group.push(None, places.of(pointer), out)
}

/// A group with its own and its default rules, or the effective rules of one.
pub(super) fn read_group(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let mut group = Growing::default();
    let mut effective = None;
    for name in RULE_FIELDS {
        let Some((below, Value::Array(items))) = fields::find(value, name) else { continue };
        if items.iter().any(is_rule) {
            group.add_all(items, &format!("{pointer}{below}"), places);
            if name == "effectivesecurityrules" {
                effective = Some(true);
            } else if name == "defaultsecurityrules" {
                effective.get_or_insert(false);
            }
        }
    }
    if group.rules.is_empty() {
        return false;
    }
    let name = name_of(value).or_else(|| fields::get(value, "networksecuritygroup").and_then(name_of));
    let mut used_by = fields::ids_of(value, "subnets");
    used_by.extend(fields::ids_of(value, "networkinterfaces"));
    let association = fields::get(value, "association");
    for name in ["subnet", "networkinterface"] {
        used_by.extend(association.and_then(|one| fields::id_of(one, name)));
    }
    let own = fields::text(value, "id").filter(|id| id.contains('/'));
    let id = own.or_else(|| fields::id_of(value, "networksecuritygroup"));
    let owner = SecurityGroup { name, effective, id, used_by, ..SecurityGroup::default() };
    group.push(Some(owner), places.of(pointer), out)
}

/// Direction, access and priority make a rule; a direction alone is too common a word.
fn is_rule(value: &Value) -> bool {
    let access = fields::text(value, "access").or_else(|| fields::text(value, "action")).unwrap_or_default();
    let decides = matches!(access.to_ascii_lowercase().as_str(), "allow" | "deny");
    let destination = [
        "destinationaddressprefix",
        "destinationaddressprefixes",
        "destination",
        "destinationportrange",
        "destinationportranges",
        "port",
        "destinationapplicationsecuritygroups",
    ];
    decides && fields::has_text(value, "priority") && destination.iter().any(|name| fields::has(value, name))
}

#[derive(Default)]
struct Growing {
    rules: Vec<SecurityRule>,
    /// The n-th quote belongs to the n-th rule.
    quotes: Vec<Quote>,
}

impl Growing {
    fn add_all(&mut self, items: &[Value], pointer: &str, places: &Places) {
        for (index, item) in items.iter().enumerate().filter(|(_, item)| is_rule(item)) {
            self.add(item, places.of(&format!("{pointer}/{index}")));
        }
    }

    fn add(&mut self, item: &Value, place: Place) {
        self.quotes.push(Quote::new("rules", place, &fields::words(item, &QUOTED_FIELDS)));
        self.rules.push(SecurityRule {
            name: fields::text(item, "name").map(|name| {
                // Effective rules print `securityRules/NAME` and `defaultSecurityRules/NAME`.
                name.rsplit('/').next().unwrap_or_default().to_owned()
            }),
            priority: fields::text(item, "priority").and_then(|text| text.parse().ok()),
            direction: fields::text(item, "direction").map(|text| capitalised(&text)),
            access: fields::text(item, "access")
                .or_else(|| fields::text(item, "action"))
                .map(|text| capitalised(&text)),
            protocol: fields::text(item, "protocol"),
            sources: fields::texts(item, &["sourceaddressprefix", "sourceaddressprefixes", "source"]),
            destinations: fields::texts(
                item,
                &["destinationaddressprefix", "destinationaddressprefixes", "destination"],
            ),
            destination_ports: fields::texts(
                item,
                &["destinationportrange", "destinationportranges", "port", "ports"],
            ),
        });
    }

    fn push(self, owner: Option<SecurityGroup>, place: Place, out: &mut Out) -> bool {
        let group = SecurityGroup { rules: self.rules, ..owner.unwrap_or_default() };
        let first = self.quotes.first().map(|quote| quote.place.clone());
        let place = if matches!(place, Place::Pointer(_)) { place } else { first.unwrap_or(place) };
        out.push(Kind::AzureNsg, Fact::SecurityGroup(group), place, self.quotes);
        true
    }
}

/// `outbound` and `OUTBOUND` as `Outbound`.
fn capitalised(text: &str) -> String {
    let mut chars = text.trim().chars();
    let first = chars.next().map(|c| c.to_ascii_uppercase());
    first.into_iter().chain(chars.map(|c| c.to_ascii_lowercase())).collect()
}
