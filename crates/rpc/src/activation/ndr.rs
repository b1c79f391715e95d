//! The constructed types of the interface: FILETIME, fixed and conformant strings, sized arrays.

use super::StubError;
use crate::bytes::{Reader, Writer};

/// Windows numbers the pointers of a stub like this; any number but 0 would do.
const FIRST_REFERENT: u32 = 0x0002_0000;

/// The number of the pointer that is written as the n-th.
pub(super) fn referent(n: u32) -> u32 {
    FIRST_REFERENT + 4 * n
}

/// A struct of two numbers, the lower half first in either byte order.
pub(super) fn read_filetime(reader: &mut Reader<'_>, field: &'static str) -> Result<u64, StubError> {
    let low = reader.u32(field)?;
    let high = reader.u32(field)?;
    Ok(u64::from(high) << 32 | u64::from(low))
}

pub(super) fn write_filetime(out: &mut Writer, value: u64) {
    out.u32(value as u32);
    out.u32((value >> 32) as u32);
}

/// A text up to its first zero, and up to a number of UTF-16 units; no character is cut in two.
pub(super) fn cut_text(text: &str, units_max: usize) -> &str {
    let mut units = 0;
    let end = text.char_indices().find(|(_, character)| {
        units += character.len_utf16();
        *character == '\0' || units > units_max
    });
    &text[..end.map_or(text.len(), |(at, _)| at)]
}

/// Units of text with a zero as the last; more zeros may follow where the field is of fixed length.
fn text_of(
    reader: &mut Reader<'_>,
    units: usize,
    filled: bool,
    field: &'static str,
) -> Result<String, StubError> {
    let at = reader.at();
    // The bytes are there before the text is allocated.
    let mut units = reader.part(2 * units, field)?;
    let mut text = Vec::with_capacity(units.left() / 2);
    while units.left() > 0 {
        text.push(units.u16(field)?);
    }
    let end = text.iter().position(|unit| *unit == 0).ok_or(StubError::Ending { field, at })?;
    let rest = &text[end + 1..];
    if rest.iter().any(|unit| *unit != 0) || (!filled && !rest.is_empty()) {
        return Err(StubError::Ending { field, at });
    }
    String::from_utf16(&text[..end]).map_err(|_| StubError::Text { field, at })
}

/// `WCHAR[units]`, ended by a zero and filled with zeros.
pub(super) fn read_fixed_text(
    reader: &mut Reader<'_>,
    units: usize,
    field: &'static str,
) -> Result<String, StubError> {
    text_of(reader, units, true, field)
}

pub(super) fn write_fixed_text(out: &mut Writer, text: &str, units: usize) {
    let mut left = units;
    for unit in cut_text(text, units - 1).encode_utf16() {
        out.u16(unit);
        left -= 1;
    }
    (0..left).for_each(|_| out.u16(0));
}

/// A conformant and varying string (C706 14.3.4.2): room, offset and number of its units, then the units with a zero.
pub(super) fn read_text(
    reader: &mut Reader<'_>,
    units_max: usize,
    field: &'static str,
) -> Result<String, StubError> {
    let at = reader.at();
    let room = reader.u32(field)?;
    let offset = reader.u32(field)?;
    let units = reader.u32(field)?;
    if units as usize > units_max + 1 {
        return Err(StubError::TooLong { field, at: at + 8, length: units, most: units_max + 1 });
    }
    if offset != 0 || room < units {
        return Err(StubError::Sizes { field, at });
    }
    text_of(reader, units as usize, false, field)
}

pub(super) fn write_text(out: &mut Writer, text: &str, units_max: usize) {
    let text = cut_text(text, units_max);
    let units = text.encode_utf16().count() as u32 + 1;
    out.u32(units);
    out.u32(0);
    out.u32(units);
    text.encode_utf16().for_each(|unit| out.u16(unit));
    out.u16(0);
}

/// A size, a pointer, and where that is not null the size again and the bytes.
pub(super) fn read_bytes<'a>(
    reader: &mut Reader<'a>,
    most: usize,
    field: &'static str,
) -> Result<Option<&'a [u8]>, StubError> {
    reader.align4();
    let at = reader.at();
    let size = reader.u32(field)?;
    let pointer = reader.u32(field)?;
    if size as usize > most {
        return Err(StubError::TooLong { field, at, length: size, most });
    }
    if pointer == 0 {
        return if size == 0 { Ok(None) } else { Err(StubError::Null { field, at: at + 4 }) };
    }
    if reader.u32(field)? != size {
        return Err(StubError::Sizes { field, at });
    }
    Ok(Some(reader.take(size as usize, field)?))
}

/// A pointer of number 0 is null, and nothing follows it.
pub(super) fn write_bytes(out: &mut Writer, bytes: &[u8], pointer: u32) {
    out.align4();
    out.u32(bytes.len() as u32);
    out.u32(pointer);
    if pointer != 0 {
        out.u32(bytes.len() as u32);
        out.raw(bytes);
    }
}
