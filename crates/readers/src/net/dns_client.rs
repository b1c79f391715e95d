//! Get-DnsClient, Get-DnsClientServerAddress, Get-DnsClientGlobalSetting and Get-NetIPConfiguration.

use model::network::{Adapter, NetworkConfig};
use model::{Fact, Kind, Place, Quote};

use crate::dns::names::{address, host_name};
use crate::documents::{Object, Shape};
use crate::out::Out;
use crate::text::Text;

/// Columns by which a CSV export is known.
pub(crate) const CSV_HEADERS: &[&[&str]] =
    &[&["InterfaceAlias", "ServerAddresses"], &["InterfaceAlias", "ConnectionSpecificSuffix"]];

/// Reads an object of one of these commands. Objects that follow each other become one configuration.
pub(crate) fn read_row(object: &Object, out: &mut Out) -> bool {
    let global = object.has_all(&["SuffixSearchList", "UseDevolution"])
        || object.has_all(&["SuffixSearchList", "UseSuffixSearchList"]);
    let adapter = object.has("InterfaceAlias")
        && (object.has("ServerAddresses")
            || object.has("ConnectionSpecificSuffix")
            || object.has("DNSServer")
            || object.has("IPv4DefaultGateway"));
    if !(global || adapter) {
        return false;
    }
    let mut quotes = Vec::new();
    if global {
        quotes.extend(object.quote("SuffixSearchList", "dns_suffix_search_list"));
        let list = values(object, "SuffixSearchList").iter().filter_map(|value| host_name(value)).collect();
        merge(
            NetworkConfig { dns_suffix_search_list: list, ..NetworkConfig::default() },
            quotes,
            object.place.clone(),
            out,
        );
        return true;
    }
    for column in
        ["InterfaceAlias", "ServerAddresses", "ConnectionSpecificSuffix", "DNSServer", "IPv4Address"]
    {
        quotes.extend(object.quote(column, "adapters"));
    }
    let suffix = object
        .field("ConnectionSpecificSuffix")
        .map(|field| field.value.trim().trim_end_matches('.').to_owned());
    let gateway = object.first(&["IPv4DefaultGateway", "IPv4DefaultGateway.NextHop"]).and_then(address);
    let servers = ["ServerAddresses", "DNSServer", "DNSServer.ServerAddresses"];
    let adapter = Adapter {
        name: object.get("InterfaceAlias").map(str::to_owned),
        addresses: ["IPv4Address", "IPv4Address.IPAddress"]
            .iter()
            .flat_map(|name| addresses(object, name))
            .collect(),
        gateway,
        dns_servers: servers.iter().flat_map(|name| addresses(object, name)).collect(),
        dns_suffix: suffix,
        ..Adapter::default()
    };
    merge(
        NetworkConfig { adapters: vec![adapter], ..NetworkConfig::default() },
        quotes,
        object.place.clone(),
        out,
    );
    true
}

/// The elements of `{a, b}`, or one a line.
fn values(object: &Object, name: &str) -> Vec<String> {
    let value = object.get(name).unwrap_or_default();
    value
        .split(['{', '}', ',', '\n', ' '])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

fn addresses(object: &Object, name: &str) -> Vec<String> {
    values(object, name).iter().filter_map(|value| address(value)).collect()
}

/// Joins a part to the configuration before it, adapter by adapter; hosts of their own stay apart.
fn merge(part: NetworkConfig, quotes: Vec<Quote>, place: Place, out: &mut Out) {
    let last = out.facts.last_mut().filter(|last| last.kind == Kind::Ipconfig);
    if let Some(evidence) = last
        && let Fact::Network(config) = &mut evidence.fact.value
        && config.hostname.is_none()
        && config.primary_dns_suffix.is_none()
    {
        config.dns_suffix_search_list.extend(part.dns_suffix_search_list);
        for adapter in part.adapters {
            merge_adapter(config, adapter);
        }
        evidence.fact.quotes.extend(quotes);
        return;
    }
    out.push(Kind::Ipconfig, Fact::Network(Box::new(part)), place, quotes);
}

fn merge_adapter(config: &mut NetworkConfig, adapter: Adapter) {
    let Some(known) = config.adapters.iter_mut().find(|known| known.name == adapter.name) else {
        config.adapters.push(adapter);
        return;
    };
    known.addresses.extend(adapter.addresses);
    known.dns_servers.extend(adapter.dns_servers);
    known.gateway = known.gateway.take().or(adapter.gateway);
    known.dns_suffix = known.dns_suffix.take().or(adapter.dns_suffix);
}

/// Reads the tables of Get-DnsClient and Get-DnsClientServerAddress, whose header takes two lines.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let head = text.at(at);
    let line = text.line(at)?;
    if line.command.is_some() || !head.starts_with("InterfaceAlias") {
        return None;
    }
    let is_dashes = |index: usize| {
        let body = text.at(index);
        body.starts_with("---") && body.chars().all(|c| c == '-' || c == ' ')
    };
    let dashes = (at + 1..=at + 2).find(|&index| is_dashes(index))?;
    let (servers, suffix) = (head.contains("ServerAddresses"), head.contains("ConnectionSpecificSuffix"));
    if !(servers || suffix) {
        return None;
    }
    let columns = column_starts(text, dashes);
    let mut index = dashes + 1;
    while index < text.len()
        && !text.is_blank(index)
        && text.line(index).is_some_and(|line| line.command.is_none())
    {
        let cells = cells(text, index, &columns);
        let mut object = Object { fields: Vec::new(), place: text.place(index), shape: Shape::Table };
        let mut field = |name: &str, value: Option<&String>| {
            let value = value.cloned().unwrap_or_default();
            object.fields.push(crate::documents::Field {
                name: name.to_owned(),
                value,
                place: text.place(index),
            });
        };
        field("InterfaceAlias", cells.first());
        if servers {
            field("ServerAddresses", cells.last());
        } else {
            field("ConnectionSpecificSuffix", cells.get(2));
        }
        read_row(&object, out);
        index += 1;
    }
    Some(index)
}

fn column_starts(text: &Text<'_>, dashes: usize) -> Vec<usize> {
    let indent = text.line(dashes).map_or(0, |line| line.indent);
    let body: Vec<char> = text.at(dashes).chars().collect();
    let starts = |n: &usize| body[*n] == '-' && (*n == 0 || body[*n - 1] == ' ');
    (0..body.len()).filter(starts).map(|n| n + indent).collect()
}

/// The cells of a row by the columns of the dashes.
fn cells(text: &Text<'_>, at: usize, columns: &[usize]) -> Vec<String> {
    let indent = text.line(at).map_or(0, |line| line.indent);
    let row: Vec<char> = std::iter::repeat_n(' ', indent).chain(text.at(at).chars()).collect();
    let ends = columns.iter().skip(1).copied().chain([row.len()]);
    let cell = |(from, to): (usize, usize)| {
        row.get(from.min(row.len())..to.clamp(from.min(row.len()), row.len()))
            .unwrap_or_default()
            .iter()
            .collect::<String>()
            .trim()
            .to_owned()
    };
    columns.iter().copied().zip(ends).map(cell).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn one(text: &str) -> NetworkConfig {
        let file = read_bytes("n.txt", text.as_bytes(), &Limits::default());
        let mut all: Vec<NetworkConfig> = file
            .facts
            .into_iter()
            .filter_map(|e| if let Fact::Network(n) = e.fact.value { Some(*n) } else { None })
            .collect();
        assert_eq!(all.len(), 1, "{text}\n{all:#?}\n{:#?}", file.notes);
        all.remove(0)
    }

    #[test]
    fn reads_tables_with_two_header_lines() {
        let config = one("PS C:\\> Get-DnsClientServerAddress\n\n\
            InterfaceAlias               Interface Address ServerAddresses\n                             Index     Family\n\
            --------------               --------- ------- ---------------\n\
            Ethernet                            12 IPv4    {192.0.2.10, 192.0.2.11}\nEthernet                            12 IPv6    {}\n\n");
        assert_eq!(config.adapters.len(), 1);
        assert_eq!(config.adapters[0].dns_servers, ["192.0.2.10", "192.0.2.11"]);
        let config = one(
            "InterfaceAlias               Interface ConnectionSpecificSuffix ConnectionSpecificSuffix RegisterThisConn UseSuffixWhen\n\
            \x20                            Index                              SearchList               ectionsAddress   Registering\n\
            --------------               --------- ------------------------ ------------------------ ---------------- -------------\n\
            Ethernet                            12 contoso.com              {}                       True             False\n",
        );
        assert_eq!(config.adapters[0].dns_suffix.as_deref(), Some("contoso.com"));
    }

    #[test]
    fn reads_lists() {
        let config = one(
            "InterfaceAlias       : Ethernet\nInterfaceIndex       : 12\nInterfaceDescription : Intel(R) 82574L\nNetProfile.Name      : contoso.com\nIPv4Address          : 192.0.2.20\nIPv4DefaultGateway   : 192.0.2.1\nDNSServer            : 192.0.2.10\n                       192.0.2.11\n",
        );
        assert_eq!(config.adapters[0].dns_servers, ["192.0.2.10", "192.0.2.11"]);
        assert_eq!(config.adapters[0].gateway.as_deref(), Some("192.0.2.1"));
        let config = one(
            "UseSuffixSearchList : True\nSuffixSearchList    : {corp.contoso.com, contoso.com}\nUseDevolution       : True\nDevolutionLevel     : 0\n",
        );
        assert_eq!(config.dns_suffix_search_list, ["corp.contoso.com", "contoso.com"]);
    }
}
