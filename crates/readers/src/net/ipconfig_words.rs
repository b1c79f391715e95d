//! Words by which the labels of ipconfig are told apart in the display languages of Windows.
//!
//! Most of a label is told by the letters DNS, DHCP, WINS and IP, by its place in the block, and by its value.

const SUFFIX: &[&str] = &[
    "suffix",
    "sufijo",
    "suffiss",
    "sufixo",
    "サフィックス",
    "접미사",
    "后缀",
    "尾碼",
    "字尾",
    "суффикс",
    "sufiks",
    "achtervoegsel",
    "přípon",
    "sonek",
    "soneki",
    "utótag",
    "liite",
    "επίθημα",
    "sufix",
];

const SEARCH_LIST: &[&str] = &[
    "search",
    "such",
    "recherche",
    "búsqueda",
    "ricerca",
    "pesquisa",
    "procura",
    "検索",
    "검색",
    "搜索",
    "搜尋",
    "просмотр",
    "поиск",
    "przeszukiwan",
    "wyszukiwan",
    "zoek",
    "hledán",
    "vyhledáv",
    "arama",
    "sök",
    "søg",
    "keres",
    "liste",
    "lista",
    "list",
    "清单",
    "清單",
    "列表",
    "목록",
    "一覧",
];

const GATEWAY: &[&str] = &[
    "gateway",
    "passerelle",
    "puerta de enlace",
    "ゲートウェイ",
    "게이트웨이",
    "网关",
    "閘道",
    "шлюз",
    "brama",
    "brána",
    "ağ geçidi",
    "átjáró",
    "yhdyskäytävä",
];

const MEDIA: &[&str] = &[
    "media",
    "medien",
    "média",
    "medios",
    "supporto",
    "mídia",
    "メディア",
    "미디어",
    "媒体",
    "媒體",
    "сред",
    "nośnik",
    "medya",
    "médium",
];

const DISCONNECTED: &[&str] = &[
    "disconnected",
    "getrennt",
    "déconnecté",
    "desconectad",
    "disconness",
    "切断",
    "接続されていません",
    "끊",
    "断开",
    "斷線",
    "中斷連",
    "已中斷",
    "недоступна",
    "отключен",
    "odłączon",
    "verbroken",
    "odpojen",
    "kesildi",
    "bağlantısı kesik",
    "från",
];

const YES: &[&str] = &[
    "yes", "ja", "oui", "sí", "si", "sì", "sim", "はい", "예", "是", "да", "tak", "ano", "evet", "igen",
    "kyllä",
];

const NO: &[&str] = &[
    "no",
    "nein",
    "non",
    "não",
    "いいえ",
    "아니요",
    "아니오",
    "否",
    "нет",
    "nie",
    "nee",
    "ne",
    "hayır",
    "nej",
    "nei",
    "nem",
    "ei",
];

fn has(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// A label about a DNS suffix.
pub(super) fn is_suffix(label: &str) -> bool {
    has(label, SUFFIX) && label.to_uppercase().contains("DNS")
}

/// A label about the list of suffixes that are tried.
pub(super) fn is_search_list(label: &str) -> bool {
    is_suffix(label) && has(label, SEARCH_LIST)
}

/// A label about gateways.
pub(super) fn is_gateway(label: &str) -> bool {
    has(label, GATEWAY)
}

/// A label about the state of the cable.
pub(super) fn is_media(label: &str) -> bool {
    has(label, MEDIA)
}

/// A value that says that the medium is disconnected.
pub(super) fn is_disconnected(value: &str) -> bool {
    has(value, DISCONNECTED)
}

/// Yes or no.
pub(super) fn yes_or_no(value: &str) -> Option<bool> {
    let value = value.trim().trim_end_matches('.').to_lowercase();
    if YES.contains(&value.as_str()) {
        return Some(true);
    }
    NO.contains(&value.as_str()).then_some(false)
}
