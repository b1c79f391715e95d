//! What a machine says about itself: systeminfo, hostname, ver, DISM, date, and their PowerShell kin.

use model::windows::MachineInfo;
use model::{Fact, Kind, Place, Quote, Timestamp};

use crate::documents::Object;
use crate::out::Out;
use crate::text::{Text, label_value};

fn push(out: &mut Out, machine: MachineInfo, place: Place, quotes: Vec<Quote>) {
    out.push(Kind::System, Fact::Machine(Box::new(machine)), place, quotes);
}

/// systeminfo: the first rows stand in a fixed order in every language.
pub(super) fn read_systeminfo(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let value = |row: usize| label_value(text.at(at + row)).map(|(_, value)| value).filter(|v| !v.is_empty());
    let version = value(2)?;
    let dotted =
        version.split(' ').next()?.split('.').take(3).filter(|part| part.parse::<u32>().is_ok()).count() == 3;
    if !(value(1)?.contains("Windows") && dotted && value(3)?.contains("Microsoft")) {
        return None;
    }
    let mut machine = MachineInfo {
        hostname: value(0).map(str::to_owned),
        os_name: value(1).map(str::to_owned),
        os_version: Some(version.to_owned()),
        ..MachineInfo::default()
    };
    let mut quotes = [(0, "hostname"), (1, "os_name"), (2, "os_version")]
        .map(|(row, field)| Quote::new(field, text.place(at + row), text.at(at + row)))
        .to_vec();
    let mut makers = Vec::new();
    let mut index = at + 4;
    while index < text.len() && text.line(index).is_some_and(|line| line.command.is_none()) {
        let line = text.at(index);
        let indented = text.line(index).is_some_and(|line| line.indent > 0);
        if line.is_empty() || (label_value(line).is_none() && !indented) {
            break;
        }
        machine.updates.extend(update_in(line));
        let (label, value) = label_value(line).unwrap_or_default();
        match label.to_lowercase() {
            label if is_label(&label, &DOMAIN) => {
                machine.domain = Some(value.to_owned());
                machine.domain_member = Some(value.contains('.'));
                quotes.push(Quote::new("domain", text.place(index), line));
            }
            // Rows eleven and twelve, whatever they are called.
            _ if (index == at + 11 || index == at + 12) && !indented => makers.push(value.to_owned()),
            _ => {}
        }
        index += 1;
    }
    machine.manufacturer = Some(makers.join(" ")).filter(|text| !text.is_empty());
    let update = (at..index).find(|&line| update_in(text.at(line)).is_some());
    quotes.extend(update.map(|line| Quote::new("updates", text.place(line), text.at(line))));
    push(out, machine, text.place(at), quotes);
    Some(index)
}

const DOMAIN: [&str; 14] = [
    "domain",
    "domäne",
    "domaine",
    "dominio",
    "domínio",
    "ドメイン",
    "도메인",
    "域",
    "網域",
    "домен",
    "domena",
    "domein",
    "doména",
    "etki alanı",
];

fn is_label(label: &str, names: &[&str]) -> bool {
    names.contains(&label)
}

/// `[01]: KB5034765`
fn update_in(line: &str) -> Option<String> {
    let at = line.find("KB")?;
    let digits = line[at + 2..].bytes().take_while(u8::is_ascii_digit).count();
    (6..=8).contains(&digits).then(|| line[at..at + 2 + digits].to_owned())
}

/// Lines whose command tells what they are, and lines that tell it themselves.
pub(super) fn read_line(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    const LINE_LENGTH_MAX: usize = 300;
    if line.len() > LINE_LENGTH_MAX || text.line(at)?.command.is_some() {
        return None;
    }
    if let Some(version) = line.strip_prefix("Microsoft Windows [") {
        let machine = MachineInfo {
            os_version: Some(version.trim_end_matches(']').to_owned()),
            ..MachineInfo::default()
        };
        return told(text, at, out, machine, "os_version");
    }
    if let Some(edition) = edition_of(text, at) {
        let machine = MachineInfo { edition: Some(edition.to_owned()), ..MachineInfo::default() };
        return told(text, at, out, machine, "edition");
    }
    if line.starts_with("Deployment Image Servicing") || line.starts_with("(c) Microsoft Corporation") {
        return Some(at + 1);
    }
    if text.command_above(at).is_some_and(|command| command.program() == "dism") && is_told_by_dism(line) {
        return Some(at + 1);
    }
    if let Some(elevated) = integrity_of(line) {
        return told(
            text,
            at,
            out,
            MachineInfo { elevated: Some(elevated), ..MachineInfo::default() },
            "elevated",
        );
    }
    if line.starts_with("KB")
        && let Some(update) = update_in(line).filter(|update| line.starts_with(update.as_str()))
    {
        add_update(&update, None, text.place(at), Some(Quote::new("updates", text.place(at), line)), out);
        return Some(at + 1);
    }
    let above = text.line(text_above(text, at)?)?.command.as_ref()?;
    let plain = !line.contains(' ') && !line.contains([':', '\\', '/']);
    match above.program().as_str() {
        "hostname" if plain => {
            let machine = MachineInfo { hostname: Some(line.to_owned()), ..MachineInfo::default() };
            told(text, at, out, machine, "hostname")
        }
        "dism" => Some(at + 1),
        "whoami" if line.contains('\\') && !line.contains(' ') => Some(at + 1),
        "date" | "time" | "get-date" | "echo" => {
            let printed = line.rsplit_once(": ").map_or(line, |(_, time)| time);
            let clock =
                [line, printed].into_iter().map(Timestamp::parse).find(|time| time.civil().is_some())?;
            told(text, at, out, MachineInfo { clock: Some(clock), ..MachineInfo::default() }, "clock")
        }
        _ => None,
    }
}

/// What DISM prints around the edition: its version and the image's, a heading, and that it is done.
///
/// Only with `/English`, as Microsoft's pages and the collection script say to call it; of other languages these lines
/// are told in a note.
fn is_told_by_dism(line: &str) -> bool {
    let is_version = |value: &str| value.split('.').filter(|part| part.parse::<u32>().is_ok()).count() == 4;
    match label_value(line) {
        Some(("Version" | "Image Version", value)) => is_version(value),
        Some(("Current edition is", "")) => true,
        _ => line == "Current edition is:" || line == "The operation completed successfully.",
    }
}

/// The mandatory label of `whoami /groups`: high and system are those of an elevated console.
fn integrity_of(line: &str) -> Option<bool> {
    let (_, level) = line.split_once("S-1-16-")?;
    let digits: String = level.chars().take_while(char::is_ascii_digit).collect();
    const HIGH: u32 = 12288;
    digits.parse::<u32>().ok().map(|level| level >= HIGH)
}

/// Index of the line above, blank lines aside.
fn text_above(text: &Text<'_>, at: usize) -> Option<usize> {
    const BLANK_LINES_MAX: usize = 2;
    (at.saturating_sub(BLANK_LINES_MAX + 1)..at).rev().find(|&index| !text.is_blank(index))
}

fn told(
    text: &Text<'_>,
    at: usize,
    out: &mut Out,
    machine: MachineInfo,
    field: &'static str,
) -> Option<usize> {
    push(out, machine, text.place(at), vec![Quote::new(field, text.place(at), text.at(at))]);
    Some(at + 1)
}

/// `Current Edition : ServerStandardEval` of DISM, and a registry-like `EditionID : ...`.
fn edition_of<'t>(text: &'t Text<'_>, at: usize) -> Option<&'t str> {
    let (label, value) = label_value(text.at(at))?;
    let label = label.to_lowercase();
    let names = [
        "edition",
        "édition",
        "edición",
        "edizione",
        "edição",
        "エディション",
        "버전",
        "版本",
        "выпуск",
        "wydanie",
        "editie",
        "edice",
        "sürüm",
        "utgåva",
    ];
    let starts = [
        "Server",
        "Professional",
        "Enterprise",
        "Education",
        "Core",
        "IoT",
        "Cloud",
        "PPIPro",
        "Ultimate",
        "Business",
        "Home",
        "Azure",
    ];
    let is_id =
        value.chars().all(|c| c.is_ascii_alphanumeric()) && starts.iter().any(|s| value.starts_with(s));
    if !is_id || !names.iter().any(|name| label.contains(name)) {
        return None;
    }
    let asked = text.command_above(at).is_some_and(|command| {
        command.line.to_lowercase().contains("edition") || command.program() == "dism"
    });
    let current = label.starts_with("current edition") || label == "editionid";
    (asked || current).then_some(value)
}

/// Get-ComputerInfo, Win32_OperatingSystem, Win32_ComputerSystem, Get-HotFix, dsregcmd.
pub(super) fn read_object(object: &Object, out: &mut Out) -> bool {
    if let Some(update) = object.get("HotFixID") {
        return read_update(update, object, out);
    }
    let computer = object.has_all(&["PartOfDomain", "Domain"]);
    let system =
        object.has("Caption") && object.has("Version") && (object.has("BuildNumber") || object.has("CSName"));
    let info = object.has("WindowsProductName") || object.has("OsName") || object.has("WindowsEditionId");
    let joined = object.has("DomainJoined");
    if !(computer || system || info || joined) {
        return false;
    }
    let first = |names: &[&str]| object.first(names).map(str::to_owned);
    let member = object.first(&["PartOfDomain", "CsPartOfDomain", "DomainJoined"]);
    let names: &[&str] =
        if computer { &["Name", "DNSHostName"] } else { &["CsName", "CSName", "OsCSName", "Device Name"] };
    let machine = MachineInfo {
        hostname: first(names),
        domain: first(&["CsDomain", "Domain", "DomainName"]),
        domain_member: member.and_then(|text| match text.to_ascii_lowercase().as_str() {
            "true" | "yes" => Some(true),
            "false" | "no" => Some(false),
            _ => None,
        }),
        os_name: first(&["OsName", "Caption", "WindowsProductName"]),
        os_version: first(&["OsVersion", "Version", "WindowsVersion"]),
        edition: first(&["WindowsEditionId", "EditionID"]),
        clock: object.first(&["OsLocalDateTime", "LocalDateTime"]).map(Timestamp::parse),
        manufacturer: first(&["CsManufacturer", "Manufacturer"]).filter(|_| !system),
        ..MachineInfo::default()
    };
    let quotes = [
        ("CsDomain", "domain"),
        ("Domain", "domain"),
        ("OsName", "os_name"),
        ("Caption", "os_name"),
        ("OsVersion", "os_version"),
        ("DomainJoined", "domain_member"),
        ("WindowsEditionId", "edition"),
    ]
    .into_iter()
    .filter_map(|(field, fact)| object.quote(field, fact))
    .collect();
    push(out, machine, object.place.clone(), quotes);
    true
}

fn read_update(update: &str, object: &Object, out: &mut Out) -> bool {
    let hostname = object.first(&["Source", "CSName"]).map(str::to_owned);
    add_update(update, hostname, object.place.clone(), object.quote("HotFixID", "updates"), out);
    true
}

/// The rows of one list of updates are one fact.
fn add_update(update: &str, hostname: Option<String>, place: Place, quote: Option<Quote>, out: &mut Out) {
    if let Some(evidence) = out.facts.last_mut()
        && let Fact::Machine(machine) = &mut evidence.fact.value
        && !machine.updates.is_empty()
        && machine.os_name.is_none()
    {
        machine.updates.push(update.to_owned());
        evidence.fact.quotes.extend(quote);
        return;
    }
    let machine = MachineInfo { hostname, updates: vec![update.to_owned()], ..MachineInfo::default() };
    push(out, machine, place, quote.into_iter().collect());
}
