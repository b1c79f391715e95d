//! Signing with a Kerberos ticket (GSS-TSIG, RFC 3645), as zones of Active Directory ask for: the messages that
//! exchange a security context's tokens (TKEY, RFC 2930), and signatures made with the context.
//!
//! The context itself is somebody else's: whoever holds tickets implements [`SecurityContext`].

use std::cell::RefCell;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::NULL;
use hickory_proto::rr::rdata::tsig::{
    TSIG, TsigAlgorithm, make_tsig_record, message_tbs, signed_bitmessage_to_buf,
};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use crate::question::shown;
use crate::tsig::{FUDGE_SECONDS, KeyError, Signed, Signer, behind_name};

/// The type of the record that carries tokens (RFC 2930 2).
const TKEY: u16 = 249;

/// The mode of a negotiation by GSS-API (RFC 2930 2.5).
const MODE_GSS: u16 = 3;

/// `gss-tsig.` as it stands in a record.
const ALGORITHM: &[u8] = b"\x08gss-tsig\0";

/// Seconds for which a key is asked for; servers choose as they like.
const LIFETIME_SECONDS: u32 = 3600;

/// A context between this machine's user and a DNS server. Errors are the system's words.
pub trait SecurityContext {
    /// Takes the server's token, where there was one, and gives the next one to send, if there is more to say.
    fn step(&mut self, token: Option<&[u8]>) -> Result<Option<Vec<u8>>, String>;
    /// Both sides know each other.
    fn is_complete(&self) -> bool;
    /// The signature of a text (a message integrity code).
    fn sign(&mut self, text: &[u8]) -> Result<Vec<u8>, String>;
    /// Checks the other side's signature of a text.
    fn verify(&mut self, text: &[u8], signature: &[u8]) -> Result<(), String>;
}

impl<C: SecurityContext + ?Sized> SecurityContext for Box<C> {
    fn step(&mut self, token: Option<&[u8]>) -> Result<Option<Vec<u8>>, String> {
        (**self).step(token)
    }
    fn is_complete(&self) -> bool {
        (**self).is_complete()
    }
    fn sign(&mut self, text: &[u8]) -> Result<Vec<u8>, String> {
        (**self).sign(text)
    }
    fn verify(&mut self, text: &[u8], signature: &[u8]) -> Result<(), String> {
        (**self).verify(text, signature)
    }
}

/// Why a server's answer brings no token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TkeyError {
    /// The answer is none, or not to this question.
    #[error("the answer is no answer to the key negotiation: {0}")]
    Nonsense(&'static str),
    /// The server's code of the message (RCODE): it negotiates no keys, or not here.
    #[error("RCODE {0}")]
    Code(u8),
    /// The code in the record (RFC 2930 2.6): it does not take the ticket.
    #[error("TKEY error {0}")]
    Refused(u16),
}

/// The name of a new key, from a random number.
///
/// One label of its own: Samba measures a signature's record as if names in it were never shortened, and refuses keys
/// whose name ends as the zone's does (seen with Samba 4.17).
pub fn key_name(random: u32) -> Name {
    let mut name =
        Name::from_labels([format!("kmscope-{random}").as_bytes()]).unwrap_or_else(|_| Name::root());
    name.set_fqdn(true);
    name
}

/// The question that carries a token to the server; `now` is in seconds since 1970. Nothing if the token is too long
/// for a message.
pub fn tkey_question(key: &Name, token: &[u8], id: u16, now: u64) -> Option<Vec<u8>> {
    let mut data = ALGORITHM.to_vec();
    let inception = now as u32; // A serial number of 32 bits (RFC 2930 2.3).
    data.extend(inception.to_be_bytes());
    data.extend(inception.wrapping_add(LIFETIME_SECONDS).to_be_bytes());
    data.extend(MODE_GSS.to_be_bytes());
    data.extend(0u16.to_be_bytes());
    data.extend(u16::try_from(token.len()).ok()?.to_be_bytes());
    data.extend(token);
    data.extend(0u16.to_be_bytes());
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    let mut query = Query::query(key.clone(), RecordType::Unknown(TKEY));
    query.set_query_class(DNSClass::ANY);
    message.add_query(query);
    let record = RData::Unknown { code: RecordType::Unknown(TKEY), rdata: NULL::with(data) };
    let mut record = Record::from_rdata(key.clone(), 0, record);
    record.dns_class = DNSClass::ANY;
    message.add_additional(record);
    message.to_vec().ok()
}

/// The token in the server's answer; an empty one when it has nothing more to say.
pub fn tkey_answer(bytes: &[u8], id: u16) -> Result<Vec<u8>, TkeyError> {
    let number = |at: usize| {
        let bytes = bytes.get(at..at + 2).ok_or(TkeyError::Nonsense("it ends early"))?;
        Ok(u16::from_be_bytes([bytes[0], bytes[1]]))
    };
    if number(0)? != id {
        return Err(TkeyError::Nonsense("another message is answered"));
    }
    let flags = number(2)?;
    if flags & 0x8000 == 0 {
        return Err(TkeyError::Nonsense("it is a question"));
    }
    if flags & 0x000F != 0 {
        return Err(TkeyError::Code((flags & 0x000F) as u8));
    }
    let early = TkeyError::Nonsense("it ends early");
    let mut at = 12;
    for _ in 0..number(4)? {
        at = behind_name(bytes, at).ok_or(early.clone())? + 4;
    }
    for _ in 0..number(6)? {
        at = behind_name(bytes, at).ok_or(early.clone())?;
        let (record_type, length) = (number(at)?, usize::from(number(at + 8)?));
        let data = at + 10;
        if record_type == TKEY {
            // Algorithm, two times, the mode, the fault, the token with its length.
            let fields = behind_name(bytes, data).ok_or(early.clone())?;
            let (mode, fault, size) =
                (number(fields + 8)?, number(fields + 10)?, usize::from(number(fields + 12)?));
            if fault != 0 {
                return Err(TkeyError::Refused(fault));
            }
            if mode != MODE_GSS {
                return Err(TkeyError::Nonsense("another mode is answered"));
            }
            let token = bytes.get(fields + 14..fields + 14 + size);
            return token
                .filter(|_| fields + 14 + size <= data + length)
                .map(<[u8]>::to_vec)
                .ok_or(TkeyError::Nonsense("the token is longer than its record"));
        }
        at = data + length;
    }
    Err(TkeyError::Nonsense("it holds no TKEY record"))
}

/// A key that a server and this machine's user have negotiated.
pub struct NegotiatedKey<C> {
    name: Name,
    context: RefCell<C>,
}

impl<C: SecurityContext> NegotiatedKey<C> {
    /// The key of a complete context, under the name that the tokens went by.
    pub fn new(name: Name, context: C) -> NegotiatedKey<C> {
        NegotiatedKey { name, context: RefCell::new(context) }
    }

    /// Its name, without a dot at the end.
    pub fn name(&self) -> String {
        shown(&self.name)
    }
}

impl<C: SecurityContext> Signer for NegotiatedKey<C> {
    fn sign(&self, message: &mut Message, now: u64) -> Result<Signed<'_>, KeyError> {
        let refused = |error: &dyn ToString| KeyError::Refused(error.to_string());
        let unsigned =
            TSIG::new(TsigAlgorithm::Gss, now, FUDGE_SECONDS, Vec::new(), message.id, None, Vec::new());
        let text = message_tbs(message, &unsigned, &self.name).map_err(|error| refused(&error))?;
        let signature = self.context.borrow_mut().sign(&text).map_err(|words| refused(&words))?;
        let record = make_tsig_record(self.name.clone(), unsigned.set_mac(signature.clone()));
        message.set_signature(Box::new(record));
        let bytes = message.to_vec().map_err(|error| refused(&error))?;
        let check = move |answer: &[u8]| {
            // Where the whole cannot be read, its parts are not looked at.
            Message::from_vec(answer).map_err(|error| error.to_string())?;
            let (text, record) = signed_bitmessage_to_buf(answer, Some(&signature), true)
                .map_err(|error| error.to_string())?;
            if record.name != self.name || record.data.algorithm != TsigAlgorithm::Gss {
                return Err("it is signed with another key".to_owned());
            }
            self.context.borrow_mut().verify(&text, &record.data.mac)
        };
        Ok(Signed { bytes, check: Box::new(check) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A context whose signature is the text's length and sum.
    struct Sum;

    impl SecurityContext for Sum {
        fn step(&mut self, _: Option<&[u8]>) -> Result<Option<Vec<u8>>, String> {
            Ok(None)
        }
        fn is_complete(&self) -> bool {
            true
        }
        fn sign(&mut self, text: &[u8]) -> Result<Vec<u8>, String> {
            let sum = text.iter().fold(text.len() as u32, |sum, byte| sum.rotate_left(3) ^ u32::from(*byte));
            Ok(sum.to_be_bytes().to_vec())
        }
        fn verify(&mut self, text: &[u8], signature: &[u8]) -> Result<(), String> {
            if self.sign(text)? == signature { Ok(()) } else { Err("the signature is another".to_owned()) }
        }
    }

    fn answer(token: &[u8], fault: u16) -> Vec<u8> {
        let mut bytes = tkey_question(&key_name(1), token, 7, 1_790_000_000).unwrap();
        bytes[2] |= 0x80;
        // The record stands in the answer section of an answer.
        bytes[7] = 1;
        bytes[11] = 0;
        let fault_at = bytes.len() - 2 - token.len() - 2 - 2;
        bytes[fault_at..fault_at + 2].copy_from_slice(&fault.to_be_bytes());
        bytes
    }

    #[test]
    fn tokens_go_and_come() {
        assert_eq!(tkey_answer(&answer(b"token", 0), 7), Ok(b"token".to_vec()));
        assert_eq!(tkey_answer(&answer(b"", 0), 7), Ok(Vec::new()));
        assert_eq!(tkey_answer(&answer(b"", 17), 7), Err(TkeyError::Refused(17)));
        assert!(matches!(tkey_answer(&answer(b"token", 0), 8), Err(TkeyError::Nonsense(_))));
        let mut refused = answer(b"", 0);
        refused[3] |= 5;
        assert_eq!(tkey_answer(&refused, 7), Err(TkeyError::Code(5)));
        assert!(tkey_question(&key_name(1), &vec![0; 70_000], 7, 0).is_none());
    }

    #[test]
    fn an_answer_is_believed_when_its_signature_fits() {
        let key = NegotiatedKey::new(key_name(9), Sum);
        let mut update = Message::new(7, MessageType::Query, OpCode::Update);
        let signed = key.sign(&mut update, 1_790_000_000).unwrap();
        let asked = Message::from_vec(&signed.bytes).unwrap();
        let asked_signature = asked.signature.unwrap().data.mac.clone();

        let mut reply = Message::new(7, MessageType::Response, OpCode::Update);
        let stub =
            TSIG::new(TsigAlgorithm::Gss, 1_790_000_001, FUDGE_SECONDS, Vec::new(), 7, None, Vec::new());
        let mut text = (asked_signature.len() as u16).to_be_bytes().to_vec();
        text.extend(&asked_signature);
        text.extend(message_tbs(&reply, &stub, &key_name(9)).unwrap());
        let good = stub.clone().set_mac(Sum.sign(&text).unwrap());
        reply.set_signature(Box::new(make_tsig_record(key_name(9), good)));
        let good = reply.to_vec().unwrap();
        let mut other = good.clone();
        other[3] ^= 0x20;
        assert_eq!((signed.check)(&good), Ok(()));
        for wrong in [&other[..], b"", &good[..12]] {
            let signed = key.sign(&mut Message::new(7, MessageType::Query, OpCode::Update), 1_790_000_000);
            assert!((signed.unwrap().check)(wrong).is_err());
        }
    }

    #[test]
    fn a_keys_name_is_one_label() {
        let name = key_name(u32::MAX);
        assert_eq!((name.num_labels(), name.is_fqdn()), (1, true));
    }

    proptest! {
        #[test]
        fn no_answer_does_harm(bytes in proptest::collection::vec(any::<u8>(), 0..120), at in 0usize..90, value in any::<u8>()) {
            let _ = tkey_answer(&bytes, 7);
            let mut nearly = answer(b"token", 0);
            let at = at % nearly.len();
            nearly[at] = value;
            let _ = tkey_answer(&nearly, 7);
            let key = NegotiatedKey::new(key_name(9), Sum);
            let signed = key.sign(&mut Message::new(7, MessageType::Query, OpCode::Update), 1).unwrap();
            let mut echoed = signed.bytes.clone();
            let at = at % echoed.len();
            echoed[at] = value;
            let _ = (signed.check)(&echoed);
        }
    }
}
