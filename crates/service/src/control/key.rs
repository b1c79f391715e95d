//! The key of the control channel, and the file in which a service leaves it for its own machine.

use std::io;
use std::net::SocketAddr;
use std::path::Path;

use activation::Chance;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::files::{self, Readers};

/// Bytes of a key.
const KEY_BYTES: usize = 32;

/// The key. Its text form is 64 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub struct ControlKey([u8; KEY_BYTES]);

/// A text that is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a control key has 64 hexadecimal digits")]
pub struct KeyError;

impl std::fmt::Debug for ControlKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ControlKey(…)")
    }
}

impl ControlKey {
    /// A new key.
    pub fn random(chance: &mut dyn Chance) -> ControlKey {
        let mut key = [0; KEY_BYTES];
        chance.fill(&mut key);
        ControlKey(key)
    }

    /// Reads the text form, white space around it aside.
    pub fn parse(text: &str) -> Result<ControlKey, KeyError> {
        let bytes =
            data_encoding::HEXLOWER_PERMISSIVE.decode(text.trim().as_bytes()).map_err(|_| KeyError)?;
        bytes.try_into().map(ControlKey).map_err(|_| KeyError)
    }

    /// The text form.
    pub fn to_text(&self) -> String {
        data_encoding::HEXLOWER.encode(&self.0)
    }

    /// The tag of a message: who speaks (`ask` or `tell`), and all that its words answer to.
    pub(super) fn tag(&self, speaker: &str, parts: &[&str]) -> String {
        data_encoding::HEXLOWER.encode(&self.mac(speaker, parts).finalize().into_bytes())
    }

    /// True when a tag is right; takes the same time wherever it is wrong.
    pub(super) fn is_tag(&self, tag: &str, speaker: &str, parts: &[&str]) -> bool {
        let Ok(tag) = data_encoding::HEXLOWER_PERMISSIVE.decode(tag.as_bytes()) else { return false };
        self.mac(speaker, parts).verify_slice(&tag).is_ok()
    }

    fn mac(&self, speaker: &str, parts: &[&str]) -> Hmac<Sha256> {
        // A shorter key than a block is filled with zeros (RFC 2104 2).
        let mut block = [0; 64];
        block[..KEY_BYTES].copy_from_slice(&self.0);
        let mut mac = Hmac::<Sha256>::new(&block.into());
        // Lengths in front, so that no part can run over into the next.
        for part in ["kmscope control 1", speaker].iter().chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part.as_bytes());
        }
        mac
    }
}

/// What a key that a service leaves in its folder is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// For everything. Only the service's own account may read it.
    Everything,
    /// For what changes nothing. Everybody on the machine may read it.
    Display,
}

impl Rights {
    /// Name of the file.
    pub fn file(self) -> &'static str {
        match self {
            Rights::Everything => "control.json",
            Rights::Display => "display.json",
        }
    }

    fn readers(self) -> Readers {
        match self {
            Rights::Everything => Readers::Owner,
            Rights::Display => Readers::All,
        }
    }
}

/// What a running service leaves in its folder.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ControlFile {
    /// Where it listens.
    pub address: SocketAddr,
    key: String,
    /// Its process.
    pub pid: u32,
}

impl ControlFile {
    /// What a service with this key, listening there, leaves.
    pub fn new(address: SocketAddr, key: &ControlKey) -> ControlFile {
        ControlFile { address, key: key.to_text(), pid: std::process::id() }
    }

    /// Writes it into the service's folder.
    pub fn write(&self, folder: &Path, rights: Rights) -> io::Result<()> {
        let text = serde_json::to_string_pretty(self).map_err(io::Error::other)?;
        files::write(&folder.join(rights.file()), text.as_bytes(), rights.readers())
    }

    /// Reads it; nothing where no service runs.
    pub fn read(folder: &Path, rights: Rights) -> io::Result<Option<ControlFile>> {
        let Some(text) = files::read(&folder.join(rights.file()))? else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(io::Error::other)
    }

    /// Takes all of them away when the service ends.
    pub fn remove(folder: &Path) {
        for rights in [Rights::Everything, Rights::Display] {
            // A file that stays is told from a living service by its silence.
            let _ = std::fs::remove_file(folder.join(rights.file()));
        }
    }

    /// The key.
    pub fn key(&self) -> Result<ControlKey, KeyError> {
        ControlKey::parse(&self.key)
    }
}

#[cfg(test)]
mod tests {
    use activation::chance::Seeded;

    use super::*;

    #[test]
    fn tags_hold_for_their_words_only() {
        let key = ControlKey::random(&mut Seeded(1));
        assert_eq!(ControlKey::parse(&format!(" {}\n", key.to_text())), Ok(key.clone()));
        assert_eq!(ControlKey::parse("1234"), Err(KeyError));
        let tag = key.tag("ask", &["c", "words"]);
        assert!(key.is_tag(&tag, "ask", &["c", "words"]));
        for (speaker, challenge, words) in
            [("tell", "c", "words"), ("ask", "d", "words"), ("ask", "cw", "ords")]
        {
            assert!(!key.is_tag(&tag, speaker, &[challenge, words]));
        }
        assert!(!key.is_tag("", "ask", &["c", "words"]));
        assert!(!ControlKey::random(&mut Seeded(2)).is_tag(&tag, "ask", &["c", "words"]));
        assert!(!format!("{key:?}").contains(&key.to_text()[..8]));
    }
}
