//! The keys and values: `<prefix>/count/<application>/<cmid>` = `2026-11-21T18:06:00Z 25`.
//!
//! Times have a fixed width, so that etcd, which compares bytes, finds the later one.

use activation::Moment;
use activation::counting::N_POLICY_MAX;
use activation::journal::Contact;
use uuid::Uuid;

/// 9999-12-30T22:00:00Z, the last time that is written at all.
const LAST: i64 = 253_402_207_200;
/// The beginning of the year 0.
const FIRST: i64 = -62_167_219_200;

/// What the keys of an application begin with.
pub(crate) fn folder(prefix: &str, application: Uuid) -> String {
    format!("{prefix}/count/{application}/")
}

/// The first key behind a folder.
pub(crate) fn end(folder: &str) -> String {
    let mut end = folder.trim_end_matches('/').to_owned();
    // The character behind '/'.
    end.push('0');
    end
}

/// The key of a machine in its application's folder.
pub(crate) fn key(folder: &str, cmid: Uuid) -> String {
    format!("{folder}{cmid}")
}

/// The machine of a key. Only the form that is written is read, or one machine could have two keys.
pub(crate) fn cmid(folder: &str, key: &[u8]) -> Option<Uuid> {
    let name = std::str::from_utf8(key).ok()?.strip_prefix(folder)?;
    let cmid = Uuid::try_parse(name).ok()?;
    (cmid.to_string() == name).then_some(cmid)
}

/// The value of a contact.
pub(crate) fn value(contact: &Contact) -> String {
    let at = Moment(contact.at.0.clamp(FIRST, LAST));
    format!("{at} {}", contact.n_policy.min(N_POLICY_MAX))
}

/// Time and N-policy of a value.
pub(crate) fn read(value: &[u8]) -> Option<(Moment, u32)> {
    let (at, n_policy) = std::str::from_utf8(value).ok()?.split_once(' ')?;
    let read = (Moment(at.parse::<jiff::Timestamp>().ok()?.as_second()), n_policy.parse::<u32>().ok()?);
    let contact = Contact { cmid: Uuid::nil(), at: read.0, n_policy: read.1 };
    (self::value(&contact).as_bytes() == value).then_some(read)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_there_and_back() {
        let folder = folder("/kmscope", Uuid::from_u128(0xa));
        assert_eq!(folder, "/kmscope/count/00000000-0000-0000-0000-00000000000a/");
        assert_eq!(end(&folder), "/kmscope/count/00000000-0000-0000-0000-00000000000a0");
        let key = key(&folder, Uuid::from_u128(0xb));
        assert_eq!(cmid(&folder, key.as_bytes()), Some(Uuid::from_u128(0xb)));
        for wrong in [
            "00000000-0000-0000-0000-00000000000B",
            "0000000000000000000000000000000b",
            "{00000000-0000-0000-0000-00000000000b}",
            "00000000-0000-0000-0000-00000000000b/more",
            "",
        ] {
            assert_eq!(cmid(&folder, format!("{folder}{wrong}").as_bytes()), None, "{wrong}");
        }
        assert_eq!(cmid(&folder, b"\xff"), None);
    }

    #[test]
    fn other_values_are_not_read() {
        assert_eq!(read(b"2026-11-21T18:06:00Z 25"), Some((Moment(1_795_284_360), 25)));
        for wrong in [
            "",
            "2026-11-21T18:06:00Z",
            "2026-11-21T18:06:00Z 025",
            "2026-11-21T18:06:00Z 25 ",
            "2026-11-21T18:06:00.5Z 25",
            "2026-11-21T19:06:00+01:00 25",
            "2026-11-21T18:06:00Z -1",
            "2026-11-21T18:06:00Z 4096",
        ] {
            assert_eq!(read(wrong.as_bytes()), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn a_later_time_is_a_greater_value(one: i64, other in -70_000_000_000i64..300_000_000_000, n_policy: u32) {
            let text = |at| value(&Contact { cmid: Uuid::nil(), at: Moment(at), n_policy });
            let clamped = |at: i64| at.clamp(FIRST, LAST);
            for (one, other) in [(one, other), (other, other + 1), (other, other.saturating_sub(86_400))] {
                prop_assert_eq!(text(one).cmp(&text(other)), clamped(one).cmp(&clamped(other)));
                prop_assert_eq!(read(text(one).as_bytes()), Some((Moment(clamped(one)), n_policy.min(N_POLICY_MAX))));
            }
        }
    }
}
