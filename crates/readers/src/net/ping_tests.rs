//! ping in many languages.

use super::*;
use crate::{Limits, read_bytes};

fn pings(text: &str) -> Vec<Ping> {
    let file = read_bytes("ping.txt", text.as_bytes(), &Limits::default());
    file.facts
        .into_iter()
        .filter_map(|e| if let Fact::Ping(p) = e.fact.value { Some(p) } else { None })
        .collect()
}

fn one(text: &str) -> Ping {
    let mut all = pings(text);
    assert_eq!(all.len(), 1, "{text}\n{all:#?}");
    all.remove(0)
}

#[test]
fn reads_echoes_in_many_languages() {
    for (head, reply, statistics, counts) in [
        (
            "Pinging kms01.contoso.com [192.0.2.5] with 32 bytes of data:",
            "Reply from 192.0.2.5: bytes=32 time<1ms TTL=128",
            "Packets: Sent = 4, Received = 4, Lost = 0 (0% loss),",
            "Ping statistics for 192.0.2.5:",
        ),
        (
            "Ping wird ausgeführt für kms01.contoso.com [192.0.2.5] mit 32 Bytes Daten:",
            "Antwort von 192.0.2.5: Bytes=32 Zeit<1ms TTL=128",
            "Pakete: Gesendet = 4, Empfangen = 4, Verloren = 0",
            "Ping-Statistik für 192.0.2.5:",
        ),
        (
            "Envoi d’une requête 'ping' sur kms01.contoso.com [192.0.2.5] avec 32 octets de données :",
            "Réponse de 192.0.2.5 : octets=32 temps<1ms TTL=128",
            "Paquets : envoyés = 4, reçus = 4, perdus = 0 (perte 0%),",
            "Statistiques Ping pour 192.0.2.5:",
        ),
        (
            "Haciendo ping a kms01.contoso.com [192.0.2.5] con 32 bytes de datos:",
            "Respuesta desde 192.0.2.5: bytes=32 tiempo<1m TTL=128",
            "Paquetes: enviados = 4, recibidos = 4, perdidos = 0",
            "Estadísticas de ping para 192.0.2.5:",
        ),
        (
            "Обмен пакетами с kms01.contoso.com [192.0.2.5] с 32 байтами данных:",
            "Ответ от 192.0.2.5: число байт=32 время<1мс TTL=128",
            "Пакетов: отправлено = 4, получено = 4, потеряно = 0",
            "Статистика Ping для 192.0.2.5:",
        ),
        (
            "kms01.contoso.com [192.0.2.5]に ping を送信しています 32 バイトのデータ:",
            "192.0.2.5 からの応答: バイト数 =32 時間 <1ms TTL=128",
            "パケット数: 送信 = 4、受信 = 4、損失 = 0 (0% の損失)、",
            "192.0.2.5 の ping 統計:",
        ),
        (
            "Ping kms01.contoso.com [192.0.2.5] 32바이트 데이터 사용:",
            "192.0.2.5의 응답: 바이트=32 시간<1ms TTL=128",
            "패킷: 보냄 = 4, 받음 = 4, 손실 = 0 (0% 손실),",
            "192.0.2.5에 대한 Ping 통계:",
        ),
        (
            "正在 Ping kms01.contoso.com [192.0.2.5] 具有 32 字节的数据:",
            "来自 192.0.2.5 的回复: 字节=32 时间<1ms TTL=128",
            "数据包: 已发送 = 4，已接收 = 4，丢失 = 0 (0% 丢失)，",
            "192.0.2.5 的 Ping 统计信息:",
        ),
    ] {
        let ping =
            one(&format!("\n{head}\n{reply}\n{reply}\n{reply}\n{reply}\n\n{counts}\n    {statistics}\n"));
        assert_eq!(ping.address.as_deref(), Some("192.0.2.5"), "{head}");
        assert_eq!(ping.target.as_deref(), Some("kms01.contoso.com"), "{head}");
        assert_eq!(
            (ping.sent, ping.received, ping.lost, ping.replies),
            (Some(4), Some(4), Some(0), Some(4)),
            "{head}"
        );
    }
}

#[test]
fn counts_may_stand_on_two_lines() {
    let ping = one(
        "Esecuzione di Ping kms01.contoso.com [192.0.2.5] con 32 byte di dati:\nRisposta da 192.0.2.5: byte=32 durata<1ms TTL=128\n\nStatistiche Ping per 192.0.2.5:\n    Pacchetti: Trasmessi = 1, Ricevuti = 1,\n    Persi = 0 (0% persi),\n",
    );
    assert_eq!((ping.sent, ping.received, ping.lost), (Some(1), Some(1), Some(0)));
}

#[test]
fn unreachable_answers_are_received_and_no_echo() {
    for sentence in [
        "Reply from 192.0.2.7: Destination host unreachable.",
        "Antwort von 192.0.2.7: Zielhost nicht erreichbar.",
        "192.0.2.7 からの応答: 宛先ホストに到達できません。",
    ] {
        let ping = one(&format!(
            "C:\\>ping srv-old\n\nPinging srv-old.contoso.com [192.0.2.33] with 32 bytes of data:\n{sentence}\n{sentence}\n\nPing statistics for 192.0.2.33:\n    Packets: Sent = 2, Received = 2, Lost = 0 (0% loss),\n"
        ));
        assert_eq!((ping.received, ping.replies), (Some(2), Some(0)), "{sentence}");
        assert_eq!(ping.unreachable_from.as_deref(), Some("192.0.2.7"));
        assert_eq!(ping.target.as_deref(), Some("srv-old"));
    }
}

#[test]
fn silence_is_lost() {
    for sentence in [
        "Request timed out.",
        "Zeitüberschreitung der Anforderung.",
        "Délai d’attente de la demande dépassé.",
        "要求がタイムアウトしました。",
        "General failure.",
    ] {
        let ping = one(&format!(
            "Pinging 192.0.2.5 with 32 bytes of data:\n{sentence}\n{sentence}\n\nPing statistics for 192.0.2.5:\n    Packets: Sent = 2, Received = 0, Lost = 2 (100% loss),\n"
        ));
        assert_eq!((ping.lost, ping.replies), (Some(2), Some(0)), "{sentence}");
    }
}

#[test]
fn names_without_address() {
    for sentence in [
        "Ping request could not find host kms01.contoso.com. Please check the name and try again.",
        "Ping-Anforderung konnte Host \"kms01.contoso.com\" nicht finden. Überprüfen Sie den Namen, und versuchen Sie es erneut.",
        "La requête Ping n’a pas pu trouver l’hôte kms01.contoso.com. Vérifiez le nom et essayez à nouveau.",
        "ping 要求ではホスト kms01.contoso.com が見つかりませんでした。ホスト名を確認してもう一度実行してください。",
        "При проверке связи не удалось обнаружить узел kms01.contoso.com. Проверьте имя узла и повторите попытку.",
        "ping: kms01.contoso.com: Name or service not known",
    ] {
        let ping = one(sentence);
        assert!(ping.name_not_found, "{sentence}");
        assert_eq!(ping.target.as_deref(), Some("kms01.contoso.com"), "{sentence}");
    }
}

#[test]
fn reads_the_ping_of_unix() {
    let ping = one(
        "PING kms01 (192.0.2.5) 56(84) bytes of data.\n64 bytes from 192.0.2.5: icmp_seq=1 ttl=64 time=0.3 ms\nFrom 192.0.2.7 icmp_seq=2 Destination Host Unreachable\n\n--- kms01 ping statistics ---\n2 packets transmitted, 1 received, 50% packet loss, time 1002ms\nrtt min/avg/max/mdev = 0.3/0.3/0.3/0.0 ms\n",
    );
    assert_eq!((ping.sent, ping.received, ping.lost, ping.replies), (Some(2), Some(1), Some(1), Some(1)));
    assert_eq!(ping.unreachable_from.as_deref(), Some("192.0.2.7"));
}

#[test]
fn is_not_fooled() {
    assert_eq!(pings("Please ping 192.0.2.5 before 12 o'clock:\nthen call me\n"), []);
    assert_eq!(pings("The server could not find host keys.\n"), []);
}

#[test]
fn pastes_that_begin_behind_the_heading() {
    let all = pings("Packets: Sent = 4, Received = 1, Lost = 3 (75% loss),\n");
    assert_eq!((all[0].sent, all[0].received, all[0].lost), (Some(4), Some(1), Some(3)));
    let all = pings(
        "Ping-Statistik für 192.0.2.5:\n    Pakete: Gesendet = 4, Empfangen = 0, Verloren = 4\n    (100% Verlust),\n",
    );
    assert_eq!((all.len(), all[0].target.as_deref(), all[0].lost), (1, Some("192.0.2.5"), Some(4)));
    let all = pings(
        "Reply from 192.0.2.5: bytes=32 time=1ms TTL=64\nReply from 192.0.2.5: bytes=32 time=1ms TTL=64\n",
    );
    assert_eq!((all[0].replies, all[0].address.as_deref()), (Some(2), Some("192.0.2.5")));
    let all = pings(
        "C:\\>ping 192.0.2.5\nDélai d'attente de la demande dépassé.\n...\nPaquets : envoyés = 4, reçus = 0, perdus = 4 (perte 100%)\n",
    );
    assert_eq!((all[0].target.as_deref(), all[0].lost), (Some("192.0.2.5"), Some(4)));
}
