//! What is appended comes back, and a host starts with the counts that it had.

#[macro_use]
mod common;

use std::collections::BTreeMap;

use activation::Moment;
use activation::counting::{Count, WINDOW_SECONDS};
use activation::event::Event;
use activation::journal::AllCounters;
use activation::moment::DAY;
use common::{Kept, NOW, append, application, machine, row, rows};
use proptest::prelude::*;
use store::{LoadLimits, Row, StoreError, What};
use uuid::Uuid;

fn rows_come_back_as_they_were(kept: &Kept) {
    let mut store = kept.open();
    let mut counters = AllCounters::new();
    assert_eq!(store.load(&LoadLimits::default()).unwrap(), store::Loaded::default());
    append(&mut store, &mut counters, &rows(1..=100));
    append(&mut store, &mut counters, &rows(101..=150));
    drop(store);

    let store = kept.open();
    assert_eq!(store.next_sequence(), 151);
    assert_eq!(store.entries(0, 1000).unwrap(), rows(1..=150));
    assert_eq!(store.entries(149, 1000).unwrap(), rows(149..=150));
    assert_eq!(store.entries(10, 5).unwrap(), rows(10..=14));
    let loaded = store.load(&LoadLimits::default()).unwrap();
    assert_eq!((loaded.last_sequence, loaded.counters), (150, counters));
    let check = store.check().unwrap();
    assert_eq!((check.rows, check.sequences, check.problems), (150, Some((1, 150)), vec![]));
    let status = store.status().unwrap();
    assert_eq!((status.first_sequence, status.last_sequence, status.last_at), (1, 150, Some(NOW.plus(15))));
}

fn only_the_next_row_is_taken_and_all_or_nothing(kept: &Kept) {
    let mut store = kept.open();
    let mut counters = AllCounters::new();
    append(&mut store, &mut counters, &rows(1..=3));
    for wrong in [rows([5]), rows([3]), rows([4, 6]), rows([4, 4]), rows([0])] {
        assert!(matches!(store.append(&wrong, &[], &[]), Err(StoreError::NotNext { .. })));
    }
    let mut long = rows([4, 5]);
    long[1].entry.machine_name = "ü".repeat(65);
    assert!(matches!(store.append(&long, &[], &[]), Err(StoreError::LongName(5))));
    let other = Event::RequestProcessed(Box::new(row(9).entry));
    let refused = store.append(&rows([4]), &[], &[(NOW, other)]);
    assert!(matches!(refused, Err(StoreError::OtherEvent(12290))));
    assert_eq!(store.entries(0, 10).unwrap(), rows(1..=3), "the row before the event went back with it");
    long[1].entry.machine_name = "ü".repeat(64);
    store.append(&long, &[], &[]).unwrap();
    assert_eq!(store.entries(5, 1).unwrap(), long[1..]);
}

fn rows_are_found_by_time_also_when_the_clock_was_set(kept: &Kept) {
    let mut store = kept.open();
    // Over several blocks; one row of the second stems from an hour in which the clock ran ahead.
    let mut all = rows(1..=9000);
    all[5000].entry.at = NOW.plus(365 * DAY);
    append(&mut store, &mut AllCounters::new(), &all);
    let between =
        |from: i64, until: i64| store.entries_between(NOW.plus(from), NOW.plus(until), 0, 100).unwrap();
    assert_eq!(between(10, 12), rows(100..120));
    assert_eq!(between(409, 410), rows(4090..4100), "on both sides of a block's end");
    assert_eq!(between(DAY, 400 * DAY), all[5000..5001]);
    assert_eq!(between(1000, 2000), []);
    let next = store.entries_between(NOW.plus(10), NOW.plus(12), 118, 100).unwrap();
    assert_eq!(next, rows(118..120));
    assert!(store.check().unwrap().problems.is_empty());
}

fn events_and_settings_are_kept(kept: &Kept) {
    let mut store = kept.open();
    let domain = || "contoso.com".to_owned();
    let events = [
        (NOW, Event::InitializationFailed { hresult: 0xc004_f015 }),
        (NOW.plus(1), Event::RenewalTimerFailed { hresult: 5 }),
        (NOW.plus(2), Event::PublishingFailed { hresult: 0x8007_232a, domain: domain() }),
        (NOW.plus(3), Event::PublishingSucceeded { domain: domain() }),
    ];
    store.append(&[], &[], &events).unwrap();
    store.set_setting(NOW.plus(4), "port", Some("1688")).unwrap();
    store.set_setting(NOW.plus(5), "port", Some("1688")).unwrap();
    store.set_setting(NOW.plus(6), "port", None).unwrap();
    store.meta_set("published", Some("contoso.com")).unwrap();
    assert_eq!(store.meta().unwrap(), [("published".to_owned(), domain())]);
    assert_eq!(store.meta_get("port").unwrap(), None);

    let kept = store.events(NOW, NOW.plus(99), 0, 99).unwrap();
    let (first, changes) = kept.split_at(4);
    let told: Vec<(Moment, What)> = first.iter().map(|event| (event.at, event.what.clone())).collect();
    assert_eq!(told, events.map(|(at, event)| (at, What::Event(event))));
    let port = || Some("1688".to_owned());
    let change = |before, after| What::Setting { name: "port".to_owned(), before, after };
    assert_eq!(
        changes.iter().map(|event| event.what.clone()).collect::<Vec<_>>(),
        [change(None, port()), change(port(), None)]
    );
    assert_eq!(store.events(NOW.plus(1), NOW.plus(3), 0, 99).unwrap(), kept[1..3]);
    assert_eq!(store.events(NOW, NOW.plus(99), kept[3].number, 1).unwrap(), kept[3..4]);
}

/// A request: application, machine, N-policy, seconds since the one before, whether it is refused.
type Asked = (u64, u64, u32, i64, bool);

/// Feeds counts and a store with the same requests, and gives both as they are after one more request of each
/// application at the time of the last granted one: what is too old goes when the next request is counted.
fn live_and_restored(kept: &Kept, asked: &[Asked]) -> (BTreeMap<Uuid, Count>, BTreeMap<Uuid, Count>) {
    let mut store = kept.open();
    let mut live: BTreeMap<Uuid, Count> = BTreeMap::new();
    let (mut now, mut last_granted) = (NOW, NOW);
    let mut rows = Vec::new();
    for ((number, asking, n_policy, pause, is_refused), sequence) in asked.iter().zip(1..) {
        now = now.plus(*pause);
        let mut next: Row = row(sequence);
        next.entry.at = now;
        next.entry.application_id = application(*number);
        next.entry.cmid = machine(*asking);
        next.entry.hresult = u32::from(*is_refused);
        next.counted_n_policy = *n_policy;
        if !is_refused {
            let count = live.entry(next.entry.application_id).or_default();
            next.entry.count = count.add(next.entry.cmid, *n_policy, now);
            last_granted = now;
        }
        rows.push(next);
    }
    append(&mut store, &mut AllCounters::new(), &rows);
    let loaded = store.load(&LoadLimits::default()).unwrap().contacts;
    let mut restored: BTreeMap<Uuid, Count> =
        loaded.into_iter().map(|(application, contacts)| (application, Count::restored(contacts))).collect();
    for counts in [&mut live, &mut restored] {
        for count in counts.values_mut() {
            count.add(machine(99), 1, last_granted);
        }
    }
    (live, restored)
}

fn told(counts: &BTreeMap<Uuid, Count>) -> Vec<(Uuid, Vec<activation::journal::Contact>)> {
    counts.iter().map(|(application, count)| (*application, count.contacts())).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A clock that goes forward, caps that are reached.
    #[test]
    fn a_start_restores_the_counts(asked in prop::collection::vec(
        (0u64..2, 0u64..20, Just(4), prop_oneof![0i64..3, 0..2 * DAY, Just(WINDOW_SECONDS)], prop::bool::weighted(0.2)),
        1..150,
    )) {
        for kept in Kept::everywhere() {
            let (live, restored) = live_and_restored(&kept, &asked);
            prop_assert_eq!(told(&live), told(&restored));
        }
    }

    /// A clock that jumps to and fro.
    #[test]
    fn a_start_restores_the_counts_after_jumps(asked in prop::collection::vec(
        (0u64..3, 0u64..12, Just(50), -40 * DAY..42 * DAY, prop::bool::weighted(0.2)),
        1..60,
    )) {
        for kept in Kept::everywhere() {
            let (live, restored) = live_and_restored(&kept, &asked);
            prop_assert_eq!(told(&live), told(&restored));
        }
    }

    /// Caps that rise and fall: nobody who was counted is forgotten, and no more are remembered than the cap.
    #[test]
    fn a_start_forgets_nobody(asked in prop::collection::vec(
        (0u64..1, 0u64..30, prop_oneof![Just(1u32), Just(3), Just(9)], 0..3 * DAY, Just(false)),
        1..120,
    )) {
        for kept in Kept::everywhere() {
            let (live, restored) = live_and_restored(&kept, &asked);
            for (application, live) in &live {
                let restored = &restored[application];
                let contacts = restored.contacts();
                prop_assert!(live.contacts().iter().all(|contact| contacts.contains(contact)));
                prop_assert!(restored.get() <= restored.cap());
            }
        }
    }
}

fn no_more_contacts_are_read_than_any_count_keeps(kept: &Kept) {
    let mut store = kept.open();
    append(&mut store, &mut AllCounters::new(), &rows(1..=200));
    let loaded = store.load(&LoadLimits { contacts: 10, ..LoadLimits::default() }).unwrap();
    assert_eq!(loaded.contacts.iter().map(|(_, contacts)| contacts.len()).collect::<Vec<_>>(), [10, 10]);
    let loaded = store.load(&LoadLimits { window_seconds: 2, ..LoadLimits::default() }).unwrap();
    assert!(
        loaded.contacts.iter().flat_map(|(_, contacts)| contacts).all(|contact| contact.at > NOW.plus(18))
    );
}

in_both_engines! {
    rows_come_back_as_they_were,
    only_the_next_row_is_taken_and_all_or_nothing,
    rows_are_found_by_time_also_when_the_clock_was_set,
    events_and_settings_are_kept,
    no_more_contacts_are_read_than_any_count_keeps,
}
