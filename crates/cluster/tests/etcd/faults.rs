//! What happens to machines that were answered when members, hosts and cables fail.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use activation::Moment;
use cluster::{ClusterError, Options, SharedCount, WithoutMajority, connect, fallback};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::cable::Cables;
use crate::members::{Members, PATIENCE, eager, is_installed};

const NOW: Moment = Moment(1_795_000_000);
const APPLICATION: Uuid = Uuid::from_u128(0xa);
const N_POLICY: u32 = 2000;

/// Beyond the bound of a call, for a busy machine.
const SLACK: Duration = Duration::from_millis(1500);

/// What a host answered: machine and count.
type Answers = Mutex<Vec<(Uuid, u32)>>;

/// Machines that ask until they are answered, and what each host answered.
#[derive(Clone)]
struct Site {
    /// Waiting for an answer.
    waiting: Arc<Mutex<VecDeque<Uuid>>>,
    /// By host.
    answered: Arc<[Answers; 3]>,
    total: Arc<watch::Sender<usize>>,
}

impl Site {
    fn new() -> Site {
        Site { waiting: Arc::default(), answered: Arc::default(), total: Arc::new(watch::Sender::new(0)) }
    }

    fn arrive(&self, machines: std::ops::Range<u128>) {
        self.waiting.lock().unwrap().extend(machines.map(|number| Uuid::from_u128(number + 1)));
    }

    /// A host that serves whoever waits; the machine that it is serving when it fails waits again.
    fn serve(&self, host: usize, count: &SharedCount) -> JoinHandle<()> {
        let (site, count) = (self.clone(), count.clone());
        tokio::spawn(async move {
            while let Some(waiter) = site.next() {
                let counted = count.count(APPLICATION, waiter.cmid, N_POLICY, NOW).await;
                if let Ok(counted) = counted {
                    site.answered[host].lock().unwrap().push((waiter.cmid, counted));
                    waiter.leave();
                    site.total.send_modify(|total| *total += 1);
                }
            }
        })
    }

    fn next(&self) -> Option<Waiter> {
        let cmid = self.waiting.lock().unwrap().pop_front()?;
        Some(Waiter { cmid, waiting: Some(self.waiting.clone()) })
    }

    async fn until_answered(&self, expected: usize) {
        let mut total = self.total.subscribe();
        let reached = total.wait_for(|total| *total >= expected);
        tokio::time::timeout(PATIENCE, reached).await.expect("machines are answered").unwrap();
    }

    fn answered_by(&self, host: usize) -> usize {
        self.answered[host].lock().unwrap().len()
    }

    fn machines(&self) -> BTreeSet<Uuid> {
        let lists = self.answered.iter();
        lists
            .flat_map(|list| list.lock().unwrap().iter().map(|(cmid, _)| *cmid).collect::<Vec<_>>())
            .collect()
    }
}

/// A machine that waits again when it is not answered, also when its host dies with its request.
struct Waiter {
    cmid: Uuid,
    waiting: Option<Arc<Mutex<VecDeque<Uuid>>>>,
}

impl Waiter {
    fn leave(mut self) {
        self.waiting = None;
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        if let Some(waiting) = &self.waiting {
            waiting.lock().unwrap().push_back(self.cmid);
        }
    }
}

#[tokio::test]
async fn no_answered_machine_is_lost() {
    if !is_installed() {
        return;
    }
    let mut members = Members::three().await;
    let cables = Cables::to(&members.addresses(1)).await;
    let hosts = [
        connect(&members.addresses(0), eager()).await.unwrap(),
        connect(&cables.addresses, eager()).await.unwrap(),
        connect(&members.addresses(2), eager()).await.unwrap(),
    ];
    let site = Site::new();

    // The leader is killed in the middle of it, and stays away until everybody is answered.
    site.arrive(0..300);
    let serving = [0, 1, 2].map(|host| site.serve(host, &hosts[host]));
    site.until_answered(100).await;
    let leader = members.leader();
    members.kill(leader);
    let before = *site.total.borrow();
    site.until_answered(300).await;
    assert!(before < 300, "answers during the outage");
    for host in serving {
        host.await.unwrap();
    }
    members.start(leader, &[]);

    // A host dies with a request under way.
    site.arrive(300..450);
    let serving = [0, 1, 2].map(|host| site.serve(host, &hosts[host]));
    site.until_answered(350).await;
    serving[2].abort();
    site.until_answered(450).await;
    assert!(members.wait_until_all_answer().await, "the killed member is back");

    // A host is cut off: it fails within its bound, and the other one goes on.
    cables.cut();
    let machine = Uuid::from_u128(1);
    let begin = Instant::now();
    let error = hosts[1].count(APPLICATION, machine, N_POLICY, NOW).await.unwrap_err();
    assert!(matches!(error, ClusterError::Unreachable { .. }), "{error}");
    assert!(begin.elapsed() < Options::default().timeout + SLACK, "{:?}", begin.elapsed());
    let by_the_cut_off = site.answered_by(1);
    site.arrive(450..550);
    let serving = [0, 1].map(|host| site.serve(host, &hosts[host]));
    site.until_answered(549).await;
    assert_eq!(site.answered_by(1), by_the_cut_off);
    cables.mend();
    site.until_answered(550).await;
    for host in serving {
        host.await.unwrap();
    }

    exactly_the_answered_ones(&site, &hosts).await;
    assert!((0..3).all(|host| site.answered_by(host) > 0));
}

async fn exactly_the_answered_ones(site: &Site, hosts: &[SharedCount; 3]) {
    let answered = site.machines();
    assert_eq!(answered.len(), 550);
    let last = Uuid::from_u128(550);
    for host in hosts {
        let contacts = host.contacts(APPLICATION).await.unwrap();
        let counted: BTreeSet<Uuid> = contacts.iter().map(|contact| contact.cmid).collect();
        assert_eq!(counted, answered);
        assert_eq!(host.count(APPLICATION, last, N_POLICY, NOW).await, Ok(550));
    }
    for host in site.answered.iter() {
        let counts: Vec<u32> = host.lock().unwrap().iter().map(|(_, count)| *count).collect();
        assert!(counts.is_sorted(), "a count that was told includes all that were told before");
    }
}

#[tokio::test]
async fn without_a_majority_nothing_is_counted() {
    if !is_installed() {
        return;
    }
    let members = Members::three().await;
    let timeout = Duration::from_secs(1);
    let options = Options { timeout, pause: Duration::from_secs(1), ..Options::default() };
    let host = connect(&members.addresses(0), options).await.unwrap();
    let ask = async |number| host.count(APPLICATION, Uuid::from_u128(number), 25, NOW).await;
    let last_known = ask(1).await.ok();
    assert_eq!(last_known, Some(1));

    members.signal(1, "-STOP");
    members.signal(2, "-STOP");
    let begin = Instant::now();
    let error = ask(2).await.unwrap_err();
    assert!(begin.elapsed() < timeout + SLACK, "{:?}", begin.elapsed());
    assert!(error.is_outage(), "{error}");
    // Meanwhile others fail at once.
    let begin = Instant::now();
    let error = ask(1).await.unwrap_err();
    assert!(begin.elapsed() < timeout / 2);
    assert!(matches!(error, ClusterError::Paused { .. }), "{error}");
    assert_eq!(fallback(WithoutMajority::Renew, true, last_known), Some(1));
    assert_eq!(fallback(WithoutMajority::Renew, false, last_known), None);
    assert_eq!(fallback(WithoutMajority::Refuse, true, last_known), None);
    // The member that is left notices that it is alone, and says so.
    let begin = Instant::now();
    let mut health = host.health().await;
    while !matches!(health.majority, Err(ClusterError::NoMajority { .. })) {
        assert!(begin.elapsed() < PATIENCE, "{health:?}");
        health = host.health().await;
    }
    assert!(health.members.iter().all(|member| member.state.is_err()), "{health:?}");

    members.signal(1, "-CONT");
    members.signal(2, "-CONT");
    let begin = Instant::now();
    let mut counted = ask(3).await;
    while counted.is_err() {
        assert!(begin.elapsed() < PATIENCE, "{counted:?}");
        tokio::task::yield_now().await;
        counted = ask(3).await;
    }
    // The machine that was refused may be there or not; it is once it is answered.
    assert_eq!(ask(2).await, Ok(3));
    assert!(host.health().await.majority.is_ok());
}

#[tokio::test]
async fn a_cluster_that_is_not_there() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = nobody.local_addr().unwrap().to_string();
    drop(nobody);
    let options = Options { timeout: Duration::from_millis(300), ..Options::default() };
    let host = connect(&[address], options).await.unwrap();
    let error = host.count(APPLICATION, Uuid::from_u128(1), 25, NOW).await.unwrap_err();
    let text = error.to_string();
    assert!(text.starts_with("no etcd member answers: "), "{text}");
    assert!(text.to_lowercase().contains("connection refused"), "{text}");
    assert!(connect(&[], Options::default()).await.is_err());
}
