//! Interfaces and transfer syntaxes by UUID and version (C706 12.6.3.1, MS-RPCE 2.2.2.7).

use std::fmt;

use uuid::{Uuid, uuid};

use crate::bytes::{Reader, Writer};
use crate::pdu::ReadError;

/// An abstract syntax (an interface) or a transfer syntax (an encoding).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyntaxId {
    /// Which.
    pub uuid: Uuid,
    /// Major version.
    pub major: u16,
    /// Minor version.
    pub minor: u16,
}

impl SyntaxId {
    /// The interface of a KMS host. Known from the field; Microsoft's pages do not name it.
    pub const KMS: SyntaxId = SyntaxId::new(uuid!("51c82175-844e-4750-b0d8-ec255555bc06"), 1, 0);
    /// NDR (C706 chapter 14, appendix I).
    pub const NDR: SyntaxId = SyntaxId::new(uuid!("8a885d04-1ceb-11c9-9fe8-08002b104860"), 2, 0);
    /// NDR64 (MS-RPCE 2.2.5).
    pub const NDR64: SyntaxId = SyntaxId::new(uuid!("71710533-beba-4937-8319-b5dbef9ccc36"), 1, 0);
    /// What stands where a context was refused.
    pub const NONE: SyntaxId = SyntaxId::new(Uuid::nil(), 0, 0);

    /// A syntax by its parts.
    pub const fn new(uuid: Uuid, major: u16, minor: u16) -> SyntaxId {
        SyntaxId { uuid, major, minor }
    }

    /// The transfer syntax that stands for bind-time feature negotiation (MS-RPCE 2.2.2.14), with the features that
    /// the client knows: 1 for security context multiplexing, 2 for keeping the connection open after an orphaned
    /// call.
    pub fn features(mask: u64) -> SyntaxId {
        let mut bytes = *FEATURES.as_bytes();
        bytes[8..].copy_from_slice(&mask.to_le_bytes());
        SyntaxId::new(Uuid::from_bytes(bytes), 1, 0)
    }

    /// The features that a transfer syntax offers, if it is the one for negotiating them.
    pub fn as_features(&self) -> Option<u64> {
        let bytes = self.uuid.as_bytes();
        let mask = bytes.last_chunk::<8>()?;
        (bytes[..8] == FEATURES.as_bytes()[..8] && self.major == 1).then(|| u64::from_le_bytes(*mask))
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<SyntaxId, ReadError> {
        let uuid = reader.uuid("syntax")?;
        // One number with the major version in its lower half, whatever the byte order.
        let version = reader.u32("syntax version")?;
        Ok(SyntaxId { uuid, major: (version & 0xFFFF) as u16, minor: (version >> 16) as u16 })
    }

    pub(crate) fn write(&self, out: &mut Writer) {
        out.uuid(self.uuid);
        out.u32(u32::from(self.major) | u32::from(self.minor) << 16);
    }
}

/// The first half is the same for all masks.
const FEATURES: Uuid = uuid!("6cb71c2c-9812-4540-0000-000000000000");

impl fmt::Display for SyntaxId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} v{}.{}", self.uuid, self.major, self.minor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_are_the_second_half_of_a_uuid() {
        let both = SyntaxId::features(3);
        assert_eq!(both.to_string(), "6cb71c2c-9812-4540-0300-000000000000 v1.0");
        assert_eq!(both.as_features(), Some(3));
        assert_eq!(SyntaxId::NDR.as_features(), None);
    }
}
