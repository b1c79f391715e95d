//! Evidence in a few words, and what a verdict says in a few values, for the tests of rules and surveys.
//!
//! Texts go through the readers: a test shows what an admin would send, not what a rule would like to get.

use model::HexCode;

use crate::case::Case;
use crate::cause::Cause;
use crate::finding::{Confidence, Explained, Finding, Verdict};
use crate::message::Value;

/// A CMID that belongs to nobody.
pub(crate) const CMID: &str = "2e3f94d1-6f5c-4d1a-9b0e-0d6a1f1c7a01";

/// A client's look-up that finds the host of the site.
pub(crate) const RECORD: &str = "\
C:\\>nslookup -type=srv _vlmcs._tcp.contoso.com
Server:  dc01.contoso.com
Address:  192.0.2.10

_vlmcs._tcp.contoso.com	SRV service location:
          priority       = 0
          weight         = 0
          port           = 1688
          svr hostname   = kms01.contoso.com
kms01.contoso.com	internet address = 192.0.2.40
";

/// A client's look-up that finds no record.
pub(crate) const NO_RECORD: &str = "\
C:\\>nslookup -type=srv _vlmcs._tcp.contoso.com
Server:  dc01.contoso.com
Address:  192.0.2.10

*** dc01.contoso.com can't find _vlmcs._tcp.contoso.com: Non-existent domain
";

/// The case of some files.
pub(crate) fn case(files: &[(&str, &str)]) -> Case {
    let limits = readers::Limits::default();
    Case::new(files.iter().map(|(path, text)| readers::read_bytes(path, text.as_bytes(), &limits)).collect())
}

/// Causes and confidences of a verdict.
pub(crate) fn found(verdict: &Verdict) -> Vec<(Cause, Confidence)> {
    match verdict {
        Verdict::Faults(findings) => findings.iter().map(|f| (f.cause, f.confidence)).collect(),
        _ => Vec::new(),
    }
}

/// The only finding of a verdict.
pub(crate) fn only(verdict: Verdict) -> Finding {
    match verdict {
        Verdict::Faults(mut findings) if findings.len() == 1 => findings.remove(0),
        other => panic!("not one finding: {other:?}"),
    }
}

/// What an undecided verdict asks for; nothing for another verdict.
pub(crate) fn collects(verdict: &Verdict) -> Vec<String> {
    match verdict {
        Verdict::Unknown(missing) => missing.collect.clone(),
        _ => Vec::new(),
    }
}

/// An argument of a finding, as text.
pub(crate) fn arg(finding: &Finding, name: &str) -> String {
    match finding.args.iter().find(|(own, _)| *own == name) {
        Some((_, Value::Text(text))) => text.clone(),
        Some((_, Value::Number(number))) => number.to_string(),
        None => panic!("no argument {name} in {:?}", finding.args),
    }
}

/// Whether a finding explains a code.
pub(crate) fn explains_code(finding: &Finding, code: u32) -> bool {
    finding.explains.contains(&Explained::Code(HexCode::new(code)))
}

/// Whether a finding explains a cause.
pub(crate) fn explains_cause(finding: &Finding, cause: Cause) -> bool {
    finding.explains.contains(&Explained::Cause(cause))
}

/// Whether the proof of a finding holds some words.
pub(crate) fn quotes(finding: &Finding, words: &str) -> bool {
    finding.evidence.iter().any(|citation| citation.text.contains(words))
}

/// All commands of a finding's remedies: steps, undo, check.
pub(crate) fn commands(finding: &Finding) -> Vec<String> {
    let of_remedy = |remedy: &crate::remedy::Remedy| {
        let steps = remedy.steps.iter().flat_map(|step| step.commands.clone());
        steps.chain(remedy.undo.clone()).chain(remedy.verify.clone()).collect::<Vec<_>>()
    };
    finding.remedies.iter().flat_map(of_remedy).collect()
}

/// `slmgr /ato` that ends in a code.
pub(crate) fn ato(code: &str) -> String {
    format!(
        "C:\\Windows\\system32>cscript //nologo slmgr.vbs /ato\n\
         Activating Windows(R), Enterprise edition (73111121-5638-40f6-bc11-f1d7b0d64300) ...\n\
         Error: {code} The computer could not be activated.\n"
    )
}

/// One record of an XML export; `time` as in `2025-06-03T07:20:00`, UTC.
pub(crate) fn event(id: u32, computer: &str, time: &str, data: &str) -> String {
    let log = if id == 12290 { "Key Management Service" } else { "Application" };
    format!(
        "<Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>\
         <Provider Name='Microsoft-Windows-Security-SPP' EventSourceName='Software Protection Platform Service'/>\
         <EventID Qualifiers='16384'>{id}</EventID><Level>4</Level><TimeCreated SystemTime='{time}.0000000Z'/>\
         <Channel>{log}</Channel><Computer>{computer}</Computer></System>\
         <EventData><Data>{data}</Data></EventData></Event>\n"
    )
}

/// 12288 of a Windows client to a host, with a result code.
pub(crate) fn sent(computer: &str, time: &str, code: &str, host: &str) -> String {
    sent_by(CMID, computer, time, code, host)
}

/// 12288 with a CMID of its own.
pub(crate) fn sent_by(cmid: &str, computer: &str, time: &str, code: &str, host: &str) -> String {
    let activation_id = "73111121-5638-40f6-bc11-f1d7b0d64300";
    let data = format!(
        "{code}, 0x00000000, {host}:1688, {cmid}, 2025/06/03 07:20, 0, 2, 30000, {activation_id}, 25"
    );
    event(12288, computer, time, &data)
}

/// 12289: the host answered with its count, and activated the client or not.
pub(crate) fn answered(computer: &str, time: &str, activated: bool, count: u32) -> String {
    let (flags, activated) = if activated { ("0x00000000", 1) } else { ("0x04000000", 0) };
    let data = format!("0x00000000, {flags}, {activated}, 0, {count}, 120, 10080, 2025/06/03 07:20");
    event(12289, computer, time, &data)
}

/// 12290: a host processed the request of a client.
pub(crate) fn processed(host: &str, time: &str, code: &str, client: &str, cmid: &str) -> String {
    let activation_id = "73111121-5638-40f6-bc11-f1d7b0d64300";
    let data = format!("{code}, 25, {client}, {cmid}, 2025/06/03 07:20, 0, 2, 30000, {activation_id}");
    event(12290, host, time, &data)
}

/// Activation id of a product of a site's own.
pub(crate) const OWN_PRODUCT: &str = "308265cf-13db-8c8d-8e84-07fc70f83a2d";

/// 12288 of a client of our own, called cad-1.
pub(crate) fn own_sent(time: &str, code: &str, host: &str) -> String {
    let data = format!("{code}, 0x0, {host}:1688, {CMID}, 2025/06/03 07:20, 1, 2, 43200, {OWN_PRODUCT}, 2");
    event(12288, "cad-1", time, &data)
}

/// 12290 of a host of our own, called lic-1.
pub(crate) fn own_processed(time: &str, code: &str, client: &str, cmid: &str) -> String {
    let data = format!("{code}, 2, {client}, {cmid}, 2025/06/03 07:20, 1, 2, 43200, {OWN_PRODUCT}");
    event(12290, "lic-1", time, &data)
}

/// `kmscope slmgr /ato` that ends in a code.
pub(crate) fn own_ato(code: &str) -> String {
    format!(
        "Activating Contoso CAD ({OWN_PRODUCT}) ...\nError: {code} The computer could not be activated.\n"
    )
}

/// `kmscope slmgr /dlv` of a client; `lines` follow the state.
pub(crate) fn own_client_dlv(status: &str, lines: &str) -> String {
    own_dlv(
        "VOLUME_KMSCLIENT",
        "88888-62929-741-760989-03-1033-0000.0000-00002",
        "Volume:GVLK",
        status,
        lines,
    )
}

/// `kmscope slmgr /dlv` of a host with its count.
pub(crate) fn own_host_dlv(status: &str, count: u32) -> String {
    let block = format!(
        "\nKey Management Service is enabled on this machine\n    Current count: {count}\n    \
         Listening on Port: 1688\n    DNS publishing enabled\n    KMS priority: Normal\n\n\
         Key Management Service cumulative requests received from clients\n    \
         Total requests received: 4\n    Failed requests received: 0\n    \
         Requests with License Status Unlicensed: 0\n    Requests with License Status Licensed: 0\n    \
         Requests with License Status Initial grace period: 4"
    );
    let pid = "88888-00001-001-000001-03-1033-0001.0000-00001";
    own_dlv("VOLUME_KMS", pid, "Volume:CSVLK", status, &block)
}

fn own_dlv(channel: &str, pid: &str, key_channel: &str, status: &str, lines: &str) -> String {
    format!(
        "Software licensing service version: 0.1.0\n\n\
         Name: Contoso CAD\n\
         Description: Contoso, {channel} channel\n\
         Activation ID: {OWN_PRODUCT}\n\
         Application ID: 7b3487cd-d2ae-8efb-ba79-e7b729ff31f1\n\
         Extended PID: {pid}\n\
         Product Key Channel: {key_channel}\n\
         Partial Product Key: QP86T\n\
         License Status: {status}\n\
         {lines}\n"
    )
}

/// `kmscope host status --format json` of a host with one product that needs two machines.
pub(crate) fn own_host_status(in_force: bool, health: &str, count: u32) -> String {
    format!(
        "{{\"activation_interval_min\":120,\"dns_publishing\":true,\"health\":\"{health}\",\"port\":1688,\
         \"products\":[{{\"activation_id\":\"{OWN_PRODUCT}\",\"application\":\"Contoso\",\
         \"application_id\":\"7b3487cd-d2ae-8efb-ba79-e7b729ff31f1\",\"current_count\":{count},\
         \"failed_requests\":0,\"in_force\":{in_force},\"licence\":\"Contoso\",\"n_policy\":2,\
         \"name\":\"Contoso CAD\",\"not_after\":\"2025-06-01T00:00:00Z\",\
         \"requests_by_status\":[0,0,4,0,0,0,0],\"serial\":1,\"total_requests\":4}}],\"publish_in\":[],\
         \"publisher\":\"Contoso\",\"renewal_interval_min\":10080,\"requests_for_other_products\":0,\
         \"revocation_number\":0,\"running\":true,\"schema\":1,\"version\":\"0.1.0\"}}"
    )
}

/// A CMID with a number of its own.
pub(crate) fn cmid(number: u64) -> String {
    format!("2e3f94d1-6f5c-4d1a-9b0e-{number:012x}")
}

/// `/dlv` of a Windows client with its setup key; `lines` follow the key.
pub(crate) fn client_dlv(status: &str, lines: &str) -> String {
    product_dlv("Windows(R), Enterprise edition", "VOLUME_KMSCLIENT", "Volume:GVLK", "2YT43", status, lines)
}

/// `/dlv` of any product.
pub(crate) fn product_dlv(
    name: &str,
    channel: &str,
    key_channel: &str,
    last_five: &str,
    status: &str,
    lines: &str,
) -> String {
    format!(
        "C:\\Windows\\system32>cscript //nologo slmgr.vbs /dlv\n\
         Software licensing service version: 10.0.19041.4355\n\n\
         Name: {name}\n\
         Description: Windows(R) Operating System, {channel} channel\n\
         Activation ID: 73111121-5638-40f6-bc11-f1d7b0d64300\n\
         Application ID: 55c92734-d682-4d71-983e-d6ec3f16059f\n\
         Product Key Channel: {key_channel}\n\
         Partial Product Key: {last_five}\n\
         License Status: {status}\n\
         {lines}\n"
    )
}

/// What the licence block of a KMS client adds for a host set by hand.
pub(crate) fn registered(host: &str) -> String {
    format!(
        "\nMost recent activation information:\nKey Management Service client information\n    \
         Client Machine ID (CMID): {CMID}\n    Registered KMS machine name: {host}:1688\n    \
         Activation interval: 120 minutes\n    Renewal interval: 10080 minutes\n    \
         KMS host caching is enabled"
    )
}

/// `/dlv` of a KMS host with its count.
pub(crate) fn host_dlv(status: &str, count: u32, publishing: &str) -> String {
    let block = format!(
        "\nKey Management Service is enabled on this machine\n    Current count: {count}\n    \
         Listening on Port: 1688\n    DNS publishing {publishing}\n    KMS priority: Normal\n\n\
         Key Management Service cumulative requests received from clients\n    \
         Total requests received: 180\n    Failed requests received: 0\n    \
         Requests with License Status Unlicensed: 0\n    Requests with License Status Licensed: 140\n    \
         Requests with License Status Initial grace period: 40"
    );
    let name = "Windows(R), ServerStandard edition";
    product_dlv(name, "VOLUME_KMS_WS22", "Volume:CSVLK", "XXXXX", status, &block)
}

/// `Test-NetConnection` that connects.
pub(crate) fn tcp_open(host: &str, address: &str, port: u16) -> String {
    format!(
        "PS C:\\> Test-NetConnection {host} -Port {port}\n\n\n\
         ComputerName     : {host}\nRemoteAddress    : {address}\nRemotePort       : {port}\n\
         InterfaceAlias   : Ethernet0\nSourceAddress    : 192.0.2.31\nTcpTestSucceeded : True\n\n"
    )
}

/// `Test-NetConnection` that does not connect, with the ping beside it.
pub(crate) fn tcp_failed(host: &str, address: &str, port: u16, ping: bool) -> String {
    let (warning, ping) = match ping {
        true => (String::new(), "True"),
        false => (format!("WARNING: Ping to {address} failed with status: TimedOut\n"), "False"),
    };
    format!(
        "PS C:\\> Test-NetConnection {host} -Port {port}\n\
         WARNING: TCP connect to ({address} : {port}) failed\n{warning}\n\n\
         ComputerName           : {host}\nRemoteAddress          : {address}\n\
         RemotePort             : {port}\nInterfaceAlias         : Ethernet0\n\
         SourceAddress          : 192.0.2.31\nPingSucceeded          : {ping}\n\
         PingReplyDetails (RTT) : 0 ms\nTcpTestSucceeded       : False\n\n"
    )
}

/// `ipconfig /all` of a machine with one adapter.
pub(crate) fn ipconfig(name: &str, suffix: &str, dns_servers: &str) -> String {
    let servers = match dns_servers {
        "" => String::new(),
        list => format!("   DNS Servers . . . . . . . . . . . : {list}\n"),
    };
    let search = match suffix {
        "" => String::new(),
        suffix => format!("   DNS Suffix Search List. . . . . . : {suffix}\n"),
    };
    format!(
        "C:\\>ipconfig /all\n\nWindows IP Configuration\n\n\
         \x20  Host Name . . . . . . . . . . . . : {name}\n\
         \x20  Primary Dns Suffix  . . . . . . . : {suffix}\n\
         \x20  Node Type . . . . . . . . . . . . : Hybrid\n\
         \x20  IP Routing Enabled. . . . . . . . : No\n\
         \x20  WINS Proxy Enabled. . . . . . . . : No\n{search}\n\
         Ethernet adapter Ethernet0:\n\n\
         \x20  Connection-specific DNS Suffix  . : {suffix}\n\
         \x20  Description . . . . . . . . . . . : Intel(R) Ethernet Connection\n\
         \x20  Physical Address. . . . . . . . . : 00-15-5D-01-0A-0C\n\
         \x20  DHCP Enabled. . . . . . . . . . . : No\n\
         \x20  IPv4 Address. . . . . . . . . . . : 192.0.2.31(Preferred) \n\
         \x20  Subnet Mask . . . . . . . . . . . : 255.255.255.0\n\
         \x20  Default Gateway . . . . . . . . . : 192.0.2.1\n{servers}\
         \x20  NetBIOS over Tcpip. . . . . . . . : Enabled\n"
    )
}

/// Effective routes as the command line prints them: the own network, and rows of the form
/// `<source> <state> <prefix> <next hop> [<address>]`.
pub(crate) fn routes(rows: &[&str]) -> String {
    let line = |cells: [&str; 5]| {
        let [source, state, prefix, next_hop, address] = cells;
        format!("{source:<23}{state:<9}{prefix:<19}{next_hop:<23}{address}\n")
    };
    let mut text = line(["Source", "State", "Address Prefix", "Next Hop Type", "Next Hop IP"])
        + &line([
            "---------------------",
            "-------",
            "-----------------",
            "---------------------",
            "-----------",
        ])
        + &line(["Default", "Active", "10.20.0.0/16", "VnetLocal", ""]);
    for row in rows {
        let cell = |index: usize| row.split(' ').nth(index).unwrap_or_default();
        text.push_str(&line([cell(0), cell(1), cell(2), cell(3), cell(4)]));
    }
    text
}

/// A VM whose request to Azure's KMS fails.
pub(crate) fn failing_vm() -> (String, String) {
    let test = tcp_failed("azkms.core.windows.net", "20.118.99.224", 1688, false);
    (test, sent("vm-1", "2025-06-03T07:20:00", "0x800706BA", "azkms.core.windows.net"))
}
