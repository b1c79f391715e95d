//! Which route wins: our intervals beside the treebitmap crate's longest-prefix match, and whole judgements of many
//! subnets. `routes.sh` adds a naive scan in Python over the same routes and addresses.

use std::error::Error;
use std::fs;
use std::hint::black_box;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use azure::verdict::check_prefixes;
use azure::{Cloud, Intervals, Prefixes};
use ip_network_table_deps_treebitmap::IpLookupTable;
use model::azure::{Route, RouteTable};
use nix::sys::resource::{UsageWho, getrusage};

const ROUTES: usize = 400;
const ADDRESSES: usize = 1 << 16;
const ROUNDS: usize = 400;
const SUBNETS: usize = 10_000;
const CLOUDS: [Cloud; 4] =
    [Cloud::AzurePublic, Cloud::AzureUsGovernment, Cloud::AzureChina, Cloud::AzureGermany];

/// Numbers that look random and are the same in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as u32
    }
}

/// A default route and prefixes of 8 to 32 bits, each once: among equals the peer knows no order.
fn table(numbers: &mut Numbers) -> RouteTable {
    let mut prefixes = vec![(0u32, 0u32)];
    while prefixes.len() < ROUTES {
        let length = 8 + numbers.next() % 25;
        let prefix = (numbers.next() & (u32::MAX << (32 - length)), length);
        if !prefixes.contains(&prefix) {
            prefixes.push(prefix);
        }
    }
    let route = |(index, (address, length)): (usize, &(u32, u32))| Route {
        prefix: Some(format!("{}/{length}", Ipv4Addr::from_bits(*address))),
        next_hop_type: Some(if index == 0 { "VirtualNetworkGateway" } else { "Internet" }.to_owned()),
        source: Some("User".to_owned()),
        state: Some("Active".to_owned()),
        ..Route::default()
    };
    let routes = prefixes.iter().enumerate().map(route).collect();
    RouteTable { routes, effective: Some(true), ..RouteTable::default() }
}

fn net(route: &Route) -> (Ipv4Addr, u32) {
    let (address, length) = route.prefix.as_deref().and_then(|text| text.split_once('/')).expect("a prefix");
    (address.parse().expect("an address"), length.parse().expect("a length"))
}

/// Writes the routes and a sample of addresses with the winner of each to a folder, for the scan in Python.
pub fn run(folder: &str) -> Result<(), Box<dyn Error>> {
    let mut numbers = Numbers(0x9E37_79B9_7F4A_7C15);
    let table_of = table(&mut numbers);
    // Half of the addresses lie in one of the prefixes; random ones alone would mostly meet the default route.
    let addresses: Vec<Ipv4Addr> = (0..ADDRESSES)
        .map(|index| {
            let random = numbers.next();
            if index % 2 == 0 {
                return Ipv4Addr::from_bits(random);
            }
            let (address, length) = net(&table_of.routes[1 + random as usize % (ROUTES - 1)]);
            let host = if length == 32 { 0 } else { numbers.next() & (u32::MAX >> length) };
            Ipv4Addr::from_bits(address.to_bits() | host)
        })
        .collect();
    let intervals = Intervals::new(&Prefixes::new(&table_of));
    let mut peer: IpLookupTable<Ipv4Addr, u32> = IpLookupTable::new();
    for (index, route) in table_of.routes.iter().enumerate() {
        let (address, length) = net(route);
        peer.insert(address, length, index as u32);
    }
    let mut sample = String::new();
    for (index, address) in addresses.iter().enumerate() {
        let ours = intervals.winners(*address)[0];
        let theirs = *peer.longest_match(*address).expect("the default route matches").2;
        assert_eq!(ours, theirs, "{address}");
        if index < 2_000 {
            sample.push_str(&format!("{address} {ours}\n"));
        }
    }
    let routes: Vec<&str> = table_of.routes.iter().filter_map(|route| route.prefix.as_deref()).collect();
    fs::write(format!("{folder}/routes"), routes.join("\n"))?;
    fs::write(format!("{folder}/sample"), sample)?;

    let mut rates = [Duration::MAX; 2];
    for _ in 0..5 {
        rates[0] = rates[0].min(timed(&addresses, |address| intervals.winners(address)[0]));
        rates[1] =
            rates[1].min(timed(&addresses, |address| *peer.longest_match(address).expect("a match").2));
    }
    let [ours, theirs] = rates.map(|time| (ROUNDS * ADDRESSES) as f64 / time.as_secs_f64());
    println!("lookup {ours} {theirs}");

    let tables: Vec<RouteTable> = (0..SUBNETS).map(|_| table(&mut numbers)).collect();
    let prefixes: Vec<Prefixes<'_>> = tables.iter().map(Prefixes::new).collect();
    let mut best = Duration::MAX;
    for _ in 0..5 {
        let begin = cpu()?;
        let mut failing = 0;
        for one in &prefixes {
            // All endpoints of all clouds: nine addresses.
            for cloud in CLOUDS {
                failing += usize::from(black_box(check_prefixes(one, cloud)).cause.is_some());
            }
        }
        assert!(failing > SUBNETS / 2);
        best = best.min(cpu()? - begin);
    }
    println!("subnets {}", best.as_secs_f64());
    Ok(())
}

fn timed(addresses: &[Ipv4Addr], winner: impl Fn(Ipv4Addr) -> u32) -> Duration {
    let begin = Instant::now();
    let mut sum = 0u32;
    for _ in 0..ROUNDS {
        for address in addresses {
            sum = sum.wrapping_add(winner(*address));
        }
        sum = black_box(sum);
    }
    begin.elapsed()
}

/// CPU time of this process so far.
fn cpu() -> Result<Duration, Box<dyn Error>> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let of = |time: nix::sys::time::TimeVal| {
        Duration::from_secs(time.tv_sec() as u64) + Duration::from_micros(time.tv_usec() as u64)
    };
    Ok(of(usage.user_time()) + of(usage.system_time()))
}
