//! Binary XML: tokens of a template or of a record, and the values that a record puts into its template.

/// A reading position within a chunk; every offset of the format counts from the chunk's start.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cursor<'a> {
    pub chunk: &'a [u8],
    pub pos: usize,
    pub end: usize,
}

impl<'a> Cursor<'a> {
    pub fn new(chunk: &'a [u8], pos: usize, end: usize) -> Cursor<'a> {
        Cursor { chunk, pos, end: end.min(chunk.len()) }
    }

    #[inline]
    pub fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.pos.checked_add(count).filter(|&end| end <= self.end)?;
        let bytes = &self.chunk[self.pos..end];
        self.pos = end;
        Some(bytes)
    }

    #[inline]
    pub fn u8(&mut self) -> Option<u8> {
        self.bytes(1).map(|b| b[0])
    }

    #[inline]
    pub fn u16(&mut self) -> Option<u16> {
        self.bytes(2).and_then(|b| b.try_into().ok()).map(u16::from_le_bytes)
    }

    #[inline]
    pub fn u32(&mut self) -> Option<u32> {
        self.bytes(4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes)
    }

    /// A name, inline at its first use and by offset later.
    fn name(&mut self) -> Option<Name<'a>> {
        let offset = self.u32()? as usize;
        let inline = offset == self.pos;
        let mut at = Cursor::new(self.chunk, offset, self.chunk.len());
        at.bytes(6)?;
        let length = usize::from(at.u16()?);
        let name = Name(at.bytes(length * 2)?);
        at.bytes(2)?;
        if inline {
            self.pos = at.pos;
        }
        Some(name)
    }

    /// UTF-16 text behind a count of characters.
    fn counted_text(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.u16()?);
        self.bytes(length * 2)
    }

    /// The next token. Nothing where the bytes are no token of the format.
    ///
    /// Elements of templates carry a dependency id that elements outside of them lack.
    #[inline]
    pub fn token(&mut self, in_template: bool) -> Option<Token<'a>> {
        let token = self.u8()?;
        // Bit 6 says that more of the same kind follows, or that an element has attributes.
        Some(match token & 0x3F {
            0x00 => Token::End,
            0x01 => {
                if in_template {
                    self.u16()?;
                }
                self.u32()?;
                let name = self.name()?;
                if token & 0x40 != 0 {
                    self.u32()?;
                }
                Token::Open(name)
            }
            0x02 => Token::CloseStart,
            0x03 | 0x04 => Token::Close,
            0x05 => {
                // Literal values are always strings.
                self.u8()?;
                Token::Text(self.counted_text()?)
            }
            0x06 => Token::Attribute(self.name()?),
            0x07 | 0x0B => Token::Text(self.counted_text()?),
            0x08 => Token::Text(self.bytes(2)?),
            0x09 => Token::Entity(self.name()?),
            0x0A => {
                self.name()?;
                Token::Nothing
            }
            0x0C => {
                self.u8()?;
                self.u32()?;
                let offset = self.u32()? as usize;
                Token::Instance(offset)
            }
            0x0D | 0x0E => {
                let index = self.u16()?;
                self.u8()?;
                Token::Substitution(usize::from(index))
            }
            0x0F => {
                self.bytes(3)?;
                Token::Nothing
            }
            _ => return None,
        })
    }
}

/// The name of an element or attribute, in UTF-16.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'a>(&'a [u8]);

impl Name<'_> {
    #[inline]
    pub fn is(&self, ascii: &str) -> bool {
        utf16_is(self.0, ascii)
    }

    /// The name, when it is a short one in ASCII.
    pub fn to_text(self) -> String {
        text(self.0)
    }
}

/// True when UTF-16 text is an ASCII text.
#[inline]
pub(super) fn utf16_is(utf16: &[u8], ascii: &str) -> bool {
    utf16.len() == ascii.len() * 2
        && utf16.chunks_exact(2).zip(ascii.bytes()).all(|(unit, byte)| unit[0] == byte && unit[1] == 0)
}

/// UTF-16 text as far as its first zero.
pub(super) fn text(utf16: &[u8]) -> String {
    // Nearly all of it is ASCII.
    let length =
        utf16.chunks_exact(2).take_while(|unit| unit[1] == 0 && unit[0].is_ascii() && unit[0] != 0).count();
    if utf16.len() - length * 2 < 2 || utf16[length * 2..][..2] == [0, 0] {
        let ascii: Vec<u8> = utf16[..length * 2].chunks_exact(2).map(|unit| unit[0]).collect();
        return String::from_utf8(ascii).unwrap_or_default();
    }
    let units = utf16.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
    let units = units.take_while(|&unit| unit != 0);
    char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// One token.
#[derive(Debug, Clone, Copy)]
pub(super) enum Token<'a> {
    /// An element opens.
    Open(Name<'a>),
    /// An attribute; its value follows.
    Attribute(Name<'a>),
    /// The start tag ends, content follows.
    CloseStart,
    /// An element ends.
    Close,
    /// UTF-16 text.
    Text(&'a [u8]),
    /// `&name;`
    Entity(Name<'a>),
    /// A value of the record goes here.
    Substitution(usize),
    /// A template and its values; the offset of the template's definition.
    Instance(usize),
    /// The fragment ends.
    End,
    /// Something without content.
    Nothing,
}

/// A template's definition: its body within the chunk.
#[derive(Debug, Clone, Copy)]
pub(super) struct Template {
    /// Where the body begins.
    pub body: usize,
    /// Where it ends.
    pub end: usize,
}

/// Bytes in front of a template's body: offset of the next one, GUID, size.
const TEMPLATE_HEADER: usize = 24;

impl Template {
    /// The definition at an offset.
    #[inline]
    pub fn at(chunk: &[u8], offset: usize) -> Option<Template> {
        let mut cursor = Cursor::new(chunk, offset.checked_add(20)?, chunk.len());
        let size = cursor.u32()? as usize;
        let end = cursor.pos.checked_add(size).filter(|&end| end <= chunk.len())?;
        debug_assert_eq!(cursor.pos, offset + TEMPLATE_HEADER);
        Some(Template { body: cursor.pos, end })
    }
}

/// The values of an instance.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    chunk: &'a [u8],
    descriptors: &'a [u8],
    start: usize,
    end: usize,
}

/// More values than any template of Windows has.
const VALUES_MAX: usize = 4096;

impl<'a> Values<'a> {
    /// No values, for elements outside of templates.
    pub fn none(chunk: &'a [u8]) -> Values<'a> {
        Values { chunk, descriptors: &[], start: 0, end: 0 }
    }

    /// The values behind an instance token, whose definition may stand between the two; moves the cursor behind them.
    #[inline]
    pub fn read(cursor: &mut Cursor<'a>, definition: usize, template: &Template) -> Option<Values<'a>> {
        if definition == cursor.pos {
            cursor.pos = template.end;
        }
        let count = cursor.u32()? as usize;
        if count > VALUES_MAX {
            return None;
        }
        let descriptors = cursor.bytes(count * 4)?;
        Some(Values { chunk: cursor.chunk, descriptors, start: cursor.pos, end: cursor.end })
    }

    /// Position behind the last value.
    pub fn behind(&self) -> usize {
        let sizes = self.descriptors.chunks_exact(4).map(|d| usize::from(u16::from_le_bytes([d[0], d[1]])));
        self.start.saturating_add(sizes.sum())
    }

    /// A value by its index.
    #[inline]
    pub fn get(&self, index: usize) -> Option<Value<'a>> {
        let at = index.checked_mul(4)?;
        let own = self.descriptors.get(at..at + 4)?;
        let before = self.descriptors[..at].chunks_exact(4);
        let skipped: usize = before.map(|d| usize::from(u16::from_le_bytes([d[0], d[1]]))).sum();
        let start = self.start + skipped;
        let end = start + usize::from(u16::from_le_bytes([own[0], own[1]]));
        if end > self.end {
            return None;
        }
        Some(Value { kind: own[2], start, bytes: self.chunk.get(start..end)? })
    }
}

/// One value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Value<'a> {
    /// Type of the value; bit 7 marks an array.
    pub kind: u8,
    /// Where it stands in the chunk.
    pub start: usize,
    /// Its bytes.
    pub bytes: &'a [u8],
}

/// A fragment of binary XML as a value.
pub(super) const KIND_BINXML: u8 = 0x21;
/// 100-nanosecond intervals since 1601.
pub(super) const KIND_FILETIME: u8 = 0x11;

impl Value<'_> {
    /// The strings of a value: one, or those of an array; numbers as they are printed.
    pub fn strings(&self, mut each: impl FnMut(String)) {
        match self.kind {
            0x01 => each(text(self.bytes)),
            0x02 => each(String::from_utf8_lossy(self.bytes).trim_end_matches('\0').to_owned()),
            0x81 => {
                for part in split_at_zero(self.bytes) {
                    each(text(part));
                }
            }
            _ => {
                if let Some(printed) = self.number() {
                    each(printed);
                }
            }
        }
    }

    fn number(&self) -> Option<String> {
        let mut wide = [0u8; 8];
        wide.get_mut(..self.bytes.len())?.copy_from_slice(self.bytes);
        let value = u64::from_le_bytes(wide);
        Some(match self.kind {
            0x03 => (value as u8 as i8).to_string(),
            0x05 => (value as u16 as i16).to_string(),
            0x07 => (value as u32 as i32).to_string(),
            0x09 => (value as i64).to_string(),
            0x04 | 0x06 | 0x08 | 0x0A => value.to_string(),
            0x0D => (value != 0).to_string(),
            0x10 | 0x14 | 0x15 => format!("0x{value:x}"),
            _ => return None,
        })
    }

    /// An unsigned number of any width, or digits as text.
    pub fn unsigned(&self) -> Option<u64> {
        match self.kind {
            0x01 => text(self.bytes).trim().parse().ok(),
            0x03..=0x0A | 0x11 | 0x14 | 0x15 => {
                let mut wide = [0u8; 8];
                wide.get_mut(..self.bytes.len())?.copy_from_slice(self.bytes);
                Some(u64::from_le_bytes(wide))
            }
            _ => None,
        }
    }
}

/// The zero-terminated strings of an array.
fn split_at_zero(utf16: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = utf16;
    std::iter::from_fn(move || {
        if rest.len() < 2 {
            return None;
        }
        let units = rest.chunks_exact(2).position(|unit| unit == [0, 0]).unwrap_or(rest.len() / 2);
        let part = &rest[..units * 2];
        rest = rest.get(units * 2 + 2..).unwrap_or_default();
        Some(part)
    })
}
