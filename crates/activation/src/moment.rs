//! Points in time, to the second, as the host, the client and their messages know them.

use std::fmt;

/// Seconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, serde::Serialize, serde::Deserialize,
)]
#[serde(transparent)]
pub struct Moment(pub i64);

/// Seconds of a minute.
pub const MINUTE: i64 = 60;
/// Seconds of an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Seconds of a day.
pub const DAY: i64 = 24 * HOUR;

/// Seconds from 1601 to 1970.
const FILETIME_EPOCH: i64 = 11_644_473_600;
/// Ticks of a FILETIME in a second.
const TICKS: i64 = 10_000_000;

impl Moment {
    /// So many seconds later; times beyond what can be told stay at the end.
    pub fn plus(self, seconds: i64) -> Moment {
        Moment(self.0.saturating_add(seconds))
    }

    /// Seconds from another moment to this one; negative when this is the earlier one.
    pub fn since(self, earlier: Moment) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// As a FILETIME: ticks of 100 ns since 1601. Times before that are zero.
    pub fn to_filetime(self) -> u64 {
        let ticks = self.0.saturating_add(FILETIME_EPOCH).saturating_mul(TICKS);
        u64::try_from(ticks).unwrap_or(0)
    }

    /// The second in which a FILETIME lies.
    pub fn from_filetime(ticks: u64) -> Moment {
        let seconds = i64::try_from(ticks / TICKS.unsigned_abs()).unwrap_or(i64::MAX);
        Moment(seconds.saturating_sub(FILETIME_EPOCH))
    }

    /// The date and time; what a stranger's clock says beyond the calendar is its first or last day.
    fn civil(self) -> jiff::civil::DateTime {
        let ends = jiff::Timestamp::MIN.as_second()..=jiff::Timestamp::MAX.as_second();
        let at = jiff::Timestamp::from_second(self.0.clamp(*ends.start(), *ends.end()));
        at.unwrap_or(jiff::Timestamp::MAX).to_zoned(jiff::tz::TimeZone::UTC).datetime()
    }

    /// As the published events print times: UTC, year first, no leading zeros, no seconds (`2006/1/14 2:30`).
    pub fn in_events(self) -> String {
        let at = self.civil();
        format!("{}/{}/{} {}:{:02}", at.year(), at.month(), at.day(), at.hour(), at.minute())
    }
}

impl fmt::Display for Moment {
    /// RFC 3339, in UTC.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.0) {
            Ok(at) => at.fmt(f),
            Err(_) => write!(f, "{} s", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filetimes_there_and_back() {
        let at = Moment(1_700_000_000);
        assert_eq!(Moment::from_filetime(at.to_filetime()), at);
        assert_eq!(Moment(0).to_filetime(), 116_444_736_000_000_000);
        assert_eq!(Moment::from_filetime(0), Moment(-FILETIME_EPOCH));
        assert_eq!(Moment(i64::MIN).to_filetime(), 0);
        assert!(Moment::from_filetime(u64::MAX).0 > 0);
    }

    #[test]
    fn events_print_times_without_leading_zeros() {
        assert_eq!(Moment(1_137_205_800).in_events(), "2006/1/14 2:30");
        assert_eq!(Moment(i64::MAX).in_events(), "9999/12/30 22:00");
        assert_eq!(Moment(1_137_205_800).to_string(), "2006-01-14T02:30:00Z");
        assert_eq!(Moment(i64::MAX).to_string(), "9223372036854775807 s");
    }
}
