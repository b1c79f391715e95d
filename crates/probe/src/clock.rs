//! Which time server to compare the clock with: the one that was named, else the one that the domain's records name.

use std::net::SocketAddr;
use std::time::Duration;

use dns::question::{full_name, told_name};
use dns::{Question, RecordType};
use tokio::time::timeout;

use crate::lookup::{Exchange, Random, ask};
use crate::sntp::{self, ClockOffset, NTP_PORT};

/// How long a server that nobody named may hold the rest up.
const PATIENCE_FOUND: Duration = Duration::from_millis(800);

/// Where the clock may be compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TimeServers {
    /// The server that a person named.
    pub given: Option<SocketAddr>,
    /// The source that this machine's time service names.
    pub source: Option<String>,
    /// The domain whose controllers keep the time.
    pub domain: Option<String>,
}

/// A comparison of clocks.
#[derive(Debug, Clone, PartialEq)]
pub struct ClockCompared {
    /// Who was asked.
    pub server: SocketAddr,
    /// Its name, where it was found by one.
    pub name: Option<String>,
    /// The offset, or why there is none.
    pub offset: Result<ClockOffset, String>,
}

/// Compares the clock. A server that was not named but found, and does not answer, is passed over: it may serve no
/// time. All of it ends after `patience`, and soon for a server that had to be found.
pub async fn compare(
    servers: &TimeServers,
    nameservers: &[SocketAddr],
    patience: Duration,
    random: &Random,
) -> Option<ClockCompared> {
    if let Some(server) = servers.given {
        let offset = sntp::offset(server, patience).await.map_err(|error| error.to_string());
        return Some(ClockCompared { server, name: None, offset });
    }
    let found = timeout(patience.min(PATIENCE_FOUND), async {
        let (name, server) = find(servers, nameservers, patience, random).await?;
        let offset = sntp::offset(server, patience).await.ok()?;
        Some(ClockCompared { server, name: Some(name), offset: Ok(offset) })
    });
    found.await.ok().flatten()
}

/// The time service's own source where that is a host; else the domain controller that keeps the domain's time, the
/// PDC emulator ([MS-ADTS] 6.3.2.3 for its record).
async fn find(
    servers: &TimeServers,
    nameservers: &[SocketAddr],
    patience: Duration,
    random: &Random,
) -> Option<(String, SocketAddr)> {
    let source = servers.source.as_deref().and_then(host_of_source);
    if let Some(source) = source {
        if let Ok(address) = source.parse() {
            return Some((source.to_owned(), SocketAddr::new(address, NTP_PORT)));
        }
        if let Some(found) = address_of(source, nameservers, patience, random).await {
            return Some(found);
        }
    }
    let record = full_name(&format!("_ldap._tcp.pdc._msdcs.{}", servers.domain.as_deref()?)).ok()?;
    for server in nameservers {
        let exchange = ask(*server, &Question::new(record.clone(), RecordType::SRV), patience, random).await;
        let target = exchange.answer().and_then(|answer| answer.srv.first()).map(|srv| srv.target.clone());
        if let Some(target) = target {
            return address_of(&target, nameservers, patience, random).await;
        }
    }
    None
}

async fn address_of(
    host: &str,
    nameservers: &[SocketAddr],
    patience: Duration,
    random: &Random,
) -> Option<(String, SocketAddr)> {
    let name = told_name(host).ok()?;
    let first = |exchange: &Exchange| exchange.answer()?.addresses.first().copied();
    for server in nameservers {
        for record_type in [RecordType::A, RecordType::AAAA] {
            let exchange = ask(*server, &Question::new(name.clone(), record_type), patience, random).await;
            if let Some(address) = first(&exchange) {
                return Some((host.to_owned(), SocketAddr::new(address, NTP_PORT)));
            }
        }
    }
    None
}

/// The host in what `w32tm /query /source` prints: `dc1.contoso.com` or `time.example.net,0x8`, not the words for the
/// machine's own clock or its hypervisor.
fn host_of_source(source: &str) -> Option<&str> {
    let host = source.split(',').next().unwrap_or_default().trim();
    let is_host = !host.contains(char::is_whitespace) && (host.contains('.') || host.contains(':'));
    is_host.then_some(host)
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use hickory_proto::op::{Message, MessageType, OpCode};
    use hickory_proto::rr::rdata::{A, SRV};
    use hickory_proto::rr::{RData, Record};
    use tokio::net::UdpSocket;

    use super::*;

    #[test]
    fn only_hosts_are_sources() {
        assert_eq!(host_of_source("dc1.contoso.com"), Some("dc1.contoso.com"));
        assert_eq!(host_of_source("time.example.net,0x8 "), Some("time.example.net"));
        assert_eq!(host_of_source("2001:db8::7"), Some("2001:db8::7"));
        for none in
            ["Local CMOS Clock", "VM IC Time Synchronization Provider", "", "Free-running System Clock"]
        {
            assert_eq!(host_of_source(none), None);
        }
    }

    /// A server that knows the domain's time keeper.
    async fn domain() -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                let asked = Message::from_vec(&buffer[..length]).unwrap();
                let query = asked.queries[0].clone();
                let mut answer = Message::new(asked.id, MessageType::Response, OpCode::Query);
                let name = query.name().clone();
                let data = match (name.to_ascii().as_str(), query.query_type()) {
                    ("_ldap._tcp.pdc._msdcs.contoso.com.", RecordType::SRV) => {
                        Some(RData::SRV(SRV::new(0, 100, 389, full_name("dc1.contoso.com").unwrap())))
                    }
                    ("dc1.contoso.com.", RecordType::A) => Some(RData::A(A::new(192, 0, 2, 7))),
                    _ => None,
                };
                answer.add_query(query);
                if let Some(data) = data {
                    answer.add_answer(Record::from_rdata(name.clone(), 60, data));
                }
                socket.send_to(&answer.to_vec().unwrap(), from).await.unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn the_domains_time_keeper_is_found() {
        let server = domain().await;
        let random = Random::new(|| 7);
        let found = |source: Option<&str>, domain: &str| {
            let servers = TimeServers {
                given: None,
                source: source.map(str::to_owned),
                domain: Some(domain.to_owned()),
            };
            async move { find(&servers, &[server], Duration::from_secs(20), &random).await }
        };
        let keeper = Some(("dc1.contoso.com".to_owned(), "192.0.2.7:123".parse().unwrap()));
        assert_eq!(found(None, "contoso.com").await, keeper);
        assert_eq!(found(Some("Local CMOS Clock"), "contoso.com").await, keeper);
        assert_eq!(found(Some("dc1.contoso.com,0x8"), "fabrikam.com").await, keeper);
        assert_eq!(found(Some("gone.contoso.com"), "fabrikam.com").await, None);
        let given = Some(("192.0.2.9".to_owned(), "192.0.2.9:123".parse().unwrap()));
        assert_eq!(found(Some("192.0.2.9"), "fabrikam.com").await, given);
    }
}
