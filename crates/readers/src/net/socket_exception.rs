//! What .NET says when a TcpClient does not get through, in the languages that are met most.

use super::connect_words;
use super::connection::{ended, push, test_by};
use super::psping::endpoint;
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Reads an exception of `New-Object Net.Sockets.TcpClient` and kin.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    const LINES_MAX: usize = 10;
    let line = text.line(at)?;
    let body: &str = &line.text;
    if line.command.is_some() {
        return None;
    }
    let english = [
        "actively refused it",
        "did not properly respond after a period",
        "socket operation was attempted to an unreachable",
    ];
    let is_message = english.iter().any(|words| body.contains(words));
    let about_sockets = |index: usize| {
        let body = text.at(index);
        body.contains("SocketException")
            || body.contains("Sockets.TcpClient")
            || body.contains("ConnectAsync")
    };
    let quoted = body.contains("\"Connect\"") || body.contains("\".ctor\"") || body.contains("„Connect“");
    let near = || (at..text.len().min(at + LINES_MAX)).take_while(|&i| !text.is_blank(i)).any(about_sockets);
    if !(is_message || (quoted || about_sockets(at)) && near()) {
        return None;
    }
    let outcome = connect_words::outcome(body)?;
    let command = text.command_above(at).map(|command| command.line.clone()).unwrap_or_default();
    let (target, port) = arguments(&command);
    let shown = body
        .split([' ', '"', '[', ']', '(', ')'])
        .rev()
        .find_map(|word| endpoint(word.trim_end_matches('.')));
    let mut fact = test_by(".net", target.or_else(|| shown.as_ref().map(|(host, _)| host.clone())), port);
    if let Some((host, port)) = shown {
        fact.address = address(&host).or(fact.address);
        fact.port.get_or_insert(port);
    }
    fact.error_text = Some(body.to_owned());
    push(text, at, ended(fact, outcome), out);
    let end = (at + 1..text.len().min(at + LINES_MAX)).find(|&i| {
        let below = text.at(i);
        let part = below.starts_with('+')
            || below.starts_with("At ")
            || below.contains("char:")
            || below.contains(':') && below.contains("1 ");
        !part || text.line(i).is_some_and(|line| line.command.is_some())
    });
    Some(end.unwrap_or(at + 1))
}

/// Host and port of `(New-Object Net.Sockets.TcpClient).Connect("kms01", 1688)`.
fn arguments(command: &str) -> (Option<String>, Option<u16>) {
    if !command.contains("TcpClient") && !command.contains("Sockets") {
        return (None, None);
    }
    let words: Vec<&str> =
        command.split(['(', ')', ',', ' ', '"', '\'', ';']).filter(|word| !word.is_empty()).collect();
    let port_at = words.iter().position(|word| word.parse::<u16>().is_ok());
    let port = port_at.and_then(|n| words.get(n)?.parse().ok());
    let host = port_at.and_then(|n| words.get(n.checked_sub(1)?)).and_then(|word| host_name(word));
    (host.filter(|_| port != Some(0)), port.filter(|port| *port != 0))
}

#[cfg(test)]
mod tests {
    use model::network::ConnectOutcome;

    use super::super::connection::read_all;

    #[test]
    fn reads_exceptions() {
        for (message, outcome) in [
            (
                "No connection could be made because the target machine actively refused it 192.0.2.5:1688",
                ConnectOutcome::Refused,
            ),
            (
                "A connection attempt failed because the connected party did not properly respond after a period of time, or established connection failed because connected host has failed to respond 192.0.2.5:1688",
                ConnectOutcome::Timeout,
            ),
            (
                "A socket operation was attempted to an unreachable network 192.0.2.5:1688",
                ConnectOutcome::Unreachable,
            ),
        ] {
            let all = read_all(&format!(
                "PS C:\\> (New-Object Net.Sockets.TcpClient).Connect(\"kms01\",1688)\nException calling \"Connect\" with \"2\" argument(s): \"{message}\"\nAt line:1 char:1\n+ (New-Object Net.Sockets.TcpClient).Connect(\"kms01\",1688)\n"
            ));
            assert_eq!(all.len(), 1, "{message}");
            assert_eq!((all[0].outcome, all[0].port), (Some(outcome), Some(1688)), "{message}");
            assert_eq!(
                (all[0].target.as_deref(), all[0].address.as_deref()),
                (Some("kms01"), Some("192.0.2.5"))
            );
        }
        assert_eq!(read_all("The user actively refused to reboot.\n"), []);
    }
}
