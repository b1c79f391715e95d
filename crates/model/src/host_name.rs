//! Comparing machine names that evidence prints in many forms.

/// The name without trailing dot and port, in lower case, for use as a key.
pub fn canonical(name: &str) -> String {
    name.trim().trim_end_matches('.').to_lowercase()
}

/// The first label: `KMS01` and `kms01.contoso.com` give `kms01`; an address is returned whole.
pub fn first_label(name: &str) -> String {
    let mut name = canonical(name);
    // Only what begins like an address can be one.
    let may_be_address = name.starts_with(|c: char| c.is_ascii_hexdigit() || c == ':');
    if !may_be_address || name.parse::<std::net::IpAddr>().is_err() {
        name.truncate(name.find('.').unwrap_or(name.len()));
    }
    name
}

/// The part after the first dot, or nothing for a single label or an address.
pub fn domain(name: &str) -> Option<String> {
    let name = canonical(name);
    if name.parse::<std::net::IpAddr>().is_ok() {
        return None;
    }
    name.split_once('.').map(|(_, domain)| domain.to_owned()).filter(|d| !d.is_empty())
}

/// True when both names may be the same machine: equal, or one is the short form of the other.
pub fn same_machine(left: &str, right: &str) -> bool {
    let (left, right) = (canonical(left), canonical(right));
    if left.is_empty() || right.is_empty() {
        return false;
    }
    if left == right {
        return true;
    }
    match (left.contains('.'), right.contains('.')) {
        (true, true) => false,
        _ => first_label(&left) == first_label(&right),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_names_match_and_two_domains_do_not() {
        assert!(same_machine("KMS01", "kms01.contoso.com."));
        assert!(!same_machine("kms01.contoso.com", "kms01.fabrikam.com"));
        assert!(!same_machine("10.0.0.1", "10.0.0.2"));
        assert!(!same_machine("", "kms01"));
    }
}
