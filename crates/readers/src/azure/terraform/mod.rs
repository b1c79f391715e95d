//! Terraform source with the azurerm provider: what it would make, as far as one file tells.
//!
//! Literals, locals, defaults of variables, `for_each` and dynamic blocks over them are followed; what depends on more
//! stays as its expression, which no reader takes for an address.

mod by_line;
mod evaluate;
mod join;

use hcl_edit::Span;
use hcl_edit::structure::{Block, Body, Structure};
use serde_json::Value;

use crate::out::Out;
use crate::text::Text;
use evaluate::Scope;
use join::{Declared, Lines};

/// Blocks that are made of one by `for_each`, at most; a network has few hundred routes.
const INSTANCES_MAX: usize = 1_000;
/// Bytes of one document: the parser holds all of it.
const BYTES_MAX: usize = 8 << 20;
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
    let scope = Scope::of(&body);
    let declared = declared(&body, &scope, &Lines::new(source, first_line));
    join::emit(declared, out).then_some(text.len())
}

/// Every resource, one for each instance.
fn declared(body: &Body, scope: &Scope<'_>, lines: &Lines) -> Vec<Declared> {
    let mut all = Vec::new();
    for block in body.iter().filter_map(Structure::as_block) {
        let labels: Vec<&str> = block.labels.iter().map(|label| label.as_str()).collect();
        let (kind, symbol) = match (block.ident.as_str(), labels.as_slice()) {
            ("resource", [kind, symbol]) if kind.starts_with("azurerm_") => (*kind, *symbol),
            _ => continue,
        };
        for instance in instances(block, scope) {
            let mut declared = Declared::new(kind, lines.of(block.span()));
            evaluate::body(&block.body, &instance, "", lines, &mut declared);
            declared.set("type", Value::String(kind.to_owned()));
            declared.set("id", Value::String(format!("terraform/{kind}/{symbol}")));
            all.push(declared);
        }
    }
    all
}

/// The scopes of a block's instances: one without `for_each`; one that leaves `each` open where it can't be followed.
fn instances<'b>(block: &'b Block, scope: &Scope<'b>) -> Vec<Scope<'b>> {
    match block.body.get_attribute("for_each") {
        Some(attribute) => match scope.items(&attribute.value) {
            Some(items) => items
                .into_iter()
                .take(INSTANCES_MAX)
                .map(|(key, value)| scope.with("each", key, value))
                .collect(),
            None => vec![scope.clone()],
        },
        None => vec![scope.clone()],
    }
}
