//! `kmscope azure fix`: the change that mends it, or why there is none.

use std::io::{self, Write};

use anyhow::bail;
use azure::outbound::Lack;
use azure::repair::{Refusal, Target, Tool, plan};
use azure::site::places;
use messages::Argument;
use model::Fact;

use super::gather::Gathered;
use crate::Status;
use crate::arguments::azure::{AzureFix, FixTool};
use crate::console::Console;

pub(super) fn run(options: &AzureFix, console: &Console) -> anyhow::Result<Status> {
    let mut gathered = Gathered::default();
    gathered.routes(std::slice::from_ref(&options.routes), console)?;
    let is_group = |fact: &Fact| matches!(fact, Fact::SecurityGroup(_));
    gathered.for_all(&options.nsg, is_group, "azure-no-rules", console)?;
    let is_resource =
        |fact: &Fact| matches!(fact, Fact::Resource(_) | Fact::Firewall(_) | Fact::SecurityGroup(_));
    gathered.for_all(&options.subnet_facts, is_resource, "azure-no-resources", console)?;
    let cloud = options.cloud.unwrap_or_else(|| gathered.cloud());
    let told = gathered.told();
    let shown = options.routes.to_string_lossy();
    let found = places(&told);
    let with_routes: Vec<_> = found.iter().filter(|one| one.place.routes.is_some()).collect();
    // Of several subnets the named one is meant.
    let named = with_routes.iter().find(|one| one.name.eq_ignore_ascii_case(&options.subnet));
    let Some(place) = named.or(with_routes.first().filter(|_| with_routes.len() == 1)) else {
        bail!("{}", console.text("azure-fix-several", &[("path", Argument::Text(&shown))]));
    };
    if gathered.is_incomplete(&place.source.path) {
        bail!("{shown}: {}", console.text("azure-why-incomplete", &[]));
    }
    let target = Target {
        resource_group: options.resource_group.clone(),
        vnet: options.vnet.clone(),
        subnet: options.subnet.clone(),
        route_table: options.route_table.clone(),
        location: options.location.clone(),
    };
    let tool = match options.tool {
        FixTool::Az => Tool::Az,
        FixTool::Powershell => Tool::Powershell,
        FixTool::Terraform => Tool::Terraform,
        FixTool::Bicep => Tool::Bicep,
        FixTool::Arm => Tool::Arm,
        FixTool::ClassicPowershell => Tool::ClassicPowershell,
    };
    let repair = match plan(&place.place, cloud, &target, tool) {
        Ok(repair) => repair,
        Err(Refusal::NothingToDo) => {
            eprintln!("{}", console.text("azure-fix-nothing", &[]));
            return Ok(Status::Done);
        }
        Err(refusal) => bail!("{}", refused(&refusal, console)),
    };
    let lines = if options.undo { repair.undo(tool) } else { repair.forward(tool) };
    let mut out = io::BufWriter::new(io::stdout().lock());
    for line in lines {
        writeln!(out, "{line}")?;
    }
    out.flush()?;
    Ok(Status::Done)
}

fn refused(refusal: &Refusal, console: &Console) -> String {
    let of = |key: &str| console.text(key, &[]);
    match refusal {
        Refusal::NothingToDo => of("azure-fix-nothing"),
        Refusal::NoOutbound(Lack::PrivateSubnet) => of("azure-fix-private-subnet"),
        Refusal::NoOutbound(Lack::StandardInternalLoadBalancer) => of("azure-fix-internal-load-balancer"),
        Refusal::SecurityRule(rule) => {
            let rule = rule.as_deref().unwrap_or("-");
            console.text("azure-fix-security-rule", &[("rule", Argument::Text(rule))])
        }
        Refusal::TableNotNamed => of("azure-fix-table-not-named"),
        Refusal::RouteNotNamed(prefix) => {
            console.text("azure-fix-route-not-named", &[("prefix", Argument::Text(prefix))])
        }
        Refusal::NoLocation => of("azure-fix-no-location"),
        Refusal::BadName(name) => console.text("azure-fix-bad-name", &[("name", Argument::Text(name))]),
        Refusal::NotEnough => of("azure-fix-not-enough"),
    }
}
