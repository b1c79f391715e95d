//! What an address in a route, a rule or an exemption list is: an endpoint, an old one, or a slip of the fingers.

use std::net::Ipv4Addr;

use facts::azure_endpoints::{Cloud, Status, azure_endpoints};
use model::azure::{Route, RouteTable};

use crate::NextHop;
use crate::select::prefix_of;

/// Typing errors between an address and the endpoint it is taken for.
///
/// Two errors are believed only beside a real endpoint in the same list, see [`wrong_in_list`].
const TYPING_ERRORS_ALONE_MAX: usize = 1;
const TYPING_ERRORS_IN_LIST_MAX: usize = 2;

/// What an address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddressClass {
    /// An endpoint of this cloud in use.
    Current,
    /// An endpoint of this cloud that was replaced.
    Superseded,
    /// An endpoint of another cloud.
    OtherCloud(Cloud),
    /// An endpoint of a cloud that is gone.
    Retired,
    /// Never an endpoint; documents or templates print it by mistake.
    KnownWrong {
        /// What was meant.
        instead: Ipv4Addr,
    },
    /// Never an endpoint, and within a typing error of one.
    NearMiss {
        /// What was probably meant.
        meant: Ipv4Addr,
    },
    /// Nothing to do with the KMS.
    Unrelated,
}

impl AddressClass {
    /// The address that was probably meant by a wrong one.
    pub fn meant(self) -> Option<Ipv4Addr> {
        match self {
            AddressClass::KnownWrong { instead } => Some(instead),
            AddressClass::NearMiss { meant } => Some(meant),
            _ => None,
        }
    }
}

/// What an address is to machines of a cloud.
pub fn classify(address: Ipv4Addr, cloud: Cloud) -> AddressClass {
    classify_within(address, cloud, TYPING_ERRORS_ALONE_MAX)
}

fn classify_within(address: Ipv4Addr, cloud: Cloud, errors_max: usize) -> AddressClass {
    let table = azure_endpoints();
    if let Some(endpoint) = table.with_address(address) {
        return match endpoint.status {
            Status::Retired => AddressClass::Retired,
            _ if endpoint.cloud != cloud => AddressClass::OtherCloud(endpoint.cloud),
            Status::Superseded => AddressClass::Superseded,
            Status::Current => AddressClass::Current,
        };
    }
    if let Some(wrong) = table.wrong_address(address) {
        return AddressClass::KnownWrong { instead: wrong.instead };
    }
    nearest(address, cloud)
        .filter(|&(errors, _)| errors <= errors_max)
        .map_or(AddressClass::Unrelated, |(_, meant)| AddressClass::NearMiss { meant })
}

/// The endpoint of the cloud that is the fewest typing errors away.
fn nearest(address: Ipv4Addr, cloud: Cloud) -> Option<(usize, Ipv4Addr)> {
    let typed = address.to_string();
    azure_endpoints()
        .of(cloud)
        .flat_map(|endpoint| &endpoint.addresses)
        .map(|&real| (strsim::osa_distance(&typed, &real.to_string()), real))
        .min()
}

/// A wrong address among those of a route table, a rule or a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrongAddress {
    /// Its index in the list.
    pub index: usize,
    /// As printed.
    pub address: Ipv4Addr,
    /// What was meant, where it can be told.
    pub meant: Option<Ipv4Addr>,
}

/// The addresses of a list that stand where an endpoint was meant.
///
/// Beside a real endpoint two typing errors still count; an address that is meant by nothing else in the list
/// and whose endpoint stands in the list as well is left alone.
pub fn wrong_in_list(addresses: &[Ipv4Addr], cloud: Cloud) -> Vec<WrongAddress> {
    let table = azure_endpoints();
    let beside = addresses.iter().any(|&a| table.with_address(a).is_some_and(|e| e.cloud == cloud));
    let errors_max = if beside { TYPING_ERRORS_IN_LIST_MAX } else { TYPING_ERRORS_ALONE_MAX };
    let mut wrong = Vec::new();
    for (index, &address) in addresses.iter().enumerate() {
        let class = classify_within(address, cloud, errors_max);
        let Some(meant) = class.meant() else { continue };
        let known = matches!(class, AddressClass::KnownWrong { .. });
        if known || !addresses.contains(&meant) {
            wrong.push(WrongAddress { index, address, meant: Some(meant) });
        }
    }
    wrong
}

/// Routes that were made for the KMS and name an address that never was an endpoint of the cloud.
///
/// Only routes to single addresses with next hop Internet count; a name that speaks of KMS or activation
/// convicts an address that resembles no endpoint too. Indices are those of the table's routes.
pub fn wrong_in_routes(table: &RouteTable, cloud: Cloud) -> Vec<WrongAddress> {
    wrong_among(table, &routes_for_kms(table), cloud)
}

/// The same where [`routes_for_kms`] were found before.
pub(crate) fn wrong_among(table: &RouteTable, indices: &[usize], cloud: Cloud) -> Vec<WrongAddress> {
    // They were found by having a prefix.
    let of_index = |index: &usize| prefix_of(&table.routes[*index]).map(|prefix| (*index, prefix.addr()));
    let (indices, addresses): (Vec<usize>, Vec<Ipv4Addr>) = indices.iter().filter_map(of_index).unzip();
    let mut wrong = wrong_in_list(&addresses, cloud);
    let mut named = Vec::new();
    for (at, &address) in addresses.iter().enumerate() {
        let name = table.routes[indices[at]].name.as_deref().unwrap_or_default();
        let unrelated = classify(address, cloud) == AddressClass::Unrelated;
        if unrelated && speaks_of_kms(name) && !wrong.iter().any(|w| w.index == at) {
            named.push(WrongAddress { index: at, address, meant: None });
        }
    }
    wrong.append(&mut named);
    for entry in &mut wrong {
        entry.index = indices[entry.index];
    }
    wrong
}

/// Routes to single addresses with next hop Internet that were, or may have been, made for the KMS of some cloud:
/// the address is an endpoint's, is mistaken for one, or lies near one; or the name says so.
pub(crate) fn routes_for_kms(table: &RouteTable) -> Vec<usize> {
    let known = azure_endpoints();
    let is_candidate = |route: &Route| {
        let Some(prefix) = prefix_of(route).filter(|prefix| prefix.prefix_len() == 32) else { return false };
        let address = prefix.addr();
        NextHop::parse(route.next_hop_type.as_deref()) == NextHop::Internet
            && (known.with_address(address).is_some()
                || known.wrong_address(address).is_some()
                || route.name.as_deref().is_some_and(speaks_of_kms)
                || known.endpoints.iter().flat_map(|one| &one.addresses).any(|real| is_near(address, *real)))
    };
    let routes = table.routes.iter().enumerate();
    routes.filter(|(_, route)| is_candidate(route)).map(|(index, _)| index).collect()
}

/// Within the typing errors that are believed in the best case.
fn is_near(typed: Ipv4Addr, real: Ipv4Addr) -> bool {
    may_be_near(typed, real)
        && strsim::osa_distance(&typed.to_string(), &real.to_string()) <= TYPING_ERRORS_IN_LIST_MAX
}

/// False where so many digits differ that no believed number of typing errors explains it.
///
/// An error changes the counts of digits by two at most: one digit for another.
fn may_be_near(typed: Ipv4Addr, real: Ipv4Addr) -> bool {
    let counts = |address: Ipv4Addr| {
        let mut counts = [0i8; 10];
        for octet in address.octets() {
            let mut rest = octet;
            loop {
                counts[usize::from(rest % 10)] += 1;
                rest /= 10;
                if rest == 0 {
                    break;
                }
            }
        }
        counts
    };
    let apart: u32 =
        counts(typed).iter().zip(counts(real)).map(|(one, other)| u32::from(one.abs_diff(other))).sum();
    apart as usize <= 2 * TYPING_ERRORS_IN_LIST_MAX
}

/// True for names that people give to routes and rules for the KMS.
pub fn speaks_of_kms(name: &str) -> bool {
    let name = name.to_lowercase();
    ["kms", "activation", "aktivierung", "activación", "ativação", "attivazione", "ライセンス", "激活"]
        .iter()
        .any(|word| name.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::azure::Route;

    fn ip(text: &str) -> Ipv4Addr {
        text.parse().unwrap()
    }

    #[test]
    fn tells_endpoints_from_slips() {
        use AddressClass::*;
        for (address, class) in [
            ("20.118.99.224", Current),
            ("23.102.135.246", Superseded),
            ("23.97.0.13", OtherCloud(Cloud::AzureUsGovernment)),
            ("51.4.143.248", Retired),
            ("20.118.99.244", KnownWrong { instead: ip("20.118.99.224") }),
            ("40.83.245.53", NearMiss { meant: ip("40.83.235.53") }),
            ("23.102.153.246", NearMiss { meant: ip("23.102.135.246") }),
            ("8.8.8.8", Unrelated),
            ("52.136.197.163", Unrelated),
        ] {
            assert_eq!(classify(ip(address), Cloud::AzurePublic), class, "{address}");
        }
    }

    #[test]
    fn a_list_with_the_right_address_beside_a_similar_one_is_not_wrong() {
        let right = [ip("40.83.235.53"), ip("40.83.235.54"), ip("20.118.99.224")];
        assert!(wrong_in_list(&right, Cloud::AzurePublic).is_empty());
        let swapped = [ip("20.118.99.224"), ip("40.83.245.53"), ip("23.102.135.246")];
        let wrong = wrong_in_list(&swapped, Cloud::AzurePublic);
        assert_eq!((wrong.len(), wrong[0].index, wrong[0].meant), (1, 1, Some(ip("40.83.235.53"))));
    }

    #[test]
    fn a_route_for_the_kms_to_a_foreign_address_is_wrong_and_another_route_is_not() {
        let route = |name: &str, prefix: &str| Route {
            name: Some(name.into()),
            prefix: Some(prefix.into()),
            next_hop_type: Some("Internet".into()),
            ..Route::default()
        };
        let table = RouteTable {
            routes: vec![
                route("to-backup", "203.0.113.9/32"),
                route("Direct-Route-to-KMS", "203.0.113.10/32"),
                route("kms2", "20.118.99.224/32"),
            ],
            ..RouteTable::default()
        };
        let wrong = wrong_in_routes(&table, Cloud::AzurePublic);
        assert_eq!((wrong.len(), wrong[0].index, wrong[0].meant), (1, 1, None));
    }

    #[test]
    fn digits_tell_what_no_typing_error_explains() {
        // Wherever the distance is believed, the digits may not say no.
        let real: Ipv4Addr = "20.118.99.224".parse().unwrap();
        for octet in 0..4 {
            for value in 0..=255u8 {
                let mut octets = real.octets();
                octets[octet] = value;
                let typed = Ipv4Addr::from(octets);
                let errors = strsim::osa_distance(&typed.to_string(), &real.to_string());
                assert!(errors > TYPING_ERRORS_IN_LIST_MAX || may_be_near(typed, real), "{typed}");
            }
        }
        assert!(may_be_near("201.18.99.224".parse().unwrap(), real));
        assert!(!may_be_near("13.77.55.66".parse().unwrap(), real));
    }
}
