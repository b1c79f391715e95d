//! Reading and writing numbers in either byte order, with the offset of what is missing.

use uuid::Uuid;

use crate::header::ByteOrder;
use crate::pdu::ReadError;

/// Reads from the start of a PDU on; every error names the offset within the PDU.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    order: ByteOrder,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize, order: ByteOrder) -> Reader<'a> {
        Reader { bytes, at: at.min(bytes.len()), order }
    }

    /// Where the reader stands.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], ReadError> {
        let left = &self.bytes[self.at..];
        let taken = left.get(..count).ok_or(ReadError::Short { what, at: self.at })?;
        self.at += count;
        Ok(taken)
    }

    /// A reader of the next bytes alone; its errors count from their start.
    pub(crate) fn part(&mut self, count: usize, what: &'static str) -> Result<Reader<'a>, ReadError> {
        let order = self.order;
        Ok(Reader::new(self.take(count, what)?, 0, order))
    }

    pub(crate) fn array<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], ReadError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, what)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, ReadError> {
        Ok(self.array::<1>(what)?[0])
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, ReadError> {
        let bytes = self.array(what)?;
        Ok(match self.order {
            ByteOrder::Little => u16::from_le_bytes(bytes),
            ByteOrder::Big => u16::from_be_bytes(bytes),
        })
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, ReadError> {
        let bytes = self.array(what)?;
        Ok(match self.order {
            ByteOrder::Little => u32::from_le_bytes(bytes),
            ByteOrder::Big => u32::from_be_bytes(bytes),
        })
    }

    /// A UUID: its first three parts are numbers in the byte order of the PDU.
    pub(crate) fn uuid(&mut self, what: &'static str) -> Result<Uuid, ReadError> {
        let bytes = self.array(what)?;
        Ok(match self.order {
            ByteOrder::Little => Uuid::from_bytes_le(bytes),
            ByteOrder::Big => Uuid::from_bytes(bytes),
        })
    }

    /// Skips to the next multiple of four, counted from the start of the PDU; what is missing there is no loss.
    pub(crate) fn align4(&mut self) {
        self.at = self.at.next_multiple_of(4).min(self.bytes.len());
    }

    pub(crate) fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }
}

/// Writes a PDU, or a stub, at the end of a buffer; places are counted from where it began.
#[derive(Debug)]
pub(crate) struct Writer {
    pub(crate) bytes: Vec<u8>,
    start: usize,
    order: ByteOrder,
}

impl Writer {
    pub(crate) fn new(order: ByteOrder) -> Writer {
        Writer::onto(Vec::with_capacity(256), order)
    }

    /// Goes on behind what a buffer holds.
    pub(crate) fn onto(bytes: Vec<u8>, order: ByteOrder) -> Writer {
        Writer { start: bytes.len(), bytes, order }
    }

    /// Bytes written.
    pub(crate) fn written(&self) -> usize {
        self.bytes.len() - self.start
    }

    pub(crate) fn u8(&mut self, value: u8) {
        self.bytes.push(value);
    }

    pub(crate) fn u16(&mut self, value: u16) {
        match self.order {
            ByteOrder::Little => self.bytes.extend_from_slice(&value.to_le_bytes()),
            ByteOrder::Big => self.bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }

    pub(crate) fn u32(&mut self, value: u32) {
        match self.order {
            ByteOrder::Little => self.bytes.extend_from_slice(&value.to_le_bytes()),
            ByteOrder::Big => self.bytes.extend_from_slice(&value.to_be_bytes()),
        }
    }

    pub(crate) fn uuid(&mut self, value: Uuid) {
        match self.order {
            ByteOrder::Little => self.bytes.extend_from_slice(&value.to_bytes_le()),
            ByteOrder::Big => self.bytes.extend_from_slice(value.as_bytes()),
        }
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn align4(&mut self) {
        self.bytes.resize(self.start + self.written().next_multiple_of(4), 0);
    }

    /// Overwrites a number that was not known yet.
    pub(crate) fn set_u16(&mut self, at: usize, value: u16) {
        let bytes = match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        };
        let at = self.start + at;
        self.bytes[at..at + 2].copy_from_slice(&bytes);
    }
}
