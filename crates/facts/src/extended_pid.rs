//! Extended PIDs: `06401-00206-491-871673-03-1033-17763.0000-0122024`.
//!
//! The build within is that of the machine on which the key was installed.
//! A client that prints its host's extended PID therefore tells the host's release, which nothing else does.
//! The first two groups do not tell which host key it is: hosts for Windows and for Office share them.

use crate::builds::WindowsBuild;
use crate::releases::{Release, ReleaseKind, of_build};

/// An extended PID taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedPid {
    /// First group: the platform for which the key was made.
    pub platform: String,
    /// Second group.
    pub group: String,
    /// Kind of licence: `03` is volume.
    pub channel: String,
    /// Language id of the system, as in 1033.
    pub language: u32,
    /// Build on which the key was installed.
    pub build: WindowsBuild,
    /// Day of the year on which the key was installed; `None` when the digits are no day.
    pub day_of_year: Option<u32>,
    /// Year in which the key was installed.
    pub year: u32,
}

/// The kind of licence of volume keys.
const VOLUME: &str = "03";

/// Days of a leap year.
const LONGEST_YEAR: u32 = 366;

impl ExtendedPid {
    /// Takes the eight groups apart; anything else is no extended PID.
    pub fn parse(text: &str) -> Option<ExtendedPid> {
        let groups: Vec<&str> = text.trim().split('-').collect();
        let [platform, group, key_high, key_low, channel, language, build, date] = groups.as_slice() else {
            return None;
        };
        let all_digits =
            |text: &str, length| text.len() == length && text.bytes().all(|b| b.is_ascii_digit());
        let whole = all_digits(platform, 5) && all_digits(group, 5) && all_digits(channel, 2);
        if !whole || !all_digits(key_high, 3) || !all_digits(key_low, 6) || !all_digits(date, 7) {
            return None;
        }
        let (day, year) = date.split_at(3);
        Some(ExtendedPid {
            platform: platform.to_string(),
            group: group.to_string(),
            channel: channel.to_string(),
            language: language.parse().ok()?,
            // The part behind the point is always 0000 and is no revision.
            build: WindowsBuild::parse(build.split('.').next()?)?,
            day_of_year: day.parse().ok().filter(|day| (1..=LONGEST_YEAR).contains(day)),
            year: year.parse().ok()?,
        })
    }

    /// True for a volume key, of a client or of a host.
    pub fn is_volume(&self) -> bool {
        self.channel == VOLUME
    }

    /// The release on which the key was installed, if it is of this kind.
    pub fn release(&self, kind: ReleaseKind) -> Option<&'static Release> {
        of_build(kind, self.build.build)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_a_client_is_dated_and_placed() {
        let pid = ExtendedPid::parse("06401-00206-491-000001-03-1033-17763.0000-0122024").unwrap();
        assert_eq!((pid.build.build, pid.build.revision, pid.language), (17763, None, 1033));
        assert_eq!((pid.day_of_year, pid.year), (Some(12), 2024));
        assert!(pid.is_volume());
        assert_eq!(pid.release(ReleaseKind::Server).unwrap().id, "windows-server-2019");
    }

    #[test]
    fn what_is_no_extended_pid_is_refused() {
        for text in [
            "",
            "06401-00206",
            "06401-00206-491-00000X-03-1033-17763.0000-0122024",
            "00371-OEM-8992671-00437",
            "06401-00206-491-000001-03-1033-1776.0000-0122024",
            "06401-00206-491-000001-03-1033-17763.0000-012202é",
        ] {
            assert!(ExtendedPid::parse(text).is_none(), "{text}");
        }
        let odd_day = ExtendedPid::parse("06401-00206-491-000001-03-1033-17763.0000-9992024").unwrap();
        assert_eq!(odd_day.day_of_year, None);
    }
}
