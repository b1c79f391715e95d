//! The publisher's root key at rest: sealed under a passphrase, in a text file.
//!
//! Argon2id makes a key of the passphrase, XChaCha20-Poly1305 seals the seed of the root key with it. All that
//! stands beside the sealed seed in the file is sealed along as associated data, so nothing of it can be changed.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};
use data_encoding::BASE64;
use serde::Deserialize;
use toml::Spanned;
use zeroize::Zeroizing;

use super::document::{DocumentError, SCHEMA, check_schema, from_base64, line_of, read};
use super::key::{KeyError, PublicKey, RootKey};

const TAG: &[u8; 8] = b"KMSroot1";
const KDF: &str = "argon2id";
const CIPHER: &str = "xchacha20-poly1305";
/// The seed and the cipher's tag.
const SEALED: usize = 32 + 16;
/// Most that a file may ask for, so that a forged one does no more harm than to fail.
const COST_MAX: Cost = Cost { memory_kib: 1 << 20, passes: 64, lanes: 16 };

/// What it costs to try one passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Memory.
    pub memory_kib: u32,
    /// How often it is gone through.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

impl Default for Cost {
    /// The second recommendation of RFC 9106: 64 MiB, three passes, four lanes.
    fn default() -> Cost {
        Cost { memory_kib: 64 << 10, passes: 3, lanes: 4 }
    }
}

/// A sealed root key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublisherKeyFile {
    /// The public key, which is no secret.
    pub root: PublicKey,
    cost: Cost,
    salt: [u8; 16],
    nonce: [u8; 24],
    sealed: [u8; SEALED],
}

/// Why a root key can't be sealed or opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// Nothing typed.
    #[error("the passphrase is empty")]
    Empty,
    /// Beyond what is tried, or less than Argon2 takes.
    #[error("the cost of a passphrase is out of range")]
    Cost,
    /// Another passphrase, or a file that was changed.
    #[error("the passphrase is wrong, or the key file was changed")]
    Wrong,
}

/// Why a key file can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// Not TOML, other fields, another version.
    #[error("{0}")]
    Document(#[from] DocumentError),
    /// The public key.
    #[error("line {line}: root: {source}")]
    Root {
        /// From 1.
        line: usize,
        /// What is wrong with it.
        source: KeyError,
    },
    /// Another way of sealing.
    #[error("line {line}: {field}: only {known} is known")]
    Unknown {
        /// From 1.
        line: usize,
        /// Which.
        field: &'static str,
        /// What it should be.
        known: &'static str,
    },
    /// Not base64, or of another length.
    #[error("line {line}: {field}: {count} bytes in base64 are expected")]
    Bytes {
        /// From 1.
        line: usize,
        /// Which.
        field: &'static str,
        /// How many.
        count: usize,
    },
}

impl PublisherKeyFile {
    /// Seals a root key. Salt and nonce are bytes of chance, and never used twice.
    pub fn seal(
        root: &RootKey,
        passphrase: &str,
        salt: [u8; 16],
        nonce: [u8; 24],
        cost: Cost,
    ) -> Result<PublisherKeyFile, SealError> {
        let mut file = PublisherKeyFile { root: root.public(), cost, salt, nonce, sealed: [0; SEALED] };
        let (cipher, aad) = (file.cipher(passphrase)?, file.beside());
        let payload = Payload { msg: &*root.seed(), aad: &aad };
        let sealed = cipher.encrypt(&nonce.into(), payload).map_err(|_| SealError::Wrong)?;
        file.sealed = sealed.try_into().map_err(|_| SealError::Wrong)?;
        Ok(file)
    }

    /// Opens it.
    pub fn open(&self, passphrase: &str) -> Result<RootKey, SealError> {
        let (cipher, aad) = (self.cipher(passphrase)?, self.beside());
        let payload = Payload { msg: &self.sealed, aad: &aad };
        let opened = cipher.decrypt(&self.nonce.into(), payload).map_err(|_| SealError::Wrong)?;
        let opened = Zeroizing::new(opened);
        let mut seed = Zeroizing::new([0; 32]);
        if opened.len() != seed.len() {
            return Err(SealError::Wrong);
        }
        seed.copy_from_slice(&opened);
        let root = RootKey::from_seed(*seed);
        if root.public() == self.root { Ok(root) } else { Err(SealError::Wrong) }
    }

    fn cipher(&self, passphrase: &str) -> Result<XChaCha20Poly1305, SealError> {
        if passphrase.is_empty() {
            return Err(SealError::Empty);
        }
        let Cost { memory_kib, passes, lanes } = self.cost;
        if memory_kib > COST_MAX.memory_kib || passes > COST_MAX.passes || lanes > COST_MAX.lanes {
            return Err(SealError::Cost);
        }
        let mut key = Zeroizing::new([0; 32]);
        let params = Params::new(memory_kib, passes, lanes, Some(key.len())).map_err(|_| SealError::Cost)?;
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password_into(passphrase.as_bytes(), &self.salt, &mut *key)
            .map_err(|_| SealError::Cost)?;
        XChaCha20Poly1305::new_from_slice(&*key).map_err(|_| SealError::Cost)
    }

    /// What is sealed along.
    fn beside(&self) -> Vec<u8> {
        let mut bytes = TAG.to_vec();
        bytes.extend_from_slice(&self.root.0);
        for number in [self.cost.memory_kib, self.cost.passes, self.cost.lanes] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.salt);
        bytes
    }

    /// The text of the file.
    pub fn write(&self) -> String {
        let Cost { memory_kib, passes, lanes } = self.cost;
        format!(
            "# Root key of a kmscope publisher, sealed under a passphrase. Whoever has both can license hosts.\n\
             # Without either nobody can: keep a copy of this file and of the passphrase in two safe places.\n\
             schema = {SCHEMA}\nroot = \"{}\"\n\
             kdf = \"{KDF}\"\nmemory_kib = {memory_kib}\npasses = {passes}\nlanes = {lanes}\nsalt = \"{}\"\n\
             cipher = \"{CIPHER}\"\nnonce = \"{}\"\nsealed = \"{}\"\n",
            self.root,
            BASE64.encode(&self.salt),
            BASE64.encode(&self.nonce),
            BASE64.encode(&self.sealed),
        )
    }

    /// Reads what [`PublisherKeyFile::write`] wrote.
    pub fn read(text: &str) -> Result<PublisherKeyFile, KeyFileError> {
        let fields: Fields = read(text)?;
        check_schema(text, &fields.schema)?;
        let line = |at: usize| line_of(text, at);
        let root = fields.root.get_ref().parse();
        let root =
            root.map_err(|source| KeyFileError::Root { line: line(fields.root.span().start), source })?;
        for (field, written, known) in [("kdf", &fields.kdf, KDF), ("cipher", &fields.cipher, CIPHER)] {
            if written.get_ref() != known {
                return Err(KeyFileError::Unknown { line: line(written.span().start), field, known });
            }
        }
        Ok(PublisherKeyFile {
            root,
            cost: Cost { memory_kib: fields.memory_kib, passes: fields.passes, lanes: fields.lanes },
            salt: array(text, "salt", &fields.salt)?,
            nonce: array(text, "nonce", &fields.nonce)?,
            sealed: array(text, "sealed", &fields.sealed)?,
        })
    }
}

/// The fields as they stand in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    schema: Spanned<u32>,
    root: Spanned<String>,
    kdf: Spanned<String>,
    memory_kib: u32,
    passes: u32,
    lanes: u32,
    salt: Spanned<String>,
    cipher: Spanned<String>,
    nonce: Spanned<String>,
    sealed: Spanned<String>,
}

fn array<const N: usize>(
    text: &str,
    field: &'static str,
    written: &Spanned<String>,
) -> Result<[u8; N], KeyFileError> {
    let bytes = from_base64(written.get_ref()).and_then(|bytes| <[u8; N]>::try_from(bytes.as_slice()).ok());
    let line = line_of(text, written.span().start);
    bytes.ok_or(KeyFileError::Bytes { line, field, count: N })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::testing::root;

    const CHEAP: Cost = Cost { memory_kib: 8, passes: 1, lanes: 1 };

    fn sealed() -> PublisherKeyFile {
        PublisherKeyFile::seal(&root(), "correct horse", [1; 16], [2; 24], CHEAP).unwrap()
    }

    #[test]
    fn opened_with_the_passphrase_and_no_other() {
        let file = PublisherKeyFile::read(&sealed().write()).unwrap();
        assert_eq!(file, sealed());
        assert_eq!(file.open("correct horse"), Ok(root()));
        for wrong in ["correct hors", "correct horse ", "Correct horse"] {
            assert_eq!(file.open(wrong), Err(SealError::Wrong), "{wrong}");
        }
        assert_eq!(file.open(""), Err(SealError::Empty));
        assert!(!file.write().contains(&*root().to_base64()));
    }

    #[test]
    fn the_default_cost_is_that_of_rfc_9106() {
        let file = PublisherKeyFile::seal(&root(), "p", [1; 16], [2; 24], Cost::default()).unwrap();
        assert!(file.write().contains("memory_kib = 65536\npasses = 3\nlanes = 4\n"));
        assert_eq!(file.open("p"), Ok(root()));
    }

    #[test]
    fn whatever_is_changed_does_not_open() {
        let good = sealed();
        let other = RootKey::from_seed([9; 32]).public();
        let cases = [
            PublisherKeyFile { root: other, ..good.clone() },
            PublisherKeyFile { salt: [9; 16], ..good.clone() },
            PublisherKeyFile { nonce: [9; 24], ..good.clone() },
            PublisherKeyFile { cost: Cost { passes: 2, ..CHEAP }, ..good.clone() },
        ];
        for case in cases {
            assert_eq!(case.open("correct horse"), Err(SealError::Wrong), "{case:?}");
        }
        for bit in 0..SEALED * 8 {
            let mut changed = good.clone();
            changed.sealed[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(changed.open("correct horse"), Err(SealError::Wrong), "bit {bit}");
        }
    }

    #[test]
    fn a_file_cannot_ask_for_all_memory() {
        for cost in [
            Cost { memory_kib: u32::MAX, ..CHEAP },
            Cost { passes: 65, ..CHEAP },
            Cost { lanes: 17, ..CHEAP },
            Cost { memory_kib: 0, ..CHEAP },
        ] {
            let file = PublisherKeyFile { cost, ..sealed() };
            assert_eq!(file.open("correct horse"), Err(SealError::Cost), "{cost:?}");
        }
    }

    #[test]
    fn errors_name_the_line() {
        let text = sealed().write();
        let error = |from: &str, to: &str| {
            PublisherKeyFile::read(&text.replacen(from, to, 1)).unwrap_err().to_string()
        };
        assert_eq!(error("argon2id", "argon2i"), "line 5: kdf: only argon2id is known");
        assert_eq!(error("salt = \"AQEB", "salt = \""), "line 9: salt: 16 bytes in base64 are expected");
        assert_eq!(error("passes = 1", "passes = -1"), "line 7: invalid value: integer `-1`, expected u32");
        for length in 0..text.len() - 1 {
            assert!(PublisherKeyFile::read(&text[..length]).is_err(), "{length}");
        }
    }
}
