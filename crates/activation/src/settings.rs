//! What an admin can set on a host and on a client, with the documented ranges and defaults.

use serde::{Deserialize, Serialize};

/// Fewest minutes between two attempts or renewals.
pub const INTERVAL_MINUTES_MIN: u32 = 15;
/// Most minutes: 30 days.
pub const INTERVAL_MINUTES_MAX: u32 = 43_200;
/// Minutes between attempts while not activated.
pub const ACTIVATION_INTERVAL_MINUTES: u32 = 120;
/// Minutes between renewals: 7 days.
pub const RENEWAL_INTERVAL_MINUTES: u32 = 10_080;

/// True for a number of minutes that may be set.
pub fn is_interval(minutes: u32) -> bool {
    (INTERVAL_MINUTES_MIN..=INTERVAL_MINUTES_MAX).contains(&minutes)
}

/// A domain in which a host publishes itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishDomain {
    /// The domain.
    pub domain: String,
    /// Lower is tried first.
    #[serde(default)]
    pub priority: u16,
    /// Larger is tried more often.
    #[serde(default)]
    pub weight: u16,
}

impl PublishDomain {
    /// Reads `domain[, priority[, weight]]`, the format of `DnsDomainPublishList` since Windows 7.
    pub fn parse(line: &str) -> Option<PublishDomain> {
        let mut parts = line.split(',').map(str::trim);
        let domain = parts.next().filter(|domain| !domain.is_empty())?.trim_end_matches('.').to_owned();
        let mut number = || parts.next().map_or(Some(0), |part| part.parse::<u16>().ok());
        let (priority, weight) = (number()?, number()?);
        parts.next().is_none().then_some(PublishDomain { domain, priority, weight })
    }
}

/// A host's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HostSettings {
    /// `/sprt`: TCP port to listen on; takes effect when the service starts again.
    pub port: u16,
    /// `/sai`: minutes between a client's attempts while it is not activated.
    pub activation_interval_minutes: u32,
    /// `/sri`: minutes between a client's renewals.
    pub renewal_interval_minutes: u32,
    /// `/sdns`, `/cdns`.
    pub dns_publishing: bool,
    /// `/cpri`, `/spri`: leave the processor to others first; takes effect when the service starts again.
    pub low_priority: bool,
    /// Where to publish.
    pub domains: Vec<PublishDomain>,
}

impl Default for HostSettings {
    fn default() -> HostSettings {
        HostSettings {
            port: rpc::KMS_PORT,
            activation_interval_minutes: ACTIVATION_INTERVAL_MINUTES,
            renewal_interval_minutes: RENEWAL_INTERVAL_MINUTES,
            dns_publishing: true,
            low_priority: false,
            domains: Vec::new(),
        }
    }
}

/// Which ways of activation a client may use (`/act-type`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActivationType {
    /// 0: any.
    #[default]
    All,
    /// 1: Active Directory only; this client has no such way, so it does not ask hosts.
    ActiveDirectory,
    /// 2: KMS only.
    Kms,
    /// 3: tokens only; this client has no such way, so it does not ask hosts.
    Token,
}

impl ActivationType {
    /// The type with a number of `/act-type`.
    pub fn from_number(number: u32) -> Option<ActivationType> {
        Some(match number {
            0 => ActivationType::All,
            1 => ActivationType::ActiveDirectory,
            2 => ActivationType::Kms,
            3 => ActivationType::Token,
            _ => return None,
        })
    }

    /// True where a client may ask a KMS host.
    pub fn allows_kms(self) -> bool {
        matches!(self, ActivationType::All | ActivationType::Kms)
    }

    /// As `/dlv` prints it.
    pub fn name(self) -> &'static str {
        match self {
            ActivationType::All => "All",
            ActivationType::ActiveDirectory => "AD",
            ActivationType::Kms => "KMS",
            ActivationType::Token => "Token",
        }
    }
}

/// A host by name or address, with its port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostPort {
    /// Name or address, IPv6 without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

impl HostPort {
    /// True for the same port of the same name; names do not tell capital letters from small ones.
    pub fn is_same(&self, other: &HostPort) -> bool {
        self.port == other.port && self.host.eq_ignore_ascii_case(&other.host)
    }
}

impl std::fmt::Display for HostPort {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// A client's settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientSettings {
    /// `/skms NAME`: turns discovery off.
    pub fixed_host: Option<String>,
    /// `/skms :PORT`: port for the fixed host; 1688 without.
    pub fixed_port: Option<u16>,
    /// `/skms-domain`: the only domain that is searched.
    pub lookup_domain: Option<String>,
    /// `/skhc`, `/ckhc`.
    pub host_caching: bool,
    /// `/act-type`.
    pub activation_type: ActivationType,
    /// Primary DNS suffix of the machine.
    pub primary_suffix: Option<String>,
    /// DNS suffix search list.
    pub search_list: Vec<String>,
}

impl Default for ClientSettings {
    fn default() -> ClientSettings {
        ClientSettings {
            fixed_host: None,
            fixed_port: None,
            lookup_domain: None,
            host_caching: true,
            activation_type: ActivationType::All,
            primary_suffix: None,
            search_list: Vec::new(),
        }
    }
}

impl ClientSettings {
    /// The fixed host with its port.
    pub fn fixed(&self) -> Option<HostPort> {
        let host = self.fixed_host.clone()?;
        Some(HostPort { host, port: self.fixed_port.unwrap_or(rpc::KMS_PORT) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_lines_of_the_publish_list() {
        let read = |line| PublishDomain::parse(line).map(|d| (d.domain, d.priority, d.weight));
        assert_eq!(read("contoso.com"), Some(("contoso.com".to_owned(), 0, 0)));
        assert_eq!(read("a.contoso.com., 10, 5"), Some(("a.contoso.com".to_owned(), 10, 5)));
        for wrong in ["", ", 1", "a, b", "a, 1, 2, 3", "a, 70000"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn ipv6_addresses_stand_in_brackets() {
        let shown = |host: &str| HostPort { host: host.to_owned(), port: 1688 }.to_string();
        assert_eq!(shown("kms.contoso.com"), "kms.contoso.com:1688");
        assert_eq!(shown("2001:db8::1"), "[2001:db8::1]:1688");
    }
}
