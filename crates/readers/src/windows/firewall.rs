//! Rules and profiles of the Windows firewall: `netsh advfirewall`, Get-NetFirewallRule.

use model::windows::FirewallRule;
use model::{Fact, Kind, Quote};

use crate::documents::Object;
use crate::out::Out;
use crate::text::{Text, label_value};

const YES: [&str; 16] = [
    "yes", "ja", "oui", "sí", "si", "sì", "sim", "да", "tak", "はい", "예", "是", "ano", "evet", "true",
    "igen",
];
const NO: [&str; 16] = [
    "no",
    "nein",
    "non",
    "não",
    "nao",
    "нет",
    "nie",
    "いいえ",
    "아니요",
    "否",
    "ne",
    "hayır",
    "false",
    "nee",
    "nej",
    "nem",
];
const INBOUND: [&str; 20] = [
    "in",
    "inbound",
    "eingehend",
    "ein",
    "dans",
    "entrant",
    "entrée",
    "dentro",
    "entrada",
    "entrante",
    "ingresso",
    "in ingresso",
    "входящее",
    "внутрь",
    "受信",
    "入力",
    "入",
    "입력",
    "do wewnątrz",
    "1",
];
const OUTBOUND: [&str; 20] = [
    "out",
    "outbound",
    "ausgehend",
    "aus",
    "hors",
    "sortant",
    "sortie",
    "fuera",
    "saída",
    "salida",
    "saliente",
    "uscita",
    "in uscita",
    "исходящее",
    "наружу",
    "送信",
    "出力",
    "出",
    "출력",
    "2",
];
const ALLOW: [&str; 16] = [
    "allow",
    "zulassen",
    "autoriser",
    "permitir",
    "consenti",
    "разрешить",
    "許可",
    "允许",
    "允許",
    "허용",
    "zezwalaj",
    "povolit",
    "izin ver",
    "toestaan",
    "tillåt",
    "autorisé",
];
const BLOCK: [&str; 14] = [
    "block",
    "blocken",
    "blockieren",
    "bloquer",
    "bloquear",
    "blocca",
    "блокировать",
    "ブロック",
    "阻止",
    "封鎖",
    "차단",
    "blokuj",
    "blokovat",
    "engelle",
];

/// A rule as `netsh advfirewall firewall show rule` prints it: a name, a line of dashes, rows in a fixed order.
pub(super) fn read_netsh_rule(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (_, name) = label_value(text.at(at))?;
    if !is_dashes(text.at(at + 1)) {
        return None;
    }
    let mut rows: Vec<(usize, &str, &str)> = Vec::new();
    let mut index = at + 2;
    while index < text.len() && !text.is_blank(index) && text.line(index).is_some_and(|l| l.command.is_none())
    {
        if let Some((label, value)) = label_value(text.at(index)) {
            rows.push((index, label, value));
        }
        index += 1;
    }
    const ROWS_MIN: usize = 6;
    if rows.len() < ROWS_MIN {
        return None;
    }
    let row = |english: &str, place: Option<usize>| {
        rows.iter().find(|(_, label, _)| label.eq_ignore_ascii_case(english)).or_else(|| rows.get(place?))
    };
    // Without `verbose` there are eleven rows for TCP and UDP; the ports stand behind the protocol.
    let protocol_at = rows.iter().position(|(_, _, value)| is_protocol(value));
    let with_ports = protocol_at.filter(|&at| rows.len() >= at + 5);
    let found = [
        ("name", None),
        ("enabled", row("Enabled", Some(0))),
        ("direction", row("Direction", Some(1))),
        ("profile", row("Profiles", Some(2))),
        ("remote_address", row("RemoteIP", protocol_at.and_then(|at| at.checked_sub(1)))),
        ("protocol", row("Protocol", protocol_at)),
        ("local_port", row("LocalPort", with_ports.map(|at| at + 1))),
        ("remote_port", row("RemotePort", with_ports.map(|at| at + 2))),
        ("action", row("Action", rows.len().checked_sub(1))),
    ];
    let value = |field: &str| found.iter().find(|(name, _)| *name == field)?.1.map(|(_, _, value)| *value);
    let rule = FirewallRule {
        name: Some(name.to_owned()),
        enabled: value("enabled").and_then(yes_no),
        direction: value("direction").map(direction),
        action: value("action").map(action),
        protocol: value("protocol").map(str::to_owned),
        local_port: value("local_port").map(str::to_owned),
        remote_port: value("remote_port").map(str::to_owned),
        remote_address: value("remote_address").map(str::to_owned),
        profile: value("profile").map(str::to_owned),
        ..FirewallRule::default()
    };
    let mut quotes = vec![Quote::new("name", text.place(at), text.at(at))];
    for (field, row) in found {
        if let Some((index, ..)) = row {
            quotes.push(Quote::new(field, text.place(*index), text.at(*index)));
        }
    }
    out.push(Kind::Firewall, Fact::Firewall(Box::new(rule)), text.place(at), quotes);
    Some(index)
}

/// `Domain Profile Settings:`, a line of dashes, `State   ON`.
pub(super) fn read_netsh_profile(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !is_dashes(text.at(at + 1)) || !text.at(at).ends_with(':') {
        return None;
    }
    let state = text.at(at + 2).split_whitespace().last()?.to_lowercase();
    let enabled = match state.as_str() {
        "on" | "ein" | "actif" | "activar" | "activo" | "ativado" | "ligado" | "attivo" | "вкл"
        | "включить" | "オン" | "启用" | "開啟" | "켜기" | "설정" | "wł." | "zap" | "aan" | "på" => {
            true
        }
        "off" | "aus" | "inactif" | "desactivar" | "desativado" | "desligado" | "disattivo" | "выкл"
        | "オフ" | "关闭" | "關閉" | "끄기" | "해제" | "wył." | "vyp" | "uit" | "av" => false,
        _ => return None,
    };
    let profile = text.at(at).trim_end_matches(':').to_owned();
    let rule = FirewallRule { profile: Some(profile), enabled: Some(enabled), ..FirewallRule::default() };
    let quotes = vec![Quote::new("enabled", text.place(at + 2), text.at(at + 2))];
    out.push(Kind::Firewall, Fact::Firewall(Box::new(rule)), text.place(at), quotes);
    let end = (at + 2..text.len())
        .find(|&index| text.is_blank(index) || text.line(index).is_some_and(|line| line.command.is_some()));
    Some(end.unwrap_or(text.len()))
}

fn is_dashes(line: &str) -> bool {
    const DASHES_MIN: usize = 20;
    line.len() >= DASHES_MIN && line.bytes().all(|b| b == b'-')
}

fn is_protocol(value: &str) -> bool {
    matches!(value.to_ascii_uppercase().as_str(), "TCP" | "UDP" | "ICMPV4" | "ICMPV6" | "6" | "17")
}

fn is_one_of(value: &str, words: &[&str]) -> bool {
    let lower = value.trim().to_lowercase();
    words.contains(&lower.as_str())
}

fn yes_no(value: &str) -> Option<bool> {
    // ConvertTo-Json writes the enumeration of Get-NetFirewallRule: 1 true, 2 false.
    if is_one_of(value, &YES) || value == "1" {
        return Some(true);
    }
    (is_one_of(value, &NO) || value == "2").then_some(false)
}

fn direction(value: &str) -> String {
    match value {
        _ if is_one_of(value, &INBOUND) => "Inbound".to_owned(),
        _ if is_one_of(value, &OUTBOUND) => "Outbound".to_owned(),
        other => other.to_owned(),
    }
}

fn action(value: &str) -> String {
    match value {
        _ if is_one_of(value, &ALLOW) || value == "2" => "Allow".to_owned(),
        _ if is_one_of(value, &BLOCK) || value == "4" => "Block".to_owned(),
        other => other.to_owned(),
    }
}

/// Get-NetFirewallRule, its port filter joined to it or alone, and Get-NetFirewallProfile.
pub(super) fn read_object(object: &Object, out: &mut Out) -> bool {
    let rule = object.has_all(&["DisplayName", "Direction", "Action"])
        || object.has_all(&["DisplayName", "Direction", "Enabled"]);
    let filter = object.has_all(&["Protocol", "LocalPort", "RemotePort"])
        && (object.has("IcmpType") || object.has("DynamicTarget"));
    let profile = object.has_all(&["Enabled", "DefaultInboundAction"]);
    if !(rule || filter || profile) {
        return false;
    }
    let text = |name: &str| object.get(name).map(str::to_owned);
    // A port selected under a name of its own is the local one of inbound rules, the remote one of outbound rules.
    let outbound = object.get("Direction").is_some_and(|text| direction(text) == "Outbound");
    let fact = FirewallRule {
        name: if profile { None } else { object.first(&["Name", "InstanceID"]).map(str::to_owned) },
        display_name: text("DisplayName"),
        enabled: object.get("Enabled").and_then(yes_no),
        direction: object.get("Direction").map(direction),
        action: object.get("Action").map(action),
        protocol: text("Protocol"),
        local_port: text("LocalPort").or_else(|| text("Port").filter(|_| !outbound)),
        remote_port: text("RemotePort").or_else(|| text("Port").filter(|_| outbound)),
        remote_address: text("RemoteAddress"),
        profile: if profile { text("Name") } else { text("Profile") },
        ..FirewallRule::default()
    };
    let names = [
        ("DisplayName", "display_name"),
        ("Enabled", "enabled"),
        ("Action", "action"),
        ("Direction", "direction"),
        ("LocalPort", "local_port"),
        ("Profile", "profile"),
    ];
    let quotes = names.into_iter().filter_map(|(field, fact)| object.quote(field, fact)).collect();
    out.push(Kind::Firewall, Fact::Firewall(Box::new(fact)), object.place.clone(), quotes);
    true
}
