//! Sockets: netstat, ss, Get-NetTCPConnection. Only those of the KMS port and the RPC mapper are told.

use model::windows::Socket;
use model::{Fact, Kind, Quote};

use crate::documents::Object;
use crate::out::Out;
use crate::text::Text;

/// The KMS port and the RPC endpoint mapper.
const TOLD_PORTS: [u16; 2] = [1688, 135];

/// States of the German and other consoles in the words of the English one.
const STATES: [(&str, &str); 22] = [
    ("ABHÖREN", "LISTENING"),
    ("ABH™REN", "LISTENING"),
    ("HERGESTELLT", "ESTABLISHED"),
    ("WARTEND", "TIME_WAIT"),
    ("SCHLIESSEN_WARTEN", "CLOSE_WAIT"),
    ("SYN_GESENDET", "SYN_SENT"),
    ("SYN_EMPFANGEN", "SYN_RECEIVED"),
    ("LISTEN", "LISTENING"),
    ("ESTAB", "ESTABLISHED"),
    ("SYN-SENT", "SYN_SENT"),
    ("TIME-WAIT", "TIME_WAIT"),
    ("CLOSE-WAIT", "CLOSE_WAIT"),
    ("SYNSENT", "SYN_SENT"),
    ("TIMEWAIT", "TIME_WAIT"),
    ("CLOSEWAIT", "CLOSE_WAIT"),
    ("SYNRECEIVED", "SYN_RECEIVED"),
    ("ÉCOUTE", "LISTENING"),
    ("ESCUCHANDO", "LISTENING"),
    ("OUVINDO", "LISTENING"),
    ("正在监听", "LISTENING"),
    ("正在侦听", "LISTENING"),
    ("已建立", "ESTABLISHED"),
];

/// The table of netstat or ss, its headings included.
pub(super) fn read_netstat(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let first = first_row(text, at)?;
    let mut index = first;
    let mut told = false;
    while index < text.len() && text.line(index).is_some_and(|line| line.command.is_none()) {
        let line = text.at(index);
        if let Some(socket) = row(line) {
            told = is_told(&socket);
            if told {
                let fields = ["local_port", "remote_port", "state", "pid"];
                let quotes = fields.map(|field| Quote::new(field, text.place(index), line)).to_vec();
                out.push(Kind::Netstat, Fact::Socket(socket), text.place(index), quotes);
            }
        } else if let Some(program) = line.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            name_last(out, program, told);
        } else if line.is_empty() || line.contains(' ') && !follows_row(text, index) {
            break;
        }
        index += 1;
    }
    Some(index)
}

/// netstat -b prints the component and the program below a row.
fn name_last(out: &mut Out, program: &str, told: bool) {
    if let (true, Some(evidence)) = (told, out.facts.last_mut())
        && let Fact::Socket(socket) = &mut evidence.fact.value
    {
        socket.program.get_or_insert_with(|| program.to_owned());
    }
}

/// True for a line of words right below a row: what netstat -b says when it may not tell the owner.
fn follows_row(text: &Text<'_>, index: usize) -> bool {
    index > 0 && row(text.at(index - 1)).is_some() && row(text.at(index + 1)).is_some()
}

/// The first row, when the lines from `at` on are at most two headings above it.
fn first_row(text: &Text<'_>, at: usize) -> Option<usize> {
    const HEADING_LINES_MAX: usize = 4;
    if row(text.at(at)).is_some() {
        return Some(at);
    }
    let heading = |index: usize| {
        let line = text.at(index).to_lowercase();
        ["proto", "프로토콜", "协议", "協定", "プロトコル", "протокол", "имя ", "netid", "state "]
            .iter()
            .any(|word| line.starts_with(word))
    };
    let header = if heading(at) { at } else { (at + 1..=at + 2).find(|&index| heading(index))? };
    let between = (at..header).all(|index| text.line(index).is_some_and(|line| line.command.is_none()));
    (header + 1..header + HEADING_LINES_MAX).find(|&i| row(text.at(i)).is_some()).filter(|_| between)
}

fn is_told(socket: &Socket) -> bool {
    [socket.local_port, socket.remote_port].into_iter().flatten().any(|port| TOLD_PORTS.contains(&port))
}

fn row(line: &str) -> Option<Socket> {
    let parts: Vec<&str> = line.split_whitespace().take(10).collect();
    windows_row(&parts).or_else(|| ss_row(&parts))
}

/// `TCP 0.0.0.0:1688 0.0.0.0:0 LISTENING 1234`
fn windows_row(parts: &[&str]) -> Option<Socket> {
    let protocol = parts.first()?.to_ascii_uppercase();
    if !matches!(protocol.as_str(), "TCP" | "UDP" | "TCPV6" | "UDPV6" | "TCP6" | "UDP6") {
        return None;
    }
    // Linux netstat prints two queue lengths in front of the addresses.
    let skip = if parts.get(1)?.bytes().all(|b| b.is_ascii_digit()) { 3 } else { 1 };
    let (local_address, local_port) = endpoint(parts.get(skip)?)?;
    let (remote_address, remote_port) = endpoint(parts.get(skip + 1)?)?;
    let rest = &parts[skip + 2..];
    let state = rest.first().filter(|word| word.parse::<u32>().is_err());
    // A socket without a peer is one that listens, whatever the language calls it.
    let listens = protocol.starts_with("TCP") && remote_port.is_none_or(|port| port == 0);
    Some(Socket {
        protocol: Some(protocol[..3].to_owned()),
        local_address: Some(local_address),
        local_port,
        remote_address: Some(remote_address),
        remote_port,
        state: state
            .map(|word| if listens && *word != "CLOSED" { "LISTENING".to_owned() } else { english(word) }),
        pid: rest.last().and_then(|word| word.split('/').next()?.parse().ok()),
        program: rest.last().and_then(|word| word.split_once('/')).map(|(_, program)| program.to_owned()),
    })
}

/// `LISTEN 0 128 0.0.0.0:1688 0.0.0.0:*`
fn ss_row(parts: &[&str]) -> Option<Socket> {
    let parts = if matches!(*parts.first()?, "tcp" | "udp") { &parts[1..] } else { parts };
    let state = *parts.first()?;
    let known = ["LISTEN", "ESTAB", "SYN-SENT", "TIME-WAIT", "CLOSE-WAIT", "UNCONN"];
    let queues = parts.get(1..3)?.iter().all(|word| word.parse::<u64>().is_ok());
    if !known.contains(&state) || !queues {
        return None;
    }
    let (local_address, local_port) = endpoint(parts.get(3)?)?;
    let (remote_address, remote_port) = endpoint(parts.get(4)?)?;
    Some(Socket {
        protocol: Some("TCP".to_owned()),
        local_address: Some(local_address),
        local_port,
        remote_address: Some(remote_address),
        remote_port,
        state: Some(english(state)),
        program: parts.get(5).map(|word| (*word).to_owned()),
        ..Socket::default()
    })
}

/// Address and port; `*` stands for any port.
fn endpoint(text: &str) -> Option<(String, Option<u16>)> {
    let (address, port) = text.rsplit_once(':')?;
    let port = if port == "*" { None } else { Some(port.parse().ok()?) };
    Some((address.trim_matches(['[', ']']).to_owned(), port))
}

fn english(state: &str) -> String {
    let upper = state.to_uppercase();
    STATES
        .iter()
        .find(|(foreign, _)| *foreign == upper)
        .map_or_else(|| upper.clone(), |(_, english)| (*english).to_owned())
}

/// Get-NetTCPConnection.
pub(super) fn read_object(object: &Object, out: &mut Out) -> bool {
    if !object.has_all(&["LocalAddress", "LocalPort", "RemotePort"]) {
        return false;
    }
    let port = |name: &str| object.get(name).and_then(|text| text.parse().ok());
    let numbered = |text: &str| match text {
        "1" => "CLOSED".to_owned(),
        "2" => "LISTENING".to_owned(),
        "3" => "SYN_SENT".to_owned(),
        "5" => "ESTABLISHED".to_owned(),
        "11" => "TIME_WAIT".to_owned(),
        other => english(other),
    };
    let socket = Socket {
        protocol: Some("TCP".to_owned()),
        local_address: object.get("LocalAddress").map(str::to_owned),
        local_port: port("LocalPort"),
        remote_address: object.get("RemoteAddress").map(str::to_owned),
        remote_port: port("RemotePort"),
        state: object.get("State").map(numbered),
        pid: object.get("OwningProcess").and_then(|text| text.parse().ok()),
        ..Socket::default()
    };
    if is_told(&socket) {
        let quotes = [("LocalPort", "local_port"), ("RemotePort", "remote_port"), ("State", "state")]
            .into_iter()
            .filter_map(|(field, fact)| object.quote(field, fact))
            .collect();
        out.push(Kind::Netstat, Fact::Socket(socket), object.place.clone(), quotes);
    }
    true
}
