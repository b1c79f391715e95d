//! Commands that failed for lack of rights, or because they do not exist.

use model::windows::CommandFailure;
use model::{Fact, HexCode, Kind, Quote};

use super::phrases::Phrases;
use crate::documents::Object;
use crate::out::Out;
use crate::text::Text;

/// "Access is denied" and "needs elevation" as Windows says it, in lower case.
const ACCESS_DENIED: [&str; 54] = [
    "access is denied",
    "access denied",
    "access to the path",
    "requested registry access is not allowed",
    "requires elevation",
    "requires elevated",
    "elevated privileges",
    "elevated permissions",
    "elevated command prompt",
    "elevated prompt",
    "run as administrator",
    "run cscript from an elevated",
    "permission denied",
    "administrator privileges",
    "administrative privileges",
    "zugriff verweigert",
    "erhöhten rechten",
    "erhöhte rechte",
    "erhöhter rechte",
    "accès refusé",
    "accès est refusé",
    "privilèges élevés",
    "élévation",
    "acceso denegado",
    "privilegios elevados",
    "elevación",
    "accesso negato",
    "privilegi elevati",
    "acesso negado",
    "elevação",
    "アクセスが拒否",
    "昇格",
    "액세스가 거부",
    "권한 상승",
    "관리자 권한",
    "拒绝访问",
    "提升的权限",
    "提升权限",
    "访问被拒绝",
    "被拒绝",
    "存取被拒",
    "拒絕存取",
    "提高的權限",
    "提升的權限",
    "отказано в доступе",
    "повышенны",
    "odmowa dostępu",
    "podwyższon",
    "toegang geweigerd",
    "toegang is geweigerd",
    "přístup byl odepřen",
    "přístup odepřen",
    "erişim engellendi",
    "åtkomst nekad",
];
const MORE_ACCESS_DENIED: [&str; 4] =
    ["erişim reddedildi", "a hozzáférés megtagadva", "pääsy estetty", "adgang nægtet"];

/// "is not recognized as an internal or external command".
const NOT_FOUND: [&str; 10] = [
    "is not recognized as",
    "wurde nicht als name",
    "ist entweder falsch geschrieben",
    "n'est pas reconnu",
    "no se reconoce como",
    "non è riconosciuto",
    "não é reconhecido",
    "認識されていません",
    "不是内部或外部命令",
    "不是內部或外部命令",
];

/// `System error 5 has occurred.` in many languages: the words in front of or around the number.
const SYSTEM_ERROR: [&str; 14] = [
    "system error",
    "systemfehler",
    "erreur système",
    "error de sistema",
    "errore di sistema",
    "erro de sistema",
    "システム エラー",
    "시스템 오류",
    "发生系统错误",
    "發生系統錯誤",
    "системная ошибка",
    "błąd systemu",
    "systeemfout",
    "systemfel",
];

/// True for the words of missing rights in any known language; the text in lower case.
pub(super) fn is_access_denied(lower: &str) -> bool {
    static PHRASES: Phrases = Phrases::new(&[&ACCESS_DENIED, &MORE_ACCESS_DENIED]);
    PHRASES.stand_in(lower)
}

/// Reads a line that says why a command failed.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    const LINE_LENGTH_MAX: usize = 600;
    if line.len() > LINE_LENGTH_MAX || text.line(at)?.command.is_some() {
        return None;
    }
    static SYSTEM: Phrases = Phrases::new(&[&SYSTEM_ERROR]);
    static UNKNOWN: Phrases = Phrases::new(&[&NOT_FOUND]);
    let lower = line.to_lowercase();
    let system_error = SYSTEM.stand_in(&lower).then(|| number_in(line)).flatten();
    let code = HexCode::find(line).map(|(code, _)| code);
    const E_ACCESSDENIED: u32 = 0x8007_0005;
    const ERROR_ACCESS_DENIED: u32 = 5;
    let denied = is_access_denied(&lower)
        || system_error == Some(ERROR_ACCESS_DENIED)
        || code.is_some_and(|code| code.value() == E_ACCESSDENIED);
    let unknown = UNKNOWN.stand_in(&lower);
    if !denied && !unknown && system_error.is_none() {
        return None;
    }
    let mut end = at + 1;
    let mut quotes = vec![Quote::new("error_text", text.place(at), line)];
    // `System error 5 has occurred.` is followed by a blank line and the words for it.
    let words_at = text.skip_blank(end);
    let follows = system_error.is_some() && words_at <= at + 2;
    let mut error_text = line.to_owned();
    if follows && text.line(words_at).is_some_and(|line| line.command.is_none()) {
        error_text = text.at(words_at).to_owned();
        quotes.push(Quote::new("error_text", text.place(words_at), text.at(words_at)));
        end = words_at + 1;
    }
    let failure = CommandFailure {
        command: text.command_above(at).map(|command| command.line.clone()).filter(|line| !line.is_empty()),
        error_code: code.or(system_error.map(HexCode::new)),
        error_text: Some(error_text),
        access_denied: denied,
    };
    while end < text.len() && (text.at(end).starts_with('+') || text.at(end).contains(":char:")) {
        end += 1;
    }
    out.push(Kind::System, Fact::Command(failure), text.place(at), quotes);
    Some(end)
}

/// A row of Process Monitor: what was refused is told, the rest is understood and left.
pub(super) fn read_object(object: &Object, out: &mut Out) -> bool {
    if !object.has_all(&["Process Name", "Operation", "Path", "Result"]) {
        return false;
    }
    if object.get("Result") == Some("ACCESS DENIED") {
        let field = |name: &str| object.get(name).unwrap_or_default();
        let words = ["Process Name", "Operation", "Path", "Result", "Detail"].map(field).join(" ");
        let failure = CommandFailure {
            command: Some(format!("{} {}", field("Process Name"), field("Operation"))),
            error_code: None,
            error_text: Some(words.clone()),
            access_denied: true,
        };
        let quotes = vec![Quote::new("error_text", object.place.clone(), &words)];
        out.push(Kind::System, Fact::Command(failure), object.place.clone(), quotes);
    }
    true
}

fn number_in(line: &str) -> Option<u32> {
    line.split(|c: char| !c.is_ascii_digit()).find_map(|digits| digits.parse().ok())
}
