//! The service's side of the control channel.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use activation::Chance;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::key::ControlKey;
use super::message::{Answer, Asked, Greeting, Request, Told};
use crate::chance::SystemChance;

/// What answers requests.
pub type Handler = Arc<dyn Fn(Asked) -> Pin<Box<dyn Future<Output = Told> + Send>> + Send + Sync>;

/// Connections that may be without a request that has the key. When one more comes, the oldest of them gives way: who
/// has the key needs its place for a moment only, and who has not cannot keep it.
const UNKNOWN_MAX: usize = 16;
/// How long a request may take to come.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answers on a listener until it is dropped with its task. Each key has its own handler.
pub async fn serve(listener: TcpListener, keys: Vec<(ControlKey, Handler)>) {
    let keys = Arc::new(keys);
    // Dropping a sender tells its connection to give way.
    let mut unknown: VecDeque<oneshot::Sender<()>> = VecDeque::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // Out of descriptors, most likely: others give theirs back.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        unknown.retain(|place| !place.is_closed());
        if unknown.len() >= UNKNOWN_MAX {
            unknown.pop_front();
        }
        let (place, give_way) = oneshot::channel();
        unknown.push_back(place);
        let keys = keys.clone();
        tokio::spawn(async move {
            // Who does not get through is told by the closed connection.
            let _ = answer(stream, &keys, give_way).await;
        });
    }
}

async fn answer(
    stream: TcpStream,
    keys: &[(ControlKey, Handler)],
    give_way: oneshot::Receiver<()>,
) -> io::Result<()> {
    let (input, mut output) = stream.into_split();
    let mut challenge = [0; 32];
    SystemChance.fill(&mut challenge);
    let challenge = data_encoding::HEXLOWER.encode(&challenge);
    let heard = tokio::select! {
        heard = timeout(PATIENCE, hear(input, &mut output, keys, &challenge)) => heard??,
        _ = give_way => return Ok(()),
    };
    let Some((request, (key, handler))) = heard else { return Ok(()) };
    let told = match serde_json::from_str(&request.words) {
        Ok(asked) => handler(asked).await,
        Err(error) => Told::Failed(format!("the request is not understood: {error}")),
    };
    let words = serde_json::to_string(&told).map_err(io::Error::other)?;
    let tag = key.tag("tell", &[&challenge, &request.nonce, &request.words, &words]);
    send(&mut output, &serde_json::to_string(&Answer { words, tag }).map_err(io::Error::other)?).await
}

/// Greets, and waits for a request, with the key that it has; nothing when it has none.
async fn hear<'a>(
    input: OwnedReadHalf,
    output: &mut OwnedWriteHalf,
    keys: &'a [(ControlKey, Handler)],
    challenge: &str,
) -> io::Result<Option<(Request, &'a (ControlKey, Handler))>> {
    let greeting =
        Greeting { kmscope: env!("CARGO_PKG_VERSION").to_owned(), challenge: challenge.to_owned() };
    send(output, &serde_json::to_string(&greeting).map_err(io::Error::other)?).await?;
    let mut line = String::new();
    BufReader::new(input.take(super::LINE_BYTES_MAX as u64)).read_line(&mut line).await?;
    let request: Request = serde_json::from_str(&line).map_err(io::Error::other)?;
    let has =
        |key: &ControlKey| key.is_tag(&request.tag, "ask", &[challenge, &request.nonce, &request.words]);
    let by = keys.iter().find(|(key, _)| has(key));
    Ok(by.map(|by| (request, by)))
}

async fn send(output: &mut (impl AsyncWriteExt + Unpin), line: &str) -> io::Result<()> {
    output.write_all(format!("{line}\n").as_bytes()).await
}

#[cfg(test)]
mod tests {
    use activation::chance::Seeded;

    use super::*;
    use crate::control::{AskError, ask};

    #[tokio::test]
    async fn who_has_the_key_is_answered_and_nobody_else() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let key = ControlKey::random(&mut Seeded(1));
        let handler: Handler = Arc::new(|asked| {
            Box::pin(async move { Told::Text { text: format!("{asked:?}"), exit_code: 0 } })
        });
        let service = tokio::spawn(serve(listener, vec![(key.clone(), handler)]));
        let patience = Duration::from_secs(5);
        let told =
            ask(address, &key, &Asked::Slmgr(vec!["/dlv".to_owned()]), patience).await.expect("an answer");
        assert_eq!(told, Told::Text { text: "Slmgr([\"/dlv\"])".to_owned(), exit_code: 0 });
        let other = ControlKey::random(&mut Seeded(2));
        let refused = ask(address, &other, &Asked::Stop, patience).await;
        assert!(matches!(refused, Err(AskError::OtherKey(_))), "{refused:?}");
        service.abort();
    }

    /// Somebody on the way plays what a service said before to whoever asks the same again.
    #[tokio::test]
    async fn an_old_answer_is_not_believed() {
        let key = ControlKey::random(&mut Seeded(1));
        let (challenge, words) = ("c", serde_json::to_string(&Told::Done).expect("words"));
        let asked = serde_json::to_string(&Asked::Reload).expect("words");
        let tag = key.tag("tell", &[challenge, "the nonce of before", &asked, &words]);
        let greeting = Greeting { kmscope: String::new(), challenge: challenge.to_owned() };
        let recorded = [serde_json::to_string(&greeting), serde_json::to_string(&Answer { words, tag })];
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let player = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("somebody who asks");
            for line in recorded {
                send(&mut stream, &line.expect("a line")).await.expect("sent");
            }
            // Open until the other side has read it.
            let _ = stream.readable().await;
        });
        let told = ask(address, &key, &Asked::Reload, Duration::from_secs(5)).await;
        assert!(matches!(told, Err(AskError::OtherKey(_))), "{told:?}");
        player.abort();
    }
}
