//! Answers of DNS look-ups and records of zones.

use serde::{Deserialize, Serialize};

use crate::absent::fact_struct;

/// The outcome of one look-up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DnsResult {
    /// Records or addresses were returned.
    Found,
    /// The name does not exist.
    Nxdomain,
    /// The name exists, without records of the asked type.
    NoRecords,
    /// The server did not answer in time.
    Timeout,
    /// The server refused.
    Refused,
    /// The server failed.
    Servfail,
    /// Anything else that is no answer.
    Error,
}

fact_struct! {
/// One SRV record.
pub struct SrvRecord {
    /// Owner name, as in `_vlmcs._tcp.contoso.com`.
    pub owner: Option<String>,
    /// Priority; lower is tried first.
    pub priority: Option<u32>,
    /// Weight among records of one priority.
    pub weight: Option<u32>,
    /// TCP port.
    pub port: Option<u32>,
    /// Host name.
    pub target: Option<String>,
    /// Time to live in seconds.
    pub ttl: Option<u64>,
    /// False: created by hand (no aging stamp); true: registered dynamically. Absent: not told.
    pub dynamic: Option<bool>,
}
}

fact_struct! {
/// A name and one of its addresses.
pub struct HostAddress {
    /// Host name.
    pub name: Option<String>,
    /// IPv4 or IPv6 address as printed.
    pub address: Option<String>,
}
}

fact_struct! {
/// One look-up (nslookup, dig, Resolve-DnsName), or the records of a zone that a file or a server listed.
pub struct DnsAnswer {
    /// Name that was asked.
    pub query: Option<String>,
    /// Record type that was asked.
    pub query_type: Option<String>,
    /// Zone, where records were listed rather than asked for.
    pub zone: Option<String>,
    /// Name of the server that answered.
    pub server: Option<String>,
    /// Its address.
    pub server_address: Option<String>,
    /// Outcome.
    pub result: Option<DnsResult>,
    /// SRV records.
    pub records: Vec<SrvRecord>,
    /// Addresses of the asked name.
    pub addresses: Vec<String>,
    /// Addresses of further names (the additional section, or other records of a zone).
    pub hosts: Vec<HostAddress>,
    /// Canonical names on the way, as `alias` and `target`.
    pub aliases: Vec<HostAddress>,
    /// The server said that it is not authoritative.
    pub non_authoritative: bool,
    /// The tool said that the machine has no DNS server to ask.
    pub no_default_server: bool,
    /// Names of the fields whose value was blanked out or is a placeholder.
    pub redacted: Vec<String>,
}
}

impl SrvRecord {
    /// True for `_vlmcs._tcp` in any domain, and for a record whose owner was not printed.
    pub fn is_vlmcs(&self) -> bool {
        self.owner.as_deref().is_none_or(is_vlmcs_name)
    }

    /// The domain below which the record was published.
    pub fn domain(&self) -> Option<String> {
        vlmcs_domain(self.owner.as_deref()?)
    }
}

/// True for `_vlmcs._tcp` and anything below a domain of that form.
pub fn is_vlmcs_name(name: &str) -> bool {
    let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
    name == "_vlmcs._tcp" || name == "_vlmcs" || name.starts_with("_vlmcs._tcp.")
}

/// `_vlmcs._tcp.contoso.com` gives `contoso.com`.
pub fn vlmcs_domain(name: &str) -> Option<String> {
    let name = name.trim().trim_end_matches('.').to_ascii_lowercase();
    name.strip_prefix("_vlmcs._tcp.").map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_the_service_name() {
        assert!(is_vlmcs_name("_VLMCS._TCP.contoso.com."));
        assert!(!is_vlmcs_name("_ldap._tcp.contoso.com"));
        assert_eq!(vlmcs_domain("_VLMCS._TCP.contoso.com."), Some("contoso.com".into()));
        assert_eq!(vlmcs_domain("_vlmcs._tcp"), None);
    }
}
