//! Requests over TCP without an agent: composed, sent from an address of choice, recorded and played again.

use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{SystemTime, UNIX_EPOCH};

use activation::Moment;
use activation::chance::{Chance, Seeded};
use rpc::activation::{ACTIVATE, Answer, INTERFACE, Request, Response, VERSION};
use rpc::call::{Call, CallError, Progress};
use uuid::Uuid;

use crate::stage::{DEADLINE, setup_key};

/// What came instead of an answer.
#[derive(Debug)]
pub enum Failure {
    Connection,
    Call(CallError),
}

impl Failure {
    /// The status of a fault.
    pub fn fault(&self) -> Option<u32> {
        match self {
            Failure::Call(CallError::Fault(status)) => Some(*status),
            _ => None,
        }
    }
}

/// The time of this machine.
pub fn now() -> Moment {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock behind 1970");
    Moment(i64::try_from(since.as_secs()).expect("a clock before the end of time"))
}

/// The request of a machine, which is told by its number, for a product.
pub fn request(product: &str, machine: u64) -> Request {
    let key = setup_key(product);
    let mut chance = Seeded(machine);
    let mut nonce = [0; 32];
    let cmid = chance.uuid();
    chance.fill(&mut nonce);
    Request {
        version: VERSION,
        vm_info: 0,
        license_status: 2,
        binding_expiration_minutes: 43_200,
        application_id: key.application_id(),
        activation_id: key.activation_id(),
        kms_id: key.application_id(),
        cmid,
        n_policy: key.n_policy.into(),
        client_time: now().to_filetime(),
        previous_cmid: Uuid::nil(),
        machine_name: format!("pc-{machine}.contoso.com"),
        nonce,
        revocation_number: 0,
    }
}

pub fn connect(address: SocketAddr) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect(address).map_err(|_| Failure::Connection)?;
    stream.set_read_timeout(Some(DEADLINE)).expect("a time");
    stream.set_nodelay(true).expect("no delay");
    Ok(stream)
}

/// A connection from an address of this machine.
pub fn connect_from(source: IpAddr, address: SocketAddr) -> Result<TcpStream, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let connected = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(source, 0))?;
        socket.connect(address).await?.into_std()
    });
    let stream = connected.map_err(|_| Failure::Connection)?;
    stream.set_nonblocking(false).expect("a blocking socket");
    stream.set_read_timeout(Some(DEADLINE)).expect("a time");
    Ok(stream)
}

/// One request on a connection of its own.
pub fn ask(address: SocketAddr, request: &Request) -> Result<Answer, Failure> {
    ask_on(&mut connect(address)?, request)
}

/// One request on a new connection.
pub fn ask_on(stream: &mut TcpStream, request: &Request) -> Result<Answer, Failure> {
    recorded(stream, request).map(|(answer, _)| answer)
}

/// The same, with the pieces that the client sent.
pub fn recorded(stream: &mut TcpStream, request: &Request) -> Result<(Answer, Vec<Vec<u8>>), Failure> {
    let mut call = Call::new(INTERFACE, ACTIVATE, request.write());
    let mut pieces = Vec::new();
    let mut chunk = [0; 8192];
    loop {
        let piece = call.to_send().to_vec();
        if !piece.is_empty() {
            stream.write_all(&piece).map_err(|_| Failure::Connection)?;
            call.sent(piece.len());
            pieces.push(piece);
        }
        let count = stream.read(&mut chunk).map_err(|_| Failure::Connection)?;
        if count == 0 {
            return Err(Failure::Connection);
        }
        if let Progress::Answered(reply) = call.receive(&chunk[..count]).map_err(Failure::Call)? {
            let answer = Answer::read(&reply.stub, reply.order).expect("an answer of the interface");
            return Ok((answer, pieces));
        }
    }
}

/// What a host grants.
#[track_caller]
pub fn granted(address: SocketAddr, request: &Request) -> Response {
    match ask(address, request) {
        Ok(Answer::Granted(response)) => response,
        other => panic!("{other:?}"),
    }
}

/// The code with which a host refuses.
#[track_caller]
pub fn refused(address: SocketAddr, request: &Request) -> u32 {
    match ask(address, request) {
        Ok(Answer::Refused(code)) => code,
        other => panic!("{other:?}"),
    }
}
