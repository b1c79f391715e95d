//! Options of `kmscope host`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use activation::settings::PublishDomain;
use clap::{Args, Subcommand, ValueEnum};
use cluster::WithoutMajority;
use ipnet::IpNet;

use super::ReadFormat;
use super::given::Given;
use super::live::{Seconds, ServerAddress};
use super::publishing::KeyFile;

/// The commands of `host`.
#[derive(Debug, Subcommand)]
pub enum HostCommand {
    /// Run a KMS host for a site's own software
    Run(Given<HostRun>),
    /// Tell how a host does: its products, counts and counters
    Status(HostStatus),
    /// Write a systemd unit for a host
    Install(Install),
    /// Print the public key of this host, for a licence that is bound to it
    Key(HostFolder),
    /// Print the events 12290 to 12294 that a host wrote, in the form of the event viewer
    Events(HostEvents),
    /// Copy a host's journal, also while it runs
    Backup(HostBackup),
    /// Put a copy of the journal in the place of the present one, which is kept aside
    Restore(HostRestore),
    /// Have a running host read its licence and its --config again
    Reload(HostFolder),
    /// Give a running host the publisher's list of revoked hosts, which it also hands on to its clients
    Revocations(HostRevocations),
}

/// A host by its folder.
#[derive(Debug, Args)]
pub struct HostFolder {
    /// Folder of the host
    #[arg(long, value_name = "DIR", default_value = Self::DEFAULT)]
    pub data: PathBuf,
}

impl HostFolder {
    /// Where `host install` lets it be kept.
    pub const DEFAULT: &str = service::machine::HOST_FOLDER;
}

/// Options of `host run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Prints the address that it listens on as its first line. Ends at Ctrl+C or SIGTERM, after the calls under way; reads its
licence and the file of --config again at SIGHUP. Activates the software of the licence's publisher, never Microsoft
products.

Examples:
  kmscope host run --config /etc/kmscope/options.toml
  kmscope host run --data /var/lib/kmscope/host --licence host.toml --publish contoso.com --nameserver 10.0.0.4")]
pub struct HostRun {
    /// The folder
    #[command(flatten)]
    pub folder: HostFolder,
    /// File with options, in TOML: rate = 50, allow = ["10.0.0.0/8"]; what stands on the command line counts more
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Licence file, as `kmscope publisher issue-host` writes it
    #[arg(long, visible_alias = "license", value_name = "FILE", required_unless_present = "config")]
    pub licence: Option<PathBuf>,
    /// Address to listen on; repeat it for more [default: all, at the port of the settings, 1688]
    #[arg(long, value_name = "IP:PORT")]
    pub listen: Vec<SocketAddr>,
    /// Where the journal is kept
    #[command(flatten)]
    pub store: StoreOptions,
    /// Publish the host's SRV record in this domain, as DOMAIN[,PRIORITY[,WEIGHT]]; repeat it for more
    #[arg(long, value_name = "DOMAIN")]
    pub publish: Vec<PublishLine>,
    /// Full name of this machine, the target of the record [default: the system's name, in the domain where it has none]
    #[arg(long, value_name = "FQDN")]
    pub host_name: Option<String>,
    /// DNS server that takes the update
    #[arg(long, value_name = "IP[:PORT]")]
    pub nameserver: Option<ServerAddress>,
    /// Key to sign the update with: a file as tsig-keygen writes it, or NAME:ALGORITHM:FILE
    #[arg(long, value_name = "KEY")]
    pub tsig: Option<KeyFile>,
    /// Network of clients; repeat it for more [default: private and local ranges]
    #[arg(long, value_name = "PREFIX")]
    pub allow: Vec<IpNet>,
    /// Most connections at once
    #[arg(long, value_name = "COUNT", default_value_t = 16_384)]
    pub max_connections: usize,
    /// Most connections at once of one address
    #[arg(long, value_name = "COUNT", default_value_t = 1024)]
    pub max_connections_of_one: u32,
    /// Most requests per second of one address, ten times as many in a burst; 0 for no limit
    #[arg(long, value_name = "COUNT", default_value_t = 200)]
    pub rate: u32,
    /// How long a connection may be without a complete request
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = patience)]
    pub idle: Seconds,
    /// Tell metrics and health here, at /metrics and /healthz
    #[arg(long, value_name = "IP:PORT")]
    pub metrics: Option<SocketAddr>,
    /// What other machines may do with `kmscope slmgr`
    #[command(flatten)]
    pub remote: RemoteControl,
    /// A count that several hosts share
    #[command(flatten)]
    pub cluster: ClusterOptions,
    /// Days that the journal is kept; 0 for ever
    #[arg(long, value_name = "DAYS", default_value_t = 400)]
    pub keep_days: u32,
    /// Form of the log on standard error
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: LogForm,
}

/// With less than a second, nobody far away could ask.
fn patience(text: &str) -> Result<Seconds, String> {
    let read = text.parse().ok().filter(|Seconds(patience)| *patience >= Duration::from_secs(1));
    read.ok_or_else(|| "expected seconds from 1 to 3600, as in 30 or 2.5".to_owned())
}

/// A line of the list of domains to publish in.
#[derive(Debug, Clone)]
pub struct PublishLine(pub PublishDomain);

impl FromStr for PublishLine {
    type Err = String;

    fn from_str(text: &str) -> Result<PublishLine, String> {
        let read = PublishDomain::parse(text).map(PublishLine);
        read.ok_or_else(|| "expected DOMAIN[,PRIORITY[,WEIGHT]]".to_owned())
    }
}

/// The place of a journal.
#[derive(Args)]
pub struct StoreOptions {
    /// Where the journal is kept: sqlite, sqlite:DIR, postgres://USER@HOST/DATABASE[?journal=NAME&sslmode=MODE], or
    /// memory for tests [default: sqlite in the folder]
    #[arg(long, value_name = "STORE")]
    pub store: Option<String>,
    /// File with the password for the database [default: the one in the URL, or in PGPASSWORD]
    #[arg(long, value_name = "FILE", requires = "store")]
    pub store_password_file: Option<PathBuf>,
}

impl std::fmt::Debug for StoreOptions {
    /// The store may hold a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoreOptions")
            .field("store_password_file", &self.store_password_file)
            .finish_non_exhaustive()
    }
}

/// A count that several hosts share.
#[derive(Debug, Args)]
#[command(next_help_heading = "Several hosts, one count")]
pub struct ClusterOptions {
    /// Share the count with other hosts through this etcd cluster, as etcd://10.0.0.5,10.0.0.6,10.0.0.7
    #[arg(long, value_name = "URL")]
    pub cluster: Option<ClusterUrl>,
    /// Without a majority of the cluster: renew machines that this host knows, or refuse everybody
    #[arg(long, value_name = "POLICY", default_value = "renew", requires = "cluster")]
    pub without_majority: WithoutMajority,
    /// What all keys in the cluster begin with
    #[arg(long, value_name = "PREFIX", default_value = cluster::PREFIX, requires = "cluster")]
    pub cluster_prefix: String,
    /// Certificates of the cluster's authorities, in PEM; switches TLS on
    #[arg(long, value_name = "FILE", requires = "cluster")]
    pub cluster_ca: Option<PathBuf>,
    /// This host's certificate for the cluster, in PEM
    #[arg(long, value_name = "FILE", requires_all = ["cluster_ca", "cluster_private_key"])]
    pub cluster_certificate: Option<PathBuf>,
    /// Its private key, in PEM
    #[arg(long, value_name = "FILE", requires = "cluster_certificate")]
    pub cluster_private_key: Option<PathBuf>,
    /// User in the cluster, with a file that holds the password: NAME:FILE
    #[arg(long, value_name = "NAME:FILE", requires = "cluster")]
    pub cluster_user: Option<String>,
}

/// The members of a cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterUrl(pub Vec<String>);

/// Where etcd listens for clients.
const ETCD_PORT: u16 = 2379;

impl FromStr for ClusterUrl {
    type Err = String;

    fn from_str(text: &str) -> Result<ClusterUrl, String> {
        let wrong = || {
            "expected etcd:// and members, as in etcd://10.0.0.5,10.0.0.6:2379,etcd3.contoso.com".to_owned()
        };
        let members = text.strip_prefix("etcd://").ok_or_else(wrong)?.trim_end_matches('/');
        let members: Vec<String> = members
            .split(',')
            .map(|member| {
                let has_port = member.rsplit_once(':').is_some_and(|(host, port)| {
                    (!host.contains(':') || host.ends_with(']')) && port.parse::<u16>().is_ok()
                });
                if has_port { member.to_owned() } else { format!("{member}:{ETCD_PORT}") }
            })
            .collect();
        let plain = |member: &String| {
            !member.starts_with(':')
                && member.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
        };
        if members.iter().all(plain) { Ok(ClusterUrl(members)) } else { Err(wrong()) }
    }
}

/// Control from other machines.
#[derive(Debug, Args)]
pub struct RemoteControl {
    /// Let other machines control this service here, with the key of --control-key
    #[arg(long, value_name = "IP:PORT", requires = "control_key")]
    pub control: Option<SocketAddr>,
    /// File with the control key: 64 hexadecimal digits
    #[arg(long, value_name = "FILE")]
    pub control_key: Option<PathBuf>,
}

/// Forms of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

/// Options of `host status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 the host runs and is well; 1 it does not run, or is not well; 2 bad usage.")]
pub struct HostStatus {
    /// The folder
    #[command(flatten)]
    pub folder: HostFolder,
    /// The journal, where the host does not run
    #[command(flatten)]
    pub store: StoreOptions,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// What starts a service with the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ServiceKind {
    /// A unit of systemd.
    Systemd,
    /// A scheduled task of Windows.
    Task,
}

/// Options of `host install` and `client install`.
#[derive(Debug, Args)]
#[command(after_help = "\
Writes the unit file and the account kmscope, and starts nothing. The service has no rights to anything but its folder;
what its options name must be readable for that account. For Windows, prints the commands that set up a task instead.")]
pub struct Install {
    /// What starts the service [default: task on Windows, else systemd]
    #[arg(long = "as", value_name = "KIND")]
    pub kind: Option<ServiceKind>,
    /// Folder of systemd's units
    #[arg(long, value_name = "DIR", default_value = "/etc/systemd/system")]
    pub units: PathBuf,
    /// Folder of systemd's accounts
    #[arg(long, value_name = "DIR", default_value = "/etc/sysusers.d")]
    pub accounts: PathBuf,
    /// Print the unit instead
    #[arg(long)]
    pub print: bool,
    /// Options of `run` that the unit passes on, behind --
    #[arg(last = true, value_name = "OPTION")]
    pub options: Vec<String>,
}

/// Options of `host events`.
#[derive(Debug, Args)]
pub struct HostEvents {
    /// The folder
    #[command(flatten)]
    pub folder: HostFolder,
    /// The journal
    #[command(flatten)]
    pub store: StoreOptions,
    /// Only the last so many requests
    #[arg(long, value_name = "COUNT")]
    pub last: Option<u64>,
}

/// Options of `host backup`.
#[derive(Debug, Args)]
#[command(after_help = "\
A copy is an SQLite file, wherever the journal is kept; so a copy from one kind of store, put back into the other, moves
a host.")]
pub struct HostBackup {
    /// The folder
    #[command(flatten)]
    pub folder: HostFolder,
    /// The journal, which a running host tells itself
    #[command(flatten)]
    pub store: StoreOptions,
    /// File to write; it must not be there yet
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

/// Options of `host revocations`.
#[derive(Debug, Args)]
pub struct HostRevocations {
    /// The folder
    #[command(flatten)]
    pub folder: HostFolder,
    /// File with the list, as `kmscope publisher revocations` writes it
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

/// Options of `host restore`.
#[derive(Debug, Args)]
pub struct HostRestore {
    /// The folder; the host must not run
    #[command(flatten)]
    pub folder: HostFolder,
    /// The journal that is replaced
    #[command(flatten)]
    pub store: StoreOptions,
    /// The copy
    #[arg(long, value_name = "FILE")]
    pub from: PathBuf,
}
