//! The argument of `/skms`: a host, a port, or both.

use std::fmt;

use super::sentences::{INVALID_DATA, INVALID_PARAMETER};

/// Longest name of a host or a domain.
const NAME_MAX: usize = 255;

/// A host, a port, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostArgument {
    host: Option<String>,
    port: Option<u16>,
}

impl HostArgument {
    /// Reads `NAME[:PORT]` or `:PORT` as the script does: a name in brackets is told from the port by the bracket,
    /// any other by its first colon, so that a bare IPv6 address is none. The error is a code.
    pub fn parse(text: &str) -> Result<HostArgument, u32> {
        let bracketed = text.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (host, port) = match bracketed {
            Some((host, "")) => (host, ""),
            Some((host, port)) => (host, port.strip_prefix(':').ok_or(INVALID_DATA)?),
            None => text.split_once(':').unwrap_or((text, "")),
        };
        let host = match host {
            "" if bracketed.is_some() || port.is_empty() => return Err(INVALID_DATA),
            "" => None,
            name => Some(name.to_owned()),
        };
        if host.as_ref().is_some_and(|host| !is_name(host, bracketed.is_some())) {
            return Err(INVALID_DATA);
        }
        let port = match port {
            "" => None,
            port => Some(read_port(port)?),
        };
        Ok(HostArgument { host, port })
    }

    /// The host without brackets; nothing where only the port is to be set.
    pub fn host(&self) -> Option<&str> {
        self.host.as_deref()
    }

    /// The port, 1 to 65535; nothing where the default applies.
    pub fn port(&self) -> Option<u16> {
        self.port
    }
}

impl fmt::Display for HostArgument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Some(host) if host.contains(':') => write!(f, "[{host}]")?,
            Some(host) => f.write_str(host)?,
            None => {}
        }
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

fn read_port(text: &str) -> Result<u16, u32> {
    let number: i32 = text.trim().parse().map_err(|_| INVALID_DATA)?;
    u16::try_from(number).ok().filter(|port| *port > 0).ok_or(INVALID_PARAMETER)
}

/// True for what can be a host or a domain: letters, digits and few marks, so that nothing printed with it can pass
/// for a line of its own. Within brackets colons are allowed.
pub(super) fn is_name(text: &str, bracketed: bool) -> bool {
    let fits = |c: char| {
        c.is_alphanumeric() || matches!(c, '.' | '-' | '_') || (bracketed && matches!(c, ':' | '%'))
    };
    !text.is_empty() && text.len() <= NAME_MAX && text.chars().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_ports_and_brackets() {
        let read = |text| HostArgument::parse(text).map(|read| (read.host, read.port));
        let named = |host: &str, port| Ok((Some(host.to_owned()), port));
        for (text, wanted) in [
            ("kms.contoso.com", named("kms.contoso.com", None)),
            ("kms.contoso.com:1689", named("kms.contoso.com", Some(1689))),
            ("192.0.2.1:1", named("192.0.2.1", Some(1))),
            ("kms:", named("kms", None)),
            (":1689", Ok((None, Some(1689)))),
            ("[2001:db8::1]:1689", named("2001:db8::1", Some(1689))),
            ("[2001:db8::1]", named("2001:db8::1", None)),
            ("[fe80::1%eth0]:1688", named("fe80::1%eth0", Some(1688))),
            ("[kms]:1689", named("kms", Some(1689))),
            ("2001:db8::1", Err(INVALID_DATA)),
            ("kms:x", Err(INVALID_DATA)),
            ("kms:1:2", Err(INVALID_DATA)),
            ("kms:0", Err(INVALID_PARAMETER)),
            ("kms:-1", Err(INVALID_PARAMETER)),
            ("kms:65536", Err(INVALID_PARAMETER)),
            ("kms:99999999999", Err(INVALID_DATA)),
            ("", Err(INVALID_DATA)),
            (":", Err(INVALID_DATA)),
            ("[]:1", Err(INVALID_DATA)),
            ("[kms]1688", Err(INVALID_DATA)),
            ("kms\nError", Err(INVALID_DATA)),
            ("two words", Err(INVALID_DATA)),
        ] {
            assert_eq!(read(text), wanted, "{text:?}");
        }
    }

    #[test]
    fn what_is_printed_is_read_again() {
        for text in ["kms", "kms:1689", ":1689", "[2001:db8::1]:1689", "[2001:db8::1]"] {
            assert_eq!(HostArgument::parse(text).map(|read| read.to_string()), Ok(text.to_owned()));
        }
    }
}
