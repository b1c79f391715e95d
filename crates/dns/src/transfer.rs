//! Zone transfers (AXFR, RFC 5936): the question, and what the messages of the answer hold of KMS records.

use std::collections::BTreeMap;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};

use crate::answer::Srv;
use crate::question::shown;

/// What stands in front of a domain in the name of its KMS records.
const SERVICE: [&[u8]; 2] = [b"_vlmcs", b"_tcp"];

/// KMS records of one zone that are kept at most.
const RECORDS_MAX: usize = 100_000;

/// Why a transfer came to no good end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransferError {
    /// The server does not hand the zone over.
    #[error("{0}")]
    Refused(ResponseCode),
    /// What came is no transfer of this zone.
    #[error("not a transfer of the zone: {0}")]
    Broken(String),
    /// More records than anybody has.
    #[error("more than {RECORDS_MAX} KMS records")]
    TooMany,
}

/// The question for a whole zone, yet unsigned.
pub fn question(zone: &Name, id: u16) -> Message {
    let mut message = Message::new(id, MessageType::Query, OpCode::Query);
    message.add_query(Query::query(zone.clone(), RecordType::AXFR));
    message
}

/// A transfer under way: takes message after message until the zone's start comes a second time.
#[derive(Debug)]
pub struct Transfer {
    zone: Name,
    id: u16,
    /// Times that the zone's SOA record came.
    starts: usize,
    count: usize,
    domains: BTreeMap<String, Vec<Srv>>,
}

impl Transfer {
    /// A transfer that was asked for with an id.
    pub fn new(zone: Name, id: u16) -> Transfer {
        Transfer { zone, id, starts: 0, count: 0, domains: BTreeMap::new() }
    }

    /// Takes one message; true when it was the last.
    pub fn take(&mut self, bytes: &[u8]) -> Result<bool, TransferError> {
        let message = Message::from_vec(bytes).map_err(|error| TransferError::Broken(error.to_string()))?;
        if message.metadata.message_type != MessageType::Response || message.metadata.id != self.id {
            return Err(TransferError::Broken("another message is answered".to_owned()));
        }
        if message.metadata.response_code != ResponseCode::NoError {
            return Err(TransferError::Refused(message.metadata.response_code));
        }
        if message.answers.is_empty() {
            return Err(TransferError::Broken("a message without records".to_owned()));
        }
        for record in &message.answers {
            let is_start = record.record_type() == RecordType::SOA;
            if self.starts == 0 && !is_start {
                return Err(TransferError::Broken("it does not begin with the zone's SOA record".to_owned()));
            }
            if is_start {
                if record.name != self.zone {
                    return Err(TransferError::Broken(format!("it is of {}", shown(&record.name))));
                }
                self.starts += 1;
                if self.starts == 2 {
                    return Ok(true);
                }
            }
            if let (Some(srv), Some(domain)) = (Srv::of(record), domain_of(&record.name)) {
                self.count += 1;
                if self.count > RECORDS_MAX {
                    return Err(TransferError::TooMany);
                }
                self.domains.entry(domain).or_default().push(srv);
            }
        }
        Ok(false)
    }

    /// The KMS records by the domain that they are of.
    pub fn into_domains(self) -> BTreeMap<String, Vec<Srv>> {
        self.domains
    }
}

/// The domain of a KMS record's name.
fn domain_of(owner: &Name) -> Option<String> {
    let labels: Vec<&[u8]> = owner.iter().collect();
    let (service, domain) = labels.split_at_checked(SERVICE.len())?;
    let is_kms = service.iter().zip(SERVICE).all(|(label, wanted)| label.eq_ignore_ascii_case(wanted));
    let name = Name::from_labels(domain.iter().copied()).ok()?;
    (is_kms && !domain.is_empty()).then(|| shown(&name).to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use hickory_proto::rr::rdata::{SOA, SRV};
    use hickory_proto::rr::{RData, Record};
    use proptest::prelude::*;

    use super::*;
    use crate::question::full_name;

    fn zone() -> Name {
        full_name("contoso.com").unwrap()
    }

    fn soa(name: &str) -> Record {
        let soa = SOA::new(full_name("ns1.contoso.com").unwrap(), zone(), 1, 2, 3, 4, 5);
        Record::from_rdata(full_name(name).unwrap(), 60, RData::SOA(soa))
    }

    fn srv(owner: &str) -> Record {
        let data = SRV::new(0, 0, 1688, full_name("kms01.contoso.com").unwrap());
        Record::from_rdata(full_name(owner).unwrap(), 60, RData::SRV(data))
    }

    fn message(records: Vec<Record>) -> Vec<u8> {
        let mut message = Message::new(7, MessageType::Response, OpCode::Query);
        for record in records {
            message.add_answer(record);
        }
        message.to_vec().unwrap()
    }

    #[test]
    fn kms_records_are_found_wherever_they_hang() {
        let mut transfer = Transfer::new(zone(), 7);
        let first = vec![soa("contoso.com"), srv("_VLMCS._tcp.contoso.com"), srv("_ldap._tcp.contoso.com")];
        assert_eq!(transfer.take(&message(first)), Ok(false));
        let last = vec![srv("_vlmcs._tcp.Branch.contoso.com"), soa("contoso.com")];
        assert_eq!(transfer.take(&message(last)), Ok(true));
        let domains = transfer.into_domains();
        assert_eq!(domains.keys().collect::<Vec<_>>(), ["branch.contoso.com", "contoso.com"]);
        assert_eq!(domains["contoso.com"][0].target, "kms01.contoso.com");
    }

    #[test]
    fn what_is_no_transfer_is_told() {
        let broken = |records| Transfer::new(zone(), 7).take(&message(records)).unwrap_err().to_string();
        assert!(broken(vec![srv("_vlmcs._tcp.contoso.com")]).contains("does not begin"));
        assert!(broken(vec![soa("fabrikam.com")]).contains("it is of fabrikam.com"));
        assert!(broken(vec![]).contains("without records"));
        assert!(Transfer::new(zone(), 8).take(&message(vec![soa("contoso.com")])).is_err());
        let mut refused = message(vec![]);
        refused[3] |= 5;
        assert_eq!(
            Transfer::new(zone(), 7).take(&refused),
            Err(TransferError::Refused(ResponseCode::Refused))
        );
    }

    proptest! {
        #[test]
        fn no_message_does_harm(bytes in proptest::collection::vec(any::<u8>(), 0..80), at in 0usize..200, value in any::<u8>()) {
            let _ = Transfer::new(zone(), 7).take(&bytes);
            let mut nearly = message(vec![soa("contoso.com"), srv("_vlmcs._tcp.contoso.com")]);
            let at = at % nearly.len();
            nearly[at] = value;
            let _ = Transfer::new(zone(), 7).take(&nearly);
        }
    }
}
