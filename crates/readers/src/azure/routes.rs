//! Effective routes, route tables and single routes.

use model::azure::{Route, RouteTable};
use model::{Fact, Kind, Place, Quote};
use serde_json::Value;

use super::document::name_of;
use super::fields::{self, Places};
use crate::out::Out;

const PREFIX_FIELDS: [&str; 3] = ["addressprefix", "addressprefixes", "destinationprefix"];
const NEXT_HOP_ADDRESS_FIELDS: [&str; 5] =
    ["nexthopipaddress", "nexthopip", "nexthopinipaddress", "nexthopipaddresses", "nexthop"];
const QUOTED_FIELDS: [&str; 7] =
    ["name", "source", "state", "addressprefix", "addressprefixes", "nexthoptype", "nexthopipaddress"];

/// An array of routes: effective routes, or the routes of a table without their table.
pub(super) fn read_array(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let Value::Array(items) = value else { return false };
    if !items.iter().any(is_route) {
        return false;
    }
    push(
        items.iter().enumerate().map(|(i, item)| (format!("{pointer}/{i}"), item)),
        None,
        pointer,
        places,
        out,
    )
}

/// Routes that a gateway or Route Server learned over BGP (`az network vnet-gateway list-learned-routes`,
/// `az network routeserver peering list-learned-routes`): what a subnet gets of them beside its own.
///
/// What a Route Server learns leads to the appliance that told it, what a gateway learns leads through the gateway.
pub(super) fn read_learned(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let Value::Array(items) = value else { return false };
    let is_learned = |item: &&Value| {
        fields::has_text(item, "network") && fields::has(item, "nexthop") && fields::has(item, "aspath")
    };
    let kind =
        if pointer.contains("RouteServiceRole") { "VirtualAppliance" } else { "VirtualNetworkGateway" };
    let mut table = RouteTable { effective: Some(false), ..RouteTable::default() };
    let mut quotes = Vec::new();
    for (index, item) in items.iter().enumerate().filter(|(_, item)| is_learned(item)) {
        let next_hop_ip = fields::text(item, "nexthop");
        table.routes.push(Route {
            prefix: fields::text(item, "network"),
            next_hop_type: Some(if next_hop_ip.is_some() { kind } else { "VnetLocal" }.to_owned()),
            next_hop_ip,
            source: Some("VirtualNetworkGateway".to_owned()),
            state: Some("Active".to_owned()),
            ..Route::default()
        });
        let place = places.of(&format!("{pointer}/{index}"));
        quotes.push(Quote::new("routes", place, &fields::words(item, &["network", "nexthop", "origin"])));
    }
    if table.routes.is_empty() {
        return false;
    }
    out.push(Kind::AzureRoutes, Fact::Routes(table), places.of(pointer), quotes);
    true
}

/// A route on its own.
pub(super) fn read_single(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    is_route(value) && push([(pointer.to_owned(), value)].into_iter(), None, pointer, places, out)
}

/// A route table object with its routes, also without any; or effective routes below `value`.
pub(super) fn read_table(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let found = ["routes", "route", "effectiveroutes"].iter().find_map(|name| fields::find(value, name));
    let is_table = is_route_table(value);
    let Some((below, Value::Array(items))) = found else {
        return is_table && push_empty(value, pointer, places, out);
    };
    if !items.iter().any(is_route) {
        return items.is_empty() && is_table && push_empty(value, pointer, places, out);
    }
    let routes = items.iter().enumerate().map(|(i, item)| (format!("{pointer}{below}/{i}"), item));
    push(routes, Some(value), pointer, places, out)
}

fn is_route_table(value: &Value) -> bool {
    let kind = fields::text(value, "type").unwrap_or_default().to_ascii_lowercase();
    kind.ends_with("/routetables") || kind == "azurerm_route_table"
}

/// A table without routes still tells that the system routes apply.
fn push_empty(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let table = RouteTable {
        effective: Some(false),
        name: name_of(value),
        disable_bgp_route_propagation: propagation_disabled(value),
        id: fields::text(value, "id"),
        subnets: fields::ids_of(value, "subnets"),
        ..RouteTable::default()
    };
    out.push(Kind::AzureRoutes, Fact::Routes(table), places.of(pointer), Vec::new());
    true
}

/// A prefix and a next hop type make a route.
pub(super) fn is_route(value: &Value) -> bool {
    fields::has_text(value, "nexthoptype") && !fields::texts(value, &PREFIX_FIELDS).is_empty()
}

fn push<'v>(
    items: impl Iterator<Item = (String, &'v Value)>,
    owner: Option<&Value>,
    pointer: &str,
    places: &Places,
    out: &mut Out,
) -> bool {
    let mut table = RouteTable::default();
    let mut quotes = Vec::new();
    let mut effective = false;
    for (below, item) in items {
        if !is_route(item) {
            continue;
        }
        let place = places.of(&below);
        // The routes of a table carry no source; effective routes always do.
        effective = effective || fields::has_text(item, "source") || fields::has_text(item, "state");
        if table.disable_bgp_route_propagation.is_none() && owner.is_none() && !effective {
            table.disable_bgp_route_propagation = propagation_disabled(item);
        }
        add(item, &place, &mut table, &mut quotes);
    }
    table.effective = Some(effective);
    if let Some(owner) = owner {
        table.name = name_of(owner);
        table.disable_bgp_route_propagation = propagation_disabled(owner);
        table.id = fields::text(owner, "id").filter(|id| id.contains('/'));
        table.subnets = fields::ids_of(owner, "subnets");
    }
    let place = quotes.first().filter(|_| matches!(places, Places::Rows(_))).map(|q: &Quote| q.place.clone());
    out.push(Kind::AzureRoutes, Fact::Routes(table), place.unwrap_or_else(|| places.of(pointer)), quotes);
    true
}

/// The addresses without the words that somebody wrote behind them; templates have words only.
fn without_remarks(addresses: &[String]) -> &[String] {
    let is_address = |text: &String| text.parse::<std::net::IpAddr>().is_ok();
    match addresses.iter().take_while(|text| is_address(text)).count() {
        0 => addresses,
        count => &addresses[..count],
    }
}

/// Adds a route per prefix, and with each a quote, so that the n-th quote belongs to the n-th route.
fn add(item: &Value, place: &Place, table: &mut RouteTable, quotes: &mut Vec<Quote>) {
    let words = fields::words(item, &QUOTED_FIELDS);
    let next_hop_ip = NEXT_HOP_ADDRESS_FIELDS
        .iter()
        .map(|name| fields::texts(item, &[name]))
        .find(|addresses| !addresses.is_empty())
        .map(|addresses| without_remarks(&addresses).join(", "))
        .filter(|address| address != "-");
    for prefix in fields::texts(item, &PREFIX_FIELDS) {
        table.routes.push(Route {
            name: fields::text(item, "name").filter(|name| name != "-"),
            prefix: Some(prefix),
            next_hop_type: fields::text(item, "nexthoptype").map(|text| in_english(&text, NEXT_HOP_TYPES)),
            next_hop_ip: next_hop_ip.clone(),
            source: fields::text(item, "source").map(|text| in_english(&text, SOURCES)),
            state: fields::text(item, "state").map(|text| in_english(&text, STATES)),
        });
        quotes.push(Quote::new("routes", place.clone(), &words));
    }
}

fn propagation_disabled(value: &Value) -> Option<bool> {
    fields::flag(value, "disablebgproutepropagation")
        .or_else(|| fields::flag(value, "bgproutepropagationenabled").map(|enabled| !enabled))
}

/// What the portal writes in other languages, and the English word for it.
type Words = &'static [(&'static str, &'static [&'static str])];

const STATES: Words = &[
    (
        "Active",
        &[
            "aktiv",
            "actif",
            "active",
            "activo",
            "activa",
            "ativo",
            "ativa",
            "attivo",
            "attiva",
            "actief",
            "aktywna",
            "aktywny",
            "aktivní",
            "etkin",
            "aktywne",
            "активно",
            "активный",
            "активен",
            "アクティブ",
            "有効",
            "활성",
            "活动",
            "活動",
            "有效",
            "使用中",
            "作用中",
            "有効です",
        ],
    ),
    (
        "Invalid",
        &[
            "ungültig",
            "non valide",
            "no válido",
            "inválido",
            "no válida",
            "inválida",
            "non valido",
            "ongeldig",
            "nieprawidłowa",
            "nieprawidłowy",
            "neplatná",
            "neplatný",
            "geçersiz",
            "ogiltig",
            "недопустимый",
            "недопустимо",
            "無効",
            "잘못됨",
            "유효하지 않음",
            "无效",
            "無效",
        ],
    ),
];
const SOURCES: Words = &[
    (
        "Default",
        &[
            "standard",
            "par défaut",
            "defecto",
            "predeterminado",
            "padrão",
            "predefinito",
            "predefinita",
            "impostazione predefinita",
            "domyślne",
            "domyślny",
            "výchozí",
            "varsayılan",
            "standaard",
            "по умолчанию",
            "既定",
            "既定値",
            "기본값",
            "默认",
            "默认值",
            "預設",
            "預設值",
        ],
    ),
    (
        "User",
        &[
            "benutzer",
            "utilisateur",
            "usuario",
            "usuário",
            "utente",
            "gebruiker",
            "użytkownik",
            "uživatel",
            "kullanıcı",
            "användare",
            "пользователь",
            "ユーザー",
            "사용자",
            "用户",
            "使用者",
        ],
    ),
    ("VirtualNetworkGateway", GATEWAY),
];
const GATEWAY: &[&str] = &[
    "gateway für virtuelle netzwerke",
    "gateway des virtuellen netzwerks",
    "virtuelles netzwerkgateway",
    "vnet-gateway",
    "passerelle de réseau virtuel",
    "puerta de enlace de red virtual",
    "gateway de rede virtual",
    "gateway di rete virtuale",
    "virtuele netwerkgateway",
    "brama sieci wirtualnej",
    "brána virtuální sítě",
    "sanal ağ geçidi",
    "virtuell nätverksgateway",
    "шлюз виртуальной сети",
    "仮想ネットワーク ゲートウェイ",
    "仮想ネットワークゲートウェイ",
    "가상 네트워크 게이트웨이",
    "虚拟网络网关",
    "虛擬網路閘道",
];
const NEXT_HOP_TYPES: Words = &[
    ("VirtualNetworkGateway", GATEWAY),
    (
        "VirtualAppliance",
        &[
            "virtuelles gerät",
            "virtuelle appliance",
            "virtuelles anwendungsgerät",
            "appliance virtuelle",
            "dispositivo virtual",
            "aplicación virtual",
            "solução de virtualização",
            "appliance virtuale",
            "virtueel apparaat",
            "urządzenie wirtualne",
            "virtuální zařízení",
            "sanal gereç",
            "virtuell installation",
            "виртуальный модуль",
            "仮想アプライアンス",
            "가상 어플라이언스",
            "虚拟设备",
            "虛擬設備",
            "虛擬裝置",
        ],
    ),
    (
        "None",
        &[
            "keine", "keiner", "aucun", "aucune", "ninguno", "ninguna", "nenhum", "nenhuma", "nessuno",
            "nessuna", "geen", "brak", "žádný", "žádné", "yok", "inget", "нет", "なし", "없음", "无", "無",
        ],
    ),
    (
        "VnetLocal",
        &[
            "virtuelles netzwerk",
            "réseau virtuel",
            "red virtual",
            "rede virtual",
            "rete virtuale",
            "virtueel netwerk",
            "sieć wirtualna",
            "virtuální síť",
            "sanal ağ",
            "virtuellt nätverk",
            "виртуальная сеть",
            "仮想ネットワーク",
            "가상 네트워크",
            "虚拟网络",
            "虛擬網路",
        ],
    ),
    ("Internet", &["интернет", "インターネット", "인터넷", "网际网络", "網際網路", "互联网"]),
];

/// The English word for what a localized portal printed; anything else stays as printed.
fn in_english(text: &str, words: Words) -> String {
    let lower = text.trim().to_lowercase();
    words
        .iter()
        .find(|(_, foreign)| foreign.contains(&lower.as_str()))
        .map_or_else(|| text.trim().to_owned(), |(english, _)| (*english).to_owned())
}
