//! Options of `kmscope client` and `kmscope slmgr`.

use std::path::PathBuf;
use std::str::FromStr;

use activation::credentials::SetupKey;
use clap::{Args, Subcommand};
use probe::Target;

use super::ReadFormat;
use super::hosting::{Install, LogForm, RemoteControl};
use super::live::{Seconds, ServerAddress};

/// The commands of `client`.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Run the agent that keeps this machine's software activated
    Run(ClientRun),
    /// Tell whether the product is activated, until when, and why not
    Status(ClientStatus),
    /// Write a systemd unit for the agent
    Install(Install),
}

/// A client by its folder.
#[derive(Debug, Args)]
pub struct ClientFolder {
    /// Folder of the client
    #[arg(long, value_name = "DIR", default_value = Self::DEFAULT)]
    pub data: PathBuf,
}

impl ClientFolder {
    /// Where `client install` lets it be kept.
    pub const DEFAULT: &str = service::machine::CLIENT_FOLDER;
}

/// A setup key on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupKeyText(pub SetupKey);

impl FromStr for SetupKeyText {
    type Err = String;

    fn from_str(text: &str) -> Result<SetupKeyText, String> {
        text.parse::<SetupKey>().map(SetupKeyText).map_err(|error| error.to_string())
    }
}

/// Options of `client run`.
#[derive(Debug, Args)]
#[command(after_help = "\
Prints the address of its control channel as its first line. What is set here stays set; without --skms and
--client-suffix the kept settings apply, and this machine's DNS settings where nothing is kept.

Example:
  kmscope client run --data /var/lib/kmscope/client --setup-key XXXXX-XXXXX-XXXXX-XXXXX-XXXXX")]
pub struct ClientRun {
    /// The folder
    #[command(flatten)]
    pub folder: ClientFolder,
    /// Setup key of the product, as `kmscope publisher setup-key` prints it [default: the installed one]
    #[arg(long, value_name = "KEY")]
    pub setup_key: Option<SetupKeyText>,
    /// Fixed host, as slmgr /skms sets it
    #[arg(long, value_name = "HOST[:PORT]", conflicts_with = "client_suffix")]
    pub skms: Option<Target>,
    /// DNS suffix to search for hosts: the primary one first, then the search list
    #[arg(long, value_name = "SUFFIX")]
    pub client_suffix: Vec<String>,
    /// DNS server; repeat it for more [default: this machine's]
    #[arg(long, value_name = "IP[:PORT]")]
    pub nameserver: Vec<ServerAddress>,
    /// Name of this machine in requests [default: the system's]
    #[arg(long, value_name = "FQDN")]
    pub machine_name: Option<String>,
    /// Time for one host, and for one DNS question
    #[arg(long, value_name = "SECONDS", default_value = "10")]
    pub timeout: Seconds,
    /// What other machines may do with `kmscope slmgr`
    #[command(flatten)]
    pub remote: RemoteControl,
    /// Form of the log on standard error
    #[arg(long, value_name = "FORM", default_value = "text")]
    pub log: LogForm,
}

/// Options of `client status`.
#[derive(Debug, Args)]
#[command(after_help = "\
Exit codes: 0 activated; 1 not activated; 2 bad usage, or there is no client in the folder.")]
pub struct ClientStatus {
    /// The folder
    #[command(flatten)]
    pub folder: ClientFolder,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// Options of `slmgr`.
#[derive(Debug, Args)]
#[command(
    disable_help_flag = true,
    after_help = "\
The options of slmgr.vbs for our own hosts and clients, with / or -. Which service is meant is told by its folder.
On another machine the user's name is not looked at; the password is the control key of the service: @FILE reads it
from a file, and - takes it from KMSCOPE_CONTROL_KEY, so that no list of processes shows it.
Exit code: 0, or the code of the error (its low byte where the system has no more room).

Examples:
  kmscope slmgr /dlv
  kmscope slmgr --data /var/lib/kmscope/host /sai 60
  kmscope slmgr kms01.contoso.com admin @control.key /dlv all"
)]
pub struct Slmgr {
    /// Folder of the service [default: the client's, or the host's where there is no client]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// [MACHINE [USER PASSWORD]] /OPTION [ARGUMENT]...
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "OPTION")]
    pub words: Vec<String>,
}
