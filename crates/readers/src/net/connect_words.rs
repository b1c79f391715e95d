//! What systems say about a TCP connection that did not come about, in the languages that are met most.

use model::network::ConnectOutcome;

use ConnectOutcome::{NameNotFound, Refused, Reset, Timeout, Unreachable};

/// Parts of messages in lower case; the first that matches decides.
const SENTENCES: &[(&str, ConnectOutcome)] = &[
    ("forcibly closed", Reset),
    ("reset by peer", Reset),
    ("connection reset", Reset),
    ("connection was reset", Reset),
    ("actively refused", Refused),
    ("connection refused", Refused),
    ("refused the network connection", Refused),
    ("refused", Refused),
    ("verweigerte", Refused),
    ("verweigert", Refused),
    ("expressément refusée", Refused),
    ("refusé", Refused),
    ("denegó expresamente", Refused),
    ("rifiuto persistente", Refused),
    ("rifiutat", Refused),
    ("recusou ativamente", Refused),
    ("recusada", Refused),
    ("拒否", Refused),
    ("거부", Refused),
    ("拒绝", Refused),
    ("拒絕", Refused),
    ("отверг", Refused),
    ("отклонил", Refused),
    ("odmawia", Refused),
    ("odmówi", Refused),
    ("geweigerd", Refused),
    ("odmítl", Refused),
    ("reddetti", Refused),
    ("nekade", Refused),
    ("no such host", NameNotFound),
    ("host is unknown", NameNotFound),
    ("host unbekannt", NameNotFound),
    ("hôte inconnu", NameNotFound),
    ("host desconocido", NameNotFound),
    ("host sconosciuto", NameNotFound),
    ("host não é conhecido", NameNotFound),
    ("そのようなホストは不明", NameNotFound),
    ("알려진 호스트가 없습니다", NameNotFound),
    ("不知道这样的主机", NameNotFound),
    ("無法識別這台主機", NameNotFound),
    ("этот хост неизвестен", NameNotFound),
    ("nieznany host", NameNotFound),
    ("name or service not known", NameNotFound),
    ("could not resolve", NameNotFound),
    ("nodename nor servname", NameNotFound),
    ("temporary failure in name resolution", NameNotFound),
    ("name resolution", NameNotFound),
    ("failed to resolve", NameNotFound),
    ("unreachable", Unreachable),
    ("no route to host", Unreachable),
    ("host is down", Unreachable),
    ("nicht erreichbar", Unreachable),
    ("injoignable", Unreachable),
    ("inaccessible", Unreachable),
    ("到達できない", Unreachable),
    ("无法连接的网络", Unreachable),
    ("did not properly respond", Timeout),
    ("timed out", Timeout),
    ("timed-out", Timeout),
    ("timeout", Timeout),
    ("no response", Timeout),
    ("nicht ordnungsgemäß", Timeout),
    ("n'a pas répondu convenablement", Timeout),
    ("n’a pas répondu convenablement", Timeout),
    ("no respondió adecuadamente", Timeout),
    ("non ha risposto correttamente", Timeout),
    ("não respondeu corretamente", Timeout),
    ("正しく応答しなかった", Timeout),
    ("응답하지 않", Timeout),
    ("没有正确答复", Timeout),
    ("沒有正確回應", Timeout),
    ("не получен нужный отклик", Timeout),
    ("nie odpowiedziała poprawnie", Timeout),
    ("timeoutlimiet", Timeout),
    ("zeitlimit", Timeout),
    ("délai d'attente", Timeout),
    ("délai d’attente", Timeout),
    ("tiempo de espera", Timeout),
    ("タイムアウト", Timeout),
    ("超时", Timeout),
    ("逾時", Timeout),
    ("таймаут", Timeout),
];

/// Numbers of Winsock and of Linux, when the message shows them.
const NUMBERS: &[(&str, ConnectOutcome)] = &[
    ("10061", Refused),
    ("10060", Timeout),
    ("10065", Unreachable),
    ("10051", Unreachable),
    ("10054", Reset),
    ("11001", NameNotFound),
    ("0x274d", Refused),
    ("0x274c", Timeout),
    ("errno=111", Refused),
    ("errno=110", Timeout),
    ("errno=113", Unreachable),
];

/// How the connection ended, by the words of a message.
pub(super) fn outcome(message: &str) -> Option<ConnectOutcome> {
    let lower = message.to_lowercase();
    let number = NUMBERS.iter().find(|(number, _)| stands_alone(&lower, number));
    let found = number.or_else(|| SENTENCES.iter().find(|(words, _)| lower.contains(words)));
    found.map(|(_, outcome)| *outcome)
}

/// The number is not a part of a longer one.
fn stands_alone(text: &str, number: &str) -> bool {
    let Some(at) = text.find(number) else { return false };
    let before = text[..at].chars().next_back();
    let behind = text[at + number.len()..].chars().next();
    let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || c == '.');
    !(digit(before) || behind.is_some_and(|c| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_messages_apart() {
        for (message, expected) in [
            (
                "No connection could be made because the target machine actively refused it 192.0.2.1:1688",
                Some(Refused),
            ),
            (
                "A connection attempt failed because the connected party did not properly respond after a period of time",
                Some(Timeout),
            ),
            ("A socket operation was attempted to an unreachable network", Some(Unreachable)),
            (
                "Es konnte keine Verbindung hergestellt werden, da der Zielcomputer die Verbindung verweigerte",
                Some(Refused),
            ),
            ("対象のコンピューターによって拒否されたため、接続できませんでした。", Some(Refused)),
            ("由于目标计算机积极拒绝，无法连接。", Some(Refused)),
            ("Этот хост неизвестен", Some(NameNotFound)),
            ("error 10060", Some(Timeout)),
            ("sent 100601 bytes", None),
        ] {
            assert_eq!(outcome(message), expected, "{message}");
        }
    }
}
