//! Event Viewer's "Copy details as text" and wevtutil's text form, in any display language.

use super::labels::{self, Role};
use super::raw::{Raw, Taken, Words};
use super::{info, provider, xml};
use crate::out::Out;
use crate::text::{Text, label_value};

/// Lines of labels in front of a description at most, blank lines included.
const HEADER_LINES_MAX: usize = 24;

/// Lines of a description at most; the status list of a 1003 has one per product.
const DESCRIPTION_LINES_MAX: usize = 2000;

/// Reads the record whose labels begin at a line.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let numbered = is_numbered_heading(text.at(at));
    let first = if numbered { text.skip_blank(at + 1) } else { at };
    // Whether it is a property list is asked last: no line of most files gets this far.
    let header = Header::read(text, first)
        .filter(|_| !is_property_list(text, at))
        .or_else(|| Header::guess(text, first, out))?;
    let mut raw = header.raw;
    let end = description_end(text, header.description, numbered);
    for index in header.description..end {
        raw.lines.push(Words::line(text.at(index), text.place(index)));
    }
    // The same record again as XML: it knows what the labels do not.
    let mut next = end;
    let xml_label = text.skip_blank(end);
    if label_role(text.at(xml_label)).is_some_and(|(role, _)| role == Role::Xml) {
        next = add_xml(text, xml_label + 1, &mut raw);
    }
    match raw.finish(out) {
        Taken::No if numbered => super::notes::count_foreign("", text.place(at), out),
        Taken::No => return None,
        Taken::Event | Taken::Foreign => {}
    }
    Some(next)
}

/// Format-List's output looks alike; its property names are English everywhere and have no spaces.
fn is_property_list(text: &Text<'_>, at: usize) -> bool {
    const NAMES: [&str; 10] = [
        "TimeCreated",
        "ProviderName",
        "Id",
        "LogName",
        "MachineName",
        "LevelDisplayName",
        "RecordId",
        "TimeGenerated",
        "EntryType",
        "InstanceId",
    ];
    (at..at + 4).any(|i| text.at(i).split_once(" : ").is_some_and(|(name, _)| NAMES.contains(&name.trim())))
}

/// wevtutil's `Event[0]:`.
fn is_numbered_heading(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("Event[") else { return false };
    rest.trim_end_matches(':').strip_suffix(']').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()))
}

fn label_role(line: &str) -> Option<(Role, &str)> {
    let (label, value) = labelled(line)?;
    Some((labels::role(label)?, value))
}

/// `Label: value`, or two cells of a table as `| Label | value |` or with a tab between them.
fn labelled(line: &str) -> Option<(&str, &str)> {
    let cells = line.trim_matches(['|', ' ']).split_once(['|', '\t']);
    let (label, value) =
        cells.map_or_else(|| label_value(line), |(label, value)| Some((label.trim(), value.trim())))?;
    // The table may keep the colon.
    Some((label.trim_end_matches([':', '：']).trim_end(), value))
}

struct Header {
    raw: Raw,
    /// Index of the first line of the description.
    description: usize,
}

impl Header {
    /// Collects labelled lines; there must be an event id and one more field that says whose or when.
    fn read(text: &Text<'_>, at: usize) -> Option<Header> {
        let (first, _) = label_role(text.at(at))?;
        if matches!(first, Role::Other | Role::Description | Role::Xml) {
            return None;
        }
        let mut raw = Raw::at(text.place(at));
        let mut fields = 0;
        let mut description = None;
        let mut index = at;
        while index < text.len() && index < at + HEADER_LINES_MAX {
            if text.is_blank(index) {
                index += 1;
                continue;
            }
            let Some((role, value)) = label_role(text.at(index)) else { break };
            if role == Role::Description {
                description = Some(index);
                break;
            }
            if role == Role::Xml || !fill(&mut raw, role, value, text, index) {
                break;
            }
            fields += 1;
            index += 1;
        }
        raw.event_id()?;
        let description = match description {
            // "Description: The client has sent ..." or the label alone.
            Some(label) if label_value(text.at(label)).is_some_and(|(_, value)| !value.is_empty()) => label,
            Some(label) => label + 1,
            None => index,
        };
        (fields >= 2).then_some(Header { raw, description })
    }

    /// Unknown language: the fields stand in the fixed order log, source, date, id; source and id are known by shape.
    fn guess(text: &Text<'_>, at: usize, out: &mut Out) -> Option<Header> {
        let value = |n: usize| label_value(text.at(at + n)).map(|(_, value)| value);
        let source = (0..2).find(|&n| {
            value(n).is_some_and(|value| provider::origin(value) == provider::Origin::Licensing)
        })?;
        let id = (source + 1..source + 4).find(|&n| value(n).is_some_and(|v| v.parse::<u16>().is_ok()))?;
        if is_property_list(text, at) {
            return None;
        }
        let mut raw = Raw::at(text.place(at));
        let mut index = at;
        while index < at + HEADER_LINES_MAX && !text.is_blank(index) {
            let Some((_, value)) = label_value(text.at(index)) else { break };
            if value.is_empty() && index > at + id {
                index += 1;
                break;
            }
            let role = match index - at {
                n if n == source => Role::Source,
                n if n == id => Role::EventId,
                n if n + 1 == source => Role::Log,
                n if n == source + 1 => Role::Date,
                n if n == id + 2 => Role::Level,
                n if n == id + 5 => Role::Computer,
                _ => Role::Other,
            };
            fill(&mut raw, role, value, text, index);
            index += 1;
        }
        let args =
            vec![("first", line_number(text, at)), ("last", line_number(text, index.saturating_sub(1)))];
        out.note("note-events-labels-guessed", args, text.place(at));
        Some(Header { raw, description: index })
    }
}

fn line_number(text: &Text<'_>, index: usize) -> String {
    text.line(index).map_or(0, |line| line.number).to_string()
}

/// Puts a labelled value into its field; false if the field is taken, so that another record begins.
fn fill(raw: &mut Raw, role: Role, value: &str, text: &Text<'_>, index: usize) -> bool {
    let slot = match role {
        Role::Log => &mut raw.log,
        Role::Source => &mut raw.provider,
        Role::Date => &mut raw.time,
        Role::EventId => &mut raw.id,
        Role::Level => &mut raw.level,
        Role::Computer => &mut raw.computer,
        Role::Record => &mut raw.record,
        Role::Description | Role::Xml | Role::Other => return true,
    };
    if slot.is_some() {
        return false;
    }
    let label = labelled(text.at(index)).map_or("", |(label, _)| label);
    *slot = Some(Words::new(label, value, text.place(index)));
    true
}

/// Index behind the description that begins at a line.
fn description_end(text: &Text<'_>, from: usize, numbered: bool) -> usize {
    let mut index = from;
    let mut seen_list = false;
    while index < text.len() && index < from + DESCRIPTION_LINES_MAX {
        let line = text.at(index);
        if text.line(index).is_some_and(|l| l.command.is_some())
            || is_numbered_heading(line)
            || label_role(line).is_some_and(|(role, _)| role == Role::Xml)
            || index > from && begins_record(text, index)
        {
            break;
        }
        if line.is_empty() {
            let next = text.skip_blank(index);
            let goes_on = index == from
                || belongs_to_description(text.at(next)) && !seen_list
                || numbered && another_numbered_follows(text, next);
            if !goes_on {
                break;
            }
            index = next;
            continue;
        }
        seen_list |= info::find(line).is_some();
        index += 1;
    }
    index
}

/// True for a line that can only be part of a licensing message.
fn belongs_to_description(line: &str) -> bool {
    let short_label = line.len() <= 24 && line.ends_with([':', '：']) && labels::role(line).is_none();
    short_label
        || info::find(line).is_some()
        || ["hr=", "RuleId=", "Application Id=", "Licensing Status="]
            .iter()
            .any(|start| line.starts_with(start))
}

fn another_numbered_follows(text: &Text<'_>, from: usize) -> bool {
    const LOOK_AHEAD_LINES: usize = 120;
    (from..(from + LOOK_AHEAD_LINES).min(text.len()))
        .take_while(|&i| text.line(i).is_some_and(|line| line.command.is_none()))
        .any(|i| is_numbered_heading(text.at(i)))
}

/// True where the labels of another record begin.
fn begins_record(text: &Text<'_>, at: usize) -> bool {
    label_role(text.at(at)).is_some_and(|(role, _)| matches!(role, Role::Log | Role::Source))
        && (at + 1..at + 8).any(|i| label_role(text.at(i)).is_some_and(|(role, _)| role == Role::EventId))
}

/// Takes record number, UTC time and data strings from the XML below the text; returns the index behind it.
fn add_xml(text: &Text<'_>, at: usize, raw: &mut Raw) -> usize {
    let mut end = text.skip_blank(at);
    let mut joined = String::new();
    while end < text.len()
        && end < at + DESCRIPTION_LINES_MAX
        && text.line(end).is_some_and(|l| l.command.is_none())
    {
        joined.push_str(text.at(end));
        joined.push('\n');
        end += 1;
        if text.at(end - 1).contains("</Event>") {
            break;
        }
    }
    if !joined.contains("<Event") {
        return at;
    }
    let parsed = xml::parse(&joined, &text.place(at));
    raw.record = parsed.record.or(raw.record.take());
    raw.time = parsed.time.or(raw.time.take());
    raw.computer = raw.computer.take().filter(|words| !words.text.is_empty()).or(parsed.computer);
    raw.provider = raw.provider.take().filter(|words| !words.text.is_empty()).or(parsed.provider);
    if raw.lines.iter().all(|line| line.text.is_empty()) {
        raw.lines = parsed.lines;
    }
    end
}

#[cfg(test)]
mod tests {
    use model::HexCode;

    use crate::events::tests::{events, events_and_notes, facts};

    const REQUEST: &str = "0xC004F074, 0x00000000, kms01.contoso.com:1688, 36f27b39-2fd5-440b-be67-a09996d27a38, 2024/09/29 17:52, \
         0, 2, 41760, 68531fb9-5511-4989-97be-d11a0f55633f, 5";

    #[test]
    fn copied_as_text_in_many_languages() {
        for labels in [
            [
                "Log Name:      ",
                "Source:        ",
                "Date:          ",
                "Event ID:      ",
                "Level:  ",
                "Computer:  ",
                "Description:",
            ],
            [
                "Protokollname: ",
                "Quelle:        ",
                "Datum:         ",
                "Ereignis-ID:   ",
                "Ebene:  ",
                "Computer:  ",
                "Beschreibung:",
            ],
            [
                "Nom du journal :",
                "Source :      ",
                "Date :         ",
                "ID de l’événement :",
                "Niveau :",
                "Ordinateur :",
                "Description :",
            ],
            [
                "ログの名前:    ",
                "ソース:        ",
                "日付:          ",
                "イベント ID:   ",
                "レベル: ",
                "コンピューター: ",
                "説明:",
            ],
            [
                "日志名称:      ",
                "来源:          ",
                "日期:          ",
                "事件 ID:       ",
                "级别:   ",
                "计算机:    ",
                "描述:",
            ],
            [
                "Имя журнала:   ",
                "Источник:      ",
                "Дата:          ",
                "Код события:   ",
                "Уровень:",
                "Компьютер: ",
                "Описание:",
            ],
        ] {
            let [log, source, date, id, level, computer, description] = labels;
            let text = format!(
                "{log}Application\n{source}Microsoft-Windows-Security-SPP\n{date}10/10/2016 6:02:46 PM\n{id}12288\n\
                 {level}X\n{computer}pc1.contoso.com\n{description}\nSentence.\nInfo:\n{REQUEST}\n\nnext\n"
            );
            let (found, notes) = events_and_notes(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(notes, ["note-not-understood"], "{text}");
            assert_eq!(found[0].event_id, Some(12288));
            assert_eq!(found[0].log.as_deref(), Some("Application"));
            assert_eq!(found[0].computer.as_deref(), Some("pc1.contoso.com"));
            assert_eq!(found[0].min_count, Some(5));
        }
    }

    #[test]
    fn an_unknown_language_is_read_by_order_and_told() {
        let text = format!(
            "Aaa Bbb: Application\nCcc: Microsoft-Windows-Security-SPP\nDdd: 2024-05-07 10:00:00\nEee: 12288\nFff: -\nGgg: Hhh\n\
             Iii: Jjj\nKkk: -\nLll: pc1\nMmm:\nNnn.\nInfo:\n{REQUEST}\n"
        );
        let (found, notes) = events_and_notes(&text);
        assert_eq!(notes, ["note-events-labels-guessed"]);
        assert_eq!(
            (found[0].log.as_deref(), found[0].computer.as_deref()),
            (Some("Application"), Some("pc1"))
        );
    }

    #[test]
    fn a_header_cut_short_and_a_value_behind_the_label() {
        let found = events(
            "Source: Security-SPP\nEvent ID: 12293\nPublishing the KMS to DNS in the `contoso.com` domain failed.\nInfo:  0x80072338\n",
        );
        assert_eq!(found[0].dns_domain.as_deref(), Some("contoso.com"));
        assert_eq!(found[0].hresult, HexCode::parse("0x80072338"));
        assert_eq!(found[0].provider.as_deref(), Some("Security-SPP"));
    }

    #[test]
    fn a_table_of_fields() {
        for between in ["| ", "\t"] {
            let text = format!(
                "Log {between}Application\nSource {between}Security-SPP\nEvent ID {between}12293\n\nPublishing the Key Management Service (KMS) to DNS \
                 in the 'contoso.com' domain failed.\nInfo:\n0x80072338\n"
            );
            let found = events(&text);
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].hresult, HexCode::parse("0x80072338"));
        }
    }

    #[test]
    fn wevtutil_text() {
        let text = format!(
            "Event[0]:\n  Log Name: Application\n  Source: VSS\n  Date: 2024-10-10T18:02:46.000\n  Event ID: 12289\n  Task: N/A\n  \
             Level: Error\n  Computer: pc1\n  Description: \nVolume Shadow Copy Service error.\n\nOperation:\n   Something\n\n\
             Event[1]:\n  Log Name: Application\n  Source: Microsoft-Windows-Security-SPP\n  Date: 2024-10-10T18:02:46.000\n  \
             Event ID: 12288\n  Task: N/A\n  Level: Information\n  Opcode: N/A\n  Keyword: Classic\n  User: N/A\n  User Name: N/A\n  \
             Computer: pc1\n  Description: \nThe client has sent it.\nInfo:\n{REQUEST}\n\n"
        );
        let (found, notes) = events_and_notes(&text);
        assert_eq!((found.len(), notes.as_slice()), (1, ["note-events-other-sources"].as_slice()));
        assert_eq!(found[0].hresult, HexCode::parse("0xC004F074"));
    }

    #[test]
    fn the_xml_below_the_text_is_the_same_record() {
        let found = facts(&format!(
            "Log Name: Application\nSource: Microsoft-Windows-Security-SPP\nDate: 7/2/2025 12:10:15 PM\nEvent ID: 12288\nComputer: pc1\n\
             Description:\nSentence.\nInfo:\n{REQUEST}\nEvent Xml:\n<Event xmlns=\"x\">\n  <System>\n    <Provider Name=\"Microsoft-Windows-Security-SPP\" />\n    \
             <EventID>12288</EventID>\n    <TimeCreated SystemTime=\"2025-07-02T10:10:15.54Z\" />\n    <EventRecordID>4471</EventRecordID>\n  </System>\n  \
             <EventData>\n    <Data>{REQUEST}</Data>\n  </EventData>\n</Event>\n"
        ));
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].source.to_string(), "t.txt record 4471");
        let (quote, source) = found[0].quote("cmid").unwrap();
        assert!(quote.starts_with("0xC004F074") && source.to_string() == "t.txt:9");
    }

    #[test]
    fn other_labelled_text_is_left_alone() {
        assert!(events("Date: Mon, 3 Mar 2024\nSource: 10.0.0.4\nName: x\n").is_empty());
    }
}
