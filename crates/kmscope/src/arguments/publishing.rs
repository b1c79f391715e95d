//! Options of the commands that change or print records.

use std::fs;
use std::net::IpAddr;
use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, ValueEnum};
use dns::tsig::Key;

use super::ReadFormat;
use super::live::{Seconds, ServerAddress};

/// The record of a host.
#[derive(Debug, Args)]
pub struct RecordOptions {
    /// Full name of the KMS host
    #[arg(long, value_name = "FQDN")]
    pub host: String,
    /// TCP port
    #[arg(long, value_name = "PORT", default_value_t = rpc::KMS_PORT)]
    pub port: u16,
    /// Priority: lower is tried first
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub priority: u16,
    /// Share of the clients among hosts of one priority
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    pub weight: u16,
    /// Time to live
    #[arg(long, value_name = "SECONDS", default_value_t = 3600)]
    pub ttl: u32,
}

impl RecordOptions {
    /// The record.
    pub fn record(&self) -> dns::Srv {
        let target = encoded(&self.host);
        dns::Srv { priority: self.priority, weight: self.weight, port: self.port, target, ttl: self.ttl }
    }
}

/// A host's name as DNS holds it: other scripts in their encoded form.
pub fn encoded(host: &str) -> String {
    let plain = || host.trim().trim_end_matches('.').to_owned();
    dns::question::full_name(host).map_or_else(|_| plain(), |name| dns::question::shown(&name))
}

/// How to reach and convince the DNS server.
#[derive(Debug, Args)]
pub struct ServerOptions {
    /// Domain of the clients; repeat it for more, as DnsDomainPublishList does
    #[arg(long, required = true, value_name = "DOMAIN")]
    pub domain: Vec<String>,
    /// DNS server that is asked for the zone and its primary
    #[arg(long, value_name = "IP[:PORT]")]
    pub nameserver: ServerAddress,
    /// Key to sign with: a file as tsig-keygen writes it, or NAME:ALGORITHM:FILE with the secret in base64
    #[arg(long, value_name = "KEY")]
    pub tsig: Option<KeyFile>,
    /// Sign with this session's Kerberos ticket (see kinit), as zones of Active Directory ask for
    #[arg(long, conflicts_with = "tsig")]
    pub gss_tsig: bool,
    /// Print the change and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Whole time for each question and for the update
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    pub timeout: Seconds,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// Options of `dns publish`.
#[derive(Debug, Args)]
#[command(after_help = "\
Reads first and sends nothing when nothing would change. The update demands that the records are still as they were
read, so that nothing of another writer is lost.

Example:
  kmscope dns publish --domain contoso.com --host kms01.contoso.com --nameserver 10.0.0.4 --tsig kms.key")]
pub struct Publish {
    /// The record
    #[command(flatten)]
    pub record: RecordOptions,
    /// Address of the host to publish, too; repeat it for more
    #[arg(long, value_name = "IP")]
    pub address: Vec<IpAddr>,
    /// The server
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Options of `dns remove`.
#[derive(Debug, Args)]
pub struct Remove {
    /// Full name of the KMS host whose records go
    #[arg(long, value_name = "FQDN", required_unless_present = "all")]
    pub host: Option<String>,
    /// Take out the records of all hosts
    #[arg(long, conflicts_with = "host")]
    pub all: bool,
    /// The server
    #[command(flatten)]
    pub server: ServerOptions,
}

/// Options of `dns record`.
#[derive(Debug, Args)]
pub struct RecordByHand {
    /// The record
    #[command(flatten)]
    pub record: RecordOptions,
    /// Domain of the clients; repeat it for more
    #[arg(long, required = true, value_name = "DOMAIN")]
    pub domain: Vec<String>,
    /// DNS server that it is for [default: all]
    #[arg(long = "as", value_name = "SERVER")]
    pub server: Option<ServerKind>,
    /// Name of the key that may update the record in BIND
    #[arg(long, value_name = "NAME", default_value = "kms-key")]
    pub key: String,
    /// Resource group of the Azure private zone
    #[arg(long, value_name = "GROUP", default_value = "<resource-group>")]
    pub resource_group: String,
}

/// DNS servers that records are printed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ServerKind {
    /// BIND
    Bind,
    /// Microsoft DNS
    Microsoft,
    /// Azure Private DNS
    Azure,
    /// dnsmasq
    Dnsmasq,
}

/// A key that was read from a file.
#[derive(Debug, Clone)]
pub struct KeyFile(pub Key);

impl FromStr for KeyFile {
    type Err = String;

    fn from_str(text: &str) -> Result<KeyFile, String> {
        let read =
            |path: &str| fs::read_to_string(PathBuf::from(path)).map_err(|error| format!("{path}: {error}"));
        let mut parts = text.splitn(3, ':');
        if let (Some(name), Some(algorithm), Some(path)) = (parts.next(), parts.next(), parts.next())
            && algorithm.to_ascii_lowercase().starts_with("hmac-")
        {
            let secret = read(path)?;
            // The file may hold the secret alone, or the clause that tsig-keygen writes.
            let key = if secret.contains('{') {
                Key::from_clause(&secret)
            } else {
                Key::new(name, algorithm, &secret)
            };
            return key.map(KeyFile).map_err(|error| format!("{path}: {error}"));
        }
        Key::from_clause(&read(text)?).map(KeyFile).map_err(|error| format!("{text}: {error}"))
    }
}
