//! The judgement on one place of a network: its routes, security rules, outbound access and appliance together.
//!
//! Each of them alone can stop KMS traffic; together they say "works" only when none of them does. What the evidence
//! does not show is named as an assumption or leaves the verdict at "depends".

use std::net::Ipv4Addr;

use facts::azure_endpoints::{Cloud, RouteSet, azure_endpoints};
use facts::azure_services::{Service, azure_services};
use model::azure::{Resource, RouteTable, SecurityGroup};
use model::windows::FirewallRule;

use crate::NextHop;
use crate::address::WrongAddress;
use crate::appliance::{self, ApplianceReason};
use crate::nsg::{self, NsgReason};
use crate::outbound::{self, Outbound, Path};
use crate::prefixes::Prefixes;
use crate::select::{Selection, has_user_default_route, prefix_of};
use crate::verdict::{Check, Reason, Verdict, check_prefixes, verdict};

/// What decides over the traffic of a subnet or machine, as far as it is known.
#[derive(Debug, Clone, Default)]
pub struct Place<'a> {
    /// Effective routes, or the route table.
    pub routes: Option<&'a RouteTable>,
    /// Security groups of the subnet and of the NIC: each has to let the traffic pass.
    pub groups: Vec<&'a SecurityGroup>,
    /// The subnet, NIC, NAT gateway, load balancers.
    pub resources: Vec<&'a Resource>,
    /// Rules of the firewall or appliance on the way.
    pub appliance: Vec<&'a FirewallRule>,
}

/// One reason for a verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Where the winning route leads.
    Route(Reason),
    /// The routes are not in the evidence.
    NoRoutes,
    /// The outbound path to the Internet.
    Outbound(Outbound),
    /// Another machine of the place has no public address of its own.
    OthersWithoutAddress,
    /// What a security group does, with the name of its deciding rule.
    Group(NsgReason, Option<String>),
    /// What the rules of the appliance do.
    Appliance(ApplianceReason),
    /// The appliance lets it pass; whether it leaves from an Azure public address is not in the evidence.
    ApplianceSourceUnknown,
}

/// The judgement on one address of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct JudgedEndpoint<'a> {
    /// DNS name of the endpoint.
    pub name: &'static str,
    /// One of its addresses.
    pub address: Ipv4Addr,
    /// Machines of today need it.
    pub required: bool,
    /// The routes that matter; nothing when no routes are known.
    pub selection: Option<Selection<'a>>,
    /// Whether it would work.
    pub verdict: Verdict,
    /// Why, the route first.
    pub why: Vec<Why>,
    /// Cause id of the report contract, where one of the reasons has one.
    pub cause: Option<&'static str>,
}

/// The judgement on an update service that forced tunnelling cuts off likewise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedService {
    /// The service.
    pub service: &'static Service,
    /// The worst verdict on any of its addresses: one name serves all of them.
    pub verdict: Verdict,
    /// Addresses that would not be reached, or perhaps not.
    pub stopped: Vec<Ipv4Addr>,
}

/// The judgement on a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement<'a> {
    /// The cloud whose endpoints were judged.
    pub cloud: Cloud,
    /// One entry per address, in the order of the endpoint table.
    pub endpoints: Vec<JudgedEndpoint<'a>>,
    /// The worst verdict on a required address.
    pub verdict: Verdict,
    /// Cause id of the report contract, when it fails.
    pub cause: Option<&'static str>,
    /// The outbound path that the resources show.
    pub outbound: Outbound,
    /// The documents' set of addresses that the routes hold: it dates them.
    pub dated: Option<&'static RouteSet>,
    /// Routes to addresses that never were an endpoint.
    pub wrong: Vec<WrongAddress>,
    /// Update services that share the fate of KMS.
    pub services: Vec<JudgedService>,
}

/// Judges a place for the machines of a cloud.
pub fn judge<'a>(place: &Place<'a>, cloud: Cloud) -> Judgement<'a> {
    let prefixes = place.routes.map(Prefixes::new);
    judge_prefixes(place, prefixes.as_ref(), cloud)
}

/// The same with the place's routes read before.
pub fn judge_prefixes<'a>(place: &Place<'a>, prefixes: Option<&Prefixes<'a>>, cloud: Cloud) -> Judgement<'a> {
    let outbound = outbound::availability(&place.resources);
    let check = prefixes.map(|prefixes| check_prefixes(prefixes, cloud));
    let user_default_route = place.routes.map(has_user_default_route);
    let mut endpoints = Vec::new();
    let (routes_cause, wrong) = match check {
        Some(Check { endpoints: checked, cause, wrong, .. }) => {
            for one in checked {
                let mut judged = JudgedEndpoint {
                    name: one.name,
                    address: one.address,
                    required: one.required,
                    selection: Some(one.selection),
                    verdict: one.verdict,
                    why: vec![Why::Route(one.reason)],
                    cause: None,
                };
                judged.leave(one.reason, outbound, place, cloud);
                endpoints.push(judged);
            }
            (cause, wrong)
        }
        None => {
            endpoints.extend(without_routes(outbound, cloud));
            (None, Vec::new())
        }
    };
    for endpoint in &mut endpoints {
        for group in &place.groups {
            endpoint.pass(group, user_default_route);
        }
    }
    let any_required = endpoints.iter().any(|one| one.required);
    let counts = |one: &&JudgedEndpoint<'_>| one.required || !any_required;
    let worst = endpoints.iter().filter(counts).map(|one| one.verdict).max().unwrap_or(Verdict::Depends);
    let cause = endpoints.iter().filter(counts).find_map(|one| one.cause);
    let cause = routes_cause.or(cause).filter(|_| worst == Verdict::Fails);
    let dated = place.routes.and_then(|table| dated(table, cloud));
    let services = prefixes.map(|prefixes| services(prefixes, outbound, cloud)).unwrap_or_default();
    Judgement { cloud, endpoints, verdict: worst, cause, outbound, dated, wrong, services }
}

impl JudgedEndpoint<'_> {
    /// What lies behind the route: the outbound path, or the appliance.
    fn leave(&mut self, reason: Reason, outbound: Outbound, place: &Place<'_>, cloud: Cloud) {
        match reason {
            Reason::Internet => {
                self.why.push(Why::Outbound(outbound));
                match outbound {
                    Outbound::Missing(..) => self.fail("azure-no-outbound"),
                    // One machine's address is no way out for its neighbours.
                    Outbound::Available(Path::PublicAddress, _) if has_machine_without_address(place) => {
                        self.why.push(Why::OthersWithoutAddress);
                        self.verdict = Verdict::Depends;
                    }
                    _ => {}
                }
            }
            Reason::Appliance if !place.appliance.is_empty() => {
                let decision = appliance::decide(&place.appliance, cloud);
                self.why.push(Why::Appliance(decision.reason));
                match decision.verdict {
                    Verdict::Fails => self.fail(decision.cause.unwrap_or("port-blocked")),
                    // Azure Firewall has an Azure public address; of another appliance nobody knows.
                    Verdict::Works if has_azure_firewall(place) => self.verdict = Verdict::Works,
                    Verdict::Works => self.why.push(Why::ApplianceSourceUnknown),
                    Verdict::Depends => {}
                }
            }
            _ => {}
        }
    }

    /// What a security group does.
    fn pass(&mut self, group: &SecurityGroup, user_default_route: Option<bool>) {
        let decision = nsg::decide(group, self.address, user_default_route);
        let rule = decision.rule.and_then(|(_, rule)| rule.name.clone());
        self.why.push(Why::Group(decision.reason, rule));
        match decision.verdict {
            Verdict::Fails => self.fail("azure-nsg-deny"),
            other => self.verdict = self.verdict.max(other),
        }
    }

    fn fail(&mut self, cause: &'static str) {
        self.verdict = Verdict::Fails;
        self.cause.get_or_insert(cause);
    }
}

fn has_machine_without_address(place: &Place<'_>) -> bool {
    let is_nic = |one: &&&Resource| one.resource.as_deref() == Some("nic");
    place.resources.iter().filter(is_nic).any(|one| one.public_ip == Some(false))
}

fn has_azure_firewall(place: &Place<'_>) -> bool {
    place.resources.iter().any(|one| one.resource.as_deref() == Some("firewall"))
}

/// Without routes only a lack of any outbound path decides.
fn without_routes<'a>(outbound: Outbound, cloud: Cloud) -> Vec<JudgedEndpoint<'a>> {
    let missing = matches!(outbound, Outbound::Missing(..));
    let why = match outbound {
        Outbound::Unknown => vec![Why::NoRoutes],
        known => vec![Why::NoRoutes, Why::Outbound(known)],
    };
    let one = |name: &'static str, address: Ipv4Addr, required: bool| JudgedEndpoint {
        name,
        address,
        required,
        selection: None,
        verdict: if missing { Verdict::Fails } else { Verdict::Depends },
        why: why.clone(),
        cause: missing.then_some("azure-no-outbound"),
    };
    azure_endpoints()
        .of(cloud)
        .flat_map(|endpoint| {
            endpoint.addresses.iter().map(move |address| one(&endpoint.name, *address, endpoint.required))
        })
        .collect()
}

/// The set of addresses, as documents asked for it at some time, that a table sends to the Internet one by one.
pub fn dated(table: &RouteTable, cloud: Cloud) -> Option<&'static RouteSet> {
    let known = azure_endpoints();
    let mut addresses: Vec<Ipv4Addr> = table
        .routes
        .iter()
        .filter(|route| NextHop::parse(route.next_hop_type.as_deref()) == NextHop::Internet)
        .filter_map(prefix_of)
        .filter(|prefix| prefix.prefix_len() == 32)
        .map(|prefix| prefix.addr())
        .filter(|address| {
            known.with_address(*address).is_some_and(|endpoint| endpoint.cloud == cloud)
                || known.wrong_address(*address).is_some()
        })
        .collect();
    addresses.sort_unstable();
    addresses.dedup();
    known.route_set(cloud, &addresses)
}

fn services(prefixes: &Prefixes<'_>, outbound: Outbound, cloud: Cloud) -> Vec<JudgedService> {
    let of_address = |address: Ipv4Addr| {
        let (verdict, reason) = verdict(prefixes.table(), &prefixes.select(address));
        match (reason, outbound) {
            (Reason::Internet, Outbound::Missing(..)) => Verdict::Fails,
            _ => verdict,
        }
    };
    azure_services()
        .of(cloud)
        .map(|service| {
            let all: Vec<(Ipv4Addr, Verdict)> =
                service.addresses.iter().map(|address| (*address, of_address(*address))).collect();
            let stopped = all.iter().filter(|(_, verdict)| *verdict != Verdict::Works);
            JudgedService {
                service,
                verdict: all.iter().map(|(_, verdict)| *verdict).max().unwrap_or(Verdict::Depends),
                stopped: stopped.map(|(address, _)| *address).collect(),
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use model::azure::{Route, SecurityRule};

    use super::*;

    fn table(rows: &[(&str, &str, &str)]) -> RouteTable {
        let route = |(prefix, hop, source): &(&str, &str, &str)| Route {
            prefix: Some((*prefix).to_owned()),
            next_hop_type: Some((*hop).to_owned()),
            source: Some((*source).to_owned()),
            ..Route::default()
        };
        RouteTable {
            routes: rows.iter().map(route).collect(),
            effective: Some(true),
            ..RouteTable::default()
        }
    }

    fn subnet(default_outbound: bool, nat: bool) -> Resource {
        Resource {
            resource: Some("subnet".to_owned()),
            default_outbound_access: Some(default_outbound),
            nat_gateway: Some(nat),
            ..Resource::default()
        }
    }

    fn deny(destination: &str) -> SecurityGroup {
        let rule = SecurityRule {
            name: Some("deny-out".to_owned()),
            priority: Some(100),
            direction: Some("Outbound".to_owned()),
            access: Some("Deny".to_owned()),
            destinations: vec![destination.to_owned()],
            ..SecurityRule::default()
        };
        SecurityGroup { rules: vec![rule], ..SecurityGroup::default() }
    }

    fn network_rule(destinations: &[&str]) -> FirewallRule {
        FirewallRule {
            rule_type: Some("network".to_owned()),
            action: Some("Allow".to_owned()),
            protocol: Some("TCP".to_owned()),
            remote_port: Some("1688".to_owned()),
            destinations: destinations.iter().map(|text| (*text).to_owned()).collect(),
            ..FirewallRule::default()
        }
    }

    /// Verdict and cause for the public cloud.
    fn told(place: &Place<'_>) -> (Verdict, Option<&'static str>) {
        let judgement = judge(place, Cloud::AzurePublic);
        (judgement.verdict, judgement.cause)
    }

    #[test]
    fn an_internet_route_needs_an_outbound_path() {
        let plain = table(&[("0.0.0.0/0", "Internet", "Default")]);
        let with = |resource: &Resource| {
            told(&Place { routes: Some(&plain), resources: vec![resource], ..Place::default() })
        };
        assert_eq!(with(&subnet(true, false)), (Verdict::Works, None));
        assert_eq!(with(&subnet(false, false)), (Verdict::Fails, Some("azure-no-outbound")));
        assert_eq!(with(&subnet(false, true)), (Verdict::Works, None));
        assert_eq!(told(&Place::default()), (Verdict::Depends, None));
        let private = subnet(false, false);
        let alone = Place { resources: vec![&private], ..Place::default() };
        assert_eq!(told(&alone), (Verdict::Fails, Some("azure-no-outbound")));
    }

    #[test]
    fn the_address_of_one_machine_is_none_of_its_neighbours() {
        let plain = table(&[("0.0.0.0/0", "Internet", "Default")]);
        let nic = |public_ip| Resource {
            resource: Some("nic".to_owned()),
            public_ip: Some(public_ip),
            ..Resource::default()
        };
        let (private, with, without) = (subnet(false, false), nic(true), nic(false));
        let of = |resources| told(&Place { routes: Some(&plain), resources, ..Place::default() });
        assert_eq!(of(vec![&private, &with]), (Verdict::Works, None));
        assert_eq!(of(vec![&private, &with, &without]), (Verdict::Depends, None));
    }

    #[test]
    fn a_security_group_is_asked_after_the_routes() {
        let plain = table(&[("0.0.0.0/0", "Internet", "Default")]);
        let by_user = table(&[("0.0.0.0/0", "Internet", "User")]);
        let with = |routes, group: &SecurityGroup| {
            told(&Place { routes: Some(routes), groups: vec![group], ..Place::default() })
        };
        assert_eq!(with(&plain, &deny("Internet")), (Verdict::Works, None));
        assert_eq!(with(&by_user, &deny("Internet")), (Verdict::Fails, Some("azure-nsg-deny")));
        assert_eq!(with(&plain, &deny("AzurePlatformLKM")), (Verdict::Fails, Some("azure-nsg-deny")));
        // The tunnel is the root; the deny comes on top.
        let tunnel = table(&[("0.0.0.0/0", "VirtualNetworkGateway", "User")]);
        assert_eq!(with(&tunnel, &deny("Internet")), (Verdict::Fails, Some("forced-tunnel")));
    }

    #[test]
    fn an_appliance_needs_a_network_rule_and_an_azure_address() {
        let routes = table(&[("0.0.0.0/0", "VirtualAppliance", "User")]);
        let firewall = Resource { resource: Some("firewall".to_owned()), ..Resource::default() };
        let all = network_rule(&["20.118.99.224", "40.83.235.53"]);
        let old = network_rule(&["23.102.135.246"]);
        let with = |rule: &FirewallRule, resources: Vec<&Resource>| {
            let appliance = vec![rule];
            told(&Place { routes: Some(&routes), resources, appliance, ..Place::default() })
        };
        assert_eq!(with(&all, vec![&firewall]), (Verdict::Works, None));
        assert_eq!(with(&all, Vec::new()), (Verdict::Depends, None));
        assert_eq!(with(&old, vec![&firewall]), (Verdict::Fails, Some("azure-old-ip-firewall")));
        assert_eq!(told(&Place { routes: Some(&routes), ..Place::default() }), (Verdict::Depends, None));
    }

    #[test]
    fn routes_are_dated_and_update_services_share_the_fate() {
        let old = table(&[
            ("0.0.0.0/0", "VirtualNetworkGateway", "User"),
            ("23.102.135.246/32", "Internet", "User"),
        ]);
        let judgement = judge(&Place { routes: Some(&old), ..Place::default() }, Cloud::AzurePublic);
        assert_eq!(judgement.cause, Some("azure-old-ip-route"));
        assert_eq!(judgement.dated.and_then(|set| set.until.as_deref()), Some("2022-07"));
        assert!(judgement.services.iter().all(|one| one.verdict == Verdict::Fails));
        assert_eq!(judgement.services[0].stopped.len(), 5);
    }
}
