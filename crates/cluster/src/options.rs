//! How a host speaks with the cluster.

use std::fmt;
use std::time::Duration;

#[cfg(any(feature = "etcd", test))]
use crate::error::ClusterError;

/// Where our keys are, if nothing else is said.
pub const PREFIX: &str = "/kmscope";

/// How long a call takes at most, if nothing else is said.
pub const TIMEOUT: Duration = Duration::from_secs(2);

/// How long calls fail at once after one has failed, if nothing else is said.
const PAUSE: Duration = Duration::from_secs(1);

/// Longest prefix; an etcd key may be longer, but nobody reads it then.
#[cfg(any(feature = "etcd", test))]
const PREFIX_MAX: usize = 200;

/// How a host speaks with the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// What all keys begin with; hosts with the same prefix share their count.
    pub prefix: String,
    /// The longest that a call takes, all members together.
    pub timeout: Duration,
    /// How long calls fail at once after one has failed; then one call tries.
    pub pause: Duration,
    /// Where etcd has authentication enabled.
    pub user: Option<User>,
    /// Where etcd listens with TLS.
    pub tls: Option<Tls>,
}

impl Default for Options {
    fn default() -> Options {
        Options { prefix: PREFIX.to_owned(), timeout: TIMEOUT, pause: PAUSE, user: None, tls: None }
    }
}

#[cfg(any(feature = "etcd", test))]
impl Options {
    /// The options, if the prefix is one.
    pub(crate) fn checked(mut self) -> Result<Options, ClusterError> {
        let trimmed = self.prefix.trim_end_matches('/');
        let plain = trimmed.starts_with('/') && trimmed.bytes().all(|byte| byte.is_ascii_graphic());
        if !plain || trimmed.len() > PREFIX_MAX {
            return Err(ClusterError::Prefix(self.prefix));
        }
        self.prefix.truncate(trimmed.len());
        Ok(self)
    }
}

/// Who the host is in etcd.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its password; not shown.
    pub password: String,
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("name", &self.name).finish_non_exhaustive()
    }
}

/// Whom to trust, and how to prove who we are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tls {
    /// Certificates of the authorities that signed those of the members, in PEM.
    pub authorities: Vec<u8>,
    /// Our own certificate, where the members ask for one.
    pub identity: Option<Identity>,
}

/// A client's certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity {
    /// The certificate and those that lead to its authority, in PEM.
    pub certificate: Vec<u8>,
    /// Its private key, in PEM; not shown.
    pub key: Vec<u8>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_path() {
        let checked = |prefix: &str| {
            let options = Options { prefix: prefix.to_owned(), ..Options::default() };
            options.checked().map(|options| options.prefix).map_err(|error| error.to_string())
        };
        assert_eq!(checked("/kmscope").as_deref(), Ok("/kmscope"));
        assert_eq!(checked("/site/berlin/").as_deref(), Ok("/site/berlin"));
        let long = "/x".repeat(PREFIX_MAX);
        for wrong in ["", "/", "kmscope", "/k ms", "/zähler", "/line\n", long.as_str()] {
            assert!(checked(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn secrets_are_not_shown() {
        let options = Options {
            user: Some(User { name: "host".to_owned(), password: "geheim".to_owned() }),
            tls: Some(Tls {
                authorities: Vec::new(),
                identity: Some(Identity { certificate: Vec::new(), key: b"geheim".to_vec() }),
            }),
            ..Options::default()
        };
        let shown = format!("{options:?}");
        assert!(!shown.contains("geheim") && !shown.contains("103"), "{shown}");
    }
}
