//! What people paste of an event without its frame: the list alone, a sentence with its list, an id with a code.

use model::{HexCode, Timestamp};

use super::raw::{Raw, Taken, Words};
use super::{info, provider};
use crate::out::Out;
use crate::text::{Text, label_value};

/// Lines between the words that announce a list (a sentence, `Info:`, a table row) and the list, at most.
const LINES_TO_LIST_MAX: usize = 3;

/// Blank lines between two of these lines, at most.
const BLANK_LINES_MAX: usize = 6;

/// Longest line that is looked at.
const LINE_BYTES_MAX: usize = 4096;

/// Ids that are worth reading when nothing but a code stands beside them.
const IDS: [u32; 14] =
    [12288, 12289, 12290, 12291, 12292, 12293, 12294, 8196, 8198, 8200, 8208, 8209, 8229, 12309];

/// Reads the fragment that begins at a line.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    if line.len() > LINE_BYTES_MAX
        || text.line(at).is_some_and(|line| line.command.is_some())
        || line.starts_with("#TYPE ")
    {
        return type_line(line).then_some(at + 1);
    }
    read_list(text, at, out).or_else(|| read_attempt(text, at, out)).or_else(|| read_sentence(text, at, out))
}

/// Lines of the message of an 8198 at most.
const ATTEMPT_LINES_MAX: usize = 5;

/// The message of an 8198 alone: its words, `hr=`, and the arguments, which are the same in every language.
fn read_attempt(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    let begins = line.contains("slui.exe") && (line.ends_with([':', '：']) || line.contains("hr=0x"))
        || line.starts_with("hr=0x");
    if !begins || line.contains(" : ") {
        return None;
    }
    let plain = |index: &usize| {
        !text.is_blank(*index) && text.line(*index).is_some_and(|line| line.command.is_none())
    };
    let lines = (at..at + ATTEMPT_LINES_MAX).take_while(plain);
    let last = lines.clone().find(|&index| text.at(index).contains("RuleId="))?;
    let mut raw = Raw::at(text.place(at));
    raw.id = Some(Words { label: String::new(), text: "8198".to_owned(), place: text.place(at) });
    raw.lines
        .extend(lines.take_while(|&index| index <= last).map(|i| Words::line(text.at(i), text.place(i))));
    (raw.finish_by_words(out) == Taken::Event).then_some(last + 1)
}

/// The type line that Export-Csv of Windows PowerShell writes above its header.
fn type_line(line: &str) -> bool {
    line.starts_with("#TYPE ") && (line.contains("EventLog") || line.contains("Eventing"))
}

/// A list in this line, or a few lines below it behind words that announce it.
fn read_list(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let list = lines_to_list(text, at).find(|&i| is_list(text, i))?;
    let mut raw = Raw::at(text.place(at));
    for index in (at..=list).filter(|&index| !text.is_blank(index)) {
        let line = text.at(index);
        let before = if index == list {
            info::start(line).and_then(|start| line.get(..start)).unwrap_or_default()
        } else {
            line
        };
        take_frame(&mut raw, before, text, index);
    }
    let mut next = list + 1;
    raw.lines.push(Words::line(text.at(list), text.place(list)));
    while next < text.len() && next <= list + 12 && continues(text, next) {
        raw.lines.push(Words::line(text.at(next), text.place(next)));
        next += 1;
    }
    (raw.finish(out) == Taken::Event).then_some(next)
}

/// A line and the next few, each announced by the one before; pages put blank lines between them.
fn lines_to_list<'t>(text: &'t Text<'_>, at: usize) -> impl Iterator<Item = usize> + 't {
    let next = |&index: &usize| {
        let next = text.skip_blank(index + 1);
        (can_announce(text, index) && next <= index + 1 + BLANK_LINES_MAX).then_some(next)
    };
    std::iter::successors(Some(at), next).take(1 + LINES_TO_LIST_MAX)
}

fn is_list(text: &Text<'_>, at: usize) -> bool {
    let line = text.at(at);
    if line.len() > LINE_BYTES_MAX {
        return false;
    }
    if info::find(line).is_some() {
        return true;
    }
    // A list that a mail program cut: look at it together with the next lines.
    let Some(start) = info::start(line) else { return false };
    let mut joined = line[start..].to_owned();
    for next in at + 1..=at + 12 {
        if !continues(text, next) {
            break;
        }
        let glue = if ends_within_a_guid(&joined) { "" } else { " " };
        joined = format!("{joined}{glue}{}", text.at(next));
        if info::find(&joined).is_some() {
            return true;
        }
    }
    false
}

fn ends_within_a_guid(list: &str) -> bool {
    let last = list.rsplit(',').next().unwrap_or_default().trim();
    last.contains('-') && last.len() < 36 && last.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// True for a line that can only be the rest of a list: short words between commas, no label.
fn continues(text: &Text<'_>, at: usize) -> bool {
    let line = text.at(at);
    let like_values =
        line.split(',').all(|token| token.trim().len() <= 100 && token.split_whitespace().count() <= 2);
    !line.is_empty()
        && line.len() <= 300
        && like_values
        && line.bytes().any(|b| b.is_ascii_digit())
        && !line.contains(" : ")
        && info::start(line).is_none()
        && text.line(at).is_some_and(|line| line.command.is_none())
}

/// True for a sentence or a heading; lines of other outputs (lists, tables, prompts) announce nothing.
fn can_announce(text: &Text<'_>, at: usize) -> bool {
    let line = text.at(at);
    // A line with a code or with the id of another event tells something of its own.
    let own_story =
        HexCode::find(line).is_some() || event_id_in(line).is_some_and(|id| !(12288..=12290).contains(&id));
    let announces_itself = event_id_in(line).is_some()
        || line.ends_with([':', '：', '.', '。'])
        || line.contains("%n")
        || provider::is_named_in(line);
    !line.is_empty()
        && line.len() <= 400
        && !line.contains(" : ")
        && announces_itself
        && !own_story
        && text.line(at).is_some_and(|l| l.command.is_none())
}

/// Takes the id, the source, a time and a record number from the words in front of a list.
fn take_frame(raw: &mut Raw, words: &str, text: &Text<'_>, index: usize) {
    let place = text.place(index);
    // The nearest id counts.
    if let Some(id) = event_id_in(words).or_else(|| lone_id(words)) {
        raw.id = Some(Words { label: String::new(), text: id.to_string(), place: place.clone() });
    }
    let time = Timestamp::parse(words.trim().trim_end_matches([',', ';', ' ']));
    let short = words.len() <= 200;
    if raw.time.is_none() && short && time.civil().is_some() && starts_with_a_date(words) {
        let shown = words.trim().split([',', ';', '|', '\t']).next().unwrap_or_default();
        raw.time = Some(Words::line(shown.trim_matches('"'), place));
    }
}

fn starts_with_a_date(words: &str) -> bool {
    let words = words.trim_start_matches(['"', '[', ' ']);
    words.starts_with(|c: char| c.is_ascii_digit())
        && words.bytes().take(5).any(|b| matches!(b, b'/' | b'-' | b'.'))
}

/// A known id that stands as a field or a word of its own.
fn lone_id(words: &str) -> Option<u32> {
    words
        .split(|c: char| !c.is_ascii_digit())
        .filter(|digits| digits.len() == 5)
        .find_map(|digits| digits.parse().ok().filter(|id| (12288..=12290).contains(id)))
}

/// An id behind the word "event", its abbreviations and its translations: `Event ID 8198`, `EventCode=12290`,
/// `Ereignis-ID: 12293`, `12288 | Client`.
fn event_id_in(line: &str) -> Option<u32> {
    let known = |digits: &str| digits.parse().ok().filter(|id| IDS.contains(id));
    let first = line.trim_start_matches(['|', ' ', '"', '*']);
    let leading: String = first.chars().take_while(char::is_ascii_digit).collect();
    let behind = &first[leading.len()..];
    if (behind.trim_start().starts_with(['|', '\t']) || behind.starts_with(": "))
        && let Some(id) = known(&leading)
    {
        return Some(id);
    }
    const WORDS: [&str; 20] = [
        "event",
        "id",
        "ereignis",
        "événement",
        "evento",
        "イベント",
        "이벤트",
        "事件",
        "событи",
        "zdarzeni",
        "gebeurtenis",
        "událost",
        "olay",
        "händelse",
        "hændelse",
        "hendelse",
        "tapahtum",
        "esemény",
        "識別碼",
        "code",
    ];
    let lower = line.to_lowercase();
    let mut rest = lower.as_str();
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let digits = rest[start..].bytes().take_while(u8::is_ascii_digit).count();
        let after = &rest[start + digits..];
        if let Some(id) = known(&rest[start..start + digits]) {
            let before =
                rest[..start].trim_end_matches([' ', ':', '=', '#', '(', '"', '*', '|', '\u{a0}', '：']);
            let tail: String = before.chars().rev().take(14).collect::<Vec<_>>().into_iter().rev().collect();
            if WORDS.iter().any(|word| tail.contains(word)) && !after.starts_with(['.', '-']) {
                return Some(id);
            }
        }
        rest = after;
    }
    None
}

/// `Event ID 8198, error code 0x8007007B`; the code may stand in one of the next lines.
fn read_sentence(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    let id = event_id_in(line)?;
    if line.contains(" : ") || line.starts_with(['{', '[', '<']) {
        return None;
    }
    if tells_nothing(line, id) {
        return None;
    }
    // Prose about codes further down is somebody's explanation, not the record.
    let last = if HexCode::find(line).is_some() {
        at
    } else {
        (at + 1..=at + LINES_TO_LIST_MAX)
            .take_while(|&i| {
                !text.is_blank(i)
                    && event_id_in(text.at(i)).is_none()
                    && text.line(i).is_some_and(|l| l.command.is_none())
            })
            .find(|&i| HexCode::find(text.at(i)).is_some() && is_code_line(text.at(i)))?
    };
    let mut raw = Raw::at(text.place(at));
    raw.id = Some(Words { label: String::new(), text: id.to_string(), place: text.place(at) });
    for index in at..=last {
        raw.lines.push(Words::line(text.at(index), text.place(index)));
    }
    (raw.finish_by_words(out) == Taken::Event).then_some(last + 1)
}

/// "Error 0x... Event 12288 shows nothing": a code in front of an event that has a list of its own.
fn tells_nothing(line: &str, id: u32) -> bool {
    let at = line.find(&id.to_string()).unwrap_or(0);
    (12288..=12290).contains(&id) && HexCode::find(line).is_some_and(|(_, range)| range.start < at)
}

/// `Info:  0x80072338`, `hr=0xC004F074`, or the code alone.
fn is_code_line(line: &str) -> bool {
    let value = label_value(line).map_or(line, |(_, value)| value);
    let value = value.trim_start_matches("hr=");
    HexCode::parse(value.trim_end_matches(['.', ';', ','])).is_some() || line.starts_with("hr=")
}

#[cfg(test)]
mod tests {
    use model::HexCode;

    use crate::events::tests::{events, events_and_notes};

    const HOST: &str = "0x0,25,pc1,157f562f-c333-538d-986b-31a7a098dbbb,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588";

    #[test]
    fn the_list_alone_or_behind_its_frame() {
        for text in [
            HOST.to_owned(),
            format!("Info: {HOST}"),
            format!("12290: {HOST}"),
            format!("An activation request has been processed.\nInfo:\n{HOST}"),
            format!("2024-03-04 09:21:00,12290,Key Management Service,{HOST}"),
            format!("12290 | Host | After a request\nThe text.%nInfo:%n%1\n{HOST}"),
        ] {
            let (found, notes) = events_and_notes(&text);
            assert_eq!((found.len(), notes.len()), (1, 0), "{text}");
            assert_eq!((found[0].event_id, found[0].client.as_deref()), (Some(12290), Some("pc1")), "{text}");
        }
    }

    #[test]
    fn a_list_over_several_lines() {
        let found = events(
            "Info:\n0x800706BA, 0x00000000, kms01.contoso.com:1688, 31477f5a-a389-55ad-\n93e7-e6e06192deff, 2024/03/04\n11:00, 0, 2, 43100, \n\
             2de67392-b7a7-462a-b1ca-108dd189f588, 25\n\nThanks\n",
        );
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].cmid.unwrap().to_string(), "31477f5a-a389-55ad-93e7-e6e06192deff");
        assert_eq!((found[0].min_count, found[0].license_status), (Some(25), Some(2)));
        assert_eq!(found[0].client_time.as_ref().unwrap().text(), "2024/03/04 11:00");
    }

    #[test]
    fn an_id_and_a_code() {
        let found = events("Event ID 8198, error code 0x8007007B\n");
        assert_eq!((found[0].event_id, found[0].hresult), (Some(8198), HexCode::parse("0x8007007B")));
        assert!(events("There are no 12290 events in the log.\n").is_empty());
        assert!(events("Event ID 12289 of VSS: Volume Shadow Copy failed, 0x80070005\n").is_empty());
    }

    #[test]
    fn a_report_in_prose() {
        let found = events(&format!(
            "We see Event 12293 on the host: Publishing to DNS in the 'fabrikam.com' domain failed. Info: 0x8007232D\n\
             and clients log event id 8198 hr=0xC004F074.\nEvent ID: 12290\n{HOST}\n\n\
             Error 0xC004F074 when activating. Event 12288 shows nothing.\n"
        ));
        let ids: Vec<_> = found.iter().filter_map(|event| event.event_id).collect();
        assert_eq!(ids, [12293, 8198, 12290]);
        assert_eq!(found[0].dns_domain.as_deref(), Some("fabrikam.com"));
    }

    #[test]
    fn blank_lines_of_a_page_between_the_words_and_the_list() {
        let found = events(
            "The client has sent an activation request.\n\n\n\n\nInfo:\n\n\n\n\n0x00000000, 0x00000000, kms_a:1688, \
             .......-b604-4b8c-9a48-99d4348fcf37, 2024/12/04 07:06, 0, 2, 972, 2de67392-b7a7-462a-....-108dd189f588, 5\n",
        );
        assert_eq!((found[0].event_id, found[0].min_count), (Some(12288), Some(5)));
        assert_eq!(found[0].redacted, ["cmid", "activation_id"]);
    }

    #[test]
    fn the_message_of_a_failed_attempt_alone() {
        let found = events(
            "[Application] License Activation (slui.exe) failed with the following error code:\nhr=0x8007232B\n\
             Command-line arguments:\nRuleId=31e71c49-8da7-4a2f-ad92-45d98a1c79ba;Action=AutoActivate;Trigger=TimerEvent\n",
        );
        assert_eq!((found[0].event_id, found[0].hresult), (Some(8198), HexCode::parse("0x8007232B")));
        assert_eq!(found[0].trigger.as_deref(), Some("TimerEvent"));
    }

    #[test]
    fn two_lists_are_two_events() {
        assert_eq!(events(&format!("{HOST}\n{HOST}\n")).len(), 2);
    }
}
