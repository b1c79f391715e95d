//! The command line of kmscope: arguments in, one call down, rendering out.
//!
//! The rooms below do the work; what stands here knows files, terminals and exit codes.

pub mod arguments;
mod command;
mod console;
mod evidence;
mod failure;
mod json_stream;
mod live;
mod local;
mod output;
mod progress;
mod tables;

use std::process::ExitCode;

use clap::Parser;

use arguments::{Arguments, Command, DnsCommand};
use console::Console;
pub use failure::Status;

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let console = Console::new(&arguments.shared);
    match run(&arguments, &console) {
        Ok(Status::Code(code)) => failure::exit(code),
        Ok(status) => ExitCode::from(status.code()),
        Err(error) => {
            // Whoever reads has had enough; that is no failure.
            if failure::is_broken_pipe(&error) {
                return ExitCode::SUCCESS;
            }
            console.complain(&error);
            ExitCode::from(Status::Failed.code())
        }
    }
}

fn run(arguments: &Arguments, console: &Console) -> anyhow::Result<Status> {
    if let Some(folder) = &arguments.shared.facts {
        tables::install(folder)?;
    }
    match &arguments.command {
        Command::Diagnose(options) if options.each => command::each::run(options, console),
        Command::Diagnose(options) => command::diagnose::run(options, console),
        Command::Read(options) => command::read::run(options, console),
        Command::Explain(options) => command::explain::run(options, console),
        Command::Keys(options) => command::keys::run(options, console),
        Command::Check(options) => command::check::run(options, console),
        Command::Collect(options) => command::collect::run(options, console),
        Command::Dns { command } => match command {
            DnsCommand::Discover(options) => command::discover::run(options, console),
            DnsCommand::Publish(options) => command::publish::run_publish(options, console),
            DnsCommand::Remove(options) => command::publish::run_remove(options, console),
            DnsCommand::Audit(options) => command::audit::run(options, console),
            DnsCommand::Record(options) => command::record::run(options, console),
        },
        Command::Azure { command } => command::azure::run(command, console),
        Command::Probe(options) => command::probe::run(options, console),
        Command::Publisher { command } => command::publisher::run(command, console),
        Command::Host { command } => command::host::run(command, console),
        Command::Client { command } => command::client::run(command, console),
        Command::Slmgr(options) => command::slmgr::run(options, console),
        Command::Schema => command::describe::schema(),
        Command::Completions { shell } => command::describe::completions(*shell),
        Command::Man { command } => command::describe::man(command.as_deref()),
    }
}
