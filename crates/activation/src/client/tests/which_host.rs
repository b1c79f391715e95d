//! Which host a client contacts: fixed, cached, or found in DNS, and what it does when one is away.

use crate::codes;
use crate::credentials::Product;
use crate::moment::{DAY, HOUR};
use crate::testing::{AWAY, Fault, LOST, Pair, START, srv, unanswered};

/// Two hosts of which each activates the first that asks.
fn eager(hosts: usize, clients: usize) -> Pair {
    let mut pair = Pair::new(0, clients);
    pair.product.n_policy = 1;
    (0..hosts).for_each(|_| pair.add_host(&[pair.product.clone()]));
    pair
}

#[test]
fn a_cached_host_is_contacted_without_dns() {
    let mut pair = eager(2, 1);
    pair.run_until(START.plus(30 * DAY));
    let seat = &pair.clients[0];
    assert_eq!(seat.searched, ["contoso.com"], "one discovery in a month");
    assert_eq!(seat.contacted.len(), 5);
    assert!(seat.contacted.iter().all(|host| host == &seat.contacted[0]));
}

#[test]
fn without_caching_dns_is_asked_each_time() {
    let mut pair = eager(2, 1);
    pair.state_mut(0).settings.host_caching = false;
    pair.run_until(START.plus(200 * DAY));
    let seat = &pair.clients[0];
    assert_eq!(seat.searched.len(), 29);
    for name in ["kms01.contoso.com", "kms02.contoso.com"] {
        assert!(seat.contacted.iter().filter(|host| *host == name).count() > 5, "{name}");
    }
    assert_eq!(seat.client.state().cached_host, None);
}

#[test]
fn a_cached_host_that_is_away_is_replaced_by_discovery() {
    let mut pair = eager(2, 1);
    pair.attempt(0);
    let first = pair.clients[0].contacted[0].clone();
    let (gone, other) = if first == "kms01.contoso.com" { (0, 1) } else { (1, 0) };
    pair.hosts[gone].fault = Fault::Away;
    assert_eq!(pair.attempt(0).hresult, 0);
    let second = pair.hosts[other].name.clone();
    assert_eq!(pair.clients[0].contacted, [first.clone(), first, second.clone()]);
    assert_eq!(pair.clients[0].client.state().cached_host.as_ref().unwrap().host, second);
}

#[test]
fn a_fixed_host_turns_discovery_off() {
    let mut pair = eager(2, 1);
    pair.state_mut(0).settings.fixed_host = Some("kms02.contoso.com".to_owned());
    // It has no effect beside a fixed host.
    pair.state_mut(0).settings.lookup_domain = Some("fabrikam.com".to_owned());
    assert_eq!(pair.attempt(0).hresult, 0);
    pair.hosts[1].fault = Fault::Away;
    assert_eq!(pair.attempt(0), unanswered(codes::NO_HOST));
    let seat = &pair.clients[0];
    assert_eq!(seat.contacted, ["kms02.contoso.com", "kms02.contoso.com"]);
    assert_eq!((seat.searched.len(), seat.client.state().cached_host.as_ref()), (0, None));
    pair.state_mut(0).settings.fixed_port = Some(1689);
    assert_eq!(pair.attempt(0), unanswered(codes::NO_HOST));
    assert_eq!(pair.clients[0].sent().last(), Some(&(AWAY, "kms02.contoso.com:1689")));
}

#[test]
fn a_lookup_domain_is_the_only_one() {
    let mut pair = eager(1, 1);
    pair.state_mut(0).settings.search_list = vec!["fabrikam.com".to_owned()];
    pair.attempt(0);
    assert_eq!(pair.clients[0].searched, ["contoso.com", "fabrikam.com"]);
    pair.state_mut(0).settings.lookup_domain = Some("kms.contoso.com".to_owned());
    pair.state_mut(0).cached_host = None;
    pair.attempt(0);
    assert_eq!(pair.clients[0].searched[2..], ["kms.contoso.com"]);
}

#[test]
fn hosts_that_are_away_are_dropped_with_one_event_each() {
    let mut pair = eager(6, 1);
    pair.hosts.iter_mut().for_each(|seat| seat.fault = Fault::Away);
    pair.hosts[3].fault = Fault::LosesAnswers;
    assert_eq!(pair.attempt(0), unanswered(codes::NO_HOST));
    let mut sent = pair.clients[0].sent();
    sent.sort_unstable();
    let expected: Vec<_> = [0, 1, 2, 4, 5, 3]
        .iter()
        .map(|index| (if *index == 3 { LOST } else { AWAY }, format!("kms{:02}.contoso.com:1688", index + 1)))
        .collect();
    assert_eq!(sent, expected.iter().map(|(code, name)| (*code, name.as_str())).collect::<Vec<_>>());
    assert!(pair.clients[0].processed().is_empty());
    // The next attempt has all of them again, and stops at the one that is back.
    pair.hosts[4].fault = Fault::None;
    assert_eq!(pair.step(), Some(0));
    assert_eq!(pair.now, START.plus(2 * HOUR));
    let (_, outcome) = pair.clients[0].attempts.last().unwrap();
    assert_eq!((outcome.hresult, outcome.host.as_ref().unwrap().host.as_str()), (0, "kms05.contoso.com"));
    assert_eq!(pair.clients[0].sent().last(), Some(&(0, "kms05.contoso.com:1688")));
}

#[test]
fn priority_comes_first_and_weight_within_it() {
    let mut pair = eager(3, 400);
    pair.dns = Ok(vec![
        srv(10, 100, "kms03.contoso.com"),
        srv(0, 30, "kms01.contoso.com"),
        srv(0, 10, "kms02.contoso.com"),
    ]);
    (0..400).for_each(|index| assert_eq!(pair.attempt(index).hresult, 0));
    let asked = |pair: &Pair, index: usize| pair.hosts[index].journal.len();
    assert!((260..340).contains(&asked(&pair, 0)), "{} of 400 for three quarters", asked(&pair, 0));
    assert_eq!((asked(&pair, 0) + asked(&pair, 1), asked(&pair, 2)), (400, 0));
    pair.hosts[0].fault = Fault::Away;
    pair.hosts[1].fault = Fault::Away;
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(asked(&pair, 2), 1, "the later priority, once the earlier one is away");
    assert_eq!(pair.clients[0].contacted.len(), 4, "the cached one first, and not again");
}

#[test]
fn dns_that_names_nobody() {
    let mut pair = eager(0, 1);
    for code in [codes::NAME_DOES_NOT_EXIST, codes::NO_RECORDS] {
        pair.dns = Err(code);
        assert_eq!(pair.attempt(0), unanswered(code));
    }
    pair.dns = Ok(vec![srv(0, 0, ".")]);
    assert_eq!(pair.attempt(0), unanswered(codes::NO_HOST));
    assert!(pair.clients[0].events.is_empty());
}

#[test]
fn a_host_without_the_product_is_passed_over() {
    let mut pair = eager(0, 1);
    let other = Product::new(pair.publisher(), 2, "Draw", 1, "Contoso");
    pair.add_host(&[other]);
    pair.add_host(&[pair.product.clone()]);
    pair.dns = Ok(vec![srv(0, 0, "kms01.contoso.com"), srv(1, 0, "kms02.contoso.com")]);
    assert_eq!(pair.attempt(0).hresult, 0);
    let entry = &pair.hosts[0].journal[0];
    assert_eq!((entry.hresult, entry.count), (codes::NOT_COVERED, 0), "0xC004F015 in the host's event");
    assert_eq!(
        pair.clients[0].sent(),
        [(codes::NOT_COVERED_CLIENT, "kms01.contoso.com:1688"), (0, "kms02.contoso.com:1688")]
    );
    let counters = pair.hosts[0].host.counters()[&pair.product.application_id];
    assert_eq!((counters.total, counters.failed, pair.hosts[0].count(pair.now)), (1, 1, 0));
    // Alone, it is what the client is told, and DNS without others does not hide it.
    pair.hosts[1].fault = Fault::Away;
    assert_eq!(pair.attempt(0).hresult, codes::NOT_COVERED_CLIENT);
    pair.hosts.truncate(1);
    pair.state_mut(0).cached_host =
        Some(crate::settings::HostPort { host: "kms01.contoso.com".to_owned(), port: 1688 });
    pair.dns = Err(codes::NO_RECORDS);
    assert_eq!(pair.attempt(0).hresult, codes::NOT_COVERED_CLIENT);
}
