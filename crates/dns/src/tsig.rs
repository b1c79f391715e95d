//! Keys for signed updates (RFC 8945), and what a server says of a signature that it does not take.

use std::fmt;

use hickory_proto::op::Message;
use hickory_proto::rr::TSigner;
use hickory_proto::rr::rdata::tsig::TsigAlgorithm;

use crate::question::{full_name, shown};

/// Seconds by which the clocks may differ.
pub const FUDGE_SECONDS: u16 = 300;

/// A key that signs.
#[derive(Clone)]
pub struct Key {
    signer: TSigner,
}

/// Why a text is no key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The algorithm is not one of hmac-sha256, hmac-sha384 and hmac-sha512.
    #[error("algorithm {0:?}, expected hmac-sha256, hmac-sha384 or hmac-sha512")]
    Algorithm(String),
    /// The secret is not base64.
    #[error("the secret is not base64, expected the text that tsig-keygen prints")]
    Secret,
    /// The name is no domain name.
    #[error("key name {0:?} is no domain name")]
    Name(String),
    /// A part is missing.
    #[error("{0} is missing, expected a key clause as tsig-keygen prints it")]
    Missing(&'static str),
    /// The library refused the key.
    #[error("the key can't be used: {0}")]
    Refused(String),
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Never the secret.
        write!(f, "Key({})", shown(self.signer.signer_name()))
    }
}

impl Key {
    /// A key by its name, algorithm and secret in base64.
    pub fn new(name: &str, algorithm: &str, secret: &str) -> Result<Key, KeyError> {
        let algorithm = match algorithm.trim().trim_end_matches('.').to_ascii_lowercase().as_str() {
            "hmac-sha256" => TsigAlgorithm::HmacSha256,
            "hmac-sha384" => TsigAlgorithm::HmacSha384,
            "hmac-sha512" => TsigAlgorithm::HmacSha512,
            other => return Err(KeyError::Algorithm(other.to_owned())),
        };
        let compact: String = secret.chars().filter(|c| !c.is_whitespace()).collect();
        let secret = data_encoding::BASE64.decode(compact.as_bytes()).map_err(|_| KeyError::Secret)?;
        if secret.is_empty() {
            return Err(KeyError::Secret);
        }
        let name = full_name(name).map_err(|error| KeyError::Name(error.name))?;
        let signer = TSigner::new(secret, algorithm, name, FUDGE_SECONDS);
        signer.map(|signer| Key { signer }).map_err(|error| KeyError::Refused(error.to_string()))
    }

    /// The first key of a text in BIND's form: `key "name" { algorithm hmac-sha256; secret "..."; };`
    pub fn from_clause(text: &str) -> Result<Key, KeyError> {
        let text: String = text.lines().map(without_comment).collect::<Vec<_>>().join(" ");
        let rest = text.split_once("key").map(|(_, rest)| rest).ok_or(KeyError::Missing("key"))?;
        let (name, body) = rest.split_once('{').ok_or(KeyError::Missing("{"))?;
        let body = body.split('}').next().unwrap_or_default();
        let value = |field: &'static str| {
            let statement = body.split(';').map(str::trim).find_map(|part| part.strip_prefix(field));
            let value = statement.filter(|value| value.starts_with([' ', '\t', '"']));
            value.map(|value| value.trim().trim_matches('"').to_owned()).ok_or(KeyError::Missing(field))
        };
        Key::new(name.trim().trim_matches('"'), &value("algorithm")?, &value("secret")?)
    }

    /// Its name, without a dot at the end.
    pub fn name(&self) -> String {
        shown(self.signer.signer_name())
    }
}

/// What signs messages: a shared key, or one negotiated with a ticket.
pub trait Signer {
    /// Signs a message at a time (seconds since 1970).
    fn sign(&self, message: &mut Message, now: u64) -> Result<Signed<'_>, KeyError>;
}

/// A signed message.
pub struct Signed<'a> {
    /// What to send.
    pub bytes: Vec<u8>,
    /// Checks the signature of the answer; its error is in words.
    pub check: Check<'a>,
}

/// Checks the signature of an answer.
pub type Check<'a> = Box<dyn FnOnce(&[u8]) -> Result<(), String> + 'a>;

impl Signer for Key {
    fn sign(&self, message: &mut Message, now: u64) -> Result<Signed<'_>, KeyError> {
        let refused = |error: &dyn fmt::Display| KeyError::Refused(error.to_string());
        let (signature, verifier) =
            self.signer.sign_message(message, now).map_err(|error| refused(&error))?;
        message.set_signature(signature);
        let bytes = message.to_vec().map_err(|error| refused(&error))?;
        let mut verifier = verifier.ok_or_else(|| refused(&"nothing to check the answer with"))?;
        let check =
            move |answer: &[u8]| verifier.verify(answer).map(|_| ()).map_err(|error| error.to_string());
        Ok(Signed { bytes, check: Box::new(check) })
    }
}

/// A line as far as its comment; secrets in quotes may hold the signs of one.
fn without_comment(line: &str) -> &str {
    let mut quoted = false;
    let mut previous = ' ';
    for (at, c) in line.char_indices() {
        match c {
            '"' => quoted = !quoted,
            '#' if !quoted => return &line[..at],
            '/' if !quoted && previous == '/' => return &line[..at - 1],
            _ => {}
        }
        previous = c;
    }
    line
}

/// What a server says of a signature (RFC 8945 5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureFault {
    /// 16: the signature is not right: another secret under this name.
    BadSig,
    /// 17: no key of this name and algorithm.
    BadKey,
    /// 18: the clocks are too far apart; the server's time, where it tells it (seconds since 1970).
    BadTime(Option<u64>),
    /// 22: the signature was cut off.
    BadTrunc,
    /// Any other code.
    Other(u16),
}

/// The fault in the TSIG record of an answer, if it holds one.
///
/// Answers that refuse a signature carry none themselves, and hickory takes no empty one; hence this reader.
pub fn signature_fault(answer: &[u8]) -> Option<SignatureFault> {
    const TSIG: u16 = 250;
    let number = |at: usize| Some(u16::from_be_bytes(answer.get(at..at + 2)?.try_into().ok()?));
    let questions = number(4)?;
    let records = [number(6)?, number(8)?, number(10)?].into_iter().map(usize::from).sum::<usize>();
    let mut at = 12;
    for _ in 0..questions {
        at = behind_name(answer, at)? + 4;
    }
    for _ in 0..records {
        at = behind_name(answer, at)?;
        let (record_type, length) = (number(at)?, usize::from(number(at + 8)?));
        let data = at + 10;
        if record_type == TSIG {
            // Algorithm, 48 bits of time, fudge, the signature with its length, the original id, the fault.
            let time = behind_name(answer, data)?;
            let signature = usize::from(number(time + 8)?);
            let fault = time + 10 + signature + 2;
            let other_length = usize::from(number(fault + 2)?);
            let other = answer.get(fault + 4..fault + 4 + other_length)?;
            let server_time =
                (other.len() == 6).then(|| other.iter().fold(0u64, |sum, byte| sum << 8 | u64::from(*byte)));
            return match number(fault)? {
                0 => None,
                16 => Some(SignatureFault::BadSig),
                17 => Some(SignatureFault::BadKey),
                18 => Some(SignatureFault::BadTime(server_time)),
                22 => Some(SignatureFault::BadTrunc),
                other => Some(SignatureFault::Other(other)),
            };
        }
        at = data + length;
    }
    None
}

/// Behind the name at an offset; a pointer ends it.
pub(crate) fn behind_name(bytes: &[u8], mut at: usize) -> Option<usize> {
    const LABELS_MAX: usize = 128;
    for _ in 0..LABELS_MAX {
        match *bytes.get(at)? {
            0 => return Some(at + 1),
            length if length >= 0xC0 => return Some(at + 2),
            length => at += 1 + usize::from(length),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use hickory_proto::op::{MessageType, OpCode};
    use proptest::prelude::*;

    use super::*;

    const SECRET: &str = "c2VjcmV0IG9mIHRoZSBsYWI=";

    #[test]
    fn reads_what_tsig_keygen_prints() {
        let clause = format!(
            "# made by hand\nkey \"kms-key\" {{\n\talgorithm hmac-sha256;\n\tsecret \"{SECRET}\";\n}};\n"
        );
        assert_eq!(Key::from_clause(&clause).unwrap().name(), "kms-key");
        let slashes = "key k { // ours\n algorithm hmac-sha256; secret \"//8=\"; # end\n};";
        assert_eq!(Key::from_clause(slashes).unwrap().name(), "k");
        for (text, expected) in [
            ("zone x {};", KeyError::Missing("key")),
            ("key k { algorithm hmac-sha256; };", KeyError::Missing("secret")),
            ("key k { algorithm hmac-md5; secret \"YQ==\"; };", KeyError::Algorithm("hmac-md5".to_owned())),
            ("key k { algorithm hmac-sha512; secret \"%\"; };", KeyError::Secret),
        ] {
            assert_eq!(Key::from_clause(text).unwrap_err(), expected);
        }
    }

    #[test]
    fn the_secret_is_never_shown() {
        let key = Key::new("k", "hmac-sha384", SECRET).unwrap();
        assert_eq!(format!("{key:?}"), "Key(k)");
    }

    #[test]
    fn a_signed_message_ends_with_its_signature() {
        let key = Key::new("k", "hmac-sha256", SECRET).unwrap();
        let mut message = Message::new(1, MessageType::Query, OpCode::Update);
        let signed = key.sign(&mut message, 1_750_000_000).unwrap();
        assert_eq!(signature_fault(&signed.bytes), None);
        assert!((signed.check)(b"").is_err());
    }

    /// An answer that refuses a signature, as BIND sends it.
    fn refusal(fault: u16, other: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 1, 0xA8, 0x09, 0, 1, 0, 0, 0, 0, 0, 1];
        bytes.extend(b"\x07contoso\x03com\0\0\x06\0\x01");
        bytes.extend(b"\x01k\0\0\xFA\0\xFF\0\0\0\0");
        let mut data = b"\x0bhmac-sha256\0\0\0\x68\x4E\xE3\x80\x01\x2C\0\0\0\x01".to_vec();
        data.extend(fault.to_be_bytes());
        data.extend((other.len() as u16).to_be_bytes());
        data.extend(other);
        bytes.extend((data.len() as u16).to_be_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn reads_why_a_signature_was_refused() {
        assert_eq!(signature_fault(&refusal(16, &[])), Some(SignatureFault::BadSig));
        assert_eq!(signature_fault(&refusal(17, &[])), Some(SignatureFault::BadKey));
        let time = [0, 0, 0x68, 0x4E, 0xE3, 0x80];
        assert_eq!(signature_fault(&refusal(18, &time)), Some(SignatureFault::BadTime(Some(0x684E_E380))));
        assert_eq!(signature_fault(&refusal(18, &[])), Some(SignatureFault::BadTime(None)));
    }

    proptest! {
        #[test]
        fn no_answer_does_harm(bytes in proptest::collection::vec(any::<u8>(), 0..120), at in 0usize..60, value in any::<u8>()) {
            let _ = signature_fault(&bytes);
            let mut nearly = refusal(18, &[0; 6]);
            let at = at % nearly.len();
            nearly[at] = value;
            let _ = signature_fault(&nearly);
        }
    }
}
