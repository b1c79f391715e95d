//! `Error: 0x... text` in its many forms, and codes in prose that speaks of activation.

use facts::labels::{Labels, Message};
use model::license::{ActivationResult, LicenseCommand};
use model::windows::CommandFailure;
use model::{Fact, HexCode, Kind};

use super::draft::Draft;
use crate::out::Out;
use crate::text::Text;

/// What an error line says.
#[derive(Debug, Clone, Default)]
pub(super) struct ErrorLine {
    pub(super) code: Option<HexCode>,
    pub(super) text: String,
}

impl ErrorLine {
    /// Sets the fields of a fact, with their quotes.
    pub(super) fn apply(&self, draft: &mut Draft, text: &Text<'_>, at: usize) {
        draft.license.error_code = self.code;
        if self.code.is_some() {
            draft.quote("error_code", text, at);
        }
        if !self.text.is_empty() {
            draft.license.error_text = Some(self.text.clone());
            draft.quote("error_text", text, at);
        }
    }
}

/// Longest line in which a code is looked for.
const LINE_LENGTH_MAX: usize = 2000;
/// Lines that one message may be wrapped over.
const WRAPPED_LINES_MAX: usize = 5;

/// Reads an error line that stands alone.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    if line.is_empty() || line.len() > LINE_LENGTH_MAX || belongs_to_an_event(line) {
        return None;
    }
    let labels = super::labels(out);
    if let Some((error, next)) = parse(&labels, text, at) {
        let command = Context::of(text, at);
        let about = command == Context::Slmgr
            || is_own_text(&labels, line)
            || is_own_text(&labels, &error.text)
            || error.code.is_some_and(is_licensing)
            || speaks_of_activation(&error.text)
            || (command == Context::Unknown && error.code.is_some() && !error.text.is_empty());
        if about && (command != Context::Other || pasted_below(&error, text, at)) {
            push(&error, true, text, at, out);
            return Some(next);
        }
    }
    let code = find_code(line).filter(|&code| super::attempt::is_error(code))?;
    let told = is_licensing(code) && (speaks_of_activation(line) || names_error(line));
    let told = told || (speaks_of_activation(line) && names_error(line));
    if !told || Context::of(text, at) == Context::Other {
        return None;
    }
    let error = ErrorLine { code: Some(code), text: line.to_owned() };
    push(&error, false, text, at, out);
    Some(at + 1)
}

/// True for a whole error line with a licensing code that stands apart from the output of another command:
/// people paste the line they saw below what they ran.
fn pasted_below(error: &ErrorLine, text: &Text<'_>, at: usize) -> bool {
    let apart = at > 0 && text.is_blank(at - 1);
    apart && error.code.is_some_and(is_licensing) && !error.text.is_empty()
}

/// True for an error of slmgr.vbs that has no code.
fn is_own_text(labels: &Labels, line: &str) -> bool {
    labels.find(line).is_some_and(|found| {
        matches!(
            found.message,
            Message::ActivationFailed
                | Message::ProductNotFound
                | Message::KeyNotFound
                | Message::NonGenuineGrace
                | Message::NonGenuineNotification
        )
    })
}

/// Whose output a line is, by the prompt above it.
#[derive(PartialEq)]
enum Context {
    Slmgr,
    Unknown,
    Other,
}

impl Context {
    fn of(text: &Text<'_>, at: usize) -> Context {
        match text.command_above(at).map(|command| command.program()) {
            None => Context::Unknown,
            Some(program) if program.is_empty() => Context::Unknown,
            Some(program) if program.contains("slmgr") || program.contains("ospp") => Context::Slmgr,
            Some(program) if program.contains("slui") || program.ends_with("ps1") => Context::Unknown,
            Some(program) if program.contains("license") || program.contains("invoke") => Context::Unknown,
            Some(_) => Context::Other,
        }
    }
}

/// `whole`: the line is the script's own error line, not a mention in a sentence.
fn push(error: &ErrorLine, whole: bool, text: &Text<'_>, at: usize, out: &mut Out) {
    let command = command_kind(text, at);
    let mut draft = Draft::new(command, text.place(at));
    if whole && command == LicenseCommand::Activate {
        draft.license.activation_result = Some(ActivationResult::Failure);
        draft.quote("activation_result", text, at);
    }
    error.apply(&mut draft, text, at);
    draft.push(Kind::Slmgr, out);
    if whole {
        tell_rights(error, text, at, out);
    }
}

/// Which option of slmgr.vbs printed a line; an attempt, when nothing tells.
fn command_kind(text: &Text<'_>, at: usize) -> LicenseCommand {
    let Some(command) = text.command_above(at) else { return LicenseCommand::Activate };
    let line = command.line.to_lowercase().replace(" -", " /");
    let has = |options: &[&str]| options.iter().any(|option| line.contains(option));
    if has(&[" /dlv", " /dli", " /dti", " /dstatus"]) {
        LicenseCommand::Display
    } else if has(&[" /xpr"]) {
        LicenseCommand::Expiration
    } else if has(&[" /ato", " /act", " /atp"]) || !line.contains("slmgr") {
        LicenseCommand::Activate
    } else {
        LicenseCommand::Change
    }
}

/// An error of rights is a failed command as well.
pub(super) fn tell_rights(error: &ErrorLine, text: &Text<'_>, at: usize, out: &mut Out) {
    const ACCESS_DENIED: [u32; 4] = [0xC004_F025, 0x8007_0005, 0x5, 0x8004_1003];
    if !error.code.is_some_and(|code| ACCESS_DENIED.contains(&code.value())) {
        return;
    }
    let failure = CommandFailure {
        command: text.command_above(at).map(|command| command.line.clone()).filter(|line| !line.is_empty()),
        error_code: error.code,
        error_text: Some(error.text.clone()).filter(|text| !text.is_empty()),
        access_denied: true,
    };
    let quotes = vec![model::Quote::new("error_code", text.place(at), text.at(at))];
    out.push(Kind::Slmgr, Fact::Command(failure), text.place(at), quotes);
}

/// A line of at least so many characters may have been broken by its console, also behind a full stop.
const FULL_LINE_CHARS: usize = 76;

/// The error that begins at a line, wrapped lines included, and the index behind it.
pub(super) fn parse(labels: &Labels, text: &Text<'_>, at: usize) -> Option<(ErrorLine, usize)> {
    let line = text.at(at);
    let mut error = parse_text(labels, line)?;
    let mut next = at + 1;
    if error.code.is_none() && error.text.is_empty() {
        // "Error:" alone: the code and the text stand below.
        let below = text.skip_blank(next);
        let rest = text.at(below);
        if below > next + 2 || rest.is_empty() || text.line(below).is_some_and(|line| line.command.is_some())
        {
            return None;
        }
        error = split_code(rest);
        next = below + 1;
    }
    for _ in 0..WRAPPED_LINES_MAX {
        let more = text.at(next);
        // A sentence may end where a full line does; the message need not.
        let full = text.at(next - 1).chars().count() >= FULL_LINE_CHARS && !more.contains("Microsoft");
        let ended = error.text.ends_with(['.', '。', '!']) && !full
            || (error.text.is_empty() && error.code.is_none());
        let same_message = !more.is_empty()
            && text.line(next).is_some_and(|line| line.command.is_none())
            && labels.find(more).is_none()
            && HexCode::find(more).is_none_or(|(_, range)| range.start > 0)
            && !more.starts_with(['-', '=', '{', '<', '['])
            && !more.contains(": ");
        if ended || !same_message {
            break;
        }
        if !error.text.is_empty() {
            error.text.push(' ');
        }
        error.text.push_str(more);
        next += 1;
    }
    Some((error, next))
}

/// The error that a line tells: `Error: 0x... text` in any language, `0x...: text`, `Error 0x... occurred ...`.
pub(super) fn parse_text(labels: &Labels, line: &str) -> Option<ErrorLine> {
    if let Some(found) = labels.find(line) {
        match found.message {
            Message::ActivationFailed | Message::ProductNotFound | Message::KeyNotFound => {
                let text = line.split_once([':', '：']).map_or(line, |(_, text)| text).trim().to_owned();
                return Some(ErrorLine { code: None, text });
            }
            Message::NonGenuineGrace | Message::NonGenuineNotification => {
                return Some(ErrorLine { code: None, text: line.to_owned() });
            }
            Message::ConnectionError | Message::WmiError => {
                return Some(ErrorLine { code: find_code(line), text: line.to_owned() });
            }
            Message::AccessDenied | Message::ErrorHint => {
                return Some(ErrorLine { code: find_code(line), text: line.to_owned() });
            }
            _ => {}
        }
    }
    if let Some(found) = labels.find_label(line).filter(|found| found.message == Message::Error) {
        return Some(split_code(found.value()));
    }
    // A label that no table has, before a code and a text: "Xyz: 0xC004F074 ...".
    if let Some((label, value)) = crate::text::label_value(line) {
        let error = split_code(value);
        let short = label.chars().count() <= 24 && label.split_whitespace().count() <= 3;
        let starts = HexCode::find(value).is_some_and(|(_, range)| range.start == 0);
        if short && starts && error.code.is_some_and(is_licensing) {
            return Some(error);
        }
    }
    let (code, range) = HexCode::find(line)?;
    if is_symbol(line[range.end..].trim_start_matches([':', ' ', '\u{a0}'])) {
        return None;
    }
    (range.start == 0 && range.len() == 10 && code.is_failure()).then(|| split_code(line))
}

/// True for `DNS_ERROR RCODE_BADSIG`: somebody explains a code by its name in the headers; no tool prints that.
fn is_symbol(words: &str) -> bool {
    let first = words.split_whitespace().next().unwrap_or_default();
    first.contains('_') && first.bytes().all(|b| b.is_ascii_uppercase() || b == b'_' || b.is_ascii_digit())
}

/// The code at the start of a text (or the first whole one within it) and the words around it.
fn split_code(value: &str) -> ErrorLine {
    let value = value.trim();
    if let Some((code, range)) = HexCode::find(value).filter(|(_, range)| range.start == 0) {
        let rest = value[range.end..].trim_start_matches([':', '：', '-', '–', ',', ')', ' ', '\u{a0}', '.']);
        return ErrorLine { code: Some(code), text: rest.trim().to_owned() };
    }
    ErrorLine { code: find_code(value), text: value.to_owned() }
}

/// The first code of eight digits; `0x2a` of `slui.exe 0x2a 0xC004F074` is none.
fn find_code(text: &str) -> Option<HexCode> {
    let mut rest = text;
    while let Some((code, range)) = HexCode::find(rest) {
        if range.len() == 10 {
            return Some(code);
        }
        rest = &rest[range.end..];
    }
    None
}

/// True for the codes of the Software Protection Platform.
fn is_licensing(code: HexCode) -> bool {
    matches!(code.value() >> 16, 0xC004 | 0x4004)
}

/// Lines with which events and logs tell codes are left to their readers.
fn belongs_to_an_event(line: &str) -> bool {
    // "0xC004F06C, 0x00000000, kms01:1688, ...": the fields of a KMS event.
    let fields = HexCode::find(line).is_some_and(|(_, range)| {
        let rest = line[range.end..].trim_start();
        range.start <= 8 && rest.starts_with(',') && rest.matches(',').count() >= 3
    });
    fields
        || line.starts_with("hr=")
        || line.contains("Event ID")
        || line.contains("EventID")
        || line.contains("<Data")
}

fn names_error(line: &str) -> bool {
    const WORDS: [&str; 14] = [
        "error",
        "fehler",
        "erreur",
        "errore",
        "erro ",
        "エラー",
        "错误",
        "錯誤",
        "오류",
        "ошибк",
        "błąd",
        "fout",
        "chyba",
        "hata",
    ];
    let lower = line.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// True for a line that speaks of activation or licensing, in the languages that Windows has most users of.
fn speaks_of_activation(line: &str) -> bool {
    const WORDS: [&str; 34] = [
        "activat",
        "licens",
        "licenc",
        "kms",
        "key management",
        "slmgr",
        "product key",
        "aktivier",
        "lizenz",
        "activa",
        "activé",
        "licenz",
        "attiva",
        "ativa",
        "licença",
        "aktyw",
        "aktiv",
        "etkinle",
        "lisans",
        "актив",
        "лиценз",
        "激活",
        "授权",
        "许可证",
        "密钥",
        "啟用",
        "授權",
        "金鑰",
        "ライセンス",
        "認証",
        "정품",
        "라이선스",
        "activer",
        "geactiveerd",
    ];
    let lower = line.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}
