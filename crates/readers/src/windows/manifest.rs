//! The manifest of a bundle that `kmscope collect` or its scripts wrote: rights, what was left out, files and commands.

use model::windows::MachineInfo;
use model::{Fact, Kind, Quote};

use crate::out::Out;
use crate::text::Text;

/// First words of the manifests' first line; a number of the format and the time follow.
const COLLECTORS: [&str; 3] = ["kms-collect.cmd ", "kms-collect.ps1 ", "kmscope collect "];

/// Reads the lines from the collector's name to the last file.
///
/// Each remark becomes a note: what a bundle lacks on purpose is worth knowing when something can't be decided.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if !COLLECTORS.iter().any(|collector| text.at(at).starts_with(collector)) {
        return None;
    }
    let mut index = at + 1;
    while index < text.len() {
        let line = text.at(index);
        // As it stands in the file: some remarks look like a label of a tool behind a comment's mark.
        let original = text.original_from(index).lines().next().unwrap_or_default();
        if let Some(remark) = original.strip_prefix("# ") {
            tell(remark, text, index, out);
        } else if !line.is_empty() && !is_entry(line) {
            break;
        }
        index += 1;
    }
    Some(index)
}

fn tell(remark: &str, text: &Text<'_>, at: usize, out: &mut Out) {
    match remark {
        "rights: administrator" | "rights: standard user" => {
            let elevated = Some(remark.ends_with("administrator"));
            let machine = MachineInfo { elevated, ..MachineInfo::default() };
            let quote = Quote::new("elevated", text.place(at), text.at(at));
            out.push(Kind::System, Fact::Machine(Box::new(machine)), text.place(at), vec![quote]);
        }
        "file, exit code, SHA-256, command" => {}
        _ => {
            const REMARK_LENGTH_MAX: usize = 200;
            let shown = remark.chars().take(REMARK_LENGTH_MAX).collect();
            out.note("note-collection-remark", vec![("text", shown)], text.place(at));
        }
    }
}

/// `PC1_12-hostname.txt, 0, c546..., hostname`; no sum where a file could not be hashed.
fn is_entry(line: &str) -> bool {
    let mut parts = line.splitn(4, ", ");
    let file = parts.next().is_some_and(|file| file.contains('.'));
    let code = parts.next().is_some_and(|code| code.parse::<i64>().is_ok());
    file && code && parts.next().is_some()
}

#[cfg(test)]
mod tests {
    use model::Fact;

    use crate::{Limits, read_bytes};

    #[test]
    fn a_manifest_tells_rights_and_what_is_left_out() {
        let text = "kms-collect.cmd 1, 20251121-101205\r\n# rights: standard user\r\n# cached KMS host in the \
                    registry: not taken, admin rights needed\r\n# Key Management Service log: no records\r\n# file, exit code, SHA-256, command\r\n\
                    PC1_10-sc-query-sppsvc.txt, -1073741819, , sc query sppsvc\r\n\
                    PC1_12-hostname.txt, 0, c5464225, hostname\r\n\r\nsome words\r\n";
        let file = read_bytes("m.txt", text.as_bytes(), &Limits::default());
        let [fact] = file.facts.as_slice() else { panic!("{:?}", file.facts) };
        let Fact::Machine(machine) = &fact.fact.value else { panic!("{fact:?}") };
        assert_eq!(machine.elevated, Some(false));
        let told: Vec<_> = file.notes.iter().map(|note| (note.key, note.source.to_string())).collect();
        assert_eq!(
            told,
            [
                ("note-collection-remark", "m.txt:3".to_owned()),
                ("note-collection-remark", "m.txt:4".to_owned()),
                ("note-not-understood", "m.txt:9".to_owned()),
            ]
        );
    }
}
