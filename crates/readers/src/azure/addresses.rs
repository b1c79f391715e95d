//! Bare lists of addresses, as in exemption lists of scripts and rules.

use std::net::Ipv4Addr;

use facts::azure_endpoints::azure_endpoints;
use model::azure::AddressList;
use model::{Fact, Kind, Quote};
use serde_json::Value;

use super::fields::Places;
use crate::out::Out;
use crate::text::Text;

/// A line of code with fewer addresses is no list.
const ADDRESSES_MIN: usize = 2;

/// A JSON array of addresses.
pub(super) fn read_array(value: &Value, pointer: &str, places: &Places, out: &mut Out) -> bool {
    let Value::Array(items) = value else { return false };
    let addresses: Option<Vec<&str>> =
        items.iter().map(|item| item.as_str().filter(|text| address_of(text).is_some())).collect();
    let Some(addresses) = addresses.filter(|list| is_about_kms(list)) else { return false };
    let quote = |(index, address): (usize, &&str)| {
        Quote::new("addresses", places.of(&format!("{pointer}/{index}")), address)
    };
    let quotes = addresses.iter().enumerate().map(quote).collect();
    let list = AddressList { addresses: addresses.iter().map(|a| (*a).to_owned()).collect() };
    out.push(Kind::AzureRoutes, Fact::Addresses(list), places.of(pointer), quotes);
    true
}

/// Consecutive lines that hold nothing but addresses, quoted or not, or one line of code with several of them.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let mut addresses: Vec<&str> = Vec::new();
    let mut quotes = Vec::new();
    let mut end = at;
    while end < text.len() && text.line(end).is_some_and(|line| line.command.is_none()) {
        let Some(found) = addresses_of(text.at(end)) else { break };
        for address in found {
            quotes.push(Quote::new("addresses", text.place(end), address));
            addresses.push(address);
        }
        end += 1;
    }
    if !is_about_kms(&addresses) {
        return None;
    }
    let list = AddressList { addresses: addresses.into_iter().map(str::to_owned).collect() };
    out.push(Kind::AzureRoutes, Fact::Addresses(list), text.place(at), quotes);
    Some(end)
}

/// The addresses of a line that holds nothing else but punctuation, a comment, or the name that they are assigned to.
fn addresses_of(line: &str) -> Option<Vec<&str>> {
    const LINE_LENGTH_MAX: usize = 2000;
    if line.len() > LINE_LENGTH_MAX || !line.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    let code = line.split(['#', '\t']).next().unwrap_or_default();
    let code = code.split("//").next().unwrap_or_default();
    let (list, assigned) = match code.split_once(['=', ':']) {
        Some((name, list)) if is_name(name) => (list, true),
        _ => (code, false),
    };
    let separators = [',', ';', ' ', '"', '\'', '(', ')', '[', ']', '{', '}', '@', '-', '|'];
    let parts: Vec<&str> = list.split(separators).filter(|part| !part.is_empty()).collect();
    // `RemoteAddress : 20.118.99.224` is a property and not a list.
    let enough = if assigned { ADDRESSES_MIN } else { 1 };
    (parts.len() >= enough && parts.iter().all(|part| address_of(part).is_some())).then_some(parts)
}

fn is_name(name: &str) -> bool {
    let name = name.trim().trim_start_matches('$').trim_matches(['"', '\'']);
    !name.is_empty() && name.len() <= 60 && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c))
}

fn address_of(text: &str) -> Option<Ipv4Addr> {
    let (address, length) = text.trim().split_once('/').unwrap_or((text.trim(), "32"));
    length.parse::<u8>().ok().filter(|length| *length <= 32)?;
    address.parse().ok()
}

/// True for a list of some length with an endpoint in it, or an address that looks like one.
fn is_about_kms(addresses: &[&str]) -> bool {
    let table = azure_endpoints();
    addresses.iter().any(|address| address != &addresses[0])
        && addresses
            .iter()
            .filter_map(|text| address_of(text))
            .any(|address| table.with_address(address).is_some() || table.wrong_address(address).is_some())
}
