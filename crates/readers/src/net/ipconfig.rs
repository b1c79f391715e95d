//! ipconfig and ipconfig /all in every language of Windows.

use model::network::{Adapter, NetworkConfig};
use model::{Fact, Kind};

use super::ipconfig_words as words;
use super::quotes::Quotes;
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::{Text, is_placeholder};

/// Reads the output that begins at a line: the title, the heading of an adapter, or a property with its dots.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    if line.command.is_some() || !begins(text, at) {
        return None;
    }
    let mut reading = Reading::new(text);
    let mut index = at;
    let mut end = at;
    while index < text.len() {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        if text.line(index).is_some_and(|line| line.command.is_some()) || !reading.line(index, index == at) {
            break;
        }
        index += 1;
        end = index;
    }
    if !reading.understood {
        return None;
    }
    let quotes = reading.quotes.take();
    out.push(Kind::Ipconfig, Fact::Network(Box::new(reading.fact)), text.place(at), quotes);
    Some(end)
}

fn begins(text: &Text<'_>, at: usize) -> bool {
    let next = text.skip_blank(at + 1);
    if is_title(text.at(at)) {
        return property(text.at(next)).is_some() || is_heading(text.at(next));
    }
    property(text.at(at)).is_some_and(|p| p.dotted)
        || is_heading(text.at(at)) && property(text.at(next)).is_some_and(|p| p.dotted)
}

/// `Windows IP Configuration`, `Windows-IP-Konfiguration`, `Настройка протокола IP для Windows`
fn is_title(line: &str) -> bool {
    const TITLE_LENGTH_MAX: usize = 60;
    line.len() <= TITLE_LENGTH_MAX
        && line.contains("Windows")
        && line.contains("IP")
        && !line.contains([':', '.', '='])
}

/// `Ethernet adapter Ethernet0:`
fn is_heading(line: &str) -> bool {
    const HEADING_LENGTH_MAX: usize = 160;
    line.ends_with([':', '：'])
        && line.len() <= HEADING_LENGTH_MAX
        && !line.contains(". .")
        && !words::is_suffix(line)
        && address(line).is_none()
        && line.chars().any(char::is_alphabetic)
}

/// A long name of an adapter whose colon the console put into the next line.
fn is_cut_heading(text: &Text<'_>, at: usize) -> bool {
    let body = text.at(at);
    matches!(text.at(at + 1), ":" | "：")
        && !body.contains([':', '：', '='])
        && body.chars().any(char::is_alphabetic)
}

/// `<snip>`, `[...]`, `...`: where somebody left lines out.
fn is_omission(body: &str) -> bool {
    const OMISSION_LENGTH_MAX: usize = 40;
    let marked = [('<', '>'), ('[', ']'), ('(', ')')]
        .iter()
        .any(|&(open, close)| body.starts_with(open) && body.ends_with(close) && !body.contains([':', '：']));
    let dots = !body.is_empty() && body.chars().all(|c| matches!(c, '.' | '…' | ' '));
    body.len() <= OMISSION_LENGTH_MAX && (marked || dots) && address(body).is_none()
}

struct Property<'b> {
    label: &'b str,
    value: &'b str,
    /// Dots lead from label to value.
    dotted: bool,
}

/// `Label . . . . : value`; labels that fill the column have no dots.
fn property(line: &str) -> Option<Property<'_>> {
    let dots = line.rfind(". .").map(|at| at + 2);
    let colon = match dots {
        Some(from) => from + line[from..].find([':', '：'])?,
        None => line.find([':', '：'])?,
    };
    let label = line[..colon].trim_end_matches(['.', ' ', '\u{a0}', ':']).trim();
    let value = line[colon..].trim_start_matches([':', '：']).trim();
    (!label.is_empty() && label.len() <= 120).then_some(Property { label, value, dotted: dots.is_some() })
}

/// Which list the next line without a label goes on with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    None,
    Suffixes,
    Gateway,
    DnsServers,
}

struct Reading<'t, 'a> {
    text: &'t Text<'a>,
    fact: NetworkConfig,
    quotes: Quotes<'t, 'a>,
    list: List,
    in_adapter: bool,
    properties: usize,
    mask_seen: bool,
    understood: bool,
}

impl<'t, 'a> Reading<'t, 'a> {
    fn new(text: &'t Text<'a>) -> Reading<'t, 'a> {
        Reading {
            text,
            fact: NetworkConfig::default(),
            quotes: Quotes::new(text),
            list: List::None,
            in_adapter: false,
            properties: 0,
            mask_seen: false,
            understood: false,
        }
    }

    fn line(&mut self, at: usize, first: bool) -> bool {
        let body = self.text.at(at);
        if is_title(body) {
            return first;
        }
        if !first
            && (is_omission(body)
                || self.in_adapter && body.len() <= 3 && body.trim_matches([':', '：']).is_empty())
        {
            return true;
        }
        if self.continues(at) {
            return true;
        }
        if is_heading(body) || is_cut_heading(self.text, at) {
            return self.heading(at);
        }
        let Some(found) = property(body) else { return false };
        let known =
            found.dotted || words::is_suffix(found.label) || self.text.line(at).is_some_and(|l| l.indent > 0);
        if !known {
            return false;
        }
        self.list = List::None;
        if self.in_adapter || !self.is_global(&found) {
            self.in_adapter = true;
            self.adapter_property(at, &found);
        } else {
            self.global_property(at, &found);
        }
        self.properties += 1;
        true
    }

    fn heading(&mut self, at: usize) -> bool {
        let mut next = self.text.skip_blank(at + 1);
        while is_omission(self.text.at(next)) || is_cut_heading(self.text, at) && next == at + 1 {
            next = self.text.skip_blank(next + 1);
        }
        let followed = property(self.text.at(next)).is_some_and(|p| p.dotted || words::is_suffix(p.label));
        if !followed {
            return false;
        }
        let name = self.text.at(at).trim_end_matches([':', '：']).trim();
        self.fact.adapters.push(Adapter { name: Some(name.to_owned()), ..Adapter::default() });
        self.quotes.add("adapters", at);
        self.in_adapter = true;
        self.properties = 0;
        self.mask_seen = false;
        self.list = List::None;
        true
    }

    /// Before any adapter: the machine's own lines hold no addresses. A paste may begin within an adapter.
    fn is_global(&self, found: &Property<'_>) -> bool {
        let of_a_medium = words::is_media(found.label) || words::is_disconnected(found.value);
        self.fact.adapters.is_empty() && address(found.value).is_none() && !of_a_medium
    }

    fn global_property(&mut self, at: usize, found: &Property<'_>) {
        // A filtered listing has no headings: behind the list comes the suffix of a connection.
        let listed = !self.fact.dns_suffix_search_list.is_empty() || self.redacted("dns_suffix_search_list");
        if listed && words::is_suffix(found.label) && !words::is_search_list(found.label) {
            self.in_adapter = true;
            self.suffix(at, found);
        } else if words::is_suffix(found.label) {
            self.understood = true;
            let second = self.fact.primary_dns_suffix.is_some() || self.redacted("primary_dns_suffix");
            if second || words::is_search_list(found.label) {
                self.quotes.add("dns_suffix_search_list", at);
                self.list = List::Suffixes;
                self.add_to_search_list(found.value);
            } else {
                self.quotes.add("primary_dns_suffix", at);
                self.fact.primary_dns_suffix =
                    self.value("primary_dns_suffix", found.value).map(|v| v.trim_end_matches('.').to_owned());
            }
        } else if self.properties == 0 && !found.value.is_empty() {
            self.understood = true;
            self.quotes.add("hostname", at);
            self.fact.hostname = self.value("hostname", found.value).map(str::to_owned);
        }
    }

    fn redacted(&self, field: &str) -> bool {
        self.fact.redacted.iter().any(|name| name == field)
    }

    /// The value, or nothing and a mark when it was blanked out.
    fn value<'b>(&mut self, field: &str, value: &'b str) -> Option<&'b str> {
        if is_placeholder(value) {
            self.fact.redacted.push(field.to_owned());
            return None;
        }
        Some(value)
    }

    fn add_to_search_list(&mut self, value: &str) {
        for part in value.split([',', ' ', ';']).filter(|part| !part.is_empty()) {
            if let Some(suffix) = self.value("dns_suffix_search_list", part).and_then(host_name) {
                self.fact.dns_suffix_search_list.push(suffix);
            }
        }
    }

    fn adapter(&mut self) -> &mut Adapter {
        if self.fact.adapters.is_empty() {
            self.fact.adapters.push(Adapter::default());
        }
        let last = self.fact.adapters.len() - 1;
        &mut self.fact.adapters[last]
    }

    fn adapter_property(&mut self, at: usize, found: &Property<'_>) {
        let upper = found.label.to_uppercase();
        let first = self.properties == 0;
        if words::is_suffix(found.label) {
            self.understood = true;
            self.suffix(at, found);
        } else if upper.contains("DHCP") {
            if let Some(dhcp) = words::yes_or_no(found.value) {
                self.adapter().dhcp.get_or_insert(dhcp);
            }
        } else if upper.contains("WINS") || upper.contains("NETBIOS") || upper.contains("DUID") {
            // Not about name resolution by DNS.
        } else if upper.contains("DNS") {
            self.list = List::DnsServers;
            self.dns_server(at, found.value);
        } else if let Some(found_address) = address(found.value) {
            self.address(at, found, found_address);
        } else if words::is_gateway(found.label) {
            self.list = List::Gateway;
        } else if words::is_disconnected(found.value) && (first || words::is_media(found.label))
            || first && words::is_media(found.label)
        {
            self.understood = true;
            self.adapter().disconnected = true;
        }
    }

    fn suffix(&mut self, at: usize, found: &Property<'_>) {
        if self.adapter().dns_suffix.is_some() || words::is_search_list(found.label) {
            self.list = List::Suffixes;
            self.add_to_search_list(found.value);
            return;
        }
        self.quotes.add("adapters", at);
        if let Some(value) = self.value("dns_suffix", found.value) {
            self.adapter().dns_suffix = Some(value.trim_end_matches('.').to_owned());
        }
    }

    fn dns_server(&mut self, at: usize, value: &str) {
        self.understood = true;
        if let Some(server) = self.value("dns_servers", value).and_then(address) {
            self.quotes.add("adapters", at);
            self.adapter().dns_servers.push(server);
        }
    }

    fn address(&mut self, at: usize, found: &Property<'_>, value: String) {
        self.understood = true;
        let is_mask =
            value.starts_with("255.") || value == "0.0.0.0" && self.properties > 0 && !self.mask_seen;
        if words::is_gateway(found.label) {
            self.list = List::Gateway;
            self.quotes.add("adapters", at);
            self.adapter().gateway.get_or_insert(value);
        } else if is_mask {
            self.mask_seen = true;
        } else if self.mask_seen
            && self.adapter().gateway.is_none()
            && !found.label.to_uppercase().contains("IP")
        {
            // An address behind the mask whose label no table knows is the gateway.
            self.list = List::Gateway;
            self.adapter().gateway = Some(value);
        } else {
            self.quotes.add("adapters", at);
            self.adapter().addresses.push(value);
        }
    }

    /// A further value of a list: an address or suffix alone on its line.
    fn continues(&mut self, at: usize) -> bool {
        let body = self.text.at(at);
        if self.list == List::None || body.contains(char::is_whitespace) && !body.contains('(') {
            return false;
        }
        match (self.list, address(body)) {
            (List::DnsServers, Some(_)) => self.dns_server(at, body),
            // The IPv4 gateway stands below the link-local one and is what routes are about.
            (List::Gateway, Some(gateway)) => {
                let adapter = self.adapter();
                if adapter.gateway.as_deref().is_none_or(|known| known.contains(':')) {
                    adapter.gateway = Some(gateway);
                }
            }
            (List::Suffixes, _) if host_name(body).is_some() || is_placeholder(body) => {
                self.quotes.add("dns_suffix_search_list", at);
                self.add_to_search_list(body);
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
#[path = "ipconfig_tests.rs"]
mod tests;
