//! What a client keeps: its key, its machine id, its settings, and the last lease.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::credentials::{Chain, Fingerprint, SetupKey, SignedLease, SignedRevocations};
use crate::moment::Moment;
use crate::settings::{ACTIVATION_INTERVAL_MINUTES, ClientSettings, HostPort, RENEWAL_INTERVAL_MINUTES};

/// How often a client can be rearmed.
pub const REARMS: u32 = 5;

/// Days of grace where the publisher has not told another number yet.
pub const GRACE_DAYS: u32 = 30;

/// The product that a setup key names, and what the publisher told of it with the first answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Product {
    /// Last five characters of the setup key, as `/dlv` prints them.
    pub partial_key: String,
    /// Whose key it is.
    pub fingerprint: String,
    /// The product's name; nothing before a host told it.
    pub name: Option<String>,
    /// The application's name; nothing before a host told it.
    pub application_name: Option<String>,
    /// Application.
    pub application_id: Uuid,
    /// Product.
    pub activation_id: Uuid,
    /// The count that it needs.
    pub n_policy: u32,
    /// Days of grace.
    pub grace_days: u32,
    /// When the key was installed, or the machine rearmed.
    pub grace_from: Moment,
    /// True when a rearm gave this grace although the one before was over.
    pub extended: bool,
}

impl Product {
    fn of(key: &SetupKey, now: Moment) -> Product {
        Product {
            partial_key: key.partial(),
            fingerprint: key.fingerprint.to_string(),
            name: None,
            application_name: None,
            application_id: key.application_id(),
            activation_id: key.activation_id(),
            n_policy: u32::from(key.n_policy),
            grace_days: GRACE_DAYS,
            grace_from: now,
            extended: false,
        }
    }

    /// The publisher's fingerprint.
    pub fn publisher(&self) -> Option<Fingerprint> {
        self.fingerprint.parse().ok()
    }
}

/// The lease that a client lives on, with what proves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The signed lease, in base64.
    lease: String,
    /// Its chain, in base64.
    chain: String,
    /// From which host it came.
    pub host: HostPort,
    /// How that host names itself.
    pub host_pid: String,
    /// When the publisher signed the first list that this client saw with the host in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Moment>,
}

impl Held {
    pub(super) fn new(lease: &SignedLease, chain: &Chain, host: HostPort, host_pid: String) -> Held {
        let encode = |bytes: &[u8]| data_encoding::BASE64.encode(bytes);
        let (lease, chain) = (encode(&lease.to_bytes()), encode(&chain.to_bytes()));
        Held { lease, chain, host, host_pid, revoked_at: None }
    }

    /// The lease and its chain; nothing when the file was damaged or forged.
    pub fn read(&self, publisher: Fingerprint) -> Option<(SignedLease, Chain)> {
        let decode = |text: &str| data_encoding::BASE64.decode(text.as_bytes()).ok();
        let chain = Chain::from_bytes(&decode(&self.chain)?).ok()?;
        let lease = SignedLease::from_bytes(&decode(&self.lease)?).ok()?;
        // The dates of the grant were checked when the lease was taken; an old lease outlives the host's licence.
        chain.verify(lease.lease.issued_at, publisher).ok()?;
        (lease.verify(&chain.grant.grant.host_key) && lease.lease.serial == chain.grant.grant.serial)
            .then_some((lease, chain))
    }
}

/// How the last attempt ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastAttempt {
    /// When.
    pub at: Moment,
    /// 0 when it activated the client.
    pub hresult: u32,
    /// The count that the host told; nothing when no answer came.
    pub count: Option<u32>,
}

/// Publishers beside the present one whose lists are kept.
pub const OTHER_PUBLISHERS_MAX: usize = 7;

/// A publisher's newest list of revoked hosts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublisherList {
    /// Fingerprint of the publisher.
    pub publisher: String,
    /// The list, in base64.
    pub revocations: String,
}

/// Everything that a client keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClientState {
    /// Client machine id.
    pub cmid: Uuid,
    /// The one before the last rearm; nil without.
    #[serde(default)]
    pub previous_cmid: Uuid,
    /// Settings.
    #[serde(default)]
    pub settings: ClientSettings,
    /// The product; nothing without a setup key.
    pub product: Option<Product>,
    /// The lease.
    pub held: Option<Held>,
    /// The host that worked last, where caching is on.
    pub cached_host: Option<HostPort>,
    /// Minutes between attempts, as the host told last.
    pub activation_interval_minutes: u32,
    /// Minutes between renewals, as the host told last.
    pub renewal_interval_minutes: u32,
    /// When to try next.
    pub next_attempt: Moment,
    /// How the last attempt ended.
    pub last_attempt: Option<LastAttempt>,
    /// The latest time that was seen; a clock behind it is not believed.
    pub latest_seen: Moment,
    /// How often the client can still be rearmed.
    pub rearms_left: u32,
    /// The newest list of revoked hosts of the publisher below, in base64.
    pub revocations: Option<String>,
    /// Fingerprint of the publisher of the key that was installed last: its list outlives the key.
    #[serde(default)]
    pub publisher: Option<String>,
    /// The lists of publishers whose keys were installed before, the latest last: who goes to another publisher's key
    /// and back does not forget whom the first one revoked.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_revocations: Vec<PublisherList>,
    /// When the grace of each product began that was ever installed here, by activation id, and whether it is an
    /// extended one: a key that is removed and installed again gets no other.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub graces: BTreeMap<Uuid, (Moment, bool)>,
}

/// Why a rearm was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RearmError {
    /// All were used.
    #[error("the rearms are used up")]
    UsedUp,
}

impl ClientState {
    /// A new installation with a machine id of its own.
    pub fn new(cmid: Uuid, now: Moment) -> ClientState {
        ClientState {
            cmid,
            previous_cmid: Uuid::nil(),
            settings: ClientSettings::default(),
            product: None,
            held: None,
            cached_host: None,
            activation_interval_minutes: ACTIVATION_INTERVAL_MINUTES,
            renewal_interval_minutes: RENEWAL_INTERVAL_MINUTES,
            next_attempt: now,
            last_attempt: None,
            latest_seen: now,
            rearms_left: REARMS,
            revocations: None,
            publisher: None,
            other_revocations: Vec::new(),
            graces: BTreeMap::new(),
        }
    }

    /// Installs a setup key; another product's lease goes. The same key again changes nothing, a product that was
    /// installed before has the grace of then, and each publisher's list of revoked hosts is that publisher's only.
    pub fn install(&mut self, key: &SetupKey, now: Moment) {
        let mut product = Product::of(key, now);
        if let Some(known) = &self.product
            && known.activation_id == product.activation_id
            && known.fingerprint == product.fingerprint
        {
            return;
        }
        self.uninstall();
        self.saw(now);
        let grace = self.graces.entry(product.activation_id).or_insert((now, false));
        (product.grace_from, product.extended) = *grace;
        self.turn_to(&product.fingerprint);
        self.product = Some(product);
        self.next_attempt = now;
    }

    /// Puts the present publisher's list aside, and takes out the one of the publisher that comes.
    fn turn_to(&mut self, publisher: &str) {
        if self.publisher.as_deref() == Some(publisher) {
            return;
        }
        let before = self.publisher.replace(publisher.to_owned());
        if let (Some(publisher), Some(revocations)) = (before, self.revocations.take()) {
            self.other_revocations.retain(|other| other.publisher != publisher);
            self.other_revocations.push(PublisherList { publisher, revocations });
        }
        if let Some(at) = self.other_revocations.iter().position(|other| other.publisher == publisher) {
            self.revocations = Some(self.other_revocations.remove(at).revocations);
        }
        let too_many = self.other_revocations.len().saturating_sub(OTHER_PUBLISHERS_MAX);
        self.other_revocations.drain(..too_many);
    }

    /// Removes the key and what it brought, but for what was revoked.
    pub fn uninstall(&mut self) {
        // A state that was kept before publishers were remembered.
        if let Some(product) = &self.product {
            self.publisher = Some(product.fingerprint.clone());
        }
        self.product = None;
        self.held = None;
        self.last_attempt = None;
    }

    /// Gives a new machine id, drops the lease, and lets the grace begin again. `grace_is_over` tells whether the
    /// machine was in notification before.
    pub fn rearm(&mut self, cmid: Uuid, grace_is_over: bool, now: Moment) -> Result<(), RearmError> {
        self.rearms_left = self.rearms_left.checked_sub(1).ok_or(RearmError::UsedUp)?;
        self.previous_cmid = self.cmid;
        self.cmid = cmid;
        self.held = None;
        self.cached_host = None;
        self.last_attempt = None;
        self.saw(now);
        self.next_attempt = now;
        self.graces.clear();
        if let Some(product) = &mut self.product {
            product.grace_from = now;
            product.extended = grace_is_over;
            self.graces.insert(product.activation_id, (now, grace_is_over));
        }
        Ok(())
    }

    /// The time that counts for a lease: the clock's, but never long before what was seen already.
    pub fn trusted(&self, now: Moment) -> Moment {
        if self.latest_seen.since(now) > crate::credentials::CLOCK_TOLERANCE { self.latest_seen } else { now }
    }

    /// By how many seconds what was noted is to be shifted where the clock was set back; 0 or less.
    ///
    /// No signature tells a client without a lease what time it is. What was noted by a clock that is set back moves
    /// back with it, so that as much of the grace is consumed as was before: a clock that was ahead does not keep the
    /// client waiting, and one that is turned back and forth gains nothing.
    pub(super) fn set_back(&self, now: Moment) -> i64 {
        if self.held.is_some() { 0 } else { now.since(self.latest_seen).min(0) }
    }

    /// When the grace of the installed product began, by the clock as it is now.
    pub(super) fn grace_from(&self, product: &Product, now: Moment) -> Moment {
        product.grace_from.plus(self.set_back(now)).min(now)
    }

    /// Notes that this time has come.
    pub fn saw(&mut self, now: Moment) {
        let shift = self.set_back(now);
        self.latest_seen = self.latest_seen.plus(shift).max(now);
        self.next_attempt = self.next_attempt.plus(shift);
        let latest = self.latest_seen;
        let product = self.product.iter_mut().map(|product| &mut product.grace_from);
        for from in self.graces.values_mut().map(|(from, _)| from).chain(product) {
            *from = from.plus(shift).min(latest);
        }
    }

    /// The list of revoked hosts.
    pub fn revoked(&self) -> Option<SignedRevocations> {
        let bytes = data_encoding::BASE64.decode(self.revocations.as_deref()?.as_bytes()).ok()?;
        SignedRevocations::from_bytes(&bytes).ok()
    }
}
