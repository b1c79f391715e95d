//! What is strange in a table: it is kept, told, and never a reason to say "works".

use std::collections::HashMap;
use std::net::Ipv6Addr;

use ipnet::{Ipv4Net, Ipv6Net};
use model::azure::{Route, RouteTable};

use crate::NextHop;
use crate::select::{Origin, is_active, origin, prefix_of};

/// What is strange about a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Oddity {
    /// The prefix is neither IPv4 nor IPv6 nor a service tag.
    UnreadablePrefix,
    /// The prefix has bits set behind its length; they were cut off.
    HostBits(Ipv4Net),
    /// A next hop type that is not known.
    UnknownNextHop,
    /// An appliance without an address.
    ApplianceWithoutAddress,
    /// Another user-defined route of the table sends the same prefix elsewhere; which Azure took is not known.
    Contradiction {
        /// Index of the other route.
        other: usize,
    },
}

impl Oddity {
    /// Stable name for catalogues and JSON.
    pub fn id(self) -> &'static str {
        match self {
            Oddity::UnreadablePrefix => "unreadable-prefix",
            Oddity::HostBits(_) => "host-bits",
            Oddity::UnknownNextHop => "unknown-next-hop",
            Oddity::ApplianceWithoutAddress => "appliance-without-address",
            Oddity::Contradiction { .. } => "contradiction",
        }
    }

    /// The route could have been the one that decides, and what it does is not known.
    pub fn hides_something(self) -> bool {
        matches!(self, Oddity::UnreadablePrefix)
    }
}

/// Everything strange in a table, with the index of the route.
pub fn oddities(table: &RouteTable) -> Vec<(usize, Oddity)> {
    let mut found = Vec::new();
    let mut users: HashMap<Ipv4Net, usize> = HashMap::new();
    for (index, route) in table.routes.iter().enumerate() {
        let prefix = prefix_of(route);
        let text = route.prefix.as_deref().unwrap_or_default().trim();
        match prefix {
            None if !is_ipv6(text) && !is_tag(text) => found.push((index, Oddity::UnreadablePrefix)),
            Some(net) if has_host_bits(text) => found.push((index, Oddity::HostBits(net))),
            _ => {}
        }
        match NextHop::parse(route.next_hop_type.as_deref()) {
            NextHop::Unknown => found.push((index, Oddity::UnknownNextHop)),
            NextHop::Appliance if route.next_hop_ip.is_none() => {
                found.push((index, Oddity::ApplianceWithoutAddress));
            }
            _ => {}
        }
        if let Some(prefix) = prefix
            && is_active(route)
            && origin(table, route) == Origin::User
        {
            match users.get(&prefix) {
                Some(&other) if leads_elsewhere(&table.routes[other], route) => {
                    found.push((index, Oddity::Contradiction { other }));
                }
                Some(_) => {}
                None => drop(users.insert(prefix, index)),
            }
        }
    }
    found
}

fn leads_elsewhere(one: &Route, other: &Route) -> bool {
    NextHop::parse(one.next_hop_type.as_deref()) != NextHop::parse(other.next_hop_type.as_deref())
        || one.next_hop_ip != other.next_hop_ip
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Net>().is_ok() || text.parse::<Ipv6Addr>().is_ok()
}

/// `AzureCloud.westus2`, `Storage`; also an expression of a template, which is told by its reader.
fn is_tag(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn has_host_bits(text: &str) -> bool {
    text.parse::<Ipv4Net>().is_ok_and(|net| net.addr() != net.network())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(rows: &[(&str, &str, Option<&str>)]) -> Vec<(usize, &'static str)> {
        let route = |(prefix, hop, address): &(&str, &str, Option<&str>)| Route {
            prefix: Some((*prefix).to_owned()),
            next_hop_type: Some((*hop).to_owned()),
            next_hop_ip: address.map(str::to_owned),
            ..Route::default()
        };
        let table = RouteTable { routes: rows.iter().map(route).collect(), ..RouteTable::default() };
        oddities(&table).into_iter().map(|(index, oddity)| (index, oddity.id())).collect()
    }

    #[test]
    fn strange_routes_are_told_and_common_ones_are_not() {
        assert_eq!(
            told(&[
                ("0.0.0.0/0", "VirtualAppliance", Some("10.0.0.4")),
                ("::/0", "Internet", None),
                ("AzureCloud.westus2", "Internet", None),
                ("20.118.99.224/33", "Internet", None),
                ("20.118.99.225/24", "Internet", None),
                ("10.0.0.0/8", "Teleport", None),
                ("0.0.0.0/0", "VirtualAppliance", Some("10.0.0.5")),
                ("1.2.3.4", "VirtualAppliance", None),
            ]),
            [
                (3, "unreadable-prefix"),
                (4, "host-bits"),
                (5, "unknown-next-hop"),
                (6, "contradiction"),
                (7, "appliance-without-address"),
            ]
        );
    }
}
