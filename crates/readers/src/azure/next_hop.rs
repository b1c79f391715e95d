//! Network Watcher's next hop: where traffic to one address goes. Each answer is a route to that address.

use model::azure::{Route, RouteTable};
use model::{Fact, Kind, Quote};

use crate::out::Out;
use crate::text::{Text, label_value};

/// Lines that one answer takes.
const LINES_MAX: usize = 8;
/// Options that name the address asked about, in small letters.
const DESTINATION: [&str; 2] = ["--dest-ip", "-destinationipaddress"];

/// Reads the answer below `az network watcher show-next-hop` or `Get-AzNetworkWatcherNextHop`.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let begins = text.at(at) == "{" || text.at(at).to_ascii_lowercase().starts_with("nexthop");
    let command =
        text.command_above(at).filter(|_| begins && text.line(at).is_some_and(|l| l.command.is_none()))?;
    let prefix = asked(&command.line)?;
    let mut route = Route { prefix: Some(prefix), state: Some("Active".to_owned()), ..Route::default() };
    let mut quotes = Vec::new();
    let mut end = at;
    for index in at..text.len().min(at + LINES_MAX) {
        if text.is_blank(index) || text.line(index).is_some_and(|line| line.command.is_some()) {
            break;
        }
        end = index + 1;
        if text.at(index) == "}" {
            break;
        }
        let Some((label, value)) = label_value(text.at(index)) else { continue };
        let value = value.trim_matches([' ', ',', '"']);
        let told = !value.is_empty() && value != "null";
        match label.trim_matches([' ', '"']).to_ascii_lowercase().as_str() {
            "nexthoptype" if told => {
                route.next_hop_type = Some(value.to_owned());
                quotes.push(Quote::new("routes", text.place(index), text.at(index)));
            }
            "nexthopipaddress" if told => route.next_hop_ip = Some(value.to_owned()),
            _ => {}
        }
    }
    route.next_hop_type.as_ref()?;
    push(route, quotes, text, at, out);
    Some(end)
}

/// The address behind the option, as a prefix of its own.
fn asked(command: &str) -> Option<String> {
    let mut words = command.split_whitespace();
    words.find(|word| DESTINATION.contains(&word.to_ascii_lowercase().as_str()))?;
    let address: std::net::Ipv4Addr = words.next()?.trim_matches(['"', '\'']).parse().ok()?;
    Some(format!("{address}/32"))
}

/// Answers that follow each other are one table.
fn push(route: Route, quotes: Vec<Quote>, text: &Text<'_>, at: usize, out: &mut Out) {
    if let Some(last) = out.facts.last_mut()
        && let Fact::Routes(table) = &mut last.fact.value
        && table.name.as_deref() == Some(NAME)
    {
        table.routes.push(route);
        last.fact.quotes.extend(quotes);
        return;
    }
    let table = RouteTable {
        routes: vec![route],
        effective: Some(true),
        name: Some(NAME.to_owned()),
        ..RouteTable::default()
    };
    out.push(Kind::AzureRoutes, Fact::Routes(table), text.place(at), quotes);
}

/// What the table is called that is made of such answers.
const NAME: &str = "next hop";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn routes(text: &str) -> Vec<Route> {
        let file = read_bytes("n.txt", text.as_bytes(), &Limits::default());
        let tables = file.facts.into_iter().filter_map(|e| match e.fact.value {
            Fact::Routes(table) => Some(table.routes),
            _ => None,
        });
        tables.flatten().collect()
    }

    #[test]
    fn reads_az_and_powershell() {
        let az = "$ az network watcher show-next-hop -g rg --vm vm1 --source-ip 10.0.0.4 --dest-ip 20.118.99.224\n{\n  \"nextHopIpAddress\": \"10.0.255.4\",\n  \"nextHopType\": \"VirtualNetworkGateway\",\n  \"routeTableId\": \"System Route\"\n}\n";
        let powershell = "PS C:\\> Get-AzNetworkWatcherNextHop -NetworkWatcher $nw -TargetVirtualMachineId $id -SourceIPAddress 10.0.0.4 -DestinationIPAddress 40.83.235.53\n\nNextHopIpAddress NextHopType RouteTableId\n";
        let list = "PS C:\\> Get-AzNetworkWatcherNextHop -NetworkWatcher $nw -TargetVirtualMachineId $id -SourceIPAddress 10.0.0.4 -DestinationIPAddress 40.83.235.53\n\nNextHopIpAddress :\nNextHopType      : Internet\nRouteTableId     : System Route\n";
        let read = routes(&format!("{az}{list}"));
        assert_eq!(read.len(), 2, "{read:?}");
        assert_eq!(
            (read[0].prefix.as_deref(), read[0].next_hop_type.as_deref(), read[0].next_hop_ip.as_deref()),
            (Some("20.118.99.224/32"), Some("VirtualNetworkGateway"), Some("10.0.255.4"))
        );
        assert_eq!(
            (read[1].next_hop_type.as_deref(), read[1].next_hop_ip.as_deref()),
            (Some("Internet"), None)
        );
        assert!(routes(powershell).is_empty());
        assert!(routes("{\n \"nextHopType\": \"Internet\"\n}\n").is_empty());
    }
}
