//! `reg query`, and what it and PowerShell say when a key or value does not exist.

use model::windows::RegistryValue;

use super::arguments::{option, words};
use super::phrases::Phrases;
use super::registry_keys::{self, Skipped, is_kept, key_of};
use crate::out::Out;
use crate::text::Text;

/// A key line with the value lines below it, and the keys that follow.
pub(super) fn read_query(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    key_of(text.at(at)).filter(|_| text.line(at).is_some_and(|line| line.command.is_none()))?;
    let mut key = String::new();
    let mut skipped = Skipped::default();
    let mut index = at;
    while index < text.len() {
        let line = text.at(index);
        if text.line(index).is_some_and(|l| l.command.is_some()) {
            break;
        }
        if let Some(found) = key_of(line) {
            key = found.to_owned();
        } else if let Some(value) = value_line(line) {
            let value = RegistryValue { key: Some(key.clone()), ..value };
            if is_kept(&key) {
                registry_keys::push(out, value, text.place(index), line);
            } else {
                skipped.add(&key, text.place(index));
            }
        } else if !line.is_empty() && !is_end_of_search(line) {
            break;
        }
        index += 1;
    }
    skipped.tell(out);
    Some(index)
}

/// `Name    REG_SZ    data`; the parts stand apart by tabs or by two or more spaces.
fn value_line(line: &str) -> Option<RegistryValue> {
    let at = line.find("REG_").filter(|&at| at > 0)?;
    let before = line[..at].strip_suffix(['\t', ' '])?;
    let (kind, data) = match line[at..].find(|c: char| c.is_whitespace()) {
        Some(end) => (&line[at..at + end], line[at + end..].trim()),
        None => (&line[at..], ""),
    };
    let known =
        ["REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ", "REG_DWORD", "REG_QWORD", "REG_BINARY", "REG_NONE"];
    if !known.contains(&kind) && !kind.starts_with("REG_DWORD_") {
        return None;
    }
    let name = before.trim();
    // The unnamed value is `(Default)` in English and stands in brackets in every language.
    let name =
        if name.starts_with('(') && name.ends_with(')') || name.is_empty() { "(Default)" } else { name };
    Some(RegistryValue {
        name: Some(name.to_owned()),
        r#type: Some(kind.to_owned()),
        data: Some(data_as_text(kind, data)),
        ..RegistryValue::default()
    })
}

fn data_as_text(kind: &str, data: &str) -> String {
    match kind {
        "REG_MULTI_SZ" => data.split("\\0").filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n"),
        "REG_DWORD" | "REG_QWORD" => data
            .strip_prefix("0x")
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .map_or_else(|| data.to_owned(), |number| number.to_string()),
        _ => data.to_owned(),
    }
}

/// `End of search: 4 match(es) found.`
fn is_end_of_search(line: &str) -> bool {
    const STARTS: [&str; 16] = [
        "End of search",
        "Ende der Suche",
        "Suchende",
        "Fin de la recherche",
        "Fin de la búsqueda",
        "Fine ricerca",
        "Fim da pesquisa",
        "Fim de pesquisa",
        "検索の完了",
        "検索の終了",
        "검색 끝",
        "搜索结束",
        "搜尋結束",
        "Конец поиска",
        "Koniec wyszukiwania",
        "! REG.EXE VERSION",
    ];
    STARTS.iter().any(|start| line.starts_with(start))
}

/// The registry in the error message of `reg`, in many languages.
const MISSING: [&str; 18] = [
    "unable to find the specified registry key or value",
    "registrierungsschlüssel bzw. wert wurde nicht gefunden",
    "registrierungsschlüssel oder -wert",
    "n'a pas trouvé la clé ou la valeur de registre",
    "trouver la clé ou la valeur de registre",
    "no pudo encontrar la clave o el valor del registro",
    "impossibile trovare la chiave o il valore",
    "não conseguiu localizar a chave ou valor do registro",
    "não foi possível localizar a chave ou valor do registro",
    "指定されたレジストリ キーまたは値が見つかりませんでした",
    "지정된 레지스트리 키 또는 값을 찾을 수 없습니다",
    "系统找不到指定的注册表项或值",
    "系統找不到指定的登錄機碼或值",
    "не удается найти указанный раздел или параметр",
    "odnaleźć określonego klucza lub wartości rejestru",
    "opgegeven registersleutel of waarde",
    "určený klíč nebo hodnotu registru",
    "belirtilen kayıt defteri anahtarını veya değerini",
];

/// The answer that a key or value does not exist; which one stands in the command above.
pub(super) fn read_missing(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    const LINE_LENGTH_MAX: usize = 1000;
    if line.len() > LINE_LENGTH_MAX || text.line(at)?.command.is_some() {
        return None;
    }
    let lower = line.to_lowercase();
    static WORDS: Phrases = Phrases::new(&[&MISSING]);
    let worded = WORDS.stand_in(&lower);
    let powershell = line.starts_with("Get-ItemProperty") || line.starts_with("gp :");
    if !worded && !powershell && !is_shouted(line) {
        return None;
    }
    let command = text.command_above(at).map(|command| words(&command.line)).unwrap_or_default();
    let of_reg = worded || is_error_of_reg(line, &command);
    let of_powershell = powershell && path_in(line).is_some();
    if !of_reg && !of_powershell {
        return None;
    }
    let key = path_in(line).or_else(|| command.iter().find(|word| key_of(word).is_some()).cloned());
    let name = option(&command, &["/v", "-Name"]).filter(|name| !name.starts_with(['-', '/']));
    let value = RegistryValue { key, name, missing: true, ..RegistryValue::default() };
    registry_keys::push(out, value, text.place(at), line);
    let mut end = at + 1;
    while end < text.len()
        && (text.at(end).starts_with('+')
            || text.at(end).contains(":char:")
            || text.at(end).starts_with("At line"))
    {
        end += 1;
    }
    Some(end)
}

/// A line that begins with a word in capitals and a colon, as error messages do: in a language that is not in the
/// list it is an error of `reg query`, which has no other usual answer than "access is denied".
fn is_shouted(line: &str) -> bool {
    let label = line.split([':', '：']).next().unwrap_or_default();
    label.chars().count() <= 12
        && label.len() < line.len()
        && label.chars().any(char::is_alphabetic)
        && !label.chars().any(char::is_lowercase)
}

/// An error that `reg query` printed.
fn is_error_of_reg(line: &str, command: &[String]) -> bool {
    let program = command.first().map(|word| word.to_lowercase()).unwrap_or_default();
    let is_query = (program == "reg" || program.ends_with("reg.exe"))
        && command.get(1).is_some_and(|word| word.eq_ignore_ascii_case("query"));
    is_query
        && is_shouted(line)
        && !super::failure::is_access_denied(&line.to_lowercase())
        && key_of(line).is_none()
}

/// The key named within a line, up to the next quotation mark or the end of a path.
fn path_in(line: &str) -> Option<String> {
    let at = ["HKEY_", "HKLM:\\", "HKCU:\\"].iter().filter_map(|hive| line.find(hive)).min()?;
    let rest = &line[at..];
    let end = rest.find(['\'', '"', '’', '«', '»', '“', '”']).unwrap_or(rest.len());
    let path = rest[..end].trim_end_matches(['.', ' ']);
    Some(path.to_owned())
}

/// `Get-ItemPropertyValue` prints the bare value below its command.
pub(super) fn read_single_value(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let previous = at.checked_sub(1)?;
    let command = text.line(previous)?.command.as_ref()?;
    let words = words(&command.line);
    let program = words.first()?.to_lowercase();
    let line = text.at(at);
    if !matches!(program.as_str(), "get-itempropertyvalue" | "gpv") || line.contains(" : ") {
        return None;
    }
    let value = RegistryValue {
        key: words.iter().find(|word| key_of(word).is_some()).cloned(),
        name: option(&words, &["-Name", "-n"]).or_else(|| words.get(2).cloned()),
        data: Some(line.to_owned()),
        ..RegistryValue::default()
    };
    registry_keys::push(out, value, text.place(at), line);
    Some(at + 1)
}
