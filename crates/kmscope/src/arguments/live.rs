//! Options of the commands that look at live networks.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use probe::Target;
use probe::lookup::DNS_PORT;

use super::{ReadFormat, ReportFormat};

/// What the client is set to, where that is not this machine.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "The client")]
pub struct ClientOptions {
    /// DNS suffix of the client: the primary one first, then the search list
    #[arg(long, value_name = "SUFFIX")]
    pub client_suffix: Vec<String>,
    /// DNS server of the client, with a port where it is not 53; repeat it for more
    #[arg(long, value_name = "IP[:PORT]")]
    pub nameserver: Vec<ServerAddress>,
    /// Fixed KMS host, as slmgr /skms sets it
    #[arg(long, value_name = "NAME[:PORT]")]
    pub kms_host: Option<Target>,
    /// Domain for look-ups, as slmgr /skms-domain sets it
    #[arg(long, value_name = "FQDN")]
    pub lookup_domain: Option<String>,
    /// File with names and addresses that need no DNS, as the client's hosts file
    #[arg(long, value_name = "FILE")]
    pub hosts_file: Option<PathBuf>,
    /// How the client chooses among records: Vista and Server 2008 ignore priority and weight
    #[arg(long, value_name = "GENERATION", default_value = "windows7")]
    pub generation: ClientGeneration,
}

impl ClientOptions {
    /// They stand for a client of their own, and not for this machine.
    pub fn describe_a_client(&self) -> bool {
        !self.client_suffix.is_empty() || self.lookup_domain.is_some() || self.kms_host.is_some()
    }
}

impl Check {
    /// The client is one of a site's own software.
    pub fn is_own(&self) -> bool {
        self.own || self.client_data.is_some()
    }
}

/// How a client chooses among records.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ClientGeneration {
    /// Vista and Server 2008
    Vista,
    /// Windows 7, Server 2008 R2 and later
    #[default]
    Windows7,
}

impl From<ClientGeneration> for dns::choice::Generation {
    fn from(generation: ClientGeneration) -> dns::choice::Generation {
        match generation {
            ClientGeneration::Vista => dns::choice::Generation::Vista,
            ClientGeneration::Windows7 => dns::choice::Generation::Windows7,
        }
    }
}

/// Options of `check`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without options it takes this machine's own settings. It changes nothing and sends no activation request: a KMS host
is asked as far as the RPC bind.

Examples:
  kmscope check
  kmscope check --client-suffix contoso.com --nameserver 10.0.0.4
  kmscope check --known-host kms01.contoso.com --known-host 10.0.0.40
  kmscope check --own --client-suffix contoso.com --nameserver 10.0.0.4
  kmscope check --client-data /var/lib/kmscope-client")]
pub struct Check {
    /// The client
    #[command(flatten)]
    pub client: ClientOptions,
    /// A host that ought to work: tried by its name or address, whatever the records say; repeat it for more
    #[arg(long, value_name = "HOST[:PORT]")]
    pub known_host: Vec<Target>,
    /// Judge for clients of a site's own software: they need a host of kmscope, and not one for Windows
    #[arg(long)]
    pub own: bool,
    /// Folder of a kmscope client on this machine: its settings, its state and its events are judged
    #[arg(long, value_name = "DIR", conflicts_with_all = ["client_suffix", "kms_host", "lookup_domain"])]
    pub client_data: Option<PathBuf>,
    /// Time server to compare the clock with, as the domain controller
    #[arg(long, value_name = "IP[:PORT]")]
    pub time_server: Option<TimeServer>,
    /// Files and folders to judge together with what is seen live, as effective routes of Azure
    #[arg(long, value_name = "PATH")]
    pub evidence: Vec<PathBuf>,
    /// Ask an instance metadata service here [default: Azure's own, where this machine shows that it runs in Azure]
    #[arg(long, value_name = "IP[:PORT]")]
    pub imds: Option<MetadataService>,
    /// Whole time for each step
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    pub timeout: Seconds,
    /// Format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
    /// Write the report to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options of `dns discover`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 the client finds a record; 1 it finds none; 2 bad usage; 3 no DNS server answered.")]
pub struct Discover {
    /// The client
    #[command(flatten)]
    pub client: ClientOptions,
    /// Whole time for a question
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    pub timeout: Seconds,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// `IP[:PORT]` of a DNS server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerAddress(pub SocketAddr);

/// `IP[:PORT]` of a time server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeServer(pub SocketAddr);

/// `IP[:PORT]` of an instance metadata service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataService(pub SocketAddr);

fn address(text: &str, port: u16) -> Result<SocketAddr, String> {
    let text = text.trim();
    let bare = text.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    let address = bare.map(|ip| SocketAddr::new(ip, port)).ok().or_else(|| text.parse().ok());
    address.ok_or_else(|| format!("expected an address, as in 10.0.0.4, 10.0.0.4:{port} or [fd00::4]:{port}"))
}

impl FromStr for ServerAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<ServerAddress, String> {
        address(text, DNS_PORT).map(ServerAddress)
    }
}

impl FromStr for MetadataService {
    type Err = String;

    fn from_str(text: &str) -> Result<MetadataService, String> {
        address(text, probe::imds::SERVICE.port()).map(MetadataService)
    }
}

impl FromStr for TimeServer {
    type Err = String;

    fn from_str(text: &str) -> Result<TimeServer, String> {
        address(text, probe::sntp::NTP_PORT).map(TimeServer)
    }
}

/// Options of `probe`.
#[derive(Debug, Args)]
#[command(after_help = "\
Connects to TCP 1688 (or the given port) of every address of every host, offers the KMS interface and that of kmscope's
own hosts in one RPC bind, and stops at the answer: no activation request is ever sent.

Exit codes: 0 every address answers as a KMS host, for Windows and Office or for a site's own software; 1 one does not;
2 bad usage. The output tells the two kinds apart.")]
pub struct Probe {
    /// Names or addresses, with a port where it is not 1688: kms01, 10.0.0.4:1688, [fd00::4]:1688
    #[arg(required = true, value_name = "HOST[:PORT]")]
    pub targets: Vec<Target>,
    /// Whole time for a look-up, and for each connection with its answer
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    pub timeout: Seconds,
    /// Connections to each address, as psping makes them
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub count: usize,
    /// From the start of one of these connections to the next
    #[arg(long, value_name = "SECONDS", default_value = "1")]
    pub interval: Seconds,
    /// IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// IPv6 addresses only
    #[arg(short = '6', long)]
    pub ipv6: bool,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// A time in seconds, as in `5` or `0.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub Duration);

/// No step waits longer than an hour.
const SECONDS_MAX: f64 = 3600.0;

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Seconds, String> {
        let seconds = text.trim().trim_end_matches('s').parse::<f64>().ok();
        match seconds.filter(|seconds| (0.0..=SECONDS_MAX).contains(seconds)) {
            Some(seconds) => Ok(Seconds(Duration::from_secs_f64(seconds))),
            None => Err("expected seconds from 0 to 3600, as in 5 or 0.5".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_of_servers() {
        for (text, expected) in [
            ("10.0.0.4", "10.0.0.4:53"),
            ("10.0.0.4:5353", "10.0.0.4:5353"),
            ("fd00::4", "[fd00::4]:53"),
            ("[fd00::4]:5353", "[fd00::4]:5353"),
        ] {
            assert_eq!(text.parse::<ServerAddress>().unwrap().0.to_string(), expected);
        }
        assert!("dc01".parse::<ServerAddress>().is_err());
    }

    #[test]
    fn reads_seconds() {
        assert_eq!("0.5".parse(), Ok(Seconds(Duration::from_millis(500))));
        assert_eq!("5s".parse(), Ok(Seconds(Duration::from_secs(5))));
        for bad in ["", "-1", "NaN", "1e9", "soon", "inf"] {
            assert!(bad.parse::<Seconds>().is_err(), "{bad}");
        }
    }
}
