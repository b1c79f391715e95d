//! Azure's instance metadata service: which cloud, region and image this machine is.
//!
//! Two requests of HTTP/1.1 to one link-local address, with the header that the service asks for, past any proxy.
//! Source: <https://learn.microsoft.com/azure/virtual-machines/instance-metadata-service>

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use model::azure::Imds;
use model::evidence::Evidence;
use model::{Fact, Kind};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::facts::probed;

/// Where the service answers, in every cloud.
pub const SERVICE: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80);

/// The instance document, which tells the cloud.
pub const INSTANCE: &str = "/metadata/instance?api-version=2021-02-01";
/// The attested document, which Azure Edition needs to be activated.
pub const ATTESTED: &str = "/metadata/attested/document?api-version=2020-09-01";

/// Bytes of an answer that are read; the documents take a few kilobytes.
const ANSWER_BYTES_MAX: usize = 256 << 10;
/// Headers of an answer.
const HEADERS_MAX: usize = 64;

/// What the service answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The document, or the words of a refusal.
    pub body: Vec<u8>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum ImdsError {
    /// Nobody answered in time.
    #[error("no answer in time")]
    Silence,
    /// The connection failed.
    #[error("no connection: {0}")]
    Connection(#[from] io::Error),
    /// What answers there speaks no HTTP, or more of it than a document takes.
    #[error("the answer is no HTTP")]
    NoHttp,
}

/// Asks for a document.
pub async fn ask(service: SocketAddr, document: &str, patience: Duration) -> Result<Answered, ImdsError> {
    timeout(patience, exchange(service, document)).await.unwrap_or(Err(ImdsError::Silence))
}

async fn exchange(service: SocketAddr, document: &str) -> Result<Answered, ImdsError> {
    let mut stream = TcpStream::connect(service).await?;
    let request = format!(
        "GET {document} HTTP/1.1\r\nHost: {}\r\nMetadata: true\r\nUser-Agent: kmscope\r\nConnection: close\r\n\r\n",
        service.ip()
    );
    stream.write_all(request.as_bytes()).await?;
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(answered) = answer(&bytes, false)? {
            return Ok(answered);
        }
        match stream.read(&mut buffer).await? {
            0 => return answer(&bytes, true)?.ok_or(ImdsError::NoHttp),
            length if bytes.len() + length > ANSWER_BYTES_MAX => return Err(ImdsError::NoHttp),
            length => bytes.extend_from_slice(&buffer[..length]),
        }
    }
}

/// The answer, once it is whole; what ends with the connection is whole then.
fn answer(bytes: &[u8], closed: bool) -> Result<Option<Answered>, ImdsError> {
    let mut headers = [httparse::EMPTY_HEADER; HEADERS_MAX];
    let mut response = httparse::Response::new(&mut headers);
    let start = match response.parse(bytes) {
        Ok(httparse::Status::Complete(start)) => start,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(ImdsError::NoHttp),
    };
    let status = response.code.unwrap_or_default();
    let value = |name: &str| {
        let header = response.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name));
        header.and_then(|header| std::str::from_utf8(header.value).ok()).map(str::trim)
    };
    let rest = &bytes[start..];
    if value("transfer-encoding").is_some_and(|text| text.eq_ignore_ascii_case("chunked")) {
        return Ok(chunks(rest)?.map(|body| Answered { status, body }));
    }
    let body = match value("content-length") {
        Some(length) => {
            let length: usize = length.parse().map_err(|_| ImdsError::NoHttp)?;
            rest.get(..length)
        }
        None => Some(rest).filter(|_| closed),
    };
    Ok(body.map(|body| Answered { status, body: body.to_vec() }))
}

/// The body of a chunked answer, once its last chunk is there.
fn chunks(mut rest: &[u8]) -> Result<Option<Vec<u8>>, ImdsError> {
    let mut body = Vec::new();
    loop {
        let (start, length) = match httparse::parse_chunk_size(rest) {
            Ok(httparse::Status::Complete(found)) => found,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(ImdsError::NoHttp),
        };
        let length = usize::try_from(length).map_err(|_| ImdsError::NoHttp)?;
        if length == 0 {
            return Ok(Some(body));
        }
        let end = start.checked_add(length).ok_or(ImdsError::NoHttp)?;
        let Some(chunk) = rest.get(start..end) else { return Ok(None) };
        body.extend_from_slice(chunk);
        let Some(next) = rest.get(end + 2..) else { return Ok(None) };
        rest = next;
    }
}

/// The fact that the service does not answer as it should.
pub fn unreachable(service: SocketAddr, document: &str, words: &str, at: &str) -> Evidence {
    let imds = Imds {
        reachable: Some(false),
        attested: document == ATTESTED,
        error_text: Some(words.to_owned()),
        ..Imds::default()
    };
    let probe = format!("imds {service}");
    probed(Kind::Imds, Fact::Imds(Box::new(imds)), &probe, at, &format!("{document}: {words}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, closed: bool) -> Option<(u16, String)> {
        let answered = answer(text.as_bytes(), closed).ok()??;
        Some((answered.status, String::from_utf8(answered.body).unwrap()))
    }

    #[test]
    fn answers_are_whole_when_their_form_says_so() {
        let sized = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n";
        let whole = Some((200, "{}".to_owned()));
        assert_eq!((told(sized, false), told(chunked, false)), (whole.clone(), whole.clone()));
        for length in 0..sized.len() {
            assert_eq!(told(&sized[..length], false), None);
        }
        let open = "HTTP/1.0 400 Bad Request\r\n\r\nno";
        assert_eq!((told(open, false), told(open, true)), (None, Some((400, "no".to_owned()))));
        for bad in ["SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n"] {
            assert!(answer(bad.as_bytes(), true).is_err(), "{bad}");
        }
        let huge = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n";
        assert!(told(huge, true).is_none());
    }
}
