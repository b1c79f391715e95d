//! One question to one DNS server: UDP with retries, TCP where the answer was cut off, strangers' packets ignored.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use dns::{Answer, Question};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::time::{Instant, timeout_at};

/// Port of DNS servers.
pub const DNS_PORT: u16 = 53;

/// How long the first packet is waited for before it is sent again; each further wait is twice as long. What Windows
/// does in its first round.
const FIRST_WAIT: Duration = Duration::from_secs(1);

/// What became of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Asked {
    /// The server answered.
    Answered(Answer),
    /// Nothing came back.
    Timeout,
    /// The server's machine says that nobody listens.
    Closed,
    /// This machine could not send, or the connection broke; in the system's words.
    Failed(String),
    /// Nothing but packets that are no answer came back; the last one's fault.
    Nonsense(String),
}

/// A question with how it was answered.
#[derive(Debug, Clone)]
pub struct Exchange {
    /// Who was asked.
    pub server: SocketAddr,
    /// What.
    pub question: Question,
    /// What became of it.
    pub asked: Asked,
    /// The answer came over TCP, as it was too long for UDP.
    pub over_tcp: bool,
    /// Packets that were ignored, as they were no answer.
    pub ignored: usize,
    /// Packets and connections that were sent.
    pub sent: usize,
    /// From the first packet to the end.
    pub took: Duration,
}

impl Exchange {
    /// The answer, where there is one.
    pub fn answer(&self) -> Option<&Answer> {
        match &self.asked {
            Asked::Answered(answer) => Some(answer),
            _ => None,
        }
    }
}

/// Asks a server; done at the latest after `timeout`. Ids come from `random`, ports from the system.
pub async fn ask(server: SocketAddr, question: &Question, timeout: Duration, random: &Random) -> Exchange {
    let begin = Instant::now();
    let deadline = begin + timeout;
    let mut exchange = Exchange {
        server,
        question: question.clone(),
        asked: Asked::Timeout,
        over_tcp: false,
        ignored: 0,
        sent: 0,
        took: Duration::ZERO,
    };
    exchange.asked = match over_udp(&mut exchange, deadline, random).await {
        Ok(Some(answer)) if answer.truncated => {
            exchange.over_tcp = true;
            exchange.sent += 1;
            match timeout_at(deadline, over_tcp(server, question, random)).await {
                // What was cut off must not be taken for what is not there.
                Err(_) => Asked::Failed("the answer was cut off, and TCP was not answered".to_owned()),
                Ok(Ok(whole)) => Asked::Answered(whole),
                Ok(Err(error)) => Asked::Failed(format!("the answer was cut off, and over TCP: {error}")),
            }
        }
        Ok(Some(answer)) => Asked::Answered(answer),
        Ok(None) => exchange.asked,
        Err(error) if nobody_listens(&error) => Asked::Closed,
        Err(error) => Asked::Failed(error.to_string()),
    };
    exchange.took = begin.elapsed();
    exchange
}

/// "Port unreachable" came back; Windows words it as a reset.
pub(crate) fn nobody_listens(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionReset)
}

/// Random ids; a mere counter could be guessed by who wants to answer in the server's place.
#[derive(Debug, Clone, Copy)]
pub struct Random(fn() -> u16);

impl Random {
    /// Ids from a source of random numbers.
    pub fn new(source: fn() -> u16) -> Random {
        Random(source)
    }

    /// The next id.
    pub fn id(&self) -> u16 {
        (self.0)()
    }
}

async fn over_udp(exchange: &mut Exchange, deadline: Instant, random: &Random) -> io::Result<Option<Answer>> {
    let any: IpAddr = match exchange.server {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    // A connected socket takes packets of this server alone, and learns that nobody listens.
    socket.connect(exchange.server).await?;
    let id = (random.0)();
    let Some(bytes) = exchange.question.to_bytes(id) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the name is too long"));
    };
    let mut wait = FIRST_WAIT;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    while Instant::now() < deadline {
        socket.send(&bytes).await?;
        exchange.sent += 1;
        let until = deadline.min(Instant::now() + wait);
        wait *= 2;
        // The clock is asked for each packet: a flood of strangers' packets must not stop it.
        while Instant::now() < until
            && let Ok(received) = timeout_at(until, socket.recv(&mut buffer)).await
        {
            match Answer::read(&exchange.question, id, &buffer[..received?]) {
                Ok(answer) => return Ok(Some(answer)),
                Err(rejected) => {
                    exchange.ignored += 1;
                    exchange.asked = Asked::Nonsense(rejected.to_string());
                }
            }
        }
    }
    Ok(None)
}

async fn over_tcp(server: SocketAddr, question: &Question, random: &Random) -> io::Result<Answer> {
    let id = (random.0)();
    let invalid = |words: String| io::Error::new(io::ErrorKind::InvalidData, words);
    let bytes = question.to_bytes(id).ok_or_else(|| invalid("the name is too long".to_owned()))?;
    let answer = exchange_over_tcp(server, &bytes).await?;
    Answer::read(question, id, &answer).map_err(|rejected| invalid(rejected.to_string()))
}

/// Sends a message over a connection of its own and returns the first that comes back. The caller bounds the time.
pub async fn exchange_over_tcp(server: SocketAddr, message: &[u8]) -> io::Result<Vec<u8>> {
    let length = u16::try_from(message.len())
        .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "the message is too long"))?;
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(&[&length.to_be_bytes(), message].concat()).await?;
    read_message(&mut stream).await
}

/// Reads one message with its length in front.
pub async fn read_message(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 2];
    stream.read_exact(&mut length).await?;
    let mut message = vec![0; usize::from(u16::from_be_bytes(length))];
    stream.read_exact(&mut message).await?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use dns::Outcome;
    use tokio::net::TcpListener;

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    fn random() -> Random {
        Random::new(|| 0x1234)
    }

    fn question() -> Question {
        Question::kms_hosts("contoso.com").unwrap()
    }

    /// The question sent back as an answer with some code, and flags beside it.
    fn answer_to(asked: &[u8], flags: u8, code: u8) -> Vec<u8> {
        let mut answer = asked.to_vec();
        answer[2] = 0x81 | flags;
        answer[3] = 0x80 | code;
        answer
    }

    /// A server that sends what it is told for each question.
    async fn serve(answers: impl Fn(&[u8]) -> Vec<Vec<u8>> + Send + 'static) -> SocketAddr {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
                for answer in answers(&buffer[..length]) {
                    let _ = socket.send_to(&answer, from).await;
                }
            }
        });
        address
    }

    #[tokio::test]
    async fn a_spoofed_packet_is_ignored_and_the_true_one_taken() {
        let server = serve(|asked| {
            let mut spoofed = answer_to(asked, 0, 0);
            spoofed[1] ^= 0xFF;
            vec![spoofed, b"junk".to_vec(), answer_to(asked, 0, 3)]
        })
        .await;
        let exchange = ask(server, &question(), PATIENCE, &random()).await;
        assert_eq!(exchange.answer().map(|answer| answer.outcome), Some(Outcome::Nxdomain), "{exchange:?}");
        assert_eq!((exchange.ignored, exchange.sent), (2, 1));
    }

    #[tokio::test]
    async fn nothing_but_nonsense_is_told() {
        let server = serve(|_| vec![b"HTTP/1.1 400 Bad Request".to_vec()]).await;
        let exchange = ask(server, &question(), Duration::from_millis(200), &random()).await;
        assert!(matches!(exchange.asked, Asked::Nonsense(_)), "{exchange:?}");
    }

    #[tokio::test]
    async fn silence_ends_at_the_deadline() {
        let server = serve(|_| Vec::new()).await;
        let exchange = ask(server, &question(), Duration::from_millis(200), &random()).await;
        assert_eq!(exchange.asked, Asked::Timeout);
        assert!(exchange.took >= Duration::from_millis(200));
    }

    #[tokio::test]
    async fn a_closed_port_is_no_timeout() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = socket.local_addr().unwrap();
        drop(socket);
        assert_eq!(ask(server, &question(), PATIENCE, &random()).await.asked, Asked::Closed);
    }

    #[tokio::test]
    async fn a_cut_answer_is_asked_for_again_over_tcp() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = listener.local_addr().unwrap();
        let socket = UdpSocket::bind(server).await.unwrap();
        tokio::spawn(async move {
            let mut buffer = [0; 2048];
            let (length, from) = socket.recv_from(&mut buffer).await.unwrap();
            socket.send_to(&answer_to(&buffer[..length], 0x02, 0), from).await.unwrap();
            let (mut stream, _) = listener.accept().await.unwrap();
            let asked = read_message(&mut stream).await.unwrap();
            let answer = answer_to(&asked, 0x04, 0);
            stream
                .write_all(&[&(answer.len() as u16).to_be_bytes(), answer.as_slice()].concat())
                .await
                .unwrap();
        });
        let exchange = ask(server, &question(), PATIENCE, &random()).await;
        let answer = exchange.answer().unwrap();
        assert!(exchange.over_tcp && answer.authoritative && !answer.truncated, "{exchange:?}");
    }
}
