//! rpcping and rpcdump: does an RPC server answer?

use model::network::{ConnectOutcome, Service};

use super::connection::{ended, push, test_by};
use crate::dns::names::host_name;
use crate::out::Out;
use crate::text::Text;

/// Reads the result of one run.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    let body = text.at(at);
    if !(body.starts_with("Completed ") || body.starts_with("Exception ")) {
        return None;
    }
    let command = text.command_above(at).filter(|command| command.program() == "rpcping");
    let (target, port) = command.map(|command| options(&command.line)).unwrap_or_default();
    let fact = test_by("rpcping", target, port);
    if body.starts_with("Completed ") && body.contains(" calls in ") {
        // The management interface answers on every RPC server, KMS or not: it only tells that RPC gets through.
        let fact = ended(fact, ConnectOutcome::Open);
        push(text, at, fact, out);
        let rate = text.at(at + 1).contains("T/S");
        return Some(at + 1 + usize::from(rate));
    }
    let code = body.strip_prefix("Exception ")?.split_whitespace().next()?.parse::<u32>().ok()?;
    let own = command.is_some() || text.at(at + 1).starts_with("Number of records is");
    if !own {
        return None;
    }
    let (outcome, service) = match code {
        // RPC_S_SERVER_UNAVAILABLE
        1722 => (ConnectOutcome::Failed, None),
        // RPC_S_CALL_FAILED and kin: something accepted the connection and then broke off.
        1726 | 1727 => (ConnectOutcome::Reset, None),
        // EPT_S_NOT_REGISTERED, RPC_S_UNKNOWN_IF, RPC_S_ACCESS_DENIED: an RPC server said so.
        1753 | 1717 | 5 => (ConnectOutcome::Open, Some(Service::OtherRpc)),
        _ => (ConnectOutcome::Failed, None),
    };
    let mut fact = ended(fact, outcome);
    fact.service = service;
    fact.error_text = Some(body.to_owned());
    push(text, at, fact, out);
    let end = (at + 1..text.len().min(at + 40)).find(|&i| {
        let below = text.at(i);
        let own = [
            "Number of records",
            "ProcessID",
            "System Time",
            "Generating component",
            "Status is",
            "Detection location",
            "Flags is",
            "NumberOfParameters",
            "Long val",
            "Unicode string",
            "Short val",
            "Ansi string",
            "Binary blob",
        ];
        !own.iter().any(|start| below.starts_with(start))
    });
    Some(end.unwrap_or(text.len().min(at + 40)).max(at + 1))
}

/// `-s kms01 -e 1688`
fn options(line: &str) -> (Option<String>, Option<u16>) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let value = |name: &str| {
        let at = words.iter().position(|word| {
            word.trim_start_matches(['-', '/']).eq_ignore_ascii_case(name) && word.starts_with(['-', '/'])
        });
        at.and_then(|at| words.get(at + 1)).copied()
    };
    (value("s").and_then(host_name), value("e").and_then(|port| port.parse().ok()))
}

#[cfg(test)]
mod tests {
    use super::super::connection::read_all;
    use super::*;

    #[test]
    fn reads_success_and_exceptions() {
        let all = read_all(
            "C:\\>rpcping -t ncacn_ip_tcp -s kms01 -e 1688\nCompleted 1 calls in 15 ms\n66 T/S or 15.000 ms/T\n",
        );
        assert_eq!(
            (all[0].outcome, all[0].service, all[0].port),
            (Some(ConnectOutcome::Open), None, Some(1688))
        );
        let all = read_all(
            "C:\\>rpcping -t ncacn_ip_tcp -s kms01 -e 1688\nException 1722 (0x000006BA)\nNumber of records is: 2\nProcessID is 4711\n",
        );
        assert_eq!((all[0].succeeded, all[0].target.as_deref()), (Some(false), Some("kms01")));
        assert_eq!(read_all("Exception 1722 in our report\n"), []);
    }
}
