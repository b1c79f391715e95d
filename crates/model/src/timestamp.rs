//! Points in time as evidence prints them: locale-dependent order, often without zone.

use std::fmt;

use jiff::civil::DateTime;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A time as printed, and what could be understood of it.
///
/// It compares equal by text; use [`Timestamp::utc_seconds`] or [`Timestamp::civil`] to compare times.
#[derive(Clone, PartialEq, Eq)]
pub struct Timestamp {
    text: Box<str>,
    civil: Option<DateTime>,
    offset_minutes: Option<i16>,
    day_month_unclear: bool,
}

impl Timestamp {
    /// Keeps the text and understands what it can; text that is no time is kept without a [`Timestamp::civil`].
    pub fn parse(text: &str) -> Timestamp {
        let text = text.trim();
        let plain = plain_digits(text);
        let read = read_epoch(&plain).or_else(|| read_wmi(&plain)).or_else(|| read_printed(&plain));
        match read {
            Some(read) => Timestamp {
                text: text.into(),
                civil: Some(read.civil),
                offset_minutes: read.offset_minutes,
                day_month_unclear: read.day_month_unclear,
            },
            None => {
                Timestamp { text: text.into(), civil: None, offset_minutes: None, day_month_unclear: false }
            }
        }
    }

    /// A UTC time from seconds since 1970, printed as RFC 3339; for records that hold binary times.
    pub fn from_utc_seconds(seconds: i64) -> Option<Timestamp> {
        let civil = civil_from_seconds(seconds)?;
        Some(Timestamp {
            text: format!("{civil}Z").into(),
            civil: Some(civil),
            offset_minutes: Some(0),
            day_month_unclear: false,
        })
    }

    /// A UTC time from a FILETIME's whole seconds since 1970 and its remaining intervals of 100 ns, printed with seven
    /// digits behind the point, as event XML prints it.
    pub fn from_utc_intervals(seconds: i64, intervals: u32) -> Option<Timestamp> {
        let civil = civil_from_seconds(seconds)?;
        let (date, time) = (civil.date(), civil.time());
        if date.year() < 0 {
            return None;
        }
        // Written digit by digit: a log has many records, and the general formatter takes far longer.
        let mut text = *b"0000-00-00T00:00:00.0000000Z";
        let mut put = |end: usize, mut number: u32| {
            for place in text[..end].iter_mut().rev().take_while(|byte| byte.is_ascii_digit()) {
                *place = b'0' + (number % 10) as u8;
                number /= 10;
            }
        };
        put(4, date.year().unsigned_abs().into());
        put(7, date.month().unsigned_abs().into());
        put(10, date.day().unsigned_abs().into());
        put(13, time.hour().unsigned_abs().into());
        put(16, time.minute().unsigned_abs().into());
        put(19, time.second().unsigned_abs().into());
        put(27, intervals);
        Some(Timestamp {
            text: String::from_utf8_lossy(&text).into(),
            civil: Some(civil),
            offset_minutes: Some(0),
            day_month_unclear: false,
        })
    }

    /// The same reading, declared to be UTC; for fields that are documented to be UTC (client time in KMS events).
    pub fn in_utc(mut self) -> Timestamp {
        self.offset_minutes.get_or_insert(0);
        self
    }

    /// The text as printed.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Date and time of day as printed, in whatever zone that was.
    pub fn civil(&self) -> Option<DateTime> {
        self.civil
    }

    /// Offset from UTC in minutes, where the text or the kind of field tells it.
    pub fn offset_minutes(&self) -> Option<i16> {
        self.offset_minutes
    }

    /// True when day and month could be exchanged (`5/7/2024`); [`Timestamp::civil`] then reads month first.
    pub fn day_month_unclear(&self) -> bool {
        self.day_month_unclear
    }

    /// The reading with day and month exchanged, where that is possible.
    pub fn day_first(&self) -> Option<Timestamp> {
        if !self.day_month_unclear {
            return None;
        }
        let civil = self.civil?;
        let swapped = civil.with().month(civil.day()).day(civil.month()).build().ok()?;
        Some(Timestamp { civil: Some(swapped), ..self.clone() })
    }

    /// Seconds since 1970 in UTC, when the zone is known.
    pub fn utc_seconds(&self) -> Option<i64> {
        let offset = i64::from(self.offset_minutes?);
        Some(self.seconds_as_printed()? - offset * 60)
    }

    /// Seconds since 1970 as if the printed time were UTC; good for order and distance within one log.
    pub fn seconds_as_printed(&self) -> Option<i64> {
        seconds_from_civil(self.civil?)
    }
}

struct Reading {
    civil: DateTime,
    offset_minutes: Option<i16>,
    day_month_unclear: bool,
}

fn civil_from_seconds(seconds: i64) -> Option<DateTime> {
    let base = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    base.checked_add(jiff::SignedDuration::from_secs(seconds)).ok()
}

fn seconds_from_civil(civil: DateTime) -> Option<i64> {
    let (date, time) = (civil.date(), civil.time());
    let days = days_from_civil(i64::from(date.year()), i64::from(date.month()), i64::from(date.day()));
    let seconds_of_day =
        (i64::from(time.hour()) * 60 + i64::from(time.minute())) * 60 + i64::from(time.second());
    Some(days * 86_400 + seconds_of_day)
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
///
/// Logs are sorted and compared by time again and again; a general duration takes ten times as long.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is the last of its year.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// Drops direction marks, makes odd spaces plain and full-width digits ASCII, so that only one form remains to be read.
fn plain_digits(text: &str) -> String {
    text.chars()
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'))
        .map(|c| match c {
            '\u{a0}' | '\u{202f}' | '\u{3000}' => ' ',
            '：' => ':',
            '０'..='９' => char::from(b'0' + (c as u32 - '０' as u32) as u8),
            c => c,
        })
        .collect()
}

/// `/Date(1720000000000)/` of Windows PowerShell's ConvertTo-Json: milliseconds since 1970 in UTC.
fn read_epoch(text: &str) -> Option<Reading> {
    let inner = text.trim_matches('\\').trim_matches('/').strip_prefix("Date(")?;
    let inner = inner.split(')').next()?;
    let digits = inner.split(['+', '-']).find(|part| !part.is_empty())?;
    let sign = if inner.starts_with('-') { -1 } else { 1 };
    let milliseconds: i64 = digits.parse().ok()?;
    let civil = civil_from_seconds(sign * milliseconds / 1000)?;
    Some(Reading { civil, offset_minutes: Some(0), day_month_unclear: false })
}

/// `20240507142010.000000+120` of WMI (CIM datetime): local time and its offset in minutes.
fn read_wmi(text: &str) -> Option<Reading> {
    let bytes = text.as_bytes();
    if bytes.len() < 21 || bytes[14] != b'.' || !bytes[..14].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let number = |range: std::ops::Range<usize>| text.get(range)?.parse::<i16>().ok();
    let civil =
        build(number(0..4)?, number(4..6)?, number(6..8)?, number(8..10)?, number(10..12)?, number(12..14)?)?;
    let offset_minutes = text.get(21..).and_then(|offset| offset.parse::<i16>().ok());
    Some(Reading { civil, offset_minutes, day_month_unclear: false })
}

/// A date and a time of day in any of the orders that Windows prints; no time of day means midnight.
fn read_printed(text: &str) -> Option<Reading> {
    let (date, rest) = read_date(text)?;
    let (hour, minute, second, after) = read_time_of_day(rest).unwrap_or((0, 0, 0, rest));
    let hour = twelve_hour(hour, text);
    let civil = build(date.year, date.month, date.day, hour, minute, second)?;
    Some(Reading { civil, offset_minutes: read_offset(after), day_month_unclear: date.unclear })
}

fn build(year: i16, month: i16, day: i16, hour: i16, minute: i16, second: i16) -> Option<DateTime> {
    let small = |n: i16| i8::try_from(n).ok();
    DateTime::new(year, small(month)?, small(day)?, small(hour)?, small(minute)?, small(second)?, 0).ok()
}

struct Date {
    year: i16,
    month: i16,
    day: i16,
    unclear: bool,
}

/// Three numbers with separators between them; returns what follows.
fn read_date(text: &str) -> Option<(Date, &str)> {
    let mut numbers = [0i16; 3];
    let mut separators = [' '; 2];
    let mut rest = text.trim_start_matches(|c: char| !c.is_ascii_digit());
    for index in 0..3 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 4 {
            return None;
        }
        numbers[index] = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        if index < 2 {
            let gap: String = rest.chars().take_while(|c| !c.is_ascii_digit()).collect();
            separators[index] = gap.chars().find(|c| !c.is_whitespace())?;
            if gap.chars().count() > 3 || matches!(separators[index], ':' | ',') {
                return None;
            }
            rest = &rest[gap.len()..];
        }
    }
    let [first, second, third] = numbers;
    let date = if first > 31 {
        Date { year: first, month: second, day: third, unclear: false }
    } else {
        let year = if third < 100 { third + 2000 } else { third };
        let day_first = separators[0] == '.' || first > 12;
        if day_first {
            Date { year, month: second, day: first, unclear: false }
        } else {
            Date { year, month: first, day: second, unclear: second <= 12 && second != first }
        }
    };
    Some((date, rest))
}

/// `14:20`, `14:20:10`, `14:20:10.5405849`, `14.20.10`, `14時20分`; returns what follows.
fn read_time_of_day(text: &str) -> Option<(i16, i16, i16, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let mut rest = &text[start..];
    let mut parts = [0i16; 3];
    let mut count = 0;
    while count < 3 {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 2 {
            break;
        }
        parts[count] = rest[..digits].parse().ok()?;
        count += 1;
        rest = &rest[digits..];
        let Some(separator) =
            rest.chars().next().filter(|c| matches!(c, ':' | '.' | '時' | '时' | '分' | '시'))
        else {
            break;
        };
        rest = rest[separator.len_utf8()..].trim_start();
    }
    let fraction = rest.bytes().take_while(u8::is_ascii_digit).count();
    (count >= 2).then_some((parts[0], parts[1], parts[2], &rest[fraction..]))
}

/// Applies the morning or afternoon mark of the text, in any of the languages that Windows prints.
fn twelve_hour(hour: i16, text: &str) -> i16 {
    const AFTERNOON: [&str; 7] = ["pm", "p.m", "p. m", "午後", "下午", "오후", "μμ"];
    const MORNING: [&str; 8] = ["am", "a.m", "a. m", "午前", "上午", "오전", "πμ", "凌晨"];
    // Most times have neither mark: no word at all, or none with an m.
    if text.is_ascii() && !text.contains(['m', 'M']) {
        return hour;
    }
    let lower = text.to_lowercase();
    if hour < 12 && AFTERNOON.iter().any(|mark| lower.contains(mark)) {
        hour + 12
    } else if hour == 12 && MORNING.iter().any(|mark| lower.contains(mark)) {
        0
    } else {
        hour
    }
}

/// `Z`, `+02:00`, `-0500` or `UTC` behind the time of day.
fn read_offset(after: &str) -> Option<i16> {
    let after = after.trim();
    if after.starts_with(['Z', 'z']) || after.starts_with("UTC") || after.starts_with("GMT") {
        return Some(0);
    }
    let sign = match after.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits: String = after[1..].chars().filter(char::is_ascii_digit).take(4).collect();
    if digits.len() != 4 {
        return None;
    }
    let value: i16 = digits.parse().ok()?;
    Some(sign * (value / 100 * 60 + value % 100))
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        Ok(Timestamp::parse(&String::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn civil(text: &str) -> String {
        Timestamp::parse(text).civil().map(|c| c.to_string()).unwrap_or_default()
    }

    proptest! {
        #[test]
        fn seconds_are_those_of_the_calendar_library(seconds in -60_000_000_000i64..250_000_000_000) {
            let civil = civil_from_seconds(seconds).unwrap();
            let base = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
            prop_assert_eq!(seconds_from_civil(civil), Some(civil.duration_since(base).as_secs()));
            prop_assert_eq!(seconds_from_civil(civil), Some(seconds));
        }

        #[test]
        fn intervals_are_printed_as_they_are_read(seconds in 0i64..4_000_000_000, intervals in 0u32..10_000_000) {
            let time = Timestamp::from_utc_intervals(seconds, intervals).unwrap();
            let read = Timestamp::parse(time.text());
            prop_assert_eq!(&read, &time);
            prop_assert_eq!(read.utc_seconds(), Some(seconds));
        }
    }

    #[test]
    fn reads_every_printed_order() {
        for (text, expected) in [
            ("2006/1/14 2:30", "2006-01-14T02:30:00"),
            ("1/14/2006 2:30", "2006-01-14T02:30:00"),
            ("2/11/2025 3:01:12 PM", "2025-02-11T15:01:12"),
            ("12/11/2025 12:01:12 AM", "2025-12-11T00:01:12"),
            ("07.05.2024 14:20:10", "2024-05-07T14:20:10"),
            ("2025-07-02T10:10:15.5405849Z", "2025-07-02T10:10:15"),
            ("2024/05/07 下午 02:20:10", "2024-05-07T14:20:10"),
            ("2024년 5월 7일 오후 2:20:10", "2024-05-07T14:20:10"),
            ("2018. 3. 5. 오후 3:01:00", "2018-03-05T15:01:00"),
            ("2024年5月7日 14:20", "2024-05-07T14:20:00"),
            ("31/12/2024 08:00", "2024-12-31T08:00:00"),
            ("/Date(1715091610000)/", "2024-05-07T14:20:10"),
            ("20240507142010.000000+120", "2024-05-07T14:20:10"),
            ("2024-05-07", "2024-05-07T00:00:00"),
        ] {
            assert_eq!(civil(text), expected, "{text}");
        }
    }

    #[test]
    fn knows_what_it_does_not_know() {
        assert!(Timestamp::parse("<DateTime>").civil().is_none());
        assert!(Timestamp::parse("14:20").civil().is_none());
        let unclear = Timestamp::parse("5/7/2024 12:54:01 PM");
        assert!(unclear.day_month_unclear());
        assert_eq!(unclear.day_first().unwrap().civil().unwrap().to_string(), "2024-07-05T12:54:01");
        assert_eq!(unclear.utc_seconds(), None);
    }

    #[test]
    fn applies_the_offset() {
        let zulu = Timestamp::parse("2025-07-02T10:10:15Z").utc_seconds();
        assert!(zulu.is_some());
        assert_eq!(Timestamp::parse("2025-07-02T12:10:15+02:00").utc_seconds(), zulu);
        assert_eq!(Timestamp::parse("2025/07/02 10:10:15").in_utc().utc_seconds(), zulu);
    }

    proptest! {
        #[test]
        fn any_text_is_kept_and_never_panics(text in "\\PC{0,40}") {
            prop_assert_eq!(Timestamp::parse(&text).text().to_owned(), text.trim().to_owned());
        }

        #[test]
        fn seconds_survive(seconds in 0i64..4_000_000_000) {
            prop_assert_eq!(Timestamp::from_utc_seconds(seconds).unwrap().utc_seconds(), Some(seconds));
        }
    }
}
