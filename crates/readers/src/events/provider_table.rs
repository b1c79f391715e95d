//! What Get-WinEvent prints by itself: a heading with the provider, and below it a table with cut messages.

use super::notes;
use super::object;
use super::raw::{Taken, Words};
use crate::documents::table;
use crate::out::Out;
use crate::text::{Text, label_value};

/// Reads the table below a `ProviderName:` heading.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (label, name) = label_value(text.at(at))?;
    if label != "ProviderName" {
        return None;
    }
    let header = text.skip_blank(at + 1);
    let (rows, next) = table::read_rows(text, header)?;
    let heading = Words::new(label, name, text.place(at));
    for row in &rows {
        if object::read_with(row, Some(&heading), out) == Taken::No {
            notes::count_foreign(name, row.place.clone(), out);
        }
    }
    Some(next)
}

#[cfg(test)]
mod tests {
    use model::HexCode;

    use crate::events::tests::events_and_notes;

    #[test]
    fn two_providers() {
        let (found, notes) = events_and_notes(
            "\n   ProviderName: Microsoft-Windows-Security-SPP\n\nTimeCreated                     Id LevelDisplayName Message\n\
             -----------                     -- ---------------- -------\n\
             10/10/2016 6:02:46 PM         8198 Error            License Activation (slui.exe) failed with the follow...\n\
             10/10/2016 6:02:45 PM        12288 Information      The client has sent an activation request to the key...\n\n\n\
             \x20  ProviderName: VSS\n\nTimeCreated                     Id LevelDisplayName Message\n\
             -----------                     -- ---------------- -------\n\
             10/10/2016 6:02:46 PM        12289 Error            Volume Shadow Copy Service error...\n\n",
        );
        assert_eq!(found.iter().map(|e| e.event_id).collect::<Vec<_>>(), [Some(8198), Some(12288)]);
        assert_eq!(found[0].provider.as_deref(), Some("Microsoft-Windows-Security-SPP"));
        assert_eq!(found[0].hresult, None::<HexCode>);
        assert_eq!(notes, ["note-events-other-sources"]);
    }
}
