//! Many targets at once: every address of every name, once or again and again, on one thread.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tokio::time::sleep_until;

use crate::reach::{Reached, reach};
use crate::resolve::{self, Resolved};
use crate::target::Target;

/// How a survey goes about.
#[derive(Debug, Clone, Copy)]
pub struct SurveyOptions {
    /// The whole time for a look-up, and again for each connection with its answer.
    pub timeout: Duration,
    /// Connections to each address.
    pub count: usize,
    /// From the start of one to the start of the next.
    pub interval: Duration,
    /// Which addresses are wanted.
    pub family: Family,
    /// Connections that are open at once; the system bounds how many files a process may have.
    pub at_once: usize,
}

/// Which addresses of a name are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// All of them.
    Any,
    /// IPv4 only.
    V4,
    /// IPv6 only.
    V6,
}

impl Family {
    fn takes(self, address: &IpAddr) -> bool {
        match self {
            Family::Any => true,
            Family::V4 => address.is_ipv4(),
            Family::V6 => address.is_ipv6(),
        }
    }
}

/// What became of one target.
#[derive(Debug, Clone)]
pub struct TargetSurvey {
    /// The target.
    pub target: Target,
    /// What the look-up gave: addresses of the wanted family, or why there are none.
    pub resolved: Resolved,
    /// For each address, every connection in the order in which they were made.
    pub addresses: Vec<(IpAddr, Vec<Reached>)>,
}

/// Surveys all targets; the result has their order.
pub async fn survey(targets: &[Target], options: SurveyOptions) -> Vec<TargetSurvey> {
    let limit = Arc::new(Semaphore::new(options.at_once.max(1)));
    let mut tasks = JoinSet::new();
    for (index, target) in targets.iter().cloned().enumerate() {
        let limit = limit.clone();
        tasks.spawn(async move { (index, one(target, options, limit).await) });
    }
    let mut done: Vec<(usize, TargetSurvey)> = tasks.join_all().await;
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, survey)| survey).collect()
}

async fn one(target: Target, options: SurveyOptions, limit: Arc<Semaphore>) -> TargetSurvey {
    let resolved = {
        let _permit = limit.acquire().await;
        resolve::system(&target, options.timeout).await
    };
    let resolved = match resolved {
        Resolved::Addresses(all) => {
            let wanted: Vec<IpAddr> =
                all.into_iter().filter(|address| options.family.takes(address)).collect();
            if wanted.is_empty() { Resolved::NoAddress(String::new()) } else { Resolved::Addresses(wanted) }
        }
        other => other,
    };
    let Resolved::Addresses(addresses) = &resolved else {
        return TargetSurvey { target, resolved, addresses: Vec::new() };
    };
    let mut tasks = JoinSet::new();
    for (index, address) in addresses.iter().copied().enumerate() {
        let (limit, port) = (limit.clone(), target.port);
        tasks.spawn(async move {
            (index, address, repeated(SocketAddr::new(address, port), options, limit).await)
        });
    }
    let mut done = tasks.join_all().await;
    done.sort_by_key(|(index, ..)| *index);
    let addresses = done.into_iter().map(|(_, address, reached)| (address, reached)).collect();
    TargetSurvey { target, resolved, addresses }
}

async fn repeated(address: SocketAddr, options: SurveyOptions, limit: Arc<Semaphore>) -> Vec<Reached> {
    let mut all = Vec::new();
    let mut next = tokio::time::Instant::now();
    for _ in 0..options.count.max(1) {
        sleep_until(next).await;
        next += options.interval;
        let _permit = limit.acquire().await;
        all.push(reach(address, options.timeout).await);
    }
    all
}

/// Times of connections that were made, as psping tells them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statistics {
    /// Connections that were tried.
    pub tried: usize,
    /// Those that stood.
    pub connected: usize,
    /// Shortest, middle and longest time to connect; absent when none stood.
    pub times: Option<[Duration; 3]>,
}

impl Statistics {
    /// The statistics of some connections.
    pub fn of(reached: &[Reached]) -> Statistics {
        let mut times: Vec<Duration> = reached.iter().filter_map(|one| one.connect).collect();
        times.sort();
        let spread = match times.as_slice() {
            [] => None,
            [first, .., last] => Some([*first, times[times.len() / 2], *last]),
            [only] => Some([*only; 3]),
        };
        Statistics { tried: reached.len(), connected: times.len(), times: spread }
    }

    /// Share of the connections that did not stand, in percent.
    pub fn loss_percent(&self) -> f64 {
        if self.tried == 0 { 0.0 } else { (self.tried - self.connected) as f64 * 100.0 / self.tried as f64 }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use tokio::net::TcpListener;

    use super::*;
    use crate::reach::Outcome;

    fn options(count: usize) -> SurveyOptions {
        SurveyOptions {
            timeout: Duration::from_secs(20),
            count,
            interval: Duration::ZERO,
            family: Family::Any,
            at_once: 2000,
        }
    }

    #[tokio::test]
    async fn a_thousand_at_once_on_one_thread() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        // Nobody is answered until a hundred wait: one after the other would never end.
        tokio::spawn(async move {
            let mut waiting = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                waiting.push(stream);
                if waiting.len() >= 100 {
                    waiting.clear();
                }
            }
        });
        let targets = vec![Target { host: "127.0.0.1".to_owned(), port }; 1000];
        let done = survey(&targets, options(1)).await;
        assert_eq!(done.len(), 1000);
        let answered = |survey: &TargetSurvey| matches!(survey.addresses[0].1[0].outcome, Outcome::Answer(_));
        assert!(done.iter().all(answered));
    }

    #[tokio::test]
    async fn a_closed_port_is_lost_every_time() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let done = survey(&[Target { host: "127.0.0.1".to_owned(), port }], options(4)).await;
        let statistics = Statistics::of(&done[0].addresses[0].1);
        assert_eq!((statistics.tried, statistics.connected, statistics.times), (4, 0, None));
        assert_eq!(statistics.loss_percent(), 100.0);
    }

    #[tokio::test]
    async fn the_wanted_family_alone_is_tried() {
        let targets = [Target { host: "127.0.0.1".to_owned(), port: 9 }];
        let done = survey(&targets, SurveyOptions { family: Family::V6, ..options(1) }).await;
        assert_eq!(done[0].resolved, Resolved::NoAddress(String::new()));
        assert!(done[0].addresses.is_empty());
    }
}
