//! DNS for the client: the service's records in the domains of an attempt, and the addresses of a host.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use activation::client::Discovery;
use activation::codes;
use activation::settings::HostPort;
use dns::domains::SearchDomain;
use dns::question::full_name;
use dns::{Outcome, Question, RecordType, service_name};
use probe::lookup::{Exchange, Random, ask};

/// `DNS_ERROR_RCODE_SERVER_FAILURE`.
const SERVER_FAILURE: u32 = 0x8007_232A;
/// `DNS_ERROR_NO_DNS_SERVERS`.
const NO_DNS_SERVERS: u32 = 0x8007_267C;
/// `ERROR_TIMEOUT`.
const TIMED_OUT: u32 = 0x8007_05B4;

/// Where and how long DNS is asked.
#[derive(Debug, Clone)]
pub struct Lookup {
    /// Servers in order; without any, addresses come from the system, and nothing can be discovered.
    pub nameservers: Vec<SocketAddr>,
    /// For one question at one server.
    pub patience: Duration,
    /// Source of message ids.
    pub random: Arc<Random>,
}

impl Lookup {
    /// Asks the domains in their order, up to the first that has records.
    pub async fn discover(&self, domains: &[SearchDomain]) -> Discovery {
        if self.nameservers.is_empty() {
            return Discovery::Nothing(NO_DNS_SERVERS);
        }
        let mut code = codes::NAME_DOES_NOT_EXIST;
        for domain in domains {
            let Ok(name) = service_name(&domain.domain) else { continue };
            let Some(exchange) = self.ask(&Question::new(name, RecordType::SRV)).await else {
                code = TIMED_OUT;
                continue;
            };
            let Some(answer) = exchange.answer() else { continue };
            if !answer.srv.is_empty() {
                return Discovery::Found(answer.srv.clone());
            }
            code = match answer.outcome {
                Outcome::NoData | Outcome::Found => codes::NO_RECORDS,
                Outcome::Nxdomain => codes::NAME_DOES_NOT_EXIST,
                _ => SERVER_FAILURE,
            };
        }
        Discovery::Nothing(code)
    }

    /// The addresses of a host, IPv4 first as most hosts listen there; none if it has no address.
    pub async fn addresses(&self, host: &HostPort) -> Vec<SocketAddr> {
        if let Ok(address) = host.host.parse::<IpAddr>() {
            return vec![SocketAddr::new(address, host.port)];
        }
        let mut found: Vec<SocketAddr> = Vec::new();
        if let Ok(name) = full_name(&host.host) {
            for record_type in [RecordType::A, RecordType::AAAA] {
                let asked = self.ask(&Question::new(name.clone(), record_type)).await;
                let addresses =
                    asked.iter().filter_map(Exchange::answer).flat_map(|answer| &answer.addresses);
                found.extend(addresses.map(|address| SocketAddr::new(*address, host.port)));
            }
        }
        if found.is_empty() {
            // What the system knows beside DNS: its hosts file, and its own servers where none was named.
            let system = tokio::net::lookup_host((host.host.as_str(), host.port));
            if let Ok(Ok(addresses)) = tokio::time::timeout(self.patience, system).await {
                found.extend(addresses);
            }
        }
        found.truncate(ADDRESSES_MAX);
        found
    }

    /// The answer of the first server that gives one.
    async fn ask(&self, question: &Question) -> Option<Exchange> {
        let mut last = None;
        for server in &self.nameservers {
            let exchange = ask(*server, question, self.patience, &self.random).await;
            if exchange.answer().is_some_and(dns::Answer::tells) {
                return Some(exchange);
            }
            if exchange.answer().is_some() {
                last = Some(exchange);
            }
        }
        last
    }
}

/// Addresses of one host that are tried.
const ADDRESSES_MAX: usize = 8;
