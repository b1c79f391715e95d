//! Ed25519 keys: the publisher's root key, the keys of hosts, and what others know of them.

use std::fmt;
use std::str::FromStr;

use data_encoding::BASE64;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use super::encoding::SIGNATURE;
use super::setup_key::{DIGITS, digit_value};

/// What is hashed before a root key to make its fingerprint.
const FINGERPRINT_TAG: &[u8] = b"kmscope publisher";

/// Why a text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// Not base64, or not 32 bytes.
    #[error("a key is 32 bytes in base64, which are 44 characters")]
    Encoding,
    /// 32 bytes that no Ed25519 key has, or one that proves nothing.
    #[error("these bytes are no Ed25519 public key")]
    Point,
    /// Not a fingerprint.
    #[error("a fingerprint has 16 characters, as in 0123-4567-89AB-CDEF")]
    Fingerprint,
}

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// True when this key made the signature. Strict: of one message and key there is no second form of it.
    pub fn verifies(&self, message: &[u8], signature: &[u8; SIGNATURE]) -> bool {
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(message, &Signature::from_bytes(signature)))
            .is_ok()
    }

    /// How setup keys name a publisher with this root key.
    pub fn fingerprint(&self) -> Fingerprint {
        let hash: [u8; 32] =
            Sha256::new().chain_update(FINGERPRINT_TAG).chain_update(self.0).finalize().into();
        let mut first = [0; 10];
        first.copy_from_slice(&hash[..10]);
        Fingerprint(first)
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&BASE64.encode(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({self})")
    }
}

impl FromStr for PublicKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<PublicKey, KeyError> {
        let bytes = *decode_32(text.trim())?;
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(PublicKey(bytes)),
            _ => Err(KeyError::Point),
        }
    }
}

/// 32 bytes from base64.
fn decode_32(text: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let bytes = Zeroizing::new(BASE64.decode(text.as_bytes()).map_err(|_| KeyError::Encoding)?);
    let mut key = Zeroizing::new([0; 32]);
    if bytes.len() != key.len() {
        return Err(KeyError::Encoding);
    }
    key.copy_from_slice(&bytes);
    Ok(key)
}

/// The first 80 bits of SHA-256 of `kmscope publisher` and a root key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint(pub [u8; 10]);

impl Fingerprint {
    /// As a number of 80 bits.
    pub(super) fn to_number(self) -> u128 {
        self.0.iter().fold(0, |number, byte| number << 8 | u128::from(*byte))
    }

    /// From the lower 80 bits of a number.
    pub(super) fn from_number(number: u128) -> Fingerprint {
        let mut bytes = [0; 10];
        bytes.copy_from_slice(&number.to_be_bytes()[6..]);
        Fingerprint(bytes)
    }
}

impl fmt::Display for Fingerprint {
    /// Sixteen characters of a setup key's alphabet in fours.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = self.to_number();
        for at in 0..16 {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            let value = (number >> (75 - 5 * at)) as usize & 31;
            write!(f, "{}", char::from(DIGITS[value]))?;
        }
        Ok(())
    }
}

impl FromStr for Fingerprint {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Fingerprint, KeyError> {
        let (mut number, mut count) = (0u128, 0);
        for character in text.trim().chars().filter(|character| *character != '-') {
            let value = digit_value(character).ok_or(KeyError::Fingerprint)?;
            count += 1;
            if count > 16 {
                return Err(KeyError::Fingerprint);
            }
            number = number << 5 | u128::from(value);
        }
        if count == 16 { Ok(Fingerprint::from_number(number)) } else { Err(KeyError::Fingerprint) }
    }
}

/// The private key of a host: signs leases. It leaves the memory when it is dropped, and is never printed.
#[derive(Clone)]
pub struct HostKey(SigningKey);

/// The private key of a publisher: signs grants and revocations. It leaves the memory when it is dropped, and is
/// never printed.
#[derive(Clone)]
pub struct RootKey(SigningKey);

macro_rules! private_key {
    ($name:ident) => {
        impl $name {
            /// The key that grows from 32 bytes of chance.
            pub fn from_seed(seed: [u8; 32]) -> $name {
                let seed = Zeroizing::new(seed);
                $name(SigningKey::from_bytes(&seed))
            }

            /// The bytes from which it grew.
            pub fn seed(&self) -> Zeroizing<[u8; 32]> {
                Zeroizing::new(self.0.to_bytes())
            }

            /// The bytes from which it grew, in base64.
            pub fn to_base64(&self) -> Zeroizing<String> {
                Zeroizing::new(BASE64.encode(&*self.seed()))
            }

            /// Reads what [`Self::to_base64`] wrote.
            pub fn from_base64(text: &str) -> Result<$name, KeyError> {
                Ok($name(SigningKey::from_bytes(&*decode_32(text.trim())?)))
            }

            /// What others may know of it.
            pub fn public(&self) -> PublicKey {
                PublicKey(self.0.verifying_key().to_bytes())
            }

            /// Signs a message.
            pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE] {
                self.0.sign(message).to_bytes()
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}(of {})", stringify!($name), self.public())
            }
        }

        impl PartialEq for $name {
            fn eq(&self, other: &$name) -> bool {
                self.public() == other.public()
            }
        }

        impl Eq for $name {}
    };
}

private_key!(HostKey);
private_key!(RootKey);

/// Keys and the like are base64 or their letters wherever serde meets them.
macro_rules! as_text {
    ($($name:ty),+) => {$(
        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<$name, D::Error> {
                let text = <String as serde::Deserialize>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    )+};
}

as_text!(PublicKey, Fingerprint, super::setup_key::SetupKey);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_known_seed_gives_known_keys() {
        let root = RootKey::from_seed([1; 32]);
        assert_eq!(root.public().to_string(), "iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=");
        assert_eq!(root.public().fingerprint().to_string(), "8M4K-H9PJ-94MC-FRJW");
        assert_eq!(RootKey::from_base64(&root.to_base64()), Ok(root.clone()));
        assert_eq!(format!("{root:?}"), "RootKey(of iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=)");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let bad = |text: &str| text.parse::<PublicKey>();
        assert_eq!(bad("AAAA"), Err(KeyError::Encoding));
        assert_eq!(bad("iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w"), Err(KeyError::Encoding));
        // The neutral point, for which anybody can sign.
        assert_eq!(bad("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="), Err(KeyError::Point));
        assert_eq!("0123-4567-89AB-CDE".parse::<Fingerprint>(), Err(KeyError::Fingerprint));
        assert_eq!("0123-4567-89AB-CDEU".parse::<Fingerprint>(), Err(KeyError::Fingerprint));
        assert_eq!("0123-4567-89AB-CDEF-0".parse::<Fingerprint>(), Err(KeyError::Fingerprint));
    }

    proptest! {
        #[test]
        fn keys_and_fingerprints_there_and_back(seed: [u8; 32], bytes: [u8; 10]) {
            let public = HostKey::from_seed(seed).public();
            prop_assert_eq!(public.to_string().parse::<PublicKey>(), Ok(public));
            let fingerprint = Fingerprint(bytes);
            prop_assert_eq!(fingerprint.to_string().parse::<Fingerprint>(), Ok(fingerprint));
        }
    }
}
