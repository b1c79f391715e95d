//! Whatever stands in a file: no reader of DNS or network output panics, stands still or runs past the end.

use std::sync::Arc;

use proptest::prelude::*;

use crate::text::Text;
use crate::{Limits, Out, dns, read_bytes};

/// Beginnings of lines that readers look for, so that random text gets past their first check.
const STARTS: &[&str] = &[
    "C:\\>nslookup -type=srv ",
    "Server:  ",
    "Address:  ",
    "*** ",
    "DNS request timed out.",
    "_vlmcs._tcp.contoso.com SRV service location:",
    "priority = ",
    "svr hostname = ",
    "$ dig ",
    ";; ->>HEADER<<- status: ",
    ";; ANSWER SECTION:",
    "_vlmcs._tcp 3600 IN SRV 0 0 ",
    "Resolve-DnsName : ",
    "+ FullyQualifiedErrorId : ",
    "dnscmd . /recordadd ",
    "Returned records:",
    "Command failed: ",
    "$ORIGIN ",
    "@ IN SOA a. b. (",
    "srv-host=",
    "zone \"a\" {",
    "update add ",
    "update failed: ",
    "Windows IP Configuration",
    "   DNS Servers . . . . : ",
    "Ethernet adapter x:",
    "Pinging a [192.0.2.1] with 32 bytes of data:",
    "Reply from 192.0.2.1: ",
    "Packets: Sent = 4, Received = 4, Lost = ",
    "Tracing route to a [192.0.2.1]",
    "  1    <1 ms    <1 ms    <1 ms  ",
    "WARNING: TCP connect to (",
    "TcpTestSucceeded : ",
    "PsPing v2.12",
    "Connecting to 192.0.2.1:1688: from ",
    "TCP port 1688 (unknown service): ",
    "Querying target system called:",
    "Connecting To a...",
    "Trying 192.0.2.1...",
    "Nmap scan report for ",
    "1688/tcp ",
    "* Connected to ",
    "curl: (7) ",
    "CONNECTED(00000003)",
    "Probing 192.0.2.1:1688/tcp - ",
    "Exception 1722 ",
    "Exception calling \"Connect\" ",
    "nameserver ",
    "search ",
    "----------------",
    "InterfaceAlias ServerAddresses",
    "Add-DnsServerResourceRecord -Srv ",
    "HostName RecordType RecordData",
];

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => (proptest::sample::select(STARTS), "[ -~]{0,24}").prop_map(|(start, rest)| format!("{start}{rest}")),
        1 => proptest::sample::select(STARTS).prop_map(str::to_owned),
        1 => "\\PC{0,40}",
        1 => "[ \\[\\]():=.*;#a-z0-9]{0,30}",
        1 => Just(String::new()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn readers_take_at_least_one_line_and_never_too_many(lines in proptest::collection::vec(line(), 0..24)) {
        let original = lines.join("\n");
        let path: Arc<str> = "any.txt".into();
        let text = Text::new(path.clone(), &original, 1);
        let mut out = Out::new(path, &Limits::default());
        for at in 0..text.len() {
            for read in dns::BLOCKS.iter().chain(super::BLOCKS) {
                if let Some(next) = read(&text, at, &mut out) {
                    prop_assert!(next > at && next <= text.len(), "line {} of {}: {}", at, original, next);
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let file = read_bytes("any.bin", &bytes, &Limits::default());
        prop_assert!(file.facts.len() <= bytes.len());
    }
}
