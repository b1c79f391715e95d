//! Whom a client believes: forged, repeated and late answers, other publishers, revoked hosts, and clocks.

use crate::client::Reason;
use crate::codes;
use crate::moment::{DAY, HOUR, MINUTE};
use crate::testing::{Fault, LOST, Pair, START};

/// Hosts that activate the first client that asks.
fn eager(hosts: usize, clients: usize) -> Pair {
    let mut pair = Pair::new(0, clients);
    pair.product.n_policy = 1;
    (0..hosts).for_each(|_| pair.add_host(&[pair.product.clone()]));
    pair
}

#[test]
fn a_clock_five_hours_off_is_refused_and_not_counted() {
    for clock in [5 * HOUR, -5 * HOUR] {
        let mut pair = eager(1, 2);
        pair.clients[0].clock = clock;
        assert_eq!(pair.attempt(0).hresult, codes::CLOCK_SKEW);
        assert_eq!(pair.clients[0].sent(), [(codes::CLOCK_SKEW, "kms01.contoso.com:1688")]);
        assert_eq!(pair.hosts[0].journal[0].hresult, codes::CLOCK_SKEW);
        assert_eq!(pair.hosts[0].count(pair.now), 0);
        assert_eq!(pair.attempt(1).count, Some(1));
        // Four hours are still taken, and the activation ends by the host's clock.
        pair.clients[0].clock = clock / 5 * 4;
        assert_eq!(pair.attempt(0).hresult, 0);
        pair.clients[0].clock = clock / 5 * 4 + clock.signum();
        assert_eq!(pair.attempt(0).hresult, codes::CLOCK_SKEW);
    }
}

#[test]
fn forged_answers_are_refused() {
    let mut pair = eager(1, 1);
    let before = pair.clients[0].client.state().clone();
    let forgeries: [fn(&mut rpc::activation::Response); 12] = [
        |response| response.count += 1,
        |response| response.cmid = uuid::Uuid::from_u128(1),
        |response| response.client_time += 1,
        |response| response.activation_interval_minutes = 15,
        |response| response.renewal_interval_minutes = 43_200,
        |response| response.lease.clear(),
        |response| response.lease[100] ^= 1,
        |response| response.lease[190] ^= 1,
        |response| response.lease.push(0),
        |response| response.chain.clear(),
        |response| response.chain[20] ^= 1,
        |response| response.chain[200] ^= 1,
    ];
    for (number, forgery) in forgeries.into_iter().enumerate() {
        pair.hosts[0].fault = Fault::Forges(forgery);
        assert_eq!(pair.attempt(0).hresult, codes::RESPONSE_NOT_VALID, "forgery {number}");
        let state = pair.clients[0].client.state();
        assert_eq!((&state.held, &state.product, &state.cached_host), (&None, &before.product, &None));
        assert_eq!(state.activation_interval_minutes, 120);
    }
    assert!(pair.clients[0].processed().is_empty());
    // Lists that nobody signed are left out, and the rest is believed.
    pair.hosts[0].fault = Fault::Forges(|response| response.revocations = vec![1; 99]);
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(pair.clients[0].client.state().revocations, None);
}

#[test]
fn a_forged_answer_does_not_keep_the_client_from_other_hosts() {
    let mut pair = eager(2, 1);
    pair.state_mut(0).settings.host_caching = false;
    pair.hosts[0].fault = Fault::Forges(|response| response.lease[0] ^= 1);
    (0..20).for_each(|_| assert_eq!(pair.attempt(0).hresult, 0));
    let refused =
        pair.clients[0].sent().iter().filter(|(code, _)| *code == codes::RESPONSE_NOT_VALID).count();
    assert!(refused > 3, "{refused}");
}

#[test]
fn an_answer_answers_one_request() {
    let mut pair = eager(1, 2);
    assert_eq!(pair.attempt(0).hresult, 0);
    pair.hosts[0].fault = Fault::Replays;
    let held = pair.clients[0].client.state().held.clone();
    pair.now = START.plus(MINUTE);
    assert_eq!(pair.attempt(0).hresult, codes::RESPONSE_NOT_VALID, "its own answer of before");
    assert_eq!(pair.attempt(1).hresult, codes::RESPONSE_NOT_VALID, "another's");
    assert_eq!(pair.clients[0].client.state().held, held);
    assert_eq!((pair.status(0).0, pair.status(1).0), (1, 2));
}

#[test]
fn a_lost_answer_was_counted() {
    let mut pair = Pair::new(1, 25);
    pair.hosts[0].fault = Fault::LosesAnswers;
    (0..25).for_each(|index| assert_eq!(pair.attempt(index).hresult, codes::NO_HOST));
    assert_eq!(pair.clients[0].sent(), [(LOST, "kms01.contoso.com:1688")]);
    assert_eq!(pair.hosts[0].count(pair.now), 25);
    pair.hosts[0].fault = Fault::None;
    assert_eq!(pair.attempt(0).count, Some(25), "asked again, and not counted again");
    assert_eq!(pair.status(0).0, 1);
}

#[test]
fn another_publisher_activates_nobody() {
    let mut pair = eager(1, 1);
    let stranger = Pair::of_publisher([9; 32], 1, 0);
    // It does not even know the product.
    let ours = std::mem::replace(&mut pair.hosts, stranger.hosts);
    assert_eq!(pair.attempt(0).hresult, codes::NOT_COVERED_CLIENT);
    // Nor does it help to sell a product of the same ids: such a licence is not even signed.
    let forged = crate::credentials::Grant {
        licence: "Fabrikam".to_owned(),
        serial: 1,
        host_number: 1,
        host_limit: 1,
        host_key: crate::credentials::HostKey::from_seed([3; 32]).public(),
        product: pair.product.clone(),
        not_before: START,
        not_after: START.plus(DAY),
    };
    let root = crate::credentials::RootKey::from_seed([9; 32]);
    let signed = forged.sign(&root).unwrap();
    assert!(signed.verify(&root.public()).is_err());
    pair.hosts = ours;
    assert_eq!(pair.attempt(0).hresult, 0);
}

#[test]
fn a_revoked_hosts_client_is_not_genuine_until_another_activates_it() {
    let mut pair = Pair::new(1, 25);
    (0..25).for_each(|index| drop(pair.attempt(index)));
    assert_eq!(pair.status(24).0, 1);
    pair.add_host(&[pair.product.clone()]);
    pair.now = START.plus(DAY);
    pair.revoke(0);
    // The revoked host says so itself; the other one has the list, and a count that is too low.
    assert_eq!(pair.attempt(24).hresult, codes::COUNT_TOO_LOW);
    assert_eq!(
        pair.clients[24].sent()[1..],
        [(codes::HOST_NOT_ACTIVATED, "kms01.contoso.com:1688"), (0, "kms02.contoso.com:1688")]
    );
    assert_eq!(pair.status(24), (4, 30 * 24 * 60));
    let status = pair.clients[24].client.status(pair.now);
    assert_eq!((status.reason, status.code()), (Some(Reason::HostRevoked), codes::HOST_NOT_ACTIVATED));
    let told = pair.attempt(24);
    assert_eq!(told.hresult, codes::COUNT_TOO_LOW);
    let request = pair.clients[24].requests.last().unwrap();
    assert_eq!((request.license_status, request.revocation_number), (4, 1));
    pair.now = START.plus(31 * DAY - 1);
    assert_eq!(pair.status(24), (4, 1));
    pair.now = START.plus(31 * DAY);
    assert_eq!(pair.status(24), (5, 0));
    // The others move over too, and then there are enough.
    (0..25).for_each(|index| drop(pair.attempt(index)));
    assert_eq!(pair.status(24).0, 1);
    let serial = pair.clients[24].client.status(pair.now).lease.unwrap().serial;
    assert_eq!(serial, 2);
}

#[test]
fn a_later_list_prolongs_no_grace() {
    let mut pair = Pair::new(1, 25);
    (0..25).for_each(|index| drop(pair.attempt(index)));
    pair.add_host(&[pair.product.clone()]);
    pair.add_host(&[pair.product.clone()]);
    pair.now = START.plus(DAY);
    pair.revoke(0);
    pair.attempt(24);
    assert_eq!(pair.status(24), (4, 30 * 24 * 60));
    pair.now = START.plus(21 * DAY);
    pair.revoke(2);
    pair.attempt(24);
    assert_eq!(pair.clients[24].client.state().revoked().unwrap().revocations.number, 2);
    assert_eq!(pair.status(24), (4, 10 * 24 * 60), "as the first list said");
}

#[test]
fn an_older_list_does_not_replace_a_newer_one() {
    let mut pair = eager(3, 1);
    pair.revoke(0);
    pair.revoke(1);
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(pair.clients[0].client.state().revoked().unwrap().revocations.number, 2);
    let mut older = eager(3, 0);
    older.revoke(0);
    std::mem::swap(&mut pair.hosts, &mut older.hosts);
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(pair.clients[0].client.state().revoked().unwrap().revocations.number, 2);
}

#[test]
fn a_clock_that_jumps_ahead_and_back_loses_nothing_for_good() {
    let mut pair = eager(1, 1);
    assert_eq!(pair.attempt(0).hresult, 0);
    pair.now = START.plus(HOUR);
    pair.clients[0].clock = 365 * DAY;
    assert_eq!(pair.status(0), (5, 0), "the lease is over by such a clock");
    assert_eq!(pair.step(), Some(0));
    assert_eq!(pair.now, START.plus(HOUR), "and an attempt is due");
    assert_eq!(pair.clients[0].attempts.last().unwrap().1.hresult, codes::CLOCK_SKEW);
    // Set right, the latest time still counts, until a host tells the true one; that is tried at once.
    pair.clients[0].clock = 0;
    assert_eq!(pair.status(0), (5, 0));
    assert_eq!(pair.step(), Some(0));
    assert_eq!(pair.now, START.plus(HOUR));
    assert_eq!(pair.status(0), (1, 180 * 24 * 60));
    assert_eq!(pair.step(), Some(0));
    assert_eq!(pair.now, START.plus(HOUR + 7 * DAY), "and from then on as ever");
}

#[test]
fn a_clock_that_is_set_back_prolongs_nothing() {
    let mut pair = eager(1, 1);
    assert_eq!(pair.attempt(0).hresult, 0);
    pair.hosts[0].fault = Fault::Away;
    pair.run_until(START.plus(190 * DAY));
    assert_eq!(pair.status(0).0, 3);
    pair.clients[0].clock = -180 * DAY;
    assert_eq!(pair.status(0).0, 3);
    assert_eq!(pair.attempt(0).hresult, codes::NO_HOST);
    pair.hosts[0].fault = Fault::None;
    assert_eq!(pair.attempt(0).hresult, codes::CLOCK_SKEW);
    assert_eq!(pair.status(0).0, 3);
    // A few hours are no reason for suspicion.
    pair.clients[0].clock = -3 * HOUR;
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(pair.status(0), (1, 180 * 24 * 60 + 180));
}

/// A client that nobody activates, set up by a clock that is so far ahead.
fn set_up_ahead(clock: i64) -> Pair {
    let mut pair = eager(1, 0);
    pair.now = START.plus(clock);
    pair.add_client();
    pair.now = START;
    pair
}

#[test]
fn a_client_that_was_set_up_by_a_clock_ahead_asks_once_it_is_right() {
    for clock in [73 * 365 * DAY, 20 * DAY, 5 * HOUR, MINUTE] {
        let mut pair = set_up_ahead(clock);
        assert_eq!(pair.status(0), (2, 30 * 24 * 60), "the grace begins with the clock that is right");
        assert!(pair.clients[0].client.is_due(pair.now));
        assert_eq!(pair.clients[0].client.next_attempt_at(START), Some(START));
        pair.state_mut(0).saw(START);
        assert_eq!(pair.clients[0].client.next_attempt(), Some(START));
        pair.hosts[0].fault = Fault::Away;
        pair.run_until(START.plus(30 * DAY - 1));
        assert_eq!(pair.clients[0].attempts[0].0, START);
        assert_eq!(pair.clients[0].attempts.len(), 360, "every two hours from then on");
        assert_eq!(pair.status(0), (2, 1));
        pair.run_until(START.plus(30 * DAY));
        assert_eq!(pair.status(0), (5, 0));
        pair.hosts[0].fault = Fault::None;
        pair.step();
        assert_eq!(pair.status(0), (1, 180 * 24 * 60));
    }
}

#[test]
fn a_rearm_by_a_clock_ahead_gives_one_grace() {
    let mut pair = eager(1, 1);
    pair.hosts[0].fault = Fault::Away;
    pair.run_until(START.plus(29 * DAY));
    let ahead = START.plus(73 * 365 * DAY);
    pair.state_mut(0).rearm(uuid::Uuid::from_u128(5), false, ahead).unwrap();
    assert_eq!(pair.status(0), (2, 30 * 24 * 60));
    assert!(pair.clients[0].client.is_due(pair.now));
    pair.run_until(START.plus(59 * DAY));
    assert_eq!(pair.status(0), (5, 0));
    // Nor does the key of another product bring the grace of then back.
    let key = pair.product.setup_key(pair.publisher());
    let now = pair.now;
    pair.state_mut(0).install(&crate::credentials::SetupKey { product: 9, ..key }, now);
    pair.state_mut(0).install(&key, now);
    assert_eq!(pair.status(0), (5, 0));
}

#[test]
fn a_clock_that_is_turned_back_and_forth_prolongs_no_grace() {
    let mut pair = eager(1, 1);
    pair.hosts[0].fault = Fault::Away;
    // Each day the clock is set back to the day of the installation, by a little less each time, or far ahead.
    for day in 1..=29 {
        pair.run_until(START.plus(day * DAY - 1));
        pair.clients[0].clock = -day * (DAY - HOUR);
        let (state, left) = pair.status(0);
        let true_left = u32::try_from(30 - day).unwrap() * 24 * 60;
        assert!(state == 2 && left.abs_diff(true_left) < 3 * 60 * 24, "day {day}: {left} of {true_left}");
    }
    pair.run_until(START.plus(33 * DAY));
    assert_eq!(pair.status(0), (5, 0));
    for clock in [-33 * DAY, 365 * DAY, 0] {
        pair.clients[0].clock = clock;
        assert_eq!(pair.status(0), (5, 0), "what was consumed stays so");
        pair.attempt(0);
    }
    pair.hosts[0].fault = Fault::None;
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(pair.status(0), (1, 180 * 24 * 60));
}

#[test]
fn the_way_over_another_publisher_forgets_nobody_who_was_revoked() {
    let mut pair = eager(2, 1);
    let key = pair.product.setup_key(pair.publisher());
    pair.revoke(0);
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(pair.clients[0].client.state().revoked().unwrap().revocations.number, 1);
    // The key of another publisher, whose host has a list of its own, with higher numbers.
    let mut other = Pair::of_publisher([9; 32], 0, 0);
    other.product.n_policy = 1;
    (0..4).for_each(|_| other.add_host(&[other.product.clone()]));
    (1..4).for_each(|index| other.revoke(index));
    let others_key = other.product.setup_key(other.publisher());
    let ours = std::mem::replace(&mut pair.hosts, other.hosts);
    let now = pair.now;
    pair.state_mut(0).install(&others_key, now);
    assert_eq!(pair.clients[0].client.state().revoked(), None);
    assert_eq!(pair.attempt(0).hresult, 0);
    assert_eq!(pair.clients[0].client.state().revoked().unwrap().revocations.number, 3);
    // Back again, where only the revoked host answers, which never heard of it.
    pair.hosts = eager(1, 0).hosts;
    pair.state_mut(0).install(&key, now);
    assert_eq!(pair.clients[0].client.state().revoked().unwrap().revocations.number, 1);
    assert_eq!(pair.attempt(0).hresult, codes::RESPONSE_NOT_VALID);
    assert_eq!(pair.status(0).0, 2);
    pair.hosts = ours;
    assert_eq!(pair.attempt(0).hresult, 0);
    // What is kept survives the disk.
    let state = pair.clients[0].client.state();
    let read = serde_json::from_str(&serde_json::to_string(state).unwrap());
    assert_eq!(state, &read.unwrap());
    assert_eq!(state.other_revocations.len(), 1);
}

#[test]
fn the_lists_of_so_many_publishers_are_kept_and_no_more() {
    use crate::client::OTHER_PUBLISHERS_MAX;
    use crate::credentials::{RootKey, SetupKey};
    let mut pair = eager(2, 1);
    let key = pair.product.setup_key(pair.publisher());
    pair.revoke(0);
    assert_eq!(pair.attempt(0).hresult, 0);
    let ours = pair.clients[0].client.state().revocations.clone();
    let now = pair.now;
    let key_of = |seed: usize| {
        let fingerprint = RootKey::from_seed([u8::try_from(seed).unwrap(); 32]).public().fingerprint();
        SetupKey { fingerprint, ..key }
    };
    let state = pair.state_mut(0);
    let mut visit = |others: std::ops::Range<usize>| {
        for seed in others {
            state.install(&key_of(seed), now);
            assert_eq!(state.revocations, None);
            // As if a host of theirs had brought it.
            state.revocations = Some(format!("list {seed}"));
        }
        state.install(&key, now);
        (state.revocations.clone(), state.other_revocations.len())
    };
    assert_eq!(visit(20..20 + OTHER_PUBLISHERS_MAX), (ours, OTHER_PUBLISHERS_MAX));
    // One more than there is room for: the list that was put aside first is gone, which is ours.
    assert_eq!(visit(40..41 + OTHER_PUBLISHERS_MAX), (None, OTHER_PUBLISHERS_MAX));
}
