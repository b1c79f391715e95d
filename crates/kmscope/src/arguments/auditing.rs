//! Options of `dns audit`.

use std::path::PathBuf;

use clap::Args;

use super::ReadFormat;
use super::live::{Seconds, ServerAddress};

/// Options of `dns audit`.
#[derive(Debug, Args)]
#[command(after_help = "\
Looks every zone up at every server, compares their answers, and connects to every target as far as the RPC bind.
Changes nothing: what it would take out it prints as commands.

Exit codes: 0 every record leads to a KMS host; 1 one does not; 2 bad usage; 3 no zone could be looked up.

Examples:
  kmscope dns audit contoso.com emea.contoso.com --nameserver 10.0.0.4 --allow kms01.contoso.com
  kmscope dns audit --zones zones.txt --nameserver 10.0.0.4 --format json")]
pub struct Audit {
    /// Zones
    #[arg(value_name = "ZONE", required_unless_present = "zones")]
    pub zone: Vec<String>,
    /// File with a zone in each line, or - for standard input
    #[arg(long, value_name = "FILE")]
    pub zones: Option<PathBuf>,
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
