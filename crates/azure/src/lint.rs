//! What declared networks (Terraform, ARM, plans) would do to activation, each fault at its exact place.
//!
//! Declarations tell no BGP routes and no rules of appliances elsewhere, so only what the code itself breaks is an
//! error; what depends on more is a warning.

use std::collections::BTreeSet;

use facts::azure_endpoints::{Cloud, Status, azure_endpoints};
use model::azure::{RouteTable, SecurityGroup};
use model::evidence::Evidence;
use model::{Fact, Place, Source};

use crate::NextHop;
use crate::appliance;
use crate::judgement::{Judgement, Why, judge};
use crate::nsg::{NsgReason, decide};
use crate::oddities::oddities;
use crate::outbound::Outbound;
use crate::select::{has_user_default_route, prefix_of};
use crate::site::{NamedPlace, Told, places};
use crate::verdict::{Check, Reason, Verdict, check};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Part of the declaration can't be judged.
    Note,
    /// It may stop activation; that depends on what is not declared here.
    Warning,
    /// It stops activation.
    Error,
}

/// One fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Cause id of the report contract.
    pub cause: &'static str,
    /// How bad.
    pub level: Level,
    /// Which of the cause's messages fits, for the catalogue.
    pub message: Message,
    /// Where it is declared.
    pub source: Source,
    /// The route table, security group or subnet.
    pub resource: Option<String>,
}

/// What the fault says, with what it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// A route sends KMS endpoints to a gateway; the addresses.
    Tunnel(String),
    /// To an appliance; the addresses.
    Appliance(String),
    /// Nowhere; the addresses.
    Dropped(String),
    /// Only superseded addresses are exempted; those that are missing.
    OldRoutes(String),
    /// An address that never was an endpoint, and what was meant.
    WrongAddress(String, Option<String>),
    /// A rule of a security group stops TCP 1688.
    Denied(String),
    /// It does where a user-defined default route switches the platform's own rule off.
    MayBeDenied(String),
    /// Only an application rule names the KMS.
    ApplicationRule,
    /// The rules of the firewall allow superseded addresses only.
    OldFirewall,
    /// A firewall rule allows an address that never was an endpoint.
    WrongFirewall,
    /// A rule of the firewall blocks it.
    FirewallBlocks,
    /// The subnet is private and nothing gives it a way out.
    Private,
    /// The route's prefix is an expression, or none at all.
    Unresolved(String),
}

/// Every fault that the facts declare, by place.
pub fn lint(all: &[Told<'_>], cloud: Cloud) -> Vec<Fault> {
    let mut faults = Vec::new();
    let found = places(all);
    for told in all {
        match &told.evidence.fact.value {
            Fact::Routes(table) => lint_table(table, told.evidence, &found, cloud, &mut faults),
            Fact::SecurityGroup(group) => {
                lint_group(group, told.evidence, &found, all, cloud, &mut faults);
            }
            _ => {}
        }
    }
    lint_appliances(all, cloud, &mut faults);
    for place in &found {
        lint_outbound(place, all, cloud, &mut faults);
    }
    faults.sort_by(|a, b| a.source.cmp(&b.source).then(b.level.cmp(&a.level)));
    faults.dedup();
    faults
}

fn lint_table(
    table: &RouteTable,
    evidence: &Evidence,
    found: &[NamedPlace<'_>],
    cloud: Cloud,
    faults: &mut Vec<Fault>,
) {
    let checked = check(table, cloud);
    let mut add = |cause, level, message, source: Source| {
        faults.push(Fault { cause, level, message, source, resource: table.name.clone() });
    };
    for wrong in &checked.wrong {
        let meant = wrong.meant.map(|address| address.to_string());
        let message = Message::WrongAddress(wrong.address.to_string(), meant);
        add("azure-wrong-ip", Level::Error, message, part(evidence, wrong.index));
    }
    // An expression could be the very route that is missing.
    let open: Vec<usize> = oddities(table)
        .into_iter()
        .filter(|(_, oddity)| oddity.hides_something())
        .map(|(index, _)| index)
        .collect();
    for index in &open {
        let prefix = table.routes[*index].prefix.clone().unwrap_or_default();
        add("forced-tunnel", Level::Note, Message::Unresolved(prefix), part(evidence, *index));
    }
    let error = if open.is_empty() { Level::Error } else { Level::Warning };
    if checked.superseded_only {
        let index = table.routes.iter().position(is_superseded).unwrap_or(0);
        let missing = addresses(&checked, |one| one != Reason::Internet);
        add("azure-old-ip-route", error, Message::OldRoutes(missing), part(evidence, index));
        return;
    }
    for (reason, level) in
        [(Reason::ForcedTunnel, error), (Reason::Dropped, error), (Reason::Appliance, Level::Warning)]
    {
        let Some(index) = winner(table, &checked, reason) else { continue };
        // Its rules are declared here, too, and let it pass or are told themselves.
        if reason == Reason::Appliance && appliance_is_judged(table, found, cloud) {
            continue;
        }
        let stopped = addresses(&checked, |one| one == reason);
        let (cause, message) = match reason {
            Reason::Dropped => ("azure-no-outbound", Message::Dropped(stopped)),
            Reason::Appliance => ("forced-tunnel", Message::Appliance(stopped)),
            _ => ("forced-tunnel", Message::Tunnel(stopped)),
        };
        add(cause, level, message, part(evidence, index));
    }
}

/// The place of the n-th route or rule: the readers keep a quote for each.
fn part(evidence: &Evidence, index: usize) -> Source {
    let fact = &evidence.fact;
    let place = fact.quotes.get(index).map_or(&fact.source.place, |quote| &quote.place);
    Source { path: fact.source.path.clone(), place: place.clone() }
}

fn is_superseded(route: &model::azure::Route) -> bool {
    let internet = NextHop::parse(route.next_hop_type.as_deref()) == NextHop::Internet;
    let endpoint = prefix_of(route).and_then(|prefix| azure_endpoints().with_address(prefix.addr()));
    internet && endpoint.is_some_and(|endpoint| endpoint.status == Status::Superseded)
}

fn addresses(checked: &Check<'_>, wanted: impl Fn(Reason) -> bool) -> String {
    let of = checked.endpoints.iter().filter(|one| one.required && wanted(one.reason));
    of.map(|one| one.address.to_string()).collect::<Vec<_>>().join(", ")
}

/// The route that a required endpoint takes for a reason.
fn winner(table: &RouteTable, checked: &Check<'_>, reason: Reason) -> Option<usize> {
    let one = checked.endpoints.iter().find(|one| one.required && one.reason == reason)?;
    let route = one.selection.winners.first()?;
    table.routes.iter().position(|own| std::ptr::eq(own, *route))
}

fn appliance_is_judged(table: &RouteTable, found: &[NamedPlace<'_>], cloud: Cloud) -> bool {
    let own = |one: &&NamedPlace<'_>| one.place.routes.is_some_and(|routes| std::ptr::eq(routes, table));
    found
        .iter()
        .filter(own)
        .any(|one| appliance::decide(&one.place.appliance, cloud).verdict != Verdict::Depends)
}

fn lint_group(
    group: &SecurityGroup,
    evidence: &Evidence,
    found: &[NamedPlace<'_>],
    all: &[Told<'_>],
    cloud: Cloud,
    faults: &mut Vec<Fault>,
) {
    let own = |one: &&NamedPlace<'_>| {
        is_given_to_somebody(group, all) && one.place.groups.iter().any(|known| std::ptr::eq(*known, group))
    };
    let tables: Vec<&RouteTable> = found.iter().filter(own).filter_map(|one| one.place.routes).collect();
    let default_route = if tables.is_empty() {
        // The subnet's table may be any that is declared.
        let any = all.iter().any(|told| match &told.evidence.fact.value {
            Fact::Routes(table) => has_user_default_route(table),
            _ => false,
        });
        if any { None } else { Some(false) }
    } else {
        Some(tables.iter().any(|table| has_user_default_route(table)))
    };
    let required = azure_endpoints().of(cloud).filter(|endpoint| endpoint.required);
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for address in required.flat_map(|endpoint| endpoint.addresses.iter().copied()) {
        let decision = decide(group, address, default_route);
        let Some((index, rule)) = decision.rule else { continue };
        let name = rule.name.clone().unwrap_or_else(|| "-".to_owned());
        let (level, message) = match decision.reason {
            NsgReason::DeniedLicensingTag | NsgReason::DeniedWithoutPlatformRule => {
                (Level::Error, Message::Denied(name))
            }
            NsgReason::DeniedRoutesUnknown => (Level::Warning, Message::MayBeDenied(name)),
            _ => continue,
        };
        if told.insert(index) {
            let source = part(evidence, index);
            let (cause, resource) = ("azure-nsg-deny", group.name.clone());
            faults.push(Fault { cause, level, message, source, resource });
        }
    }
}

/// A declared association ties the group to a subnet; lying in one folder does not.
fn is_given_to_somebody(group: &SecurityGroup, all: &[Told<'_>]) -> bool {
    let id = group.id.as_deref();
    let names_it = |told: &Told<'_>| match &told.evidence.fact.value {
        Fact::Resource(resource) => {
            let own = resource.security_group.as_deref();
            id.is_some() && own.zip(id).is_some_and(|(own, id)| own.eq_ignore_ascii_case(id))
        }
        _ => false,
    };
    !group.used_by.is_empty() || all.iter().any(names_it)
}

/// Rules of firewalls are judged together for each scope: collections of one policy are declared apart.
fn lint_appliances(all: &[Told<'_>], cloud: Cloud, faults: &mut Vec<Fault>) {
    let mut scopes: Vec<Option<&str>> = all.iter().map(|told| told.scope).collect();
    scopes.sort_unstable();
    scopes.dedup();
    for scope in scopes {
        let mut rules = Vec::new();
        let mut sources = Vec::new();
        for told in all.iter().filter(|told| told.scope == scope) {
            if let Fact::Firewall(rule) = &told.evidence.fact.value
                && rule.rule_type.is_some()
            {
                rules.push(&**rule);
                sources.push(&told.evidence.fact.source);
            }
        }
        let decision = appliance::decide(&rules, cloud);
        let (Some(index), Some(cause)) = (decision.rule, decision.cause) else { continue };
        let message = match decision.reason {
            appliance::ApplianceReason::ApplicationRule => Message::ApplicationRule,
            appliance::ApplianceReason::SupersededOnly => Message::OldFirewall,
            appliance::ApplianceReason::WrongAddress => Message::WrongFirewall,
            _ => Message::FirewallBlocks,
        };
        let (source, resource) = (sources[index].clone(), rules[index].name.clone());
        faults.push(Fault { cause, level: Level::Error, message, source, resource });
    }
}

/// A private subnet that nothing gives a way out; a machine in it may still have a public address of its own.
fn lint_outbound(named: &NamedPlace<'_>, all: &[Told<'_>], cloud: Cloud, faults: &mut Vec<Fault>) {
    let Judgement { outbound: Outbound::Missing(_, index), endpoints, .. } = judge(&named.place, cloud)
    else {
        return;
    };
    // Through an appliance or a gateway the way leads elsewhere, and is told there.
    let direct =
        |why: &Why| matches!(why, Why::Route(Reason::Internet | Reason::RouteTableAlone) | Why::NoRoutes);
    if !endpoints.iter().any(|one| one.why.iter().any(direct)) {
        return;
    }
    let resource = named.place.resources[index];
    let owner = all.iter().find(|told| match &told.evidence.fact.value {
        Fact::Resource(own) => std::ptr::eq(&**own, resource),
        _ => false,
    });
    let Some(owner) = owner else { return };
    let fact = &owner.evidence.fact;
    let quoted = fact.quotes.iter().find(|quote| quote.field == "default_outbound_access");
    let place: &Place = quoted.map_or(&fact.source.place, |quote| &quote.place);
    let source = Source { path: fact.source.path.clone(), place: place.clone() };
    let (cause, level, message) = ("azure-no-outbound", Level::Warning, Message::Private);
    faults.push(Fault { cause, level, message, source, resource: resource.name.clone() });
}
