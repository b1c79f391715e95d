//! What a host writes down of every request before its answer leaves.

use std::collections::BTreeMap;

use rpc::activation::Request;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::moment::Moment;

/// Licence states that a client can tell: 0 to 6.
pub const STATES: usize = 7;

/// One processed request: the row of the journal, and all that event 12290 tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Place in the journal, from 1, without gaps.
    pub sequence: u64,
    /// When, by the host's clock.
    pub at: Moment,
    /// 0 for an answer with a lease, else why it was refused.
    pub hresult: u32,
    /// The count that the client said to need.
    pub n_policy: u32,
    /// The client's name, as it said.
    pub machine_name: String,
    /// Client machine id.
    pub cmid: Uuid,
    /// The client's clock.
    pub client_time: Moment,
    /// 1 in a virtual machine, by the client's word.
    pub vm_info: u32,
    /// The client's licence state.
    pub license_status: u32,
    /// Minutes until that state ends.
    pub minutes_to_expiration: u32,
    /// Application, the unit that is counted.
    pub application_id: Uuid,
    /// Product.
    pub activation_id: Uuid,
    /// The count after this request; as it was when the request was refused.
    pub count: u32,
}

impl Entry {
    /// What a request says, before it is judged.
    pub fn of(request: &Request, at: Moment) -> Entry {
        Entry {
            sequence: 0,
            at,
            hresult: 0,
            n_policy: request.n_policy,
            machine_name: request.machine_name.clone(),
            cmid: request.cmid,
            client_time: Moment::from_filetime(request.client_time),
            vm_info: request.vm_info,
            license_status: request.license_status,
            minutes_to_expiration: request.binding_expiration_minutes,
            application_id: request.application_id,
            activation_id: request.activation_id,
            count: 0,
        }
    }

    /// True for a request that was answered with a lease, and so was counted.
    pub fn is_granted(&self) -> bool {
        self.hresult == 0
    }
}

/// Requests since the host was set up, for one application. They never go down.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// All requests.
    pub total: u64,
    /// Requests for products that the host's licence does not cover, or that were refused for another reason.
    pub failed: u64,
    /// Granted requests by the licence state that the client told: 0 to 6.
    pub by_status: [u64; STATES],
}

impl Counters {
    /// Adds one request.
    pub fn add(&mut self, entry: &Entry) {
        self.total += 1;
        if let Some(counter) = self.counter(entry) {
            *counter += 1;
        }
    }

    /// Undoes [`Counters::add`].
    pub(crate) fn take_back(&mut self, entry: &Entry) {
        self.total = self.total.saturating_sub(1);
        if let Some(counter) = self.counter(entry) {
            *counter = counter.saturating_sub(1);
        }
    }

    /// What a request counts for beside the total.
    fn counter(&mut self, entry: &Entry) -> Option<&mut u64> {
        if !entry.is_granted() {
            return Some(&mut self.failed);
        }
        self.by_status.get_mut(usize::try_from(entry.license_status).ok()?)
    }
}

/// The counters of all applications that were asked for.
pub type AllCounters = BTreeMap<Uuid, Counters>;

/// A machine that a host remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Client machine id.
    pub cmid: Uuid,
    /// When it was last answered.
    pub at: Moment,
    /// The count that it said to need.
    pub n_policy: u32,
}
