//! Removing what no longer counts: behind the answers, one round at a time for each application.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use tokio::time::Instant;
use uuid::Uuid;

use super::ask::{self, BATCH};
use super::fault::Fault;
use super::{Shared, SharedCount};
use crate::record;
use crate::tally::Chore;

/// Applications that are being tidied, with what the last request left to do meanwhile.
#[derive(Debug, Default)]
pub(super) struct Chores(Mutex<HashMap<Uuid, Vec<Chore>>>);

impl Chores {
    /// True when nobody is at it. The newest list replaces the one that waits: it was made from newer keys.
    fn begin(&self, application: Uuid, chores: &mut Vec<Chore>) -> bool {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(waiting) = running.get_mut(&application) {
            *waiting = std::mem::take(chores);
            return false;
        }
        running.insert(application, Vec::new());
        true
    }

    /// What came meanwhile; nothing when all is done.
    fn next(&self, application: Uuid) -> Option<Vec<Chore>> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = running.get_mut(&application).map(std::mem::take).unwrap_or_default();
        if waiting.is_empty() {
            running.remove(&application);
            return None;
        }
        Some(waiting)
    }
}

impl SharedCount {
    /// Tidies in the background. What fails is found again by the next request, at whatever host: no answer depends
    /// on it.
    pub(super) fn tidy(&self, application: Uuid, mut chores: Vec<Chore>) {
        if !self.0.chores.begin(application, &mut chores) {
            return;
        }
        let shared = self.0.clone();
        tokio::spawn(async move {
            let mut chores = Some(chores);
            while let Some(round) = chores {
                shared.tidy(application, &round).await;
                chores = shared.chores.next(application);
            }
        });
    }
}

impl Shared {
    async fn tidy(&self, application: Uuid, chores: &[Chore]) {
        let folder = record::folder(&self.prefix, application);
        for batch in chores.chunks(BATCH) {
            let ask = |mut client: etcd_client::Client| {
                let question = ask::tidy(&folder, batch);
                async move { client.txn(question).await.map(drop).map_err(Fault::from) }
            };
            if self.members.call(Instant::now() + self.timeout, ask).await.is_err() {
                return;
            }
        }
    }
}
