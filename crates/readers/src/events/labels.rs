//! Labels and column names of Event Viewer and wevtutil in the display languages of Windows.

use std::collections::HashMap;
use std::sync::LazyLock;

/// What a labelled line or a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Name of the log.
    Log,
    /// Provider or event source.
    Source,
    /// Date and time.
    Date,
    /// Event id.
    EventId,
    /// Level.
    Level,
    /// Computer.
    Computer,
    /// Record number.
    Record,
    /// The message begins here.
    Description,
    /// The record as XML begins here.
    Xml,
    /// A field that tells nothing here: task, keywords, user, operation code.
    Other,
}

/// The role of a label, letter case and quotation marks aside.
pub(super) fn role(label: &str) -> Option<Role> {
    let label = normalised(label);
    if label.is_empty() || label.len() > 60 {
        return None;
    }
    ROLES.get(label.as_str()).copied()
}

/// The table by names: every line of every file is looked up.
static ROLES: LazyLock<HashMap<&str, Role>> = LazyLock::new(|| {
    TABLE.iter().flat_map(|(role, names)| names.split('|').map(move |name| (name, *role))).collect()
});

/// Lower case, plain spaces and apostrophes, no colon.
fn normalised(label: &str) -> String {
    let plain =
        label.trim_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '：' | '"' | '*' | '\u{feff}'));
    plain
        .chars()
        .map(|c| match c {
            '\u{a0}' | '\u{202f}' | '\u{3000}' => ' ',
            '’' | '‘' | '´' => '\'',
            c => c,
        })
        .flat_map(char::to_lowercase)
        .collect()
}

/// Languages in each row: en, de, fr, es, it, pt-BR and pt-PT, ja, ko, zh-CN, zh-TW, ru, pl, nl, cs, tr, sv, da, nb,
/// fi, hu. Versions of Windows differ in some of them.
const TABLE: &[(Role, &str)] = &[
    (
        Role::Log,
        "log name|log|logname|channel|protokollname|protokoll|nom du journal|journal|nombre de registro|registro|\
         nome registro|nome do log|nome do registo|log do evento|ログの名前|ログ|로그 이름|로그|日志名称|日志|記錄檔名稱|記錄檔|\
         记录檔名稱|имя журнала|журнал|nazwa dziennika|dziennik|logboeknaam|logboek|název protokolu|protokol|\
         günlük adı|günlük|loggnamn|logg|lognavn|loggnavn|lokin nimi|napló neve|naplónév",
    ),
    (
        Role::Source,
        "source|provider|provider name|event source|quelle|fournisseur|origen|origine|fonte|origem|ソース|원본|来源|來源|\
         источник|подача|поставщик|źródło|bron|zdroj|kaynak|källa|kilde|lähde|forrás",
    ),
    (
        Role::Date,
        "date|date and time|time|logged|datum|datum und uhrzeit|protokolliert|date et heure|fecha|fecha y hora|data|\
         data e ora|data e hora|日付|日付と時刻|날짜|날짜 및 시간|日期|日期和时间|日期和時間|日期與時間|дата|дата и время|\
         data i godzina|datum en tijd|datum a čas|tarih|tarih ve saat|datum och tid|dato|dato og klokkeslæt|\
         dato og klokkeslett|päivämäärä|päivämäärä ja aika|dátum|dátum és időpont|dátum és idő",
    ),
    (
        Role::EventId,
        "event id|eventid|event-id|event code|eventcode|id|ereignis-id|ereigniskennung|id de l'événement|\
         id d'événement|id de l'evénement|id. del evento|id. de evento|id del evento|id de evento|\
         identificador de evento|id evento|identificação do evento|id do evento|イベント id|이벤트 id|事件 id|事件id|\
         事件識別碼|事件标识|事件 識別碼|код события|идентификатор события|id события|identyfikator zdarzenia|\
         id zdarzenia|gebeurtenis-id|gebeurtenis id|id události|olay kimliği|olay no|händelse-id|hændelses-id|\
         hændelses-id'|hendelses-id|tapahtumatunnus|tapahtuman tunnus|eseményazonosító|esemény azonosítója",
    ),
    (
        Role::Level,
        "level|type|entry type|ebene|stufe|niveau|nivel|livello|nível|レベル|수준|级别|等級|層級|уровень|poziom|úroveň|\
         düzey|nivå|taso|szint",
    ),
    (
        Role::Computer,
        "computer|computer name|machine name|hostname|ordinateur|equipo|computador|コンピューター|コンピュータ|컴퓨터|\
         计算机|電腦|компьютер|komputer|počítač|bilgisayar|dator|datamaskin|tietokone|számítógép",
    ),
    (Role::Record, "event record id|record number|eventrecordid|record id|datensatznummer|record"),
    (
        Role::Description,
        "description|message|beschreibung|nachricht|descripción|descrizione|descrição|説明|설명|描述|說明|说明|описание|\
         opis|beschrijving|popis|açıklama|beskrivning|beskrivelse|kuvaus|leírás",
    ),
    (
        Role::Xml,
        "event xml|ereignis-xml|xml de l'événement|xml de evento|xml del evento|xml evento|xml do evento|イベント xml|\
         이벤트 xml|事件 xml|xml события|kod xml zdarzenia|xml zdarzenia|gebeurtenis-xml|kód xml události|olay xml'i|\
         olay xml|händelse-xml|hændelses-xml|hendelses-xml|tapahtuman xml|esemény xml|esemény xml-kódja",
    ),
    (
        Role::Other,
        "task category|task|category|keywords|keyword|user|user name|opcode|opcode info|more information|correlation id|\
         aufgabenkategorie|schlüsselwörter|benutzer|vorgangscode|catégorie de la tâche|catégorie|mots clés|mots-clés|\
         utilisateur|categoría de la tarea|categoría de tarea|palabras clave|usuario|categoria attività|parole chiave|\
         utente|categoria da tarefa|palavras-chave|usuário|utilizador|タスクのカテゴリ|キーワード|ユーザー|ユーザ|작업 범주|\
         키워드|사용자|任务类别|关键字|用户|工作類別|關鍵字|使用者|категория задачи|ключевые слова|пользователь|\
         kategoria zadania|słowa kluczowe|użytkownik|taakcategorie|trefwoorden|gebruiker|kategorie úlohy|klíčová slova|\
         uživatel|görev kategorisi|anahtar sözcükler|kullanıcı|aktivitetskategori|uppgiftskategori|nyckelord|användare|\
         opgavekategori|nøgleord|bruger|oppgavekategori|nøkkelord|bruker|tehtäväluokka|avainsanat|käyttäjä|\
         feladatkategória|kulcsszavak|felhasználó",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_labels_of_many_languages() {
        for label in [
            "Log Name",
            "Protokollname",
            "Nom du journal ",
            "ログの名前",
            "日志名称",
            "記錄檔名稱",
            "Имя журнала",
        ] {
            assert_eq!(role(label), Some(Role::Log), "{label}");
        }
        for label in
            ["Event ID", "ID de l’événement", "Ereignis-ID", "イベント\u{a0}ID", "Код события", "事件識別碼"]
        {
            assert_eq!(role(label), Some(Role::EventId), "{label}");
        }
        assert_eq!(role("Windows IP Configuration"), None);
    }

    #[test]
    fn no_label_has_two_roles() {
        let mut all: Vec<&str> = TABLE.iter().flat_map(|(_, names)| names.split('|')).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        assert!(all.iter().all(|name| *name == normalised(name)));
    }
}
