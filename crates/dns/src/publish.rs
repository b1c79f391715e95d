//! Publishing and removing a host's SRV record by dynamic update (RFC 2136).
//!
//! What is there is read first. The update then demands that it is still so: a writer who came in between makes the
//! server refuse, and nothing of the other's is lost. When nothing would change, nothing is sent.

use std::fmt;
use std::net::IpAddr;

use hickory_proto::op::{Message, MessageType, OpCode, Query};
use hickory_proto::rr::rdata::{A, AAAA, SRV};
use hickory_proto::rr::{DNSClass, Name, RData, Record, RecordType};

use crate::answer::Srv;
use crate::question::{NameError, full_name, shown, told_name};

/// What a host publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The record; its target is the host.
    pub record: Srv,
    /// Addresses of the host to publish, too; none to leave them alone.
    pub addresses: Vec<IpAddr>,
}

/// What is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Current {
    /// SRV records of the service in the domain.
    pub srv: Vec<Srv>,
    /// Addresses of the host; only looked at when addresses are wanted.
    pub addresses: Vec<IpAddr>,
}

/// A change of one zone, sent as one message: all of it happens, or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The zone.
    pub zone: Name,
    /// What must be so before; the server refuses otherwise.
    pub demands: Vec<Demand>,
    /// What is taken out.
    pub remove: Vec<Record>,
    /// What is put in.
    pub add: Vec<Record>,
}

/// A condition on the records of one name and type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Demand {
    /// There are none.
    None(Name, RecordType),
    /// There are exactly these.
    Exactly(Vec<Record>),
}

/// Compares records without their times to live.
fn same(a: &Srv, b: &Srv) -> bool {
    (a.priority, a.weight, a.port) == (b.priority, b.weight, b.port)
        && a.target.eq_ignore_ascii_case(&b.target)
}

fn srv_record(owner: &Name, srv: &Srv, ttl: u32) -> Result<Record, NameError> {
    // A dot stands for nobody (RFC 2782); whoever put it there, it must not keep others from their records.
    let target = if srv.says_there_is_none() { Name::root() } else { told_name(&srv.target)? };
    Ok(Record::from_rdata(
        owner.clone(),
        ttl,
        RData::SRV(SRV::new(srv.priority, srv.weight, srv.port, target)),
    ))
}

fn address_record(owner: &Name, address: IpAddr, ttl: u32) -> Record {
    let data = match address {
        IpAddr::V4(address) => RData::A(A(address)),
        IpAddr::V6(address) => RData::AAAA(AAAA(address)),
    };
    Record::from_rdata(owner.clone(), ttl, data)
}

/// The change that publishes a host, or nothing when it is published already.
///
/// Other records of the same host are replaced: a host has one port, one priority and one weight in a domain. Records
/// of other hosts stay. Addresses are published only where the host's name belongs to the zone.
pub fn publish(
    zone: &Name,
    owner: &Name,
    current: &Current,
    wanted: &Wanted,
) -> Result<Option<Change>, NameError> {
    let mut change = Change { zone: zone.clone(), demands: Vec::new(), remove: Vec::new(), add: Vec::new() };
    let own = |srv: &&Srv| srv.target.eq_ignore_ascii_case(&wanted.record.target);
    // All records of one name and type share their time to live (RFC 2181 5.2); that of other hosts is left alone.
    let shared = current.srv.iter().find(|srv| !own(srv)).map(|srv| srv.ttl);
    let ttl = shared.unwrap_or(wanted.record.ttl);
    let is_there = current.srv.iter().any(|srv| same(srv, &wanted.record) && srv.ttl == ttl);
    let outdated: Vec<&Srv> =
        current.srv.iter().filter(own).filter(|srv| !same(srv, &wanted.record)).collect();
    if !is_there || !outdated.is_empty() {
        change.demands.push(demand(owner, &current.srv)?);
        for srv in outdated {
            change.remove.push(srv_record(owner, srv, srv.ttl)?);
        }
        change.add.push(srv_record(owner, &wanted.record, ttl)?);
    }
    let host = full_name(&wanted.record.target)?;
    if zone.zone_of(&host) {
        let missing = wanted.addresses.iter().filter(|address| !current.addresses.contains(address));
        change.add.extend(missing.map(|address| address_record(&host, *address, wanted.record.ttl)));
    }
    Ok((!change.add.is_empty() || !change.remove.is_empty()).then_some(change))
}

/// The change that takes a host's records out, or nothing when it has none. Without a host: all records of the
/// service.
pub fn remove(
    zone: &Name,
    owner: &Name,
    current: &[Srv],
    host: Option<&str>,
) -> Result<Option<Change>, NameError> {
    let goes =
        |srv: &&Srv| host.is_none_or(|host| srv.target.eq_ignore_ascii_case(host.trim_end_matches('.')));
    let going: Vec<&Srv> = current.iter().filter(goes).collect();
    if going.is_empty() {
        return Ok(None);
    }
    let records =
        going.iter().map(|srv| srv_record(owner, srv, srv.ttl)).collect::<Result<Vec<_>, NameError>>()?;
    let demands = vec![demand(owner, current)?];
    Ok(Some(Change { zone: zone.clone(), demands, remove: records, add: Vec::new() }))
}

fn demand(owner: &Name, current: &[Srv]) -> Result<Demand, NameError> {
    if current.is_empty() {
        return Ok(Demand::None(owner.clone(), RecordType::SRV));
    }
    let records =
        current.iter().map(|srv| srv_record(owner, srv, srv.ttl)).collect::<Result<Vec<_>, NameError>>()?;
    Ok(Demand::Exactly(records))
}

impl Change {
    /// Several changes of one zone as one: all of it happens, or nothing. Nothing without any.
    pub fn joined(changes: &[&Change]) -> Option<Change> {
        let (first, rest) = changes.split_first()?;
        let mut joined = (*first).clone();
        for change in rest.iter().filter(|change| change.zone == first.zone) {
            joined.demands.extend(change.demands.iter().cloned());
            joined.remove.extend(change.remove.iter().cloned());
            joined.add.extend(change.add.iter().cloned());
        }
        Some(joined)
    }

    /// The update message, not signed.
    pub fn message(&self, id: u16) -> Message {
        let mut message = Message::new(id, MessageType::Query, OpCode::Update);
        let mut zone = Query::query(self.zone.clone(), RecordType::SOA);
        zone.set_query_class(DNSClass::IN);
        message.add_query(zone);
        // RFC 2136 2.4: in the prerequisites, class NONE says that there are no such records, the zone's own class
        // that there are exactly these; times to live are zero.
        for demand in &self.demands {
            match demand {
                Demand::None(owner, record_type) => {
                    let mut record = Record::update0(owner.clone(), 0, *record_type);
                    record.dns_class = DNSClass::NONE;
                    message.add_answer(record);
                }
                Demand::Exactly(records) => {
                    message.add_answers(records.iter().map(|record| with(record, DNSClass::IN)));
                }
            }
        }
        // RFC 2136 2.5: class NONE takes one record out, the zone's class puts one in.
        message.add_authorities(
            self.remove.iter().map(|record| with(record, DNSClass::NONE)).collect::<Vec<_>>(),
        );
        message.add_authorities(self.add.clone());
        message
    }
}

/// A record as prerequisites and deletions hold it: of a class, without a time to live.
fn with(record: &Record, class: DNSClass) -> Record {
    let mut record = record.clone();
    record.dns_class = class;
    record.ttl = 0;
    record
}

impl fmt::Display for Change {
    /// In the words of `nsupdate`, so that it can be read, kept, and run there.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "zone {}", self.zone)?;
        for demand in &self.demands {
            match demand {
                Demand::None(owner, record_type) => writeln!(f, "prereq nxrrset {owner} {record_type}")?,
                Demand::Exactly(records) => {
                    for record in records {
                        writeln!(
                            f,
                            "prereq yxrrset {} {} {}",
                            record.name,
                            record.record_type(),
                            record.data
                        )?;
                    }
                }
            }
        }
        for record in &self.remove {
            writeln!(f, "update delete {} {} {}", record.name, record.record_type(), record.data)?;
        }
        for record in &self.add {
            writeln!(
                f,
                "update add {} {} {} {}",
                record.name,
                record.ttl,
                record.record_type(),
                record.data
            )?;
        }
        f.write_str("send")
    }
}

/// The zone that a name belongs to, from the SOA record of an answer about it.
pub fn zone_of_answer(answer: &crate::Answer) -> Option<(Name, String)> {
    let (zone, primary) = answer.soa.as_ref()?;
    Some((told_name(zone).ok()?, primary.clone()))
}

/// Records in words, for people.
pub fn in_words(record: &Record) -> String {
    format!("{} {} {}", shown(&record.name), record.record_type(), record.data)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::question::service_name;

    fn zone() -> Name {
        full_name("contoso.com").unwrap()
    }

    fn owner() -> Name {
        service_name("contoso.com").unwrap()
    }

    fn srv(port: u16, target: &str) -> Srv {
        Srv { priority: 0, weight: 0, port, target: target.to_owned(), ttl: 3600 }
    }

    fn wanted(port: u16) -> Wanted {
        Wanted { record: srv(port, "kms01.contoso.com"), addresses: Vec::new() }
    }

    fn plan(current: &[Srv], port: u16) -> Option<String> {
        let current = Current { srv: current.to_vec(), addresses: Vec::new() };
        publish(&zone(), &owner(), &current, &wanted(port)).unwrap().map(|change| change.to_string())
    }

    #[test]
    fn nothing_changes_when_it_is_there() {
        assert_eq!(plan(&[srv(1688, "KMS01.contoso.com")], 1688), None);
        assert_eq!(plan(&[srv(1688, "kms01.contoso.com"), srv(1688, "kms02.contoso.com")], 1688), None);
    }

    #[test]
    fn an_empty_place_must_still_be_empty() {
        assert_eq!(
            plan(&[], 1688).unwrap(),
            "zone contoso.com.\nprereq nxrrset _vlmcs._tcp.contoso.com. SRV\n\
             update add _vlmcs._tcp.contoso.com. 3600 SRV 0 0 1688 kms01.contoso.com.\nsend"
        );
    }

    #[test]
    fn a_record_that_says_there_is_nobody_is_in_nobodys_way() {
        assert!(
            plan(&[srv(0, ".")], 1688)
                .unwrap()
                .contains("prereq yxrrset _vlmcs._tcp.contoso.com. SRV 0 0 0 .\n")
        );
        assert_eq!(remove(&zone(), &owner(), &[srv(0, ".")], None).unwrap().unwrap().remove.len(), 1);
    }

    #[test]
    fn the_own_record_is_replaced_and_others_stay() {
        assert_eq!(
            plan(&[srv(1688, "kms01.contoso.com"), srv(1688, "kms02.contoso.com")], 1700).unwrap(),
            "zone contoso.com.\nprereq yxrrset _vlmcs._tcp.contoso.com. SRV 0 0 1688 kms01.contoso.com.\n\
             prereq yxrrset _vlmcs._tcp.contoso.com. SRV 0 0 1688 kms02.contoso.com.\n\
             update delete _vlmcs._tcp.contoso.com. SRV 0 0 1688 kms01.contoso.com.\n\
             update add _vlmcs._tcp.contoso.com. 3600 SRV 0 0 1700 kms01.contoso.com.\nsend"
        );
    }

    #[test]
    fn addresses_go_along_where_the_name_is_in_the_zone() {
        let addresses = vec!["192.0.2.40".parse().unwrap(), "2001:db8::40".parse().unwrap()];
        let there = Current { srv: vec![srv(1688, "kms01.contoso.com")], addresses: vec![addresses[0]] };
        let mut want = Wanted { addresses, ..wanted(1688) };
        let change = publish(&zone(), &owner(), &there, &want).unwrap().unwrap();
        assert_eq!((change.add.len(), change.demands.len()), (1, 0));
        want.record.target = "kms01.fabrikam.com".to_owned();
        let change = publish(&zone(), &owner(), &Current::default(), &want).unwrap().unwrap();
        assert_eq!(change.add.len(), 1);
    }

    #[test]
    fn a_host_is_removed_and_removing_again_does_nothing() {
        let there = [srv(1688, "kms01.contoso.com"), srv(1688, "kms02.contoso.com")];
        let change = remove(&zone(), &owner(), &there, Some("KMS01.contoso.com.")).unwrap().unwrap();
        assert_eq!((change.remove.len(), change.add.len(), change.demands.len()), (1, 0, 1));
        assert_eq!(remove(&zone(), &owner(), &there[1..], Some("kms01.contoso.com")).unwrap(), None);
        assert_eq!(remove(&zone(), &owner(), &there, None).unwrap().unwrap().remove.len(), 2);
    }

    #[test]
    fn the_message_has_the_classes_of_rfc_2136() {
        let current = Current { srv: vec![srv(1688, "kms01.contoso.com")], addresses: Vec::new() };
        let change = publish(&zone(), &owner(), &current, &wanted(1700)).unwrap().unwrap();
        let bytes = change.message(1).to_vec().unwrap();
        let message = Message::from_vec(&bytes).unwrap();
        assert_eq!(message.metadata.op_code, OpCode::Update);
        assert_eq!((message.answers[0].dns_class, message.answers[0].ttl), (DNSClass::IN, 0));
        assert_eq!((message.authorities[0].dns_class, message.authorities[0].ttl), (DNSClass::NONE, 0));
        assert_eq!((message.authorities[1].dns_class, message.authorities[1].ttl), (DNSClass::IN, 3600));
    }
}
