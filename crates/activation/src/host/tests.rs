//! A host's documented behaviour, with clients around it: counting, counters, refusals, and what a restart keeps.

use rpc::activation::{Answer, Request};
use uuid::Uuid;

use super::*;
use crate::credentials::Product;
use crate::moment::HOUR;
use crate::testing::{Pair, START};

fn with_policy(n_policy: u32, clients: usize) -> Pair {
    let mut pair = Pair::new(0, clients);
    pair.product.n_policy = n_policy;
    pair.add_host(&[pair.product.clone()]);
    pair
}

/// A request of a client of the site, to be changed.
fn request(pair: &mut Pair) -> Request {
    pair.attempt(0);
    pair.clients[0].requests.last().unwrap().clone()
}

#[test]
fn the_count_ends_at_twice_the_policy() {
    for (n_policy, clients, cap) in [(25, 60, 50), (5, 20, 10)] {
        let mut pair = with_policy(n_policy, clients);
        (0..clients).for_each(|index| drop(pair.attempt(index)));
        assert_eq!(pair.hosts[0].count(pair.now), cap);
        assert_eq!(pair.clients[clients - 1].attempts[0].1.count, Some(cap));
        assert_eq!(pair.hosts[0].host.contacts(pair.product.application_id).len(), cap as usize);
    }
}

#[test]
fn a_client_cannot_raise_the_cap_by_its_word() {
    let mut pair = with_policy(5, 1);
    let asked = request(&mut pair);
    for number in 1..=30 {
        let request = Request { cmid: Uuid::from_u128(number), n_policy: 4000, ..asked.clone() };
        let decision = pair.hosts[0].host.decide(&request, START, None);
        assert_eq!((decision.entry.n_policy, decision.counted_n_policy), (4000, 5));
    }
    assert_eq!(pair.hosts[0].count(START), 10);
}

#[test]
fn products_of_one_application_share_a_count_and_others_do_not() {
    let mut pair = Pair::new(0, 1);
    let publisher = pair.publisher();
    let draw = Product::new(publisher, 2, "Draw", 1, "Contoso");
    let cad = Product { n_policy: 5, ..Product::new(publisher, 1, "Plan", 2, "Contoso CAD") };
    pair.add_host(&[pair.product.clone(), draw.clone(), cad.clone()]);
    let asked = request(&mut pair);
    let mut count = |product: &Product, machine: u128| {
        let request = Request {
            cmid: Uuid::from_u128(machine),
            application_id: product.application_id,
            activation_id: product.activation_id,
            ..asked.clone()
        };
        pair.hosts[0].host.decide(&request, START, None).entry.count
    };
    assert_eq!((count(&draw, 1), count(&cad, 1), count(&draw, 2), count(&cad, 2)), (2, 1, 3, 2));
    let names: Vec<String> =
        pair.hosts[0].host.products(START).into_iter().map(|product| product.grant.product.name).collect();
    assert_eq!(names, ["Draw", "Paint", "Plan"]);
}

#[test]
fn counters_go_by_the_state_that_clients_tell() {
    let mut pair = with_policy(1, 1);
    let asked = request(&mut pair);
    for status in [2, 1, 1, 5, 6, 99] {
        let request = Request { license_status: status, ..asked.clone() };
        pair.hosts[0].host.decide(&request, START, None);
    }
    let skewed = Request { client_time: START.plus(5 * HOUR).to_filetime(), ..asked.clone() };
    let decision = pair.hosts[0].host.decide(&skewed, START, None);
    let counters = pair.hosts[0].host.counters()[&pair.product.application_id];
    assert_eq!((counters.total, counters.failed, counters.by_status), (8, 1, [0, 2, 2, 0, 0, 1, 1]));
    assert_eq!((decision.entry.sequence, decision.entry.count, decision.counted_n_policy), (8, 1, 0));
    // What could not be written down has not happened, and its number is given again.
    pair.hosts[0].host.take_back(&decision.entry);
    let counters = pair.hosts[0].host.counters()[&pair.product.application_id];
    assert_eq!((counters.total, counters.failed), (7, 0));
    assert_eq!(pair.hosts[0].host.decide(&asked, START, None).entry.sequence, 8);
}

#[test]
fn requests_that_no_client_sends() {
    let mut pair = with_policy(1, 1);
    let good = request(&mut pair);
    let cases: [(Request, u32); 5] = [
        (Request { cmid: Uuid::nil(), ..good.clone() }, codes::INVALID_REQUEST),
        (Request { version: 0x0002_0000, ..good.clone() }, codes::INVALID_REQUEST),
        (Request { application_id: Uuid::from_u128(5), ..good.clone() }, codes::NOT_COVERED_CLIENT),
        (Request { client_time: u64::MAX, ..good.clone() }, codes::CLOCK_SKEW),
        (Request { client_time: 0, ..good.clone() }, codes::CLOCK_SKEW),
    ];
    for (request, code) in cases {
        let decision = pair.hosts[0].host.decide(&request, START, None);
        assert_eq!(decision.reply.sign(), Answer::Refused(code));
    }
    // A later minor version is understood, and a stranger's application gets no row of its own.
    let minor = Request { version: 0x0001_0007, ..good };
    assert!(matches!(pair.hosts[0].host.decide(&minor, START, None).reply, Reply::Lease(_)));
    let known: Vec<Uuid> = pair.hosts[0].host.counters().keys().copied().collect();
    assert_eq!(known, [Uuid::nil(), pair.product.application_id]);
}

#[test]
fn a_licence_that_is_over_activates_nobody() {
    let mut pair = with_policy(1, 1);
    let asked = request(&mut pair);
    let ask = |pair: &mut Pair, at: Moment| {
        let request = Request { client_time: at.to_filetime(), ..asked.clone() };
        pair.hosts[0].host.decide(&request, at, None).entry.hresult
    };
    let end = START.plus(3650 * DAY);
    assert_eq!(ask(&mut pair, end.plus(-1)), 0);
    assert_eq!(ask(&mut pair, end), codes::HOST_NOT_ACTIVATED);
    let begin = START.plus(-DAY);
    assert_eq!(ask(&mut pair, begin.plus(-CLOCK_TOLERANCE)), 0);
    assert_eq!(ask(&mut pair, begin.plus(-CLOCK_TOLERANCE - 1)), codes::HOST_NOT_ACTIVATED);
    let product = &pair.hosts[0].host.products(end)[0];
    assert_eq!((product.in_force, product.minutes_left), (false, 0));
}

#[test]
fn several_hosts_may_share_a_count() {
    let mut pair = with_policy(25, 1);
    let asked = request(&mut pair);
    assert_eq!(pair.hosts[0].host.counted_as(&asked, START), Some((pair.product.application_id, 25)));
    let Answer::Granted(response) = pair.hosts[0].host.decide(&asked, START, Some(40)).reply.sign() else {
        panic!("a request that was granted before")
    };
    assert_eq!((response.count, pair.hosts[0].count(START)), (40, 1));
    let skewed = Request { client_time: 0, ..asked };
    assert_eq!(pair.hosts[0].host.counted_as(&skewed, START), None);
}

#[test]
fn what_was_saved_is_counted_on() {
    let mut pair = with_policy(25, 30);
    (0..30).for_each(|index| drop(pair.attempt(index)));
    let application = pair.product.application_id;
    let host = &pair.hosts[0].host;
    let saved = Saved {
        contacts: vec![(application, host.contacts(application))],
        counters: host.counters().clone(),
        last_sequence: 30,
    };
    pair.restart(0, saved);
    pair.add_client();
    assert_eq!(pair.attempt(30).count, Some(31));
    assert_eq!(pair.hosts[0].journal.last().unwrap().sequence, 31);
    // Another host has its own count, and a new one begins with none.
    pair.restart(0, Saved::default());
    assert_eq!(pair.attempt(30).count, Some(1));
}
