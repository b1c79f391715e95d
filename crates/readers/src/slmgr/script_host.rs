//! What the script host prints around a script: banners, message boxes, its own errors, and demands for rights.

use facts::labels::Message;
use model::windows::CommandFailure;
use model::{Fact, HexCode, Kind, Quote};

use crate::out::Out;
use crate::text::{Text, label_value};

/// Reads a banner, the frame of a message box, an error of the script host, or a demand for rights.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    if line.len() > 600 {
        return None;
    }
    banner(text, at)
        .or_else(|| frame(text, at))
        .or_else(|| error_box(text, at, out))
        .or_else(|| one_line_error(text, at, out))
        .or_else(|| rights(text, at, out))
        .or_else(|| usage(text, at))
}

/// `Microsoft (R) Windows Script Host Version 5.812` and the copyright below, in any language.
fn banner(text: &Text<'_>, at: usize) -> Option<usize> {
    let line = text.at(at);
    if !(line.contains("Windows Script Host") && line.contains("5.")) {
        return None;
    }
    let next = text.at(at + 1);
    let copyright = next.contains("Microsoft Corp") || next.contains("(C)") || next.contains('©');
    Some(if copyright { at + 2 } else { at + 1 })
}

/// The caption, the rules and the button of a copied message box.
fn frame(text: &Text<'_>, at: usize) -> Option<usize> {
    let line = text.at(at);
    if is_caption(line) {
        return Some(at + 1);
    }
    let beside = |test: fn(&str) -> bool| {
        let before = (0..at).rev().take(3).find(|&i| !text.is_blank(i)).is_some_and(|i| test(text.at(i)));
        before || test(text.at(text.skip_blank(at + 1)))
    };
    let ruler = is_ruler(line) && beside(|other| is_caption(other) || is_button(other));
    let button = is_button(line) && beside(is_ruler);
    (ruler || button).then_some(at + 1)
}

fn is_caption(line: &str) -> bool {
    line == "Windows Script Host"
}

fn is_ruler(line: &str) -> bool {
    line.len() >= 10 && line.bytes().all(|b| b == b'-')
}

fn is_button(line: &str) -> bool {
    matches!(line, "OK" | "[OK]" | "Ok" | "确定" | "確定" | "Aceptar" | "확인" | "ОК" | "Tamam")
}

/// The six lines of the script host's error box: script, line, character, error, code, source.
fn error_box(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (_, script) = label_value(text.at(at))?;
    if !script.to_ascii_lowercase().ends_with(".vbs") || text.at(at).contains('>') {
        return None;
    }
    let mut values = Vec::new();
    let mut index = text.skip_blank(at + 1);
    while let (Some((_, value)), true) = (label_value(text.at(index)), values.len() < 6) {
        values.push((index, value.to_owned()));
        index = text.skip_blank(index + 1);
    }
    let hex = |value: &str| {
        let digits = value.trim_start_matches("0x");
        (digits.len() == 8).then(|| HexCode::parse(&format!("0x{digits}"))).flatten()
    };
    let (code_at, code) = values.iter().find_map(|(i, value)| hex(value).map(|code| (*i, code)))?;
    let position = values.iter().position(|(i, _)| *i == code_at)?;
    let error_text = position.checked_sub(1).map(|p| values[p].1.clone()).filter(|text| !text.is_empty());
    let end = values.last().map_or(at, |(i, _)| *i) + 1;
    let failure = CommandFailure {
        command: Some(script.to_owned()),
        error_code: Some(code),
        error_text,
        access_denied: matches!(code.value(), 0x8007_0005 | 0x8004_1003 | 0x800A_0046),
    };
    let quotes = vec![Quote::new("error_code", text.place(code_at), text.at(code_at))];
    out.push(Kind::Slmgr, Fact::Command(failure), text.place(at), quotes);
    Some(end)
}

/// `C:\Windows\System32\slmgr.vbs(1333, 5) (null): 0x8004100E`, `Input Error: Can not find script file ...`.
fn one_line_error(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    let lower = line.to_ascii_lowercase();
    let script = lower.contains(".vbs(") && (lower.contains("slmgr") || lower.contains("ospp"));
    let host = lower.starts_with("input error:") || lower.starts_with("cscript error:");
    if !(script || host) || text.line(at).is_some_and(|line| line.command.is_some()) {
        return None;
    }
    let code = HexCode::find(line).map(|(code, _)| code);
    failure(text, at, code, code.is_some_and(|code| code.value() == 0x8007_0005), out);
    Some(at + 1)
}

/// "Access denied: the requested action requires elevated privileges", and the like.
fn rights(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    // With a code it is an error line like any other.
    if HexCode::find(line).is_some() {
        return None;
    }
    let lower = line.to_lowercase();
    const DEMANDS: [&str; 7] = [
        "requires elevated privileges",
        "requires elevation",
        "cscript from an elevated",
        "run from an elevated",
        "must be run elevated",
        "you must run this command elevated",
        "needs to be run with administrator",
    ];
    let asks = DEMANDS.iter().any(|demand| lower.contains(demand));
    let known = super::labels(out).find(line).is_some_and(|found| found.message == Message::AccessDenied);
    if !(asks || known) {
        return None;
    }
    failure(text, at, None, true, out);
    Some(at + 1)
}

fn failure(text: &Text<'_>, at: usize, code: Option<HexCode>, access_denied: bool, out: &mut Out) {
    let failure = CommandFailure {
        command: text.command_above(at).map(|command| command.line.clone()).filter(|line| !line.is_empty()),
        error_code: code,
        error_text: Some(text.at(at).to_owned()),
        access_denied,
    };
    let quotes = vec![Quote::new("error_text", text.place(at), text.at(at))];
    out.push(Kind::Slmgr, Fact::Command(failure), text.place(at), quotes);
}

/// The list of options that slmgr.vbs prints; it says nothing about the machine.
fn usage(text: &Text<'_>, at: usize) -> Option<usize> {
    const LINES_MAX: usize = 200;
    let starts = text.at(at).starts_with("Windows Software Licensing Management Tool")
        || ["Usage: slmgr.vbs", "Usage: kmscope slmgr"].iter().any(|usage| text.at(at).starts_with(usage));
    if !starts {
        return None;
    }
    let is_usage = |line: &str| {
        line.is_empty()
            || line.starts_with(['/', '-', '<', '['])
            || line.contains("Options:")
            || line.contains("slmgr")
    };
    let mut index = at + 1;
    let mut end = index;
    while index < text.len() && index < at + LINES_MAX {
        let Some(line) = text.line(index).filter(|line| line.command.is_none()) else { break };
        if is_usage(&line.text) || line.indent > 0 {
            end = index + 1;
        } else if index > end + 2 {
            break;
        }
        index += 1;
    }
    Some(end)
}
