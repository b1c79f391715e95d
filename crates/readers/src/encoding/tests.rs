//! Texts as Windows tools print them, in the encodings that consoles and editors save.

use std::sync::Arc;

use super::*;
use crate::limits::Limits;

const RUSSIAN: &str = "Версия службы лицензирования программного обеспечения: 10.0.19041.2728\r\n\r\nИмя: Windows(R), \
    Professional edition\r\nОписание: Windows(R) Operating System, VOLUME_KMSCLIENT channel\r\nСостояние лицензии: \
    уведомление\r\n";
const JAPANESE: &str = "サーバー:  dc01.contoso.com\r\nAddress:  192.0.2.10\r\n\r\n*** dc01.contoso.com が _vlmcs._tcp を見つけられません: \
    Non-existent domain\r\nライセンスの状態: 通知\r\n";
const SIMPLIFIED: &str = "服务器:  dc01.contoso.com\r\n软件授权服务版本: 10.0.17763.1\r\n许可证状态: 已授权\r\n错误: 0xC004F074 软件授权服务报告无法激活该计算机。\r\n";
const TRADITIONAL: &str = "伺服器:  dc01.contoso.com\r\n軟體授權服務版本: 10.0.17763.1\r\n授權狀態: 已授權\r\n錯誤: 0xC004F074 找不到金鑰管理服務。\r\n";
const KOREAN: &str = "서버:    dc01.contoso.com\r\n소프트웨어 라이선스 서비스 버전: 10.0.17763.1\r\n라이선스 상태: 알림\r\n오류: 0xC004F074 키 관리 서비스에 연결할 수 없습니다.\r\n";
const GERMAN: &str = "Schlüsselverwaltungsdienst-Clientinformationen\r\n    Client-Computer-ID (CMID): 1\r\nFehler: Die Zeit für die \
    Prüfung läuft ab.\r\n";
const FRENCH: &str = "État de la licence : sous licence\r\nClé de produit partielle : T83GX\r\nDélai d'attente de la requête dépassé.\r\n";
const SPANISH: &str = "Id. de activación: 1\r\nPeríodo de renovación: 10080 minutos\r\nEstado de la licencia: con licencia; máquina \
    válida\r\n";
const PORTUGUESE: &str = "Descrição: Windows(R)\r\nStatus da Licença: Licenciado\r\nID da Máquina: 1\r\nO servidor não respondeu à \
    solicitação.\r\n";
const POLISH: &str = "Stan licencji: Licencjonowana\r\nCzęściowy klucz produktu: T83GX\r\nBłąd: 0xC004F074 Nie można połączyć się z \
    usługą.\r\n";
const CZECH: &str = "Název: Windows(R)\r\nČástečný kód Product Key: T83GX\r\nZbývající čas: 10 dnů; server není k dispozici, \
    počítač nelze připojit\r\n";
const TURKISH: &str = "Adı: Windows(R)\r\nAçıklama: Windows(R)\r\nKısmi Ürün Anahtarı: T83GX\r\nLisans Durumu: Lisanslı değil, \
    şimdi etkinleştirin\r\n";
const SWEDISH: &str = "Licensstatus: Licensierad\r\nÅterstående tid: 10 dagar för värden på nätverket\r\n";
const ITALIAN: &str = "Stato licenza: con licenza\r\nL'attività non è più disponibile\r\n";

fn encode(text: &str, label: &str) -> Vec<u8> {
    super::encode(&text.replace('’', "'"), label).expect("a known label that has the characters")
}

fn read(bytes: &[u8]) -> (String, &'static str, Out) {
    let mut decoder = Decoder::default();
    let text = decoder.decode(bytes).into_owned();
    let mut out = Out::new(Arc::from("t.txt"), &Limits::default());
    decoder.tell(&mut out);
    (text, decoder.label(), out)
}

#[test]
fn tells_the_code_pages_apart() {
    let cases = [
        (RUSSIAN, "windows-1251"),
        (RUSSIAN, "IBM866"),
        (JAPANESE, "Shift_JIS"),
        (SIMPLIFIED, "GBK"),
        (TRADITIONAL, "Big5"),
        (KOREAN, "EUC-KR"),
        (GERMAN, "windows-1252"),
        (GERMAN, "IBM850"),
        (FRENCH, "windows-1252"),
        (SPANISH, "windows-1252"),
        (SPANISH, "IBM850"),
        (PORTUGUESE, "windows-1252"),
        (PORTUGUESE, "IBM850"),
        (POLISH, "windows-1250"),
        (POLISH, "IBM852"),
        (CZECH, "windows-1250"),
        (CZECH, "IBM852"),
        (TURKISH, "windows-1254"),
        (TURKISH, "IBM857"),
        (SWEDISH, "windows-1252"),
        (SWEDISH, "IBM850"),
        (ITALIAN, "windows-1252"),
        (ITALIAN, "IBM850"),
    ];
    for (text, label) in cases {
        let (read, found, out) = read(&encode(text, label));
        assert_eq!((found, read.as_str()), (label, text), "{label}");
        assert!(out.notes.is_empty(), "{label}: {:?}", out.notes);
    }
}

#[test]
fn tells_them_apart_by_a_single_line_too() {
    let texts = [
        (RUSSIAN, ["windows-1251", "IBM866"].as_slice()),
        (JAPANESE, &["Shift_JIS"]),
        (SIMPLIFIED, &["GBK"]),
        (TRADITIONAL, &["Big5"]),
        (KOREAN, &["EUC-KR"]),
        (GERMAN, &["windows-1252", "IBM850"]),
        (SPANISH, &["windows-1252", "IBM850"]),
        (PORTUGUESE, &["windows-1252", "IBM850"]),
        (POLISH, &["windows-1250", "IBM852"]),
        (TURKISH, &["windows-1254", "IBM857"]),
    ];
    for (text, labels) in texts {
        for line in text.lines().filter(|line| !line.is_ascii()) {
            for label in labels {
                assert_eq!(read(&encode(line, label)).0, line, "{label}");
            }
        }
    }
}

#[test]
fn reads_utf_16_with_and_without_a_mark() {
    for text in [RUSSIAN, JAPANESE, SIMPLIFIED, GERMAN, "License Status: Licensed\r\n"] {
        for label in ["UTF-16LE", "UTF-16BE"] {
            let bytes = encode(text, label);
            let (read_text, found, out) = read(&bytes);
            assert_eq!((found, read_text.as_str(), out.notes.len()), (label, text, 0));
            let mark: &[u8] = if label == "UTF-16LE" { b"\xff\xfe" } else { b"\xfe\xff" };
            assert_eq!(read(&[mark, &bytes].concat()).0, text);
        }
    }
}

#[test]
fn an_odd_tail_of_utf_16_is_a_note() {
    let mut bytes = encode(GERMAN, "UTF-16LE");
    bytes.pop();
    let (text, label, out) = read(&bytes);
    assert_eq!(label, "UTF-16LE");
    assert!(text.starts_with("Schlüsselverwaltungsdienst") && text.ends_with('\u{fffd}'));
    assert_eq!(out.notes[0].key, "note-encoding-damaged");
}

#[test]
fn reads_what_powershell_appends_to_a_console_log_and_the_other_way_round() {
    let narrow = encode(GERMAN, "IBM850");
    let wide = encode(GERMAN, "UTF-16LE");
    let both = format!("{GERMAN}{GERMAN}");
    for bytes in [
        [narrow.as_slice(), &wide].concat(),
        [wide.as_slice(), &narrow].concat(),
        [b"\xff\xfe", wide.as_slice(), &narrow].concat(),
    ] {
        let (text, _, out) = read(&bytes);
        assert_eq!(text, both);
        assert_eq!(out.notes[0].key, "note-encoding-mixed");
        let names = &out.notes[0].args[0].1;
        assert!(names.contains("UTF-16LE") && names.contains("IBM850"), "{names}");
    }
}

#[test]
fn utf_8_with_one_bad_byte_stays_utf_8() {
    let mut bytes = RUSSIAN.as_bytes().to_vec();
    let cut = RUSSIAN.find("Имя").unwrap_or_default();
    bytes.remove(cut);
    let (text, label, out) = read(&bytes);
    assert_eq!(label, "UTF-8");
    assert!(text.contains("Состояние лицензии"));
    let offset = out.notes[0].args.iter().find(|(name, _)| *name == "offset").map(|(_, v)| v.clone());
    assert_eq!((out.notes[0].key, offset), ("note-encoding-damaged", Some(cut.to_string())));
    assert_eq!(out.notes[0].source.place, Place::Line(3));
}

#[test]
fn a_code_page_line_within_utf_8_is_read_in_its_own_way() {
    let bytes = [JAPANESE.as_bytes(), &encode("Gültigkeit für Schlüssel\r\n", "windows-1252")].concat();
    let (text, label, out) = read(&bytes);
    assert_eq!(label, "UTF-8");
    assert!(text.ends_with("Gültigkeit für Schlüssel\r\n"), "{text}");
    assert_eq!(out.notes[0].key, "note-encoding-mixed");
}

#[test]
fn zeros_of_a_log_allocated_ahead_do_no_harm() {
    let bytes = [b"License Status: Licensed\r\n".as_slice(), &[0; 4096]].concat();
    let (text, label, _) = read(&bytes);
    assert_eq!(label, "UTF-8");
    assert!(text.starts_with("License Status: Licensed"));
}
