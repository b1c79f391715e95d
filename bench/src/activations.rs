//! The activation exchange beside a bare echo: the same bytes over the same number of connections, on the same cores.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use activation::Moment;
use rpc::activation::{ACTIVATE, INTERFACE, Request};
use rpc::context::PresentationContext;
use rpc::header::CONCURRENT_CALLS;
use rpc::pdu::{self, Bind, Body, Pdu};
use rpc::{KMS_PORT, SyntaxId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use uuid::Uuid;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Exchanges that are under way at once, if nothing else is said.
const IN_FLIGHT: usize = 64;
/// Bytes that the echo reads at once, as a host does.
const CHUNK_BYTES: usize = 4096;
/// Where the id of the call stands in a PDU.
const CALL_ID_AT: usize = 12;
/// Where the machine id stands in a request PDU: header, request header, and what is in front of it.
const CMID_AT: usize = 24 + 64;

/// Sizes of the messages of an exchange.
#[derive(Debug, Clone, Copy)]
struct Sizes {
    bind: usize,
    acknowledgement: usize,
    request: usize,
    response: usize,
}

struct Messages {
    bind: Vec<u8>,
    request: Vec<u8>,
}

impl Messages {
    /// With calls that may be open at once on one connection, or without.
    fn new(application_id: Uuid, activation_id: Uuid, concurrent: bool) -> Result<Messages, Failure> {
        let context =
            PresentationContext { id: 0, abstract_syntax: INTERFACE, transfer_syntaxes: vec![SyntaxId::NDR] };
        let bind = Bind {
            max_transmit_fragment: 5840,
            max_receive_fragment: 5840,
            association_group: 0,
            contexts: vec![context],
        };
        let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
        let request = Request {
            version: rpc::activation::VERSION,
            vm_info: 0,
            license_status: 2,
            binding_expiration_minutes: 40_000,
            application_id,
            activation_id,
            kms_id: application_id,
            cmid: Uuid::from_u128(1),
            n_policy: 25,
            client_time: Moment(i64::try_from(now)?).to_filetime(),
            previous_cmid: Uuid::nil(),
            machine_name: "pc-017.contoso.com".to_owned(),
            nonce: [7; 32],
            revocation_number: 0,
        };
        let stub = request.write();
        let alloc_hint = u32::try_from(stub.len())?;
        let request = pdu::Request { alloc_hint, context_id: 0, operation: ACTIVATE, object: None, stub };
        let write = |pdu: Pdu| pdu.write().ok_or("a message is too long");
        let mut bind = Pdu::new(1, Body::Bind(bind));
        if concurrent {
            bind.header.flags |= CONCURRENT_CALLS;
        }
        Ok(Messages { bind: write(bind)?, request: write(Pdu::new(2, Body::Request(request)))? })
    }
}

/// `bench echo BIND ACKNOWLEDGEMENT REQUEST RESPONSE`: reads and writes so many bytes, and knows nothing.
pub fn echo(sizes: &[&str]) -> Result<(), Box<dyn std::error::Error>> {
    let sizes: Vec<usize> = sizes.iter().map(|size| size.parse()).collect::<Result<_, _>>()?;
    let [bind, acknowledgement, request, response] = sizes[..] else { return Err("four sizes".into()) };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        std::io::stdout().flush()?;
        loop {
            let (mut stream, _) = listener.accept().await?;
            stream.set_nodelay(true)?;
            tokio::spawn(async move {
                let mut buffer = vec![0; CHUNK_BYTES.max(bind)];
                let answers = vec![5; acknowledgement.max(response * (CHUNK_BYTES / request + 1))];
                if stream.read_exact(&mut buffer[..bind]).await.is_err() {
                    return;
                }
                let _ = stream.write_all(&answers[..acknowledgement]).await;
                let mut waiting = 0;
                while let Ok(count @ 1..) = stream.read(&mut buffer).await {
                    waiting += count;
                    let _ = stream.write_all(&answers[..waiting / request * response]).await;
                    waiting %= request;
                }
            });
        }
    })
}

/// `bench load ADDRESS fresh|kept[:CONNECTIONS[xCALLS]] SECONDS CLIENTS APPLICATION ACTIVATION [SIZES]`: exchanges per second, and the sizes.
pub fn load(words: &[&str]) -> Result<(), Box<dyn std::error::Error>> {
    let [address, mode, seconds, clients, application, activation, sizes @ ..] = words else {
        return Err("address, mode, seconds, clients, application, activation".into());
    };
    let address: SocketAddr = address.parse()?;
    let clients: u64 = clients.parse()?;
    let (mode, counts) = mode.split_once(':').unwrap_or((mode, ""));
    let (connections, calls) = counts.split_once('x').unwrap_or((counts, "1"));
    let in_flight = if connections.is_empty() { IN_FLIGHT } else { connections.parse()? };
    let calls: u64 = calls.parse()?;
    let messages = Messages::new(application.parse()?, activation.parse()?, calls > 1);
    let messages = Arc::new(messages.map_err(|error| error.to_string())?);
    let fresh = mode == "fresh";
    let patience = Duration::from_secs_f64(seconds.parse()?);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let (rate, sizes) = runtime
        .block_on(async {
            let fixed = !sizes.is_empty();
            let sizes = match sizes {
                [bind, acknowledgement, request, response] => Sizes {
                    bind: bind.parse()?,
                    acknowledgement: acknowledgement.parse()?,
                    request: request.parse()?,
                    response: response.parse()?,
                },
                _ => measure(address, &messages).await?,
            };
            let (done, bytes) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
            let begin = Instant::now();
            let workers: Vec<_> = (0..in_flight as u64)
                .map(|number| {
                    let (messages, done, bytes) = (messages.clone(), done.clone(), bytes.clone());
                    tokio::spawn(async move {
                        let length = messages.request.len();
                        let mut requests = messages.request.repeat(usize::try_from(calls)?);
                        let mut buffer = vec![0; RESPONSE_MAX];
                        let mut next = number;
                        let mut stream = None;
                        while begin.elapsed() < patience {
                            let mut kept = match stream.take() {
                                Some(kept) => kept,
                                None => connect(address, &messages, sizes, &mut buffer).await?,
                            };
                            for (request, call_id) in requests.chunks_exact_mut(length).zip(2u32..) {
                                // A multiplication with an odd number visits all numbers in a scattered order.
                                let machine = (next % clients + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
                                request[CMID_AT..CMID_AT + 8].copy_from_slice(&machine.to_le_bytes());
                                request[CALL_ID_AT..CALL_ID_AT + 4].copy_from_slice(&call_id.to_le_bytes());
                                next += in_flight as u64;
                            }
                            kept.write_all(&requests).await?;
                            let length = if fixed {
                                let expected = sizes.response * usize::try_from(calls)?;
                                read_bytes(&mut kept, &mut buffer, expected).await?
                            } else {
                                read_fragments(&mut kept, &mut buffer, calls).await?
                            };
                            bytes.fetch_add(length as u64, Ordering::Relaxed);
                            done.fetch_add(calls, Ordering::Relaxed);
                            if !fresh {
                                stream = Some(kept);
                            }
                        }
                        Ok::<(), Failure>(())
                    })
                })
                .collect();
            for worker in workers {
                worker.await??;
            }
            let (exchanges, bytes) = (done.load(Ordering::Relaxed), bytes.load(Ordering::Relaxed));
            // Answers that wait together share a signature, and are a little longer for it.
            let response = usize::try_from(bytes / exchanges.max(1))?;
            Ok::<_, Failure>((exchanges as f64 / begin.elapsed().as_secs_f64(), Sizes { response, ..sizes }))
        })
        .map_err(|error| error.to_string())?;
    println!("{rate:.0} {} {} {} {}", sizes.bind, sizes.acknowledgement, sizes.request, sizes.response);
    Ok(())
}

async fn connect(
    address: SocketAddr,
    messages: &Messages,
    sizes: Sizes,
    buffer: &mut [u8],
) -> Result<TcpStream, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(&messages.bind).await?;
    stream.read_exact(&mut buffer[..sizes.acknowledgement]).await?;
    Ok(stream)
}

/// One exchange, fragment by fragment.
async fn measure(address: SocketAddr, messages: &Messages) -> Result<Sizes, Failure> {
    let mut stream = TcpStream::connect(address).await?;
    stream.write_all(&messages.bind).await?;
    let acknowledgement = fragment(&mut stream).await?;
    stream.write_all(&messages.request).await?;
    let response = fragment(&mut stream).await?;
    if response.first_chunk::<3>() != Some(&[5, 0, 2]) || response.len() < 400 {
        return Err(format!("no lease on port {}: {response:02x?}", KMS_PORT).into());
    }
    Ok(Sizes {
        bind: messages.bind.len(),
        acknowledgement: acknowledgement.len(),
        request: messages.request.len(),
        response: response.len(),
    })
}

/// Most bytes of the responses that are read at once.
const RESPONSE_MAX: usize = 16 << 10;

/// Reads so many fragments by the lengths in their headers, mostly in one system call; says how many bytes they were.
async fn read_fragments(stream: &mut TcpStream, buffer: &mut [u8], fragments: u64) -> Result<usize, Failure> {
    let (mut total, mut left) = (0, fragments);
    // What was read, and where the fragment begins that is not whole yet.
    let (mut read, mut begin) = (0, 0);
    while left > 0 {
        let count = stream.read(&mut buffer[read..]).await?;
        if count == 0 {
            return Err("the host closed the connection".into());
        }
        (total, read) = (total + count, read + count);
        while let Some(length) = whole_fragment(&buffer[begin..read]) {
            if buffer[begin + 2] != RESPONSE {
                return Err("a call was not answered".into());
            }
            (begin, left) = (begin + length, left - 1);
        }
        buffer.copy_within(begin..read, 0);
        (read, begin) = (read - begin, 0);
    }
    Ok(total)
}

/// Packet type of an answer.
const RESPONSE: u8 = 2;

/// The length of the fragment in front, if all of it is there.
fn whole_fragment(bytes: &[u8]) -> Option<usize> {
    let length = usize::from(u16::from_le_bytes([*bytes.get(8)?, *bytes.get(9)?]));
    (bytes.len() >= length).then_some(length)
}

/// The same for bytes that mean nothing.
async fn read_bytes(stream: &mut TcpStream, buffer: &mut [u8], expected: usize) -> Result<usize, Failure> {
    let mut total = 0;
    while total < expected {
        match stream.read(buffer).await? {
            0 => return Err("the host closed the connection".into()),
            count => total += count,
        }
    }
    Ok(total)
}

async fn fragment(stream: &mut TcpStream) -> Result<Vec<u8>, Failure> {
    let mut bytes = vec![0; 16];
    stream.read_exact(&mut bytes).await?;
    let length = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    bytes.resize(length, 0);
    stream.read_exact(&mut bytes[16..]).await?;
    Ok(bytes)
}
