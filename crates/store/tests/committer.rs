//! Many answers share a commit; nothing is lost, nothing changes places.

#[macro_use]
mod common;

use std::sync::mpsc;
use std::sync::{Arc, Barrier};

use activation::journal::AllCounters;
use activation::moment::DAY;
use common::{Kept, NOW, append, count, row, rows};
use store::{Committer, Limits, PRUNE_STEP, Row, StoreError, SubmitError};

fn rows_are_acknowledged_in_order_and_dropping_loses_none(kept: &Kept) {
    let committer = Committer::start(kept.open(), Limits::default()).unwrap();
    let (told, acknowledged) = mpsc::channel();
    let mut counters = AllCounters::new();
    for sequence in 1..=3000 {
        let row = row(sequence);
        let counters = count(&mut counters, &row);
        let told = told.clone();
        committer
            .submit(row, counters, move |result| {
                result.unwrap();
                told.send(sequence).unwrap();
            })
            .unwrap();
    }
    drop((committer, told));
    assert!(acknowledged.iter().eq(1..=3000));
    let store = kept.open();
    assert_eq!(store.entries(0, u32::MAX).unwrap(), rows(1..=3000));
    assert_eq!(store.counters().unwrap(), counters);
}

fn jobs_come_after_the_rows_before_them(kept: &Kept) {
    let committer = Committer::start(kept.open(), Limits::default()).unwrap();
    let mut pending = Vec::new();
    for sequence in 1..=100 {
        committer.submit(row(sequence), Default::default(), |_| {}).unwrap();
        pending.push(committer.run(|store| store.status().unwrap().last_sequence).unwrap());
    }
    for (sequence, status) in (1..).zip(pending) {
        assert_eq!(status.blocking_recv().unwrap(), sequence);
    }
    let set = committer.run(|store| store.meta_set("port", Some("1688"))).unwrap();
    set.blocking_recv().unwrap().unwrap();
    assert_eq!(kept.reader().meta_get("port").unwrap().as_deref(), Some("1688"));
}

/// Keeps the writer busy until the returned barrier is passed.
fn hold(committer: &Committer) -> Arc<Barrier> {
    let gate = Arc::new(Barrier::new(2));
    let (held, is_held) = mpsc::channel();
    let waits = gate.clone();
    committer
        .run(move |_| {
            held.send(()).unwrap();
            waits.wait();
        })
        .unwrap();
    is_held.recv().unwrap();
    gate
}

fn a_full_queue_says_so(kept: &Kept) {
    let committer = Committer::start(kept.open(), Limits { waiting: 10, batch: 4 }).unwrap();
    let gate = hold(&committer);
    let submit = |sequence| committer.submit(row(sequence), Default::default(), |result| result.unwrap());
    (1..=10).for_each(|sequence| submit(sequence).unwrap());
    assert_eq!(submit(11), Err(SubmitError::Busy));
    assert!(matches!(committer.run(|_| ()), Err(SubmitError::Busy)));
    gate.wait();
    assert_eq!(committer.flush_and_stop().unwrap().next_sequence(), 11);
}

fn a_row_that_does_not_fit_leaves_the_others_alone(kept: &Kept) {
    let committer = Committer::start(kept.open(), Limits::default()).unwrap();
    let gate = hold(&committer);
    let (told, results) = mpsc::channel();
    let mut submitted = rows([1, 2, 9, 3, 3, 4]);
    submitted[1].entry.machine_name = "ü".repeat(65);
    let mut fixed = row(2);
    fixed.entry.machine_name = "ü".repeat(64);
    submitted.splice(2..2, [fixed.clone()]);
    for (place, row) in submitted.into_iter().enumerate() {
        let told = told.clone();
        committer.submit(row, Default::default(), move |result| told.send((place, result)).unwrap()).unwrap();
    }
    gate.wait();
    drop(told);
    let store = committer.flush_and_stop().unwrap();
    let mut results: Vec<_> = results.iter().collect();
    results.sort_by_key(|(place, _)| *place);
    let failed: Vec<usize> =
        results.iter().filter(|(_, result)| result.is_err()).map(|(place, _)| *place).collect();
    assert_eq!(failed, [1, 3, 5]);
    let told_of = |place: usize| &**results[place].1.as_ref().unwrap_err();
    assert!(matches!(told_of(1), StoreError::LongName(2)));
    assert!(matches!(told_of(3), StoreError::NotNext { expected: 3, found: 9 }));
    assert_eq!(store.entries(0, 9).unwrap(), [row(1), fixed, row(3), row(4)]);
}

fn a_panic_of_a_caller_stays_with_the_caller(kept: &Kept) {
    let committer = Committer::start(kept.open(), Limits::default()).unwrap();
    committer.submit(row(1), Default::default(), |_| panic!("told in a test")).unwrap();
    let lost = committer.run(|_| panic!("asked in a test")).unwrap();
    let _: Result<(), _> = lost.blocking_recv();
    committer.submit(row(2), Default::default(), |result| result.unwrap()).unwrap();
    assert_eq!(committer.flush_and_stop().unwrap().next_sequence(), 3);
}

fn old_rows_go_while_new_ones_come(kept: &Kept) {
    let mut store = kept.open();
    let mut counters = AllCounters::new();
    append(&mut store, &mut counters, &rows(1..=2000));
    let late = |sequence| {
        let mut late: Row = row(sequence);
        late.entry.at = NOW.plus(100 * DAY + sequence as i64);
        late
    };
    append(&mut store, &mut counters, &[late(2001)]);
    let committer = Committer::start(store, Limits::default()).unwrap();
    let mut steps = Vec::new();
    for sequence in 2002..=2400 {
        let row = late(sequence);
        let after = count(&mut counters, &row);
        committer.submit(row, after, |result| result.unwrap()).unwrap();
        if sequence % 100 == 0 {
            steps.push(committer.run(|store| store.prune(NOW.plus(99 * DAY)).unwrap()).unwrap());
        }
    }
    let steps: Vec<u32> = steps.into_iter().map(|step| step.blocking_recv().unwrap()).collect();
    assert_eq!(steps, [PRUNE_STEP, PRUNE_STEP, 0, 0]);
    drop(committer);
    let store = kept.open();
    let check = store.check().unwrap();
    assert_eq!((check.sequences, check.problems), (Some((2001, 2400)), vec![]));
    assert_eq!(store.counters().unwrap(), counters);
    assert_eq!(store.status().unwrap().first_sequence, 2001);
    assert_eq!(store.entries_between(NOW, NOW.plus(101 * DAY), 0, 1).unwrap(), [late(2001)]);
}

fn what_the_count_needs_is_not_pruned(kept: &Kept) {
    let mut store = kept.open();
    // A clock that ran ahead wrote rows 3 and 4, which were refused; row 6 came 31 days after the first.
    let mut all = rows(1..=6);
    for (row, day) in all.iter_mut().zip([0, 2, 400, 400, 3, 31]) {
        row.entry.at = NOW.plus(day * DAY);
        row.entry.hresult = u32::from(day == 400);
    }
    append(&mut store, &mut AllCounters::new(), &all);
    assert_eq!(store.prune(NOW.plus(999 * DAY)).unwrap(), 1);
    assert_eq!(store.prune(NOW.plus(999 * DAY)).unwrap(), 0);
    let mut more = rows(7..=7);
    more[0].entry.hresult = 0;
    more[0].entry.at = NOW.plus(33 * DAY + 1);
    store.append(&more, &[], &[]).unwrap();
    assert_eq!(
        store.prune(NOW.plus(999 * DAY)).unwrap(),
        4,
        "with the rows from the future before an old one"
    );
    assert_eq!(store.entries(0, 9).unwrap(), [&all[5..], &more].concat());
}

fn a_clock_that_ran_away_costs_no_history(kept: &Kept) {
    let mut store = kept.open();
    let mut all = rows(1..=4);
    for (row, day) in all.iter_mut().zip([0, 300, 380, 3650]) {
        row.entry.at = NOW.plus(day * DAY);
        row.entry.hresult = u32::from(day == 3650);
    }
    append(&mut store, &mut AllCounters::new(), &all);
    assert_eq!(store.prune_older(400 * DAY, NOW.plus(3650 * DAY)).unwrap(), 0);
    assert_eq!(store.prune_older(365 * DAY, NOW.plus(3650 * DAY)).unwrap(), 1);
    assert_eq!(store.entries(0, 9).unwrap(), all[1..]);
}

fn numbers_go_on_when_nothing_is_left(kept: &Kept) {
    let mut store = kept.open();
    let mut refused = rows(1..=10);
    refused.iter_mut().for_each(|row| row.entry.hresult = 1);
    append(&mut store, &mut AllCounters::new(), &refused);
    store.append(&[], &[], &[(NOW, activation::event::Event::InitializationFailed { hresult: 1 })]).unwrap();
    assert_eq!([store.prune(NOW.plus(DAY)), store.prune(NOW.plus(DAY))].map(Result::unwrap), [10, 1]);
    assert_eq!(store.prune(NOW.plus(DAY)).unwrap(), 0);
    drop(store);
    let mut store = kept.open();
    let status = store.status().unwrap();
    assert_eq!((status.first_sequence, status.last_sequence, status.last_at), (11, 10, None));
    append(&mut store, &mut AllCounters::new(), &rows([11]));
    assert_eq!(store.check().unwrap().problems, vec![]);
}

in_both_engines! {
    rows_are_acknowledged_in_order_and_dropping_loses_none,
    jobs_come_after_the_rows_before_them,
    a_full_queue_says_so,
    a_row_that_does_not_fit_leaves_the_others_alone,
    a_panic_of_a_caller_stays_with_the_caller,
    old_rows_go_while_new_ones_come,
    what_the_count_needs_is_not_pruned,
    a_clock_that_ran_away_costs_no_history,
    numbers_go_on_when_nothing_is_left,
}
