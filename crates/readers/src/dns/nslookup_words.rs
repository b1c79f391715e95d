//! What nslookup says in the display languages of Windows.
//!
//! Only the labels and sentences that the shape of a line does not tell are listed: `Address:`, the properties of a
//! record and mostly the reason behind the last colon stay English in every language.

use model::DnsResult;

/// Labels in front of the asked name.
const NAME_LABELS: &[&str] = &[
    "name",
    "nom",
    "nombre",
    "nome",
    "nome:",
    "名前",
    "이름",
    "名称",
    "名稱",
    "имя",
    "nazwa",
    "naam",
    "název",
    "ad",
    "adı",
    "namn",
    "navn",
    "nimi",
    "név",
    "όνομα",
    "nume",
    "╚ь",
];

/// Labels in front of the addresses of the asked name.
const ADDRESS_LABELS: &[&str] = &[
    "address",
    "addresses",
    "adresse",
    "adressen",
    "adresses",
    "dirección",
    "direcciones",
    "indirizzo",
    "indirizzi",
    "endereço",
    "endereços",
    "アドレス",
    "주소",
    "地址",
    "位址",
    "адрес",
    "адреса",
    "adres",
    "adresy",
    "adresa",
    "adressen:",
    "adress",
    "adresser",
];

/// Labels in front of further names.
const ALIAS_LABELS: &[&str] =
    &["aliases", "alias", "aliase", "エイリアス", "별칭", "别名", "別名", "псевдонимы"];

/// What the label of the server line contains.
const SERVER_WORDS: &[&str] = &[
    "server",
    "serveur",
    "servidor",
    "サーバー",
    "서버",
    "服务器",
    "伺服器",
    "сервер",
    "serwer",
    "szerver",
    "sunucu",
    "palvelin",
    "servidor",
    "╤хЁтхЁ",
    "διακομιστ",
];

/// What marks the label of the server that nslookup starts with.
const DEFAULT_WORDS: &[&str] = &[
    "default",
    "standard",
    "défaut",
    "predeterminado",
    "predefinito",
    "padrão",
    "既定",
    "기본",
    "默认",
    "預設",
    "умолчанию",
    "domyślny",
    "výchozí",
    "varsayılan",
    "alapértelmezett",
];

/// What marks the line above an answer from a cache.
const NON_AUTHORITATIVE_WORDS: &[&str] = &[
    "non-authoritative",
    "nicht autorisierend",
    "nicht-autorisierend",
    "ne faisant pas autorité",
    "no autoritativa",
    "non autorevole",
    "não autoritativa",
    "não é autoritativa",
    "não autoritativo",
    "não-autoritativa",
    "権限のない回答",
    "権限のない応答",
    "権限がない",
    "권한 없는",
    "非权威应答",
    "未经授权的回答",
    "未經授權的回答",
    "未經授權",
    "не заслуживающий доверия",
    "nieautorytatywna",
    "nieautorytatywny",
    "niet-gemachtigd",
    "niet-bindend",
    "neautoritativní",
    "yetkili olmayan",
    "yetkisiz",
    "icke-auktoritärt",
    "ikke-autoritativt",
];

/// What a sentence about a request without answer contains.
const TIMEOUT_WORDS: &[&str] = &[
    "timed-out",
    "timed out",
    "time-out",
    "timeout",
    "zeitüberschreitung",
    "délai",
    "tiempo de espera",
    "agotó",
    "tempo limite",
    "tempo esgotado",
    "esgotou",
    "scadut",
    "scaduto",
    "timeout della",
    "タイムアウト",
    "시간이 초과",
    "시간 초과",
    "超时",
    "逾時",
    "超時",
    "тайм-аут",
    "время ожидания",
    "превышено",
    "limit czasu",
    "upłynął",
    "časový limit",
    "vypršel",
    "zaman aşımı",
    "tidsgräns",
    "verlopen",
    "verstreken",
    "overskredet",
    "no servers could be reached",
];

/// What tells that the machine has no DNS server at all.
const NO_DEFAULT_SERVER_WORDS: &[&str] = &[
    "default servers are not available",
    "no default server",
    "standardserver sind nicht verfügbar",
    "standardserver ist nicht verfügbar",
    "serveurs par défaut ne sont pas disponibles",
    "servidores predeterminados no están disponibles",
    "server predefiniti non sono disponibili",
    "server predefiniti non disponibili",
    "servidores padrão não estão disponíveis",
    "既定のサーバーを利用できません",
    "既定のサーバーは利用できません",
    "기본 서버를 사용할 수 없습니다",
    "默认服务器不可用",
    "預設伺服器無法使用",
    "預設的伺服器無法使用",
    "серверы по умолчанию недоступны",
    "сервер по умолчанию недоступен",
    "serwery domyślne są niedostępne",
    "serwery domyślne nie są dostępne",
];

/// Reasons of a look-up that failed, by what they contain.
const REASONS: &[(&str, DnsResult)] = &[
    ("non-existent", DnsResult::Nxdomain),
    ("nonexistent", DnsResult::Nxdomain),
    ("nxdomain", DnsResult::Nxdomain),
    ("nicht vorhanden", DnsResult::Nxdomain),
    ("existiert nicht", DnsResult::Nxdomain),
    ("inexistant", DnsResult::Nxdomain),
    ("inexistente", DnsResult::Nxdomain),
    ("no existe", DnsResult::Nxdomain),
    ("存在しない", DnsResult::Nxdomain),
    ("존재하지", DnsResult::Nxdomain),
    ("不存在", DnsResult::Nxdomain),
    ("не существует", DnsResult::Nxdomain),
    ("несуществующ", DnsResult::Nxdomain),
    ("nieistniejąc", DnsResult::Nxdomain),
    ("neexistuj", DnsResult::Nxdomain),
    ("bestaat niet", DnsResult::Nxdomain),
    ("no response", DnsResult::Timeout),
    ("keine antwort", DnsResult::Timeout),
    ("pas de réponse", DnsResult::Timeout),
    ("sin respuesta", DnsResult::Timeout),
    ("応答がありません", DnsResult::Timeout),
    ("没有响应", DnsResult::Timeout),
    ("沒有回應", DnsResult::Timeout),
    ("нет ответа", DnsResult::Timeout),
    ("timed out", DnsResult::Timeout),
    ("refused", DnsResult::Refused),
    ("server fail", DnsResult::Servfail),
    ("servfail", DnsResult::Servfail),
    ("no answer", DnsResult::NoRecords),
    ("no records", DnsResult::NoRecords),
    ("no information", DnsResult::NoRecords),
    ("unspecified error", DnsResult::Error),
    ("format error", DnsResult::Error),
    ("not implemented", DnsResult::Error),
    ("internal error", DnsResult::Error),
    ("no server response", DnsResult::Timeout),
    ("connection refused", DnsResult::Error),
];

fn is_one(label: &str, labels: &[&str]) -> bool {
    let label = label.trim().to_lowercase();
    labels.contains(&label.as_str())
}

fn has_one(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

/// True for `Name`, `Nom`, `名前` and kin.
pub(super) fn is_name_label(label: &str) -> bool {
    is_one(label, NAME_LABELS)
}

/// True for `Address`, `Addresses` and the few translations.
pub(super) fn is_address_label(label: &str) -> bool {
    is_one(label, ADDRESS_LABELS)
}

/// True for `Aliases`.
pub(super) fn is_alias_label(label: &str) -> bool {
    is_one(label, ALIAS_LABELS)
}

/// True for a label that speaks of a server.
pub(super) fn is_server_label(label: &str) -> bool {
    has_one(label, SERVER_WORDS)
}

/// True for `Default Server`.
pub(super) fn is_default_label(label: &str) -> bool {
    has_one(label, DEFAULT_WORDS)
}

/// True for the line above an answer from a cache.
pub(super) fn is_non_authoritative(line: &str) -> bool {
    has_one(line, NON_AUTHORITATIVE_WORDS)
}

/// True for a sentence about a request that got no answer.
pub(super) fn tells_timeout(line: &str) -> bool {
    has_one(line, TIMEOUT_WORDS)
}

/// True when the machine has no DNS server to ask.
pub(super) fn tells_no_default_server(line: &str) -> bool {
    has_one(line, NO_DEFAULT_SERVER_WORDS)
}

/// The outcome that a reason names.
pub(super) fn reason(text: &str) -> Option<DnsResult> {
    let text = text.to_lowercase();
    REASONS.iter().find(|(word, _)| text.contains(word)).map(|(_, result)| *result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_lower_case() {
        let lists =
            [NAME_LABELS, ADDRESS_LABELS, ALIAS_LABELS, SERVER_WORDS, DEFAULT_WORDS, NON_AUTHORITATIVE_WORDS];
        for word in lists.into_iter().flatten().chain(TIMEOUT_WORDS).chain(NO_DEFAULT_SERVER_WORDS) {
            // The garbled Cyrillic of a wrong code page has no case of its own worth keeping.
            assert!(word.contains(['╤', '╚']) || **word == word.to_lowercase(), "{word}");
        }
        assert!(is_default_label("Standardserver") && is_default_label("Serveur par défaut"));
        assert!(!is_name_label("Server") && is_server_label("サーバー"));
    }
}
