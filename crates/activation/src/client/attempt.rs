//! One attempt: which host, what to send, and what the answer means.

use std::collections::VecDeque;

use dns::Srv;
use dns::domains::SearchDomain;
use rpc::activation::{Answer, Request, Response};
use uuid::Uuid;

use super::state::{Held, LastAttempt};
use super::{Client, order};
use crate::chance::Chance;
use crate::codes;
use crate::credentials::{Chain, Expectations, SignedLease, SignedRevocations, check_lease};
use crate::event::Event;
use crate::moment::{MINUTE, Moment};
use crate::settings::{ClientSettings, HostPort, is_interval};

/// Status flag of 12288 and 12289: the host's count is below what the client needs.
const FLAG_NOT_ENOUGH_COUNT: u32 = 0x0400_0000;

/// What the driver has to do next.
#[derive(Debug)]
pub enum Step {
    /// Ask DNS for the service in these domains, in this order, up to the first with records.
    Discover(Vec<SearchDomain>),
    /// Contact a host with a request.
    Contact(HostPort, Box<Request>),
    /// The attempt is over.
    Finished(Outcome),
}

/// What DNS said.
#[derive(Debug, Clone)]
pub enum Discovery {
    /// The records of the first domain that has any.
    Found(Vec<Srv>),
    /// No domain has records; the code that tells why.
    Nothing(u32),
}

/// Why a host gave no answer: the code of the failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ContactFailure(pub u32);

/// How an attempt ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// 0 when the client is activated now.
    pub hresult: u32,
    /// The count that a host told, if one did.
    pub count: Option<u32>,
    /// The host that answered last.
    pub host: Option<HostPort>,
}

/// What a machine says of itself in a request.
#[derive(Debug, Clone, Default)]
pub struct Machine {
    /// Its full name.
    pub name: String,
    /// 1 in a virtual machine.
    pub vm_info: u32,
}

/// An attempt under way.
#[derive(Debug)]
pub struct Attempt {
    machine: Machine,
    hosts: VecDeque<HostPort>,
    /// Discovery is still to come when the hosts at hand do not answer.
    may_discover: bool,
    asked: Option<(HostPort, Request)>,
    /// Hosts that were tried already: discovery may name the cached one again.
    tried: Vec<HostPort>,
    outcome: Option<Outcome>,
    /// What is told when no other host does better.
    worst: Option<Outcome>,
    /// For whom it was begun: a key or a rearm in the middle makes its answers those of another client.
    identity: Identity,
    /// By which settings it was begun.
    settings: ClientSettings,
}

/// Machine id, product and publisher.
type Identity = (Uuid, Option<(Uuid, String)>);

impl Client {
    fn identity(&self) -> Identity {
        let product = self.state.product.as_ref();
        (self.state.cmid, product.map(|product| (product.activation_id, product.fingerprint.clone())))
    }

    /// Begins an attempt.
    pub fn begin(&self, machine: Machine) -> Attempt {
        let settings = &self.state.settings;
        let mut attempt = Attempt {
            machine,
            hosts: VecDeque::new(),
            may_discover: false,
            asked: None,
            tried: Vec::new(),
            outcome: None,
            worst: None,
            identity: self.identity(),
            settings: settings.clone(),
        };
        if self.state.product.is_none() {
            attempt.outcome = Some(failed(codes::NO_KEY));
        } else if !settings.activation_type.allows_kms() {
            attempt.outcome = Some(failed(codes::NOT_ALLOWED));
        } else if let Some(fixed) = settings.fixed() {
            attempt.hosts.push_back(fixed);
        } else {
            attempt.may_discover = true;
            attempt.hosts.extend(self.state.cached_host.clone().filter(|_| settings.host_caching));
        }
        attempt
    }
}

fn failed(hresult: u32) -> Outcome {
    Outcome { hresult, count: None, host: None }
}

impl Attempt {
    /// True while the client has the key, the machine id and the settings that the attempt was begun with. One that is
    /// outdated is to be begun anew.
    pub fn is_current(&self, client: &Client) -> bool {
        self.identity == client.identity() && self.settings == client.state.settings
    }

    /// What to do next. When the attempt is over, the client's state says when to try again.
    pub fn step(&mut self, client: &mut Client, now: Moment, chance: &mut dyn Chance) -> Step {
        if self.identity != client.identity() {
            // What made the client another one has also said when to try next.
            return Step::Finished(failed(codes::NOT_BOUND));
        }
        if self.outcome.is_none()
            && let Some(host) = self.hosts.pop_front()
        {
            let request = self.request(client, now, chance);
            self.tried.push(host.clone());
            self.asked = Some((host.clone(), request.clone()));
            return Step::Contact(host, Box::new(request));
        }
        if self.outcome.is_none() && self.may_discover {
            self.may_discover = false;
            return Step::Discover(dns::domains::searched(&client.lookup_settings()));
        }
        let outcome =
            self.outcome.take().or_else(|| self.worst.take()).unwrap_or_else(|| failed(codes::NO_HOST));
        client.finish(&outcome, now);
        Step::Finished(outcome)
    }

    /// Takes what DNS said.
    pub fn discovered(&mut self, discovery: Discovery, chance: &mut dyn Chance) {
        match discovery {
            Discovery::Found(records) => {
                let hosts = order::order(&records, chance);
                self.hosts.extend(
                    hosts.into_iter().filter(|host| !self.tried.iter().any(|tried| tried.is_same(host))),
                );
            }
            // A host that was tried before says more than DNS does.
            Discovery::Nothing(code) => {
                self.worst.get_or_insert_with(|| failed(code));
            }
        }
    }

    /// Takes a host's answer, or that there was none. Gives the events to write.
    pub fn answered(
        &mut self,
        client: &mut Client,
        answer: Result<Answer, ContactFailure>,
        now: Moment,
    ) -> Vec<Event> {
        let Some((host, request)) = self.asked.take() else { return Vec::new() };
        if self.identity != client.identity() {
            return vec![sent_event(&host, &request, codes::NOT_BOUND)];
        }
        let sent = |hresult| sent_event(&host, &request, hresult);
        match answer {
            Err(ContactFailure(code)) => {
                // One host that is away says little; only that none was there is told.
                self.worst.get_or_insert_with(|| failed(codes::NO_HOST));
                vec![sent(code)]
            }
            Ok(Answer::Refused(code)) => {
                self.worst = Some(Outcome { hresult: code, count: None, host: Some(host.clone()) });
                vec![sent(code)]
            }
            Ok(Answer::Granted(response)) => match client.take(&host, &request, &response, now) {
                Err(code) => {
                    self.worst = Some(Outcome { hresult: code, count: None, host: Some(host.clone()) });
                    vec![sent(code)]
                }
                Ok(activated) => {
                    let hresult = if activated { 0 } else { codes::COUNT_TOO_LOW };
                    self.outcome =
                        Some(Outcome { hresult, count: Some(response.count), host: Some(host.clone()) });
                    vec![sent(0), processed_event(&response, activated, &request)]
                }
            },
        }
    }

    fn request(&self, client: &Client, now: Moment, chance: &mut dyn Chance) -> Request {
        let state = &client.state;
        let status = client.status(now);
        let mut nonce = [0; 32];
        chance.fill(&mut nonce);
        let (application_id, activation_id, n_policy) = state
            .product
            .as_ref()
            .map(|product| (product.application_id, product.activation_id, product.n_policy))
            .unwrap_or_default();
        Request {
            version: rpc::activation::VERSION,
            vm_info: self.machine.vm_info,
            license_status: status.state.number(),
            binding_expiration_minutes: status.minutes_left,
            application_id,
            activation_id,
            kms_id: application_id,
            cmid: state.cmid,
            n_policy,
            client_time: now.to_filetime(),
            previous_cmid: state.previous_cmid,
            machine_name: self.machine.name.clone(),
            nonce,
            revocation_number: state.revoked().map_or(0, |list| list.revocations.number),
        }
    }
}

fn sent_event(host: &HostPort, request: &Request, hresult: u32) -> Event {
    Event::RequestSent {
        hresult,
        flags: 0,
        server: host.to_string(),
        cmid: request.cmid,
        client_time: Moment::from_filetime(request.client_time),
        vm_info: request.vm_info,
        license_status: request.license_status,
        minutes_to_expiration: request.binding_expiration_minutes,
        activation_id: request.activation_id,
        n_policy: request.n_policy,
    }
}

fn processed_event(response: &Response, activated: bool, request: &Request) -> Event {
    Event::ResponseProcessed {
        hresult: 0,
        flags: if activated { 0 } else { FLAG_NOT_ENOUGH_COUNT },
        activated,
        count: response.count,
        activation_interval_minutes: response.activation_interval_minutes,
        renewal_interval_minutes: response.renewal_interval_minutes,
        client_time: Moment::from_filetime(request.client_time),
    }
}

impl Client {
    /// What of the settings decides where DNS is asked.
    fn lookup_settings(&self) -> dns::domains::ClientSettings {
        let settings = &self.state.settings;
        dns::domains::ClientSettings {
            lookup_domain: settings.lookup_domain.clone(),
            primary_suffix: settings.primary_suffix.clone(),
            search_list: settings.search_list.clone(),
            ..dns::domains::ClientSettings::default()
        }
    }

    /// Takes a response. True when it activates the client, false when the count is too low; or the code of what is
    /// wrong with it.
    fn take(
        &mut self,
        host: &HostPort,
        request: &Request,
        response: &Response,
        now: Moment,
    ) -> Result<bool, u32> {
        let (lease, chain) = self.checked(request, response, now)?;
        let granted = &chain.grant.grant.product;
        let activated = response.count >= granted.n_policy;
        let Some(product) = &mut self.state.product else { return Err(codes::NO_KEY) };
        product.name = Some(granted.name.clone());
        product.application_name = Some(granted.application_name.clone());
        product.n_policy = granted.n_policy;
        product.grace_days = granted.grace_days;
        let intervals = (response.activation_interval_minutes, response.renewal_interval_minutes);
        if is_interval(intervals.0) && is_interval(intervals.1) {
            (self.state.activation_interval_minutes, self.state.renewal_interval_minutes) = intervals;
        }
        if self.state.settings.fixed_host.is_none() && self.state.settings.host_caching {
            self.state.cached_host = Some(host.clone());
        }
        if activated {
            // The graces that were begun by a wrong clock are set right before the lease stands for the time.
            self.state.saw(now);
            self.state.held = Some(Held::new(&lease, &chain, host.clone(), response.host_pid.clone()));
            // The host signed this time: whatever the clock said before is forgotten.
            self.state.latest_seen = now;
        }
        Ok(activated)
    }

    /// Checks every link from the publisher to the lease, and that the fields beside the lease say the same.
    fn checked(
        &mut self,
        request: &Request,
        response: &Response,
        now: Moment,
    ) -> Result<(SignedLease, Chain), u32> {
        const WRONG: u32 = codes::RESPONSE_NOT_VALID;
        let publisher =
            self.state.product.as_ref().and_then(|product| product.publisher()).ok_or(codes::NO_KEY)?;
        let chain = Chain::from_bytes(&response.chain).map_err(|_| WRONG)?;
        chain.verify(now, publisher).map_err(|_| WRONG)?;
        self.keep_newer_revocations(&response.revocations, &chain);
        let lease = SignedLease::from_bytes(&response.lease).map_err(|_| WRONG)?;
        let revoked = self.state.revoked().map(|list| list.revocations);
        let expectations = Expectations {
            nonce: request.nonce,
            cmid: request.cmid,
            activation_id: request.activation_id,
            now,
            client_time: Moment::from_filetime(request.client_time),
            revocations: revoked.as_ref(),
        };
        check_lease(&chain, &lease, &expectations).map_err(|_| WRONG)?;
        let signed = &lease.lease;
        let alike = response.cmid == signed.cmid
            && response.client_time == request.client_time
            && response.count == signed.count
            && response.activation_interval_minutes == signed.activation_interval_minutes
            && response.renewal_interval_minutes == signed.renewal_interval_minutes
            && chain.grant.grant.product.application_id == request.application_id;
        alike.then_some((lease, chain)).ok_or(WRONG)
    }

    fn keep_newer_revocations(&mut self, bytes: &[u8], chain: &Chain) {
        let Ok(list) = SignedRevocations::from_bytes(bytes) else { return };
        let known = self.state.revoked().map_or(0, |list| list.revocations.number);
        if !list.verify(&chain.root) || list.revocations.number <= known {
            return;
        }
        self.state.revocations = Some(data_encoding::BASE64.encode(bytes));
        let publisher = self.state.product.as_ref().and_then(|product| product.publisher());
        // A later list has the host, too, and must not prolong what began with the first.
        if let (Some(publisher), Some(held)) = (publisher, &mut self.state.held)
            && held.revoked_at.is_none()
            && let Some((lease, _)) = held.read(publisher)
            && list.revocations.serials.contains(&lease.lease.serial)
        {
            held.revoked_at = Some(list.revocations.issued_at);
        }
    }

    fn finish(&mut self, outcome: &Outcome, now: Moment) {
        let state = &mut self.state;
        state.saw(now);
        let minutes = if outcome.hresult == 0 {
            state.renewal_interval_minutes
        } else {
            state.activation_interval_minutes
        };
        state.next_attempt = now.plus(i64::from(minutes) * MINUTE);
        state.last_attempt = Some(LastAttempt { at: now, hresult: outcome.hresult, count: outcome.count });
    }
}
