//! telnet of Windows in every language, and of Unix.

use model::network::ConnectOutcome;

use super::connect_words;
use super::connection::{asked, ended, push, test_by};
use crate::dns::names::{address, host_name};
use crate::out::Out;
use crate::text::Text;

/// Reads one attempt.
pub(crate) fn read(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    if text.line(at)?.command.is_some() {
        return None;
    }
    windows(text, at, out).or_else(|| unix(text, at, out))
}

/// `Connecting To kms01...Could not open connection to the host, on port 1688: Connect failed`
fn windows(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    let body = text.at(at);
    let (left, right) = body.split_once("...").or_else(|| body.split_once('…'))?;
    // Leaders of dots between a label and its value are longer.
    if left.ends_with('.') || right.starts_with('.') {
        return None;
    }
    let (before, reason) = right.rsplit_once([':', '：'])?;
    let port = last_number(before)?;
    let command = asked(text, at, &["telnet"]);
    // The words differ by language; the target stands last on the left, the port before the last colon.
    let host = left.split([' ', ':']).rev().find_map(|word| address(word).or_else(|| host_name(word)))?;
    let plausible =
        command.is_some() || left.split_whitespace().count() <= 6 && body.len() <= 250 && !reason.is_empty();
    if !plausible || body.starts_with(['*', '<', '>']) {
        return None;
    }
    let target = command.and_then(|(host, _)| host).or(Some(host));
    let mut fact = test_by("telnet", target, Some(port));
    fact = ended(fact, ConnectOutcome::Failed);
    fact.error_text = Some(right.trim().to_owned());
    push(text, at, fact, out);
    Some(at + 1)
}

fn last_number(text: &str) -> Option<u16> {
    let digits: String =
        text.chars().rev().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
    // Only punctuation and short words may stand behind the port.
    digits.chars().rev().collect::<String>().parse().ok().filter(|port| *port > 0)
}

/// `Trying 192.0.2.5...`, then what became of it.
fn unix(text: &Text<'_>, at: usize, out: &mut Out) -> Option<usize> {
    const LINES_MAX: usize = 8;
    let first = text.at(at);
    let trying = first.strip_prefix("Trying ").and_then(|rest| address(rest.trim_end_matches('.')));
    if trying.is_none() && !first.starts_with("telnet: ") && !first.starts_with("Connected to ") {
        return None;
    }
    let (target, port) = asked(text, at, &["telnet", "nc", "ncat"]).unwrap_or_default();
    let mut fact = test_by("telnet", target, port);
    fact.address = trying.or(fact.address);
    for index in at..text.len().min(at + LINES_MAX) {
        let body = text.at(index);
        if let Some(name) = body.strip_prefix("Connected to ") {
            fact.target = fact.target.or_else(|| host_name(name.trim_end_matches('.')));
            push(text, index, ended(fact, ConnectOutcome::Open), out);
            let escape = text.at(index + 1).starts_with("Escape character");
            return Some(index + 1 + usize::from(escape));
        }
        if let Some(message) = body.strip_prefix("telnet: ") {
            let outcome = connect_words::outcome(message).unwrap_or(ConnectOutcome::Failed);
            // A host of several addresses is tried one by one; the last message counts.
            if message.starts_with("connect to address") && index + 1 < text.len() {
                continue;
            }
            if let Some((name, port)) = message
                .strip_prefix("could not resolve ")
                .and_then(|rest| rest.split(':').next()?.split_once('/'))
            {
                fact.target = host_name(name);
                fact.port = port.parse().ok();
            }
            fact.error_text = Some(message.to_owned());
            push(text, index, ended(fact, outcome), out);
            return Some(index + 1);
        }
        if !body.starts_with("Trying ") {
            return None;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::super::connection::read_all;
    use super::*;

    #[test]
    fn reads_failures_in_many_languages() {
        for line in [
            "Connecting To kms01...Could not open connection to the host, on port 1688: Connect failed",
            "Verbindungsaufbau zu kms01...Es konnte keine Verbindung mit dem Host hergestellt werden, auf Port 1688: Verbinden fehlgeschlagen",
            "Connexion à kms01...Impossible d’ouvrir une connexion à l’hôte. sur le port 1688: Échec lors de la connexion",
            "Conectándose a kms01...No se puede abrir la conexión al host, en puerto 1688: Error en la conexión",
            "接続中: kms01...ホストへ接続できませんでした。 ポート番号 1688: 接続に失敗しました",
            "Подключение к kms01...Не удалось открыть подключение к этому узлу, на порт 1688: Сбой подключения",
        ] {
            let all = read_all(&format!("C:\\>telnet kms01 1688\n{line}\n"));
            assert_eq!(all.len(), 1, "{line}");
            assert_eq!(
                (all[0].target.as_deref(), all[0].port, all[0].succeeded),
                (Some("kms01"), Some(1688), Some(false)),
                "{line}"
            );
        }
    }

    #[test]
    fn reads_the_telnet_of_unix() {
        let all = read_all(
            "$ telnet kms01 1688\nTrying 192.0.2.5...\nConnected to kms01.\nEscape character is '^]'.\n",
        );
        assert_eq!((all[0].outcome, all[0].port), (Some(ConnectOutcome::Open), Some(1688)));
        let all =
            read_all("Trying 192.0.2.5...\ntelnet: Unable to connect to remote host: Connection refused\n");
        assert_eq!(all[0].outcome, Some(ConnectOutcome::Refused));
    }

    #[test]
    fn is_not_fooled() {
        assert_eq!(
            read_all(
                "Activating Windows(R), Professional edition (2de67392-b7a7) ...\nError: 0xC004F074 x: y\n"
            ),
            []
        );
        assert_eq!(read_all("Please wait... then read page 12 of the guide\n"), []);
        assert_eq!(read_all("   Link-local IPv6 Address.........: FE80::201:42FF:FEA5:4B66\n"), []);
        assert_eq!(
            read_all("0x0, 0x0, kms_1:1688, .......-b604-4b8c-9a48-99d4348fcf37, 2012/12/04 07:06, 0\n"),
            []
        );
    }
}
