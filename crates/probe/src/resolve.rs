//! Addresses of a name, as the machine itself would find them: hosts file, DNS, and what else it is set to ask.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

use crate::target::Target;

/// Most addresses of one name that are looked at.
const ADDRESSES_MAX: usize = 32;

/// What the machine's resolver says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resolved {
    /// Addresses in the resolver's order, each once; never none.
    Addresses(Vec<IpAddr>),
    /// The resolver says that there is no address, in its own words.
    NoAddress(String),
    /// The resolver did not answer until the deadline.
    Timeout,
}

/// Asks the machine's own resolver; an address is its own answer.
pub async fn system(target: &Target, timeout: Duration) -> Resolved {
    if let Some(address) = target.address() {
        return Resolved::Addresses(vec![address]);
    }
    let looked_up = tokio::net::lookup_host((target.host.as_str(), target.port));
    match timeout_at(Instant::now() + timeout, looked_up).await {
        Err(_) => Resolved::Timeout,
        Ok(Err(error)) => Resolved::NoAddress(error.to_string()),
        Ok(Ok(found)) => {
            let mut addresses: Vec<IpAddr> = Vec::new();
            for address in found.map(|address: SocketAddr| address.ip()) {
                if !addresses.contains(&address) && addresses.len() < ADDRESSES_MAX {
                    addresses.push(address);
                }
            }
            if addresses.is_empty() {
                Resolved::NoAddress(String::new())
            } else {
                Resolved::Addresses(addresses)
            }
        }
    }
}
