//! `kmscope publisher`: the root key of a publisher, its products, and the licences of hosts.

mod folder;
mod hosts;
mod init;
mod lists;
mod passphrase;
mod products;
mod words;

use crate::Status;
use crate::arguments::publisher::PublisherCommand;
use crate::console::Console;

pub(crate) fn run(command: &PublisherCommand, console: &Console) -> anyhow::Result<Status> {
    match command {
        PublisherCommand::Init(options) => init::run(options, console),
        PublisherCommand::RotatePassphrase(options) => init::rotate(options, console),
        PublisherCommand::Product(options) => products::put(options, console),
        PublisherCommand::Products(options) => products::list(options, console),
        PublisherCommand::SetupKey(options) => products::setup_key(options, console),
        PublisherCommand::IssueHost(options) => hosts::issue(options, console),
        PublisherCommand::RenewHost(options) => hosts::renew(options, console),
        PublisherCommand::ReplaceHost(options) => hosts::replace(options, console),
        PublisherCommand::Hosts(options) => hosts::list(options, console),
        PublisherCommand::RevokeHost(options) => lists::revoke(options, console),
        PublisherCommand::Revocations(options) => lists::print(options, console),
    }
}
