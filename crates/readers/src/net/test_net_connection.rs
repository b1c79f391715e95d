//! Test-NetConnection: its warnings, its list, its quiet form, and the same as JSON or CSV.

use model::network::{ConnectOutcome, ConnectionTest, Hop, TraceRoute};
use model::{Fact, Kind, Place, Quote};

use crate::dns::names::{address, host_name};
use crate::documents::{Object, list};
use crate::out::Out;
use crate::text::{Text, is_placeholder};

/// Columns by which a CSV export is known.
pub(crate) const CSV_HEADERS: &[&[&str]] =
    &[&["TcpTestSucceeded", "RemotePort"], &["ComputerName", "TcpTestSucceeded"]];

/// Reads warnings, list or the lone True or False that begins at a line.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let line = text.line(at)?;
    if line.command.is_some() {
        return None;
    }
    if let Some(end) = read_quiet(text, at, out) {
        return Some(end);
    }
    let mut warnings = Warnings::default();
    let mut index = at;
    let mut end = at;
    while index < text.len() {
        if text.is_blank(index) {
            index += 1;
            continue;
        }
        if !warnings.take(text, index) {
            break;
        }
        index += 1;
        end = index;
    }
    let object = list::read_object(text, index).filter(|(object, _)| is_test(object));
    if let Some((object, next)) = object {
        push(&object, &warnings, out);
        return Some(next);
    }
    (end > at).then(|| {
        warnings.push_alone(text, at, out);
        end
    })
}

fn is_test(object: &Object) -> bool {
    let named = object.has("ComputerName") || object.has("RemoteAddress");
    named && (object.has("TcpTestSucceeded") || object.has("PingSucceeded"))
}

/// What the yellow lines told before the list.
#[derive(Debug, Default)]
struct Warnings {
    address: Option<String>,
    port: Option<u16>,
    tcp_failed: bool,
    ping_status: Option<String>,
    name_not_found: Option<String>,
    quotes: Vec<Quote>,
}

impl Warnings {
    /// Takes a warning: `WARNING: TCP connect to (192.0.2.5 : 1688) failed` and kin, in any language by its shape.
    fn take(&mut self, text: &Text<'_>, at: usize) -> bool {
        let body = text.at(at);
        let Some((label, message)) = body.split_once([':', '：']) else { return false };
        let label = label.trim();
        if !label.chars().all(char::is_alphabetic)
            || label.is_empty()
            || label.chars().count() > 20
            || label.contains(' ')
            || label.to_uppercase() != label
        {
            return false;
        }
        let lower = message.to_lowercase();
        let quote = |field| Quote::new(field, text.place(at), body);
        if let Some((host, port)) = endpoint(message)
            && lower.contains("tcp")
        {
            self.tcp_failed = true;
            self.address = address(&host).or(host_name(&host)).filter(|host| !is_placeholder(host));
            self.port = Some(port);
            self.quotes.extend([quote("succeeded"), quote("outcome"), quote("error_text")]);
            return true;
        }
        if lower.contains("ping") {
            self.ping_status =
                message.rsplit([':', ' ']).find(|part| !part.trim().is_empty()).map(|s| s.trim().to_owned());
            self.address = self.address.take().or_else(|| message.split_whitespace().find_map(address));
            self.quotes.push(quote("ping_succeeded"));
            return true;
        }
        if let Some((_, rest)) = message.split_once("Name resolution of ") {
            self.name_not_found = rest.split_whitespace().next().and_then(host_name);
            self.quotes.push(quote("outcome"));
            return true;
        }
        false
    }

    fn outcome(&self) -> Option<ConnectOutcome> {
        if self.name_not_found.is_some() {
            return Some(ConnectOutcome::NameNotFound);
        }
        let unreachable = self.ping_status.as_deref().is_some_and(|status| status.contains("Unreachable"));
        if unreachable {
            return Some(ConnectOutcome::Unreachable);
        }
        self.tcp_failed.then_some(ConnectOutcome::Failed)
    }

    fn push_alone(self, text: &Text<'_>, at: usize, out: &mut Out) {
        let failed = self.tcp_failed || self.name_not_found.is_some();
        let fact = ConnectionTest {
            tool: Some("Test-NetConnection".to_owned()),
            outcome: self.outcome(),
            target: self.name_not_found.clone().or_else(|| self.address.clone()),
            address: self.address,
            port: self.port,
            succeeded: failed.then_some(false),
            ping_succeeded: self.ping_status.is_some().then_some(false),
            ..ConnectionTest::default()
        };
        out.push(Kind::ConnectionTest, Fact::Connection(Box::new(fact)), text.place(at), self.quotes);
    }
}

/// `(192.0.2.5 : 1688)` or `192.0.2.5:1688`
fn endpoint(message: &str) -> Option<(String, u16)> {
    if let Some(inner) = message.split('(').nth(1).and_then(|rest| rest.split(')').next())
        && let Some((host, port)) = inner.rsplit_once(':')
        && let Ok(port) = port.trim().parse()
    {
        return Some((host.trim().to_owned(), port));
    }
    message.split_whitespace().find_map(|word| {
        let (host, port) = word.rsplit_once(':')?;
        Some((host.trim_matches(['[', ']']).to_owned(), port.parse().ok()?))
    })
}

/// Reads an object from a list, a CSV row or JSON.
pub(crate) fn read_row(object: &Object, out: &mut Out) -> bool {
    if !is_test(object) {
        return false;
    }
    push(object, &Warnings::default(), out);
    true
}

fn truth(object: &Object, name: &str) -> Option<bool> {
    object.get(name).and_then(|value| match value.to_ascii_lowercase().as_str() {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    })
}

fn push(object: &Object, warnings: &Warnings, out: &mut Out) {
    let mut fact =
        ConnectionTest { tool: Some("Test-NetConnection".to_owned()), ..ConnectionTest::default() };
    let mut quotes = warnings.quotes.clone();
    for (column, field) in [
        ("ComputerName", "target"),
        ("RemoteAddress", "address"),
        ("RemotePort", "port"),
        ("TcpTestSucceeded", "succeeded"),
        ("TcpTestSucceeded", "outcome"),
        ("PingSucceeded", "ping_succeeded"),
        ("SourceAddress", "source_address"),
        ("InterfaceAlias", "interface"),
    ] {
        quotes.extend(object.quote(column, field));
        if object.get(column).is_some_and(is_placeholder) && field != "outcome" {
            fact.redacted.push(field.to_owned());
        }
    }
    let kept = |name: &str| object.get(name).filter(|value| !is_placeholder(value));
    fact.target = kept("ComputerName").map(str::to_owned);
    fact.address = kept("RemoteAddress").and_then(address).or_else(|| warnings.address.clone());
    fact.port =
        kept("RemotePort").and_then(|port| port.parse().ok()).filter(|port| *port != 0).or(warnings.port);
    fact.succeeded = truth(object, "TcpTestSucceeded");
    fact.ping_succeeded = truth(object, "PingSucceeded");
    let source = object.first(&["SourceAddress", "SourceAddress.IPAddress"]);
    fact.source_address = source.filter(|value| !is_placeholder(value)).and_then(address);
    fact.interface = kept("InterfaceAlias").map(str::to_owned);
    let resolved = fact.address.is_some()
        || !object.has("RemoteAddress")
        || object.get("RemoteAddress").is_some_and(is_placeholder);
    fact.outcome = match fact.succeeded {
        Some(true) => Some(ConnectOutcome::Open),
        Some(false) if !resolved => Some(ConnectOutcome::NameNotFound),
        _ => warnings.outcome().or(fact.succeeded.map(|_| ConnectOutcome::Failed)),
    };
    push_trace(object, &fact, out);
    out.push(Kind::ConnectionTest, Fact::Connection(Box::new(fact)), object.place.clone(), quotes);
}

/// The hops of `-TraceRoute`, one address a line; silence is shown as `0.0.0.0` or `TimedOut`.
fn push_trace(object: &Object, test: &ConnectionTest, out: &mut Out) {
    let Some(field) = object.field("TraceRoute").filter(|field| !field.value.trim().is_empty()) else {
        return;
    };
    let hops: Vec<Hop> = field
        .value
        .split(['\n', ',', '{', '}'])
        .map(str::trim)
        .filter(|line| !line.is_empty() && *line != "...")
        .zip(1..)
        .map(|(line, number)| Hop {
            hop: Some(number),
            address: address(line).filter(|found| found != "0.0.0.0"),
            ..Hop::default()
        })
        .collect();
    let last = hops.last().and_then(|hop| hop.address.clone());
    let trace = TraceRoute {
        target: test.target.clone(),
        address: test.address.clone(),
        reached: test.address.as_ref().map(|target| last.as_ref() == Some(target)),
        hops,
        name_not_found: false,
    };
    let quotes = object.quote("TraceRoute", "hops").into_iter().collect();
    let place: Place = field.place.clone();
    out.push(Kind::Tracert, Fact::Trace(trace), place, quotes);
}

/// `True` or `False` below `Test-NetConnection x -Port 1688 -InformationLevel Quiet`.
fn read_quiet(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let succeeded = match text.at(at) {
        "True" => true,
        "False" => false,
        _ => return None,
    };
    let above = (0..at).rev().take(4).find(|&i| text.line(i).is_some_and(|line| line.command.is_some()))?;
    let command = text.line(above)?.command.as_ref()?;
    let (target, port) = parse_command(&command.line)?;
    let outcome = if succeeded { ConnectOutcome::Open } else { ConnectOutcome::Failed };
    let fact = ConnectionTest {
        tool: Some("Test-NetConnection".to_owned()),
        address: target.as_deref().and_then(address),
        target,
        port,
        succeeded: port.map(|_| succeeded),
        outcome: port.map(|_| outcome),
        ping_succeeded: port.is_none().then_some(succeeded),
        ..ConnectionTest::default()
    };
    let quote = |field, index| Quote::new(field, text.place(index), text.at(index));
    let field = if port.is_some() { "succeeded" } else { "ping_succeeded" };
    let quotes = vec![quote("target", above), quote(field, at), quote("outcome", at)];
    out.push(Kind::ConnectionTest, Fact::Connection(Box::new(fact)), text.place(at), quotes);
    Some(at + 1)
}

/// Target and port of a Test-NetConnection command.
fn parse_command(line: &str) -> Option<(Option<String>, Option<u16>)> {
    let is_program = |word: &str| {
        let word = word.trim_start_matches(['(', '&']).to_ascii_lowercase();
        word == "tnc" || word == "test-netconnection"
    };
    let mut words = line.split_whitespace().skip_while(|word| !is_program(word));
    words.next()?;
    let (mut target, mut port) = (None, None);
    while let Some(word) = words.next() {
        let lower = word.to_ascii_lowercase();
        if lower.starts_with("-p") {
            port = words.next().and_then(|value| value.trim_end_matches([')', '.']).parse().ok());
        } else if lower.starts_with("-comp") || lower.starts_with("-cn") {
            target = words.next().and_then(host_name);
        } else if lower.starts_with("-inf") {
            words.next();
        } else if !word.starts_with('-') && target.is_none() {
            target = host_name(word);
        } else if let (Ok(number), None) = (word.parse(), port) {
            port = Some(number);
        }
    }
    Some((target, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, read_bytes};

    fn tests(text: &str) -> Vec<ConnectionTest> {
        let file = read_bytes("tnc.txt", text.as_bytes(), &Limits::default());
        file.facts
            .into_iter()
            .filter_map(|e| if let Fact::Connection(c) = e.fact.value { Some(*c) } else { None })
            .collect()
    }

    #[test]
    fn addresses_blanked_out_are_named_and_no_failure_of_names() {
        let all = tests(
            "ComputerName           : kms01.contoso.com\nRemoteAddress          : 192.168.xxx.xxx\nRemotePort             : 1688\n\
             InterfaceAlias         : Ethernet0\nSourceAddress          : <client>\nTcpTestSucceeded       : False\n",
        );
        assert_eq!(all[0].outcome, Some(ConnectOutcome::Failed));
        assert_eq!(all[0].redacted, ["address", "source_address"]);
    }

    #[test]
    fn warnings_explain_the_list() {
        for warning in [
            "WARNING: TCP connect to (192.0.2.33 : 1688) failed\nWARNING: Ping to 192.0.2.33 failed with status: DestinationHostUnreachable",
            "WARNUNG: TCP connect to 192.0.2.33:1688 failed\nWARNUNG: Ping to 192.0.2.33 failed -- Status: DestinationHostUnreachable",
            "警告: TCP connect to (192.0.2.33 : 1688) failed\n警告: Ping to 192.0.2.33 failed with status: DestinationHostUnreachable",
        ] {
            let all = tests(&format!(
                "PS C:\\> tnc srv-old.contoso.com -Port 1688\n{warning}\n\n\nComputerName           : srv-old.contoso.com\nRemoteAddress          : 192.0.2.33\n\
                RemotePort             : 1688\nInterfaceAlias         : Ethernet0\nSourceAddress          : 192.0.2.7\nPingSucceeded          : False\nPingReplyDetails (RTT) : 0 ms\nTcpTestSucceeded       : False\n\n"
            ));
            assert_eq!(all.len(), 1, "{warning}\n{all:#?}");
            let test = &all[0];
            assert_eq!(test.outcome, Some(ConnectOutcome::Unreachable), "{warning}");
            assert_eq!(
                (test.port, test.succeeded, test.ping_succeeded),
                (Some(1688), Some(false), Some(false))
            );
            assert_eq!(test.source_address.as_deref(), Some("192.0.2.7"));
        }
    }

    #[test]
    fn reads_success_names_without_address_and_the_quiet_form() {
        let all = tests(
            "ComputerName     : kms01.contoso.com\nRemoteAddress    : 192.0.2.5\nRemotePort       : 1688\nInterfaceAlias   : Ethernet\nSourceAddress    : 192.0.2.7\nTcpTestSucceeded : True\n",
        );
        assert_eq!(all[0].outcome, Some(ConnectOutcome::Open));
        let all = tests(
            "WARNING: Name resolution of kms09.contoso.com failed\n\nComputerName   : kms09.contoso.com\nRemoteAddress  : \nInterfaceAlias : \nSourceAddress  : \nPingSucceeded  : False\n",
        );
        assert_eq!(all[0].outcome, Some(ConnectOutcome::NameNotFound));
        let all = tests(
            "PS C:\\> Test-NetConnection kms01 -Port 1688 -InformationLevel Quiet\nTrue\nPS C:\\> tnc kms02 1688 -Inf Quiet\nFalse\n",
        );
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].target.as_deref(), all[0].succeeded, all[0].port),
            (Some("kms01"), Some(true), Some(1688))
        );
        assert_eq!((all[1].target.as_deref(), all[1].succeeded), (Some("kms02"), Some(false)));
    }

    #[test]
    fn reads_json() {
        let all = tests(
            r#"{"ComputerName":"kms01","RemoteAddress":"192.0.2.5","RemotePort":1688,"TcpTestSucceeded":true,"SourceAddress":"192.0.2.7"}"#,
        );
        assert_eq!((all[0].port, all[0].succeeded), (Some(1688), Some(true)));
    }

    #[test]
    fn other_warnings_are_left_alone() {
        assert_eq!(tests("WARNING: The disk is nearly full\nTrue\n"), []);
    }
}
