//! Whether KMS traffic reaches the endpoints of a cloud over the routes of a subnet, and why.
//!
//! Azure KMS answers only requests that arrive from an Azure public address, so the next hop decides:
//! Internet works, a gateway fails, an appliance depends on its rules and on where it sends the traffic.
//! Source: <https://learn.microsoft.com/troubleshoot/azure/virtual-machines/windows/custom-routes-enable-kms-activation>

use std::fmt;
use std::net::Ipv4Addr;

use facts::azure_endpoints::{Cloud, Status, azure_endpoints};
use model::azure::{Route, RouteTable};

use crate::NextHop;
use crate::address::{self, WrongAddress};
use crate::prefixes::Prefixes;
use crate::select::{self, Origin, Selection};

/// Whether activation would get through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It would.
    Works,
    /// The evidence at hand does not decide it.
    Depends,
    /// It would not.
    Fails,
}

/// Why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Leaves through Azure.
    Internet,
    /// Goes to a gateway, hence to the site's own Internet exit.
    ForcedTunnel,
    /// Goes to a firewall or appliance.
    Appliance,
    /// A route with next hop None drops it.
    Dropped,
    /// Stays within the virtual network or a peered one.
    InsideNetwork,
    /// Shared between next hops that differ.
    Shared,
    /// A route to a service tag may win.
    ServiceTag,
    /// No route of the table matches; the system and BGP routes are not in the evidence.
    RouteTableAlone,
    /// No route matches, although effective routes always hold a default.
    NoRoute,
    /// A next hop type that is not known or not printed, or a service endpoint.
    UnknownNextHop,
}

impl Reason {
    /// Stable name for catalogues and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Reason::Internet => "internet",
            Reason::ForcedTunnel => "forced-tunnel",
            Reason::Appliance => "appliance",
            Reason::Dropped => "dropped",
            Reason::InsideNetwork => "inside-network",
            Reason::Shared => "shared",
            Reason::ServiceTag => "service-tag",
            Reason::RouteTableAlone => "route-table-alone",
            Reason::NoRoute => "no-route",
            Reason::UnknownNextHop => "unknown-next-hop",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Internet => "leaves through Azure, from an Azure public address",
            Reason::ForcedTunnel => {
                "forced tunnel: leaves through the gateway, not from an Azure public address"
            }
            Reason::Appliance => {
                "goes to an appliance, which must pass TCP 1688 and leave from an Azure public address"
            }
            Reason::Dropped => "dropped by a route with next hop None",
            Reason::InsideNetwork => "stays inside the virtual network or a peered one",
            Reason::Shared => "shared between next hops of different kinds",
            Reason::ServiceTag => "a route to a service tag may hold the address",
            Reason::RouteTableAlone => {
                "no route of the table matches; it depends on the system and BGP routes, which are not shown"
            }
            Reason::NoRoute => "no route shown matches, the list is probably incomplete",
            Reason::UnknownNextHop => "the next hop type is missing or not known",
        })
    }
}

/// The judgement on one address of an endpoint.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointVerdict<'a> {
    /// DNS name of the endpoint.
    pub name: &'static str,
    /// One of its addresses.
    pub address: Ipv4Addr,
    /// Machines of today need it.
    pub required: bool,
    /// The routes that matter.
    pub selection: Selection<'a>,
    /// Whether it would work.
    pub verdict: Verdict,
    /// Why.
    pub reason: Reason,
}

/// The judgement on a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Check<'a> {
    /// The cloud whose endpoints were judged.
    pub cloud: Cloud,
    /// One entry per address, in the order of the endpoint table.
    pub endpoints: Vec<EndpointVerdict<'a>>,
    /// The worst verdict on a required address.
    pub verdict: Verdict,
    /// Cause id of the report contract, when it fails.
    pub cause: Option<&'static str>,
    /// Routes to addresses that never were an endpoint.
    pub wrong: Vec<WrongAddress>,
    /// The table exempts superseded addresses and not the current ones.
    pub superseded_only: bool,
}

/// What a selection means for the KMS.
pub fn verdict(table: &RouteTable, selection: &Selection<'_>) -> (Verdict, Reason) {
    let decided = of_winners(table, selection);
    let may_lose = |route: &&Route| of_next_hop(route).0 != decided.0;
    let safe_from_tags = selection.prefix.is_some_and(|prefix| prefix.prefix_len() == 32);
    if !safe_from_tags && selection.service_tags.iter().any(may_lose) {
        return (Verdict::Depends, Reason::ServiceTag);
    }
    decided
}

fn of_winners(table: &RouteTable, selection: &Selection<'_>) -> (Verdict, Reason) {
    let mut each = selection.winners.iter().map(|route| of_next_hop(route));
    let Some(first) = each.next() else {
        return without_match(table);
    };
    // Learned routes alone: a user-defined route that is not shown would beat them.
    let learned = selection.winners.iter().all(|route| select::origin(table, route) == Origin::Bgp);
    if learned && table.effective != Some(true) {
        return (Verdict::Depends, Reason::RouteTableAlone);
    }
    // Equal routes share the traffic: half of it gone is as bad as it looks, yet not every attempt fails.
    if each.any(|other| other.1 != first.1) { (Verdict::Depends, Reason::Shared) } else { first }
}

fn without_match(table: &RouteTable) -> (Verdict, Reason) {
    if table.effective == Some(true) {
        return (Verdict::Depends, Reason::NoRoute);
    }
    // With gateway routes kept out, the system's own default to the Internet is all that remains.
    if table.disable_bgp_route_propagation == Some(true) {
        return (Verdict::Works, Reason::Internet);
    }
    (Verdict::Depends, Reason::RouteTableAlone)
}

fn of_next_hop(route: &Route) -> (Verdict, Reason) {
    match NextHop::parse(route.next_hop_type.as_deref()) {
        NextHop::Internet => (Verdict::Works, Reason::Internet),
        NextHop::Gateway => (Verdict::Fails, Reason::ForcedTunnel),
        NextHop::Appliance => (Verdict::Depends, Reason::Appliance),
        NextHop::Dropped => (Verdict::Fails, Reason::Dropped),
        NextHop::InsideNetwork => (Verdict::Fails, Reason::InsideNetwork),
        NextHop::ServiceEndpoint | NextHop::Unknown => (Verdict::Depends, Reason::UnknownNextHop),
    }
}

/// Judges a table against every endpoint address of a cloud.
pub fn check(table: &RouteTable, cloud: Cloud) -> Check<'_> {
    check_prefixes(&Prefixes::new(table), cloud)
}

/// The same for a table whose prefixes were read before.
pub fn check_prefixes<'a>(prefixes: &Prefixes<'a>, cloud: Cloud) -> Check<'a> {
    let table = prefixes.table();
    let mut endpoints = Vec::new();
    for endpoint in azure_endpoints().of(cloud) {
        for &address in &endpoint.addresses {
            let selection = prefixes.select(address);
            let (verdict, reason) = verdict(table, &selection);
            let (name, required) = (endpoint.name.as_str(), endpoint.required);
            endpoints.push(EndpointVerdict { name, address, required, selection, verdict, reason });
        }
    }
    let judged = |e: &&EndpointVerdict<'_>| e.required || !endpoints.iter().any(|e| e.required);
    let worst = endpoints.iter().filter(judged).map(|e| e.verdict).max().unwrap_or(Verdict::Depends);
    let wrong = address::wrong_among(table, prefixes.for_kms(), cloud);
    let superseded_only = exempts_superseded_only(&endpoints, cloud);
    let cause = (worst == Verdict::Fails).then(|| cause(&endpoints, &wrong, superseded_only)).flatten();
    Check { cloud, endpoints, verdict: worst, cause, wrong, superseded_only }
}

/// The more specific cause wins: a wrong or superseded exemption over the tunnel that it should have been for.
fn cause(
    endpoints: &[EndpointVerdict<'_>],
    wrong: &[WrongAddress],
    superseded: bool,
) -> Option<&'static str> {
    let failing = |reason: Reason| endpoints.iter().any(|e| e.required && e.reason == reason);
    if wrong.iter().any(|w| is_missed(endpoints, w)) {
        return Some("azure-wrong-ip");
    }
    if superseded {
        return Some("azure-old-ip-route");
    }
    if failing(Reason::ForcedTunnel) {
        return Some("forced-tunnel");
    }
    failing(Reason::Dropped).then_some("azure-no-outbound")
}

/// True when the address that was meant, or any required one, does not get through.
fn is_missed(endpoints: &[EndpointVerdict<'_>], wrong: &WrongAddress) -> bool {
    endpoints
        .iter()
        .filter(|e| wrong.meant.is_none_or(|meant| meant == e.address))
        .any(|e| e.verdict != Verdict::Works)
}

fn exempts_superseded_only(endpoints: &[EndpointVerdict<'_>], cloud: Cloud) -> bool {
    let superseded = |address: Ipv4Addr| {
        azure_endpoints().of(cloud).any(|e| e.status == Status::Superseded && e.addresses.contains(&address))
    };
    let exempted = |e: &EndpointVerdict<'_>| {
        e.reason == Reason::Internet && e.selection.prefix.is_some_and(|p| p.prefix_len() >= 24)
    };
    let none_current = !endpoints.iter().any(|e| e.required && exempted(e));
    let some_stopped = endpoints.iter().any(|e| e.required && e.verdict != Verdict::Works);
    endpoints.iter().any(|e| superseded(e.address) && exempted(e)) && none_current && some_stopped
}

/// The prefixes that a route table of the cloud should send to the Internet and this one does not.
pub fn missing_routes(check: &Check<'_>) -> Vec<Ipv4Addr> {
    check.endpoints.iter().filter(|e| e.verdict != Verdict::Works).map(|e| e.address).collect()
}

/// True when the table forces everything into a tunnel or an appliance by a user-defined default route.
pub fn has_user_default_route(table: &RouteTable) -> bool {
    select::has_user_default_route(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(effective: bool, rows: &[(&str, &str, &str, &str)]) -> RouteTable {
        let route = |&(prefix, hop, source, state): &(&str, &str, &str, &str)| Route {
            prefix: Some(prefix.into()),
            next_hop_type: Some(hop.into()),
            source: Some(source.into()).filter(|s: &String| !s.is_empty()),
            state: Some(state.into()).filter(|s: &String| !s.is_empty()),
            ..Route::default()
        };
        RouteTable {
            routes: rows.iter().map(route).collect(),
            effective: Some(effective),
            ..Default::default()
        }
    }

    #[test]
    fn judges_whole_tables() {
        type Row = (&'static str, &'static str, &'static str, &'static str);
        let tunnel: Row = ("0.0.0.0/0", "VirtualNetworkGateway", "User", "Active");
        let system: Row = ("0.0.0.0/0", "Internet", "Default", "Active");
        let invalid: Row = ("0.0.0.0/0", "Internet", "Default", "Invalid");
        let new1: Row = ("20.118.99.224/32", "Internet", "User", "Active");
        let new2: Row = ("40.83.235.53/32", "Internet", "User", "Active");
        let old: Row = ("23.102.135.246/32", "Internet", "User", "Active");
        let cases: [(&str, &[Row], Verdict, Option<&str>); 13] = [
            ("plain", &[system], Verdict::Works, None),
            ("tunnel", &[tunnel, invalid], Verdict::Fails, Some("forced-tunnel")),
            ("exempted", &[tunnel, new1, new2, old], Verdict::Works, None),
            ("exempted without the old one", &[tunnel, new1, new2], Verdict::Works, None),
            ("only the old one", &[tunnel, old], Verdict::Fails, Some("azure-old-ip-route")),
            ("one of two", &[tunnel, new1, old], Verdict::Fails, Some("forced-tunnel")),
            (
                "digit swap",
                &[tunnel, ("20.118.99.244/32", "Internet", "User", "Active"), new2, old],
                Verdict::Fails,
                Some("azure-wrong-ip"),
            ),
            (
                "digit swap without a tunnel",
                &[system, ("20.118.99.244/32", "Internet", "User", "Active")],
                Verdict::Works,
                None,
            ),
            ("appliance", &[("0.0.0.0/0", "VirtualAppliance", "User", "Active")], Verdict::Depends, None),
            (
                "dropped",
                &[("0.0.0.0/0", "None", "User", "Active")],
                Verdict::Fails,
                Some("azure-no-outbound"),
            ),
            ("tag", &[tunnel, ("AzureCloud", "Internet", "User", "Active")], Verdict::Depends, None),
            (
                "halves over BGP",
                &[system, ("0.0.0.0/1", "VirtualNetworkGateway", "VirtualNetworkGateway", "Active")],
                Verdict::Fails,
                Some("forced-tunnel"),
            ),
            ("cut off", &[("10.0.0.0/8", "None", "Default", "Active")], Verdict::Depends, None),
        ];
        for (name, rows, verdict, cause) in cases {
            let table = table(true, rows);
            let check = check(&table, Cloud::AzurePublic);
            assert_eq!((check.verdict, check.cause), (verdict, cause), "{name}");
        }
    }

    #[test]
    fn a_route_table_alone_leaves_the_rest_open() {
        let alone = table(false, &[("10.0.0.0/8", "VirtualAppliance", "", "")]);
        assert_eq!(check(&alone, Cloud::AzurePublic).endpoints[0].reason, Reason::RouteTableAlone);
        let closed = RouteTable { disable_bgp_route_propagation: Some(true), ..alone };
        assert_eq!(check(&closed, Cloud::AzurePublic).verdict, Verdict::Works);
        let forced = table(false, &[("0.0.0.0/0", "VirtualNetworkGateway", "", "")]);
        assert_eq!(check(&forced, Cloud::AzurePublic).cause, Some("forced-tunnel"));
        assert!(has_user_default_route(&forced));
    }

    #[test]
    fn other_clouds_have_their_own_endpoints() {
        let rows = [
            ("0.0.0.0/0", "VirtualNetworkGateway", "User", "Active"),
            ("23.97.0.13/32", "Internet", "User", "Active"),
            ("52.126.105.2/32", "Internet", "User", "Active"),
        ];
        let table = table(true, &rows);
        assert_eq!(check(&table, Cloud::AzureUsGovernment).verdict, Verdict::Works);
        assert_eq!(check(&table, Cloud::AzureChina).verdict, Verdict::Fails);
        assert_eq!(missing_routes(&check(&table, Cloud::AzureChina)).len(), 3);
        assert_eq!(check(&table, Cloud::AzureGermany).verdict, Verdict::Fails);
    }

    #[test]
    fn equal_routes_of_different_kinds_share() {
        let rows = [
            ("0.0.0.0/0", "VirtualNetworkGateway", "VirtualNetworkGateway", "Active"),
            ("0.0.0.0/0", "Internet", "VirtualNetworkGateway", "Active"),
        ];
        assert_eq!(check(&table(true, &rows), Cloud::AzurePublic).endpoints[0].reason, Reason::Shared);
    }
}
