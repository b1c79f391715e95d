//! nslookup in many languages, and what only looks like it.

use std::sync::Arc;

use model::{DnsAnswer, DnsResult};
use proptest::prelude::*;

use crate::dns::testing::{answers, one};
use crate::{Limits, read_bytes};

#[test]
fn reads_several_records_and_their_addresses() {
    let answer = one(
        "C:\\>nslookup -type=srv _vlmcs._tcp.contoso.com\nServer:  dc1.contoso.com\nAddress:  192.0.2.10\n\n\
        Non-authoritative answer:\n_vlmcs._tcp.contoso.com\tSRV service location:\n          priority       = 0\n          weight         = 0\n          port           = 1688\n          svr hostname   = kms01.contoso.com\n\
        _vlmcs._tcp.contoso.com\tSRV service location:\n          priority       = 10\n          weight         = 5\n          port           = 1689\n          svr hostname   = kms02.contoso.com\n\
        kms01.contoso.com\tinternet address = 192.0.2.5\nkms01.contoso.com\tAAAA IPv6 address = 2001:db8::5\n\nC:\\>",
    );
    assert_eq!(answer.result, Some(DnsResult::Found));
    assert_eq!(answer.query.as_deref(), Some("_vlmcs._tcp.contoso.com"));
    assert_eq!(answer.query_type.as_deref(), Some("SRV"));
    assert_eq!(answer.server.as_deref(), Some("dc1.contoso.com"));
    assert!(answer.non_authoritative);
    assert_eq!(answer.records.len(), 2);
    assert_eq!(answer.records[1].port, Some(1689));
    assert_eq!(answer.records[1].target.as_deref(), Some("kms02.contoso.com"));
    assert_eq!(answer.hosts.len(), 2);
    assert_eq!(answer.hosts[1].address.as_deref(), Some("2001:db8::5"));
}

#[test]
fn reads_errors_in_many_languages() {
    use DnsResult::{Error, NoRecords, Nxdomain, Refused, Servfail, Timeout};
    let query = "_vlmcs._tcp.contoso.com";
    for (header, error, expected) in [
        ("Server:  dc1", "*** dc1 can't find _vlmcs._tcp.contoso.com: Non-existent domain", Nxdomain),
        (
            "Server:  UnKnown",
            "*** UnKnown can't find _vlmcs._tcp.contoso.com: No response from server",
            Timeout,
        ),
        ("Server:  dc1", "*** dc1 can't find _vlmcs._tcp.contoso.com: Query refused", Refused),
        ("Server:  dc1", "*** dc1 can't find _vlmcs._tcp.contoso.com: Server failed", Servfail),
        ("Server:  dc1", "*** dc1 can't find _vlmcs._tcp.contoso.com: Unspecified error", Error),
        (
            "Server:  dc1",
            "*** No service location (SRV) records available for _vlmcs._tcp.contoso.com",
            NoRecords,
        ),
        (
            "Server:  fritz.box",
            "*** fritz.box kann _vlmcs._tcp.contoso.com nicht finden: Non-existent domain.",
            Nxdomain,
        ),
        (
            "Serveur :   UnKnown",
            "*** UnKnown ne parvient pas à trouver _vlmcs._tcp.contoso.com : Non-existent domain",
            Nxdomain,
        ),
        (
            "Servidor:  UnKnown",
            "*** UnKnown no encuentra _vlmcs._tcp.contoso.com: Non-existent domain",
            Nxdomain,
        ),
        (
            "Server:  UnKnown",
            "*** UnKnown non è in grado di trovare _vlmcs._tcp.contoso.com: Non-existent domain",
            Nxdomain,
        ),
        (
            "Servidor:  dns.example",
            "*** dns.example não encontrou _vlmcs._tcp.contoso.com: Query refused",
            Refused,
        ),
        (
            "サーバー:  UnKnown",
            "*** UnKnown が _vlmcs._tcp.contoso.com を見つけられません: Non-existent domain",
            Nxdomain,
        ),
        (
            "서버:    UnKnown",
            "*** UnKnown이(가) _vlmcs._tcp.contoso.com을(를) 찾을 수 없습니다. Non-existent domain",
            Nxdomain,
        ),
        ("服务器:  UnKnown", "*** UnKnown 找不到 _vlmcs._tcp.contoso.com: Non-existent domain", Nxdomain),
        (
            "伺服器:  dc1.contoso.com",
            "*** dc1.contoso.com 找不到 _vlmcs._tcp.contoso.com: Server failed",
            Servfail,
        ),
        (
            "╤хЁтхЁ:  UnKnown",
            "*** UnKnown не удалось найти _vlmcs._tcp.contoso.com: Non-existent domain",
            Nxdomain,
        ),
        (
            "Сервер:  dc1.contoso.com",
            "*** dc1.contoso.com не удалось найти _vlmcs._tcp.contoso.com: Non-existent domain",
            Nxdomain,
        ),
        (
            "Serwer:  UnKnown",
            "*** UnKnown nie może odnaleźć _vlmcs._tcp.contoso.com: Non-existent domain",
            Nxdomain,
        ),
        (
            "Sunucu:  UnKnown",
            "*** UnKnown _vlmcs._tcp.contoso.com öğesini bulamıyor: Non-existent domain",
            Nxdomain,
        ),
    ] {
        let answer = one(&format!("{header}\nAddress:  192.0.2.53\n\n{error}\n"));
        assert_eq!(answer.result, Some(expected), "{error}");
        assert_eq!(answer.server_address.as_deref(), Some("192.0.2.53"), "{error}");
        assert_eq!(answer.query.as_deref(), Some(query), "{error}");
    }
}

#[test]
fn a_time_out_above_the_server_lines_is_only_the_servers_own_name() {
    let answer = one(
        "DNS request timed out.\n    timeout was 2 seconds.\nServeur :   UnKnown\nAddress:  192.0.2.1\n\n\
        Réponse ne faisant pas autorité :\nNom :    kms01.contoso.com\nAddresses:  2001:db8::5\n          192.0.2.5\n",
    );
    assert_eq!(answer.result, Some(DnsResult::Found));
    assert_eq!(answer.addresses, ["2001:db8::5", "192.0.2.5"]);
    assert!(answer.non_authoritative);
}

#[test]
fn time_outs_below_the_server_lines_are_the_answer() {
    for last in [
        "*** Request to UnKnown timed-out",
        "*** Zeitüberschreitung bei Anforderung an UnKnown.",
        "*** Le délai de la requête sur UnKnown est dépassé.",
        "",
    ] {
        let answer = one(&format!(
            "C:\\>nslookup -type=srv _vlmcs._tcp\nDNS request timed out.\n    timeout was 2 seconds.\nServer:  UnKnown\n\
             Address:  192.0.2.1\n\nDNS request timed out.\n    timeout was 2 seconds.\nDNS request timed out.\n    timeout was 2 seconds.\n{last}\n"
        ));
        assert_eq!(answer.result, Some(DnsResult::Timeout), "{last}");
        assert_eq!(answer.query.as_deref(), Some("_vlmcs._tcp"));
    }
}

#[test]
fn reads_an_interactive_session() {
    let all = answers(
        "C:\\>nslookup\nDNS request timed out.\n    timeout was 2 seconds.\nDefault Server:  UnKnown\nAddress:  192.0.2.1\n\n\
         > set type=srv\n> _vlmcs._tcp.contoso.com\nServer:  UnKnown\nAddress:  192.0.2.1\n\n\
         *** UnKnown can't find _vlmcs._tcp.contoso.com: Non-existent domain\n> _vlmcs._tcp.fabrikam.com\nServer:  UnKnown\n\
         Address:  192.0.2.1\n\n_vlmcs._tcp.fabrikam.com\tSRV service location:\n\t  priority = 0\n\t  weight = 0\n\t  port = 1688\n\
         \t  svr hostname = kms.fabrikam.com\n> exit\n",
    );
    assert_eq!(all.len(), 2, "{all:#?}");
    assert_eq!(all[0].result, Some(DnsResult::Nxdomain));
    assert_eq!(all[0].query_type.as_deref(), Some("SRV"));
    assert_eq!(all[1].result, Some(DnsResult::Found));
    assert_eq!(all[1].query.as_deref(), Some("_vlmcs._tcp.fabrikam.com"));
}

#[test]
fn a_session_without_question_tells_the_default_server() {
    let answer = one("C:\\>nslookup\nStandardserver:  router.example\nAddress:  192.0.2.1\n\n> exit\n");
    assert_eq!(answer.server.as_deref(), Some("router.example"));
    assert_eq!(answer.result, None);
}

#[test]
fn no_data_is_shown_as_the_start_of_authority() {
    let answer = one(
        "Server:  dc1\nAddress:  192.0.2.1\n\ncontoso.com\n\tprimary name server = dc1.contoso.com\n\
        \tresponsible mail addr = hostmaster.contoso.com\n\tserial  = 34\n\trefresh = 900 (15 mins)\n\tretry   = 600 (10 mins)\n\
        \texpire  = 86400 (1 day)\n\tdefault TTL = 3600 (1 hour)\n",
    );
    assert_eq!(answer.result, Some(DnsResult::NoRecords));
}

#[test]
fn reads_the_nslookup_of_bind() {
    let answer = one(
        "$ nslookup -type=srv _vlmcs._tcp.contoso.com\nServer:\t\t192.0.2.53\nAddress:\t192.0.2.53#53\n\n\
        _vlmcs._tcp.contoso.com\tservice = 0 0 1688 kms01.contoso.com.\n\nAuthoritative answers can be found from:\n",
    );
    assert_eq!(answer.records[0].target.as_deref(), Some("kms01.contoso.com"));
    assert_eq!(answer.server_address.as_deref(), Some("192.0.2.53"));
    let answer = one(
        "Server:\t\t192.0.2.53\nAddress:\t192.0.2.53#53\n\n** server can't find _vlmcs._tcp.contoso.com: NXDOMAIN\n",
    );
    assert_eq!(
        (answer.result, answer.query.as_deref()),
        (Some(DnsResult::Nxdomain), Some("_vlmcs._tcp.contoso.com"))
    );
    let answer = one(
        "$ nslookup -q=srv _vlmcs._tcp.contoso.com\n;; connection timed out; no servers could be reached\n",
    );
    assert_eq!(answer.result, Some(DnsResult::Timeout));
}

#[test]
fn no_dns_server_at_all_is_told() {
    let text = "C:\\>nslookup _vlmcs._tcp\n*** Default servers are not available\nServer:  UnKnown\nAddress:  127.0.0.1\n\n\
                *** UnKnown can't find _vlmcs._tcp: No response from server\n";
    let file = read_bytes("n.txt", text.as_bytes(), &Limits::default());
    assert!(file.notes.iter().any(|note| note.key == "note-nslookup-no-default-server"));
    let answer = one(text);
    assert_eq!((answer.result, answer.no_default_server), (Some(DnsResult::Timeout), true));
}

#[test]
fn properties_on_one_line_and_a_placeholder_for_the_target() {
    let answer = one(
        "_vlmcs._tcp.contoso.com SRV service location:\n priority = 0\n weight = 0\n port = 1688 svr hostname = kms.contoso.com\n",
    );
    assert_eq!(answer.records[0].port, Some(1688));
    assert_eq!(answer.records[0].target.as_deref(), Some("kms.contoso.com"));
    let answer = one(
        "_vlmcs._tcp.contoso.com SRV service location:\n priority = 0\n weight = 0\n port = 1688\n svr hostname = <host>\n",
    );
    assert_eq!(
        (answer.records[0].target.as_deref(), answer.redacted.as_slice()),
        (None, ["target".to_owned()].as_slice())
    );
}

#[test]
fn prose_and_other_servers_are_no_answer() {
    for text in [
        "nslookup -type=all _vlmcs._tcp : the existing KMS server and five domain controllers are listed\n",
        "Server: kms01\nVersion: 10.0\n",
        "*** important: reboot ***\n",
        "We ran nslookup and it worked.\n",
    ] {
        assert_eq!(answers(text), [], "{text}");
    }
}

#[test]
fn every_fact_is_quoted() {
    let text = "C:\\>nslookup -type=srv _vlmcs._tcp\nServer:  UnKnown\nAddress:  192.0.2.1\n\n*** UnKnown can't find _vlmcs._tcp: Non-existent domain\n";
    let file = read_bytes("n.txt", text.as_bytes(), &Limits::default());
    let (quote, source) = file.facts[0].fact.quote("result").expect("a quote");
    assert!(quote.contains("Non-existent domain"));
    assert_eq!(source.to_string(), "n.txt:5");
    let _: &Arc<str> = &file.path;
}

fn rendered(answer: &DnsAnswer) -> String {
    let mut text = format!(
        "Server:  {}\r\nAddress:  {}\r\n\r\n",
        answer.server.as_deref().unwrap_or_default(),
        answer.server_address.as_deref().unwrap_or_default()
    );
    for record in &answer.records {
        text.push_str(&format!(
            "{}\tSRV service location:\r\n\t  priority       = {}\r\n\t  weight         = {}\r\n\t  port           = {}\r\n\t  svr hostname   = {}\r\n",
            record.owner.as_deref().unwrap_or_default(),
            record.priority.unwrap_or_default(),
            record.weight.unwrap_or_default(),
            record.port.unwrap_or_default(),
            record.target.as_deref().unwrap_or_default(),
        ));
    }
    for host in &answer.hosts {
        text.push_str(&format!(
            "{}\tinternet address = {}\r\n",
            host.name.as_deref().unwrap_or_default(),
            host.address.as_deref().unwrap_or_default()
        ));
    }
    text
}

prop_compose! {
    fn srv(domain: String)(host in "[a-z][a-z0-9-]{0,10}[a-z0-9]", priority in 0u32..=65_535, weight in 0u32..=65_535, port in 1u32..=65_535)
        -> model::SrvRecord {
        model::SrvRecord {
            owner: Some(format!("_vlmcs._tcp.{domain}")),
            priority: Some(priority),
            weight: Some(weight),
            port: Some(port),
            target: Some(format!("{host}.{domain}")),
            ..model::SrvRecord::default()
        }
    }
}

proptest! {
    #[test]
    fn what_nslookup_prints_is_read_again(
        records in "[a-z]{3,8}\\.example".prop_flat_map(|domain| proptest::collection::vec(srv(domain), 1..5)),
        server in "[a-z]{2,8}\\.example",
        last in 1u8..=254,
    ) {
        let expected = DnsAnswer {
            query: records[0].owner.clone(),
            query_type: Some("SRV".to_owned()),
            server: Some(server),
            server_address: Some(format!("192.0.2.{last}")),
            result: Some(DnsResult::Found),
            hosts: records.iter().map(|r| model::HostAddress { name: r.target.clone(), address: Some("198.51.100.7".into()) }).collect(),
            records,
            ..DnsAnswer::default()
        };
        prop_assert_eq!(one(&rendered(&expected)), expected);
    }
}

#[test]
fn a_server_label_in_a_wrong_code_page_and_remarks_behind_addresses() {
    let all = answers(
        "╤хЁтхЁ:  dc1.contoso.com\nAddress:  192.0.2.53\n\n_vlmcs._tcp.contoso.com  SRV service location:\n  priority = 0\n  weight = 0\n  port = 1688\n  svr hostname = kms01.contoso.com\n",
    );
    assert_eq!((all.len(), all[0].server_address.as_deref()), (1, Some("192.0.2.53")));
    let all = answers(
        "Server:  dc1.contoso.com\nAddress:  192.0.2.53\n\nName:    kms01.contoso.com\nAddress:  192.0.2.5 <= our host\n",
    );
    assert_eq!(
        (all[0].result, all[0].addresses.as_slice()),
        (Some(DnsResult::Found), ["192.0.2.5".to_owned()].as_slice())
    );
}
