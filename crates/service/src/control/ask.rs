//! Asking a running service.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use activation::Chance;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::key::ControlKey;
use super::message::{Answer, Asked, Greeting, Request, Told};
use crate::chance::SystemChance;

/// Why a service could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// Nobody listens, or the connection broke.
    #[error("no service answers at {address}")]
    Unreachable {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// It said nothing in time.
    #[error("the service at {0} does not answer in time")]
    Silent(SocketAddr),
    /// What came is not of this channel.
    #[error("what listens at {0} is no kmscope service")]
    Foreign(SocketAddr),
    /// The service has another key, and so refuses; or somebody answers in its place.
    #[error("the service at {0} has another control key")]
    OtherKey(SocketAddr),
}

/// How long a service may take to greet.
const GREETING_PATIENCE: Duration = Duration::from_secs(10);

/// Asks a service and waits for its answer.
pub async fn ask(
    address: SocketAddr,
    key: &ControlKey,
    asked: &Asked,
    patience: Duration,
) -> Result<Told, AskError> {
    match timeout(patience, exchange(address, key, asked)).await {
        Ok(told) => told,
        Err(_) => Err(AskError::Silent(address)),
    }
}

async fn exchange(address: SocketAddr, key: &ControlKey, asked: &Asked) -> Result<Told, AskError> {
    let broken = |source| AskError::Unreachable { address, source };
    let foreign = |_| AskError::Foreign(address);
    let stream = TcpStream::connect(address).await.map_err(broken)?;
    let (input, mut output) = stream.into_split();
    let mut input = BufReader::new(input.take(2 * super::LINE_BYTES_MAX as u64));
    let mut line = String::new();
    // A service speaks first, and at once; only its answer may take long.
    match timeout(GREETING_PATIENCE, input.read_line(&mut line)).await {
        Ok(read) => drop(read.map_err(broken)?),
        Err(_) => return Err(AskError::Silent(address)),
    }
    let greeting: Greeting = serde_json::from_str(&line).map_err(foreign)?;
    let words = serde_json::to_string(asked).map_err(foreign)?;
    let mut drawn = [0; 32];
    SystemChance.fill(&mut drawn);
    let (challenge, nonce) = (greeting.challenge, data_encoding::HEXLOWER.encode(&drawn));
    let tag = key.tag("ask", &[&challenge, &nonce, &words]);
    let request = Request { words, nonce, tag };
    let mut sent = serde_json::to_string(&request).map_err(foreign)?;
    sent.push('\n');
    output.write_all(sent.as_bytes()).await.map_err(broken)?;
    line.clear();
    // A service that does not take the tag hangs up without a word.
    if input.read_line(&mut line).await.unwrap_or(0) == 0 {
        return Err(AskError::OtherKey(address));
    }
    let answer: Answer = serde_json::from_str(&line).map_err(foreign)?;
    let parts = [&challenge, &request.nonce, &request.words, &answer.words].map(String::as_str);
    if !key.is_tag(&answer.tag, "tell", &parts) {
        return Err(AskError::OtherKey(address));
    }
    serde_json::from_str(&answer.words).map_err(foreign)
}
