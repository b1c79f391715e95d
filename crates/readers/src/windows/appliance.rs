//! Lines of routers, firewalls and packet filters that are about TCP 1688.

use model::windows::FirewallRule;
use model::{Fact, Kind, Quote};

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
