//! A tally against the count of one host, and against a model of etcd's store.

use std::collections::BTreeMap;

use activation::moment::DAY;
use proptest::prelude::*;

use super::*;

const NOW: Moment = Moment(1_795_000_000);
const APPLICATION: Uuid = Uuid::from_u128(0xa);
const FOLDER: &str = "/kmscope/count/00000000-0000-0000-0000-00000000000a/";

/// What etcd does with our keys.
#[derive(Default)]
struct Store {
    revision: i64,
    keys: BTreeMap<String, (String, i64)>,
}

impl Store {
    fn put(&mut self, contact: &Contact) {
        let (key, value) = (record::key(FOLDER, contact.cmid), record::value(contact));
        if self.keys.get(&key).is_some_and(|(stored, _)| *stored > value) {
            return;
        }
        self.revision += 1;
        self.keys.insert(key, (value, self.revision));
    }

    fn page(&self, since: i64) -> Page {
        let changed = self.keys.iter().filter(|(_, (_, revision))| *revision >= since);
        let keys = changed.map(|(name, (value, revision))| Key {
            name: name.clone().into_bytes(),
            value: value.clone().into_bytes(),
            revision: *revision,
        });
        let keys = keys.collect();
        Page { cluster: 1, revision: self.revision, total: self.keys.len(), more: false, keys }
    }

    fn tidy(&mut self, chores: &[Chore]) {
        for chore in chores {
            let key = record::key(FOLDER, chore.cmid);
            if self.keys.get(&key).is_none_or(|(_, revision)| *revision != chore.revision) {
                continue;
            }
            self.revision += 1;
            match chore.what {
                What::Remove => self.keys.remove(&key),
                What::SetBack(contact) => self.keys.insert(key, (record::value(&contact), self.revision)),
            };
        }
    }
}

fn contact(number: u128, at: Moment, n_policy: u32) -> Contact {
    Contact { cmid: Uuid::from_u128(number + 1), at, n_policy }
}

/// A host: what it last read.
#[derive(Default)]
struct Host(Option<Tally>);

impl Host {
    fn read(&mut self, store: &Store) -> Tally {
        let grown = self
            .0
            .as_ref()
            .and_then(|known| known.grown(FOLDER, APPLICATION, &store.page(known.revision() + 1)).unwrap());
        let tally = grown.unwrap_or_else(|| {
            let page = store.page(0);
            let mut tally = Tally::at(&page);
            tally.take(FOLDER, APPLICATION, &page.keys).unwrap();
            tally
        });
        self.0 = Some(tally.clone());
        tally
    }

    fn ask(&mut self, store: &mut Store, contact: &Contact) -> u32 {
        store.put(contact);
        let judgement = self.read(store).judge(contact.cmid, contact.n_policy, contact.at);
        store.tidy(&judgement.chores);
        judgement.count
    }
}

#[test]
fn a_contact_from_the_future_is_set_back() {
    let mut store = Store::default();
    store.put(&contact(1, NOW.plus(365 * DAY), 25));
    store.put(&contact(2, NOW.plus(60), 25));
    let asked = contact(3, NOW, 25);
    assert_eq!(Host::default().ask(&mut store, &asked), 3);
    let contacts = Host::default().read(&store).contacts();
    assert_eq!(contacts[0].at, NOW);
    assert_eq!(contacts[1].at, NOW);
    assert_eq!(contacts[2].at, NOW.plus(60), "a host whose clock is a minute ahead is none of it");
}

#[test]
fn a_machine_that_asked_meanwhile_stays() {
    let mut store = Store::default();
    store.put(&contact(1, NOW.plus(-31 * DAY), 25));
    store.put(&contact(2, NOW, 25));
    let judgement = Host::default().read(&store).judge(Uuid::from_u128(3), 25, NOW);
    assert_eq!(judgement.count, 1);
    store.put(&contact(1, NOW, 25));
    store.tidy(&judgement.chores);
    assert_eq!(store.keys.len(), 2);
}

#[test]
fn another_state_of_the_cluster_is_read_anew() {
    let mut store = Store::default();
    store.put(&contact(1, NOW, 25));
    store.put(&contact(2, NOW, 25));
    let known = Host::default().read(&store);
    let grown = |page: &Page| known.grown(FOLDER, APPLICATION, page).unwrap().is_some();
    let since = store.page(known.revision() + 1);
    assert!(grown(&since));
    assert!(!grown(&Page { cluster: 2, ..since.clone() }), "another cluster");
    assert!(!grown(&Page { revision: 1, ..since.clone() }), "put back from a backup");
    assert!(!grown(&Page { more: true, ..since.clone() }));
    assert!(!grown(&Page { total: 1, ..since }), "a key was removed");
}

#[test]
fn what_no_host_wrote_is_not_counted_over() {
    let page = |name: String, value: &str| Page {
        total: 1,
        keys: vec![Key { name: name.into_bytes(), value: value.as_bytes().to_vec(), revision: 1 }],
        ..Page::default()
    };
    let good = record::key(FOLDER, Uuid::from_u128(1));
    for wrong in [page(good.clone(), "later"), page(format!("{FOLDER}readme"), "2026-11-21T18:06:00Z 25")] {
        let error = Tally::at(&wrong).take(FOLDER, APPLICATION, &wrong.keys).unwrap_err();
        assert!(matches!(error, ClusterError::Damaged { key } if key.starts_with(FOLDER)));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Requests at several hosts, each with what it last read, count like one host that sees all of them.
    #[test]
    fn hosts_count_like_one(
        requests in prop::collection::vec((0u128..60, 0usize..3, 0i64..2 * DAY, prop::sample::select(vec![5u32, 10, 25])), 1..250)
    ) {
        let mut store = Store::default();
        let mut hosts: [Host; 3] = Default::default();
        let mut one = Count::default();
        let mut now = NOW;
        for (number, host, pause, n_policy) in requests {
            now = now.plus(pause);
            let asked = contact(number, now, n_policy);
            let counted = hosts[host].ask(&mut store, &asked);
            prop_assert_eq!(counted, one.add(asked.cmid, n_policy, now));
            prop_assert_eq!(Host::default().read(&store).contacts(), one.contacts());
            prop_assert_eq!(store.keys.len(), one.contacts().len());
        }
    }
}
