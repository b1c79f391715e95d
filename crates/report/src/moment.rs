//! Points in time of the report: RFC 3339, with `Z` only where the time is known to be UTC.

use std::fmt;

use jiff::civil::DateTime;
use jiff::tz::Offset;
use serde::{Serialize, Serializer};

/// A time of the evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    /// Seconds since 1970; as printed (local) where `utc` is false.
    pub seconds: i64,
    /// Whether the time is known to be UTC.
    pub utc: bool,
}

impl Moment {
    /// A UTC time.
    pub fn utc(seconds: i64) -> Moment {
        Moment { seconds, utc: true }
    }

    fn civil(self) -> Option<DateTime> {
        jiff::Timestamp::from_second(self.seconds).ok().map(|time| Offset::UTC.to_datetime(time))
    }

    /// Day and time for people: `2026-11-21 06:11:03 UTC`.
    pub fn shown(self) -> String {
        let zone = if self.utc { " UTC" } else { "" };
        match self.civil() {
            Some(civil) => format!("{}{zone}", civil.strftime("%Y-%m-%d %H:%M:%S")),
            None => self.seconds.to_string(),
        }
    }

    /// The day: `2026-11-21`.
    pub fn day(self) -> String {
        self.civil().map_or_else(|| self.seconds.to_string(), |civil| civil.date().to_string())
    }

    /// Day and minute without the year: `11-21 06:11`.
    pub fn minute(self) -> String {
        self.civil()
            .map_or_else(|| self.seconds.to_string(), |civil| civil.strftime("%m-%d %H:%M").to_string())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let zone = if self.utc { "Z" } else { "" };
        match self.civil() {
            Some(civil) => write!(f, "{civil}{zone}"),
            None => write!(f, "{}", self.seconds),
        }
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_utc_and_local() {
        assert_eq!(Moment::utc(0).to_string(), "1970-01-01T00:00:00Z");
        let local = Moment { seconds: 1_795_241_463, utc: false };
        assert_eq!(local.to_string(), "2026-11-21T06:11:03");
        assert_eq!(local.shown(), "2026-11-21 06:11:03");
        assert_eq!((local.day(), local.minute()), ("2026-11-21".to_owned(), "11-21 06:11".to_owned()));
        assert_eq!(Moment::utc(i64::MAX).shown(), i64::MAX.to_string());
    }
}
