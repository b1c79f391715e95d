//! A table after a proposed change, and everything that the change would move.

use std::net::Ipv4Addr;

use ipnet::{Ipv4Net, Ipv4Subnets};
use model::azure::{Route, RouteTable};

use crate::intervals::Intervals;
use crate::prefixes::Prefixes;
use crate::select::{Origin, is_active, origin, parse_prefix, prefix_of};

/// One proposed change.
#[derive(Debug, Clone, PartialEq)]
pub enum Edit {
    /// A user-defined route is added, or takes the place of the one with the same prefix.
    Add(Route),
    /// The user-defined route for a prefix is removed.
    Remove(Ipv4Net),
    /// The routes of this table take the place of all user-defined ones.
    Replace(RouteTable),
}

/// A change that can't be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no user-defined route for the prefix.
    #[error("there is no user-defined route for {0}")]
    NoSuchRoute(Ipv4Net),
    /// Not of the form that is expected.
    #[error("{text:?} is no route, expected PREFIX=NEXTHOP as in 20.118.99.224/32=Internet")]
    NoRoute {
        /// As given.
        text: String,
    },
}

/// Reads `PREFIX=NEXTHOP`; for an appliance `PREFIX=VirtualAppliance:ADDRESS`.
pub fn parse_route(text: &str) -> Result<Route, EditError> {
    let error = || EditError::NoRoute { text: text.to_owned() };
    let (prefix, hop) = text.split_once('=').ok_or_else(error)?;
    let prefix = parse_prefix(prefix).ok_or_else(error)?;
    let (kind, address) = match hop.split_once(':') {
        Some((kind, address)) => (kind, Some(address.trim().parse::<Ipv4Addr>().map_err(|_| error())?)),
        None => (hop, None),
    };
    if kind.trim().is_empty() {
        return Err(error());
    }
    Ok(Route {
        prefix: Some(prefix.to_string()),
        next_hop_type: Some(kind.trim().to_owned()),
        next_hop_ip: address.map(|address| address.to_string()),
        ..Route::default()
    })
}

/// The table after the changes, one after the other.
pub fn edited(table: &RouteTable, edits: &[Edit]) -> Result<RouteTable, EditError> {
    let mut after = table.clone();
    for edit in edits {
        match edit {
            Edit::Add(route) => {
                let prefix = prefix_of(route);
                let same = |own: &Route| prefix.is_some() && prefix_of(own) == prefix;
                let before: Vec<Route> = take_user_routes(&mut after, same);
                let name = route.name.clone().or_else(|| before.into_iter().find_map(|own| own.name));
                after.routes.push(by_user(&Route { name, ..route.clone() }, table));
            }
            Edit::Remove(prefix) => {
                if take_user_routes(&mut after, |own| prefix_of(own) == Some(*prefix)).is_empty() {
                    return Err(EditError::NoSuchRoute(*prefix));
                }
            }
            Edit::Replace(proposed) => {
                take_user_routes(&mut after, |_| true);
                after.routes.extend(proposed.routes.iter().map(|route| by_user(route, table)));
                if proposed.disable_bgp_route_propagation == Some(true) {
                    after.routes.retain(|route| origin(table, route) != Origin::Bgp);
                }
                after.disable_bgp_route_propagation = proposed.disable_bgp_route_propagation;
            }
        }
    }
    wake(&mut after);
    Ok(after)
}

fn take_user_routes(table: &mut RouteTable, wanted: impl Fn(&Route) -> bool) -> Vec<Route> {
    let routes = std::mem::take(&mut table.routes);
    let is_taken = |route: &Route| origin(table, route) == Origin::User && wanted(route);
    let (taken, left) = routes.into_iter().partition(is_taken);
    table.routes = left;
    taken
}

/// A route as it would be printed among the others of the table.
fn by_user(route: &Route, table: &RouteTable) -> Route {
    let effective = table.effective == Some(true);
    Route {
        source: effective.then(|| "User".to_owned()),
        state: effective.then(|| "Active".to_owned()),
        ..route.clone()
    }
}

/// Azure calls a system route invalid while another route has its prefix; without the other it is active again.
fn wake(table: &mut RouteTable) {
    let overriding: Vec<Ipv4Net> = table
        .routes
        .iter()
        .filter(|route| is_active(route) && origin(table, route) != Origin::System)
        .filter_map(prefix_of)
        .collect();
    let asleep = |route: &Route| {
        !is_active(route)
            && origin(table, route) == Origin::System
            && prefix_of(route).is_some_and(|prefix| !overriding.contains(&prefix))
    };
    let indices: Vec<usize> = (0..table.routes.len()).filter(|index| asleep(&table.routes[*index])).collect();
    for index in indices {
        table.routes[index].state = Some("Active".to_owned());
    }
}

/// Addresses whose way changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// The addresses.
    pub prefix: Ipv4Net,
    /// Where they went, as `VirtualNetworkGateway 10.0.0.4`; nothing when no route matched.
    pub from: Option<String>,
    /// Where they would go.
    pub to: Option<String>,
}

/// Everything that goes another way in the second table, in the order of the addresses.
pub fn moved(before: &RouteTable, after: &RouteTable) -> Vec<Moved> {
    let (old, new) = (Intervals::new(&Prefixes::new(before)), Intervals::new(&Prefixes::new(after)));
    let (mut old_ranges, mut new_ranges) = (old.ranges().peekable(), new.ranges().peekable());
    // Ranges that differ, neighbours with the same ways together.
    let mut ranges: Vec<(Ipv4Addr, Ipv4Addr, Option<String>, Option<String>)> = Vec::new();
    let mut first = Ipv4Addr::UNSPECIFIED;
    while let (Some(one), Some(other)) = (old_ranges.peek().copied(), new_ranges.peek().copied()) {
        let last = one.last.min(other.last);
        let (from, to) = (way(before, one.routes), way(after, other.routes));
        if from != to {
            match ranges.last_mut() {
                Some(range)
                    if range.1.to_bits().checked_add(1) == Some(first.to_bits())
                        && (&range.2, &range.3) == (&from, &to) =>
                {
                    range.1 = last;
                }
                _ => ranges.push((first, last, from, to)),
            }
        }
        if one.last == last {
            old_ranges.next();
        }
        if other.last == last {
            new_ranges.next();
        }
        let Some(next) = last.to_bits().checked_add(1) else { break };
        first = Ipv4Addr::from_bits(next);
    }
    ranges
        .into_iter()
        .flat_map(|(first, last, from, to)| {
            Ipv4Subnets::new(first, last, 0).map(move |prefix| Moved {
                prefix,
                from: from.clone(),
                to: to.clone(),
            })
        })
        .collect()
}

/// Where the winning routes lead; equal ones in any order are the same way.
fn way(table: &RouteTable, routes: &[u32]) -> Option<String> {
    let mut ways: Vec<String> = routes
        .iter()
        .map(|index| {
            let route = &table.routes[*index as usize];
            let kind = route.next_hop_type.as_deref().unwrap_or("?");
            match route.next_hop_ip.as_deref() {
                Some(address) => format!("{kind} {address}"),
                None => kind.to_owned(),
            }
        })
        .collect();
    ways.sort();
    ways.dedup();
    (!ways.is_empty()).then(|| ways.join(", "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::select::select;

    fn effective(rows: &[(&str, &str, &str, &str)]) -> RouteTable {
        let route = |(prefix, hop, source, state): &(&str, &str, &str, &str)| Route {
            prefix: Some((*prefix).to_owned()),
            next_hop_type: Some((*hop).to_owned()),
            source: Some((*source).to_owned()),
            state: Some((*state).to_owned()),
            ..Route::default()
        };
        RouteTable {
            routes: rows.iter().map(route).collect(),
            effective: Some(true),
            ..RouteTable::default()
        }
    }

    fn tunnel() -> RouteTable {
        effective(&[
            ("10.0.0.0/16", "VnetLocal", "Default", "Active"),
            ("0.0.0.0/0", "Internet", "Default", "Invalid"),
            ("0.0.0.0/0", "VirtualNetworkGateway", "User", "Active"),
        ])
    }

    fn told(before: &RouteTable, after: &RouteTable) -> Vec<String> {
        let word = |way: &Option<String>| way.clone().unwrap_or_else(|| "-".to_owned());
        let line = |one: &Moved| format!("{} {} -> {}", one.prefix, word(&one.from), word(&one.to));
        moved(before, after).iter().map(line).collect()
    }

    #[test]
    fn a_single_route_moves_a_single_address() {
        let before = tunnel();
        let route = parse_route("20.118.99.224/32=Internet").unwrap();
        let after = edited(&before, &[Edit::Add(route)]).unwrap();
        assert_eq!(told(&before, &after), ["20.118.99.224/32 VirtualNetworkGateway -> Internet"]);
        let wide = parse_route("20.118.99.7/24 = VirtualAppliance:10.0.0.4").unwrap();
        let after = edited(&before, &[Edit::Add(wide)]).unwrap();
        assert_eq!(
            told(&before, &after),
            ["20.118.99.0/24 VirtualNetworkGateway -> VirtualAppliance 10.0.0.4"]
        );
    }

    #[test]
    fn without_the_users_default_route_azures_own_is_active_again() {
        let before = tunnel();
        let after = edited(&before, &[Edit::Remove("0.0.0.0/0".parse().unwrap())]).unwrap();
        assert_eq!(
            select(&after, Ipv4Addr::new(8, 8, 8, 8)).winners[0].next_hop_type.as_deref(),
            Some("Internet")
        );
        assert!(told(&before, &after).iter().all(|line| line.ends_with("VirtualNetworkGateway -> Internet")));
        let twice = edited(&after, &[Edit::Remove("0.0.0.0/0".parse().unwrap())]);
        assert_eq!(twice, Err(EditError::NoSuchRoute("0.0.0.0/0".parse().unwrap())));
    }

    #[test]
    fn a_proposed_table_takes_the_place_of_the_users_routes() {
        let mut before = tunnel();
        before.routes.push(Route {
            source: Some("VirtualNetworkGateway".to_owned()),
            ..parse_route("172.16.0.0/12=VirtualNetworkGateway").unwrap()
        });
        let proposed = RouteTable {
            routes: vec![parse_route("10.9.0.0/16=None").unwrap()],
            disable_bgp_route_propagation: Some(true),
            ..RouteTable::default()
        };
        let after = edited(&before, &[Edit::Replace(proposed)]).unwrap();
        let of = |address: [u8; 4]| select(&after, address.into()).winners[0].next_hop_type.clone().unwrap();
        assert_eq!(
            [of([172, 16, 0, 1]), of([10, 9, 0, 1]), of([10, 0, 0, 1])],
            ["Internet", "None", "VnetLocal"]
        );
    }

    #[test]
    fn what_is_no_route_is_refused() {
        for text in [
            "",
            "20.118.99.224/32",
            "x=Internet",
            "10.0.0.0/8=",
            "10.0.0.0/8=VirtualAppliance:x",
            "1.2.3.4/33=None",
        ] {
            assert!(parse_route(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_moves_is_exactly_what_goes_another_way(
            old in proptest::collection::vec((0u32..64, 24u8..=32, 0usize..3), 0..12),
            new in proptest::collection::vec((0u32..64, 24u8..=32, 0usize..3), 0..12),
        ) {
            let hops = ["Internet", "VirtualNetworkGateway", "None"];
            let table = |rows: &[(u32, u8, usize)]| RouteTable {
                routes: rows.iter().map(|(low, length, hop)| Route {
                    prefix: Some(format!("192.0.2.{low}/{length}")),
                    next_hop_type: Some(hops[*hop].to_owned()),
                    ..Route::default()
                }).collect(),
                ..RouteTable::default()
            };
            let (before, after) = (table(&old), table(&new));
            let moves = moved(&before, &after);
            let hops_of = |table: &RouteTable, address| {
                let mut hops: Vec<_> = select(table, address).winners.iter().map(|r| r.next_hop_type.clone()).collect();
                hops.sort();
                hops.dedup();
                hops
            };
            for low in 0..=255u8 {
                let address = Ipv4Addr::new(192, 0, 2, low);
                let differs = hops_of(&before, address) != hops_of(&after, address);
                let told = moves.iter().filter(|one| one.prefix.contains(&address)).count();
                prop_assert_eq!(told, usize::from(differs), "{}", address);
            }
        }
    }
}
