//! wmic's own shapes: `Name=Value` lines, and columns without a line of dashes.

use super::cim;
use crate::documents::{Field, Object, Shape};
use crate::out::Out;
use crate::text::Text;

/// Properties of one object; the largest class has about eighty.
const FIELDS_MAX: usize = 200;

/// Reads the objects of `wmic ... get ... /format:list`; blank lines may stand between any two lines.
pub(super) fn read_list(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    property(text, at)?;
    let mut index = at;
    let mut end = at;
    let mut any = false;
    while let Some((object, next)) = object(text, index) {
        if !object.fields.iter().any(|field| cim::is_telling(&field.name)) || !cim::read(&object, out) {
            break;
        }
        any = true;
        end = next;
        index = text.skip_blank(next);
    }
    any.then_some(end)
}

/// One object: it ends where a name comes again.
fn object(text: &Text<'_>, at: usize) -> Option<(Object, usize)> {
    let (first, _) = property(text, at)?;
    let mut object = Object { fields: Vec::new(), place: text.place(at), shape: Shape::List };
    let mut index = at;
    let mut end = at;
    while object.fields.len() < FIELDS_MAX {
        let next = text.skip_blank(index);
        let Some((name, value)) = property(text, next) else { break };
        if next > at && (name == first || object.has(name)) {
            break;
        }
        object.fields.push(Field { name: name.to_owned(), value: value.to_owned(), place: text.place(next) });
        index = next + 1;
        end = index;
    }
    Some((object, end))
}

/// `LicenseStatus=1`: a property name, the sign, and the value.
fn property<'t>(text: &'t Text<'_>, at: usize) -> Option<(&'t str, &'t str)> {
    let line = text.line(at).filter(|line| line.command.is_none())?;
    let (name, value) = line.text.split_once('=')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_name =
        !name.is_empty() && name.len() <= 64 && name.chars().all(plain) && !name.starts_with("L_Msg");
    is_name.then_some((name, value.trim()))
}

/// Reads the columns of `wmic ... get A,B,C`: the header's words tell where the cells begin.
pub(super) fn read_table(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let header = columns(text, at)?;
    let mut index = at + 1;
    let mut end = at;
    let mut any = false;
    while index < text.len() {
        let Some(line) = text.line(index).filter(|line| line.command.is_none()) else { break };
        if line.text.is_empty() {
            // wmic ends its lines with CR CR LF, which reads as a blank line between each two.
            if index > end + 2 && any {
                break;
            }
            index += 1;
            continue;
        }
        // A line of dashes makes it a table of PowerShell's, which has its own reader.
        if line.text.bytes().all(|b| b == b'-' || b == b' ') {
            return None;
        }
        if !cim::read(&row(text, index, &header), out) {
            break;
        }
        any = true;
        end = index;
        index += 1;
    }
    any.then_some(end + 1)
}

/// Names and start columns of a header that holds nothing but property names, a telling one among them.
fn columns(text: &Text<'_>, at: usize) -> Option<Vec<(String, usize)>> {
    let line = text.line(at).filter(|line| line.command.is_none() && line.text.len() <= 1000)?;
    const OTHERS: [&str; 8] = [
        "Name",
        "Description",
        "ID",
        "ApplicationID",
        "Version",
        "PSComputerName",
        "Node",
        "EvaluationEndDate",
    ];
    let known = |name: &str| {
        cim::is_telling(name)
            || name.contains("KeyManagementService")
            || OTHERS.iter().any(|other| other.eq_ignore_ascii_case(name))
    };
    if !line.text.split(' ').next().is_some_and(known) {
        return None;
    }
    let mut names = Vec::new();
    let mut column = line.indent;
    for piece in line.text.split(' ') {
        if !piece.is_empty() {
            names.push((piece.to_owned(), column));
        }
        column += piece.chars().count() + 1;
    }
    let all = names.iter().all(|(name, _)| known(name));
    (all && names.iter().any(|(name, _)| cim::is_telling(name))).then_some(names)
}

fn row(text: &Text<'_>, at: usize, header: &[(String, usize)]) -> Object {
    let place = text.place(at);
    let indent = text.line(at).map_or(0, |line| line.indent);
    let chars: Vec<char> = std::iter::repeat_n(' ', indent.min(1000)).chain(text.at(at).chars()).collect();
    let cell = |n: usize| {
        let from = header[n].1.min(chars.len());
        let to = header.get(n + 1).map_or(chars.len(), |(_, start)| (*start).min(chars.len()));
        chars.get(from..to.max(from)).unwrap_or_default().iter().collect::<String>().trim().to_owned()
    };
    let fields = header
        .iter()
        .enumerate()
        .map(|(n, (name, _))| Field { name: name.clone(), value: cell(n), place: place.clone() })
        .collect();
    Object { fields, place, shape: Shape::Table }
}
