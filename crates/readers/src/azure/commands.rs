//! Commands that make routes: az, PowerShell and scripts of them.

use model::azure::{Route, RouteTable};
use model::{Fact, Kind, Quote};

use crate::out::Out;
use crate::text::Text;

/// Consecutive lines that each make a route, as one table.
pub(super) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let (mut routes, mut quotes, mut end) = (Vec::new(), Vec::new(), at);
    while end < text.len() {
        if text.is_blank(end)
            && !routes.is_empty()
            && end + 1 < text.len()
            && route_of(text.at(end + 1)).is_some()
        {
            end += 1;
            continue;
        }
        let Some(route) = route_of(text.at(end)) else { break };
        quotes.push(Quote::new("routes", text.place(end), text.at(end)));
        routes.push(route);
        end += 1;
    }
    if routes.is_empty() {
        return None;
    }
    let table = RouteTable { routes, effective: Some(false), ..RouteTable::default() };
    out.push(Kind::AzureRoutes, Fact::Routes(table), text.place(at), quotes);
    Some(end)
}

/// `... --address-prefix P --next-hop-type T ...` or `... -AddressPrefix P -NextHopType T ...`
fn route_of(line: &str) -> Option<Route> {
    const LINE_LENGTH_MAX: usize = 2000;
    if line.len() > LINE_LENGTH_MAX || !line.contains('-') {
        return None;
    }
    let prefix = argument(line, &["--address-prefix", "-AddressPrefix"])?;
    let next_hop_type = argument(line, &["--next-hop-type", "-NextHopType"])?;
    Some(Route {
        name: argument(line, &["--name", "-n", "-Name", "-RouteName"]),
        prefix: Some(prefix),
        next_hop_type: Some(next_hop_type),
        next_hop_ip: argument(line, &["--next-hop-ip-address", "-NextHopIpAddress"]),
        ..Route::default()
    })
}

fn argument(line: &str, names: &[&str]) -> Option<String> {
    let mut words = line.split_whitespace();
    while let Some(word) = words.next() {
        if names.iter().any(|name| word.eq_ignore_ascii_case(name)) {
            let value = words.next()?.trim_matches(['"', '\'', '`', '|', ';', ')']);
            return Some(value.to_owned()).filter(|value| !value.is_empty() && !value.starts_with('$'));
        }
    }
    None
}
