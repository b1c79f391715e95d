//! The routes of a table as numbers, best first: what selection, intervals and what-if are made of.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use model::azure::{Route, RouteTable};

use crate::address;
use crate::select::{Origin, Selection, is_active, may_hold_kms, origin, prefix_of};

/// A table whose prefixes are read once, for many addresses.
#[derive(Debug, Clone)]
pub struct Prefixes<'a> {
    table: &'a RouteTable,
    /// Networks and masks of the active routes, in the order of preference.
    nets: Vec<u32>,
    masks: Vec<u32>,
    /// Beside each of them: which route, and how it ranks.
    ranked: Vec<Ranked>,
    /// Active routes that name a service tag which may hold the KMS.
    tags: Vec<&'a Route>,
    /// Indices of routes to single addresses that were, or may have been, made for the KMS.
    for_kms: Vec<usize>,
}

/// Routes that are compared at once: the compiler makes vector instructions of it.
const LANES: usize = 16;

/// What ranks a route that matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ranked {
    length: u8,
    origin: Origin,
    /// Index in the table.
    route: u32,
}

/// One prefix with the routes that Azure prefers for it; several share the traffic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub prefix: Ipv4Net,
    /// Indices in the table.
    pub routes: Vec<u32>,
}

impl<'a> Prefixes<'a> {
    /// Reads the prefixes of a table.
    pub fn new(table: &'a RouteTable) -> Prefixes<'a> {
        let mut ranked: Vec<(Ranked, (u32, u32))> = Vec::with_capacity(table.routes.len());
        let mut tags = Vec::new();
        let for_kms = address::routes_for_kms(table);
        for (index, route) in table.routes.iter().enumerate().filter(|(_, route)| is_active(route)) {
            match prefix_of(route) {
                Some(net) => {
                    // A file of four thousand million routes is refused long before.
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    let rank =
                        Ranked { length: net.prefix_len(), origin: origin(table, route), route: index };
                    ranked.push((rank, (net.network().to_bits(), net.netmask().to_bits())));
                }
                None if may_hold_kms(route) => tags.push(route),
                None => {}
            }
        }
        // Routes of equal rank keep the order in which they were printed.
        ranked.sort_by_key(|(rank, _)| (std::cmp::Reverse((rank.length, rank.origin)), rank.route));
        let (ranked, both): (Vec<Ranked>, Vec<(u32, u32)>) = ranked.into_iter().unzip();
        let (nets, masks) = both.into_iter().unzip();
        Prefixes { table, nets, masks, ranked, tags, for_kms }
    }

    /// The table that was read.
    pub fn table(&self) -> &'a RouteTable {
        self.table
    }

    /// Indices of routes to single addresses that were, or may have been, made for the KMS of some cloud.
    pub(crate) fn for_kms(&self) -> &[usize] {
        &self.for_kms
    }

    /// The places of the active routes that hold an address, the preferred first.
    fn matching(&self, bits: u32) -> impl Iterator<Item = usize> {
        let chunks = self.nets.chunks(LANES).zip(self.masks.chunks(LANES)).enumerate();
        let is_hit = move |(net, mask): (&u32, &u32)| bits & mask == *net;
        // Most hold nothing: that is found without looking at each.
        let hit = chunks.filter(move |(_, (nets, masks))| {
            nets.iter().zip(*masks).fold(false, |any, both| any | is_hit(both))
        });
        hit.flat_map(move |(chunk, (nets, masks))| {
            let lanes = nets.iter().zip(masks).enumerate().filter(move |(_, both)| is_hit(*both));
            lanes.map(move |(lane, _)| chunk * LANES + lane)
        })
    }

    /// The route that Azure would take for an address, and those that it beats.
    pub fn select(&self, address: Ipv4Addr) -> Selection<'a> {
        let bits = address.to_bits();
        let mut selection = Selection {
            address,
            winners: Vec::new(),
            prefix: None,
            beaten: Vec::new(),
            service_tags: self.tags.clone(),
        };
        let mut best: Option<Ranked> = None;
        for at in self.matching(bits) {
            let rank = self.ranked[at];
            let route = &self.table.routes[rank.route as usize];
            let first = *best.get_or_insert(rank);
            if (rank.length, rank.origin) == (first.length, first.origin) {
                selection.winners.push(route);
            } else {
                selection.beaten.push(route);
            }
        }
        selection.prefix = best.map(|rank| {
            let mask = u32::MAX.checked_shl(32 - u32::from(rank.length)).unwrap_or(0);
            Ipv4Net::new_assert(Ipv4Addr::from_bits(bits & mask), rank.length)
        });
        selection
    }

    /// Each prefix once with the routes that win for it, by network, the wider first.
    pub(crate) fn choices(&self) -> Vec<Choice> {
        let mut order: Vec<usize> = (0..self.nets.len()).collect();
        // Within a prefix the preferred origin comes first, then the order of the table.
        order.sort_by_key(|&at| (self.nets[at], self.masks[at], at));
        let mut choices: Vec<Choice> = Vec::new();
        let mut best: Option<((u32, u32), Origin)> = None;
        for at in order {
            let (net, rank) = ((self.nets[at], self.masks[at]), self.ranked[at]);
            match best {
                Some((known, origin)) if known == net => {
                    if origin == rank.origin
                        && let Some(last) = choices.last_mut()
                    {
                        last.routes.push(rank.route);
                    }
                }
                _ => {
                    best = Some((net, rank.origin));
                    let prefix = Ipv4Net::new_assert(Ipv4Addr::from_bits(net.0), rank.length);
                    choices.push(Choice { prefix, routes: vec![rank.route] });
                }
            }
        }
        choices
    }
}
