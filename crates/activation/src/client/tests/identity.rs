//! Machine ids, keys and rearms.

use uuid::Uuid;

use crate::Client;
use crate::client::{ClientState, Machine, RearmError, Reason, Step};
use crate::codes;
use crate::moment::{DAY, HOUR};
use crate::settings::ActivationType;
use crate::testing::{Pair, START, unanswered};

#[test]
fn cloned_machines_count_once() {
    let mut pair = Pair::new(1, 30);
    let cloned = pair.clients[0].cmid();
    for index in 1..30 {
        pair.state_mut(index).cmid = cloned;
    }
    pair.run_until(START.plus(DAY));
    assert_eq!(pair.hosts[0].count(pair.now), 1);
    assert!((0..30).all(|index| pair.status(index).0 == 2));
    // Rearmed, each has an id of its own.
    for index in 0..30 {
        pair.state_mut(index).rearm(Uuid::from_u128(index as u128 + 1), false, START.plus(DAY)).unwrap();
    }
    pair.run_until(START.plus(DAY + 3 * HOUR));
    assert_eq!(pair.hosts[0].count(pair.now), 31, "the cloned id is remembered for 30 days");
    assert!((0..30).all(|index| pair.status(index).0 == 1));
}

#[test]
fn a_rearm_gives_a_new_id_and_keeps_the_one_before() {
    let mut pair = Pair::new(1, 1);
    pair.attempt(0);
    let before = pair.clients[0].cmid();
    let fresh = Uuid::from_u128(5);
    pair.now = START.plus(10 * DAY);
    let now = pair.now;
    pair.state_mut(0).rearm(fresh, false, now).unwrap();
    let state = pair.clients[0].client.state();
    assert_eq!((state.cmid, state.previous_cmid, state.rearms_left), (fresh, before, 4));
    assert_eq!((state.held.as_ref(), state.cached_host.as_ref()), (None, None));
    assert_eq!(pair.status(0), (2, 30 * 24 * 60), "the grace begins again");
    pair.step();
    let request = pair.clients[0].requests.last().unwrap();
    assert_eq!((request.cmid, request.previous_cmid), (fresh, before));
    assert_eq!(pair.hosts[0].count(pair.now), 2);
}

#[test]
fn rearms_run_out_and_late_ones_are_told() {
    let mut pair = Pair::new(0, 1);
    pair.dns = Err(codes::NO_RECORDS);
    pair.run_until(START.plus(31 * DAY));
    assert_eq!(pair.status(0).0, 5);
    let now = pair.now;
    let state = pair.state_mut(0);
    state.rearm(Uuid::from_u128(1), true, now).unwrap();
    assert_eq!(pair.status(0), (6, 30 * 24 * 60));
    for number in 2..=5 {
        pair.state_mut(0).rearm(Uuid::from_u128(number), false, now).unwrap();
    }
    let before = pair.clients[0].client.state().clone();
    assert_eq!(pair.state_mut(0).rearm(Uuid::from_u128(6), false, now), Err(RearmError::UsedUp));
    assert_eq!(pair.clients[0].client.state(), &before);
}

#[test]
fn without_a_key_or_with_another_way_nobody_is_asked() {
    let mut pair = Pair::new(1, 2);
    pair.state_mut(0).uninstall();
    for way in [ActivationType::ActiveDirectory, ActivationType::Token] {
        pair.state_mut(1).settings.activation_type = way;
        assert_eq!(pair.step(), None, "nobody will ever try");
    }
    assert_eq!(pair.attempt(0), unanswered(codes::NO_KEY));
    assert_eq!(pair.attempt(1), unanswered(codes::NOT_ALLOWED));
    assert_eq!((pair.status(0).0, pair.status(1).0), (0, 2));
    assert_eq!(pair.clients[0].client.status(START).reason, Some(Reason::NoKey));
    assert!(pair.hosts[0].journal.is_empty());
    pair.state_mut(1).settings.activation_type = ActivationType::Kms;
    assert_eq!(pair.attempt(1).count, Some(1));
}

#[test]
fn the_same_key_again_changes_nothing() {
    let mut pair = Pair::new(0, 1);
    pair.product.n_policy = 1;
    pair.add_host(&[pair.product.clone()]);
    pair.attempt(0);
    let before = pair.clients[0].client.state().clone();
    let key = pair.product.setup_key(pair.publisher());
    pair.state_mut(0).install(&key, START.plus(DAY));
    assert_eq!(pair.clients[0].client.state(), &before);
    // Another product's key takes the lease away.
    let other = crate::credentials::SetupKey { product: 9, ..key };
    pair.state_mut(0).install(&other, START);
    assert_eq!(pair.status(0).0, 2);
    assert_eq!(pair.attempt(0).hresult, codes::NOT_COVERED_CLIENT);
}

#[test]
fn a_state_survives_its_file() {
    let mut pair = Pair::new(0, 1);
    pair.product.n_policy = 1;
    pair.add_host(&[pair.product.clone()]);
    pair.attempt(0);
    let text = serde_json::to_string(pair.clients[0].client.state()).unwrap();
    let read: ClientState = serde_json::from_str(&text).unwrap();
    assert_eq!(&read, pair.clients[0].client.state());
    // Every way to change the lease in the file ends the activation.
    for (from, to) in [("\"lease\":\"S01T", "\"lease\":\"S01U"), ("\"chain\":\"S01T", "\"chain\":\"")] {
        let changed: ClientState = serde_json::from_str(&text.replacen(from, to, 1)).unwrap();
        assert_ne!(&changed, pair.clients[0].client.state());
        let status = Client::new(changed).status(START);
        assert_eq!((status.state.number(), status.reason), (5, Some(Reason::LeaseNotValid)));
    }
    let other_machine = ClientState { cmid: Uuid::from_u128(9), ..read };
    let status = Client::new(other_machine).status(START);
    assert_eq!((status.state.number(), status.reason), (5, Some(Reason::LeaseNotValid)));
}

#[test]
fn a_rearm_during_an_attempt_is_not_undone_by_its_answer() {
    let mut pair = Pair::new(0, 1);
    pair.product.n_policy = 1;
    pair.add_host(&[pair.product.clone()]);
    let mut chance = crate::chance::Seeded(3);
    let seat = &mut pair.clients[0];
    seat.client.state_mut().settings.fixed_host = Some("kms01.contoso.com".to_owned());
    let mut attempt = seat.client.begin(Machine::default());
    let Step::Contact(_, request) = attempt.step(&mut seat.client, START, &mut chance) else {
        panic!("a fixed host is contacted")
    };
    let answer = pair.hosts[0].host.decide(&request, START, None).reply.sign();
    seat.client.state_mut().rearm(Uuid::from_u128(5), false, START).unwrap();
    let rearmed = seat.client.state().clone();
    assert_eq!(attempt.answered(&mut seat.client, Ok(answer), START).len(), 1);
    assert!(matches!(attempt.step(&mut seat.client, START, &mut chance), Step::Finished(_)));
    assert_eq!(seat.client.state(), &rearmed, "it tries at once, as the rearm said");
}

#[test]
fn a_key_that_is_installed_again_gets_no_other_grace() {
    let mut pair = Pair::new(0, 1);
    let key = pair.product.setup_key(pair.publisher());
    let other = crate::credentials::SetupKey { product: 9, ..key };
    pair.now = START.plus(29 * DAY);
    let now = pair.now;
    pair.state_mut(0).uninstall();
    pair.state_mut(0).install(&key, now);
    assert_eq!(pair.status(0), (2, 24 * 60));
    pair.state_mut(0).install(&other, now);
    assert_eq!(pair.status(0), (2, 30 * 24 * 60), "another product has its own");
    pair.state_mut(0).install(&key, now);
    assert_eq!(pair.status(0), (2, 24 * 60));
    // A rearm begins all of them anew, and they are counted.
    pair.state_mut(0).rearm(Uuid::from_u128(1), false, now).unwrap();
    pair.state_mut(0).uninstall();
    pair.now = now.plus(DAY);
    pair.state_mut(0).install(&key, now.plus(DAY));
    assert_eq!(pair.status(0), (2, 29 * 24 * 60));
}

#[test]
fn a_key_that_is_removed_takes_no_revocation_with_it() {
    let mut pair = Pair::new(0, 1);
    pair.product.n_policy = 1;
    let other = crate::credentials::Product { number: 9, ..pair.product.clone() };
    for _ in 0..2 {
        pair.add_host(&[pair.product.clone()]);
    }
    assert_eq!(pair.attempt(0).hresult, 0);
    pair.revoke(0);
    // Whichever host answers, the list comes with it, or the one that is in it refuses.
    assert_eq!(pair.attempt(0).hresult, 0);
    let list = pair.clients[0].client.state().revocations.clone();
    assert!(list.is_some());
    let key = pair.product.setup_key(pair.publisher());
    let same_publisher = other.setup_key(pair.publisher());
    let now = pair.now;
    let state = pair.state_mut(0);
    state.install(&same_publisher, now);
    assert_eq!(state.revocations, list);
    state.uninstall();
    assert_eq!(state.revocations, list);
    state.install(&key, now);
    assert_eq!(state.revocations, list);
    // The file of a program that did not remember the publisher.
    let mut older = state.clone();
    older.publisher = None;
    older.uninstall();
    older.install(&key, now);
    assert_eq!(older.revocations, list);
    let stranger = crate::credentials::RootKey::from_seed([9; 32]).public().fingerprint();
    let strange_key = crate::credentials::SetupKey { fingerprint: stranger, ..key };
    state.install(&strange_key, now);
    assert_eq!(state.revocations, None);
    state.uninstall();
    state.install(&key, now);
    assert_eq!(state.revocations, list);
}
