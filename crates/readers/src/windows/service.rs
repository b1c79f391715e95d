//! Services: `sc query`, `sc qc`, Get-Service, Win32_Service.

use model::windows::{CommandFailure, ServiceState};
use model::{Fact, HexCode, Kind, Quote};

use super::arguments::words;
use crate::documents::Object;
use crate::out::Out;
use crate::text::{Text, label_value};

/// States and start types as `sc` prints them in every language.
const STATES: [&str; 7] =
    ["STOPPED", "START_PENDING", "STOP_PENDING", "RUNNING", "CONTINUE_PENDING", "PAUSE_PENDING", "PAUSED"];
const START_TYPES: [&str; 5] = ["BOOT_START", "SYSTEM_START", "AUTO_START", "DEMAND_START", "DISABLED"];

/// Fields that name the machine; a dot is the local one.
const COMPUTER: [&str; 3] = ["MachineName", "SystemName", "PSComputerName"];

/// The block of one service; its labels are localized, its constants are not.
pub(super) fn read_sc(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (label, name) = label_value(text.at(at))?;
    let is_name = !name.is_empty() && !name.contains(' ') && label.split_whitespace().count() <= 3;
    let type_at = (at + 1..=at + 2).find(|&index| is_type(text.at(index)))?;
    if !is_name {
        return None;
    }
    let mut service = ServiceState { name: Some(name.to_owned()), ..ServiceState::default() };
    let mut quotes = vec![Quote::new("name", text.place(at), text.at(at))];
    service.computer = remote_machine(text, at);
    if type_at == at + 2 {
        service.display_name = label_value(text.at(at + 1)).map(|(_, display)| display.to_owned());
    }
    let mut index = type_at;
    while index < text.len() && !text.is_blank(index) && text.line(index).is_some_and(|l| l.command.is_none())
    {
        let line = text.at(index);
        let value = label_value(line).map_or("", |(_, value)| value);
        let has = |word: &&&str| value.split_whitespace().any(|part| part == **word);
        if let Some(state) = STATES.iter().find(has) {
            service.state.get_or_insert_with(|| (*state).to_owned());
            quotes.push(Quote::new("state", text.place(index), line));
        } else if let Some(start) = START_TYPES.iter().find(has) {
            service.start_type.get_or_insert_with(|| (*start).to_owned());
            quotes.push(Quote::new("start_type", text.place(index), line));
        } else if let Some(code) = exit_code(value).filter(|code| *code != 0) {
            service.exit_code.get_or_insert(code);
            quotes.push(Quote::new("exit_code", text.place(index), line));
        } else if service.display_name.is_none() && line.starts_with("DISPLAY_NAME") {
            service.display_name = Some(value.to_owned());
        }
        index += 1;
    }
    out.push(Kind::Service, Fact::Service(service), text.place(at), quotes);
    Some(index)
}

/// The machine of `sc \\\\kms01 query sppsvc`.
fn remote_machine(text: &Text<'_>, at: usize) -> Option<String> {
    let command = text.command_above(at)?;
    let name = command.line.split_whitespace().nth(1)?.strip_prefix("\\\\")?;
    (!name.is_empty()).then(|| name.to_owned())
}

/// `TYPE : 10  WIN32_OWN_PROCESS`
fn is_type(line: &str) -> bool {
    label_value(line).is_some_and(|(_, value)| {
        let mut parts = value.split_whitespace();
        let number = parts.next().is_some_and(|word| u32::from_str_radix(word, 16).is_ok());
        let kinds = ["WIN32", "KERNEL_DRIVER", "FILE_SYSTEM_DRIVER", "USER_OWN", "USER_SHARE"];
        number && parts.next().is_some_and(|word| kinds.iter().any(|kind| word.starts_with(kind)))
    })
}

/// `1077  (0x435)`
fn exit_code(value: &str) -> Option<u32> {
    let (decimal, hex) = value.split_once('(')?;
    hex.trim().starts_with("0x").then(|| decimal.trim().parse().ok()).flatten()
}

/// `[SC] OpenService FAILED 1060:` with its words in the lines below, and `[SC] ... SUCCESS`.
pub(super) fn read_sc_failure(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at).strip_prefix("[SC]")?;
    let code: Option<u32> = line
        .split(|c: char| !c.is_ascii_digit())
        .find_map(|digits| digits.parse().ok())
        .filter(|code| *code != 0);
    let Some(code) = code else { return Some(at + 1) };
    let words_at = text.skip_blank(at + 1);
    let told = words_at <= at + 2 && text.line(words_at).is_some_and(|l| l.command.is_none());
    let command = text.command_above(at).map(|command| command.line.clone());
    let quotes = vec![Quote::new("error_code", text.place(at), text.at(at))];
    const NOT_INSTALLED: u32 = 1060;
    const ACCESS_DENIED: u32 = 5;
    let failure = CommandFailure {
        error_code: Some(HexCode::new(code)),
        error_text: told.then(|| text.at(words_at).to_owned()).or_else(|| Some(text.at(at).to_owned())),
        access_denied: code == ACCESS_DENIED,
        command: command.clone(),
    };
    out.push(Kind::Service, Fact::Command(failure), text.place(at), quotes);
    if code == NOT_INSTALLED {
        let args = vec![("service", command.as_deref().map(service_of).unwrap_or_default())];
        out.note("note-service-not-installed", args, text.place(at));
    }
    Some(if told { words_at + 1 } else { at + 1 })
}

fn service_of(command: &str) -> String {
    words(command).last().cloned().unwrap_or_default()
}

/// Get-Service, Win32_Service and `wmic service` objects.
pub(super) fn read_object(object: &Object, out: &mut Out) -> bool {
    let get_service = object.has("Status") && object.has("Name") && object.has("DisplayName");
    let named = object.has("Name") || object.has("ServiceName");
    let selected = named && (object.has("Status") && object.has("StartType"));
    let cim = object.has("Name") && object.has("State") && object.has("StartMode");
    if !(get_service || cim || selected) || object.has("Direction") {
        return false;
    }
    let state_field = if cim { "State" } else { "Status" };
    let start_field = if cim { "StartMode" } else { "StartType" };
    let Some(name) = object.first(&["Name", "ServiceName"]) else { return false };
    let service = ServiceState {
        name: Some(name.to_owned()),
        display_name: object.first(&["DisplayName", "Caption"]).map(str::to_owned),
        state: object.get(state_field).map(state),
        start_type: object.get(start_field).map(start_type),
        exit_code: object.get("ExitCode").and_then(|code| code.parse().ok()).filter(|code| *code != 0),
        computer: object.first(&COMPUTER).filter(|name| *name != ".").map(str::to_owned),
    };
    let quoted = [
        ("Name", "name"),
        (state_field, "state"),
        (start_field, "start_type"),
        ("ExitCode", "exit_code"),
        (COMPUTER[0], "computer"),
        (COMPUTER[1], "computer"),
        (COMPUTER[2], "computer"),
    ];
    let quotes = quoted.into_iter().filter_map(|(field, fact)| object.quote(field, fact)).collect();
    out.push(Kind::Service, Fact::Service(service), object.place.clone(), quotes);
    true
}

/// `StopPending`, or the number that ConvertTo-Json writes, as `sc` says it.
fn state(text: &str) -> String {
    let letters: String =
        text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_ascii_uppercase();
    const NUMBERED: [&str; 7] = [
        "STOPPED",
        "START_PENDING",
        "STOP_PENDING",
        "RUNNING",
        "CONTINUE_PENDING",
        "PAUSE_PENDING",
        "PAUSED",
    ];
    let by_number = letters.parse::<usize>().ok().and_then(|n| NUMBERED.get(n.wrapping_sub(1)));
    let by_word = STATES.iter().find(|state| state.replace('_', "") == letters);
    by_number.or(by_word).map_or_else(|| text.to_owned(), |state| (*state).to_owned())
}

fn start_type(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "automatic" | "auto" | "2" | "automaticdelayedstart" => "AUTO_START",
        "manual" | "3" => "DEMAND_START",
        "disabled" | "4" => "DISABLED",
        "boot" | "0" => "BOOT_START",
        "system" | "1" => "SYSTEM_START",
        _ => text,
    }
    .to_owned()
}
