//! A table flattened to ranges of addresses that do not overlap, each with the routes that win there.
//!
//! What longest-prefix trees find by walking is found by one binary search; and two tables can be compared range by
//! range, over all four thousand million addresses.

use std::net::Ipv4Addr;

use crate::prefixes::Prefixes;

/// No route matches.
const NONE: u32 = u32::MAX;

/// The flattened table.
#[derive(Debug, Clone)]
pub struct Intervals {
    /// First address of each range; the first is 0.
    starts: Vec<u32>,
    /// What wins in each range: an index into `choices`, or [`NONE`].
    wins: Vec<u32>,
    /// Where in `starts` the ranges of each first byte begin; one more at the end.
    by_first_byte: Vec<u32>,
    /// Indices of the winning routes in the table.
    choices: Vec<Vec<u32>>,
}

/// One range and what wins in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range<'i> {
    /// First address.
    pub first: Ipv4Addr,
    /// Last address.
    pub last: Ipv4Addr,
    /// Indices of the winning routes in the table; empty when none matches.
    pub routes: &'i [u32],
}

impl Intervals {
    /// Flattens a table.
    pub fn new(prefixes: &Prefixes<'_>) -> Intervals {
        let choices = prefixes.choices();
        let mut building = Building::default();
        // The prefixes around the place that has been reached, the innermost last.
        let mut around: Vec<(u32, u32)> = Vec::new();
        for (index, choice) in choices.iter().enumerate() {
            let (first, last) = (choice.prefix.network().to_bits(), choice.prefix.broadcast().to_bits());
            while let Some(&(end, win)) = around.last().filter(|(end, _)| *end < first) {
                building.up_to(end, win);
                around.pop();
            }
            let outside = around.last().map_or(NONE, |(_, win)| *win);
            if let Some(before) = first.checked_sub(1) {
                building.up_to(before, outside);
            }
            around.push((last, u32::try_from(index).unwrap_or(NONE)));
        }
        while let Some((end, win)) = around.pop() {
            building.up_to(end, win);
        }
        building.up_to(u32::MAX, NONE);
        let Building { starts, wins, .. } = building;
        let begins = |byte: u32| starts.partition_point(|start| *start < (byte << 24));
        let by_first_byte = (0..256).map(begins).chain([starts.len()]).map(|at| at as u32).collect();
        Intervals { starts, wins, by_first_byte, choices: choices.into_iter().map(|c| c.routes).collect() }
    }

    /// Indices of the routes that win for an address; several share the traffic, none matches when it is empty.
    pub fn winners(&self, address: Ipv4Addr) -> &[u32] {
        let bits = address.to_bits();
        let byte = (bits >> 24) as usize;
        let (low, high) = (self.by_first_byte[byte] as usize, self.by_first_byte[byte + 1] as usize);
        // The range may have begun before this byte.
        let after = low + self.starts[low..high].partition_point(|start| *start <= bits);
        self.routes_of(after - 1)
    }

    /// Every range in its order.
    pub fn ranges(&self) -> impl Iterator<Item = Range<'_>> {
        self.starts.iter().enumerate().map(|(at, first)| {
            let last = self.starts.get(at + 1).map_or(u32::MAX, |next| next - 1);
            let (first, last) = (Ipv4Addr::from_bits(*first), Ipv4Addr::from_bits(last));
            Range { first, last, routes: self.routes_of(at) }
        })
    }

    fn routes_of(&self, at: usize) -> &[u32] {
        match self.wins[at] {
            NONE => &[],
            win => &self.choices[win as usize],
        }
    }
}

/// Ranges so far: everything below `reached`.
#[derive(Default)]
struct Building {
    starts: Vec<u32>,
    wins: Vec<u32>,
    /// The next address that has no range yet; behind the last one.
    reached: u64,
}

impl Building {
    /// Gives all up to and including an address, as far as they have no range yet, to a winner.
    fn up_to(&mut self, last: u32, win: u32) {
        if self.reached > u64::from(last) {
            return;
        }
        if self.wins.last() != Some(&win) {
            // It is no more than the last address, as was just seen.
            self.starts.push(self.reached as u32);
            self.wins.push(win);
        }
        self.reached = u64::from(last) + 1;
    }
}

#[cfg(test)]
mod tests {
    use model::azure::{Route, RouteTable};
    use proptest::prelude::*;

    use super::*;
    use crate::select::select;

    fn table(rows: &[(u32, u8, usize)]) -> RouteTable {
        let sources = ["Default", "VirtualNetworkGateway", "User"];
        let routes = rows.iter().map(|(address, length, source)| Route {
            prefix: Some(format!("{}/{length}", Ipv4Addr::from_bits(*address))),
            next_hop_type: Some("Internet".to_owned()),
            source: Some(sources[*source].to_owned()),
            ..Route::default()
        });
        RouteTable { routes: routes.collect(), effective: Some(true), ..RouteTable::default() }
    }

    fn winners(table: &RouteTable, address: Ipv4Addr) -> Vec<usize> {
        let place = |route: &&Route| table.routes.iter().position(|one| std::ptr::eq(one, *route));
        select(table, address).winners.iter().filter_map(place).collect()
    }

    #[test]
    fn the_ends_of_the_address_space_are_covered() {
        let table = table(&[(0, 0, 0), (0, 32, 2), (u32::MAX, 32, 2), (0x8000_0000, 1, 1)]);
        let intervals = Intervals::new(&Prefixes::new(&table));
        let of = |bits: u32| intervals.winners(Ipv4Addr::from_bits(bits)).to_vec();
        assert_eq!([of(0), of(1), of(0x7fff_ffff)], [[1], [0], [0]]);
        assert_eq!([of(0x8000_0000), of(u32::MAX - 1), of(u32::MAX)], [[3], [3], [2]]);
        let empty = RouteTable::default();
        let intervals = Intervals::new(&Prefixes::new(&empty));
        assert!(intervals.winners(Ipv4Addr::BROADCAST).is_empty());
        assert_eq!(intervals.ranges().count(), 1);
    }

    proptest! {
        #[test]
        fn agrees_with_selection_at_every_edge(
            rows in proptest::collection::vec((any::<u32>(), 0u8..=32, 0usize..3), 0..40),
            near in proptest::collection::vec((0u32..8, 0u8..=32, 0usize..3), 0..20),
            probes in proptest::collection::vec(any::<u32>(), 20),
        ) {
            let rows: Vec<_> = rows.into_iter().chain(near).collect();
            let table = table(&rows);
            let intervals = Intervals::new(&Prefixes::new(&table));
            let edges = intervals.ranges().flat_map(|range| [range.first, range.last]);
            for address in edges.chain(probes.into_iter().map(Ipv4Addr::from_bits)) {
                let found: Vec<usize> =
                    intervals.winners(address).iter().map(|route| *route as usize).collect();
                prop_assert_eq!(found, winners(&table, address), "{}", address);
            }
        }
    }
}
