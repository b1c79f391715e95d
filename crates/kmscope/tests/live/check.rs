//! `kmscope check` and `kmscope dns discover`: one fault of every link, and the verdict that names it.

use hickory_proto::op::ResponseCode;
use serde_json::Value;

use crate::fake_dns::{Entry, FakeDns};
use crate::fake_host::{Manner, closed_port, start};
use crate::{json, kmscope, text};

const LOOPBACK: Entry = Entry::A([127, 0, 0, 1]);

/// A site whose record leads to a host of some manner.
fn site(manner: Manner) -> FakeDns {
    let port = start(manner).port();
    FakeDns::start(vec![
        ("_vlmcs._tcp.contoso.com", Entry::Srv(port, "kms01.contoso.com")),
        ("kms01.contoso.com", LOOPBACK),
        ("old.contoso.com", Entry::Code(ResponseCode::NXDomain)),
        ("_vlmcs._tcp.silent.contoso.com", Entry::Silence),
    ])
}

/// Exit code, verdict and root cause.
fn check(arguments: &[&str]) -> (Option<i32>, String, String, Value) {
    let output = kmscope(&[&["check", "--format", "json", "--timeout", "0.5"], arguments].concat());
    let report = json(&output);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (output.status.code(), text(&report["verdict"]), text(&report["root_cause"]["cause"]), report)
}

fn verdict(arguments: &[&str]) -> (Option<i32>, String) {
    let (code, verdict, cause, _) = check(arguments);
    (code, if cause.is_empty() { verdict } else { cause })
}

fn fault(cause: &str) -> (Option<i32>, String) {
    (Some(1), cause.to_owned())
}

#[test]
fn a_healthy_chain_is_clear() {
    let dns = site(Manner::Kms);
    let (code, verdict, _, report) =
        check(&["--client-suffix", "contoso.com", "--nameserver", &dns.argument()]);
    assert_eq!((code, verdict.as_str()), (Some(0), "clear"), "{report:#}");
    assert_eq!(report["check"]["by_record"], true);
    assert_eq!(report["check"]["domain"], "contoso.com");
}

#[test]
fn every_link_has_its_cause() {
    let dns = site(Manner::Kms);
    let server = dns.argument();
    let suffix = |suffix: &'static str| vec!["--client-suffix", suffix, "--nameserver", server.as_str()];
    assert_eq!(verdict(&suffix("fabrikam.com")), fault("srv-missing"));
    assert_eq!(verdict(&suffix("emea.contoso.com")), fault("srv-wrong-suffix"));
    let closed = closed_port().to_string();
    assert_eq!(
        verdict(&["--client-suffix", "contoso.com", "--nameserver", &closed]),
        fault("dns-server-unreachable")
    );
    let fixed = |host: &str| verdict(&[&suffix("contoso.com")[..], &["--kms-host", host]].concat());
    assert_eq!(fixed("old.contoso.com"), fault("stale-registered-kms-name"));
    assert_eq!(fixed(&format!("kms01.contoso.com:{}", closed_port().port())), fault("port-blocked"));
    assert_eq!(
        fixed(&format!("kms01.contoso.com:{}", start(Manner::Kms).port())),
        (Some(0), "clear".to_owned())
    );
}

#[test]
fn what_answers_in_the_place_of_a_host_is_named() {
    for (manner, cause) in [(Manner::OtherRpc, "rpc-not-kms"), (Manner::Http, "rpc-not-kms")] {
        let dns = site(manner);
        let found = verdict(&["--client-suffix", "contoso.com", "--nameserver", &dns.argument()]);
        assert_eq!(found, fault(cause), "{manner:?}");
    }
    for manner in [Manner::Silent, Manner::Closes] {
        let dns = site(manner);
        let (code, _) = verdict(&["--client-suffix", "contoso.com", "--nameserver", &dns.argument()]);
        assert_ne!(code, Some(0), "{manner:?}");
    }
}

#[test]
fn a_record_without_an_address_is_the_names_fault() {
    let dns = FakeDns::start(vec![("_vlmcs._tcp.contoso.com", Entry::Srv(1688, "gone.contoso.com"))]);
    let found = verdict(&["--client-suffix", "contoso.com", "--nameserver", &dns.argument()]);
    assert_eq!(found, fault("host-name-unresolvable"));
}

#[test]
fn a_hosts_file_needs_no_dns() {
    let port = start(Manner::Kms).port();
    let dns = FakeDns::start(vec![("_vlmcs._tcp.contoso.com", Entry::Srv(port, "kms01.contoso.com"))]);
    let file = std::env::temp_dir().join(format!("kmscope-hosts-{}", std::process::id()));
    std::fs::write(&file, "127.0.0.1 kms01.contoso.com\n").unwrap();
    let hosts = file.to_string_lossy();
    let found =
        verdict(&["--client-suffix", "contoso.com", "--nameserver", &dns.argument(), "--hosts-file", &hosts]);
    std::fs::remove_file(&file).unwrap();
    assert_eq!(found, (Some(0), "clear".to_owned()));
}

#[test]
fn the_second_suffix_helps_and_a_lookup_domain_excludes() {
    let dns = site(Manner::Kms);
    let server = dns.argument();
    let both = ["--client-suffix", "fabrikam.com", "--client-suffix", "contoso.com", "--nameserver", &server];
    assert_eq!(verdict(&both), (Some(0), "clear".to_owned()));
    let lookup = [&both[..], &["--lookup-domain", "fabrikam.com"]].concat();
    assert_eq!(verdict(&lookup).0, Some(1));
}

#[test]
fn a_silent_server_costs_one_timeout_and_is_a_warning() {
    let dns = site(Manner::Kms);
    // Nobody answers there, and nobody says so: a socket that is never read.
    let silent = std::net::UdpSocket::bind("127.0.0.2:0").unwrap();
    let address = silent.local_addr().unwrap().to_string();
    let arguments =
        ["--client-suffix", "contoso.com", "--nameserver", &address, "--nameserver", &dns.argument()];
    let (code, verdict, _, report) = check(&arguments);
    assert_eq!((code, verdict.as_str()), (Some(0), "clear"));
    assert_eq!(report["findings"][0]["cause"], "dns-server-unreachable");
    assert_eq!(report["findings"][0]["severity"], "warning");
    // The silent server was asked for records and not again for addresses.
    assert!(report["check"]["total_ms"].as_f64().unwrap() >= 500.0);
    assert!(report["check"]["connections_ms"].as_f64().unwrap() < 500.0);
}

#[test]
fn the_three_step_test_needs_no_change_of_settings() {
    let dns = site(Manner::Kms);
    let (server, host) = (dns.argument(), start(Manner::Kms));
    let name = format!("kms01.contoso.com:{}", host.port());
    let output = kmscope(&[
        "check",
        "--timeout",
        "0.5",
        "--client-suffix",
        "fabrikam.com",
        "--nameserver",
        &server,
        "--known-host",
        &name,
        "--known-host",
        &host.to_string(),
    ]);
    let told = text(&output);
    assert!(told.contains("By the record: fails. By name: works. By address: works."), "{told}");
    assert!(told.contains("the SRV record is at fault"), "{told}");
}

#[test]
fn discovery_shows_every_question_and_what_nslookup_would_show() {
    let dns = site(Manner::Kms);
    let output =
        kmscope(&["dns", "discover", "--client-suffix", "emea.contoso.com", "--nameserver", &dns.argument()]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(1), "{told}");
    let asked = format!("_vlmcs._tcp.emea.contoso.com SRV at {}: NXDOMAIN", dns.argument());
    assert!(told.contains(&asked), "{told}");
    assert!(
        told.contains("nslookup shows the records of contoso.com, where the client does not search."),
        "{told}"
    );
    let found = json(&kmscope(&[
        "dns",
        "discover",
        "--client-suffix",
        "contoso.com",
        "--nameserver",
        &dns.argument(),
        "--format",
        "json",
    ]));
    assert_eq!(found["candidates"][0]["host"], "kms01.contoso.com");
    assert_eq!(found["candidates"][0]["addresses"][0], "127.0.0.1");
    assert!(dns.asked() >= 2);
}

#[test]
fn aliases_are_followed_and_circles_end() {
    let port = start(Manner::Kms).port();
    let dns = FakeDns::start(vec![
        ("_vlmcs._tcp.contoso.com", Entry::Cname("_vlmcs._tcp.hq.contoso.com")),
        ("_vlmcs._tcp.hq.contoso.com", Entry::Srv(port, "kms01.contoso.com")),
        ("kms01.contoso.com", LOOPBACK),
        ("_vlmcs._tcp.fabrikam.com", Entry::Cname("a.fabrikam.com")),
        ("a.fabrikam.com", Entry::Cname("_vlmcs._tcp.fabrikam.com")),
    ]);
    let found = verdict(&["--client-suffix", "contoso.com", "--nameserver", &dns.argument()]);
    assert_eq!(found, (Some(0), "clear".to_owned()));
    let told = text(&kmscope(&[
        "dns",
        "discover",
        "--client-suffix",
        "fabrikam.com",
        "--nameserver",
        &dns.argument(),
    ]));
    assert!(told.contains("CNAME loop"), "{told}");
}

#[test]
fn the_first_form_of_a_short_name_is_the_host() {
    let port = start(Manner::Kms).port();
    let dns =
        FakeDns::start(vec![("kms01.b.example", Entry::A([127, 0, 0, 3])), ("kms01.a.example", LOOPBACK)]);
    let host = format!("kms01:{port}");
    let suffixes = ["--client-suffix", "b.example", "--client-suffix", "a.example"];
    let server = dns.argument();
    let (code, _) = verdict(&[&suffixes[..], &["--nameserver", &server, "--kms-host", &host]].concat());
    assert_eq!(code, Some(1));
}

#[test]
fn an_answer_that_was_cut_off_is_no_missing_record() {
    // A server that cuts every answer off, and a port where TCP is refused.
    let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
    let server = socket.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let mut buffer = [0; 2048];
        while let Ok((length, from)) = socket.recv_from(&mut buffer) {
            buffer[2] = 0x83;
            buffer[3] = 0x80;
            let _ = socket.send_to(&buffer[..length], from);
        }
    });
    let (code, verdict) = verdict(&["--client-suffix", "contoso.com", "--nameserver", &server]);
    assert_ne!((code, verdict.as_str()), (Some(1), "srv-missing"));
    assert_ne!(code, Some(0));
}
