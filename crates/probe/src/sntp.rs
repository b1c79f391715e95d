//! The offset of this machine's clock against a time server, by one SNTP exchange (RFC 4330).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::net::UdpSocket;
use tokio::time::timeout;

/// Port of time servers.
pub const NTP_PORT: u16 = 123;

/// Seconds from 1900, where NTP begins, to 1970.
const EPOCH_SECONDS: f64 = 2_208_988_800.0;

const PACKET_BYTES: usize = 48;

/// What a time server told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockOffset {
    /// Seconds that the server is ahead of this machine (negative: behind).
    pub seconds: f64,
    /// Distance of the server from a reference clock.
    pub stratum: u8,
}

/// Asks a server once. The clock is this machine's.
pub async fn offset(server: SocketAddr, patience: Duration) -> io::Result<ClockOffset> {
    timeout(patience, exchange(server)).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

async fn exchange(server: SocketAddr) -> io::Result<ClockOffset> {
    let any: IpAddr =
        if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(server).await?;
    let sent = now();
    let mut request = [0; PACKET_BYTES];
    // Version 4, client; the transmit time comes back as the originate time and tells our answer from others.
    request[0] = 0x23;
    request[40..48].copy_from_slice(&to_ntp(sent).to_be_bytes());
    socket.send(&request).await?;
    let mut answer = [0; 512];
    loop {
        let length = socket.recv(&mut answer).await?;
        if let Some(offset) = read(&answer[..length], to_ntp(sent), sent, now()) {
            return Ok(offset);
        }
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

fn to_ntp(unix: f64) -> u64 {
    let ntp = unix + EPOCH_SECONDS;
    ((ntp.trunc() as u64) << 32) | (ntp.fract() * 4_294_967_296.0) as u64
}

fn from_ntp(ntp: u64) -> f64 {
    (ntp >> 32) as f64 + (ntp & 0xFFFF_FFFF) as f64 / 4_294_967_296.0 - EPOCH_SECONDS
}

/// Reads an answer to a request that was sent at a time and came back at another. Nothing if it is none, or if the
/// server says that its own clock is not set.
fn read(answer: &[u8], originate: u64, sent: f64, received: f64) -> Option<ClockOffset> {
    const SERVER: u8 = 4;
    let field = |at: usize| answer.get(at..at + 8)?.try_into().ok().map(u64::from_be_bytes);
    let (&flags, &stratum) = (answer.first()?, answer.get(1)?);
    let unset = flags >> 6 == 3 || stratum == 0;
    if flags & 7 != SERVER || unset || field(24)? != originate {
        return None;
    }
    let (arrived, left) = (from_ntp(field(32)?), from_ntp(field(40)?));
    Some(ClockOffset { seconds: ((arrived - sent) + (left - received)) / 2.0, stratum })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(originate: u64, arrived: f64, left: f64) -> Vec<u8> {
        let mut answer = vec![0; PACKET_BYTES];
        answer[0] = 0x24;
        answer[1] = 2;
        answer[24..32].copy_from_slice(&originate.to_be_bytes());
        answer[32..40].copy_from_slice(&to_ntp(arrived).to_be_bytes());
        answer[40..48].copy_from_slice(&to_ntp(left).to_be_bytes());
        answer
    }

    #[test]
    fn a_server_an_hour_ahead() {
        let sent = 1_750_000_000.0;
        let bytes = answer(to_ntp(sent), sent + 3600.01, sent + 3600.02);
        let offset = read(&bytes, to_ntp(sent), sent, sent + 0.03).unwrap();
        assert!((offset.seconds - 3600.0).abs() < 0.001, "{offset:?}");
    }

    #[test]
    fn what_is_no_answer_to_us_is_passed_over() {
        let sent = 1_750_000_000.0;
        let good = answer(to_ntp(sent), sent, sent);
        assert!(read(&good, to_ntp(sent) + 1, sent, sent).is_none());
        let mut unset = good.clone();
        unset[0] |= 0xC0;
        assert!(read(&unset, to_ntp(sent), sent, sent).is_none());
        for length in 0..PACKET_BYTES {
            assert!(read(&good[..length], to_ntp(sent), sent, sent).is_none(), "{length}");
        }
    }

    #[tokio::test]
    async fn asks_a_server() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let server = socket.local_addr().unwrap();
        tokio::spawn(async move {
            let mut request = [0; PACKET_BYTES];
            let (_, from) = socket.recv_from(&mut request).await.unwrap();
            let originate = u64::from_be_bytes(request[40..48].try_into().unwrap());
            let ahead = now() + 18_000.0;
            socket.send_to(&answer(originate, ahead, ahead), from).await.unwrap();
        });
        let found = offset(server, Duration::from_secs(20)).await.unwrap();
        assert!((found.seconds - 18_000.0).abs() < 5.0, "{found:?}");
    }
}
