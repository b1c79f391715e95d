//! The client: holds a setup key and a lease, knows in which licence state that puts the machine, and asks hosts.
//!
//! It is driven from outside: [`Client::next_attempt`] says when, [`Client::begin`] starts an attempt, and
//! [`Attempt`]'s steps say what to look up and whom to contact. [`Client::state`] is what must be kept on disk.
//!
//! Not documented of Microsoft's client, and chosen here:
//! - After a failed renewal the client tries again after the activation interval, and stays licensed meanwhile.
//! - The grace behind an expired activation lasts 30 days, as the initial one.
//! - A machine that is rearmed while its grace is over is in extended grace (6) instead of the initial one (2), so
//!   that an admin sees that it was over before.
//! - A key that is removed and installed again, or after another product's, has the grace that it had; only rearms
//!   begin a grace anew.
//! - A client whose host was revoked by the publisher is in non-genuine grace (4) for 30 days, unless another host
//!   activates it.
//! - A clock that was set back by more than four hours behind the latest time that was seen does not prolong a lease
//!   or the grace behind it: the latest time seen counts. A successful activation sets it right, as its time is signed
//!   by the host. Without a lease nobody knows which of the two times was wrong: there the clock's counts, and of the
//!   grace as much is consumed as was before.

mod attempt;
mod order;
mod state;
mod status;

#[cfg(test)]
mod tests;

pub use attempt::{Attempt, ContactFailure, Discovery, Machine, Outcome, Step};
pub use state::{ClientState, OTHER_PUBLISHERS_MAX, Product, PublisherList, RearmError};
pub use status::{LicenseState, Reason, Status};

use crate::credentials::CLOCK_TOLERANCE;
use crate::moment::{MINUTE, Moment};
use crate::settings::INTERVAL_MINUTES_MAX;

/// A KMS client.
#[derive(Debug, Clone)]
pub struct Client {
    state: ClientState,
}

impl Client {
    /// A client with what was kept of it.
    pub fn new(state: ClientState) -> Client {
        Client { state }
    }

    /// What must be kept.
    pub fn state(&self) -> &ClientState {
        &self.state
    }

    /// The same, to change settings and keys.
    pub fn state_mut(&mut self) -> &mut ClientState {
        &mut self.state
    }

    /// The licence state at a time.
    pub fn status(&self, now: Moment) -> Status {
        status::of(&self.state, now)
    }

    /// When the next attempt is due; nothing without a key, or where KMS is not allowed.
    pub fn next_attempt(&self) -> Option<Moment> {
        let may = self.state.product.is_some() && self.state.settings.activation_type.allows_kms();
        may.then_some(self.state.next_attempt)
    }

    /// When the next attempt is due by the clock as it is now, which may have been ahead before.
    pub fn next_attempt_at(&self, now: Moment) -> Option<Moment> {
        let due = self.next_attempt()?.plus(self.state.set_back(now));
        Some(if self.is_due(now) { due.min(now) } else { due })
    }

    /// True when an attempt is due: its time has come; or the clock was set back behind the last attempt, so that
    /// nobody can tell how long the client has waited already; or the next attempt is farther away than any interval.
    pub fn is_due(&self, now: Moment) -> bool {
        let set_back =
            self.state.last_attempt.as_ref().is_some_and(|last| last.at.since(now) > CLOCK_TOLERANCE);
        self.next_attempt().is_some_and(|due| {
            let due = due.plus(self.state.set_back(now));
            due <= now || set_back || due.since(now) > LONGEST_INTERVAL
        })
    }
}

/// Seconds of the longest interval that a host can tell.
const LONGEST_INTERVAL: i64 = INTERVAL_MINUTES_MAX as i64 * MINUTE;
