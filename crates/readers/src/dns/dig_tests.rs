//! dig and its relatives.

use super::*;
use crate::{Limits, read_bytes};

fn answers(text: &str) -> Vec<DnsAnswer> {
    let file = read_bytes("dig.txt", text.as_bytes(), &Limits::default());
    let facts = file.facts.into_iter().filter(|e| e.kind == Kind::Dig);
    facts.filter_map(|e| if let Fact::Dns(a) = e.fact.value { Some(*a) } else { None }).collect()
}

#[test]
fn reads_a_full_answer() {
    let all = answers(
        "; <<>> DiG 9.18.24 <<>> -t SRV _vlmcs._tcp.contoso.com @192.0.2.53\n;; global options: +cmd\n;; Got answer:\n\
             ;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 4711\n;; flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 2\n\n\
             ;; OPT PSEUDOSECTION:\n; EDNS: version: 0, flags:; udp: 4000\n;; QUESTION SECTION:\n;_vlmcs._tcp.contoso.com.\tIN\tSRV\n\n\
             ;; ANSWER SECTION:\n_vlmcs._tcp.contoso.com. 3600\tIN\tSRV\t0 0 1688 kms01.contoso.com.\n\n\
             ;; ADDITIONAL SECTION:\nkms01.contoso.com.\t3600\tIN\tA\t192.0.2.5\n\n;; Query time: 1 msec\n;; SERVER: 192.0.2.53#53(192.0.2.53) (UDP)\n\
             ;; WHEN: Tue Feb 11 15:00:00 CET 2025\n;; MSG SIZE  rcvd: 114\n",
    );
    assert_eq!(all.len(), 1, "{all:#?}");
    let answer = &all[0];
    assert_eq!(answer.result, Some(DnsResult::Found));
    assert_eq!(answer.query.as_deref(), Some("_vlmcs._tcp.contoso.com"));
    assert_eq!(answer.records[0].ttl, Some(3600));
    assert_eq!(answer.hosts[0].address.as_deref(), Some("192.0.2.5"));
    assert_eq!(answer.server_address.as_deref(), Some("192.0.2.53"));
    assert!(!answer.non_authoritative);
}

#[test]
fn tells_outcomes_apart() {
    let head = |status: &str| {
        format!(
            ";; ->>HEADER<<- opcode: QUERY, status: {status}, id: 1\n;; flags: qr rd ra; QUERY: 1, ANSWER: 0\n;; QUESTION SECTION:\n\
                 ;_vlmcs._tcp.contoso.com. IN SRV\n;; AUTHORITY SECTION:\ncontoso.com. 300 IN SOA dc1. h. 1 2 3 4 5\n"
        )
    };
    for (text, expected) in [
            (head("NXDOMAIN"), DnsResult::Nxdomain),
            (head("NOERROR"), DnsResult::NoRecords),
            (head("REFUSED"), DnsResult::Refused),
            (head("SERVFAIL"), DnsResult::Servfail),
            ("$ dig SRV _vlmcs._tcp.contoso.com\n;; connection timed out; no servers could be reached\n".into(), DnsResult::Timeout),
            ("$ dig SRV _vlmcs._tcp.contoso.com\n;; communications error to 192.0.2.53#53: connection refused\n".into(), DnsResult::Error),
            ("$ host -t srv _vlmcs._tcp.contoso.com\nHost _vlmcs._tcp.contoso.com not found: 3(NXDOMAIN)\n".into(), DnsResult::Nxdomain),
            ("_vlmcs._tcp.contoso.com has no SRV record\n".into(), DnsResult::NoRecords),
            ("$ delv SRV _vlmcs._tcp.contoso.com\n;; resolution failed: ncache nxdomain\n".into(), DnsResult::Nxdomain),
        ] {
            let all = answers(&text);
            assert_eq!(all.len(), 1, "{text}");
            assert_eq!(all[0].result, Some(expected), "{text}");
            assert_eq!(all[0].query.as_deref(), Some("_vlmcs._tcp.contoso.com"), "{text}");
        }
}

#[test]
fn reads_short_answers_and_those_of_host() {
    let all = answers(
        "$ dig +short SRV _vlmcs._tcp.contoso.com\n0 0 1688 kms01.contoso.com.\n10 5 1688 kms02.contoso.com.\n\
                           $ dig +short kms01.contoso.com\nkms.contoso.com.\n192.0.2.5\n$ dig +short SRV _vlmcs._tcp.fabrikam.com\n$ exit\n",
    );
    assert_eq!(all.len(), 3, "{all:#?}");
    assert_eq!(all[0].records.len(), 2);
    assert_eq!(all[1].addresses, ["192.0.2.5"]);
    assert_eq!(all[2].result, Some(DnsResult::NoRecords));
    let all = answers("_vlmcs._tcp.contoso.com has SRV record 0 100 1688 kms01.contoso.com.\n");
    assert_eq!(all[0].records[0].weight, Some(100));
    let all = answers("_vlmcs._tcp.contoso.com. 3600 IN SRV 0 0 1688 kms01.contoso.com.\n");
    assert_eq!(all[0].query.as_deref(), Some("_vlmcs._tcp.contoso.com"));
}

#[test]
fn a_second_banner_begins_a_second_answer() {
    let all = answers(
        "; <<>> DiG 9.20.2 <<>> kms01.contoso.com @192.0.2.53\n;; ->>HEADER<<- opcode: QUERY, status: NXDOMAIN, id: 1\n\n; <<>> DiG 9.20.2 <<>> SRV _vlmcs._tcp.contoso.com\n;; ->>HEADER<<- opcode: QUERY, status: NOERROR, id: 2\n",
    );
    let asked: Vec<_> = all.iter().map(|a| a.query.as_deref()).collect();
    assert_eq!(asked, [Some("kms01.contoso.com"), Some("_vlmcs._tcp.contoso.com")]);
}

#[test]
fn follows_aliases() {
    let all = answers(
        ";; ->>HEADER<<- opcode: QUERY; status: NOERROR; id: 1\n;; QUESTION SECTION:\n;; kms.contoso.com. IN A\n;; ANSWER SECTION:\n\
             kms.contoso.com. 60 IN CNAME kms01.contoso.com.\nkms01.contoso.com. 60 IN A 192.0.2.5\n",
    );
    assert_eq!(all[0].addresses, ["192.0.2.5"]);
    assert_eq!(all[0].aliases[0].address.as_deref(), Some("kms01.contoso.com"));
}

#[test]
fn addresses_of_the_tool_host_and_an_answer_section_alone() {
    let all = answers("kms01.contoso.com has address 192.0.2.5\n");
    assert_eq!(all[0].addresses, ["192.0.2.5"]);
    let file = crate::read_bytes(
        "t.txt",
        b";; ANSWER SECTION:\n_vlmcs._tcp.contoso.com. 600 IN SRV 0 100 1688 kms01.contoso.com.\n",
        &crate::Limits::default(),
    );
    assert_eq!(file.kind, model::Kind::Dig);
    let zone = crate::read_bytes(
        "t.txt",
        b"@  IN  NS  dc1.contoso.com.\nkms01  IN  A  192.0.2.5\n_vlmcs._tcp.contoso.com. 3600 IN SRV 0 0 1688 kms01.contoso.com.\n",
        &crate::Limits::default(),
    );
    assert_eq!(zone.kind, model::Kind::Zone);
}
