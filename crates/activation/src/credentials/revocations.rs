//! The list of host licences that a publisher has withdrawn.

use std::collections::BTreeSet;

use data_encoding::BASE64;

use super::encoding::{DecodeError, Reader, SIGNATURE};
use super::key::{PublicKey, RootKey};
use crate::Moment;

const TAG: &[u8; 8] = b"KMSrevo1";
/// Most serial numbers of a list: 40,000 bytes, which an answer can carry.
pub const SERIALS_MAX: usize = 10_000;

/// Which licences are withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocations {
    /// Of two lists the one with the higher number holds.
    pub number: u32,
    /// When it was signed.
    pub issued_at: Moment,
    /// Serial numbers of the licences.
    pub serials: BTreeSet<u32>,
}

impl Revocations {
    /// Signs it with the publisher's key; a list that is too long is not signed.
    pub fn sign(self, root: &RootKey) -> Result<SignedRevocations, DecodeError> {
        if self.serials.len() > SERIALS_MAX {
            return Err(DecodeError::Range { field: "the number of revoked licences" });
        }
        let signature = root.sign(&self.unsigned());
        Ok(SignedRevocations { revocations: self, signature })
    }

    fn unsigned(&self) -> Vec<u8> {
        let count = u32::try_from(self.serials.len()).unwrap_or(u32::MAX);
        let mut out = Vec::with_capacity(24 + 4 * self.serials.len() + SIGNATURE);
        out.extend_from_slice(TAG);
        out.extend_from_slice(&self.number.to_be_bytes());
        out.extend_from_slice(&self.issued_at.0.to_be_bytes());
        out.extend_from_slice(&count.to_be_bytes());
        for serial in &self.serials {
            out.extend_from_slice(&serial.to_be_bytes());
        }
        out
    }
}

/// A list with the publisher's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedRevocations {
    /// What it says. Believe it only after [`SignedRevocations::verify`]; whoever changes it breaks the signature.
    pub revocations: Revocations,
    signature: [u8; SIGNATURE],
}

impl SignedRevocations {
    /// The list's bytes and the signature.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = self.revocations.unsigned();
        bytes.extend_from_slice(&self.signature);
        bytes
    }

    /// Reads what [`SignedRevocations::to_bytes`] wrote, and nothing else. The signature is not checked here.
    pub fn from_bytes(bytes: &[u8]) -> Result<SignedRevocations, DecodeError> {
        let mut reader = Reader::new(bytes, TAG, "list of revocations")?;
        let number = reader.u32("the number")?;
        let issued_at = reader.moment("the time of issue")?;
        let count = reader.u32("the count")? as usize;
        if count > SERIALS_MAX {
            return Err(DecodeError::Range { field: "the number of revoked licences" });
        }
        let mut serials = BTreeSet::new();
        for _ in 0..count {
            let serial = reader.u32("the serial numbers")?;
            if serials.last().is_some_and(|last| *last >= serial) {
                return Err(DecodeError::Order { field: "the serial numbers" });
            }
            serials.insert(serial);
        }
        let signature = reader.array("the signature")?;
        reader.end()?;
        Ok(SignedRevocations { revocations: Revocations { number, issued_at, serials }, signature })
    }

    /// As the file that is handed to hosts: one line of base64.
    pub fn to_base64(&self) -> String {
        BASE64.encode(&self.to_bytes())
    }

    /// Reads what [`SignedRevocations::to_base64`] wrote, with spaces or ends of lines around it.
    pub fn from_base64(text: &str) -> Result<SignedRevocations, DecodeError> {
        let bytes = BASE64.decode(text.trim().as_bytes());
        let bytes = bytes.map_err(|_| DecodeError::Text { field: "the list of revocations" })?;
        SignedRevocations::from_bytes(&bytes)
    }

    /// True when the publisher with this root key signed it.
    pub fn verify(&self, root: &PublicKey) -> bool {
        root.verifies(&self.revocations.unsigned(), &self.signature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::testing::root;

    fn list() -> SignedRevocations {
        let serials = BTreeSet::from([2, 3, 500]);
        Revocations { number: 3, issued_at: Moment(1_800_000_000), serials }.sign(&root()).unwrap()
    }

    #[test]
    fn literal_bytes() {
        let bytes = list().to_bytes();
        assert_eq!(
            data_encoding::BASE64.encode(&bytes),
            "S01TcmV2bzEAAAADAAAAAGtJ0gAAAAADAAAAAgAAAAMAAAH0L3GUSlKDX1T0pqg9663WhtKkfnfumfbIZXgEnOEa\
             +ZkHTlO2L/RO6gKQG94TQZI93VosMsf44x5ge09qfip2AQ=="
        );
        assert_eq!(SignedRevocations::from_bytes(&bytes), Ok(list()));
        assert!(list().verify(&root().public()));
        assert_eq!(SignedRevocations::from_base64(&format!("{}\r\n", list().to_base64())), Ok(list()));
        assert!(SignedRevocations::from_base64("no base64").is_err());
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let good = list().to_bytes();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let believed =
                SignedRevocations::from_bytes(&bytes).is_ok_and(|read| read.verify(&root().public()));
            assert!(!believed, "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(SignedRevocations::from_bytes(&good[..length]).is_err(), "{length}");
        }
    }

    #[test]
    fn order_and_length_are_held() {
        let mut bytes = list().to_bytes();
        bytes[27] = 3;
        assert_eq!(
            SignedRevocations::from_bytes(&bytes),
            Err(DecodeError::Order { field: "the serial numbers" })
        );
        let serials = (0..=SERIALS_MAX as u32).collect();
        let too_long = Revocations { number: 1, issued_at: Moment(0), serials };
        assert!(too_long.clone().sign(&root()).is_err());
        let serials = (0..SERIALS_MAX as u32).collect();
        let longest = Revocations { serials, ..too_long }.sign(&root()).unwrap();
        assert!(longest.to_bytes().len() <= 48 << 10);
        assert_eq!(SignedRevocations::from_bytes(&longest.to_bytes()), Ok(longest));
    }
}
