//! Azure's own route selection for one address.
//!
//! The longest prefix wins; at equal length a user-defined route beats a BGP route, which beats a system route.
//! Invalid routes do not count. Several winners of equal rank share the traffic (ECMP).
//! Source: <https://learn.microsoft.com/azure/virtual-network/virtual-networks-udr-overview#how-azure-selects-a-route>

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use model::azure::{Route, RouteTable};

use crate::prefixes::Prefixes;

/// Who made a route, in the order in which Azure prefers them at equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Azure itself.
    System,
    /// Learned over a gateway or a route server.
    Bgp,
    /// User-defined.
    User,
}

/// The routes that matter for an address.
#[derive(Debug, Clone, PartialEq)]
pub struct Selection<'a> {
    /// The address asked about.
    pub address: Ipv4Addr,
    /// The winning route; several of equal rank when traffic is shared among them; empty when nothing matches.
    pub winners: Vec<&'a Route>,
    /// Prefix of the winners.
    pub prefix: Option<Ipv4Net>,
    /// Active routes that match as well and were beaten, best first.
    pub beaten: Vec<&'a Route>,
    /// Routes that name a service tag which may hold the address.
    pub service_tags: Vec<&'a Route>,
}

/// The route that Azure would take for an address; see [`Prefixes`] for several addresses of one table.
pub fn select(table: &RouteTable, address: Ipv4Addr) -> Selection<'_> {
    Prefixes::new(table).select(address)
}

/// True when the table holds an active user-defined route for 0.0.0.0/0.
pub fn has_user_default_route(table: &RouteTable) -> bool {
    table.routes.iter().any(|route| {
        is_active(route)
            && origin(table, route) == Origin::User
            && prefix_of(route).is_some_and(|prefix| prefix.prefix_len() == 0)
    })
}

/// Prefix of a route; a bare address counts as /32. Nothing for a service tag or IPv6.
pub fn prefix_of(route: &Route) -> Option<Ipv4Net> {
    parse_prefix(route.prefix.as_deref()?)
}

/// Reads `10.0.0.0/8` or a bare address; host bits are cut off.
pub fn parse_prefix(text: &str) -> Option<Ipv4Net> {
    let text = text.trim();
    if let Ok(address) = text.parse::<Ipv4Addr>() {
        return Ipv4Net::new(address, 32).ok();
    }
    text.parse::<Ipv4Net>().ok().map(|net| net.trunc())
}

/// A route whose state is not printed counts as active.
pub fn is_active(route: &Route) -> bool {
    route.state.as_deref().is_none_or(|state| state.trim().eq_ignore_ascii_case("active"))
}

/// Who made a route. In a route table alone every route is user-defined.
pub fn origin(table: &RouteTable, route: &Route) -> Origin {
    let source: String = route
        .source
        .as_deref()
        .unwrap_or_default()
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match source.as_str() {
        "user" | "userdefined" => Origin::User,
        "virtualnetworkgateway" | "vpngateway" | "bgp" | "gateway" => Origin::Bgp,
        "" if table.effective != Some(true) => Origin::User,
        _ => Origin::System,
    }
}

/// True for the service tags that may hold addresses of the KMS: other tags name one service each.
pub(crate) fn may_hold_kms(route: &Route) -> bool {
    let tag = route.prefix.as_deref().unwrap_or_default().to_ascii_lowercase();
    tag.starts_with("azurecloud") || tag.starts_with("azureplatformlkm") || tag == "internet"
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn route(prefix: &str, hop: &str, source: &str, state: &str) -> Route {
        Route {
            prefix: Some(prefix.into()),
            next_hop_type: Some(hop.into()),
            source: Some(source.into()),
            state: Some(state.into()),
            ..Route::default()
        }
    }

    fn effective(routes: Vec<Route>) -> RouteTable {
        RouteTable { routes, effective: Some(true), ..RouteTable::default() }
    }

    const KMS: Ipv4Addr = Ipv4Addr::new(20, 118, 99, 224);

    #[test]
    fn two_halves_beat_a_default_route_and_share_the_traffic() {
        let mut routes = vec![route("0.0.0.0/0", "Internet", "Default", "Active")];
        for ip in ["10.9.0.6", "10.9.0.7"] {
            let half = route("0.0.0.0/1", "VirtualNetworkGateway", "VirtualNetworkGateway", "Active");
            routes.push(Route { next_hop_ip: Some(ip.into()), ..half });
        }
        let table = effective(routes);
        let selection = select(&table, KMS);
        assert_eq!(selection.winners.len(), 2);
        assert_eq!(selection.prefix.unwrap().to_string(), "0.0.0.0/1");
        assert_eq!(selection.beaten.len(), 1);
    }

    #[test]
    fn at_equal_length_user_beats_bgp_beats_system_and_invalid_does_not_count() {
        let table = effective(vec![
            route("0.0.0.0/0", "Internet", "Default", "Active"),
            route("0.0.0.0/0", "VirtualNetworkGateway", "VirtualNetworkGateway", "Active"),
            route("0.0.0.0/0", "VirtualAppliance", "User", "Active"),
            route("20.118.99.224/32", "Internet", "User", "Invalid"),
        ]);
        let selection = select(&table, KMS);
        assert_eq!(selection.winners[0].next_hop_type.as_deref(), Some("VirtualAppliance"));
        assert_eq!(selection.beaten[0].next_hop_type.as_deref(), Some("VirtualNetworkGateway"));
        assert!(has_user_default_route(&table));
    }

    #[test]
    fn a_service_tag_is_told_and_not_guessed() {
        let table = effective(vec![
            route("AzureCloud.westus2", "Internet", "User", "Active"),
            route("Storage", "VirtualNetworkServiceEndpoint", "Default", "Active"),
        ]);
        let selection = select(&table, KMS);
        assert!(selection.winners.is_empty());
        assert_eq!(selection.service_tags.len(), 1);
    }

    /// The oracle: walks the lengths from 32 down and the origins from the strongest down.
    fn oracle(table: &RouteTable, address: Ipv4Addr) -> Vec<usize> {
        for length in (0..=32u8).rev() {
            for wanted in ["User", "VirtualNetworkGateway", "Default"] {
                let found: Vec<usize> = table
                    .routes
                    .iter()
                    .enumerate()
                    .filter(|(_, r)| {
                        r.state.as_deref() == Some("Active") && r.source.as_deref() == Some(wanted)
                    })
                    .filter(|(_, r)| {
                        let (net, bits) = r.prefix.as_deref().unwrap().split_once('/').unwrap();
                        let net = u32::from(net.parse::<Ipv4Addr>().unwrap());
                        let mask = u32::MAX.checked_shl(32 - u32::from(length)).unwrap_or(0);
                        bits == length.to_string() && net & mask == u32::from(address) & mask
                    })
                    .map(|(index, _)| index)
                    .collect();
                if !found.is_empty() {
                    return found;
                }
            }
        }
        Vec::new()
    }

    proptest! {
        #[test]
        fn agrees_with_a_naive_scan(
            address in any::<u32>(),
            rows in prop::collection::vec((any::<u32>(), 0u8..=32, 0usize..3, any::<bool>(), 0u8..4), 0..40),
        ) {
            let address = Ipv4Addr::from(address);
            let routes = rows.iter().map(|&(net, bits, source, active, near)| {
                // Most prefixes are taken from the address itself, so that they compete.
                let base = if near > 0 { u32::from(address) } else { net };
                let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
                route(
                    &format!("{}/{bits}", Ipv4Addr::from(base & mask)),
                    "Internet",
                    ["User", "VirtualNetworkGateway", "Default"][source],
                    if active { "Active" } else { "Invalid" },
                )
            }).collect();
            let table = effective(routes);
            let winners: Vec<usize> = select(&table, address).winners.iter()
                .map(|w| table.routes.iter().position(|r| std::ptr::eq(r, *w)).unwrap()).collect();
            prop_assert_eq!(winners, oracle(&table, address));
        }

        #[test]
        fn any_text_is_survived(prefix in ".{0,30}", state in ".{0,8}", source in ".{0,8}") {
            let table = effective(vec![route(&prefix, "x", &source, &state)]);
            let _ = select(&table, KMS);
        }
    }
}
