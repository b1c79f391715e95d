//! `kmscope azure`: one file each command, and what they share.

mod allowed;
mod check;
mod document;
mod endpoints;
mod findings;
mod fix;
mod gather;
mod json_place;
mod lint;
mod modules;
mod sarif;
mod words;

use crate::Status;
use crate::arguments::azure::AzureCommand;
use crate::console::Console;

pub(crate) fn run(command: &AzureCommand, console: &Console) -> anyhow::Result<Status> {
    match command {
        AzureCommand::Check(options) => check::run(options, console),
        AzureCommand::Fix(options) => fix::run(options, console),
        AzureCommand::Lint(options) => lint::run(options, console),
        AzureCommand::Endpoints(options) => endpoints::run(options, console),
    }
}
