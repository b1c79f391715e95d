//! One client: its state with everything that an attempt needs.

use std::path::PathBuf;
use std::time::Duration;

use activation::client::{Attempt, Client, ClientState, ContactFailure, Machine};
use activation::settings::ClientSettings;
use activation::{Chance, Moment};
use rpc::activation::Answer;

use super::events;
use super::folder::{self, FolderError};
use crate::chance::SystemChance;
use crate::clock::Clock;
use crate::log::{Level, Log};
use crate::lookup::Lookup;

/// What an agent works with.
#[derive(Debug, Clone)]
pub struct AgentOptions {
    /// The client's folder.
    pub data: PathBuf,
    /// The machine's full name, and whether it is virtual.
    pub machine: Machine,
    /// DNS.
    pub lookup: Lookup,
    /// For one host.
    pub patience: Duration,
}

/// A client with its folder.
#[derive(Debug)]
pub struct Agent {
    /// The client.
    pub client: Client,
    options: AgentOptions,
    clock: Clock,
    log: Log,
}

impl Agent {
    /// Opens a client's folder, or sets up a new client in it.
    pub fn open(options: AgentOptions, clock: Clock, log: Log) -> Result<Agent, FolderError> {
        let state = match folder::load(&options.data)? {
            Some(state) => state,
            None => ClientState::new(SystemChance.uuid(), clock.now()),
        };
        let agent = Agent { client: Client::new(state), options, clock, log };
        agent.save()?;
        Ok(agent)
    }

    /// Keeps the state.
    pub fn save(&self) -> Result<(), FolderError> {
        folder::save(&self.options.data, self.client.state())
    }

    /// Lays settings over those that are kept.
    pub fn configure(&mut self, change: impl FnOnce(&mut ClientSettings)) -> Result<(), FolderError> {
        let before = self.client.state().settings.clone();
        change(&mut self.client.state_mut().settings);
        if self.client.state().settings != before {
            // What was found by the old settings must not outlive them.
            self.client.state_mut().cached_host = None;
        }
        self.save()
    }

    /// The time.
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    /// The machine's name.
    pub fn machine(&self) -> &Machine {
        &self.options.machine
    }

    /// What it works with.
    pub(super) fn options(&self) -> &AgentOptions {
        &self.options
    }

    /// Takes a host's answer, or that there was none, into the state and the event log.
    pub(super) fn answered(&mut self, attempt: &mut Attempt, answer: Result<Answer, ContactFailure>) {
        let now = self.clock.now();
        let events = attempt.answered(&mut self.client, answer, now);
        let kept = events::append(&self.options.data, &events, now, &self.options.machine.name);
        if let Err(error) = kept {
            // The events tell of the attempt; that they are lost must not stop it.
            self.log.tell(Level::Warning, "events-not-kept", &[("problem", &error)]);
        }
        for event in &events {
            self.log.tell(Level::Info, "kms-event", &[("id", &event.id()), ("info", &event.info())]);
        }
    }

    /// Notes the time, so that a clock that is set back is noticed.
    pub(super) fn saw_time(&mut self) -> Moment {
        let now = self.clock.now();
        self.client.state_mut().saw(now);
        now
    }
}
