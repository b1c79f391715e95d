//! The smallest change of routes that lets KMS traffic leave from an Azure public address, in each tool's own words.
//!
//! Routes are added one by one with next hop Internet; whatever else a table holds stays. What a route can't mend is
//! refused with what would.

mod arm;
mod az;
mod bicep;
mod classic;
mod powershell;
mod terraform;

use std::net::Ipv4Addr;

use facts::azure_endpoints::{Cloud, Status, azure_endpoints};
use ipnet::Ipv4Net;
use model::azure::Route;

use crate::NextHop;
use crate::judgement::{Judgement, Place, Why, judge};
use crate::outbound::{Lack, Outbound};
use crate::select::{Origin, origin, prefix_of};
use crate::verdict::{Reason, Verdict};
use crate::what_if::{Edit, edited};

/// The tool whose words are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Azure CLI.
    Az,
    /// Az PowerShell.
    Powershell,
    /// Terraform with the azurerm provider.
    Terraform,
    /// Bicep.
    Bicep,
    /// An ARM template.
    Arm,
    /// PowerShell of the classic deployment model (ASM).
    ClassicPowershell,
}

/// Where the change is to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Resource group.
    pub resource_group: String,
    /// Virtual network.
    pub vnet: String,
    /// Subnet.
    pub subnet: String,
    /// Route table, where its name is known.
    pub route_table: Option<String>,
    /// Region, for a table that is made.
    pub location: Option<String>,
}

/// What is to be changed.
#[derive(Debug, Clone, PartialEq)]
pub struct Repair {
    /// The cloud of the endpoints.
    pub cloud: Cloud,
    /// Where.
    pub target: Target,
    /// Name of the table.
    pub table: String,
    /// The table does not exist yet, and the subnet has none.
    pub is_new: bool,
    /// Routes to add.
    pub routes: Vec<NewRoute>,
}

/// One route to an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct NewRoute {
    /// Name of the route.
    pub name: String,
    /// The endpoint's address.
    pub address: Ipv4Addr,
    /// The endpoint's name.
    pub endpoint: &'static str,
    /// The user-defined route for the same prefix, which leads elsewhere and whose place it takes.
    pub replaces: Option<Route>,
}

/// Why there is no such change.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Every endpoint is reached already.
    #[error("every endpoint is reached from an Azure public address already, there is nothing to change")]
    NothingToDo,
    /// There is no outbound path: a route to the Internet leads nowhere.
    #[error("the subnet has no outbound path, so no route helps")]
    NoOutbound(Lack),
    /// A security rule stops the traffic.
    #[error("a security rule stops the traffic, not a route")]
    SecurityRule(Option<String>),
    /// There are user-defined routes, so the subnet has a table; a new one would take its place.
    #[error("the subnet has a route table whose name is not in the evidence")]
    TableNotNamed,
    /// A user-defined route for this prefix leads elsewhere, and its name, which changing it takes, is not known.
    #[error("the name of the route for {0} is not in the evidence")]
    RouteNotNamed(String),
    /// The region of the new table is needed.
    #[error("the region of the new route table is not given")]
    NoLocation,
    /// A name holds characters that Azure does not allow.
    #[error("{0:?} is no name of an Azure resource")]
    BadName(String),
    /// Routes to the Internet would not be enough.
    #[error("routes alone would not be enough")]
    NotEnough,
}

/// Plans the change for a place.
pub fn plan(place: &Place<'_>, cloud: Cloud, target: &Target, tool: Tool) -> Result<Repair, Refusal> {
    let empty = model::azure::RouteTable::default();
    let before = place.routes.unwrap_or(&empty);
    let today = judge(place, cloud);
    let routes = needing(&today, place);
    if routes.is_empty() {
        return Err(if today.verdict == Verdict::Works { Refusal::NothingToDo } else { reason(&today) });
    }
    let edits: Vec<Edit> = routes.iter().map(|one| Edit::Add(one.as_route())).collect();
    // Added routes are always well-formed.
    let after = edited(before, &edits).map_err(|_| Refusal::NotEnough)?;
    let mended = judge(&Place { routes: Some(&after), ..place.clone() }, cloud);
    if mended.verdict != Verdict::Works {
        return Err(reason(&mended));
    }
    let nameless = |one: &&NewRoute| one.replaces.as_ref().is_some_and(|route| route.name.is_none());
    if let Some(one) = routes.iter().find(nameless) {
        return Err(Refusal::RouteNotNamed(one.prefix()));
    }
    let by_user = before.routes.iter().any(|route| origin(before, route) == Origin::User);
    let named =
        target.route_table.clone().or_else(|| before.name.clone().filter(|_| before.effective != Some(true)));
    let (table, is_new) = match named {
        // A table is known to exist when the evidence holds routes of it; else a region says that one is to be made.
        Some(name) => (name, !by_user && before.effective != Some(false) && target.location.is_some()),
        None if by_user || before.effective == Some(false) => return Err(Refusal::TableNotNamed),
        None => (format!("rt-{}-kms", target.subnet), true),
    };
    let Target { resource_group, vnet, subnet, location, .. } = target;
    let names = [resource_group, vnet, subnet, &table];
    let replaced = routes.iter().filter_map(|one| one.replaces.as_ref()?.name.as_ref());
    for name in names.into_iter().chain(location).chain(replaced) {
        if !is_name(name) {
            return Err(Refusal::BadName(name.clone()));
        }
    }
    if is_new && tool == Tool::ClassicPowershell && location.is_none() {
        return Err(Refusal::NoLocation);
    }
    Ok(Repair { cloud, target: target.clone(), table, is_new, routes })
}

/// The endpoints whose route leads elsewhere, those of machines of old included: Microsoft asks to route them, too.
fn needing(today: &Judgement<'_>, place: &Place<'_>) -> Vec<NewRoute> {
    let mut routes = Vec::new();
    let retired =
        |name: &str| azure_endpoints().with_name(name).is_some_and(|one| one.status == Status::Retired);
    // An appliance that lets the traffic pass needs no way around it.
    let is_fine = |why: &[Why], verdict| {
        verdict == Verdict::Works || why.first() == Some(&Why::Route(Reason::Internet))
    };
    for one in today.endpoints.iter().filter(|one| !is_fine(&one.why, one.verdict) && !retired(one.name)) {
        let single = Ipv4Net::from(one.address);
        let replaces = place.routes.and_then(|table| {
            let same =
                |route: &&Route| prefix_of(route) == Some(single) && origin(table, route) == Origin::User;
            table.routes.iter().find(same).cloned()
        });
        let own_name = replaces.as_ref().and_then(|route| route.name.clone());
        let name = own_name.unwrap_or_else(|| format!("kms-{}", one.address.to_string().replace('.', "-")));
        routes.push(NewRoute { name, address: one.address, endpoint: one.name, replaces });
    }
    routes
}

/// What stands in the way beside the routes.
fn reason(judgement: &Judgement<'_>) -> Refusal {
    if let Outbound::Missing(lack, _) = judgement.outbound {
        return Refusal::NoOutbound(lack);
    }
    let groups = judgement.endpoints.iter().filter(|one| one.required).flat_map(|one| &one.why);
    let denied = groups.filter_map(|why| match why {
        Why::Group(reason, rule) if *reason != crate::nsg::NsgReason::Allowed => Some(rule.clone()),
        _ => None,
    });
    denied.into_iter().next().map_or(Refusal::NotEnough, Refusal::SecurityRule)
}

/// Names of resources: letters, digits, and the marks that Azure allows. Nothing that a shell would obey.
fn is_name(name: &str) -> bool {
    const LENGTH_MAX: usize = 90;
    let is_allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=LENGTH_MAX).contains(&name.chars().count()) && name.chars().all(is_allowed) && !name.starts_with('-')
}

impl NewRoute {
    /// As a user-defined route.
    pub fn as_route(&self) -> Route {
        Route {
            name: Some(self.name.clone()),
            prefix: Some(self.prefix()),
            next_hop_type: Some("Internet".to_owned()),
            ..Route::default()
        }
    }

    fn prefix(&self) -> String {
        format!("{}/32", self.address)
    }

    /// Name in languages that know no hyphens.
    fn symbol(&self) -> String {
        self.name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).collect()
    }

    /// Next hop type and address of the route before, for the way back.
    ///
    /// Both come from a file and go into commands: only what is known and what is an address does.
    fn before(&self) -> Option<(&'static str, Option<Ipv4Addr>)> {
        let route = self.replaces.as_ref()?;
        let kind = match NextHop::parse(route.next_hop_type.as_deref()) {
            NextHop::Gateway => "VirtualNetworkGateway",
            NextHop::Appliance => "VirtualAppliance",
            NextHop::Dropped => "None",
            NextHop::InsideNetwork => "VnetLocal",
            NextHop::Internet => "Internet",
            NextHop::ServiceEndpoint | NextHop::Unknown => return None,
        };
        let address =
            route.next_hop_ip.as_deref().and_then(|text| text.split(',').next()?.trim().parse().ok());
        Some((kind, address))
    }
}

impl Repair {
    /// The change in a tool's words.
    pub fn forward(&self, tool: Tool) -> Vec<String> {
        let mut lines = match tool {
            Tool::Az => az::forward(self),
            Tool::Powershell => powershell::forward(self),
            Tool::Terraform => terraform::forward(self),
            Tool::Bicep => bicep::forward(self),
            Tool::Arm => return arm::forward(self),
            Tool::ClassicPowershell => classic::forward(self),
        };
        let mark = if tool == Tool::Bicep { "//" } else { "#" };
        lines.extend(self.proof().into_iter().map(|line| format!("{mark} {line}")));
        lines
    }

    /// The way back in a tool's words.
    pub fn undo(&self, tool: Tool) -> Vec<String> {
        match tool {
            Tool::Powershell => powershell::undo(self),
            Tool::Terraform => terraform::undo(self),
            Tool::ClassicPowershell => classic::undo(self),
            // Templates add and never take away.
            Tool::Az | Tool::Bicep | Tool::Arm => az::undo(self),
        }
    }

    /// What shows that it worked: from a machine of the subnet.
    pub fn proof(&self) -> Vec<String> {
        let mut names: Vec<&str> = self.routes.iter().map(|one| one.endpoint).collect();
        names.dedup();
        let mut lines = vec!["proof, from a machine of the subnet:".to_owned()];
        lines.push(format!("  kmscope probe {}", names.join(" ")));
        lines
            .extend(self.routes.iter().map(|one| format!("  Test-NetConnection {} -Port 1688", one.address)));
        lines.push("  cscript //nologo C:\\Windows\\System32\\slmgr.vbs /ato".to_owned());
        lines
    }
}

/// What every table that is made here is tagged with.
const TAGS: [(&str, &str); 2] = [("purpose", "azure-kms"), ("created-by", "kmscope")];

#[cfg(test)]
mod tests;
