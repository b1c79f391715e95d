//! Three hosts with one count in three members of etcd: members, hosts and cables fail under load, the count is never
//! wrong, and every answer is in the journal of the host that gave it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use rpc::activation::{Answer, Request};
use serde_json::Value;
use store::HostReader;
use uuid::Uuid;

use crate::cable::Cables;
use crate::members::{Members, is_installed};
use crate::stage::{Service, Stage, until};
use crate::wire::{ask, request};

/// More than the machines of this test: the count has no cap that matters.
const N_POLICY: u32 = 1000;

/// The product of this test.
struct Crowd {
    application_id: Uuid,
    activation_id: Uuid,
}

impl Crowd {
    fn publish(stage: &Stage) -> Crowd {
        let name = ["--name", "Crowd", "--application", "Crowd", "--n-policy", "1000"];
        stage.done(&[&["publisher", "product", "--dir", "pub"], &name[..]].concat());
        for host in 0..3 {
            let out = format!("crowd{host}.toml");
            let words = ["publisher", "issue-host", "--dir", "pub", "--products", "Crowd", "--out", &out];
            stage.done(&words);
        }
        let key = stage.json(&["publisher", "setup-key", "--dir", "pub", "--product", "Crowd"]);
        let id = |name: &str| -> Uuid { key[name].as_str().and_then(|id| id.parse().ok()).expect("an id") };
        Crowd { application_id: id("application_id"), activation_id: id("activation_id") }
    }

    fn request(&self, machine: u64) -> Request {
        Request {
            application_id: self.application_id,
            activation_id: self.activation_id,
            kms_id: self.application_id,
            n_policy: N_POLICY,
            ..request("Solo", machine)
        }
    }
}

fn start(stage: &Stage, host: usize, members: &[String]) -> Service {
    let (data, licence) = (format!("crowd{host}"), format!("crowd{host}.toml"));
    let cluster = format!("etcd://{}", members.join(","));
    let words =
        ["host", "run", "--data", &data, "--licence", &licence, "--listen", "127.0.0.1:0", "--rate", "0"];
    let words = [&words[..], &["--log", "json", "--cluster", &cluster]].concat();
    Service::start(stage.command(&words), stage, &data, 1).expect("the host starts")
}

/// What machines were told.
#[derive(Default)]
struct Answers {
    next: AtomicU64,
    /// Machine ids by host.
    by_host: Mutex<BTreeMap<usize, BTreeSet<Uuid>>>,
}

impl Answers {
    /// So many new machines ask, each until a host answers it; eight at a time.
    fn ask(
        &self,
        crowd: &Crowd,
        hosts: &[(usize, SocketAddr)],
        until_number: u64,
        in_between: impl FnOnce() + Send,
    ) {
        std::thread::scope(|scope| {
            for worker in 0..8 {
                scope.spawn(move || {
                    loop {
                        let machine = self.next.fetch_add(1, Ordering::SeqCst);
                        if machine >= until_number {
                            return;
                        }
                        self.ask_one(crowd, hosts, machine, worker);
                    }
                });
            }
            scope.spawn(in_between);
        });
        self.next.store(until_number, Ordering::SeqCst);
    }

    fn ask_one(&self, crowd: &Crowd, hosts: &[(usize, SocketAddr)], machine: u64, first: usize) {
        let request = crowd.request(machine);
        let mut turn = first;
        until("an answer", || {
            turn += 1;
            let (host, address) = hosts[turn % hosts.len()];
            match ask(address, &request) {
                Ok(Answer::Granted(response)) => {
                    assert!(
                        response.count > 0 && u64::from(response.count) <= self.next.load(Ordering::SeqCst)
                    );
                    self.by_host.lock().expect("answers").entry(host).or_default().insert(request.cmid);
                    Some(())
                }
                Ok(Answer::Refused(code)) => panic!("refused with {code:#x}"),
                Err(_) => None,
            }
        });
    }

    fn total(&self) -> usize {
        let by_host = self.by_host.lock().expect("answers");
        by_host.values().flatten().collect::<BTreeSet<_>>().len()
    }

    fn wait_for(&self, count: usize) {
        until("answers", || (self.total() >= count).then_some(()));
    }
}

fn count_told(address: SocketAddr, request: &Request) -> u32 {
    match ask(address, request) {
        Ok(Answer::Granted(response)) => response.count,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hosts_have_one_count_whatever_fails() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let crowd = Crowd::publish(&stage);
    let mut members = Members::three().await;
    let cables = Cables::to(&members.addresses(1)).await;
    let mut hosts: Vec<Option<Service>> = vec![
        Some(start(&stage, 0, &members.addresses(0))),
        Some(start(&stage, 1, &cables.addresses)),
        Some(start(&stage, 2, &members.addresses(2))),
    ];
    let addresses: Vec<(usize, SocketAddr)> = hosts
        .iter()
        .enumerate()
        .map(|(index, host)| (index, host.as_ref().expect("a host").address()))
        .collect();
    let answers = Answers::default();

    // The leader of the cluster is killed in the middle of it; service goes on without it.
    let leader = members.leader();
    tokio::task::block_in_place(|| {
        answers.ask(&crowd, &addresses, 200, || {
            answers.wait_for(60);
            members.kill(leader);
        });
    });
    assert_eq!(answers.total(), 200);
    members.start(leader, &[]);

    // A host is killed under load.
    tokio::task::block_in_place(|| {
        let dying = hosts[2].take().expect("a host");
        answers.ask(&crowd, &addresses, 320, || {
            answers.wait_for(240);
            dying.kill();
        });
    });
    assert_eq!(answers.total(), 320);
    assert!(members.wait_until_all_answer().await, "the killed member is back");

    // A host is cut off: it renews the machines that it knows with the last count, and answers nobody else.
    cables.cut();
    tokio::task::block_in_place(|| {
        let lonely = hosts[1].as_ref().expect("a host");
        let known = answers.by_host.lock().expect("answers")[&1].clone();
        let renewed =
            (0..320).map(|machine| crowd.request(machine)).find(|request| known.contains(&request.cmid));
        let renewed = renewed.expect("a machine of the host");
        let told = until("a renewal", || match ask(lonely.address(), &renewed) {
            Ok(Answer::Granted(response)) => Some(response.count),
            _ => None,
        });
        assert!(told <= 320, "{told}");
        assert!(ask(lonely.address(), &crowd.request(9999)).is_err(), "a machine that nobody counted");
        lonely.wait_for("cluster-lost", 1);
        answers.ask(&crowd, &addresses[..1], 400, || {});
        cables.mend();
        until("the host is back", || (count_of(lonely.address(), &renewed)? == 400).then_some(()));
        lonely.wait_for("cluster-back", 1);
    });

    // The host that was killed comes back with what it knew.
    let back = start(&stage, 2, &members.addresses(2));
    tokio::task::block_in_place(|| {
        let first = hosts[0].as_ref().expect("a host");
        assert_eq!(count_told(first.address(), &crowd.request(0)), 400);
        assert_eq!(count_told(back.address(), &crowd.request(1)), 400);
        assert_eq!(count_told(back.address(), &crowd.request(400)), 401);
    });
    drop((hosts, back));
    for (host, acknowledged) in answers.by_host.lock().expect("answers").iter() {
        let reader = HostReader::open(&stage.path(&format!("crowd{host}"))).expect("a journal");
        let rows = reader.entries(1, u32::MAX).expect("rows");
        let written: BTreeSet<Uuid> = rows.iter().map(|row| row.entry.cmid).collect();
        assert!(acknowledged.is_subset(&written), "answers of host {host} are not in its journal");
        assert_eq!(reader.check().expect("a check").problems, []);
    }
}

fn count_of(address: SocketAddr, request: &Request) -> Option<u32> {
    match ask(address, request) {
        Ok(Answer::Granted(response)) => Some(response.count),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_host_that_joins_brings_what_it_counted_alone() {
    if !is_installed() {
        return;
    }
    let stage = Stage::new();
    let crowd = Crowd::publish(&stage);
    let members = Members::three().await;
    tokio::task::block_in_place(|| {
        let words =
            ["host", "run", "--data", "crowd0", "--licence", "crowd0.toml", "--listen", "127.0.0.1:0"];
        let alone = Service::start(stage.command(&words), &stage, "crowd0", 1).expect("the host starts");
        for machine in 0..10 {
            count_told(alone.address(), &crowd.request(machine));
        }
        assert_eq!(alone.stop(), Some(0));
        let joined = start(&stage, 0, &members.addresses(0));
        let other = start(&stage, 1, &members.addresses(1));
        assert_eq!(count_told(joined.address(), &crowd.request(3)), 10);
        assert_eq!(count_told(other.address(), &crowd.request(77)), 11);
        let status = stage.json(&["host", "status", "--data", "crowd1"]);
        assert_eq!(status["health"], Value::from("ok"));
    });
}
