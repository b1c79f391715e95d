//! The clock: `w32tm` in its forms, and chronyc.

use model::windows::TimeCheck;
use model::{Fact, HexCode, Kind, Place, Quote};

use super::arguments::words;
use crate::out::Out;
use crate::text::{Text, label_value};

fn push(out: &mut Out, check: TimeCheck, place: Place, quotes: Vec<Quote>) {
    out.push(Kind::Time, Fact::Time(check), place, quotes);
}

/// `w32tm /query /status`: rows in a fixed order, recognised by their values in every language.
pub(super) fn read_status(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let value = |row: usize| label_value(text.at(at + row)).map(|(_, value)| value);
    let leap = value(0)?;
    let number = leap.split('(').next()?.trim().parse::<u8>().ok().filter(|leap| *leap <= 3)?;
    let stratum: u32 = value(1)?.split('(').next()?.trim().parse().ok()?;
    let seconds =
        |row: usize| value(row).is_some_and(|text| text.ends_with('s') && parse_seconds(text).is_some());
    let _ = number;
    if !(leap.contains('(') && seconds(3) && seconds(4) && value(5)?.starts_with("0x")) {
        return None;
    }
    let check = TimeCheck {
        stratum: Some(stratum),
        last_sync: value(6).map(str::to_owned).filter(|text| !text.is_empty()),
        source_server: value(7).map(source).filter(|text| !text.is_empty()),
        ..TimeCheck::default()
    };
    let quotes = [(1, "stratum"), (6, "last_sync"), (7, "source_server")]
        .map(|(row, field)| Quote::new(field, text.place(at + row), text.at(at + row)))
        .to_vec();
    push(out, check, text.place(at), quotes);
    let end = (at + 8..text.len()).find(|&i| {
        text.is_blank(i)
            || label_value(text.at(i)).is_none()
            || text.line(i).is_some_and(|l| l.command.is_some())
    });
    Some(end.unwrap_or(text.len()))
}

/// `dc1.contoso.com,0x8` without its flags.
fn source(text: &str) -> String {
    text.split(",0x").next().unwrap_or_default().trim().to_owned()
}

/// `w32tm /stripchart`: the samples, with the server from the line or command above.
pub(super) fn read_stripchart(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let heading = text.at(at).contains(":123]") && !text.at(at).contains("***");
    const HEADING_LINES_MAX: usize = 4;
    let first = if sample(text.at(at)).is_some() {
        at
    } else if heading {
        (at + 1..=at + HEADING_LINES_MAX).find(|&index| sample(text.at(index)).is_some())?
    } else {
        return None;
    };
    let mut last: Option<(usize, f64)> = None;
    let mut failure: Option<(usize, Option<HexCode>)> = None;
    let mut index = first;
    while let Some(found) = sample(text.at(index)) {
        match found {
            Sample::Offset(seconds) => last = Some((index, seconds)),
            Sample::Error(code) => failure = Some((index, code)),
        }
        index += 1;
    }
    let command = text.command_above(at).map(|command| words(&command.line)).unwrap_or_default();
    let of_command = command.iter().find_map(|word| {
        word.get(..10).filter(|head| head.eq_ignore_ascii_case("/computer:")).map(|_| word[10..].to_owned())
    });
    let place = last.map(|(index, _)| index).or(failure.map(|(index, _)| index)).unwrap_or(first);
    let check = TimeCheck {
        offset_seconds: last.map(|(_, seconds)| seconds),
        source_server: heading.then(|| server_of(text.at(at))).flatten().or(of_command),
        error_code: failure.filter(|_| last.is_none()).and_then(|(_, code)| code),
        ..TimeCheck::default()
    };
    let quotes = ["offset_seconds", "error_code"]
        .map(|field| Quote::new(field, text.place(place), text.at(place)))
        .into_iter()
        .chain([Quote::new("source_server", text.place(at), text.at(at))])
        .collect();
    push(out, check, text.place(at), quotes);
    Some(index)
}

enum Sample {
    Offset(f64),
    Error(Option<HexCode>),
}

/// `14:20:10, +00.1234567s`, `14:20:10, d:+00.0012s o:-14523.98s  [ ... ]`, `14:20:10, error: 0x800705B4`
fn sample(line: &str) -> Option<Sample> {
    let (time, rest) = line.split_once(',')?;
    let clock = time.trim();
    let is_time =
        clock.contains([':', '.']) && clock.starts_with(|c: char| c.is_ascii_digit()) && clock.len() <= 16;
    if !is_time {
        return None;
    }
    let rest = rest.trim();
    if let Some(at) = rest.find("o:") {
        return parse_seconds(rest[at + 2..].split_whitespace().next()?).map(Sample::Offset);
    }
    if rest.starts_with(['+', '-']) {
        return parse_seconds(rest.split_whitespace().next()?).map(Sample::Offset);
    }
    let (code, _) = HexCode::find(rest)?;
    Some(Sample::Error(Some(code)))
}

/// `+00.1234567s`, with a comma in many languages.
fn parse_seconds(text: &str) -> Option<f64> {
    let digits = text.trim().strip_suffix('s')?.replace(',', ".");
    digits.parse::<f64>().ok().filter(|seconds| seconds.is_finite())
}

/// The name in front of `[10.0.0.10:123]`.
fn server_of(line: &str) -> Option<String> {
    let before = line.split('[').next()?.trim();
    before.split_whitespace().last().map(str::to_owned)
}

/// `w32tm /monitor`: a heading per server, with its offset below.
pub(super) fn read_monitor(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !text.at(at).ends_with(":123]:") {
        return None;
    }
    let name = text.at(at).split(['[', '*', ' ']).next().unwrap_or_default().to_owned();
    let mut check = TimeCheck { source_server: Some(name), ..TimeCheck::default() };
    let mut quotes = vec![Quote::new("source_server", text.place(at), text.at(at))];
    let mut index = at + 1;
    while index < text.len() && text.line(index).is_some_and(|line| line.indent > 0 && !line.text.is_empty())
    {
        let line = text.at(index);
        if let Some(rest) = line.strip_prefix("NTP:") {
            let rest = rest.trim();
            check.offset_seconds = rest.split_whitespace().next().and_then(parse_seconds);
            check.error_code = HexCode::find(rest).map(|(code, _)| code);
            quotes.push(Quote::new("offset_seconds", text.place(index), line));
        } else if let Some((_, value)) =
            label_value(line).filter(|(label, _)| label.eq_ignore_ascii_case("stratum"))
        {
            check.stratum = value.split_whitespace().next().and_then(|word| word.parse().ok());
        }
        index += 1;
    }
    push(out, check, text.place(at), quotes);
    Some(index)
}

/// Single lines: the service that is not started, `Type: NT5DS (Local)`, the answer of `/query /source`, chronyc.
pub(super) fn read_line(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    const LINE_LENGTH_MAX: usize = 400;
    if line.len() > LINE_LENGTH_MAX {
        return None;
    }
    let (check, field) = if line.contains("0x80070426") {
        let code = HexCode::find(line).map(|(code, _)| code);
        (TimeCheck { service_stopped: true, error_code: code, ..TimeCheck::default() }, "service_stopped")
    } else if let Some(kind) = sync_type(line) {
        (TimeCheck { sync_type: Some(kind.to_owned()), ..TimeCheck::default() }, "sync_type")
    } else if line.starts_with("NtpServer:") {
        let server = source(label_value(line)?.1.split(" (").next().unwrap_or_default());
        (TimeCheck { source_server: Some(server), ..TimeCheck::default() }, "source_server")
    } else if let Some(offset) = chrony_offset(line) {
        (TimeCheck { offset_seconds: Some(offset), ..TimeCheck::default() }, "offset_seconds")
    } else {
        let above = text.line(at.checked_sub(1)?)?.command.as_ref()?;
        let asked = above.program() == "w32tm" && above.line.to_lowercase().contains("/source");
        if !asked || line.contains("0x8") {
            return None;
        }
        (TimeCheck { source_server: Some(source(line)), ..TimeCheck::default() }, "source_server")
    };
    push(out, check, text.place(at), vec![Quote::new(field, text.place(at), line)]);
    Some(at + 1)
}

fn sync_type(line: &str) -> Option<&str> {
    let (label, value) = label_value(line)?;
    let word = value.split_whitespace().next()?;
    let known = ["NT5DS", "NTP", "NoSync", "AllSync"].contains(&word);
    (known && label.split_whitespace().count() == 1 && (value == word || value.contains('('))).then_some(word)
}

/// `System time     : 0.000123 seconds slow of NTP time`
fn chrony_offset(line: &str) -> Option<f64> {
    let (label, value) = label_value(line)?;
    let seconds: f64 = value.split_whitespace().next()?.parse().ok().filter(|s: &f64| s.is_finite())?;
    match () {
        _ if label != "System time" || !value.contains("seconds") => None,
        _ if value.contains("slow of NTP") => Some(seconds),
        _ if value.contains("fast of NTP") => Some(-seconds),
        _ => None,
    }
}
