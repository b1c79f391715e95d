//! Display languages: from tables, from the machine's slmgr.ini, and from shapes.

use super::*;

fn check(license: &License) {
    assert_eq!(license.channel.as_deref(), Some("VOLUME_KMSCLIENT"));
    assert_eq!(id(license), "73111121-5638-40f6-bc11-f1d7b0d64300");
    assert_eq!(license.application_id.unwrap().to_string(), "55c92734-d682-4d71-983e-d6ec3f16059f");
    assert_eq!(license.extended_pid.as_deref(), Some("03612-03305-000-000001-03-1031-19041.0000-0012024"));
    assert_eq!(license.product_key_channel.as_deref(), Some("Volume:GVLK"));
    assert_eq!(license.partial_product_key.as_deref(), Some("2YT43"));
    assert_eq!(license.license_status, LICENSED);
    assert_eq!((license.expiration_min, license.expiration_days), (Some(259_197), Some(180)));
    assert_eq!(license.cmid.unwrap().to_string(), "0ae2d5c1-6c1b-4c1d-9d2e-6a6ab6f6ef01");
    assert_eq!(machine(license), (Some("kms01.contoso.com"), Some(1688), Some(KmsMachineSource::Dns)));
    assert_eq!(
        license.kms_extended_pid.as_deref(),
        Some("06401-00206-520-815111-03-1033-17763.0000-1232024")
    );
    assert_eq!((license.activation_interval_min, license.renewal_interval_min), (Some(120), Some(10_080)));
    assert_eq!(license.service_version.as_deref(), Some("10.0.19041.1266"));
}

/// A `/dlv` with the words of a language, in the order of the script.
fn dlv(words: [&str; 19]) -> String {
    let values = [
        "10.0.19041.1266",
        "Windows(R), Enterprise edition",
        "Windows(R) Operating System, VOLUME_KMSCLIENT channel",
        "73111121-5638-40f6-bc11-f1d7b0d64300",
        "55c92734-d682-4d71-983e-d6ec3f16059f",
        "03612-03305-000-000001-03-1031-19041.0000-0012024",
        "Volume:GVLK",
        "2YT43",
    ];
    let mut text = String::new();
    for (word, value) in words.iter().zip(values) {
        text.push_str(&format!("{word}: {value}\n"));
    }
    let [.., status, licensed, expiration, minutes, cmid, dns, pid, activation, renewal, units, _] = words;
    text.push_str(&format!("{status}: {licensed}\n{expiration}: 259197 {minutes}\n\n"));
    text.push_str(&format!(
        "    {cmid}: 0ae2d5c1-6c1b-4c1d-9d2e-6a6ab6f6ef01\n    {dns}: kms01.contoso.com:1688\n"
    ));
    text.push_str(&format!("    {pid}: 06401-00206-520-815111-03-1033-17763.0000-1232024\n"));
    text.push_str(&format!("    {activation}: 120 {units}\n    {renewal}: 10080 {units}\n"));
    text
}

const GERMAN: [&str; 19] = [
    "Softwarelizenzierungsdienst-Version",
    "Name",
    "Beschreibung",
    "Aktivierungs-ID",
    "Anwendungs-ID",
    "Erweiterte PID",
    "Product Key-Kanal",
    "Teil-Product Key",
    "Lizenzstatus",
    "Lizenziert",
    "Ablauf der Volumenaktivierung",
    "Minute(n) (180 Tag(e))",
    "Clientcomputer-ID (CMID)",
    "KMS-Computername aus DNS",
    "Erweiterte PID des KMS-Computers",
    "Aktivierungsintervall",
    "Erneuerungsintervall",
    "Minuten",
    "",
];
const CHINESE: [&str; 19] = [
    "软件授权服务器版本",
    "名称",
    "描述",
    "激活 ID",
    "应用程序 ID",
    "扩展 PID",
    "产品密钥通道",
    "部分产品密钥",
    "许可证状态",
    "已授权",
    "批量激活过期",
    "分钟(180天）",
    "客户端计算机 ID (CMID)",
    "来自 DNS 的 KMS 计算机名称",
    "KMS 计算扩展的 PID",
    "激活时间间隔",
    "续订间隔",
    "分钟",
    "",
];
const SPANISH: [&str; 19] = [
    "Versión del Servicio de licencias de software",
    "Nombre",
    "Descripción",
    "Id. de activación",
    "Id. de aplicación",
    "PID extendido",
    "Canal de clave de producto",
    "Clave de producto parcial",
    "Estado de la licencia",
    "con licencia",
    "Expiración de activación por volumen",
    "minutos (180 días)",
    "Id. de equipo cliente (CMID)",
    "Nombre de equipo KMS de DNS",
    "PID extendido de equipo KMS",
    "Intervalo de activación",
    "Intervalo de renovación",
    "minutos",
    "",
];
const JAPANESE: [&str; 19] = [
    "ソフトウェア ライセンス サービスのバージョン",
    "名前",
    "説明",
    "ライセンス認証 ID",
    "アプリケーション ID",
    "拡張 PID",
    "プロダクト キー チャネル",
    "プロダクト キーの一部",
    "ライセンスの状態",
    "ライセンスされています",
    "ボリューム ライセンス認証の有効期限",
    "分 (180 日)",
    "クライアント コンピューター ID (CMID)",
    "DNS の KMS コンピューター名",
    "KMS コンピューターの拡張 PID",
    "ライセンス認証の間隔",
    "更新の間隔",
    "分",
    "",
];
const RUSSIAN: [&str; 19] = [
    "Версия службы лицензирования программного обеспечения",
    "Имя",
    "Описание",
    "ID активации",
    "ID приложения",
    "Расширенный PID",
    "Канал ключа продукта",
    "Частичный ключ продукта",
    "Состояние лицензии",
    "имеет лицензию",
    "Срок истечения активации корпоративной лицензии",
    "минут (180 дн.)",
    "Идентификатор клиентского компьютера (CMID)",
    "Имя компьютера KMS из DNS",
    "Расширенный PID компьютера KMS",
    "Интервал активации",
    "Интервал обновления",
    "минут",
    "",
];
/// Indonesian words of our own making: no table has them.
const UNKNOWN: [&str; 19] = [
    "Versi layanan",
    "Nama produk",
    "Penjelasan",
    "Nomor aktivasi",
    "Nomor aplikasi",
    "PID panjang",
    "Saluran kunci",
    "Kunci sebagian",
    "Keadaan lisensi",
    "Berlisensi",
    "Aktivasi habis",
    "menit (180 hari)",
    "Nomor mesin klien (CMID)",
    "Nama mesin KMS dari DNS",
    "PID panjang mesin KMS",
    "Selang aktivasi",
    "Selang pembaruan",
    "menit",
    "",
];

#[test]
fn languages_of_the_table() {
    for words in [GERMAN, CHINESE, SPANISH, JAPANESE, RUSSIAN] {
        let text = dlv(words);
        check(&license(&text));
        assert!(notes(&text).is_empty(), "{text}\n{:?}", file(&text).notes);
    }
}

#[test]
fn full_width_colons_and_french_spacing() {
    check(&license(&dlv(CHINESE).replace(": ", "：")));
    let french = "Nom : Windows(R), Enterprise edition\nDescription : Windows(R) Operating System, VOLUME_KMSCLIENT channel\n\
                  Clé de produit partielle : 2YT43\nÉtat de la licence : avec licence\n";
    let license = license(french);
    assert_eq!((license.license_status, license.partial_product_key.as_deref()), (LICENSED, Some("2YT43")));
    assert_eq!(super::license(&french.replace(" :", "\u{a0}:")).license_status, LICENSED);
}

#[test]
fn an_unknown_language_is_read_by_shape_and_says_so() {
    let text = dlv(UNKNOWN);
    check(&license(&text));
    let file = file(&text);
    let note = file.notes.iter().find(|note| note.key == "note-label-guessed").unwrap();
    assert!(note.args[0].1.contains("1, 2, 3"), "{:?}", note.args);
}

#[test]
fn what_follows_an_unknown_language_is_not_swallowed() {
    let text = format!("{}\nServer:  dc01.contoso.com\nAddress:  192.0.2.9\n", dlv(UNKNOWN));
    check(&license(&text));
    assert_eq!(license(&text).kms_ip, None);
}

#[test]
fn an_unknown_hosts_numbers_come_in_the_scripts_order() {
    let text = "Nama: Windows(R), ServerStandard edition\nPenjelasan: Windows(R) Operating System, VOLUME_KMS_WS19 channel\nKunci sebagian: 7TP9F\n\
                Keadaan: Berlisensi\n\nLayanan aktif\n    Hitungan: 7\n    Port: 1688\n\nPermintaan\n    Semua: 311\n    Gagal: 0\n    A: 2\n    B: 240\n    C: 60\n    D: 9\n    E: 0\n    F: 0\n";
    let license = license(text);
    assert_eq!((license.current_count, license.listening_port), (Some(7), Some(1688)));
    assert_eq!((license.total_requests, license.failed_requests), (Some(311), Some(0)));
    assert_eq!(license.requests_by_status.unwrap().expired_or_oot, Some(9));
}

#[test]
fn the_machines_own_ini_is_used_for_what_follows_it() {
    let ini = "[MESSAGES]\nL_MsgProductName=\"Nama produk: \"\nL_MsgLicenseStatusNotification_1=\"Keadaan lisensi: Pemberitahuan\"\n\
               L_MsgKmsHostCachingDisabled=\"Singgahan mati\"\nL_optInstallProductKey=\"/ipk\"\n\n";
    let text = format!(
        "{ini}Nama produk: Windows(R), Enterprise edition\nKeadaan lisensi: Pemberitahuan\nSinggahan mati\n"
    );
    let license = license(&text);
    assert_eq!(license.license_status, Some(LicenseStatus::Notification));
    assert_eq!(license.host_caching, Some(false));
    assert!(notes(&text).is_empty());
}

#[test]
fn a_state_in_words_of_no_table_follows_from_what_is_printed_with_it() {
    let start = "Name: Windows(R), Enterprise edition\nDescription: Windows(R) Operating System, VOLUME_KMSCLIENT channel\nPartial Product Key: 2YT43\n";
    let text = format!(
        "{start}License Status: Berlisensi\nVolume activation expiration: 259197 minute(s) (180 day(s))\n"
    );
    assert_eq!(license(&text).license_status, LICENSED);
    assert_eq!(notes(&text), ["note-label-guessed"]);
    let text = format!("{start}License Status: Entah\nNotification Reason: 0xC004F056.\n");
    assert_eq!(license(&text).license_status, Some(LicenseStatus::Notification));
    let text = format!("{start}License Status: Entah\n");
    assert_eq!(license(&text).license_status, None);
    assert_eq!(notes(&text), ["note-not-understood"]);
}

#[test]
fn a_known_language_with_lines_that_the_table_lacks() {
    let text = "Beschreibung: Windows(R) Operating System, VOLUME_KMS_WS19 channel\nTeil-Product Key: 7TP9F\nLizenzstatus: Lizenziert\n\n\
                Der Schlüsselverwaltungsdienst ist auf diesem Computer aktiviert\n    Jetzige Zahl: 7\n    Horcht auf: 1688\n    DNS-Veröffentlichung ist deaktiviert\n\
                \x20   KMS-Priorität: Normal\n\nGesammelte Anforderungen\n    Alle: 311\n    Missglückte: 4\n    Ohne Lizenz: 2\n    B: 240\n    C: 60\n    Anforderungen von Computern mit abgelaufener Lizenz oder mit Hardware, die außerhalb der Toleranz liegt: 9\n    E: 1\n    F: 3\n";
    let license = license(text);
    assert_eq!(
        (license.current_count, license.listening_port, license.dns_publishing),
        (Some(7), Some(1688), Some(false))
    );
    assert_eq!((license.total_requests, license.failed_requests), (Some(311), Some(4)));
    let requests = license.requests_by_status.unwrap();
    assert_eq!(
        (requests.unlicensed, requests.expired_or_oot, requests.notification),
        (Some(2), Some(9), Some(3))
    );
    let advice = "授權狀態: 通知\n通知原因: 0xC004F00F\n請使用 slmgr.vbs /ato 來啟用及更新 KMS 用戶端資訊，以便更新值。\n";
    assert!(super::license(advice).client_block_hidden);
    assert_eq!(
        super::license(&format!("{}    Cache host KMS aktiv\n", dlv(UNKNOWN))).host_caching,
        Some(true)
    );
}
