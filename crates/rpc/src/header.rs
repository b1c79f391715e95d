//! The 16 bytes in front of every PDU (C706 12.6.3.1).

use crate::bytes::{Reader, Writer};
use crate::pdu::ReadError;

/// Bytes of the common header.
pub const HEADER_BYTES: usize = 16;

/// Flag: the first fragment of its message.
pub const FIRST_FRAGMENT: u8 = 0x01;
/// Flag: the last fragment of its message.
pub const LAST_FRAGMENT: u8 = 0x02;
/// Flag of a bind and its answer: several calls may be open at once, and are answered in any order (`PFC_CONC_MPX`).
pub const CONCURRENT_CALLS: u8 = 0x10;
/// Flag of a fault: the call was not executed.
pub const DID_NOT_EXECUTE: u8 = 0x20;
/// Flag of a request: an object UUID follows the fixed fields.
pub const OBJECT_UUID: u8 = 0x80;

/// Order of the bytes of numbers: the upper half of the first byte of the data representation (C706 14.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// `0x10`: what Windows sends.
    Little,
    /// `0x00`
    Big,
}

/// What a PDU is for (C706 12.1, MS-RPCE 2.2.2.10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PacketType {
    /// A call.
    Request,
    /// Its answer.
    Response,
    /// Its refusal.
    Fault,
    /// Offers presentation contexts.
    Bind,
    /// Answers them one by one.
    BindAck,
    /// Refuses them all.
    BindNak,
    /// Offers more on a connection that stands.
    AlterContext,
    /// Answers those.
    AlterContextResponse,
    /// The third leg of an authentication.
    Auth3,
    /// The server wants the connection closed.
    Shutdown,
    /// The client would rather not wait for a call any longer.
    Cancel,
    /// The client has given a call up.
    Orphaned,
    /// Anything else, by its number.
    Other(u8),
}

impl PacketType {
    const NUMBERS: [(u8, PacketType); 12] = [
        (0, PacketType::Request),
        (2, PacketType::Response),
        (3, PacketType::Fault),
        (11, PacketType::Bind),
        (12, PacketType::BindAck),
        (13, PacketType::BindNak),
        (14, PacketType::AlterContext),
        (15, PacketType::AlterContextResponse),
        (16, PacketType::Auth3),
        (17, PacketType::Shutdown),
        (18, PacketType::Cancel),
        (19, PacketType::Orphaned),
    ];

    /// The type with a number.
    pub fn from_number(number: u8) -> PacketType {
        let known = PacketType::NUMBERS.iter().find(|(known, _)| *known == number);
        known.map_or(PacketType::Other(number), |(_, packet_type)| *packet_type)
    }

    /// Its number on the wire.
    pub fn number(self) -> u8 {
        match self {
            PacketType::Other(number) => number,
            known => {
                PacketType::NUMBERS.iter().find(|(_, packet_type)| *packet_type == known).map_or(0, |n| n.0)
            }
        }
    }
}

/// The common header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Header {
    /// Minor version: 0, or 1 where a server offers it.
    pub version_minor: u8,
    /// What the PDU is for.
    pub packet_type: PacketType,
    /// `FIRST_FRAGMENT` and kin.
    pub flags: u8,
    /// Data representation as sent: byte order and character set, floating point, two reserved bytes.
    pub data_representation: [u8; 4],
    /// Bytes of the whole fragment, header included.
    pub fragment_length: u16,
    /// Bytes of the authentication value at its end; 0 without authentication.
    pub auth_length: u16,
    /// Chosen by the client, copied into the answer.
    pub call_id: u32,
}

impl Header {
    /// A header of a single fragment as Windows would send it; the length is filled in when the PDU is written.
    pub fn new(packet_type: PacketType, call_id: u32) -> Header {
        Header {
            version_minor: 0,
            packet_type,
            flags: FIRST_FRAGMENT | LAST_FRAGMENT,
            data_representation: [0x10, 0, 0, 0],
            fragment_length: 0,
            auth_length: 0,
            call_id,
        }
    }

    /// Byte order of the PDU's numbers.
    pub fn byte_order(&self) -> ByteOrder {
        if self.data_representation[0] & 0xF0 == 0 { ByteOrder::Big } else { ByteOrder::Little }
    }

    /// Reads the header at the start of some bytes.
    pub fn read(bytes: &[u8]) -> Result<Header, ReadError> {
        let fixed: &[u8; HEADER_BYTES] =
            bytes.first_chunk().ok_or(ReadError::Short { what: "header", at: bytes.len() })?;
        let [major, version_minor, packet_type, flags, d0, d1, d2, d3, ..] = *fixed;
        if major != 5 {
            return Err(ReadError::Version { major });
        }
        let mut header = Header {
            version_minor,
            packet_type: PacketType::from_number(packet_type),
            flags,
            data_representation: [d0, d1, d2, d3],
            fragment_length: 0,
            auth_length: 0,
            call_id: 0,
        };
        let mut reader = Reader::new(bytes, 8, header.byte_order());
        header.fragment_length = reader.u16("fragment length")?;
        header.auth_length = reader.u16("authentication length")?;
        header.call_id = reader.u32("call id")?;
        if usize::from(header.fragment_length) < HEADER_BYTES {
            return Err(ReadError::Length { length: header.fragment_length });
        }
        Ok(header)
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.u8(5);
        out.u8(self.version_minor);
        out.u8(self.packet_type.number());
        out.u8(self.flags);
        out.raw(&self.data_representation);
        out.u16(self.fragment_length);
        out.u16(self.auth_length);
        out.u32(self.call_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_keeps_its_type() {
        for number in 0..=u8::MAX {
            assert_eq!(PacketType::from_number(number).number(), number);
        }
        assert_eq!(PacketType::from_number(20), PacketType::Other(20));
    }

    #[test]
    fn reads_both_byte_orders() {
        let little = [5, 0, 12, 3, 0x10, 0, 0, 0, 60, 0, 0, 0, 1, 0, 0, 0];
        let big = [5, 0, 12, 3, 0, 0, 0, 0, 0, 60, 0, 0, 0, 0, 0, 1];
        for bytes in [little, big] {
            let header = Header::read(&bytes).unwrap();
            assert_eq!((header.fragment_length, header.call_id), (60, 1));
            assert_eq!(header.packet_type, PacketType::BindAck);
        }
    }

    #[test]
    fn says_what_is_no_header() {
        assert_eq!(Header::read(b"HTTP/1.1 400 Bad Request"), Err(ReadError::Version { major: b'H' }));
        assert_eq!(Header::read(&[5, 0, 12]), Err(ReadError::Short { what: "header", at: 3 }));
        let short = [5, 0, 12, 3, 0x10, 0, 0, 0, 15, 0, 0, 0, 1, 0, 0, 0];
        assert_eq!(Header::read(&short), Err(ReadError::Length { length: 15 }));
    }
}
