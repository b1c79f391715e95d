//! slmgr.ini: the texts of a machine's display language, to read its output with.

use std::sync::Arc;

use facts::labels;

use crate::out::Out;
use crate::text::Text;

/// Takes the lines of a slmgr.ini, so that what follows in the same file is read with its words.
///
/// Files beside it are read with them, too: see [`crate::MachineTexts`].
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let mut index = at;
    if is_section(text.at(index)) {
        index = text.skip_blank(index + 1);
    }
    labels::ini_line(text.at(index))?;
    let mut known = super::labels(out);
    let table = Arc::make_mut(&mut known);
    while index < text.len() {
        let line = text.at(index);
        match labels::ini_line(line) {
            Some((message, value)) => table.lay_over(message, value),
            None if line.is_empty() || is_section(line) || is_resource(line) => {}
            None => break,
        }
        index += 1;
    }
    out.labels = Some(known);
    Some(index)
}

fn is_section(line: &str) -> bool {
    line.starts_with('[') && line.ends_with(']') && line.len() <= 40
}

fn is_resource(line: &str) -> bool {
    line.starts_with("L_") && line.contains('=')
}
