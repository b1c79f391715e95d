//! Splunk's classic form: `Name=value` lines, the message last.

use super::notes;
use super::raw::{Raw, Taken, Words};
use crate::out::Out;
use crate::text::Text;

/// Lines of one record at most.
const RECORD_LINES_MAX: usize = 400;

/// Reads the record whose first `Name=value` line stands at a line, a date in the line above included.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let dated = !is_first(text.at(at)) && is_first(text.at(at + 1)) && looks_like_a_date(text.at(at));
    let first = if dated { at + 1 } else { at };
    if !is_first(text.at(first)) {
        return None;
    }
    let mut raw = Raw::at(text.place(at));
    if dated {
        raw.time = Some(Words::new("", text.at(at), text.place(at)));
    }
    let mut index = first;
    let mut in_message = false;
    while index < text.len() && index < first + RECORD_LINES_MAX && !text.is_blank(index) {
        let line = text.at(index);
        if index > first
            && (begins_another(line, &raw) || looks_like_a_date(line) && is_first(text.at(index + 1)))
        {
            break;
        }
        match line.split_once('=') {
            Some((name, value)) if !in_message => {
                in_message = fill(&mut raw, name.trim(), value, text, index)
            }
            _ if in_message => raw.lines.push(Words::line(line, text.place(index))),
            _ => {}
        }
        index += 1;
    }
    raw.event_id()?;
    if raw.finish(out) == Taken::No {
        notes::count_foreign("", text.place(at), out);
    }
    Some(index)
}

fn is_first(line: &str) -> bool {
    line.starts_with("LogName=") || line.starts_with("EventCode=") && !line.contains(' ')
}

fn begins_another(line: &str, raw: &Raw) -> bool {
    is_first(line) && if line.starts_with("LogName=") { raw.log.is_some() } else { raw.id.is_some() }
}

fn looks_like_a_date(line: &str) -> bool {
    line.len() <= 40 && model::Timestamp::parse(line).civil().is_some()
}

/// Puts a value into its field; true when the message begins.
fn fill(raw: &mut Raw, name: &str, value: &str, text: &Text<'_>, index: usize) -> bool {
    let words = Some(Words::new(name, value, text.place(index)));
    match name {
        "LogName" => raw.log = words,
        "EventCode" => raw.id = words,
        "SourceName" => raw.provider = words,
        "ComputerName" => raw.computer = words,
        "RecordNumber" => raw.record = words,
        "Type" => raw.level = words,
        "Message" => {
            raw.lines.push(Words::line(value, text.place(index)));
            return true;
        }
        _ => {}
    }
    false
}

#[cfg(test)]
mod tests {
    use crate::events::tests::events;

    #[test]
    fn two_records() {
        let record = "03/04/2024 08:21:00 AM\nLogName=Key Management Service\nEventCode=12290\nEventType=4\nComputerName=kms01.contoso.com\n\
            SourceName=Microsoft-Windows-Security-SPP\nType=Information\nRecordNumber=201\nKeywords=Classic\nMessage=Done.\nInfo:\n\
            0x0,25,pc1,157f562f-c333-538d-986b-31a7a098dbbb,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588\n";
        let found = events(&format!("{record}\n{record}"));
        assert_eq!(found.len(), 2);
        assert_eq!((found[1].record, found[1].client.as_deref()), (Some(201), Some("pc1")));
        assert_eq!(found[1].time.as_ref().unwrap().text(), "03/04/2024 08:21:00 AM");
    }
}
