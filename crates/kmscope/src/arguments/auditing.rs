//! Options of `dns audit`.

use std::path::PathBuf;

use clap::Args;

use super::ReadFormat;
use super::live::{Seconds, ServerAddress};
use super::publishing::KeyFile;

/// Options of `dns audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks every zone up at every server, compares their answers, and connects to every target as far as the RPC bind.
Changes nothing: what it would take out it prints as commands.

Exit codes: 0 every record leads to a KMS host; 1 one does not; 2 bad usage; 3 no zone could be looked up.

Examples:
  kmscope dns audit contoso.com emea.contoso.com --nameserver 10.0.0.4 --allow kms01.contoso.com
  kmscope dns audit contoso.com --axfr --nameserver 10.0.0.4
  kmscope dns audit --zone-file contoso.com.dns --no-probe
  kmscope dns audit --zones zones.txt --nameserver 10.0.0.4 --format json")]
pub struct Audit {
    /// Zones
    #[arg(value_name = "ZONE", required_unless_present_any = ["zones", "zone_file"])]
    pub zone: Vec<String>,
    /// File with a zone in each line, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub zones: Option<PathBuf>,
    /// Zone file, or a listing by dnscmd or dig; its records are compared with what named servers tell
    #[arg(long, value_name = "FILE")]
    pub zone_file: Vec<PathBuf>,
    /// Have the first server hand each zone over (AXFR), which finds the records of domains below it, too
    #[arg(long)]
    pub axfr: bool,
    /// Key that signs the transfers, as for dns publish
    #[arg(long, value_name = "KEY", requires = "axfr")]
    pub tsig: Option<KeyFile>,
    /// DNS server to ask; repeat it to compare several [default: this machine's]
    #[arg(long, value_name = "IP[:PORT]")]
    pub nameserver: Vec<ServerAddress>,
    /// Host that ought to have a record; with one or more of them, all others are rogue
    #[arg(long, value_name = "FQDN")]
    pub allow: Vec<String>,
    /// Look records up, connect to nobody
    #[arg(long)]
    pub no_probe: bool,
    /// Whole time for a question, and for a connection with its answer
    #[arg(long, value_name = "SECONDS", default_value = "3")]
    pub timeout: Seconds,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}
