//! Lines of routers, firewalls and packet filters that are about TCP 1688.

use model::windows::FirewallRule;
use model::{Fact, Kind, Quote};

use crate::documents::Object;
use crate::out::Out;
use crate::text::Text;

const DENY: [&str; 8] = ["deny", "denied", "drop", "dropped", "reject", "block", "blocked", "discard"];
const ALLOW: [&str; 7] = ["permit", "allow", "allowed", "accept", "pass", "permitted", "accepted"];

/// `access-list 101 deny tcp any any eq 1688`, `-A FORWARD -p tcp --dport 1688 -j DROP`, a line of a firewall's log.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    const LINE_LENGTH_MAX: usize = 800;
    if line.len() > LINE_LENGTH_MAX || !line.contains("1688") {
        return None;
    }
    let lower = line.to_ascii_lowercase();
    let words: Vec<&str> = lower
        .split(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '_'))
        .filter(|word| !word.is_empty())
        .collect();
    let has = |all: &[&str]| all.iter().any(|word| words.contains(word));
    let is_rule = has(&["tcp"]) && has(&["1688"]) && is_of_appliance(&lower, &words);
    if !is_rule || has(&DENY) == has(&ALLOW) {
        return None;
    }
    let address = |word: &&&str| word.parse::<std::net::Ipv4Addr>().is_ok();
    let rule = FirewallRule {
        name: Some(line.to_owned()),
        enabled: Some(true),
        action: Some(if has(&DENY) { "Block" } else { "Allow" }.to_owned()),
        protocol: Some("TCP".to_owned()),
        remote_port: Some("1688".to_owned()),
        rule_type: Some("network".to_owned()),
        destinations: words.iter().filter(address).map(|word| (*word).to_owned()).collect(),
        ..FirewallRule::default()
    };
    let quotes =
        ["action", "remote_port", "name"].map(|field| Quote::new(field, text.place(at), line)).to_vec();
    out.push(Kind::Firewall, Fact::Firewall(Box::new(rule)), text.place(at), quotes);
    Some(at + 1)
}

/// Words that rules and logs of appliances have and sentences do not.
fn is_of_appliance(lower: &str, words: &[&str]) -> bool {
    let starts = [
        "access-list",
        "iptables",
        "ip6tables",
        "-a ",
        "nft ",
        "deny ",
        "permit ",
        "pass ",
        "block ",
        "set rule",
    ];
    starts.iter().any(|start| lower.starts_with(start))
        || words.windows(2).any(|pair| pair == ["eq", "1688"])
        || ["dport", "dstport", "dst_port", "dpt"].iter().any(|word| words.contains(word))
}

/// A row of a firewall's log; rows about other ports are understood and not told.
pub(super) fn read_object(object: &Object, out: &mut Out) -> bool {
    let port = ["DestinationPort", "Destination Port", "DestPort", "dport", "dst_port", "dstport"]
        .into_iter()
        .find(|name| object.has(name));
    let (Some(port), true) = (port, object.has("Action")) else { return false };
    let action = object.get("Action").unwrap_or_default().to_ascii_lowercase();
    let denies = DENY.iter().any(|word| action.starts_with(word)) || action.contains("reset");
    let allows = ALLOW.iter().any(|word| action.starts_with(word));
    if object.get(port) != Some("1688") || denies == allows {
        return true;
    }
    let protocol = object.first(&["Protocol", "proto", "Application", "app"]).unwrap_or("TCP");
    let http = protocol.to_ascii_lowercase().starts_with("http");
    let destination = object.first(&[
        "DestinationIp",
        "Destination IP",
        "Destination",
        "Fqdn",
        "dst",
        "dest_ip",
        "DestinationAddress",
    ]);
    let rule = FirewallRule {
        name: object.first(&["Rule", "RuleName", "Rule Name", "ActionReason"]).map(str::to_owned),
        enabled: Some(true),
        direction: Some("Outbound".to_owned()),
        action: Some(if denies { "Block" } else { "Allow" }.to_owned()),
        protocol: Some(protocol.to_owned()),
        remote_port: Some("1688".to_owned()),
        rule_type: Some(if http { "application" } else { "network" }.to_owned()),
        destinations: destination.map(str::to_owned).into_iter().collect(),
        ..FirewallRule::default()
    };
    let words = object.fields.iter().map(|field| field.value.as_str()).collect::<Vec<_>>().join(",");
    let quotes = ["action", "destinations", "protocol"]
        .map(|field| Quote::new(field, object.place.clone(), &words))
        .to_vec();
    out.push(Kind::Firewall, Fact::Firewall(Box::new(rule)), object.place.clone(), quotes);
    true
}
