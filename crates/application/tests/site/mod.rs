//! A publisher, its host and a client of it, whose state lies in a folder: made by the real state machines.

use std::fs;
use std::path::Path;

use activation::client::{Client, ClientState, ContactFailure, Discovery, Machine, Step};
use activation::credentials::{
    Grant, HostKey, HostLicence, Product, Revocations, RootKey, SetupKey, SignedRevocations,
};
use activation::host::{Host, Saved};
use activation::moment::DAY;
use activation::settings::HostSettings;
use activation::{Chance, Moment, chance::Seeded};
use kmscope_application::{ProductId, Publisher, STATE_FILE};

/// What a driver tells of a host that is away.
const AWAY: u32 = 0x8007_06BA;

/// A publisher with one product, one host and one client.
pub struct Site {
    root: RootKey,
    host: Host,
    revocations: u32,
    /// The product.
    pub product: Product,
    /// The client.
    pub client: Client,
    chance: Seeded,
}

impl Site {
    /// A site whose host activates the first client that asks.
    pub fn new(seed: u8, now: Moment) -> Site {
        let root = RootKey::from_seed([seed; 32]);
        let mut product = Product::new(root.public().fingerprint(), 1, "Contoso Paint é漢", 1, "Contoso");
        product.n_policy = 1;
        let mut chance = Seeded(u64::from(seed));
        let mut state = ClientState::new(chance.uuid(), now);
        state.settings.primary_suffix = Some("contoso.com".to_owned());
        state.install(&product.setup_key(root.public().fingerprint()), now);
        let licence = licence(&root, &product, None);
        let host = Host::new(&licence, host_key(), HostSettings::default(), Saved::default()).unwrap();
        Site { root, host, revocations: 0, product, client: Client::new(state), chance }
    }

    /// The client asks the host, or finds it away. Gives the result code.
    pub fn attempt(&mut self, now: Moment, away: bool) -> u32 {
        let machine = Machine { name: "client.contoso.com".to_owned(), vm_info: 0 };
        let mut attempt = self.client.begin(machine);
        loop {
            match attempt.step(&mut self.client, now, &mut self.chance) {
                Step::Discover(_) => {
                    let record = dns_record("kms01.contoso.com");
                    attempt.discovered(Discovery::Found(vec![record]), &mut self.chance);
                }
                Step::Contact(_, request) => {
                    let answer = self.host.decide(&request, now, None).reply.sign();
                    let answer = if away { Err(ContactFailure(AWAY)) } else { Ok(answer) };
                    attempt.answered(&mut self.client, answer, now);
                }
                Step::Finished(outcome) => return outcome.hresult,
            }
        }
    }

    /// The publisher revokes the host, and the client has heard of it.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn revoke(&mut self, now: Moment) {
        self.revocations += 1;
        let list = Revocations { number: self.revocations, issued_at: now, serials: [1].into() };
        let list: SignedRevocations = list.sign(&self.root).unwrap();
        self.client.state_mut().revocations = Some(list.to_base64());
        self.host.relicense(&licence(&self.root, &self.product, Some(list))).unwrap();
    }

    /// The product as its program names it.
    pub fn id(&self) -> ProductId {
        let publisher = Publisher::Fingerprint(self.root.public().fingerprint());
        ProductId { publisher, activation_id: self.product.activation_id }
    }

    /// The same with the whole root key.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn id_by_key(&self) -> ProductId {
        ProductId { publisher: Publisher::Key(self.root.public()), ..self.id() }
    }

    /// The setup key.
    #[allow(dead_code, reason = "not every test needs it")]
    pub fn setup_key(&self) -> SetupKey {
        self.product.setup_key(self.root.public().fingerprint())
    }

    /// What the client's file holds.
    pub fn state(&self) -> String {
        serde_json::to_string_pretty(self.client.state()).unwrap()
    }

    /// Keeps the state in the client's folder.
    #[allow(dead_code, reason = "not every test keeps it in a folder")]
    pub fn save(&self, folder: &Path) {
        fs::create_dir_all(folder).unwrap();
        fs::write(folder.join(STATE_FILE), self.state()).unwrap();
    }
}

fn dns_record(target: &str) -> dns::Srv {
    dns::Srv { priority: 0, weight: 0, port: 1688, target: target.to_owned(), ttl: 3600 }
}

fn host_key() -> HostKey {
    HostKey::from_seed([77; 32])
}

fn licence(root: &RootKey, product: &Product, revocations: Option<SignedRevocations>) -> HostLicence {
    let grant = Grant {
        licence: "Fabrikam".to_owned(),
        serial: 1,
        host_number: 1,
        host_limit: 1,
        host_key: host_key().public(),
        product: product.clone(),
        not_before: Moment(0),
        not_after: Moment(200 * 365 * DAY),
    };
    HostLicence {
        publisher: "Contoso".to_owned(),
        root: root.public(),
        grants: vec![grant.sign(root).unwrap()],
        revocations,
        host_key: None,
    }
}
