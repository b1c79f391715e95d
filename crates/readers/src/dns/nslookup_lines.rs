//! The lines of nslookup by their shape, whatever the language.

use model::SrvRecord;

use super::names::{address, host_name, is_service_name};
use super::nslookup_words as words;
use super::record;
use crate::text::{Text, is_placeholder, label_value};

/// `DNS request timed out.`, which stays English.
pub(super) fn is_dns_timeout(line: &str) -> bool {
    line.get(..22).is_some_and(|start| start.eq_ignore_ascii_case("dns request timed out."))
}

/// `*** dc1 can't find x: Non-existent domain`, `** server can't find x: NXDOMAIN`.
pub(super) fn is_error_line(line: &str) -> bool {
    let is_bind = line.trim_start_matches(['*', ' ']).starts_with("server can't find ");
    is_bind
        || line.strip_prefix("***").is_some_and(|rest| {
            words::reason(rest).is_some()
                || words::tells_timeout(rest)
                || words::tells_no_default_server(rest)
                || rest.contains("can't find")
                || record_type_in_parentheses(rest).is_some()
        })
}

/// Name and address of the server, and the index behind both lines.
pub(super) fn server_header(text: &Text<'_>, at: usize) -> Option<(String, String, usize)> {
    let (label, name) = label_value(text.at(at))?;
    let next = text.skip_blank(at + 1);
    let (address_label, value) = label_value(text.at(next))?;
    let known = words::is_server_label(label) || begins_by_shape(text, at, label, name);
    let is_label = (known || name.eq_ignore_ascii_case("unknown") || words::is_default_label(label))
        && !words::is_name_label(label)
        && label.chars().count() <= 40;
    let is_address = words::is_address_label(address_label)
        && value
            .split_whitespace()
            .next()
            .is_none_or(|first| address(first).is_some() || is_placeholder(value));
    // A label that no table knows still begins an answer when name and address stand below it in nslookup's form.
    (is_label && is_address && next <= at + 2).then(|| (name.to_owned(), value.to_owned(), next + 1))
}

/// A label of one word that no table has (a wrong code page makes such), the first of an answer: the name and the
/// `Address:` below it, whose label stays English, then nothing more.
fn begins_by_shape(text: &Text<'_>, at: usize, label: &str, name: &str) -> bool {
    let first =
        at == 0 || text.is_blank(at - 1) || text.line(at - 1).is_some_and(|line| line.command.is_some());
    let foreign = !label.is_ascii() && !label.contains(char::is_whitespace);
    first
        && foreign
        && host_name(name).is_some()
        && text.at(at + 1).starts_with("Address:")
        && text.is_blank(at + 2)
        && !text.is_blank(text.skip_blank(at + 2))
}

/// `_vlmcs._tcp.contoso.com   SRV service location:` in any language: a service name in a line that ends with a colon.
pub(super) fn is_srv_heading(line: &str) -> Option<String> {
    let body = line.trim_end().strip_suffix([':', '：'])?;
    if !body.contains("SRV") {
        return None;
    }
    // Translation programs put a blank behind the underscore's dot: `_vlmcs. _tcp.contoso.com`.
    let mut parts = body.split_whitespace();
    parts.find_map(|word| is_service_name(word).then(|| host_name(word)).flatten())
}

/// `_vlmcs._tcp.contoso.com   service = 0 0 1688 kms01.contoso.com.`
pub(super) fn bind_srv(line: &str) -> Option<SrvRecord> {
    let (owner, data) = line.split_once("service =")?;
    let owner = host_name(owner)?;
    let data: Vec<String> = data.split_whitespace().map(str::to_owned).collect();
    record::srv(Some(&owner), &data)
}

/// `(SRV)` in a sentence that there are no such records.
pub(super) fn record_type_in_parentheses(line: &str) -> Option<String> {
    let from = line.find('(')?;
    let inner = line[from + 1..].split(')').next()?.trim();
    record::is_type(inner).then(|| inner.to_ascii_uppercase())
}

pub(super) fn is_soa_property(left: &str) -> bool {
    [
        "responsible mail addr",
        "mail addr",
        "serial",
        "refresh",
        "retry",
        "expire",
        "default ttl",
        "minimum",
        "ttl",
    ]
    .iter()
    .any(|name| left.eq_ignore_ascii_case(name))
}

/// `a = b c d = e` as (a, b), (c d, e).
pub(super) fn equations(line: &str) -> Vec<(String, String)> {
    const EQUATIONS_MAX: usize = 8;
    let mut pairs = Vec::new();
    let mut key = String::new();
    let mut parts = line.split('=').take(EQUATIONS_MAX);
    if let Some(first) = parts.next() {
        key.push_str(first.trim());
    }
    for part in parts {
        let part = part.trim();
        let (value, next_key) = part.split_once(char::is_whitespace).unwrap_or((part, ""));
        pairs.push((std::mem::replace(&mut key, next_key.trim().to_owned()), value.trim().to_owned()));
    }
    pairs
}
