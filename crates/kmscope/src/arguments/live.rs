//! Options of the commands that look at live networks.

use std::str::FromStr;
use std::time::Duration;

use clap::Args;
use probe::Target;

use super::ReadFormat;

/// Options of `probe`.
#[derive(Debug, Args)]
#[command(after_help = "\
Connects to TCP 1688 (or the given port) of every address of every host, offers the KMS interface in an RPC bind, and
stops at the answer: no activation request is ever sent.

Exit codes: 0 every address answers as a KMS host; 1 one does not; 2 bad usage.")]
pub struct Probe {
    /// Names or addresses, with a port where it is not 1688: kms01, 10.0.0.4:1688, [fd00::4]:1688
    #[arg(required = true, value_name = "HOST[:PORT]")]
    pub targets: Vec<Target>,
    /// Whole time for a look-up, and for each connection with its answer
    #[arg(long, value_name = "SECONDS", default_value = "5")]
    pub timeout: Seconds,
    /// Connections to each address, as psping makes them
    #[arg(long, value_name = "COUNT", default_value_t = 1)]
    pub count: usize,
    /// From the start of one of these connections to the next
    #[arg(long, value_name = "SECONDS", default_value = "1")]
    pub interval: Seconds,
    /// IPv4 addresses only
    #[arg(short = '4', long, conflicts_with = "ipv6")]
    pub ipv4: bool,
    /// IPv6 addresses only
    #[arg(short = '6', long)]
    pub ipv6: bool,
    /// Format of the output
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReadFormat,
}

/// A time in seconds, as in `5` or `0.5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seconds(pub Duration);

/// No step waits longer than an hour.
const SECONDS_MAX: f64 = 3600.0;

impl FromStr for Seconds {
    type Err = String;

    fn from_str(text: &str) -> Result<Seconds, String> {
        let seconds = text.trim().trim_end_matches('s').parse::<f64>().ok();
        match seconds.filter(|seconds| (0.0..=SECONDS_MAX).contains(seconds)) {
            Some(seconds) => Ok(Seconds(Duration::from_secs_f64(seconds))),
            None => Err("expected seconds from 0 to 3600, as in 5 or 0.5".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds() {
        assert_eq!("0.5".parse(), Ok(Seconds(Duration::from_millis(500))));
        assert_eq!("5s".parse(), Ok(Seconds(Duration::from_secs(5))));
        for bad in ["", "-1", "NaN", "1e9", "soon", "inf"] {
            assert!(bad.parse::<Seconds>().is_err(), "{bad}");
        }
    }
}
