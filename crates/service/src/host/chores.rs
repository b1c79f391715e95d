//! What a running host does beside answering: it publishes itself, tries a journal that failed, and deletes old entries.

use std::sync::Arc;
use std::time::Duration;

use activation::event::Event;
use activation::publishing::Publication;

use super::journal::Journal;
use super::metrics::add;
use super::publish::Updates;
use super::shared::{Shared, locked};
use crate::log::{Level, with_causes};

/// Writes an event of a running host.
pub(super) async fn note_event(shared: &Shared, event: Event) {
    let now = shared.clock.now();
    if let Journal::Store(committer, _) = &shared.journal {
        let kept = event.clone();
        if let Ok(pending) = committer.run(move |store| store.append(&[], &[], &[(now, kept)])) {
            if let Ok(Err(error)) = pending.await {
                shared.log.tell(Level::Error, "event-not-kept", &[("problem", &with_causes(&error))]);
            }
        }
    }
}

pub(super) async fn publish_forever(shared: Arc<Shared>) {
    loop {
        let now = shared.clock.now();
        let due = locked(&shared.publishing).due(now);
        for publication in due {
            let by = shared.changeable();
            let published = publish(&by.updates, &publication, shared.seconds()).await;
            let words = published.as_ref().err().map(|(_, words)| words.clone());
            let result = published.map_err(|(code, _)| code);
            let event = locked(&shared.publishing).done(&publication, result, shared.clock.now());
            match words {
                None => {
                    add(&shared.metrics.published);
                    shared.log.tell(Level::Info, "published", &[("domain", &publication.domain)]);
                }
                Some(words) => {
                    add(&shared.metrics.publish_failed);
                    let details: [(&str, &dyn std::fmt::Display); 3] =
                        [("domain", &publication.domain), ("code", &event.info()), ("problem", &words)];
                    shared.log.tell(Level::Error, "publish-failed", &details);
                }
            }
            note_event(&shared, event).await;
            if !Arc::ptr_eq(&by, &shared.changeable()) {
                // A reload came meanwhile: by the server or the key of now it may go otherwise.
                locked(&shared.publishing).hurry(shared.clock.now());
            }
        }
        let next = locked(&shared.publishing).next();
        let pause = next.map_or(LONGEST_PAUSE, |next| {
            let seconds = u64::try_from(next.since(shared.clock.now())).unwrap_or(0);
            Duration::from_secs(seconds).clamp(SHORTEST_PAUSE, LONGEST_PAUSE)
        });
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = shared.publish.notified() => {}
        }
    }
}

/// What signs an update is not made to move between threads, so one thread sends it.
async fn publish(updates: &Updates, publication: &Publication, seconds: u64) -> Result<(), (u32, String)> {
    let (updates, publication) = (updates.clone(), publication.clone());
    let handle = tokio::runtime::Handle::current();
    let sent = tokio::task::spawn_blocking(move || handle.block_on(updates.publish(&publication, seconds)));
    // It ends early only with the whole service.
    sent.await.unwrap_or_else(|error| Err((0x8007_04C7, error.to_string())))
}

/// The clock may be set while the publisher sleeps, so it looks at it from time to time.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// Between two looks at a journal that failed.
const TRIAL_PAUSE: Duration = Duration::from_secs(2);

pub(super) async fn try_journal_forever(shared: Arc<Shared>) {
    loop {
        tokio::time::sleep(TRIAL_PAUSE).await;
        shared.try_journal().await;
    }
}

/// Between two looks at the cluster.
const CLUSTER_PAUSE: Duration = Duration::from_secs(5);

/// Looks whether the cluster is there, so that health tells it also while nobody asks: a balancer that saw the host
/// unwell sends no request from which it could learn better.
pub(super) async fn look_at_cluster_forever(shared: Arc<Shared>) {
    while let Some(shares) = &shared.shares {
        tokio::time::sleep(CLUSTER_PAUSE).await;
        shares.look(&shared.log).await;
    }
}

/// Between two looks for old entries.
const PRUNE_PAUSE: Duration = Duration::from_secs(3600);

/// Deletes old entries, a few at a time so that no answer waits long.
pub(super) async fn prune_forever(shared: Arc<Shared>) {
    let mut reloads = shared.stop.subscribe();
    loop {
        if let Some(days) = shared.changeable().keep_days {
            prune(days, &shared).await;
        }
        tokio::select! {
            () = tokio::time::sleep(PRUNE_PAUSE) => {}
            _ = reloads.changed() => {}
        }
    }
}

async fn prune(days: u32, shared: &Shared) {
    loop {
        let (keep_seconds, now) = (i64::from(days) * activation::moment::DAY, shared.clock.now());
        let Journal::Store(committer, _) = &shared.journal else { return };
        let Ok(pending) = committer.run(move |store| store.prune_older(keep_seconds, now)) else { return };
        match pending.await {
            Ok(Ok(0)) | Err(_) => return,
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                shared.log.tell(Level::Error, "prune-failed", &[("problem", &with_causes(&error))]);
                return;
            }
        }
    }
}
