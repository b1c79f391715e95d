//! The members of the cluster: who is asked, for how long, and what a call's failure means.

use std::future::Future;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use etcd_client::{Client, ConnectOptions, GetOptions};
use futures_util::future::join_all;
use tokio::time::{Instant, sleep, timeout};

use super::endpoint::{tls_options, url};
use super::fault::Fault;
use crate::circuit::Circuit;
use crate::error::ClusterError;
use crate::health::{Health, Member, MemberHealth};
use crate::options::Options;

/// Between two rounds through all members, while a leader is elected.
const ROUND_PAUSE: Duration = Duration::from_millis(100);

/// The members, with a connection to each that was asked.
pub(super) struct Members {
    members: Vec<Slot>,
    connect: ConnectOptions,
    timeout: Duration,
    pause: Duration,
    /// The one that answered last.
    preferred: AtomicUsize,
    circuit: Mutex<Circuit>,
}

#[derive(Default)]
struct Slot {
    endpoint: String,
    link: Mutex<Link>,
    /// Held while connecting: to log in is costly for the member, so it is done once.
    connecting: tokio::sync::Mutex<()>,
}

/// A connection. Its number tells it from those that were given up.
#[derive(Default)]
struct Link {
    number: u64,
    client: Option<Client>,
}

/// What the members of a failed call said.
#[derive(Default)]
struct Said {
    by_member: Option<String>,
    on_the_way: Option<String>,
}

impl Members {
    /// Checks the endpoints; connects to none.
    pub(super) async fn new(endpoints: &[String], options: &Options) -> Result<Members, ClusterError> {
        if endpoints.is_empty() {
            return Err(ClusterError::NoEndpoint);
        }
        // A member without a leader says so at once, instead of waiting for one.
        let mut connect = ConnectOptions::new()
            .with_require_leader(true)
            .with_connect_timeout(options.timeout)
            .with_keep_alive_while_idle(false);
        if let Some(tls) = &options.tls {
            connect = connect.with_tls(tls_options(tls)?);
        }
        let mut members = Vec::new();
        for endpoint in endpoints {
            let url = url(endpoint, options)?;
            // Without a user this only reads the address and the certificates.
            Client::connect([&url], Some(connect.clone())).await.map_err(|error| ClusterError::Endpoint {
                endpoint: endpoint.clone(),
                reason: error.to_string(),
            })?;
            members.push(Slot { endpoint: url, ..Slot::default() });
        }
        if let Some(user) = &options.user {
            connect = connect.with_user(&user.name, &user.password).with_auto_token_refresh(true);
        }
        Ok(Members {
            members,
            connect,
            timeout: options.timeout,
            pause: options.pause,
            preferred: AtomicUsize::new(0),
            circuit: Mutex::default(),
        })
    }

    /// Asks the members in turn until one answers. What is asked must be harmless when it is done twice: a member may
    /// have done it and not lived to say so.
    pub(super) async fn call<T, F, A>(&self, deadline: Instant, ask: F) -> Result<T, ClusterError>
    where
        F: Fn(Client) -> A,
        A: Future<Output = Result<T, Fault>>,
    {
        self.circuit().enter(Instant::now(), self.timeout)?;
        let mut said = Said::default();
        loop {
            if let Some(result) = self.round(deadline, &ask, &mut said).await {
                self.circuit().close();
                return result;
            }
            if deadline.saturating_duration_since(Instant::now()) <= ROUND_PAUSE {
                let error = said.error();
                self.circuit().open(Instant::now(), self.pause, &error);
                return Err(error);
            }
            sleep(ROUND_PAUSE).await;
        }
    }

    /// Asks each member once, and shares the time that is left among them.
    async fn round<T, F, A>(
        &self,
        deadline: Instant,
        ask: &F,
        said: &mut Said,
    ) -> Option<Result<T, ClusterError>>
    where
        F: Fn(Client) -> A,
        A: Future<Output = Result<T, Fault>>,
    {
        let first = self.preferred.load(Ordering::Relaxed);
        for step in 0..self.members.len() {
            let index = (first + step) % self.members.len();
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let others = u32::try_from(self.members.len() - step).unwrap_or(u32::MAX);
            match self.ask(index, left / others, ask).await {
                Ok(answer) => {
                    self.preferred.store(index, Ordering::Relaxed);
                    return Some(Ok(answer));
                }
                Err(Fault::Final(error)) => return Some(Err(error)),
                Err(Fault::Away { reason, by_member: true }) => said.by_member = Some(reason),
                Err(Fault::Away { reason, by_member: false }) => said.on_the_way = Some(reason),
            }
        }
        None
    }

    async fn ask<T, F, A>(&self, index: usize, limit: Duration, ask: &F) -> Result<T, Fault>
    where
        F: Fn(Client) -> A,
        A: Future<Output = Result<T, Fault>>,
    {
        let slot = &self.members[index];
        let mut number = None;
        let asked = async {
            let client = slot.client(&self.connect, &mut number).await?;
            ask(client).await
        };
        match timeout(limit, asked).await {
            Ok(answer) => answer,
            Err(_) => {
                // What hangs on the way hangs for the next one too: it gets a new connection.
                slot.give_up(number);
                let reason = format!("{} is silent for {} ms", slot.endpoint, limit.as_millis());
                Err(Fault::Away { reason, by_member: false })
            }
        }
    }

    /// Asks all members how they are, and one of them what needs a majority.
    pub(super) async fn health(&self, key: &str, limit: Duration) -> Health {
        let asked = self.members.iter().enumerate().map(|(index, slot)| async move {
            let state = self.ask(index, limit, &status).await.map_err(alone);
            MemberHealth { endpoint: slot.endpoint.clone(), state }
        });
        let (majority, members) = tokio::join!(self.majority(key, limit), join_all(asked));
        Health { majority, members }
    }

    async fn majority(&self, key: &str, limit: Duration) -> Result<Duration, ClusterError> {
        let begin = Instant::now();
        let ask = |mut client: Client| async move {
            client.get(key, Some(GetOptions::new().with_count_only())).await.map(drop).map_err(Fault::from)
        };
        let mut said = Said::default();
        let answer = self.round(begin + limit, &ask, &mut said).await;
        answer.unwrap_or_else(|| Err(said.error())).map(|()| begin.elapsed())
    }

    fn circuit(&self) -> MutexGuard<'_, Circuit> {
        self.circuit.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Slot {
    /// The connection, and its number from the moment on when it may be the one that hangs.
    async fn client(&self, options: &ConnectOptions, number: &mut Option<u64>) -> Result<Client, Fault> {
        if let Some(client) = self.known(number) {
            return Ok(client);
        }
        let _connecting = self.connecting.lock().await;
        if let Some(client) = self.known(number) {
            return Ok(client);
        }
        let client = Client::connect([&self.endpoint], Some(options.clone())).await?;
        self.link().client = Some(client.clone());
        Ok(client)
    }

    fn known(&self, number: &mut Option<u64>) -> Option<Client> {
        let link = self.link();
        *number = Some(link.number);
        link.client.clone()
    }

    /// Forgets a connection, unless somebody has done it already.
    fn give_up(&self, number: Option<u64>) {
        let mut link = self.link();
        if number == Some(link.number) {
            link.number += 1;
            link.client = None;
        }
    }

    fn link(&self) -> MutexGuard<'_, Link> {
        self.link.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Said {
    fn error(self) -> ClusterError {
        match (self.by_member, self.on_the_way) {
            (Some(reason), _) => ClusterError::NoMajority { reason },
            (None, Some(reason)) => ClusterError::Unreachable { reason },
            (None, None) => ClusterError::Unreachable { reason: "no time was left to ask".to_owned() },
        }
    }
}

/// What a fault means where only one member is asked.
fn alone(fault: Fault) -> ClusterError {
    match fault {
        Fault::Away { reason, by_member: true } => ClusterError::NoMajority { reason },
        Fault::Away { reason, by_member: false } => ClusterError::Unreachable { reason },
        Fault::Final(error) => error,
    }
}

async fn status(mut client: Client) -> Result<Member, Fault> {
    let status = client.status().await?;
    let header = status.header().ok_or(Fault::Final(ClusterError::Strange("no header")))?;
    Ok(Member {
        version: status.version().to_owned(),
        id: header.member_id(),
        cluster: header.cluster_id(),
        leader: Some(status.leader()).filter(|leader| *leader != 0),
        database_bytes: u64::try_from(status.db_size()).unwrap_or(0),
    })
}
