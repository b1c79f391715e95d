//! The signed encodings' own bytes: tags, big-endian numbers, texts with their length before them.

use uuid::Uuid;

use super::name::{NameError, check_name};
use super::product::ProductError;
use crate::Moment;

/// Bytes of a signature.
pub(super) const SIGNATURE: usize = 64;

/// Why bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// They begin with other letters.
    #[error("this is no {expected} of this version")]
    Tag {
        /// What was to be read.
        expected: &'static str,
    },
    /// They end too early.
    #[error("it ends within {field}")]
    Short {
        /// What is missing.
        field: &'static str,
    },
    /// Something follows.
    #[error("{count} bytes follow its end")]
    Trailing {
        /// How many bytes.
        count: usize,
    },
    /// A text is no name.
    #[error("{field} is not a name")]
    Name {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        source: NameError,
    },
    /// Bytes that are no text, or a text that is no bytes: not UTF-8, not base64.
    #[error("{field} is not encoded as it should be")]
    Text {
        /// Which.
        field: &'static str,
    },
    /// A product that can't be.
    #[error("its product cannot be")]
    Product(#[from] ProductError),
    /// Numbers that contradict each other or are out of range.
    #[error("{field} is out of range")]
    Range {
        /// Which.
        field: &'static str,
    },
    /// A list that is not in its order, or holds something twice.
    #[error("{field} are not in ascending order")]
    Order {
        /// Which.
        field: &'static str,
    },
}

/// Reads from front to back.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    /// Begins behind the tag.
    pub(super) fn new(
        bytes: &'a [u8],
        tag: &[u8; 8],
        expected: &'static str,
    ) -> Result<Reader<'a>, DecodeError> {
        let bytes = bytes.strip_prefix(tag.as_slice()).ok_or(DecodeError::Tag { expected })?;
        Ok(Reader { bytes })
    }

    pub(super) fn take(&mut self, count: usize, field: &'static str) -> Result<&'a [u8], DecodeError> {
        let (taken, left) = self.bytes.split_at_checked(count).ok_or(DecodeError::Short { field })?;
        self.bytes = left;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], DecodeError> {
        let (taken, left) = self.bytes.split_first_chunk::<N>().ok_or(DecodeError::Short { field })?;
        self.bytes = left;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, DecodeError> {
        Ok(u8::from_be_bytes(self.array(field)?))
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, DecodeError> {
        Ok(u16::from_be_bytes(self.array(field)?))
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, DecodeError> {
        Ok(u32::from_be_bytes(self.array(field)?))
    }

    pub(super) fn moment(&mut self, field: &'static str) -> Result<Moment, DecodeError> {
        Ok(Moment(i64::from_be_bytes(self.array(field)?)))
    }

    pub(super) fn uuid(&mut self, field: &'static str) -> Result<Uuid, DecodeError> {
        Ok(Uuid::from_bytes(self.array(field)?))
    }

    pub(super) fn name(&mut self, field: &'static str) -> Result<String, DecodeError> {
        let length = self.u16(field)?;
        let text = self.take(length.into(), field)?;
        let text = std::str::from_utf8(text).map_err(|_| DecodeError::Text { field })?;
        check_name(text).map_err(|source| DecodeError::Name { field, source })?;
        Ok(text.to_string())
    }

    /// All that is left.
    pub(super) fn rest(self) -> &'a [u8] {
        self.bytes
    }

    /// Nothing may be left.
    pub(super) fn end(self) -> Result<(), DecodeError> {
        match self.bytes.len() {
            0 => Ok(()),
            count => Err(DecodeError::Trailing { count }),
        }
    }
}

/// Adds a name; names are at most 64 characters, which fits.
pub(super) fn push_name(out: &mut Vec<u8>, name: &str) {
    let length = u16::try_from(name.len()).unwrap_or(u16::MAX);
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(&name.as_bytes()[..length.into()]);
}

/// Writes one field after the other into an array of known length.
#[derive(Debug)]
pub(super) struct Fields<const N: usize> {
    bytes: [u8; N],
    at: usize,
}

impl<const N: usize> Fields<N> {
    pub(super) fn new() -> Fields<N> {
        Fields { bytes: [0; N], at: 0 }
    }

    pub(super) fn put(mut self, field: &[u8]) -> Fields<N> {
        self.bytes[self.at..self.at + field.len()].copy_from_slice(field);
        self.at += field.len();
        self
    }

    pub(super) fn finish(self) -> [u8; N] {
        debug_assert_eq!(self.at, N, "the fields do not fill the array");
        self.bytes
    }
}
