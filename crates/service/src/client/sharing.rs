//! An agent that its attempts, verbs and status share. An attempt holds it for a step at a time: what it waits for may
//! take minutes, and a verb that sets the right host must not wait behind the wrong ones.

use std::pin::pin;

use activation::client::{Attempt, Outcome, Step};
use tokio::sync::{Mutex, MutexGuard, watch};

use super::agent::Agent;
use super::folder::FolderError;
use crate::chance::SystemChance;
use crate::contact;

/// An agent for several tasks.
#[derive(Debug)]
pub struct SharedAgent {
    agent: Mutex<Agent>,
    /// One attempt at a time.
    attempting: Mutex<()>,
    changed: watch::Sender<()>,
}

impl SharedAgent {
    /// Shares an agent.
    pub fn new(agent: Agent) -> SharedAgent {
        SharedAgent { agent: Mutex::new(agent), attempting: Mutex::new(()), changed: watch::Sender::new(()) }
    }

    /// The agent; nobody holds it for longer than its folder takes.
    pub async fn lock(&self) -> MutexGuard<'_, Agent> {
        self.agent.lock().await
    }

    /// Tells whoever waits that key, settings, or what is due may be others now.
    pub fn tell_change(&self) {
        self.changed.send_replace(());
    }

    /// Hears of changes from now on.
    pub fn changes(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Tries to activate now, once an attempt under way is over. One whose key or settings change begins anew.
    pub async fn attempt(&self) -> Result<Outcome, FolderError> {
        let _one = self.attempting.lock().await;
        loop {
            if let Some(outcome) = self.attempt_as_it_is().await? {
                return Ok(outcome);
            }
        }
    }

    /// An attempt by the present key and settings; nothing when they changed meanwhile.
    async fn attempt_as_it_is(&self) -> Result<Option<Outcome>, FolderError> {
        let mut changes = self.changes();
        let (mut attempt, options) = {
            let agent = self.lock().await;
            (agent.client.begin(agent.machine().clone()), agent.options().clone())
        };
        loop {
            let Some(step) = self.step(&mut attempt).await? else { return Ok(None) };
            match step {
                Step::Discover(domains) => {
                    let discovery = options.lookup.discover(&domains);
                    match self.unless_outdated(&attempt, &mut changes, discovery).await {
                        Some(discovery) => attempt.discovered(discovery, &mut SystemChance),
                        None => return Ok(None),
                    }
                }
                Step::Contact(host, request) => {
                    let answer = async {
                        let addresses = options.lookup.addresses(&host).await;
                        contact::ask(&addresses, &request, options.patience).await
                    };
                    let Some(answer) = self.unless_outdated(&attempt, &mut changes, answer).await else {
                        return Ok(None);
                    };
                    let mut agent = self.lock().await;
                    if !attempt.is_current(&agent.client) {
                        return Ok(None);
                    }
                    agent.answered(&mut attempt, answer);
                }
                Step::Finished(outcome) => return Ok(Some(outcome)),
            }
        }
    }

    /// The next step; the state is kept after the last. Nothing when the attempt is outdated.
    async fn step(&self, attempt: &mut Attempt) -> Result<Option<Step>, FolderError> {
        let mut agent = self.lock().await;
        if !attempt.is_current(&agent.client) {
            return Ok(None);
        }
        let now = agent.now();
        let step = attempt.step(&mut agent.client, now, &mut SystemChance);
        if matches!(step, Step::Finished(_)) {
            agent.save()?;
        }
        Ok(Some(step))
    }

    /// Waits for something, unless a change makes the attempt outdated that wants it.
    async fn unless_outdated<T>(
        &self,
        attempt: &Attempt,
        changes: &mut watch::Receiver<()>,
        work: impl Future<Output = T>,
    ) -> Option<T> {
        let mut work = pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Some(done),
                _ = changes.changed() => {
                    if !attempt.is_current(&self.lock().await.client) {
                        return None;
                    }
                }
            }
        }
    }
}
