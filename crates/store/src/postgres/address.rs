//! The URL of a journal in PostgreSQL: libpq's form, with the journal's name.
//!
//! <https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS>

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use super::tls::{Security, Verify};
use crate::error::{OpenError, StoreError};

/// The schema of a journal without a name; those with one have it behind this.
const SCHEMA: &str = "kmscope_host";
/// Longest name of a journal: a name of PostgreSQL has 63 letters, the schema's beginning takes 13, and `_replaced_1000`
/// behind a journal that was replaced 14.
const NAME_MAX: usize = 36;
/// Where PostgreSQL listens.
const PORT: u16 = 5432;
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// After so long without a sign the network is taken for broken.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(10);

/// Why an address of a journal is none. Never says what stood there: it may hold a password.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// The form.
    #[error("expected postgres://USER[:PASSWORD]@HOST[:PORT]/DATABASE[?OPTIONS]")]
    Form,
    /// Could be split in two ways.
    #[error("in a user, password or option, write %40 for @, %2F for /, %3F for ? and %23 for #")]
    Ambiguous,
    /// An option, by its place.
    #[error("option {0} is unknown or has a value that can't be")]
    Option(usize),
    /// The name of a journal.
    #[error("journal: expected a name of up to {NAME_MAX} letters a to z, digits and _")]
    Journal,
    /// The kind of TLS.
    #[error("sslmode: expected disable, prefer, require, verify-ca or verify-full")]
    Mode,
    /// Nothing to verify with.
    #[error("sslmode=verify-ca and verify-full need sslrootcert=FILE with the authority's certificate")]
    NoRoot,
    /// Half of a certificate.
    #[error("sslcert and sslkey belong together")]
    HalfCertificate,
    /// No database named.
    #[error("no database is named")]
    NoDatabase,
    /// A file of certificates or a key.
    #[error("{path} can't be read: {problem}")]
    File {
        /// Which.
        path: String,
        /// Why.
        problem: String,
    },
}

/// Where a journal is, with what it takes to get there. Shown without the password.
#[derive(Clone, PartialEq, Eq)]
pub struct Database {
    pub(super) config: Config,
    pub(super) security: Security,
    journal: Option<String>,
    pub(super) machine: String,
}

impl FromStr for Database {
    type Err = AddressError;

    fn from_str(url: &str) -> Result<Database, AddressError> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or(AddressError::Form)?;
        if let Some((before, behind)) = rest.split_once('@')
            && (behind.contains('@') || before.contains(['/', '?', '#']))
        {
            return Err(AddressError::Ambiguous);
        }
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
        let mut own = Own::default();
        let mut config = parse(place, "").ok_or(AddressError::Form)?;
        let mut passed_on = String::new();
        for (number, option) in (1..).zip(options.split('&').filter(|option| !option.is_empty())) {
            if !own.take(option)? {
                // One by one, so that the one that is wrong can be told by its place.
                parse(place, option).ok_or(AddressError::Option(number))?;
                passed_on = format!("{passed_on}&{option}");
                config =
                    parse(place, passed_on.trim_start_matches('&')).ok_or(AddressError::Option(number))?;
            }
        }
        let security = own.security()?;
        let mode = match own.mode {
            _ if security.is_none() => SslMode::Disable,
            Mode::Prefer => SslMode::Prefer,
            _ => SslMode::Require,
        };
        config.ssl_mode(mode);
        if config.get_dbname().is_none_or(str::is_empty) {
            return Err(AddressError::NoDatabase);
        }
        if !config.get_hosts().iter().all(is_plain) || config.get_hosts().is_empty() {
            return Err(AddressError::Form);
        }
        defaults(&mut config);
        let security = security.unwrap_or_default();
        Ok(Database { config, security, journal: own.journal, machine: String::new() })
    }
}

fn parse(place: &str, options: &str) -> Option<Config> {
    format!("postgres://{place}?{options}").parse().ok()
}

fn is_plain(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || ".-_:%".contains(c))
        }
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// What the URL leaves open.
fn defaults(config: &mut Config) {
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(CONNECT_TIMEOUT);
    }
    if config.get_tcp_user_timeout().is_none() {
        config.tcp_user_timeout(NETWORK_TIMEOUT);
    }
    config.keepalives_idle(NETWORK_TIMEOUT);
    // Of several servers, the one that takes writes.
    config.target_session_attrs(TargetSessionAttrs::ReadWrite);
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    Disable,
    #[default]
    Prefer,
    Require,
    VerifyCa,
    VerifyFull,
}

/// The options that are not passed on.
#[derive(Debug, Default)]
struct Own {
    journal: Option<String>,
    mode: Mode,
    root: Option<PathBuf>,
    certificate: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Own {
    fn take(&mut self, option: &str) -> Result<bool, AddressError> {
        let (name, value) = option.split_once('=').unwrap_or((option, ""));
        let path = || Some(PathBuf::from(decoded(value)));
        match name {
            "journal" => {
                let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
                if value.is_empty() || value.len() > NAME_MAX || !value.chars().all(is_letter) {
                    return Err(AddressError::Journal);
                }
                self.journal = Some(value.to_owned());
            }
            "sslmode" => {
                self.mode = match value {
                    "disable" => Mode::Disable,
                    "prefer" => Mode::Prefer,
                    "require" => Mode::Require,
                    "verify-ca" => Mode::VerifyCa,
                    "verify-full" => Mode::VerifyFull,
                    _ => return Err(AddressError::Mode),
                }
            }
            "sslrootcert" => self.root = path(),
            "sslcert" => self.certificate = path(),
            "sslkey" => self.key = path(),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// As libpq has it: `require` with a root certificate verifies as `verify-ca` does.
    fn security(&self) -> Result<Option<Security>, AddressError> {
        let verify = match (self.mode, &self.root) {
            (Mode::Disable, _) => return Ok(None),
            (Mode::VerifyCa | Mode::VerifyFull, None) => return Err(AddressError::NoRoot),
            (Mode::VerifyFull, Some(root)) => Verify::Full(root.clone()),
            (Mode::VerifyCa | Mode::Require, Some(root)) => Verify::Authority(root.clone()),
            (Mode::Prefer, _) | (Mode::Require, None) => Verify::Nothing,
        };
        let identity = match (&self.certificate, &self.key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => Some((certificate.clone(), key.clone())),
            _ => return Err(AddressError::HalfCertificate),
        };
        Ok(Some(Security { verify, identity }))
    }
}

/// Percent signs taken back.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, behind @ ..] = rest {
        let digits = behind.get(..2).and_then(|two| std::str::from_utf8(two).ok());
        let byte = digits.filter(|_| *first == b'%').and_then(|two| u8::from_str_radix(two, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

impl Database {
    /// True when the address holds a password, which a command line or a unit file would show to others.
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }

    /// The same with a password from elsewhere.
    pub fn with_password(mut self, password: &str) -> Database {
        self.config.password(password);
        self
    }

    /// The same with the name of this machine, which others are told who find the journal in use.
    pub fn on_machine(mut self, name: &str) -> Database {
        name.clone_into(&mut self.machine);
        self
    }

    /// The schema of the journal.
    pub fn schema(&self) -> String {
        match &self.journal {
            Some(name) => format!("{SCHEMA}_{name}"),
            None => SCHEMA.to_owned(),
        }
    }

    /// Why it can't be opened.
    pub(crate) fn open_error(&self, error: StoreError) -> OpenError {
        match error {
            StoreError::Held { place, holder } => OpenError::InUse { place, holder },
            other => OpenError::Database { place: self.to_string(), source: Box::new(other) },
        }
    }
}

impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        let ports = self.config.get_ports();
        for (number, host) in self.config.get_hosts().iter().enumerate() {
            let name = match host {
                Host::Tcp(name) => name,
                #[cfg(unix)]
                Host::Unix(_) => continue,
            };
            let port = ports.get(number).or(ports.first()).copied().unwrap_or(PORT);
            let comma = if number > 0 { "," } else { "" };
            let name = if name.contains(':') { format!("[{name}]") } else { name.clone() };
            write!(f, "{comma}{name}:{port}")?;
        }
        write!(f, "/{}", self.config.get_dbname().unwrap_or_default())?;
        let mut options: Vec<String> = Vec::new();
        #[cfg(unix)]
        for host in self.config.get_hosts() {
            if let Host::Unix(folder) = host {
                options.push(format!("host={}", folder.display()));
                options
                    .extend(ports.first().filter(|port| **port != PORT).map(|port| format!("port={port}")));
            }
        }
        options.extend(self.journal.iter().map(|name| format!("journal={name}")));
        if options.is_empty() { Ok(()) } else { write!(f, "?{}", options.join("&")) }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        url.parse::<Database>().map_or_else(|error| format!("{error:?}"), |database| database.to_string())
    }

    #[test]
    fn what_is_shown_has_no_password() {
        for (url, expected) in [
            ("postgres://kms:s3cret@db1/kms", "postgres://kms@db1:5432/kms"),
            ("postgresql://kms:s%40%2Fcret@db1:6432/kms", "postgres://kms@db1:6432/kms"),
            (
                "postgres://kms@db1,db2:5433/kms?journal=kms01",
                "postgres://kms@db1:5432,db2:5433/kms?journal=kms01",
            ),
            ("postgres://kms@[fd00::5]/kms?password=s3cret", "postgres://kms@[fd00::5]:5432/kms"),
            ("postgres:///kms?host=/run/pg&journal=a", "postgres:///kms?host=/run/pg&journal=a"),
            ("postgres:///kms?host=/run/pg&port=6432", "postgres:///kms?host=/run/pg&port=6432"),
        ] {
            assert_eq!(shown(url), expected);
            assert!(!format!("{:?}", url.parse::<Database>()).contains("cret"));
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_what_stood_there() {
        for (url, expected) in [
            ("sqlite:x", AddressError::Form),
            ("postgres://kms:s3cret@/kms", AddressError::Form),
            ("postgres://kms:s3@cret@db1/kms", AddressError::Ambiguous),
            ("postgres://kms:s3/cret@db1/kms", AddressError::Ambiguous),
            ("postgres://kms:s3cret@db1", AddressError::NoDatabase),
            ("postgres://kms@db1/kms?sslmode=require&s3cret=1", AddressError::Option(2)),
            ("postgres://kms@db1:s3cret/kms", AddressError::Form),
            ("postgres://kms@db1/kms?journal=A", AddressError::Journal),
            ("postgres://kms@db1/kms?journal=", AddressError::Journal),
            ("postgres://kms@db1/kms?sslmode=s3cret", AddressError::Mode),
            ("postgres://kms@db1/kms?sslmode=verify-full", AddressError::NoRoot),
            ("postgres://kms@db1/kms?sslcert=a", AddressError::HalfCertificate),
        ] {
            let error = url.parse::<Database>().expect_err(url);
            assert_eq!(error, expected, "{url}");
            assert!(!error.to_string().contains("cret"), "{error}");
        }
    }

    #[test]
    fn the_schema_is_named_after_the_journal() {
        let schema = |url: &str| url.parse::<Database>().unwrap().schema();
        assert_eq!(schema("postgres://kms@db1/kms"), "kmscope_host");
        assert_eq!(schema("postgres://kms@db1/kms?journal=kms_02"), "kmscope_host_kms_02");
    }

    #[test]
    fn tls_is_what_the_url_says() {
        let security = |options: &str| {
            let database = format!("postgres://kms@db1/kms?{options}").parse::<Database>().unwrap();
            (database.config.get_ssl_mode(), database.security.verify)
        };
        assert_eq!(security("").0, SslMode::Prefer);
        assert_eq!(security("sslmode=disable").0, SslMode::Disable);
        assert_eq!(security("sslmode=require"), (SslMode::Require, Verify::Nothing));
        let root = || PathBuf::from("a b");
        assert_eq!(security("sslmode=require&sslrootcert=a%20b").1, Verify::Authority(root()));
        let full = "sslmode=verify-full&sslrootcert=a%20b&connect_timeout=3";
        assert_eq!(security(full), (SslMode::Require, Verify::Full(root())));
    }
}
