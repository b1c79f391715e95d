//! Questions, and the bytes that ask them.

use std::fmt;

use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
use hickory_proto::rr::{Name, RecordType};

/// Bytes of a UDP answer that are offered to take (DNS flag day 2020): no fragments on common paths.
pub const UDP_PAYLOAD_BYTES: u16 = 1232;

/// A name that is no name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name:?} is no domain name: {problem}")]
pub struct NameError {
    /// As given.
    pub name: String,
    /// Why not.
    pub problem: String,
}

/// One question of class IN.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Question {
    /// Fully qualified.
    pub name: Name,
    /// What is wanted.
    pub record_type: RecordType,
}

/// A fully qualified name from what people write, with or without the dot at its end.
pub fn full_name(text: &str) -> Result<Name, NameError> {
    let error = |problem: String| NameError { name: text.to_owned(), problem };
    let trimmed = text.trim().trim_end_matches('.');
    if trimmed.is_empty() {
        return Err(error("it is empty".to_owned()));
    }
    // Underscores are part of service names, and other scripts are written as they are.
    let mut name = Name::from_str_relaxed(trimmed).map_err(|problem| error(problem.to_string()))?;
    name.set_fqdn(true);
    Ok(name)
}

/// `_vlmcs._tcp.` in front of a domain.
pub fn service_name(domain: &str) -> Result<Name, NameError> {
    full_name(&format!("_vlmcs._tcp.{}", domain.trim().trim_start_matches('.')))
}

impl Question {
    /// The SRV records of KMS hosts in a domain.
    pub fn kms_hosts(domain: &str) -> Result<Question, NameError> {
        Ok(Question { name: service_name(domain)?, record_type: RecordType::SRV })
    }

    /// Any question about a name.
    pub fn new(name: Name, record_type: RecordType) -> Question {
        Question { name, record_type }
    }

    /// The message that asks it, with recursion desired and EDNS. Nothing if the name is too long to be written.
    pub fn to_bytes(&self, id: u16) -> Option<Vec<u8>> {
        let mut message = Message::new(id, MessageType::Query, OpCode::Query);
        message.metadata.recursion_desired = true;
        message.add_query(Query::query(self.name.clone(), self.record_type));
        let mut edns = Edns::new();
        edns.set_max_payload(UDP_PAYLOAD_BYTES);
        message.set_edns(edns);
        message.to_vec().ok()
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", shown(&self.name), self.record_type)
    }
}

/// A name as it is shown and compared: without the dot at its end, other scripts in their encoded form (`xn--`).
pub fn shown(name: &Name) -> String {
    let text = name.to_ascii();
    let trimmed = text.trim_end_matches('.');
    if trimmed.is_empty() { ".".to_owned() } else { trimmed.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_gets_the_service_in_front() {
        for domain in ["contoso.com", "contoso.com.", " .contoso.com"] {
            let question = Question::kms_hosts(domain).unwrap();
            assert_eq!(question.to_string(), "_vlmcs._tcp.contoso.com SRV");
            assert!(question.name.is_fqdn());
        }
        for bad in ["", ".", "a..b", &"x".repeat(64)] {
            assert!(full_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn asks_with_recursion_and_edns() {
        let bytes = Question::kms_hosts("contoso.com").unwrap().to_bytes(0x1234).unwrap();
        assert_eq!(bytes[..12], [0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 1]);
        assert_eq!(&bytes[12..20], b"\x06_vlmcs\x04");
        // The pseudo-record's class is the payload size.
        assert_eq!(bytes[bytes.len() - 10..][..4], [0, 41, 4, 208]);
    }
}
