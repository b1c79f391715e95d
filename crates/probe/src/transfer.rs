//! Zone transfers, live: one connection, message after message.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use dns::Srv;
use dns::question::full_name;
use dns::transfer::{Transfer, question};
use dns::tsig::Signer;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::lookup::{Random, read_message};

/// How many times the patience for one message a whole zone may take.
const PATIENCE_FOR_ALL: u32 = 100;

/// Asks a server for a whole zone and returns its KMS records by domain; errors are words.
///
/// Signed where there is a signer; then the first message must be signed, too. The rest comes over the same
/// connection and is taken as it is.
pub async fn transfer(
    server: SocketAddr,
    zone: &str,
    signer: Option<&dyn Signer>,
    patience: Duration,
    random: &Random,
    now: u64,
) -> Result<BTreeMap<String, Vec<Srv>>, String> {
    let all = timeout(patience * PATIENCE_FOR_ALL, receive(server, zone, signer, patience, random, now));
    all.await.unwrap_or_else(|_| Err("the transfer takes too long".to_owned()))
}

async fn receive(
    server: SocketAddr,
    zone: &str,
    signer: Option<&dyn Signer>,
    patience: Duration,
    random: &Random,
    now: u64,
) -> Result<BTreeMap<String, Vec<Srv>>, String> {
    let words = |error: &dyn ToString| error.to_string();
    let name = full_name(zone).map_err(|error| words(&error))?;
    let id = random.id();
    let mut message = question(&name, id);
    let signed =
        signer.map(|signer| signer.sign(&mut message, now)).transpose().map_err(|error| words(&error))?;
    let (bytes, mut check) = match signed {
        Some(signed) => (signed.bytes, Some(signed.check)),
        None => (message.to_vec().map_err(|error| words(&error))?, None),
    };
    let length = u16::try_from(bytes.len()).map_err(|error| words(&error))?;
    let opened = async {
        let mut stream = TcpStream::connect(server).await?;
        stream.write_all(&[&length.to_be_bytes(), bytes.as_slice()].concat()).await?;
        io::Result::Ok(stream)
    };
    let in_time = |error: tokio::time::error::Elapsed| words(&error);
    let mut stream = timeout(patience, opened).await.map_err(in_time)?.map_err(|error| words(&error))?;
    let mut transfer = Transfer::new(name, id);
    loop {
        let message = timeout(patience, read_message(&mut stream)).await.map_err(in_time)?;
        let message = message.map_err(|error| words(&error))?;
        let ended = transfer.take(&message).map_err(|error| words(&error))?;
        if let Some(check) = check.take() {
            check(&message).map_err(|error| format!("the answer is not signed as it should be: {error}"))?;
        }
        if ended {
            return Ok(transfer.into_domains());
        }
    }
}
