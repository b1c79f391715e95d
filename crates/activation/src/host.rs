//! The host: takes requests and time, gives answers and what to write down before they leave.
//!
//! What is not documented of Microsoft's host, and chosen here:
//! - A request is counted before its own answer, so the first machine is told a count of 1.
//! - A refused request (clock, product, licence over) is journaled and added to the failed ones, never counted.
//! - The N-policy that decides the cap is that of the product in the host's licence; what a client says of itself is
//!   only written down, or one stranger could raise the cap.
//! - Contacts and counters survive a restart: they are read back from the journal.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use rpc::activation::{Answer, Request, Response, VERSION};
use uuid::Uuid;

use crate::codes;
use crate::counting::Count;
use crate::credentials::{
    CLOCK_TOLERANCE, Chain, Grant, HostKey, HostLicence, Lease, Product, PublicKey, Revocations, SignedGrant,
    SignedLease, SignedRevocations,
};
use crate::journal::{AllCounters, Contact, Counters, Entry};
use crate::moment::{DAY, MINUTE, Moment};
use crate::settings::HostSettings;

/// Why a licence makes no host.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// The licence is bound to a key that is not this host's.
    #[error("the licence is bound to host key {licensed}, this host has {own}")]
    OtherKey {
        /// The key that the licence names.
        licensed: PublicKey,
        /// The key of this host.
        own: PublicKey,
    },
    /// A grant is not signed by the publisher that the licence names.
    #[error("serial {serial} of the licence is not signed by its publisher")]
    NotSigned {
        /// Serial number of the grant.
        serial: u32,
    },
    /// A licence without products.
    #[error("the licence covers no product")]
    Empty,
}

/// What the journal remembers.
#[derive(Debug, Clone, Default)]
pub struct Saved {
    /// Contacts by application.
    pub contacts: Vec<(Uuid, Vec<Contact>)>,
    /// Counters by application.
    pub counters: AllCounters,
    /// Sequence number of the last entry; 0 for an empty journal.
    pub last_sequence: u64,
}

/// A product that the licence covers.
#[derive(Debug)]
struct Covered {
    grant: Grant,
    chain: Arc<[u8]>,
    host_pid: Arc<str>,
}

/// A KMS host.
#[derive(Debug)]
pub struct Host {
    publisher: String,
    root: PublicKey,
    key: Arc<HostKey>,
    covered: BTreeMap<Uuid, Covered>,
    revocations: Option<(Revocations, Arc<[u8]>)>,
    settings: HostSettings,
    counts: HashMap<Uuid, Count>,
    counters: AllCounters,
    last_sequence: u64,
}

/// A judged request.
#[derive(Debug)]
pub struct Decision {
    /// What must be durable before the answer leaves.
    pub entry: Entry,
    /// N-policy that the request was counted with; 0 when it was not.
    pub counted_n_policy: u32,
    /// The counters of the application after this request.
    pub counters: Counters,
    /// The answer, not signed yet.
    pub reply: Reply,
}

/// An answer on its way.
#[derive(Debug)]
pub enum Reply {
    /// A lease is to be signed.
    Lease(Box<Unsigned>),
    /// Refused with a code.
    Refused(u32),
}

/// An answer without its signature; signing takes longer than all the rest and needs nothing of the host's state.
#[derive(Debug)]
pub struct Unsigned {
    key: Arc<HostKey>,
    lease: Lease,
    client_time: u64,
    chain: Arc<[u8]>,
    host_pid: Arc<str>,
    revocations: Option<Arc<[u8]>>,
}

impl Reply {
    /// The answer with a signature of its own.
    pub fn sign(self) -> Answer {
        match self {
            Reply::Refused(code) => Answer::Refused(code),
            Reply::Lease(unsigned) => {
                let signed = unsigned.lease.clone().sign(&unsigned.key);
                unsigned.answer(&signed)
            }
        }
    }
}

impl Unsigned {
    /// Signs several answers of one host together; at most [`BATCH_MAX`](crate::credentials::BATCH_MAX).
    pub fn sign_all(answers: Vec<Unsigned>) -> Vec<Answer> {
        let Some(first) = answers.first() else { return Vec::new() };
        let leases = answers.iter().map(|unsigned| unsigned.lease.clone()).collect();
        let signed = Lease::sign_all(leases, &first.key);
        answers.into_iter().zip(&signed).map(|(unsigned, signed)| unsigned.answer(signed)).collect()
    }

    fn answer(self, signed: &SignedLease) -> Answer {
        let lease = &self.lease;
        Answer::Granted(Response {
            version: VERSION,
            host_pid: self.host_pid.to_string(),
            cmid: lease.cmid,
            client_time: self.client_time,
            count: lease.count,
            activation_interval_minutes: lease.activation_interval_minutes,
            renewal_interval_minutes: lease.renewal_interval_minutes,
            lease: signed.to_bytes(),
            chain: self.chain.to_vec(),
            revocations: self.revocations.as_deref().map(<[u8]>::to_vec).unwrap_or_default(),
        })
    }
}

impl Host {
    /// A host with its licence, its own key, its settings, and what it remembers.
    pub fn new(
        licence: &HostLicence,
        key: HostKey,
        settings: HostSettings,
        saved: Saved,
    ) -> Result<Host, HostError> {
        let covered = covered(licence, &key)?;
        let counts = saved
            .contacts
            .into_iter()
            .map(|(application, contacts)| (application, Count::restored(contacts)));
        Ok(Host {
            publisher: licence.publisher.clone(),
            root: licence.root,
            key: Arc::new(key),
            covered,
            revocations: licence.revocations.as_ref().and_then(|list| checked_list(list, &licence.root)),
            settings,
            counts: counts.collect(),
            counters: saved.counters,
            last_sequence: saved.last_sequence,
        })
    }

    /// Takes a new licence for the same key; counts and counters stay.
    pub fn relicense(&mut self, licence: &HostLicence) -> Result<(), HostError> {
        self.covered = covered(licence, &self.key)?;
        self.publisher.clone_from(&licence.publisher);
        if self.root != licence.root {
            // Another publisher's list says nothing of this one's hosts.
            self.revocations = None;
            self.root = licence.root;
        }
        if let Some(list) = &licence.revocations {
            self.revoke(list);
        }
        Ok(())
    }

    /// True for a list that this host's publisher signed.
    pub fn is_publishers(&self, list: &SignedRevocations) -> bool {
        list.verify(&self.root)
    }

    /// Takes a list of revoked hosts, for itself and to hand it on to clients. False when the publisher did not sign
    /// it, or it is no newer than the one that the host has.
    pub fn revoke(&mut self, list: &SignedRevocations) -> bool {
        let newer = checked_list(list, &self.root).filter(|(list, _)| {
            self.revocations.as_ref().is_none_or(|(known, _)| known.number < list.number)
        });
        let taken = newer.is_some();
        self.revocations = newer.or(self.revocations.take());
        taken
    }

    /// Takes new settings.
    pub fn set(&mut self, settings: HostSettings) {
        self.settings = settings;
    }

    /// The settings.
    pub fn settings(&self) -> &HostSettings {
        &self.settings
    }

    /// Where several hosts share one count: in which application a request would be counted, and with which N-policy.
    /// Nothing for a request that is refused.
    pub fn counted_as(&self, request: &Request, now: Moment) -> Option<(Uuid, u32)> {
        let product = &self.covered.get(&request.activation_id)?.grant.product;
        self.refusal(request, now).is_none().then_some((product.application_id, product.n_policy))
    }

    /// True when the machine of a request is among the contacts of its application.
    pub fn knows(&self, request: &Request) -> bool {
        self.counts.get(&request.application_id).is_some_and(|count| count.knows(request.cmid))
    }

    /// Judges a request. Nothing of it may leave before [`Decision::entry`] is durable.
    ///
    /// `shared` is the count that several hosts share, when they do; the host's own goes on beside it.
    pub fn decide(&mut self, request: &Request, now: Moment, shared: Option<u32>) -> Decision {
        let mut entry = Entry::of(request, now);
        self.last_sequence += 1;
        entry.sequence = self.last_sequence;
        let (counted_n_policy, reply) = match self.refusal(request, now) {
            Some((for_the_event, for_the_client)) => {
                entry.hresult = for_the_event;
                // A stranger may ask for anything; only applications of this host get a row of their own.
                if !self.is_application(entry.application_id) {
                    entry.application_id = Uuid::nil();
                }
                entry.count = self.counts.get(&entry.application_id).map_or(0, Count::get);
                (0, Reply::Refused(for_the_client))
            }
            None => self.grant(request, &mut entry, now, shared),
        };
        let counters = self.counters.entry(entry.application_id).or_default();
        counters.add(&entry);
        Decision { counters: *counters, entry, counted_n_policy, reply }
    }

    /// Takes back a request whose entry could not be made durable, so that its number is given again. All requests
    /// that were decided behind it must be taken back too before the next one is decided. That its machine was
    /// counted stays: it did ask.
    pub fn take_back(&mut self, entry: &Entry) {
        self.last_sequence = self.last_sequence.saturating_sub(1);
        if let Some(counters) = self.counters.get_mut(&entry.application_id) {
            counters.take_back(entry);
        }
    }

    /// Why a request is refused: the code of the event, and the one that the client is told.
    fn refusal(&self, request: &Request, now: Moment) -> Option<(u32, u32)> {
        let alike = |code| Some((code, code));
        if request.version >> 16 != VERSION >> 16 || request.cmid.is_nil() {
            return alike(codes::INVALID_REQUEST);
        }
        let client_time = Moment::from_filetime(request.client_time);
        if now.since(client_time).saturating_abs() > CLOCK_TOLERANCE {
            return alike(codes::CLOCK_SKEW);
        }
        let Some(covered) = self.covered.get(&request.activation_id) else {
            return Some((codes::NOT_COVERED, codes::NOT_COVERED_CLIENT));
        };
        let grant = &covered.grant;
        if grant.product.application_id != request.application_id {
            return Some((codes::NOT_COVERED, codes::NOT_COVERED_CLIENT));
        }
        if !self.is_in_force(grant, now) {
            return alike(codes::HOST_NOT_ACTIVATED);
        }
        None
    }

    fn is_in_force(&self, grant: &Grant, now: Moment) -> bool {
        let revoked = self.revocations.as_ref().is_some_and(|(list, _)| list.serials.contains(&grant.serial));
        !revoked && now >= grant.not_before.plus(-CLOCK_TOLERANCE) && now < grant.not_after
    }

    fn grant(
        &mut self,
        request: &Request,
        entry: &mut Entry,
        now: Moment,
        shared: Option<u32>,
    ) -> (u32, Reply) {
        let Some(covered) = self.covered.get(&request.activation_id) else {
            return (0, Reply::Refused(codes::NOT_COVERED_CLIENT));
        };
        let product = &covered.grant.product;
        let count = self.counts.entry(product.application_id).or_default();
        let own = count.add(request.cmid, product.n_policy, now);
        entry.count = shared.unwrap_or(own);
        let lease = Lease {
            nonce: request.nonce,
            cmid: request.cmid,
            application_id: product.application_id,
            activation_id: product.activation_id,
            serial: covered.grant.serial,
            issued_at: now,
            expires_at: now.plus(i64::from(product.validity_days) * DAY),
            count: entry.count,
            activation_interval_minutes: self.settings.activation_interval_minutes,
            renewal_interval_minutes: self.settings.renewal_interval_minutes,
            client_time: entry.client_time,
        };
        let newer = self.revocations.as_ref().filter(|(list, _)| list.number > request.revocation_number);
        let unsigned = Unsigned {
            key: self.key.clone(),
            lease,
            client_time: request.client_time,
            chain: covered.chain.clone(),
            host_pid: covered.host_pid.clone(),
            revocations: newer.map(|(_, bytes)| bytes.clone()),
        };
        (product.n_policy, Reply::Lease(Box::new(unsigned)))
    }

    fn is_application(&self, id: Uuid) -> bool {
        self.covered.values().any(|covered| covered.grant.product.application_id == id)
    }

    /// The name of the publisher.
    pub fn publisher(&self) -> &str {
        &self.publisher
    }

    /// What the host knows of each of its products, by the product's name.
    pub fn products(&self, now: Moment) -> Vec<ProductStatus> {
        let mut products: Vec<ProductStatus> = self
            .covered
            .values()
            .map(|covered| {
                let product = &covered.grant.product;
                let left = covered.grant.not_after.since(now).max(0) / MINUTE;
                ProductStatus {
                    count: self.counts.get(&product.application_id).map_or(0, Count::get),
                    counters: self.counters.get(&product.application_id).copied().unwrap_or_default(),
                    host_pid: covered.host_pid.to_string(),
                    in_force: self.is_in_force(&covered.grant, now),
                    minutes_left: u64::try_from(left).unwrap_or(0),
                    grant: covered.grant.clone(),
                }
            })
            .collect();
        products.sort_by(|a, b| a.grant.product.name.cmp(&b.grant.product.name));
        products
    }

    /// Contacts of an application, the longest silent first.
    pub fn contacts(&self, application_id: Uuid) -> Vec<Contact> {
        self.counts.get(&application_id).map(Count::contacts).unwrap_or_default()
    }

    /// Counters of all applications; the nil id holds requests for applications that are not this host's.
    pub fn counters(&self) -> &AllCounters {
        &self.counters
    }

    /// Number of the newest revocation list that the host holds; 0 without.
    pub fn revocation_number(&self) -> u32 {
        self.revocations.as_ref().map_or(0, |(list, _)| list.number)
    }
}

/// A product as its host sees it.
#[derive(Debug, Clone)]
pub struct ProductStatus {
    /// What the publisher granted.
    pub grant: Grant,
    /// The count of the product's application.
    pub count: u32,
    /// Requests for the product's application.
    pub counters: Counters,
    /// How the host names itself to clients.
    pub host_pid: String,
    /// False before, after, and when revoked.
    pub in_force: bool,
    /// Minutes until the grant ends.
    pub minutes_left: u64,
}

fn covered(licence: &HostLicence, key: &HostKey) -> Result<BTreeMap<Uuid, Covered>, HostError> {
    let own = key.public();
    let mut covered = BTreeMap::new();
    for signed in &licence.grants {
        let grant = &signed.grant;
        signed.verify(&licence.root).map_err(|_| HostError::NotSigned { serial: grant.serial })?;
        if grant.host_key != own {
            return Err(HostError::OtherKey { licensed: grant.host_key, own });
        }
        covered.insert(grant.product.activation_id, cover(licence.root, signed));
    }
    if covered.is_empty() {
        return Err(HostError::Empty);
    }
    Ok(covered)
}

fn cover(root: PublicKey, signed: &SignedGrant) -> Covered {
    let chain = Chain { root, grant: signed.clone() };
    Covered {
        host_pid: host_pid(&signed.grant, &signed.grant.product).into(),
        chain: chain.to_bytes().into(),
        grant: signed.grant.clone(),
    }
}

/// The host's product id, in the shape of an extended PID: groups of digits that name application, product, licence
/// serial and host. Its first group, 88888, tells it from Microsoft's.
fn host_pid(grant: &Grant, product: &Product) -> String {
    format!(
        "88888-{:05}-{:03}-{:06}-03-1033-{:04}.0000-{:05}",
        u32::from(product.application_number),
        product.number % 1000,
        grant.serial % 1_000_000,
        grant.host_number,
        product.number
    )
}

fn checked_list(list: &SignedRevocations, root: &PublicKey) -> Option<(Revocations, Arc<[u8]>)> {
    list.verify(root).then(|| (list.revocations.clone(), list.to_bytes().into()))
}
