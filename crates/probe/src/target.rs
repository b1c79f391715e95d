//! `HOST[:PORT]` as people type it.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A machine and a port of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
}

/// Why a text is no target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TargetError {
    /// Nothing stands in front of the port.
    NoHost,
    /// The port is no number from 1 to 65535.
    Port(String),
    /// The host is neither an address nor a name that DNS could hold.
    Host(String),
}

impl fmt::Display for TargetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TargetError::NoHost => f.write_str("no host, expected a name or an address"),
            TargetError::Port(port) => write!(f, "port {port:?}, expected a number from 1 to 65535"),
            TargetError::Host(host) => write!(f, "host {host:?}, expected a name or an address"),
        }
    }
}

impl std::error::Error for TargetError {}

impl Target {
    /// The address, where the host is one.
    pub fn address(&self) -> Option<IpAddr> {
        self.host.parse().ok()
    }
}

impl FromStr for Target {
    type Err = TargetError;

    /// `kms01`, `kms01.contoso.com:1688`, `10.0.0.4:1688`, `fd00::4`, `[fd00::4]:1688`.
    fn from_str(text: &str) -> Result<Target, TargetError> {
        let text = text.trim();
        if text.parse::<Ipv6Addr>().is_ok() {
            return Ok(Target { host: text.to_owned(), port: rpc::KMS_PORT });
        }
        let (host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, rest)) => {
                let port = rest.strip_prefix(':').ok_or_else(|| TargetError::Host(text.to_owned()))?;
                (host, Some(port))
            }
            None => match text.rsplit_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (text, None),
            },
        };
        let port = match port {
            None => rpc::KMS_PORT,
            Some(text) => match text.parse::<u16>() {
                Ok(port) if port > 0 => port,
                _ => return Err(TargetError::Port(text.to_owned())),
            },
        };
        let host = host.trim_end_matches('.');
        if host.is_empty() {
            return Err(TargetError::NoHost);
        }
        if host.parse::<IpAddr>().is_err() && !may_be_name(host) {
            return Err(TargetError::Host(host.to_owned()));
        }
        Ok(Target { host: host.to_owned(), port })
    }
}

/// Labels of up to 63 bytes, 253 in all, without what no name has. Underscores and other scripts are let through.
fn may_be_name(host: &str) -> bool {
    const LABEL_MAX: usize = 63;
    const NAME_MAX: usize = 253;
    let plain = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    host.len() <= NAME_MAX
        && host
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= LABEL_MAX && label.chars().all(plain))
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.address() {
            Some(IpAddr::V6(address)) => write!(f, "[{address}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_forms_that_people_type() {
        for (text, host, port) in [
            ("kms01", "kms01", 1688),
            (" kms01.contoso.com. ", "kms01.contoso.com", 1688),
            ("kms01:1689", "kms01", 1689),
            ("10.0.0.4", "10.0.0.4", 1688),
            ("10.0.0.4:443", "10.0.0.4", 443),
            ("fd00::4", "fd00::4", 1688),
            ("[fd00::4]", "fd00::4", 1688),
            ("[fd00::4]:1689", "fd00::4", 1689),
            ("münchen.example", "münchen.example", 1688),
        ] {
            assert_eq!(text.parse(), Ok(Target { host: host.to_owned(), port }), "{text}");
        }
        assert_eq!("[fd00::4]".parse::<Target>().unwrap().to_string(), "[fd00::4]:1688");
    }

    #[test]
    fn says_what_is_wrong() {
        for (text, says) in [
            ("", "no host"),
            (":1688", "no host"),
            ("kms01:", "port \"\""),
            ("kms01:0", "port \"0\""),
            ("kms01:70000", "port \"70000\""),
            ("http://kms01", "port \"//kms01\""),
            ("kms 01", "host \"kms 01\""),
            ("a..b", "host \"a..b\""),
            ("[fd00::4]1688", "host"),
        ] {
            let error = text.parse::<Target>().unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
