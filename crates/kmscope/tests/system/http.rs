//! A host's health and metrics, as a scraper asks for them.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::stage::Service;

/// Status and body of a path.
pub fn get(host: &Service, path: &str) -> (u16, String) {
    let line =
        host.lines.iter().find_map(|line| line.strip_prefix("http://")).expect("an address of metrics");
    let address = line.split('/').next().expect("an address");
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head");
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
    (status.expect("a status"), body.to_owned())
}

/// The value of a metric without labels.
pub fn metric(host: &Service, name: &str) -> u64 {
    let (_, body) = get(host, "/metrics");
    let value = body.lines().find_map(|line| line.strip_prefix(&format!("kmscope_host_{name} ")));
    value.and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name}: {body}"))
}
