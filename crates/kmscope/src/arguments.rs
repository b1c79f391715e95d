//! The definitions of the command line; help, man pages and completions all come from here.

pub mod activating;
pub mod auditing;
pub mod azure;
pub mod collecting;
pub mod given;
pub mod hosting;
pub mod live;
pub mod publisher;
pub mod publishing;
pub mod variables;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use messages::Language;
use readers::Limits;

const AFTER_HELP: &str = "\
Exit codes:
  0  done; for diagnose: nothing wrong found, and enough was seen to say so
  1  done; a fault was found
  2  bad usage, unreadable input, or an operation that failed
  3  done; not enough evidence to decide";

/// Finds out why Windows and Office do not activate against a KMS host.
///
/// Reads what admins collect (slmgr and ospp output, event logs, nslookup, ipconfig, Azure routes, zone files, zip
/// bundles of all that) and names the root cause, the proof for it and the fix. Changes nothing.
#[derive(Debug, Parser)]
#[command(name = "kmscope", version, after_help = AFTER_HELP, propagate_version = true, max_term_width = 100)]
#[command(arg_required_else_help = true)]
pub struct Arguments {
    /// What all commands share.
    #[command(flatten)]
    pub shared: Shared,
    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Shared {
    /// Language of the texts: en, ja or zh-TW [default: from the locale, then en]
    #[arg(long, global = true, value_name = "LANGUAGE")]
    pub lang: Option<Language>,
    /// When to use colours; NO_COLOR is heeded
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: ColorChoice,
    /// No progress bar
    #[arg(short, long, global = true)]
    pub quiet: bool,
    /// Show everything rather than what matters most
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Folder whose files replace the tables of facts of the same name
    #[arg(long, global = true, value_name = "FOLDER")]
    pub facts: Option<PathBuf>,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what is wrong, why, and how to fix it
    Diagnose(Diagnose),
    /// Show what was understood, without judging
    Read(Read),
    /// Explain an error code, event id, rule, cause, licence state or option
    Explain(Explain),
    /// Look up client setup keys (GVLKs)
    Keys(Keys),
    /// Run the whole procedure live, from this machine
    Check(live::Check),
    /// Gather a bundle on this machine, or print the script for a machine without kmscope
    Collect(collecting::Collect),
    /// Look up, publish and print SRV records
    Dns {
        /// What to do
        #[command(subcommand)]
        command: DnsCommand,
    },
    /// Tell whether activation leaves an Azure network from an Azure public address
    Azure {
        /// What to do
        #[command(subcommand)]
        command: azure::AzureCommand,
    },
    /// Connect to KMS hosts and tell what answers there
    Probe(live::Probe),
    /// License hosts for software of your own: root key, products, setup keys, host licences
    Publisher {
        /// What to do
        #[command(subcommand)]
        command: publisher::PublisherCommand,
    },
    /// Run a KMS host that activates a site's own software, and look after it
    Host {
        /// What to do
        #[command(subcommand)]
        command: hosting::HostCommand,
    },
    /// Run the agent that keeps a machine's own software activated, and ask how it does
    Client {
        /// What to do
        #[command(subcommand)]
        command: activating::ClientCommand,
    },
    /// The options of slmgr.vbs, for our own hosts and clients
    Slmgr(activating::Slmgr),
    /// Print the JSON Schema of the report
    Schema,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a man page
    Man {
        /// The command that it is about
        command: Option<String>,
    },
}

/// The commands of `dns`.
#[derive(Debug, Subcommand)]
pub enum DnsCommand {
    /// Show the records that a Windows client would use, in its order
    Discover(live::Discover),
    /// Publish the SRV record of a host by dynamic update
    Publish(publishing::Publish),
    /// Take the SRV records of a host out by dynamic update
    Remove(publishing::Remove),
    /// Look at every KMS record of many zones, and at what answers there
    Audit(auditing::Audit),
    /// Print the record to create by hand
    Record(publishing::RecordByHand),
}

/// Options of `diagnose`.
#[derive(Debug, Args)]
pub struct Diagnose {
    /// Files, folders, zip bundles, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Format of the report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReportFormat,
    /// Take each folder and each file directly within the given folders as a case of its own
    ///
    /// Prints one line per case; with --format json one document that holds all reports, with --format json-lines one
    /// report per line. Memory does not grow with the number of cases.
    #[arg(long)]
    pub each: bool,
    /// Write the report to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What reading may use up
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Options of `read`.
#[derive(Debug, Args)]
pub struct Read {
    /// Files, folders, zip bundles, or - for standard input
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
    /// Write the output to a file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// What reading may use up
    #[command(flatten)]
    pub limits: LimitOptions,
}

/// Options of `explain`.
#[derive(Debug, Args)]
pub struct Explain {
    /// An error code (0xC004F074), event id (12288), rule (K101), cause (srv-missing), licence state or option (/skms)
    #[arg(required = true, value_name = "WHAT")]
    pub what: Vec<String>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// Options of `keys`.
#[derive(Debug, Args)]
pub struct Keys {
    /// Words of an edition (2022 datacenter), or the last five characters of a key; without, all keys
    #[arg(value_name = "TEXT")]
    pub text: Vec<String>,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// Formats of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReportFormat {
    /// For a terminal.
    Text,
    /// One JSON document.
    Json,
    /// One JSON document per case and line; only with --each.
    JsonLines,
    /// One HTML page that needs nothing else.
    Html,
    /// For a ticket or a wiki.
    Markdown,
}

/// Formats of other output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReadFormat {
    /// For a terminal.
    Text,
    /// One JSON document.
    Json,
}

/// What reading may use up at most; reaching a limit is told in a note.
#[derive(Debug, Args)]
#[command(next_help_heading = "Limits")]
pub struct LimitOptions {
    /// Most that is read of one file, as in 500M or 2G
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "4G")]
    pub max_file_size: u64,
    /// Most that zip files may unpack to, in all
    #[arg(long, value_name = "SIZE", value_parser = size, default_value = "1G")]
    pub max_unpacked_size: u64,
    /// Most members of one zip file
    #[arg(long, value_name = "COUNT", default_value_t = 10_000)]
    pub max_zip_members: usize,
    /// Most zip files within each other
    #[arg(long, value_name = "COUNT", default_value_t = 4)]
    pub max_zip_depth: usize,
    /// Most facts that are kept of one file: its first ones; a note tells how many were left out
    ///
    /// The default bounds the memory that one file takes at about half a gigabyte.
    #[arg(long, value_name = "COUNT", default_value_t = 400_000)]
    pub max_facts: usize,
    /// Threads that work at once [default: one per processor]
    #[arg(long, value_name = "COUNT")]
    pub threads: Option<usize>,
}

impl LimitOptions {
    /// The limits for the readers.
    pub fn limits(&self) -> Limits {
        Limits {
            file_bytes: self.max_file_size,
            unpacked_bytes: self.max_unpacked_size,
            zip_members: self.max_zip_members,
            zip_depth: self.max_zip_depth,
            facts_per_file: self.max_facts,
            threads: self.threads(),
            ..Limits::default()
        }
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        let processors = || std::thread::available_parallelism().map_or(1, usize::from);
        self.threads.unwrap_or_else(processors).max(1)
    }
}

/// A size in bytes, with K, M, G or T for powers of 1024.
fn size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor: u64 = match text[digits.len()..].to_ascii_uppercase().as_str() {
        "" | "B" => 1,
        "K" | "KB" | "KIB" => 1 << 10,
        "M" | "MB" | "MIB" => 1 << 20,
        "G" | "GB" | "GIB" => 1 << 30,
        "T" | "TB" | "TIB" => 1 << 40,
        unit => return Err(format!("unknown unit {unit}, expected K, M, G or T")),
    };
    let number: u64 = digits.trim().parse().map_err(|_| "expected a number, as in 500M".to_owned())?;
    number.checked_mul(factor).ok_or_else(|| "too large".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_definitions_are_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn reads_sizes() {
        assert_eq!(size("500M"), Ok(500 << 20));
        assert_eq!(size("2 GiB"), Ok(2 << 30));
        assert_eq!(size("17"), Ok(17));
        for bad in ["", "M", "-1", "1.5G", "3X", "99999999999T"] {
            assert!(size(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn the_limits_are_those_of_the_readers() {
        let arguments = Arguments::try_parse_from(["kmscope", "read", "x"]).unwrap();
        let Command::Read(read) = arguments.command else { panic!("not read") };
        let threads = read.limits.threads();
        assert_eq!(read.limits.limits(), Limits { threads, ..Limits::default() });
    }
}
