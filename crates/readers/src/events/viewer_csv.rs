//! Event Viewer's own export ("Save All Events As" CSV or text): its header lacks the name of the last column, the message.

use model::Place;

use super::labels::{self, Role};
use super::raw::{Raw, Taken, Words};
use super::{notes, provider};
use crate::documents::csv_rows;
use crate::out::Out;
use crate::text::Text;

/// Rows that are looked at for a known source when the header is of an unknown language.
const ROWS_LOOKED_AT: usize = 200;

/// Columns of the default view, in this order in every language.
const DEFAULT: [Role; 5] = [Role::Level, Role::Date, Role::Source, Role::EventId, Role::Other];

/// Reads the export whose header stands at a line.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at).is_some_and(|line| line.command.is_some()) || text.at(at).len() > 400 {
        return None;
    }
    let names = csv_rows::header_names(text.at(at)).filter(|names| (4..=16).contains(&names.len()))?;
    let separator = csv_rows::separator(text.at(at))?;
    if is_export_csv(&names) {
        return None;
    }
    let roles: Vec<Option<Role>> = names.iter().map(|name| labels::role(name)).collect();
    let has = |role| roles.contains(&Some(role));
    let columns: Vec<Role> =
        if has(Role::EventId) && has(Role::Source) && (has(Role::Level) || has(Role::Date)) {
            roles.iter().map(|role| role.unwrap_or(Role::Other)).collect()
        } else if may_be_header(text, at, &names) && has_licensing_rows(text, at, separator) {
            let args = vec![("first", line_of(text, at)), ("last", line_of(text, at))];
            out.note("note-events-labels-guessed", args, text.place(at));
            DEFAULT.to_vec()
        } else {
            return None;
        };
    let mut reader = reader(text, at, separator);
    let mut record = csv::StringRecord::new();
    let mut end = 0;
    // The header itself is the first record.
    let _ = reader.read_record(&mut record);
    while let Ok(true) = reader.read_record(&mut record) {
        if record.len() < columns.len() {
            break;
        }
        let start = record.position().map_or(0, |p| p.byte()) as usize;
        let line = text.line_after(at, start.max(1));
        read_row(&record, &columns, &names, text.place(line), out);
        end = reader.position().byte() as usize;
    }
    Some(text.line_after(at, end.max(1)))
}

/// True for five names without digits above a row with digits: the rows need not be looked at for others.
fn may_be_header(text: &Text<'_>, at: usize, names: &[String]) -> bool {
    let digits = |line: &str| line.bytes().any(|b| b.is_ascii_digit());
    names.len() == DEFAULT.len()
        && !digits(text.at(at))
        && !text.at(at).contains('"')
        && digits(text.at(at + 1))
}

/// True for property names, which are English everywhere: PowerShell's and the collectors' own exports.
fn is_export_csv(names: &[String]) -> bool {
    let has = |wanted: &str| names.iter().any(|name| name.eq_ignore_ascii_case(wanted));
    super::CSV_HEADERS.iter().any(|wanted| wanted.iter().all(|name| has(name)))
}

fn line_of(text: &Text<'_>, at: usize) -> String {
    text.line(at).map_or(0, |line| line.number).to_string()
}

fn reader<'a>(text: &Text<'a>, at: usize, separator: u8) -> csv::Reader<&'a [u8]> {
    csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .has_headers(false)
        .from_reader(text.original_from(at).as_bytes())
}

/// True when some row has a licensing source and a number in the columns of the default view.
fn has_licensing_rows(text: &Text<'_>, at: usize, separator: u8) -> bool {
    let rows = reader(text, at, separator).into_records().flatten().take(ROWS_LOOKED_AT);
    rows.skip(1).any(|row| {
        let source = row.get(2).unwrap_or_default();
        provider::origin(source) == provider::Origin::Licensing
            && row.get(3).is_some_and(|id| id.trim().parse::<u32>().is_ok())
    })
}

fn read_row(record: &csv::StringRecord, columns: &[Role], names: &[String], place: Place, out: &mut Out) {
    let mut raw = Raw::at(place.clone());
    for ((role, name), value) in columns.iter().zip(names).zip(record) {
        let slot = match role {
            Role::Log => &mut raw.log,
            Role::Source => &mut raw.provider,
            Role::Date => &mut raw.time,
            Role::EventId => &mut raw.id,
            Role::Level => &mut raw.level,
            Role::Computer => &mut raw.computer,
            Role::Record => &mut raw.record,
            Role::Description => {
                raw.add_text(value, &place, false);
                continue;
            }
            Role::Xml | Role::Other => continue,
        };
        *slot = Some(Words::new(name, value, place.clone()));
    }
    for message in record.iter().skip(columns.len()) {
        raw.add_text(message, &place, false);
    }
    if raw.finish(out) == Taken::No {
        notes::count_foreign("", place, out);
    }
}

#[cfg(test)]
mod tests {
    use crate::events::tests::{events, events_and_notes};

    const LIST: &str = "0x0,25,pc1.contoso.com,157f562f-c333-538d-986b-31a7a098dbbb,2024/3/4 8:21,0,2,43080,2de67392-b7a7-462a-b1ca-108dd189f588";

    #[test]
    fn headers_of_many_languages() {
        for header in [
            "Level,Date and Time,Source,Event ID,Task Category",
            "Ebene,Datum und Uhrzeit,Quelle,Ereignis-ID,Aufgabenkategorie",
            "Niveau,Date et heure,Source,ID de l’événement,Catégorie de la tâche",
            "レベル,日付と時刻,ソース,イベント ID,タスクのカテゴリ",
        ] {
            let (found, notes) = events_and_notes(&format!(
                "{header}\r\nInformation,3/4/2024 9:21:00 AM,Microsoft-Windows-Security-SPP,12290,None,\"Done.\r\nInfo:\r\n{LIST}\"\r\n\
                 Error,3/4/2024 9:21:00 AM,VSS,12289,None,\"Volume Shadow Copy\"\r\n"
            ));
            assert_eq!(
                (found.len(), notes.as_slice()),
                (1, ["note-events-other-sources"].as_slice()),
                "{header}"
            );
            assert_eq!(found[0].client.as_deref(), Some("pc1.contoso.com"));
            assert_eq!(found[0].level.as_deref(), Some("Information"));
        }
    }

    #[test]
    fn an_unknown_header_is_known_by_its_rows() {
        let (found, notes) = events_and_notes(&format!(
            "Aaa,Bbb,Ccc,Ddd,Eee\nInformation,3/4/2024 9:21:00 AM,Microsoft-Windows-Security-SPP,12290,None,\"{LIST}\"\n"
        ));
        assert_eq!((found.len(), notes.as_slice()), (1, ["note-events-labels-guessed"].as_slice()));
    }

    #[test]
    fn tab_separated_text() {
        let found = events(&format!(
            "Level\tDate and Time\tSource\tEvent ID\tTask Category\nInformation\t3/4/2024 9:21:00 AM\tMicrosoft-Windows-Security-SPP\t12290\tNone\t\"Done.\nInfo:\n{LIST}\"\n"
        ));
        assert_eq!(found[0].min_count, Some(25));
    }
}
