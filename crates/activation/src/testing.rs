//! A publisher with hosts and clients around a virtual clock, for tests: time jumps to the next attempt that is due,
//! and every request and answer goes through the bytes of the wire.

use std::collections::BTreeSet;

use dns::Srv;
use rpc::activation::{Answer, Request, Response};
use rpc::header::ByteOrder;
use uuid::Uuid;

use crate::chance::{Chance, Seeded};
use crate::client::{Client, ClientState, ContactFailure, Discovery, Machine, Outcome, Step};
use crate::codes;
use crate::credentials::{Fingerprint, Grant, HostKey, HostLicence, Product, Revocations, RootKey};
use crate::event::Event;
use crate::host::{Host, Saved};
use crate::journal::Entry;
use crate::moment::{DAY, Moment};
use crate::settings::{HostPort, HostSettings};

/// When a site's time begins.
pub(crate) const START: Moment = Moment(1_800_000_000);

/// What a driver tells of a host that is away: `RPC_S_SERVER_UNAVAILABLE`.
pub(crate) const AWAY: u32 = 0x8007_06BA;
/// What a driver tells when the answer did not come: `RPC_S_CALL_FAILED`.
pub(crate) const LOST: u32 = 0x8007_06BE;

/// What happens to a host's answers.
#[derive(Clone, Copy, Default)]
pub(crate) enum Fault {
    /// They arrive.
    #[default]
    None,
    /// The host does not listen.
    Away,
    /// The host answers, and nobody hears it.
    LosesAnswers,
    /// Somebody changes them on the way.
    Forges(fn(&mut Response)),
    /// Somebody sends the host's first answer again.
    Replays,
}

/// A host at its place.
pub(crate) struct HostSeat {
    /// Name in DNS.
    pub name: String,
    /// The host.
    pub host: Host,
    /// What goes wrong.
    pub fault: Fault,
    /// Seconds that its clock is ahead.
    pub clock: i64,
    /// What it wrote down.
    pub journal: Vec<Entry>,
    first_answer: Option<Answer>,
}

/// A client at its place.
pub(crate) struct ClientSeat {
    /// The client.
    pub client: Client,
    /// Seconds that its clock is ahead.
    pub clock: i64,
    /// Its events.
    pub events: Vec<Event>,
    /// Its requests.
    pub requests: Vec<Request>,
    /// Which hosts it contacted, in order.
    pub contacted: Vec<String>,
    /// Which domains it searched, in order.
    pub searched: Vec<String>,
    /// Its attempts by the true time.
    pub attempts: Vec<(Moment, Outcome)>,
}

/// A site: hosts and clients, as quinn's `Pair` puts two ends of a connection together.
pub(crate) struct Pair {
    /// The true time.
    pub now: Moment,
    /// What is sold.
    pub product: Product,
    /// The hosts, with serial numbers from 1.
    pub hosts: Vec<HostSeat>,
    /// The clients.
    pub clients: Vec<ClientSeat>,
    /// What DNS says.
    pub dns: Result<Vec<Srv>, u32>,
    root: RootKey,
    revoked: BTreeSet<u32>,
    revocation_number: u32,
    chance: Seeded,
}

/// A record of a host.
pub(crate) fn srv(priority: u16, weight: u16, target: &str) -> Srv {
    Srv { priority, weight, port: rpc::KMS_PORT, target: target.to_owned(), ttl: 3600 }
}

impl Pair {
    /// So many hosts and clients; DNS names all hosts alike.
    pub(crate) fn new(hosts: usize, clients: usize) -> Pair {
        Pair::of_publisher([1; 32], hosts, clients)
    }

    /// As [`Pair::new`], of a publisher that grows from a seed.
    pub(crate) fn of_publisher(seed: [u8; 32], hosts: usize, clients: usize) -> Pair {
        let root = RootKey::from_seed(seed);
        let product = Product::new(root.public().fingerprint(), 1, "Paint", 1, "Contoso");
        let mut pair = Pair {
            now: START,
            product,
            hosts: Vec::new(),
            clients: Vec::new(),
            dns: Ok(Vec::new()),
            root,
            revoked: BTreeSet::new(),
            revocation_number: 0,
            chance: Seeded(7),
        };
        (0..hosts).for_each(|_| pair.add_host(&[pair.product.clone()]));
        (0..clients).for_each(|_| pair.add_client());
        pair
    }

    /// The publisher's fingerprint.
    pub(crate) fn publisher(&self) -> Fingerprint {
        self.root.public().fingerprint()
    }

    /// A host for some products, and its record in DNS.
    pub(crate) fn add_host(&mut self, products: &[Product]) {
        let index = self.hosts.len();
        let name = format!("kms{:02}.contoso.com", index + 1);
        let licence = self.licence(index, products);
        let host = Host::new(&licence, host_key(index), HostSettings::default(), Saved::default()).unwrap();
        if let Ok(records) = &mut self.dns {
            records.push(srv(0, 0, &name));
        }
        let (fault, clock, journal) = (Fault::None, 0, Vec::new());
        self.hosts.push(HostSeat { name, host, fault, clock, journal, first_answer: None });
    }

    /// A client with the product's setup key.
    pub(crate) fn add_client(&mut self) {
        let cmid = self.chance.uuid();
        let mut state = ClientState::new(cmid, self.now);
        state.settings.primary_suffix = Some("contoso.com".to_owned());
        state.install(&self.product.setup_key(self.publisher()), self.now);
        self.clients.push(ClientSeat {
            client: Client::new(state),
            clock: 0,
            events: Vec::new(),
            requests: Vec::new(),
            contacted: Vec::new(),
            searched: Vec::new(),
            attempts: Vec::new(),
        });
    }

    fn licence(&self, index: usize, products: &[Product]) -> HostLicence {
        let sign = |product: &Product| {
            let grant = Grant {
                licence: "Fabrikam".to_owned(),
                serial: u32::try_from(index).unwrap() + 1,
                host_number: 1,
                host_limit: 6,
                host_key: host_key(index).public(),
                product: product.clone(),
                not_before: START.plus(-DAY),
                not_after: START.plus(3650 * DAY),
            };
            grant.sign(&self.root).unwrap()
        };
        let list = Revocations {
            number: self.revocation_number,
            issued_at: self.now,
            serials: self.revoked.clone(),
        };
        HostLicence {
            publisher: "Contoso".to_owned(),
            root: self.root.public(),
            grants: products.iter().map(sign).collect(),
            revocations: (self.revocation_number > 0).then(|| list.sign(&self.root).unwrap()),
            host_key: None,
        }
    }

    /// Gives a host a new licence, with the publisher's newest list.
    pub(crate) fn relicense(&mut self, index: usize) {
        let licence = self.licence(index, std::slice::from_ref(&self.product));
        self.hosts[index].host.relicense(&licence).unwrap();
    }

    /// Starts a host again with what it remembers.
    pub(crate) fn restart(&mut self, index: usize, saved: Saved) {
        let licence = self.licence(index, std::slice::from_ref(&self.product));
        let host = Host::new(&licence, host_key(index), HostSettings::default(), saved).unwrap();
        self.hosts[index].host = host;
    }

    /// The publisher revokes a host, and all hosts are told.
    pub(crate) fn revoke(&mut self, index: usize) {
        self.revoked.insert(u32::try_from(index).unwrap() + 1);
        self.revocation_number += 1;
        (0..self.hosts.len()).for_each(|index| self.relicense(index));
    }

    /// The clock of a client.
    pub(crate) fn clock_of(&self, index: usize) -> Moment {
        self.now.plus(self.clients[index].clock)
    }

    /// Number of a client's licence state, and the minutes that are left of it.
    pub(crate) fn status(&self, index: usize) -> (u32, u32) {
        let status = self.clients[index].client.status(self.clock_of(index));
        (status.state.number(), status.minutes_left)
    }

    /// The state that a client keeps.
    pub(crate) fn state_mut(&mut self, index: usize) -> &mut ClientState {
        self.clients[index].client.state_mut()
    }

    /// When a client is due by the true time.
    fn due(&self, index: usize) -> Option<Moment> {
        let seat = &self.clients[index];
        if seat.client.is_due(self.clock_of(index)) {
            return Some(self.now);
        }
        seat.client.next_attempt().map(|due| due.plus(-seat.clock))
    }

    /// Jumps to the next attempt that is due and makes it. Gives the client, or nothing when none will ever try.
    pub(crate) fn step(&mut self) -> Option<usize> {
        let (due, index) =
            (0..self.clients.len()).filter_map(|index| Some((self.due(index)?, index))).min()?;
        self.now = self.now.max(due);
        self.attempt(index);
        Some(index)
    }

    /// Makes all attempts that are due before a time, and lets it be that time.
    pub(crate) fn run_until(&mut self, end: Moment) {
        while (0..self.clients.len()).filter_map(|index| self.due(index)).min().is_some_and(|due| due < end) {
            self.step();
        }
        self.now = self.now.max(end);
    }

    /// A client tries now, due or not.
    pub(crate) fn attempt(&mut self, index: usize) -> Outcome {
        let machine = Machine { name: format!("client{index:03}.contoso.com"), vm_info: 0 };
        let mut attempt = self.clients[index].client.begin(machine);
        let now = self.clock_of(index);
        let outcome = loop {
            let seat = &mut self.clients[index];
            match attempt.step(&mut seat.client, now, &mut self.chance) {
                Step::Discover(domains) => {
                    seat.searched.extend(domains.into_iter().map(|domain| domain.domain));
                    let found = self.dns.clone().map_or_else(Discovery::Nothing, Discovery::Found);
                    attempt.discovered(found, &mut self.chance);
                }
                Step::Contact(to, request) => {
                    seat.contacted.push(to.host.clone());
                    seat.requests.push((*request).clone());
                    let answer = self.contact(&to, &request);
                    let seat = &mut self.clients[index];
                    seat.events.extend(attempt.answered(&mut seat.client, answer, now));
                }
                Step::Finished(outcome) => break outcome,
            }
        };
        self.clients[index].attempts.push((self.now, outcome.clone()));
        outcome
    }

    fn contact(&mut self, to: &HostPort, request: &Request) -> Result<Answer, ContactFailure> {
        let at = |seat: &&mut HostSeat| seat.name == to.host && to.port == rpc::KMS_PORT;
        let seat = self.hosts.iter_mut().find(at).ok_or(ContactFailure(AWAY))?;
        seat.answer(request, self.now)
    }
}

fn host_key(index: usize) -> HostKey {
    HostKey::from_seed([u8::try_from(index).unwrap() + 100; 32])
}

impl HostSeat {
    fn answer(&mut self, request: &Request, now: Moment) -> Result<Answer, ContactFailure> {
        if matches!(self.fault, Fault::Away) {
            return Err(ContactFailure(AWAY));
        }
        let request = Request::read(&request.write(), ByteOrder::Little).unwrap();
        let decision = self.host.decide(&request, now.plus(self.clock), None);
        self.journal.push(decision.entry);
        let answer = decision.reply.sign();
        let mut answer = Answer::read(&answer.write(), ByteOrder::Little).unwrap();
        let first = self.first_answer.get_or_insert_with(|| answer.clone());
        match self.fault {
            Fault::None | Fault::Away => {}
            Fault::LosesAnswers => return Err(ContactFailure(LOST)),
            Fault::Replays => answer = first.clone(),
            Fault::Forges(change) => {
                if let Answer::Granted(response) = &mut answer {
                    change(response);
                }
            }
        }
        Ok(answer)
    }

    /// The count of the first product.
    pub(crate) fn count(&self, now: Moment) -> u32 {
        self.host.products(now)[0].count
    }
}

impl ClientSeat {
    /// Results of the 12288 of this client, with the hosts they went to.
    pub(crate) fn sent(&self) -> Vec<(u32, &str)> {
        let of = |event| match event {
            &Event::RequestSent { hresult, ref server, .. } => Some((hresult, server.as_str())),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// Flags, activation and count of the 12289 of this client.
    pub(crate) fn processed(&self) -> Vec<(u32, bool, u32)> {
        let of = |event: &Event| match event {
            Event::ResponseProcessed { flags, activated, count, .. } => Some((*flags, *activated, *count)),
            _ => None,
        };
        self.events.iter().filter_map(of).collect()
    }

    /// The machine id.
    pub(crate) fn cmid(&self) -> Uuid {
        self.client.state().cmid
    }
}

/// An outcome without any host's answer.
pub(crate) fn unanswered(hresult: u32) -> Outcome {
    Outcome { hresult, count: None, host: None }
}

#[test]
fn a_pair_activates_over_the_wire() {
    let mut pair = Pair::new(1, 25);
    (0..25).for_each(|_| assert!(pair.step().is_some()));
    assert_eq!(pair.status(24).0, 1);
    assert_eq!(pair.hosts[0].journal.len(), 25);
    pair.dns = Err(codes::NO_RECORDS);
    assert_eq!(pair.step(), Some(0));
}
