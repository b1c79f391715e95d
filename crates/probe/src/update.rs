//! Dynamic updates, live: find the zone and its primary, read what is there, send the change, check the answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use dns::publish::{Change, Current, zone_of_answer};
use dns::tsig::{SignatureFault, Signed, Signer, signature_fault};
use dns::{Answer, Name, Question, RecordType, Srv};
use tokio::time::timeout;

use crate::bulk::{BulkOptions, ask_many};
use crate::lookup::{Asked, Random, ask, exchange_over_tcp};

/// Where a name is kept.
#[derive(Debug, Clone)]
pub struct Zone {
    /// The zone.
    pub name: Name,
    /// Its primary server, as the SOA record names it.
    pub primary_name: String,
    /// Where updates go.
    pub primary: SocketAddr,
}

/// Why an update did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UpdateFailure {
    /// The server did not tell the zone of the name; how it answered.
    NoZone(String),
    /// What is there could not be read; how the server answered.
    NotRead(String),
    /// No answer, or a broken connection; in the system's words.
    NoAnswer(String),
    /// There is no Kerberos ticket for the server; in the library's words.
    NoTicket(String),
    /// The server negotiates no key with this ticket; in its codes.
    TicketRefused(String),
    /// The server refuses: its policy does not let this key, or anybody, change this name.
    Refused,
    /// The server is not the primary of the zone, or takes no unsigned update of it.
    NotAuth,
    /// It knows no such key.
    BadKey,
    /// Another secret under this name.
    BadSig,
    /// The clocks are too far apart; seconds that the server is ahead.
    BadTime(Option<i64>),
    /// A name lies outside the zone.
    NotZone,
    /// Somebody changed the records in between.
    Changed,
    /// The answer was not signed as it should be: perhaps applied, certainly not by somebody known.
    Unverified(String),
    /// Any other code.
    Code(String),
}

/// Finds the zone of a name by asking a server for its SOA record, and the address of the zone's primary.
///
/// Updates go to the primary that the record names where its address can be found, else to the server itself.
pub async fn locate(
    nameserver: SocketAddr,
    owner: &Name,
    patience: Duration,
    random: &Arc<Random>,
) -> Result<Zone, UpdateFailure> {
    let exchange = ask(nameserver, &Question::new(owner.clone(), RecordType::SOA), patience, random).await;
    let answer = exchange.answer().ok_or_else(|| UpdateFailure::NoZone(in_words(&exchange.asked)))?;
    let (name, primary_name) =
        zone_of_answer(answer).ok_or_else(|| UpdateFailure::NoZone(answer.outcome.to_string()))?;
    let mut primary = nameserver;
    if let Ok(host) = dns::question::told_name(&primary_name) {
        for record_type in [RecordType::A, RecordType::AAAA] {
            let found = ask(nameserver, &Question::new(host.clone(), record_type), patience, random).await;
            if let Some(address) = found.answer().and_then(|answer| answer.addresses.first()) {
                primary.set_ip(*address);
                break;
            }
        }
    }
    Ok(Zone { name, primary_name, primary })
}

/// A name with its zone and what is there, from one authoritative answer.
#[derive(Debug, Clone)]
pub struct Read {
    /// Where the name is kept.
    pub zone: Zone,
    /// SRV records of the name.
    pub srv: Vec<Srv>,
}

/// Reads very many names with one question each, where the server has their zones itself: an answer that there is
/// nothing names the zone. Names that need a closer look are left out.
pub async fn read_many(
    nameserver: SocketAddr,
    owners: &[Name],
    patience: Duration,
    random: &Arc<Random>,
) -> Vec<Option<Read>> {
    let questions = owners.iter().map(|owner| Question::new(owner.clone(), RecordType::SRV)).enumerate();
    let mut answers: Vec<Option<Answer>> = vec![None; owners.len()];
    let options = BulkOptions { timeout: patience, ..BulkOptions::default() };
    let take = |index: usize, asked: Asked| {
        if let Asked::Answered(answer) = asked {
            answers[index] = Some(answer).filter(|answer| answer.authoritative && answer.aliases.is_empty());
        }
    };
    if ask_many(nameserver, questions, options, random, take).await.is_err() {
        return vec![None; owners.len()];
    }
    // Names with records: their zone is that of another name's answer, or is asked for.
    let mut zones: BTreeMap<String, Option<Zone>> = BTreeMap::new();
    let mut read = Vec::with_capacity(owners.len());
    for (owner, answer) in owners.iter().zip(answers) {
        let told = answer.as_ref().and_then(zone_of_answer);
        let (Some(answer), Some((name, _))) = (answer, told) else {
            read.push(None);
            continue;
        };
        let key = name.to_lowercase().to_string();
        if !zones.contains_key(&key) {
            let located = locate(nameserver, owner, patience, random).await.ok();
            zones.insert(
                key.clone(),
                located.filter(|zone| zone.name == name && zone.primary.ip() == nameserver.ip()),
            );
        }
        let zone = zones.get(&key).cloned().flatten();
        read.push(zone.map(|zone| Read { zone, srv: answer.srv }));
    }
    read
}

/// Reads what is there at the primary.
pub async fn current(
    zone: &Zone,
    owner: &Name,
    host: Option<&Name>,
    patience: Duration,
    random: &Arc<Random>,
) -> Result<Current, UpdateFailure> {
    let mut current = Current::default();
    let read = |name: &Name, record_type| {
        let question = Question::new(name.clone(), record_type);
        async move {
            let exchange = ask(zone.primary, &question, patience, random).await;
            match exchange.answer() {
                Some(answer) if answer.tells() => Ok(answer.clone()),
                _ => Err(UpdateFailure::NotRead(in_words(&exchange.asked))),
            }
        }
    };
    let answer = read(owner, RecordType::SRV).await?;
    // A server passes over what is added to an alias, and says that all is well (RFC 2136 3.4.2.2).
    if let Some((_, target)) = answer.aliases.first() {
        return Err(UpdateFailure::NotRead(format!("the name is an alias (CNAME) of {target}")));
    }
    current.srv = answer.srv;
    if let Some(host) = host {
        for record_type in [RecordType::A, RecordType::AAAA] {
            current.addresses.extend(read(host, record_type).await?.addresses);
        }
    }
    Ok(current)
}

/// Sends a change over TCP, signed where there is a signer; `now` is in seconds since 1970.
pub async fn send(
    zone: &Zone,
    change: &Change,
    signer: Option<&dyn Signer>,
    id: u16,
    now: u64,
    patience: Duration,
) -> Result<(), UpdateFailure> {
    let mut message = change.message(id);
    let signed = signer.map(|signer| signer.sign(&mut message, now)).transpose();
    let (bytes, check) = match signed.map_err(|error| UpdateFailure::Code(error.to_string()))? {
        Some(Signed { bytes, check }) => (bytes, Some(check)),
        None => (message.to_vec().map_err(|error| UpdateFailure::Code(error.to_string()))?, None),
    };
    let answer = match timeout(patience, exchange_over_tcp(zone.primary, &bytes)).await {
        Err(_) => return Err(UpdateFailure::NoAnswer("no answer in time".to_owned())),
        Ok(Err(error)) => return Err(UpdateFailure::NoAnswer(error.to_string())),
        Ok(Ok(answer)) => answer,
    };
    judge(&answer, id, now)?;
    check.map_or(Ok(()), |check| check(&answer)).map_err(UpdateFailure::Unverified)
}

/// What the answer to an update says, its signature aside.
fn judge(answer: &[u8], id: u16, now: u64) -> Result<(), UpdateFailure> {
    let [high, low, _, code, ..] = *answer else {
        return Err(UpdateFailure::NoAnswer("the answer is too short".to_owned()));
    };
    if u16::from_be_bytes([high, low]) != id {
        return Err(UpdateFailure::NoAnswer("the answer is to another message".to_owned()));
    }
    match signature_fault(answer) {
        Some(SignatureFault::BadSig | SignatureFault::BadTrunc) => return Err(UpdateFailure::BadSig),
        Some(SignatureFault::BadKey) => return Err(UpdateFailure::BadKey),
        Some(SignatureFault::BadTime(time)) => {
            let ahead = time.and_then(|time| i64::try_from(time).ok()?.checked_sub(i64::try_from(now).ok()?));
            return Err(UpdateFailure::BadTime(ahead));
        }
        Some(SignatureFault::Other(code)) => return Err(UpdateFailure::Code(format!("TSIG error {code}"))),
        None => {}
    }
    // RFC 1035 4.1.1 and RFC 2136 2.2.
    Err(match code & 0x0F {
        0 => return Ok(()),
        5 => UpdateFailure::Refused,
        6..=8 => UpdateFailure::Changed,
        9 => UpdateFailure::NotAuth,
        10 => UpdateFailure::NotZone,
        1 => UpdateFailure::Code("FORMERR".to_owned()),
        2 => UpdateFailure::Code("SERVFAIL".to_owned()),
        3 => UpdateFailure::Changed,
        4 => UpdateFailure::Code("NOTIMP".to_owned()),
        other => UpdateFailure::Code(format!("RCODE {other}")),
    })
}

fn in_words(asked: &Asked) -> String {
    match asked {
        Asked::Answered(answer) => answer.outcome.to_string(),
        Asked::Timeout => "no answer in time".to_owned(),
        Asked::Closed => "no DNS server listens there".to_owned(),
        Asked::Failed(words) | Asked::Nonsense(words) => words.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(code: u8) -> Vec<u8> {
        vec![0, 7, 0xA8, code, 0, 0, 0, 0, 0, 0, 0, 0]
    }

    #[test]
    fn codes_have_their_meaning() {
        for (code, expected) in [
            (5, UpdateFailure::Refused),
            (7, UpdateFailure::Changed),
            (8, UpdateFailure::Changed),
            (9, UpdateFailure::NotAuth),
            (10, UpdateFailure::NotZone),
            (2, UpdateFailure::Code("SERVFAIL".to_owned())),
        ] {
            assert_eq!(judge(&answer(code), 7, 0), Err(expected));
        }
        assert_eq!(judge(&answer(0), 7, 0), Ok(()));
        assert!(matches!(judge(&answer(0), 8, 0), Err(UpdateFailure::NoAnswer(_))));
        assert!(matches!(judge(&[0, 7], 7, 0), Err(UpdateFailure::NoAnswer(_))));
    }
}
