//! A DNS server that says what a test tells it to.

use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use hickory_proto::op::{Message, OpCode, ResponseCode};
use hickory_proto::rr::rdata::{A, CNAME, SRV};
use hickory_proto::rr::{Name, RData, Record, RecordType};

/// What a name has.
#[derive(Debug, Clone)]
pub enum Entry {
    /// Port and target, with priority and weight of zero.
    Srv(u16, &'static str),
    /// An IPv4 address.
    A([u8; 4]),
    /// Another name.
    Cname(&'static str),
    /// Every question about the name is answered so.
    Code(ResponseCode),
    /// No question about the name is answered.
    Silence,
}

/// A running server.
pub struct FakeDns {
    pub address: SocketAddr,
    asked: Arc<AtomicUsize>,
}

impl FakeDns {
    /// Starts a server with these names, in lower case without a dot at the end. Others do not exist.
    pub fn start(entries: Vec<(&'static str, Entry)>) -> FakeDns {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
        let address = socket.local_addr().expect("an address");
        let asked = Arc::new(AtomicUsize::new(0));
        let counter = asked.clone();
        // The thread ends with the test's process.
        thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((length, from)) = socket.recv_from(&mut buffer) {
                counter.fetch_add(1, Ordering::Relaxed);
                if let Some(answer) = answer(&buffer[..length], &entries) {
                    let _ = socket.send_to(&answer, from);
                }
            }
        });
        FakeDns { address, asked }
    }

    /// Questions so far.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::Relaxed)
    }

    /// As an argument of the command line.
    pub fn argument(&self) -> String {
        self.address.to_string()
    }
}

fn name(text: &str) -> Name {
    Name::from_ascii(format!("{text}.")).expect("a name")
}

fn answer(question: &[u8], entries: &[(&'static str, Entry)]) -> Option<Vec<u8>> {
    let question = Message::from_vec(question).ok()?;
    let query = question.queries.first()?.clone();
    let mut answer = Message::response(question.metadata.id, OpCode::Query);
    answer.metadata.recursion_available = true;
    answer.add_query(query.clone());
    let mut owner = query.name().to_string().trim_end_matches('.').to_lowercase();
    let known = entries.iter().any(|(known, _)| *known == owner);
    answer.metadata.response_code = if known { ResponseCode::NoError } else { ResponseCode::NXDomain };
    while let Some(target) = entries.iter().find_map(|(known, entry)| match entry {
        Entry::Cname(target) if *known == owner => Some(*target),
        _ => None,
    }) {
        answer.add_answer(Record::from_rdata(name(&owner), 60, RData::CNAME(CNAME(name(target)))));
        owner = target.to_owned();
        if answer.answers.len() > 4 {
            break;
        }
    }
    for (_, entry) in entries.iter().filter(|(known, _)| *known == owner) {
        let (record_type, data) = match entry {
            Entry::Srv(port, target) => (RecordType::SRV, RData::SRV(SRV::new(0, 0, *port, name(target)))),
            Entry::A([a, b, c, d]) => (RecordType::A, RData::A(A::new(*a, *b, *c, *d))),
            Entry::Code(code) => {
                answer.metadata.response_code = *code;
                continue;
            }
            Entry::Silence => return None,
            Entry::Cname(_) => continue,
        };
        if record_type == query.query_type() {
            answer.add_answer(Record::from_rdata(name(&owner), 60, data));
        }
    }
    answer.to_vec().ok()
}
