//! Options of `publisher`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ReadFormat;

const PASSPHRASE_HELP: &str = "\
The passphrase is taken from --passphrase-file, else from KMSCOPE_PASSPHRASE, else asked for on the terminal, else
read from the first line of standard input.";

/// The commands of `publisher`.
#[derive(Debug, Subcommand)]
pub enum PublisherCommand {
    /// Make the folder of a publisher, with a new root key
    Init(Init),
    /// Add a product, show it, or change its terms
    Product(ProductOptions),
    /// List the products
    Products(Products),
    /// Print the setup key of a product, for clients
    SetupKey(SetupKeyOptions),
    /// Issue the licence of one host
    IssueHost(IssueHost),
    /// Issue a host's licence again, for the same key and a later end
    RenewHost(RenewHost),
    /// Revoke the licence of a lost host, and issue one for a new key in its place
    ReplaceHost(ReplaceHost),
    /// Revoke the licence of a host, and write the list of revocations
    RevokeHost(RevokeHost),
    /// List the issued licences
    Hosts(Products),
    /// Write the signed list of revocations
    Revocations(RevocationsOptions),
    /// Seal the root key under another passphrase
    RotatePassphrase(RotatePassphrase),
}

/// The folder of the publisher.
#[derive(Debug, Args)]
pub struct Folder {
    /// The publisher's folder
    #[arg(long, value_name = "FOLDER")]
    pub dir: PathBuf,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// Where the passphrase of the root key is.
#[derive(Debug, Args)]
pub struct PassphraseOptions {
    /// File whose first line is the passphrase of the root key
    #[arg(long, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
}

/// Options of `publisher init`.
#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE_HELP)]
pub struct Init {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Name of the publisher [default: the folder's name]
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// The passphrase
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Options of `publisher product`.
#[derive(Debug, Args)]
#[command(after_help = "\
Terms that are not given stay as they are. Licences that were issued keep the terms of their time until they are
renewed, and a setup key holds the number of clients of its time.")]
pub struct ProductOptions {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Name of the product
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// Name of the application, whose clients are counted together [default: the publisher's name]
    #[arg(long, value_name = "NAME")]
    pub application: Option<String>,
    /// So many clients must have asked before any is activated [default: 25]
    #[arg(long, value_name = "NUMBER")]
    pub n_policy: Option<u32>,
    /// Days for which a client works without activation [default: 30]
    #[arg(long, value_name = "DAYS")]
    pub grace_days: Option<u32>,
    /// Days for which an activation holds [default: 180]
    #[arg(long, value_name = "DAYS")]
    pub validity_days: Option<u32>,
}

/// Options of `publisher products` and `publisher hosts`.
#[derive(Debug, Args)]
pub struct Products {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
}

/// Options of `publisher setup-key`.
#[derive(Debug, Args)]
pub struct SetupKeyOptions {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Name of the product
    #[arg(long, value_name = "NAME")]
    pub product: String,
}

/// Until when a licence holds.
#[derive(Debug, Args)]
pub struct EndOptions {
    /// Days for which the licence holds from now [default: 365]
    #[arg(long, value_name = "DAYS", conflicts_with = "until")]
    pub days: Option<u32>,
    /// Last day of the licence, in UTC, as in 2027-12-31
    #[arg(long, value_name = "DATE", value_parser = date)]
    pub until: Option<jiff::civil::Date>,
}

fn date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "a day is expected, as in 2027-12-31".to_owned())
}

/// Options of `publisher issue-host`.
#[derive(Debug, Args)]
#[command(after_help = "\
Without --host-key a key is made for the host and written into the licence file, which is secret then.

Example:
  kmscope publisher issue-host --dir contoso --licence Fabrikam --products Paint --out kms01.licence

The passphrase is taken from --passphrase-file, else from KMSCOPE_PASSPHRASE, else asked for on the terminal, else
read from the first line of standard input.")]
pub struct IssueHost {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Name of the licence: whose hosts are counted together [default: the publisher's name]
    #[arg(long, value_name = "NAME")]
    pub licence: Option<String>,
    /// Products that the host may activate, with commas between [default: all]
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    pub products: Vec<String>,
    /// Hosts that the licence allows [default: as for its last host, then 6]
    #[arg(long, value_name = "NUMBER")]
    pub hosts: Option<u16>,
    /// Until when
    #[command(flatten)]
    pub end: EndOptions,
    /// The key that the host has made for itself: its public key in base64, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub host_key: Option<String>,
    /// Write the licence to a new file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The passphrase
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Options of `publisher renew-host`.
#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE_HELP)]
pub struct RenewHost {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Serial number of the licence
    #[arg(long, value_name = "NUMBER")]
    pub serial: u32,
    /// Until when
    #[command(flatten)]
    pub end: EndOptions,
    /// The present licence file: a private key in it is taken over into the new one
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Write the licence to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The passphrase
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Options of `publisher replace-host`.
#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE_HELP)]
pub struct ReplaceHost {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Serial number of the licence of the lost host
    #[arg(long, value_name = "NUMBER")]
    pub serial: u32,
    /// The key that the new host has made for itself: its public key in base64, or a file that holds it
    #[arg(long, value_name = "KEY")]
    pub host_key: Option<String>,
    /// Write the licence to a new file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The passphrase
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Options of `publisher revoke-host`.
#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE_HELP)]
pub struct RevokeHost {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Serial number of the licence
    #[arg(long, value_name = "NUMBER")]
    pub serial: u32,
    /// Write the list to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The passphrase
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Options of `publisher revocations`.
#[derive(Debug, Args)]
#[command(after_help = PASSPHRASE_HELP)]
pub struct RevocationsOptions {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// Write the list to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// The passphrase
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
}

/// Options of `publisher rotate-passphrase`.
#[derive(Debug, Args)]
#[command(after_help = "\
The present passphrase is taken from --passphrase-file, else from KMSCOPE_PASSPHRASE, else asked for on the terminal,
else read from the first line of standard input; the new one from --new-passphrase-file, else from
KMSCOPE_NEW_PASSPHRASE, else asked for twice on the terminal, else read from the next line of standard input.

Copies of the old root.key still open with the old passphrase.")]
pub struct RotatePassphrase {
    /// The folder
    #[command(flatten)]
    pub folder: Folder,
    /// The passphrase
    #[command(flatten)]
    pub passphrase: PassphraseOptions,
    /// File whose first line is the new passphrase
    #[arg(long, value_name = "FILE")]
    pub new_passphrase_file: Option<PathBuf>,
}
