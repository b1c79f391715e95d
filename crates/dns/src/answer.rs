//! Answers: which bytes are one, and what they say.

use std::fmt;
use std::net::IpAddr;

use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::{Name, RData, Record, RecordType};

use crate::question::{Question, shown};

/// Canonical names that are followed at most; real chains have one or two.
const CHAIN_MAX: usize = 16;

/// Records of one answer that are kept at most.
const RECORDS_MAX: usize = 1000;

/// Why bytes are no answer to a question. Whoever waits goes on waiting: they may come from somebody else.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejected {
    /// Not a DNS message.
    #[error("not a DNS message: {0}")]
    Broken(String),
    /// A question.
    #[error("a question, expected an answer")]
    NoAnswer,
    /// Another message's answer.
    #[error("id {found:#06x}, expected {expected:#06x}")]
    Id {
        /// What stands there.
        found: u16,
        /// What was asked with.
        expected: u16,
    },
    /// An answer to something else.
    #[error("an answer to {0}")]
    Question(String),
}

/// How a question was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Records of the asked type.
    Found,
    /// No such name.
    Nxdomain,
    /// The name is there, without records of this type.
    NoData,
    /// The server failed.
    Servfail,
    /// The server refuses to answer.
    Refused,
    /// The server knows nothing of the name and points elsewhere: it neither has the zone nor asks for others.
    Lame,
    /// The canonical names lead in a circle, or further than anyone follows.
    Loop,
    /// Any other code.
    Other(u16),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Found => f.write_str("NOERROR"),
            Outcome::Nxdomain => f.write_str("NXDOMAIN"),
            Outcome::NoData => f.write_str("NODATA"),
            Outcome::Servfail => f.write_str("SERVFAIL"),
            Outcome::Refused => f.write_str("REFUSED"),
            Outcome::Lame => f.write_str("lame referral"),
            Outcome::Loop => f.write_str("CNAME loop"),
            Outcome::Other(code) => write!(f, "{}", ResponseCode::from(0, *code as u8)),
        }
    }
}

/// An SRV record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Srv {
    /// Lower is tried first.
    pub priority: u16,
    /// Share among those of one priority.
    pub weight: u16,
    /// TCP port.
    pub port: u16,
    /// Host, without the dot at the end; `.` where the service is declared not to be there (RFC 2782).
    pub target: String,
    /// Time to live in seconds.
    pub ttl: u32,
}

impl Srv {
    /// "No such service here."
    pub fn says_there_is_none(&self) -> bool {
        self.target == "."
    }
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Yes, no, or why not.
    pub outcome: Outcome,
    /// The server has the zone itself.
    pub authoritative: bool,
    /// The server would ask others.
    pub recursion_available: bool,
    /// The answer was cut off: ask again over TCP.
    pub truncated: bool,
    /// SRV records of the asked name.
    pub srv: Vec<Srv>,
    /// Addresses of the asked name.
    pub addresses: Vec<IpAddr>,
    /// Names of the asked address (PTR).
    pub names: Vec<String>,
    /// Canonical names on the way, each with what it stands for.
    pub aliases: Vec<(String, String)>,
    /// Addresses of other names that came along.
    pub glue: Vec<(String, IpAddr)>,
    /// Lowest time to live of the records that count.
    pub ttl: Option<u32>,
    /// From the SOA record: the zone, and its primary server.
    pub soa: Option<(String, String)>,
}

impl Answer {
    /// The server tells what is there, or that nothing is; a failure or refusal tells neither.
    pub fn tells(&self) -> bool {
        matches!(self.outcome, Outcome::Found | Outcome::NoData | Outcome::Nxdomain)
    }

    /// What somebody tells who lists a zone's records: all that are there, of the zone itself.
    pub fn listed(srv: Vec<Srv>) -> Answer {
        Answer {
            outcome: if srv.is_empty() { Outcome::NoData } else { Outcome::Found },
            authoritative: true,
            recursion_available: false,
            truncated: false,
            ttl: srv.iter().map(|srv| srv.ttl).min(),
            srv,
            addresses: Vec::new(),
            names: Vec::new(),
            aliases: Vec::new(),
            glue: Vec::new(),
            soa: None,
        }
    }

    /// Reads the answer to a question that was asked with an id.
    pub fn read(question: &Question, id: u16, bytes: &[u8]) -> Result<Answer, Rejected> {
        let message = Message::from_vec(bytes).map_err(|error| Rejected::Broken(error.to_string()))?;
        if message.metadata.message_type != MessageType::Response {
            return Err(Rejected::NoAnswer);
        }
        if message.metadata.id != id {
            return Err(Rejected::Id { found: message.metadata.id, expected: id });
        }
        match message.queries.as_slice() {
            [asked] if asked.name() == &question.name && asked.query_type() == question.record_type => {}
            // Servers that fail early leave the question out.
            [] if message.metadata.response_code != ResponseCode::NoError => {}
            [] => return Err(Rejected::Question("nothing".to_owned())),
            [other, ..] => {
                return Err(Rejected::Question(format!("{} {}", shown(other.name()), other.query_type())));
            }
        }
        Ok(Answer::of(question, &message))
    }

    fn of(question: &Question, message: &Message) -> Answer {
        let metadata = &message.metadata;
        let mut answer = Answer {
            outcome: Outcome::NoData,
            authoritative: metadata.authoritative,
            recursion_available: metadata.recursion_available,
            truncated: metadata.truncation,
            srv: Vec::new(),
            addresses: Vec::new(),
            names: Vec::new(),
            aliases: Vec::new(),
            glue: Vec::new(),
            ttl: None,
            soa: None,
        };
        let all = || {
            message.answers.iter().chain(&message.authorities).chain(&message.additionals).take(RECORDS_MAX)
        };
        let Some(owner) = answer.follow(question, &message.answers) else {
            answer.outcome = Outcome::Loop;
            return answer;
        };
        for record in message.answers.iter().take(RECORDS_MAX) {
            if record.record_type() == question.record_type && record.name == owner {
                answer.ttl = Some(answer.ttl.map_or(record.ttl, |lowest| lowest.min(record.ttl)));
                answer.keep(record);
            }
        }
        for record in all() {
            if let Some(address) = address_of(&record.data)
                && record.name != owner
            {
                answer.glue.push((shown(&record.name), address));
            }
            if let RData::SOA(soa) = &record.data {
                answer.soa = Some((shown(&record.name), shown(&soa.mname)));
            }
        }
        let is_found = answer.ttl.is_some();
        let points_elsewhere =
            message.authorities.iter().any(|record| record.record_type() == RecordType::NS);
        answer.outcome = match metadata.response_code {
            ResponseCode::NoError if is_found => Outcome::Found,
            ResponseCode::NoError
                if points_elsewhere && !metadata.authoritative && !metadata.recursion_available =>
            {
                Outcome::Lame
            }
            ResponseCode::NoError => Outcome::NoData,
            ResponseCode::NXDomain => Outcome::Nxdomain,
            ResponseCode::ServFail => Outcome::Servfail,
            ResponseCode::Refused => Outcome::Refused,
            other => Outcome::Other(other.into()),
        };
        answer
    }

    /// Follows canonical names from the asked name to the last one. Nothing if they lead in a circle.
    fn follow(&mut self, question: &Question, records: &[Record]) -> Option<Name> {
        let mut owner = question.name.clone();
        if question.record_type == RecordType::CNAME {
            return Some(owner);
        }
        loop {
            let next = records.iter().find_map(|record| match &record.data {
                RData::CNAME(target) if record.name == owner => Some(&target.0),
                _ => None,
            });
            let Some(next) = next else { return Some(owner) };
            self.aliases.push((shown(&owner), shown(next)));
            let circle = *next == question.name || self.aliases.len() > CHAIN_MAX;
            owner = next.clone();
            if circle {
                return None;
            }
        }
    }

    fn keep(&mut self, record: &Record) {
        self.srv.extend(Srv::of(record));
        match &record.data {
            RData::PTR(name) => self.names.push(shown(&name.0)),
            data => self.addresses.extend(address_of(data)),
        }
    }
}

impl Srv {
    /// The record, where it is one.
    pub(crate) fn of(record: &Record) -> Option<Srv> {
        let RData::SRV(srv) = &record.data else { return None };
        Some(Srv {
            priority: srv.priority,
            weight: srv.weight,
            port: srv.port,
            target: shown(&srv.target),
            ttl: record.ttl,
        })
    }
}

fn address_of(data: &RData) -> Option<IpAddr> {
    match data {
        RData::A(address) => Some(IpAddr::V4(address.0)),
        RData::AAAA(address) => Some(IpAddr::V6(address.0)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_proto::op::{OpCode, Query};
    use hickory_proto::rr::rdata::{A, CNAME, NS, SRV};
    use proptest::prelude::*;

    use super::*;
    use crate::question::full_name;

    fn question() -> Question {
        Question::kms_hosts("contoso.com").unwrap()
    }

    fn name(text: &str) -> Name {
        full_name(text).unwrap()
    }

    fn srv(owner: &str, target: &str) -> Record {
        Record::from_rdata(name(owner), 3600, RData::SRV(SRV::new(0, 100, 1688, name(target))))
    }

    fn cname(owner: &str, target: &str) -> Record {
        Record::from_rdata(name(owner), 60, RData::CNAME(CNAME(name(target))))
    }

    fn response(code: ResponseCode, records: Vec<Record>) -> Message {
        let mut message = Message::response(7, OpCode::Query);
        message.metadata.response_code = code;
        message.metadata.recursion_available = true;
        message.add_query(Query::query(question().name, RecordType::SRV));
        message.insert_answers(records);
        message
    }

    fn read(message: &Message) -> Result<Answer, Rejected> {
        Answer::read(&question(), 7, &message.to_vec().unwrap())
    }

    #[test]
    fn finds_records_behind_aliases_and_addresses_beside_them() {
        let mut message = response(
            ResponseCode::NoError,
            vec![
                cname("_VLMCS._tcp.contoso.com", "_vlmcs._tcp.hq.contoso.com"),
                srv("_vlmcs._tcp.hq.contoso.com", "kms01.contoso.com"),
            ],
        );
        let address = RData::A(A(Ipv4Addr::new(192, 0, 2, 40)));
        message.add_additional(Record::from_rdata(name("kms01.contoso.com"), 60, address));
        let answer = read(&message).unwrap();
        assert_eq!((answer.outcome, answer.srv.len(), answer.ttl), (Outcome::Found, 1, Some(3600)));
        assert_eq!(answer.srv[0].target, "kms01.contoso.com");
        assert_eq!(answer.aliases.len(), 1);
        assert_eq!(answer.glue, [("kms01.contoso.com".to_owned(), "192.0.2.40".parse().unwrap())]);
    }

    #[test]
    fn tells_the_ways_of_having_nothing_apart() {
        for (code, outcome) in [
            (ResponseCode::NoError, Outcome::NoData),
            (ResponseCode::NXDomain, Outcome::Nxdomain),
            (ResponseCode::ServFail, Outcome::Servfail),
            (ResponseCode::Refused, Outcome::Refused),
            (ResponseCode::NotImp, Outcome::Other(4)),
        ] {
            assert_eq!(read(&response(code, Vec::new())).unwrap().outcome, outcome);
        }
        let mut lame = response(ResponseCode::NoError, Vec::new());
        lame.metadata.recursion_available = false;
        lame.add_authority(Record::from_rdata(name("com"), 60, RData::NS(NS(name("a.gtld-servers.net")))));
        assert_eq!(read(&lame).unwrap().outcome, Outcome::Lame);
        // Records of another name are no answer.
        let stray = response(ResponseCode::NoError, vec![srv("_vlmcs._tcp.fabrikam.com", "x.fabrikam.com")]);
        assert_eq!(read(&stray).unwrap().outcome, Outcome::NoData);
    }

    #[test]
    fn circles_end() {
        let own = "_vlmcs._tcp.contoso.com";
        let circle =
            response(ResponseCode::NoError, vec![cname(own, "a.contoso.com"), cname("a.contoso.com", own)]);
        assert_eq!(read(&circle).unwrap().outcome, Outcome::Loop);
        let inner = response(
            ResponseCode::NoError,
            vec![
                cname(own, "a.contoso.com"),
                cname("a.contoso.com", "b.contoso.com"),
                cname("b.contoso.com", "a.contoso.com"),
            ],
        );
        assert_eq!(read(&inner).unwrap().outcome, Outcome::Loop);
    }

    #[test]
    fn answers_to_others_are_rejected() {
        let message = response(ResponseCode::NoError, Vec::new());
        let bytes = message.to_vec().unwrap();
        assert_eq!(Answer::read(&question(), 8, &bytes), Err(Rejected::Id { found: 7, expected: 8 }));
        let other = Question::kms_hosts("fabrikam.com").unwrap();
        assert!(matches!(Answer::read(&other, 7, &bytes), Err(Rejected::Question(_))));
        let asked = question().to_bytes(7).unwrap();
        assert_eq!(Answer::read(&question(), 7, &asked), Err(Rejected::NoAnswer));
        assert!(matches!(
            Answer::read(&question(), 7, b"HTTP/1.1 200 OK"),
            Err(Rejected::Broken(_) | Rejected::Id { .. } | Rejected::NoAnswer)
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_do_harm(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0usize..100, value in any::<u8>()) {
            let _ = Answer::read(&question(), 7, &bytes);
            let mut nearly = response(ResponseCode::NoError, vec![srv("_vlmcs._tcp.contoso.com", "kms01.contoso.com")]).to_vec().unwrap();
            let at = at % nearly.len();
            nearly[at] = value;
            let _ = Answer::read(&question(), 7, &nearly);
        }
    }
}
