//! `netsh interface ip show dnsservers` and `show config`: the DNS servers of each interface.

use model::network::{Adapter, NetworkConfig};
use model::{Fact, Kind, Quote};

use crate::dns::names::address;
use crate::out::Out;
use crate::text::{Text, label_value};

/// How far below the name of an interface its DNS line may stand.
const LINES_MAX: usize = 16;

/// Reads the interfaces that follow each other as one configuration.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let mut config = NetworkConfig::default();
    let mut quotes = Vec::new();
    let mut end = at;
    let mut index = at;
    while let Some((adapter, next)) = interface(text, index, &mut quotes) {
        // The loopback interface never has a server; it says nothing about the machine.
        if adapter.name.as_deref().is_some_and(|name| !name.starts_with("Loopback")) {
            config.adapters.push(adapter);
        }
        end = next;
        index = text.skip_blank(next);
    }
    if config.adapters.is_empty() {
        return None;
    }
    out.push(Kind::Ipconfig, Fact::Network(Box::new(config)), text.place(at), quotes);
    Some(end)
}

/// `Configuration for interface "Ethernet"` with the lines below it, in any language.
fn interface(text: &Text<'_>, at: usize, quotes: &mut Vec<Quote>) -> Option<(Adapter, usize)> {
    let (words, name) = text.at(at).strip_suffix('"')?.split_once('"')?;
    if words.trim().is_empty() || text.line(at)?.command.is_some() {
        return None;
    }
    let mut adapter = Adapter { name: Some(name.to_owned()), ..Adapter::default() };
    let (mut seen, mut within) = (false, false);
    let mut index = at + 1;
    while index < text.len().min(at + LINES_MAX) && !text.is_blank(index) {
        let line = text.at(index);
        if let Some((label, value)) = label_value(line).filter(|(label, _)| address(label).is_none()) {
            within = label.contains("DNS") && !label.contains("WINS");
            if within {
                seen = true;
                adapter.dns_servers.extend(address(value));
                quotes.push(Quote::new("adapters", text.place(index), line));
            }
        } else if within {
            adapter.dns_servers.extend(address(line));
        }
        index += 1;
    }
    seen.then_some((adapter, index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn adapters(text: &str) -> Vec<Adapter> {
        let file = read_bytes("n.txt", text.as_bytes(), &Limits::default());
        let configs = file.facts.into_iter().filter_map(|e| match e.fact.value {
            Fact::Network(config) => Some(config.adapters),
            _ => None,
        });
        configs.flatten().collect()
    }

    #[test]
    fn reads_servers_and_their_absence() {
        let text = "Configuration for interface \"LAN\"\n    Statically Configured DNS Servers:    None\n    \
            Register with which suffix:           Primary only\n\n\
            Configuration for interface \"Wi-Fi\"\n    DNS servers configured through DHCP:  192.0.2.10\n    \
            \x20                                     192.0.2.11\n    Register with which suffix:           Primary only\n\n\
            Configuration for interface \"Loopback Pseudo-Interface 1\"\n    Statically Configured DNS Servers:    None\n";
        let all = adapters(text);
        assert_eq!(all.len(), 2, "{all:?}");
        assert_eq!((all[0].name.as_deref(), all[0].dns_servers.len()), (Some("LAN"), 0));
        assert_eq!(all[1].dns_servers, ["192.0.2.10", "192.0.2.11"]);
        assert_eq!(all[1].dns_suffix, None);
    }

    #[test]
    fn reads_german_and_leaves_quoted_words_alone() {
        let text = "Konfiguration der Schnittstelle \"Ethernet\"\n    Statisch konfigurierte DNS-Server:    192.0.2.53\n    \
            Mit welchem Suffix registrieren:      Nur primäres Suffix\n";
        assert_eq!(adapters(text)[0].dns_servers, ["192.0.2.53"]);
        assert!(adapters("he said \"hello\"\nand went\n").is_empty());
    }
}
