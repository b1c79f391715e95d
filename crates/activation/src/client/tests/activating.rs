//! Counts, intervals, and the licence states that time brings.

use crate::client::Reason;
use crate::codes;
use crate::event::Event;
use crate::moment::{DAY, HOUR, MINUTE};
use crate::settings::HostSettings;
use crate::testing::{Fault, Pair, START, unanswered};

/// Days in minutes.
const fn days(count: u32) -> u32 {
    count * 24 * 60
}

/// A site whose clients ask minute by minute, until the last of them is the first that is activated.
fn reached(clients: usize) -> Pair {
    let mut pair = Pair::new(1, clients);
    for index in 0..clients {
        pair.state_mut(index).next_attempt = START.plus(index as i64 * MINUTE);
    }
    pair.run_until(START.plus(HOUR));
    pair
}

/// A site with one client that is activated since [`START`].
fn activated() -> Pair {
    let mut pair = Pair::new(0, 1);
    pair.product.n_policy = 1;
    pair.add_host(&[pair.product.clone()]);
    assert_eq!(pair.attempt(0).hresult, 0);
    pair
}

#[test]
fn the_twenty_fifth_client_is_activated_and_then_all_others() {
    let mut pair = reached(25);
    for (index, seat) in pair.clients.iter().enumerate().take(24) {
        let (_, outcome) = &seat.attempts[0];
        assert_eq!((outcome.hresult, outcome.count), (codes::COUNT_TOO_LOW, Some(index as u32 + 1)));
        assert_eq!(seat.processed(), [(0x0400_0000, false, index as u32 + 1)]);
        assert_eq!(seat.sent(), [(0, "kms01.contoso.com:1688")]);
        assert_eq!(pair.status(index).0, 2);
    }
    assert_eq!(pair.clients[24].processed(), [(0, true, 25)]);
    assert_eq!(pair.status(24), (1, days(180) - 36));
    pair.run_until(START.plus(3 * HOUR));
    for (index, seat) in pair.clients.iter().enumerate() {
        assert_eq!(pair.status(index).0, 1, "client {index}");
        assert_eq!(seat.attempts.len(), if index < 24 { 2 } else { 1 });
    }
    assert!(
        pair.hosts[0].journal.iter().all(|entry| entry.hresult == 0),
        "a low count is no error on the host"
    );
    assert_eq!(pair.hosts[0].journal.last().unwrap().count, 25);
}

#[test]
fn twenty_four_clients_are_never_enough() {
    let mut pair = reached(24);
    pair.run_until(START.plus(29 * DAY));
    assert!(pair.clients.iter().flat_map(|seat| &seat.attempts).all(|(_, one)| one.count <= Some(24)));
    assert!((0..24).all(|index| pair.status(index).0 == 2));
    pair.run_until(START.plus(31 * DAY));
    assert!((0..24).all(|index| pair.status(index) == (5, 0)));
}

#[test]
fn attempts_two_hours_apart_renewals_seven_days() {
    let mut pair = Pair::new(1, 1);
    pair.run_until(START.plus(DAY));
    let times: Vec<i64> = pair.clients[0].attempts.iter().map(|(at, _)| at.since(START) / HOUR).collect();
    assert_eq!(times, (0..12).map(|attempt| attempt * 2).collect::<Vec<_>>());

    let mut pair = activated();
    pair.run_until(START.plus(22 * DAY));
    let times: Vec<i64> = pair.clients[0].attempts.iter().map(|(at, _)| at.since(START) / DAY).collect();
    assert_eq!(times, [0, 7, 14, 21]);
    assert_eq!(pair.status(0), (1, days(179)), "each renewal starts the 180 days again");
}

#[test]
fn a_failed_renewal_is_tried_again_after_two_hours() {
    let mut pair = activated();
    pair.hosts[0].fault = Fault::Away;
    pair.run_until(START.plus(7 * DAY + 5 * HOUR));
    let later: Vec<_> =
        pair.clients[0].attempts[1..].iter().map(|(at, one)| (at.since(START), one.hresult)).collect();
    let expected = [0, 2, 4].map(|hours| (7 * DAY + hours * HOUR, codes::NO_HOST));
    assert_eq!(later, expected);
    assert_eq!(pair.status(0).0, 1, "it stays licensed meanwhile");
    pair.hosts[0].fault = Fault::None;
    pair.run_until(START.plus(8 * DAY));
    let (at, outcome) = pair.clients[0].attempts.last().unwrap();
    assert_eq!((at.since(START), outcome.hresult), (7 * DAY + 6 * HOUR, 0));
    assert_eq!(pair.clients[0].client.next_attempt(), Some(at.plus(7 * DAY)));
}

#[test]
fn licensed_180_days_then_30_days_of_grace_then_notification() {
    let mut pair = activated();
    pair.hosts[0].fault = Fault::Away;
    let mut states = Vec::new();
    for (day, seconds) in [(0, 0), (180, -1), (180, 0), (209, 0), (210, -1), (210, 0), (400, 0)] {
        pair.run_until(START.plus(i64::from(day) * DAY + seconds));
        states.push(pair.status(0));
    }
    let grace = days(30);
    assert_eq!(states, [(1, days(180)), (1, 1), (3, grace), (3, days(1)), (3, 1), (5, 0), (5, 0)]);
    let status = pair.clients[0].client.status(pair.now);
    assert_eq!((status.reason, status.code()), (Some(Reason::Failed(codes::NO_HOST)), codes::NO_HOST));
    // What it tells hosts is what it shows.
    let told = pair.clients[0].requests.last().unwrap();
    assert_eq!((told.license_status, told.binding_expiration_minutes), (5, 0));
    pair.hosts[0].fault = Fault::None;
    pair.step();
    assert_eq!(pair.status(0), (1, days(180)));
    assert_eq!(pair.hosts[0].journal.last().unwrap().license_status, 5);
}

#[test]
fn without_any_host_30_days_of_initial_grace_then_notification() {
    let mut pair = Pair::new(0, 1);
    pair.dns = Err(codes::NAME_DOES_NOT_EXIST);
    assert_eq!(pair.clients[0].client.status(START).reason, Some(Reason::NotTried));
    assert_eq!(pair.attempt(0), unanswered(codes::NAME_DOES_NOT_EXIST));
    assert_eq!(pair.status(0), (2, days(30)));
    pair.run_until(START.plus(30 * DAY - 1));
    assert_eq!(pair.status(0), (2, 1));
    pair.run_until(START.plus(30 * DAY));
    assert_eq!(pair.status(0), (5, 0));
    assert_eq!(pair.clients[0].client.status(pair.now).code(), codes::NAME_DOES_NOT_EXIST);
    assert!(pair.clients[0].events.is_empty(), "nothing was sent");
}

#[test]
fn intervals_come_from_the_host_also_with_a_low_count() {
    let mut pair = Pair::new(1, 1);
    let settings = HostSettings {
        activation_interval_minutes: 45,
        renewal_interval_minutes: 600,
        ..HostSettings::default()
    };
    pair.hosts[0].host.set(settings.clone());
    pair.attempt(0);
    let state = pair.clients[0].client.state();
    assert_eq!((state.activation_interval_minutes, state.renewal_interval_minutes), (45, 600));
    assert_eq!(state.next_attempt, START.plus(45 * MINUTE));
    // What no admin can set is not taken over.
    for wrong in [(14, 600), (45, 43_201), (0, 0), (u32::MAX, u32::MAX)] {
        let (activation_interval_minutes, renewal_interval_minutes) = wrong;
        let settings =
            HostSettings { activation_interval_minutes, renewal_interval_minutes, ..settings.clone() };
        pair.hosts[0].host.set(settings);
        pair.attempt(0);
        assert_eq!(pair.clients[0].client.state().activation_interval_minutes, 45, "{wrong:?}");
        assert_eq!(pair.clients[0].client.state().renewal_interval_minutes, 600, "{wrong:?}");
    }
}

#[test]
fn the_count_falls_when_machines_are_silent_for_30_days() {
    let mut pair = reached(25);
    pair.run_until(START.plus(DAY));
    for index in 1..25 {
        pair.state_mut(index).uninstall();
    }
    pair.run_until(START.plus(30 * DAY));
    assert_eq!(pair.hosts[0].count(pair.now), 25);
    pair.run_until(START.plus(37 * DAY));
    assert_eq!(pair.hosts[0].count(pair.now), 1);
    let (_, last) = pair.clients[0].attempts.last().unwrap();
    assert_eq!((last.hresult, last.count), (codes::COUNT_TOO_LOW, Some(1)));
    assert_eq!(pair.status(0).0, 1, "the lease that it has still holds");
}

#[test]
fn the_publishers_terms_reach_the_client() {
    let mut pair = Pair::new(0, 1);
    pair.product.grace_days = 10;
    pair.product.validity_days = 20;
    pair.add_host(&[pair.product.clone()]);
    pair.attempt(0);
    assert_eq!(pair.status(0), (2, days(10)));
    let known = pair.clients[0].client.state().product.clone().unwrap();
    assert_eq!((known.name.as_deref(), known.application_name.as_deref()), (Some("Paint"), Some("Contoso")));
    let entry = pair.hosts[0].journal[0].clone();
    assert_eq!(entry.machine_name, "client000.contoso.com");
    assert!(Event::RequestProcessed(Box::new(entry)).info().starts_with("0x0, 25, client000.contoso.com, "));
}
