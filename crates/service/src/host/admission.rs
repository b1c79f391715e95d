//! Who is let in: the networks of the clients, how many connections and requests one address may have, and what was
//! told about an address already.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

use ipnet::IpNet;

/// Limits of a host against too much of everything.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Connections in all.
    pub connections: usize,
    /// Connections of one address. Many clients may stand behind one.
    pub connections_of_one: u32,
    /// Requests per second of one address; 0 for no limit.
    pub requests_per_second: u32,
    /// How long a connection may be without a complete request.
    pub patience: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            connections: 16_384,
            connections_of_one: 1024,
            requests_per_second: 200,
            patience: Duration::from_secs(30),
        }
    }
}

/// Seconds of requests that an address may send at once after a pause: machines behind one address start together.
const BURST_SECONDS: f64 = 10.0;

/// Addresses that are remembered; the idle ones go first.
const ADDRESSES_MAX: usize = 65_536;

/// The private and local ranges: who may ask a host unless its admin says otherwise.
///
/// RFC 1918, RFC 6598, RFC 3927, RFC 4193, RFC 4291 and loopback.
pub fn private_networks() -> Vec<IpNet> {
    [
        "127.0.0.0/8",
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "169.254.0.0/16",
        "::1/128",
        "fc00::/7",
        "fe80::/10",
    ]
    .iter()
    .filter_map(|network| network.parse().ok())
    .collect()
}

/// Why a connection is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Turned {
    /// Its address is in none of the clients' networks.
    NotAllowed,
    /// The address has too many connections.
    TooManyOfOne,
    /// There are too many connections in all.
    TooMany,
}

/// What is known of an address.
#[derive(Debug)]
struct Guest {
    connections: u32,
    tokens: f64,
    seen: Instant,
    told: u8,
}

/// Who is in, and what each address may still do.
#[derive(Debug)]
pub struct Admission {
    networks: Vec<IpNet>,
    limits: Limits,
    connections: usize,
    guests: HashMap<IpAddr, Guest>,
    /// Lines about addresses that may not ask: since when, and how many.
    strangers_told: (Option<Instant>, u32),
}

/// Lines about addresses that may not ask, in a minute: from the Internet each could come from another address.
const STRANGERS_TOLD_MAX: u32 = 20;

/// What a refused request costs beside itself: each is a row of the journal, and nobody needs many.
const REFUSAL_COST: f64 = 9.0;

/// One guest: an IPv4 address, or the network of an IPv6 address, of which one machine may have any number of addresses
/// (RFC 4291 2.5.4).
fn guest_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        address => address,
    }
}

/// What was told about an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Tale {
    /// It is not in the clients' networks.
    NotAllowed = 1,
    /// It sends more than it may.
    TooMuch = 2,
    /// A Windows client asked for the interface of a genuine KMS host.
    WindowsClient = 4,
    /// It speaks no RPC, or asks for another interface.
    Foreign = 8,
}

impl Admission {
    /// Lets in who comes from these networks, within these limits.
    pub fn new(networks: Vec<IpNet>, limits: Limits) -> Admission {
        Admission { networks, limits, connections: 0, guests: HashMap::new(), strangers_told: (None, 0) }
    }

    /// Takes other networks and limits. Who is in keeps its place; see [`Admission::is_allowed`]. What was told of an
    /// address may be told once more, as an admin who changes this wants to see what comes of it.
    pub fn set(&mut self, networks: Vec<IpNet>, limits: Limits) {
        (self.networks, self.limits) = (networks, limits);
        self.guests.values_mut().for_each(|guest| guest.told = 0);
    }

    /// True for an address in the clients' networks.
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// How long a connection may be without a complete request.
    pub fn patience(&self) -> Duration {
        self.limits.patience
    }

    /// Takes a connection in. Each one that was taken must [`Admission::leave`].
    pub fn enter(&mut self, address: IpAddr, now: Instant) -> Result<(), Turned> {
        if !self.is_allowed(address) {
            return Err(Turned::NotAllowed);
        }
        if self.connections >= self.limits.connections {
            return Err(Turned::TooMany);
        }
        let most = self.limits.connections_of_one;
        let guest = self.guest(guest_of(address), now);
        if guest.connections >= most {
            return Err(Turned::TooManyOfOne);
        }
        guest.connections += 1;
        self.connections += 1;
        Ok(())
    }

    /// A connection is over.
    pub fn leave(&mut self, address: IpAddr) {
        self.connections = self.connections.saturating_sub(1);
        if let Some(guest) = self.guests.get_mut(&guest_of(address)) {
            guest.connections = guest.connections.saturating_sub(1);
        }
    }

    /// True when the address may send one more request now.
    pub fn may_ask(&mut self, address: IpAddr, now: Instant) -> bool {
        let rate = f64::from(self.limits.requests_per_second);
        if rate == 0.0 {
            return true;
        }
        let guest = self.guest(guest_of(address), now);
        let passed = now.saturating_duration_since(guest.seen).as_secs_f64();
        guest.tokens = (guest.tokens + passed * rate).min(rate * BURST_SECONDS);
        guest.seen = now;
        let may = guest.tokens >= 1.0;
        if may {
            guest.tokens -= 1.0;
        }
        may
    }

    /// True the first time that something is to be told about an address.
    pub fn is_news(&mut self, address: IpAddr, tale: Tale, now: Instant) -> bool {
        if tale == Tale::NotAllowed && !self.may_tell_of_strangers(now) {
            return false;
        }
        let guest = self.guest(guest_of(address), now);
        let news = guest.told & tale as u8 == 0;
        guest.told |= tale as u8;
        news
    }

    fn may_tell_of_strangers(&mut self, now: Instant) -> bool {
        let (since, count) = &mut self.strangers_told;
        if since.is_none_or(|since| now.saturating_duration_since(since) >= Duration::from_secs(60)) {
            (*since, *count) = (Some(now), 0);
        }
        *count += 1;
        *count <= STRANGERS_TOLD_MAX
    }

    /// A request of the address was refused, and so counts for more than one. Who has nothing left owes it, up to as
    /// much as a burst.
    pub fn charge(&mut self, address: IpAddr, now: Instant) {
        let most = f64::from(self.limits.requests_per_second) * BURST_SECONDS;
        let guest = self.guest(guest_of(address), now);
        guest.tokens = (guest.tokens - REFUSAL_COST).max(-most);
    }

    /// Connections that are in.
    pub fn connections(&self) -> usize {
        self.connections
    }

    fn guest(&mut self, address: IpAddr, now: Instant) -> &mut Guest {
        if self.guests.len() >= ADDRESSES_MAX && !self.guests.contains_key(&address) {
            self.forget();
        }
        let rate = f64::from(self.limits.requests_per_second);
        let new = || Guest { connections: 0, tokens: rate * BURST_SECONDS, seen: now, told: 0 };
        self.guests.entry(address).or_insert_with(new)
    }

    /// Makes room: forgets the older half of the addresses without a connection.
    fn forget(&mut self) {
        let mut idle: Vec<Instant> =
            self.guests.values().filter(|guest| guest.connections == 0).map(|guest| guest.seen).collect();
        if idle.is_empty() {
            return;
        }
        let middle = idle.len() / 2;
        let (_, median, _) = idle.select_nth_unstable(middle);
        let median = *median;
        self.guests.retain(|_, guest| guest.connections > 0 || guest.seen > median);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(limits: Limits) -> Admission {
        Admission::new(private_networks(), limits)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    /// Ten seconds of one who never stops asking and is always refused, beside one whose requests are all granted.
    #[test]
    fn who_is_always_refused_is_slowed_for_good() {
        let mut admission = admission(Limits { requests_per_second: 20, ..Limits::default() });
        let (bad, good) = (address("10.0.0.1"), address("10.0.0.2"));
        let begin = Instant::now();
        // The burst that everybody has at first.
        assert!((0..200).all(|_| admission.may_ask(bad, begin) && admission.may_ask(good, begin)));
        let (mut refused, mut granted) = (0, 0);
        for step in 0..10_000 {
            let now = begin + Duration::from_millis(step);
            if admission.may_ask(bad, now) {
                admission.charge(bad, now);
                refused += 1;
            }
            granted += u32::from(admission.may_ask(good, now));
        }
        assert!((18..=21).contains(&refused), "{refused}");
        assert!((199..=201).contains(&granted), "{granted}");
        // However much was refused at once, the debt is that of a burst.
        (0..10_000).for_each(|_| admission.charge(bad, begin + Duration::from_secs(10)));
        assert!(!admission.may_ask(bad, begin + Duration::from_secs(19)));
        assert!(admission.may_ask(bad, begin + Duration::from_secs(21)));
    }

    #[test]
    fn strangers_stay_out_and_mapped_addresses_are_what_they_stand_for() {
        let mut admission = admission(Limits::default());
        let now = Instant::now();
        for inside in ["10.1.2.3", "192.168.0.9", "::1", "fd00::1", "::ffff:10.0.0.1"] {
            assert_eq!(admission.enter(address(inside), now), Ok(()), "{inside}");
        }
        for outside in ["203.0.113.5", "2001:db8::1", "::ffff:203.0.113.5", "11.0.0.1"] {
            assert_eq!(admission.enter(address(outside), now), Err(Turned::NotAllowed), "{outside}");
        }
        assert_eq!(admission.connections(), 5);
        assert!(admission.is_news(address("203.0.113.5"), Tale::NotAllowed, now));
        assert!(!admission.is_news(address("203.0.113.5"), Tale::NotAllowed, now));
        assert!(admission.is_news(address("203.0.113.5"), Tale::WindowsClient, now));
    }

    #[test]
    fn other_networks_and_limits_count_at_once() {
        let mut admission = admission(Limits { requests_per_second: 10, ..Limits::default() });
        let (now, client) = (Instant::now(), address("10.0.0.1"));
        assert_eq!(admission.enter(client, now), Ok(()));
        assert_eq!((0..1000).filter(|_| admission.may_ask(client, now)).count(), 100);
        assert!(
            admission.is_news(client, Tale::TooMuch, now) && !admission.is_news(client, Tale::TooMuch, now)
        );
        let limits = Limits { requests_per_second: 1, patience: Duration::from_secs(5), ..Limits::default() };
        admission.set(vec!["192.0.2.0/24".parse().expect("a network")], limits);
        assert_eq!((admission.patience(), admission.is_allowed(client)), (Duration::from_secs(5), false));
        assert!(admission.is_allowed(address("::ffff:192.0.2.1")));
        assert_eq!(admission.enter(client, now), Err(Turned::NotAllowed));
        // Its place is still to be left.
        assert_eq!(admission.connections(), 1);
        let later = now + Duration::from_secs(60);
        assert_eq!((0..1000).filter(|_| admission.may_ask(client, later)).count(), 10);
        assert!(admission.is_news(client, Tale::TooMuch, later));
    }

    #[test]
    fn one_address_does_not_take_all_the_places() {
        let mut admission = admission(Limits { connections: 3, connections_of_one: 2, ..Limits::default() });
        let now = Instant::now();
        let (one, other) = (address("10.0.0.1"), address("10.0.0.2"));
        assert_eq!(admission.enter(one, now), Ok(()));
        assert_eq!(admission.enter(one, now), Ok(()));
        assert_eq!(admission.enter(one, now), Err(Turned::TooManyOfOne));
        assert_eq!(admission.enter(other, now), Ok(()));
        assert_eq!(admission.enter(other, now), Err(Turned::TooMany));
        admission.leave(one);
        assert_eq!(admission.enter(other, now), Ok(()));
    }

    #[test]
    fn a_flood_is_slowed_to_its_rate() {
        let mut admission = admission(Limits { requests_per_second: 10, ..Limits::default() });
        let now = Instant::now();
        let flooder = address("10.0.0.1");
        let burst = (0..1000).filter(|_| admission.may_ask(flooder, now)).count();
        assert_eq!(burst, 100);
        let later = now + Duration::from_secs(1);
        assert_eq!((0..1000).filter(|_| admission.may_ask(flooder, later)).count(), 10);
        assert!(admission.may_ask(address("10.0.0.2"), now));
    }

    #[test]
    fn a_network_of_ipv6_is_one_guest_and_refusals_cost_more() {
        let mut admission =
            admission(Limits { connections_of_one: 2, requests_per_second: 1, ..Limits::default() });
        let now = Instant::now();
        assert_eq!(admission.enter(address("fd00::1"), now), Ok(()));
        assert_eq!(admission.enter(address("fd00::2"), now), Ok(()));
        assert_eq!(admission.enter(address("fd00::3"), now), Err(Turned::TooManyOfOne));
        assert_eq!(admission.enter(address("fd00:0:0:1::3"), now), Ok(()));
        admission.leave(address("fd00::2"));
        assert_eq!(admission.enter(address("fd00::3"), now), Ok(()));
        assert!(admission.may_ask(address("10.0.0.1"), now));
        admission.charge(address("10.0.0.1"), now);
        assert!(!admission.may_ask(address("10.0.0.1"), now));
        let told =
            (0..100u8).filter(|n| admission.is_news(IpAddr::from([203, 0, 113, *n]), Tale::NotAllowed, now));
        assert_eq!(told.count(), 20);
    }

    #[test]
    fn the_memory_of_addresses_is_bounded() {
        let mut admission = admission(Limits::default());
        let now = Instant::now();
        for number in 0..(ADDRESSES_MAX as u32 + 1000) {
            let address = IpAddr::from((0x0A00_0000 + number).to_be_bytes());
            assert!(admission.may_ask(address, now + Duration::from_micros(number.into())));
        }
        assert!(admission.guests.len() <= ADDRESSES_MAX);
    }
}
