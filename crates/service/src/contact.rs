//! One request to one host over TCP: connect, bind, call, and the session ends.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use activation::client::ContactFailure;
use rpc::activation::{ACTIVATE, Answer, INTERFACE, Request};
use rpc::call::{Call, CallError, Progress};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// `RPC_S_SERVER_UNAVAILABLE`: refused, reset, or no way there.
pub const SERVER_UNAVAILABLE: u32 = 0x8007_06BA;
/// `ERROR_TIMEOUT`: no answer in time.
pub const TIMED_OUT: u32 = 0x8007_05B4;
/// `RPC_S_UNKNOWN_IF`: an RPC server without our interface, such as a genuine KMS host.
pub const UNKNOWN_INTERFACE: u32 = 0x8007_06B5;
/// `RPC_S_PROTOCOL_ERROR`: something else listens.
pub const PROTOCOL_ERROR: u32 = 0x8007_06C0;
/// `WSAHOST_NOT_FOUND`: the host's name has no address.
pub const NO_ADDRESS: u32 = 0x8007_2AF9;

/// Most of an answer that is read at once.
const CHUNK_BYTES: usize = 8 << 10;

/// Asks a host, at each of its addresses in turn until one answers; done after `patience` for each.
pub async fn ask(
    addresses: &[SocketAddr],
    request: &Request,
    patience: Duration,
) -> Result<Answer, ContactFailure> {
    let mut failure = ContactFailure(NO_ADDRESS);
    for address in addresses {
        match timeout(patience, ask_once(*address, request)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(code)) => failure = ContactFailure(code),
            Err(_) => failure = ContactFailure(TIMED_OUT),
        }
    }
    Err(failure)
}

async fn ask_once(address: SocketAddr, request: &Request) -> Result<Answer, u32> {
    let mut stream = TcpStream::connect(address).await.map_err(|error| code_of(&error))?;
    // Two small messages; waiting to fill a segment would only cost time. If that can't be set, nothing is lost.
    let _ = stream.set_nodelay(true);
    let mut call = Call::new(INTERFACE, ACTIVATE, request.write());
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        while !call.to_send().is_empty() {
            let count = stream.write(call.to_send()).await.map_err(|error| code_of(&error))?;
            call.sent(count);
        }
        let count = stream.read(&mut chunk).await.map_err(|error| code_of(&error))?;
        if count == 0 {
            return Err(SERVER_UNAVAILABLE);
        }
        match call.receive(&chunk[..count]) {
            Ok(Progress::Pending) => {}
            Ok(Progress::Answered(reply)) => {
                return Answer::read(&reply.stub, reply.order).map_err(|_| PROTOCOL_ERROR);
            }
            Err(error) => return Err(code_of_call(&error)),
        }
    }
}

fn code_of(error: &io::Error) -> u32 {
    if error.kind() == io::ErrorKind::TimedOut { TIMED_OUT } else { SERVER_UNAVAILABLE }
}

fn code_of_call(error: &CallError) -> u32 {
    match error {
        CallError::Refused(_) => UNKNOWN_INTERFACE,
        CallError::BindNak(_) => SERVER_UNAVAILABLE,
        // A Windows code, or one of DCE's own, which says the same in other numbers.
        CallError::Fault(code) if *code <= 0xFFFF => 0x8007_0000 | code,
        CallError::Fault(_) => SERVER_UNAVAILABLE,
        _ => PROTOCOL_ERROR,
    }
}
