//! Limits: slow senders, many connections of one address and in all, and too few file descriptors.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rpc::activation::Answer;
use serde_json::json;

use crate::stage::{DEADLINE, Service, Stage, until};
use crate::wire::{ask, ask_on, connect, connect_from, granted, recorded, request};

/// A bind and a request as a client sends them.
fn pieces(host: &Service) -> Vec<Vec<u8>> {
    let mut stream = connect(host.address()).expect("a connection");
    recorded(&mut stream, &request("Team", 1)).expect("an answer").1
}

#[test]
fn who_sends_byte_by_byte_loses_its_place() {
    let stage = Stage::new();
    let host = stage.host(&["--idle", "1", "--max-connections", "3"]);
    let pieces = pieces(&host);
    let mut slow: Vec<TcpStream> = (0..3).map(|_| connect(host.address()).expect("a connection")).collect();
    for stream in &slow {
        stream.set_read_timeout(Some(Duration::from_millis(100))).expect("a time");
    }
    let end = Instant::now() + DEADLINE;
    // The bind alone would take half a minute at this pace.
    'slow: for byte in &pieces[0] {
        for stream in &mut slow {
            let sent = stream.write_all(&[*byte]);
            let read = stream.read(&mut [0; 16]);
            let waits = matches!(&read, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut));
            if sent.is_err() || !waits {
                break 'slow;
            }
            assert!(Instant::now() < end, "a slow sender kept its place");
        }
    }
    until("a place", || ask(host.address(), &request("Solo", 1)).ok());
}

/// Idle connections, from ten addresses so that no limit for one of them matters.
const IDLE: usize = 10_000;

/// Connects from an address of the second loopback network.
async fn idle(number: usize, address: SocketAddr) -> std::io::Result<tokio::net::TcpStream> {
    let socket = tokio::net::TcpSocket::new_v4()?;
    let last = u8::try_from(1 + number % 10).expect("a small number");
    socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, last)), 0))?;
    socket.connect(address).await
}

fn resident_kilobytes(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
fn ten_thousand_idle_connections_cost_little_and_keep_nobody_out() {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    if limit.maximum.is_some_and(|maximum| maximum < IDLE as u64 + 1000) {
        eprintln!("skipped: this system allows fewer open files ({:?})", limit.maximum);
        return;
    }
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("the limit can be raised to its maximum");
    let stage = Stage::new();
    let host = stage.host(&["--idle", "600"]);
    let (address, pieces) = (host.address(), pieces(&host));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().expect("a runtime");
    let connections: Vec<tokio::net::TcpStream> = runtime.block_on(async {
        use tokio::io::AsyncWriteExt;
        let mut connections = Vec::with_capacity(IDLE);
        for number in 0..IDLE {
            let mut stream = idle(number, address).await.expect("a connection");
            // Some say nothing, some begin a bind, some are bound.
            let begun = [0, 0, 20, pieces[0].len()][number / 10 % 4];
            stream.write_all(&pieces[0][..begun]).await.expect("sent");
            connections.push(stream);
        }
        connections
    });
    granted(address, &request("Solo", 1));
    let _client = stage.client("c1", "Solo", &["--skms", &address.to_string()]);
    assert_eq!(stage.tried("c1")["activated"], true);
    let kilobytes = resident_kilobytes(host.pid());
    println!("{} connections, {kilobytes} kB", connections.len());
    assert!(0 < kilobytes && kilobytes < 200 << 10, "{kilobytes} kB");
    drop(connections);
    granted(address, &request("Solo", 1));
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["health"], "ok");
}

#[test]
fn one_address_does_not_take_all_places() {
    let stage = Stage::new();
    let host = stage.host(&["--max-connections-of-one", "2", "--metrics", "127.0.0.1:0"]);
    let held: Vec<TcpStream> = (0..2).map(|_| connect(host.address()).expect("a connection")).collect();
    until("a refusal", || ask(host.address(), &request("Solo", 1)).err());
    let mut other =
        connect_from(IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2)), host.address()).expect("a connection");
    assert!(matches!(ask_on(&mut other, &request("Solo", 1)), Ok(Answer::Granted(_))));
    let line = host.wait_for("too-many-connections", 1);
    assert_eq!((&line["address"], &line["level"]), (&json!("127.0.0.1"), &json!("warning")));
    assert!(crate::http::metric(&host, "connections_too_many_total") > 0);
    drop(held);
    until("a place", || ask(host.address(), &request("Solo", 1)).ok());
    assert_eq!(host.told("too-many-connections").len(), 1);
}

#[test]
fn a_host_that_runs_out_of_descriptors_goes_on_when_there_are_some_again() {
    let stage = Stage::new();
    let mut command = Command::new("sh");
    // The hard limit, so that the host cannot raise it.
    command.args(["-c", "ulimit -n 40 && exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_kmscope"), "host", "run"]);
    command.args(["--data", "host", "--licence", "host.toml", "--listen", "127.0.0.1:0", "--log", "json"]);
    command.current_dir(stage.path("")).stdin(Stdio::null());
    let host = Service::start(command, &stage, "host", 1).expect("the host starts");
    let mut first = connect(host.address()).expect("a connection");
    let many: Vec<TcpStream> = (0..60).map(|_| connect(host.address()).expect("a connection")).collect();
    let line = host.wait_for("accept-failed", 1);
    assert!(line["problem"].as_str().unwrap().contains("files"), "{line}");
    // Who is in is answered.
    assert!(matches!(ask_on(&mut first, &request("Team", 1)), Ok(Answer::Granted(_))));
    drop(many);
    assert_eq!(granted(host.address(), &request("Team", 2)).count, 2);
    assert_eq!(stage.json(&["host", "status", "--data", "host"])["health"], "ok");
    // Told when it began, not ten times a second.
    assert!(host.told("accept-failed").len() <= 3, "{:#?}", host.log());
}
