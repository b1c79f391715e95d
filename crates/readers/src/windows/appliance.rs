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
    if let Some(rule) = azure_firewall(line) {
        let quotes = ["action", "destinations", "remote_port", "name"]
            .map(|field| Quote::new(field, text.place(at), line))
            .to_vec();
        out.push(Kind::Firewall, Fact::Firewall(Box::new(rule)), text.place(at), quotes);
        return Some(at + 1);
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

/// `TCP request from 10.0.0.4:50122 to 192.0.2.5:1688. Action: Deny. No rule matched.`: the log of Azure Firewall.
fn azure_firewall(line: &str) -> Option<FirewallRule> {
    let (before, rest) = line.split_once(" request from ")?;
    let (_, rest) = rest.split_once(" to ")?;
    let (destination, rest) = rest.split_once(":1688.")?;
    let (_, action) = rest.split_once("Action: ")?;
    let action = action.split(|c: char| !c.is_ascii_alphabetic()).next()?.to_ascii_lowercase();
    let denies = DENY.contains(&action.as_str());
    if denies == ALLOW.contains(&action.as_str()) || destination.contains(char::is_whitespace) {
        return None;
    }
    let protocol = before.split_whitespace().next_back()?.trim_start_matches('"').to_ascii_uppercase();
    // An application rule writes HTTP or HTTPS here.
    let http = protocol.starts_with("HTTP");
    Some(FirewallRule {
        name: Some(line.to_owned()),
        enabled: Some(true),
        direction: Some("Outbound".to_owned()),
        action: Some(if denies { "Block" } else { "Allow" }.to_owned()),
        protocol: Some(protocol),
        remote_port: Some("1688".to_owned()),
        rule_type: Some(if http { "application" } else { "network" }.to_owned()),
        destinations: vec![destination.to_owned()],
        ..FirewallRule::default()
    })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_log_of_azure_firewall() {
        let rule = azure_firewall(
            "2025-03-12T09:14:04Z TCP request from 10.0.0.4:50122 to 192.0.2.5:1688. Action: Deny. No rule matched. Proceeding with default action",
        )
        .unwrap();
        assert_eq!(
            (rule.action.as_deref(), rule.protocol.as_deref(), rule.rule_type.as_deref()),
            (Some("Block"), Some("TCP"), Some("network"))
        );
        assert_eq!(rule.destinations, ["192.0.2.5"]);
        let https =
            "HTTPS request from 10.0.0.4:50122 to azkms.core.windows.net:1688. Action: Allow. Rule: kms";
        assert_eq!(azure_firewall(https).unwrap().rule_type.as_deref(), Some("application"));
        assert!(azure_firewall("a request from bob to the desk:1688. Action: none").is_none());
    }
}
