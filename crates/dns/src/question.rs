//! Questions, and the bytes that ask them.

use std::fmt;

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
    if trimmed.contains('\\') {
        return told_name(text.trim());
    }
    // Underscores are part of service names, and other scripts are written as they are.
    let read = if trimmed.is_ascii() { Name::from_ascii(trimmed) } else { Name::from_str_relaxed(trimmed) };
    let mut name = read.map_err(|problem| error(problem.to_string()))?;
    name.set_fqdn(true);
    Ok(name)
}

/// A name that DNS told, as [`shown`] writes it: its labels may hold what no person would call a host.
pub fn told_name(text: &str) -> Result<Name, NameError> {
    escaped_name(text).map_err(|problem| NameError { name: text.to_owned(), problem })
}

/// A name with escapes (RFC 4343 2.1): `\.` and `\032`.
fn escaped_name(text: &str) -> Result<Name, String> {
    let mut labels: Vec<Vec<u8>> = vec![Vec::new()];
    let mut bytes = text.bytes().peekable();
    while let Some(byte) = bytes.next() {
        let byte = match byte {
            b'.' => {
                labels.push(Vec::new());
                continue;
            }
            b'\\' => escape(&mut bytes)?,
            other => other,
        };
        if let Some(label) = labels.last_mut() {
            label.push(byte);
        }
    }
    if labels.last().is_some_and(Vec::is_empty) {
        labels.pop();
    }
    let mut name = Name::from_labels(labels.iter().map(Vec::as_slice)).map_err(|error| error.to_string())?;
    name.set_fqdn(true);
    Ok(name)
}

/// The byte behind a backslash: three digits, or the character itself.
fn escape(bytes: &mut std::iter::Peekable<std::str::Bytes<'_>>) -> Result<u8, String> {
    let first = bytes.next().ok_or("a backslash at the end")?;
    if !first.is_ascii_digit() {
        return Ok(first);
    }
    let mut value = u32::from(first - b'0');
    for _ in 0..2 {
        let digit =
            bytes.next().filter(u8::is_ascii_digit).ok_or("a backslash with less than three digits")?;
        value = value * 10 + u32::from(digit - b'0');
    }
    u8::try_from(value).map_err(|_| format!("\\{value} is no byte"))
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
        const RECURSION_DESIRED: u8 = 0x01;
        const NAME_BYTES_MAX: usize = 255;
        const IN: u16 = 1;
        const OPT: u16 = 41;
        let mut bytes = Vec::with_capacity(12 + NAME_BYTES_MAX + 4 + 11);
        bytes.extend(id.to_be_bytes());
        // One question, and the pseudo-record among the additional ones.
        bytes.extend([RECURSION_DESIRED, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
        for label in self.name.iter() {
            bytes.push(u8::try_from(label.len()).ok().filter(|length| (1..64).contains(length))?);
            bytes.extend(label);
        }
        bytes.push(0);
        if bytes.len() - 12 > NAME_BYTES_MAX {
            return None;
        }
        bytes.extend(u16::from(self.record_type).to_be_bytes());
        bytes.extend(IN.to_be_bytes());
        // EDNS (RFC 6891 6.1.2): the root's name, the type, the payload size in the place of the class, no flags.
        bytes.push(0);
        bytes.extend(OPT.to_be_bytes());
        bytes.extend(UDP_PAYLOAD_BYTES.to_be_bytes());
        bytes.extend([0; 6]);
        Some(bytes)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", shown(&self.name), self.record_type)
    }
}

/// A name as it is shown and compared: without the dot at its end, other scripts in their encoded form (`xn--`),
/// strange bytes in labels escaped as dig and zone files write them.
pub fn shown(name: &Name) -> String {
    let mut text = String::new();
    for label in name.iter() {
        if !text.is_empty() {
            text.push('.');
        }
        for byte in label {
            match byte {
                b'.' | b'\\' | b'"' | b';' | b'(' | b')' | b'@' | b'$' => {
                    text.extend(['\\', char::from(*byte)])
                }
                0x21..=0x7E => text.push(char::from(*byte)),
                other => text.push_str(&format!("\\{other:03}")),
            }
        }
    }
    if text.is_empty() { ".".to_owned() } else { text }
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
    fn strange_labels_come_back_as_they_were() {
        for label in [&b"a.b"[..], b"kms 01", b"\x00\xff", b"back\\slash", b"*", b"-x", b"9"] {
            let mut name = Name::from_labels([label, b"contoso", b"com"]).unwrap();
            name.set_fqdn(true);
            let text = shown(&name);
            assert!(text.is_ascii() && text.ends_with(".contoso.com"), "{text}");
            assert_eq!(told_name(&text).unwrap(), name, "{text}");
        }
        assert_eq!(shown(&full_name("kms\\03201.contoso.com.").unwrap()), "kms\\03201.contoso.com");
        for bad in ["a\\", "a\\1", "a\\999.b", "a\\.b..c"] {
            assert!(full_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_bytes_are_those_that_hickory_writes() {
        use hickory_proto::op::{Edns, Message, MessageType, OpCode, Query};
        for (name, record_type) in [
            ("_vlmcs._tcp.contoso.com", RecordType::SRV),
            ("kms01.contoso.com", RecordType::AAAA),
            ("b\u{fc}ro.example", RecordType::A),
            (&format!("{0}.{0}.{0}.contoso.com", "x".repeat(63)), RecordType::PTR),
        ] {
            let question = Question::new(full_name(name).unwrap(), record_type);
            let mut message = Message::new(0xBEEF, MessageType::Query, OpCode::Query);
            message.metadata.recursion_desired = true;
            message.add_query(Query::query(question.name.clone(), record_type));
            let mut edns = Edns::new();
            edns.set_max_payload(UDP_PAYLOAD_BYTES);
            message.set_edns(edns);
            assert_eq!(question.to_bytes(0xBEEF), message.to_vec().ok(), "{name}");
        }
        assert_eq!(Question::new(Name::root(), RecordType::NS).to_bytes(1).unwrap().len(), 12 + 5 + 11);
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
