//! SRV record sets of Azure private DNS, as `az network private-dns record-set srv list` prints them.

use model::{DnsAnswer, DnsResult, Fact, Kind, Place, Quote, SrvRecord};
use serde_json::Value;

use super::names::host_name;
use super::record::target_of;
use crate::out::Out;

/// Reads a record set or a list of them.
pub(crate) fn read_json(value: &Value, place: &Place, out: &mut Out) -> bool {
    let sets: Vec<&Value> = match value {
        Value::Array(items) => items.iter().collect(),
        Value::Object(map) => match map.get("value") {
            Some(Value::Array(items)) => items.iter().collect(),
            _ => vec![value],
        },
        _ => return false,
    };
    if sets.is_empty() || !sets.iter().all(|set| records(set).is_some()) {
        return false;
    }
    let mut fact = DnsAnswer { result: Some(DnsResult::Found), ..DnsAnswer::default() };
    for set in sets {
        take(set, &mut fact);
    }
    let quote = fact.records.first().and_then(|record| record.target.clone()).unwrap_or_default();
    let quotes = vec![Quote::new("records", place.clone(), &quote)];
    out.push(Kind::Zone, Fact::Dns(Box::new(fact)), place.clone(), quotes);
    true
}

fn either<'v>(value: &'v Value, names: &[&str]) -> Option<&'v Value> {
    names.iter().find_map(|name| value.get(*name).or_else(|| value.get("properties")?.get(*name)))
}

fn records(set: &Value) -> Option<&Vec<Value>> {
    either(set, &["srvRecords", "SrvRecords", "SRVRecords"])?.as_array()
}

fn take(set: &Value, fact: &mut DnsAnswer) {
    let fqdn = either(set, &["fqdn"]).and_then(Value::as_str).and_then(host_name);
    let name = either(set, &["name", "Name"]).and_then(Value::as_str);
    // .../privateDnsZones/contoso.com/SRV/_vlmcs._tcp
    let id = either(set, &["id", "Id"]).and_then(Value::as_str).unwrap_or_default();
    let zone = id
        .split('/')
        .skip_while(|part| !part.to_lowercase().ends_with("dnszones"))
        .nth(1)
        .and_then(host_name);
    let owner = fqdn.or_else(|| Some(format!("{}.{}", name?, zone.as_deref()?))).or(name.map(str::to_owned));
    let ttl = either(set, &["ttl", "TTL"]).and_then(Value::as_u64);
    fact.zone = fact.zone.take().or(zone);
    for record in records(set).into_iter().flatten() {
        let number =
            |name: &str| record.get(name).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
        fact.records.push(SrvRecord {
            owner: owner.clone(),
            priority: number("priority"),
            weight: number("weight"),
            port: number("port"),
            target: record.get("target").and_then(Value::as_str).and_then(target_of),
            ttl,
            dynamic: None,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    #[test]
    fn reads_record_sets() {
        let text = r#"[{"fqdn":"_vlmcs._tcp.contoso.internal.","name":"_vlmcs._tcp","id":"/subscriptions/x/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/contoso.internal/SRV/_vlmcs._tcp","ttl":3600,"srvRecords":[{"port":1688,"priority":0,"weight":0,"target":"kms01.contoso.internal"}]}]"#;
        let file = read_bytes("p.json", text.as_bytes(), &Limits::default());
        let Fact::Dns(fact) = &file.facts[0].fact.value else { panic!("no answer") };
        assert_eq!(fact.records[0].owner.as_deref(), Some("_vlmcs._tcp.contoso.internal"));
        assert_eq!((fact.zone.as_deref(), fact.records[0].ttl), (Some("contoso.internal"), Some(3600)));
    }
}
