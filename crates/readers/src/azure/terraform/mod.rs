//! Terraform source with the azurerm provider: what it would make, as far as the files tell.
//!
//! A file that stands alone is read like any other evidence; a folder is a module, see [`Folders`].
//! What depends on more than the files stays as its expression, which no reader takes for an address.

mod addresses;
mod allow;
mod blocks;
mod by_line;
mod evaluate;
mod functions;
mod join;
mod operators;
mod references;
#[cfg(test)]
mod tests;
mod tree;
mod types;
mod value;
mod variables;
mod world;

use crate::out::Out;
use crate::text::Text;
pub use allow::Allow;
pub use tree::{Assignment, Folders, ModuleFile, Origin, Origins, Tree, is_of_module, normal};

/// Bytes of one document: the parser holds all of it.
pub const BYTES_MAX: usize = 8 << 20;
/// How often the rest of a text is parsed before its lines are read by themselves: each time costs all of it.
const VAIN_PARSES_MAX: usize = 3;

/// The blocks of a Terraform file from the first on; lines of a broken one are read by themselves.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.at(at);
    if !by_line::TOP_LEVEL.iter().any(|word| line.starts_with(word)) || !line.contains('{') {
        return None;
    }
    let source = text.original_from(at);
    if source.len() > BYTES_MAX || out.vain_parses >= VAIN_PARSES_MAX || !source.contains("\"azurerm_") {
        return by_line::read(text, at, out);
    }
    let body = match hcl_edit::parser::parse_body(source) {
        Ok(body) => body,
        Err(error) => {
            out.vain_parses += 1;
            // Only a file that is all Terraform is called broken; a paste goes on with other words.
            if text.skip_blank(0) == at {
                let broken = text.index_of_line_behind(at, error.location().line().saturating_sub(1));
                let args = vec![("message", error.message().to_owned())];
                out.note("note-terraform-broken", args, text.place(broken));
            }
            return by_line::read(text, at, out);
        }
    };
    let first_line = text.line(at).map_or(1, |line| line.number);
    tree::alone(source, &body, first_line, out).then_some(text.len())
}
