//! From an address to what answers there: connect, offer the KMS interface, look at the answer, and leave.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use rpc::probe::{End, Probe, Verdict};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};

/// What became of one connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Nothing came back before the deadline: a filter, or a machine that is off.
    Filtered,
    /// A reset in answer to the first packet: the machine is there, the port closed.
    Refused,
    /// Reset while connecting, after more than that.
    ResetAtConnect,
    /// A router or this machine says that there is no way; with the system's words.
    NoRoute(String),
    /// This machine could not even try; with the system's words.
    NotTried(String),
    /// The connection stood; what answered.
    Answer(Verdict),
}

/// One connection with its times and bytes.
#[derive(Debug, Clone)]
pub struct Reached {
    /// Where to.
    pub address: SocketAddr,
    /// From which address of this machine, once connected.
    pub local: Option<SocketAddr>,
    /// What became of it.
    pub outcome: Outcome,
    /// From the first packet to the connection; absent when none stood.
    pub connect: Option<Duration>,
    /// From the connection to the verdict; absent when none stood.
    pub answer: Option<Duration>,
    /// What was sent: a bind, or nothing.
    pub sent: Vec<u8>,
    /// The first bytes that came back.
    pub received: Vec<u8>,
}

impl Reached {
    /// A KMS host answered.
    pub fn is_kms(&self) -> bool {
        matches!(self.outcome, Outcome::Answer(Verdict::Kms { .. }))
    }

    /// A host for a site's own software answered.
    pub fn is_own_host(&self) -> bool {
        self.outcome == Outcome::Answer(Verdict::OwnHost)
    }

    /// A host of either kind answered.
    pub fn is_host(&self) -> bool {
        self.is_kms() || self.is_own_host()
    }
}

/// Bytes that are read at once; an answer to a bind has about a hundred.
const BUFFER_BYTES: usize = 4096;

/// Connects to an address and tells what answers there, at the latest after `timeout`.
pub async fn reach(address: SocketAddr, timeout: Duration) -> Reached {
    let begin = Instant::now();
    let deadline = begin + timeout;
    let mut reached = Reached {
        address,
        local: None,
        outcome: Outcome::Filtered,
        connect: None,
        answer: None,
        sent: Vec::new(),
        received: Vec::new(),
    };
    let mut stream = match timeout_at(deadline, TcpStream::connect(address)).await {
        Err(_) => return reached,
        Ok(Err(error)) => {
            reached.outcome = failed(&error);
            return reached;
        }
        Ok(Ok(stream)) => stream,
    };
    reached.connect = Some(begin.elapsed());
    reached.local = stream.local_addr().ok();
    let connected = Instant::now();
    let mut probe = Probe::new();
    let end = converse(&mut stream, &mut probe, deadline).await;
    reached.answer = Some(connected.elapsed());
    reached.sent = probe.to_send().to_vec();
    reached.received = probe.received().to_vec();
    reached.outcome = Outcome::Answer(probe.end(end));
    reached
}

/// Sends the bind and hands in what comes back until there is a verdict.
async fn converse(stream: &mut TcpStream, probe: &mut Probe, deadline: Instant) -> End {
    let ended = |error: &io::Error| match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted | io::ErrorKind::BrokenPipe => {
            End::Reset
        }
        _ => End::Closed,
    };
    let bind = probe.to_send().to_vec();
    match timeout_at(deadline, stream.write_all(&bind)).await {
        Err(_) => return End::Deadline,
        // Something may have been said before the other side broke off; it is read below.
        Ok(Err(error)) if ended(&error) == End::Closed => return End::Closed,
        Ok(_) => {}
    }
    let mut buffer = [0; BUFFER_BYTES];
    loop {
        match timeout_at(deadline, stream.read(&mut buffer)).await {
            Err(_) => return End::Deadline,
            Ok(Ok(0)) => return End::Closed,
            Ok(Ok(length)) => {
                if probe.receive(&buffer[..length]).is_some() {
                    return End::Closed;
                }
            }
            Ok(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(Err(error)) => return ended(&error),
        }
    }
}

/// What an error of connecting means.
fn failed(error: &io::Error) -> Outcome {
    match error.kind() {
        io::ErrorKind::ConnectionRefused => Outcome::Refused,
        io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionAborted => Outcome::ResetAtConnect,
        io::ErrorKind::TimedOut => Outcome::Filtered,
        io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable | io::ErrorKind::NetworkDown => {
            Outcome::NoRoute(error.to_string())
        }
        _ => Outcome::NotTried(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use rpc::probe::Protocol;
    use tokio::net::TcpListener;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);
    const IMPATIENCE: Duration = Duration::from_millis(300);

    /// A server on loopback that does with each connection what it is told.
    async fn serve<F, Fut>(mut each: F) -> SocketAddr
    where
        F: FnMut(TcpStream) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(each(stream));
            }
        });
        address
    }

    /// Reads the bind, sends an answer, and keeps the connection open.
    async fn answering(answer: &'static [u8]) -> SocketAddr {
        serve(move |mut stream| async move {
            let mut bind = [0; 204];
            let _ = stream.read_exact(&mut bind).await;
            let _ = stream.write_all(answer).await;
            let _ = stream.read(&mut bind).await;
        })
        .await
    }

    async fn outcome(address: SocketAddr, timeout: Duration) -> Outcome {
        reach(address, timeout).await.outcome
    }

    #[tokio::test]
    async fn a_closed_port_refuses() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert_eq!(outcome(address, PATIENCE).await, Outcome::Refused);
    }

    #[tokio::test]
    async fn a_kms_host_is_told_by_its_bind_ack() {
        // Three results: accepted in NDR, two refusals.
        let mut ack = vec![5, 0, 12, 3, 0x10, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0];
        ack.extend([0xD0, 0x16, 0xD0, 0x16, 1, 0, 0, 0, 5, 0, b'1', b'6', b'8', b'8', 0, 0, 1, 0, 0, 0]);
        ack.extend([0; 4]);
        ack.extend([
            0x04, 0x5D, 0x88, 0x8A, 0xEB, 0x1C, 0xC9, 0x11, 0x9F, 0xE8, 8, 0, 0x2B, 0x10, 0x48, 0x60, 2, 0,
            0, 0,
        ]);
        ack[8] = ack.len() as u8;
        let address = answering(ack.leak()).await;
        let reached = reach(address, PATIENCE).await;
        assert!(reached.is_kms(), "{reached:?}");
        assert!(reached.connect.is_some() && reached.local.is_some());
        assert_eq!((reached.sent.len(), reached.received.len()), (204, 60));
    }

    #[tokio::test]
    async fn other_ways_to_answer_are_told_apart() {
        let http = answering(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        assert_eq!(outcome(http, PATIENCE).await, Outcome::Answer(Verdict::Other(Protocol::Http)));
        let silent = serve(|mut stream| async move {
            let mut sink = [0; 1024];
            while stream.read(&mut sink).await.is_ok_and(|n| n > 0) {}
        })
        .await;
        assert_eq!(outcome(silent, IMPATIENCE).await, Outcome::Answer(Verdict::Silent));
        let closing = serve(|mut stream| async move {
            let mut bind = [0; 204];
            let _ = stream.read_exact(&mut bind).await;
        })
        .await;
        assert_eq!(outcome(closing, PATIENCE).await, Outcome::Answer(Verdict::Closed));
        // Closing with unread bytes makes the system send a reset.
        let resetting = serve(|mut stream| async move {
            let mut some = [0; 1];
            let _ = stream.read_exact(&mut some).await;
        })
        .await;
        assert_eq!(outcome(resetting, PATIENCE).await, Outcome::Answer(Verdict::Reset));
    }

    #[tokio::test]
    async fn one_byte_at_a_time_ends_at_the_deadline() {
        let slow = serve(|mut stream| async move {
            for byte in [5u8, 0, 12, 3, 0x10, 0, 0, 0, 60, 0].into_iter().cycle().take(10) {
                if stream.write_all(&[byte]).await.is_err() {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        })
        .await;
        let begin = Instant::now();
        assert_eq!(outcome(slow, IMPATIENCE).await, Outcome::Answer(Verdict::Incomplete));
        assert!(begin.elapsed() >= IMPATIENCE);
    }

    #[tokio::test]
    async fn no_way_is_no_filter() {
        // The discard prefix (RFC 6666): no route, a refusal to try, or silence, as the machine is set up.
        let address: SocketAddr = "[100::1]:1688".parse().unwrap();
        let outcome = outcome(address, IMPATIENCE).await;
        assert!(
            matches!(outcome, Outcome::NoRoute(_) | Outcome::NotTried(_) | Outcome::Filtered),
            "{outcome:?}"
        );
    }
}
