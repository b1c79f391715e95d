//! Hosts that share a count, while nothing fails.

use std::time::Instant;

use activation::Moment;
use activation::counting::Count;
use activation::journal::Contact;
use activation::moment::DAY;
use cluster::{ClusterError, Options, SharedCount, connect};
use uuid::Uuid;

use crate::members::{Members, PATIENCE, is_installed};

const NOW: Moment = Moment(1_795_000_000);

fn machine(number: usize) -> Uuid {
    Uuid::from_u128(number as u128 + 1)
}

async fn hosts(members: &Members) -> [SharedCount; 3] {
    let host = async |index| connect(&members.addresses(index), Options::default()).await.unwrap();
    [host(0).await, host(1).await, host(2).await]
}

/// Sends requests through three hosts at once, each in its own order, and gives the counts that they were told.
async fn ask(hosts: &[SharedCount; 3], application: Uuid, requests: &[Contact]) -> Vec<u32> {
    let tasks = hosts.iter().enumerate().map(|(index, host)| {
        let host = host.clone();
        let mine: Vec<Contact> = requests.iter().skip(index).step_by(3).copied().collect();
        tokio::spawn(async move {
            let mut told = Vec::new();
            for request in mine {
                told.push(host.count(application, request.cmid, request.n_policy, request.at).await.unwrap());
            }
            told
        })
    });
    let mut told = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        told.extend(task.await.unwrap());
    }
    told
}

fn counted_by_one(requests: &[Contact]) -> Count {
    let mut one = Count::default();
    for request in requests {
        one.add(request.cmid, request.n_policy, request.at);
    }
    one
}

/// Tidying goes on behind the answers.
async fn wait_for_keys(members: &Members, application: Uuid, expected: usize) {
    let begin = Instant::now();
    let mut found = usize::MAX;
    while found != expected && begin.elapsed() < PATIENCE {
        let keys =
            members.etcdctl(&["get", "--prefix", "--keys-only", &format!("/kmscope/count/{application}/")]);
        found = keys.lines().filter(|line| !line.is_empty()).count();
        tokio::task::yield_now().await;
    }
    assert_eq!(found, expected);
}

#[tokio::test]
async fn hosts_count_like_one() {
    if !is_installed() {
        return;
    }
    let members = Members::three().await;
    let hosts = hosts(&members).await;
    below_the_cap(&hosts).await;
    at_the_cap(&members, &hosts).await;
    very_many(&members, &hosts).await;
    machines_that_come_back(&hosts).await;
    what_is_damaged(&members, &hosts).await;
}

/// Machines ask several times, at different hosts; at the end each was there once, at its latest time.
async fn below_the_cap(hosts: &[SharedCount; 3]) {
    let application = machine(1_000_001);
    let requests: Vec<Contact> = (0..150)
        .map(|number| Contact { cmid: machine(number * 7 % 43), at: NOW.plus(number as i64), n_policy: 25 })
        .collect();
    ask(hosts, application, &requests).await;
    let one = counted_by_one(&requests);
    for host in hosts {
        assert_eq!(host.contacts(application).await.unwrap(), one.contacts());
    }
    for host in hosts {
        assert_eq!(host.count(application, machine(0), 25, NOW.plus(150)).await, Ok(one.get()));
    }
    // Late news of a machine change nothing.
    hosts[0].bring(application, &[Contact { cmid: machine(0), at: NOW, n_policy: 25 }]).await.unwrap();
    hosts[0].bring(application, &[Contact { cmid: machine(99), at: NOW, n_policy: 25 }]).await.unwrap();
    assert_eq!(hosts[1].count(application, machine(0), 25, NOW).await, Ok(44), "a clock behind the others");
    let contacts = hosts[1].contacts(application).await.unwrap();
    assert_eq!(contacts.last().unwrap().at, NOW.plus(150));
    assert_eq!(contacts.len(), 44);
    assert_eq!(hosts[2].count(application, machine(0), 25, NOW.plus(40 * DAY)).await, Ok(1));
}

/// More machines than count, all in the same second: the same ones are left, and the others' keys go.
async fn at_the_cap(members: &Members, hosts: &[SharedCount; 3]) {
    let application = machine(1_000_002);
    let requests: Vec<Contact> =
        (0..150).map(|number| Contact { cmid: machine(number), at: NOW, n_policy: 25 }).collect();
    let told = ask(hosts, application, &requests).await;
    assert_eq!(told.iter().max(), Some(&50));
    let one = counted_by_one(&requests);
    assert_eq!(hosts[0].contacts(application).await.unwrap(), one.contacts());
    wait_for_keys(members, application, 50).await;
}

/// So many that they are read in pages, and then only what has changed.
async fn very_many(members: &Members, hosts: &[SharedCount; 3]) {
    let application = machine(1_000_003);
    let contacts: Vec<Contact> =
        (0..3200).map(|number| Contact { cmid: machine(number), at: NOW, n_policy: 1600 }).collect();
    hosts[0].bring(application, &contacts).await.unwrap();
    assert_eq!(hosts[1].contacts(application).await.unwrap().len(), 3200);
    let ask = async |host: usize, number, now| {
        hosts[host].count(application, machine(number), 1600, now).await.unwrap()
    };
    assert_eq!(ask(0, 3199, NOW.plus(1)).await, 3200);
    assert_eq!(ask(1, 3200, NOW.plus(2)).await, 3200);
    wait_for_keys(members, application, 3200).await;
    assert_eq!(ask(0, 3199, NOW.plus(29 * DAY)).await, 3200, "a key was removed since");
    assert_eq!(ask(0, 3198, NOW.plus(29 * DAY)).await, 3200);
    assert_eq!(ask(1, 3200, NOW.plus(31 * DAY)).await, 3);
    wait_for_keys(members, application, 3).await;
}

/// One host finds that everybody is too old, while the same machines are asking at the others: nobody is removed who
/// was answered.
async fn machines_that_come_back(hosts: &[SharedCount; 3]) {
    let application = machine(1_000_005);
    let contact = |number, at| Contact { cmid: machine(number), at, n_policy: 1000 };
    let silent: Vec<Contact> = (0..300).map(|number| contact(number, NOW.plus(-31 * DAY))).collect();
    hosts[0].bring(application, &silent).await.unwrap();
    let back: Vec<Contact> = (0..300).map(|number| contact(number, NOW)).collect();
    ask(hosts, application, &back).await;
    let counted = hosts[0].contacts(application).await.unwrap();
    assert_eq!(counted, counted_by_one(&back).contacts());
}

/// What somebody else wrote below our prefix is named, and nothing is counted over it.
async fn what_is_damaged(members: &Members, hosts: &[SharedCount; 3]) {
    let application = machine(1_000_004);
    let key = format!("/kmscope/count/{application}/readme");
    members.etcdctl(&["put", &key, "hello"]);
    assert_eq!(
        hosts[0].count(application, machine(1), 25, NOW).await,
        Err(ClusterError::Damaged { key: key.clone() })
    );
    members.etcdctl(&["del", &key]);
    assert_eq!(hosts[0].count(application, machine(1), 25, NOW).await, Ok(1));
}
