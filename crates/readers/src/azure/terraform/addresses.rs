//! Terraform's arithmetic of IPv4 prefixes.

use std::net::Ipv4Addr;

use super::value::Stuck;

/// An address with the length of its prefix.
fn prefix_of(text: &str) -> Result<(u32, u32), Stuck> {
    let (address, length) = text.split_once('/').ok_or(Stuck::Open)?;
    let address: Ipv4Addr = address.parse().map_err(|_| Stuck::Open)?;
    let length: u32 = length.parse().ok().filter(|length| *length <= 32).ok_or(Stuck::Open)?;
    Ok((u32::from(address) & mask(length), length))
}

fn mask(length: u32) -> u32 {
    u32::MAX.checked_shl(32 - length).unwrap_or(0)
}

/// `cidrsubnet(prefix, newbits, netnum)`.
pub(super) fn subnet(prefix: &str, new_bits: i64, number: i64) -> Result<String, Stuck> {
    let (network, length) = prefix_of(prefix)?;
    let new_bits =
        u32::try_from(new_bits).ok().filter(|bits| length + bits.min(&33) <= 32).ok_or(Stuck::Missing)?;
    let number = u64::try_from(number).ok().filter(|number| *number < 1 << new_bits).ok_or(Stuck::Missing)?;
    let shifted = number << (32 - length - new_bits);
    let network = network | u32::try_from(shifted).map_err(|_| Stuck::Missing)?;
    Ok(format!("{}/{}", Ipv4Addr::from(network), length + new_bits))
}

/// `cidrhost(prefix, hostnum)`; a negative number counts from the end.
pub(super) fn host(prefix: &str, number: i64) -> Result<String, Stuck> {
    let (network, length) = prefix_of(prefix)?;
    let size = 1_i64 << (32 - length);
    let number = if number < 0 { size.checked_add(number).ok_or(Stuck::Missing)? } else { number };
    let host = u32::try_from(number).ok().filter(|_| number < size).ok_or(Stuck::Missing)?;
    Ok(Ipv4Addr::from(network | host).to_string())
}

/// `cidrnetmask(prefix)`.
pub(super) fn netmask(prefix: &str) -> Result<String, Stuck> {
    Ok(Ipv4Addr::from(mask(prefix_of(prefix)?.1)).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_terraform_documents_it() {
        assert_eq!(subnet("172.16.0.0/12", 4, 2).as_deref(), Ok("172.18.0.0/16"));
        assert_eq!(subnet("10.1.2.0/24", 4, 15).as_deref(), Ok("10.1.2.240/28"));
        assert_eq!(subnet("0.0.0.0/0", 32, 4_294_967_295).as_deref(), Ok("255.255.255.255/32"));
        assert_eq!(subnet("20.118.99.224/32", 0, 0).as_deref(), Ok("20.118.99.224/32"));
        assert_eq!(host("10.12.112.0/20", 16).as_deref(), Ok("10.12.112.16"));
        assert_eq!(host("10.12.112.0/20", -1).as_deref(), Ok("10.12.127.255"));
        assert_eq!(netmask("172.16.0.0/12").as_deref(), Ok("255.240.0.0"));
    }

    #[test]
    fn what_terraform_refuses_is_missing() {
        for (bits, number) in [(9, 0), (4, 16), (-1, 0), (4, -1), (i64::MAX, 0), (0, i64::MIN)] {
            assert_eq!(subnet("10.1.2.0/24", bits, number), Err(Stuck::Missing), "{bits} {number}");
        }
        assert_eq!(host("10.0.0.0/31", 2), Err(Stuck::Missing));
        assert_eq!(host("10.0.0.0/31", i64::MIN), Err(Stuck::Missing));
        assert_eq!(subnet("2001:db8::/32", 8, 0), Err(Stuck::Open));
    }
}
