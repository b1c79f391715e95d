//! The chain that a host sends along: the publisher's root key, and the grant that it signed.

use super::CLOCK_TOLERANCE;
use super::encoding::{DecodeError, Reader};
use super::grant::{Grant, GrantError, SignedGrant};
use super::key::{Fingerprint, PublicKey};
use crate::Moment;

const TAG: &[u8; 8] = b"KMSchan1";

/// From the publisher to the host's key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The publisher's root key. Anybody may write any key here: only the fingerprint of the setup key tells.
    pub root: PublicKey,
    /// What it signed.
    pub grant: SignedGrant,
}

/// Why a chain is not to be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChainError {
    /// The setup key names another publisher.
    #[error("the host's licence is of publisher {found}, the setup key of publisher {expected}")]
    Publisher {
        /// The chain's.
        found: Fingerprint,
        /// The setup key's.
        expected: Fingerprint,
    },
    /// The grant.
    #[error("{0}")]
    Grant(#[from] GrantError),
    /// It begins later.
    #[error("the host's licence begins at {0}")]
    NotYet(Moment),
    /// It has ended.
    #[error("the host's licence ended at {0}")]
    Ended(Moment),
}

impl Chain {
    /// Root key and grant.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = TAG.to_vec();
        bytes.extend_from_slice(&self.root.0);
        bytes.extend(self.grant.to_bytes());
        bytes
    }

    /// Reads what [`Chain::to_bytes`] wrote, and nothing else. Nothing is believed yet.
    pub fn from_bytes(bytes: &[u8]) -> Result<Chain, DecodeError> {
        let mut reader = Reader::new(bytes, TAG, "chain")?;
        let root = PublicKey(reader.array("the publisher's key")?);
        Ok(Chain { root, grant: SignedGrant::from_bytes(reader.rest())? })
    }

    /// The root key is the expected one, it signed the grant, and the grant holds now. A beginning of up to four
    /// hours ahead is taken for a difference of clocks.
    pub fn verify(&self, now: Moment, expected: Fingerprint) -> Result<&Grant, ChainError> {
        let found = self.root.fingerprint();
        if found != expected {
            return Err(ChainError::Publisher { found, expected });
        }
        self.grant.verify(&self.root)?;
        let grant = &self.grant.grant;
        if grant.not_before.since(now) > CLOCK_TOLERANCE {
            return Err(ChainError::NotYet(grant.not_before));
        }
        if now > grant.not_after {
            return Err(ChainError::Ended(grant.not_after));
        }
        Ok(grant)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::RootKey;
    use crate::credentials::testing::{BEGIN, END, chain, grant, root};

    #[test]
    fn a_good_chain_is_believed_between_its_dates() {
        let expected = root().public().fingerprint();
        let verify = |seconds: i64| chain().verify(Moment(seconds), expected).map(|grant| grant.serial);
        assert_eq!(verify(BEGIN.0), Ok(1));
        assert_eq!(verify(END.0), Ok(1));
        assert_eq!(verify(END.0 + 1), Err(ChainError::Ended(END)));
        assert_eq!(verify(BEGIN.0 - CLOCK_TOLERANCE), Ok(1));
        assert_eq!(verify(BEGIN.0 - CLOCK_TOLERANCE - 1), Err(ChainError::NotYet(BEGIN)));
        assert_eq!(verify(i64::MIN), Err(ChainError::NotYet(BEGIN)));
    }

    #[test]
    fn another_publisher_is_refused() {
        let (found, expected) = (root().public().fingerprint(), Fingerprint([0; 10]));
        assert_eq!(chain().verify(BEGIN, expected), Err(ChainError::Publisher { found, expected }));
        // A root key of the right name, and a grant by somebody else.
        let forged =
            Chain { root: root().public(), grant: grant().grant.sign(&RootKey::from_seed([9; 32])).unwrap() };
        assert_eq!(forged.verify(BEGIN, found), Err(ChainError::Grant(GrantError::Signature)));
    }

    #[test]
    fn every_flipped_bit_is_refused() {
        let good = chain().to_bytes();
        assert_eq!(Chain::from_bytes(&good), Ok(chain()));
        let expected = root().public().fingerprint();
        for bit in 0..good.len() * 8 {
            let mut bytes = good.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let believed = Chain::from_bytes(&bytes).is_ok_and(|read| read.verify(BEGIN, expected).is_ok());
            assert!(!believed, "bit {bit}");
        }
        for length in 0..good.len() {
            assert!(Chain::from_bytes(&good[..length]).is_err(), "{length}");
        }
    }
}
