//! A host with clients in one memory, for tests: requests and answers go from one to the other at given times.

use uuid::Uuid;

use super::{ClientAnswer, HostAnswer, Output, Verb, client_side, host_side};
use crate::chance::Seeded;
use crate::client::{Client, ClientState, Discovery, Machine, Outcome, Step};
use crate::credentials::testing::{BEGIN, END, host as host_key, product, root};
use crate::credentials::{Grant, HostLicence, Product, Revocations, SignedRevocations};
use crate::host::{Host, Saved};
use crate::moment::{DAY, Moment};
use crate::settings::HostSettings;

/// The time at which a world begins: ten days into the host's licence.
pub(super) const NOW: Moment = Moment(BEGIN.0 + 10 * DAY);

/// The program's version that `/dlv` prints.
pub(super) const VERSION: &str = "1.2.3";

/// So many clients the product demands.
pub(super) const CLIENTS_NEEDED: u32 = 5;

/// What the product is.
pub(super) fn sold() -> Product {
    Product { n_policy: CLIENTS_NEEDED, ..product() }
}

fn licence(serial: u32, products: &[Product], revoked: &[u32]) -> HostLicence {
    let sign = |product: &Product| {
        let grant = Grant {
            licence: "Fabrikam".to_owned(),
            serial,
            host_number: 1,
            host_limit: 6,
            host_key: host_key().public(),
            product: product.clone(),
            not_before: BEGIN,
            not_after: END,
        };
        grant.sign(&root()).unwrap()
    };
    HostLicence {
        publisher: "Contoso".to_owned(),
        root: root().public(),
        grants: products.iter().map(sign).collect(),
        revocations: (!revoked.is_empty()).then(|| list(revoked)),
        host_key: None,
    }
}

fn list(revoked: &[u32]) -> SignedRevocations {
    let list = Revocations { number: 1, issued_at: NOW, serials: revoked.iter().copied().collect() };
    list.sign(&root()).unwrap()
}

/// A host with a licence of its own number, and with numbers that the publisher revoked.
pub(super) fn host(serial: u32, products: &[Product], revoked: &[u32]) -> Host {
    let licence = licence(serial, products, revoked);
    Host::new(&licence, host_key(), HostSettings::default(), Saved::default()).unwrap()
}

/// A client without a key.
pub(super) fn client(number: u128) -> Client {
    Client::new(ClientState::new(Uuid::from_u128(0x1111_1111_2222_4333_8444_0000_0000_0000 + number), NOW))
}

/// A client with the product's key.
pub(super) fn keyed(number: u128) -> Client {
    let mut client = client(number);
    let key = sold().setup_key(root().public().fingerprint()).to_string();
    assert_eq!(
        text(client_side::run(&Verb::InstallKey(key), &mut client, VERSION, NOW, &mut Seeded(1))).exit_code,
        0
    );
    client
}

/// Lets a client ask a host that DNS finds.
pub(super) fn attempt(client: &mut Client, host: &mut Host, now: Moment) -> Outcome {
    let mut chance = Seeded(now.0.unsigned_abs());
    let machine = Machine { name: "client.contoso.com".to_owned(), vm_info: 0 };
    let mut attempt = client.begin(machine);
    loop {
        match attempt.step(client, now, &mut chance) {
            Step::Discover(_) => {
                let found = dns::Srv {
                    priority: 0,
                    weight: 0,
                    port: 1688,
                    target: "kms.contoso.com".to_owned(),
                    ttl: 3600,
                };
                attempt.discovered(Discovery::Found(vec![found]), &mut chance);
            }
            Step::Contact(_, request) => {
                let answer = host.decide(&request, now, None).reply.sign();
                attempt.answered(client, Ok(answer), now);
            }
            Step::Finished(outcome) => return outcome,
        }
    }
}

/// Other clients ask the host, until one more reaches what the product demands.
pub(super) fn others_ask(host: &mut Host) {
    for number in 1..CLIENTS_NEEDED {
        attempt(&mut keyed(100 + u128::from(number)), host, NOW);
    }
}

/// A client that a host has activated, and the host.
pub(super) fn activated() -> (Client, Host) {
    let mut host = host(1, &[sold()], &[]);
    others_ask(&mut host);
    let mut client = keyed(1);
    assert_eq!(attempt(&mut client, &mut host, NOW).hresult, 0);
    (client, host)
}

/// An option at a client; panics where it is an attempt.
pub(super) fn at_client(words: &[&str], client: &mut Client, now: Moment) -> Output {
    text(client_side::run(&verb(words), client, VERSION, now, &mut Seeded(9)))
}

/// An option at a host, which takes the settings.
pub(super) fn at_host(words: &[&str], host: &mut Host, now: Moment) -> Output {
    let answer = host_side::run(&verb(words), host, VERSION, now);
    let output = answer.output().clone();
    if let HostAnswer::Changed(settings, _) = answer {
        host.set(settings);
    }
    output
}

fn text(answer: ClientAnswer) -> Output {
    match answer {
        ClientAnswer::Text(output) => output,
        ClientAnswer::Attempt => panic!("an attempt"),
    }
}

/// The option that words say.
pub(super) fn verb(words: &[&str]) -> Verb {
    let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    Verb::parse(&words).unwrap()
}
