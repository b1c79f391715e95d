//! Values as slmgr.vbs and ospp.vbs print them, told by their shape.

use model::Guid;

/// The channel within a product's description: `VOLUME_KMSCLIENT` in `..., VOLUME_KMSCLIENT channel`.
///
/// The description is part of the product and not translated, so the Latin token stands in every language.
pub(crate) fn channel(description: &str) -> Option<String> {
    const STARTS: [&str; 9] = [
        "VOLUME_",
        "RETAIL",
        "OEM_",
        "TIMEBASED_",
        "VIRTUAL_MACHINE_",
        "SUBSCRIPTION",
        "PREINSTALLED",
        "VT_IA",
        "NONSLP",
    ];
    let words: Vec<&str> = description
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | ';' | '(' | ')' | '，'))
        .filter(|word| !word.is_empty())
        .collect();
    let is_token = |word: &str| {
        // Some pastes carry VOLUME-KMSCLIENT; wikis make the underscore a hyphen.
        let upper = word.replace('-', "_").to_ascii_uppercase();
        STARTS.iter().any(|start| upper.starts_with(start))
            && upper.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_' || b == b':')
    };
    let before_channel = words
        .windows(2)
        .rev()
        .find(|pair| pair[1].trim_end_matches('.').eq_ignore_ascii_case("channel"))
        .map(|pair| pair[0])
        .filter(|word| is_token(word) || word.contains('_'));
    let word = before_channel.or_else(|| {
        words.iter().rev().copied().find(|word| is_token(word) && word.chars().all(|c| !c.is_lowercase()))
    })?;
    Some(word.replace('-', "_").to_ascii_uppercase())
}

/// A host and its port: `kms01.contoso.com:1688`, `[2001:db8::1]:1688`, `kms01`.
pub(crate) fn host_port(value: &str) -> Option<(String, Option<u16>)> {
    let value = value.trim().trim_end_matches(['.', ',']);
    if let Some(rest) = value.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        return Some((address.to_owned(), port.strip_prefix(':').and_then(|port| port.trim().parse().ok())));
    }
    let (host, port) = match value.rsplit_once([':', '：']) {
        Some((host, port)) if !host.contains(':') => (host.trim(), port.trim().parse().ok()),
        Some(_) => (value, None),
        None => (value, None),
    };
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | ':' | '%');
    let host = host.trim_end_matches('.');
    (!host.is_empty() && host.len() <= 255 && host.chars().all(plain)).then(|| (host.to_owned(), port))
}

/// The port behind a host that is blanked out (`<name>:1688`), and the rest.
pub(crate) fn without_colon_port(value: &str) -> (&str, Option<u16>) {
    match value.rsplit_once([':', '：']) {
        Some((host, port)) => match port.trim().parse() {
            Ok(port) => (host.trim(), Some(port)),
            Err(_) => (value, None),
        },
        None => (value, None),
    }
}

/// The whole numbers in a text, in order; digits grouped by spaces or points are not joined.
pub(super) fn numbers(value: &str) -> Vec<u64> {
    let digit = |c: char| {
        c.to_digit(10).or_else(|| ('０'..='９').contains(&c).then(|| c as u32 - '０' as u32)).map(u64::from)
    };
    let mut numbers = Vec::new();
    let mut current: Option<u64> = None;
    for c in value.chars() {
        match digit(c) {
            Some(d) => {
                let grown = current.unwrap_or(0).checked_mul(10).and_then(|n| n.checked_add(d));
                current = Some(grown.unwrap_or(u64::MAX));
            }
            None => numbers.extend(current.take()),
        }
    }
    numbers.extend(current);
    numbers
}

/// True for `12345-01234-012-123456-03-1033-9200.0000-0992013`, the form of an extended PID, at least its start.
pub(super) fn is_extended_pid(value: &str) -> bool {
    let groups: Vec<&str> = value.split('-').collect();
    groups.len() >= 5
        && groups[0].len() == 5
        && value.len() >= 20
        && value.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'-' | b'.'))
}

/// True for the last five characters of a key.
pub(super) fn is_partial_key(value: &str) -> bool {
    value.len() == 5 && value.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}

/// The last five characters, whatever stands in front of them (`XXXXX-XXXXX-T83GX`) or behind (a remark).
pub(super) fn partial_key(value: &str) -> &str {
    let word = value.split_whitespace().next().unwrap_or(value);
    let last = word.rsplit('-').next().unwrap_or(word);
    if is_partial_key(last) { last } else { value }
}

/// True for `Volume:GVLK`, `OEM:DM`, `Retail`.
pub(super) fn is_key_channel(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    lower == "retail" || ["volume:", "oem:", "retail:"].iter().any(|start| lower.starts_with(start))
}

/// True for `10.0.19041.1266`, `6.1.7601.17514`.
pub(super) fn is_version(value: &str) -> bool {
    let parts: Vec<&str> = value.split('.').collect();
    (3..=4).contains(&parts.len())
        && parts
            .iter()
            .all(|part| !part.is_empty() && part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit()))
        && value.parse::<std::net::Ipv4Addr>().map_or(true, |ip| ip.octets()[0] == 10 && ip.octets()[1] == 0)
}

/// True for a name as products have it: `Windows(R), Professional edition`, `Office 16, ... edition`.
pub(super) fn is_product_name(value: &str) -> bool {
    let starts =
        value.starts_with("Windows") || value.starts_with("Office ") || value.starts_with("Microsoft ");
    starts
        && (value.contains(" edition")
            || value.contains("(R)")
            || value.contains('®')
            || value.contains("(TM)"))
}

/// The Windows or Office application id, whatever label stands before it.
pub(super) fn is_application_id(id: &Guid) -> bool {
    const WINDOWS: u128 = 0x55c9_2734_d682_4d71_983e_d6ec_3f16_059f;
    const OFFICE_15: u128 = 0x0ff1_ce15_a989_479d_af46_f275_c637_0663;
    const OFFICE_16: u128 = 0x0ff1_ce16_a989_479d_af46_f275_c637_0663;
    const OFFICE_14: u128 = 0x59a5_2881_a989_479d_af46_f275_c637_0663;
    [WINDOWS, OFFICE_15, OFFICE_16, OFFICE_14].contains(&id.as_u128())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_channel_in_every_description() {
        for (description, wanted) in [
            ("Windows(R) Operating System, VOLUME_KMSCLIENT channel", Some("VOLUME_KMSCLIENT")),
            ("Windows Operating System - Windows Server(R), VOLUME_KMS_C channel", Some("VOLUME_KMS_C")),
            ("Windows(R) Operating System, VOLUME-KMSCLIENT channel", Some("VOLUME_KMSCLIENT")),
            ("Windows(R) Operating System, RETAIL channel", Some("RETAIL")),
            (
                "Windows(R) Operating System, VIRTUAL_MACHINE_ACTIVATION channel",
                Some("VIRTUAL_MACHINE_ACTIVATION"),
            ),
            ("Office 16, RETAIL(Grace) channel", Some("RETAIL")),
            ("Windows(R) Operating System, TIMEBASED_EVAL channel", Some("TIMEBASED_EVAL")),
            ("Windows Operating System, VOLUME_KMS_WS22", Some("VOLUME_KMS_WS22")),
            ("A retail shop", None),
            ("the sales channel", None),
        ] {
            assert_eq!(channel(description).as_deref(), wanted, "{description}");
        }
    }

    #[test]
    fn splits_hosts_and_ports() {
        assert_eq!(host_port("kms01.contoso.com:1688"), Some(("kms01.contoso.com".into(), Some(1688))));
        assert_eq!(host_port("[2001:db8::5]:1688"), Some(("2001:db8::5".into(), Some(1688))));
        assert_eq!(host_port("2001:db8::5"), Some(("2001:db8::5".into(), None)));
        assert_eq!(host_port("KMS01"), Some(("KMS01".into(), None)));
        assert_eq!(host_port("two words"), None);
        assert_eq!(without_colon_port("<KMS host>:1688"), ("<KMS host>", Some(1688)));
    }

    #[test]
    fn knows_shapes() {
        assert!(is_extended_pid("05426-00206-234-001162-03-1033-9200.0000-0992013"));
        assert!(!is_extended_pid("2024-05-07-10-54"));
        assert!(is_version("6.1.7601.17514") && is_version("10.0.20348.1") && !is_version("192.0.2.10"));
        assert_eq!(numbers("259197 分钟(180天）"), [259_197, 180]);
    }
}
