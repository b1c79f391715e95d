//! Options of `collect`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// Options of `collect`.
#[derive(Debug, Args)]
#[command(after_help = "\
The collection only reads. It asks before it takes personal data: names of clients, users and adapters.

Without kmscope on the machine, print a script and run it there:
  kmscope collect --script powershell > kms-collect.ps1
  powershell -NoProfile -ExecutionPolicy Bypass -File kms-collect.ps1 -Redact")]
pub struct Collect {
    /// Print a script of this kind instead; -All, -NoPersonal and -Redact (/all, /nopersonal, /redact) are its switches
    #[arg(long, value_name = "KIND", conflicts_with_all = ["out", "all", "no_personal", "redact"])]
    pub script: Option<ScriptKind>,
    /// The zip file to write [default: kms-collect-COMPUTER-DATE.zip]
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// Take everything without asking
    #[arg(long, conflicts_with = "no_personal")]
    pub all: bool,
    /// Take no personal data, and do not ask
    #[arg(long)]
    pub no_personal: bool,
    /// Replace the names of computers, users and domains by stand-ins
    #[arg(long)]
    pub redact: bool,
}

/// Kinds of scripts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScriptKind {
    /// A batch file
    Cmd,
    /// Windows PowerShell 2.0 or later
    Powershell,
}
