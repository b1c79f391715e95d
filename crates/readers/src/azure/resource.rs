//! Subnets, networks, NICs, load balancers, NAT gateways, public addresses and VMs.

use model::azure::Resource;
use model::{Fact, Kind, Quote};
use serde_json::Value;

use super::document::name_of;
use super::fields::{self, Places};
use crate::out::Out;

/// ARM and Terraform types, by their last part, and our word for them.
const TYPES: [(&str, &str); 20] = [
    ("/subnets", "subnet"),
    ("/virtualnetworks", "vnet"),
    ("/networkinterfaces", "nic"),
    ("/loadbalancers", "load-balancer"),
    ("/natgateways", "nat-gateway"),
    ("/publicipaddresses", "public-ip"),
    ("/virtualmachines", "vm"),
    ("/azurefirewalls", "firewall"),
    ("/firewallpolicies", "firewall"),
    ("/virtualnetworkgateways", "gateway"),
    ("azurerm_subnet", "subnet"),
    ("azurerm_virtual_network", "vnet"),
    ("azurerm_network_interface", "nic"),
    ("azurerm_lb", "load-balancer"),
    ("azurerm_nat_gateway", "nat-gateway"),
    ("azurerm_public_ip", "public-ip"),
    ("azurerm_windows_virtual_machine", "vm"),
    ("azurerm_virtual_machine", "vm"),
    ("azurerm_firewall", "firewall"),
    ("azurerm_firewall_policy", "firewall"),
];

/// Reads an object that is a resource. False if it is none.
pub(super) fn read(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let Some(kind) = kind_of(value) else { return false };
    let mut resource = Resource {
        resource: Some(kind.to_owned()),
        name: name_of(value),
        id: fields::text(value, "id").filter(|id| id.contains('/')),
        route_table: fields::id_of(value, "routetable"),
        security_group: fields::id_of(value, "networksecuritygroup"),
        subnets: fields::ids_of(value, "subnets"),
        location: fields::text(value, "location"),
        sku: sku(value),
        ..Resource::default()
    };
    let mut quoted: Vec<(&'static str, &str)> = vec![("sku", "sku"), ("name", "name")];
    match kind {
        "subnet" => read_subnet(value, &mut resource, &mut quoted),
        "nic" => read_nic(value, &mut resource, &mut quoted),
        "load-balancer" => read_load_balancer(value, &mut resource, &mut quoted),
        "public-ip" => {
            resource.addresses = fields::texts(value, &["ipaddress"]);
            quoted.push(("addresses", "ipaddress"));
        }
        "nat-gateway" => read_nat_gateway(value, &mut resource, &mut quoted),
        "vm" => read_vm(value, &mut resource),
        _ => {}
    }
    if is_reference_only(&resource) {
        return false;
    }
    let place = places.of(pointer);
    let quotes = quoted
        .into_iter()
        .filter_map(|(field, name)| {
            let (below, _) = fields::find(value, name)?;
            Some(Quote::new(field, places.of(&format!("{pointer}{below}")), &fields::words(value, &[name])))
        })
        .collect();
    out.push(Kind::AzureResource, Fact::Resource(Box::new(resource)), place, quotes);
    true
}

/// Other objects point at resources by id and type; such a pointer says nothing.
fn is_reference_only(resource: &Resource) -> bool {
    let bare = Resource {
        resource: resource.resource.clone(),
        name: resource.name.clone(),
        id: resource.id.clone(),
        location: None,
        ..Resource::default()
    };
    *resource == bare
}

fn kind_of(value: &Value) -> Option<&'static str> {
    let kind = fields::text(value, "type").unwrap_or_default().to_ascii_lowercase();
    if kind.contains('/') || kind.starts_with("azurerm_") {
        return TYPES.iter().find(|(name, _)| kind == *name || kind.ends_with(name)).map(|(_, kind)| *kind);
    }
    let has = |name: &str| fields::has(value, name);
    if has("frontendipconfigurations") && (has("backendaddresspools") || has("loadbalancingrules")) {
        return Some("load-balancer");
    }
    if has("defaultoutboundaccess") || (has("privateendpointnetworkpolicies") && has("addressprefix")) {
        return Some("subnet");
    }
    if has("ipconfigurations") && (has("macaddress") || has("enableipforwarding") || has("virtualmachine")) {
        return Some("nic");
    }
    if has("publicipallocationmethod") && has("idletimeoutinminutes") {
        return Some("public-ip");
    }
    if has("publicipaddresses") && has("idletimeoutinminutes") && (has("subnets") || has("publicipprefixes"))
    {
        return Some("nat-gateway");
    }
    if has("storageprofile") && (has("hardwareprofile") || has("osprofile")) {
        return Some("vm");
    }
    has("addressspace").then_some("vnet").filter(|_| has("subnets"))
}

fn sku(value: &Value) -> Option<String> {
    fields::text(value, "sku").or_else(|| fields::text(fields::get(value, "sku")?, "name"))
}

fn read_subnet(value: &Value, subnet: &mut Resource, quoted: &mut Vec<(&'static str, &str)>) {
    subnet.default_outbound_access = fields::flag(value, "defaultoutboundaccess")
        .or_else(|| fields::flag(value, "defaultoutboundaccessenabled"));
    let whole = fields::has(value, "provisioningstate");
    subnet.nat_gateway = match fields::find(value, "natgateway") {
        Some((_, Value::Object(gateway))) if !gateway.is_empty() => Some(true),
        Some((_, Value::String(id))) if id.contains('/') => Some(true),
        Some(_) => Some(false),
        None => whole.then_some(false),
    };
    let prefixes = fields::texts(value, &["addressprefix", "addressprefixes"]);
    subnet.addresses = prefixes;
    quoted.extend([
        ("default_outbound_access", "defaultoutboundaccess"),
        ("default_outbound_access", "defaultoutboundaccessenabled"),
        ("nat_gateway", "natgateway"),
    ]);
}

/// The public addresses that a NAT gateway lends to its subnets, where the document spells them out.
fn read_nat_gateway(value: &Value, gateway: &mut Resource, quoted: &mut Vec<(&'static str, &str)>) {
    let Some(Value::Array(addresses)) = fields::get(value, "publicipaddresses") else { return };
    gateway.addresses = addresses.iter().filter_map(|address| fields::text(address, "ipaddress")).collect();
    quoted.push(("addresses", "publicipaddresses"));
}

fn read_nic(value: &Value, nic: &mut Resource, quoted: &mut Vec<(&'static str, &str)>) {
    let Some(Value::Array(configurations)) = fields::get(value, "ipconfigurations") else { return };
    nic.public_ip = Some(configurations.iter().any(|c| is_set(c, "publicipaddress")));
    nic.in_backend_pool = Some(configurations.iter().any(|c| is_set(c, "loadbalancerbackendaddresspools")));
    for configuration in configurations {
        nic.subnets.extend(fields::id_of(configuration, "subnet"));
        nic.addresses.extend(fields::text(configuration, "privateipaddress"));
    }
    quoted.extend([("public_ip", "ipconfigurations"), ("in_backend_pool", "ipconfigurations")]);
}

fn read_load_balancer(value: &Value, balancer: &mut Resource, quoted: &mut Vec<(&'static str, &str)>) {
    let frontends = ["frontendipconfigurations", "frontendipconfiguration"]
        .iter()
        .find_map(|name| fields::get(value, name)?.as_array());
    if let Some(frontends) = frontends.filter(|frontends| !frontends.is_empty()) {
        let public = |frontend: &Value| {
            ["publicipaddress", "publicipprefix", "publicipaddressid"]
                .iter()
                .any(|name| is_set(frontend, name))
        };
        let private = |frontend: &Value| {
            ["subnet", "subnetid", "privateipaddress"].iter().any(|name| is_set(frontend, name))
        };
        balancer.public_ip = Some(frontends.iter().any(public));
        balancer.internal = Some(!frontends.iter().any(public) && frontends.iter().all(private));
    }
    if let Some(Value::Array(rules)) = fields::get(value, "outboundrules") {
        balancer.outbound_rules = Some(!rules.is_empty());
    }
    quoted.extend([
        ("public_ip", "frontendipconfigurations"),
        ("internal", "frontendipconfigurations"),
        ("outbound_rules", "outboundrules"),
    ]);
}

fn read_vm(value: &Value, vm: &mut Resource) {
    vm.computer = fields::get(value, "osprofile").and_then(|profile| fields::text(profile, "computername"));
    let image =
        fields::get(value, "storageprofile").and_then(|profile| fields::get(profile, "imagereference"));
    vm.image = image.and_then(|image| {
        let parts = [fields::text(image, "offer"), fields::text(image, "sku")];
        let words: Vec<String> = parts.into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(":"))
    });
    if let Some(size) = fields::get(value, "publicips").and_then(Value::as_str) {
        vm.public_ip = Some(!size.is_empty());
    }
}

/// True for a field that holds something: an object, a non-empty list or text.
fn is_set(value: &Value, name: &str) -> bool {
    match fields::get(value, name) {
        Some(Value::Array(items)) => !items.is_empty(),
        Some(Value::Object(object)) => !object.is_empty(),
        Some(Value::String(text)) => !text.is_empty(),
        _ => false,
    }
}
