//! Very many questions to one DNS server over one socket: as many on their way as the server can take.

use std::cmp::Reverse;
use std::collections::hash_map::Entry;
use std::collections::{BinaryHeap, HashMap};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use dns::{Answer, Question};
use tokio::net::UdpSocket;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout_at};

use crate::lookup::{Asked, Random, ask, nobody_listens};

/// How to ask.
#[derive(Debug, Clone, Copy)]
pub struct BulkOptions {
    /// Questions on their way at once. A small packet takes more than a kilobyte of a socket's buffer, and common
    /// buffers hold 208 KiB: more than 150 overflow that of a server which is busy for a moment.
    pub window: usize,
    /// Whole time for one question.
    pub timeout: Duration,
    /// Packets of one question that are sent before it is given up.
    pub tries: usize,
}

impl Default for BulkOptions {
    fn default() -> BulkOptions {
        BulkOptions { window: 150, timeout: Duration::from_secs(3), tries: 3 }
    }
}

/// Packets that are read before new questions are sent and the deadlines are looked at: few, so that the server has
/// work while this side reads.
const PACKETS_PER_TURN: usize = 16;

/// When each question on its way is sent again: its id, and its number among all.
type Deadlines = BinaryHeap<Reverse<(Instant, u16, usize)>>;

/// How long each packet of a question is waited for: twice as long as the one before, all together the whole time.
/// A single lost packet of ten thousand must not hold everything up.
#[derive(Debug, Clone, Copy)]
struct Waits {
    first: Duration,
    tries: usize,
}

impl Waits {
    fn new(options: BulkOptions) -> Waits {
        const TRIES_MAX: usize = 16;
        let tries = options.tries.clamp(1, TRIES_MAX);
        Waits { first: options.timeout / ((1u32 << tries) - 1), tries }
    }

    /// After the first packet, the second, and so on.
    fn after(self, tries: usize) -> Duration {
        self.first * (1u32 << (tries.clamp(1, self.tries) - 1))
    }
}

/// A question on its way.
struct Pending<K> {
    /// What the caller calls it.
    key: K,
    question: Question,
    /// Which of all that were sent: an id comes again, this number does not.
    number: usize,
    tries: usize,
}

/// Asks every question; hands over each with how it was answered, in the order in which the answers come.
///
/// Questions are taken when their turn comes, so that making them costs no time before the first is sent, and no
/// memory for those that wait.
/// Answers that were cut off are asked for again, each over a connection of its own, behind the rest.
pub async fn ask_many<K: Copy + Send + 'static>(
    server: SocketAddr,
    questions: impl IntoIterator<Item = (K, Question)>,
    options: BulkOptions,
    random: &Random,
    mut each: impl FnMut(K, Asked),
) -> io::Result<()> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let window = options.window.clamp(1, usize::from(u16::MAX) / 4);
    let waits = Waits::new(options);
    let mut pending: HashMap<u16, Pending<K>> = HashMap::with_capacity(window);
    // The next to be sent again or given up is on top; those that were answered are passed over when they come up.
    let mut deadlines: Deadlines = BinaryHeap::with_capacity(window);
    let mut questions = questions.into_iter().enumerate();
    let mut drained = true;
    let mut again: Vec<(K, Question)> = Vec::new();
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        while pending.len() < window
            && let Some((number, (key, question))) = questions.next()
        {
            let id = free_id(&pending, random);
            match question.to_bytes(id) {
                Some(bytes) => {
                    send(&socket, &bytes).await?;
                    pending.insert(id, Pending { key, question, number, tries: 1 });
                    deadlines.push(Reverse((Instant::now() + waits.after(1), id, number)));
                }
                None => each(key, Asked::Failed("the name is too long".to_owned())),
            }
        }
        let Some(Reverse((deadline, ..))) = deadlines.peek().copied() else { break };
        let in_time = Instant::now() < deadline;
        if in_time && drained {
            // Nothing more at the moment: until something comes, or somebody has waited too long.
            match timeout_at(deadline, socket.readable()).await {
                Ok(ready) => ready?,
                Err(_) => continue,
            }
        }
        if !in_time {
            give_up(&socket, &mut pending, &mut deadlines, waits, &mut each).await?;
            continue;
        }
        drained = false;
        // A flood of strangers' packets must not keep the questions from ending.
        for _ in 0..PACKETS_PER_TURN {
            let length = match socket.try_recv(&mut buffer) {
                Ok(length) => length,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    drained = true;
                    break;
                }
                // "Nobody listens there" comes back for each packet; the questions end by their deadlines.
                Err(error) if nobody_listens(&error) => continue,
                Err(error) => return Err(error),
            };
            let Some(id) = buffer[..length].first_chunk::<2>().map(|id| u16::from_be_bytes(*id)) else {
                continue;
            };
            let Entry::Occupied(entry) = pending.entry(id) else { continue };
            if let Ok(answer) = Answer::read(&entry.get().question, id, &buffer[..length]) {
                let Pending { key, question, .. } = entry.remove();
                if answer.truncated {
                    again.push((key, question))
                } else {
                    each(key, Asked::Answered(answer))
                }
            }
        }
        while deadlines
            .peek()
            .is_some_and(|Reverse((_, id, number))| pending.get(id).is_none_or(|one| one.number != *number))
        {
            deadlines.pop();
        }
    }
    over_tcp(server, again, options.timeout, random, each).await;
    Ok(())
}

/// Connections at once for answers that were cut off; some servers close further ones.
const CONNECTIONS_AT_ONCE: usize = 32;

/// Asks again what was cut off.
async fn over_tcp<K: Copy + Send + 'static>(
    server: SocketAddr,
    again: Vec<(K, Question)>,
    patience: Duration,
    random: &Random,
    mut each: impl FnMut(K, Asked),
) {
    let mut waiting = again.into_iter();
    let mut asking = JoinSet::new();
    loop {
        while asking.len() < CONNECTIONS_AT_ONCE
            && let Some((key, question)) = waiting.next()
        {
            let random = *random;
            asking.spawn(async move { (key, ask(server, &question, patience, &random).await.asked) });
        }
        match asking.join_next().await {
            Some(Ok((key, asked))) => each(key, asked),
            Some(Err(_)) => {}
            None => break,
        }
    }
}

/// An id that no question on its way has; the caller keeps most of them free.
fn free_id<K>(pending: &HashMap<u16, Pending<K>>, random: &Random) -> u16 {
    let mut id = random.id();
    while pending.contains_key(&id) {
        id = id.wrapping_add(1);
    }
    id
}

/// Sends again what has waited long enough, or gives it up.
async fn give_up<K>(
    socket: &UdpSocket,
    pending: &mut HashMap<u16, Pending<K>>,
    deadlines: &mut Deadlines,
    waits: Waits,
    each: &mut impl FnMut(K, Asked),
) -> io::Result<()> {
    let now = Instant::now();
    while let Some(Reverse((_, id, number))) =
        deadlines.peek().copied().filter(|Reverse((deadline, ..))| *deadline <= now)
    {
        deadlines.pop();
        let Entry::Occupied(mut entry) = pending.entry(id) else { continue };
        let one = entry.get_mut();
        if one.number != number {
            continue;
        }
        if one.tries >= waits.tries {
            each(entry.remove().key, Asked::Timeout);
            continue;
        }
        one.tries += 1;
        let wait = waits.after(one.tries);
        if let Some(bytes) = one.question.to_bytes(id) {
            send(socket, &bytes).await?;
        }
        deadlines.push(Reverse((now + wait, id, number)));
    }
    Ok(())
}

/// A refusal that came back for an earlier packet is no reason not to send this one.
async fn send(socket: &UdpSocket, bytes: &[u8]) -> io::Result<()> {
    match socket.send(bytes).await {
        Err(error) if nobody_listens(&error) => Ok(()),
        sent => sent.map(|_| ()),
    }
}

#[cfg(test)]
mod tests {
    use dns::Outcome;

    use super::*;

    fn random() -> Random {
        Random::new(|| 7)
    }

    fn questions(count: usize) -> impl Iterator<Item = (usize, Question)> {
        (0..count).map(|n| (n, Question::kms_hosts(&format!("zone{n}.contoso.com")).unwrap()))
    }

    /// A server that leaves out every so many packets and answers the rest with NXDOMAIN.
    async fn lossy(every: usize) -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut buffer, mut count) = ([0; 2048], 0);
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                count += 1;
                if count % every != 0 {
                    buffer[2] = 0x81;
                    buffer[3] = 0x83;
                    let _ = socket.send_to(&buffer[..length], from).await;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn every_question_is_answered_once_in_spite_of_losses() {
        let server = lossy(7).await;
        let options = BulkOptions { window: 100, timeout: Duration::from_secs(6), tries: 20 };
        let mut seen = vec![0; 2000];
        let count = |index: usize, asked: Asked| {
            let Asked::Answered(answer) = asked else { panic!("{asked:?}") };
            assert_eq!(answer.outcome, Outcome::Nxdomain);
            seen[index] += 1;
        };
        ask_many(server, questions(2000), options, &random(), count).await.unwrap();
        assert!(seen.iter().all(|times| *times == 1));
    }

    #[tokio::test]
    async fn silence_ends() {
        let server = lossy(1).await;
        let options = BulkOptions { window: 10, timeout: Duration::from_millis(60), tries: 2 };
        let mut silent = 0;
        ask_many(server, questions(25), options, &random(), |_, asked| {
            silent += usize::from(asked == Asked::Timeout)
        })
        .await
        .unwrap();
        assert_eq!(silent, 25);
    }

    #[tokio::test]
    async fn a_closed_port_ends_too() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = socket.local_addr().unwrap();
        drop(socket);
        let options = BulkOptions { window: 10, timeout: Duration::from_millis(60), tries: 2 };
        let mut done = 0;
        ask_many(server, questions(25), options, &random(), |_, _| done += 1).await.unwrap();
        assert_eq!(done, 25);
    }
}
