//! `kmscope dns record`: a host's SRV record, to be created by hand.

use std::io::{self, Write};

use dns::by_hand::{ByHand, Server, lines};
use dns::question::full_name;
use dns::service_name;
use report::visible::one_line;

use crate::Status;
use crate::arguments::publishing::{RecordByHand, ServerKind};
use crate::console::Console;

pub(crate) fn run(options: &RecordByHand, console: &Console) -> anyhow::Result<Status> {
    let record = options.record.record();
    full_name(&record.target)?;
    let mut out = io::stdout().lock();
    for domain in &options.domain {
        service_name(domain)?;
        let what =
            ByHand { domain, record: &record, key: &options.key, resource_group: &options.resource_group };
        for (kind, server, heading) in [
            (ServerKind::Bind, Server::Bind, "record-bind"),
            (ServerKind::Microsoft, Server::Microsoft, "record-microsoft"),
            (ServerKind::Azure, Server::Azure, "record-azure"),
            (ServerKind::Dnsmasq, Server::Dnsmasq, "record-dnsmasq"),
        ] {
            if options.server.is_some_and(|wanted| wanted != kind) {
                continue;
            }
            writeln!(out, "# {}", console.text(heading, &[]))?;
            for line in lines(server, &what) {
                writeln!(out, "{}", one_line(&line))?;
            }
            if kind == ServerKind::Bind {
                writeln!(out, "# {}", console.text("record-bind-why", &[]))?;
            }
            writeln!(out)?;
        }
    }
    Ok(Status::Done)
}
