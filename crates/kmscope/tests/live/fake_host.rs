//! Servers on loopback: a host that accepts the KMS interface, and others that do not.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use rpc::context::{ContextResult, ContextVerdict};
use rpc::pdu::{BindAck, Body, Pdu};
use rpc::syntax::SyntaxId;

/// What a server does with a connection.
#[derive(Debug, Clone, Copy)]
pub enum Manner {
    /// Accepts the KMS interface in NDR.
    Kms,
    /// Accepts our own interface.
    OwnHost,
    /// Speaks RPC and knows no KMS.
    OtherRpc,
    /// Answers like a web server.
    Http,
    /// Closes at once when it has read something.
    Closes,
    /// Reads and says nothing.
    Silent,
}

/// Starts a server; its thread ends with the test's process.
pub fn start(manner: Manner) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::spawn(move || serve(stream, manner));
        }
    });
    address
}

/// A port on which nobody listens: a free one could be another test's a moment later.
pub fn closed_port() -> SocketAddr {
    const TCPMUX: u16 = 1;
    ([127, 0, 0, 1], TCPMUX).into()
}

fn serve(mut stream: TcpStream, manner: Manner) {
    let mut buffer = [0; 4096];
    let Ok(length) = stream.read(&mut buffer) else { return };
    let answer = match manner {
        Manner::Kms => answer(&buffer[..length], SyntaxId::KMS),
        Manner::OwnHost => answer(&buffer[..length], rpc::activation::INTERFACE),
        Manner::OtherRpc => answer(&buffer[..length], SyntaxId::NONE),
        Manner::Http => b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_vec(),
        Manner::Closes => return,
        Manner::Silent => Vec::new(),
    };
    let _ = stream.write_all(&answer);
    // Until the other side has had enough. A request never comes: that is tested, too.
    let after = stream.read(&mut buffer).unwrap_or(0);
    assert_eq!(after, 0, "something was sent behind the bind");
}

fn answer(bind: &[u8], known: SyntaxId) -> Vec<u8> {
    let Ok(Pdu { header, body: Body::Bind(bind), .. }) = Pdu::read(bind) else { return Vec::new() };
    let result = |context: &rpc::PresentationContext| match context.transfer_syntaxes.first() {
        Some(syntax) if syntax.as_features().is_some() => ContextResult::refused(ContextVerdict::Features(3)),
        _ if context.abstract_syntax != known => {
            ContextResult::refused(ContextVerdict::AbstractSyntaxNotSupported)
        }
        Some(syntax) if *syntax == SyntaxId::NDR => ContextResult::accepted(SyntaxId::NDR),
        _ => ContextResult::refused(ContextVerdict::TransferSyntaxesNotSupported),
    };
    let ack = BindAck {
        max_transmit_fragment: 5840,
        max_receive_fragment: 5840,
        association_group: 1,
        secondary_address: b"1688\0".to_vec(),
        results: bind.contexts.iter().map(result).collect(),
    };
    Pdu::new(header.call_id, Body::BindAck(ack)).write().unwrap_or_default()
}
