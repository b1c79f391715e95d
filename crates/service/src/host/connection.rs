//! One connection: bytes to the RPC state machine, calls to the judge, answers back.

use std::io;
use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use rpc::SyntaxId;
use rpc::activation::{Answer, INTERFACE, Request};
use rpc::header::ByteOrder;
use rpc::server::{BAD_STUB, Connection, Event};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::Shared;
use super::admission::Tale;
use super::metrics::add;
use crate::log::Level;

/// Bytes that are read at once. The buffer lives only while there is something to read, so that an idle connection
/// costs next to nothing.
const CHUNK_BYTES: usize = 4096;

/// What a host does with calls that came too fast: `RPC_S_SERVER_TOO_BUSY`.
const TOO_BUSY: u32 = 0x0000_06BB;

/// Serves a connection to its end.
pub(super) async fn serve(stream: TcpStream, address: IpAddr, port: u16, group: u32, shared: Arc<Shared>) {
    let mut connection = Box::new(Connection::new(INTERFACE, port, group));
    let mut stream = stream;
    let mut stop = shared.stop.subscribe();
    let mut last_call = Instant::now();
    let mut patience = Duration::ZERO;
    let mut woken = true;
    loop {
        // A look without a lock: who sends all the time is never woken.
        if std::mem::take(&mut woken) || stop.has_changed().unwrap_or(true) {
            match shared.patience_with(address) {
                Some(still) if !*stop.borrow_and_update() => patience = still,
                _ => break,
            }
        }
        let left = patience.saturating_sub(last_call.elapsed());
        let readable = tokio::select! {
            biased;
            readable = timeout(left, stream.readable()) => readable,
            _ = stop.changed() => {
                woken = true;
                continue;
            }
        };
        match readable {
            Ok(Ok(())) => {}
            // Nothing more comes, or it comes too slowly: one byte a second does not keep a place.
            Ok(Err(_)) => break,
            Err(_) => {
                add(&shared.metrics.broken);
                break;
            }
        }
        match receive(&stream, &mut connection) {
            Received::Bytes => {}
            Received::Nothing => continue,
            // Nothing is left unread on either side: to let go of it is enough.
            Received::End => return,
        }
        let answered = handle(&mut connection, address, &shared).await;
        if answered {
            last_call = Instant::now();
        }
        if send(&mut stream, &mut connection, patience).await.is_err() || connection.is_closed() {
            break;
        }
    }
    // The client may still have to read the last answer; a plain close after a shutdown lets it.
    let _ = stream.shutdown().await;
}

enum Received {
    Bytes,
    Nothing,
    End,
}

fn receive(stream: &TcpStream, connection: &mut Connection) -> Received {
    let mut chunk = [0; CHUNK_BYTES];
    match stream.try_read(&mut chunk) {
        Ok(0) => Received::End,
        Ok(count) => {
            connection.receive(&chunk[..count]);
            Received::Bytes
        }
        Err(error) if error.kind() == io::ErrorKind::WouldBlock => Received::Nothing,
        Err(_) => Received::End,
    }
}

async fn send(stream: &mut TcpStream, connection: &mut Connection, patience: Duration) -> io::Result<()> {
    while !connection.to_send().is_empty() {
        // Most answers fit into the socket's buffer at once; only a client that does not read is waited for.
        let count = match stream.try_write(connection.to_send()) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                timeout(patience, stream.writable()).await??;
                continue;
            }
            Err(error) => return Err(error),
        };
        connection.sent(count);
    }
    Ok(())
}

/// A call of the client.
struct Call {
    id: u32,
    order: ByteOrder,
    stub: Vec<u8>,
}

/// Handles all events; true when a call was answered. Calls that a client has open at once are answered together: they
/// wait for one commit, and leave in one piece.
async fn handle(connection: &mut Connection, address: IpAddr, shared: &Shared) -> bool {
    let mut answered = false;
    loop {
        let calls = calls(connection, address, shared);
        if calls.is_empty() {
            return answered;
        }
        answered = true;
        let _under_way = UnderWay::new(&shared.calls, calls.len());
        let answers = join_all(calls.iter().map(|call| answer(call, address, shared))).await;
        for (call, answer) in calls.iter().zip(answers) {
            match answer {
                Ok(answer) => connection.respond(call.id, &answer.write()),
                Err(status) => connection.fault(call.id, status),
            }
        }
    }
}

/// Calls that a graceful stop waits for, also should one of them panic.
struct UnderWay<'a>(&'a AtomicUsize, usize);

impl<'a> UnderWay<'a> {
    fn new(calls: &'a AtomicUsize, count: usize) -> UnderWay<'a> {
        calls.fetch_add(count, Ordering::SeqCst);
        UnderWay(calls, count)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(self.1, Ordering::SeqCst);
    }
}

/// The calls that are open; tells of whatever else happened.
fn calls(connection: &mut Connection, address: IpAddr, shared: &Shared) -> Vec<Call> {
    let mut calls = Vec::new();
    while let Some(event) = connection.poll() {
        match event {
            Event::Call { call_id: id, operation: _, order, stub } => calls.push(Call { id, order, stub }),
            Event::RefusedInterface(interface) => tell_wrong_interface(interface, address, shared),
            Event::Close(reason) => {
                add(&shared.metrics.broken);
                shared.tell_once(address, Tale::Foreign, Level::Info, "no-rpc", &[("problem", &reason)]);
            }
        }
    }
    calls
}

/// The answer to a call, or the status of the fault that it gets.
async fn answer(call: &Call, address: IpAddr, shared: &Shared) -> Result<Answer, u32> {
    let may = super::shared::locked(&shared.admission).may_ask(address, Instant::now());
    if !may {
        add(&shared.metrics.too_fast);
        shared.tell_once(address, Tale::TooMuch, Level::Warning, "too-many-requests", &[]);
        return Err(TOO_BUSY);
    }
    let request = Request::read(&call.stub, call.order).map_err(|error| {
        add(&shared.metrics.broken);
        shared.tell_once(address, Tale::Foreign, Level::Info, "bad-request", &[("problem", &error)]);
        BAD_STUB
    })?;
    // Without one, the client tries another host, or this one later.
    let answer = shared.answer(&request).await.ok_or(TOO_BUSY)?;
    if matches!(answer, Answer::Refused(_)) {
        super::shared::locked(&shared.admission).charge(address, Instant::now());
    }
    Ok(answer)
}

fn tell_wrong_interface(interface: SyntaxId, address: IpAddr, shared: &Shared) {
    add(&shared.metrics.wrong_interface);
    if interface == SyntaxId::KMS {
        shared.tell_once(
            address,
            Tale::WindowsClient,
            Level::Warning,
            "windows-client",
            &[
                ("problem", &"a client of a genuine KMS host (Windows or Office) was refused at the bind"),
                ("remedy", &"this host activates other software: publish its SRV record in a domain that Windows clients do not search, or point them to their own host with slmgr /skms"),
            ],
        );
    } else {
        shared.tell_once(
            address,
            Tale::Foreign,
            Level::Info,
            "wrong-interface",
            &[("interface", &interface)],
        );
    }
}
