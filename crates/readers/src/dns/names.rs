//! Names, addresses and times to live as DNS tools print them.

use std::net::{IpAddr, Ipv4Addr};

/// The address in a token such as `10.0.0.1`, `10.0.0.1:53`, `10.0.0.1#53(10.0.0.1)`, `[::1]:53` or `fe80::1%12`,
/// without port and zone.
pub(crate) fn address(token: &str) -> Option<String> {
    let token = token.trim().trim_matches([',', ';', '"', '\'', '(', ')', '<', '>']);
    let token = match token.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or_default(),
        None => token,
    };
    let token = token.split(['#', '%', '@', '(']).next().unwrap_or_default().trim();
    if token.parse::<IpAddr>().is_ok() {
        return Some(token.to_owned());
    }
    let (host, port) = token.rsplit_once(':')?;
    let is_port = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    (is_port && host.parse::<Ipv4Addr>().is_ok()).then(|| host.to_owned())
}

/// The name in a token, without quotes and final dot. Nothing if the token cannot be a name.
pub(crate) fn host_name(token: &str) -> Option<String> {
    const NAME_LENGTH_MAX: usize = 255;
    let token = token.trim().trim_matches(['"', '\'', ',', ';', '«', '»', '“', '”', '„']);
    let token = token.strip_suffix('.').unwrap_or(token);
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '$' | '*');
    let is_name = !token.is_empty()
        && token.len() <= NAME_LENGTH_MAX
        && token.chars().all(plain)
        && token.chars().any(char::is_alphanumeric)
        && !token.starts_with('.');
    is_name.then(|| token.to_owned())
}

/// A host name that cannot be a word of a sentence: it has a dot within, an underscore or a digit.
pub(crate) fn distinct_name(token: &str) -> Option<String> {
    let name = host_name(token)?;
    let is_distinct = name.is_ascii()
        && (name.trim_matches('.').contains('.')
            || name.contains('_')
            || name.bytes().any(|b| b.is_ascii_digit()));
    is_distinct.then_some(name)
}

/// True for `_service._proto` names.
pub(crate) fn is_service_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.starts_with('_') && ["._tcp", "._udp", "._tls"].iter().any(|p| lower.contains(p))
}

/// True when two names are equal, letter case and final dot aside.
pub(crate) fn same_name(left: &str, right: &str) -> bool {
    left.trim_end_matches('.').eq_ignore_ascii_case(right.trim_end_matches('.'))
}

/// Seconds of `3600`, `1h`, `1d12h`, `01:00:00` or `1.00:00:00`.
pub(crate) fn ttl_seconds(text: &str) -> Option<u64> {
    if text.contains(':') {
        return clock_seconds(text);
    }
    let mut total: u64 = 0;
    let mut number: Option<u64> = None;
    for c in text.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0).checked_mul(10)?.checked_add(u64::from(digit))?);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    match number {
        Some(rest) => total.checked_add(rest),
        None if text.is_empty() => None,
        None => Some(total),
    }
}

/// Seconds of a .NET time span.
fn clock_seconds(text: &str) -> Option<u64> {
    let (days, clock) = match text.split_once('.') {
        Some((days, clock)) if clock.contains(':') => (days.parse::<u64>().ok()?, clock),
        _ => (0, text),
    };
    let mut parts = clock.split(':');
    let hours: u64 = parts.next()?.parse().ok()?;
    let minutes: u64 = parts.next()?.parse().ok()?;
    let seconds: u64 = parts.next()?.split('.').next()?.parse().ok()?;
    days.checked_mul(86_400)?
        .checked_add(hours.checked_mul(3_600)?)?
        .checked_add(minutes.checked_mul(60)?)?
        .checked_add(seconds)
}

/// The owner's full name below a zone: `@` is the zone, a final dot marks a name that is full already.
pub(crate) fn absolute(owner: &str, origin: &str) -> String {
    let origin = origin.trim_end_matches('.');
    if owner == "@" || owner.is_empty() {
        return origin.to_owned();
    }
    match owner.strip_suffix('.') {
        Some(full) => full.to_owned(),
        None if origin.is_empty() => owner.to_owned(),
        None => format!("{owner}.{origin}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_addresses_with_what_tools_hang_on_them() {
        for (token, expected) in [
            ("10.0.0.1", Some("10.0.0.1")),
            ("192.168.1.17:53", Some("192.168.1.17")),
            ("10.0.0.1#53(10.0.0.1)", Some("10.0.0.1")),
            ("[2001:db8::1]:53", Some("2001:db8::1")),
            ("fe80::1%12", Some("fe80::1")),
            ("kms01", None),
            ("10.0.0", None),
        ] {
            assert_eq!(address(token).as_deref(), expected, "{token}");
        }
    }

    #[test]
    fn reads_times_to_live() {
        for (text, expected) in [
            ("3600", Some(3600)),
            ("1h", Some(3600)),
            ("1d12H", Some(129_600)),
            ("01:00:00", Some(3600)),
            ("1.00:00:00", Some(86_400)),
            ("SRV", None),
            ("99999999999999999999w", None),
            ("", None),
        ] {
            assert_eq!(ttl_seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn makes_owners_absolute() {
        assert_eq!(absolute("_vlmcs._tcp", "contoso.com."), "_vlmcs._tcp.contoso.com");
        assert_eq!(absolute("@", "contoso.com"), "contoso.com");
        assert_eq!(absolute("kms.contoso.com.", "contoso.com"), "kms.contoso.com");
    }
}
